"""The regions around the clusters: long official tables of region, industry and year."""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import pandas as pd

from clusterkit.errors import AmbiguousError, UnknownNameError
from clusterkit.evidence.figure import FIGURE
from clusterkit.evidence.tables import (
    check_references,
    data_folder,
    digest,
    read_table,
    rows_of,
)
from clusterkit.files import listed
from clusterkit.printed.doubt import figure_range

PREFIX = "regions/"
ALL = "all"
KEYS = ("region", "industry", "year", "vintage")  # what names a cell of a table


def list_regions() -> list[str]:
    """Return the names of the regional tables on the shelf, in order."""
    names = (path.stem for path in listed(data_folder() / "regions", "*.csv"))
    return [name for name in names if name != "sources"]


def load_regions(name: str) -> pd.DataFrame:
    """Return a regional table, checked row by row.

    Parameters
    ----------
    name : str
        One of `list_regions`: "gdp", "gdp_vintages", "value_added", "population", "employment".

    Returns
    -------
    DataFrame
        Long table: region, region_zh, level, parent, year, industry, value (base unit), unit,
        vintage, source_id, note.

    Raises
    ------
    UnknownNameError
        There is no such table.
    DataError
        The table breaks its rules.

    Examples
    --------
    >>> gdp = load_regions("gdp")
    >>> gdp.loc[(gdp["region"] == "Zhejiang") & (gdp["year"] == 2024), "value"].max()
    np.float64(9000700000000.0)
    """
    return _load(name)[0].copy(deep=False)


def load_region_sources() -> pd.DataFrame:
    """Return the sources of the regional tables."""
    return read_table(data_folder() / "regions" / "sources.csv", "sources")


def _load(name: str) -> tuple[pd.DataFrame, Mapping[str, int]]:
    if name not in list_regions():
        raise UnknownNameError.among("regional table", name, list_regions())
    path = data_folder() / "regions" / f"{name}.csv"
    return _checked(path, digest([path, path.with_name("sources.csv")]))


@lru_cache(maxsize=8)
def _checked(path: Path, content: str) -> tuple[pd.DataFrame, Mapping[str, int]]:
    """Return a table, and the row of each cell by its name; `content` is the files' digest."""
    frame = read_table(path, "regions")
    sources = read_table(path.with_name("sources.csv"), "sources")["source_id"]
    check_references(path, frame, "source_id", sources, "regions/sources.csv")
    cells = pd.Series(_cells(path.stem, frame), dtype="str")
    alone = cells[~cells.duplicated(keep=False)]
    return frame, dict(zip(alone, alone.index, strict=True))


def _cells(name: str, rows: pd.DataFrame) -> list[str]:
    """Return the names of cells, by which they are found again."""
    keys = zip(*(rows[key].astype("str") for key in KEYS), strict=True)
    return [f"{PREFIX}{name}/{'/'.join(key)}" for key in keys]


def _chosen(name: str, years: tuple[int, int] | None, **choices: str | None) -> pd.DataFrame:
    """Return the rows of a table that fit all choices made."""
    rows, asked = _load(name)[0], f"regions/{name}"
    for column, wanted in choices.items():
        if wanted is not None:
            rows = rows_of(rows, column, wanted, where=asked)
            asked = f"{asked}, {column} {wanted}"
    if years is None:
        return rows
    found = rows[rows["year"].between(*years)]
    if found.empty:
        raise UnknownNameError(
            f"There is no figure from {years[0]} to {years[1]}.",
            where=asked,
            fix=f"Its years: {rows['year'].min()} to {rows['year'].max()}.",
        )
    return found


def region_series(
    name: str,
    region: str,
    *,
    industry: str = "total",
    years: tuple[int, int] | None = None,
    vintage: str | None = None,
) -> pd.DataFrame:
    """Return one row per year for a region, in the form of `Case.series`.

    All rows are of one vintage, so that no revision of the accounts looks like growth.

    Parameters
    ----------
    name : str
        A regional table.
    region, industry : str
        Which row of it.
    years : (int, int), optional
        First and last year.
    vintage : str, optional
        Which revision of the accounts; needed where several are on record. "all" keeps them, one
        after the other, to show the step between two: what lies across it is no growth.

    Returns
    -------
    DataFrame
        year, the columns of a figure (claims: the name of the cell), vintage.

    Raises
    ------
    UnknownNameError
        The table has no such region, industry or vintage, or none of those years.
    AmbiguousError
        The years are of several vintages and none was chosen; or "all" was, and a year is on
        record in several.

    Examples
    --------
    >>> region_series("gdp", "Pingxiang", years=(2019, 2023))["vintage"].unique().tolist()
    ['as_published_2019_2023']
    """
    one = None if vintage == ALL else vintage
    rows = _chosen(name, years, region=region, industry=industry, vintage=one).sort_values("year")
    if vintage is None:
        _one_vintage(name, rows, fix='; "all" shows the step between them')
    if rows["year"].duplicated().any():
        raise AmbiguousError(
            f"{region} has several figures for one year in {name}.",
            where=f"vintages {', '.join(sorted(set(rows['vintage'])))}",
            why="Revisions of the accounts are on record side by side; they must not be mixed.",
            fix="Choose one with vintage=.",
        )
    return _figures(name, rows)[["year", *FIGURE, "vintage"]]


# What a table counts twice: totals and groups beside the industries they are made of.
GROUPS = {
    "value_added": ("total", "primary", "secondary", "tertiary"),
    "employment": ("total",),
    "gdp": ("total", "industry"),
    "gdp_vintages": ("total", "industry"),
    "population": (),
}


def region_panel(
    name: str,
    *,
    level: str | None = None,
    parent: str | None = None,
    years: tuple[int, int] | None = None,
    vintage: str | None = None,
) -> pd.DataFrame:
    """Return the cells of a regional table that measures of clusters can add up.

    Totals and groups are left out, so that nothing counts twice, and every cell is of one
    vintage, so that no revision of the accounts looks like growth.

    Parameters
    ----------
    name : str
        A regional table.
    level : {"national", "province", "prefecture", "county"}, optional
        Regions of this level only.
    parent : str, optional
        Regions that lie in this one only.
    years : (int, int), optional
        First and last year.
    vintage : str, optional
        One revision of the accounts; needed where several are on record.

    Returns
    -------
    DataFrame
        region, industry, year, the columns of a figure (claims: the name of the cell), vintage.

    Raises
    ------
    AmbiguousError
        The cells are of several vintages.
    UnknownNameError
        There is no such table, or no cell fits.

    Examples
    --------
    >>> cells = region_panel("gdp", parent="Jiangxi", years=(2019, 2022))
    >>> cells["region"].nunique(), sorted(set(cells["industry"]))
    (11, ['primary', 'secondary', 'tertiary'])
    """
    rows = _chosen(name, years, level=level, parent=parent, vintage=vintage)
    cells = rows[~rows["industry"].isin(GROUPS.get(name, ()))]
    if cells.empty:
        raise UnknownNameError(
            f"No cell of regions/{name} fits.", why="All that fit are totals or groups."
        )
    _one_vintage(name, cells)
    return _figures(name, cells)[["region", "industry", "year", *FIGURE, "vintage"]]


def _one_vintage(name: str, cells: pd.DataFrame, *, fix: str = "") -> None:
    spans = cells.groupby("vintage")["year"].agg(["min", "max"])
    if len(spans) > 1:
        raise AmbiguousError(
            "These cells are of several vintages and must not be mixed.",
            where=f"regions/{name}: "
            + ", ".join(f"{it} ({row['min']} to {row['max']})" for it, row in spans.iterrows()),
            why="The years cross a revision of the accounts, which would look like growth.",
            fix=f"Choose years on one side of it, or one with vintage={fix}.",
        )


def region_cell(cell: str) -> pd.Series:
    """Return the row of a regional table that a cell name, as in `claims`, stands for."""
    name = cell.removeprefix(PREFIX).partition("/")[0]
    if name in list_regions():
        rows, places = _load(name)
        if cell in places:
            return rows.iloc[places[cell]]
    raise UnknownNameError(
        f"There is no cell {cell!r} in the regional tables.",
        fix=f"A cell is named {PREFIX}TABLE/{'/'.join(KEYS).upper()}.",
    )


def _figures(name: str, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of a table as figures; their claims are the names by which cells are found."""
    ranges = [figure_range(value, unit=unit) for value, unit in rows[["value", "unit"]].to_numpy()]
    return rows.assign(
        low=[low for low, _ in ranges],
        high=[high for _, high in ranges],
        status="actual",
        hedge="",
        basis="dated",
        claims=[(cell,) for cell in _cells(name, rows)],
    ).reset_index(drop=True)
