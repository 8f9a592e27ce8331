"""Which facts two executed notebooks do not share, told as briefly as can be: word by word."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

from clusterkit.runs.grounds import Line, Shift, lines, prints, shifts
from clusterkit.views.facts import FACTS

if TYPE_CHECKING:
    from nbformat import NotebookNode

HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
LONGEST = 100  # characters of a whole line that is shown
WHOLE = slice(None)


@dataclass(frozen=True)
class Moved:
    """One place at which two notebooks show different words.

    Parameters
    ----------
    cell : str
        The id of the cell, such as "cell-07".
    heading : str
        The heading it stands under.
    label : str
        What its line begins with, where the line has columns.
    before, after : str
        The words that differ; empty where there are none on one side.
    claims : tuple of Shift
        The claims behind them that came, went or were printed differently.
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

    @property
    def names_its_claims(self) -> bool:
        """Whether its words name all its claims, as a line of a picture does."""
        words = f"{self.before} {self.after}".split()
        return all(one.claim in words for one in self.claims)

    @property
    def only_names(self) -> bool:
        """Whether its words are nothing but its claims, by name or as footnotes."""
        names = {one.claim for one in self.claims}
        words = f"{self.before} {self.after}".split()
        return all(word in names or re.fullmatch(r"\[[\w,+]+\]", word) for word in words)

    def __str__(self) -> str:
        label = f"{self.label}: " if self.label else ""
        return f"{label}{self.before or 'nothing'} -> {self.after or 'nothing'}"


def moved(old: "NotebookNode", new: "NotebookNode") -> list[Moved]:
    """Return where the plain-text outputs of two notebooks differ, in the order of the new one.

    Where numbers moved, the words around them are left out. The table of parameters does not
    count: it shows what was asked, not what was found.

    Parameters
    ----------
    old, new : NotebookNode
        Cells are matched by their sources, so one may have cells that the other has not.
    """
    known = prints(old), prints(new)
    before, after = list(_cells(old, known[0])), list(_cells(new, known[1]))
    matcher = SequenceMatcher(None, [c.source for c in before], [c.source for c in after], False)
    found = []
    for _, i, end_i, j, end_j in matcher.get_opcodes():
        for one, other in zip_longest(before[i:end_i], after[j:end_j]):
            place = other or one
            both = (cell.lines if cell else [] for cell in (one, other))
            found += [
                Moved(place.id, place.heading, *words, headline=place.headline)
                for words in _moved(*both, *known)
            ]
    return found


@dataclass(frozen=True)
class _Cell:
    id: str
    heading: str
    source: str
    lines: list[Line]
    headline: bool


def _cells(notebook: "NotebookNode", known: Mapping[str, str]) -> Iterator[_Cell]:
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = [heading, *HEADING.findall(cell.source)][-1]
            continue
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        told = [
            line
            for data in shown
            if "text/plain" in data and "ck-settings" not in data.get("text/html", "")
            for line in lines(data, known)
        ]
        if told:
            yield _Cell(
                cell.id,
                heading,
                cell.source,
                told,
                any(fact.get("headline") for data in shown for fact in data.get(FACTS, [])),
            )


def _moved(
    before: list[Line], after: list[Line], old: Mapping[str, str], new: Mapping[str, str]
) -> list[tuple[str, str, str, tuple[Shift, ...]]]:
    """Return label, words before, words after and claims of each place at which texts differ."""
    found = []
    texts = ([line.text for line in told] for told in (before, after))
    for were, are in _changed(*texts):
        for was, now in _paired(before[were], after[are]):
            whole = not (was.text and now.text)
            places = [(WHOLE, WHOLE)] if whole else _changed(was.words, now.words)
            for one, other in places:
                ends = (was.words[one], now.words[other])
                words = tuple(" ".join(end).strip("(),;") for end in ends)
                if whole:
                    words = was.text[:LONGEST], now.text[:LONGEST]
                claims = shifts((was, one), (now, other), old, new)
                found.append(("" if whole else now.label, *words, claims))
    numbers = [place for place in found if re.search(r"\d", place[1] + place[2])]
    return numbers or found


def _paired(before: list[Line], after: list[Line]) -> Iterator[tuple[Line, Line]]:
    """Yield the lines of two texts in pairs: by what they begin with where they have columns."""
    rows = [{line.label: line for line in told if line.label} for told in (before, after)]
    if all(len(kept) == sum(bool(line.label) for line in told)
           for kept, told in zip(rows, (before, after), strict=True)):  # fmt: skip
        for label in dict.fromkeys([*rows[1], *rows[0]]):
            yield tuple(kept.get(label, Line()) for kept in rows)
        before, after = ([line for line in told if not line.label] for told in (before, after))
    yield from zip_longest(before, after, fillvalue=Line())


def _changed(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[slice, slice]]:
    """Yield from where to where two lists differ."""
    for kind, i, end_i, j, end_j in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            yield slice(i, end_i), slice(j, end_j)
