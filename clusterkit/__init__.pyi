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
    spans_between,
    split_growth,
    split_growth_spans,
    total,
    yearly_growth,
    years_to_reach,
)
from .measures.panel import latest, panel_ratio, rank_clusters, shares_together
from .measures.results import (
    column_total,
    estimates,
    with_claims,
    yearly,
    yearly_by,
)
from .measures.typology import type_indicator, typology
from .printed.doubt import HedgeRule, figure_range
from .regional.agglomeration import coagglomeration, ellison_glaeser
from .regional.chance import location_quotient_interval
from .regional.complexity import complexity
from .regional.concentration import (
    concentration_ratio,
    entropy,
    herfindahl,
    related_variety,
)
from .regional.quotients import location_quotient
from .regional.relatedness import proximity, relatedness_density
from .regional.screening import Rule, screen
from .regional.shift_share import shift_share
from .regional.specialisation import hoover_index, krugman_index, locational_gini
from .regional.withheld import location_quotient_bounds
from .runs.contract import contract, settings
from .views.cards import cluster_card
from .views.chart import Chart
from .views.page import Page
from .views.sentences import Words
from .views.tables import Table

__all__ = [
    "AmbiguousError",
    "Case",
    "Chart",
    "ClusterkitError",
    "DataError",
    "Estimate",
    "Hearing",
    "HedgeRule",
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
    "figures",
    "first",
    "growth",
    "herfindahl",
    "hoover_index",
    "implied_start",
    "krugman_index",
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
