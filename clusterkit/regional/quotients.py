"""Location quotients: how much more of an industry a region has than the whole has.

With the interval that chance leaves open, or the bounds that withheld cells leave open.
"""

from statistics import NormalDist
from typing import Any, Literal

import narwhals as nw
import numpy as np

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.cells import (
    AMOUNT,
    TOTAL,
    Cells,
    Columns,
    Table,
    collect,
    measure,
    open_table,
    sorted_names,
    within,
)

REGION, INDUSTRY, ALL = nw.col("_region"), nw.col("_industry"), nw.col("_all")
HEADS = frozenset({"person", "household", "firm", "plant"})  # units that can be drawn one by one


@measure()
def location_quotient(
    cells: Cells,
    *,
    form: Literal["ratio", "symmetric", "log", "z"] = "ratio",
    exclude_self: bool = False,
    ddof: int = 0,
) -> Any:
    """Return the location quotient of every cell, ``LQ = (x_ri / X_r) / (X_i / X)``.

    The totals are the sums over the table, own region included, so rows that hold totals must be
    left out. With one row per cell the other columns stay, `claims` among them.

    Parameters
    ----------
    form : {"ratio", "symmetric", "log", "z"}
        LQ; ``(LQ - 1) / (LQ + 1)``, in -1..1; ``ln LQ``; or LQ less its mean over the regions,
        absent cells counted as 0, in standard deviations.
    exclude_self : bool
        Compare with the rest, ``(X_i - x_ri) / (X - X_r)``, not with the whole.
    ddof : int
        For "z": 0 divides by the number of regions, 1 by one less.

    Returns
    -------
    table
        The cells with ``location_quotient`` (0 or more; 0 for a zero cell, missing where the
        region or the industry has no total, or the value was skipped as missing) and
        ``location_quotient_reason``, which says why one is missing. Other forms add their name:
        ``location_quotient_log``. Rows added up are in order of their names; those of a database
        query in none, so sort it last.

    References
    ----------
    Florence (1939), Report on the location of industry. O'Donoghue and Gleave (2004), A note on
    methods for measuring industrial agglomeration. Regional Studies 38 (the z form).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "jobs": [30, 70, 10, 90],
    ...                      "industry": ["toys", "rest", "toys", "rest"]})
    >>> quotients = location_quotient(jobs, region="region", industry="industry", value="jobs")
    >>> quotients["location_quotient"].tolist()
    [1.5, 0.875, 0.5, 1.125]
    """
    table = _with_totals(cells)
    in_industry, in_all = (INDUSTRY - AMOUNT, ALL - REGION) if exclude_self else (INDUSTRY, ALL)
    reasons = {
        "the value is missing": AMOUNT.is_null(),
        "the total of the region is zero": ~(REGION > 0),
        "the total of the industry is zero": ~(INDUSTRY > 0),
    }
    if exclude_self:
        reasons["the industry is nowhere else"] = ~(in_industry > 0)
    if form == "log":
        reasons["zero has no logarithm"] = AMOUNT == 0
    table = table.with_columns(_reason=_first(reasons, table))
    quotient = AMOUNT * in_all / (REGION * in_industry)  # exactly 1 where whole numbers say so
    table = table.with_columns(_lq=nw.when(nw.col("_reason").is_null()).then(quotient))
    if form == "z":
        table = _with_z(table, cells, ddof)
    lq = nw.col("_lq")
    shown = {"ratio": lq, "symmetric": (lq - 1) / (lq + 1), "log": lq.log(), "z": nw.col("_z")}
    name = "location_quotient" if form == "ratio" else f"location_quotient_{form}"
    results = {name: shown[form], "location_quotient_reason": nw.col("_reason")}
    return _beside_cells(table, cells, results)


def _with_totals(cells: Cells, needed: str | None = None) -> Table:
    """Return all cells with the totals `REGION`, `INDUSTRY` and `ALL`, and a column if needed."""
    return cells.rows(needed).with_columns(
        _region=within(TOTAL, cells.by, cells.region),
        _industry=within(TOTAL, cells.by, cells.industry),
        _all=within(TOTAL, cells.by),
    )


def _first(reasons: dict[str, nw.Expr], table: Table) -> nw.Expr:
    """Return the first reason whose condition holds, else a missing text."""
    told = nw.lit(None, dtype=nw.String)
    if isinstance(table, nw.DataFrame):  # most tables need none, and texts cost more than sums
        any_holds = nw.any_horizontal(*reasons.values(), ignore_nulls=True).any()
        if not table.select(any_holds).item():
            return told
    for text, holds in reversed(reasons.items()):
        told = nw.when(holds).then(nw.lit(text)).otherwise(told)
    return told


def _with_z(table: Table, cells: Cells, ddof: int) -> Table:
    """Add ``_z``: the quotient in standard deviations over the regions of its industry."""
    group = (cells.by, cells.industry)
    lq, n, mean = nw.col("_lq"), nw.col("_n"), nw.col("_mean")
    share = nw.when(REGION > 0).then(AMOUNT / REGION)  # a region's shares add up to one
    skipped = nw.when(REGION > 0).then(AMOUNT.is_null().cast(nw.Float64))
    table = table.with_columns(_skipped=skipped)
    # missing cells are no zeros: their regions do not count for this industry
    regions = within(share.sum(), cells.by).round() - within(nw.col("_skipped").sum(), *group)
    table = table.with_columns(_n=regions)
    table = table.with_columns(_mean=within(lq.sum(), *group) / n)
    absent = n - within(lq.count(), *group)
    table = table.with_columns(_apart=(lq - mean) ** 2, _absent=absent * mean**2)
    squares = within(nw.col("_apart").sum(), *group) + nw.col("_absent")
    table = table.with_columns(_deviation=(squares / nw.when(n > ddof).then(n - ddof)) ** 0.5)
    deviation, reason = nw.col("_deviation"), nw.col("_reason")
    flat = reason.is_null() & ~(deviation > 0).fill_null(False)
    why = nw.when(n > ddof).then(nw.lit("the regions do not differ"))
    why = why.otherwise(nw.lit("there are too few regions"))
    return table.with_columns(
        _z=nw.when(deviation > 0).then((lq - mean) / deviation),
        _reason=nw.when(flat).then(why).otherwise(reason),
    )


def _beside_cells(table: Table, cells: Cells, results: dict[str, nw.Expr]) -> Any:
    """Return the cells as they were given, with the results added, without working columns."""
    there = {*table.collect_schema().names()} - {*results}
    given = nw.from_native(cells.frame).collect_schema().names()
    kept = [name for name in given if name in there]
    added_up = [] if cells.value in kept else [AMOUNT.alias(cells.value)]
    return cells.back(table.select(*kept, *added_up, **results))


@measure(without=("duplicates", "missing"))
def location_quotient_interval(
    cells: Cells, *, unit: str | None = None, herfindahl: str | None = None, level: float = 0.95
) -> Any:
    """Return location quotients with the interval that chance alone would leave open.

    *Head-count form* (give `unit`): each head is an independent draw. The quotient is a function
    of the ratio of two independent proportions, those of the region and of the rest,
    ``LQ = R / (w * R + 1 - w)`` with w the region's share of all heads; R gets the MOVER interval
    from Wilson limits, so own-region overlap, zero cells and full cells are all covered.

    *Plant form* (give `herfindahl`): jobs come in plants, as in Ellison and Glaeser. Of an
    industry whose plants have the Herfindahl index H, a region's share has the variance
    ``H * p * (1 - p)``; its Wilson limits are divided by the region's share of everything.

    Parameters
    ----------
    unit : {"person", "household", "firm", "plant"}
        What is counted, in whole numbers. Money is refused: a yuan is no independent draw.
    herfindahl : str
        The column with H of the industry's plants, above 0 and up to 1.
    level : float
        The confidence level.

    Returns
    -------
    table
        The cells with ``location_quotient``, ``location_quotient_low`` and
        ``location_quotient_high``; missing where the quotient or H is undefined.

    References
    ----------
    Zou and Donner (2008), Construction of confidence limits about effect measures. Statistics in
    Medicine 27. Ellison and Glaeser (1997), JPE 105. Moineddin, Beyene and Boyle (2003), On the
    location quotient confidence interval. Geographical Analysis 35 (the overlap).

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "jobs": [30, 70, 100, 900],
    ...                      "industry": ["toys", "rest", "toys", "rest"]})
    >>> out = location_quotient_interval(jobs, region="region", industry="industry", value="jobs",
    ...                                  unit="person")
    >>> out.filter(like="location").round(2).iloc[0].tolist()
    [2.54, 1.9, 3.25]
    """
    if not 0 < level < 1:
        raise MeasureError(f"{level} is no confidence level.", fix="Pass 0.95, for example.")
    if herfindahl is None and unit not in HEADS:
        raise MeasureError(
            f"The head-count interval needs a count of heads; the unit is {unit or 'not stated'}.",
            why="Shares of money or area are not shares of independent draws.",
            fix=f"Pass unit= {' | '.join(sorted(HEADS))}, or herfindahl= for the plant form.",
        )
    table = _with_totals(cells, herfindahl)
    z = NormalDist().inv_cdf((1 + level) / 2)
    defined = (REGION > 0) & (INDUSTRY > 0)
    if herfindahl is None:
        table = _with_head_limits(_whole(table, cells.value), z)
    else:
        h, share = nw.col(herfindahl), REGION / ALL
        defined = defined & (h > 0) & (h <= 1)
        low, high = _wilson(AMOUNT / INDUSTRY, h, z)
        table = table.with_columns(_low=low / share, _high=high / share)
    quotient = AMOUNT * ALL / (REGION * INDUSTRY)
    limits = {"": quotient, "_low": nw.col("_low"), "_high": nw.col("_high")}
    results = {f"location_quotient{end}": nw.when(defined).then(limits[end]) for end in limits}
    return _beside_cells(table, cells, results)


def _wilson(p: nw.Expr, variance: nw.Expr, z: float) -> tuple[nw.Expr, nw.Expr]:
    """Return the values p' with ``(p - p')**2 = z**2 * variance * p' * (1 - p')``."""
    middle = p + z * z * variance / 2
    half = (z * z * variance * p * (1 - p) + (z * z * variance / 2) ** 2) ** 0.5
    scale = 1 + z * z * variance
    return (middle - half) / scale, (middle + half) / scale


def _with_head_limits(table: Table, z: float) -> Table:
    """Add ``_low`` and ``_high``, the limits if every head in region and rest is a draw."""
    rest = nw.when(ALL > REGION).then(ALL - REGION)
    table = table.with_columns(_w=REGION / ALL, _rest=rest, _p=AMOUNT / REGION)
    table = table.with_columns(_q=(INDUSTRY - AMOUNT) / nw.col("_rest"))
    w, rest, p, q = (nw.col(name) for name in ("_w", "_rest", "_p", "_q"))
    limits = [*_wilson(p, 1 / REGION, z), *_wilson(q, 1 / rest, z)]
    names = ["_p_low", "_p_high", "_q_low", "_q_high"]
    table = table.with_columns(**dict(zip(names, limits, strict=True)))
    p_low, p_high, q_low, q_high = (nw.col(name) for name in names)
    # The usual MOVER fractions, the lower one multiplied out so that q = 0 is no special case
    gain, loss = p_low * (2 * p - p_low), q_high * (2 * q - q_high)
    low = gain / (p * q + ((p * q) ** 2 - gain * loss).clip(0) ** 0.5)
    gain, loss = p_high * (2 * p - p_high), q_low * (2 * q - q_low)
    high = (p * q + ((p * q) ** 2 - gain * loss).clip(0) ** 0.5) / nw.when(q > 0).then(loss)
    table = table.with_columns(_low=low, _high=high)
    low, high, alone = nw.col("_low"), nw.col("_high"), rest.is_null()
    low = nw.when(AMOUNT > 0).then(low / (w * low + 1 - w)).otherwise(0.0)
    high = nw.when(q > 0).then(high / (w * high + 1 - w)).otherwise(1 / w)
    return table.with_columns(  # one region is the whole: its quotients are 1 by definition
        _low=nw.when(alone).then(1.0).otherwise(low),
        _high=nw.when(alone).then(1.0).otherwise(high),
    )


def _whole(table: Table, value: str) -> Table:
    """Return the table, whose values are all whole numbers."""
    if collect(table.select((AMOUNT - AMOUNT.round()).abs().max())).item():
        raise DataError(
            "Heads come in whole numbers, these values do not.",
            where=f"column {value!r}",
            why="The counts are in thousands, or estimates.",
            fix="Multiply thousands out; for anything but a count use the plant form.",
        )
    return table


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
    """Return the extremes of every cell over all tables whose sums of `rows` lie in `ends`."""
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
