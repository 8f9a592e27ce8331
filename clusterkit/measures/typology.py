"""What kind of cluster is this? Types after Marshall and Markusen, by stated thresholds."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clusterkit.evidence.figure import FIGURE, Estimate, union
from clusterkit.measures.figures import share
from clusterkit.measures.panel import latest, panel_ratio
from clusterkit.regional.screening import screen

INDICATORS = [
    "firms", "workers_per_firm", "value_per_firm", "leader_share", "outside_owned", "anchored",
]  # fmt: skip
KINDS = ("sales", "output value", "revenue")
UNITS = {
    "firms": "firm", "workers_per_firm": "person/firm", "value_per_firm": "CNY/firm",
    "leader_share": "percent",
}  # fmt: skip


def typology(
    panel: pd.DataFrame, *, rules: pd.DataFrame, kinds: Sequence[str] = KINDS
) -> pd.DataFrame:
    """Return of what type each cluster is, so far as its figures decide.

    The types are the industrial district of Marshall and the three of Markusen: hub-and-spoke,
    satellite platform and state-anchored. A cluster is of a type where all rules of the type hold
    over the whole range of its indicators, is not where one fails over the whole range, and is
    undetermined otherwise: a range holds the threshold, or the figure is not on record. A real
    place may be of several types.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel`. Figures that are not comparable are not used; where claims of a year
        disagree, the range is that of them all, for whom we hear must not decide.
    rules : DataFrame
        As from `load_typology`: flag (the type), column, op, threshold.
    kinds : sequence of str
        Which kinds of value may stand for the size of a cluster, the first on record being taken.

    Returns
    -------
    DataFrame
        One row per cluster: cluster, industry; for each indicator its value, `_low`, `_high` and
        `_year` (missing where not on record or open): firms, workers_per_firm, value_per_firm
        (CNY), leader_share (percent of the cluster's value, at most 100), outside_owned (percent of
        firms; on record nowhere) and anchored (1 where the claims are about a development zone
        or park; elsewhere they are silent, which says neither); a column per type with yes, no or
        undetermined; type (those that hold, joined; "none" where all are refused; else
        "undetermined"); claims.

        The number of above-scale firms is a floor for the number of firms.

    References
    ----------
    Marshall (1890), Principles of Economics, book IV, chapter X.
    Markusen (1996), Sticky places in slippery space, Economic Geography 72, 293-313.
    """
    panel = panel.assign(
        low=panel["lowest"], high=panel["highest"], claims=panel["claims"] + panel["others"]
    )
    facts = panel[["cluster", "industry", "anchor"]].drop_duplicates("cluster")
    table = facts.set_index("cluster", drop=False)
    found = {
        "firms": _firms(panel),
        "workers_per_firm": _newest(panel_ratio(panel, "workers", "firms"), [""]),
        "value_per_firm": _newest(panel_ratio(panel, "value", "firms"), kinds),
        "leader_share": _leader_share(panel, kinds),
    }
    for name in INDICATORS:
        found[name] = found.get(name, pd.DataFrame(columns=["year", *FIGURE])).reindex(table.index)
        for end in ("value", "low", "high", "year"):
            column = name if end == "value" else f"{name}_{end}"
            figures = found[name][end].astype(float).replace([np.inf, -np.inf], np.nan)
            table[column] = figures.astype("Int64") if end == "year" else figures
    anchored = table["anchor"] != ""  # that no claim speaks of a zone does not say there is none
    table["anchored"] = anchored.astype(float).where(anchored)
    table["anchored_low"], table["anchored_high"] = anchored.astype(float), 1.0
    table["claims"] = [
        union(*(claims for claims in row if isinstance(claims, tuple)))
        for row in zip(*(found[name]["claims"] for name in INDICATORS), strict=True)
    ]
    judged = screen(table, rules=rules, name="_all")
    types = list(dict.fromkeys(rules["flag"]))
    judged["type"] = [_type(dict(zip(types, row, strict=True))) for row in judged[types].to_numpy()]
    return judged.drop(columns=["_all", "anchor"]).reset_index(drop=True)


def _type(answers: dict[str, str]) -> str:
    holds = [name for name, answer in answers.items() if answer == "yes"]
    if holds:
        return " + ".join(holds)
    return "undetermined" if "undetermined" in answers.values() else "none"


def _newest(rows: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """Return one comparable outturn per cluster, of the first kind on record."""
    fit = rows[rows["comparable"] & (rows["status"] == "actual") & rows["kind"].isin(list(kinds))]
    order = fit["kind"].map(list(kinds).index).sort_values(kind="stable").index
    return fit.loc[order].drop_duplicates("cluster").set_index("cluster")


def type_indicator(types: pd.DataFrame, cluster: str, indicator: str) -> Estimate | None:
    """Return an indicator of a typed cluster with its range; None where it is not on record.

    Parameters
    ----------
    types : DataFrame
        As from `typology`.
    cluster, indicator : str
        A cluster of it, and firms, workers_per_firm, value_per_firm or leader_share. Of a ceiling
        or a floor the value is the bound that is known.
    """
    row = types.set_index("cluster").loc[cluster]
    low, high = row[f"{indicator}_low"], row[f"{indicator}_high"]
    if pd.isna(low) and pd.isna(high):
        return None
    low, high = (0.0 if pd.isna(low) else low), (np.inf if pd.isna(high) else high)
    value = row[indicator] if pd.notna(row[indicator]) else low if np.isinf(high) else high
    return Estimate(float(value), float(low), float(high), UNITS[indicator], row["claims"])


def _firms(panel: pd.DataFrame) -> pd.DataFrame:
    """Return the number of firms; where only above-scale ones were counted, that is a floor."""
    fit = panel[panel["comparable"]]
    counted = _newest(latest(fit, "firms"), [""])
    floor = _newest(latest(fit, "above_scale_firms"), [""]).assign(value=np.nan, high=np.nan)
    return pd.concat([counted, floor[~floor.index.isin(counted.index)]])


def _leader_share(panel: pd.DataFrame, kinds: Sequence[str]) -> pd.DataFrame:
    """Return the share of the largest firm on record in the value of its cluster, in percent."""
    leaders = panel[(panel["measure"] == "leader") & (panel["status"] == "actual")]
    values = panel[(panel["measure"] == "value") & panel["kind"].isin(list(kinds))]
    pairs = leaders.merge(values, on=["cluster", "year"], suffixes=("", "_whole"))
    rows = []
    for pair in pairs.sort_values("year").to_dict("records"):
        whole = {name.removesuffix("_whole"): pair[name] for name in pair if "_whole" in name}
        part = share(Estimate.of(pair), Estimate.of(whole | {"year": pair["year"]}))
        rows.append(vars(part) | {"cluster": pair["cluster"], "high": min(part.high, 100.0)})
    found = pd.DataFrame(rows, columns=["cluster", "year", *FIGURE])
    return found.drop_duplicates("cluster", keep="last").set_index("cluster")
