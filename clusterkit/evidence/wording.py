"""Understand the words around a number: hedges, declines, units, and what they leave over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from clusterkit.evidence import words


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
