from .errors import (
    AmbiguousError,
    ClusterkitError,
    DataError,
    MeasureError,
    MessageError,
    ParameterError,
    RunError,
    StaleError,
    UnknownNameError,
)
from .evidence.case import Case, list_cases, load_case, origin
from .evidence.figure import Estimate, figures, first, last, pick
from .evidence.panel import cluster_figures, load_clusters, load_panel, load_typology
from .evidence.regions import list_regions, load_regions, region_panel, region_series
from .evidence.series import Hearing
from .measures.figures import (
    change,
    compound_growth,
    convert,
    growth,
    implied_start,
    product,
    project,
    ratio,
    share,
    since_first,
    spans_between,
    split_growth,
    split_growth_spans,
    total,
    totals,
    yearly_growth,
    years_to_reach,
)
from .measures.measured import estimates, figures_of, krugman_pairs
from .measures.panel import latest, pair, panel_ratio, rank_clusters, shares_together
from .measures.typology import type_indicator, typology
from .printed.doubt import HedgeRule, figure_range
from .printed.drafting import draft_claims
from .printed.reading import PrintedFigure, ReadingError, read_figure
from .regional.agglomeration import coagglomeration, ellison_glaeser
from .regional.concentration import (
    concentration_ratio,
    entropy,
    herfindahl,
    hoover_index,
    krugman_index,
    locational_gini,
    related_variety,
)
from .regional.quotients import (
    location_quotient,
    location_quotient_bounds,
    location_quotient_interval,
)
from .regional.relatedness import complexity, proximity, relatedness_density
from .regional.screening import Rule, screen
from .regional.shift_share import shift_share
from .runs.workshop import contract, settings
from .views.card import Card
from .views.chart import Chart
from .views.clusters import cluster_card
from .views.facts import Words
from .views.lines import Growth, Multiples, Trend
from .views.page import Page
from .views.points import Scatter, Timeline
from .views.ranked import Bars, Dumbbell, Ranges, Shares
from .views.sentences import Table

__all__ = [
    "AmbiguousError",
    "Bars",
    "Card",
    "Case",
    "Chart",
    "ClusterkitError",
    "DataError",
    "Dumbbell",
    "Estimate",
    "Growth",
    "Hearing",
    "HedgeRule",
    "MeasureError",
    "MessageError",
    "Multiples",
    "Page",
    "ParameterError",
    "PrintedFigure",
    "Ranges",
    "ReadingError",
    "Rule",
    "RunError",
    "Scatter",
    "Shares",
    "StaleError",
    "Table",
    "Timeline",
    "Trend",
    "UnknownNameError",
    "Words",
    "change",
    "cluster_card",
    "cluster_figures",
    "coagglomeration",
    "complexity",
    "compound_growth",
    "concentration_ratio",
    "contract",
    "convert",
    "draft_claims",
    "ellison_glaeser",
    "entropy",
    "estimates",
    "figure_range",
    "figures",
    "figures_of",
    "first",
    "growth",
    "herfindahl",
    "hoover_index",
    "implied_start",
    "krugman_index",
    "krugman_pairs",
    "last",
    "latest",
    "list_cases",
    "list_regions",
    "load_case",
    "load_clusters",
    "load_panel",
    "load_regions",
    "load_typology",
    "location_quotient",
    "location_quotient_bounds",
    "location_quotient_interval",
    "locational_gini",
    "origin",
    "pair",
    "panel_ratio",
    "pick",
    "product",
    "project",
    "proximity",
    "rank_clusters",
    "ratio",
    "read_figure",
    "region_panel",
    "region_series",
    "related_variety",
    "relatedness_density",
    "screen",
    "settings",
    "share",
    "shares_together",
    "shift_share",
    "since_first",
    "spans_between",
    "split_growth",
    "split_growth_spans",
    "total",
    "totals",
    "type_indicator",
    "typology",
    "yearly_growth",
    "years_to_reach",
]
__version__: str
