"""Textbook values, edges and identities of the measures of concentration and variety."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.errors import MeasureError
from clusterkit.regional.concentration import (
    concentration_ratio,
    entropy,
    herfindahl,
    related_variety,
)

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


def test_herfindahl_of_the_textbook_table(textbook):
    out = herfindahl(textbook, **KEYS)
    np.testing.assert_allclose(out["herfindahl"], [1, 0.525, 0.34, 0.315, 0.465])
    np.testing.assert_allclose(out["herfindahl_equivalent"] * out["herfindahl"], 1)
    np.testing.assert_allclose(out["herfindahl_normalised"], (out["herfindahl"] - 0.2) / 0.8)


def test_herfindahl_of_a_list_of_firms():
    firms = pd.DataFrame({"firm": list("abcd"), "sales": [20, 50, 20, 10]})
    out = herfindahl(firms, industry="firm", value="sales")
    assert out.iloc[0].tolist() == pytest.approx([0.34, 0.12, 2.9411764706])


def test_herfindahl_counts_parts_named_elsewhere_and_per_period(textbook):
    sparse = textbook[textbook["jobs"] > 0]
    pd.testing.assert_frame_equal(herfindahl(sparse, **KEYS), herfindahl(textbook, **KEYS))
    panel = pd.concat([textbook.assign(year=1), textbook[:5].assign(year=2)])
    only = panel[(panel["year"] == 1) | (panel["industry"] == "i0")]
    out = herfindahl(only, **KEYS, by="year")
    assert out["year"].tolist() == [1] * 5 + [2]
    assert math.isnan(out["herfindahl_normalised"].iloc[-1])  # one part: nothing to normalise
    assert out["herfindahl"].iloc[-1] == 1


def test_of_industry_describes_columns(textbook):
    out = herfindahl(textbook, **KEYS, of="industry")
    assert out["industry"].tolist() == ["i0", "i1", "i2", "i3", "i4"]
    shares = textbook["jobs"].to_numpy().reshape(5, 5) / 100
    np.testing.assert_allclose(out["herfindahl"], (shares**2).sum(axis=0))


@pytest.mark.parametrize("measure", [herfindahl, concentration_ratio, entropy])
def test_a_region_without_any_total_has_no_measure(cells, kind, measure):
    out = kind.show(measure(kind.make(cells([[1, 2], [0, 0]])), **KEYS))
    assert out.iloc[:, 1:].isna().all(axis=1).tolist() == [False, True]


def test_concentration_ratio(textbook, kind):
    out = kind.show(concentration_ratio(kind.make(textbook), **KEYS, largest=2))
    np.testing.assert_allclose(out["concentration_ratio"], [1, 0.85, 0.7, 0.7, 0.95])
    everything = kind.show(concentration_ratio(kind.make(textbook), **KEYS, largest=9))
    np.testing.assert_allclose(everything["concentration_ratio"], 1)


def test_concentration_ratio_with_ties_and_nonsense(cells):
    tied = concentration_ratio(cells([[1, 1, 1, 1]]), **KEYS, largest=3)
    assert tied["concentration_ratio"].tolist() == [0.75]
    with pytest.raises(MeasureError, match="0 largest parts"):
        concentration_ratio(tied, **KEYS, largest=0)


def test_entropy_of_the_textbook_table(textbook, kind):
    out = kind.show(entropy(kind.make(textbook), **KEYS))
    expected = [0, 1.319035, 1.760964, 1.765957, 1.219241]
    np.testing.assert_allclose(out["entropy"], expected, atol=5e-7)
    nats = kind.show(entropy(kind.make(textbook), **KEYS, base=math.e))
    np.testing.assert_allclose(nats["entropy"], out["entropy"] * math.log(2))


def test_a_base_must_be_a_base(textbook):
    with pytest.raises(MeasureError, match="1 is no base"):
        entropy(textbook, **KEYS, base=1)


def test_related_variety_of_the_textbook_example(kind):
    jobs = pd.DataFrame(
        {
            "region": "one",
            "sector": [10, 10, 20, 20, 30],
            "class": ["10.1", "10.2", "20.1", "20.2", "30.1"],
            "jobs": [0.2, 0.1, 0.3, 0.1, 0.3],
        }
    )
    columns = {"region": "region", "industry": "class", "sector": "sector", "value": "jobs"}
    out = kind.show(related_variety(kind.make(jobs), **columns))
    expected = [1.570951, 0.6, 2.170951]
    assert out.iloc[0, 1:].astype(float).tolist() == pytest.approx(expected, abs=5e-7)


matrices = arrays(
    int, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.integers(0, 9)
).filter(lambda matrix: (matrix.sum(axis=1) > 0).all())


@settings(derandomize=True, max_examples=8, deadline=None)
@given(matrices)
def test_related_and_unrelated_variety_add_up_to_entropy(matrix):
    row, column = np.indices(matrix.shape)
    table = pd.DataFrame(
        {"region": row.ravel(), "industry": column.ravel(), "jobs": matrix.ravel()}
    ).assign(sector=lambda frame: frame["industry"] // 2)
    out = related_variety(table, **KEYS, sector="sector", base=3)
    total = entropy(table, **KEYS, base=3)["entropy"]
    np.testing.assert_allclose(out["total_variety"], total, atol=1e-12)
    assert (out["related_variety"] >= -1e-12).all()


@settings(derandomize=True, max_examples=8, deadline=None)
@given(matrices, st.integers(2, 9))
def test_scale_order_and_written_zeros_change_nothing(matrix, factor):
    row, column = np.indices(matrix.shape)
    table = pd.DataFrame(
        {"region": row.ravel(), "industry": column.ravel(), "jobs": matrix.ravel()}
    )
    # parts nobody has are dropped with their zeros, so only the raw index can be compared
    other = table[table["jobs"] > 0].sample(frac=1, random_state=0)
    other = other.assign(jobs=other["jobs"] * factor)
    for measure in (herfindahl, concentration_ratio, entropy):
        one, two = measure(table, **KEYS), measure(other, **KEYS)
        np.testing.assert_allclose(one.iloc[:, 1], two.iloc[:, 1], atol=1e-12)
