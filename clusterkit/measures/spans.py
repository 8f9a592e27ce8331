"""Growth between breaks: what was counted one way is never compared with what was counted another.

A break is a row with `after` and `before`: the last year surely counted the old way and the first
surely counted the new way. Years strictly between them belong to neither side.
"""

from collections.abc import Iterable

import pandas as pd

from clusterkit.errors import MeasureError
from clusterkit.evidence.estimate import Estimate
from clusterkit.measures.figures import ratio, split_growth


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
    >>> from clusterkit.measures.results import yearly
    >>> def series(unit, **figures):
    ...     return yearly(Estimate(x, x, x, unit, (), year=int(y[1:])) for y, x in figures.items())
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
        {row["year"]: Estimate.of(row) for row in table.to_dict("records")}
        for table in (value, quantity)
    )
    found = {}
    for years in spans_between(shared, breaks):
        first, last = years[0], years[-1]
        if first < last:
            found[first, last] = split_growth(
                values[first], values[last], quantities[first], quantities[last]
            )
    if not found:
        raise MeasureError(
            "No two years between breaks have both a value and a quantity.",
            where=f"shared years: {', '.join(map(str, shared)) or 'none'}",
            fix="Hear more claims, for example with inferred=True.",
        )
    return found
