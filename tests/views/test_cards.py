import pytest

from clusterkit import UnknownNameError, cluster_card
from clusterkit.views.clusters import headline_rows, longest_series, type_of


def test_a_card_shows_the_newest_figures_and_where_they_come_from(panel):
    card = cluster_card("Zhili", panel=panel)
    assert card.lines[0].startswith("sales | 85 billion yuan | 2024")
    assert {"sales", "firms", "workers", "output"} <= set(card.table["label"])
    assert any("zhili/xhko25-sales-2024" in claims for claims in card.table["claims"])
    assert card.lines[-1].startswith("[")  # a source, at the foot
    assert "织里" not in card.title
    assert card.svg() == cluster_card("Zhili", panel=panel).svg()


def test_a_card_has_six_figures_at_most_and_each_once(panel):
    for name in ("Zhili", "Baigou", "Keqiao"):
        labels = headline_rows(panel, name)["label"]
        assert 1 <= len(labels) <= 6
        assert labels.is_unique


def test_what_a_market_turns_over_is_not_divided_by_workers(panel):
    rows = headline_rows(panel, "Keqiao").set_index("measure")
    assert "context/ctx-keqiao-market-2024" in rows.loc[["value"], "claims"].explode().tolist()
    assert "context/ctx-keqiao-market-2024" not in rows.loc["value_per_workers", "claims"]


def test_a_line_wants_three_years_of_one_kind(panel):
    sales = longest_series(panel, "Zhili")
    assert set(sales["label"]) == {"sales"}
    assert sales["year"].is_monotonic_increasing
    assert longest_series(panel, "Cenhe (Jingzhou)") is None


def test_only_a_decided_type_is_told(panel):
    assert type_of(panel, "Zhili") == "industrial district"
    assert type_of(panel, "Cenhe (Jingzhou)") == ""


def test_an_unknown_cluster_names_the_nearest(panel):
    with pytest.raises(UnknownNameError, match="Did you mean 'Zhili'"):
        cluster_card("Zhilli", panel=panel)
