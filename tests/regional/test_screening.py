"""Screening: thresholds, ranges, and rules together."""

import pandas as pd
import pytest

from clusterkit.errors import MeasureError, UnknownNameError
from clusterkit.regional.screening import Rule, screen


@pytest.fixture
def towns():
    return pd.DataFrame(
        {
            "town": list("abcde"),
            "lq": [2.0, 1.0, 0.5, 1.2, None],
            "jobs": [100, 100, 5, 5, 100],
            "share_low": [10.0, 20.0, None, 30.0, 60.0],
            "share_high": [20.0, 40.0, 29.0, None, 70.0],
        }
    )


@pytest.mark.parametrize(
    ("op", "threshold", "expected"),
    [
        (">=", 1, ["yes", "yes", "no", "yes", "undetermined"]),
        (">", 1, ["yes", "no", "no", "yes", "undetermined"]),
        ("<=", 1, ["no", "yes", "yes", "no", "undetermined"]),
        ("<", 1, ["no", "no", "yes", "no", "undetermined"]),
    ],
)
def test_operators_on_points(towns, kind, op, threshold, expected):
    out = kind.show(screen(kind.make(towns), rules=[Rule("flag", "lq", op, threshold)]))
    assert out["flag"].tolist() == out["screen"].tolist() == expected


@pytest.mark.parametrize(
    ("op", "expected"),
    [
        (">=", ["no", "undetermined", "no", "yes", "yes"]),
        (">", ["no", "undetermined", "no", "undetermined", "yes"]),
        ("<=", ["yes", "undetermined", "yes", "undetermined", "no"]),
        ("<", ["yes", "undetermined", "yes", "no", "no"]),
    ],
)
def test_ranges_with_open_ends(towns, kind, op, expected):
    rules = [Rule("big", "share", op, 30)]  # the table has share_low and share_high only
    assert kind.show(screen(kind.make(towns), rules=rules))["big"].tolist() == expected


def test_rules_together_are_no_before_undetermined_before_yes(towns, kind):
    rules = pd.DataFrame(
        {
            "flag": ["specialised", "weighty", "weighty"],
            "column": ["lq", "jobs", "share"],
            "op": [">=", ">=", ">="],
            "threshold": [1, 50, 15],
        }
    )
    out = kind.show(screen(kind.make(towns), rules=kind.make(rules), name="cluster"))
    assert out["weighty"].tolist() == ["undetermined", "yes", "no", "no", "yes"]
    expected = ["undetermined", "yes", "no", "no", "undetermined"]
    assert out["cluster"].tolist() == expected
    assert out["town"].tolist() == list("abcde")


def test_rules_that_make_no_sense(towns):
    with pytest.raises(UnknownNameError, match="no operator '=>'"):
        screen(towns, rules=[Rule("flag", "lq", "=>", 1)])
    with pytest.raises(UnknownNameError, match="no column 'lqs'") as caught:
        screen(towns, rules=[Rule("flag", "lqs", ">", 1)])
    assert "Did you mean 'lq'?" in str(caught.value)
    with pytest.raises(MeasureError, match="no rules"):
        screen(towns, rules=[])
    with pytest.raises(UnknownNameError, match="no column 'flag'"):
        screen(towns, rules=towns)


@pytest.mark.parametrize(
    ("rule", "told"),
    [
        (Rule("jobs", "lq", ">", 1), "has a column 'jobs' already"),
        (Rule("flag", "lq", ">", None), "threshold None"),
        (Rule("flag", "lq", ">", float("nan")), "threshold nan"),
        (Rule("flag", "town", ">", 1), "'town' holds String, not numbers"),
    ],
)
def test_rules_that_would_lose_a_column_or_compare_nothing(towns, rule, told):
    with pytest.raises(MeasureError, match=told):
        screen(towns, rules=[rule])
