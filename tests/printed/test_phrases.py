"""The labelled phrases: each reads right or is refused, none is silently wrong.

``python tests/printed/test_phrases.py`` prints the rates that docs/reader.md publishes.
"""

import csv
import math
import sys
from collections import Counter
from pathlib import Path

import pytest

from clusterkit.printed.reading import ReadingError, read_figure

PHRASES = Path(__file__).with_name("phrases.csv")  # hard forms, collected to try the reader
FIGURES = Path(__file__).with_name("figures.csv")  # as public texts print them


def rows(path=PHRASES):
    """Return the rows of a table of labels."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def verdicts(row):
    """Return what is right about the reading of one phrase; an empty value must be refused."""
    try:
        figure = read_figure(row["text"])
    except ReadingError:
        return {"refused"} if row["value"] else {"value", "unit", "hedge"}
    if not row["value"] or not math.isclose(figure.value, float(row["value"]), rel_tol=1e-6):
        return {"silently wrong"}
    unit, hedge = (figure.unit or "") == row["unit"], figure.hedge == row["hedge"]
    return {"value"} | ({"unit"} if unit else set()) | ({"hedge"} if hedge else set())


def counts(labelled):
    """Count what is right of many phrases."""
    found = [verdicts(row) for row in labelled]
    all_right = sum({"value", "unit", "hedge"} <= one for one in found)
    return Counter(what for one in found for what in one) | Counter(all=all_right)


@pytest.mark.parametrize(
    "row", [*rows(), *rows(FIGURES)], ids=[row["text"] for row in [*rows(), *rows(FIGURES)]]
)
def test_value_unit_and_hedge(row):
    assert verdicts(row) == {"value", "unit", "hedge"}


def test_a_wrong_reading_is_told_from_a_refused_one():
    wrong = {"text": "5 firms", "value": "6", "unit": "firm", "hedge": "exact"}
    refused = wrong | {"text": "several firms"}
    uncalled = wrong | {"value": ""}
    found = counts([wrong, refused, uncalled, wrong | {"value": "5"}])
    assert found == {"silently wrong": 2, "refused": 1, "value": 1, "unit": 1, "hedge": 1, "all": 1}


@pytest.mark.parametrize(
    "text",
    [
        "1-3月", "2024年底", "A4", "3.3:37.3:59.4", "12:30", "210 231", "10^6", "5兆元", "第三",
        "十几家",
        "from 5 to 6 percent", "down 3 percent to 5.2 billion", "数千家", "several thousand", "1,2",
        "7元 8%", "9" * 5000,
    ],
)  # fmt: skip
def test_what_could_be_two_things_is_refused(text):
    with pytest.raises(ReadingError):
        read_figure(text)


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1.5亿千瓦时", 1.5e8, "kWh"),
        ("10 crores", 1e8, None),
        ("2½ million", 2.5e6, None),
        ("$5m", 5e6, "USD"),
        ("EUR48.6m", 48.6e6, "EUR"),
        ("-3.19‰", -0.319, "percent"),
        ("降至3.2%", 3.2, "percent"),
        ("fell to 3.2 percent", 3.2, "percent"),
        ("reduction of 5 percent", -5, "percent"),
        ("超過新台幣1000億元", 1e11, "TWD"),
        ("752 newly licensed projects", 752, "count"),
        ("1868立方米", 1868, "m3"),
        ("¥ 6.4bn loss", -6.4e9, "CNY"),
    ],
)
def test_kinds_that_were_read_wrong(text, value, unit):
    figure = read_figure(text)
    assert (figure.value, figure.unit) == (pytest.approx(value), unit)


def test_growth_by_so_many_times_is_told_from_a_level():
    assert [read_figure(text).change for text in ("增长2.5倍", "2.5倍")] == [True, False]


def test_the_text_can_tell_how_it_writes_numbers():
    assert read_figure("6.400 firms", european=True).value == 6400
    assert read_figure("6.4 firms", european=False).value == 6.4


if __name__ == "__main__":
    labelled = rows()
    for what, count in sorted(counts(labelled).items()):
        share = 100 * count / len(labelled)
        sys.stdout.write(f"{what:15} {count:4} of {len(labelled)}  {share:5.1f} %\n")
