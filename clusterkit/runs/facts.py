"""Which facts two executed notebooks do not share, told as briefly as can be: word by word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
LONGEST = 100  # characters of a whole line that is shown


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
    """

    cell: str
    heading: str
    label: str
    before: str
    after: str

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
    before, after = list(_cells(old)), list(_cells(new))
    matcher = SequenceMatcher(None, [c.source for c in before], [c.source for c in after], False)
    found = []
    for _, i, end_i, j, end_j in matcher.get_opcodes():
        for one, other in zip_longest(before[i:end_i], after[j:end_j]):
            place = other or one
            texts = (cell.text if cell else "" for cell in (one, other))
            found += [Moved(place.id, place.heading, *words) for words in _moved_words(*texts)]
    return found


@dataclass(frozen=True)
class _Cell:
    id: str
    heading: str
    source: str
    text: str


def _cells(notebook: "NotebookNode") -> Iterator[_Cell]:
    heading = ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            heading = [heading, *HEADING.findall(cell.source)][-1]
            continue
        shown = [output.get("data", {}) for output in cell.get("outputs", [])]
        texts = (
            data["text/plain"]
            for data in shown
            if "text/plain" in data and "ck-settings" not in data.get("text/html", "")
        )
        if text := "\n".join(texts):
            yield _Cell(cell.id, heading, cell.source, text)


def _moved_words(old: str, new: str) -> list[tuple[str, str, str]]:
    """Return label, words before and words after of each place at which two texts differ."""
    found = []
    for one, other in _changed(old.splitlines(), new.splitlines()):
        for was, now in zip_longest(one, other, fillvalue=""):
            label = (now or was).partition(" | ")[0] if " | " in (now or was) else ""
            if not (was and now):
                found.append(("", was[:LONGEST], now[:LONGEST]))
                continue
            found += [
                (label, " ".join(words), " ".join(others))
                for words, others in _changed(was.split(), now.split())
            ]
    numbers = [place for place in found if re.search(r"\d", place[1] + place[2])]
    return numbers or found


def _changed(old: list[str], new: list[str]) -> Iterator[tuple[list[str], list[str]]]:
    for kind, i, end_i, j, end_j in SequenceMatcher(None, old, new, False).get_opcodes():
        if kind != "equal":
            yield old[i:end_i], new[j:end_j]
