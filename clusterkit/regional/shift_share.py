"""Shift-share: how much of a region's growth is the nation's, its industries' and its own."""

from itertools import pairwise
from typing import Any, Literal

import narwhals as nw

from clusterkit.errors import MeasureError, UnknownNameError
from clusterkit.regional.cells import (
    AMOUNT,
    Cells,
    Table,
    collect,
    in_order,
    measure,
    within,
)

PARTS = {
    "classic": ("national", "industry_mix", "regional"),
    "esteban-marquillas": ("national", "industry_mix", "competitive", "allocation"),
}


@measure(optional=())
def shift_share(
    cells: Cells,
    *,
    start: Any = None,
    end: Any = None,
    form: Literal["classic", "esteban-marquillas"] = "classic",
    chained: bool = False,
) -> Any:
    """Return the components of the change of every cell between two periods.

    With values e0, e1 of a cell, growth factors ``g_i`` of its industry and ``g`` of everything:
    national ``e0 * (g - 1)``, industry mix ``e0 * (g_i - g)``, regional ``e1 - e0 * g_i``. In the
    Esteban-Marquillas form the regional term is split around ``h = E0_r * E0_i / E0``, the value a
    region would have with the nation's mix: competitive ``h * (e1 / e0 - g_i)`` and allocation
    ``(e0 - h) * (e1 / e0 - g_i)``. The nation is the sum of the table; a cell absent in a period
    is zero there.

    Parameters
    ----------
    start, end : optional
        The periods compared; by default the first and the last.
    form : {"classic", "esteban-marquillas"}
        See above.
    chained : bool
        Add up the components of every step from period to period (dynamic shift-share).

    Returns
    -------
    table
        One row per cell: ``change``, ``national``, ``industry_mix``, ``regional`` (or
        ``competitive`` and ``allocation``) and ``entry``, which add up to the change exactly.
        ``entry`` is the end value where no growth factor exists: the industry is new to the
        nation, or, when the regional term is split, the cell is new to the region. Of an industry
        that is not new, the classic regional terms add up to zero over the regions.

    References
    ----------
    Dunn (1960), A statistical and analytical technique for regional analysis. Papers of the RSA 6.
    Esteban-Marquillas (1972), A reinterpretation of shift-share analysis. Regional and Urban
    Economics 2. Barff and Knight (1988), Dynamic shift-share analysis. Growth and Change 19.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "B"] * 2, "industry": "toys", "year": [1, 1, 2, 2],
    ...                      "jobs": [100, 100, 150, 110]})
    >>> shift_share(jobs, region="region", industry="industry", value="jobs", by="year")
      region industry  change  national  industry_mix  regional  entry
    0      A     toys    50.0      30.0           0.0      20.0    0.0
    1      B     toys    10.0      30.0           0.0     -20.0    0.0
    """
    table, cell = cells.read(), [cells.region, cells.industry]
    ends = list(pairwise(_periods(table, cells.by, start, end, chained=chained)))
    steps = [_step(table, cells.by, two, place, cell) for place, two in enumerate(ends)]
    table = nw.concat(steps).group_by("_step", *cell).agg(nw.col("_e0").sum(), nw.col("_e1").sum())
    table = table.with_columns(**_components(*cell, form))
    added = [nw.col(name).sum() for name in ("change", *PARTS[form], "entry")]
    return cells.back(in_order(table.group_by(cell).agg(*added), cell))


def _periods(table: Table, by: str, start: Any, end: Any, *, chained: bool) -> list[Any]:
    """Return the periods compared, from the start to the end."""
    periods = collect(table.select(by).unique().sort(by)).get_column(by).to_list()
    if not periods:
        raise MeasureError("The table has no rows.", fix="Check the filter that made it.")
    start, end = (periods[0] if start is None else start), (periods[-1] if end is None else end)
    for period in (start, end):
        if period not in periods:
            raise UnknownNameError.among("period", period, periods, where=f"column {by!r}")
    if not start < end:
        raise MeasureError(
            f"The start {start} is not before the end {end}.",
            why="The table holds one period only." if len(periods) == 1 else None,
            fix=f"Pass start= and end= in order, out of {', '.join(map(str, periods))}.",
        )
    return [start, *[now for now in periods if start < now < end and chained], end]


def _step(table: Table, by: str, ends: tuple[Any, Any], place: int, cell: list[str]) -> Table:
    """Return the rows of two periods, each value under the end of the step it belongs to."""
    first, last = (nw.col(by) == end for end in ends)
    return table.filter(first | last).select(
        *cell,
        _step=nw.lit(place),
        _e0=nw.when(first).then(AMOUNT).otherwise(0.0),
        _e1=nw.when(last).then(AMOUNT).otherwise(0.0),
    )


def _components(region: str, industry: str, form: str) -> dict[str, nw.Expr]:
    """Return the components of every cell and step, as expressions."""
    e0, e1 = nw.col("_e0"), nw.col("_e1")
    all0, all1 = (within(end.sum(), "_step") for end in (e0, e1))
    ours0, ours1 = (within(end.sum(), "_step", industry) for end in (e0, e1))
    known = ours0 > 0  # where the industry had nothing before, e0 is 0 and no factor is needed
    growth = nw.when(all0 > 0).then(all1 / all0).otherwise(0.0)
    of_industry = nw.when(known).then(ours1 / ours0).otherwise(0.0)
    parts = {
        "change": e1 - e0,
        "national": e0 * (growth - 1),
        "industry_mix": e0 * (of_industry - growth),
    }
    if form == "classic":
        parts["regional"] = nw.when(known).then(e1 - e0 * of_industry).otherwise(0.0)
    else:
        known, in_region = e0 > 0, within(e0.sum(), "_step", region)
        usual = nw.when(all0 > 0).then(in_region * ours0 / all0).otherwise(0.0)
        ahead = nw.when(known).then(e1 / e0 - of_industry).otherwise(0.0)
        parts["competitive"], parts["allocation"] = usual * ahead, (e0 - usual) * ahead
    return parts | {"entry": nw.when(known).then(0.0 * e1).otherwise(e1)}
