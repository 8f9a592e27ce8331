"""Sentences, tables and sources: every number leads back, nothing is guessed."""

import math
import re
from dataclasses import replace

import pytest

import clusterkit as ck
from clusterkit import Estimate, MeasureError, MessageError, Page, UnknownNameError
from clusterkit.views.origins import Origins
from clusterkit.words import Language, fields, language


@pytest.fixture
def page(zhili):
    return Page(zhili)


def test_a_number_leads_to_its_claim(page, zhili):
    words = page.say("Zhili sold {sales:full}.", sales=zhili.estimate("sales", 2024))
    assert words.plain == "Zhili sold 85 billion yuan (84.5 to 85.5 billion yuan) [1]."
    html = words._repr_mimebundle_()["text/html"]
    assert 'data-claims="zhili/xhko25-sales-2024"' in html
    assert 'href="#source-1"' in html
    assert "850억 위안" in html
    assert 'value="85000000000"' in html
    assert "[1] Xinhua Korean" in page.sources().plain
    assert 'id="source-1"' in str(page.sources().html)


@pytest.mark.parametrize(
    ("message", "values", "told"),
    [
        ("{sales}", {}, "no value for sales"),
        ("Sales.", {"sales": "x"}, "no place for sales"),
        ("{sales}", {"sales": 3.5}, "a float"),
        ("{sales}", {"sales": None}, "a NoneType"),
        ("{sales:wide}", {"sales": "x"}, "no format 'wide'"),
        ("{}", {}, "plain name"),
        ("{sales", {}, "stray brace"),
    ],
)
def test_sentences_that_cannot_be_filled(page, message, values, told):
    with pytest.raises(MessageError) as caught:
        page.say(message, **values)
    assert told in str(caught.value)


def test_markup_in_a_source_or_a_value_is_escaped(page):
    words = page.say("<b>{name}</b>", name="<script>")
    assert "<script>" not in str(words.html)
    assert "&lt;b&gt;" in str(words.html)


@pytest.mark.parametrize(
    ("estimate", "worded", "span"),
    [
        (Estimate(1e11, 9e10, 1e11, "CNY", hedge="nearly"), "nearly 100 billion yuan",
         "90 to 100 billion yuan"),
        (Estimate(6e8, 6e8, 6.6e8, "CNY", ("a",), "forecast", "over"),
         "over 600 million yuan (forecast)", "600 to 660 million yuan"),
        (Estimate(980e6, 980e6, 1.02e9, "CNY"), "980 million yuan",
         "980 million to 1.02 billion yuan"),
        (Estimate(66.7, 66.7, float("inf"), "percent", hedge="at_least"), "at least 66.7%",
         "at least 66.7%"),
        (Estimate.assumed(15, "percent"), "15%", "15%"),
        (Estimate(14, 14, 14, "firm", ("a",), "planned"), "14 firms (planned)", "14 firms"),
        (Estimate(2.5e6, 2.4e6, 2.6e6, "CNY/mu"), "2.5 million yuan per mu",
         "2.4 to 2.6 million yuan per mu"),
    ],
)  # fmt: skip
def test_figures_in_words(estimate, worded, span):
    assert Language().figure(estimate) == worded
    assert Language().span(estimate) == span


@pytest.mark.parametrize(
    "name", ["y06-sales", "sj19-fiscal-2018", "seed-output", "ne25-rank-years"]
)
def test_a_range_in_words_holds_its_figure_in_words(zhili, name):
    claim = zhili.claim(name)
    english = Language()
    low, high = english._ends(claim)
    scale = {"billion": 1e9, "million": 1e6}

    def number(words):
        digits, _, word = words.partition(" ")
        return float(digits.replace(",", "")) * scale.get(word, 1)

    assert number(low) <= claim.low * (1 + 1e-12)
    assert number(high) >= claim.high * (1 - 1e-12)
    assert number(low) <= number(english.number(claim.value, digits=5)) <= number(high)


def test_what_is_left_of_equals_is_nothing():
    assert Language().number(-1.11e-14) == "0"


def test_footnotes_name_the_claim_and_what_it_is_of(pingxiang):
    page = Page(pingxiang)
    page.say("{x}", x=pingxiang.claim("gy-nut-rev-2024"))
    assert (
        "gy-nut-rev-2024: revenue, mixed nuts and beans, 2024: “7.05亿元”" in page.sources().plain
    )
    page.say("{x}", x=ck.pick(ck.region_series("gdp", "Pingxiang", years=(2019, 2023)), 2023))
    assert "gross product, Pingxiang, total, 2023: 115,166,000,000 CNY" in page.sources().plain


def test_unknown_units_and_languages_name_what_exists():
    with pytest.raises(UnknownNameError, match="Choose one of"):
        Language().quantity(1, "bushel")
    with pytest.raises(UnknownNameError, match="no language 'xx'"):
        language("xx")


def test_fields():
    assert fields("{a} and {b:full}") == [("a", ""), ("b", "full")]


def test_names_of_the_data_are_worded_in_sentences_as_in_pictures(page):
    said = page.say("Most gathered: {most}.", most="agri_forestry_husbandry_fishery")
    assert said.plain == "Most gathered: farming, forestry, fishing."


def test_series_table_keeps_what_lost(page, zhili):
    table = page.series_table(zhili.series("sales"), caption="Sales")
    assert re.search(r"45 billion yuan \[\d+\]; nearly 50 billion yuan \[\d+\]", table.plain)
    assert [note.plain for note in table.notes] == ["Claims of these years not heard: 8."]
    assert str(table.html).count("<tr>") == 1 + len(table.rows) + len(table.notes)
    assert "id=" not in str(table.html)


def test_tables_refuse_bare_floats_and_ragged_rows(page):
    with pytest.raises(MessageError, match="cannot be a float"):
        page.table([{"a": 1.5}], caption="x")
    with pytest.raises(MessageError, match="same columns"):
        page.table([{"a": 1}, {"b": 1}], caption="x")
    with pytest.raises(MessageError, match="no rows"):
        page.table([], caption="x")


def test_both_articles_are_listed_figure_by_figure(zhili, pingxiang):
    for case in (zhili, pingxiang):
        source = f"seed-{case.name}"
        table = Page(case).article(source, caption="x")
        claims = case.claims[case.claims["source_id"] == source]
        assert len(table.rows) == len(claims)
        for printed in claims["as_printed"]:
            assert f"“{printed}”" in table.plain
        for flag in claims["flag"]:
            assert flag in table.plain
    assert "四个百亿" in Page(pingxiang).article("seed-pingxiang", caption="x").plain
    assert "壮壮虎" in Page(zhili).article("seed-zhili", caption="x").plain


def test_an_unknown_article_is_an_error(page):
    with pytest.raises(UnknownNameError, match="no article 'seed-zhilli'"):
        page.article("seed-zhilli", caption="x")


def test_claims_of_other_cases_say_their_case(zhili, context):
    market = context.claim("ctx-cw-market-2024")
    assert Page(zhili).say("{m}", m=market).plain.endswith(" [1]")
    for address in ("context/ctx-cw-market-1024", "contex/ctx-cw-market-2024"):
        with pytest.raises(UnknownNameError):
            Page(zhili).say("{m}", m=replace(market, claims=(address,)))


def test_regional_cells_lead_to_their_source(page):
    product = ck.pick(ck.region_series("gdp", "Huzhou", years=(2019, 2023)), 2023)
    words = page.say("{product}", product=product)
    assert words.plain.endswith(" [1]")
    assert "[1] " in page.sources().plain


def test_footnotes_are_numbered_as_a_page_first_uses_their_sources(page, zhili):
    def told(claim):
        return page.say("{x:plain}", x=zhili.claim(claim)).plain.rpartition(" ")[2]

    later, first = "y06-sales", "xhko25-sales-2024"
    assert [told(first), told(later), told(first)] == ["[1]", "[2]", "[1]"]
    both = page.say("{x}", x=Estimate(1, 1, 1, "CNY", (later, first))).plain
    assert both == "1 yuan [1,2]"
    listed = [line for line in page.sources().plain.splitlines() if line.startswith("[")]
    assert [line.split()[0] for line in listed] == ["[1]", "[2]"]
    assert "Xinhua Korean" in listed[0]


def test_many_sources_are_cut_to_four(zhili):
    claims = tuple(zhili.claims["claim_id"].head(40))
    words = Page(zhili).say("{x}", x=Estimate(1, 1, 1, "CNY", claims))
    assert re.fullmatch(r"1 yuan \[(\d+,){3}\d+\+\d+\]", words.plain)
    assert len(Origins(zhili).numbers(claims)) > 4


def test_self_checks_stop_the_notebook(page):
    assert page.check("It holds.", holds=True).plain == "✓ It holds."
    with pytest.raises(MeasureError, match="A self-check fails: It does not"):
        page.check("It does not.", holds=False)


def test_limits_count_what_is_there(page, zhili):
    cells = {row[0].plain: row[1].plain for row in page.limits().rows}
    assert cells["claims on record"] == str(len(zhili.claims))
    assert cells["of them hedged"] == str((zhili.claims["hedge"] != "exact").sum())


class Brackets(dict):
    """A catalogue that marks every message that goes through it."""

    def __contains__(self, message):
        return True

    def get(self, message, default=None):
        return f"⟦{message}⟧"


def test_every_word_goes_through_the_catalogue(zhili):
    page = Page(zhili)
    page.language = Language("de", Brackets())
    series = zhili.series("sales")
    seen = [
        page.say("Sold {sales:full}.", sales=zhili.estimate("sales", 2024)).plain,
        page.series_table(series, caption="Sales").plain,
        page.limits().plain,
        page.article("seed-zhili", caption="Article").plain,
        page.draw(ck.Trend(series), "A title").digest,
        page.draw(ck.Bars({"one": zhili.claim("seed-sales")}), "A title").digest,
        page.draw(ck.Dumbbell(zhili.conflicts("sales")), "A title").digest,
        page.draw(ck.Growth({"one": series}, {"one": [(2012, 2015)]}), "A title").digest,
        page.draw(
            ck.Ranges(series.assign(cluster="one", kind="sales", mark="apart")), "A title"
        ).digest,
        page.draw(
            ck.Scatter({"one": (zhili.claim("seed-sales"),) * 2}, ("a", "b"), {"one": "sales"}),
            "A title",
        ).digest,
        page.draw(ck.Shares({"one": zhili.claim("yc25-share")}), "A title").digest,
        page.draw(
            ck.Card(series.tail(3).assign(measure="one", mark="apart"), "measure"), "One"
        ).lines[0],
    ]
    for text in seen:
        bare = text
        while "⟦" in bare:
            bare = re.sub(r"⟦[^⟦⟧]*⟧", "", bare)
        bare = re.sub(r"“[^”]*”", "", bare)  # as printed: the words of the source
        known = set(" ".join(zhili.claims["claim_id"]).split())
        words = [w for w in re.findall(r"[\w/-]{3,}", bare) if w not in known]
        assert [w for w in words if re.search("[A-Za-z]{3}", w) and w not in
                {"Millionen", "Milliarden", "Milliarde"}] == [], text  # fmt: skip


def test_a_missing_translation_is_an_error():
    with pytest.raises(MessageError, match="no translation"):
        Language("de", {}).text("Sales")


@pytest.mark.parametrize(
    ("ends", "unit", "rough"),
    [
        ((7.875, 6.3266, 7.9655), "percent", "6.3 to 8%"),
        ((39.26, 39.21, 39.31), "percent", "39%"),  # two digits agree: no range
        ((-2.774, -2.78, -2.768), "percent", "-2.8%"),
        ((-5.0, -6.41, -3.19), "percent", "-6.5 to -3.1%"),
        ((8.5e10, 8.45e10, 8.55e10), "CNY", "84 to 86 billion yuan"),
        ((1.2e10, 1.2e10, math.inf), "CNY", "at least 12 billion yuan"),
        ((0.5, 0, 2.94), "year", "0 to 3 years"),
    ],
)
def test_a_rough_figure_holds_all_of_its_range_in_two_digits(page, ends, unit, rough):
    assert page.say("{it:rough}", it=Estimate(*ends, unit)).plain == rough
    plan = Estimate(*ends, unit, status="planned")
    assert page.say("{it:rough}", it=plan).plain == f"{rough} (planned)"
