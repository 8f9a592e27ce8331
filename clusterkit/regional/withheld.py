"""Location quotients of withheld cells: exact bounds from published margins."""

from typing import Any

import narwhals as nw
import numpy as np

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.cells import Cells, Columns, collect, open_table, sorted_names


def location_quotient_bounds(
    frame: Any,
    *,
    region: str,
    industry: str,
    low: str,
    high: str,
    region_total: str,
    industry_total: str,
    total: str,
    by: Columns = None,
    complete: bool = True,
    slack: float = 0.0,
) -> Any:
    """Return the exact bounds of location quotients whose cells are only known to lie in a range.

    With published margins ``LQ = x * X / (X_r * X_i)`` rises with the cell alone, so its bounds
    are those of the cell. These are the smallest and the largest x of all tables that respect
    every range and every margin: two linear programmes per withheld cell.

    Parameters
    ----------
    frame : table
        One row per cell; lazy tables are collected.
    region, industry, by
        As for `location_quotient`.
    low, high : str
        Columns with the range of the cell; equal where it is known, missing where it is open.
    region_total, industry_total, total : str
        Columns with the published margins, repeated in every row.
    complete : bool
        Whether the cells of a region (and of an industry) add up to its margin; if not, they only
        cannot exceed it.
    slack : float
        How far a margin may be off, in units of the cells; for rounded figures.

    Returns
    -------
    table
        The cells with ``cell_low``, ``cell_high``, ``location_quotient_low`` and
        ``location_quotient_high``; quotients are missing where a margin is zero.

    Raises
    ------
    DataError
        A range is upside down or negative, a margin differs between rows, or a cell repeats.
    MeasureError
        No table fits the ranges and the margins.

    References
    ----------
    Fischetti and Salazar-Gonzalez (2001), Solving the cell suppression problem on tabular data
    with linear constraints. Management Science 47 (the attacker's problem).

    Examples
    --------
    >>> import pandas as pd
    >>> cells = pd.DataFrame({"region": ["A", "A", "B", "B"], "industry": ["toys", "rest"] * 2,
    ...                       "low": [0, 0, 0, 90], "high": [20, 100, 50, 100], "X": 200,
    ...                       "Xr": 100, "Xi": [20, 180, 20, 180]})
    >>> out = location_quotient_bounds(cells, region="region", industry="industry", low="low",
    ...     high="high", region_total="Xr", industry_total="Xi", total="X")
    >>> out[["location_quotient_low", "location_quotient_high"]].round(3).values.tolist()[0]
    [1.0, 2.0]
    """
    cells, margins = Cells(frame, low, region, industry, by), [region_total, industry_total]
    table = collect(open_table(frame, cells.keys, low, high, *margins, total))
    numbers = table.select(nw.col(low, high, *margins, total).cast(nw.Float64)).iter_columns()
    least, most, in_region, in_industry, in_all = (column.to_numpy() for column in numbers)
    places = [sorted_names(table[key])[1] for key in cells.keys]
    if len({*zip(*places, strict=True)}) < len(table):
        raise DataError("A cell has several rows.", fix="Name the column that differs in by=.")
    least = np.nan_to_num(least, nan=0.0)
    most = np.fmin(most, np.minimum(in_region, in_industry) * (1 + 1e-9) + slack)
    periods = np.unique([np.zeros(len(table)), *places[:-2]], axis=1, return_inverse=True)[1]
    for period in np.unique(periods):
        here = periods == period
        sides = zip(places[-2:], (in_region, in_industry), strict=True)
        sums = [_sums(side[here], margin[here]) for side, margin in sides]
        rows, margin = (np.concatenate(part) for part in zip(*sums, strict=True))
        room = slack + 1e-9 * margin  # sums of decimal fractions never match to the last bit
        ends = (margin - room if complete else np.full(len(margin), -np.inf)), margin + room
        least[here], most[here] = _tightened(least[here], most[here], rows, ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(in_region * in_industry > 0, in_all / (in_region * in_industry), np.nan)
    found = {"cell_low": least, "cell_high": most}
    found |= {"location_quotient_low": least * factor, "location_quotient_high": most * factor}
    added = nw.from_dict(found, backend=table.implementation)
    table = table.with_columns(**{name: added.get_column(name) for name in found})
    return cells.back(table.with_columns(nw.col(*found).fill_nan(None)))


def _sums(side: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a row of zeros and ones for every name on this side, and its margin."""
    names, first, place = np.unique(side, return_index=True, return_inverse=True)
    if np.isnan(margin).any() or (margin != margin[first][place]).any():
        raise DataError(
            "A margin is missing, or differs between the rows of one region or industry.",
            fix="Repeat the published total in every row; name the year in by=.",
        )
    return (place == np.arange(len(names))[:, None]).astype(float), margin[first]


def _tightened(
    low: np.ndarray, high: np.ndarray, rows: np.ndarray, ends: tuple[np.ndarray, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest value of every cell over all tables that fit.

    In a table that fits, the sums of cells that `rows` stand for lie between the two `ends`.
    """
    from scipy.optimize import Bounds, LinearConstraint, milp

    if (low < 0).any() or (low > high).any():
        worst = int(np.argmax(np.maximum(low - high, -low)))
        raise DataError(
            f"No value lies between {low[worst]:g} and {high[worst]:g}.",
            why="The range is upside down, negative, or wholly above a published margin.",
        )
    unfit = MeasureError(
        "No table fits the ranges and the published margins.",
        why="Margins are rounded, or the cells are not all there.",
        fix="Pass slack= for rounded margins, complete=False if cells are left out.",
    )
    unknown = np.flatnonzero(low < high)
    known = rows @ np.where(low < high, 0.0, low)
    scale, rows = max(ends[1].max(initial=0.0), 1e-300), rows[:, unknown]
    least, most = ((end - known) / scale for end in ends)
    if not (rows.any(axis=1) | ((least <= 0) & (most >= 0))).all():
        raise unfit
    low, high = low.copy(), high.copy()
    bounds = Bounds(low[unknown] / scale, high[unknown] / scale)
    for place, cell in enumerate(unknown):
        goal, limits = np.eye(1, len(unknown), place)[0], LinearConstraint(rows, least, most)
        found = [milp(sign * goal, constraints=limits, bounds=bounds) for sign in (1, -1)]
        if not all(answer.success for answer in found):
            raise unfit
        low[cell], high[cell] = (max(answer.x[place] * scale, 0.0) for answer in found)
    return low, high
