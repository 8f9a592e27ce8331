"""The headline numbers of several runs of a notebook, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.views.headlines import HEADLINE, Headline
from clusterkit.words import language

if TYPE_CHECKING:
    from nbformat import NotebookNode


def headlines(notebook: "NotebookNode") -> list[Headline]:
    """Return the headline numbers of an executed notebook, in order.

    Parameters
    ----------
    notebook : NotebookNode
        With the outputs of `Page.headline` and `Page.headlines`.
    """
    return [
        Headline.from_json(number)
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        for number in output.get("data", {}).get(HEADLINE, [])
    ]


@dataclass(frozen=True)
class Compared:
    """One headline in all runs.

    Parameters
    ----------
    label : str
    found : mapping of str to Headline or None
        For each run, None where it has no such headline.
    """

    label: str
    found: Mapping[str, Headline | None]

    @property
    def differs(self) -> bool:
        """Whether the runs say different things."""
        return len({one and (one.estimate, one.label) for one in self.found.values()}) > 1


def compare(runs: Mapping[str, Sequence[Headline]]) -> list[Compared]:
    """Return one row a headline, in the order in which they are first met.

    Parameters
    ----------
    runs : mapping of str to sequence of Headline
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
            "headline": row.label,
            "differs": row.differs,
            "run": run,
            **one.as_json(),
            "claims": " ".join(one.estimate.claims),
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

    def cell(one: Headline | None, digits: int | None) -> dict[str, str] | None:
        if one is None:
            return None
        span = "" if one.estimate.certain else tongue.span(one.estimate)
        return {"figure": tongue.figure(one.estimate, digits=digits), "range": span}

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
