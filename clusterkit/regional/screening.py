"""Rules that flag clusters, and the honest third answer: undetermined."""

import math
from collections.abc import Iterable
from operator import ge, gt, le, lt
from typing import Any, NamedTuple

import narwhals as nw

from clusterkit.errors import MeasureError
from clusterkit.regional.cells import Table, as_kind_of, check_choice, collect, open_table


class Rule(NamedTuple):
    """One rule: the flag is raised where the column's value meets the threshold."""

    flag: str
    column: str
    op: str
    threshold: float


# When a rule holds, and when it does not; of a missing value neither is said
TESTS = {">=": (ge, lt), ">": (gt, le), "<=": (le, gt), "<": (lt, ge)}


def screen(frame: Any, *, rules: Any, name: str = "screen") -> Any:
    """Return the table with a flag for every rule, and one for all rules together.

    A flag is "yes" or "no" where the value decides, and "undetermined" where it does not: the
    value is missing, or it is a range that has the threshold inside. A column ``x`` is a range if
    the table also has ``x_low`` and ``x_high``; the ends belong to it, a missing end is open.

    Parameters
    ----------
    frame : table
        Any table with the columns the rules name (or with their ``_low`` and ``_high``).
    rules : table or sequence of Rule
        One rule per row, with the columns flag, column, op (``>=``, ``>``, ``<=``, ``<``) and
        threshold. Several rules may share a flag: it is raised where all of them hold.
    name : str
        The name of the flag for all rules together.

    Returns
    -------
    table
        The same rows with one text column per flag, and `name`: "no" where any rule says no, else
        "undetermined" where any is, else "yes".

    References
    ----------
    Kleene (1952), Introduction to metamathematics (the logic of three values).

    Examples
    --------
    >>> import pandas as pd
    >>> towns = pd.DataFrame({"town": ["A", "B", "C"], "quotient": [3.1, 1.4, 0.2],
    ...                       "quotient_low": [2.5, 0.9, 0.1], "quotient_high": [4.0, 2.0, 0.3]})
    >>> screen(towns, rules=[Rule("specialised", "quotient", ">=", 1.25)])["screen"].tolist()
    ['yes', 'undetermined', 'no']
    """
    rules, table = _rules(rules), open_table(frame)
    columns = table.collect_schema().names()
    for flag in [name, *(rule.flag for rule in rules)]:
        if flag in columns:
            raise MeasureError(
                f"The table has a column {flag!r} already.",
                fix="Name the flag, or name= for all rules, otherwise.",
            )
    flags: dict[str, list[tuple[nw.Expr, nw.Expr]]] = {}
    for rule in rules:
        flags.setdefault(rule.flag, []).append(_decided(rule, table))
    answers = {flag: _together(decided) for flag, decided in flags.items()}
    answers[name] = _together([both for decided in flags.values() for both in decided])
    return as_kind_of(frame, table.with_columns(**answers))


def _rules(rules: Any) -> list[Rule]:
    """Return the rules, out of a table of them or a sequence."""
    if not isinstance(rules, (list, tuple)):
        table = open_table(rules, Rule._fields)
        rules = collect(table.select(*Rule._fields)).rows()
    if not rules:
        raise MeasureError("There are no rules to screen by.", fix="Pass one Rule or more.")
    return [Rule(*rule) for rule in rules]


def _decided(rule: Rule, table: Table) -> tuple[nw.Expr, nw.Expr]:
    """Return where the rule surely holds, and where it surely does not."""
    check_choice("operator", rule.op, TESTS)
    schema, ends = table.collect_schema(), [f"{rule.column}_low", f"{rule.column}_high"]
    if not all(end in schema for end in ends):
        check_choice("column", rule.column, schema)
        ends = [rule.column] * 2
    if wrong := [end for end in ends if not schema[end].is_numeric()]:
        raise MeasureError(
            f"The column {wrong[0]!r} holds {schema[wrong[0]]}, not numbers.",
            fix="Convert it first.",
        )
    if rule.threshold is None or not math.isfinite(rule.threshold):
        raise MeasureError(
            f"The rule {rule.flag!r} has the threshold {rule.threshold}, which nothing can be "
            "held to.",
            fix="Give a number.",
        )
    low, high = (nw.col(end).cast(nw.Float64).fill_nan(None) for end in ends)
    worst, best = (low, high) if rule.op.startswith(">") else (high, low)
    holds, fails = TESTS[rule.op]
    threshold = float(rule.threshold)
    return holds(worst, threshold).fill_null(False), fails(best, threshold).fill_null(False)


def _together(decided: Iterable[tuple[nw.Expr, nw.Expr]]) -> nw.Expr:
    """Return the answer to several rules at once."""
    sure, never = zip(*decided, strict=True)
    yes = nw.all_horizontal(*sure, ignore_nulls=False)
    no = nw.any_horizontal(*never, ignore_nulls=False)
    unless_yes = nw.when(yes).then(nw.lit("yes")).otherwise(nw.lit("undetermined"))
    return nw.when(no).then(nw.lit("no")).otherwise(unless_yes)
