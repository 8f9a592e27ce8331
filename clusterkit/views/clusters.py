"""What a cluster's card says: the figures that say most, its longest series, its type."""

from collections.abc import Iterator

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import load_case
from clusterkit.evidence.panel import cluster_figures, load_panel, load_typology
from clusterkit.measures.panel import latest, panel_ratio
from clusterkit.measures.typology import KINDS, typology
from clusterkit.views.card import Card
from clusterkit.views.chart import Chart
from clusterkit.views.frame import Sheet
from clusterkit.views.origins import Origins
from clusterkit.words import language

# In the order in which they are shown, so far as a cluster has them and a card has room.
HEADLINES = (
    "value", "firms", "workers", "output", "share_national", "value_per_workers",
    "above_scale_firms", "exports", "share_world", "export_countries", "output_metres", "capacity",
)  # fmt: skip
VALUES = 2  # so many kinds of value; the others stand in the panel
MOST = 6
LEAST_YEARS = 3  # a line through two points says nothing that the points do not


def cluster_card(name: str, *, panel: pd.DataFrame | None = None, lang: str = "en") -> Chart:
    """Return a cluster on one page: headline figures, ranges, a line over the years, sources.

    Parameters
    ----------
    name : str
        A cluster of the panel.
    panel : DataFrame, optional
        As from `load_panel`, which is read unless given.
    lang : str
        Language of every word and number on it.

    Returns
    -------
    Chart
        ``cluster_card("Zhili").save("zhili.svg")`` writes it for a slide; PNG by another suffix.

    Raises
    ------
    UnknownNameError
        There is no such cluster; the nearest names are given.

    Examples
    --------
    >>> print(cluster_card("Cenhe (Jingzhou)").lines[0].rpartition(" | ")[0])
    output value | 6 billion yuan | 2023 · 5.7 to 6.3 billion · [1]
    """
    panel = load_panel() if panel is None else panel
    own = cluster_figures(panel, name)["case"].iloc[0]
    case, words = load_case(own), language(lang)
    sheet = Sheet(words.text(name), "", words, Origins(case), case.claims)
    return card_of(panel, name).chart(sheet)


def card_of(panel: pd.DataFrame, name: str) -> Card:
    """Return what the card of a cluster of the panel says."""
    rows, series = headline_rows(panel, name), longest_series(panel, name)
    first = rows.iloc[0]
    return Card(
        rows,
        chinese=first["cluster_zh"],
        about=(first["industry"], first["province"]),
        kind=type_of(panel, name),
        series=series,
        series_name="" if series is None else series["label"].iloc[0],
    )


def headline_rows(panel: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the newest figures of a cluster that a card has room for, each with its `label`."""
    own = cluster_figures(panel, name)
    rows = pd.concat(list(_newest(own)), ignore_index=True)
    rows = _labelled(rows)
    # A measure may be on record in two units, such as yuan and dollars.
    return rows.drop_duplicates("label").head(MOST).reset_index(drop=True)


def _newest(own: pd.DataFrame) -> Iterator[pd.DataFrame]:
    for measure in HEADLINES:
        try:
            rows = latest(_per_worker(own) if measure == "value_per_workers" else own, measure)
        except UnknownNameError:
            continue  # the cluster does not print it
        best = rows.sort_values(["comparable", "year"], ascending=False, kind="stable")
        yield best.head(VALUES if measure == "value" else 1)


def _per_worker(own: pd.DataFrame) -> pd.DataFrame:
    """Return value per worker; what a market turns over is not what its workers make."""
    made = own[(own["measure"] != "value") | own["kind"].isin(KINDS)]
    return panel_ratio(made, "value", "workers")


def longest_series(panel: pd.DataFrame, name: str) -> pd.DataFrame | None:
    """Return the longest yearly series of a cluster's value, or else of its output, if any."""
    own = cluster_figures(panel, name)
    for measure in ("value", "output"):
        rows = own[(own["measure"] == measure) & own["comparable"]]
        series = [part for _, part in rows.groupby(["kind", "product", "unit"], sort=False)]
        best = max(series, key=len, default=rows)
        if len(best) >= LEAST_YEARS:
            return _labelled(best.sort_values("year"))
    return None


def _labelled(rows: pd.DataFrame) -> pd.DataFrame:
    """Name each figure: a value by its kind, anything else by what is measured."""
    return rows.assign(label=rows["kind"].where(rows["measure"] == "value", rows["measure"]))


def type_of(panel: pd.DataFrame, name: str) -> str:
    """Return the type of a cluster, or "" where its figures decide none."""
    types = typology(panel, rules=load_typology()).set_index("cluster")["type"]
    return "" if types[name] in ("undetermined", "none") else str(types[name])
