"""Understand the words around a number: hedges, declines, units, and what they leave over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from clusterkit.errors import ClusterkitError, UnknownNameError
from clusterkit.printed import vocabulary as words
from clusterkit.printed.doubt import COUNTED_UNITS, FINEST_SHARE, figure_range, step_of
from clusterkit.printed.numbers import (
    CHINESE_DIGITS,
    CHINESE_SCALES,
    NotANumberError,
    Number,
    find_numbers,
    plain,
)


class Token(NamedTuple):
    """A word of the tables: its kind (hedge, decline, unit, lead, tail) and what it means."""

    kind: str
    meaning: object


@dataclass(frozen=True)
class Wording:
    """The words around a number."""

    tokens: tuple[Token, ...]  # the words understood
    strange: str  # what stands before the number and is not understood
    noun: str  # what stands behind it and is not in the tables: at best the thing counted

    @property
    def hedges(self) -> list[str]:
        """The hedges said, in order."""
        return [str(token.meaning) for token in self.tokens if token.kind == "hedge"]

    @property
    def units(self) -> list[tuple[str, ...]]:
        """For each unit printed, the base units it admits, the usual one first."""
        return [token.meaning for token in self.tokens if token.kind == "unit"]

    @property
    def declines(self) -> bool:
        """Whether a word says that something shrank."""
        return any(token.kind == "decline" for token in self.tokens)


def read_wording(phrase: str, start: int, end: int) -> Wording:
    """Understand a `numerals.plain` phrase, of which ``phrase[start:end]`` is the number.

    Examples
    --------
    >>> wording = read_wording("约有36个简易棚", 2, 4)
    >>> wording.hedges, wording.units[0][:2], wording.noun
    (['about'], ('count', 'piece'), '简易棚')
    """
    before, strange = _tokens(phrase, 0, start, _BEFORE)
    after, noun = _tokens(phrase, end, len(phrase), _AFTER)
    return Wording((*before, *after, *_hedges_within(noun)), strange, noun)


def widest(hedges: set[str]) -> str:
    """Return the hedge that covers all that were said.

    Examples
    --------
    >>> widest(set()), widest({"over", "at_least"}), widest({"nearly", "over"})
    ('exact', 'at_least', 'about')
    """
    upward, downward = hedges & {"over", "at_least"}, hedges & {"nearly", "up_to"}
    if "about" in hedges or (upward and downward):
        return "about"
    return next((one for one in ("at_least", "up_to", "over", "nearly") if one in hedges), "exact")


_Table = tuple[re.Pattern, dict[str, Token]]


def _table(groups: Mapping[tuple[str, object], str]) -> _Table:
    table = {
        word: Token(kind, meaning)
        for (kind, meaning), row in groups.items()
        for word in words.listed(row)
    }
    return re.compile(words.any_of(table)), table


_UNITS = {("unit", units): row for units, row in words.UNITS.items()}
_BEFORE = _table(
    {("hedge", hedge): row for hedge, row in words.HEDGES_BEFORE.items()}
    | {("decline", None): words.DECLINE_BEFORE, ("lead", None): words.IDLE_BEFORE}
    | {key: row for key, row in _UNITS.items() if key[1][0] in words.CURRENCIES}
)
_AFTER = _table(
    {("hedge", hedge): row for hedge, row in words.HEDGES_AFTER.items()}
    | {("decline", None): words.DECLINE_AFTER, ("tail", None): words.IDLE_AFTER}
    | _UNITS
)


def _tokens(phrase: str, position: int, end: int, table: _Table) -> tuple[list[Token], str]:
    """Split a part of a phrase into words of the table and what remains from the first other."""
    pattern, meanings = table
    tokens = []
    while position < end:
        found = pattern.match(phrase, position)
        if found and found.end() <= end:
            tokens.append(meanings[" ".join(found[0].split())])
            position = found.end()
        elif phrase[position] in " ,":
            position += 1
        else:
            return tokens, phrase[position:end].strip()
    return tokens, ""


def _hedges_within(noun: str) -> list[Token]:
    """Find the hedges behind the name of the thing, as in "80 shops or more"."""
    pattern, meanings = _AFTER
    found = (meanings[" ".join(word.split())] for word in pattern.findall(noun) if len(word) > 1)
    return [token for token in found if token.kind == "hedge"]


FORMS = (
    "Readable is one number with its hedge and unit: 近1000亿元, 1.4万余家, 两三百家, 三分之二, "
    "六成, 百分之十五, 3.783 billion yuan, 30-40 million, two-thirds, more than 50 percent. "
    "A word that is missing can be added to clusterkit/printed/vocabulary.py."
)
THINGS = COUNTED_UNITS - {"count", "year"}  # these come in whole numbers

_SIZE_CLASS = re.compile(rf"(?:{words.any_of(words.SCALES)})\s*(?:级|級|[\s-]?level|-class)")
# A date names its year; an aside without a number, as in 件(套), is another name of the unit.
_DATE = re.compile(r"(?<!\d)(\d{4}年)\d{1,2}月(?:\d{1,2}日)?")
_ASIDE = re.compile(rf"\s*\([^()\d{CHINESE_DIGITS}{CHINESE_SCALES}]*\)")
# The name of a thing, perhaps behind an ellipsis. A dash, a single letter, 几 (several) and 兆
# (a million here, 10**12 there) are no names: they would change what the number says.
_NOUN = re.compile(r"(?:\.\.+\s*|…+\s*)?(?:[^\W\d_a-z几数兆]|[a-z]{2})")


class ReadingError(ClusterkitError, ValueError):
    """A printed figure cannot be read, or says something else than the reader expects."""


@dataclass(frozen=True)
class PrintedFigure:
    """What a printed figure says.

    Attributes
    ----------
    text : str
        The phrase as it was printed.
    value : float
        The figure in its base unit; the middle of a printed range; negative for a decline.
    unit : str or None
        The base unit the phrase names (CNY, USD, percent, firm, person, piece, mu, km2 ...);
        None where it names none, even if the reader expected one.
    hedge : str
        One of `clusterkit.printed.doubt.HEDGES`.
    low, high : float
        What the truth may be, by `doubt.figure_range`; the printed ends of a printed range.
    step : float
        How finely the figure was printed, in the base unit.
    """

    text: str
    value: float
    unit: str | None
    hedge: str
    low: float
    high: float
    step: float


def read_figure(text: str, *, unit: str | None = None) -> PrintedFigure:
    """Read a figure as it was printed.

    Parameters
    ----------
    text : str
        The number phrase: number, hedge, unit, nothing else.
    unit : str, optional
        The base unit expected. It decides what a counter counts (家: firms or households) and
        that a fraction is meant in percent. It never overrides a unit that was printed.

    Returns
    -------
    PrintedFigure

    Raises
    ------
    ReadingError
        No number or several, a word that is not understood, a number that can be read in two
        ways, or a printed unit that is not the one expected.
    UnknownNameError
        The expected unit does not exist.

    Notes
    -----
    Two hedges in one phrase count as the wider one: 约70余万 is "about", 超60%以上 "at_least".
    A fraction (2/3, 一半) is taken to be rounded to a tenth of itself, like "50 percent".

    Examples
    --------
    >>> figure = read_figure("近1000亿元")
    >>> figure.value, figure.unit, figure.hedge, figure.low, figure.high
    (100000000000.0, 'CNY', 'nearly', 90000000000.0, 100000000000.0)
    >>> read_figure("1.4万余家").value, read_figure("30-40 million").low
    (14000.0, 30000000.0)
    >>> round(read_figure("2/3", unit="percent").value, 1)
    66.7
    >>> read_figure("293.36亩", unit="km2")
    Traceback (most recent call last):
    ...
    clusterkit.printed.reading.ReadingError: The figure is printed as mu, but km2 is expected.
      where:  '293.36亩'
      likely: Understood so far: the number 293.36, the unit mu.
      next:   Correct the unit of the claim, or convert it and say so in its note.
    """
    if unit is not None and unit not in words.BASE_UNITS:
        raise UnknownNameError.among("unit", unit, words.BASE_UNITS)
    phrase = _ASIDE.sub("", _DATE.sub(r"\1", plain(text))).strip()
    number = _only_number(text, phrase)
    wording = read_wording(phrase, number.start, number.end)
    try:
        printed = _printed_units(number, wording)
        likely = printed[0] if printed else unit
        _refuse_leftovers(number, wording, likely)
        _refuse_two_ways(phrase[number.start : number.end], number, likely)
        named = _agreed_unit(number, printed, unit)
    except ReadingError as error:
        error.where, error.why = repr(text), _understood(number, wording)
        raise
    return _figure(text, number, wording, named, named or unit)


def _only_number(text: str, phrase: str) -> Number:
    if _SIZE_CLASS.search(phrase):
        raise ReadingError(
            "The phrase names a size class, not a figure.",
            where=repr(text),
            why="百亿级 is the ten-billion level; 四个百亿级 are four of that class, but often "
            "come out in English as 'four hundred billion-level'.",
            fix="Claim the number of classes (4) and their size (百亿) as two figures.",
        )
    try:
        numbers = list(find_numbers(phrase))
        _ = [float(number.high) for number in numbers]
    except (NotANumberError, OverflowError) as error:
        raise ReadingError(
            f"The number cannot be read: {error}.", where=repr(text), fix=FORMS
        ) from error
    if len(numbers) == 1:
        return numbers[0]
    parts = ", ".join(repr(phrase[number.start : number.end]) for number in numbers)
    raise ReadingError(
        "There are several numbers in one phrase." if numbers else "There is no number.",
        where=repr(text),
        why=f"Understood so far: {parts}." if parts else None,
        fix="Print one figure to a claim." if numbers else FORMS,
    )


def _printed_units(number: Number, wording: Wording) -> tuple[str, ...] | None:
    """Return the base units that the printed words admit, the usual one first.

    Beside a share a counter names the whole: 每3支…一支 is a third, not a third of a piece.
    """
    printed = ("percent",) if number.kind == "percent" else None
    for units in wording.units:
        if number.kind == "share" and not COUNTED_UNITS.isdisjoint(units):
            continue
        both = units if printed is None else tuple(unit for unit in printed if unit in units)
        if not both:
            raise ReadingError(f"Two units are printed, {printed[0]} and {units[0]}.", fix=FORMS)
        printed = both
    return printed


def _refuse_leftovers(number: Number, wording: Wording, unit: str | None) -> None:
    """Words that are not understood may only name the things that are counted."""
    counts = number.kind == "amount" and (unit is None or unit in COUNTED_UNITS)
    leftover = wording.strange or wording.noun
    if leftover and (wording.strange or not counts or not _NOUN.match(wording.noun)):
        raise ReadingError(f"The words {leftover!r} beside the number are not known.", fix=FORMS)


def _refuse_two_ways(digits: str, number: Number, unit: str | None) -> None:
    if number.places == -3 and unit in THINGS and re.fullmatch(r"\d{1,3}\.\d{3}", digits):
        raise ReadingError(
            f"{digits!r} can be thousands, printed in the European way, or have three decimals.",
            fix="Give it with a word that tells the language (oltre 14.000), or print 14,000.",
        )


def _agreed_unit(
    number: Number, printed: tuple[str, ...] | None, expected: str | None
) -> str | None:
    if printed is None and number.kind == "share" and expected is not None:
        printed = ("percent",)
    if printed is None or expected is None:
        return printed[0] if printed else None
    if expected not in printed:
        share = number.kind == "share" and printed == ("percent",)
        raise ReadingError(
            f"The figure is printed as {'a share' if share else printed[0]}, "
            f"but {expected} is expected.",
            fix="Correct the unit of the claim, or convert it and say so in its note.",
        )
    return expected


def _figure(
    text: str, number: Number, wording: Wording, named: str | None, unit: str | None
) -> PrintedFigure:
    factor = 100 if number.kind == "share" and unit == "percent" else 1
    factor *= -1 if wording.declines else 1
    low, high = sorted(float(end * factor) for end in (number.low, number.high))
    if number.kind == "share":
        step = abs(low) / float(FINEST_SHARE)
    else:
        step = min(step_of(end, unit=unit, places=number.places) for end in (low, high))
    if low != high:
        middle = float((number.low + number.high) * factor / 2)
        return PrintedFigure(text, middle, named, "per_source_range", low, high, step)
    hedge = widest({*wording.hedges, *(["over"] if number.more else [])})
    low, high = figure_range(low, hedge, unit=unit, step=step)
    return PrintedFigure(text, float(number.low * factor), named, hedge, low, high, step)


def _understood(number: Number, wording: Wording) -> str:
    ends = dict.fromkeys(f"{float(end):,g}" for end in (number.low, number.high))
    known = [f"the {'share' if number.kind == 'share' else 'number'} {' to '.join(ends)}"]
    known += [f"the hedge {hedge}" for hedge in wording.hedges]
    known += [f"the unit {units[0]}" for units in wording.units]
    return f"Understood so far: {', '.join(known)}."
