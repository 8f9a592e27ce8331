"""Results of measures as figures, each resting on the claims of the cells it was made from."""

import pandas as pd
import pytest

import clusterkit as ck
from clusterkit.evidence.figure import FIGURE, union

CELL = {"region": "region", "industry": "industry", "value": "value"}


@pytest.fixture(scope="module")
def ends():
    cells = ck.region_panel("gdp", parent="Zhejiang", years=(2019, 2022))
    return cells[cells["year"].isin([2019, 2022])]


@pytest.fixture(scope="module")
def split(ends):
    return ck.shift_share(ends, **CELL, by="year")


def test_a_figure_rests_on_the_cells_that_bear_its_names(split, ends):
    rows = ck.figures_of(split, "regional", unit="CNY", label="region", cells=ends)
    assert list(rows.columns) == ["region", "industry", "label", *FIGURE]
    row = rows[(rows["region"] == "Huzhou") & (rows["industry"] == "primary")].iloc[0]
    assert row["claims"] == (
        "regions/gdp/Huzhou/primary/2019/as_published_2019_2023",
        "regions/gdp/Huzhou/primary/2022/as_published_2019_2023")  # fmt: skip
    assert (row["low"], row["high"], row["unit"]) == (row["value"], row["value"], "CNY")
    assert (row["status"], row["basis"], row["hedge"]) == ("actual", "dated", "")
    assert ck.estimates(rows)["Huzhou"].claims


def test_a_total_rests_on_all_rows(split, ends):
    whole = ck.total(ck.figures_of(split, "regional", unit="CNY", cells=ends))
    assert abs(whole.value) < 1e-3 * split["change"].abs().sum()
    assert set(whole.claims) == set(union(*ends["claims"]))
    assert len(whole.claims) == len(ends)


def test_several_values_come_one_after_the_other(split, ends):
    rows = ck.figures_of(split, "national", "industry_mix", unit="CNY", cells=ends)
    assert list(dict.fromkeys(rows["label"])) == ["national", "industry mix"]
    parts = {term: ck.total(part) for term, part in rows.groupby("label")}
    assert parts["national"].value == pytest.approx(split["national"].sum())


def test_years_are_kept_and_so_are_the_claims_a_measure_kept(ends):
    quotients = ck.location_quotient(ends, **CELL, by="year")
    rows = ck.figures_of(quotients, "location_quotient", unit="count", label="industry")
    here = rows[(rows["region"] == "Huzhou") & (rows["label"] == "primary")]
    assert list(here["year"]) == [2019, 2022]
    assert ck.pick(here, 2022).claims == ("regions/gdp/Huzhou/primary/2022/as_published_2019_2023",)


def test_missing_results_are_no_figures():
    table = pd.DataFrame({"x": ["a", "b"], "y": [1.0, None], "claims": [("c",), ("d",)]})
    assert list(ck.estimates(ck.figures_of(table, "y", unit="count", label="x"))) == ["a"]


def test_a_measure_of_the_whole_rests_on_everything(ends):
    table = ck.entropy(ends[ends["year"] == 2022], industry="industry", value="value",
                       duplicates="sum")  # fmt: skip
    rows = ck.figures_of(table, "entropy", unit="count", cells=ends)
    assert rows["claims"].tolist() == [union(*ends["claims"])]


def test_pairs_are_those_of_the_krugman_index_with_the_claims_of_both(ends):
    now = ends[ends["year"] == 2022]
    pairs = ck.krugman_pairs(now, "Huzhou")
    assert list(pairs.columns) == ["region", "label", *FIGURE]
    assert sorted(pairs["region"]) == sorted(set(now["region"]) - {"Huzhou"})
    assert pairs["value"].is_monotonic_increasing
    for row in pairs.itertuples():
        two = now[now["region"].isin(["Huzhou", row.region])]
        index = ck.krugman_index(two, **CELL, exclude_self=True).set_index("region")
        assert row.value == pytest.approx(index.loc["Huzhou", "krugman_index"], rel=1e-12)
        assert set(row.claims) == set(union(*two["claims"]))
        assert all("/Huzhou/" in claim for claim in row.claims[:3])


def test_an_unknown_region_has_no_pairs(ends):
    with pytest.raises(ck.UnknownNameError, match="no region 'Huzou'") as caught:
        ck.krugman_pairs(ends, "Huzou")
    assert "Did you mean 'Huzhou'?" in str(caught.value)
