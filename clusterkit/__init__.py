"""The executable casebook of industrial clusters.

Import it as ``import clusterkit as ck``. Nothing is read, set or logged at import: each name below
brings its own room with it when it is first used.
"""

import lazy_loader

__version__ = "0.1.0"

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
        "evidence.regions": ["list_regions", "load_regions", "region_series"],
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
            "yearly",
            "yearly_growth",
            "years_to_reach",
        ],
        "runs.contract": ["contract", "settings"],
        "views.chart": ["Chart"],
        "views.page": ["Page"],
        "views.sentences": ["Words"],
        "views.tables": ["Table"],
    },
)
