"""How unlike the whole: Krugman, Hoover and the locational Gini.

Each compares shares with reference shares. A cell that is not in the table is a zero; it adds its
reference share to the distance, and because reference shares add up to one, no table has to be
filled up with zeros to know by how much.
"""

from typing import Any

import narwhals as nw

from clusterkit.regional.cells import (
    AMOUNT,
    Columns,
    choose,
    columns_of,
    give,
    over,
    read,
    sides,
    summarise,
)


def krugman_index(
    frame: Any,
    *,
    region: str,
    industry: str,
    value: str,
    by: Columns = None,
    of: str = "region",
    exclude_self: bool = False,
    reference: str = "total",
    halve: bool = False,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return Krugman's index of specialisation, ``K_r = sum_i |s_ri - ref_i|``.

    Parameters
    ----------
    frame, region, industry, value, by, duplicates, missing
        As for `herfindahl`.
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
    choose("reference", reference, ("total", "mean"))
    group, part = sides(region, industry, by, of)
    periods = columns_of(by)
    table = read(frame, keys=[*group, part], value=value, duplicates=duplicates, missing=missing)
    table = table.with_columns(_total=AMOUNT.sum().over(*group))
    share = nw.when(nw.col("_total") > 0).then(AMOUNT / nw.col("_total"))
    table = table.with_columns(_share=share)
    # the reference share of a part: what all have of it, in all that all have
    counted, own = (AMOUNT, nw.col("_total")) if reference == "total" else (nw.col("_share"), 1.0)
    of_part, everything = counted.sum().over(*periods, part), over(counted.sum(), periods)
    of_all = everything
    if exclude_self:
        of_part, of_all = of_part - counted, everything - own
    others = nw.when(of_all > 1e-12 * everything)  # what rounding leaves of zero is zero
    table = table.with_columns(_expected=others.then(of_part / of_all))
    table = table.with_columns(_apart=(nw.col("_share") - nw.col("_expected")).abs())
    apart, expected = nw.col("_apart"), nw.col("_expected")
    table = summarise(
        table, group, _apart=apart.sum(), _expected=expected.sum(), _count=expected.count()
    )
    distance = (apart + 1 - expected).clip(0.0) / (2 if halve else 1)
    distance = nw.when(nw.col("_count") > 0).then(distance)
    return give(table.select(*group, krugman_index=distance), frame)


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


def locational_gini(
    frame: Any,
    *,
    region: str,
    industry: str,
    value: str,
    by: Columns = None,
    of: str = "industry",
    form: str = "lorenz",
    exclude_self: bool = False,
    halve: bool = False,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return the locational Gini coefficient of every industry.

    The Lorenz curve sets the regions' shares s of the industry against their shares x of
    everything, in order of s / x: ``G = 1 - sum(x * (2 * S - s))``, S being the running sum of s.

    Parameters
    ----------
    frame, region, industry, value, by, duplicates, missing
        As for `herfindahl`.
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
    choose("form", form, ("lorenz", "quotients"))
    group, part = sides(region, industry, by, of)
    periods = columns_of(by)
    table = read(frame, keys=[*group, part], value=value, duplicates=duplicates, missing=missing)
    table = table.with_columns(
        _total=AMOUNT.sum().over(*group),
        _part=AMOUNT.sum().over(*periods, part),
        _all=over(AMOUNT.sum(), periods),
    )
    total, of_part, of_all = nw.col("_total"), nw.col("_part"), nw.col("_all")
    live = nw.when(of_part > 0)
    others, of_others = (of_all - total, of_part - AMOUNT) if exclude_self else (of_all, of_part)
    table = table.with_columns(
        _share=nw.when(total > 0).then(AMOUNT / total),
        # what rounding leaves of zero is zero
        _base=nw.when(others > 1e-12 * of_all).then(of_others / others),
        _n=over(live.then(AMOUNT / of_part).sum(), periods).round(),  # each live part adds up to 1
    )
    share, base, n, q = (nw.col(name) for name in ("_share", "_base", "_n", "_q"))
    infinite = nw.when(of_part > 0).then(nw.lit(float("inf")))
    table = table.with_columns(_q=nw.when(base > 0).then(share / base).otherwise(infinite))
    if form == "lorenz":
        running = share.cum_sum().over(*group, order_by="_q")
        table = table.with_columns(_term=base * (2 * running - share))
        table = summarise(table, group, _g=nw.col("_term").sum(), _base=base.count())
        gini = nw.when(nw.col("_base") > 0).then(1 - nw.col("_g"))
    else:
        place = q.rank("ordinal").over(*group) + n - q.count().over(*group)  # absent ones first
        table = table.with_columns(_term=(2 * place - n - 1) * q / n)
        table = summarise(table, group, _g=nw.col("_term").sum(), _q=q.sum())
        gini = nw.when(nw.col("_q") < float("inf")).then(nw.col("_g") / nw.col("_q"))
    gini = gini.clip(0.0) / (2 if halve else 1)
    return give(table.select(*group, locational_gini=gini), frame)
