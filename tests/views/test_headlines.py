import json

import pytest

from clusterkit import Estimate, Page
from clusterkit.views.headlines import HEADLINE, Headline


def test_a_headline_reads_as_a_sentence_and_carries_its_number(zhili):
    shown = Page(zhili).headline("sales in 2024", zhili.estimate("sales", 2024))
    told = shown._repr_mimebundle_()
    assert told["text/plain"].startswith("sales in 2024: 85 billion yuan (")
    assert 'data-claims="' in told["text/html"]
    (number,) = told[HEADLINE]
    assert number["label"] == "sales in 2024"
    assert number["low"] < number["value"] == 85e9 < number["high"]
    assert (number["unit"], number["status"]) == ("CNY", "actual")
    assert number["claims"] == list(zhili.estimate("sales", 2024).claims)


@pytest.mark.parametrize("high", [2.0, float("inf")])
def test_a_headline_survives_json(high):
    one = Headline("a", Estimate(1.0, -high, high, "CNY", ("x", "y"), "forecast"))
    written = json.dumps(one.as_json(), allow_nan=False)
    assert Headline.from_json(json.loads(written)) == one


def test_several_headlines_are_a_table_and_carry_their_numbers(zhili):
    sales, firms = zhili.estimate("sales", 2024), zhili.claim("pd25-firms")
    told = Page(zhili).headlines({"sales": sales, "firms": firms})._repr_mimebundle_()
    assert told["text/plain"].startswith("In short\nin short | figure | range\nsales | 85 billion")
    assert [number["value"] for number in told[HEADLINE]] == [85e9, 14_000]
