"""Clusters against each other: newest figures, ranks, ratios and shares of one product.

Each measure takes the panel of the clusters, a row per cluster, measure, kind, product and year,
or what another of them returned. Figures of different kinds are never ranked together: sales of a
cluster and the turnover of its market are not the same thing.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from clusterkit.errors import MeasureError, UnknownNameError
from clusterkit.evidence.figure import BASES, FIGURE, Estimate, estimates_of
from clusterkit.measures.figures import ratio, total


def latest(
    panel: pd.DataFrame,
    measure: str,
    *,
    kind: str | None = None,
    years: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return the newest figure of each cluster, one row per cluster, kind and unit.

    Outturns go before forecasts, and the newer figure before the older. A figure of which only the
    year of publication is known may describe the year before, and so counts as a year older; so
    does an inferred one. Of equals the surer goes first. Every row says what it is.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel` or `panel_ratio`.
    measure : str
        A measure of the panel, for example "workers".
    kind : str, optional
        A kind of it, for example "sales"; by default all, each in a row of its own.
    years : (int, int), optional
        First and last year wanted.

    Raises
    ------
    UnknownNameError
        No cluster has such a figure.
    """
    rows = _about(panel, measure, kind)
    if years is not None:
        rows = rows[rows["year"].between(*years)]
        if rows.empty:
            raise UnknownNameError(
                f"No cluster has a figure of {measure!r} from {years[0]} to {years[1]}."
            )
    keyed = rows.assign(
        _forecast=rows["status"] != "actual", _age=-_newness(rows), _basis=_doubt(rows)
    ).sort_values(["_forecast", "_age", "_basis"], kind="stable")
    newest = keyed.drop_duplicates(["cluster", "kind", "unit"])
    return newest.sort_index()[list(panel.columns)].reset_index(drop=True)


def rank_clusters(
    panel: pd.DataFrame,
    measure: str,
    *,
    kind: str | None = None,
    years: tuple[int, int] | None = None,
    apart: bool = False,
) -> pd.DataFrame:
    """Return the clusters by the newest figure of a measure, the largest first.

    Parameters
    ----------
    panel, measure, kind, years
        As of `latest`.
    apart : bool
        Rank each kind and unit apart, instead of refusing to rank them together.

    Returns
    -------
    DataFrame
        The rows of `latest` with rank, best_rank and worst_rank: the ranks a cluster may have by
        the ranges of all. A figure that is not comparable, or is no outturn, has no rank (missing)
        and stands last, with its mark.

    Raises
    ------
    MeasureError
        The figures are of several kinds or units.
    """
    rows = latest(panel, measure, kind=kind, years=years)
    for column, choice in (("kind", "Choose one with kind=, or rank"), ("unit", "Rank")):
        found = sorted(rows[column].unique())
        if len(found) > 1 and not apart:
            raise MeasureError(
                f"{', '.join(found[:-1])} and {found[-1]} are not the same thing, and cannot be "
                "ranked together.",
                where=f"{measure}, {rows['cluster'].nunique()} clusters",
                fix=f"{choice} each {column} apart with apart=True.",
            )
    ranked = [_ranked(group) for _, group in rows.groupby(["kind", "unit"], sort=False)]
    return pd.concat(ranked, ignore_index=True)


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Return figures of one kind and unit in order, with the ranks their ranges allow."""
    fit = rows["comparable"] & (rows["status"] == "actual")
    rows = rows.assign(_fit=fit).sort_values(
        ["_fit", "value"], ascending=False, kind="stable", ignore_index=True
    )
    fit = rows[rows["_fit"]]
    ranks = pd.DataFrame(
        {
            "rank": fit["value"].rank(ascending=False, method="min"),
            "best_rank": [1 + (fit["low"] > high).sum() for high in fit["high"]],
            "worst_rank": [len(fit) - (fit["high"] < low).sum() for low in fit["low"]],
        },
        index=fit.index,
    )
    return rows.drop(columns="_fit").join(ranks.astype("Int64"))


def panel_ratio(
    panel: pd.DataFrame,
    numerator: str,
    denominator: str,
    *,
    kind: str | None = None,
    years_apart: int = 1,
) -> pd.DataFrame:
    """Return numerator / denominator of each cluster, from figures of nearby years.

    Of all pairs not more than `years_apart` apart one is chosen: two figures of the same extent
    before two that are not, outturns before forecasts, then the newest as `latest` has it, then
    the surest and the closest pair.
    A ratio is comparable where both figures carry the same mark, or none: what above-scale firms
    sell, by their number, is a sound average, and what all firms sell by it is not.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel`.
    numerator, denominator : str
        Measures of the panel, for example "value" and "workers".
    kind : str, optional
        The kind of the numerator; by default all, each in a row of its own.
    years_apart : int
        How many years the two figures may lie apart.

    Returns
    -------
    DataFrame
        One row per cluster, kind and unit, in the form of the panel: measure
        ("value_per_workers"), year (of the numerator), year_below (of the denominator), basis (the
        less sure of the two), value, low, high, unit, status, claims of both, comparable and mark.
        Clusters without such a pair have no row.

    Raises
    ------
    UnknownNameError
        No cluster has such a figure.
    """
    above, below = _about(panel, numerator, kind), _about(panel, denominator, None)
    # A divisor that may be nothing makes no ratio.
    below = below[below["low"] > 0]
    pairs = above.merge(below, on="cluster", suffixes=("", "_below"))
    gap = (pairs["year"] - pairs["year_below"]).abs()
    fit = pairs["mark"] == pairs["mark_below"]
    actual = (pairs["status"] == "actual") & (pairs["status_below"] == "actual")
    age = -np.minimum(_newness(pairs), _newness(pairs, "_below"))
    doubt = _doubt(pairs) + _doubt(pairs, "_below")
    keyed = pairs.assign(_fit=~fit, _actual=~actual, _age=age, _basis=doubt, _gap=gap)
    pairs = keyed[gap <= years_apart].sort_values(
        ["_fit", "_actual", "_age", "_basis", "_gap"], kind="stable"
    )
    pairs = pairs.drop_duplicates(["cluster", "kind", "unit", "unit_below"]).sort_index()
    rows = [_pair(pair) for pair in pairs.to_dict("records")]
    # What the losers of both would make of it is not asked here; see `typology`.
    columns = [name for name in panel.columns if name not in ("lowest", "highest")]
    columns.insert(columns.index("year") + 1, "year_below")
    named = f"{numerator}_per_{denominator}"
    return pd.DataFrame(rows, columns=columns).assign(measure=named)


def _newness(rows: pd.DataFrame, suffix: str = "") -> pd.Series:
    """Return the year a figure surely reaches: one less where the year described is not printed."""
    return rows[f"year{suffix}"] - (rows[f"basis{suffix}"] != "dated")


def _doubt(rows: pd.DataFrame, suffix: str = "") -> pd.Series:
    return rows[f"basis{suffix}"].map(BASES.index)


def _pair(pair: dict) -> dict:
    """Return the row of a ratio from the two rows it is made of."""
    below = {name: pair[f"{name}_below"] for name in ["year", *FIGURE, "mark", "others"]}
    figure = vars(ratio(Estimate.of(pair), Estimate.of(below)))
    return pair | {name: figure[name] for name in FIGURE} | {
        "others": pair["others"] + below["others"],
        "disputed": pair["disputed"] or pair["disputed_below"],
        "comparable": pair["mark"] == below["mark"],
        "mark": "; ".join(dict.fromkeys(mark for mark in (pair["mark"], below["mark"]) if mark)),
    }  # fmt: skip


def pair(
    panel: pd.DataFrame,
    across: tuple[str, str],
    up: tuple[str, str],
    *,
    years_apart: int = 1,
    kinds: Sequence[str] = (),
) -> pd.DataFrame:
    """Return two ratios of each cluster that has both, such as workers and value per firm.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel`.
    across, up : (str, str)
        Measures of the panel: numerator and denominator of either ratio; see `panel_ratio`.
    years_apart : int
        How many years the two figures of a ratio may lie apart.
    kinds : sequence of str
        Which kinds of the second numerator to take, the first on record; all unless given.

    Returns
    -------
    DataFrame
        One row per cluster: cluster; kind and year of the second ratio; x and y, each an
        `Estimate`. Ratios that are not comparable are left out.
    """
    one, two = (panel_ratio(panel, *names, years_apart=years_apart) for names in (across, up))
    one, two = (rows[rows["comparable"]] for rows in (one, two))
    if kinds:
        two = two[two["kind"].isin(kinds)]
        two = two.iloc[two["kind"].map(list(kinds).index).argsort(kind="stable")]
    found = {row.cluster: Estimate.of(row) for row in one.drop_duplicates("cluster").itertuples()}
    rows = [
        (row.cluster, row.kind, row.year, found[row.cluster], Estimate.of(row))
        for row in two.drop_duplicates("cluster").itertuples()
        if row.cluster in found
    ]
    return pd.DataFrame(rows, columns=["cluster", "kind", "year", "x", "y"])


def shares_together(
    panel: pd.DataFrame,
    measure: str = "share_national",
    *,
    years: tuple[int, int] | None = None,
) -> pd.DataFrame:
    """Return the sum of the shares that clusters claim of one product.

    Each place counts in its own way: by pieces, by money, by brands. A sum above 100 percent
    proves that the shares do not measure one thing; a sum below proves nothing.

    Parameters
    ----------
    panel : DataFrame
        As from `load_panel`. Shares that are not comparable, such as those of one article of an
        industry, are not added.
    measure : {"share_national", "share_world"}
        Which share to add.
    years : (int, int), optional
        First and last year wanted.

    Returns
    -------
    DataFrame
        One row per industry in which several clusters claim a share, the largest sum first:
        industry, clusters (tuple), years (tuple), year (the newest of them) and the columns of a
        figure, over ("yes" where even the lowest sum is above 100, "no" where even the highest is
        not, else "undetermined"), notes (tuple: what the claims tell of their counting).
    """
    rows = []
    newest = latest(panel[panel["comparable"]], measure, years=years)
    for industry, parts in newest.groupby("industry", sort=True):
        if len(parts) < 2:
            continue
        whole = total(*estimates_of(parts))
        over = "yes" if whole.low > 100 else "no" if whole.high <= 100 else "undetermined"
        rows.append(vars(whole) | {
            "industry": industry, "over": over, "clusters": tuple(parts["cluster"]),
            "year": max(parts["year"]), "years": tuple(parts["year"]),
            "notes": tuple(parts["note"]),
        })  # fmt: skip
    columns = ["industry", "clusters", "years", "year", *FIGURE, "over", "notes"]
    found = pd.DataFrame(rows, columns=columns)
    return found.sort_values("value", ascending=False, kind="stable", ignore_index=True)


def _about(panel: pd.DataFrame, measure: str, kind: str | None) -> pd.DataFrame:
    """Return the rows of a measure, of one kind if asked."""
    asked: Sequence[tuple[str, str | None]] = (("measure", measure), ("kind", kind))
    for column, name in asked:
        if name is None:
            continue
        known = panel[column]
        panel = panel[known == name]
        if panel.empty:
            where = f"measure {measure}" if column == "kind" else None
            raise UnknownNameError.among(column, name, known, where=where)
    return panel
