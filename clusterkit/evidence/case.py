"""A case: a folder of claims, sources and events about one cluster."""

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from clusterkit.errors import AmbiguousError, DataError, UnknownNameError
from clusterkit.evidence.figure import Estimate
from clusterkit.evidence.ledger import correct, read_corrections
from clusterkit.evidence.prints import check_reading
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
from clusterkit.evidence.tables import check_references, read_table, rows_of, schema
from clusterkit.printed.doubt import POLICIES, Policy, figure_range

_FACTS = ("title", "place", "subject", "product", "indicator")


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
        One row per claim: the columns of claims.csv and, derived from them, `year`, `basis`
        ("dated", "as of", "span"), `inferred`, `usable`, `reading` (how the value compares with
        its print), `low`, `high`, `tier`, `source_date`, and from the ledger `flag` (what we hold
        against it) and `dropped`.
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
        """Return one claim as an `Estimate`."""
        where = f"case {self.name}"
        rows = rows_of(self.claims, "claim_id", claim_id, kind="claim", where=where)
        return Estimate.of({**rows.iloc[0], "claims": (claim_id,)})

    def conflicts(self, indicator: str | None = None) -> pd.DataFrame:
        """Return disagreements on record, the widest first; see `find_conflicts`."""
        if indicator is None:
            return find_conflicts(self.claims)
        return find_conflicts(self._with("indicator", indicator, self.claims))

    def confront(self, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
        """Set claims against each other that no rule would pair, in the form of `conflicts`.

        Parameters
        ----------
        groups : mapping of str to sequence of str
            From a label to the ids of the claims it confronts, all in one unit.
        """
        rows = []
        for label, names in groups.items():
            for name in names:
                self.claim(name)  # an unknown name is an error, not a smaller group
            claims = self.claims[self.claims["claim_id"].isin(names)]
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


def pick(table: pd.DataFrame, year: int, *, what: str = "the table") -> Estimate:
    """Return one year of a yearly table as an `Estimate`.

    Raises
    ------
    UnknownNameError
        The table has no such year.
    AmbiguousError
        It has several rows for that year.
    """
    rows = table[table["year"] == year]
    if rows.empty:
        years = ", ".join(str(known) for known in table["year"]) or "none"
        raise UnknownNameError(
            f"There is no figure for {year} in {what}.", fix=f"Years on record: {years}."
        )
    if len(rows) > 1:
        raise AmbiguousError(
            f"There are {len(rows)} figures for {year} in {what}.",
            why="The rule 'all' keeps every claim.",
            fix="Choose a rule that settles on one, such as prefer='highest_tier'.",
        )
    return Estimate.of(rows.iloc[0])


def list_cases() -> list[str]:
    """Return the names of the cases on the shelf, in order."""
    return sorted(path.parent.name for path in (data_folder() / "cases").glob("*/case.toml"))


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
    if isinstance(policy, str):
        if policy not in POLICIES:
            raise UnknownNameError.among("policy", policy, POLICIES)
        policy = POLICIES[policy]
    folder = Path(name)
    if not isinstance(name, Path) and len(folder.parts) == 1:
        if name not in list_cases():
            raise UnknownNameError.among("case", name, list_cases())
        folder = data_folder() / "cases" / name
    return _load(folder, policy)


def _load(folder: Path, policy: Policy) -> Case:
    facts = _read_facts(folder / "case.toml")
    sources = read_table(folder / "sources.csv", schema("sources"))
    claims = read_table(folder / "claims.csv", schema("claims"))
    events = read_table(folder / "events.csv", schema("events"))
    for path, frame in (("claims.csv", claims), ("events.csv", events)):
        check_references(folder / path, frame, "source_id", sources["source_id"], "sources.csv")
    readings = check_reading(claims)
    _refuse_misread(folder / "claims.csv", readings)
    _refuse_prophecy(folder / "claims.csv", claims, sources)
    ledger = read_corrections(folder / "corrections.csv", claims)
    return Case(
        name=folder.name,
        **{fact: facts[fact] for fact in _FACTS},
        claims=_derive(correct(claims, ledger), sources, readings, policy),
        sources=sources,
        events=events,
        corrections=ledger,
        breaks=read_breaks(folder / "case.toml", facts.get("breaks", []), claims),
        policy=policy,
    )


def _read_facts(path: Path) -> dict:
    try:
        facts = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UnknownNameError(
            "This folder is not a case.",
            where=str(path.parent),
            why="It holds no case.toml.",
            fix=f"Write one that gives {', '.join(_FACTS)}.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DataError("case.toml cannot be read.", where=f"{path}: {problem}") from None
    missing = [name for name in _FACTS if not isinstance(facts.get(name), str)]
    if missing:
        raise DataError(
            f"case.toml does not give {', '.join(missing)}.",
            where=str(path),
            fix=f"It gives {', '.join(_FACTS)}, each as text.",
        )
    return facts


def _refuse_misread(path: Path, readings: pd.DataFrame) -> None:
    """Refuse a claim whose value is not what its own print says."""
    wrong = readings[readings["outcome"] == "differs"]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"{len(wrong)} claim(s) hold another value than they print.",
            where=f"{path}, line {wrong.index[0] + 2} ({first['claim_id']}), column value: "
            f"found {first['value']:.12g}, but {first['why']}",
            fix="Type the value as printed; a line in corrections.csv with action override "
            "puts another in its place.",
        )


def _refuse_prophecy(path: Path, claims: pd.DataFrame, sources: pd.DataFrame) -> None:
    """Refuse an outturn of a year that had not begun when its source was published."""
    published = claims["source_id"].map(sources.set_index("source_id")["date"]).str[:4]
    described = claims["period"].str[-4:]
    # A span may be our bracket around an unprinted year; a year is a statement.
    said = (claims["status"] == "actual") & ~claims["period"].str.contains("-")
    early = claims[said & (published != "") & (described > published)]
    if len(early):
        first = early.iloc[0]
        raise DataError(
            f"{len(early)} claim(s) report an outturn of a year after their source.",
            where=f"{path}, line {early.index[0] + 2} ({first['claim_id']}), column period: "
            f"found {first['period']!r}, the source is of {published[early.index[0]]}",
            why="The period is mistyped, or the figure is a forecast, plan or target.",
            fix="Correct the period or the status.",
        )


def _derive(
    claims: pd.DataFrame, sources: pd.DataFrame, readings: pd.DataFrame, policy: Policy
) -> pd.DataFrame:
    """Add to each claim what follows from its own columns, its print and its source."""
    period = claims["period"]
    basis = period.map(
        lambda text: "as of" if text.startswith("as of") else "span" if "-" in text else "dated"
    )
    printed = claims[["value", "hedge", "unit"]].assign(step=readings["step"])
    ranges = [
        figure_range(
            value, hedge, unit=unit, step=None if math.isnan(step) else step, policy=policy
        )
        for value, hedge, unit, step in printed.itertuples(index=False)
    ]
    origin = sources.set_index("source_id")
    return claims.assign(
        year=period.str[-4:].astype(int),
        basis=basis.astype("str"),
        inferred=claims["note"].str.startswith("PERIOD_INFERRED"),
        usable=~(claims["note"].str.contains("do not use", case=False) | claims["dropped"]),
        reading=readings["outcome"].astype("str"),
        low=[low for low, _ in ranges],
        high=[high for _, high in ranges],
        tier=claims["source_id"].map(origin["tier"]),
        source_date=claims["source_id"].map(origin["date"]),
    )


FIELDS = {
    "indicator": (str, "The indicator of the case's subject whose count changed."),
    "after": (int, "The last year surely counted the old way."),
    "before": (int, "The first year surely counted the new way; years between belong to neither."),
    "reason": (str, "Why it is a break, in our words; shown to readers."),
    "claims": (list, "The claims that show it."),
}


def read_breaks(path: Path, entries: object, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks of a case, in the order of its case.toml.

    Parameters
    ----------
    path : Path
        The case.toml they stand in, to be named in errors.
    entries : list of dict
        Its tables `[[breaks]]`; see `FIELDS`.
    claims : DataFrame
        The claims of the case.

    Raises
    ------
    DataError
        A break lacks a field or has another, ends before it begins, or names an indicator or a
        claim that the case does not have.
    """
    entries = entries if isinstance(entries, list) else [entries]
    for number, entry in enumerate(entries, start=1):
        problem = _problem(entry, claims)
        if problem:
            raise DataError(
                f"A break is not as it should be: {problem}.",
                where=f"{path}, [[breaks]] number {number}",
                fix=f"A break gives {', '.join(FIELDS)}, and after is the earlier year.",
            )
    rows = [entry | {"claims": tuple(entry["claims"])} for entry in entries]
    return pd.DataFrame(rows, columns=list(FIELDS))


def _problem(entry: object, claims: pd.DataFrame) -> str:
    """Return what is wrong with a break, or ""."""
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        return f"it gives {', '.join(entry) if isinstance(entry, dict) else entry}"
    for name, (kind, _) in FIELDS.items():
        if type(entry[name]) is not kind or not entry[name]:
            return f"{name} is {entry[name]!r}"
    if entry["after"] >= entry["before"]:
        return f"it ends in {entry['before']} and begins in {entry['after']}"
    strangers = [name for name in entry["claims"] if name not in set(claims["claim_id"])]
    if strangers:
        return f"there is no claim {strangers[0]!r}"
    if entry["indicator"] not in set(claims["indicator"]):
        return f"there is no indicator {entry['indicator']!r}"
    return ""
