import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterkit import UnknownNameError, figure_range
from clusterkit.printed.doubt import POLICY, HedgeRule, step_of


@pytest.mark.parametrize(
    ("value", "hedge", "unit", "expected"),
    [
        (85e9, "exact", "CNY", (84.5e9, 85.5e9)),
        (100e9, "nearly", "CNY", (90e9, 100e9)),
        (80e9, "over", "CNY", (80e9, 88e9)),
        (36.18, "exact", "percent", (36.175, 36.185)),
        (8799, "exact", "firm", (8799, 8799)),
        (14_000, "over", "firm", (14_000, 15_000)),
        (1_000, "over", "firm", (1_000, 1_100)),
        (2010, "exact", "year", (2010, 2010)),
        (60, "at_least", "percent", (60, math.inf)),
        (350_000, "up_to", "person", (0, 350_000)),
        (-30, "over", "percent", (-33, -30)),
        (0, "exact", "CNY", (-0.5, 0.5)),
    ],
)
def test_ranges_by_hand(value, hedge, unit, expected):
    assert figure_range(value, hedge, unit=unit) == pytest.approx(expected)


def test_printed_places_narrow_the_step():
    assert step_of(96.36e9) == pytest.approx(1e7)
    assert step_of(963.60, places=-2) == 0.01
    assert step_of(963.6) == pytest.approx(0.1)


def test_policy_can_be_overridden():
    closed = {**POLICY, "at_least": HedgeRule(0, 1)}
    assert figure_range(60, "at_least", unit="percent", policy=closed) == (60, 66)


def test_unknown_hedge_names_those_that_exist():
    with pytest.raises(UnknownNameError, match="Did you mean 'nearly'"):
        figure_range(1, "nearl")


@settings(max_examples=200)
@given(
    st.floats(min_value=1e-3, max_value=1e14, allow_nan=False),
    st.sampled_from(sorted(POLICY)),
    st.sampled_from(["CNY", "firm", "percent"]),
)
def test_a_figure_lies_in_its_own_range(value, hedge, unit):
    low, high = figure_range(value, hedge, unit=unit)
    assert low <= value <= high
