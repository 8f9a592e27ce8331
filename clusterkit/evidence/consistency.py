"""Do the figures hold together? Rules of what they must do, and the breaches on record.

The rules stand in data/consistency.toml. A rule is breached only where the ranges leave no way out:
a part must be larger than its whole even at its lowest and the whole's highest. A known breach
stands in data/consistency_exceptions.csv, signed and with its reason.
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from itertools import chain
from pathlib import Path
from typing import Any

import pandas as pd

from clusterkit.evidence.case import Case, load_case
from clusterkit.evidence.figure import Estimate, pick, union
from clusterkit.evidence.panel import CLUSTERS, load_panel
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import read_table
from clusterkit.files import listed
from clusterkit.shapes import Strict, read_toml

RULES = "consistency.toml"
EXCEPTIONS = "consistency_exceptions.csv"

Cases = Mapping[str, Case]
About = dict[str, Any]  # what `Case.series` is asked for
Found = Iterator[tuple[int, str, list[Estimate]]]  # year, what was found, the figures concerned


@dataclass(frozen=True)
class OfCase(Strict):
    """What rules about one case share."""

    name: str
    case: str


@dataclass(frozen=True)
class Within(OfCase):
    """A part is not larger than its whole."""

    part: About
    whole: About

    def broken(self, cases: Cases) -> Found:
        """Yield the years in which even the lowest part exceeds the highest whole."""
        for year, (part, whole) in _shared(cases[self.case], self.part, self.whole):
            if part.low > whole.high:
                told = f"the part is at least {part.low:g}, the whole at most {whole.high:g}"
                yield year, told, [part, whole]


@dataclass(frozen=True)
class Bounds(OfCase):
    """A quotient lies within what is plausible."""

    numerator: About
    denominator: About
    low: float
    high: float

    def broken(self, cases: Cases) -> Found:
        """Yield the years in which the whole range of the quotient lies outside."""
        for year, (above, below) in _shared(cases[self.case], self.numerator, self.denominator):
            low = above.low / below.high
            high = above.high / below.low if below.low > 0 else math.inf
            if low > self.high or high < self.low:
                told = f"{low:g} to {high:g}, plausible is {self.low:g} to {self.high:g}"
                yield year, told, [above, below]


@dataclass(frozen=True)
class Growth(OfCase):
    """A printed rate of growth fits the two levels around it."""

    level: About
    rate: About

    def broken(self, cases: Cases) -> Found:
        """Yield the years whose printed rate no levels within their ranges give."""
        levels, rates = (_series(cases[self.case], it) for it in (self.level, self.rate))
        for year in rates["year"]:
            if not {year - 1, year} <= set(levels["year"]):
                continue
            first, last, rate = pick(levels, year - 1), pick(levels, year), pick(rates, year)
            ends = (last.low, first.high), (last.high, first.low)
            low, high = (100 * (end / start - 1) for end, start in ends)
            if rate.low > high or rate.high < low:
                told = f"printed {rate.value:g}%, the levels give {low:.4g}% to {high:.4g}%"
                yield int(year), told, [first, last, rate]


@dataclass(frozen=True)
class Sums(OfCase):
    """Parts add up to their whole, within so many percent."""

    whole: About
    parts: list[About]
    within_percent: float

    def broken(self, cases: Cases) -> Found:
        """Yield the years in which they do not."""
        for year, (whole, *parts) in _shared(cases[self.case], self.whole, *self.parts):
            added = sum(part.value for part in parts)
            if abs(added / whole.value - 1) > self.within_percent / 100:
                told = f"the parts add to {added:g}, the whole is {whole.value:g}"
                yield year, told, [*parts, whole]


@dataclass(frozen=True)
class Together(Strict):
    """Percentages that different places claim of one thing do not add to more than a hundred."""

    name: str
    claims: dict[str, list[str]]  # by case

    @property
    def case(self) -> str:
        """The first of its cases."""
        return next(iter(self.claims))

    def broken(self, cases: Cases) -> Found:
        """Yield the newest year concerned if they do."""
        found = [cases[case].claim(name) for case, names in self.claims.items() for name in names]
        least = sum(figure.value for figure in found)
        if least > 100:
            yield max(figure.year for figure in found), f"together {least:g}%", found


Rule = Within | Bounds | Growth | Sums | Together


@dataclass(frozen=True)
class Rules(Strict):
    """The rules by kind, as consistency.toml lists them."""

    within: list[Within] = field(default_factory=list)
    bounds: list[Bounds] = field(default_factory=list)
    growth: list[Growth] = field(default_factory=list)
    sums: list[Sums] = field(default_factory=list)
    together: list[Together] = field(default_factory=list)

    def __iter__(self) -> Iterator[Rule]:
        return chain.from_iterable(getattr(self, kind.name) for kind in fields(self))


@dataclass(frozen=True)
class Breach:
    """A rule that the figures of a year do not keep."""

    check: str  # the name of the rule
    case: str
    year: int
    told: str  # what was found, against what was expected
    claims: tuple[str, ...]


def load_rules(folder: Path | None = None) -> Rules:
    """Return the rules of a data folder."""
    kinds = ", ".join(kind.name for kind in fields(Rules))
    fix = f"Kinds of rules: {kinds}. The head of the file says what each gives."
    return read_toml((folder or data_folder()) / RULES, Rules, fix=fix)


def load_exceptions(folder: Path | None = None) -> pd.DataFrame:
    """Return the signed exceptions: check, case, year, reason, signed."""
    return read_table((folder or data_folder()) / EXCEPTIONS, "consistency_exceptions")


def find_breaches(folder: Path | None = None) -> list[Breach]:
    """Return every breach of a rule, whether it is on record as an exception or not."""
    folder = folder or data_folder()
    cases = {
        path.parent.name: load_case(path.parent) for path in listed(folder, "cases/*/case.toml")
    }
    return [
        Breach(rule.name, rule.case, year, told, union(*(it.claims for it in figures)))
        for rule in load_rules(folder)
        for year, told, figures in rule.broken(cases)
    ]


def unexplained(folder: Path | None = None) -> list[str]:
    """Return, in words, each breach that is not signed and each signature without a breach.

    What the clusters of the data folder name must exist, and no two may share a claim.
    """
    if folder is None and (data_folder() / CLUSTERS).is_file():
        load_panel()
    found = {(it.check, it.case, it.year): it for it in find_breaches(folder)}
    known = load_exceptions(folder)[["check", "case", "year"]].itertuples(index=False, name=None)
    signed = set(known)
    told = [
        f"{it.check} ({it.case}, {it.year}): {it.told}; claims {', '.join(it.claims)}"
        for key, it in found.items()
        if key not in signed
    ]
    gone = (
        f"{EXCEPTIONS}: {check} ({case}, {year}) is signed but no longer found"
        for check, case, year in sorted(signed - found.keys())
    )
    return [*told, *gone]


def _series(case: Case, about: About) -> pd.DataFrame:
    return case.series(**about, inferred=True)


def _shared(case: Case, *abouts: About) -> Iterator[tuple[int, list[Estimate]]]:
    """Yield each year that all series have, with the figure of each."""
    tables = [_series(case, about) for about in abouts]
    for year in sorted(set.intersection(*(set(table["year"]) for table in tables))):
        yield int(year), [pick(table, year) for table in tables]
