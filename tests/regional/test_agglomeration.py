"""Ellison and Glaeser: the textbook plants, the null distribution, edges, identities."""

import numpy as np
import pandas as pd
import pytest

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.agglomeration import coagglomeration, ellison_glaeser

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}
PLANTS = {
    "Wien": [200, 650, 12000, 100, 50],
    "Linz": [16000, 13000, 1500, 1500],
    "Graz": [25000],
}


@pytest.fixture
def plants():
    rows = [(region, "steel", size) for region, sizes in PLANTS.items() for size in sizes]
    return pd.DataFrame(rows, columns=["region", "industry", "jobs"])


@pytest.fixture
def totals():
    return pd.DataFrame({"region": list(PLANTS), "jobs": [500_000, 400_000, 100_000]})


def test_the_textbook_plants(plants, totals, kind):
    out = ellison_glaeser(kind.make(plants), **KEYS, totals=kind.make(totals))
    out = kind.show(out).iloc[0]
    assert out["ellison_glaeser"] == pytest.approx(0.05990628, abs=5e-9)
    assert out["geographic_concentration"] == pytest.approx(0.168163, abs=5e-7)
    assert out["plant_herfindahl"] == pytest.approx(0.244689, abs=5e-7)
    assert out["ellison_glaeser_z"] == pytest.approx(0.1959, abs=5e-5)
    assert out["plants"] == 10


LIMITS = ["ellison_glaeser_null_low", "ellison_glaeser_null_high"]


def test_the_null_interval_says_how_little_the_textbook_value_tells(plants, totals):
    out = ellison_glaeser(plants, **KEYS, totals=totals, draws=4000, seed=1).iloc[0]
    assert out[LIMITS].tolist() == pytest.approx([-0.30, 0.84], abs=0.02)


def test_draws_depend_on_the_seed_and_on_nothing_else(plants, totals, kind):
    options = {"totals": totals, "draws": 100}
    out = ellison_glaeser(plants, **KEYS, **options).iloc[0]
    shuffled = kind.make(plants.sample(frac=1, random_state=5))
    again = kind.show(ellison_glaeser(shuffled, **KEYS, **options)).iloc[0]
    assert again[LIMITS].tolist() == pytest.approx(out[LIMITS].tolist(), abs=1e-12)
    other = ellison_glaeser(plants, **KEYS, **options, seed=2).iloc[0]
    assert other[LIMITS].tolist() != out[LIMITS].tolist()


def test_without_clustering_gamma_is_zero_and_z_standard_on_average():
    rng = np.random.default_rng(11)
    x = np.array([0.4, 0.3, 0.2, 0.1])
    size = rng.integers(1, 50, 30)
    rows = pd.DataFrame(
        {
            "industry": np.arange(3000).repeat(30),
            "region": rng.choice(list("abcd"), 90_000, p=x),
            "jobs": np.tile(size, 3000),
        }
    )
    totals = pd.DataFrame({"region": list("abcd"), "jobs": x})
    out = ellison_glaeser(rows, **KEYS, totals=totals)
    assert abs(out["ellison_glaeser"].mean()) < 4 * out["ellison_glaeser"].std() / 3000**0.5
    assert abs(out["ellison_glaeser_z"].mean()) < 0.07
    assert out["ellison_glaeser_z"].std() == pytest.approx(1, abs=0.05)


def test_shares_come_from_all_plants_by_default(plants, totals):
    rest = totals.assign(industry="rest", jobs=totals["jobs"] - [13_000, 32_000, 25_000])
    both = pd.concat([plants, rest])
    out = ellison_glaeser(both, **KEYS).set_index("industry")
    assert out.loc["steel", "ellison_glaeser"] == pytest.approx(0.05990628, abs=5e-9)


def test_regions_without_plants_count(plants, totals):
    more = pd.concat([totals, pd.DataFrame({"region": ["Tirol"], "jobs": [1_000_000]})])
    out = ellison_glaeser(plants, **KEYS, totals=more).iloc[0]
    s = plants.groupby("region")["jobs"].sum() / plants["jobs"].sum()
    x = more.set_index("region")["jobs"] / more["jobs"].sum()
    g = ((s.reindex(x.index).fillna(0) - x) ** 2).sum()
    assert out["geographic_concentration"] == pytest.approx(g)


def test_a_region_must_have_a_total(plants, totals):
    with pytest.raises(DataError, match="'Graz' has plants but no total"):
        ellison_glaeser(plants, **KEYS, totals=totals[:2])


def test_undefined_cases_say_why(plants, kind):
    alone = pd.DataFrame(
        {"region": ["Wien", "Linz", "Linz"], "industry": ["silk", "silk", "tea"], "jobs": [5, 0, 0]}
    )
    out = kind.show(ellison_glaeser(kind.make(pd.concat([plants, alone])), **KEYS, draws=20))
    assert out["industry"].tolist() == ["silk", "steel", "tea"]
    assert out["plants"].tolist() == [1, 10, 0]  # a plant of size 0 is none
    told = out["ellison_glaeser_reason"].tolist()
    assert told[::2] == ["there is a single plant", "there is no plant"]
    undefined = ["ellison_glaeser", "ellison_glaeser_null_low", "ellison_glaeser_null_high"]
    assert out[undefined].isna().all(axis=1).tolist() == [True, False, True]
    here = kind.show(ellison_glaeser(kind.make(plants[:5]), **KEYS, draws=5))
    assert here["ellison_glaeser_reason"][0] == "there is a single region"
    assert here[[*undefined, "ellison_glaeser_z"]].isna().all(axis=None)


def test_panels(plants, totals, kind):
    panel = pd.concat([plants.assign(year=2), plants[3:].assign(year=1)])
    totals = pd.concat([totals.assign(year=1), totals.assign(year=2, jobs=totals["jobs"][::-1])])
    out = kind.show(
        ellison_glaeser(kind.make(panel), **KEYS, by="year", totals=kind.make(totals), draws=50)
    )
    for place, year in enumerate([1, 2]):
        alone = ellison_glaeser(
            panel[panel["year"] == year], **KEYS, totals=totals[totals["year"] == year], draws=50
        )
        row = out.iloc[place]
        assert row["year"] == year
        assert row["ellison_glaeser"] == pytest.approx(alone["ellison_glaeser"][0])
        low = "ellison_glaeser_null_low"
        assert row[low] == pytest.approx(alone[low][0])


def test_coagglomeration_is_the_pairwise_formula(textbook, kind):
    out = kind.show(coagglomeration(kind.make(textbook), **KEYS))
    assert len(out) == 10
    s = textbook["jobs"].to_numpy().reshape(5, 5) / 100
    pairs = [(one, two) for one in range(5) for two in range(one + 1, 5)]
    named = [(f"i{one}", f"i{two}") for one, two in pairs]
    assert list(zip(out["industry"], out["industry_other"], strict=True)) == named
    expected = [((s[:, one] - 0.2) * (s[:, two] - 0.2)).sum() / 0.8 for one, two in pairs]
    np.testing.assert_allclose(out["coagglomeration"], expected)


def test_coagglomeration_of_plants_with_external_totals(plants, totals, kind):
    more = plants.assign(industry="tin", jobs=plants["jobs"][::-1].to_numpy())
    totals = pd.concat([totals, pd.DataFrame({"region": ["Tirol"], "jobs": [300_000]})])
    both = kind.make(pd.concat([plants, more]))
    out = kind.show(coagglomeration(both, **KEYS, totals=kind.make(totals)))
    x = totals.set_index("region")["jobs"] / totals["jobs"].sum()
    one, two = (
        (rows.groupby("region")["jobs"].sum() / rows["jobs"].sum()).reindex(x.index).fillna(0)
        for rows in (plants, more)
    )
    expected = ((one - x) * (two - x)).sum() / (1 - (x**2).sum())
    assert out["coagglomeration"].tolist() == pytest.approx([expected])


def test_the_index_of_all_plants_is_explained_by_industries_and_pairs(plants):
    """Ellison and Glaeser's decomposition: G over all industries, from gammas and pairs."""
    rng = np.random.default_rng(3)
    rows = pd.DataFrame({"region": rng.choice(list("abc"), 60), "industry": rng.choice(4, 60)})
    rows["jobs"] = rng.integers(1, 30, 60)
    totals = pd.DataFrame({"region": list("abc"), "jobs": [3, 4, 5]})
    own = ellison_glaeser(rows, **KEYS, totals=totals)
    pairs = coagglomeration(rows, **KEYS, totals=totals)
    whole = ellison_glaeser(rows.assign(industry="all"), **KEYS, totals=totals)
    w = (rows.groupby("industry")["jobs"].sum() / rows["jobs"].sum()).to_numpy()
    d = 1 - 50 / 144
    g = (w**2 * own["geographic_concentration"]).sum()
    g += (
        2 * d * (w[pairs["industry"]] * w[pairs["industry_other"]] * pairs["coagglomeration"]).sum()
    )
    assert whole["geographic_concentration"][0] == pytest.approx(g)


def test_one_region_has_no_coagglomeration(cells):
    assert coagglomeration(cells([[1, 2, 3]]), **KEYS)["coagglomeration"].isna().all()


@pytest.mark.parametrize("options", [{"draws": -3}, {"draws": 9, "level": 2}])
def test_an_interval_needs_draws_and_a_level(plants, options):
    with pytest.raises(MeasureError, match="gives no interval"):
        ellison_glaeser(plants, **KEYS, **options)


def test_totals_of_zero_are_refused(plants, totals):
    with pytest.raises(DataError, match="All totals are zero"):
        ellison_glaeser(plants, **KEYS, totals=totals.assign(jobs=0))
