"""The shipped data: complete, registered, described, and honest with itself."""

import json
import shutil

import pytest

from clusterkit import (
    AmbiguousError,
    Estimate,
    UnknownNameError,
    figure_range,
    list_cases,
    list_regions,
    load_case,
    load_regions,
    region_panel,
    region_series,
)
from clusterkit.errors import MeasureError
from clusterkit.evidence.descriptor import changed_files, stale_files, write
from clusterkit.evidence.regions import region_cell


def test_shelf_is_complete():
    sizes = {name: len(load_case(name).claims) for name in list_cases()}
    assert sizes == {"context": 530, "pingxiang": 300, "zhili": 433}
    assert list_regions() == ["employment", "gdp", "gdp_vintages", "population", "value_added"]
    assert len(load_regions("gdp")) == 2625


def test_registry_codebook_and_datapackage_are_current():
    assert stale_files() == []


@pytest.fixture
def data_copy(root, tmp_path):
    return shutil.copytree(root / "data", tmp_path / "data")


def test_a_changed_file_with_an_unchanged_hash_is_found(data_copy):
    path = data_copy / "cases" / "zhili" / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("85000000000", "86000000000"),
                    encoding="utf-8")  # fmt: skip
    (data_copy / "cases" / "zhili" / "extra.csv").write_text("a\n", encoding="utf-8")
    (data_copy / "cases" / "pingxiang" / "case.toml").unlink()
    told = changed_files(data_copy)
    assert told == [
        "cases/pingxiang/case.toml: in the registry, but missing",
        "cases/zhili/claims.csv: changed since the registry was written",
        "cases/zhili/extra.csv: not in the registry",
    ]


def test_writing_mends_the_registry_once(data_copy):
    path = data_copy / "cases" / "zhili" / "events.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Fuyin", "Fu Yin"), encoding="utf-8")
    assert write(data_copy) == ["registry.txt", "datapackage.json"]
    assert write(data_copy) == []
    assert stale_files(data_copy) == []


def test_datapackage_describes_every_column(root):
    described = json.loads((root / "data" / "datapackage.json").read_text(encoding="utf-8"))
    for resource in described["resources"]:
        header = (root / "data" / resource["path"]).read_text(encoding="utf-8").split("\n")[0]
        fields = resource["schema"]["fields"]
        assert {field["name"] for field in fields} == set(header.split(","))
        assert all(field["description"] for field in fields)


def test_own_data_folder(monkeypatch, data_copy, tmp_path):
    shutil.rmtree(data_copy / "cases" / "pingxiang")
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    assert list_cases() == ["context", "zhili"]
    monkeypatch.setenv("CLUSTERKIT_DATA", str(tmp_path / "nothing"))
    with pytest.raises(UnknownNameError, match="CLUSTERKIT_DATA"):
        list_cases()


@pytest.mark.parametrize("name", ["zhili", "pingxiang", "context"])
def test_every_claim_lies_in_its_own_range(name):
    claims = load_case(name).claims
    for row in claims.itertuples():
        low, high = figure_range(row.value, row.hedge, unit=row.unit)
        assert low <= row.value <= high, row.claim_id


@pytest.mark.parametrize("name", ["zhili", "pingxiang", "context"])
def test_part_year_rows_say_so_in_their_indicator(name):
    claims = load_case(name).claims
    part = claims["note"].str.contains("first half only|First half of|sub-year value")
    ends = claims["indicator"].str.contains(r"_(?:h1|q\d|9m|\d+m|jan_[a-z]+)$")
    assert part.any() or name == "context"
    assert claims.loc[part & ~ends, "claim_id"].tolist() in ([], ["zhili/h116-producers-drop"])


def test_seed_articles_are_complete(zhili, pingxiang):
    counts = {
        case.name: (case.claims["source_id"] == f"seed-{case.name}").sum()
        for case in (zhili, pingxiang)
    }
    assert counts == {"zhili": 13, "pingxiang": 9}


def test_region_series_carries_its_cells():
    table = region_series("gdp", "Pingxiang", years=(2019, 2023))
    assert table["claims"].iloc[-1] == ("regions/gdp/Pingxiang/total/2023/as_published_2019_2023",)
    assert table["value"].iloc[-1] == 115_166_000_000


def test_mixed_vintages_and_unknown_regions_are_refused():
    with pytest.raises(AmbiguousError, match="vintage="):
        region_series("gdp_vintages", "Zhejiang")
    with pytest.raises(AmbiguousError, match="which would look like growth"):
        region_series("gdp", "Pingxiang")
    with pytest.raises(AmbiguousError, match="several figures for one year"):
        region_series("gdp_vintages", "Zhejiang", vintage="all")
    with pytest.raises(UnknownNameError, match="Its years: 2010 to 2023"):
        region_series("gdp", "Pingxiang", years=(1990, 1999))
    with pytest.raises(UnknownNameError, match="Did you mean 'Pingxiang'"):
        region_series("gdp", "Pingxian")
    with pytest.raises(UnknownNameError, match="value_added"):
        load_regions("gpd")


def test_the_step_between_vintages_can_be_shown_but_not_by_accident():
    both = region_series("gdp", "Pingxiang", vintage="all")
    assert both["year"].is_unique
    assert both["vintage"].nunique() == 2


def test_a_loaded_table_is_ones_own():
    mine = load_regions("gdp")
    mine["value"] = -1
    assert load_regions("gdp").loc[0, "value"] > 0


def test_an_estimate_outside_its_range_is_refused():
    with pytest.raises(MeasureError, match="own range"):
        Estimate(5, 6, 7, "CNY")
    with pytest.raises(MeasureError, match="own range"):
        Estimate(float("nan"), 6, 7, "CNY")


def test_a_panel_counts_nothing_twice():
    for name, level in (("value_added", "province"), ("gdp", "prefecture")):
        years = (2019, 2022)
        cells = region_panel(name, level=level, years=years)
        table = load_regions(name)
        whole = table[(table["industry"] == "total") & (table["level"] == level)]
        added = cells.groupby(["region", "year"])["value"].sum()
        printed = whole.set_index(["region", "year"])["value"].reindex(added.index)
        assert (added / printed - 1).abs().max() < 2e-3


def test_a_panel_names_its_cells():
    cells = region_panel("value_added", years=(2024, 2024))
    row = cells[(cells["region"] == "Zhejiang") & (cells["industry"] == "finance")].iloc[0]
    assert row["claims"] == ("regions/value_added/Zhejiang/finance/2024/revised_after_5th_census",)
    assert region_cell(row["claims"][0])["value"] == row["value"]
    with pytest.raises(UnknownNameError, match="no cell"):
        region_cell("regions/gdp/Atlantis/total/2020/x")


@pytest.mark.parametrize(
    ("choices", "error", "told"),
    [
        ({"parent": "Jiangxi", "years": (2018, 2019)}, AmbiguousError, "2019 to 2019"),
        ({"parent": "Jiangxy"}, UnknownNameError, "Did you mean 'Jiangxi'"),
        ({"parent": "Jiangxi", "years": (1990, 1991)}, UnknownNameError, "Its years: 2010 to 2024"),
        ({"level": "village"}, UnknownNameError, "county, national"),
    ],
)
def test_panels_that_cannot_be_compared_are_refused(choices, error, told):
    with pytest.raises(error) as caught:
        region_panel("gdp", **choices)
    assert told in str(caught.value)


def test_provinces_of_one_vintage_may_meet_cities_of_another_only_by_name():
    with pytest.raises(AmbiguousError, match="vintages"):
        region_panel("gdp", years=(2019, 2022))
    assert set(region_panel("gdp", years=(2019, 2022), vintage="as_published_2019_2023")["vintage"])


@pytest.mark.parametrize("vintage", ["before_5th_census", "after_5th_census", "as_of_2020"])
def test_every_cell_leads_back_to_its_own_vintage(vintage):
    table = region_series("gdp_vintages", "Zhejiang", vintage=vintage)
    for row in table.itertuples():
        cell = region_cell(row.claims[0])
        assert (cell["value"], cell["vintage"], cell["industry"]) == (row.value, vintage, "total")


def test_regional_tables_follow_the_data_folder(monkeypatch, data_copy):
    before = len(load_regions("employment"))
    path = data_copy / "regions" / "employment.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").split("\n")[:50]) + "\n", "utf-8")
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    assert len(load_regions("employment")) == 49 < before
