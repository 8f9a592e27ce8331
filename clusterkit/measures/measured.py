"""From measured tables to estimates, and back: each figure keeps the claims it rests on."""

from collections.abc import Iterable, Sequence

import pandas as pd

from clusterkit.errors import MeasureError
from clusterkit.evidence.figure import Estimate, union
from clusterkit.measures.figures import YEARLY

FIGURE = ["value", "low", "high", "unit", "status", "claims"]


def yearly(figures: Iterable[Estimate]) -> pd.DataFrame:
    """Return estimates that carry a year as a yearly table, in the order of their years.

    Raises
    ------
    MeasureError
        An estimate has no year.

    Examples
    --------
    >>> yearly([Estimate(3.0, 3.0, 3.0, "CNY", ("b",), year=2024)])[["year", "value", "claims"]]
       year  value claims
    0  2024    3.0   (b,)
    """
    rows = sorted((vars(figure) for figure in figures), key=lambda row: row["year"] or 0)
    if any(row["year"] is None for row in rows):
        raise MeasureError("A yearly table needs estimates that carry a year.")
    return pd.DataFrame(rows, columns=YEARLY)


def with_claims(table: pd.DataFrame, cells: pd.DataFrame, *, on: Sequence[str]) -> pd.DataFrame:
    """Return a measured table with the claims of the cells each row was made from.

    Parameters
    ----------
    table : DataFrame
        What a measure returned.
    cells : DataFrame
        What it was given, with the column `claims`.
    on : sequence of str
        The columns that name a row in both, for example region and industry.

    Examples
    --------
    >>> cells = pd.DataFrame({"region": ["A", "A"], "claims": [("a",), ("b",)]})
    >>> with_claims(pd.DataFrame({"region": ["A"]}), cells, on=["region"])["claims"].tolist()
    [('a', 'b')]
    """
    made_from = cells.groupby(list(on))["claims"].agg(lambda claims: union(*claims))
    bare = table.drop(columns="claims", errors="ignore")
    return bare.merge(made_from.reset_index(), on=list(on), how="left")


def estimates(table: pd.DataFrame, *, label: str, value: str, unit: str) -> dict[str, Estimate]:
    """Return a column of a measured table as estimates, in the order of its rows.

    Parameters
    ----------
    table : DataFrame
        With the column `claims` (tuples); rows whose value is missing are left out.
    label, value : str
        Columns: what names a row (its underscores are read as spaces), and the figure.
    unit : str
        Unit of the figure.

    Examples
    --------
    >>> table = pd.DataFrame({"industry": ["toys"], "quotient": [1.5], "claims": [("a",)]})
    >>> estimates(table, label="industry", value="quotient", unit="count")["toys"].value
    1.5
    """
    rows = table[table[value].notna()]
    return {
        str(name).replace("_", " "): Estimate(*[float(figure)] * 3, unit, tuple(claims))
        for name, figure, claims in zip(rows[label], rows[value], rows["claims"], strict=True)
    }


def column_total(table: pd.DataFrame, *, value: str, unit: str) -> Estimate:
    """Return the sum of a column of a measured table, resting on the claims of all its rows.

    Examples
    --------
    >>> table = pd.DataFrame({"jobs": [1, 2], "claims": [("a",), ("b",)]})
    >>> column_total(table, value="jobs", unit="person").claims
    ('a', 'b')
    """
    whole = float(table[value].sum())
    return Estimate(whole, whole, whole, unit, union(*table["claims"]))


def yearly_by(table: pd.DataFrame, *, label: str, value: str, unit: str) -> dict[str, pd.DataFrame]:
    """Return a column of a measured panel as one yearly table for each label.

    Parameters
    ----------
    table : DataFrame
        With the columns `year` and `claims`.
    label, value : str
        Columns: what names a yearly table, and the figure.
    unit : str
        Unit of the figure.
    """
    figures = table.assign(
        value=table[value], low=table[value], high=table[value], unit=unit, status="actual"
    )
    return {
        str(name).replace("_", " "): rows.sort_values("year")[YEARLY].reset_index(drop=True)
        for name, rows in figures.groupby(label)
    }
