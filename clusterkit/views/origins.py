"""From a claim id to what a reader is told of its origin."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case
from clusterkit.evidence.regions import PREFIX, load_region_sources, region_cell
from clusterkit.views.language import HEDGED, STATUS, Language


@dataclass(frozen=True)
class Origin:
    """Where one claim was read: its source, and the figure as printed there."""

    claim: str
    number: str
    source: pd.Series
    as_printed: str
    hedge: str
    status: str
    note: str


class Origins:
    """The sources behind the claims of a page.

    A source keeps the number of its row in the table of sources, so that a footnote means the
    same source in every run: plain for the case, "R" before it for the regional tables, and the
    first letter of its name for another case.

    Parameters
    ----------
    case : Case
        The case a page is about.
    others : iterable of Case
        Other cases whose claims the page may use.
    """

    def __init__(self, case: Case, others: Iterable[Case] = ()) -> None:
        self._cases = [("", case), *((other.name[0].upper(), other) for other in others)]
        self._used: dict[str, pd.Series] = {}

    def of(self, claim: str) -> Origin:
        """Return the origin of a claim or of a cell of a regional table, and remember it."""
        origin = self._find(claim)
        self._used[origin.number] = origin.source
        return origin

    def _find(self, claim: str) -> Origin:
        if claim.startswith(PREFIX):
            cell = region_cell(claim)
            sources = load_region_sources()
            row = sources[sources["source_id"] == cell["source_id"]].iloc[0]
            printed = f"{cell['value']:.10g} {cell['unit']}"
            return Origin(claim, f"R{row.name + 1}", row, printed, "exact", "actual", cell["note"])
        for prefix, case in self._cases:
            found = case.claims[case.claims["claim_id"] == claim]
            if len(found):
                row = found.iloc[0]
                source = case.sources[case.sources["source_id"] == row["source_id"]].iloc[0]
                return Origin(claim, f"{prefix}{source.name + 1}", source, row["as_printed"],
                              row["hedge"], row["status"], row["note"])  # fmt: skip
        names = ", ".join(case.name for _, case in self._cases)
        raise UnknownNameError(
            f"No case of this page has the claim {claim!r}.",
            where=f"cases {names}",
            fix="Give the page the case it comes from: Page(case, others=[...]).",
        )

    def numbers(self, claims: Iterable[str]) -> list[str]:
        """Return the numbers of the sources of some claims, each once, in order."""
        return sorted({self.of(claim).number for claim in claims}, key=_order)

    def use_sources(self, source_ids: Iterable[str]) -> None:
        """Remember sources of the first case that are used without a claim, as events are."""
        sources = self._cases[0][1].sources
        for index, source in sources[sources["source_id"].isin(list(source_ids))].iterrows():
            self._used[str(index + 1)] = source

    def used(self) -> list[tuple[str, pd.Series]]:
        """Return the sources remembered, by number."""
        return sorted(self._used.items(), key=lambda item: _order(item[0]))

    def told(self, claims: Iterable[str], language: Language) -> str:
        """Return what a reader sees on pointing at a number: each claim in a line."""
        return "\n".join(_line(self.of(claim), language) for claim in claims)


def _order(number: str) -> tuple[str, int]:
    prefix = number.rstrip("0123456789")
    return prefix, int(number.removeprefix(prefix))


def _line(origin: Origin, language: Language) -> str:
    source = origin.source
    hedge = language.text(HEDGED[origin.hedge], figure="…").replace("…", "").strip()
    facts = [
        f"[{origin.number}] {source['publisher']}",
        source["date"] or language.text("undated"),
        language.text(source["tier"]),
        f"“{origin.as_printed}”",
        hedge,
        "" if origin.status == "actual" else language.text(STATUS[origin.status]),
    ]
    return ", ".join(fact for fact in facts if fact)
