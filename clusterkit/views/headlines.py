"""Headline numbers: the few that answer a notebook's question, marked so that runs can be compared.

A headline reads as a sentence, several as a table; beside them the output holds the numbers as
JSON.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from clusterkit.evidence.figure import Estimate
from clusterkit.views.sentences import Words
from clusterkit.views.tables import Table

HEADLINE = "application/vnd.clusterkit.headline+json"


@dataclass(frozen=True)
class Headline:
    """A headline number.

    Parameters
    ----------
    label : str
        What it is, in English: the name by which runs are compared.
    estimate : Estimate
        The number, with its range, status and claims.

    Examples
    --------
    >>> goal = Headline("the goal", Estimate(1e10, 1e10, float("inf"), "CNY"))
    >>> goal.as_json()["high"] is None, Headline.from_json(goal.as_json()) == goal
    (True, True)
    """

    label: str
    estimate: Estimate

    def as_json(self) -> dict[str, object]:
        """Return it ready for JSON, which has no infinity: an open end is null."""
        one = self.estimate
        ends = {"low": one.low, "high": one.high}
        return {
            "label": self.label,
            "value": one.value,
            **{name: end if math.isfinite(end) else None for name, end in ends.items()},
            "unit": one.unit,
            "status": one.status,
            "claims": list(one.claims),
        }

    @classmethod
    def from_json(cls, found: Mapping[str, object]) -> "Headline":
        """Return what `as_json` wrote down."""
        return cls(
            found["label"],
            Estimate(
                value=found["value"],
                low=-math.inf if found["low"] is None else found["low"],
                high=math.inf if found["high"] is None else found["high"],
                unit=found["unit"],
                claims=tuple(found["claims"]),
                status=found["status"],
            ),
        )


@dataclass(frozen=True)
class Marked(Words):
    """A sentence that is a headline."""

    headline: Headline = field(kw_only=True)

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        return super()._repr_mimebundle_(**options) | {HEADLINE: [self.headline.as_json()]}


@dataclass(frozen=True)
class MarkedTable(Table):
    """A table of headlines."""

    headlines: tuple[Headline, ...] = field(kw_only=True)

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        numbers = [headline.as_json() for headline in self.headlines]
        return super()._repr_mimebundle_(**options) | {HEADLINE: numbers}
