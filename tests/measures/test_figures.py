"""Bounds stay true: whatever the figures are inside their ranges, results are inside theirs."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clusterkit as ck
from clusterkit import Estimate, MeasureError
from clusterkit.evidence.figure import BASES, FIGURE, estimates_of, figures
from clusterkit.measures.intervals import Interval, divide, multiply

POSITIVE = st.floats(min_value=0.5, max_value=1e6, allow_nan=False)


@st.composite
def estimate_and_truth(draw, unit="CNY", year=None):
    low, value, high = sorted(draw(st.tuples(POSITIVE, POSITIVE, POSITIVE)))
    truth = low + draw(st.floats(min_value=0, max_value=1)) * (high - low)
    return Estimate(value, low, high, unit, year=year), min(max(truth, low), high)


def inside(truth, estimate):
    slack = 1e-9 * max(1.0, abs(truth), abs(estimate.low), abs(min(estimate.high, 1e300)))
    return estimate.low - slack <= truth <= estimate.high + slack


@settings(max_examples=150)
@given(estimate_and_truth(year=2020), estimate_and_truth(year=2024))
def test_two_figures(first, second):
    (a, x), (b, y) = first, second
    assert inside(x / y, ck.ratio(a, b))
    assert inside(x * y, ck.product(a, b))
    assert inside(x + y, ck.total(a, b))
    assert inside(y - x, ck.change(a, b))
    assert inside(100 * x / y, ck.share(a, b))
    assert inside(100 * (y / x - 1), ck.growth(a, b))
    assert inside(100 * ((y / x) ** 0.25 - 1), ck.compound_growth(a, b))


@settings(max_examples=150)
@given(*[estimate_and_truth()] * 2, *[estimate_and_truth(unit="piece")] * 2)
def test_split_of_growth(start, end, few, more):
    (a, x), (b, y), (c, q), (d, r) = start, end, few, more
    parts = ck.split_growth(a, b, c, d)
    mean = x if math.isclose(x, y, rel_tol=1e-12) else (y - x) / math.log(y / x)
    assert inside(mean * math.log(r / q), parts["quantity"])
    assert inside(mean * math.log(y * q / (x * r)), parts["price"])
    whole = parts["quantity"].value + parts["price"].value
    assert whole == pytest.approx(parts["change"].value, rel=1e-6, abs=1e-5)


@settings(max_examples=100)
@given(estimate_and_truth(), st.floats(min_value=0.1, max_value=50))
def test_projection_and_its_inverse(start, percent):
    estimate, truth = start
    rate = Estimate.assumed(percent, "percent")
    assert inside(truth * (1 + percent / 100) ** 3, ck.project(estimate, rate, 3))
    assert inside(truth / (1 + percent / 100), ck.implied_start(estimate, rate))


def test_years_to_reach_by_hand():
    start, goal = Estimate.assumed(100, "CNY"), Estimate.assumed(200, "CNY")
    wait = ck.years_to_reach(start, goal, Estimate.assumed(100, "percent"))
    assert wait.value == pytest.approx(1)
    assert wait.unit == "year"
    with pytest.raises(MeasureError, match="never reached"):
        ck.years_to_reach(start, goal, Estimate.assumed(0, "percent"))
    with pytest.raises(MeasureError, match="already"):
        ck.years_to_reach(goal, start, Estimate.assumed(5, "percent"))


def test_open_ends_stay_open_and_zero_is_refused():
    open_end = Estimate(60, 60, math.inf, "CNY")
    assert ck.ratio(open_end, Estimate.assumed(2, "firm")).high == math.inf
    assert ck.ratio(Estimate.assumed(2, "firm"), open_end).low == 0
    assert ck.ratio(open_end, open_end).low == 0
    with pytest.raises(MeasureError, match="holds zero"):
        ck.ratio(Estimate.assumed(1, "CNY"), Estimate(5, 0, 10, "firm"))
    assert multiply(Interval(0, 0, 0), Interval(1, 1, math.inf)).high == 0
    assert divide(Interval(1, 1, 1), Interval(-2, -4, -1)).low == -1


def test_units_claims_and_status_travel():
    sales = Estimate(10, 9, 11, "CNY", ("a", "b"), year=2024)
    planned = Estimate(5, 5, 5, "firm", ("b", "c"), status="planned")
    result = ck.ratio(sales, planned)
    assert (result.unit, result.claims, result.status, result.year) == (
        "CNY/firm", ("a", "b", "c"), "planned", 2024)  # fmt: skip
    assert ck.ratio(sales, ck.ratio(sales, planned)).unit == "firm"
    assert ck.product(result, planned).unit == "CNY"
    for measure in (ck.total, ck.change, ck.growth, ck.share):
        with pytest.raises(MeasureError, match=r"CNY and firm|firm and CNY"):
            measure(sales, planned)


def test_land_is_converted_and_yuan_are_not_dollars():
    site = Estimate(293.36, 293.355, 293.365, "mu", ("x",))
    assert ck.convert(site, "ha").value == pytest.approx(19.5573, rel=1e-4)
    assert ck.convert(replace(site, unit="acre"), "mu").value == pytest.approx(1780.8, rel=1e-4)
    with pytest.raises(MeasureError, match="cannot be turned"):
        ck.convert(Estimate.assumed(1, "CNY"), "USD")
    with pytest.raises(MeasureError, match="Known units: m, m2"):
        ck.convert(Estimate.assumed(1, "CNY"), "bushel")


def test_tables_meet_by_year(zhili):
    sales, pieces = zhili.series("sales"), zhili.series("output_pieces")
    price = ck.ratio(sales, pieces)
    assert set(price["year"]) == set(sales["year"]) & set(pieces["year"])
    row = price.set_index("year").loc[2020]
    assert row["value"] == pytest.approx(65e9 / 1.45e9)
    assert (row["low"], row["high"]) == pytest.approx((65e9 / 1.455e9, 66e9 / 1.445e9))
    assert row["claims"] == ("zhili/zj21-sales-2020", "zhili/zj21-output-2020")
    assert row["unit"] == "CNY/piece"


def test_yearly_growth_skips_gaps(zhili):
    growth = ck.yearly_growth(zhili.series("sales"))
    assert list(growth["year"]) == [2006, 2018, 2019, 2020, 2021, 2022, 2023, 2024, 2025]
    assert growth.set_index("year").loc[2024, "value"] == pytest.approx(6.25)


def test_compound_growth_needs_years_in_order():
    a = Estimate.assumed(1, "CNY")
    with pytest.raises(MeasureError, match="earlier to a later"):
        ck.compound_growth(replace(a, year=2024), replace(a, year=2020))
    with pytest.raises(MeasureError, match="found None to 2024"):
        ck.compound_growth(a, replace(a, year=2024))


def test_scales_of_one_kind_are_brought_together():
    land = ck.ratio(Estimate.assumed(50, "ha"), Estimate.assumed(2, "mu"))
    assert (land.value, land.unit) == (pytest.approx(375), "count")
    assert ck.ratio(Estimate.assumed(1, "km2"), Estimate.assumed(1, "m2")).value == 1e6
    half = ck.product(Estimate.assumed(50, "percent"), Estimate.assumed(100, "CNY"))
    assert (half.value, half.unit) == (50, "CNY")
    twice = ck.product(Estimate.assumed(50, "percent"), Estimate.assumed(50, "percent"))
    assert (twice.value, twice.unit) == (25, "percent")


def test_tables_with_two_figures_a_year_are_refused(zhili):
    every = zhili.series("sales", prefer="all")
    with pytest.raises(MeasureError, match="several figures for one year"):
        ck.ratio(every, zhili.series("output_pieces"))


def test_status_survives_picking_and_pairing(pingxiang):
    about = {"subject": "Ganyuan Food", "product": "company total"}
    table = pingxiang.series("revenue", status=("actual", "forecast"), **about)
    assert ck.pick(table, 2025).status == "forecast"
    outturn = table.assign(status="actual")
    for pair in ((table, outturn), (outturn, table)):
        assert ck.ratio(*pair).set_index("year").loc[2025, "status"] == "forecast"
    first, last = ck.pick(table, 2024), ck.pick(table, 2025)
    few = Estimate(1, 1, 1, "piece")
    assert ck.split_growth(first, last, few, few)["price"].status == "forecast"


def test_open_ends_leave_a_split_open():
    first, last = Estimate(10, 10, 10, "CNY"), Estimate(20, 20, math.inf, "CNY")
    few = Estimate(1, 1, 2, "piece")
    assert ck.split_growth(first, last, few, few)["price"].high == math.inf


def test_waiting_uses_the_bounds_and_the_year_moves():
    start = Estimate(10, 9, 11, "CNY", year=2024)
    wait = ck.years_to_reach(start, Estimate(20, 19, 21, "CNY"), Estimate.assumed(10, "percent"))
    assert wait.low == pytest.approx(math.log(19 / 11) / math.log(1.1))
    assert wait.high == pytest.approx(math.log(21 / 9) / math.log(1.1))
    now = ck.years_to_reach(start, Estimate(12, 10.5, 13, "CNY"), Estimate.assumed(10, "percent"))
    assert (now.low, now.high) == (0, pytest.approx(math.log(13 / 9) / math.log(1.1)))
    assert ck.implied_start(start, Estimate.assumed(5, "percent")).year == 2023
    assert ck.project(start, Estimate.assumed(5, "percent"), 3).year == 2027


def test_the_basis_of_a_year_travels_with_the_less_sure_figure(zhili):
    sure, unsure = Estimate.assumed(6, "CNY"), replace(Estimate.assumed(3, "firm"), basis="as of")
    assert ck.ratio(sure, unsure).basis == ck.ratio(unsure, sure).basis == "as of"
    assert ck.total(sure, sure).basis == "dated"
    parts = ck.split_growth(sure, sure, unsure, unsure)
    assert {name: part.basis for name, part in parts.items()} == {
        "quantity": "as of", "price": "as of", "change": "dated"}  # fmt: skip
    sales, firms = zhili.series("sales"), zhili.series("firms")
    made = ck.ratio(sales, firms)
    assert list(made.columns) == ["year", *FIGURE]
    bases = [table.set_index("year")["basis"] for table in (sales, firms)]
    known = made.set_index("year")["basis"]
    for year, basis in known.items():
        assert basis == max((one[year] for one in bases), key=BASES.index)
    assert set(known) == {"dated", "as of"}
    bare = sales.drop(columns="basis")
    assert set(ck.yearly_growth(bare)["basis"]) == {"dated"}


def test_a_frame_of_figures_takes_estimates_and_yearly_tables():
    one = Estimate(3, 2, 4, "percent", ("a",), year=2024)
    table = figures([one, replace(one, year=2025)], sold="online")
    assert list(table.columns) == ["year", *FIGURE, "sold"]
    assert estimates_of(table) == [one, replace(one, year=2025)]
    both = figures({"online": table, "abroad": one})
    assert both["label"].tolist() == ["online", "online", "abroad"]
    assert both["year"].tolist() == [2024, 2025, 2024]


def test_totals_add_up_by_name():
    rows = ck.figures([replace(Estimate.assumed(n, "CNY"), claims=(f"c{n}",)) for n in (1, 2, 4)])
    found = ck.totals(rows.assign(region=["B", "A", "B"]), "region")
    assert {name: one.value for name, one in found.items()} == {"A": 2, "B": 5}
    assert found["B"].claims == ("c1", "c4")
