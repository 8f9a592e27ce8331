"""Where in its life is a cluster? The logistic curve, and when it may not be drawn.

An S-curve can be laid through nearly any rising series, a straight line included; what it says
about the ceiling is worth something only once growth has begun to bend. So the fit answers with an
interval, or says why it cannot.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clusterkit.evidence.estimate import Estimate, loosest, union
from clusterkit.measures.figures import unit_of
from clusterkit.measures.spans import spans_between

LEAST = 6  # three parameters want twice as many points, or the fit is bent by any one of them
HIGHEST = 20.0  # a ceiling of twenty times the largest figure is none
DRAWS = 50  # sets of figures drawn from their ranges
LEVELS = 60  # ceilings tried for the profile

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LogisticFit:
    """What a logistic curve says of a yearly series.

    Attributes
    ----------
    answer : {"fitted", "undetermined"}
        Whether the ceiling is bounded by the figures.
    reason : str
        Why it is not; "" where it is.
    saturation : Estimate or None
        The ceiling K, with the interval that the scatter around the curve (95 percent, by profile)
        and the ranges of the figures (by drawing from them) leave it.
    rate : float or None
        The yearly rate r at the start.
    midpoint : float or None
        The year t0 in which half of the ceiling is reached.
    claims : tuple of str
        The claims the series rests on.
    """

    answer: str
    reason: str
    saturation: Estimate | None
    rate: float | None
    midpoint: float | None
    claims: tuple[str, ...]


def logistic_fit(
    table: pd.DataFrame, *, breaks: pd.DataFrame | None = None, seed: int = 0
) -> LogisticFit:
    """Fit K / (1 + exp(-r (t - t0))) to a yearly series, or say why that would mean nothing.

    Least squares over K, r and t0. The interval of K joins two: the ceilings at which the sum of
    squares stays below the 95 percent bound of the F distribution (profile), and the best ceilings
    of figures drawn evenly from their ranges; an open range is drawn up to its value.

    Parameters
    ----------
    table : DataFrame
        A yearly table as `Case.series` gives it.
    breaks : DataFrame, optional
        Breaks in it, as `Case.breaks`.
    seed : int
        Of the drawing, so that a report says the same whenever it is made.

    Returns
    -------
    LogisticFit
        "undetermined" where there are fewer than six years, where a break lies inside, where the
        figures do not grow, or where the ceiling has no upper bound: growth has not bent yet.

    References
    ----------
    Verhulst (1838), Notice sur la loi que la population suit dans son accroissement.
    Bates and Watts (1988), Nonlinear regression analysis and its applications, ch. 6 (profiles).

    Examples
    --------
    >>> years = np.arange(2000, 2020)
    >>> level = 100 / (1 + np.exp(-0.5 * (years - 2008)))
    >>> series = pd.DataFrame({"year": years, "value": level, "low": level, "high": level,
    ...                        "unit": "CNY", "status": "actual", "claims": [("a",)] * 20})
    >>> fit = logistic_fit(series)
    >>> fit.answer, round(fit.saturation.value), round(fit.rate, 2), round(fit.midpoint)
    ('fitted', 100, 0.5, 2008)
    >>> level = 100 * np.exp(0.1 * np.arange(20))
    >>> logistic_fit(series.assign(value=level, low=level, high=level)).reason
    'growth has not bent yet: the ceiling has no upper bound'
    """
    claims = union(*table["claims"])

    def undetermined(reason: str) -> LogisticFit:
        return LogisticFit("undetermined", reason, None, None, None, claims)

    years = sorted(set(table["year"]))
    if breaks is not None and spans_between(years, breaks) != [years]:
        return undetermined("a change of count lies inside the series")
    if len(years) < LEAST:
        return undetermined(f"{len(years)} years are on record, a curve of three parameters "
                            f"wants {LEAST}")  # fmt: skip
    if table["value"].iloc[-1] <= table["value"].iloc[0]:
        return undetermined("the figures do not grow")
    unit = unit_of(table)
    scale, start = float(table["value"].max()), years[0]
    t = (table["year"] - start).to_numpy(float)
    y = table["value"].to_numpy(float) / scale
    best = _fit(t, y)
    ceilings = [best[0], *_profile(t, y, best), *_drawn(t, table, scale, seed)]
    if max(ceilings) >= 0.99 * HIGHEST:
        return undetermined("growth has not bent yet: the ceiling has no upper bound")
    status = loosest(table["status"])
    value, low, high = (scale * float(k) for k in (best[0], min(ceilings), max(ceilings)))
    saturation = Estimate(value, low, high, unit, claims, status)
    return LogisticFit("fitted", "", saturation, float(best[1]), float(start + best[2]), claims)


def _curve(t: Array, ceiling: float, rate: float, midpoint: float) -> Array:
    from scipy.special import expit

    return ceiling * expit(rate * (t - midpoint))


def _fit(t: Array, y: Array, ceiling: float | None = None) -> Array:
    """Return K, r and t0 of the best curve, or of the best with this ceiling."""
    from scipy.optimize import least_squares

    reach = float(t[-1])

    def misfit(free: Array) -> Array:
        return _curve(t, *([] if ceiling is None else [ceiling]), *free) - y

    lowest, highest = [0.3, 1e-3, -5 * reach], [HIGHEST, 5.0, 10 * reach]
    guesses = [[k, 4 / reach, reach * place] for k, place in ((1.05, 0.5), (3.0, 1.0))]
    free = slice(0 if ceiling is None else 1, None)
    fits = [
        least_squares(misfit, guess[free], bounds=(lowest[free], highest[free]))
        for guess in guesses
    ]
    found = min(fits, key=lambda fit: fit.cost).x
    return found if ceiling is None else np.array([ceiling, *found])


def _profile(t: Array, y: Array, best: Array) -> list[float]:
    """Return the ceilings that the scatter around the best curve does not exclude."""
    from scipy.stats import f

    def squares(parameters: Array) -> float:
        return float(((_curve(t, *parameters) - y) ** 2).sum())

    spare = len(t) - 3
    bound = squares(best) * (1 + f.ppf(0.95, 1, spare) / spare)
    levels = np.geomspace(0.5, HIGHEST, LEVELS)
    inside = [place for place, k in enumerate(levels) if squares(_fit(t, y, k)) <= bound]
    # The bounds are outer ones: the first ceilings that are excluded.
    return [float(levels[min(max(p + step, 0), LEVELS - 1)]) for p in inside for step in (-1, 1)]


def _drawn(t: Array, table: pd.DataFrame, scale: float, seed: int) -> list[float]:
    """Return the best ceilings of figures drawn evenly from their ranges."""
    value = table["value"].to_numpy(float)
    high = np.where(np.isinf(table["high"]), value, table["high"])
    chance = np.random.default_rng(seed)
    draws = chance.uniform(table["low"], high, size=(DRAWS, len(table)))
    return [float(_fit(t, draw / scale)[0]) for draw in draws]
