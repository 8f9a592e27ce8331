"""What chance alone leaves open of a location quotient."""

from statistics import NormalDist
from typing import Any

import narwhals as nw

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.cells import AMOUNT, Columns, Table, choose, collect, columns_of, read
from clusterkit.regional.quotients import ALL, INDUSTRY, REGION, finish, with_totals

HEADS = frozenset({"person", "household", "firm", "plant"})  # units that can be drawn one by one


def location_quotient_interval(
    frame: Any,
    *,
    region: str,
    industry: str,
    value: str,
    by: Columns = None,
    unit: str | None = None,
    herfindahl: str | None = None,
    level: float = 0.95,
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
    frame, region, industry, value, by
        As for `location_quotient`, one row per cell and no value missing.
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
    periods = columns_of(by)
    cells = read(frame, keys=columns_of(by, region, industry), value=value, whole_rows=True)
    cells = with_totals(cells, region, industry, periods)
    z = NormalDist().inv_cdf((1 + level) / 2)
    defined = (REGION > 0) & (INDUSTRY > 0)
    if herfindahl is None:
        _check_whole(cells, value)
        cells = _with_head_limits(cells, z)
    else:
        choose("column", herfindahl, cells.collect_schema().names())
        h, share = nw.col(herfindahl), REGION / ALL
        defined = defined & (h > 0) & (h <= 1)
        low, high = _wilson(AMOUNT / INDUSTRY, h, z)
        cells = cells.with_columns(_low=low / share, _high=high / share)
    quotient = AMOUNT * ALL / (REGION * INDUSTRY)
    limits = {"": quotient, "_low": nw.col("_low"), "_high": nw.col("_high")}
    results = {f"location_quotient{end}": nw.when(defined).then(limits[end]) for end in limits}
    return finish(cells, frame, value, results)


def _wilson(p: nw.Expr, variance: nw.Expr, z: float) -> tuple[nw.Expr, nw.Expr]:
    """Return the values p' with ``(p - p')**2 = z**2 * variance * p' * (1 - p')``."""
    middle = p + z * z * variance / 2
    half = (z * z * variance * p * (1 - p) + (z * z * variance / 2) ** 2) ** 0.5
    scale = 1 + z * z * variance
    return (middle - half) / scale, (middle + half) / scale


def _with_head_limits(cells: Table, z: float) -> Table:
    """Add ``_low`` and ``_high``, the limits if every head in region and rest is a draw."""
    rest = nw.when(ALL > REGION).then(ALL - REGION)
    cells = cells.with_columns(_w=REGION / ALL, _rest=rest, _p=AMOUNT / REGION)
    cells = cells.with_columns(_q=(INDUSTRY - AMOUNT) / nw.col("_rest"))
    w, p, q = nw.col("_w"), nw.col("_p"), nw.col("_q")
    limits = [*_wilson(p, 1 / REGION, z), *_wilson(q, 1 / nw.col("_rest"), z)]
    names = ["_p_low", "_p_high", "_q_low", "_q_high"]
    cells = cells.with_columns(**dict(zip(names, limits, strict=True)))
    p_low, p_high, q_low, q_high = (nw.col(name) for name in names)
    # The usual MOVER fractions, the lower one multiplied out so that q = 0 is no special case
    gain, loss = p_low * (2 * p - p_low), q_high * (2 * q - q_high)
    low = gain / (p * q + ((p * q) ** 2 - gain * loss).clip(0) ** 0.5)
    gain, loss = p_high * (2 * p - p_high), q_low * (2 * q - q_low)
    high = (p * q + ((p * q) ** 2 - gain * loss).clip(0) ** 0.5) / nw.when(q > 0).then(loss)
    cells = cells.with_columns(_low=low, _high=high)
    low, high, alone = nw.col("_low"), nw.col("_high"), nw.col("_rest").is_null()
    low = nw.when(AMOUNT > 0).then(low / (w * low + 1 - w)).otherwise(0.0)
    high = nw.when(q > 0).then(high / (w * high + 1 - w)).otherwise(1 / w)
    return cells.with_columns(  # one region is the whole: its quotients are 1 by definition
        _low=nw.when(alone).then(1.0).otherwise(low),
        _high=nw.when(alone).then(1.0).otherwise(high),
    )


def _check_whole(cells: Table, value: str) -> None:
    """Raise unless all values are whole numbers."""
    broken = collect(cells.select(broken=(AMOUNT - AMOUNT.round()).abs().max())).item()
    if broken:
        raise DataError(
            "Heads come in whole numbers, these values do not.",
            where=f"column {value!r}",
            why="The counts are in thousands, or estimates.",
            fix="Multiply thousands out; for anything but a count use the plant form.",
        )
