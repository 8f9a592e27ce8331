"""From a claim id to what a reader is told of its origin."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from string import ascii_lowercase

import pandas as pd
from markupsafe import Markup

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case, origin
from clusterkit.evidence.regions import PREFIX
from clusterkit.words import Language, wording

REGIONAL = "R"  # stands before the source numbers of the regional tables


@dataclass(frozen=True)
class Origin:
    """Where one claim was read: its source, and the figure as printed there."""

    claim: str
    number: str
    source: pd.Series
    what: str
    product: str
    period: str
    as_printed: str
    hedge: str
    status: str
    quoted: bool = True


@dataclass
class UsedSource:
    """A source that a page has used, with the claims it was used for."""

    number: str
    source: pd.Series
    claims: dict[str, Origin] = field(default_factory=dict)


class Origins:
    """The sources behind the claims of a page.

    A source keeps the number of its row in the table of sources, so that a footnote means the
    same source in every run: plain for the case, "R" before it for the regional tables, and the
    first letter of its name for another case, or as many letters as tell it from those before.

    Parameters
    ----------
    case : Case
        The case a page is about.
    others : iterable of Case
        Other cases whose claims the page may use.
    """

    def __init__(self, case: Case, others: Iterable[Case] = ()) -> None:
        others = list(others)
        prefixes = _prefixes(other.name for other in others)
        self._cases = [("", case), *zip(prefixes, others, strict=True)]
        self._used: dict[str, UsedSource] = {}
        self._found: dict[str, Origin] = {}

    def of(self, claim: str) -> Origin:
        """Return the origin of a claim or of a cell of a regional table, and remember it."""
        if claim not in self._found:
            self._found[claim] = self._find(claim)
        origin = self._found[claim]
        used = self._used.setdefault(origin.number, UsedSource(origin.number, origin.source))
        used.claims[claim] = origin
        return origin

    def _find(self, claim: str) -> Origin:
        prefixes = {case.name: (prefix, case) for prefix, case in reversed(self._cases)}
        home = claim.partition("/")[0] if "/" in claim else self._cases[0][1].name
        if not claim.startswith(PREFIX) and home not in prefixes:
            raise UnknownNameError(
                f"No case of this page has the claim {claim!r}.",
                where=f"cases {', '.join(case.name for _, case in self._cases)}",
                fix="Give the page the case it comes from: Page(case, others=[...]).",
            )
        prefix, case = prefixes.get(home, (REGIONAL, None))
        found = origin(claim, case)
        number = f"{prefix}{found.source.name + 1}"
        return Origin(
            found.address, number, found.source, found.indicator, found.product, found.period,
            found.as_printed, found.hedge, found.status, quoted=found.quoted,
        )  # fmt: skip

    def numbers(self, claims: Iterable[str]) -> list[str]:
        """Return the numbers of the sources of some claims, each once, in order."""
        return sorted({self.of(claim).number for claim in claims}, key=_order)

    def lines(self, claims: Iterable[str], language: Language) -> list[str]:
        """Return the sources of some claims, a line each, in the order of their numbers."""
        numbers = self.numbers(claims)
        return [source_line(self._used[number], language) for number in numbers]

    def use_sources(self, source_ids: Iterable[str]) -> None:
        """Remember sources of the first case that are used without a claim, as events are."""
        sources = self._cases[0][1].sources
        for index, source in sources[sources["source_id"].isin(list(source_ids))].iterrows():
            number = str(index + 1)
            self._used.setdefault(number, UsedSource(number, source))

    def used(self) -> list[UsedSource]:
        """Return the sources remembered, by number."""
        return [self._used[number] for number in sorted(self._used, key=_order)]

    def told(self, claims: Sequence[str], language: Language) -> str:
        """Return what a reader sees on pointing at a number: each claim in a line."""
        return "\n".join(few([_line(self.of(claim), language) for claim in claims]))


def few(items: Sequence[str], most: int = 8) -> list[str]:
    """Return a list cut to what can be read, with the number of what is not shown.

    Examples
    --------
    >>> few(["a", "b", "c", "d"], most=2)
    ['a', 'b', '+2']
    """
    more = len(items) - most
    return [*items[:most], f"+{more}"] if more > 0 else list(items)


def _prefixes(names: Iterable[str]) -> list[str]:
    """Return what stands before the source numbers of each case: the fewest letters still free.

    Examples
    --------
    >>> _prefixes(["context", "cixi", "rudong", "c-2"])
    ['C', 'Ci', 'Ru', 'Ca']
    """
    prefixes: list[str] = []
    for name in names:
        word = "".join(filter(str.isalpha, name)).capitalize()
        beginnings = (word[:length] for length in range(1, len(word) + 1))
        longer = (word + letter for letter in ascii_lowercase)
        taken = {REGIONAL, *prefixes}
        prefixes.append(next(it for it in chain(beginnings, longer) if it not in taken))
    return prefixes


def _order(number: str) -> tuple[str, int]:
    prefix = number.rstrip("0123456789")
    return prefix, int(number.removeprefix(prefix))


def _line(origin: Origin, language: Language) -> str:
    return f"{source_line(origin, language)}, {_printed(origin, language)}"


def source_line(used: UsedSource | Origin, language: Language) -> str:
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


def _note(origin: Origin, language: Language) -> str:
    """Return a claim as a footnote: its name, what it is of, when, and as printed."""
    about = [language.label(origin.what), origin.product, origin.period]
    name = f"{origin.claim}: " if origin.quoted else ""
    return f"{name}{', '.join(about)}: {_printed(origin, language)}"


def source_entry(used: UsedSource, language: Language) -> tuple[str, Markup]:
    """Return an entry of the list of sources, plain and as HTML.

    The source in a line; under it each claim it was used for: what, when, as printed, hedge,
    status.
    """
    source = used.source
    facts = [source["publisher"], source["title"], source["date"] or language.text("undated"),
             language.text(source["tier"])]  # fmt: skip
    told = ", ".join(fact for fact in facts if fact)
    claims = sorted(used.claims.values(), key=lambda it: (it.period, it.claim))
    notes = few([_note(it, language) for it in claims], most=16)
    link = Markup(' <a href="{0}">{1}</a>').format(source["url"], language.text("read"))
    html = Markup('<li id="source-{0}"><b>{0}</b> {1}{2}{3}</li>').format(
        used.number,
        told,
        link if source["url"] else "",
        Markup('<br><small class="ck-data">{}</small>').format("; ".join(notes)) if notes else "",
    )
    return "\n".join([f"[{used.number}] {told}", *(f"    {note}" for note in notes)]), html
