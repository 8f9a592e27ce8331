"""How concentrated, how varied: Herfindahl, concentration ratio, entropy, related variety.

All describe how the total of a region is spread over its industries, or, with ``of="industry"``,
how an industry is spread over regions. Given only `region` or only `industry`, they describe the
whole table (or period). Zero cells and absent cells are the same; where the total is zero the
result is missing.
"""

import math
from typing import Any, Literal

import narwhals as nw

from clusterkit.errors import MeasureError
from clusterkit.regional.cells import AMOUNT, TOTAL, Cells, Side, Table, measure, summarise, within

ROUNDING = 1e-12  # what rounding leaves of zero, as a part of everything, is zero


@measure(optional=("region", "industry", "by"))
def herfindahl(cells: Cells, *, of: Side = "region") -> Any:
    """Return the Herfindahl-Hirschman index, its normalised form and its equivalent number.

    ``HHI = sum(s**2)`` with shares ``s`` of the total; normalised ``(HHI - 1/n) / (1 - 1/n)``;
    equivalent number ``1 / HHI``, the count of equal parts that would be as concentrated.

    Parameters
    ----------
    of : {"region", "industry"}
        What a result describes.

    Returns
    -------
    table
        ``herfindahl`` in 1/n..1, ``herfindahl_normalised`` in 0..1 (missing where n is 1) and
        ``herfindahl_equivalent`` in 1..n. The number n counts the parts named anywhere in the
        table (in that period), also those a region has nothing of.

    References
    ----------
    Hirschman (1964), The paternity of an index. American Economic Review 54.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b", "c", "d"], "sales": [20, 50, 20, 10]})
    >>> herfindahl(firms, industry="firm", value="sales").round(6)
       herfindahl  herfindahl_normalised  herfindahl_equivalent
    0        0.34                   0.12               2.941176
    """
    group, part = cells.described(of)
    table = cells.read(group, part)
    share = AMOUNT / within(TOTAL, group)
    # Each part counts for one, however many regions name it; Spark has no distinct count here.
    table = table.with_columns(_times=within(nw.col(part).count(), cells.by, part))
    table = table.with_columns(_once=1 / nw.col("_times"))
    parts = within(nw.col("_once").sum(), cells.by).round(0)
    table = table.with_columns(_square=share * share, _parts=parts)
    index, n = nw.col("_square").sum(), nw.col("_parts").max()
    table = summarise(table, group, herfindahl=index, _parts=n)
    index, n = nw.col("herfindahl"), nw.col("_parts")
    normalised = nw.when(n > 1).then((index - 1 / n) / (1 - 1 / n))
    return cells.back(
        table.select(
            *group, index, herfindahl_normalised=normalised, herfindahl_equivalent=1 / index
        )
    )


@measure(optional=("region", "industry", "by"))
def concentration_ratio(cells: Cells, *, of: Side = "region", largest: int = 4) -> Any:
    """Return the joint share of the `largest` parts: ``CR_k = s_1 + ... + s_k``.

    Parameters
    ----------
    of : {"region", "industry"}
        What a result describes.
    largest : int
        How many parts count (k). Ties at the edge do not matter: tied shares are equal.

    Returns
    -------
    table
        ``concentration_ratio``, in 0..1; 1 where there are no more than k parts.

    References
    ----------
    Hall and Tideman (1967), Measures of concentration. JASA 62.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b", "c", "d"], "sales": [20, 50, 20, 10]})
    >>> concentration_ratio(firms, industry="firm", value="sales", largest=2)
       concentration_ratio
    0                  0.7
    """
    if largest < 1:
        raise MeasureError(
            f"There is no joint share of the {largest} largest parts.",
            fix="Pass largest=1 or more.",
        )
    group, part = cells.described(of)
    place = within(AMOUNT.rank("ordinal", descending=True), group)
    share = AMOUNT / within(TOTAL, group)
    top = nw.when(place <= largest).then(share).otherwise(0.0)
    table = cells.read(group, part).with_columns(_top=top)
    return cells.back(summarise(table, group, concentration_ratio=nw.col("_top").sum()))


@measure(optional=("region", "industry", "by"))
def entropy(cells: Cells, *, of: Side = "region", base: float = 2) -> Any:
    """Return Shannon's entropy of the shares, ``-sum(s * log(s))``, nothing rounded inside.

    Parameters
    ----------
    of : {"region", "industry"}
        What a result describes.
    base : float
        Base of the logarithm: 2 for bits, ``math.e`` for nats.

    Returns
    -------
    table
        ``entropy``, from 0 (all in one part) to log(n); a zero share adds nothing.

    References
    ----------
    Theil (1972), Statistical decomposition analysis.

    Examples
    --------
    >>> import pandas as pd
    >>> firms = pd.DataFrame({"firm": ["a", "b", "c", "d"], "sales": [1, 1, 1, 1]})
    >>> entropy(firms, industry="firm", value="sales")
       entropy
    0      2.0
    """
    group, part = cells.described(of)
    share = AMOUNT / within(TOTAL, group)
    table = cells.read(group, part).with_columns(_term=_entropy_term(share, share, base))
    return cells.back(summarise(table, group, entropy=nw.col("_term").sum()))


@measure(optional=("region", "by"))
def related_variety(cells: Cells, *, sector: str, base: float = 2) -> Any:
    """Return the entropy between sectors (unrelated) and within them (related variety).

    With shares s of industries and P of their sectors: unrelated ``-sum(P * log(P))``, related
    ``sum(P * H)``, H being the entropy within a sector; both add up to the entropy of industries.
    Without `region` the whole table is one region.

    Parameters
    ----------
    sector : str
        Column of the coarse class that an industry, the fine one, belongs to.
    base : float
        Base of the logarithm.

    Returns
    -------
    table
        ``unrelated_variety``, ``related_variety`` and ``total_variety``, each 0 or more.

    References
    ----------
    Frenken, Van Oort and Verburg (2007), Related variety, unrelated variety and regional economic
    growth. Regional Studies 41.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"sector": [10, 10, 20, 20, 30], "jobs": [2, 1, 3, 1, 3],
    ...                      "class": ["10.1", "10.2", "20.1", "20.2", "30.1"]})
    >>> related_variety(jobs, industry="class", sector="sector", value="jobs").round(6)
       unrelated_variety  related_variety  total_variety
    0           1.570951              0.6       2.170951
    """
    *group, industry = cells.keys
    total, of_sector = within(TOTAL, group), within(TOTAL, group, sector)
    table = cells.read(group, sector, industry).with_columns(
        _unrelated=_entropy_term(AMOUNT / total, of_sector / total, base),
        _related=_entropy_term(AMOUNT / total, AMOUNT / of_sector, base),
    )
    unrelated, related = nw.col("_unrelated").sum(), nw.col("_related").sum()
    table = summarise(table, group, unrelated_variety=unrelated, related_variety=related)
    both = nw.col("unrelated_variety") + nw.col("related_variety")
    return cells.back(table.with_columns(total_variety=both))


def _entropy_term(weight: nw.Expr, share: nw.Expr, base: float) -> nw.Expr:
    """Return ``-weight * log(share)``, and 0 where the weight is 0 (the limit of s * log(s))."""
    if base <= 0 or base == 1:
        raise MeasureError(f"{base} is no base of a logarithm.", fix="Pass 2, 10 or math.e.")
    safe = nw.when(weight > 0).then(share).otherwise(1.0)
    return nw.when(weight > 0).then(-weight * safe.log() / math.log(base)).otherwise(0.0)


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
