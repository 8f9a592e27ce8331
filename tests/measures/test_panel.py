"""Clusters against each other: what is ranked, what is refused, and what each ratio rests on."""

import math

import pandas as pd
import pytest

from clusterkit import (
    MeasureError,
    UnknownNameError,
    latest,
    load_typology,
    panel_ratio,
    rank_clusters,
    shares_together,
    type_indicator,
    typology,
)

UNITS = {"value": "CNY", "workers": "person", "firms": "firm", "share_national": "percent",
         "above_scale_firms": "firm", "leader": "CNY", "output": "piece"}  # fmt: skip


def table(*rows):
    """Return a panel of rows (cluster, measure, year, value, and what differs from the usual)."""
    made = []
    for number, (cluster, measure, year, value, *rest) in enumerate(rows):
        row = {
            "cluster": cluster, "cluster_zh": "", "province": "", "level": "town",
            "industry": "socks", "group": "apparel", "case": "context", "anchor": "",
            "measure": measure, "kind": "sales" if measure == "value" else "", "product": "-",
            "year": year, "basis": "dated", "value": float(value), "low": float(value),
            "high": float(value), "unit": UNITS[measure], "status": "actual", "hedge": "exact",
            "claims": (f"c{number}",), "others": (), "disputed": False, "comparable": True,
            "mark": "", "note": "",
        }  # fmt: skip
        row |= rest[0] if rest else {}
        made.append({"lowest": row["low"], "highest": row["high"]} | row)
    return pd.DataFrame(made)


def years(rows):
    return dict(zip(rows["cluster"], rows["year"], strict=True))


def test_latest_takes_outturns_then_the_newest_then_the_surest():
    panel = table(
        ("a", "workers", 2020, 1), ("a", "workers", 2023, 2, {"status": "forecast"}),
        ("b", "workers", 2020, 1), ("b", "workers", 2021, 2, {"basis": "as of"}),
        ("c", "workers", 2020, 1), ("c", "workers", 2022, 2, {"basis": "inferred"}),
        ("d", "workers", 2023, 2, {"status": "forecast"}),
    )  # fmt: skip
    assert years(latest(panel, "workers")) == {"a": 2020, "b": 2020, "c": 2022, "d": 2023}
    assert years(latest(panel, "workers", years=(2021, 2022))) == {"b": 2021, "c": 2022}
    with pytest.raises(UnknownNameError, match="from 1990 to 1991"):
        latest(panel, "workers", years=(1990, 1991))
    with pytest.raises(UnknownNameError, match="Did you mean 'workers'"):
        latest(panel, "worker")


def test_kinds_and_units_are_never_ranked_together(panel):
    with pytest.raises(MeasureError, match="market turnover, output value, revenue, sales and sc"):
        rank_clusters(panel, "value")
    with pytest.raises(MeasureError, match="CNY and USD are not the same thing"):
        rank_clusters(panel, "exports")
    apart = rank_clusters(panel, "value", apart=True)
    firsts = apart[apart["rank"] == 1]
    assert not firsts[["kind", "unit"]].duplicated().any()
    sales = apart[apart["kind"] == "sales"].reset_index(drop=True)
    pd.testing.assert_frame_equal(sales, rank_clusters(panel, "value", kind="sales"))
    with pytest.raises(UnknownNameError, match="Did you mean 'sales'"):
        rank_clusters(panel, "value", kind="sale")


def test_ranks_have_the_reach_their_ranges_leave_them():
    panel = table(
        ("a", "workers", 2020, 10, {"low": 8.0, "high": 12.0}),
        ("b", "workers", 2020, 11, {"low": 9.0, "high": 13.0}),
        ("c", "workers", 2020, 30),
        ("d", "workers", 2020, 99, {"comparable": False, "mark": "ten counties"}),
        ("e", "workers", 2020, 50, {"status": "planned"}),
        ("f", "workers", 2020, 1, {"high": math.inf}),
    )
    ranked = rank_clusters(panel, "workers").set_index("cluster")
    assert ranked.index.tolist() == ["c", "b", "a", "f", "d", "e"]
    reach = ranked[["rank", "best_rank", "worst_rank"]]
    assert reach.loc[["c", "b", "a", "f"]].to_numpy().tolist() == [
        [1, 1, 2], [2, 2, 4], [3, 2, 4], [4, 1, 4],
    ]  # fmt: skip
    assert reach.loc[["d", "e"]].isna().all(axis=None)


def test_a_ratio_takes_near_years_and_carries_ranges_claims_and_doubt():
    panel = table(
        ("a", "value", 2020, 100, {"low": 90.0, "high": math.inf, "status": "forecast"}),
        ("a", "workers", 2021, 10, {"low": 8.0, "high": 10.0, "basis": "as of"}),
        ("b", "value", 2020, 100), ("b", "workers", 2023, 10),
        ("c", "value", 2020, 100), ("c", "workers", 2020, 10, {"low": 0.0}),
    )  # fmt: skip
    row = panel_ratio(panel, "value", "workers").to_dict("records")
    assert [found["cluster"] for found in row] == ["a"]
    assert (row[0]["value"], row[0]["low"], row[0]["high"]) == (10.0, 9.0, math.inf)
    assert (row[0]["year"], row[0]["year_below"]) == (2020, 2021)
    assert (row[0]["unit"], row[0]["basis"]) == ("CNY/person", "as of")
    assert (row[0]["status"], row[0]["claims"]) == ("forecast", ("c0", "c1"))
    assert row[0]["measure"] == "value_per_workers"
    wider = panel_ratio(panel, "value", "workers", kind="sales", years_apart=3)
    assert wider["cluster"].tolist() == ["a", "b"]
    assert panel_ratio(panel[panel["cluster"] == "b"], "value", "workers", years_apart=2).empty


def test_a_ratio_of_two_extents_is_marked():
    scale = {"mark": "above-scale firms only"}
    panel = table(
        ("both", "value", 2020, 100, scale | {"comparable": False}),
        ("both", "above_scale_firms", 2020, 10, scale),
        ("one", "value", 2020, 100),
        ("one", "above_scale_firms", 2020, 10, scale),
        ("old", "value", 2021, 100, {"mark": "the whole chain", "comparable": False}),
        ("old", "value", 2015, 80, scale | {"comparable": False}),
        ("old", "above_scale_firms", 2021, 10, scale),
        ("old", "above_scale_firms", 2015, 8, scale),
    )
    found = panel_ratio(panel, "value", "above_scale_firms").set_index("cluster")
    assert found["comparable"].to_dict() == {"both": True, "one": False, "old": True}
    assert found.loc["old", "year"] == 2015
    assert found.loc["one", "mark"] == "above-scale firms only"


def test_zhili_pays_its_way_from_figures_of_one_year(panel):
    row = panel_ratio(panel, "value", "firms", kind="sales").set_index("cluster").loc["Zhili"]
    assert row["year"] == 2024
    assert abs(row["year"] - row["year_below"]) <= 1
    assert 5e6 < row["low"] <= row["value"] <= row["high"] < 7e6
    ranked = rank_clusters(
        panel_ratio(panel, "value", "workers"), "value_per_workers", kind="sales"
    )
    assert {"rank", "best_rank", "year_below"} <= set(ranked.columns)


def test_shares_of_one_product_are_added_and_judged_over_their_range(panel):
    together = shares_together(panel, years=(2022, 2023))
    assert together["industry"].tolist() == ["children's clothing"]
    row = together.iloc[0]
    assert row["value"] == pytest.approx(109.2)
    assert (row["over"], row["low"] > 100) == ("yes", True)
    assert set(row["claims"]) == {
        "zhili/xhen24-share-2023", "context/ctx-foshan-share-2022", "context/ctx-cenhe-share-2023",
    }  # fmt: skip
    assert "Share of national sales volume." in row["notes"]


@pytest.mark.parametrize(
    ("low", "value", "high", "over"),
    [
        (61, 70, 80, "yes"),
        (30, 50, 60, "no"),
        (50, 55, 61, "undetermined"),
        (50, 70, 80, "undetermined"),
    ],
)
def test_only_a_sum_surely_above_the_whole_is_over(low, value, high, over):
    panel = table(
        ("a", "share_national", 2020, 40),
        ("b", "share_national", 2020, value, {"low": float(low), "high": float(high)}),
        ("c", "share_national", 2020, 90, {"comparable": False}),
    )
    assert shares_together(panel)["over"].tolist() == [over]


def test_types_are_decided_by_ranges():
    district = [
        ("a", "firms", 2020, 1000),
        ("a", "workers", 2020, 20_000),
        ("a", "value", 2020, 9e9),
    ]
    panel = table(
        *district,
        ("a", "leader", 2020, 2e8, {"kind": "revenue", "high": math.inf}),
        ("b", "firms", 2020, 300),
        ("b", "workers", 2020, 15_000, {"low": 14_000.0, "high": 16_000.0}),
        ("b", "value", 2020, 3e9),
        ("c", "above_scale_firms", 2020, 150, {"mark": "above-scale firms only"}),
        ("c", "value", 2020, 1e10, {"kind": "revenue"}),
        ("c", "leader", 2020, 6e9, {"kind": "revenue"}),
        ("d", "leader", 2020, 6e9, {"kind": "revenue", "low": 0.0}),
        ("d", "value", 2020, 1e10, {"anchor": "zone"}),
        ("e", "firms", 2020, 50),
        ("e", "leader", 2020, 1e9, {"kind": "revenue"}),
        ("e", "value", 2020, 1e9, {"low": 5e8}),
        ("f", "firms", 2020, 300, {"lowest": 300.0, "highest": 600.0, "others": ("other",)}),
        ("f", "workers", 2020, 18_000),
        ("f", "value", 2020, 3e9),
    )
    panel.loc[panel["cluster"] == "d", "anchor"] = "zone"
    found = typology(panel, rules=load_typology()).set_index("cluster")
    types = ["industrial district", "hub-and-spoke", "satellite platform", "state-anchored"]
    assert found[types].to_numpy().tolist() == [
        ["yes", "undetermined", "no", "undetermined"],
        ["undetermined", "undetermined", "no", "undetermined"],
        ["undetermined", "yes", "undetermined", "undetermined"],
        ["undetermined", "undetermined", "undetermined", "yes"],
        ["no", "yes", "undetermined", "undetermined"],
        [
            "undetermined",
            "undetermined",
            "no",
            "undetermined",
        ],  # 300 or 600 firms
    ]
    assert found["type"].tolist() == [
        "industrial district", "undetermined", "hub-and-spoke", "state-anchored", "hub-and-spoke",
        "undetermined",
    ]  # fmt: skip
    assert found.loc["c", ["firms_low"]].tolist() == [150.0]
    assert pd.isna(found.loc["c", "firms_high"])
    assert found.loc["a", "leader_share_high"] == 100.0
    assert "other" in found.loc["f", "claims"]
    assert set(found.loc["a", "claims"]) == {"c0", "c1", "c2", "c3"}


def test_the_two_cases_have_the_types_their_claims_allow(panel):
    found = typology(panel, rules=load_typology()).set_index("cluster")
    zhili, pingxiang = found.loc["Zhili"], found.loc["Pingxiang EDZ"]
    assert (zhili["industrial district"], zhili["hub-and-spoke"]) == ("yes", "undetermined")
    assert (pingxiang["hub-and-spoke"], pingxiang["state-anchored"]) == ("undetermined", "yes")
    assert pingxiang["leader_share_low"] == 0
    assert 59 < pingxiang["leader_share_high"] < 60
    assert {"pingxiang/gy-rev-2024", "pingxiang/px-seed-food-revenue-2024"} <= set(
        pingxiang["claims"]
    )
    assert pingxiang["leader_share_year"] == 2024
    assert found["outside_owned"].isna().all()


def test_an_indicator_keeps_its_bounds_and_says_where_there_is_none(panel):
    types = typology(panel, rules=load_typology())
    share = type_indicator(types, "Pingxiang EDZ", "leader_share")
    assert (share.low, round(share.high, 1), share.unit) == (0, 59.7, "percent")
    assert (
        59.6 < share.value < share.high
    )  # a ceiling: the figure is printed, its part in the zone is not
    firms = type_indicator(types, "Pingxiang EDZ", "firms")
    assert (firms.value, firms.low, firms.high) == (14, 14, float("inf"))
    assert type_indicator(types, "Pingxiang EDZ", "workers_per_firm") is None
