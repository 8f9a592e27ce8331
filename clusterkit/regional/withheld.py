"""Location quotients of withheld cells: exact bounds from published margins."""

from typing import Any

import narwhals as nw
import numpy as np

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.cells import (
    Columns,
    check_keys,
    collect,
    columns_of,
    give,
    number,
    open_table,
)


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
        As for `herfindahl`.
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
    keys, numbers = (
        columns_of(by, region, industry),
        [low, high, region_total, industry_total, total],
    )
    check_keys(keys)
    cells = collect(open_table(frame, [*keys, *numbers]))
    cast = cells.select(*[nw.col(name).cast(nw.Float64) for name in numbers])
    least, most, of_row, of_column, of_all = (cast.get_column(c).to_numpy() for c in numbers)
    least = np.nan_to_num(least, nan=0.0)
    most = np.minimum(
        np.where(np.isnan(most), np.inf, most), np.minimum(of_row, of_column) * (1 + 1e-9) + slack
    )
    period = np.zeros(len(cells), dtype=int)
    for name in columns_of(by):
        labels, code = number(cells.get_column(name))
        period = period * len(labels) + code
    sides = [number(cells.get_column(name))[1] for name in (region, industry)]
    if len({*zip(period, *sides, strict=True)}) < len(cells):
        raise DataError("A cell has several rows.", fix="Name the column that differs in by=.")
    for now in np.unique(period):
        here = np.flatnonzero(period == now)
        margins = list(zip(sides, (of_row, of_column), strict=True))
        sums = [_margin(side[here], margin[here]) for side, margin in margins]
        least[here], most[here] = _tighten(least[here], most[here], sums, complete, slack)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(of_row * of_column > 0, of_all / (of_row * of_column), np.nan)
    found = {"cell_low": least, "cell_high": most}
    found |= {"location_quotient_low": least * factor, "location_quotient_high": most * factor}
    added = nw.from_dict(found, backend=cells.implementation)
    cells = cells.with_columns(**{name: added.get_column(name) for name in found})
    return give(cells.with_columns(nw.col(*found).fill_nan(None)), frame)


def _margin(side: np.ndarray, margin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a row of zeros and ones for every name on this side, and its margin."""
    names, first, place = np.unique(side, return_index=True, return_inverse=True)
    if np.isnan(margin).any() or (margin != margin[first][place]).any():
        raise DataError(
            "A margin is missing, or differs between the rows of one region or industry.",
            fix="Repeat the published total in every row; name the year in by=.",
        )
    return (place == np.arange(len(names))[:, None]).astype(float), margin[first]


def _tighten(
    low: np.ndarray, high: np.ndarray, sums: list, complete: bool, slack: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the smallest and the largest value of every cell over all tables that fit."""
    from scipy.optimize import linprog

    if (low < 0).any() or (low > high).any():
        worst = int(np.argmax(np.maximum(low - high, -low)))
        raise DataError(
            f"No value lies between {low[worst]:g} and {high[worst]:g}.",
            why="The range is upside down, negative, or wholly above a published margin.",
        )
    matrix = np.vstack([rows for rows, _ in sums])
    margin = np.concatenate([totals for _, totals in sums])
    room = slack + 1e-9 * margin  # sums of decimal fractions never match to the last bit
    unknown = np.flatnonzero(low < high)
    known = np.where(low < high, 0.0, low)
    left, scale = margin - matrix @ known, max(margin.max(initial=0.0), 1e-300)
    matrix, limits = matrix[:, unknown], [left + room]
    if complete:
        matrix, limits = np.vstack([matrix, -matrix]), [left + room, room - left]
    problem = {
        "A_ub": matrix,
        "b_ub": np.concatenate(limits) / scale,
        "bounds": np.column_stack([low[unknown], high[unknown]]) / scale,
        "method": "highs",
    }
    low, high = low.copy(), high.copy()
    fits = (matrix.any(axis=1) | (problem["b_ub"] >= 0)).all()
    for place, cell in enumerate(unknown):
        goal = np.eye(1, len(unknown), place)[0]
        found = [linprog(sign * goal, **problem) for sign in (1, -1)]
        fits = fits and all(answer.success for answer in found)
        if not fits:
            break
        low[cell], high[cell] = (max(answer.x[place] * scale, 0.0) for answer in found)
    if not fits:
        raise MeasureError(
            "No table fits the ranges and the published margins.",
            why="Margins are rounded, or the cells are not all there.",
            fix="Pass slack= for rounded margins, complete=False if cells are left out.",
        )
    return low, high
