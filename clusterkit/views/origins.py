"""From the address of a claim to what a reader is told of its origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd
from markupsafe import Markup

from clusterkit.evidence.case import Case, Origin, origin
from clusterkit.views.facts import Fact, Words
from clusterkit.words import Language, wording

LINK = Markup('<a href="#source-{0}">{0}</a>')
NOTE = Markup('<sup class="ck-ref">{}</sup>')
ENTRY = Markup('<li id="source-{0}"><b>{0}</b> {1}{2}{3}</li>')
READ = Markup(' <a href="{0}">{1}</a>')
CLAIMS = Markup('<br><small class="ck-data">{}</small>')
MOST_SOURCES = 4  # numbers behind one figure
MOST_CLAIMS = 16  # under one source


@dataclass
class UsedSource:
    """A source that a page has used, with the claims it was used for."""

    number: int
    address: str
    source: pd.Series
    claims: dict[str, Origin] = field(default_factory=dict)

    def line(self, language: Language) -> str:
        """Return the source in a few words, for where no list of sources is near."""
        date, tier = (self.source["date"] or language.text("undated"), self.source["tier"])
        return f"[{self.number}] {self.source['publisher']}, {date}, {language.text(tier)}"

    def entry(self, language: Language) -> Words:
        """Return the entry in the list of sources: a line, and under it each claim it is of."""
        source, text = self.source, language.text
        about = (source["publisher"], source["title"], source["date"] or text("undated"))
        told = ", ".join(filter(None, [*about, text(source["tier"])]))
        facts, notes = [Fact(told, self.address, "data")], []
        for claim in sorted(self.claims.values(), key=lambda it: (it.period, it.address)):
            of = ", ".join([language.label(claim.indicator), claim.product, claim.period])
            printed = _printed(claim, language)
            facts += [Fact(of, claim.address, "data"), Fact(printed, claim.address, "claim")]
            notes.append(f"{f'{claim.address}: ' if claim.quoted else ''}{of}: {printed}")
        shown = few(notes, most=MOST_CLAIMS)
        facts += [Fact(more, self.address, "count") for more in shown[MOST_CLAIMS:]]
        html = ENTRY.format(
            self.number,
            told,
            READ.format(source["url"], text("read")) if source["url"] else "",
            CLAIMS.format("; ".join(shown)) if shown else "",
        )
        plain = "\n".join([f"[{self.number}] {told}", *(f"    {note}" for note in shown)])
        return Words(plain, html, tuple(facts))


class Origins:
    """The sources behind the claims of a page, numbered in the order of their first use."""

    def __init__(self, case: Case) -> None:
        self._case = case
        self._used: dict[str, UsedSource] = {}
        self._known: dict[str, tuple[UsedSource, Origin]] = {}

    @property
    def used(self) -> list[UsedSource]:
        """The sources used so far, by number."""
        return list(self._used.values())

    def _of(self, claim: str) -> tuple[UsedSource, Origin]:
        """Return where a claim was read, and remember that it was used."""
        if claim not in self._known:
            found = origin(claim, self._case)
            used = self._use(found.source_address, found.source)
            used.claims[found.address] = found
            self._known[claim] = used, found
        return self._known[claim]

    def _use(self, address: str, source: pd.Series) -> UsedSource:
        return self._used.setdefault(address, UsedSource(len(self._used) + 1, address, source))

    def _behind(self, claims: Iterable[str]) -> list[UsedSource]:
        """Return the sources of some claims, each once, by number."""
        found = {used.number: used for used, _ in map(self._of, claims)}
        return [found[number] for number in sorted(found)]

    def numbers(self, claims: Iterable[str]) -> list[str]:
        """Return the numbers of the sources of some claims, each once, in order."""
        return [str(used.number) for used in self._behind(claims)]

    def lines(self, claims: Iterable[str], language: Language) -> list[str]:
        """Return the sources of some claims, a line each, in the order of their numbers."""
        return [used.line(language) for used in self._behind(claims)]

    def footnote(self, claims: Iterable[str]) -> Words:
        """Return the numbers of the sources of some claims, as they stand behind a figure."""
        numbers = self.numbers(claims)
        first, more = numbers[:MOST_SOURCES], numbers[MOST_SOURCES:]
        tail = f"+{len(more)}" if more else ""
        links = Markup(",").join([*map(LINK.format, first), *filter(None, [tail])])
        return Words(f" [{','.join(first)}{tail}]", NOTE.format(links))

    def told(self, claims: Iterable[str], language: Language) -> str:
        """Return what a reader sees on pointing at a number: each claim in a line."""
        read = map(self._of, claims)
        return "\n".join(
            few([f"{used.line(language)}, {_printed(claim, language)}" for used, claim in read])
        )

    def use_sources(self, source_ids: Iterable[str]) -> None:
        """Remember sources of the page's case that are used without a claim, as events are."""
        sources = self._case.sources
        for _, source in sources[sources["source_id"].isin(list(source_ids))].iterrows():
            self._use(f"{self._case.name}/{source['source_id']}", source)


def few(items: Sequence[str], most: int = 8) -> list[str]:
    """Return a list cut to what can be read, and "+2" for two that are not shown."""
    more = len(items) - most
    return [*items[:most], f"+{more}"] if more > 0 else list(items)


def _printed(claim: Origin, language: Language) -> str:
    """Return a figure as printed, with its hedge and, where it is no outturn, its status."""
    printed = f"“{claim.as_printed}”" if claim.quoted else claim.as_printed
    hedge = language.text(wording("hedged")[claim.hedge], figure="…").replace("…", "").strip()
    return ", ".join(filter(None, (printed, hedge, language.status(claim.status))))
