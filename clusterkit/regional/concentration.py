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
from clusterkit.regional.cells import (
    AMOUNT,
    Columns,
    columns_of,
    give,
    over,
    read,
    sides,
    summarise,
)


def herfindahl(
    frame: Any,
    *,
    value: str,
    region: str | None = None,
    industry: str | None = None,
    by: Columns = None,
    of: str = "region",
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return the Herfindahl-Hirschman index, its normalised form and its equivalent number.

    ``HHI = sum(s**2)`` with shares ``s`` of the total; normalised ``(HHI - 1/n) / (1 - 1/n)``;
    equivalent number ``1 / HHI``, the count of equal parts that would be as concentrated.

    Parameters
    ----------
    frame : table
        Cells: one row per region and industry (and period).
    value, region, industry : str
        Columns; at least one of `region` and `industry`.
    by : str or sequence of str, optional
        The period or other columns that split the table.
    of : {"region", "industry"}
        What a result describes.
    duplicates, missing : str
        See `clusterkit.regional.cells.read`.

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
    group, part = sides(region, industry, by, of)
    table = read(frame, keys=[*group, part], value=value, duplicates=duplicates, missing=missing)
    share = AMOUNT / over(AMOUNT.sum(), group)
    # Each part counts for one, however many regions name it; Spark has no distinct count here.
    period = columns_of(by)
    table = table.with_columns(_times=over(nw.col(part).count(), [*period, part]))
    table = table.with_columns(_once=1 / nw.col("_times"))
    parts = over(nw.col("_once").sum(), period)
    table = table.with_columns(_square=share * share, _parts=parts.round(0))
    table = summarise(
        table, group, herfindahl=nw.col("_square").sum(), _parts=nw.col("_parts").max()
    )
    index, even = nw.col("herfindahl"), 1 / nw.col("_parts")
    table = table.select(
        *group,
        index,
        herfindahl_normalised=nw.when(nw.col("_parts") > 1).then((index - even) / (1 - even)),
        herfindahl_equivalent=1 / index,
    )
    return give(table, frame)


def concentration_ratio(
    frame: Any,
    *,
    value: str,
    region: str | None = None,
    industry: str | None = None,
    by: Columns = None,
    of: str = "region",
    largest: int = 4,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return the joint share of the `largest` parts: ``CR_k = s_1 + ... + s_k``.

    Parameters
    ----------
    frame, value, region, industry, by, of, duplicates, missing
        As for `herfindahl`.
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
    group, part = sides(region, industry, by, of)
    table = read(frame, keys=[*group, part], value=value, duplicates=duplicates, missing=missing)
    place = over(AMOUNT.rank("ordinal", descending=True), group)
    share = AMOUNT / over(AMOUNT.sum(), group)
    table = table.with_columns(_top=nw.when(place <= largest).then(share).otherwise(0.0))
    return give(summarise(table, group, concentration_ratio=nw.col("_top").sum()), frame)


def entropy(
    frame: Any,
    *,
    value: str,
    region: str | None = None,
    industry: str | None = None,
    by: Columns = None,
    of: str = "region",
    base: float = 2,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return Shannon's entropy of the shares, ``-sum(s * log(s))``, nothing rounded inside.

    Parameters
    ----------
    frame, value, region, industry, by, of, duplicates, missing
        As for `herfindahl`.
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
    group, part = sides(region, industry, by, of)
    table = read(frame, keys=[*group, part], value=value, duplicates=duplicates, missing=missing)
    share = AMOUNT / over(AMOUNT.sum(), group)
    table = table.with_columns(_bits=_surprise(share, share, base))
    return give(summarise(table, group, entropy=nw.col("_bits").sum()), frame)


def related_variety(
    frame: Any,
    *,
    industry: str,
    sector: str,
    value: str,
    region: str | None = None,
    by: Columns = None,
    base: float = 2,
    duplicates: str = "error",
    missing: str = "error",
) -> Any:
    """Return the entropy between sectors (unrelated) and within them (related variety).

    With shares s of industries and P of their sectors: unrelated ``-sum(P * log(P))``, related
    ``sum(P * H)``, H being the entropy within a sector; both add up to the entropy of industries.

    Parameters
    ----------
    frame, value, region, by, duplicates, missing
        As for `herfindahl`; without `region` the whole table is one region.
    industry, sector : str
        Columns of the fine class and of the coarse class it belongs to.
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
    group = columns_of(by, region)
    keys = [*group, sector, industry]
    table = read(frame, keys=keys, value=value, duplicates=duplicates, missing=missing)
    total, of_sector = over(AMOUNT.sum(), group), AMOUNT.sum().over(*group, sector)
    table = table.with_columns(
        _unrelated=_surprise(AMOUNT / total, of_sector / total, base),
        _related=_surprise(AMOUNT / total, AMOUNT / of_sector, base),
    )
    unrelated, related = nw.col("_unrelated").sum(), nw.col("_related").sum()
    table = summarise(table, group, unrelated_variety=unrelated, related_variety=related)
    total_variety = nw.col("unrelated_variety") + nw.col("related_variety")
    return give(table.with_columns(total_variety=total_variety), frame)


def _surprise(weight: nw.Expr, share: nw.Expr, base: float) -> nw.Expr:
    """Return ``-weight * log(share)``, and 0 where the weight is 0 (the limit of s * log(s))."""
    if base <= 0 or base == 1:
        raise MeasureError(f"{base} is no base of a logarithm.", fix="Pass 2, 10 or math.e.")
    safe = nw.when(weight > 0).then(share).otherwise(1.0)
    return nw.when(weight > 0).then(-weight * safe.log() / math.log(base)).otherwise(0.0)
