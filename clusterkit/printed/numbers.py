"""Find the numbers of a text: digits, Chinese numerals, number words, their scales and shares.

Nothing here knows hedges or units. Values are exact fractions, so that 1.45 billion stays
1450000000 and does not become its neighbour.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import prod
from typing import NamedTuple
from unicodedata import numeric

from clusterkit.printed.vocabulary import EUROPEAN, SCALES, any_of, listed

LONGEST_SHARE = 40  # characters from its first numeral on
LONGEST_NUMERAL = 40
_EUROPEAN_FORM = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:\.\d{3})+,\d|\d{1,3}(?:\.\d{3}){2,}(?![\d.,])|\d+,\d{1,2}\s?[%‰€])"
)
_ENGLISH_NUMBER = re.compile(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?")
_EUROPEAN_NUMBER = re.compile(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?")
_ENGLISH_FORM = re.compile(
    r"(?<![\d.,])(?:\d{1,3}(?:,\d{3})+(?![\d,])|\d+\.\d{1,2}(?![\d.,]))|[\u4e00-\u9fff]{2}"
    r"|(?<![a-z])(?:the|of|and|with|for|percent|yuan)(?![a-z])"
)
FARTHEST = 100  # an upper end beyond a hundred times the lower one is a misreading

# A numeral: what can be read without knowing scales of the western kind ("million"). Spaces may
# part thousands, but a tab parts cells.
_DIGITS = r"\d{1,3}(?: \d{3})+(?![\d.,]\d|\d)|\d+(?:[.,]\d+)*[½¼¾⅓⅔]?|[½¼¾⅓⅔]"
CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE_SCALES = "十百千万亿"
CHINESE = CHINESE_DIGITS + CHINESE_SCALES
_CHARACTER = f"[{CHINESE_DIGITS}十]|{any_of('百千万亿')}"
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
_SIZED = r"(?=\s+(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore)(?![a-z]))"
_WORDED = (
    rf"(?<![a-z])(?=[aefhnost])(?:(?:{_BELOW_20}|an?)\s+hundred(?:(?:\s+and)?\s+{_BELOW_100})?(?![a-z])"
    rf"|{_BELOW_100}|(?:half\s+)?an?{_SIZED})"
)
NUMERAL = rf"(?:{_DIGITS}|(?:{_CHARACTER}|{_POINT})+|{_WORDED})"

_SCALE = any_of(SCALES)
_SCALE_WORD = re.compile("|".join(map(re.escape, sorted(SCALES, key=len, reverse=True))))
_EXCEEDED = "[多余여]"  # inside a number (20多万) these say that it is exceeded
_AMOUNT = re.compile(
    rf"(?P<numeral>{NUMERAL})(?P<half>\s+and\s+a\s+half(?![a-z]))?(?:\s?(?P<exceeded>{_EXCEEDED}))?"
    rf"(?P<scales>(?:[\s-]?(?:{_SCALE}))*)(?P<exceeded_after>{_EXCEEDED})?"
)
# What goes on after a scale: 1万4千, 1 billion 200 million, 1万5000.
_CONTINUED = re.compile(rf"\s?(?=\d[\d.,]*\s?(?:{_SCALE})|(?<=[万만])\d{{4}}(?!\d))")
# After $5 an "m" is no metre. Behind other numbers it may be one.
_SHORT_SCALES = {"m": 10**6, "b": 10**9, "t": 10**12}
_SHORT = re.compile(r"[mbt](?![a-z²³/])")
_PRICED = re.compile(
    r"(?:[$£€¥₹]|(?<![a-z])(?:eur|usd|gbp|rmb|cny|aud|cad|chf|sgd|hkd|inr|rs\.?))\s?$"
)
_PERCENT = ("%", "percent", "per cent", "个百分点")
_SAME = {"%": _PERCENT, "percent": _PERCENT, "per cent": _PERCENT}
_TO = re.compile(
    r"\s?(?P<unit>%|元|美元|亩|人|家|户|件|个|吨|percent|per cent|yuan|dollars|euros)?\s?"
    r"(?:[-~至到]|to(?=\s))\s?(?:[a-z]*[$¥£€]|rmb)?\s?"
)
_CALENDAR = re.compile(r"(?:(?<![a-z])(?:in|since|by|of)\s+)?(?:1[89]|20)\d\d$")
_YEARS = re.compile(r"(?P<first>(?:1[89]|20)\d\d)[-/](?P<last>\d\d)(?![\d-]|[.,]\d|\s?[百千万亿%])")
_AND = re.compile(r"\s+and\s+(?:[a-z]*[$¥£€])?")
_BETWEEN = re.compile(r"between\s+(?:[a-z]*[$¥£€])?$")
_FROM = re.compile(
    r"(?:(?<!ranging )(?<!range )(?<!ranged )(?<!ranges )from\s+(?:[a-z]*[$¥£€])?|[从由])$"
)
_RATIO = re.compile(
    r"(?<![\d:.])(?:(?P<left>\d+(?:\.\d+)?)\s?:\s?1|1\s?:\s?(?P<right>\d+\.\d+|\d))(?![\d:]|\.\d)"
)
_STRUCTURE = re.compile(r"(?<![\d:.])\d+(?:\.\d+)?(?:\s?:\s?\d+(?:\.\d+)?){1,9}(?![\d:])")

_PARTS = listed("half, third, quarter, fifth, sixth, seventh, eighth, ninth, tenth")
_FOLLOWS_SHARE = re.compile(rf"分之|成|/|{'|'.join(_PARTS)}|fold|\s(?:in|of|out)\s")
_NO_NUMERAL = rf"[^\d{CHINESE}。;；]"
# Shares that begin with a numeral, and those that begin with another word.
_SHARES = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<whole>{NUMERAL})分之(?P<part>{NUMERAL})",
        rf"(?P<tenths>{NUMERAL}(?:[到至-]{NUMERAL})?)成(?P<and_half>半)?(?![立本功为都员果就交份熟])",
        r"(?<![\d/.])(?P<part>\d{1,3})/(?P<whole>\d{1,3})(?![\d/])",
        rf"(?P<part>{NUMERAL})[\s-]+(?P<parts>(?:{'|'.join(_PARTS)})s?)(?![a-z])"
        rf"(?!\s+an?\s+(?:{_SCALE}))",
        rf"(?P<part>{NUMERAL})\s+(?:in|of|out\s+of)\s+(?:every|each)\s+(?P<whole>{NUMERAL})",
        rf"(?P<part>one|1)\s+(?:in|out\s+of)\s+(?P<whole>{NUMERAL})(?!\s+(?:years|months|days))",
        r"(?P<times>\d+(?:\.\d+)?)[\s-]?fold(?![a-z])",
    )
)
_WORDED_SHARES = re.compile(
    rf"翻(?P<doublings>[一两三四]?)番|(?<![a-z])(?P<times>{_BELOW_20})[\s-]?fold(?![a-z])"
    rf"|(?:(?<![a-z])(?P<part>an?)[\s-]+(?P<parts>(?:{'|'.join(_PARTS)}))|(?<![a-z-])half|一半|半数)"
    rf"(?![a-z])(?!\s+an?\s+(?:{_SCALE}))(?:\s+of\s+an?\s+(?P<scale>{_SCALE}))?"
    rf"|每{_NO_NUMERAL}{{0,4}}(?P<every>{NUMERAL}){_NO_NUMERAL}{{0,9}}(?:…|\.\.|有)(?P<some>{NUMERAL})"
)


class Number(NamedTuple):
    """A number found in a text; two values for a printed range, none for what is no number."""

    start: int
    end: int
    low: Fraction | int = 0
    high: Fraction | int = 0
    places: int | None = None  # the power of ten of the last digit, if after a decimal point
    scale: int = 1  # the product of the scale words
    kind: str = "amount"  # or "share" (of one), "percent" (hundredths, tenths), "times", "ratio"
    exceeded: bool = False  # whether a word inside the number says so
    fault: str = ""  # why it looks like a number but is none, or could be two


class _NotANumberError(ValueError):
    """A run of characters looks like a number but is none, or could be two."""

    def __init__(self, what: str, span: tuple[int, int] | None = None) -> None:
        super().__init__(what)
        self.span = span


def convention(text: str) -> bool | None:
    """Tell whether a `plain` text writes 1.000,5, the European way; None if that cannot be told.

    >>> convention("212,1 mrd. €, rund 6.400 mitarbeiter"), convention("1,5")
    (True, None)
    """
    european = len(EUROPEAN.findall(text)) + len(_EUROPEAN_FORM.findall(text))
    english = len(_ENGLISH_FORM.findall(text))
    return None if european == english == 0 else _decided(european, english)


def _decided(european: int, english: int) -> bool | None:
    return True if european > 3 * english else False if english > 3 * european else None


def find_numbers(text: str, european: bool | None = None) -> Iterator[Number]:
    """Find the numbers of a `plain` text from left to right, also those with a `fault`.

    >>> [(float(n.low), float(n.high)) for n in find_numbers("五六十亿, 1/4, 1万4千")]
    [(5000000000.0, 6000000000.0), (0.25, 0.25), (14000.0, 14000.0)]
    >>> [n.fault for n in find_numbers("四六家")]
    ["'四六' runs digits together without a scale"]
    """
    european = convention(text) if european is None else european
    position = 0
    while found := _next(text, position):
        share = found.re is not _AMOUNT
        try:
            number = _share(found) if share else _amount_or_range(text, found, european)
        except _NotANumberError as error:
            number = Number(*(error.span or found.span()), fault=str(error))
        yield number
        position = number.end


def _next(text: str, position: int) -> re.Match | None:
    """Find what begins first; a share goes before the amount it begins with."""
    amount = _AMOUNT.search(text, position)
    reach = amount.end() + LONGEST_SHARE if amount else len(text)
    worded = _WORDED_SHARES.search(text, position, reach)
    if worded and (not amount or worded.start() <= amount.start()):
        return worded
    if amount and _FOLLOWS_SHARE.search(text, amount.start(), amount.end() + 12):
        shares = (form.match(text, amount.start(), reach) for form in _SHARES)
        return next(filter(None, shares), amount)
    return amount


def _amount_or_range(text: str, found: re.Match, european: bool | None) -> Number:
    if ratio := _RATIO.match(text, found.start()):
        return Number(*ratio.span(), *_numeral(ratio["left"] or ratio["right"]), kind="ratio")
    if structure := _STRUCTURE.match(text, found.start()):
        what = f"{structure[0]!r} is a time, or a ratio or structure of several numbers"
        raise _NotANumberError(what, structure.span())
    if span := _YEARS.match(text, found.start()):
        first, last = (Fraction(year) for year in (span["first"], span["first"][:2] + span["last"]))
        if first < last:
            return Number(*span.span(), first, last)
    number = _amount(text, found, european)
    before = text[max(0, number.start - 16) : number.start]
    joint = (_AND if _BETWEEN.search(before) else _TO).match(text, number.end)
    other = _AMOUNT.match(text, joint.end()) if joint else None
    if other and (joint.re is _AND or _one_unit(text, number.start, joint, other, before)):
        return _range(number, _amount(text, other, european))
    return number


def _one_unit(text: str, first: int, joint: re.Match, other: re.Match, before: str) -> bool:
    """Tell a range from two figures: rose 21.4 percent to 39.1 billion, from 20 to 35 firms."""
    if _FROM.search(before) and not joint[0].strip().startswith("-"):
        return False
    if _CALENDAR.search(before + text[first : joint.start()]) and not _CALENDAR.fullmatch(other[0]):
        return False  # 10 crores in 1985 to 5000 crores in 2003
    behind, unit = text[other.end() : other.end() + 10].lstrip(), joint["unit"]
    return not unit or behind.startswith(_SAME.get(unit, unit))


def _amount(text: str, found: re.Match, european: bool | None) -> Number:
    """Read one amount; what goes on after its scale is added if it is below that scale."""
    low, high, places = _numeral(found["numeral"], european)
    if found["half"]:
        low, high = low + Fraction(1, 2), high + Fraction(1, 2)
    scales = found["scales"]
    scale = prod(SCALES[word] for word in _SCALE_WORD.findall(scales)) if scales else 1
    end = found.end()
    if scale == 1 and _PRICED.search(text[max(0, found.start() - 5) : found.start()]):
        short = _SHORT.match(text, end)
        scale, end = _SHORT_SCALES[short[0]] if short else 1, short.end() if short else end
    if scale > 1:
        low, high = low * scale, high * scale
    number = Number(
        found.start(),
        end,
        low=low,
        high=high,
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
            return rest._replace(start=number.start, low=low, high=high, scale=scale)
    return number


def _range(first: Number, last: Number) -> Number:
    """Join two ends; the scale of "30-40 million" is meant for both, that of 8000-1万 is not."""
    shared = first.low * last.scale
    low = shared if first.scale == 1 and shared <= last.high else first.low
    if not last.high / FARTHEST <= low <= last.high:
        raise _NotANumberError("the ends of the range do not belong together")
    places = min((n.places for n in (first, last) if n.places is not None), default=None)
    return last._replace(start=first.start, low=low, places=places)


def _share(found: re.Match) -> Number:
    groups = {name: words for name, words in found.groupdict().items() if words is not None}
    if "doublings" in groups or "times" in groups:
        doublings = "一两三四".find(groups.get("doublings") or "一") + 1
        times = _numeral(groups["times"])[0] if "times" in groups else Fraction(2**doublings)
        return Number(*found.span(), times, times, kind="times")
    if "tenths" in groups:
        ends = [_numeral(end) for end in re.split("[到至-]", groups["tenths"])]
        half = 5 if "and_half" in groups else 0
        low, high = 10 * ends[0][0] + half, 10 * ends[-1][1] + half
        return Number(*found.span(), low, high, kind="percent")
    if "every" in groups:
        groups |= {"whole": groups["every"], "part": groups["some"]}
    if "whole" not in groups:
        share = _numeral(groups.get("part", "one"))[0]
        share = Fraction(share) / (2 + _PARTS.index(groups.get("parts", "half").removesuffix("s")))
        if scale := SCALES.get(groups.get("scale", "")):
            return Number(*found.span(), share * scale, share * scale, scale=scale)
        return Number(*found.span(), share, share, kind="share")
    low, high, places = _numeral(groups["part"])
    whole, other, _ = _numeral(groups["whole"])
    if groups["whole"] == "百":  # 百分之十五 is the Chinese way to print 15 percent
        return Number(*found.span(), low, high, places, kind="percent")
    if whole != other or not 0 < high < whole:
        raise _NotANumberError("a share must be a part of one whole")
    return Number(*found.span(), Fraction(low) / whole, Fraction(high) / whole, kind="share")


_Numeral = tuple[
    Fraction | int, Fraction | int, int | None
]  # both ends, the place of the last decimal


def _numeral(numeral: str, european: bool | None = None) -> _Numeral:
    """Read a `NUMERAL`; `european` tells that a dot parts thousands and a comma decimals.

    >>> _numeral("14.50"), _numeral("two hundred and six")
    ((Fraction(29, 2), Fraction(29, 2), -2), (Fraction(206, 1), Fraction(206, 1), None))
    >>> _numeral("14.000", european=True)[0], _numeral("两三千")
    (Fraction(14000, 1), (Fraction(2000, 1), Fraction(3000, 1), None))
    """
    if len(numeral) > LONGEST_NUMERAL:
        raise _NotANumberError("it is too large, or no number at all")
    if numeral[-1] in "½¼¾⅓⅔":
        value = Fraction(numeral[:-1] or 0) + Fraction(numeric(numeral[-1])).limit_denominator(9)
        return value, value, None
    if numeral[0].isdigit():
        return _digits(numeral, european)
    if pair := _NEIGHBOURS.search(numeral):
        ends = (numeral[: pair.start()] + one + numeral[pair.end() :] for one in pair[0])
        low, high = (_numeral(end)[0] for end in ends)
        return low, high, None
    value = _chinese(numeral) if numeral[0] in CHINESE else _english(numeral)
    return value, value, None


def _digits(digits: str, european: bool | None) -> _Numeral:
    if digits.isdecimal():
        return (value := int(digits)), value, None
    if not european and re.fullmatch(r"\d{1,3} \d{3}", digits):
        raise _NotANumberError(f"{digits!r} can be one number or two")
    digits = digits.replace(" ", "")
    english_form, european_form = (
        _ENGLISH_NUMBER.fullmatch(digits),
        _EUROPEAN_NUMBER.fullmatch(digits),
    )
    form = european_form or english_form if european else english_form or european_form
    # Without words that tell the language, 14.000 is English and 1,5 could be either.
    told = european or form is english_form or len(re.findall(r"\D", digits)) > 1
    if form is None or not told:
        raise _NotANumberError(
            f"{digits!r} is grouped neither like 1,000.5 nor, in a text that does so throughout, "
            "like 1.000,5"
        )
    whole, decimals = re.sub(r"\D", "", form[1]), form[2]
    value = Fraction(int(whole + (decimals or "")), 10 ** len(decimals or ""))
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
