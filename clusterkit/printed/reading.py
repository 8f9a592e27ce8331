"""Read a figure as it was printed: its number, and the words around it that hedge or name it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from clusterkit.errors import ClusterkitError, UnknownNameError
from clusterkit.printed.doubt import COUNTED_UNITS, ROUGHEST, figure_range, step_of
from clusterkit.printed.numbers import Number, find_numbers
from clusterkit.printed.vocabulary import CHINESE, Meaning, Words, form, plain, words

FORMS = (
    "Readable is one number with its hedge and unit: 近1000亿元, 1.4万余家, 两三百家, 三分之二, "
    "六成, 百分之十五, 3.783 billion yuan, 30-40 million, two-thirds, more than 50 percent. "
    "A word that is missing can be added to clusterkit/printed/vocabulary.toml."
)
_UNITS_OF_KIND = dict.fromkeys(("percent", "share"), ("percent",))
_UNITS_OF_KIND |= {kind: (kind, "count") for kind in ("times", "ratio")}
THINGS = COUNTED_UNITS - {"count", "year"}  # these come in whole numbers

_SIZE = re.compile("级|level|class")
# A date names its year; an aside without a number, as in 件(套), is another name of the unit.
_DATE = re.compile(r"(?<!\d)(\d{4}年)\d{1,2}月(?:\d{1,2}日)?")
_PART_OF_YEAR = re.compile(
    r"(?<!\d)(?:1[89]|20)\d\d年(?:[末底初中度前]|[上下]半年|[一二三四]季度)|(?<!\d)\d{1,2}月"
)
_GLUED = re.compile(r"[a-z](?=\d)")  # A4 is no four
_ORDINAL = re.compile(rf"第\s?[\d{CHINESE}]|(?<![\d.,])\d+(?:st|nd|rd|th)(?![a-z])")
_LOSS = re.compile(r"\((?P<number>[$£€¥]?\s?\d[\d.,]*)\)")  # how accounts print a negative
_ASIDE = re.compile(rf"\s*\([^()\d{CHINESE}]*\)")
# The name of a thing, perhaps behind an ellipsis. A dash, a single letter, 几 (several) and 兆
# (a million here, 10**12 there) are no names: they would change what the number says.
_NOUN = re.compile(r"(?:\.\.+\s*|…+\s*)?(?:[^\W\d_a-z几数兆]|[a-z]{2})")


class ReadingError(ClusterkitError, ValueError):
    """A printed figure cannot be read, or says something else than the reader expects."""


class UnlikeError(ReadingError):
    """A printed figure can be read, and is in another unit than its claim."""


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
        The base unit the phrase names (CNY, EUR, percent, pp, times, firm, person, piece, m2 ...);
        None where it names none, even if the reader expected one.
    hedge : str
        One of exact, about, nearly, over, at_least, up_to, per_source_range.
    low, high : float
        What the truth may be, by `figure_range`; the printed ends of a printed range.
    step : float
        How finely the figure was printed, in the base unit.
    change : bool
        Whether it is printed as a change: 增长2.5倍 is 2.5 times more, 2.5倍 is 2.5 times as much.
    """

    text: str
    value: float
    unit: str | None
    hedge: str
    low: float
    high: float
    step: float
    change: bool = False


def read_figure(
    text: str, *, unit: str | None = None, european: bool | None = None
) -> PrintedFigure:
    """Read a figure as it was printed; what it is not sure of it refuses, and never guesses.

    Parameters
    ----------
    text : str
        The number phrase: number, hedge, unit, nothing else; in Chinese or English, and the
        commoner forms of German, French, Italian, Russian, Japanese and Korean.
    unit : str, optional
        The base unit expected. It decides what a counter counts (家: firms or households). It
        never overrides a unit that was printed.
    european : bool, optional
        Whether the text writes 1.000,5 and not 1,000.5; by default told from the phrase alone.

    Returns
    -------
    PrintedFigure

    Raises
    ------
    ReadingError
        There is no number, there are several, words are not known, or what is printed is not in
        the unit expected. It says what was understood so far.
    UnknownNameError
        The expected unit is none of the base units.

    Notes
    -----
    Words come from vocabulary.toml beside this module, which can be added to. A fraction of a
    whole is in percent. Some words are ambiguous in print. 上 (上万家) counts as "over"; 高达 and
    "up to" as "up_to", though they can also mean "as high as"; several hedges together count as
    the widest: 近1000多家 is "about". A scale stays as it is printed: 三亿美元 is 3e8 USD even
    where a translator meant three billion.

    Examples
    --------
    >>> figure = read_figure("nearly 1.45 billion pieces")
    >>> figure.value, figure.unit, figure.hedge, figure.low, figure.high
    (1450000000.0, 'piece', 'nearly', 1440000000.0, 1450000000.0)
    >>> read_figure("减少超过900家").value, read_figure("2/3").unit
    (-900.0, 'percent')
    >>> read_figure("293.36亩", unit="acre")
    Traceback (most recent call last):
    clusterkit.printed.reading.UnlikeError: The figure is printed as mu, but acre is expected.
      where:  '293.36亩'
      likely: Understood so far: the number 293.36, the unit mu.
      next:   Correct the unit of the claim, or convert it and say so in its note.
    """
    if unit is not None and unit not in words.base_units:
        raise UnknownNameError.among("unit", unit, words.base_units)
    phrase = " ".join(plain(text).split())
    try:
        phrase = _DATE.sub(r"\1", phrase) if "月" in phrase else phrase
        _refuse_places(phrase, unit)
        if "(" in phrase:
            phrase = _LOSS.sub(r"-\g<number>", _ASIDE.sub("", phrase).strip())
        wording = _Wording(phrase, european)
        named = wording.unit(expected=unit)
    except ReadingError as error:
        error.where = repr(text)
        raise
    return wording.figure(text, named, named or unit)


def _refuse_places(phrase: str, unit: str | None) -> None:
    """Refuse what is a place in an order or in time, unless a rank or a year is expected."""
    if _ORDINAL.search(phrase) and unit != "count":
        raise ReadingError(
            "The phrase names a place in an order, not a figure.",
            fix="Leave it out, or expect a count to read a rank.",
        )
    if _PART_OF_YEAR.search(phrase) and unit != "year":
        raise ReadingError("The phrase is a date, not a figure.", fix="Claim it as a period.")


class _Wording:
    """One number, and what the words around it in a `plain` phrase say."""

    def __init__(self, phrase: str, european: bool | None = None) -> None:
        self.number = number = _only_number(phrase, european)
        self.digits = phrase[number.start : number.end]
        self.share = number.kind == "share"
        # What stands before the number and is not understood; what stands behind it and is not
        # in the tables is at best the thing counted.
        before, self.strange = _words(phrase, 0, number.start, words.before)
        after, self.noun = _words(phrase, number.end, len(phrase), words.after)
        # A hedge can stand behind the name of the thing: 80 shops or more.
        late = [words.after.at(self.noun, place) for place in range(len(self.noun))]
        late = [words.after.meanings[word] for word in late if len(word) > 1]
        thing = words.counted(f" {self.noun}")[1] if self.noun else None
        said = [*before, *after, *(meaning for meaning in late if meaning[0] == "hedge")]
        self.hedges = [hedge for kind, hedge in said if kind == "hedge"]
        self.units = [units for kind, units in said if kind == "unit"]
        if thing and not self.units:
            self.units = [thing]
        kinds = [kind for kind, _ in before]
        if number.start and kinds[-1:] != ["unit"] and _GLUED.match(phrase, number.start - 1):
            self.strange = phrase[: number.start]
        self.declines = "decline" in kinds and "level" not in kinds[kinds.index("decline") :]
        self.declines |= ("decline", "") in after
        self.change = self.declines or "rise" in kinds or ("idle", "rise") in after
        self.both_ways = "±" in phrase[: number.start]

    def unit(self, expected: str | None) -> str | None:
        """Return the base unit that is named; refuse words that are not known or do not fit."""
        printed = self._printed()
        self._refuse_leftovers(printed[0] if printed else expected)
        if not printed or expected is None:
            return printed[0] if printed else None
        if expected not in printed:
            what = "a share" if self.share and printed == ("percent",) else printed[0]
            error = self._error(
                f"The figure is printed as {what}, but {expected} is expected.",
                fix="Correct the unit of the claim, or convert it and say so in its note.",
            )
            raise UnlikeError(error.what, why=error.why, fix=error.fix)
        return expected

    def _printed(self) -> tuple[str, ...]:
        """Return the units that all admit; beside a share (每3支…一支) a counter is the whole."""
        printed = _UNITS_OF_KIND.get(self.number.kind, ())
        for units, _ in self.units:
            if self.number.kind != "amount" and not COUNTED_UNITS.isdisjoint(units):
                continue
            both = tuple(unit for unit in printed or units if unit in units)
            if not both:
                raise self._error(f"Two units are printed, {printed[0]} and {units[0]}.")
            printed = both
        return printed

    def _refuse_leftovers(self, unit: str | None) -> None:
        """Words that are not understood may only name things that are counted, in clear digits."""
        counts = self.number.kind == "amount" and (unit is None or unit in COUNTED_UNITS)
        money = any(word in words.money or word in words.scales for word in self.noun.split())
        if self.strange or money or (self.noun and not (counts and _NOUN.match(self.noun))):
            leftover = self.strange or self.noun
            raise self._error(f"The words {leftover!r} beside the number are not known.")
        thousands = self.number.places == -3 and re.fullmatch(r"\d{1,3}\.\d{3}", self.digits)
        if thousands and unit in THINGS:
            raise self._error(
                f"{self.digits!r} can be thousands, printed in the European way, or have three "
                "decimals.",
                fix="Give it with a word that tells the language (oltre 14.000), or print 14,000.",
            )

    def _error(self, what: str, fix: str = FORMS) -> ReadingError:
        ends = dict.fromkeys(f"{float(end):,g}" for end in (self.number.low, self.number.high))
        number = f"the {'share' if self.share else 'number'} {' to '.join(ends)}"
        hedges = (f"the hedge {hedge}" for hedge in self.hedges)
        units = (f"the unit {units[0]}" for units, _ in self.units)
        return ReadingError(what, why=_understood([number, *hedges, *units]), fix=fix)

    def figure(self, text: str, named: str | None, unit: str | None) -> PrintedFigure:
        """Return what is said, in the unit named or else expected."""
        number = self.number
        factor, part = (-1 if self.declines else 1), prod(part for _, part in self.units)
        if self.share or part > 1:
            factor = Fraction((100 if self.share else 1) * factor, part)
        low, high = sorted(float(end * factor) for end in (number.low, number.high))
        value = (low + high) / 2
        if self.share:
            step = abs(low) / float(ROUGHEST)
        else:
            places = None if number.places is None else number.places - len(str(part)) + 1
            step = min(step_of(end, unit=unit, places=places) for end in {low, high})
        hedge = "per_source_range"
        if self.both_ways:
            value, low, high = 0.0, -abs(high), abs(high)
        elif low == high:
            hedge = _widest({*self.hedges, *(["over"] if number.exceeded else [])})
            low, high = figure_range(low, hedge, unit=unit, step=step)
        return PrintedFigure(text, value, named, hedge, low, high, step, self.change)


def _only_number(phrase: str, european: bool | None) -> Number:
    if _SIZE.search(phrase) and form("numbers.size_class").search(phrase):
        raise ReadingError(
            "The phrase names a size class, not a figure.",
            why="百亿级 is the ten-billion level; 四个百亿级 are four of that class, but often "
            "come out in English as 'four hundred billion-level'.",
            fix="Claim the number of classes (4) and their size (百亿) as two figures.",
        )
    numbers = list(find_numbers(phrase, european))
    if faults := [number.fault for number in numbers if number.fault]:
        raise ReadingError(f"The number cannot be read: {faults[0]}.", fix=FORMS)
    if not numbers:
        raise ReadingError("There is no number.", fix=FORMS)
    if len(numbers) > 1:
        raise ReadingError(
            "There are several numbers in one phrase.",
            why=_understood(repr(phrase[number.start : number.end]) for number in numbers),
            fix="Print one figure to a claim.",
        )
    return numbers[0]


def _words(phrase: str, position: int, end: int, known: Words) -> tuple[list[Meaning], str]:
    """Split a part of a phrase into known words and what remains from the first other."""
    said = []
    while position < end:
        if word := known.at(phrase, position, end):
            said.append(known.meanings[word])
            position += len(word)
        elif phrase[position] in " ,±了" or form("sentences.gap").match(phrase, position):
            position += 1
        else:
            break
    return said, phrase[position:end].strip()


def _understood(parts: Iterable[str]) -> str:
    return f"Understood so far: {', '.join(parts)}."


def _widest(hedges: set[str]) -> str:
    """Return the hedge that covers all that were said: of over and nearly it is about."""
    upward, downward = hedges & {"over", "at_least"}, hedges & {"nearly", "up_to"}
    if "about" in hedges or (upward and downward):
        return "about"
    return next((one for one in ("at_least", "up_to", "over", "nearly") if one in hedges), "exact")
