"""Growth is split between breaks, never across one."""

import pandas as pd
import pytest

from clusterkit import Estimate, MeasureError, figures, split_growth, split_growth_spans
from clusterkit.measures.figures import spans_between

NONE = pd.DataFrame({"after": [], "before": []})
BREAKS = pd.DataFrame({"after": [2012, 2022], "before": [2015, 2025]})


def series(unit, values):
    return figures(
        Estimate(x, 0.9 * x, 1.1 * x, unit, (f"{unit}{year}",), year=year)
        for year, x in values.items()
    )


SALES = series("CNY", {2010: 100.0, 2012: 150.0, 2015: 400.0, 2022: 700.0, 2023: 800.0, 2026: 9e2})
PIECES = series("piece", {2010: 4.0, 2012: 4.5, 2015: 12.0, 2022: 15.0, 2023: 20.0, 2026: 20.0})


def test_years_inside_a_break_belong_to_neither_side():
    assert spans_between(SALES["year"], BREAKS) == [[2010, 2012], [2015, 2022], [2026]]
    assert spans_between([2013, 2014], BREAKS) == []
    assert spans_between([2015, 2012], NONE) == [[2012, 2015]]


def test_each_span_is_split_on_its_own():
    found = split_growth_spans(SALES, PIECES, breaks=BREAKS)
    assert list(found) == [(2010, 2012), (2015, 2022)]
    parts = found[2015, 2022]
    assert parts["change"].value == 300.0
    assert parts["quantity"].value + parts["price"].value == pytest.approx(300.0)
    assert parts["change"].low < 300 < parts["change"].high
    assert set(parts["price"].claims) == {"CNY2015", "CNY2022", "piece2015", "piece2022"}
    whole = split_growth_spans(SALES, PIECES, breaks=NONE)
    ends = [Estimate(x, 0.9 * x, 1.1 * x, "CNY", (f"CNY{year}",), year=year)
            for year, x in ((2010, 100.0), (2026, 900.0))]  # fmt: skip
    made = [Estimate(x, 0.9 * x, 1.1 * x, "piece", (f"piece{year}",), year=year)
            for year, x in ((2010, 4.0), (2026, 20.0))]  # fmt: skip
    assert whole == {(2010, 2026): split_growth(*ends, *made)}


def test_a_span_of_one_year_has_no_growth():
    with pytest.raises(MeasureError, match="No two years between breaks") as caught:
        split_growth_spans(SALES[1:3], PIECES[1:3], breaks=BREAKS)
    assert caught.value.where == "shared years: 2012, 2015"


def test_two_figures_of_one_year_are_refused():
    twice = pd.concat([PIECES, PIECES[:1]])
    with pytest.raises(MeasureError, match="several figures for one year"):
        split_growth_spans(SALES, twice, breaks=NONE)


def test_zhili_grows_between_its_breaks_only(zhili):
    sales, pieces = (zhili.series(name, inferred=True) for name in ("sales", "output_pieces"))
    found = split_growth_spans(sales, pieces, breaks=zhili.breaks)
    assert list(found) == [(2006, 2010), (2017, 2022)]
    assert found[2017, 2022]["change"].value == 20e9
