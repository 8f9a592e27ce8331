"""Krugman, Hoover and the locational Gini: textbook values, conventions, identities."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.regional.concentration import hoover_index, krugman_index, locational_gini

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


def test_krugman_of_the_textbook_table(textbook, kind):
    for table in (textbook, textbook[textbook["jobs"] > 0]):
        out = kind.show(krugman_index(kind.make(table), **KEYS))
        np.testing.assert_allclose(out["krugman_index"], [1.6, 1.0, 0.6, 0.7, 1.1])


def by_hand(x, *, exclude_self, reference):
    shares = x / x.sum(axis=1, keepdims=True)
    weights = x if reference == "total" else shares
    others = weights.sum(axis=0) - weights * exclude_self
    return np.abs(shares - others / others.sum(axis=1, keepdims=True)).sum(axis=1)


@pytest.mark.parametrize("exclude_self", [False, True])
@pytest.mark.parametrize("reference", ["total", "mean"])
def test_krugman_conventions(cells, kind, exclude_self, reference):
    x = np.array([[5, 0, 20], [40, 10, 3], [0, 7, 1]])
    table, options = cells(x), {"exclude_self": exclude_self, "reference": reference}
    out = kind.show(krugman_index(kind.make(table[table["jobs"] > 0]), **KEYS, **options))
    others = x + 0 * x if exclude_self else np.broadcast_to(x, x.shape)
    np.testing.assert_allclose(out["krugman_index"], by_hand(others, **options))
    halved = krugman_index(table, **KEYS, **options, halve=True)["krugman_index"]
    np.testing.assert_allclose(2 * halved, out["krugman_index"])


def test_a_region_alone_or_empty(cells, kind):
    alone = kind.make(cells([[0.1, 0.2, 0.7]]))
    own = kind.show(krugman_index(alone, **KEYS))["krugman_index"]
    np.testing.assert_allclose(own, 0, atol=1e-12)
    for reference in ("total", "mean"):
        out = krugman_index(alone, **KEYS, exclude_self=True, reference=reference)
        assert kind.show(out)["krugman_index"].isna().all()
    out = kind.show(krugman_index(kind.make(cells([[1, 1], [0, 0]])), **KEYS, reference="mean"))
    assert out["krugman_index"].fillna(-1).tolist() == [0, -1]


matrices = arrays(
    int, st.tuples(st.integers(2, 5), st.integers(1, 5)), elements=st.integers(0, 9)
).filter(lambda matrix: matrix.sum() > 0)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(matrices, st.sampled_from(["region", "industry"]), st.booleans())
def test_krugman_is_twice_hoover_and_within_its_range(matrix, of, exclude_self):
    row, column = np.indices(matrix.shape)
    table = pd.DataFrame({"region": row.ravel(), "industry": column.ravel()})
    table["jobs"] = matrix.ravel()
    krugman = krugman_index(table, **KEYS, of=of, exclude_self=exclude_self)
    hoover = hoover_index(table, **KEYS, of=of, exclude_self=exclude_self)
    np.testing.assert_allclose(krugman["krugman_index"], 2 * hoover["hoover_index"])
    assert krugman["krugman_index"].dropna().between(0, 2).all()
    sparse = krugman_index(table[table["jobs"] > 0], **KEYS, of=of, exclude_self=exclude_self)
    there = krugman[krugman[of].isin(sparse[of])]["krugman_index"]
    np.testing.assert_allclose(sparse["krugman_index"], there, atol=1e-12)


def test_locational_gini_of_the_textbook_table(textbook, kind):
    for table in (textbook, textbook[textbook["jobs"] > 0]):
        out = kind.show(locational_gini(kind.make(table), **KEYS))
        np.testing.assert_allclose(out["locational_gini"], [0.80, 0.36, 0.54, 0.62, 0.56])
    halved = locational_gini(textbook, **KEYS, halve=True)["locational_gini"]
    np.testing.assert_allclose(halved, [0.40, 0.18, 0.27, 0.31, 0.28])


GINI = [[500, 19500], [500, 14500], [1000, 19000], [7000, 33000], [1000, 4000]]


def test_gini_of_quotients_textbook_value(cells, kind):
    out = kind.show(locational_gini(kind.make(cells(GINI)), **KEYS, form="quotients"))
    assert out["locational_gini"][0] == pytest.approx(0.4068966, abs=5e-8)


def area_between(shares, base):
    """Return twice the area between the Lorenz curve and the diagonal, by trapezes."""
    order = np.argsort(np.divide(shares, base, out=np.full(len(base), np.inf), where=base > 0))
    curve, along = (np.r_[0, np.cumsum(side[order])] for side in (shares, base))
    return 1 - 2 * np.trapezoid(curve, along)


@pytest.mark.parametrize("exclude_self", [False, True])
def test_gini_with_unequal_regions(cells, kind, exclude_self):
    x = np.array(GINI)
    x[1, 0] = x[0, 1] = 0  # a region without the industry; one with nothing else
    table = cells(x)
    sparse = kind.make(table[table["jobs"] > 0])
    out = kind.show(locational_gini(sparse, **KEYS, exclude_self=exclude_self))
    base = x.sum(axis=1) - x[:, 0] * exclude_self
    assert out["locational_gini"][0] == pytest.approx(
        area_between(x[:, 0] / 9500, base / base.sum())
    )


def test_gini_of_quotients_counts_absent_regions(cells, kind):
    x = np.array(GINI)
    x[1, 0] = 0
    table = cells(x)
    q = np.sort(x[:, 0] / x.sum(axis=1))
    by_pairs = np.abs(q[:, None] - q).sum() / (2 * 25 * q.mean())
    sparse = kind.make(table[table["jobs"] > 0])
    out = kind.show(locational_gini(sparse, **KEYS, form="quotients"))
    assert out["locational_gini"][0] == pytest.approx(by_pairs)


def test_gini_edges(cells, kind):
    one = kind.show(locational_gini(kind.make(cells([[3, 5]])), **KEYS))
    assert one["locational_gini"].tolist() == [0, 0]
    empty = kind.make(cells([[1, 0], [2, 0], [0, 0]]))
    for form in ("lorenz", "quotients"):
        out = kind.show(locational_gini(empty, **KEYS, form=form))
        assert out["locational_gini"].fillna(-1).tolist() == [0, -1]
    only = kind.show(locational_gini(kind.make(cells([[1], [2]])), **KEYS, exclude_self=True))
    assert only["locational_gini"].isna().all()
    infinite = kind.make(cells([[1, 0], [2, 3]]))
    out = locational_gini(infinite, **KEYS, form="quotients", exclude_self=True)
    assert kind.show(out)["locational_gini"].isna()[0]
    flat = locational_gini(cells(np.outer([1, 2, 7], [3, 5])), **KEYS)
    np.testing.assert_allclose(flat["locational_gini"], 0, atol=1e-12)


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.3], [0.1, 0.2, 0.7], [1.1, 2.2, 3.3]])
def test_gini_without_the_rest_is_missing_whatever_rounding_leaves(kind, values):
    alone = pd.DataFrame({"region": list("bcd"), "industry": "tea", "jobs": values})
    out = kind.show(locational_gini(kind.make(alone), **KEYS, exclude_self=True))
    assert out["locational_gini"].isna().all()
