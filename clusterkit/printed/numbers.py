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

from clusterkit.printed.vocabulary import CHINESE, CHINESE_DIGITS, form, listed, words

LONGEST_SHARE = 40  # characters from its first numeral on
LONGEST_NUMERAL = 40
FARTHEST = 100  # an upper end beyond a hundred times the lower one is a misreading
_SHORT_SCALES = {"m": 10**6, "b": 10**9, "t": 10**12}
_PERCENT = ("%", "percent", "per cent", "个百分点")
_SAME = dict.fromkeys(_PERCENT[:3], _PERCENT)


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
    """Tell whether a `plain` text writes 1.000,5, the European way; None if that cannot be told."""
    european = sum(len(form(f"numbers.european_{what}").findall(text)) for what in ("word", "form"))
    english = len(form("numbers.english_form").findall(text))
    return None if european == english == 0 else _decided(european, english)


def _decided(european: int, english: int) -> bool | None:
    return True if european > 3 * english else False if english > 3 * european else None


def find_numbers(text: str, european: bool | None = None) -> Iterator[Number]:
    """Find the numbers of a `plain` text from left to right, also those with a `fault`."""
    european = convention(text) if european is None else european
    position = 0
    while found := _next(text, position):
        share = found.re is not form("numbers.amount")
        try:
            number = _share(found) if share else _amount_or_range(text, found, european)
        except _NotANumberError as error:
            number = Number(*(error.span or found.span()), fault=str(error))
        yield number
        position = number.end


def _next(text: str, position: int) -> re.Match | None:
    """Find what begins first; a share goes before the amount it begins with."""
    amount = form("numbers.amount").search(text, position)
    reach = amount.end() + LONGEST_SHARE if amount else len(text)
    worded = form("numbers.worded_share").search(text, position, reach)
    if worded and (not amount or worded.start() <= amount.start()):
        return worded
    if amount and form("numbers.share_hint").search(text, amount.start(), amount.end() + 12):
        shares = (form.match(text, amount.start(), reach) for form in words.shares)
        return next(filter(None, shares), amount)
    return amount


def _amount_or_range(text: str, found: re.Match, european: bool | None) -> Number:
    if ratio := form("numbers.ratio").match(text, found.start()):
        return Number(*ratio.span(), *_numeral(ratio["left"] or ratio["right"]), kind="ratio")
    if structure := form("numbers.structure").match(text, found.start()):
        what = f"{structure[0]!r} is a time, or a ratio or structure of several numbers"
        raise _NotANumberError(what, structure.span())
    if span := form("numbers.years").match(text, found.start()):
        first, last = (Fraction(year) for year in (span["first"], span["first"][:2] + span["last"]))
        if first < last:
            return Number(*span.span(), first, last)
    number = _amount(text, found, european)
    before = text[max(0, number.start - 16) : number.start]
    to = form("numbers.to")
    joint = (form("numbers.and") if form("numbers.between").search(before) else to).match(
        text, number.end
    )
    other = form("numbers.amount").match(text, joint.end()) if joint else None
    if other and (joint.re is not to or _one_unit(text, number.start, joint, other, before)):
        return _range(number, _amount(text, other, european))
    return number


def _one_unit(text: str, first: int, joint: re.Match, other: re.Match, before: str) -> bool:
    """Tell a range from two figures: rose 21.4 percent to 39.1 billion, from 20 to 35 firms."""
    if form("numbers.from").search(before) and not joint[0].strip().startswith("-"):
        return False
    calendar, one = form("numbers.calendar"), before + text[first : joint.start()]
    if calendar.search(one) and not calendar.fullmatch(other[0]):
        return False  # 10 crores in 1985 to 5000 crores in 2003
    behind, unit = text[other.end() : other.end() + 10].lstrip(), joint["unit"]
    return not unit or behind.startswith(_SAME.get(unit, unit))


def _amount(text: str, found: re.Match, european: bool | None) -> Number:
    """Read one amount; what goes on after its scale is added if it is below that scale."""
    low, high, places = _numeral(found["numeral"], european)
    if found["half"]:
        low, high = low + Fraction(1, 2), high + Fraction(1, 2)
    scale, end = 1, found.end()
    if found["scales"]:
        named = form("numbers.scale_word").findall(found["scales"])
        scale = prod(words.scales[word] for word in named)
    elif form("numbers.priced").search(text[max(0, found.start() - 5) : found.start()]):
        short = form("numbers.short").match(text, end)
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
    if gap := form("numbers.continued").match(text, number.end):
        rest = _amount(text, form("numbers.amount").match(text, gap.end()), european)
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
        share = Fraction(share) / (
            2
            + listed(words.tables["words"]["parts"]).index(
                groups.get("parts", "half").removesuffix("s")
            )
        )
        if scale := words.scales.get(groups.get("scale", "")):
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
    """Read a numeral; `european` tells that a dot parts thousands and a comma decimals."""
    if len(numeral) > LONGEST_NUMERAL:
        raise _NotANumberError("it is too large, or no number at all")
    if numeral[-1] in "½¼¾⅓⅔":
        value = Fraction(numeral[:-1] or 0) + Fraction(numeric(numeral[-1])).limit_denominator(9)
        return value, value, None
    if numeral[0].isdigit():
        return _digits(numeral, european)
    if pair := form("numbers.neighbours").search(numeral):
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
    english = form("numbers.english_number").fullmatch(digits)
    continental = form("numbers.european_number").fullmatch(digits)
    read = continental or english if european else english or continental
    # Without words that tell the language, 14.000 is English and 1,5 could be either.
    told = european or read is english or len(re.findall(r"\D", digits)) > 1
    if read is None or not told:
        raise _NotANumberError(
            f"{digits!r} is grouped neither like 1,000.5 nor, in a text that does so throughout, "
            "like 1.000,5"
        )
    whole, decimals = re.sub(r"\D", "", read[1]), read[2] or ""
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    return value, value, -len(decimals) if decimals else None


def _chinese(numeral: str) -> Fraction:
    # cn2an knows neither a scale without its one (百亿) nor decimals before a scale (一点五亿),
    # and runs two digits that are no neighbours together (四六 would be 46).
    if decimals := re.fullmatch(rf"(.+点[{CHINESE_DIGITS}]+)([十百千万亿]+)", numeral):
        return _chinese(decimals[1]) * prod(words.scales[character] for character in decimals[2])
    if re.fullmatch(rf"[{CHINESE_DIGITS}]{{2,3}}", numeral):
        raise _NotANumberError(f"{numeral!r} runs digits together without a scale")
    import cn2an

    try:
        one = "一" if numeral[0] in "百千万亿" else ""
        return Fraction(str(cn2an.cn2an(one + numeral, "normal")))
    except (ValueError, KeyError, IndexError) as error:
        raise _NotANumberError(f"{numeral!r} is not a Chinese numeral") from error


def _english(numeral: str) -> Fraction:
    first, *more = parts = re.split(r"[\s-]+", numeral)
    if first == "half":
        return Fraction(1, 2)
    value = words.english
    if "hundred" in more:
        return Fraction(100 * value[first] + sum(value[word] for word in more[1:]))
    return Fraction(sum(value[word] for word in parts))
