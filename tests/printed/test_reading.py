"""Printed figures: what each form reads as, and what the reader refuses."""

import math
import re
import subprocess
import sys
from pathlib import Path

import pytest

from clusterkit.errors import ClusterkitError, UnknownNameError
from clusterkit.printed.reading import ReadingError, read_figure

# phrase, value, unit named, hedge
READS = [
    ("近1000亿元", 100e9, "CNY", "nearly"),
    ("nearing 100 billion yuan", 100e9, "CNY", "nearly"),
    ("3.783 billion yuan", 3.783e9, "CNY", "exact"),
    ("CNY4.5 trillion", 4.5e12, "CNY", "exact"),
    ("¥1,120亿", 112e9, "CNY", "exact"),
    ("1.17万亿元", 1.17e12, "CNY", "exact"),
    ("产值过亿元", 1e8, "CNY", "over"),
    ("突破百亿元", 1e10, "CNY", "over"),
    ("38.76元/股", 38.76, "CNY", "exact"),
    ("120억 위안 이상", 12e9, "CNY", "at_least"),
    ("1,5 миллиарда юаней", 1.5e9, "CNY", "exact"),
    ("19 milioni di yuan", 19e6, "CNY", "exact"),
    ("exceeded $4,000", 4000, "USD", "over"),
    ("US$4.5bn", 4.5e9, "USD", "exact"),
    ("1.011亿美元", 101.1e6, "USD", "exact"),
    ("1.4万余家", 14_000, "firm", "over"),
    ("1万4千社以上", 14_000, "firm", "at_least"),
    ("近一万家", 10_000, "firm", "nearly"),
    ("上百家", 100, "firm", "over"),
    ("二千三百多家", 2300, "firm", "over"),
    ("超過4,000間", 4000, "firm", "over"),
    ("3000社弱", 3000, "firm", "nearly"),
    ("oltre 14.000 entità", 14_000, "firm", "over"),
    ("about 13,000 market entities", 13_000, "firm", "about"),
    ("近1000多家", 1000, "firm", "about"),
    ("超60%以上", 60, "percent", "at_least"),
    ("不超过两家", 2, "firm", "up_to"),
    ("14,000多", 14_000, None, "over"),
    ("более 9 тысяч", 9000, None, "over"),
    ("1 billion 200 million", 1.2e9, None, "exact"),
    ("two hundred and fifty thousand", 250_000, None, "exact"),
    ("half a million", 500_000, None, "exact"),
    ("1.59∶1", 1.59, "ratio", "exact"),
    ("80 shops or more", 80, "count", "at_least"),
    ("4.5万余人", 45_000, "person", "over"),
    ("15인 이상", 15, None, "at_least"),
    ("25만 명", 250_000, "person", "exact"),
    ("二十多万人", 200_000, "person", "over"),
    ("约6万多人", 60_000, "person", "about"),
    ("3万-5万户", 40_000, "household", "per_source_range"),
    ("20亿件(套)", 2e9, "piece", "exact"),
    ("15億枚(セット)", 1.5e9, "piece", "exact"),
    ("8千万套以上", 80e6, "piece", "at_least"),
    ("4亿多件", 400e6, "piece", "over"),
    ("30-40 million pieces", 35e6, "piece", "per_source_range"),
    ("165个国家和地区", 165, "country", "exact"),
    ("più di 50 paesi", 50, "country", "over"),
    ("36个简易棚", 36, "count", "exact"),
    ("36.18%", 36.18, "percent", "exact"),
    ("百分之十五左右", 15, "percent", "about"),
    ("more than 50 percent", 50, "percent", "over"),
    ("逾六成", 60, "percent", "over"),
    ("六成半", 65, "percent", "exact"),
    ("六到七成", 65, "percent", "per_source_range"),
    ("5.1个百分点", 5.1, "pp", "exact"),
    ("预计下跌超过三成", -30, "percent", "over"),
    ("15% decline", -15, "percent", "exact"),
    ("15% increase", 15, "percent", "exact"),
    ("2 mu", 2, "mu", "exact"),
    ("约171亩", 171, "mu", "about"),
    ("119.57 sq. km", 119.57, "km2", "exact"),
    ("3平方千米", 3, "km2", "exact"),
    ("5.05万平方公里", 50_500, "km2", "exact"),
    ("40만m²", 400_000, "m2", "exact"),
    ("25 km2", 25, "km2", "exact"),
    ("约70余万平方", 700_000, "m2", "about"),
    ("over 40 years ago", 40, "year", "over"),
    ("2010年12月30日", 2010, "year", "exact"),
    ("around 2015", 2015, None, "about"),
]


@pytest.mark.parametrize(("text", "value", "unit", "hedge"), READS, ids=[r[0] for r in READS])
def test_value_unit_and_hedge(text, value, unit, hedge):
    figure = read_figure(text)
    assert (figure.text, figure.value, figure.unit, figure.hedge) == (text, value, unit, hedge)


SHARES = [
    ("2/3", 200 / 3),
    ("three quarters", 75),
    ("三分之二", 200 / 3),
    ("two-thirds", 200 / 3),
    ("a third", 100 / 3),
    ("不到十分之一", 10),
    ("约占全国一半", 50),
    ("过半数", 50),
    ("half", 50),
    ("one in three", 100 / 3),
    ("6 out of every 10", 60),
    ("每10顶…6顶", 60),
    ("每卖出2件童装,就有1件", 50),
]


@pytest.mark.parametrize(("text", "percent"), SHARES, ids=[row[0] for row in SHARES])
def test_a_fraction_is_in_percent(text, percent):
    for figure in (read_figure(text), read_figure(text, unit="percent")):
        assert (figure.value, figure.unit) == (pytest.approx(percent, rel=1e-12), "percent")


def test_a_fraction_is_as_rough_as_the_same_share_in_percent():
    assert read_figure("一半", unit="percent").step == read_figure("50%").step == 5
    two_thirds = read_figure("2/3", unit="percent")
    assert two_thirds.step == two_thirds.value / 10
    assert (two_thirds.low, two_thirds.high) == pytest.approx((190 / 3, 70.0))


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("五六十亿元", 5e9, 6e9),
        ("两三百家", 200, 300),
        ("两三千家", 2000, 3000),
        ("十五六家", 15, 16),
        ("四五家", 4, 5),
        ("三四成", 30, 40),
        ("30-40 million", 30e6, 40e6),
        ("between 30 and 40 million yuan", 30e6, 40e6),
        ("3至5万", 30_000, 50_000),
        ("8000-1万家", 8000, 10_000),
        ("10%-15%", 10, 15),
        ("6到7支", 6, 7),
    ],
)
def test_a_printed_range_keeps_its_ends(text, low, high):
    figure = read_figure(text)
    assert (figure.low, figure.high, figure.hedge) == (low, high, "per_source_range")
    assert figure.value == (low + high) / 2


@pytest.mark.parametrize(
    ("text", "step"),
    [
        ("963.6亿元", 1e7),
        ("963.60亿元", 1e6),
        ("2.0%", 0.1),
        ("800億元", 8e9),
        ("30-41 million", 1e6),
    ],
)
def test_the_digits_printed_decide_how_fine_a_figure_is(text, step):
    assert read_figure(text).step == step


@pytest.mark.parametrize(
    ("text", "low", "value", "high"),
    [
        ("近1000亿元", 90e9, 100e9, 100e9),
        ("60%以上", 60, 60, math.inf),
        ("1,652家", 1652, 1652, 1652),
        ("减少超过900家", -990, -900, -900),
    ],
)
def test_the_range_follows_hedge_and_unit(text, low, value, high):
    figure = read_figure(text)
    assert (figure.low, figure.value, figure.high) == (low, value, high)


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("1000多家", "household"),
        ("130余家", "count"),
        ("50余万个", "person"),
        ("9901.06吨", "count"),
        ("136公里", "count"),
        ("3年前", "year"),
    ],
)
def test_a_counter_takes_the_unit_the_reader_knows(text, unit):
    assert read_figure(text, unit=unit).unit == unit


def test_an_expected_unit_is_not_a_printed_one():
    figure = read_figure("17,927.20", unit="CNY")
    assert (figure.value, figure.unit) == (17_927.2, None)
    assert read_figure("45万", unit="person").unit is None


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("140亩", "km2"),
        ("293.36 acres", "mu"),
        ("19亿美元", "CNY"),
        ("20亿件", "percent"),
        ("30%", "CNY"),
        ("三分之二", "firm"),
        ("5 tonnes", "firm"),
        ("60億円", "CNY"),
    ],
)
def test_a_printed_unit_is_never_overridden(text, unit):
    with pytest.raises(ReadingError, match=rf"is printed as .*, but {unit} is expected"):
        read_figure(text, unit=unit)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is no number"),
        ("many firms", "There is no number"),
        ("四个百亿产业", "several numbers"),
        ("1 million 5 billion", "several numbers"),
        ("6 (2 new) firms", "several numbers"),
        ("barely 100 firms", "words 'barely'"),
        ("每 2 pieces", "words '每'"),
        ("几十家", "words '几'"),
        ("十几家", "words '几家'"),
        ("上30家", "words '上'"),
        ("5兆元", "words '兆元'"),
        ("100 yuan a head", "words 'a head'"),
        ("30% of it", "words 'it'"),
        ("5元亩", "Two units are printed, CNY and mu"),
        ("1,5", "grouped neither"),
        ("1,00,000", "grouped neither"),
        ("14.000 firms", "can be thousands"),
        ("四六家", "runs digits together"),
        ("一亿二", "not a Chinese numeral"),
        ("40-30 million", "ends of the range"),
        ("24/7", "part of one whole"),
        ("2/0", "part of one whole"),
        ("9" * 400, "too large"),
    ],
)
def test_what_it_does_not_understand_it_refuses(text, said):
    with pytest.raises(ReadingError, match=said) as caught:
        read_figure(text)
    assert repr(text) in str(caught.value)
    assert caught.value.fix


def test_the_error_tells_what_was_understood():
    with pytest.raises(ValueError, match="printed as acre") as caught:
        read_figure("nearly 293.36 acres", unit="mu")
    assert isinstance(caught.value, ClusterkitError)
    assert str(caught.value).splitlines() == [
        "The figure is printed as acre, but mu is expected.",
        "  where:  'nearly 293.36 acres'",
        "  likely: Understood so far: the number 293.36, the hedge nearly, the unit acre.",
        "  next:   Correct the unit of the claim, or convert it and say so in its note.",
    ]


def test_the_error_names_the_file_that_takes_a_missing_word():
    with pytest.raises(ReadingError) as caught:
        read_figure("barely 100 firms")
    named = re.search(r"clusterkit/\S+\.toml", caught.value.fix)[0]
    assert "nearly = " in (Path(__file__).parents[2] / named).read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["百亿级", "four hundred billion-level", "千亿级产业"])
def test_a_size_class_is_caught_by_name(text):
    with pytest.raises(ReadingError, match="size class") as caught:
        read_figure(text)
    assert "ten-billion level" in str(caught.value)


def test_an_unknown_unit_is_an_error_of_the_caller():
    with pytest.raises(UnknownNameError, match="There is no unit 'yaun'"):
        read_figure("3 yuan", unit="yaun")


def test_a_wrong_translation_reads_as_it_stands():
    assert read_figure("700 miliardi", unit="CNY").value == 700e9  # the source meant 700亿


def test_reading_imports_neither_the_numerals_library_nor_pandas_before_it_needs_them():
    code = (
        "import sys, clusterkit.printed.reading as r; r.read_figure('近1000亿元');"
        "print(sorted({'cn2an', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")
