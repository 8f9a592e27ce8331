from clusterkit.errors import (
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
from clusterkit.evidence.case import Case, list_cases, load_case, pick
from clusterkit.evidence.doubt import HedgeRule, figure_range
from clusterkit.evidence.estimate import Estimate
from clusterkit.evidence.panel import cluster_figures, load_clusters, load_panel, load_typology
from clusterkit.evidence.regions import list_regions, load_regions, region_panel, region_series
from clusterkit.measures.agglomeration import coagglomeration, ellison_glaeser
from clusterkit.measures.complexity import complexity
from clusterkit.measures.concentration import (
    concentration_ratio,
    entropy,
    herfindahl,
    related_variety,
)
from clusterkit.measures.figures import (
    change,
    compound_growth,
    convert,
    growth,
    implied_start,
    product,
    project,
    ratio,
    share,
    split_growth,
    total,
    yearly_growth,
    years_to_reach,
)
from clusterkit.measures.life_cycle import LogisticFit, logistic_fit
from clusterkit.measures.panel import latest, panel_ratio, rank_clusters, shares_together
from clusterkit.measures.quotient_intervals import location_quotient_interval
from clusterkit.measures.quotients import location_quotient
from clusterkit.measures.relatedness import proximity, relatedness_density
from clusterkit.measures.results import (
    column_total,
    estimates,
    with_claims,
    yearly,
    yearly_by,
)
from clusterkit.measures.screening import Rule, screen
from clusterkit.measures.shift_share import shift_share
from clusterkit.measures.spans import spans_between, split_growth_spans
from clusterkit.measures.specialisation import hoover_index, krugman_index, locational_gini
from clusterkit.measures.typology import type_indicator, typology
from clusterkit.measures.withheld import location_quotient_bounds
from clusterkit.runs.contract import contract, settings
from clusterkit.views.cards import cluster_card
from clusterkit.views.chart import Chart
from clusterkit.views.page import Page
from clusterkit.views.sentences import Words
from clusterkit.views.tables import Table

__all__ = [
    "AmbiguousError",
    "Case",
    "Chart",
    "ClusterkitError",
    "DataError",
    "Estimate",
    "HedgeRule",
    "LogisticFit",
    "MeasureError",
    "MessageError",
    "Page",
    "ParameterError",
    "Rule",
    "RunError",
    "StaleError",
    "Table",
    "UnknownNameError",
    "Words",
    "change",
    "cluster_card",
    "cluster_figures",
    "coagglomeration",
    "column_total",
    "complexity",
    "compound_growth",
    "concentration_ratio",
    "contract",
    "convert",
    "ellison_glaeser",
    "entropy",
    "estimates",
    "figure_range",
    "growth",
    "herfindahl",
    "hoover_index",
    "implied_start",
    "krugman_index",
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
    "logistic_fit",
    "panel_ratio",
    "pick",
    "product",
    "project",
    "proximity",
    "rank_clusters",
    "ratio",
    "region_panel",
    "region_series",
    "related_variety",
    "relatedness_density",
    "screen",
    "settings",
    "share",
    "shares_together",
    "shift_share",
    "spans_between",
    "split_growth",
    "split_growth_spans",
    "total",
    "type_indicator",
    "typology",
    "with_claims",
    "yearly",
    "yearly_by",
    "yearly_growth",
    "years_to_reach",
]
__version__: str
