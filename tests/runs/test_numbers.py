"""Numbers that came from no value are found; those that lead back to one pass."""

import ast

import pytest

from clusterkit import Page
from clusterkit.runs.numbers import in_prose, in_shown, in_speech


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Sales of 85 billion yuan.", ["85"]),
        ("Growth was 6.25% in 2024, after 14,000 firms.", ["6.25%", "14,000"]),
        ("From 2005 to 2025, see `x[3]` and [a page](http://a.b/12).", []),
        ("```\npapermill -p year 15\n```", []),
        ("The parameter `growth_percent` and 10-zhili, seed-2024-x.", []),
        ("A third, two thirds, ten billion.", []),
    ],
)
def test_prose(text, found):
    assert in_prose(text) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('page.say("Sales of 85 billion")', ["85"]),
        ('page.say("Sales of {sales} in 2024", sales=x)', []),
        ('page.bars(x, title="Twice", note="by 12%")', ["12%"]),
        ('page.table([{"a": "7 firms"}], caption="x")', ["7"]),
        ('zhili.series("revenue_9m", years=(2005, 15))', []),
    ],
)
def test_speech(code, found):
    assert in_speech(ast.parse(code)) == found


def test_what_pages_show_passes_and_a_bare_frame_does_not(zhili):
    page = Page(zhili)
    series = zhili.series("sales")
    for shown in (
        page.say("Sold {sales:full}.", sales=zhili.estimate("sales", 2024)),
        page.series_table(series, caption="Sales"),
        page.article("seed-zhili", caption="Article"),
        page.limits(),
        page.standing(),
        page.exceptions(),
        page.hedges(),
        page.sources(),
    ):
        assert in_shown(shown._repr_mimebundle_()["text/html"]) == []
    assert in_shown(series[["year", "value"]].to_html()) != []
    assert in_shown("<p>Sold <br>85</p>") == ["85"]
