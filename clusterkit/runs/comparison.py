"""The headline numbers of several runs of a notebook, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.views.facts import FACTS, Fact
from clusterkit.words import language

if TYPE_CHECKING:
    from nbformat import NotebookNode


def headlines(notebook: "NotebookNode") -> list[Fact]:
    """Return the headline numbers of an executed notebook, in order.

    Parameters
    ----------
    notebook : NotebookNode
        With the outputs of `Page.headline` and `Page.headlines`.
    """
    return [
        Fact.from_json(told)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for told in output.get("data", {}).get(FACTS, [])
        if told.get("headline")
    ]


@dataclass(frozen=True)
class Compared:
    """One headline in all runs.

    Parameters
    ----------
    label : str
    found : mapping of str to Fact or None
        For each run, None where it has no such headline.
    """

    label: str
    found: Mapping[str, Fact | None]

    @property
    def differs(self) -> bool:
        """Whether the runs say different things."""
        return len({one and (one.figure, one.label) for one in self.found.values()}) > 1


def compare(runs: Mapping[str, Sequence[Fact]]) -> list[Compared]:
    """Return one row a headline, in the order in which they are first met.

    Parameters
    ----------
    runs : mapping of str to sequence of Fact
        The headlines of each run, by the run's name.
    """
    by_run = {run: {one.label: one for one in found} for run, found in runs.items()}
    labels = dict.fromkeys(label for found in by_run.values() for label in found)
    return [
        Compared(label, {run: found.get(label) for run, found in by_run.items()})
        for label in labels
    ]


def comparison_table(compared: Sequence[Compared]) -> pd.DataFrame:
    """Return one row a headline and run, so that each number keeps its range, status and claims.

    Parameters
    ----------
    compared : sequence of Compared
        From `compare`.

    Returns
    -------
    DataFrame
        Columns headline, differs, run, value, low, high, unit, status, claims.
    """
    rows = [
        {
            **one.as_json(),
            "headline": row.label,
            "differs": row.differs,
            "run": run,
            "claims": " ".join(one.figure.claims),
        }
        for row in compared
        for run, one in row.found.items()
        if one is not None
    ]
    columns = ["headline", "differs", "run", "value", "low", "high", "unit", "status", "claims"]
    return pd.DataFrame(rows, columns=columns)


def worded(compared: Sequence[Compared], lang: str) -> list[dict[str, object]]:
    """Return the comparison in words: for each headline and run the figure and its range."""
    tongue = language(lang)

    def cell(one: Fact | None, digits: int | None) -> dict[str, str] | None:
        if one is None:
            return None
        span = "" if one.figure.certain else tongue.span(one.figure)
        return {"figure": tongue.figure(one.figure, digits=digits), "range": span}

    def cells(row: Compared) -> dict[str, dict[str, str] | None]:
        for digits in (None, 6, 12):  # what differs must also read differently
            told = {run: cell(one, digits) for run, one in row.found.items()}
            if not row.differs or len({str(one) for one in told.values()}) > 1:
                break
        return told

    return [
        {"label": tongue.text(row.label), "differs": row.differs, "cells": cells(row)}
        for row in compared
    ]
