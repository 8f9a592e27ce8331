"""The figures hold together, and where they do not, somebody signed for it."""

import shutil

import pytest

from clusterkit import DataError, UnknownNameError, load_case
from clusterkit.evidence.consistency import find_breaches, load_rules, unexplained
from clusterkit.evidence.series import tier_shares
from clusterkit.printed.doubt import POLICIES, HedgeRule


def test_the_known_breaches_are_found():
    found = {breach.check: breach for breach in find_breaches()}
    assert set(found) == {
        "jobs within population",
        "yuan per uniform",
        "national shares of children's wear",
        "industrial value added within the zone's product",
    }
    assert "109.2%" in found["national shares of children's wear"].told
    assert found["yuan per uniform"].claims == (
        "zhili/seed-uniform-sales",
        "zhili/seed-uniform-output",
    )


def edit(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


SPOILED = {
    "online sales within sales": (
        "zhili", "2024,31000000000,CNY,310억", "2024,91000000000,CNY,910억"),
    "yuan per piece": ("zhili", "2020,1450000000,piece,14.5亿件", "2020,145000000,piece,1.45亿件"),
    "yuan per firm": ("zhili", "2006,6516,firm,6516家", "2006,651600,firm,651600家"),
    "workers per firm": ("zhili", "2006,72850,person,72850", "2006,7285,person,7285"),
    "Ganyuan's growth fits its revenues": (
        "pingxiang", "22.18,percent,22.18%", "32.18,percent,32.18%"),
    "Ganyuan's products add up to its revenue": (
        "pingxiang", "2024,524000000,CNY,5.24亿元", "2024,424000000,CNY,4.24亿元"),
    "sectors add up to the city's product": (
        "pingxiang", "2020,7626000000,CNY,76.26亿元", "2020,8626000000,CNY,86.26亿元"),
}  # fmt: skip


@pytest.fixture(scope="module")
def told(casebook, tmp_path_factory):
    """What is told of a casebook with all these faults, and one signature beside its breach."""
    data = shutil.copytree(casebook, tmp_path_factory.mktemp("spoiled") / "data")
    for case, old, new in SPOILED.values():
        edit(data / "cases" / case / "claims.csv", old, new)
    signed = "yuan per uniform,zhili,2025", "yuan per uniform,zhili,2024"
    edit(data / "consistency_exceptions.csv", *signed)
    return unexplained(data)


@pytest.mark.parametrize("check", SPOILED)
def test_a_figure_that_does_not_fit_is_found(told, check):
    case, *_ = SPOILED[check]
    assert any(line.startswith(f"{check} ({case}") for line in told)


def test_a_signature_without_a_breach_is_found(told):
    assert any(line.startswith("yuan per uniform (zhili, 2025): 153") for line in told)
    assert any(
        "yuan per uniform (zhili, 2024) is signed but no longer found" in line for line in told
    )
    assert len(told) == len(SPOILED) + 2


def test_unknown_kinds_of_rule_are_refused(data_copy):
    edit(data_copy / "consistency.toml", "[[together]]", "[[summed]]")
    with pytest.raises(DataError, match="summed is not known"):
        load_rules(data_copy)


def test_a_reader_may_doubt_more_or_less():
    ranges = {
        name: (claim.low, claim.high)
        for name in POLICIES
        for claim in [load_case("zhili", policy=name).claim("seed-sales")]
    }
    assert ranges == {"house": (90e9, 100e9), "wide": (80e9, 100e9), "narrow": (95e9, 100e9)}
    own = {**POLICIES["house"], "nearly": HedgeRule(5, 0)}
    assert load_case("zhili", policy=own).claim("seed-sales").low == 50e9
    with pytest.raises(UnknownNameError, match="house, narrow, wide"):
        load_case("zhili", policy="strict")


def test_ranges_follow_the_digits_really_printed(zhili, pingxiang):
    share = zhili.claim("xhen24-share-2023")  # printed as two-thirds
    assert (share.low, share.high) == pytest.approx((66.7 - 10 / 3, 66.7 + 10 / 3))
    product = pingxiang.claim("px-2020b-gdp")  # printed as 963.60
    assert product.high - product.low == pytest.approx(0.01e8)


def test_freshness_counts_from_the_newest_source(zhili):
    table = zhili.freshness().set_index(["subject", "indicator"])
    assert zhili.sources["date"].str[:4].max() == "2025"
    assert table.loc[("Zhili", "sales"), "age"] == 0
    assert table.loc[("Zhili", "investment"), "age"] == 6
    assert not table.loc[("Zhili", "sales"), "single_source"]
    assert table.loc[("Zhili", "exports"), "single_source"]


def test_tier_shares_add_up(zhili):
    table = tier_shares(zhili.claims)
    assert table["claims"].sum() == len(zhili.claims)
    assert table["share"].sum() == pytest.approx(100)
    assert table["tier"].tolist() == ["official", "company", "press", "digest", "repost"]
