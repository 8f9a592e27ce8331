"""Which claims the numbers of an executed notebook rest on, and how each claim was printed.

Read from what the outputs hold: a number in a sentence or a table carries its claims in its HTML, a
line of a picture names them. So it can be asked of a report whose data is gone.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nbformat import NotebookNode

NUMBER = re.compile(r'<data [^>]*data-claims="(.*?)" title="(.*?)">(.*?)</data>', re.DOTALL)
FOOTNOTE = r" \[[^]\n]+\]"
PRINT = re.compile(r"“.*|\d[\d.,]* [^,]+$")  # the end of a line that tells of a claim
ENTRY = re.compile(r"^    (\S+): [^“\n]*(“.*)$", re.MULTILINE)  # in the list of sources
FEW = 4  # claims that are named at one place


@dataclass(frozen=True)
class Line:
    """A line of a plain-text output: its words, and the claims behind each."""

    text: str = ""
    words: tuple[str, ...] = ()
    claims: tuple[frozenset[str], ...] = ()

    @property
    def label(self) -> str:
        """What it begins with, where it has columns."""
        label, column, _ = self.text.partition(" | ")
        return label if column else ""

    def behind(self, words: slice = slice(None)) -> frozenset[str]:
        """Return the claims behind some of its words."""
        return frozenset().union(*self.claims[words])


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


def prints(notebook: "NotebookNode") -> dict[str, str]:
    """Return, by its id, how each claim that a notebook tells of was printed."""
    found: dict[str, str] = {}
    for data in outputs(notebook):
        found |= dict(ENTRY.findall(data.get("text/plain", "")))
    for data in outputs(notebook):
        for claims, told, _ in NUMBER.findall(data.get("text/html", "")):
            for claim, line in zip(claims.split(), unescape(told).split("\n"), strict=False):
                if printed := PRINT.search(line):
                    found[claim] = printed[0]
    return found


def outputs(notebook: "NotebookNode") -> Iterator[Mapping[str, str]]:
    """Yield the content of each output of a notebook, by kind."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            yield output.get("data", {})


def lines(data: Mapping[str, str], known: Mapping[str, str]) -> list[Line]:
    """Return the lines of an output.

    Parameters
    ----------
    data : mapping
        The output, by kind.
    known : mapping
        By their ids, the claims that a line of a picture may name.
    """
    text = data["text/plain"]
    spans = _spans(text, data.get("text/html", ""))
    found, start = [], 0
    for line in text.splitlines(keepends=True):
        words = list(re.finditer(r"\S+", line))
        named = frozenset(word[0] for word in words if word[0] in known)
        claims = [
            named.union(*(its for begin, end, its in spans
                          if begin < start + word.end() and start + word.start() < end))
            for word in words
        ]  # fmt: skip
        found.append(Line(line.rstrip("\n"), tuple(word[0] for word in words), tuple(claims)))
        start += len(line)
    return found


def _spans(text: str, html: str) -> list[tuple[int, int, frozenset[str]]]:
    """Return from where to where each number stands in a text, and its claims.

    Numbers stand in one order in both, and those with claims have a footnote in the text.
    """
    spans, at = [], 0
    for claims, _, shown in NUMBER.findall(html):
        if place := re.compile(re.escape(unescape(shown)) + FOOTNOTE).search(text, at):
            at = place.end()
            spans.append((place.start(), at, frozenset(claims.split())))
    return spans


def shifts(
    was: tuple[Line, slice], now: tuple[Line, slice], old: Mapping[str, str], new: Mapping[str, str]
) -> tuple[Shift, ...]:
    """Return the claims that tell some words of a line from those that stood there.

    Parameters
    ----------
    was, now : tuple of Line and slice
        The lines, and which of their words.
    old, new : mapping
        The `prints` of both notebooks.
    """
    one, other = was[0].behind(was[1]), now[0].behind(now[1])
    if not (one and other):  # a word such as "over" came or went: its number is in the line
        one, other = (
            one or was[0].behind() & other or one,
            other or now[0].behind() & one or other,
        )
    changed = [claim for claim in one & other if old.get(claim) != new.get(claim)]
    return (
        *(Shift(claim, old.get(claim, ""), new.get(claim, "")) for claim in sorted(changed)),
        *(Shift(claim, old.get(claim, ""), None) for claim in sorted(one - other)),
        *(Shift(claim, None, new.get(claim, "")) for claim in sorted(other - one)),
    )


def worded(found: Sequence[Shift]) -> str:
    """Return some claims in one line, the first few by name."""
    more = len(found) - FEW
    named = [str(one) for one in found[:FEW]] + ([f"and {more} more"] if more > 0 else [])
    return f"claims: {'; '.join(named)}"
