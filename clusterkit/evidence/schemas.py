"""The tables of the casebook, column by column: what each holds and what it may hold.

One list serves three readers: the loader checks every row against it, the codebook prints it and
the datapackage describes it.
"""

import pandera.pandas as pa

from clusterkit.evidence.doubt import HEDGES

UNITS = (
    "CNY", "USD", "percent", "piece", "firm", "household", "person", "country", "count", "year",
    "km2", "m2", "mu", "acre",
)  # fmt: skip
STATUSES = ("actual", "planned", "forecast", "target")
TIERS = ("official", "company", "press", "digest", "repost")  # from the strongest to the weakest
LEVELS = ("national", "province", "prefecture", "county")
SOURCE_KINDS = ("news", "statistics", "government", "company", "industry-research", "academic")
CLUSTER_LEVELS = (
    "town", "district", "county", "county city", "prefecture", "development zone",
)  # fmt: skip
GROUPS = (
    "children's wear", "apparel", "textiles", "food and pharma", "consumer goods", "trade",
)  # fmt: skip
EVENT_KINDS = (
    "market", "product", "policy", "recognition", "safety", "infrastructure", "international",
    "digital", "investment", "listing",
)  # fmt: skip

_SLUG = r"[a-z0-9][a-z0-9._-]*"
_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"


def _text(description: str, *checks: pa.Check, unique: bool = False) -> pa.Column:
    return pa.Column(str, checks=list(checks), unique=unique, description=description)


def _number(description: str, *checks: pa.Check) -> pa.Column:
    return pa.Column(float, checks=list(checks), coerce=True, description=description)


def _year(description: str) -> pa.Column:
    inside = pa.Check.in_range(1900, 2100, error="a year from 1900 to 2100")
    return pa.Column(int, checks=[inside], coerce=True, description=description)


def _one_of(allowed: tuple[str, ...]) -> pa.Check:
    return pa.Check.isin(allowed, error="one of: " + ", ".join(allowed))


def _matches(pattern: str, meaning: str) -> pa.Check:
    return pa.Check.str_matches(rf"^(?:{pattern})\Z", error=meaning)


def _filled() -> pa.Check:
    return pa.Check.str_length(min_value=1, error="not empty")


def _slug() -> pa.Check:
    return _matches(_SLUG, "a short name of a-z, 0-9, '-', '_' or '.'")


def _date(*, empty: bool = False) -> pa.Check:
    meaning = "YYYY, YYYY-MM or YYYY-MM-DD" + (", or empty" if empty else "")
    return _matches(_DATE + ("|" if empty else ""), meaning)


CLAIMS = pa.DataFrameSchema(
    {
        "claim_id": _text("Name of the claim, unique in its case.", _slug(), unique=True),
        "case": _text("The case it speaks of; 'context' for other places.", _slug()),
        "subject": _text("Who or what the figure describes, in English.", _filled()),
        "subject_zh": _text("The same in Chinese."),
        "indicator": _text("What is measured; part-year ones end in _h1, _9m, _jan_may ...",
                           _matches(r"[a-z][a-z0-9_]*", "lower-case letters, digits and _")),
        "product": _text("Which product, channel or part of the subject.", _filled()),
        "period": _text(
            "The year described; 'as of 2025' where only the year of publication is known; "
            "'2014-2016' for a span.",
            _matches(r"\d{4}|as of \d{4}|\d{4}-\d{4}", "YYYY, 'as of YYYY' or YYYY-YYYY"),
        ),
        "value": _number("The figure in its base unit."),
        "unit": _text("Base unit; 'count' also carries tonnes and kilometres, see indicator.",
                      _one_of(UNITS)),
        "as_printed": _text("The number phrase as the source prints it.", _filled()),
        "hedge": _text("How the source hedges the figure.", _one_of(HEDGES)),
        "status": _text("What kind of statement the figure is.", _one_of(STATUSES)),
        "source_id": _text("The source, in sources.csv of the same folder.", _slug()),
        "locator": _text("Where in the source the figure stands."),
        "note": _text(
            "What a reader must know; 'PERIOD_INFERRED.' where the year is our reading.",
            _matches(r"(?!\s*PERIOD)[\s\S]*|PERIOD_INFERRED\.[\s\S]*",
                     "a note that begins 'PERIOD_INFERRED.' or not with 'PERIOD'"),
        ),
    }
)  # fmt: skip

SOURCES = pa.DataFrameSchema(
    {
        "source_id": _text("Name of the source, unique in its folder.", _slug(), unique=True),
        "publisher": _text("Who published it.", _filled()),
        "title": _text("Its title, or a description in brackets."),
        "date": _text("Day, month or year of publication; empty if unknown.", _date(empty=True)),
        "url": _text("Address; empty where only a repost was seen.",
                     _matches(r"https?://\S+|", "an address that begins with http, or empty")),
        "language": _text("Language of the text read.", _matches("[a-z]{2}", "two letters")),
        "kind": _text("What sort of text it is.", _one_of(SOURCE_KINDS)),
        "tier": _text("How close to the origin of its figures.", _one_of(TIERS)),
        "note": _text("What a reader must know of the source."),
    }
)  # fmt: skip

EVENTS = pa.DataFrameSchema(
    {
        "event_id": _text("Name of the event, unique in its case.", _slug(), unique=True),
        "date": _text("When it happened, as finely as known.", _date()),
        "kind": _text("What sort of event it is.", _one_of(EVENT_KINDS)),
        "label": _text("What happened, in our words.", _filled()),
        "source_id": _text("The source, in sources.csv of the same folder.", _slug()),
        "note": _text("What a reader must know."),
    }
)

CORRECTIONS = pa.DataFrameSchema(
    {
        "claim_id": _text("The claim it speaks of.", _slug()),
        "column": _text(
            "The doubtful cell; a flag on the subject of a cluster's figure says that it describes "
            "more or less than the cluster, and keeps it out of rankings.",
            _one_of(("value", "unit", "period", "hedge", "status", "as_printed", "subject")),
        ),
        "expected": _text("What the cell held when the line was written.", _filled()),
        "action": _text(
            "drop: never use the claim; override: use another value; flag: use it, and tell.",
            _one_of(("drop", "override", "flag")),
        ),
        "value": _text("The value to use instead; only for override."),
        "reason": _text("Why, in our words; shown to readers.", _filled()),
    }
)

EXCEPTIONS = pa.DataFrameSchema(
    {
        "check": _text("Name of the rule in honesty.toml.", _filled()),
        "case": _text("The case concerned.", _slug()),
        "year": _year("Year described."),
        "reason": _text("Why the breach is known and kept; shown to readers.", _filled()),
        "signed": _text("Who looked at it, and when.", _filled()),
    },
    unique=["check", "case", "year"],
)

UNREAD = pa.DataFrameSchema(
    {
        "claim_id": _text("The claim whose print cannot be read.", _slug(), unique=True),
        "outcome": _text("What became of it.", _one_of(("unread",))),
        "reason": _text("Why it cannot be read.", _filled()),
    }
)

REGIONS = pa.DataFrameSchema(
    {
        "region": _text("Region, in English.", _filled()),
        "region_zh": _text("The same in Chinese."),
        "level": _text("Administrative level.", _one_of(LEVELS)),
        "parent": _text("The region it lies in; empty for the nation."),
        "year": _year("Year described."),
        "industry": _text("Industry or sector; 'total' for all.", _filled()),
        "value": _number("The figure in its base unit, current prices where money."),
        "unit": _text("Base unit.", _one_of(UNITS)),
        "vintage": _text("Which revision of the accounts; vintages must not be mixed.", _filled()),
        "source_id": _text("The source, in regions/sources.csv.", _slug()),
        "note": _text("What a reader must know."),
    },
    unique=["region", "parent", "year", "industry", "vintage"],
)

CLUSTERS = pa.DataFrameSchema(
    {
        "cluster": _text("Name of the cluster: its place, and its industry where one place has "
                         "several.", _filled(), unique=True),
        "cluster_zh": _text("The place in Chinese.", _filled()),
        "case": _text("The case whose claims speak of it.", _slug()),
        "subject": _text("The subject of those claims.", _filled()),
        "province": _text("The province it lies in.", _filled()),
        "level": _text("What the place is.", _one_of(CLUSTER_LEVELS)),
        "industry": _text("What it makes.", _filled()),
        "group": _text("The group it is compared in.", _one_of(GROUPS)),
        "products": _text("The products of the claims that are its own, parted by ';'; empty where "
                          "all of the subject are."),
        "anchor": _text("The development zone or park that the claims are about; empty where "
                        "they are about an ordinary place."),
        "leader": _text("The largest firm on record, a subject of the same case; empty where none "
                        "is on record."),
        "leader_is": _text("ceiling: the firm's figure includes plants elsewhere; floor: it is not "
                           "known to be the largest.", _one_of(("ceiling", "floor", ""))),
    }
)  # fmt: skip

TYPOLOGY = pa.DataFrameSchema(
    {
        "flag": _text("The type of cluster; where it has several rows, all must hold.", _filled()),
        "column": _text("The indicator that is tested.", _slug()),
        "op": _text("How it is compared.", _one_of((">=", ">", "<=", "<"))),
        "threshold": _number("What it is compared with, in the unit of the indicator."),
        "reason": _text("Why there, in our words; shown to readers.", _filled()),
    },
    unique=["flag", "column", "op"],
)

TABLES = {
    "claims": CLAIMS,
    "sources": SOURCES,
    "events": EVENTS,
    "corrections": CORRECTIONS,
    "reading_exceptions": UNREAD,
    "honesty_exceptions": EXCEPTIONS,
    "clusters": CLUSTERS,
    "typology": TYPOLOGY,
    "regions": REGIONS,
}
