from clusterkit.errors import (
    AmbiguousError as AmbiguousError,
)
from clusterkit.errors import (
    ClusterkitError as ClusterkitError,
)
from clusterkit.errors import (
    DataError as DataError,
)
from clusterkit.errors import (
    MeasureError as MeasureError,
)
from clusterkit.errors import (
    MessageError as MessageError,
)
from clusterkit.errors import (
    ParameterError as ParameterError,
)
from clusterkit.errors import (
    RunError as RunError,
)
from clusterkit.errors import (
    StaleError as StaleError,
)
from clusterkit.errors import (
    UnknownNameError as UnknownNameError,
)
from clusterkit.evidence.case import (
    Case as Case,
)
from clusterkit.evidence.case import (
    list_cases as list_cases,
)
from clusterkit.evidence.case import (
    load_case as load_case,
)
from clusterkit.evidence.case import (
    pick as pick,
)
from clusterkit.evidence.doubt import HedgeRule as HedgeRule
from clusterkit.evidence.doubt import figure_range as figure_range
from clusterkit.evidence.estimate import Estimate as Estimate
from clusterkit.evidence.regions import (
    list_regions as list_regions,
)
from clusterkit.evidence.regions import (
    load_regions as load_regions,
)
from clusterkit.evidence.regions import (
    region_series as region_series,
)
from clusterkit.measures.figures import (
    change as change,
)
from clusterkit.measures.figures import (
    compound_growth as compound_growth,
)
from clusterkit.measures.figures import (
    convert as convert,
)
from clusterkit.measures.figures import (
    growth as growth,
)
from clusterkit.measures.figures import (
    implied_start as implied_start,
)
from clusterkit.measures.figures import (
    product as product,
)
from clusterkit.measures.figures import (
    project as project,
)
from clusterkit.measures.figures import (
    ratio as ratio,
)
from clusterkit.measures.figures import (
    share as share,
)
from clusterkit.measures.figures import (
    split_growth as split_growth,
)
from clusterkit.measures.figures import (
    total as total,
)
from clusterkit.measures.figures import (
    yearly_growth as yearly_growth,
)
from clusterkit.measures.figures import (
    years_to_reach as years_to_reach,
)
from clusterkit.runs.contract import contract as contract
from clusterkit.runs.contract import settings as settings
from clusterkit.views.chart import Chart as Chart
from clusterkit.views.page import Page as Page
from clusterkit.views.sentences import Words as Words
from clusterkit.views.tables import Table as Table

__version__: str
