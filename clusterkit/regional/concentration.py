"""How concentrated, how varied: Herfindahl, concentration ratio, entropy, related variety.

All describe how the total of a region is spread over its industries, or, with ``of="industry"``,
how an industry is spread over regions. Given only `region` or only `industry`, they describe the
whole table (or period). Zero cells and absent cells are the same; where the total is zero the
result is missing.
"""

import math
from typing import Any

import narwhals as nw

from clusterkit.errors import MeasureError
from clusterkit.regional.cells import AMOUNT, TOTAL, Cells, Side, measure, summarise, within


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
