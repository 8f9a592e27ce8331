"""Read one numeral: digits with their separators, Chinese numerals, English number words.

Nothing here knows scales of the western kind ("million"), hedges or units. Values are exact
fractions, so that 1.45 billion stays 1450000000 and does not become its neighbour.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from clusterkit.printed.vocabulary import EUROPEAN, SCALES, any_of, listed

ONES = listed("one, two, three, four, five, six, seven, eight, nine")
TEENS = listed(
    "ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen"
)
TENS = listed("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety")
ENGLISH = (
    {word: value for value, word in enumerate(["zero", *ONES, *TEENS])}
    | {word: 10 * tens for tens, word in enumerate(TENS, 2)}
    | {"a": 1, "an": 1, "and": 0}
)

CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE_SCALES = "十百千万亿"
_COUNT = "一二三四五六七八九"
# 五六十 is fifty to sixty: two neighbours where the grammar wants one digit.
_TWO_DIGITS = re.compile(
    rf"(?<![{CHINESE_DIGITS}])([{CHINESE_DIGITS[2:]}])([{CHINESE_DIGITS[2:]}])(?![{CHINESE_DIGITS}])"
)

_ONES, _TEENS, _TENS = ("|".join(names) for names in (ONES, TEENS, TENS))
_BELOW_100 = rf"(?:(?:{_TENS})(?:[\s-](?:{_ONES}))?|{_TEENS}|{_ONES})(?![a-z])"
_ENGLISH = (
    rf"(?<![a-z])(?:(?:{_ONES}|an?)\s+hundred(?:(?:\s+and)?\s+{_BELOW_100})?(?![a-z])|{_BELOW_100}"
    r"|(?:half\s+)?an?(?=\s+(?:hundred|thousand|million|billion|trillion|dozen)(?![a-z])))"
)
_POINT = rf"(?<=[{CHINESE_DIGITS}十])点(?=[{CHINESE_DIGITS}])"
_CHINESE = rf"(?:(?!百分[点比])[{CHINESE_DIGITS}{CHINESE_SCALES}]|{_POINT})+"
_DIGITS = r"\d{1,3}(?:\s\d{3})+(?![\d.,]\d|\d)|\d+(?:[.,]\d+)*"
NUMERAL = rf"(?:{_DIGITS}|{_CHINESE}|{_ENGLISH})"

_PLAIN_FORMS = str.maketrans("萬億兩餘過約個∶−–—〜～", "万亿两余过约个:---~~")
_SQUARE = re.compile(r"(?<=m)(?<![a-z]{3})2(?!\d)")


class NotANumberError(ValueError):
    """A run of characters looks like a number but is none, or could be two.

    `span` tells where it stands, once that is known.
    """

    span: tuple[int, int] | None = None


def plain(text: str) -> str:
    """Return the text in lower case and plain forms; each character keeps its place.

    Examples
    --------
    >>> plain("約３.5萬")
    '约3.5万'
    """
    forms = (unicodedata.normalize("NFKC", char).lower() for char in text)
    kept = (
        new if len(new) == 1 and old not in "²³" else old
        for new, old in zip(forms, text, strict=True)
    )
    text = "".join(kept).translate(_PLAIN_FORMS).replace("千米", "公里").replace("千克", "公斤")
    return _SQUARE.sub("²", text)  # the 2 of "km2" and the 千 of 平方千米 are no numbers


def read_numeral(numeral: str, *, european: bool = False) -> tuple[list[Fraction], int | None]:
    """Read a numeral that matches `NUMERAL`.

    Parameters
    ----------
    numeral : str
        The numeral in `plain` form.
    european : bool
        Whether a dot parts thousands and a comma decimals.

    Returns
    -------
    values : list of Fraction
        The value, or both ends of a numeral like 五六十.
    places : int or None
        The power of ten of the last digit, if it stands after a decimal point.

    Raises
    ------
    NotANumberError
        The numeral is malformed, or can be read in two ways.

    Examples
    --------
    >>> read_numeral("14.50"), read_numeral("二千三百"), read_numeral("two hundred and six")
    (([Fraction(29, 2)], -2), ([Fraction(2300, 1)], None), ([Fraction(206, 1)], None))
    >>> read_numeral("14.000", european=True), read_numeral("两三千")
    (([Fraction(14000, 1)], None), ([Fraction(2000, 1), Fraction(3000, 1)], None))
    """
    if numeral[0].isdigit():
        return _digits(numeral, european)
    if numeral[0] in CHINESE_DIGITS + CHINESE_SCALES:
        return _chinese(numeral), None
    return [_english(numeral)], None


def _digits(digits: str, european: bool) -> tuple[list[Fraction], int | None]:
    digits = re.sub(r"\s", "", digits)
    english_form = re.fullmatch(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?", digits)
    european_form = re.fullmatch(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?", digits)
    form = european_form or english_form if european else english_form or european_form
    # Without words that tell the language, 14.000 is English and 1,5 could be either.
    if form is None or (
        form is not english_form and not european and len(re.findall(r"\D", digits)) < 2
    ):
        raise NotANumberError(
            f"{digits!r} is grouped neither like 1,000.5 nor, beside Italian or Russian words, "
            "like 1.000,5"
        )
    whole, decimals = re.sub(r"\D", "", form[1]), form[2]
    return [Fraction(f"{whole}.{decimals or 0}")], -len(decimals) if decimals else None


def _chinese(numeral: str) -> list[Fraction]:
    for pair in _TWO_DIGITS.finditer(numeral):
        first, second = pair[0].replace("两", "二")
        if _COUNT.find(second) == _COUNT.find(first) + 1:
            start, end = pair.span()
            return [_chinese(numeral[:start] + one + numeral[end:])[0] for one in (first, second)]
    # cn2an knows neither a scale without its one (百亿) nor decimals before a scale (一点五亿),
    # and runs two digits that are no neighbours together (四六 would be 46).
    if decimals := re.fullmatch(rf"(.+点[{CHINESE_DIGITS}]+)([{CHINESE_SCALES}]+)", numeral):
        scale = prod(SCALES[character] for character in decimals[2])
        return [value * scale for value in _chinese(decimals[1])]
    if re.fullmatch(rf"[{CHINESE_DIGITS}]{{2,3}}", numeral):
        raise NotANumberError(f"{numeral!r} runs digits together without a scale")
    import cn2an

    try:
        one = "一" if numeral[0] in "百千万亿" else ""
        return [Fraction(str(cn2an.cn2an(one + numeral, "normal")))]
    except (ValueError, KeyError, IndexError) as error:
        raise NotANumberError(f"{numeral!r} is not a Chinese numeral") from error


def _english(numeral: str) -> Fraction:
    words = re.split(r"[\s-]+", numeral)
    if words[0] == "half":
        return Fraction(1, 2)
    if "hundred" in words:
        return Fraction(100 * ENGLISH[words[0]] + sum(ENGLISH[word] for word in words[2:]))
    return Fraction(sum(ENGLISH[word] for word in words))


_SCALE = any_of(SCALES)
_MORE = "[多余여]"  # inside a number (20多万) these say that it is exceeded
_AMOUNT = re.compile(
    rf"(?P<numeral>{NUMERAL})(?:\s*(?P<more>{_MORE}))?(?P<scales>(?:\s*(?:{_SCALE}))*)"
    rf"(?P<more_after>{_MORE})?"
)
# What goes on after a scale: 1万4千, 1 billion 200 million, 1万5000.
_CONTINUED = re.compile(rf"\s*(?=\d[\d.,]*\s*(?:{_SCALE})|(?<=[万만])\d{{4}}(?!\d))")
_TO = re.compile(r"\s*(?:%|元|美元|percent)?\s*(?:[-~至到]|to(?=\s))\s*[$¥]?")
_AND = re.compile(r"\s+and\s+[$¥]?")

LONGEST_SHARE = 40  # characters from its first numeral on
FARTHEST = 100  # an upper end beyond a hundred times the lower one is a misreading

_PARTS = listed("half, third, quarter, fifth, sixth, seventh, eighth, ninth, tenth")
_NOT_NUMERAL = rf"[^\d{CHINESE_DIGITS}{CHINESE_SCALES}。;；]"
_SHARES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<whole>{NUMERAL})分之(?P<part>{NUMERAL})",
        rf"(?P<tenths>{NUMERAL}(?:[到至-]{NUMERAL})?)成(?P<and_half>半)?(?![立本为功都员果就])",
        r"(?<![\d/.])(?P<part>\d{1,3})/(?P<whole>\d{1,3})(?![\d/])",
        rf"(?:(?P<part>{NUMERAL}|(?<![a-z])an?)[\s-]+(?P<parts>(?:{'|'.join(_PARTS)})s?)"
        rf"|(?<![a-z-])(?P<half>half)|(?P<banshu>一半|半数))(?![a-z])(?!\s+an?\s+(?:{_SCALE}))",
        rf"每{_NOT_NUMERAL}{{0,4}}(?P<whole>{NUMERAL}){_NOT_NUMERAL}{{0,9}}(?:…|\.\.|有)"
        rf"(?P<part>{NUMERAL})",
        rf"(?P<part>{NUMERAL})\s+(?:in|of|out\s+of)\s+(?:every|each)\s+(?P<whole>{NUMERAL})",
        rf"(?P<part>one|1)\s+(?:in|out\s+of)\s+(?P<whole>{NUMERAL})",
    )
)
_RATIO_TO_ONE = re.compile(r"(?<![\d:])(?P<numeral>\d+(?:\.\d+)?)\s*:\s*1(?![\d.:])")


@dataclass(frozen=True)
class Number:
    """A number found in a text; two values for a printed range."""

    start: int
    end: int
    low: Fraction
    high: Fraction
    places: int | None = None  # the power of ten of the last digit, if after a decimal point
    scale: int = 1  # the product of the scale words
    kind: str = "amount"  # or "share" (of one), or "percent" (printed in hundredths or tenths)
    more: bool = False  # whether a word inside the number says that it is exceeded


def find_numbers(text: str) -> Iterator[Number]:
    """Find the numbers of a text from left to right.

    Parameters
    ----------
    text : str
        The text, as `numerals.plain` returns it.

    Yields
    ------
    Number

    Raises
    ------
    NotANumberError
        A run of characters looks like a number but is none, or can be read in two ways.

    Examples
    --------
    >>> [(float(n.low), float(n.high)) for n in find_numbers("五六十亿, 1/4, 1万4千")]
    [(5000000000.0, 6000000000.0), (0.25, 0.25), (14000.0, 14000.0)]
    """
    european = bool(EUROPEAN.search(text))
    position = 0
    while number := next_number(text, position, european=european):
        yield number
        position = number.end


def next_number(text: str, position: int = 0, *, european: bool = False) -> Number | None:
    """Find the first number at or after a position; see `find_numbers`.

    `european` tells that "14.000" is fourteen thousand in this text.
    """
    found = _AMOUNT.search(text, position)
    reach = found.end() + LONGEST_SHARE if found else len(text)
    shares = [share for form in _SHARES if (share := form.search(text, position, reach))]
    share = min(shares, key=lambda match: (match.start(), -match.end()), default=None)
    if share and (found is None or share.start() <= found.start()):
        found, read = share, _share
    else:
        read = _amount_or_range
    try:
        return read(text, found, european) if found else None
    except NotANumberError as error:
        error.span = error.span or found.span()
        raise


def _amount_or_range(text: str, found: re.Match, european: bool) -> Number:
    if ratio := _RATIO_TO_ONE.match(text, found.start()):
        (value,), places = read_numeral(ratio["numeral"])
        return Number(*ratio.span(), value, value, places)
    number = _amount(text, found, european)
    between = re.search(r"between\s+[$¥]?$", text[max(0, number.start - 10) : number.start])
    joint = (_AND if between else _TO).match(text, number.end)
    other = _AMOUNT.match(text, joint.end()) if joint else None
    return _range(number, _amount(text, other, european)) if other else number


def _amount(text: str, found: re.Match, european: bool) -> Number:
    """Read one amount; what goes on after its scale is added if it is below that scale."""
    values, places = read_numeral(found["numeral"], european=european)
    scale = prod(SCALES[re.sub(r"\s+", " ", word)] for word in re.findall(_SCALE, found["scales"]))
    number = Number(
        *found.span(),
        low=values[0] * scale,
        high=values[-1] * scale,
        places=None if places is None else places + len(str(scale)) - 1,
        scale=scale,
        more=bool(found["more"] or found["more_after"]),
    )
    gap = None if number.more or places is not None else _CONTINUED.match(text, number.end)
    if scale > 1 and gap:
        rest = _amount(text, _AMOUNT.match(text, gap.end()), european)
        if rest.high < scale:
            low, high = number.low + rest.low, number.high + rest.high
            return replace(rest, start=number.start, low=low, high=high, scale=scale)
    return number


def _range(first: Number, last: Number) -> Number:
    """Join two ends; the scale of "30-40 million" is meant for both, that of 8000-1万 is not."""
    shared = first.low * last.scale
    low = shared if first.scale == 1 and shared <= last.high else first.low
    if not last.high / FARTHEST <= low <= last.high:
        raise NotANumberError("the ends of the range do not belong together")
    places = min((n.places for n in (first, last) if n.places is not None), default=None)
    return replace(last, start=first.start, low=low, places=places)


def _share(text: str, found: re.Match, european: bool) -> Number:
    groups = {name: words for name, words in found.groupdict().items() if words}
    if "tenths" in groups:
        ends = [read_numeral(end)[0] for end in re.split("[到至-]", groups["tenths"])]
        half = 5 if "and_half" in groups else 0
        low, high = (10 * end + half for end in (ends[0][0], ends[-1][-1]))
        return Number(*found.span(), low, high, kind="percent")
    if "whole" not in groups:
        (value, *_), _ = read_numeral(groups.get("part", "one"))
        value /= 2 + _PARTS.index(groups.get("parts", "half").removesuffix("s"))
        return Number(*found.span(), value, value, kind="share")
    parts, places = read_numeral(groups["part"], european=european)
    (whole, *more), _ = read_numeral(groups["whole"], european=european)
    if groups["whole"] == "百":  # 百分之十五 is the Chinese way to print 15 percent
        return Number(*found.span(), parts[0], parts[-1], places, kind="percent")
    if more or not 0 < parts[-1] < whole:
        raise NotANumberError("a share must be a part of one whole")
    return Number(*found.span(), parts[0] / whole, parts[-1] / whole, kind="share")
