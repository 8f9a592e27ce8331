"""From many claims to one row per year: who is heard, who is not, and by which rule."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd

from clusterkit.errors import AmbiguousError, UnknownNameError
from clusterkit.evidence.figure import FIGURE, STATUS_ORDER
from clusterkit.evidence.tables import STATUSES, TIERS

COLUMNS = ["year", *FIGURE, "rule", "others", "disputed", "left_out"]

# Why a claim is left out of a series; the first that holds is named.
LEFT_OUT = {
    "unit": "it is in another unit",
    "do not use": "the note says not to use it",
    "span": "it describes several years",
    "status": "it is not of the status asked for",
    "inferred": "its year is our inference",
    "as of": "only its year of publication is known, and a dated claim exists or was asked for",
}


def mark_left_out(
    claims: pd.DataFrame, *, unit: str | None, status: Sequence[str], as_of: str, inferred: bool,
    by: Sequence[str] = (),
) -> pd.Series:  # fmt: skip
    """Return, for each claim, the reason it stays out of a series, or "" where it is heard.

    Parameters
    ----------
    claims : DataFrame
        Claims of one subject, indicator and product, with the columns a case derives.
    unit : str, optional
        The unit to hear; by default the one most claims are in.
    status : sequence of str
        Statuses to hear.
    as_of : {"fill", "include", "exclude"}
        Whether claims whose year is only that of publication fill years without a dated claim,
        stand beside dated claims, or stay out.
    inferred : bool
        Whether claims with an inferred year are heard.
    by : sequence of str
        Columns that part the claims into series of their own; with "unit" among them every unit
        is heard.
    """
    reason = pd.Series("", index=claims.index, dtype="str")
    dated = claims["basis"] == "dated"
    tests = {
        "unit": claims["unit"] != (claims["unit"] if "unit" in by else unit or _main_unit(claims)),
        "do not use": ~claims["usable"],
        "span": claims["basis"] == "span",
        "status": ~claims["status"].isin(list(status)),
        "inferred": claims["inferred"] & (not inferred),
    }
    for name, holds in tests.items():
        reason = reason.mask(holds & (reason == ""), name)
    # A dated forecast must not silence an outturn of which only the publication is dated.
    said = claims["year"].astype("str").str.cat(claims[["status", *by]], sep="|")
    heard = set(said[dated & (reason == "")])
    crowded = said.isin(heard) if as_of == "fill" else as_of == "exclude"
    return reason.mask((claims["basis"] == "as of") & crowded & (reason == ""), "as of")


def build_series(
    claims: pd.DataFrame,
    *,
    prefer: str,
    unit: str | None,
    status: Sequence[str],
    as_of: str,
    inferred: bool,
    by: Sequence[str] = (),
) -> pd.DataFrame:
    """Return one row per year (per claim under the rule "all"), by the named rule.

    Columns named in `by` part the claims into series of their own, and stand before the year.
    """
    for kind, name, known in (
        ("rule", prefer, RULES),
        ("choice for as_of", as_of, ("fill", "include", "exclude")),
        *(("status", name, STATUSES) for name in status),
        *([("unit", unit, set(claims["unit"]))] if unit else []),
    ):
        if name not in known:
            raise UnknownNameError.among(kind, name, known)
    reason = mark_left_out(claims, unit=unit, status=status, as_of=as_of, inferred=inferred, by=by)
    heard = claims[reason == ""]
    keys = [*by, "year"]
    silent = claims.loc[reason != "", keys].value_counts()
    rows = []
    for key, group in heard.groupby(keys, sort=True):
        # An outturn silences the forecasts of its year.
        looseness = group["status"].map(STATUS_ORDER.index)
        firmest = looseness == looseness.min()
        unheard = int(silent.get(key, 0)) + int((~firmest).sum())
        fate = dict(zip(keys, key, strict=True)) | {"rule": prefer, "left_out": unheard}
        rows += [row | fate for row in RULES[prefer](group[firmest])]
    return pd.DataFrame(rows, columns=list(dict.fromkeys([*by, *COLUMNS])))


def _row(chosen: pd.DataFrame, others: pd.DataFrame, *, value: float | None = None) -> dict:
    """Return a row from the chosen claims; what they rest on is all of them."""
    first = chosen.iloc[0]
    low, high = chosen["low"].min(), chosen["high"].max()
    apart = (others["low"] > high) | (others["high"] < low)
    return {
        "value": first["value"] if value is None else value,
        "low": low,
        "high": high,
        "unit": first["unit"],
        "status": first["status"],
        "hedge": first["hedge"] if len(set(chosen["hedge"])) == 1 else "",
        "basis": first["basis"] if len(set(chosen["basis"])) == 1 else "mixed",
        "claims": tuple(chosen["claim_id"]),
        "others": tuple(others["claim_id"]),
        "disputed": bool(apart.any()) if value is None else _apart(chosen),
    }


def _apart(claims: pd.DataFrame) -> bool:
    """Tell whether the ranges of some claims have no point in common."""
    return bool(claims["low"].max() > claims["high"].min())


def _best_first(claims: pd.DataFrame, *, by_date: bool = False) -> pd.DataFrame:
    """Sort claims: surest year first, then by tier or by date of the source, then by name."""
    if len(claims) == 1:
        return claims
    keyed = claims.assign(
        _year=2 * (claims["basis"] != "dated") + claims["inferred"],
        _tier=claims["tier"].map(TIERS.index),
    )
    ascending = {"_year": True, "_tier": True, "source_date": False, "claim_id": True}
    order = ["_year", "source_date", "_tier", "claim_id"] if by_date else list(ascending)
    keyed = keyed.sort_values(order, ascending=[ascending[name] for name in order])
    return keyed.drop(columns=["_year", "_tier"])


def _first(claims: pd.DataFrame, *, by_date: bool = False) -> list[dict]:
    ranked = _best_first(claims, by_date=by_date)
    return [_row(ranked.iloc[:1], ranked.iloc[1:])]


def _official(claims: pd.DataFrame) -> list[dict]:
    ranked = _best_first(claims)
    official = ranked["tier"].isin(["official", "company"])
    if not official.any():
        return []
    return [_row(ranked[official].iloc[:1], ranked.drop(ranked[official].index[0]))]


def _median(claims: pd.DataFrame) -> list[dict]:
    ranked = _best_first(claims)
    return [_row(ranked, ranked.iloc[:0], value=float(ranked["value"].median()))]


def _all(claims: pd.DataFrame) -> list[dict]:
    ranked = _best_first(claims)
    return [_row(ranked.loc[[index]], ranked.drop(index)) for index in ranked.index]


RULES: dict[str, Callable[[pd.DataFrame], list[dict]]] = {
    "highest_tier": _first,
    "latest": partial(_first, by_date=True),
    "official": _official,
    "median": _median,
    "all": _all,
}


CONFLICTS = [
    "label", "subject", "indicator", "product", "year", "basis", "unit",
    "lowest", "highest", "spread", "claims_low", "claims_high", "claims",
]  # fmt: skip


def find_conflicts(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the disagreements among claims about the same thing in the same year.

    Claims disagree where their ranges have no point in common.

    Parameters
    ----------
    claims : DataFrame
        Claims with the columns a case derives. Only usable outturns whose year is not our
        inference are compared: dated with dated, as of with as of.

    Returns
    -------
    DataFrame
        One row per subject, indicator, product and year: lowest and highest value, their
        quotient `spread`, unit, and the claims at either end; the widest spread first.
    """
    heard = claims[claims["usable"] & (claims["status"] == "actual") & (claims["basis"] != "span")]
    heard = heard[~heard["inferred"]]
    # A year described and a year of publication are not the same year.
    keys = ["subject", "indicator", "product", "year", "unit", "basis"]
    rows = [
        confronted(group)
        for _, group in heard.groupby(keys, sort=True)
        # Two ends of one printed range come from one source and are no disagreement.
        if len(set(group["source_id"])) > 1 and _apart(group)
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
    """Return how old the newest claim of each subject and indicator is.

    Ages are counted from the newest source of the case, not from today, so that a report says
    the same thing whenever it is made.

    Parameters
    ----------
    claims : DataFrame
        Claims with the columns a case derives.

    Returns
    -------
    DataFrame
        One row per subject and indicator: newest_year (described by a usable claim), age (years
        from it to the newest source of the case), claims and sources (how many), single_source;
        most claims first.
    """
    heard = claims[claims["usable"]]
    now = int(heard["source_date"].str[:4].replace("", "0").astype(int).max())
    table = (
        heard.groupby(["subject", "indicator"], sort=True)
        .agg(
            newest_year=("year", "max"),
            claims=("claim_id", "size"),
            sources=("source_id", "nunique"),
        )
        .reset_index()
    )
    table["age"] = now - table["newest_year"]
    table["single_source"] = table["sources"] == 1
    columns = ["subject", "indicator", "newest_year", "age", "claims", "sources", "single_source"]
    return table.sort_values("claims", ascending=False, kind="stable", ignore_index=True)[columns]


def tier_shares(claims: pd.DataFrame) -> pd.DataFrame:
    """Return how many claims come from sources of each tier, the strongest first.

    Returns
    -------
    DataFrame
        tier, claims, share (percent).
    """
    counts = claims["tier"].value_counts().reindex(TIERS, fill_value=0)
    return pd.DataFrame(
        {"tier": TIERS, "claims": counts.to_numpy(), "share": 100 * counts.to_numpy() / len(claims)}
    )
