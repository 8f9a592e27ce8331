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
from clusterkit.evidence.regions import list_regions, load_regions, region_series
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
    yearly,
    yearly_growth,
    years_to_reach,
)
from clusterkit.runs.contract import contract, settings
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
    "MeasureError",
    "MessageError",
    "Page",
    "ParameterError",
    "RunError",
    "StaleError",
    "Table",
    "UnknownNameError",
    "Words",
    "change",
    "compound_growth",
    "contract",
    "convert",
    "figure_range",
    "growth",
    "implied_start",
    "list_cases",
    "list_regions",
    "load_case",
    "load_regions",
    "pick",
    "product",
    "project",
    "ratio",
    "region_series",
    "settings",
    "share",
    "split_growth",
    "total",
    "yearly",
    "yearly_growth",
    "years_to_reach",
]
__version__: str
