"""From a printed figure and its hedge to a lowest and a highest value.

Two things make a press figure a range: it was rounded, and it was hedged. The *step* says how
finely it was printed; the policy says, hedge by hedge, how many steps below and above the figure
the truth may lie. The ranges are bounds, not standard errors.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from clusterkit.errors import UnknownNameError

# A number of these, printed to the last digit, was counted and not rounded.
COUNTED_UNITS = frozenset({"piece", "firm", "household", "person", "country", "count", "year"})
ROUGHEST = Decimal(10)  # no figure is taken to be rougher than a tenth of itself


@dataclass(frozen=True)
class HedgeRule:
    """How far the truth may lie from a printed figure, in steps; None leaves that end open."""

    below: float | None
    above: float | None


Policy = Mapping[str, HedgeRule]


def _policy(steps: float, *, at_least: float | None = None) -> Policy:
    """Return the policy in which a hedge reaches so many steps; None leaves open ends open."""
    return MappingProxyType(
        {
            "exact": HedgeRule(0.5, 0.5),
            "about": HedgeRule(steps, steps),
            "nearly": HedgeRule(steps, 0),
            "over": HedgeRule(0, steps),
            "at_least": HedgeRule(0, at_least),
            "up_to": HedgeRule(at_least, 0),
            "per_source_range": HedgeRule(steps, steps),
        }
    )


# A reader may doubt more or less than the house does: one step, twice that, or a closed half.
POLICIES: Mapping[str, Policy] = MappingProxyType(
    {"house": _policy(1), "wide": _policy(2), "narrow": _policy(0.5, at_least=1)}
)
POLICY = POLICIES["house"]


def step_of(value: float, *, unit: str | None = None, places: int | None = None) -> float:
    """Return the step to which a figure was printed, in its base unit; 1 for zero and for years.

    It is the place of the last digit that is not a zero (or of the last printed, `places`, if that
    is finer), but at most a tenth of the figure: "1,000 firms" were hardly 500.
    """
    if unit == "year" or not value or not math.isfinite(value):
        return 1.0
    figure = abs(Decimal(repr(float(value)))).normalize()
    last = Decimal(1).scaleb(int(figure.as_tuple().exponent))
    if places is not None:
        last = min(last, Decimal(1).scaleb(places))
    return float(min(last, figure / ROUGHEST))


def figure_range(
    value: float,
    hedge: str = "exact",
    *,
    unit: str | None = None,
    step: float | None = None,
    policy: Policy = POLICY,
) -> tuple[float, float]:
    """Return the lowest and the highest value that a printed figure can stand for.

    Parameters
    ----------
    value : float
        The figure in its base unit. For a negative figure "over" means further from zero.
    hedge : str
        One of the names in `policy`.
    unit : str, optional
        The base unit. Counted things printed to the last unit are exact.
    step : float, optional
        How finely the figure was printed; by default `step_of` the value.
    policy : mapping of str to HedgeRule
        Steps below and above for each hedge; `POLICY` unless given.

    Returns
    -------
    tuple of float
        ``(low, high)``; an open end is infinite, but an open low end of a positive figure is 0.

    Raises
    ------
    UnknownNameError
        The hedge is not in the policy.

    Examples
    --------
    >>> figure_range(100e9, "nearly", unit="CNY")
    (90000000000.0, 100000000000.0)
    >>> figure_range(14_000, "over", unit="firm")
    (14000.0, 15000.0)
    >>> figure_range(14, unit="firm")
    (14.0, 14.0)
    >>> figure_range(60, "at_least", unit="percent")
    (60.0, inf)
    """
    if hedge not in policy:
        raise UnknownNameError.among("hedge", hedge, policy)
    rule = policy[hedge]
    step = step_of(value, unit=unit) if step is None else step
    if unit in COUNTED_UNITS and hedge == "exact" and step <= 1 and float(value).is_integer():
        rule = HedgeRule(0, 0)
    low = 0 if rule.below is None else abs(value) - rule.below * step
    high = math.inf if rule.above is None else abs(value) + rule.above * step
    low, high = _tidy(low, step), _tidy(high, step)
    return (low, high) if value >= 0 else (-high, -low)


def _tidy(bound: float, step: float) -> float:
    """Drop the binary noise of a bound: nothing finer than a billionth of the step was printed."""
    if not math.isfinite(bound) or step <= 0:
        return float(bound)
    return round(float(bound), max(0, 9 - math.floor(math.log10(step))))
