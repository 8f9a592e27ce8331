"""The logistic curve: found where it is, refused where the figures cannot bound it."""

import numpy as np
import pandas as pd
import pytest

from clusterkit import logistic_fit

YEARS = np.arange(2000, 2018)
CURVE = 100 / (1 + np.exp(-0.5 * (YEARS - 2008)))


def series(values, spread=0.0):
    values = np.asarray(values, dtype=float)
    return pd.DataFrame({
        "year": YEARS[: len(values)], "value": values, "low": values * (1 - spread),
        "high": values * (1 + spread), "unit": "CNY", "status": "actual",
        "claims": [(f"c{year}",) for year in YEARS[: len(values)]],
    })  # fmt: skip


def test_a_curve_is_recovered():
    fit = logistic_fit(series(CURVE))
    assert (fit.answer, fit.reason) == ("fitted", "")
    assert fit.saturation.value == pytest.approx(100)
    assert (fit.rate, fit.midpoint) == pytest.approx((0.5, 2008))
    assert fit.saturation.unit == "CNY"
    assert fit.claims[0] == "c2000"


def test_ranges_and_scatter_widen_the_ceiling_the_same_way_each_time():
    fit = logistic_fit(series(CURVE, 0.05))
    assert fit.saturation.low < 100 < fit.saturation.high < 120
    assert fit == logistic_fit(series(CURVE, 0.05))
    scattered = CURVE * np.where(np.arange(len(YEARS)) % 2, 1.1, 0.9)
    wide = logistic_fit(series(scattered)).saturation
    assert wide.high - wide.low > 5
    assert wide.low < 100 < wide.high


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (CURVE[:4], "4 years are on record, a curve of three parameters wants 6"),
        (np.exp(0.15 * np.arange(12)), "growth has not bent yet"),
        (CURVE[::-1], "the figures do not grow"),
    ],
)
def test_what_cannot_be_said_is_not_said(values, reason):
    fit = logistic_fit(series(values, 0.02))
    assert fit.answer == "undetermined"
    assert reason in fit.reason
    assert (fit.saturation, fit.rate, fit.midpoint) == (None, None, None)


def test_no_curve_is_laid_across_a_break():
    inside = pd.DataFrame({"after": [2005], "before": [2007]})
    assert "change of count" in logistic_fit(series(CURVE), breaks=inside).reason
    outside = pd.DataFrame({"after": [1990], "before": [1995]})
    assert logistic_fit(series(CURVE), breaks=outside).answer == "fitted"


def test_an_open_range_does_not_open_the_curve():
    table = series(CURVE)
    table.loc[5, "high"] = np.inf
    assert logistic_fit(table).answer == "fitted"


def test_zhili_has_no_life_cycle_across_its_change_of_count(zhili):
    pieces = zhili.series("output_pieces", inferred=True)
    assert "change of count" in logistic_fit(pieces, breaks=zhili.breaks).reason
