"""Arithmetic of ranges that keeps its bounds true.

A range holds every value its figure may have; the range of a result holds every value the result
may then have. Works alike on numbers and on arrays of equal shape. The method is classical interval
arithmetic (R. E. Moore, Interval Analysis, 1966).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clusterkit.errors import MeasureError


class Interval(NamedTuple):
    """A value between its bounds; three numbers, or three arrays of one shape."""

    value: ArrayLike
    low: ArrayLike
    high: ArrayLike


def _times(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """Multiply, with nothing times an open end being nothing."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(invalid="ignore"):
        return np.where((a == 0) | (b == 0), 0.0, a * b)


def add(a: Interval, b: Interval) -> Interval:
    """Return a + b."""
    return Interval(*(np.add(x, y, dtype=float) for x, y in zip(a, b, strict=True)))


def negate(a: Interval) -> Interval:
    """Return -a."""
    return Interval(np.negative(a.value), np.negative(a.high), np.negative(a.low))


def multiply(a: Interval, b: Interval) -> Interval:
    """Return a * b: the bounds are among the four products of bounds."""
    corners = [_times(x, y) for x in a[1:] for y in b[1:]]
    return Interval(_times(a.value, b.value), np.min(corners, axis=0), np.max(corners, axis=0))


def divide(a: Interval, b: Interval) -> Interval:
    """Return a / b, unless the range of b holds zero: the quotient could then be anything."""
    if np.any((np.asarray(b.low) <= 0) & (np.asarray(b.high) >= 0)):
        raise MeasureError(
            "Division by a range that holds zero.",
            why="The divisor has an open low end, or is a difference of figures whose ranges meet.",
            fix="Use other claims, years further apart, or a policy that closes the open end.",
        )
    with np.errstate(divide="ignore"):
        inverse = Interval(*(1.0 / np.asarray(x, dtype=float) for x in (b.value, b.high, b.low)))
    return multiply(a, inverse)


def increasing(function: Callable[[ArrayLike], ArrayLike], a: Interval) -> Interval:
    """Return f(a) for a function that never falls."""
    return Interval(function(a.value), function(a.low), function(a.high))


def log_mean(a: Interval, b: Interval) -> Interval:
    """Return the logarithmic mean (a - b) / (ln a - ln b), which rises in both its arguments."""
    return Interval(*(_log_mean(x, y) for x, y in zip(a, b, strict=True)))


def _log_mean(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (a - b) / (np.log(a) - np.log(b))
    mean = np.where(np.isinf(a) | np.isinf(b), np.inf, mean)  # an open end leaves the mean open
    return np.where(np.isclose(a, b, rtol=1e-12), a, mean)
