"""The shelf, its record and its regions, on the frozen casebook; see tests/test_data.py too."""

import shutil
from pathlib import Path

import pytest

from clusterkit import (
    AmbiguousError,
    DataError,
    Estimate,
    UnknownNameError,
    list_cases,
    list_regions,
    load_case,
    load_panel,
    load_regions,
    region_panel,
    region_series,
)
from clusterkit.errors import MeasureError
from clusterkit.evidence.consistency import find_breaches, unexplained
from clusterkit.evidence.descriptor import changed_files, stale_files, write
from clusterkit.evidence.regions import region_cell
from clusterkit.evidence.shelf import data_hashes
from clusterkit.evidence.tables import table_schemas


def test_shelf_is_complete():
    sizes = {name: len(load_case(name).claims) for name in list_cases()}
    assert sizes == {"context": 530, "pingxiang": 300, "zhili": 433}
    assert list_regions() == ["employment", "gdp", "gdp_vintages", "population", "value_added"]
    assert len(load_regions("gdp")) == 880


def test_codebook_and_datapackage_of_the_frozen_casebook_are_current():
    assert stale_files() == []


def test_a_changed_file_with_an_unchanged_hash_is_found(data_copy):
    path = data_copy / "cases" / "zhili" / "claims.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("85000000000", "86000000000"),
                    encoding="utf-8")  # fmt: skip
    (data_copy / "cases" / "zhili" / "extra.csv").write_text("a\n", encoding="utf-8")
    (data_copy / "cases" / "pingxiang" / "case.toml").unlink()
    told = changed_files(data_copy)
    assert told == [
        "cases/pingxiang/case.toml: in the datapackage, but missing",
        "cases/zhili/claims.csv: changed since the datapackage was written",
        "cases/zhili/extra.csv: not in the datapackage",
    ]


def test_writing_mends_the_datapackage_once(data_copy):
    path = data_copy / "cases" / "zhili" / "events.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("Fuyin", "Fu Yin"), encoding="utf-8")
    assert write(data_copy) == ["datapackage.json"]
    assert write(data_copy) == []
    assert stale_files(data_copy) == []


@pytest.fixture
def own(monkeypatch, data_copy):
    """A data folder of one's own, which the package is told to use."""
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    return data_copy


def test_hidden_and_foreign_files_count_for_nothing(own):
    before = list_cases(), list_regions(), data_hashes(own)
    zhili, regions = own / "cases" / "zhili", own / "regions"
    table = (zhili / "claims.csv").read_bytes()
    (zhili / ".#claims.csv").symlink_to("somebody@a-machine.1234:1700000000")  # a lock of Emacs
    for path in (
        own / "cases" / ".ipynb_checkpoints" / "case.toml",
        own / "cases" / ".git" / "case.toml",
        own / "schemas" / "._claims.json",
        zhili / ".ipynb_checkpoints" / "claims-checkpoint.csv",
        zhili / "._claims.csv",  # Finder
        zhili / ".~lock.claims.csv#",  # LibreOffice
        zhili / "#claims.csv#",
        zhili / "claims.csv~",
        zhili / "~$claims.csv",  # Excel
        zhili / "~$claims.xlsx",
        regions / "._gdp.csv",
        regions / "~$gdp.csv",
        regions / ".DS_Store",
        regions / "Thumbs.db",
        regions / "desktop.ini",
    ):
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"\0\xff" + table)
    assert (list_cases(), list_regions(), data_hashes(own)) == before
    assert {"claims", "regions"} < set(table_schemas())
    assert changed_files(own) == stale_files(own) == write(own) == []
    assert len(find_breaches(own)) == len(find_breaches())
    assert len(load_case("zhili").claims) == 433


def test_what_lies_behind_links_is_recorded_and_watched(own, tmp_path):
    before, sales = data_hashes(own), load_case("pingxiang").row("px-seed-cluster-scale")["value"]
    store = tmp_path / "store"
    store.mkdir()
    for name in ("cases/zhili/claims.csv", "cases/pingxiang", "regions"):  # files and folders
        (own / name).rename(store / Path(name).name)
        (own / name).symlink_to(store / Path(name).name)
    (store / "pingxiang" / "up").symlink_to(own)  # leads back to where it lies
    assert data_hashes(own) == before
    assert stale_files(own) == []
    for name in ("claims.csv", "pingxiang/claims.csv", "gdp.csv", "regions/gdp.csv"):
        path = store / name
        if path.exists():
            path.write_text(path.read_text("utf-8").replace(",2024,", ",2023,", 1), "utf-8")
    assert changed_files(own) == [
        f"{name}: changed since the datapackage was written"
        for name in ("cases/pingxiang/claims.csv", "cases/zhili/claims.csv", "regions/gdp.csv")
    ]
    assert load_case("pingxiang").row("px-seed-cluster-scale")["value"] == sales
    (store / "claims.csv").unlink()
    with pytest.raises(DataError, match=r"claims\.csv is missing(.|\n)*leads nowhere"):
        load_case("zhili")


def test_clusters_that_share_claims_are_refused_by_the_gate_too(own):
    path = own / "clusters.csv"
    text = path.read_text("utf-8")
    row = next(line for line in text.splitlines() if line.startswith("Zhili,"))
    path.write_text(f"{text}{row.replace('Zhili,', 'Zhili again,', 1)}\n", "utf-8")
    for ask in (load_panel, unexplained):
        with pytest.raises(DataError) as caught:
            ask()
        assert "Several clusters have the claim 'zhili/" in str(caught.value)
        assert "clusters.csv: Zhili, Zhili again" in str(caught.value)


def test_own_data_folder(monkeypatch, data_copy, tmp_path):
    shutil.rmtree(data_copy / "cases" / "pingxiang")
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    assert list_cases() == ["context", "zhili"]
    monkeypatch.setenv("CLUSTERKIT_DATA", str(tmp_path / "nothing"))
    with pytest.raises(UnknownNameError, match="CLUSTERKIT_DATA"):
        list_cases()


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
