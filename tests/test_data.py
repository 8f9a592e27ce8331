"""The data of the project, whatever it says: rules that hold for every claim anybody may add.

Nothing here counts or names a figure, but for those of the two articles, which do not change.
"""

import json

import pandas as pd
import pytest

from clusterkit import list_cases, list_regions, load_case, load_clusters, load_panel, load_regions
from clusterkit.evidence.consistency import unexplained
from clusterkit.evidence.descriptor import stale_files
from clusterkit.evidence.figure import convert_factor
from clusterkit.evidence.folder import check_reading
from clusterkit.evidence.panel import SERIES, indicators

pytestmark = pytest.mark.live

READ = ("agrees", "agrees_scaled")
PART_OF_A_YEAR = r"_(?:h1|q\d|\d+m|jan_[a-z]+)$"
# What a change measures is no level of a year, so that nobody takes it for one.
NO_LEVEL = r"_change$"
# The number phrases of the two articles that the casebook began with.
ARTICLES = {
    "zhili": [
        "2 billion pieces", "nearing 100 billion yuan", "165 countries and regions",
        "over 40 years ago", "in 2010", "around 2015", "over 1,000 companies",
        "more than 80 million", "14 billion yuan", "exceeding 80 million yuan",
        "over 1,000 businesses", "4.23 billion yuan", "15% increase",
    ],
    "pingxiang": [
        "600 million yuan", "735 million yuan", "293.36 acres", "over 1 billion yuan",
        "four ... clusters", "14", "four hundred billion-level", "3.783 billion yuan", "36.18%",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(root):
    return root / "data"


@pytest.fixture(scope="module")
def cases():
    return {name: load_case(name) for name in list_cases()}


@pytest.fixture(scope="module")
def claims(cases):
    return pd.concat([case.claims for case in cases.values()], ignore_index=True)


@pytest.fixture(scope="module")
def printed(data):
    """The claims as they stand in their files."""
    paths = sorted(data.glob("cases/*/claims.csv"))
    tables = [pd.read_csv(path, keep_default_na=False) for path in paths]
    return pd.concat(tables, ignore_index=True)


@pytest.fixture(scope="module")
def checked(printed):
    return check_reading(printed)


@pytest.fixture(scope="module")
def clusters():
    return load_panel()


def test_what_is_generated_is_current():
    assert stale_files() == []


def test_the_datapackage_describes_every_column(data):
    described = json.loads((data / "datapackage.json").read_text(encoding="utf-8"))
    tables = [one for one in described["resources"] if one["format"] == "csv"]
    assert {one["path"] for one in tables} == {
        path.relative_to(data).as_posix() for path in data.rglob("*.csv")
    }
    for one in tables:
        header = (data / one["path"]).read_text(encoding="utf-8").split("\n")[0]
        fields = json.loads((data / one["schema"]).read_text(encoding="utf-8"))["fields"]
        assert [field["name"] for field in fields] == header.split(",")
        assert all(field["description"] for field in fields)


def test_every_case_can_be_asked_about_what_it_is_about(cases):
    assert {"context", "pingxiang", "zhili"} <= set(cases)
    for case in cases.values():
        assert (case.claims["subject"] == case.subject).any(), case.name
        assert (case.claims["indicator"] == case.indicator).any(), case.name


def test_every_claim_lies_in_its_own_range(claims):
    outside = claims[~((claims["low"] <= claims["value"]) & (claims["value"] <= claims["high"]))]
    assert outside["claim_id"].tolist() == []


def test_every_print_is_a_number_phrase_and_no_sentence(printed):
    long = printed["as_printed"].str.len() > 40
    whole = printed["as_printed"].str.contains(r"[。；;]|[.!?] [A-Z]")
    assert printed.loc[long | whole, "claim_id"].tolist() == []


def test_every_claim_reads_as_its_print_or_is_listed_with_a_reason(data, checked):
    unread = checked[~checked["outcome"].isin(READ)].set_index("claim_id")["outcome"]
    listed = pd.read_csv(data / "reading_exceptions.csv", keep_default_na=False)
    assert dict(unread) == dict(zip(listed["claim_id"], listed["outcome"], strict=True))
    assert listed["claim_id"].is_unique
    assert (listed["reason"].str.len() > 20).all()
    assert len(unread) < 0.03 * len(checked)


def test_a_scale_is_only_ever_supplied_for_money(checked):
    scaled = checked["outcome"] == "agrees_scaled"
    assert set(checked.loc[scaled, "unit"]) <= {"CNY", "USD"}
    assert (checked.loc[scaled, "scale"] != "").all()
    assert (checked.loc[~scaled, "scale"] == "").all()


def test_part_year_claims_say_so_in_their_indicator(claims):
    part = claims["note"].str.contains("first half only|First half of|sub-year value")
    said = claims["indicator"].str.contains(f"{PART_OF_A_YEAR}|{NO_LEVEL}")
    assert part.any()
    assert claims.loc[part & ~said, "claim_id"].tolist() == []


def test_shares_lie_between_nothing_and_all(claims):
    shares = claims[(claims["unit"] == "percent") & claims["indicator"].str.contains("share")]
    assert len(shares)
    assert shares.loc[~shares["value"].between(0, 100), "claim_id"].tolist() == []


def test_every_unit_is_known_and_land_converts(claims):
    assert all(convert_factor(unit, unit) == 1 for unit in set(claims["unit"]))
    land = claims[claims["indicator"].str.fullmatch("land_area|floor_area|urban_area|town_area")]
    assert all(convert_factor(unit, "m2") > 0 for unit in set(land["unit"]))


@pytest.mark.parametrize("name", ARTICLES)
def test_every_figure_of_the_articles_is_claimed(cases, name):
    claims = cases[name].claims
    found = set(claims.loc[claims["source_id"] == f"seed-{name}", "as_printed"])
    assert set(ARTICLES[name]) <= found


def test_every_breach_is_signed_and_every_signature_has_its_breach():
    assert unexplained() == []


def test_every_cluster_has_figures_and_every_figure_its_claims(clusters, claims):
    assert set(clusters["cluster"]) == set(load_clusters()["cluster"])
    known = set(claims["claim_id"])
    assert all(names and set(names) <= known for names in clusters["claims"])
    assert all(set(names) <= known for names in clusters["others"])
    assert not clusters.duplicated([*SERIES, "year"]).any()


def test_figures_of_clusters_lie_in_their_ranges(clusters):
    for low, high in (("low", "high"), ("lowest", "highest")):
        held = (clusters[low] <= clusters["value"]) & (clusters["value"] <= clusters[high])
        assert clusters[~held].empty


def test_no_part_year_figure_is_in_the_panel(clusters, claims):
    indicator = claims.set_index("claim_id")["indicator"]
    heard = {indicator[name] for names in clusters["claims"] for name in names}
    assert heard <= set(indicators())
    assert not pd.Series(list(heard)).str.contains(PART_OF_A_YEAR).any()


@pytest.mark.parametrize(
    "table_name", ["employment", "gdp", "gdp_vintages", "population", "value_added"]
)
def test_regional_cells_stand_once_and_in_one_unit(table_name):
    assert table_name in list_regions()
    table = load_regions(table_name)
    assert not table.duplicated(["region", "industry", "year", "vintage"]).any()
    assert table["value"].notna().all()
    for name, trait in (("industry", "unit"), ("region", "level")):
        assert not table[[name, trait]].drop_duplicates().duplicated(name).any()


def test_the_bundled_font_covers_every_character_of_the_data(root, data):
    from fontTools.ttLib import TTFont

    font = root / "clusterkit" / "views" / "fonts" / "clusterkit-cjk.otf"
    known = {chr(code) for code in TTFont(font).getBestCmap()}
    found = set("".join(path.read_text(encoding="utf-8") for path in data.rglob("*.csv")))
    assert {char for char in found if 0x4E00 <= ord(char) <= 0x9FFF} <= known
