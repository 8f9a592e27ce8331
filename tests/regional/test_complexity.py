"""Economic complexity: the four-country network, what is not identified, invariances."""

import warnings

import numpy as np
import pandas as pd
import pytest

from clusterkit.errors import MeasureError
from clusterkit.regional import relatedness as module
from clusterkit.regional.relatedness import complexity

KEYS = {"region": "region", "industry": "industry", "value": "jobs", "presence": "positive"}
NETWORK = [[1, 1, 1, 1], [0, 1, 0, 0], [0, 0, 1, 1], [0, 0, 0, 1]]
ECI = [-0.075353, -1.602916, 0.747788, 0.930481]


def test_the_four_country_network(cells, kind):
    found = complexity(kind.make(cells(NETWORK)), **KEYS)
    regions, industries, spectrum = (kind.show(table) for table in found)
    np.testing.assert_allclose(regions["complexity"], ECI, atol=5e-7)
    assert regions["diversity"].tolist() == [4, 1, 2, 1]
    assert industries["ubiquity"].tolist() == [1, 2, 2, 3]
    values = ["second_singular_value", "third_singular_value", "spectral_gap"]
    expected = [0.736297, 0.436067, 0.736297 - 0.436067]
    assert spectrum.loc[0, values].tolist() == pytest.approx(expected, abs=1e-6)
    assert spectrum["components"].tolist() == [1]


def test_ddof_chooses_the_standard_deviation(cells):
    out = complexity(cells(NETWORK), **KEYS, ddof=1).regions["complexity"]
    np.testing.assert_allclose(out, np.array(ECI) * (3 / 4) ** 0.5, atol=1e-6)


@pytest.mark.parametrize("ddof", [0, 1])
def test_on_the_scale_of_regions_eci_is_the_mean_pci_of_what_a_region_has(cells, ddof):
    found = complexity(cells(NETWORK), **KEYS, scale="regions", ddof=ddof)
    mean = NETWORK @ found.industries["complexity"].to_numpy() / np.sum(NETWORK, axis=1)
    np.testing.assert_allclose(found.regions["complexity"], mean, atol=1e-12)
    np.testing.assert_allclose(found.regions["complexity"].std(ddof=ddof), 1)


def structured(rows=90, columns=130, seed=4):
    """Return a nested network with noise, larger than what is decomposed in full."""
    rng = np.random.default_rng(seed)
    chance = 1.6 * np.linspace(0.9, 0.1, rows)[:, None] * np.linspace(0.9, 0.1, columns)
    return (rng.random((rows, columns)) < chance).astype(int)


def scattered(rows, columns):
    """Return a network without structure, where the singular values lie close together."""
    return (np.random.default_rng(3).random((rows, columns)) < 0.2).astype(int)


@pytest.mark.parametrize(
    "matrix",
    [
        structured(),
        scattered(70, 90),
        scattered(300, 200),
        scattered(120, 1000),
        np.kron([[1, 1, 0], [0, 1, 1], [1, 1, 1]], np.ones((30, 40), dtype=int)),  # of rank 3
    ],
)
def test_large_networks_agree_with_the_full_decomposition(cells, matrix, monkeypatch):
    table = cells(matrix)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        fast = complexity(table, **KEYS)
        monkeypatch.setattr(module, "SMALL", 1000)
        full = complexity(table, **KEYS)
    for one, two in zip(fast, full, strict=True):
        pd.testing.assert_frame_equal(one, two, rtol=1e-6, atol=1e-6)


def test_eci_is_the_mean_pci_of_what_a_region_has_up_to_scale(cells):
    matrix = structured()
    matrix = matrix[matrix.sum(axis=1) > 0][:, matrix.sum(axis=0) > 0]
    found = complexity(cells(matrix), **KEYS)
    names = [int(name[1:]) for name in found.industries["industry"]]
    pci = np.empty(matrix.shape[1])
    pci[names] = found.industries["complexity"]
    mean = matrix @ pci / matrix.sum(axis=1)
    mean = (mean - mean.mean()) / mean.std()
    rows = [int(name[1:]) for name in found.regions["region"]]
    np.testing.assert_allclose(found.regions["complexity"], mean[rows], atol=1e-7)


def test_row_order_changes_nothing(cells):
    table = cells(NETWORK)
    one, two = (complexity(rows, **KEYS) for rows in (table, table.sample(frac=1, random_state=8)))
    for here, there in zip(one, two, strict=True):
        pd.testing.assert_frame_equal(here, there)


def test_the_empty_have_no_complexity(cells, kind):
    matrix = np.zeros((5, 5), dtype=int)
    matrix[:4, :4] = NETWORK
    told = "1 of 5 regions and 1 of 5 industries have no complexity"
    with pytest.warns(UserWarning, match=told) as caught:
        found = complexity(kind.make(cells(matrix)), **KEYS)
    assert caught[-1].filename == __file__  # the line that asked is the one to look at
    regions = kind.show(found.regions)
    np.testing.assert_allclose(regions["complexity"], [*ECI, np.nan], atol=5e-7)
    assert regions["component"].tolist() == [1, 1, 1, 1, 0]


def test_only_the_largest_component_has_complexity(cells, kind):
    matrix = np.zeros((6, 6), dtype=int)
    matrix[2:, 2:] = NETWORK
    matrix[:2, :2] = [[1, 1], [0, 1]]
    with pytest.warns(UserWarning, match="2 networks that nothing connects"):
        found = complexity(kind.make(cells(matrix)), **KEYS)
    regions = kind.show(found.regions)
    np.testing.assert_allclose(regions["complexity"], [np.nan, np.nan, *ECI], atol=5e-7)
    assert regions["component"].tolist() == [2, 2, 1, 1, 1, 1]
    assert kind.show(found.spectrum)["components"].tolist() == [2]


@pytest.mark.parametrize(
    "matrix",
    [
        [[1, 1, 1]],  # one region
        [[1], [1]],  # one industry
        [[1, 1], [1, 1]],  # all have all
        [[1, 1, 0], [0, 1, 1], [1, 0, 1]],  # a ring: the second and third value coincide
        np.ones((80, 90), dtype=int),  # all have all, too large for a full decomposition
    ],
)
def test_what_is_not_identified_is_missing_and_says_so(cells, matrix):
    with pytest.warns(UserWarning, match="no second dimension stands out"):
        found = complexity(cells(matrix), **KEYS)
    assert found.regions["complexity"].isna().all()
    assert found.industries["complexity"].isna().all()


def test_twins_are_seen_in_a_network_too_large_for_a_full_decomposition(cells):
    own = np.eye(1001, dtype=int)
    ring = own + np.roll(own, 1, axis=0) + np.roll(own, 3, axis=0)
    with pytest.warns(UserWarning, match="no second dimension stands out"):
        found = complexity(cells(ring), **KEYS)
    assert found.regions["complexity"].isna().all()
    values = found.spectrum[["second_singular_value", "third_singular_value"]].iloc[0]
    np.testing.assert_allclose(values, np.linalg.svd(ring / 3)[1][1:3], atol=1e-9)


def test_a_search_that_does_not_settle_says_so(cells, monkeypatch):
    monkeypatch.setattr(module, "ROUNDS", 1)
    with pytest.raises(MeasureError, match="not found in 1 rounds"):
        complexity(cells(scattered(300, 200)), **KEYS)


def test_the_sign_is_settled_where_diversity_does_not_tell(cells):
    matrix = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]  # equally diverse regions in a row
    found = complexity(cells(matrix), **KEYS).regions
    np.testing.assert_allclose(found["complexity"], [1.5**0.5, 0, -(1.5**0.5)], atol=1e-9)


def test_panels(cells, kind):
    table = cells(NETWORK)
    panel = pd.concat([table.assign(year=2), table.assign(year=1, jobs=table["jobs"] * 3)])
    found = complexity(kind.make(panel), **KEYS, by="year")
    regions = kind.show(found.regions)
    assert regions["year"].tolist() == [1] * 4 + [2] * 4
    np.testing.assert_allclose(regions["complexity"], ECI * 2, atol=5e-7)
    assert kind.show(found.spectrum)["year"].tolist() == [1, 2]
