"""Do the figures hold together? Rules of what they must do, and the breaches on record.

The rules stand in data/honesty.toml. A rule is breached only where the ranges leave no way out: a
part must be larger than its whole even at its lowest and the whole's highest. A known breach stands
in data/honesty_exceptions.csv, signed and with its reason.
"""

import math
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from clusterkit.errors import DataError
from clusterkit.evidence.case import Case, load_case
from clusterkit.evidence.figure import Estimate, pick
from clusterkit.evidence.tables import data_folder, read_table

RULES = "honesty.toml"
EXCEPTIONS = "honesty_exceptions.csv"


@dataclass(frozen=True)
class Breach:
    """A rule that the figures of a year do not keep."""

    check: str  # the name of the rule
    case: str
    year: int
    told: str  # what was found, against what was expected
    claims: tuple[str, ...]


Found = Iterator[tuple[int, str, list[Estimate]]]  # year, what was found, the figures concerned


def load_rules(folder: Path | None = None) -> dict[str, list[dict]]:
    """Return the rules by kind: within, growth, bounds, sums, together."""
    path = (folder or data_folder()) / RULES
    rules = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = sorted(rules.keys() - KINDS.keys())
    if unknown:
        raise DataError(
            f"There is no kind of rule {', '.join(unknown)}.",
            where=str(path),
            fix=f"Kinds: {', '.join(KINDS)}.",
        )
    return rules


def load_exceptions(folder: Path | None = None) -> pd.DataFrame:
    """Return the signed exceptions: check, case, year, reason, signed."""
    return read_table((folder or data_folder()) / EXCEPTIONS, "honesty_exceptions")


def find_breaches(folder: Path | None = None) -> list[Breach]:
    """Return every breach of a rule, whether it is on record as an exception or not."""
    folder = folder or data_folder()
    cases = {path.parent.name: load_case(path.parent) for path in folder.glob("cases/*/case.toml")}
    return [
        Breach(rule["name"], _case_of(rule), year, told, _names(figures))
        for kind, rules in load_rules(folder).items()
        for rule in rules
        for year, told, figures in KINDS[kind](rule, cases)
    ]


def _case_of(rule: Mapping[str, object]) -> str:
    """Return the case a rule speaks of; of several, the first."""
    return rule["case"] if "case" in rule else next(iter(rule["claims"]))


def _series(case: Case, about: Mapping[str, object]) -> pd.DataFrame:
    return case.series(**about, inferred=True)


def _shared(case: Case, *abouts: Mapping[str, object]) -> Iterator[tuple[int, list[Estimate]]]:
    """Yield each year that all series have, with the figure of each."""
    tables = [_series(case, about) for about in abouts]
    for year in sorted(set.intersection(*(set(table["year"]) for table in tables))):
        yield int(year), [pick(table, year) for table in tables]


def _names(figures: Iterable[Estimate]) -> tuple[str, ...]:
    return tuple(name for figure in figures for name in figure.claims)


def _within(rule: dict, cases: Mapping[str, Case]) -> Found:
    for year, (part, whole) in _shared(cases[rule["case"]], rule["part"], rule["whole"]):
        if part.low > whole.high:
            told = f"the part is at least {part.low:g}, the whole at most {whole.high:g}"
            yield year, told, [part, whole]


def _bounds(rule: dict, cases: Mapping[str, Case]) -> Found:
    abouts = rule["numerator"], rule["denominator"]
    for year, (above, below) in _shared(cases[rule["case"]], *abouts):
        low = above.low / below.high
        high = above.high / below.low if below.low > 0 else math.inf
        if low > rule["high"] or high < rule["low"]:
            told = f"{low:g} to {high:g}, plausible is {rule['low']:g} to {rule['high']:g}"
            yield year, told, [above, below]


def _growth(rule: dict, cases: Mapping[str, Case]) -> Found:
    case = cases[rule["case"]]
    levels, rates = _series(case, rule["level"]), _series(case, rule["rate"])
    for year in rates["year"]:
        if not {year - 1, year} <= set(levels["year"]):
            continue
        first, last, rate = pick(levels, year - 1), pick(levels, year), pick(rates, year)
        low, high = (100 * (a / b - 1) for a, b in ((last.low, first.high), (last.high, first.low)))
        if rate.low > high or rate.high < low:
            told = f"printed {rate.value:g}%, the levels give {low:.4g}% to {high:.4g}%"
            yield int(year), told, [first, last, rate]


def _sums(rule: dict, cases: Mapping[str, Case]) -> Found:
    for year, (whole, *parts) in _shared(cases[rule["case"]], rule["whole"], *rule["parts"]):
        added = sum(part.value for part in parts)
        if abs(added / whole.value - 1) > rule["within_percent"] / 100:
            told = f"the parts add to {added:g}, the whole is {whole.value:g}"
            yield year, told, [*parts, whole]


def _together(rule: dict, cases: Mapping[str, Case]) -> Found:
    figures = [cases[case].claim(name) for case, names in rule["claims"].items() for name in names]
    least = sum(figure.value for figure in figures)
    if least > 100:
        yield max(figure.year for figure in figures), f"together {least:g}%", figures


KINDS = {
    "within": _within,
    "bounds": _bounds,
    "growth": _growth,
    "sums": _sums,
    "together": _together,
}


def unexplained(folder: Path | None = None) -> list[str]:
    """Return, in words, each breach that is not signed and each signature without a breach."""
    found = {(it.check, it.case, it.year): it for it in find_breaches(folder)}
    known = load_exceptions(folder)[["check", "case", "year"]].itertuples(index=False, name=None)
    signed = set(known)
    told = [
        f"{it.check} ({it.case}, {it.year}): {it.told}; claims {', '.join(it.claims)}"
        for key, it in found.items()
        if key not in signed
    ]
    gone = [f"{EXCEPTIONS}: {key[0]} ({key[1]}, {key[2]}) is signed but no longer found"
            for key in sorted(signed - found.keys())]  # fmt: skip
    return told + gone
