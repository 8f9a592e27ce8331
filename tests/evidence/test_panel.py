"""The panel: every figure drawn from claims, by the rules, and marked for what it is."""

import math

import pytest

from clusterkit import (
    DataError,
    UnknownNameError,
    cluster_figures,
    load_clusters,
    load_panel,
    load_typology,
)
from clusterkit.evidence.panel import SERIES, indicators

KINDS = {"sales", "output value", "revenue", "market turnover", "scale without definition"}


def figure(panel, cluster, measure, year, **about):
    rows = panel[(panel["cluster"] == cluster) & (panel["measure"] == measure)]
    rows = rows[rows["year"] == year]
    for column, value in about.items():
        rows = rows[rows[column] == value]
    assert len(rows) == 1
    return rows.iloc[0]


def test_every_cluster_has_figures_and_every_figure_its_claims(panel, cases):
    assert set(panel["cluster"]) == set(load_clusters()["cluster"])
    claims = {name for case in cases for name in case.claims["claim_id"]}
    assert all(set(row) <= claims and len(row) == 1 for row in panel["claims"])
    assert not panel.duplicated([*SERIES, "year"]).any()
    assert (panel["low"] <= panel["value"]).all()
    assert (panel["value"] <= panel["high"]).all()
    assert set(panel.loc[panel["measure"] == "value", "kind"]) == KINDS


def test_no_part_year_figure_is_in(panel, cases):
    indicator = {row.claim_id: row.indicator for case in cases for row in case.claims.itertuples()}
    assert {indicator[names[0]] for names in panel["claims"]} <= set(indicators())
    assert not any(
        name.endswith(("_h1", "_9m", "_10m", "_q1", "_jan_may")) for name in indicators()
    )


def test_rows_are_what_the_case_itself_settles_on(panel, zhili):
    own = zhili.series("sales", inferred=True)
    rows = panel[(panel["cluster"] == "Zhili") & (panel["kind"] == "sales")]
    shared = ["year", "value", "low", "high", "claims", "others", "disputed"]
    assert rows[shared].to_dict("records") == own[shared].to_dict("records")
    assert figure(panel, "Zhili", "value", 2010, kind="sales")["basis"] == "inferred"
    assert figure(panel, "Zhili", "value", 2025, kind="sales")["basis"] == "as of"


def test_forecasts_keep_their_status(panel):
    assert figure(panel, "Zhili", "exports", 2024)["status"] == "forecast"
    assert figure(panel, "Cenhe (Jingzhou)", "value", 2023,
                  product="textiles and garments")["status"] == "forecast"  # fmt: skip


def test_two_clusters_of_one_place_do_not_share_claims(panel):
    shoes = cluster_figures(panel, "Jinjiang, shoes")
    food = cluster_figures(panel, "Jinjiang, food")
    assert not set(shoes["claims"]) & set(food["claims"])
    assert "context/ctx-jinjiang-shoe-value-2017" in {
        name for names in shoes["claims"] for name in names
    }


def test_figures_of_another_extent_are_marked(panel):
    wide = figure(panel, "Guzhen (Zhongshan)", "value", 2024)
    assert (wide["comparable"], wide["mark"]) == (False, "the towns around included")
    narrow = figure(panel, "Pingxiang EDZ", "value", 2024)
    assert (narrow["comparable"], narrow["mark"]) == (False, "above-scale firms only")
    counted = figure(panel, "Pingxiang EDZ", "above_scale_firms", 2024)
    assert (counted["comparable"], counted["mark"]) == (True, "above-scale firms only")
    assert figure(panel, "Guzhen (Zhongshan)", "value", 2015)["comparable"]


def test_the_range_of_a_leader_says_what_it_amounts_to(panel):
    ceiling = figure(panel, "Pingxiang EDZ", "leader", 2024)
    assert (ceiling["low"], ceiling["value"]) == (0.0, 2.257e9)
    assert ceiling["high"] < 2.26e9
    floor = figure(panel, "Zhili", "leader", 2017)
    assert (floor["value"], floor["high"]) == (2.7e8, math.inf)


def test_losing_claims_stretch_the_widest_range(panel):
    row = figure(panel, "Cenhe (Jingzhou)", "firms", 2023)
    assert (row["low"], row["high"], row["disputed"]) == (345.0, 355.0, True)
    assert (row["lowest"], row["highest"]) == (345.0, 555.0)


def test_a_policy_widens_the_ranges(panel):
    wide = load_panel(policy="wide")
    assert (
        figure(wide, "Anji", "value", 2021)["high"] > figure(panel, "Anji", "value", 2021)["high"]
    )


def test_unknown_cluster_names_the_nearest_and_a_missing_measure_what_there_is(panel):
    with pytest.raises(UnknownNameError, match="Did you mean 'Datang \\(Zhuji\\)'"):
        cluster_figures(panel, "Datang")
    with pytest.raises(UnknownNameError, match="share_national") as caught:
        cluster_figures(panel, "Datang (Zhuji)", "workers")
    assert caught.value.where == "cluster Datang (Zhuji)"
    assert caught.value.fix == "Choose one of: firms, output, share_national, share_world, value."


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("context,Anji,", "context,Anjii,", "column subject: found 'Anjii'"),
        (",knitwear,apparel,knitwear,", ",knitwear,apparel,knitwera,", "found 'knitwera'"),
        (",Ganyuan Food,", ",Ganyuan Foods,", "column leader: found 'Ganyuan Foods'"),
        (",Anji,Zhejiang,county,", ",Anji,Zhejiang,shire,", "allowed: one of: town"),
    ],
)
def test_a_cluster_without_claims_is_refused(data_copy, monkeypatch, old, new, said):
    path = data_copy / "clusters.csv"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    with pytest.raises(DataError) as caught:
        load_panel()
    assert "clusters.csv" in str(caught.value)
    assert said in str(caught.value)


def test_rules_of_the_typology_give_their_reasons():
    rules = load_typology()
    assert rules["reason"].str.len().min() > 20
    assert list(dict.fromkeys(rules["flag"])) == [
        "industrial district", "hub-and-spoke", "satellite platform", "state-anchored",
    ]  # fmt: skip


NATIONAL = [  # the national series that notebooks draw: indicator, product, years, newest
    ("births", "-", 25, 9.54e6),
    ("market_size", "children's clothing", 4, 270.4e9),
    ("sales", "children's clothing", 1, 100e9),
    ("market_size", "apparel", 1, 2077e9),
    ("output_pieces", "children's clothing", 1, 5e9),
    ("output_pieces", "garments, above-scale firms", 7, 19.39e9),
    ("output_pieces", "garments, whole society", 1, 70e9),
    ("exports", "garments and accessories", 4, 159.15e9),
    ("exports", "garments and accessories (association count)", 3, 175.83e9),
    ("exports", "apparel and accessories", 1, 159.1e9),
    ("exports", "apparel", 1, 165e9),
    ("market_size", "snack food, narrow (Askci)", 2, 452e9),
    ("market_size", "snack food, broad (Frost & Sullivan)", 2, 1298.4e9),
]


@pytest.mark.parametrize(("indicator", "product", "years", "newest"), NATIONAL)
def test_national_series_are_had_by_a_plain_call(context, indicator, product, years, newest):
    series = context.series(indicator, product=product)
    assert len(series) == years
    assert series["value"].iloc[-1] == newest
