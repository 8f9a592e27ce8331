"""From measured tables to figures: each rests on the claims of the cells it was made from."""

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.figure import FIGURE, Estimate, estimates_of, union
from clusterkit.regional.cells import RESULTS
from clusterkit.regional.concentration import krugman_index


def figures_of(
    table: pd.DataFrame,
    *values: str,
    unit: str,
    label: str | None = None,
    cells: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return what a measure returned as rows of figures, each with the claims it rests on.

    Parameters
    ----------
    table : DataFrame
        What a measure returned.
    *values : str
        Columns to take, one after the other; where a value is missing there is no figure.
    unit : str
        The unit of them all.
    label : str, optional
        The column that labels a figure; by default it is labelled by the name of its value.
    cells : DataFrame, optional
        What the measure was given, with the column `claims`. A row of the table rests on all cells
        that bear its names. Not needed where the measure kept the claims.

    Returns
    -------
    DataFrame
        The columns of the table that name its rows, `label` (underscores being spaces) and the
        columns of `FIGURE`.

    Examples
    --------
    >>> cells = pd.DataFrame({"region": ["A", "A"], "claims": [("a",), ("b",)]})
    >>> table = pd.DataFrame({"region": ["A"], "industry_mix": [3.5]})
    >>> rows = figures_of(table, "industry_mix", unit="CNY", cells=cells)
    >>> rows[["region", "label", "value", "claims"]]
      region         label  value  claims
    0      A  industry mix    3.5  (a, b)
    """
    names = [name for name in table if name not in {*RESULTS.split(), *FIGURE, *values}]
    if cells is not None:
        table = _traced(table, cells, [name for name in names if name in cells])
    parts = []
    for value in values:
        rows = table[table[value].notna()]
        labels = [value] * len(rows) if label is None else rows[label]
        number = rows[value].astype(float)
        figure = {"value": number, "low": number, "high": number, "unit": unit, "status": "actual",
                  "hedge": "", "basis": "dated", "claims": rows["claims"]}  # fmt: skip
        parts.append(rows[names].assign(label=labels, **figure))
    figures = pd.concat(parts, ignore_index=True)
    return figures.assign(label=figures["label"].astype(str).str.replace("_", " "))


def _traced(table: pd.DataFrame, cells: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Return the table with the claims of all cells that bear the names of its rows."""
    if not names:
        return table.assign(claims=[union(*cells["claims"])] * len(table))
    made_from = cells.groupby(names)["claims"].agg(lambda claims: union(*claims))
    bare = table.drop(columns="claims", errors="ignore")
    return bare.merge(made_from.reset_index(), on=names, how="left")


def estimates(figures: pd.DataFrame) -> dict[str, Estimate]:
    """Return rows of figures as estimates, found by their labels.

    Examples
    --------
    >>> table = pd.DataFrame({"industry": ["toys"], "quotient": [1.5], "claims": [("a",)]})
    >>> estimates(figures_of(table, "quotient", unit="count", label="industry"))["toys"].value
    1.5
    """
    return dict(zip(figures["label"], estimates_of(figures), strict=True))


def krugman_pairs(cells: pd.DataFrame, region: str) -> pd.DataFrame:
    """Return how unlike a region is to each of the others, those built most like it first.

    Krugman's index of two regions: the sum over industries of the differences between their
    shares, from 0 for twins to 2 for strangers (see `krugman_index`).

    Parameters
    ----------
    cells : DataFrame
        Cells of one period: region, industry, value and claims, as `region_panel` gives them.
    region : str
        The region that is compared.

    Returns
    -------
    DataFrame
        Figures, one row for each other region (`region`, which is its label too), the claims those
        of both.

    Raises
    ------
    UnknownNameError
        The region has no cell.

    Examples
    --------
    >>> cells = pd.DataFrame({"region": ["A", "B", "C"], "industry": ["tea", "toys", "tea"],
    ...                       "value": [1, 1, 1], "claims": [("a",), ("b",), ("c",)]})
    >>> krugman_pairs(cells, "A")[["region", "value", "claims"]]
      region  value  claims
    0      C    0.0  (a, c)
    1      B    2.0  (a, b)
    """
    regions = sorted(set(cells["region"]))
    if region not in regions:
        raise UnknownNameError.among("region", region, regions)
    own, others = cells[cells["region"] == region], cells[cells["region"] != region]
    pairs = pd.concat([own.assign(pair=name) for name in others["region"].unique()])
    pairs = pd.concat([pairs, others.assign(pair=others["region"])])
    apart = krugman_index(
        pairs, region="region", industry="industry", value="value", by="pair", exclude_self=True
    )
    apart = apart[apart["region"] == region].drop(columns="region")
    figures = figures_of(apart, "krugman_index", unit="count", label="pair", cells=pairs)
    nearest_first = figures.sort_values("value", kind="stable", ignore_index=True)
    return nearest_first.rename(columns={"pair": "region"})
