"""The tables of the casebook: what each column holds, as schemas.toml says it, and may hold.

One list serves three readers: the loader checks every row against it, the codebook prints it and
the datapackage describes it.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import pandera.pandas as pa

from clusterkit.evidence.doubt import HEDGES

STATUSES = ("actual", "planned", "forecast", "target")
TIERS = ("official", "company", "press", "digest", "repost")  # from the strongest to the weakest

_SLUG = r"[a-z0-9][a-z0-9._-]*", "a short name of a-z, 0-9, '-', '_' or '.'"
_FILLED = r"[\s\S]+", "not empty"
_DATE = r"\d{4}(-\d{2}(-\d{2})?)?"
# Kinds of text that must match a pattern, and how an error words it.
_PATTERNS = {
    "text": ("", ""),
    "filled": _FILLED,
    "own name": _FILLED,
    "slug": _SLUG,
    "name": _SLUG,
    "date": (_DATE, "YYYY, YYYY-MM or YYYY-MM-DD"),
    "date or empty": (rf"{_DATE}|", "YYYY, YYYY-MM or YYYY-MM-DD, or empty"),
    "indicator": (r"[a-z][a-z0-9_]*", "lower-case letters, digits and _"),
    "language": (r"[a-z]{2}", "two letters"),
    "note": (
        r"(?!\s*PERIOD)[\s\S]*|PERIOD_INFERRED\.[\s\S]*",
        "a note that begins 'PERIOD_INFERRED.' or not with 'PERIOD'",
    ),
    "period": (r"\d{4}|as of \d{4}|\d{4}-\d{4}", "YYYY, 'as of YYYY' or YYYY-YYYY"),
    "url": (r"https?://\S+|", "an address that begins with http, or empty"),
}
_NAMES = ("name", "own name")  # no other row has the same
_UNIQUE = {  # what names a row of a table that has no column for it
    "honesty_exceptions": ["check", "case", "year"],
    "regions": ["region", "parent", "year", "industry", "vintage"],
    "typology": ["flag", "column", "op"],
}


@cache
def contents() -> Mapping[str, str]:
    """Return what each table outside the cases holds."""
    return _file()["contents"]


@cache
def schema(table: str) -> pa.DataFrameSchema:
    """Return what the columns of a table hold, and may hold."""
    columns = {name: _column(*about) for name, about in _file()["tables"][table].items()}
    return pa.DataFrameSchema(columns, unique=_UNIQUE.get(table))


@cache
def _file() -> dict:
    return tomllib.loads(Path(__file__).with_name("schemas.toml").read_text(encoding="utf-8"))


@cache
def _one_of() -> dict[str, tuple[str, ...]]:
    """Return the words that a column of each such kind may hold."""
    listed = {kind: tuple(words) for kind, words in _file()["one_of"].items()}
    return listed | {"hedge": HEDGES, "status": STATUSES, "tier": TIERS}


def _column(kind: str, meaning: str) -> pa.Column:
    """Return a column of a kind: number, year, text of any kind, or one of the words of a list."""
    if kind == "number":
        return pa.Column(float, coerce=True, description=meaning)
    if kind == "year":
        inside = pa.Check.in_range(1900, 2100, error="a year from 1900 to 2100")
        return pa.Column(int, inside, coerce=True, description=meaning)
    if kind in _one_of():
        words = _one_of()[kind]
        return pa.Column(
            str, pa.Check.isin(words, error="one of: " + ", ".join(words)), description=meaning
        )
    pattern, told = _PATTERNS[kind]
    check = pa.Check.str_matches(rf"^(?:{pattern})\Z", error=told) if told else None
    return pa.Column(str, check, unique=kind in _NAMES, description=meaning)
