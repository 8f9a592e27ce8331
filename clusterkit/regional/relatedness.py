"""Which industries go together, and how near a region is to those it lacks."""

from typing import Any, Literal

import narwhals as nw
import numpy as np

from clusterkit.errors import MeasureError
from clusterkit.regional.cells import Cells, measure
from clusterkit.regional.grids import Grid, grids, per_period, stacked

Presence = Literal["quotient", "positive"]


@measure()
def proximity(
    cells: Cells,
    *,
    presence: Presence = "quotient",
    threshold: float = 1.0,
    top_k: int | None = None,
    form: Literal["pairs", "wide"] = "pairs",
    diagonal: float = 1.0,
) -> Any:
    """Return the proximity of every pair of industries.

    With M the presence of industries in regions and u the number of regions an industry is
    present in, ``phi_ij = sum_r(M_ri * M_rj) / max(u_i, u_j)``: the smaller of the two
    conditional probabilities of having one industry where the other is.

    Parameters
    ----------
    presence : {"quotient", "positive"}
        Present is a location quotient of `threshold` or more (totals are those of the table;
        within 1e-12 of it counts as reached, whatever the unit), or any value above zero.
    threshold : float
        See `presence`.
    top_k : int, optional
        Keep the k nearest industries of each only, nearest first, ties in order of name, none
        with a proximity of zero. The full matrix is never built.
    form : {"pairs", "wide"}
        One row per pair (each pair once), or a square table with one column per industry.
    diagonal : float
        What stands on the diagonal of the wide form; 1 by definition, some take 0.

    Returns
    -------
    table
        `industry`, the same with ``_other``, and ``proximity``, in 0..1 as 32-bit numbers;
        missing for two industries that are present nowhere.

    References
    ----------
    Hidalgo, Klinger, Barabasi and Hausmann (2007), The product space conditions the development
    of nations. Science 317.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": list("aabbc"), "jobs": 1,
    ...                      "industry": ["tea", "toys", "tea", "silk", "tea"]})
    >>> proximity(jobs, region="region", industry="industry", value="jobs", presence="positive")
      industry industry_other  proximity
    0     silk            tea   0.333333
    1     silk           toys   0.000000
    2      tea           toys   0.333333
    """
    if top_k is not None and (top_k < 1 or form == "wide"):
        raise MeasureError(
            f"top_k={top_k} with form={form!r} asks for nothing.", fix="Pass 1 or more, as pairs."
        )
    if form == "wide":
        wide = [_wide(grid, presence, threshold, diagonal) for grid in grids(cells)]
        return cells.back(nw.maybe_reset_index(nw.concat(wide)))

    def pairs(grid: Grid) -> dict[str, Any]:
        there = present(grid.matrix, presence, threshold).toarray()
        if top_k is not None:
            one, two, near = _nearest(there, top_k)
        else:
            one, two = np.triu_indices(there.shape[1], 1)
            near = proximities(there, diagonal)[one, two]
        return grid.pairs(one, two) | {"proximity": near}

    return per_period(cells, pairs)


def _wide(grid: Grid, presence: Presence, threshold: float, diagonal: float) -> nw.DataFrame[Any]:
    """Return the square table of proximities, a column for every industry."""
    table = stacked([(grid, {grid.cells.industry: grid.industries})])
    labels = [str(name) for name in grid.industries]
    # it equals its transpose, which is laid out by columns as tables are
    phi = proximities(present(grid.matrix, presence, threshold).toarray(), diagonal).T
    right = nw.from_numpy(phi, labels, backend=table.implementation)
    holes = [nw.col(labels[k]).fill_nan(None) for k in np.isnan(phi).any(axis=0).nonzero()[0]]
    right = right.with_columns(*holes) if holes else right
    return nw.concat([table, right], how="horizontal")


@measure()
def relatedness_density(
    cells: Cells, *, presence: Presence = "quotient", threshold: float = 1.0, diagonal: float = 0.0
) -> Any:
    """Return how much of what is near an industry a region already has.

    ``d_ri = sum_j(M_rj * phi_ij) / sum_j(phi_ij)`` with the proximities phi.

    Parameters
    ----------
    presence, threshold
        As for `proximity`.
    diagonal : float
        The proximity of an industry to itself; 0 keeps an industry's own presence out of its
        density, some take 1.

    Returns
    -------
    table
        One row per region and industry, absent cells too: ``present`` and
        ``relatedness_density``, in 0..1; missing for an industry near to no other.

    References
    ----------
    Hidalgo, Klinger, Barabasi and Hausmann (2007), The product space conditions the development
    of nations. Science 317.

    Examples
    --------
    >>> import pandas as pd
    >>> jobs = pd.DataFrame({"region": list("aabb"), "industry": ["tea", "toys", "tea", "silk"],
    ...                      "jobs": 1})
    >>> out = relatedness_density(jobs, region="region", industry="industry", value="jobs",
    ...                           presence="positive")
    >>> out[(out["region"] == "a") & ~out["present"]]
      region industry  present  relatedness_density
    0      a     silk    False                  1.0
    """

    def density(grid: Grid) -> dict[str, Any]:
        have = present(grid.matrix, presence, threshold).toarray().astype(float)
        phi = np.nan_to_num(proximities(have, diagonal))
        with np.errstate(invalid="ignore"):
            near = (have @ phi) / phi.sum(axis=0)
        row, column = (index.ravel() for index in np.indices(have.shape))
        names = {cells.region: grid.regions[row], cells.industry: grid.industries[column]}
        return names | {"present": have.ravel() > 0, "relatedness_density": near.ravel()}

    return per_period(cells, density)


def present(matrix: Any, presence: Presence, threshold: float) -> Any:
    """Return where an industry counts as present in a region, as a sparse array of ones."""
    from scipy.sparse import csr_array

    if not np.isfinite(threshold):
        raise MeasureError(f"threshold={threshold} is reached by nothing.", fix="Pass 1, say.")
    value = matrix.data
    there = value > 0
    if presence == "quotient":
        in_row, in_column = matrix.sum(axis=1), matrix.sum(axis=0)
        expected = in_row.repeat(np.diff(matrix.indptr)) * in_column[matrix.indices]
        # rounding must not tell: shares and jobs, or yuan and billions, are present alike
        there &= value * value.sum() >= threshold * expected * (1 - 1e-12)
    marks = csr_array((there.astype(np.float32), matrix.indices, matrix.indptr), matrix.shape)
    if not there.all():
        marks = marks.copy()  # its places are still those of the input
        marks.eliminate_zeros()
    return marks


def proximities(have: np.ndarray, diagonal: float) -> np.ndarray:
    """Return the matrix of proximities, out of one of presences."""
    phi = have.T @ have  # one symmetric product; counts are exact in 32 bits
    ubiquity = phi.diagonal().copy()
    with np.errstate(invalid="ignore"):
        for first in range(0, len(phi), 64):  # no second matrix of this size
            part = slice(first, first + 64)
            phi[part] /= np.maximum.outer(ubiquity[part], ubiquity)
    np.fill_diagonal(phi, diagonal)
    return phi


def _nearest(
    have: np.ndarray, top_k: int, block: int = 256
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the top_k nearest of each industry, a block of industries at a time."""
    ubiquity, n = np.maximum(have.sum(axis=0), 1), have.shape[1]
    top_k = min(top_k, n)
    found = []
    for first in range(0, n, block):
        own = np.arange(first, min(first + block, n))
        near = have[:, own].T @ have
        near /= np.maximum(ubiquity[own, None], ubiquity)
        near[own - first, own] = 0
        edge = np.partition(near, n - top_k, axis=1)[:, n - top_k]
        one, two = np.nonzero((near >= edge[:, None]) & (near > 0))  # top_k of each, and ties
        order = np.lexsort((two, -near[one, two], one))
        one, two = one[order], two[order]
        kept = np.arange(len(one)) - np.searchsorted(one, one) < top_k
        one, two = one[kept], two[kept]
        found.append((one + first, two, near[one, two]))
    return tuple(np.concatenate(part) for part in zip(*found, strict=True))
