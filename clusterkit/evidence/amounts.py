"""Find the numbers in a text: amounts with their scale words, ranges, fractions of a whole.

"1.4万", "1 billion 200 million", "30-40 million", "两三百", "三分之二", "one in three": what a
number amounts to, without regard to hedges, units and what it counts; `reading` adds those.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from math import prod

from clusterkit.evidence.numerals import (
    CHINESE_DIGITS,
    CHINESE_SCALES,
    NUMERAL,
    NotANumberError,
    read_numeral,
)
from clusterkit.evidence.words import EUROPEAN, SCALES, any_of, listed

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
