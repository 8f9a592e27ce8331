"""The regions around the clusters: long official tables of region, industry and year."""

from functools import lru_cache

import pandas as pd

from clusterkit.errors import AmbiguousError, UnknownNameError
from clusterkit.evidence import schemas
from clusterkit.evidence.doubt import figure_range
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import check_references, read_table

PREFIX = "regions/"


def list_regions() -> list[str]:
    """Return the names of the regional tables on the shelf, in order."""
    return sorted(
        path.stem for path in (data_folder() / "regions").glob("*.csv") if path.stem != "sources"
    )


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
    return _load(name).copy()


def load_region_sources() -> pd.DataFrame:
    """Return the sources of the regional tables."""
    return read_table(data_folder() / "regions" / "sources.csv", schemas.SOURCES)


@lru_cache(maxsize=8)
def _load(name: str) -> pd.DataFrame:
    if name not in list_regions():
        raise UnknownNameError.among("regional table", name, list_regions())
    path = data_folder() / "regions" / f"{name}.csv"
    frame = read_table(path, schemas.REGIONS)
    sources = load_region_sources()["source_id"]
    check_references(path, frame, "source_id", sources, "regions/sources.csv")
    return frame


def region_series(
    name: str, region: str, *, industry: str = "total", vintage: str | None = None
) -> pd.DataFrame:
    """Return one row per year for a region, in the form of `Case.series`.

    Parameters
    ----------
    name : str
        A regional table.
    region, industry : str
        Which row of it.
    vintage : str, optional
        Which revision of the accounts; needed where a year is on record in several.

    Returns
    -------
    DataFrame
        year, value, low, high, unit, status, claims (the name of the cell), vintage.

    Raises
    ------
    UnknownNameError
        The table has no such region, industry or vintage.
    AmbiguousError
        A year is on record in several vintages and none was chosen.
    """
    rows = _load(name)
    for column, wanted in (("region", region), ("industry", industry), ("vintage", vintage)):
        if wanted is None:
            continue
        found = rows[rows[column] == wanted]
        if found.empty:
            raise UnknownNameError.among(
                column, wanted, rows[column], where=f"regional table {name}"
            )
        rows = found
    rows = rows.sort_values("year")
    if rows["year"].duplicated().any():
        raise AmbiguousError(
            f"{region} has several figures for one year in {name}.",
            where=f"vintages {', '.join(sorted(set(rows['vintage'])))}",
            why="Revisions of the accounts are on record side by side; they must not be mixed.",
            fix="Choose one with vintage=.",
        )
    ranges = [figure_range(value, unit=unit) for value, unit in rows[["value", "unit"]].to_numpy()]
    cells = [f"{PREFIX}{name}/{region}/{industry}/{year}" for year in rows["year"]]
    return pd.DataFrame(
        {
            "year": rows["year"].to_numpy(),
            "value": rows["value"].to_numpy(),
            "low": [low for low, _ in ranges],
            "high": [high for _, high in ranges],
            "unit": rows["unit"].to_numpy(),
            "status": "actual",
            "claims": [(cell,) for cell in cells],
            "vintage": rows["vintage"].to_numpy(),
        }
    )


def region_cell(cell: str) -> pd.Series:
    """Return the row of a regional table that a cell name, as in `claims`, stands for."""
    name, region, industry, year = cell.removeprefix(PREFIX).split("/")
    rows = _load(name)
    rows = rows[
        (rows["region"] == region) & (rows["industry"] == industry) & (rows["year"] == int(year))
    ]
    if rows.empty:
        raise UnknownNameError(f"There is no cell {cell!r} in the regional tables.")
    return rows.iloc[0]
