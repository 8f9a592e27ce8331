"""Runs of a notebook side by side: which facts moved, by which claims, and why.

All is read from the facts that outputs carry beside their words, so it can be asked of a report
whose data is gone. Footnote numbers and parameters do not count: they tell nothing of the evidence.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING

from clusterkit.evidence.figure import Estimate
from clusterkit.runs.notebook import last_heading
from clusterkit.views.facts import FACTS, FOOTNOTE, Fact
from clusterkit.words import Language

if TYPE_CHECKING:
    from nbformat import NotebookNode

LONGEST = 100  # characters of a line that is shown
FEW = 4  # claims that are named at one place
MOST_LINES = 40  # of places that moved; a longer list is no help to read
Ends = tuple[Fact | None, Fact | None]
Prints = tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Shift:
    """A claim that one of two numbers does not rest on, or that was printed differently.

    Parameters
    ----------
    claim : str
        Its id.
    before, after : str or None
        How it was printed, with its hedge and status: empty where the report does not say, None
        where the number does not rest on it.
    """

    claim: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.before is None:
            return f"added {self.claim} {self.after}".rstrip()
        if self.after is None:
            return f"dropped {self.claim} {self.before}".rstrip()
        return f"{self.claim} {self.before} -> {self.after}"


@dataclass(frozen=True)
class Moved:
    """One thing that two notebooks show differently.

    Parameters
    ----------
    cell : str
        The id of the cell, such as "cell-07".
    heading : str
        The heading it stands under.
    label : str
        What it is: a place in a sentence, row and column of a table, a mark of a picture.
    before, after : str
        The words that differ; empty where there are none on one side, equal where claims alone
        moved.
    claims : tuple of Shift
        The claims behind it that came, went or were printed differently.
    headline : bool
        Whether its cell shows headline numbers.
    """

    cell: str
    heading: str
    label: str
    before: str
    after: str
    claims: tuple[Shift, ...] = ()
    headline: bool = False

    def __str__(self) -> str:
        label = f"{self.label}: " if self.label else ""
        if self.before == self.after:
            return f"{label}{self.after}"
        return f"{label}{self.before or 'nothing'} -> {self.after or 'nothing'}"


@dataclass(frozen=True)
class _Cell:
    """What a code cell shows, parameters aside."""

    id: str
    heading: str
    source: str
    facts: Sequence[Fact]
    lines: Sequence[str]

    @property
    def headline(self) -> bool:
        return any(fact.headline for fact in self.facts)

    @property
    def named(self) -> dict[tuple[str, int], Fact]:
        """Its facts by their labels, those of one label numbered in their order.

        Of a list of sources the prints alone, and no word that does nothing but name its row.
        """
        prints = [fact for fact in self.facts if fact.kind == "claim"]
        telling = [it for it in self.facts if it.figure or not it.label.startswith(it.words)]
        counted: Counter[str] = Counter()
        found = {}
        for fact in prints or telling:
            found[fact.label, counted[fact.label]] = fact
            counted[fact.label] += 1
        return found


def facts_of(outputs: Sequence[Mapping]) -> list[Fact]:
    """Return the facts that some outputs of a notebook carry."""
    data = [output.get("data", {}) for output in outputs]
    return [Fact.from_json(told) for one in data for told in one.get(FACTS, [])]


def moved(old: "NotebookNode", new: "NotebookNode") -> list[Moved]:
    """Return what two notebooks show differently, in the order of the new one.

    Parameters
    ----------
    old, new : NotebookNode
        Cells are matched by their sources, so one may have cells that the other has not.
    """
    before, after = list(_cells(old)), list(_cells(new))
    prints = _prints(before), _prints(after)
    matcher = SequenceMatcher(None, [c.source for c in before], [c.source for c in after], False)
    found: list[Moved] = []
    for _, i, end_i, j, end_j in matcher.get_opcodes():
        for one, other in zip_longest(before[i:end_i], after[j:end_j]):
            found += _moved(one, other, prints)
    told = {shift.claim for place in found for shift in place.claims}
    return [place for place in found if place.label not in told]


def _cells(notebook: "NotebookNode") -> Iterator[_Cell]:
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = last_heading(cell.source) or heading
            continue
        outputs = cell.get("outputs", [])
        facts = facts_of(outputs)
        lines = [
            line
            for output in outputs
            for line in FOOTNOTE.sub("", output.get("data", {}).get("text/plain", "")).splitlines()
        ]
        if lines and not any(fact.kind == "setting" for fact in facts):
            yield _Cell(cell.id, heading, cell.source, facts, lines)


def _prints(cells: Sequence[_Cell]) -> dict[str, str]:
    """Return, by its id, how each claim that a notebook lists was printed."""
    return {fact.label: fact.words for it in cells for fact in it.facts if fact.kind == "claim"}


def _moved(one: _Cell | None, other: _Cell | None, prints: Prints) -> Iterator[Moved]:
    """Yield what one cell shows differently: its facts, or else the words around them."""
    was, now = (cell.named if cell else {} for cell in (one, other))
    pairs = {key: (was.get(key), now.get(key)) for key in [*now, *was]}
    changed = {key: ends for key, ends in pairs.items() if ends[0] != ends[1]}
    place = other or one
    headline = place.headline
    for (label, _), ends in changed.items():
        words = _words(ends)
        yield Moved(place.id, place.heading, label, *words, _shifts(ends, prints), headline)
    if not changed:
        for words in _changed(*(cell.lines if cell else [] for cell in (one, other))):
            yield Moved(place.id, place.heading, "", *words, headline=headline)


def _words(ends: Ends) -> tuple[str, str]:
    """Return a fact in words before and after; in figures where the words do not tell."""
    before, after = (fact.words if fact else "" for fact in ends)
    figures = [fact.figure for fact in ends if fact and fact.figure]
    if before != after or len(figures) < len(ends):
        return before, after
    fields = [name for name in Estimate.__dataclass_fields__ if name != "claims"]
    other = [name for name in fields if len({getattr(one, name) for one in figures}) > 1]
    told = (", ".join(f"{name} {getattr(one, name)}" for name in other) for one in figures)
    before, after = (f"{words} ({more})" if more else words
                     for words, more in zip((before, after), told, strict=True))  # fmt: skip
    return before, after


def _shifts(ends: Ends, prints: tuple[Mapping[str, str], Mapping[str, str]]) -> tuple[Shift, ...]:
    """Return the claims behind a fact that came, went or were printed differently."""
    (old, new), claims = (
        prints,
        [fact.figure.claims if fact and fact.figure else () for fact in ends],
    )
    was, now = map(frozenset, claims)
    changed = [claim for claim in was & now if old.get(claim) != new.get(claim)]
    return (
        *(Shift(claim, old.get(claim, ""), new.get(claim, "")) for claim in sorted(changed)),
        *(Shift(claim, old.get(claim, ""), None) for claim in sorted(was - now)),
        *(Shift(claim, None, new.get(claim, "")) for claim in sorted(now - was)),
    )


def _changed(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the lines in which texts differ."""
    for kind, i, end_i, j, end_j in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind != "equal":
            for lines in zip_longest(before[i:end_i], after[j:end_j], fillvalue=""):
                yield tuple(line[:LONGEST] for line in lines)


def listed(places: Sequence[Moved]) -> list[str]:
    """Return the places in lines, headline numbers first, for a long list is cut."""
    lines = []
    places = sorted(places, key=lambda one: not one.headline)
    for (cell, heading), group in groupby(places, lambda one: (one.cell, one.heading)):
        lines.append(f"{heading} ({cell})")
        told: tuple[Shift, ...] = ()
        for one in group:
            if told and one.claims == told and one.before == one.after:
                continue  # it reads as before, and rests on what was just told
            lines.append(f"  {one}")
            if one.claims and one.claims != told:  # a row says it once
                more = len(one.claims) - FEW
                named = [str(shift) for shift in one.claims[:FEW]]
                lines.append(f"    claims: {'; '.join(named + [f'and {more} more'] * (more > 0))}")
            told = one.claims or told
    more = len(lines) - MOST_LINES
    return lines[:MOST_LINES] + ([f"  ... and {more} more lines"] if more > 0 else [])


@dataclass(frozen=True)
class Compared:
    """One headline in all runs of a sweep.

    Parameters
    ----------
    label : str
    found : mapping of str to Fact or None
        By the name of each run, None where it has no such headline.
    """

    label: str
    found: Mapping[str, Fact | None]

    @property
    def differs(self) -> bool:
        """Whether the runs say different things."""
        return len({fact and fact.figure for fact in self.found.values()}) > 1

    def rows(self) -> Iterator[dict[str, object]]:
        """Yield a row a run, so that each number keeps its range, status and claims."""
        for run, fact in self.found.items():
            if fact is not None:
                told = fact.as_json()
                figure = {key: told[key] for key in ("value", "low", "high", "unit", "status")}
                about = {"headline": self.label, "differs": self.differs, "run": run}
                yield about | figure | {"claims": " ".join(fact.figure.claims)}

    def worded(self, language: Language) -> dict[str, dict[str, str] | None]:
        """Return, by run, figure and range in words; what differs also reads differently."""

        def cell(figure: Estimate, digits: int | None) -> dict[str, str]:
            words = language.figure(figure, digits=digits)
            return {"figure": words, "range": language.doubt(figure)}

        for digits in (None, 6, 12):
            told = {run: fact and cell(fact.figure, digits) for run, fact in self.found.items()}
            if not self.differs or len({str(one) for one in told.values()}) > 1:
                break
        return told


def compare(notebooks: Mapping[str, "NotebookNode"]) -> list[Compared]:
    """Return the headlines of executed notebooks side by side, in the order they are met."""
    by_run = {run: headlines(notebook) for run, notebook in notebooks.items()}
    labels = dict.fromkeys(label for found in by_run.values() for label in found)
    return [
        Compared(label, {run: found.get(label) for run, found in by_run.items()})
        for label in labels
    ]


def headlines(notebook: "NotebookNode") -> dict[str, Fact]:
    """Return the headline numbers of an executed notebook by their labels."""
    facts = (fact for cell in notebook.cells for fact in facts_of(cell.get("outputs", [])))
    return {fact.label: fact for fact in facts if fact.headline}
