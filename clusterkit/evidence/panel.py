"""The clusters side by side: one table of them all, drawn from the claims of every case.

No figure is stored twice. data/clusters.csv says which clusters exist and which claims speak of
them; the figures are settled from those claims by the rules of `clusterkit.evidence.series`.
"""

import math
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

import pandas as pd

from clusterkit.errors import DataError
from clusterkit.evidence.case import Case, load_case
from clusterkit.evidence.figure import FIGURE
from clusterkit.evidence.series import STATUSES, Hearing, build_series
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import read_table, rows_of
from clusterkit.printed.doubt import Policy

CLUSTERS = "clusters.csv"
TYPOLOGY = "typology.csv"

FACTS = [
    "cluster", "cluster_zh", "province", "level", "industry", "group", "case", "anchor",
]  # fmt: skip
PANEL = [
    *FACTS, "measure", "kind", "product", "year", *FIGURE, "others", "disputed", "lowest",
    "highest", "comparable", "mark", "note",
]  # fmt: skip
SERIES = ["cluster", "measure", "kind", "product", "unit"]  # what tells one series from another
ABOVE_SCALE = "above-scale firms only"
ELSEWHERE = "plants elsewhere included"
NOT_LARGEST = "not known to be the largest"


@cache
def indicators() -> Mapping[str, list[str]]:
    """Return which measure of the panel the indicator of a claim is, and of which kind."""
    return tomllib.loads(Path(__file__).with_name("panel.toml").read_text(encoding="utf-8"))


def load_clusters() -> pd.DataFrame:
    """Return the clusters of the panel, one row each: what they make, where, and whose they are.

    Returns
    -------
    DataFrame
        The columns of clusters.csv; see the codebook.
    """
    return read_table(data_folder() / CLUSTERS, "clusters")


def load_typology() -> pd.DataFrame:
    """Return the rules that tell types of clusters apart: flag, column, op, threshold, reason."""
    return read_table(data_folder() / TYPOLOGY, "typology")


def load_panel(*, policy: str | Policy = "house") -> pd.DataFrame:
    """Return every yearly figure of every cluster, drawn from the claims.

    Of competing claims of a year one is chosen as `Case.series` does by the rule highest_tier;
    years that are our inference are heard, and marked as such. Part-year figures are not in.

    Parameters
    ----------
    policy : {"house", "wide", "narrow"} or mapping of str to HedgeRule
        How far each hedge reaches.

    Returns
    -------
    DataFrame
        One row per cluster, measure, kind, product and year: the facts of clusters.csv; measure
        (value, output, firms, above_scale_firms, workers, share_national, share_world, exports,
        export_countries, capacity, output_metres, leader); kind (of a value: sales, output value,
        revenue, market turnover, scale without definition; of output: made, sold); product; year;
        basis (dated, as of, inferred); value, low, high, unit, status, hedge; claims (the ids it
        rests on), others (ids that lost), disputed, lowest and highest (the range of all claims of
        the year, the losers' included); comparable and mark (False, and why, where the
        figure describes more or less than the cluster); note (of the claim chosen).

        The measure "leader" is the revenue of the largest firm on record. Its range says what that
        amounts to: a company that also produces elsewhere may owe the cluster nothing, so its
        figure is a ceiling; a firm not known to be the largest is a floor.

    Raises
    ------
    DataError
        A cluster names a case, subject, product or leader that no claim has.
    """
    clusters = load_clusters()
    rows = clusters.assign(line=range(2, len(clusters) + 2))
    figures = [
        _settle(load_case(case, policy=policy), own.to_dict("records"))
        for case, own in rows.groupby("case", sort=False)
    ]
    panel = clusters[FACTS].merge(pd.concat(figures), on="cluster")
    return panel[PANEL]


def cluster_figures(panel: pd.DataFrame, cluster: str, measure: str | None = None) -> pd.DataFrame:
    """Return the rows of one cluster, for one measure if asked.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel`.
    cluster, measure : str
        Names in the columns of these names.

    Raises
    ------
    UnknownNameError
        There is no such cluster, and these are nearest; or it has no figure of that measure, and
        these it has.
    """
    rows = rows_of(panel, "cluster", cluster)
    if measure is not None:
        rows = rows_of(rows, "measure", measure, where=f"cluster {cluster}")
    return rows.reset_index(drop=True)


def _settle(case: Case, clusters: list[dict]) -> pd.DataFrame:
    """Return the figures of the clusters of one case."""
    claims = pd.concat(part for cluster in clusters for part in _claims_of(cluster, case))
    figures = build_series(claims, Hearing(status=STATUSES, inferred=True), by=SERIES)
    # Where a year has several products, the first of the cluster's goes first.
    order = {key: place for place, key in enumerate(claims[SERIES].itertuples(index=False))}
    places = [order[key] for key in figures[SERIES].itertuples(index=False)]
    figures = figures.iloc[pd.Series(places).sort_values(kind="stable").index]
    named = claims.set_index("claim_id")
    chosen = named.loc[figures["claims"].str[0]]
    figures["basis"] = figures["basis"].where(~chosen["inferred"].to_numpy(), "inferred")
    figures["note"] = chosen["note"].to_numpy()
    figures["mark"] = chosen["mark"].to_numpy()
    # What counts above-scale firms may be compared with what counts them elsewhere.
    counted = figures["measure"] == "above_scale_firms"
    figures["comparable"] = (figures["mark"] == "") | counted
    speaking = (figures["claims"] + figures["others"]).map(list)
    figures["lowest"] = [named.loc[names, "low"].min() for names in speaking]
    figures["highest"] = [named.loc[names, "high"].max() for names in speaking]
    ceiling, floor = figures["mark"] == ELSEWHERE, figures["mark"] == NOT_LARGEST
    for low, high in (("low", "high"), ("lowest", "highest")):
        figures[low] = figures[low].mask(ceiling, 0.0)
        figures[high] = figures[high].mask(floor, math.inf)
    return figures


def _claims_of(cluster: dict, case: Case) -> Iterator[pd.DataFrame]:
    """Yield the claims that speak of a cluster, and those of its largest firm, each with a mark."""
    claims = case.claims[case.claims["subject"] == cluster["subject"]]
    known = list(claims["product"].unique())
    named = [name.strip() for name in cluster["products"].split(";") if name.strip()] or known
    firm = case.claims[case.claims["subject"] == cluster["leader"]]
    # The products of a firm are parts of it.
    firm = firm[firm["product"].isin(["company total", cluster["industry"]])]
    firm = firm[firm["indicator"] == "revenue"]
    for column, bad in (
        ("subject", "" if known else cluster["subject"]),
        ("products", ", ".join(sorted(set(named) - set(known)))),
        ("leader", cluster["leader"] if firm.empty else ""),
    ):
        if bad:
            raise DataError(
                "A cluster names claims that do not exist.",
                where=f"{CLUSTERS}, line {cluster['line']} ({cluster['cluster']}), "
                f"column {column}: found {bad!r}",
                fix=f"Take names from the claims of case {case.name}; a leader needs a revenue.",
            )
    order = claims["product"].map({name: place for place, name in enumerate(named)})
    claims = claims.loc[order.dropna().sort_values(kind="stable").index]
    # Households are not firms.
    claims = claims[claims["indicator"].isin(list(indicators())) & (claims["unit"] != "household")]
    measures = claims["indicator"].map(indicators())
    scopes = _scopes(case)
    above_scale = claims["product"].str.contains("above-scale") | (
        measures.str[0] == "above_scale_firms"
    )
    mark = [
        scopes.get(name, ABOVE_SCALE if above else "")
        for name, above in zip(claims["claim_id"], above_scale, strict=True)
    ]
    yield claims.assign(
        cluster=cluster["cluster"], measure=measures.str[0], kind=measures.str[1], mark=mark
    )
    mark = {"ceiling": ELSEWHERE, "floor": NOT_LARGEST}.get(cluster["leader_is"], "")
    yield firm.assign(cluster=cluster["cluster"], measure="leader", kind="revenue", mark=mark)


def _scopes(case: Case) -> dict[str, str]:
    """Return, by claim, why its figure describes more or less than its subject."""
    ledger = case.corrections
    scopes = ledger[(ledger["column"] == "subject") & (ledger["action"] == "flag")]
    return dict(zip(scopes["claim_id"], scopes["reason"], strict=True))
