"""Proximity and relatedness density."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.errors import DataError, MeasureError, UnknownNameError
from clusterkit.regional.quotients import location_quotient
from clusterkit.regional.relatedness import complexity, proximity, relatedness_density

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}
NETWORK = [[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]]


@pytest.fixture
def network(cells):
    return cells(NETWORK)


def test_proximities_of_the_four_country_network(network, kind):
    out = kind.show(proximity(kind.make(network), **KEYS, presence="positive"))
    pairs = list(zip(out["industry"], out["industry_other"], strict=True))
    assert pairs == [
        (f"i{one}", f"i{two}") for one, two in ((0, 1), (0, 2), (0, 3), (1, 2), (1, 3), (2, 3))
    ]
    np.testing.assert_allclose(out["proximity"], [1 / 2, 1 / 2, 1 / 3, 1 / 2, 1 / 3, 2 / 3])


def test_wide_form_and_its_diagonal(network, kind):
    wide = {"presence": "positive", "form": "wide"}
    out = kind.show(proximity(kind.make(network), **KEYS, **wide)).set_index("industry")
    assert out.columns.tolist() == out.index.tolist() == ["i0", "i1", "i2", "i3"]
    np.testing.assert_allclose(out, out.T)
    assert (np.diag(out) == 1).all()
    assert out.loc["i2", "i3"] == pytest.approx(2 / 3)
    zero = proximity(network, **KEYS, **wide, diagonal=0).set_index("industry")
    assert (np.diag(zero) == 0).all()


def test_presence_is_a_quotient_of_one_or_more_exactly(cells):
    table = cells(np.outer([3, 7, 49], [1, 10, 11, 13]))  # every quotient is exactly 1
    assert (proximity(table, **KEYS)["proximity"] == 1).all()
    none = proximity(table, **KEYS, threshold=1.01)
    assert none["proximity"].isna().all()  # 0 / 0: neither is present anywhere


def test_presence_agrees_with_the_location_quotient(textbook):
    out = proximity(textbook, **KEYS, form="wide", diagonal=1).set_index("industry")
    lq = location_quotient(textbook, **KEYS)["location_quotient"].to_numpy().reshape(5, 5)
    there = (lq >= 1).astype(float)
    together = there.T @ there
    u = np.diag(together)
    np.testing.assert_allclose(out, together / np.maximum.outer(u, u), rtol=1e-6)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(
    arrays(int, st.tuples(st.integers(2, 7), st.integers(2, 9)), elements=st.integers(0, 1)),
    st.integers(1, 4),
)
def test_top_k_is_the_head_of_all_pairs(matrix, top_k):
    row, column = np.indices(matrix.shape)
    table = pd.DataFrame({"region": row.ravel(), "industry": column.ravel()})
    table["jobs"] = matrix.ravel()
    options = {"presence": "positive"}
    wide = proximity(table, **KEYS, **options, form="wide", diagonal=0).set_index("industry")
    near = wide.fillna(0).to_numpy()
    expected = [
        (one, two, near[one, two])
        for one in range(len(near))
        for two in np.lexsort((np.arange(len(near)), -near[one]))[:top_k]
        if near[one, two] > 0
    ]
    out = proximity(table, **KEYS, **options, top_k=top_k)
    found = list(zip(out["industry"], out["industry_other"], out["proximity"], strict=True))
    assert found == expected


def test_top_k_works_in_blocks(kind):
    rng = np.random.default_rng(2)
    row, column = np.nonzero(rng.random((40, 600)) < 0.2)
    table = pd.DataFrame({"region": row, "industry": column, "jobs": 1})
    options = {"presence": "positive"}
    wide = proximity(table, **KEYS, **options, form="wide", diagonal=-1).set_index("industry")
    out = kind.show(proximity(kind.make(table), **KEYS, **options, top_k=3))
    best = np.sort(wide.to_numpy(), axis=1)[:, :-4:-1]
    np.testing.assert_allclose(out["proximity"].to_numpy().reshape(-1, 3), best, rtol=1e-6)


@pytest.mark.parametrize("diagonal", [0.0, 1.0])
def test_density_is_the_weighted_share_present(network, kind, diagonal):
    sparse = kind.make(network[network["jobs"] > 0])
    out = kind.show(relatedness_density(sparse, **KEYS, presence="positive", diagonal=diagonal))
    assert len(out) == 16  # absent cells too
    phi = proximity(network, **KEYS, presence="positive", form="wide", diagonal=diagonal)
    phi = phi.set_index("industry").to_numpy()
    expected = np.array(NETWORK) @ phi / phi.sum(axis=0)
    np.testing.assert_allclose(out["relatedness_density"], expected.ravel(), rtol=1e-6)
    assert out["present"].astype(int).tolist() == np.ravel(NETWORK).tolist()


def test_density_of_an_industry_near_to_none_is_missing(cells):
    out = relatedness_density(cells([[1, 0], [0, 1]]), **KEYS, presence="positive")
    assert out["relatedness_density"].isna().all()


def test_panels_are_split(network, kind):
    panel = pd.concat([network.assign(year=year) for year in (2, 3, 1, 4)])
    for measure in (proximity, relatedness_density):
        out = kind.show(measure(kind.make(panel), **KEYS, by="year", presence="positive"))
        alone = measure(network, **KEYS, presence="positive")
        expected = pd.concat([alone.assign(year=year) for year in (1, 2, 3, 4)], ignore_index=True)
        pd.testing.assert_frame_equal(out[expected.columns], expected, check_dtype=False)


@pytest.mark.parametrize("measure", [proximity, relatedness_density, complexity])
def test_repeated_cells_are_an_error_unless_summed(network, kind, measure):
    twice = kind.make(pd.concat([network, network[::-1]]))
    with pytest.raises(DataError, match="region='r0', industry='i0' has 2 rows"):
        measure(twice, **KEYS, presence="positive")
    summed = measure(twice, **KEYS, presence="positive", duplicates="sum")
    once = measure(network, **KEYS, presence="positive")
    if measure is complexity:
        summed, once = summed.regions, once.regions
    pd.testing.assert_frame_equal(kind.show(summed), once, check_dtype=False)


def test_options_must_make_sense(network):
    with pytest.raises(UnknownNameError, match="no presence 'lq'"):
        proximity(network, **KEYS, presence="lq")
    with pytest.raises(MeasureError, match="top_k=0"):
        proximity(network, **KEYS, top_k=0)
    with pytest.raises(MeasureError, match="form='wide' asks for nothing"):
        proximity(network, **KEYS, top_k=2, form="wide")


@pytest.mark.parametrize("unit", [0.1, 0.001, 1 / 3])
def test_presence_does_not_depend_on_the_unit(cells, unit):
    table = cells(np.outer([1, 2, 3], [1, 2, 3]))  # every quotient is one
    out = relatedness_density(table.assign(jobs=table["jobs"] * unit), **KEYS)
    assert out["present"].all()


def test_density_is_computed_in_double_precision(cells):
    matrix = (np.random.default_rng(4).random((60, 300)) < 0.3).astype(int)
    found = relatedness_density(cells(matrix), **KEYS, presence="positive")
    both = matrix.T @ matrix
    phi = both / np.maximum.outer(matrix.sum(axis=0), matrix.sum(axis=0))
    np.fill_diagonal(phi, 0)
    place = [found[name].str[1:].astype(int) for name in ("region", "industry")]
    expected = (matrix @ phi / phi.sum(axis=0))[tuple(place)]
    np.testing.assert_allclose(found["relatedness_density"], expected, rtol=1e-12)


def test_a_threshold_is_a_number(cells):
    with pytest.raises(MeasureError, match="threshold=nan is reached by nothing"):
        proximity(cells([[1, 2], [3, 4]]), **KEYS, threshold=float("nan"))
