"""A case: a folder of claims, sources and events about one cluster."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from warnings import warn

import pandas as pd

from clusterkit.errors import SHOWN, AmbiguousError, DataError, UnknownNameError
from clusterkit.evidence.figure import Estimate, pick
from clusterkit.evidence.folder import FILES, read_folder
from clusterkit.evidence.regions import PREFIX, load_region_sources, region_cell
from clusterkit.evidence.series import (
    CONFLICTS,
    LEFT_OUT,
    Hearing,
    build_series,
    confronted,
    find_conflicts,
    freshness,
    mark_left_out,
)
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import digest, rows_of
from clusterkit.files import listed
from clusterkit.printed.doubt import POLICIES, HedgeRule, Policy, figure_range


@dataclass(frozen=True)
class Case:
    """The evidence about one cluster, checked and ready to ask.

    Attributes
    ----------
    name, title, place : str
        Short name, title and place of the case.
    subject, product, indicator : str
        What a question is about unless it says otherwise; the figure of a first look.
    claims : DataFrame
        One row per claim: the columns of claims.csv, the id being an address that says its case
        ("zhili/seed-sales"), and, derived from them, `year`, `basis` ("dated", "as of", "span"),
        `inferred`, `usable`, `reading` (how the value compares with its print), `step` (how finely
        it was printed), `low`, `high`, `tier`, `source_date`, and from the ledger `flag` (what we
        hold against it) and `dropped`.
    sources, events, corrections : DataFrame
        One row per source, per event and per line of the ledger of corrections.
    breaks : DataFrame
        Years between which a count was changed: indicator, after, before, reason, claims.
    """

    name: str
    title: str
    place: str
    subject: str
    product: str
    indicator: str
    claims: pd.DataFrame = field(repr=False)
    sources: pd.DataFrame = field(repr=False)
    events: pd.DataFrame = field(repr=False)
    corrections: pd.DataFrame = field(repr=False)
    breaks: pd.DataFrame = field(repr=False)
    policy: Policy = field(repr=False)

    def series(
        self,
        indicator: str,
        heard: Hearing | None = None,
        *,
        subject: str | None = None,
        product: str | None = None,
        unit: str | None = None,
        years: tuple[int, int] | None = None,
        **choices: object,
    ) -> pd.DataFrame:
        """Return one row per year for an indicator, settled by a named rule.

        Parameters
        ----------
        indicator : str
            For example "sales" or "output_pieces".
        heard : Hearing, optional
            Which claims to hear, and which to believe.
        subject, product : str, optional
            By default those of the case, or the only product there is.
        unit : str, optional
            Hear only claims in this unit; by default the one most claims are in.
        years : (int, int), optional
            First and last year wanted.
        **choices : object
            Choices of a `Hearing` by name, such as ``prefer="latest"``.

        Returns
        -------
        DataFrame
            year, value, low, high, unit, status, hedge, basis, claims (ids the row rests on),
            rule, others (ids that were not chosen), disputed (the range of one of those lies
            wholly apart), left_out (how many claims of the year were not heard; see `left_out`).

        Raises
        ------
        UnknownNameError
            No claim has that indicator, subject or product, none lies in those years, or all
            are left out.
        AmbiguousError
            Several products, or several units, are on record and none was chosen.
        """
        heard = (heard or Hearing()).but(**choices)
        claims = self._about(indicator, subject, product)
        found = build_series(claims, heard, unit=unit)
        if found.empty:
            raise self._all_left_out(indicator, claims, heard, unit)
        if years is None:
            return found
        inside = found[found["year"].between(*years)].reset_index(drop=True)
        if inside.empty:
            known = ", ".join(str(year) for year in sorted(set(found["year"]))) or "none"
            raise UnknownNameError(
                f"{indicator!r} has no figure from {years[0]} to {years[1]}.",
                where=f"case {self.name}, {claims['subject'].iloc[0]}",
                fix=f"Years on record: {known}.",
            )
        return inside

    def left_out(
        self,
        indicator: str,
        heard: Hearing | None = None,
        *,
        subject: str | None = None,
        product: str | None = None,
        unit: str | None = None,
        **choices: object,
    ) -> pd.DataFrame:
        """Return the claims that `series` does not hear, each with the reason."""
        claims = self._about(indicator, subject, product)
        reason = mark_left_out(claims, (heard or Hearing()).but(**choices), unit=unit)
        out = claims.assign(reason=reason)[reason != ""]
        return out[["claim_id", "year", "value", "unit", "status", "as_printed", "reason"]]

    def estimate(
        self, indicator: str, year: int, heard: Hearing | None = None, **choices: object
    ) -> Estimate:
        """Return one year of a series as an `Estimate`; `choices` are all those of `series`."""
        table = self.series(indicator, heard, **choices)
        return pick(table, year, what=f"{indicator!r} of case {self.name}")

    def claim(self, claim_id: str) -> Estimate:
        """Return one claim as an `Estimate`; its case need not be named."""
        row = self.row(claim_id)
        return Estimate.of({**row, "claims": (row["claim_id"],)})

    def row(self, claim_id: str) -> pd.Series:
        """Return the row of one claim, by its id or its address."""
        place = self._places.get(self._address(claim_id))
        if place is None:
            known = [address.removeprefix(f"{self.name}/") for address in self._places]
            wanted = claim_id.removeprefix(f"{self.name}/")
            raise UnknownNameError.among("claim", wanted, known, where=f"case {self.name}")
        return self.claims.iloc[place]

    def holds(self, claim_id: str) -> bool:
        """Tell whether a claim, by its id or its address, is one of this case."""
        return self._address(claim_id) in self._places

    def _address(self, claim_id: str) -> str:
        return claim_id if "/" in claim_id else f"{self.name}/{claim_id}"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {address: place for place, address in enumerate(self.claims["claim_id"])}

    @cached_property
    def _sources_at(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.sources["source_id"])}

    def conflicts(self, indicator: str | None = None) -> pd.DataFrame:
        """Return disagreements on record, the widest first; see `find_conflicts`."""
        if indicator is None:
            return find_conflicts(self.claims)
        return find_conflicts(self._with("indicator", indicator, self.claims))

    def spread(self, series: pd.DataFrame) -> pd.DataFrame:
        """Return a yearly series whose ranges hold all that was printed for its years.

        The range of a chosen figure tells how finely it was printed and how it was hedged; this one
        reaches over the ranges of the figures that lost as well.
        """
        ranges = self.claims.set_index("claim_id")[["low", "high"]]
        rival = [ranges.loc[list(others)] for others in series["others"]]
        return series.assign(
            low=[min([own, *them["low"]]) for own, them in zip(series["low"], rival, strict=True)],
            high=[
                max([own, *them["high"]]) for own, them in zip(series["high"], rival, strict=True)
            ],
        )

    def confront(self, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Set claims against each other that no rule would pair, in the form of `conflicts`.

        Parameters
        ----------
        groups : mapping of str to sequence of str
            From a label to the ids of the claims it confronts, all in one unit.
        """
        rows = []
        for label, names in groups.items():
            # An unknown name is an error, not a smaller group.
            known = [self.row(name)["claim_id"] for name in names]
            claims = self.claims[self.claims["claim_id"].isin(known)]
            if not claims["usable"].all():
                out = ", ".join(claims.loc[~claims["usable"], "claim_id"])
                raise DataError(
                    f"Claims that must not be used cannot be set against others: {out}.",
                    where=f"case {self.name}, {label}",
                    why="A note or the ledger of corrections forbids their use.",
                    fix="Leave them out.",
                )
            rows.append(confronted(claims, label))
        found = pd.DataFrame(rows, columns=CONFLICTS)
        return found.sort_values("spread", ascending=False, kind="stable", ignore_index=True)

    def freshness(self) -> pd.DataFrame:
        """Return how old the newest claim of each indicator is; see `series.freshness`."""
        return freshness(self.claims)

    def _about(self, indicator: str, subject: str | None, product: str | None) -> pd.DataFrame:
        """Return the claims on one indicator, one subject and one product."""
        claims = self._with("indicator", indicator, self.claims)
        claims = self._with("subject", subject or self.subject, claims, of=indicator)
        if product is None:
            counts = claims["product"].value_counts()
            if len(counts) == 1:
                return claims
            if self.product not in counts.index:
                raise AmbiguousError(
                    f"{indicator!r} is on record for several products.",
                    where=f"case {self.name}, {claims['subject'].iloc[0]}",
                    fix="Name one with product=: "
                    + ", ".join(f"{name!r}" for name in counts.index),
                )
        return self._with("product", product or self.product, claims, of=indicator)

    def _all_left_out(
        self, indicator: str, claims: pd.DataFrame, heard: Hearing, unit: str | None
    ) -> UnknownNameError:
        """Return the error that says why no claim is heard."""
        reasons = mark_left_out(claims, heard, unit=unit)
        why = [f"{count} because {LEFT_OUT[reason]}"
               for reason, count in reasons[reasons != ""].value_counts().items()]  # fmt: skip
        if (reasons == "").any():
            why.append(f"{(reasons == '').sum()} by the rule {heard.prefer!r}")
        return UnknownNameError(
            f"No claim of {indicator!r} is heard.",
            where=f"case {self.name}, {claims['subject'].iloc[0]}",
            why=f"Of {len(claims)} on record, left out: {'; '.join(why)}.",
            fix="Hear more with status=, inferred=, as_of= or another prefer=.",
        )

    def _with(
        self, column: str, name: str, claims: pd.DataFrame, *, of: str | None = None
    ) -> pd.DataFrame:
        where = f"case {self.name}" + (f", indicator {of}" if of else "")
        return rows_of(claims, column, name, where=where)


@dataclass(frozen=True)
class Origin:
    """Where a figure was read, and how it was printed there.

    Of a cell of a regional table the indicator is the table, the product region and industry, and
    `as_printed` the value in its unit, which nobody printed in these words: it is not quoted.
    """

    address: str  # of a claim ("zhili/seed-sales") or of a cell ("regions/gdp/...")
    source: pd.Series = field(repr=False, compare=False)  # its row in the table of sources
    indicator: str
    product: str
    period: str
    as_printed: str
    hedge: str
    status: str
    quoted: bool = True

    @property
    def source_address(self) -> str:
        """The address of the source: like that of the claim, with the id of the source."""
        return f"{self.address.partition('/')[0]}/{self.source['source_id']}"


def origin(address: str, case: Case | None = None) -> Origin:
    """Return where the figure of a claim, or of a cell of a regional table, was read.

    Parameters
    ----------
    address : str
        As in `claims`. Of the case given the bare id of a claim will do.
    case : Case, optional
        The case asked first, before those on the shelf and those read from folders of their own.

    Raises
    ------
    UnknownNameError
        There is no such claim, or no such cell.

    Examples
    --------
    >>> found = origin("zhili/seed-sales")
    >>> found.as_printed, found.hedge, found.source["publisher"]
    ('nearing 100 billion yuan', 'nearly', 'Xinhua (English digest)')
    """
    if address.startswith(PREFIX):
        return _origin_of_cell(address)
    holder = case
    if case is None or not case.holds(address):
        name = address.partition("/")[0]
        known = [_found(name)] if name in list_cases() else []
        known += [_OWN[name]] if name in _OWN else []
        holder = next((one for one in known if one.holds(address)), case or (known or [None])[0])
    if holder is None:
        raise UnknownNameError.among("case", name, list_cases(), where=f"claim {address}")
    row = holder.row(address)
    printed = ("indicator", "product", "period", "as_printed", "hedge", "status")
    source = holder.sources.iloc[holder._sources_at[row["source_id"]]]
    return Origin(row["claim_id"], source, **row[list(printed)])


def _origin_of_cell(address: str) -> Origin:
    row, sources = region_cell(address), load_region_sources()
    return Origin(
        address,
        source=rows_of(sources, "source_id", row["source_id"]).iloc[0],
        indicator=address.removeprefix(PREFIX).partition("/")[0],
        product=f"{row['region']}, {row['industry']}",
        period=str(row["year"]),
        as_printed=f"{row['value']:,.0f} {row['unit']}",
        hedge="exact",
        status="actual",
        quoted=False,
    )


def list_cases() -> list[str]:
    """Return the names of the cases on the shelf, in order."""
    return [path.parent.name for path in listed(data_folder(), "cases/*/case.toml")]


def load_case(name: str | Path, *, policy: str | Policy = "house") -> Case:
    """Return a case, its tables checked row by row.

    Parameters
    ----------
    name : str or Path
        The name of a case on the shelf (see `list_cases`), or the path of a case folder of your
        own, which holds case.toml, claims.csv, sources.csv and events.csv.
    policy : {"house", "wide", "narrow"} or mapping of str to HedgeRule
        How far each hedge reaches; see `clusterkit.printed.doubt`.

    Raises
    ------
    UnknownNameError
        There is no such case, or no such policy.
    DataError
        A table breaks its rules; the error names file, line, column, what was found and what is
        allowed.

    Examples
    --------
    >>> zhili = load_case("zhili")
    >>> zhili.series("sales", years=(2024, 2024))[["year", "value", "low", "high"]]
       year         value           low          high
    0  2024  8.500000e+10  8.450000e+10  8.550000e+10
    """
    found = _found(name, policy)
    if found.claims["unread"].any():
        unread = found.claims.loc[found.claims["unread"], "claim_id"]
        names = ", ".join(unread.head(SHOWN))
        warn(
            f"{len(unread)} claim(s) hold a print that cannot be read, and no series hears them: "
            f"{names}. Mend as_printed, or say about it in corrections.csv who read it.",
            stacklevel=2,
        )
    frames = {key: it for key, it in vars(found).items() if isinstance(it, pd.DataFrame)}
    # Nobody who changes a frame changes those of others: pandas copies on writing.
    return replace(found, **{key: frame.copy(deep=False) for key, frame in frames.items()})


def policy_named(policy: str | Policy) -> Policy:
    """Return a policy by its name; one of your own is returned as it is."""
    if not isinstance(policy, str):
        return policy
    if policy not in POLICIES:
        raise UnknownNameError.among("policy", policy, POLICIES)
    return POLICIES[policy]


_OWN: dict[str, Case] = {}  # the cases last read from folders of their own, by name


def _found(name: str | Path, policy: str | Policy = "house") -> Case:
    """Return a case as it is kept for all who ask."""
    if isinstance(name, Path) or len(Path(name).parts) > 1:
        folder = Path(name)
    elif name in list_cases():
        folder = data_folder() / "cases" / name
    else:
        raise UnknownNameError.among("case", name, list_cases())
    found = _read(
        folder, digest(folder / file for file in FILES), tuple(policy_named(policy).items())
    )
    if folder.resolve().parent != data_folder() / "cases":
        _OWN[found.name] = found
    return found


@lru_cache(maxsize=32)
def _read(folder: Path, content: str, policy: tuple[tuple[str, HedgeRule], ...]) -> Case:
    """Return a case under a policy; `content` tells its files as they are from what they were."""
    facts, reach = read_folder(folder, content), dict(policy)
    claims = facts["claims"]
    printed = claims[["value", "hedge", "unit", "step"]].itertuples(index=False)
    ranges = [
        figure_range(value, hedge, unit=unit, step=None if math.isnan(step) else step, policy=reach)
        for value, hedge, unit, step in printed
    ]
    claims = claims.assign(low=[low for low, _ in ranges], high=[high for _, high in ranges])
    return Case(**facts | {"claims": claims}, policy=reach)
