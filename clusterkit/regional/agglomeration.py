"""Do plants cluster more than chance and their sizes explain? Ellison and Glaeser's indices."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.cells import AMOUNT, Cells, Grid, collect, measure, per_period


@measure(without=("duplicates",))
def ellison_glaeser(
    cells: Cells, *, totals: Any = None, draws: int = 0, seed: int = 0, level: float = 0.95
) -> Any:
    """Return Ellison and Glaeser's index of agglomeration of every industry.

    With shares s of the industry in the regions, x of everything, and z of the plants in the
    industry: ``G = sum((s - x)**2)``, ``H = sum(z**2)``, ``D = 1 - sum(x**2)`` and
    ``gamma = (G - D * H) / (D * (1 - H))``. Without clustering G is D * H on average, with the
    variance ``2 * (H**2 * (X2 - 2 * X3 + X2**2) - sum(z**4) * (X2 - 4 * X3 + 3 * X2**2))``, Xk
    being ``sum(x**k)``. A row is a plant, its value the size; plants of size 0 do not count.

    Parameters
    ----------
    totals : table, optional
        One row per region (and period) with the same columns `region`, `value` (and `by`): the
        shares x are taken from it. By default from all plants.
    draws, seed, level : int, int, float
        If `draws` is given, plants are thrown on regions that often, with probabilities x; the
        interval that holds `level` of the resulting gamma is returned.

    Returns
    -------
    table
        ``ellison_glaeser`` (gamma; about 0 without clustering, at most 1, no lower bound),
        ``geographic_concentration`` (G), ``plant_herfindahl`` (H), ``ellison_glaeser_z``,
        ``plants``, with draws also ``ellison_glaeser_null_low`` and ``_null_high``, and
        ``ellison_glaeser_reason``: gamma is missing for an industry without plants or with a
        single one (H = 1), and where there is but one region. There is no small-sample correction.

    References
    ----------
    Ellison and Glaeser (1997), Geographic concentration in U.S. manufacturing industries: a
    dartboard approach. Journal of Political Economy 105.

    Examples
    --------
    >>> import pandas as pd
    >>> plants = pd.DataFrame({"region": ["A", "A", "B", "B"], "jobs": [10, 10, 10, 10],
    ...                        "industry": ["toys", "toys", "tea", "tea"]})
    >>> out = ellison_glaeser(plants, region="region", industry="industry", value="jobs")
    >>> out[["industry", "ellison_glaeser", "plant_herfindahl"]]
      industry  ellison_glaeser  plant_herfindahl
    0      tea              1.0               0.5
    1     toys              1.0               0.5
    """
    if draws < 0 or not 0 < level < 1:
        raise MeasureError(
            f"draws={draws} with level={level} gives no interval.",
            fix="Pass some hundred draws, and a level such as 0.95.",
        )
    square = AMOUNT * AMOUNT
    sums = {"_square": square, "_fourth": square * square, "_plants": (AMOUNT > 0).cast(nw.Float64)}
    external = _external(cells, totals)

    def gamma(grid: Grid) -> dict[str, Any]:
        x, everywhere = _shares(grid, external)
        found = {cells.industry: grid.industries} | _gamma(grid, x, everywhere)
        if draws:
            limits = _null_limits(grid, everywhere, draws, seed, level)
            found["ellison_glaeser_null_low"], found["ellison_glaeser_null_high"] = limits
        return found

    plants = replace(cells, duplicates="sum")
    return per_period(plants, gamma, apart=draws > 0, **sums)


@measure(without=("duplicates",))
def coagglomeration(cells: Cells, *, totals: Any = None) -> Any:
    """Return Ellison and Glaeser's coagglomeration of every pair of industries.

    For two industries with shares s1 and s2 of regions with shares x of everything,
    ``sum((s1 - x) * (s2 - x)) / (1 - sum(x**2))``: do they go to the same regions?
    Plants, or other rows of the same region and industry, are added up.

    Parameters
    ----------
    totals : table, optional
        As for `ellison_glaeser`.

    Returns
    -------
    table
        One row per pair, each pair once, in order: `industry`, the same with ``_other``, and
        ``coagglomeration``, about 0 without any relation; missing if there is but one region.

    References
    ----------
    Ellison, Glaeser and Kerr (2010), What causes industry agglomeration? American Economic
    Review 100.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": ["A", "A", "B", "B"], "jobs": [10, 10, 10, 10],
    ...                      "industry": ["toys", "tea", "toys", "silk"]})
    >>> coagglomeration(jobs, region="region", industry="industry", value="jobs")
      industry industry_other  coagglomeration
    0     silk            tea             -1.0
    1     silk           toys              0.0
    2      tea           toys              0.0
    """
    external = _external(cells, totals)

    def together(grid: Grid) -> dict[str, Any]:
        x, everywhere = _shares(grid, external)
        size = grid.matrix.sum(axis=0)
        apart = grid.matrix.toarray() / np.where(size > 0, size, np.nan) - x[:, None]
        elsewhere = (everywhere**2).sum() - (x**2).sum()  # regions with none of any industry
        both = (apart.T @ apart + elsewhere) / _diversity(everywhere)
        one, two = np.triu_indices(len(both), 1)
        return grid.pairs(one, two) | {"coagglomeration": both[one, two]}

    return per_period(replace(cells, duplicates="sum"), together)


def _external(cells: Cells, totals: Any) -> nw.DataFrame[Any] | None:
    """Return the checked table of external totals."""
    if totals is None:
        return None
    regions = replace(cells, frame=totals, industry=None, duplicates="error", missing="error")
    return collect(regions.read())


def _shares(grid: Grid, totals: nw.DataFrame[Any] | None) -> tuple[np.ndarray, np.ndarray]:
    """Return the shares of everything of the grid's regions, and of all regions there are."""
    if totals is None:
        size = grid.matrix.sum(axis=1)
        return size / size.sum(), size / size.sum()
    for name, label in grid.period.items():
        totals = totals.filter(nw.col(name) == label)
    region = grid.cells.region
    size = pd.Series(totals["_amount"].to_numpy(), index=totals[region].to_numpy())
    lacking = ~grid.regions.is_in(totals[region].to_list())
    if lacking.any():
        raise DataError(
            f"The region {grid.regions.filter(lacking)[0]!r} has plants but no total.",
            where="totals=",
            fix="Add its total, or leave totals= out to compare with all plants.",
        )
    if not size.sum() > 0:
        raise DataError("All totals are zero.", where="totals=", fix="Leave totals= out, perhaps.")
    size = size / size.sum()
    return size.loc[grid.regions.to_numpy()].to_numpy(), size.to_numpy()


def _diversity(x: np.ndarray) -> float:
    """Return ``1 - sum(x**2)``; NaN where everything is in one region."""
    left = 1 - (x**2).sum()
    return left if left > 1e-12 else np.nan


def _gamma(grid: Grid, x: np.ndarray, everywhere: np.ndarray) -> dict[str, Any]:
    """Return the index of every industry and what it is made of."""
    cells, size = grid.matrix.tocoo(), grid.matrix.sum(axis=0)
    size = np.where(size > 0, size, np.nan)
    share, base = cells.data / size[cells.col], x[cells.row]
    x2, x3 = (everywhere**2).sum(), (everywhere**3).sum()
    # regions without the industry have no cell, but count with (0 - x)**2
    g = np.bincount(cells.col, (share - base) ** 2 - base**2, len(size)) + x2
    h, z4 = grid.in_industries("_square") / size**2, grid.in_industries("_fourth") / size**4
    plants = grid.in_industries("_plants")
    d = _diversity(everywhere)
    several = np.where(plants > 1, 1 - h, np.nan)
    variance = 2 * (h**2 * (x2 - 2 * x3 + x2**2) - z4 * (x2 - 4 * x3 + 3 * x2**2))
    deviation = np.sqrt(np.where(variance > 1e-12 * h**2, variance, np.nan))
    texts = ["there is no plant", "there is a single plant", "there is a single region"]
    which = [plants == 0, plants == 1, np.full(len(plants), not d > 0)]
    reason = np.select(which, texts, default="")
    return {
        "ellison_glaeser": (g - d * h) / (d * several),
        "geographic_concentration": g,
        "plant_herfindahl": h,
        "ellison_glaeser_z": (g - d * h) / deviation,
        "plants": plants.astype(int),
        "ellison_glaeser_reason": [text or None for text in reason.tolist()],
    }


def _null_limits(
    grid: Grid, x: np.ndarray, draws: int, seed: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the limits of gamma, industry by industry, if plants fall on regions by chance."""
    limits = np.full((2, len(grid.industries)), np.nan)
    edges, d = np.cumsum(x), _diversity(x)
    size = grid.rows["_amount"].to_numpy()
    order = np.lexsort((size, grid.industry_of))  # the same draws whatever the order of rows
    order = order[size[order] > 0]
    start = np.searchsorted(grid.industry_of[order], np.arange(len(grid.industries) + 1))
    for place, (first, last) in enumerate(pairwise(start)):
        z = size[order[first:last]]
        if len(z) < 2 or np.isnan(d):
            continue
        z = z / z.sum()
        h = (z**2).sum()
        rng, gamma = np.random.default_rng((seed, place)), np.empty(draws)
        for turn in range(draws):
            hit = np.searchsorted(edges, rng.random(len(z)) * edges[-1], side="right")
            share = np.bincount(hit, z, len(x))
            gamma[turn] = (((share - x) ** 2).sum() - d * h) / (d * (1 - h))
        limits[:, place] = np.quantile(gamma, [(1 - level) / 2, (1 + level) / 2])
    return limits[0], limits[1]
