"""Runs of a notebook side by side: which facts moved, by which claims, and why.

All is read from the facts that outputs carry beside their words, so it can be asked of a report
whose data is gone. Footnote numbers and parameters do not count: they tell nothing of the evidence.
"""

import os
import shlex
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import groupby, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING

from clusterkit.errors import DataError
from clusterkit.evidence.figure import Estimate
from clusterkit.runs.notebook import execute, given, last_heading, notebook_text, read_notebook
from clusterkit.runs.page import report_page
from clusterkit.runs.report import (
    FAILURE,
    Difference,
    Inputs,
    Manifest,
    differences,
    read_manifest,
    text_hash,
    touched,
)
from clusterkit.runs.workshop import Workshop, typed
from clusterkit.views.facts import FACTS, FOOTNOTE, Fact
from clusterkit.words import Language

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS = ("parameters", "data", "code", "environment")
LONGEST = 100  # characters of a line that is shown
FEW = 4  # claims that are named at one place
MOST_LINES = 40  # of places that moved; a longer list is no help to read
Ends = tuple[Fact | None, Fact | None]
Prints = tuple[Mapping[str, str], Mapping[str, str]]


@dataclass(frozen=True)
class Shift:
    """A claim that one of two numbers does not rest on, or that was printed differently."""

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
    """One thing that two notebooks show differently."""

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
    """Return what two notebooks show differently, in the order of the new one."""
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
    """One headline in all runs of a sweep."""

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


@dataclass(frozen=True)
class Verified:
    """What making a report again has shown."""

    notebook: str
    files: tuple[str, ...]
    moved: tuple[Moved, ...]
    changed: tuple[str, ...]

    @property
    def answer(self) -> str:
        """'same bytes', 'same facts' or 'different facts'."""
        return "different facts" if self.moved else "same facts" if self.files else "same bytes"

    def __str__(self) -> str:
        if self.moved:
            lines = [f"different facts: {self.notebook} made again tells other numbers."]
            lines += listed(self.moved)
        elif self.files:
            lines = [f"same facts: {self.notebook} made again tells the same numbers."]
            lines.append(f"Other bytes in: {', '.join(self.files)}.")
        else:
            lines = [f"same bytes: {self.notebook} made again is the same, byte for byte."]
        if self.changed:
            lines += ["Changed since the report was made:", *(f"  {one}" for one in self.changed)]
        elif self.files:
            lines.append("Nothing it was made from has changed: the notebook is not deterministic.")
        return "\n".join(lines)


def verify(shop: Workshop, report: str | os.PathLike[str]) -> Verified:
    """Make a report again from its manifest's parameters, and compare; nothing is written."""
    home, made, old = _report(report)
    run = shop.ask(made.notebook, made.parameters)
    inputs = Inputs.of(run)
    executed = execute(replace(run, given={name: run.values[name] for name in given(old)}))
    files = {f"{run.notebook}.ipynb": notebook_text(executed)}
    page = f"{run.notebook}.html"
    if page in made.files:
        now = Manifest.made(inputs, executed)
        files[page] = report_page(executed, now, title=run.contract.title)
    other = [name for name, was in made.files.items() if text_hash(files.get(name, "")) != was]
    changed = [str(one) for one in differences(made, inputs)] + touched(home, made)
    return Verified(run.notebook, tuple(other), tuple(moved(old, executed)), tuple(changed))


@dataclass(frozen=True)
class Explanation:
    """What differs between two reports of one notebook, and what can have moved their numbers."""

    moved: tuple[Moved, ...]
    differences: tuple[Difference, ...]
    command: str

    @property
    def kinds(self) -> list[str]:
        """The kinds of inputs that differ."""
        return [kind for kind in KINDS if kind in {one.kind for one in self.differences}]

    def __str__(self) -> str:
        lines = []
        for kind in self.kinds:
            lines.append(f"{kind}:")
            lines += [f"  {one}" for one in self.differences if one.kind == kind]
        lines += [*listed(self.moved), self._verdict()]
        return "\n".join(lines)

    def _verdict(self) -> str:
        kinds = self.kinds
        if not self.moved:
            return f"No number moved{', though the inputs differ' if kinds else ''}."
        if not kinds:
            return "Nothing they were made from differs: the notebook is not deterministic."
        if len(kinds) == 1:
            return f"Nothing else differs: the {kinds[0]} moved them."
        both = f"{', '.join(kinds[:-1])} and {kinds[-1]}"
        return f"What moved which number, {both} together do not tell.\n{self.command}"


def explain(first: str | os.PathLike[str], second: str | os.PathLike[str]) -> Explanation:
    """Compare two reports of one notebook: which numbers moved, and what can have moved them."""
    (_, made, old), (_, other, new) = _report(first), _report(second)
    if made.notebook != other.notebook:
        raise DataError(
            f"These are reports of two notebooks: {made.notebook}, {other.notebook}.",
            where=f"{first}, {second}",
            fix="Name two reports of one notebook.",
        )
    command = _telling_command(made, old, os.fspath(first), other)
    return Explanation(tuple(moved(old, new)), tuple(differences(made, other)), command)


def _telling_command(made: Manifest, old: "NotebookNode", first: str, other: Manifest) -> str:
    """Return which run tells causes apart: the first one's parameters, all else as it is now."""
    if made.parameters == other.parameters:
        return (
            "To tell, bring back the data of the first (git checkout COMMIT -- data), publish to "
            "another folder with --out, and explain again."
        )
    asked = typed({name: made.parameters[name] for name in given(old)})
    publish = ["clusterkit", "publish", made.notebook, *asked, "--out", "between"]
    again = ["clusterkit", "explain", first, f"between/{made.notebook}"]
    return (
        "To tell, run the parameters of the first on everything as it stands now:\n"
        f"  {shlex.join(publish)}\n  {shlex.join(again)}"
    )


def _report(path: str | os.PathLike[str]) -> tuple[Path, Manifest, "NotebookNode"]:
    """Return the folder of a report, its manifest and its notebook."""
    home = Path(path).expanduser().resolve()
    home = home if home.is_dir() else home.parent
    try:
        made = read_manifest(home)
    except FileNotFoundError:
        failed = (home / FAILURE).is_file()
        raise DataError(
            "There is no report here.",
            where=str(home),
            why="Its only run has failed." if failed else None,
            fix="Name a folder that holds a manifest.json, such as reports/00-start-here.",
        ) from None
    file = next((name for name in made.files if name.endswith(".ipynb")), "")
    return home, made, read_notebook(home / file)
