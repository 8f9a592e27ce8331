"""What figures amount to: ratios, growth, shares and projections that carry range and claims.

Each measure takes two `Estimate` objects and returns one, or takes two yearly tables (as
`Case.series` gives them) and returns one with a row for each year they share. What comes out rests
on the claims of everything that went in, and is as firm as its loosest part.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import reduce
from typing import TypeVar

import numpy as np
import pandas as pd

from clusterkit.errors import MeasureError
from clusterkit.evidence.figure import (
    FIGURE,
    Estimate,
    convert_factor,
    estimates_of,
    first,
    last,
    least_sure,
    loosest,
    quotient,
    union,
)
from clusterkit.evidence.figure import product as unit_product
from clusterkit.measures.intervals import (
    Interval,
    add,
    divide,
    increasing,
    log_mean,
    multiply,
    negate,
)

Figures = TypeVar("Figures", Estimate, pd.DataFrame)
Rule = Callable[[Interval, Interval], Interval]

_PERCENT = Interval(100.0, 100.0, 100.0)
_ONE = Interval(1.0, 1.0, 1.0)


def _combine(first: Figures, second: Figures, rule: Rule, unit: str) -> Figures:
    """Apply a rule to two estimates, or year by year to two yearly tables."""
    if isinstance(first, Estimate) and isinstance(second, Estimate):
        value, low, high = map(float, rule(_interval(first), _interval(second)))
        year = second.year if first.year is None else first.year
        return Estimate(value, low, high, unit, year=year, **_joined(first, second))
    one, two = _by_year(first), _by_year(second)
    years = one.index.intersection(two.index, sort=False)
    one, two = one.loc[years], two.loc[years]
    value, low, high = rule(_interval(one), _interval(two))
    joined = [_joined(*pair) for pair in zip(one.itertuples(), two.itertuples(), strict=True)]
    figures = pd.DataFrame(joined, columns=["status", "basis", "claims"])
    figures = figures.assign(year=years, value=value, low=low, high=high, unit=unit, hedge="")
    return figures[["year", *FIGURE]]


def _joined(*parts: object) -> dict[str, object]:
    """Return what a figure made of others has of all of them."""
    return {
        "status": loosest(part.status for part in parts),
        "basis": least_sure(part.basis for part in parts),
        "claims": union(*(part.claims for part in parts)),
    }


def _by_year(table: pd.DataFrame) -> pd.DataFrame:
    """Return a yearly table by its years; where it does not say how these are known, as dated."""
    if table["year"].duplicated().any():
        raise MeasureError(
            "A yearly table has several figures for one year, and cannot be matched by year.",
            where=f"year {table.loc[table['year'].duplicated(), 'year'].iloc[0]}",
            why="The rule 'all' keeps every claim.",
            fix="Settle on one figure a year, for example with prefer='highest_tier'.",
        )
    return table.assign(basis=table.get("basis", "dated")).set_index("year")


def _interval(figures: Estimate | pd.DataFrame) -> Interval:
    """Return the value and bounds of an estimate, or of every row of a frame of figures."""
    ends = (figures.value, figures.low, figures.high)
    return Interval(*(end if isinstance(figures, Estimate) else end.to_numpy() for end in ends))


def unit_of(figures: Estimate | pd.DataFrame) -> str:
    """Return the one unit of an estimate or a yearly table."""
    if isinstance(figures, Estimate):
        return figures.unit
    units = list(dict.fromkeys(figures["unit"]))
    if len(units) != 1:
        raise MeasureError(
            f"A yearly table must have one unit, found {units or 'none'}.",
            why="The table is empty or mixes series." if not units else "Several series are mixed.",
        )
    return str(units[0])


def _same_unit(first: Figures, second: Figures, doing: str) -> str:
    one, two = unit_of(first), unit_of(second)
    if one != two:
        raise MeasureError(
            f"Cannot {doing} {one} and {two}.", fix="Convert one of them first, with convert()."
        )
    return one


def convert(figures: Figures, unit: str) -> Figures:
    """Return the figures in another unit of the same kind.

    Examples
    --------
    >>> convert(Estimate.assumed(3, "mu"), "m2").value
    2000.0
    """
    return _scaled(figures, convert_factor(unit_of(figures), unit), unit)


def _scaled(figures: Figures, factor: float, unit: str) -> Figures:
    """Multiply by a plain number, which rests on no claim and loosens no status."""
    value, low, high = multiply(_interval(figures), Interval(factor, factor, factor))
    if isinstance(figures, Estimate):
        bounds = {"value": float(value), "low": float(low), "high": float(high)}
        return replace(figures, **bounds, unit=unit, hedge="")
    return figures.assign(value=value, low=low, high=high, unit=unit, hedge="")


def ratio(numerator: Figures, denominator: Figures) -> Figures:
    """Return numerator / denominator, in the quotient of their units.

    Raises
    ------
    MeasureError
        The range of the denominator holds zero.

    Examples
    --------
    >>> sales = Estimate(14e9, 13.5e9, 14.5e9, "CNY", ("a",))
    >>> pieces = Estimate(80e6, 80e6, 88e6, "piece", ("b",))
    >>> price = ratio(sales, pieces)
    >>> price.value, round(price.low, 1), round(price.high, 1), price.unit, price.claims
    (175.0, 153.4, 181.2, 'CNY/piece', ('a', 'b'))
    """
    unit, scale = quotient(unit_of(numerator), unit_of(denominator))
    return _scaled(_combine(numerator, denominator, divide, unit), scale, unit)


def product(first: Figures, second: Figures) -> Figures:
    """Return first * second, in the product of their units."""
    unit, scale = unit_product(unit_of(first), unit_of(second))
    return _scaled(_combine(first, second, multiply, unit), scale, unit)


def total(*parts: Estimate | pd.DataFrame) -> Estimate:
    """Return the sum of some estimates of one unit, or of all rows of a frame of figures.

    Examples
    --------
    >>> total(Estimate.assumed(1, "CNY"), Estimate.assumed(2, "CNY")).value
    3.0
    """
    single: list[Estimate] = []
    for part in parts:
        single += [part] if isinstance(part, Estimate) else estimates_of(part)
    return reduce(lambda a, b: _combine(a, b, add, _same_unit(a, b, "add")), single)


def totals(rows: pd.DataFrame, by: str) -> dict[str, Estimate]:
    """Return the sum of the figures of each name in a column, in order.

    Examples
    --------
    >>> rows = pd.DataFrame({"region": ["A", "A"], "value": [1, 2], "low": [1, 2], "high": [1, 2],
    ...                      "unit": "CNY", "status": "actual", "claims": [("a",), ("b",)]})
    >>> totals(rows, "region")["A"].value
    3.0
    """
    return {str(name): total(part) for name, part in rows.groupby(by)}


def change(start: Figures, end: Figures) -> Figures:
    """Return end - start, in their unit.

    Examples
    --------
    >>> more = change(Estimate(70, 70, 77, "CNY"), Estimate(80, 76, 84, "CNY"))
    >>> more.value, more.low, more.high
    (10.0, -1.0, 14.0)
    """
    unit = _same_unit(start, end, "subtract")
    return _combine(end, start, lambda a, b: add(a, negate(b)), unit)


def share(part: Figures, whole: Figures) -> Figures:
    """Return 100 * part / whole, in percent; above 100 where the part is not inside the whole."""
    _same_unit(part, whole, "take the share of")
    return _combine(part, whole, lambda a, b: multiply(divide(a, b), _PERCENT), "percent")


def growth(start: Figures, end: Figures) -> Figures:
    """Return 100 * (end / start - 1), in percent.

    The two figures may lie any number of years apart; `compound_growth` gives the yearly rate.
    """
    _same_unit(start, end, "compare")
    return _combine(end, start, _growth, "percent")


def _growth(end: Interval, start: Interval) -> Interval:
    return multiply(add(divide(end, start), negate(_ONE)), _PERCENT)


def since_first(table: pd.DataFrame) -> Estimate | None:
    """Return what came of the first figure of a yearly table by the last, if it has both.

    Returns
    -------
    Estimate or None
        The growth in percent, of a share the difference in points; None for a single year.

    Examples
    --------
    >>> from clusterkit.evidence.figure import figures
    >>> years = [Estimate(x, x, x, "CNY", year=year) for year, x in ((2020, 50.0), (2024, 80.0))]
    >>> round(since_first(figures(years)).value), since_first(figures(years[:1]))
    (60, None)
    """
    start, end = first(table), last(table)
    if start.year == end.year:
        return None
    return change(start, end) if end.unit == "percent" else growth(start, end)


def yearly_growth(table: pd.DataFrame) -> pd.DataFrame:
    """Return the growth of each year over the one before it, in percent.

    Years without a neighbour just before them have no growth and no row.
    """
    before = table.assign(year=table["year"] + 1)
    return growth(before, table)


def compound_growth(start: Estimate, end: Estimate) -> Estimate:
    """Return the constant yearly rate that leads from start to end, in percent.

    100 * ((end / start) ** (1 / n) - 1), n being the years between the two.

    Raises
    ------
    MeasureError
        A year is missing or the end does not lie after the start.

    Examples
    --------
    >>> begin = Estimate.assumed(100, "CNY")
    >>> from dataclasses import replace
    >>> round(compound_growth(replace(begin, year=2020), replace(begin, value=121, low=121,
    ...       high=121, year=2022)).value, 6)
    10.0
    """
    years = _years_between(start, end)
    _same_unit(start, end, "compare")

    def rate(last: Interval, first: Interval) -> Interval:
        quotient = increasing(lambda x: np.power(x, 1 / years), divide(last, first))
        return multiply(add(quotient, negate(_ONE)), _PERCENT)

    return _combine(end, start, rate, "percent")


def _years_between(start: Estimate, end: Estimate) -> int:
    if start.year is None or end.year is None or end.year <= start.year:
        raise MeasureError(
            f"Compound growth runs from an earlier to a later year, "
            f"found {start.year} to {end.year}.",
            fix="Swap the two, or give estimates that carry a year.",
        )
    return end.year - start.year


def implied_start(end: Estimate, rate: Estimate) -> Estimate:
    """Return what a figure must have been before it grew by a rate in percent.

    end / (1 + rate / 100)

    Examples
    --------
    >>> round(implied_start(Estimate.assumed(136, "CNY"), Estimate.assumed(36, "percent")).value, 9)
    100.0
    """
    before = _combine(end, rate, lambda a, r: divide(a, _factor(r)), end.unit)
    return replace(before, year=None if end.year is None else end.year - 1)


def project(start: Estimate, rate: Estimate, years: int) -> Estimate:
    """Return what a figure becomes after so many years at a yearly rate in percent."""

    def grow(first: Interval, yearly: Interval) -> Interval:
        return multiply(first, increasing(lambda factor: factor**years, _factor(yearly)))

    grown = _combine(start, rate, grow, start.unit)
    return replace(grown, year=None if start.year is None else start.year + years)


def years_to_reach(start: Estimate, goal: Estimate, rate: Estimate) -> Estimate:
    """Return after how many years a figure reaches a goal at a yearly rate in percent.

    ln(goal / start) / ln(1 + rate / 100), and nothing where their ranges meet

    Raises
    ------
    MeasureError
        The start has reached the goal, or nothing can be said because the rate is not above zero.
    """
    if rate.low <= 0:
        raise MeasureError(
            f"At {rate.low:g} percent a year the goal is never reached.",
            fix="Give a growth rate above zero.",
        )
    _same_unit(start, goal, "compare")
    if start.value >= goal.value:
        raise MeasureError("The goal has already been reached: there is nothing to wait for.")
    distance = _combine(goal, start, lambda a, b: increasing(np.log, divide(a, b)), "count")
    distance = replace(distance, low=max(0, distance.low))  # where their ranges meet, it may be now
    ends = {end: math.log1p(getattr(rate, end) / 100) for end in ("value", "low", "high")}
    speed = replace(rate, **ends, unit="count")
    return _combine(distance, speed, divide, "year")


def _factor(rate: Interval) -> Interval:
    return add(_ONE, divide(rate, _PERCENT))


def split_growth(
    start: Estimate, end: Estimate, start_quantity: Estimate, end_quantity: Estimate
) -> dict[str, Estimate]:
    """Split the change of a value into what quantity and what price per unit contributed.

    With the logarithmic mean L(end, start), quantity contributes L * ln(end_quantity /
    start_quantity) and price L * ln of the price ratio; the two add up to the change without a
    rest (logarithmic mean Divisia index; B. W. Ang, Energy Policy 32, 2004, 1131-1139).

    Parameters
    ----------
    start, end : Estimate
        The value at either end, for example sales in CNY.
    start_quantity, end_quantity : Estimate
        The quantity at either end, for example pieces.

    Returns
    -------
    dict of str to Estimate
        "quantity", "price" and "change". The bounds of the two parts are outer ones: each uses
        the value twice, and the two ends are taken to err independently.

    Examples
    --------
    >>> from dataclasses import replace
    >>> first, last = Estimate.assumed(100, "CNY"), Estimate.assumed(240, "CNY")
    >>> few, more = Estimate.assumed(10, "piece"), Estimate.assumed(12, "piece")
    >>> parts = split_growth(first, last, few, more)
    >>> {name: round(part.value, 1) for name, part in parts.items()}
    {'quantity': 29.2, 'price': 110.8, 'change': 140.0}
    """
    _same_unit(start, end, "compare")
    _same_unit(start_quantity, end_quantity, "compare")
    mean = log_mean(_interval(end), _interval(start))
    joined = _joined(start, end, start_quantity, end_quantity)

    def contribution(last: Interval, first: Interval) -> Estimate:
        part = multiply(mean, increasing(np.log, divide(last, first)))
        return Estimate(*map(float, part), end.unit, year=end.year, **joined)

    quantities = _interval(end_quantity), _interval(start_quantity)
    prices = divide(_interval(end), quantities[0]), divide(_interval(start), quantities[1])
    return {
        "quantity": contribution(*quantities),
        "price": contribution(*prices),
        "change": change(start, end),
    }


def spans_between(years: Iterable[int], breaks: pd.DataFrame) -> list[list[int]]:
    """Return the years parted into spans that no break crosses, the earliest first.

    Parameters
    ----------
    years : iterable of int
        The years on record.
    breaks : DataFrame
        With the columns after and before, as `Case.breaks`.

    Examples
    --------
    >>> breaks = pd.DataFrame({"after": [2012], "before": [2015]})
    >>> spans_between([2010, 2012, 2013, 2015, 2016], breaks)
    [[2010, 2012], [2015, 2016]]
    """
    ends = list(breaks[["after", "before"]].itertuples(index=False, name=None))
    spans: dict[int, list[int]] = {}
    for year in sorted(set(years)):
        if not any(after < year < before for after, before in ends):
            spans.setdefault(sum(year >= before for _, before in ends), []).append(int(year))
    return list(spans.values())


def split_growth_spans(
    value: pd.DataFrame, quantity: pd.DataFrame, *, breaks: pd.DataFrame
) -> dict[tuple[int, int], dict[str, Estimate]]:
    """Split the change of a value into quantity and price, span by span, never across a break.

    Parameters
    ----------
    value, quantity : DataFrame
        Yearly tables as `Case.series` gives them, for example sales and pieces.
    breaks : DataFrame
        Breaks in either of them, as `Case.breaks`; no rows where there are none.

    Returns
    -------
    dict of (int, int) to dict of str to Estimate
        For the first and last shared year of each span, what `split_growth` returns for them:
        quantity, price and change. A span with a single shared year has no growth and no entry.

    Raises
    ------
    MeasureError
        No span has two years that both tables share.

    Examples
    --------
    >>> from clusterkit.evidence.figure import figures
    >>> def series(unit, **years):
    ...     return figures(Estimate(x, x, x, unit, year=int(y[1:])) for y, x in years.items())
    >>> sales = series("CNY", y2010=100.0, y2012=240.0, y2015=900.0)
    >>> pieces = series("piece", y2010=10.0, y2012=12.0, y2015=40.0)
    >>> breaks = pd.DataFrame({"after": [2012], "before": [2015]})
    >>> {span: round(parts["price"].value, 1)
    ...  for span, parts in split_growth_spans(sales, pieces, breaks=breaks).items()}
    {(2010, 2012): 110.8}
    """
    # A ratio has the years that both share, and refuses two figures of one year.
    shared = list(ratio(value, quantity)["year"])
    values, quantities = (
        {one.year: one for one in estimates_of(table)} for table in (value, quantity)
    )
    found = {}
    for years in spans_between(shared, breaks):
        start, end = years[0], years[-1]
        if start < end:
            found[start, end] = split_growth(
                values[start], values[end], quantities[start], quantities[end]
            )
    if not found:
        raise MeasureError(
            "No two years between breaks have both a value and a quantity.",
            where=f"shared years: {', '.join(map(str, shared)) or 'none'}",
            fix="Hear more claims, for example with inferred=True.",
        )
    return found
