"""How unlike the whole: Krugman, Hoover and the locational Gini.

Each compares shares with reference shares. A cell that is not in the table is a zero; it adds its
reference share to the distance, and because reference shares add up to one, no table has to be
filled up with zeros to know by how much.
"""

from typing import Any, Literal

import narwhals as nw

from clusterkit.regional.cells import AMOUNT, TOTAL, Cells, Side, Table, measure, summarise, within

ROUNDING = 1e-12  # what rounding leaves of zero, as a part of everything, is zero


@measure()
def krugman_index(
    cells: Cells,
    *,
    of: Side = "region",
    exclude_self: bool = False,
    reference: Literal["total", "mean"] = "total",
    halve: bool = False,
) -> Any:
    """Return Krugman's index of specialisation, ``K_r = sum_i |s_ri - ref_i|``.

    Parameters
    ----------
    of : {"region", "industry"}
        Specialisation of regions, or concentration of industries.
    exclude_self : bool
        Compare with the others only; by default the region is part of its own reference.
    reference : {"total", "mean"}
        Shares of the added-up regions, or the plain mean of the regions' shares.
    halve : bool
        Give ``K / 2``, the share that would have to move.

    Returns
    -------
    table
        ``krugman_index``, from 0 (like the reference) to below 2; missing where the region has no
        total, or nothing to be compared with.

    References
    ----------
    Krugman (1991), Geography and trade.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B"], "industry": ["toys", "tea", "tea"],
    ...                      "jobs": [50, 50, 100]})
    >>> krugman_index(jobs, region="region", industry="industry", value="jobs")
      region  krugman_index
    0      A            0.5
    1      B            0.5
    """
    group, part = cells.described(of)
    table = cells.read(group, part).with_columns(_total=within(TOTAL, group))
    total, share, expected = (nw.col(name) for name in ("_total", "_share", "_expected"))
    table = table.with_columns(_share=nw.when(total > 0).then(AMOUNT / total))
    # the reference share of a part: what all have of it, in all that all have
    counted, own = (AMOUNT, total) if reference == "total" else (share, 1.0)
    of_part, everything = within(counted.sum(), cells.by, part), within(counted.sum(), cells.by)
    of_all = everything
    if exclude_self:
        of_part, of_all = of_part - counted, everything - own
    others = nw.when(of_all > ROUNDING * everything)
    table = table.with_columns(_expected=others.then(of_part / of_all))
    table = table.with_columns(_apart=(share - expected).abs())
    sums = {"_apart": nw.col("_apart").sum(), "_expected": expected.sum()}
    table = summarise(table, group, **sums, _count=expected.count())
    distance = (nw.col("_apart") + 1 - expected).clip(0.0) / (2 if halve else 1)
    distance = nw.when(nw.col("_count") > 0).then(distance)
    return cells.back(table.select(*group, krugman_index=distance))


def hoover_index(frame: Any, **options: Any) -> Any:
    """Return Hoover's index, ``sum |s - ref| / 2``: the share that would have to move.

    Parameters
    ----------
    frame, **options
        As for `krugman_index`, of which this is half; ``of="industry"`` gives the index of
        localisation of each industry.

    Returns
    -------
    table
        ``hoover_index``, from 0 to below 1.

    References
    ----------
    Hoover (1936), The measurement of industrial localization. Review of Economic Statistics 18.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B"], "industry": ["toys", "tea", "tea"],
    ...                      "jobs": [50, 50, 100]})
    >>> hoover_index(jobs, region="region", industry="industry", value="jobs")
      region  hoover_index
    0      A          0.25
    1      B          0.25
    """
    table = nw.from_native(krugman_index(frame, **options | {"halve": True}))
    return table.rename({"krugman_index": "hoover_index"}).to_native()


@measure()
def locational_gini(
    cells: Cells,
    *,
    of: Side = "industry",
    form: Literal["lorenz", "quotients"] = "lorenz",
    exclude_self: bool = False,
    halve: bool = False,
) -> Any:
    """Return the locational Gini coefficient of every industry.

    The Lorenz curve sets the regions' shares s of the industry against their shares x of
    everything, in order of s / x: ``G = 1 - sum(x * (2 * S - s))``, S being the running sum of s.

    Parameters
    ----------
    of : {"industry", "region"}
        Localisation of industries, or specialisation of regions.
    form : {"lorenz", "quotients"}
        The above, or the plain Gini of the quotients s / x, in which all regions count alike.
    exclude_self : bool
        Measure x without the industry itself.
    halve : bool
        Give the area between curve and diagonal, ``G / 2``.

    Returns
    -------
    table
        ``locational_gini``, from 0 to below 1; missing where the industry has no total. Ties do
        not matter. Regions without any total count for nothing.

    References
    ----------
    Krugman (1991), Geography and trade.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B"], "industry": ["toys", "tea", "tea"],
    ...                      "jobs": [50, 50, 100]})
    >>> locational_gini(jobs, region="region", industry="industry", value="jobs").round(4)
      industry  locational_gini
    0      tea           0.1667
    1     toys           0.5000
    """
    group, part = cells.described(of)
    table = cells.read(group, part).with_columns(
        _total=within(TOTAL, group),
        _part=within(TOTAL, cells.by, part),
        _all=within(TOTAL, cells.by),
    )
    total, of_part, of_all = nw.col("_total"), nw.col("_part"), nw.col("_all")
    there = nw.when(of_part > 0)
    others, of_others = (of_all - total, of_part - AMOUNT) if exclude_self else (of_all, of_part)
    parts = there.then(AMOUNT / of_part).sum()  # of each part that is anywhere it adds up to one
    table = table.with_columns(
        _share=nw.when(total > 0).then(AMOUNT / total),
        _base=nw.when(others > ROUNDING * of_all).then(of_others / others),
        _n=within(parts, cells.by).round(),
    )
    share, base = nw.col("_share"), nw.col("_base")
    quotient = nw.when(base > 0).then(share / base).otherwise(there.then(nw.lit(float("inf"))))
    table = table.with_columns(_q=quotient)
    gini = (_of_lorenz_curve if form == "lorenz" else _of_quotients)(table, group)
    halved = nw.col("locational_gini").clip(0.0) / (2 if halve else 1)
    return cells.back(gini.select(*group, locational_gini=halved))


def _of_lorenz_curve(table: Table, group: list[str]) -> Table:
    """Return the Gini coefficient of each group: twice the area under its diagonal."""
    share, base = nw.col("_share"), nw.col("_base")
    running = share.cum_sum().over(*group, order_by="_q")
    table = table.with_columns(_term=base * (2 * running - share))
    table = summarise(table, group, _sum=nw.col("_term").sum(), _bases=base.count())
    return table.with_columns(
        locational_gini=nw.when(nw.col("_bases") > 0).then(1 - nw.col("_sum"))
    )


def _of_quotients(table: Table, group: list[str]) -> Table:
    """Return the Gini coefficient of the quotients of each group, absent ones being zeros."""
    q, n = nw.col("_q"), nw.col("_n")
    place = within(q.rank("ordinal"), group) + n - within(q.count(), group)  # absent ones first
    table = table.with_columns(_term=(2 * place - n - 1) * q / n)
    table = summarise(table, group, _sum=nw.col("_term").sum(), _all=q.sum())
    finite = nw.when(nw.col("_all") < float("inf"))
    return table.with_columns(locational_gini=finite.then(nw.col("_sum") / nw.col("_all")))
