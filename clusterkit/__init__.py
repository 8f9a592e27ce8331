"""The executable casebook of industrial clusters.

Import it as ``import clusterkit as ck``. Nothing is read, set or logged at import: each name below
brings its own room with it when it is first used.
"""

import lazy_loader

__version__ = "0.2.0"

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "errors": [
            "AmbiguousError",
            "ClusterkitError",
            "DataError",
            "MeasureError",
            "MessageError",
            "ParameterError",
            "RunError",
            "StaleError",
            "UnknownNameError",
        ],
        "evidence.case": ["Case", "list_cases", "load_case", "pick"],
        "evidence.doubt": ["HedgeRule", "figure_range"],
        "evidence.estimate": ["Estimate"],
        "evidence.panel": ["cluster_figures", "load_clusters", "load_panel", "load_typology"],
        "evidence.regions": ["list_regions", "load_regions", "region_panel", "region_series"],
        "measures.figures": [
            "change",
            "compound_growth",
            "convert",
            "growth",
            "implied_start",
            "product",
            "project",
            "ratio",
            "share",
            "split_growth",
            "total",
            "yearly_growth",
            "years_to_reach",
        ],
        "measures.agglomeration": ["coagglomeration", "ellison_glaeser"],
        "measures.complexity": ["complexity"],
        "measures.concentration": [
            "concentration_ratio",
            "entropy",
            "herfindahl",
            "related_variety",
        ],
        "measures.life_cycle": ["LogisticFit", "logistic_fit"],
        "measures.panel": ["latest", "panel_ratio", "rank_clusters", "shares_together"],
        "measures.quotient_intervals": ["location_quotient_interval"],
        "measures.quotients": ["location_quotient"],
        "measures.relatedness": ["proximity", "relatedness_density"],
        "measures.results": [
            "column_total",
            "estimates",
            "with_claims",
            "yearly",
            "yearly_by",
        ],
        "measures.screening": ["Rule", "screen"],
        "measures.shift_share": ["shift_share"],
        "measures.specialisation": ["hoover_index", "krugman_index", "locational_gini"],
        "measures.spans": ["spans_between", "split_growth_spans"],
        "measures.typology": ["type_indicator", "typology"],
        "measures.withheld": ["location_quotient_bounds"],
        "runs.contract": ["contract", "settings"],
        "views.cards": ["cluster_card"],
        "views.chart": ["Chart"],
        "views.page": ["Page"],
        "views.sentences": ["Words"],
        "views.tables": ["Table"],
    },
)
