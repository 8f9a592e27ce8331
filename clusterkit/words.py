"""Words and numbers as a reader of one language expects them.

English text in the code and in words.toml is the message itself; other languages are gettext
catalogues in the folder `catalogues`, read only when asked for. Numbers follow the Unicode CLDR
through Babel.
"""

import math
import re
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path
from typing import Any

from clusterkit.errors import MessageError, UnknownNameError

CATALOGUES = Path(__file__).with_name("catalogues")
MOST_DIGITS = 7
NOTHING = 1e-9  # what is left of a difference between equals
COMPACT_FROM = 1_000_000  # smaller numbers are written out
SCALES = (10**12, 10**9, 10**6)
SCALES_BY_TEN_THOUSAND = (10**12, 10**8, 10**4)  # 万亿, 亿, 万
FOOTNOTE = re.compile(r"(?:^| )\[\d+(?:,\d+)*(?:\+\d+)?\]", re.MULTILINE)
SAYING = '<p class="ck-say">{}</p>'  # how a page frames a sentence
Figure = Any  # an Estimate, which stands in a room above this one


@cache
def wording(table: str) -> Mapping[str, str]:
    """Return the English messages for units, hedges and the like: a table of words.toml."""
    path = Path(__file__).with_name("words.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))[table]


@dataclass(frozen=True)
class Language:
    """One language: its messages and its numbers."""

    code: str = "en"
    messages: Mapping[str, str] = field(default_factory=dict)

    def text(self, message: str, **values: object) -> str:
        """Return a message in this language, its places filled with plain values."""
        if self.code != "en" and message and message not in self.messages:
            raise MessageError(
                f"The message {message!r} has no translation.",
                where=f"catalogue {self.code}",
                fix="Add it to the catalogue, or choose lang='en'.",
            )
        pattern = self.messages.get(message, message)
        return pattern.format(**values) if values else pattern

    def label(self, name: str) -> str:
        """Return a name of the data, such as an indicator or an industry, in words."""
        slug = name.replace(" ", "_")
        return self.text(wording("labels").get(slug, name.replace("_", " ")))

    def number(self, value: float, *, digits: int = 4) -> str:
        """Return a number, rounded to so many significant digits but never inside its integers.

        Examples
        --------
        >>> english = Language()
        >>> [english.number(x) for x in (3.783e9, 85e9, 14_000, 175.04, 0.01234)]
        ['3.783 billion', '85 billion', '14,000', '175', '0.01234']
        """
        from babel.numbers import format_compact_decimal, format_decimal

        if math.isinf(value):
            return "∞" if value > 0 else "-∞"
        size = abs(value)
        if size < NOTHING:
            return "0"
        if size >= COMPACT_FROM:
            group = 4 if self.code == "zh" else 3
            inside = int(math.log10(size)) % group + 1
            short = "short" if self.code == "zh" else "long"
            return format_compact_decimal(
                value, format_type=short, locale=self.code, fraction_digits=max(0, digits - inside)
            )
        places = max(0, digits - 1 - math.floor(math.log10(size)))
        rounded = round(value, places)
        return format_decimal(rounded, format="#,##0." + "#" * max(places, 1), locale=self.code)

    def scale(self, reach: float) -> int:
        """Return the power of ten in whose words numbers up to `reach` are best written."""
        scales = SCALES_BY_TEN_THOUSAND if self.code == "zh" else SCALES
        return next((scale for scale in scales if reach >= scale), 1)

    def quantity(self, value: float, unit: str, *, digits: int = 4) -> str:
        """Return a number with its unit."""
        return self.in_unit(self.number(value, digits=digits), unit)

    def in_unit(self, number: str, unit: str) -> str:
        """Return the words for a number that is written already, in a unit."""
        whole, _, part = unit.partition("/")
        units, per = wording("units"), wording("per")
        if whole not in units or (part and part not in per):
            raise UnknownNameError.among("unit", unit, [*units, *(f"CNY/{name}" for name in per)])
        worded = self.text(units[whole], number=number)
        if not part:
            return worded
        return self.text("{figure} {per}", figure=worded, per=self.text(per[part]))

    def figure(self, estimate: Figure, *, digits: int | None = None) -> str:
        """Return an estimate as its source hedges it, marked where it is no outturn.

        Examples
        --------
        >>> from clusterkit.evidence.figure import Estimate
        >>> Language().figure(Estimate(1e11, 9e10, 1e11, "CNY", ("a",), hedge="nearly"))
        'nearly 100 billion yuan'
        >>> Language().figure(Estimate(6e8, 6e8, 6e8, "CNY", status="forecast"))
        '600 million yuan (forecast)'
        """
        digits = digits or (5 if estimate.hedge else 3)
        plain = self.quantity(estimate.value, estimate.unit, digits=digits)
        return self.marked(self.text(wording("hedged")[estimate.hedge], figure=plain), estimate)

    def marked(self, worded: str, estimate: Figure) -> str:
        """Return an estimate in words with its status, where it is no outturn."""
        status, assumed = self.status(estimate.status), estimate.status == "assumed"
        if not status or (assumed and not estimate.claims):
            return worded
        return self.text("{figure} ({status})", figure=worded, status=status)

    def status(self, status: str) -> str:
        """Return a status in words, and nothing for an outturn."""
        return "" if status == "actual" else self.text(wording("status")[status])

    def doubt(self, estimate: Figure) -> str:
        """Return the range of an estimate, and nothing where it has no width."""
        return "" if estimate.certain else self.span(estimate)

    def bounded(self, estimate: Figure) -> str:
        """Return an estimate, with its range behind it where it has one."""
        figure, doubt = self.figure(estimate), self.doubt(estimate)
        return self.text("{figure} ({range})", figure=figure, range=doubt) if doubt else figure

    def _ends(self, estimate: Figure) -> tuple[str, str]:
        """Return both bounds, rounded outwards, to as few digits as keep them apart."""
        plain = self.number(estimate.value, digits=5)
        at_an_end = estimate.value in (estimate.low, estimate.high)
        for digits in range(3, MOST_DIGITS + 1):
            low = self.number(_outwards(estimate.low, digits, ROUND_FLOOR), digits=digits)
            high = self.number(_outwards(estimate.high, digits, ROUND_CEILING), digits=digits)
            apart = low != high and (at_an_end or plain not in (low, high))
            if estimate.certain or apart:
                break
        return low, high

    def span(self, estimate: Figure) -> str:
        """Return the range of an estimate.

        Examples
        --------
        >>> from clusterkit.evidence.figure import Estimate
        >>> Language().span(Estimate(85e9, 84.5e9, 85.5e9, "CNY"))
        '84.5 to 85.5 billion yuan'
        >>> Language().span(Estimate(60, 60, float("inf"), "percent"))
        'at least 60%'
        """
        low, high = self._ends(estimate)
        if math.isinf(estimate.high):
            return self.text("at least {figure}", figure=self.in_unit(low, estimate.unit))
        if low == high:
            return self.in_unit(high, estimate.unit)
        # "84.5 billion to 85.5 billion" repeats a word that one mention serves.
        number, _, scale = low.partition(" ")
        if scale and high.endswith(f" {scale}"):
            low = number
        return self.in_unit(self.text("{low} to {high}", low=low, high=high), estimate.unit)


def _outwards(value: float, digits: int, rounding: str) -> float:
    """Round to so many significant digits, always down or always up, binary noise aside."""
    if not value or math.isinf(value):
        return value
    exact = Decimal(f"{value:.10g}")
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - digits + 1), rounding))


@cache
def language(code: str = "en") -> Language:
    """Return the language with a code; without a catalogue it is an UnknownNameError."""
    if code == "en":
        return Language()
    if code not in languages():
        raise UnknownNameError.among("language", code, languages())
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    return Language(code, {str(m.id): str(m.string) for m in catalogue if m.id and m.string})


def nearest(code: str) -> Language:
    """Return the language of a code, or English, for what must be said in any case.

    Examples
    --------
    >>> nearest("zh_CN.UTF-8").text("Usage"), nearest("fr").text("Usage")
    ('用法', 'Usage')
    """
    short = code.partition(".")[0].partition("_")[0]
    return language(short if short in languages() else "en")


def languages() -> list[str]:
    """Return the codes of the languages there are."""
    return ["en", *sorted(path.stem for path in CATALOGUES.glob("*.po"))]


def fields(pattern: str) -> list[tuple[str, str]]:
    """Return the places of a pattern, each with its format after the colon.

    Examples
    --------
    >>> fields("{sales} in {year:year}")
    [('sales', ''), ('year', 'year')]
    """
    try:
        parsed = list(string.Formatter().parse(pattern))
    except ValueError as problem:
        raise MessageError(
            f"The sentence {pattern!r} has a stray brace.", why=str(problem)
        ) from None
    places = [(name, spec or "") for _, name, spec, _ in parsed if name is not None]
    for name, _ in places:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
            raise MessageError(
                f"A place in a sentence needs a plain name, found {{{name}}}.",
                where=repr(pattern),
                fix="Write {sales}, then give sales=... with the sentence.",
            )
    return places
