"""The headline numbers of several runs of a notebook, side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.views.facts import FACTS, Fact

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
