"""What a page shows that came from a value, as data beside its words.

Every output of a page carries its facts as JSON in its mime bundle. Whoever compares two runs,
looks for numbers that no value carries or asks what a number rests on reads them there, and takes
no page apart.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clusterkit.evidence.figure import Estimate

FACTS = "application/vnd.clusterkit.facts+json"


@dataclass(frozen=True)
class Fact:
    """One thing shown: its words, what it is, and the figure behind it.

    Parameters
    ----------
    words : str
        As a reader sees it, without its footnote.
    label : str
        What it is: a place in a sentence, row and column of a table, a mark of a picture; the id of
        a claim that is printed.
    kind : {"figure", "count", "word", "data", "setting", "claim"}
        A figure with its range; a whole number that was counted; a word that follows from figures;
        what stands in the data as it is; a parameter; how a claim was printed.
    figure : Estimate, optional
        Of a figure.
    headline : bool
        Whether it answers the notebook's question, so that runs are compared by it.

    Examples
    --------
    >>> least = Estimate(1e10, 1e10, math.inf, "CNY")
    >>> goal = Fact("at least 10 billion yuan", "goal", figure=least)
    >>> goal.as_json()["high"] is None, Fact.from_json(goal.as_json()) == goal
    (True, True)
    """

    words: str
    label: str = ""
    kind: str = "figure"
    figure: Estimate | None = None
    headline: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return it ready for JSON, which has no infinity: an open end is null."""
        told: dict[str, Any] = {"kind": self.kind, "label": self.label, "words": self.words}
        if self.figure is not None:
            row = vars(self.figure)
            ends = {end: row[end] if math.isfinite(row[end]) else None for end in ("low", "high")}
            told |= row | ends | {"claims": list(self.figure.claims)}
        return told | ({"headline": True} if self.headline else {})

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> "Fact":
        """Return what `as_json` wrote down."""
        figure = None
        if "value" in told:
            ends = {"low": -math.inf, "high": math.inf}
            row = {name: told[name] for name in Estimate.__dataclass_fields__}
            row |= {end: open_ for end, open_ in ends.items() if row[end] is None}
            figure = Estimate(**row | {"claims": tuple(row["claims"])})
        headline = told.get("headline", False)
        return cls(told["words"], told["label"], told["kind"], figure, headline)
