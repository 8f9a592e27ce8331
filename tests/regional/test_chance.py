"""Intervals of location quotients: coverage, edges, refusals."""

import math

import numpy as np
import pytest

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.quotients import location_quotient_interval

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}
SAMPLES = 4000


def coverage(cells, matrices, true, **options):
    """Return how often the interval of the first cell covers its true quotient."""
    table = cells(np.concatenate(matrices))
    table["sample"] = np.arange(SAMPLES).repeat(4)
    table["region"] = ["r0", "r0", "r1", "r1"] * SAMPLES
    out = location_quotient_interval(table, **KEYS, by="sample", **options)
    first = out[(out["region"] == "r0") & (out["industry"] == "i0")]
    inside = first["location_quotient_low"].le(true) & first["location_quotient_high"].ge(true)
    return inside.mean()


def two_by_two(x, y, first, second):
    """Return tables of an industry with x and y jobs in two regions with given totals."""
    return np.array([[x, first - x], [y, second - y]]).transpose(2, 0, 1)


@pytest.mark.parametrize(
    ("heads", "rest", "p", "q"),
    [(200, 5000, 0.1, 0.1), (200, 5000, 0.3, 0.1), (500, 500, 0.2, 0.05), (40, 60, 0.4, 0.4)],
)
def test_head_count_interval_covers_as_often_as_it_says(cells, heads, rest, p, q):
    rng = np.random.default_rng(7)
    x, y = rng.binomial(heads, p, SAMPLES), rng.binomial(rest, q, SAMPLES)
    true = p / ((heads * p + rest * q) / (heads + rest))
    covered = coverage(cells, two_by_two(x, y, heads, rest), true, unit="person")
    assert 0.935 <= covered <= 0.965


def test_plant_interval_covers_as_often_as_it_says(cells):
    rng = np.random.default_rng(7)
    sizes = np.repeat([1, 2, 4, 8], [40, 20, 10, 5])
    x = (rng.random((SAMPLES, len(sizes))) < 0.3) @ sizes
    # the regions hold 200,000 and 800,000 jobs whatever this small industry does
    tables = two_by_two(x, sizes.sum() - x, 200_000, 800_000)
    herfindahl = np.full(4 * SAMPLES, (sizes**2).sum() / sizes.sum() ** 2)

    def with_h(matrix):
        return cells(matrix).assign(h=herfindahl)

    assert 0.935 <= coverage(with_h, tables, 0.3 / 0.2, herfindahl="h") <= 0.965
    # treating jobs as independent would claim far too much
    assert coverage(cells, tables, 0.3 / 0.2, unit="person") < 0.8


def test_interval_edges(cells, kind):
    table = kind.make(cells([[0, 50], [30, 0], [0, 920]]))
    out = kind.show(location_quotient_interval(table, **KEYS, unit="firm"))
    out = out.sort_values(["region", "industry"], ignore_index=True)
    low, high = out["location_quotient_low"], out["location_quotient_high"]
    assert low[0] == 0 < high[0]  # none found is not proof of none
    assert high[2] == pytest.approx(1000 / 30)  # all of the industry: nothing can be above
    assert (low <= out["location_quotient"] + 1e-9).all()
    assert (out["location_quotient"] <= high + 1e-9).all()
    alone = location_quotient_interval(cells([[3, 4]]), **KEYS, unit="firm")
    assert alone.filter(like="location").to_numpy().tolist() == [[1, 1, 1]] * 2


def test_head_counts_only(textbook):
    with pytest.raises(MeasureError, match="the unit is CNY") as caught:
        location_quotient_interval(textbook, **KEYS, unit="CNY")
    assert "herfindahl= for the plant form" in str(caught.value)
    with pytest.raises(MeasureError, match="the unit is not stated"):
        location_quotient_interval(textbook, **KEYS)
    with pytest.raises(DataError, match="Heads come in whole numbers"):
        location_quotient_interval(
            textbook.assign(jobs=textbook["jobs"] / 7), **KEYS, unit="person"
        )
    with pytest.raises(MeasureError, match="1 is no confidence level"):
        location_quotient_interval(textbook, **KEYS, unit="person", level=1)


def test_plant_interval_without_a_herfindahl_is_missing(textbook):
    table = textbook.assign(h=[0.5, 0.0, 2.0, None, 1.0] * 5)
    out = location_quotient_interval(table, **KEYS, herfindahl="h")
    defined = out.groupby("industry")["location_quotient_low"].count()
    assert defined.to_dict() == {"i0": 5, "i1": 0, "i2": 0, "i3": 0, "i4": 5}


def test_the_plant_interval_holds_one_exactly_when_the_dartboard_is_not_rejected(textbook):
    out = location_quotient_interval(textbook.assign(h=0.2), **KEYS, herfindahl="h")
    z = (out["jobs"] / 100 - 0.2).abs() / math.sqrt(0.2 * 0.2 * 0.8)
    holds_one = out["location_quotient_low"].le(1) & out["location_quotient_high"].ge(1)
    assert holds_one.tolist() == (z <= 1.959963984540054).tolist()
    assert 0 < holds_one.sum() < len(out)
