"""Find the numbers of a text: digits, Chinese numerals, number words, their scales and shares.

Nothing here knows hedges or units. Values are exact fractions, so that 1.45 billion stays
1450000000 and does not become its neighbour.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from math import prod

from clusterkit.printed.vocabulary import EUROPEAN, SCALES, any_of, listed

LONGEST_SHARE = 40  # characters from its first numeral on
FARTHEST = 100  # an upper end beyond a hundred times the lower one is a misreading

_PLAIN_FORMS = str.maketrans("萬億兩餘過約個∶−–—〜～", "万亿两余过约个:---~~")
_SQUARE = re.compile(r"(?<=m)(?<![a-z]{3})2(?!\d)")

# A numeral: what can be read without knowing scales of the western kind ("million").
_DIGITS = r"\d{1,3}(?:\s\d{3})+(?![\d.,]\d|\d)|\d+(?:[.,]\d+)*"
CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE_SCALES = "十百千万亿"
CHINESE = CHINESE_DIGITS + CHINESE_SCALES
_POINT = rf"(?<=[{CHINESE_DIGITS}十])点(?=[{CHINESE_DIGITS}])"
_NEIGHBOURS = re.compile(  # 五六十 is fifty to sixty, where the grammar wants one digit
    rf"(?<![{CHINESE_DIGITS}])(?:一[二两]|[二两]三|三四|四五|五六|六七|七八|八九)(?![{CHINESE_DIGITS}])"
)
_ONES = listed("one, two, three, four, five, six, seven, eight, nine")
_TEENS = listed(
    "ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen"
)
_TENS = listed("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety")
_ENGLISH = {word: value for value, word in enumerate([*_ONES, *_TEENS], 1)}
_ENGLISH |= {word: 10 * tens for tens, word in enumerate(_TENS, 2)} | {"a": 1, "an": 1, "and": 0}
_ONE, _BELOW_20 = "|".join(_ONES), "|".join([*_TEENS, *_ONES])
_BELOW_100 = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{_ONE}))?|{_BELOW_20})(?![a-z])"
NUMERAL = (
    rf"(?:{_DIGITS}|(?:(?!百分[点比])[{CHINESE}]|{_POINT})+"
    rf"|(?<![a-z])(?:(?:{_ONE}|an?)\s+hundred(?:(?:\s+and)?\s+{_BELOW_100})?(?![a-z])|{_BELOW_100}"
    r"|(?:half\s+)?an?(?=\s+(?:hundred|thousand|million|billion|trillion|dozen)(?![a-z]))))"
)

_SCALE = any_of(SCALES)
_EXCEEDED = "[多余여]"  # inside a number (20多万) these say that it is exceeded
_AMOUNT = re.compile(
    rf"(?P<numeral>{NUMERAL})(?:\s*(?P<exceeded>{_EXCEEDED}))?(?P<scales>(?:\s*(?:{_SCALE}))*)"
    rf"(?P<exceeded_after>{_EXCEEDED})?"
)
# What goes on after a scale: 1万4千, 1 billion 200 million, 1万5000.
_CONTINUED = re.compile(rf"\s*(?=\d[\d.,]*\s*(?:{_SCALE})|(?<=[万만])\d{{4}}(?!\d))")
_TO = re.compile(r"\s*(?:%|元|美元|percent)?\s*(?:[-~至到]|to(?=\s))\s*[$¥]?")
_AND = re.compile(r"\s+and\s+[$¥]?")
_RATIO_TO_ONE = re.compile(r"(?<![\d:])(?P<numeral>\d+(?:\.\d+)?)\s*:\s*1(?![\d.:])")

_PARTS = listed("half, third, quarter, fifth, sixth, seventh, eighth, ninth, tenth")
_NO_NUMERAL = rf"[^\d{CHINESE}。;；]"
_SHARES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<whole>{NUMERAL})分之(?P<part>{NUMERAL})",
        rf"(?P<tenths>{NUMERAL}(?:[到至-]{NUMERAL})?)成(?P<and_half>半)?(?![立本功为都员果就])",
        r"(?<![\d/.])(?P<part>\d{1,3})/(?P<whole>\d{1,3})(?![\d/])",
        rf"(?:(?P<part>{NUMERAL}|(?<![a-z])an?)[\s-]+(?P<parts>(?:{'|'.join(_PARTS)})s?)"
        rf"|(?<![a-z-])half|一半|半数)(?![a-z])(?!\s+an?\s+(?:{_SCALE}))",
        rf"每{_NO_NUMERAL}{{0,4}}(?P<whole>{NUMERAL}){_NO_NUMERAL}{{0,9}}(?:…|\.\.|有)"
        rf"(?P<part>{NUMERAL})",
        rf"(?P<part>{NUMERAL})\s+(?:in|of|out\s+of)\s+(?:every|each)\s+(?P<whole>{NUMERAL})",
        rf"(?P<part>one|1)\s+(?:in|out\s+of)\s+(?P<whole>{NUMERAL})",
    )
)


@dataclass(frozen=True)
class Number:
    """A number found in a text; two values for a printed range, none for what is no number."""

    start: int
    end: int
    low: Fraction = Fraction(0)
    high: Fraction = Fraction(0)
    places: int | None = None  # the power of ten of the last digit, if after a decimal point
    scale: int = 1  # the product of the scale words
    kind: str = "amount"  # or "share" (of one), or "percent" (printed in hundredths or tenths)
    exceeded: bool = False  # whether a word inside the number says so
    fault: str = ""  # why it looks like a number but is none, or could be two


class _NotANumberError(ValueError):
    """A run of characters looks like a number but is none, or could be two."""


def plain(text: str) -> str:
    """Return the text in lower case and plain forms; each character keeps its place.

    Examples
    --------
    >>> plain("約３.5萬")
    '约3.5万'
    """
    text = (
        "".join(map(_plain_form, text))
        .translate(_PLAIN_FORMS)
        .replace("千米", "公里")
        .replace("千克", "公斤")
    )
    return _SQUARE.sub("²", text)  # the 2 of "km2" and the 千 of 平方千米 are no numbers


@lru_cache(maxsize=4096)
def _plain_form(character: str) -> str:
    plain_form = unicodedata.normalize("NFKC", character).lower()
    return plain_form if len(plain_form) == 1 and character not in "²³" else character


def find_numbers(text: str) -> Iterator[Number]:
    """Find the numbers of a text from left to right.

    Parameters
    ----------
    text : str
        The text in `plain` form.

    Yields
    ------
    Number
        With a `fault` where characters look like a number but are none, can be read in two
        ways, or are too many.

    Examples
    --------
    >>> [(float(n.low), float(n.high)) for n in find_numbers("五六十亿, 1/4, 1万4千")]
    [(5000000000.0, 6000000000.0), (0.25, 0.25), (14000.0, 14000.0)]
    >>> [n.fault for n in find_numbers("四六家")]
    ["'四六' runs digits together without a scale"]
    """
    european = bool(EUROPEAN.search(text))
    position = 0
    while found := _next(text, position):
        share = found.re is not _AMOUNT
        try:
            number = _share(found) if share else _amount_or_range(text, found, european)
            float(number.high)
        except (_NotANumberError, OverflowError) as error:
            number = Number(*found.span(), fault=str(error))
        yield number
        position = number.end


def _next(text: str, position: int) -> re.Match | None:
    """Find what begins first; a share goes before the amount it begins with."""
    amount = _AMOUNT.search(text, position)
    reach = amount.end() + LONGEST_SHARE if amount else len(text)
    found = (*(form.search(text, position, reach) for form in _SHARES), amount)
    return min(filter(None, found), key=re.Match.start, default=None)


def _amount_or_range(text: str, found: re.Match, european: bool) -> Number:
    if ratio := _RATIO_TO_ONE.match(text, found.start()):
        return Number(*ratio.span(), *_numeral(ratio["numeral"]))
    number = _amount(text, found, european)
    between = re.search(r"between\s+[$¥]?$", text[max(0, number.start - 10) : number.start])
    joint = (_AND if between else _TO).match(text, number.end)
    other = _AMOUNT.match(text, joint.end()) if joint else None
    return _range(number, _amount(text, other, european)) if other else number


def _amount(text: str, found: re.Match, european: bool) -> Number:
    """Read one amount; what goes on after its scale is added if it is below that scale."""
    low, high, places = _numeral(found["numeral"], european)
    scale = prod(SCALES[" ".join(word.split())] for word in re.findall(_SCALE, found["scales"]))
    number = Number(
        *found.span(),
        low=low * scale,
        high=high * scale,
        places=None if places is None else places + len(str(scale)) - 1,
        scale=scale,
        exceeded=bool(found["exceeded"] or found["exceeded_after"]),
    )
    if scale == 1 or number.exceeded or places is not None:
        return number
    if gap := _CONTINUED.match(text, number.end):
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
        raise _NotANumberError("the ends of the range do not belong together")
    places = min((n.places for n in (first, last) if n.places is not None), default=None)
    return replace(last, start=first.start, low=low, places=places)


def _share(found: re.Match) -> Number:
    groups = {name: words for name, words in found.groupdict().items() if words}
    if "tenths" in groups:
        ends = [_numeral(end) for end in re.split("[到至-]", groups["tenths"])]
        half = 5 if "and_half" in groups else 0
        low, high = 10 * ends[0][0] + half, 10 * ends[-1][1] + half
        return Number(*found.span(), low, high, kind="percent")
    if "whole" not in groups:
        share = _numeral(groups.get("part", "one"))[0]
        share /= 2 + _PARTS.index(groups.get("parts", "half").removesuffix("s"))
        return Number(*found.span(), share, share, kind="share")
    low, high, places = _numeral(groups["part"])
    whole, other, _ = _numeral(groups["whole"])
    if groups["whole"] == "百":  # 百分之十五 is the Chinese way to print 15 percent
        return Number(*found.span(), low, high, places, kind="percent")
    if whole != other or not 0 < high < whole:
        raise _NotANumberError("a share must be a part of one whole")
    return Number(*found.span(), low / whole, high / whole, kind="share")


_Numeral = tuple[Fraction, Fraction, int | None]  # both ends, the place of the last decimal


def _numeral(numeral: str, european: bool = False) -> _Numeral:
    """Read a `NUMERAL`; `european` tells that a dot parts thousands and a comma decimals.

    >>> _numeral("14.50"), _numeral("two hundred and six")
    ((Fraction(29, 2), Fraction(29, 2), -2), (Fraction(206, 1), Fraction(206, 1), None))
    >>> _numeral("14.000", european=True)[0], _numeral("两三千")
    (Fraction(14000, 1), (Fraction(2000, 1), Fraction(3000, 1), None))
    """
    if numeral[0].isdigit():
        return _digits(numeral, european)
    if pair := _NEIGHBOURS.search(numeral):
        ends = (numeral[: pair.start()] + one + numeral[pair.end() :] for one in pair[0])
        low, high = (_numeral(end)[0] for end in ends)
        return low, high, None
    value = _chinese(numeral) if numeral[0] in CHINESE else _english(numeral)
    return value, value, None


def _digits(digits: str, european: bool) -> _Numeral:
    digits = re.sub(r"\s", "", digits)
    english_form = re.fullmatch(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?", digits)
    european_form = re.fullmatch(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?", digits)
    form = european_form or english_form if european else english_form or european_form
    # Without words that tell the language, 14.000 is English and 1,5 could be either.
    told = european or form is english_form or len(re.findall(r"\D", digits)) > 1
    if form is None or not told:
        raise _NotANumberError(
            f"{digits!r} is grouped neither like 1,000.5 nor, beside Italian or Russian words, "
            "like 1.000,5"
        )
    whole, decimals = re.sub(r"\D", "", form[1]), form[2]
    value = Fraction(f"{whole}.{decimals or 0}")
    return value, value, -len(decimals) if decimals else None


def _chinese(numeral: str) -> Fraction:
    # cn2an knows neither a scale without its one (百亿) nor decimals before a scale (一点五亿),
    # and runs two digits that are no neighbours together (四六 would be 46).
    if decimals := re.fullmatch(rf"(.+点[{CHINESE_DIGITS}]+)([{CHINESE_SCALES}]+)", numeral):
        return _chinese(decimals[1]) * prod(SCALES[character] for character in decimals[2])
    if re.fullmatch(rf"[{CHINESE_DIGITS}]{{2,3}}", numeral):
        raise _NotANumberError(f"{numeral!r} runs digits together without a scale")
    import cn2an

    try:
        one = "一" if numeral[0] in "百千万亿" else ""
        return Fraction(str(cn2an.cn2an(one + numeral, "normal")))
    except (ValueError, KeyError, IndexError) as error:
        raise _NotANumberError(f"{numeral!r} is not a Chinese numeral") from error


def _english(numeral: str) -> Fraction:
    words = re.split(r"[\s-]+", numeral)
    if words[0] == "half":
        return Fraction(1, 2)
    if "hundred" in words:
        return Fraction(100 * _ENGLISH[words[0]] + sum(_ENGLISH[word] for word in words[2:]))
    return Fraction(sum(_ENGLISH[word] for word in words))
