"""From a claim id to what a reader is told of its origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case
from clusterkit.evidence.regions import PREFIX, load_region_sources, region_cell
from clusterkit.views.facts import Fact, Words
from clusterkit.words import Language, wording

LINK = Markup('<a href="#source-{0}">{0}</a>')
NOTE = Markup('<sup class="ck-ref">{}</sup>')
ENTRY = Markup('<li id="source-{0}"><b>{0}</b> {1}{2}{3}</li>')
READ = Markup(' <a href="{0}">{1}</a>')
CLAIMS = Markup('<br><small class="ck-data">{}</small>')
MOST_SOURCES = 4  # numbers behind one figure
MOST_CLAIMS = 16  # under one source


@dataclass(frozen=True)
class Origin:
    """Where one claim was read: its source, and the figure as printed there."""

    claim: str
    case: str
    source: pd.Series
    indicator: str
    product: str
    period: str
    as_printed: str
    hedge: str
    status: str
    quoted: bool = True


@dataclass
class UsedSource:
    """A source that a page has used, with the claims it was used for."""

    number: int
    source: pd.Series
    claims: dict[str, Origin] = field(default_factory=dict)


class Origins:
    """The sources behind the claims of a page, numbered in the order in which it first uses them.

    Parameters
    ----------
    case : Case
        The case a page is about.
    others : iterable of Case
        Other cases whose claims the page may use.
    """

    def __init__(self, case: Case, others: Iterable[Case] = ()) -> None:
        self._cases = [case, *others]
        self._used: dict[tuple[str, str], UsedSource] = {}
        self._found: dict[str, Origin] = {}

    def of(self, claim: str) -> Origin:
        """Return the origin of a claim or of a cell of a regional table."""
        if claim not in self._found:
            self._found[claim] = self._find(claim)
        return self._found[claim]

    def _find(self, claim: str) -> Origin:
        if claim.startswith(PREFIX):
            return _regional(claim)
        for case in self._cases:
            found = case.claims[case.claims["claim_id"] == claim]
            if len(found):
                row = found.iloc[0]
                source = case.sources[case.sources["source_id"] == row["source_id"]].iloc[0]
                told = ("indicator", "product", "period", "as_printed", "hedge", "status")
                return Origin(claim, case.name, source, *(row[name] for name in told))
        names = ", ".join(case.name for case in self._cases)
        raise UnknownNameError(
            f"No case of this page has the claim {claim!r}.",
            where=f"cases {names}",
            fix="Give the page the case it comes from: Page(case, others=[...]).",
        )

    def use(self, case: str, source: pd.Series) -> UsedSource:
        """Return a source as this page knows it, with the next number if it is new."""
        fresh = UsedSource(len(self._used) + 1, source)
        return self._used.setdefault((case, source["source_id"]), fresh)

    def behind(self, claims: Iterable[str]) -> list[UsedSource]:
        """Return the sources of some claims, each once, by number, and remember the claims."""
        found = {}
        for claim in claims:
            origin = self.of(claim)
            used = self.use(origin.case, origin.source)
            used.claims[claim] = origin
            found[used.number] = used
        return [found[number] for number in sorted(found)]

    def numbers(self, claims: Iterable[str]) -> list[str]:
        """Return the numbers of the sources of some claims, each once, in order."""
        return [str(used.number) for used in self.behind(claims)]

    def footnote(self, claims: Iterable[str]) -> Words:
        """Return the numbers of the sources of some claims, as they stand behind a figure."""
        numbers = self.numbers(claims)
        links = [LINK.format(number) for number in numbers[:MOST_SOURCES]]
        more = len(numbers) - MOST_SOURCES
        tail = f"+{more}" if more > 0 else ""
        html = NOTE.format(Markup(",").join([*links, tail] if tail else links))
        return Words(f" [{','.join(numbers[:MOST_SOURCES])}{tail}]", html)

    def lines(self, claims: Iterable[str], language: Language) -> list[str]:
        """Return the sources of some claims, a line each, in the order of their numbers."""
        return [source_line(used, language) for used in self.behind(claims)]

    def use_sources(self, source_ids: Iterable[str]) -> None:
        """Remember sources of the page's case that are used without a claim, as events are."""
        case = self._cases[0]
        for _, source in case.sources[case.sources["source_id"].isin(list(source_ids))].iterrows():
            self.use(case.name, source)

    def used(self) -> list[UsedSource]:
        """Return the sources remembered, by number."""
        return list(self._used.values())

    def told(self, claims: Sequence[str], language: Language) -> str:
        """Return what a reader sees on pointing at a number: each claim in a line."""
        lines = [
            f"{source_line(used, language)}, {_printed(used.claims[claim], language)}"
            for claim in claims
            for used in self.behind([claim])
        ]
        return "\n".join(few(lines))


def few(items: Sequence[str], most: int = 8) -> list[str]:
    """Return a list cut to what can be read, with the number of what is not shown.

    Examples
    --------
    >>> few(["a", "b", "c", "d"], most=2)
    ['a', 'b', '+2']
    """
    more = len(items) - most
    return [*items[:most], f"+{more}"] if more > 0 else list(items)


def _regional(cell: str) -> Origin:
    row = region_cell(cell)
    sources = load_region_sources()
    source = sources[sources["source_id"] == row["source_id"]].iloc[0]
    table = cell.removeprefix(PREFIX).split("/")[0]
    printed = f"{row['value']:,.0f} {row['unit']}"
    about = f"{row['region']}, {row['industry']}"
    period = str(row["year"])
    return Origin(cell, PREFIX, source, table, about, period, printed, "exact", "actual", False)


def source_line(used: UsedSource, language: Language) -> str:
    """Return a source in a few words: number, publisher, date, how close to the origin.

    For where no list of sources is near, as on a picture.
    """
    source = used.source
    date = source["date"] or language.text("undated")
    return f"[{used.number}] {source['publisher']}, {date}, {language.text(source['tier'])}"


def _printed(origin: Origin, language: Language) -> str:
    """Return a figure as printed, with its hedge and, where it is no outturn, its status."""
    printed = f"“{origin.as_printed}”" if origin.quoted else origin.as_printed
    hedge = language.text(wording("hedged")[origin.hedge], figure="…").replace("…", "").strip()
    return ", ".join(filter(None, (printed, hedge, language.status(origin.status))))


def source_entry(used: UsedSource, language: Language) -> Words:
    """Return an entry of the list of sources.

    The source in a line; under it each claim it was used for: what, when, as printed, hedge,
    status.
    """
    source = used.source
    date, tier = source["date"] or language.text("undated"), language.text(source["tier"])
    told = ", ".join(filter(None, [source["publisher"], source["title"], date, tier]))
    facts, notes = [Fact(told, source["source_id"], "data")], []
    for origin in sorted(used.claims.values(), key=lambda it: (it.period, it.claim)):
        of = ", ".join([language.label(origin.indicator), origin.product, origin.period])
        printed = _printed(origin, language)
        facts += [Fact(of, origin.claim, "data"), Fact(printed, origin.claim, "claim")]
        notes.append(f"{f'{origin.claim}: ' if origin.quoted else ''}{of}: {printed}")
    notes = few(notes, most=MOST_CLAIMS)
    facts += [Fact(more, source["source_id"], "count") for more in notes[MOST_CLAIMS:]]
    html = ENTRY.format(
        used.number,
        told,
        READ.format(source["url"], language.text("read")) if source["url"] else "",
        CLAIMS.format("; ".join(notes)) if notes else "",
    )
    plain = "\n".join([f"[{used.number}] {told}", *(f"    {note}" for note in notes)])
    return Words(plain, html, tuple(facts))
