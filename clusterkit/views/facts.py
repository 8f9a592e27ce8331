"""What a page shows that came from a value, as data beside its words.

Every output of a page carries its facts as JSON in its mime bundle. Whoever compares two runs,
looks for numbers that no value carries or asks what a number rests on reads them there, and takes
no page apart.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from markupsafe import Markup, escape

from clusterkit.evidence.figure import Estimate

FACTS = "application/vnd.clusterkit.facts+json"
NUMBER = re.compile(r"(?<![\w#/.,-])\d[\d.,]*\d*%?(?![\w-])")
YEAR = re.compile(r"(?:19|20)\d\d$")
FOOTNOTE = re.compile(r"(?:^| )\[\d+(?:,\d+)*(?:\+\d+)?\]", re.MULTILINE)
FRAMES = {
    "word": Markup("{text}"),
    "setting": Markup("{text}"),
    "data": Markup('<span class="ck-data">{text}</span>'),
    "count": Markup('<data class="ck-count" value="{value}">{text}</data>'),
    "figure": Markup('<data class="ck-count" value="{value}">{text}</data>'),
}


@dataclass(frozen=True)
class Fact:
    """One thing shown: its words, without a footnote, what it is, and the figure behind it.

    The label is a place in a sentence, row and column of a table, a mark of a picture, or the id of
    a claim that is printed. The kind is "figure" (with its range), "count" (a whole number that was
    counted), "word" (it follows from figures), "data" (it stands there as it is), "setting" (a
    parameter) or "claim" (how a claim was printed). Runs are compared by headlines.
    """

    words: str
    label: str = ""
    kind: str = "figure"
    figure: Estimate | None = None
    headline: bool = False

    def under(self, label: str) -> "Fact":
        """Return the fact as a part of something, known by the name of that as well."""
        if self.headline:
            return self
        return replace(self, label=f"{label} | {self.label}" if self.label else label)

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON, which has no infinity: an open end is null."""
        told: dict[str, Any] = {"kind": self.kind, "label": self.label, "words": self.words}
        if self.figure is not None:
            row = vars(self.figure)
            ends = {end: row[end] if math.isfinite(row[end]) else None for end in ("low", "high")}
            told |= row | ends | {"claims": list(self.figure.claims)}
        return told | ({"headline": True} if self.headline else {})

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Fact":
        """Return what `as_json` wrote down."""
        figure = None
        if "value" in told:
            ends = {"low": -math.inf, "high": math.inf}
            row = {name: told[name] for name in Estimate.__dataclass_fields__}
            row |= {end: open_ for end, open_ in ends.items() if row[end] is None}
            figure = Estimate(**row | {"claims": tuple(row["claims"])})
        headline = told.get("headline", False)
        return cls(told["words"], told["label"], told["kind"], figure, headline)


def facts_mime(facts: Iterable[Fact]) -> dict[str, list[dict[str, Any]]]:
    """Return facts as a part of a mime bundle."""
    return {FACTS: [fact.as_json() for fact in facts]}


class Shown:
    """What a page shows: plain, as HTML, and its facts."""

    plain: str
    html: Markup
    facts: Sequence[Fact]
    frame: ClassVar[str] = "{}"

    def __str__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, **_: object) -> dict[str, object]:
        html = self.frame.format(self.html)
        return {"text/plain": self.plain, "text/html": html, **facts_mime(self.facts)}


@dataclass(frozen=True)
class Words(Shown):
    """A piece of text, plain and as HTML, and what in it came from values."""

    plain: str
    html: Markup
    facts: tuple[Fact, ...] = ()
    frame: ClassVar[str] = '<p class="ck-say">{}</p>'

    @classmethod
    def joined(cls, parts: Iterable["Words"], between: str = "") -> "Words":
        """Return several pieces as one."""
        parts = list(parts)
        html = Markup(escape(between)).join(part.html for part in parts)
        facts = tuple(fact for part in parts for fact in part.facts)
        return cls(between.join(part.plain for part in parts), html, facts)

    @property
    def bare(self) -> str:
        """The plain text without its footnotes."""
        return FOOTNOTE.sub("", self.plain)

    def under(self, label: str) -> "Words":
        """Return the words as a part of something: their facts are known by its name."""
        return replace(self, facts=tuple(fact.under(label) for fact in self.facts))

    def as_headline(self, label: str) -> "Words":
        """Return the words with their figure marked as one by which runs are compared."""
        figures = [fact for fact in self.facts if fact.kind == "figure"]
        facts = tuple(replace(fact, label=label, headline=True) for fact in figures)
        return replace(self, facts=facts)


def fact_words(text: str, kind: str, figure: Estimate | None = None, *, value: str = "") -> Words:
    """Return a text that is one fact, of a kind that `Fact` lists."""
    value = value or (f"{figure.value:.12g}" if figure else "")
    return Words(text, FRAMES[kind].format(text=text, value=value), (Fact(text, "", kind, figure),))


def typed_numbers(text: str) -> list[str]:
    """Return the numbers of a text that are no years: "85" and "6.25%", not the 10 of 10-zhili."""
    found = (match.group().rstrip(".,") for match in NUMBER.finditer(text))
    return [number for number in found if not YEAR.match(number)]


def stray_numbers(plain: str, facts: Iterable[Fact]) -> list[str]:
    """Return the numbers of a shown text that no fact carries, years and footnotes aside."""
    plain = FOOTNOTE.sub("", plain)
    carried = (FOOTNOTE.sub("", fact.words) for fact in facts if fact.kind != "word")
    for words in sorted(carried, key=len, reverse=True):  # "2 to 3 firms" before "2"
        plain = re.sub(rf"(?<![\w.,]){re.escape(words)}(?!\w|[.,]\d)", " ", plain, count=1)
    return typed_numbers(plain)
