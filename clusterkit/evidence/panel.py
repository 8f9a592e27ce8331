"""The clusters side by side: one table of them all, drawn from the claims of every case.

No figure is stored twice. data/clusters.csv says which clusters exist and which claims speak of
them; the figures are settled from those claims by the rules of `clusterkit.evidence.series`.
"""

import math
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path

import pandas as pd

from clusterkit.errors import DataError
from clusterkit.evidence.case import Case, load_case, policy_named
from clusterkit.evidence.figure import FIGURE
from clusterkit.evidence.folder import FILES
from clusterkit.evidence.series import STATUSES, Hearing, build_series
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import digest, line_of, read_table, rows_of
from clusterkit.printed.doubt import HedgeRule, Policy
from clusterkit.shapes import read_toml

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
LEADER = {"ceiling": ELSEWHERE, "floor": NOT_LARGEST, "": ""}  # its mark


@cache
def indicators() -> Mapping[str, tuple[str, str]]:
    """Return which measure of the panel the indicator of a claim is, and of which kind."""
    return read_toml(Path(__file__).with_name("panel.toml"), dict[str, tuple[str, str]])


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
    folder, clusters = data_folder(), load_clusters()
    files = [folder / "cases" / case / file for case in set(clusters["case"]) for file in FILES]
    reach = tuple(policy_named(policy).items())
    return _panel(digest([folder / CLUSTERS, *sorted(files)]), reach).copy(deep=False)


@lru_cache(maxsize=4)
def _panel(content: str, policy: tuple[tuple[str, HedgeRule], ...]) -> pd.DataFrame:
    """Return the panel; `content` tells its files as they are from what they were."""
    clusters = load_clusters()
    parts = []
    for name, own in clusters.groupby("case", sort=False):
        case = load_case(name, policy=dict(policy))
        parts.append(_settle(_claims_of(_wanted(own, case), case)))
    return clusters[FACTS].merge(pd.concat(parts), on="cluster")[PANEL]


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


def _wanted(clusters: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return which claims are a cluster's, in its order: of its products, then its leader's."""
    products = case.claims.groupby("subject")["product"].unique()
    revenue = case.claims["indicator"] == "revenue"
    earning = set(case.claims.loc[revenue, ["subject", "product"]].itertuples(index=False))
    rows = []
    for cluster in clusters.itertuples():
        known = list(products.get(cluster.subject, []))
        named = [name.strip() for name in cluster.products.split(";") if name.strip()] or known
        # The products of a firm are parts of it.
        firm = [(cluster.leader, name) for name in ("company total", cluster.industry)]
        firm = [pair for pair in firm if pair in earning]
        for column, bad in (
            ("subject", "" if known else cluster.subject),
            ("products", ", ".join(sorted(set(named) - set(known)))),
            ("leader", "" if firm else cluster.leader),
        ):
            if bad:
                line = line_of(data_folder() / CLUSTERS, cluster.Index)
                raise DataError(
                    "A cluster names claims that do not exist.",
                    where=f"{CLUSTERS}, line {line} ({cluster.cluster}), "
                    f"column {column}: found {bad!r}",
                    fix=f"Take names from the claims of case {case.name}; a leader needs a "
                    "revenue.",
                )
        rows += [(cluster.cluster, cluster.subject, name, False, "") for name in named]
        rows += [(cluster.cluster, *pair, True, LEADER[cluster.leader_is]) for pair in firm]
    return pd.DataFrame(rows, columns=["cluster", "subject", "product", "leads", "mark"])


def _claims_of(wanted: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Return the claims that are wanted, in that order: what each measures, and its mark."""
    wanted = wanted.assign(place=range(len(wanted)))
    claims = case.claims.merge(wanted, on=["subject", "product"])
    claims = claims.sort_values("place", kind="stable", ignore_index=True)
    leads, indicator = claims["leads"], claims["indicator"]
    # Households are not firms.
    measured = indicator.isin(list(indicators())) & (claims["unit"] != "household")
    claims = claims[(leads & (indicator == "revenue")) | (~leads & measured)]
    shared = claims[~claims["leads"] & claims[~claims["leads"]].duplicated("claim_id", keep=False)]
    if len(shared):
        raise DataError(
            f"Several clusters have the claim {shared['claim_id'].iloc[0]!r}.",
            where=f"{CLUSTERS}: {', '.join(sorted(set(shared['cluster'])))}",
            fix="Part them by their products: no figure may count for two clusters.",
        )
    about = claims["indicator"].map(indicators())
    measure = about.str[0].mask(claims["leads"], "leader")
    above = claims["product"].str.contains("above-scale") | (measure == "above_scale_firms")
    scopes = _scopes(case)
    scope = [
        scopes.get(name, ABOVE_SCALE if it else "")
        for name, it in zip(claims["claim_id"], above, strict=True)
    ]
    return claims.assign(
        measure=measure,
        kind=about.str[1].mask(claims["leads"], "revenue"),
        mark=claims["mark"].where(claims["leads"], pd.Series(scope, claims.index, dtype="str")),
    )


def _scopes(case: Case) -> dict[str, str]:
    """Return, by claim, why its figure describes more or less than its subject."""
    ledger = case.corrections
    scopes = ledger[(ledger["column"] == "subject") & (ledger["action"] == "flag")]
    return dict(zip(scopes["claim_id"], scopes["reason"], strict=True))


def _settle(claims: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of some clusters, one a year, with what their marks do to them."""
    figures = build_series(claims, Hearing(status=STATUSES, inferred=True), by=SERIES)
    # Where a year has several products, the first of the cluster's goes first.
    order = claims[SERIES].assign(_order=range(len(claims))).drop_duplicates(SERIES, keep="last")
    figures = figures.merge(order, on=SERIES).sort_values("_order", kind="stable")
    chosen = ["cluster", "measure", "claim_id"]
    figures = figures.assign(claim_id=figures["claims"].str[0]).merge(
        claims[[*chosen, "inferred", "note", "mark"]], on=chosen
    )
    figures["basis"] = figures["basis"].mask(figures["inferred"], "inferred")
    # What counts above-scale firms may be compared with what counts them elsewhere.
    counted = figures["measure"] == "above_scale_firms"
    figures["comparable"] = (figures["mark"] == "") | counted
    speaking = (figures["claims"] + figures["others"]).explode()
    ends = claims.drop_duplicates("claim_id").set_index("claim_id")[["low", "high"]]
    figures["lowest"] = speaking.map(ends["low"]).groupby(level=0).min()
    figures["highest"] = speaking.map(ends["high"]).groupby(level=0).max()
    ceiling, floor = figures["mark"] == ELSEWHERE, figures["mark"] == NOT_LARGEST
    for low, high in (("low", "high"), ("lowest", "highest")):
        figures[low] = figures[low].mask(ceiling, 0.0)
        figures[high] = figures[high].mask(floor, math.inf)
    return figures
