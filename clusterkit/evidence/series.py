"""From many claims to one row per year: who is heard, who is left out, and by which rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace

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
    reason = pd.Series("", index=claims.index, dtype="str")
    tests = {
        "unit": claims["unit"] != (claims["unit"] if "unit" in by else unit or _main_unit(claims)),
        "do not use": ~claims["usable"],
        "span": claims["basis"] == "span",
        "status": ~claims["status"].isin(list(heard.status)),
        "inferred": claims["inferred"] & (not heard.inferred),
    }
    for name, holds in tests.items():
        reason = reason.mask(holds & (reason == ""), name)
    # A dated forecast must not silence an outturn of which only the publication is dated.
    said = claims["year"].astype("str").str.cat(claims[["status", *by]], sep="|")
    dated = set(said[(claims["basis"] == "dated") & (reason == "")])
    crowded = said.isin(dated) if heard.as_of == "fill" else heard.as_of == "exclude"
    return reason.mask((claims["basis"] == "as of") & crowded & (reason == ""), "as of")


def build_series(
    claims: pd.DataFrame, heard: Hearing, *, unit: str | None = None, by: Sequence[str] = ()
) -> pd.DataFrame:
    """Return one row per year (per claim under the rule "all"), by the named rule.

    Columns named in `by` part the claims into series of their own, and stand before the year.
    """
    keys = [*by, "year"]
    left_out = mark_left_out(claims, heard, unit=unit, by=by) != ""
    looseness = claims["status"].map(STATUS_ORDER.index).mask(left_out, len(STATUS_ORDER))
    # An outturn silences the forecasts of its year.
    left_out |= looseness > looseness.groupby([claims[key] for key in keys]).transform("min")
    ranked = _ranked(claims[~left_out], keys, by_date=heard.prefer == "latest")
    years = ranked.groupby(keys).agg(
        speaking=("claim_id", tuple), highest_low=("low", "max"), lowest_high=("high", "min")
    )
    years["left_out"] = left_out.groupby([claims[key] for key in keys]).sum()
    if heard.prefer == "official":
        ranked = ranked[ranked["tier"].isin(["official", "company"])]
    together = heard.prefer == "median"
    chosen = ranked if heard.prefer == "all" else ranked.drop_duplicates(keys)
    rows = (_middle(ranked, keys) if together else chosen).join(years, on=keys)
    apart = (rows["highest_low"] > rows["high"]) | (rows["lowest_high"] < rows["low"])
    rows = rows.assign(
        rule=heard.prefer,
        claims=rows["speaking"] if together else [(name,) for name in rows["claim_id"]],
        disputed=rows["highest_low"] > rows["lowest_high"] if together else apart,
    )
    others = [
        tuple(name for name in speaking if name not in believed)
        for speaking, believed in zip(rows["speaking"], rows["claims"], strict=True)
    ]
    columns = list(dict.fromkeys([*by, *COLUMNS]))
    return rows.assign(others=others)[columns].reset_index(drop=True)


def _ranked(claims: pd.DataFrame, keys: Sequence[str], *, by_date: bool) -> pd.DataFrame:
    """Sort claims: surest year first, then by tier or by date of the source, then by name."""
    keyed = claims.assign(
        _doubt=2 * (claims["basis"] != "dated") + claims["inferred"],
        _tier=claims["tier"].map(TIERS.index),
        _age=-claims["source_date"].rank(method="dense"),
    )
    order = ["_age", "_tier"] if by_date else ["_tier", "_age"]
    return keyed.sort_values([*keys, "_doubt", *order, "claim_id"])


def _middle(ranked: pd.DataFrame, keys: Sequence[str]) -> pd.DataFrame:
    """Return one row per year: the middle of its claims, with the range of all."""

    def common(otherwise: str) -> Callable[[pd.Series], str]:
        return lambda names: names.iloc[0] if len(set(names)) == 1 else otherwise

    middle = ranked.groupby(keys).agg(
        value=("value", "median"),
        low=("low", "min"),
        high=("high", "max"),
        hedge=("hedge", common("")),
        basis=("basis", common("mixed")),
    )
    first = ranked.drop_duplicates(keys)
    return first.drop(columns=list(middle.columns)).join(middle, on=keys)


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
