"""Whatever a page shows carries its facts as data, and no number is shown without one."""

import ast
import inspect
import json

import pytest

from clusterkit import Estimate, Page
from clusterkit.runs.rules import typed_in
from clusterkit.views.facts import FACTS, Fact, stray_numbers
from clusterkit.views.page import spoken
from clusterkit.views.sentences import plain_table

TYPED = "85 firms"


@pytest.fixture
def page(zhili):
    return Page(zhili)


@pytest.fixture
def sales(zhili):
    return zhili.estimate("sales", 2024)


def facts(shown):
    """Return what the output of a page tells as data."""
    told = json.loads(json.dumps(shown._repr_mimebundle_()[FACTS], allow_nan=False))
    return [Fact.from_json(one) for one in told]


@pytest.mark.parametrize("high", [2.0, float("inf")])
def test_a_fact_survives_json(high):
    figure = Estimate(1.0, -high, high, "CNY", ("x", "y"), "forecast", "about", 2024, "as of")
    one = Fact("about 1 yuan", "a", figure=figure, headline=True)
    written = json.dumps(one.as_json(), allow_nan=False)
    assert Fact.from_json(json.loads(written)) == one


def test_a_sentence_knows_the_facts_of_its_places(page, sales):
    shown = page.say(
        "{who} sold {sales} in {year:year}; {count} speak.",
        who="zhili", sales=sales, year=2024, count=14_000,
    )  # fmt: skip
    assert facts(shown) == [
        Fact("zhili", "who", "word"),
        Fact("85 billion yuan", "sales", figure=sales),
        Fact("2024", "year", "count"),
        Fact("14,000", "count", "count"),
    ]
    nested = page.say("It says: {what}", what=page.say("{sales:range}", sales=sales))
    assert facts(nested) == [Fact("84.5 to 85.5 billion yuan", "what | sales", figure=sales)]


def test_a_table_knows_its_facts_by_row_and_column(page, sales):
    rows = [
        {"sold": "online", "year": year, "sales": sales, "range": page.range(sales)}
        for year in (2023, 2024)
    ]
    shown = page.table(rows, caption="Sales", notes=[page.say("{count} more", count=3)])
    labels = [(one.label, one.kind, one.words) for one in facts(shown)]
    assert labels[:4] == [
        ("online, 2023 | sold", "word", "online"),
        ("online, 2023 | year", "count", "2023"),
        ("online, 2023 | sales", "figure", "85 billion yuan"),
        ("online, 2023 | range", "figure", "84.5 to 85.5 billion yuan"),
    ]
    assert labels[-1] == ("count", "count", "3")


def test_a_headline_reads_as_a_sentence_and_carries_its_number(page, sales):
    shown = page.headline("sales in 2024", sales)
    assert shown.plain.startswith("sales in 2024: 85 billion yuan (")
    assert 'data-claims="' in shown.html
    (one,) = facts(shown)
    assert (one.label, one.figure, one.headline) == ("sales in 2024", sales, True)
    assert one.words == "85 billion yuan (84.5 to 85.5 billion yuan)"


def test_several_headlines_are_a_table_and_carry_their_numbers(page, sales, zhili):
    shown = page.headlines({"sales": sales, "firms": zhili.claim("pd25-firms")})
    assert shown.plain.startswith("In short\nin short | figure | range\nsales | 85 billion")
    headlines = {one.label: one.figure.value for one in facts(shown) if one.headline}
    assert headlines == {"sales": 85e9, "firms": 14_000}
    assert shown.numeric == [False, True, False]


def test_the_sources_tell_how_each_claim_was_printed(page, zhili, sales):
    page.say("{sales}", sales=sales)
    page.say("{goal}", goal=zhili.claim("zhili/seed-sales"))
    prints = {one.label: one.words for one in facts(page.sources()) if one.kind == "claim"}
    assert set(prints) == {*sales.claims, "zhili/seed-sales"}
    for words in prints.values():
        assert f": {words}" in page.sources().plain
    assert prints["zhili/seed-sales"].endswith(", nearly")


def test_settings_are_a_plain_table_of_facts_of_their_own():
    shown = plain_table(["参数", "value"], [["year_to", "2024"], ["growth_percent", "6.0"]])
    assert shown.plain == "参数            value\nyear_to         2024\ngrowth_percent  6.0"
    assert {one.kind for one in facts(shown)} == {"setting"}
    assert ("growth_percent | value", "6.0") in {(one.label, one.words) for one in facts(shown)}
    assert '<table class="ck-table ck-settings">' in shown.html
    assert "<caption" not in shown.html
    assert stray_numbers(shown.plain, facts(shown)) == []


@pytest.mark.parametrize(
    ("plain", "words", "stray"),
    [
        ("Of 2 firms [7,12+3] in 2024", ["2 firms"], []),
        ("2 to 3 firms, 2 towns", ["2", "2 to 3 firms"], []),
        ("12 firms of 2", ["2"], ["12"]),
        ("2 firms and 2", ["2"], ["2"]),
        ("up 6.25%, not 6", ["6.25%"], ["6"]),
    ],
)
def test_a_number_without_a_fact_is_a_stray(plain, words, stray):
    assert stray_numbers(plain, [Fact(one, kind="count") for one in words]) == stray


def test_words_carry_no_numbers(page):
    shown = page.say("They are {many}.", many=TYPED)
    assert stray_numbers(shown.plain, facts(shown)) == ["85"]


def test_what_pages_show_is_carried_by_facts(page, zhili, sales):
    for shown in (
        page.say("Sold {sales:full}.", sales=sales),
        page.check("It holds: {sales:full}.", True, sales=sales),
        page.quote(ValueError("85 is refused")),
        page.printed("seed-sales"),
        page.range(sales),
        page.headline("sales", sales),
        page.headlines({"sales": sales}),
        page.series_table(zhili.series("sales"), caption="Sales"),
        page.article("seed-zhili", caption="Article"),
        page.limits(),
        page.standing(),
        page.exceptions(),
        page.hedges(),
        page.sources(),
    ):
        assert stray_numbers(shown.plain, facts(shown)) == [], shown.plain
        assert facts(shown)


def test_every_public_method_of_a_page_is_listened_to():
    own = {name for name, _ in inspect.getmembers(Page, callable) if not name.startswith("_")}
    assert own == spoken()
    assert {"say", "headlines", "table", "check", "sources"} <= own


@pytest.mark.parametrize("method", sorted(spoken()))
@pytest.mark.parametrize(
    "words",
    [
        'x, "{}"',
        'x, title="{}"',
        'x, title="T", note="up by {}"',
        '{{"{}": x}}, "A title"',
        '[{{"a": "{}"}}], caption="C"',
        'ck.Bars({{"{}": x}}), "A title"',
        'x, "one " + f"of {}"',
    ],
)
def test_a_number_typed_into_any_method_of_a_page_is_caught(method, words):
    call = f"page.{method}({words.format(TYPED)})"
    assert typed_in(ast.parse(call, mode="eval").body) == ["85"]
    assert typed_in(ast.parse(call.replace(TYPED, "{firms} of 2024"), mode="eval").body) == []
