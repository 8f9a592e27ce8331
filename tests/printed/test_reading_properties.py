"""Write a number in a style, read it back: value, unit and hedge survive."""

from decimal import Decimal
from fractions import Fraction

import cn2an
from hypothesis import given, settings
from hypothesis import strategies as st

from clusterkit.printed.doubt import POLICY
from clusterkit.printed.drafting import draft_claims
from clusterkit.printed.reading import ReadingError, read_figure
from clusterkit.printed.vocabulary import listed

FIXED = settings(derandomize=True, max_examples=100, deadline=None)

ENGLISH_SCALES = {"": 1, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12}
ENGLISH_HEDGES = {
    "": "exact", "nearly ": "nearly", "almost ": "nearly", "over ": "over", "more than ": "over",
    "about ": "about", "approximately ": "about", "at least ": "at_least", "up to ": "up_to",
}  # fmt: skip
ENGLISH_UNITS = {
    "": None, " yuan": "CNY", " US dollars": "USD", " percent": "percent", "%": "percent",
    " companies": "firm", " people": "person", " pieces": "piece", " mu": "mu",
    " square kilometers": "km2", " countries": "country",
}  # fmt: skip

CHINESE_SCALES = {"": 1, "千": 1e3, "万": 1e4, "百万": 1e6, "千万": 1e7, "亿": 1e8, "万亿": 1e12}
CHINESE_HEDGES = {
    ("", ""): "exact", ("近", ""): "nearly", ("超", ""): "over", ("逾", ""): "over",
    ("约", ""): "about", ("", "左右"): "about", ("", "以上"): "at_least", ("不超过", ""): "up_to",
    ("高达", ""): "up_to",
}  # fmt: skip
CHINESE_UNITS = {
    "": None, "元": "CNY", "美元": "USD", "%": "percent", "家": "firm", "户": "household",
    "人": "person", "件": "piece", "件(套)": "piece", "亩": "mu", "平方公里": "km2",
    "平方米": "m2", "个国家": "country",
}  # fmt: skip

decimals = st.decimals(min_value="0.01", max_value="999999", places=2)


def _entry(table):
    return st.sampled_from(sorted(table.items(), key=repr))


def _exactly(number, scale):
    return float(Fraction(number) * Fraction(scale))


@FIXED
@given(
    decimals, _entry(ENGLISH_SCALES), _entry(ENGLISH_HEDGES), _entry(ENGLISH_UNITS), st.booleans()
)
def test_english(number, scale, hedge, unit, grouped):
    digits = f"{number:,}" if grouped else str(number)
    figure = read_figure(f"{hedge[0]}{digits} {scale[0]}".rstrip() + unit[0])
    assert figure.value == _exactly(number, scale[1])
    assert (figure.unit, figure.hedge) == (unit[1], hedge[1])
    assert figure.low <= figure.value <= figure.high
    assert 0 < figure.step <= figure.value / 10 * (1 + 1e-12)


@FIXED
@given(decimals, _entry(CHINESE_SCALES), _entry(CHINESE_HEDGES), _entry(CHINESE_UNITS))
def test_chinese_digits(number, scale, hedge, unit):
    (before, after), name = hedge
    figure = read_figure(f"{before}{number}{scale[0]}{unit[0]}{after}")
    assert figure.value == _exactly(number, scale[1])
    assert (figure.unit, figure.hedge) == (unit[1], name)


@FIXED
@given(
    st.integers(1, 10**12 - 1),
    st.sampled_from(["", "多", "余"]),
    _entry({printed: unit for printed, unit in CHINESE_UNITS.items() if unit != "percent"}),
)
def test_chinese_numerals(number, more, unit):
    written = cn2an.an2cn(number)
    if more and written[-1] not in "十百千万亿":
        more = ""
    figure = read_figure(f"{written}{more}{unit[0]}")
    assert (figure.value, figure.unit) == (number, unit[1])
    assert figure.hedge == ("over" if more else "exact")


BELOW_20 = listed(
    "one, two, three, four, five, six, seven, eight, nine, ten, eleven, twelve, thirteen, "
    "fourteen, fifteen, sixteen, seventeen, eighteen, nineteen"
)
TENS = listed("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety")


def _spelled(number):
    if number < 20:
        return BELOW_20[number - 1]
    if number < 100:
        return TENS[number // 10 - 2] + (f"-{_spelled(number % 10)}" if number % 10 else "")
    rest = f" and {_spelled(number % 100)}" if number % 100 else ""
    return f"{_spelled(number // 100)} hundred{rest}"


@FIXED
@given(st.integers(1, 999), _entry(ENGLISH_SCALES))
def test_english_number_words(number, scale):
    assert read_figure(f"{_spelled(number)} {scale[0]}".rstrip()).value == number * scale[1]


@FIXED
@given(st.integers(1, 500), st.integers(1, 400), _entry(ENGLISH_SCALES), st.sampled_from("-–~"))
def test_ranges(low, more, scale, dash):
    high = low + min(more, 99 * low)
    figure = read_figure(f"{low}{dash}{high} {scale[0]}".rstrip() + " yuan")
    assert (figure.low, figure.high) == (low * scale[1], high * scale[1])
    assert (figure.unit, figure.hedge) == ("CNY", "per_source_range")


@FIXED
@given(st.integers(1, 98), st.integers(2, 99), st.sampled_from(["{part}/{whole}", "{cn}"]))
def test_fractions(part, whole, style):
    part, whole = sorted((part, whole)) if part != whole else (part, whole + 1)
    if whole == 100:
        return
    chinese = f"{cn2an.an2cn(whole)}分之{cn2an.an2cn(part)}"
    figure = read_figure(style.format(part=part, whole=whole, cn=chinese), unit="percent")
    assert figure.value == float(Fraction(100 * part, whole))


@FIXED
@given(decimals.filter(lambda number: number < 1000))
def test_european_and_english_separators_mean_the_same(number):
    european = f"{number * 1000:,}".translate(str.maketrans(",.", ".,"))
    assert read_figure(f"oltre {european} paesi").value == float(Decimal(number) * 1000)


WORDS = [
    "近", "上", "百", "两", "三", "成", "分之", "十", "万", "亿", "多", "家", "元", "每", "…", "%",
    "/",
    "1", "2.5", "1,000", "2010", "-", ":", "over ", "half ", "a ", "third ", "in ", "million ",
    "billion-level ", "(套)", "年", "月", "日", "[1]", " ", "\n", "。", "만", "여", "oltre ",
]  # fmt: skip
babble = st.lists(st.sampled_from(WORDS), max_size=9).map("".join) | st.text(max_size=20)


@settings(FIXED, max_examples=300)
@given(babble)
def test_babble_is_read_or_refused_but_never_breaks_the_reader(text):
    try:
        figure = read_figure(text)
    except ReadingError:
        return
    assert figure.low <= figure.value <= figure.high
    assert figure.hedge in POLICY


@settings(FIXED, max_examples=150)
@given(babble)
def test_drafts_of_babble_are_short_pieces_of_it(text):
    drafts = draft_claims(text.replace("\0", ""))
    assert all(printed in text and 0 < len(printed) <= 40 for printed in drafts["as_printed"])
