"""Breaks: years between which a count was changed, so that a jump is no growth."""

from pathlib import Path

import pandas as pd

from clusterkit.errors import DataError

FIELDS = {
    "indicator": (str, "The indicator of the case's subject whose count changed."),
    "after": (int, "The last year surely counted the old way."),
    "before": (int, "The first year surely counted the new way; years between belong to neither."),
    "reason": (str, "Why it is a break, in our words; shown to readers."),
    "claims": (list, "The claims that show it."),
}


def read_breaks(path: Path, entries: object, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks of a case, in the order of its case.toml.

    Parameters
    ----------
    path : Path
        The case.toml they stand in, to be named in errors.
    entries : list of dict
        Its tables `[[breaks]]`; see `FIELDS`.
    claims : DataFrame
        The claims of the case.

    Raises
    ------
    DataError
        A break lacks a field or has another, ends before it begins, or names an indicator or a
        claim that the case does not have.
    """
    entries = entries if isinstance(entries, list) else [entries]
    for number, entry in enumerate(entries, start=1):
        problem = _problem(entry, claims)
        if problem:
            raise DataError(
                f"A break is not as it should be: {problem}.",
                where=f"{path}, [[breaks]] number {number}",
                fix=f"A break gives {', '.join(FIELDS)}, and after is the earlier year.",
            )
    rows = [entry | {"claims": tuple(entry["claims"])} for entry in entries]
    return pd.DataFrame(rows, columns=list(FIELDS))


def _problem(entry: object, claims: pd.DataFrame) -> str:
    """Return what is wrong with a break, or ""."""
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        return f"it gives {', '.join(entry) if isinstance(entry, dict) else entry}"
    for name, (kind, _) in FIELDS.items():
        if type(entry[name]) is not kind or not entry[name]:
            return f"{name} is {entry[name]!r}"
    if entry["after"] >= entry["before"]:
        return f"it ends in {entry['before']} and begins in {entry['after']}"
    strangers = [name for name in entry["claims"] if name not in set(claims["claim_id"])]
    if strangers:
        return f"there is no claim {strangers[0]!r}"
    if entry["indicator"] not in set(claims["indicator"]):
        return f"there is no indicator {entry['indicator']!r}"
    return ""
