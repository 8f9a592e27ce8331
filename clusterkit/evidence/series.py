"""From many claims to one row per year: who is heard, who is left out, and by which rule."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from statistics import median
from typing import Any

import pandas as pd

from clusterkit.errors import AmbiguousError, UnknownNameError
from clusterkit.evidence.figure import FIGURE, STATUS_ORDER
from clusterkit.evidence.tables import TIERS

COLUMNS = ["year", *FIGURE, "rule", "others", "disputed", "left_out"]
STATUSES = STATUS_ORDER[:-1]  # those of claims: nobody prints an assumption

RULES = ("highest_tier", "latest", "official", "median", "all")
AS_OF = ("fill", "include", "exclude")

# Why a claim is left out of a series; the first that holds is named.
LEFT_OUT = {
    "unit": "it is in another unit",
    "do not use": "the note says not to use it",
    "unread": "its print cannot be read, and no line of the ledger says who read it",
    "span": "it describes several years",
    "status": "it is not of the status asked for",
    "inferred": "its year is our inference",
    "as of": "only its year of publication is known, and a dated claim exists or was asked for",
}


@dataclass(frozen=True)
class Hearing:
    """Which claims a series hears, and which of several for one year it believes.

    Parameters
    ----------
    prefer : {"highest_tier", "latest", "official", "median", "all"}
        highest_tier takes the claim closest to the origin of its figure, then the newest; latest
        the newest; official only official or company sources; median the middle of all claims,
        with the range of all; all gives a row per claim. A claim that prints the year described
        goes before one whose year is inferred or is that of publication.
    status : sequence of str
        Which of actual, planned, forecast and target to hear. An outturn silences the forecasts of
        its year.
    as_of : {"fill", "include", "exclude"}
        What to do with claims of which only the year of publication is known: fill years that have
        no dated claim, hear them beside dated ones, or leave them out.
    inferred : bool
        Whether to hear claims whose year is our inference.

    Raises
    ------
    UnknownNameError
        There is no such rule, status or choice.

    Examples
    --------
    >>> Hearing(prefer="latest").but(inferred=True)
    Hearing(prefer='latest', status=('actual',), as_of='fill', inferred=True)
    """

    prefer: str = "highest_tier"
    status: Sequence[str] = ("actual",)
    as_of: str = "fill"
    inferred: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", tuple(self.status))
        for kind, name, known in (
            ("rule", self.prefer, RULES),
            ("choice for as_of", self.as_of, AS_OF),
            *(("status", name, STATUSES) for name in self.status),
        ):
            if name not in known:
                raise UnknownNameError.among(kind, name, known)

    def but(self, **choices: object) -> "Hearing":
        """Return the same hearing with other choices."""
        known = [field.name for field in fields(self)]
        for name in choices:
            if name not in known:
                raise UnknownNameError.among("choice", name, known, where="how claims are heard")
        return replace(self, **choices)


def mark_left_out(
    claims: pd.DataFrame, heard: Hearing, *, unit: str | None = None, by: Sequence[str] = ()
) -> pd.Series:
    """Return, for each claim, the reason it stays out of a series, or "" where it is heard.

    Without a unit the one most claims are in is heard; with "unit" in `by` every one is.
    """
    if unit and unit not in set(claims["unit"]):
        raise UnknownNameError.among("unit", unit, set(claims["unit"]))
    wanted = unit or (None if "unit" in by else _main_unit(claims))
    reasons = [_reason(claim, heard, wanted) for claim in claims[READ].itertuples()]
    # A dated forecast must not silence an outturn of which only the publication is dated.
    said = list(_rows(claims, ["year", "status", *by]))
    bases = claims["basis"].tolist()
    known = zip(said, bases, reasons, strict=True)
    dated = {it for it, basis, why in known if basis == "dated" and not why}
    for place, basis in enumerate(bases):
        crowded = said[place] in dated if heard.as_of == "fill" else heard.as_of == "exclude"
        if basis == "as of" and crowded and not reasons[place]:
            reasons[place] = "as of"
    return pd.Series(reasons, index=claims.index, dtype="str")


READ = ["unit", "usable", "unread", "basis", "status", "inferred"]


def _reason(claim: Any, heard: Hearing, unit: str | None) -> str:
    holds = {
        "unit": unit not in (None, claim.unit),
        "do not use": not claim.usable,
        "unread": claim.unread,
        "span": claim.basis == "span",
        "status": claim.status not in heard.status,
        "inferred": claim.inferred and not heard.inferred,
    }
    return next(filter(holds.get, holds), "")


def _rows(claims: pd.DataFrame, columns: Sequence[str]) -> Iterator[tuple]:
    return zip(*(claims[name].tolist() for name in columns), strict=True)


def build_series(
    claims: pd.DataFrame, heard: Hearing, *, unit: str | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per year (per claim under the rule "all"), by the named rule.

    Columns named in `by` part the claims into series of their own, and stand before the year.
    """
    # In plain lists: most series are a dozen claims, and a case is asked for many.
    reasons = mark_left_out(claims, heard, unit=unit, by=by)
    years = list(_rows(claims, [*by, "year"]))
    groups: dict[tuple, list[int]] = {}
    for place, (year, reason) in enumerate(zip(years, reasons, strict=True)):
        if not reason:
            groups.setdefault(year, []).append(place)
    ranks, counts, facts = _ranks(claims, heard), Counter(years), claims.to_dict("list")
    loose = [STATUS_ORDER.index(status) for status in facts["status"]]
    chosen, found = [], []
    for year in sorted(groups):
        # An outturn silences the forecasts of its year.
        firmest = min(loose[place] for place in groups[year])
        speaking = [place for place in groups[year] if loose[place] == firmest]
        speaking.sort(key=ranks.__getitem__)
        for places in _believed(speaking, heard, facts["tier"]):
            chosen.append(places[0])
            silent = {"left_out": counts[year] - len(speaking)}
            found.append(_settled(places, speaking, facts) | silent)
    kept = list(dict.fromkeys([*by, "year", "status", "unit"]))
    rows = claims.iloc[chosen][kept].reset_index(drop=True)
    settled = pd.DataFrame(found, columns=[it for it in COLUMNS if it not in kept])
    return rows.assign(**settled).assign(rule=heard.prefer)[list(dict.fromkeys([*by, *COLUMNS]))]


def _ranks(claims: pd.DataFrame, heard: Hearing) -> list[tuple]:
    """Return what sorts claims: surest year first, then tier or date of the source, then name."""
    dates = {date: age for age, date in enumerate(sorted(set(claims["source_date"]), reverse=True))}
    columns = ["basis", "inferred", "tier", "source_date", "claim_id"]
    ranks = []
    for basis, inferred, tier, date, name in _rows(claims, columns):
        order = TIERS.index(tier), dates[date]
        doubt = 2 * (basis != "dated") + inferred
        ranks.append((doubt, *(order[::-1] if heard.prefer == "latest" else order), name))
    return ranks


def _believed(speaking: list[int], heard: Hearing, tiers: list[str]) -> list[list[int]]:
    """Return, for each row of a year, the claims it rests on; of those that speak, in order."""
    if heard.prefer == "all":
        return [[place] for place in speaking]
    if heard.prefer == "median":
        return [speaking]
    official = heard.prefer == "official"
    return [[it] for it in speaking if not official or tiers[it] in ("official", "company")][:1]


def _settled(places: list[int], speaking: list[int], facts: Mapping[str, list]) -> dict:
    """Return the figure of some claims, beside the others that speak of its year."""

    def of(column: str, which: Sequence[int] = places) -> list:
        return [facts[column][place] for place in which]

    low, high = min(of("low")), max(of("high"))
    ends = max(of("low", speaking)), min(of("high", speaking))
    # The middle of several claims is disputed where two of them have no point in common.
    apart = ends[0] > high or ends[1] < low if len(places) == 1 else ends[0] > ends[1]
    names, hedges, bases = tuple(of("claim_id")), set(of("hedge")), set(of("basis"))
    return {
        "value": median(of("value")),
        "low": low,
        "high": high,
        "hedge": hedges.pop() if len(hedges) == 1 else "",
        "basis": bases.pop() if len(bases) == 1 else "mixed",
        "claims": names,
        "others": tuple(name for name in of("claim_id", speaking) if name not in names),
        "disputed": apart,
    }


CONFLICTS = [
    "label", "subject", "indicator", "product", "year", "basis", "unit",
    "lowest", "highest", "spread", "claims_low", "claims_high", "claims",
]  # fmt: skip


def find_conflicts(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the claims about the same thing in the same year whose ranges share no point.

    Only usable outturns whose year is not our inference are compared: dated with dated, as of with
    as of. `spread` is the highest value divided by the lowest; the widest stands first.
    """
    heard = claims[claims["usable"] & (claims["status"] == "actual") & (claims["basis"] != "span")]
    heard = heard[~heard["inferred"]]
    # A year described and a year of publication are not the same year.
    keys = ["subject", "indicator", "product", "year", "unit", "basis"]
    rows = [
        confronted(group)
        for _, group in heard.groupby(keys, sort=True)
        # Two ends of one printed range come from one source and are no disagreement.
        if len(set(group["source_id"])) > 1 and group["low"].max() > group["high"].min()
    ]
    found = pd.DataFrame(rows, columns=CONFLICTS)
    return found.sort_values("spread", ascending=False, kind="stable", ignore_index=True)


def confronted(claims: pd.DataFrame, label: str = "") -> dict:
    """Return a row of `find_conflicts` for claims set against each other."""
    if len(set(claims["unit"])) > 1:
        raise AmbiguousError(
            f"Claims in different units cannot be set against each other: "
            f"{', '.join(sorted(set(claims['unit'])))}.",
            where=", ".join(claims["claim_id"]),
        )
    lowest, highest = claims["value"].min(), claims["value"].max()
    first = claims.iloc[0]
    return {name: first[name] for name in CONFLICTS[1:7]} | {
        "label": label,
        "lowest": lowest,
        "highest": highest,
        "spread": highest / lowest if lowest > 0 else float("inf"),
        "claims_low": tuple(claims.loc[claims["value"] == lowest, "claim_id"]),
        "claims_high": tuple(claims.loc[claims["value"] == highest, "claim_id"]),
        "claims": tuple(claims["claim_id"]),
    }


def _main_unit(claims: pd.DataFrame) -> str:
    """Return the unit most claims are in; refuse to guess between equals."""
    counts = claims["unit"].value_counts()
    if len(counts) > 1 and counts.iloc[0] == counts.iloc[1]:
        raise AmbiguousError(
            "These claims are in different units and make no series.",
            where=", ".join(f"{unit} ({count})" for unit, count in counts.items()),
            why="The indicator covers different things under one name.",
            fix="Choose one of them with unit=.",
        )
    return str(counts.index[0])


def freshness(claims: pd.DataFrame) -> pd.DataFrame:
    """Return how old the newest usable claim of each subject and indicator is, most claims first.

    Ages are counted from the newest source of the case, not from today, so that a report says
    the same thing whenever it is made.
    """
    heard = claims[claims["usable"]]
    now = int(heard["source_date"].str[:4].replace("", "0").astype(int).max())
    table = heard.groupby(["subject", "indicator"], as_index=False).agg(
        newest_year=("year", "max"), claims=("claim_id", "size"), sources=("source_id", "nunique")
    )
    table.insert(3, "age", now - table["newest_year"])
    table["single_source"] = table["sources"] == 1
    return table.sort_values("claims", ascending=False, kind="stable", ignore_index=True)


def tier_shares(claims: pd.DataFrame) -> pd.DataFrame:
    """Return how many claims, and what percentage, each tier of sources gives, strongest first."""
    counts = claims["tier"].value_counts().reindex(TIERS, fill_value=0)
    return pd.DataFrame(
        {"tier": TIERS, "claims": counts.to_numpy(), "share": 100 * counts.to_numpy() / len(claims)}
    )
