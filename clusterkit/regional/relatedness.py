"""Which industries go together, and how near a region is to those it lacks."""

import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import narwhals as nw
import numpy as np

from clusterkit.errors import MeasureError
from clusterkit.regional.cells import Cells, Grid, grids, measure, per_period, stacked

Presence = Literal["quotient", "positive"]
SMALL = 64  # up to this size the full decomposition is faster, and as exact
ROUNDING = 1e-14  # what is so small, where all is at most 1, is zero but for rounding
ROUNDS = 2_000  # networks take a few, long chains of regions some hundreds


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


class Complexity(NamedTuple):
    """The three tables that `complexity` returns."""

    regions: Any
    industries: Any
    spectrum: Any


@measure()
def complexity(
    cells: Cells,
    *,
    presence: Presence = "quotient",
    threshold: float = 1.0,
    ddof: int = 0,
    scale: Literal["own", "regions"] = "own",
) -> Complexity:
    """Return the economic complexity of regions (ECI) and of industries (PCI).

    With M the presence of industries in regions, d the regions' diversity and u the industries'
    ubiquity, ECI and PCI are the second left and right singular vectors of
    ``M / sqrt(d * u)``, divided by ``sqrt(d)`` and ``sqrt(u)`` and standardised; ECI is the mean
    PCI of what a region has, up to scale. The sign is such that ECI goes with diversity.

    Parameters
    ----------
    presence, threshold
        As for `proximity`.
    ddof : int
        Standardise with the population (0) or the sample (1) standard deviation.
    scale : {"own", "regions"}
        Standardise PCI by its own mean and deviation, or as some packages do by those of ECI, so
        that ECI is the mean PCI of what a region has.

    Returns
    -------
    Complexity
        ``regions`` with ``complexity``, ``diversity`` and ``component``; ``industries`` with
        ``complexity``, ``ubiquity`` and ``component``; ``spectrum`` with the number of
        ``components``, the leading singular values (the first is 1) and the ``spectral_gap``
        between the second and the third: ECI is as well identified as this is large.

    Raises
    ------
    MeasureError
        The second dimension was not found in 2,000 rounds.

    Warns
    -----
    UserWarning
        Regions or industries with nothing present, and those outside the largest component, have
        no complexity: it cannot be compared between networks that nothing connects. Neither has
        anything if the second and the third singular value coincide.

    References
    ----------
    Hidalgo and Hausmann (2009), The building blocks of economic complexity. PNAS 106. Mealy,
    Farmer and Teytelboym (2019), Interpreting economic complexity. Science Advances 5.

    Examples
    --------
    >>> import pandas as pd
    >>> network = pd.DataFrame({"region": ["C1"] * 4 + ["C2", "C3", "C3", "C4"], "there": 1,
    ...                         "industry": ["P1", "P2", "P3", "P4", "P2", "P3", "P4", "P4"]})
    >>> found = complexity(network, region="region", industry="industry", value="there",
    ...                    presence="positive")
    >>> found.regions["complexity"].round(6).tolist()
    [-0.075353, -1.602916, 0.747788, 0.930481]
    """
    described = []
    for grid in grids(cells):
        there = present(grid.matrix, presence, threshold)
        regions, industries, spectrum = _described(there, ddof, scale)
        _warn(grid.period, regions, industries, spectrum)
        regions = {cells.region: grid.regions} | regions
        industries = {cells.industry: grid.industries} | industries
        described.append([(grid, table) for table in (regions, industries, spectrum)])
    return Complexity(*(cells.back(stacked(parts)) for parts in zip(*described, strict=True)))


def _described(there: Any, ddof: int, scale: str) -> tuple[dict, dict, dict]:
    """Return what the three tables of one period tell."""
    diversity, ubiquity = (there.sum(axis=axis).astype(int) for axis in (1, 0))
    of_regions, of_industries = _components(there)
    eci, pci = np.full(len(diversity), np.nan), np.full(len(ubiquity), np.nan)
    rows, columns = of_regions == 1, of_industries == 1
    singular = np.full(2, np.nan)
    if min(rows.sum(), columns.sum()) > 1:
        d, u = diversity[rows], ubiquity[columns]
        matrix = there.astype(float)
        if not (rows.all() and columns.all()):
            matrix = matrix[rows][:, columns]
        left, singular = _second(matrix, np.sqrt(d), np.sqrt(u))
        if singular[0] - singular[1] > 1e-8:
            one = left / np.sqrt(d)
            two = (matrix.T @ one) / u / singular[0] ** 2  # so that one is the mean of two
            sign = _sign(one, d)
            eci[rows] = sign * (one - one.mean()) / one.std(ddof=ddof)
            yard = two if scale == "own" else one
            pci[columns] = sign * (two - yard.mean()) / yard.std(ddof=ddof)
    components = max(of_regions.max(initial=0), of_industries.max(initial=0))
    spectrum = {
        "components": np.array([components]),
        "second_singular_value": singular[:1],
        "third_singular_value": singular[1:],
        "spectral_gap": singular[:1] - singular[1:],
    }
    return (
        {"complexity": eci, "diversity": diversity, "component": of_regions},
        {"complexity": pci, "ubiquity": ubiquity, "component": of_industries},
        spectrum,
    )


def _components(there: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return the component of every region and industry: 1 is the largest, 0 linked to nothing."""
    from scipy import sparse
    from scipy.sparse.csgraph import connected_components

    regions, industries = there.shape
    ends = np.append(there.indptr, np.full(industries, there.nnz))  # industries point nowhere
    links = (there.data, there.indices + regions, ends)
    network = sparse.csr_array(links, shape=(regions + industries,) * 2)
    label = connected_components(network, directed=False)[1]
    size = np.bincount(label)
    linked = (size > 1).sum()  # what is present nowhere, or has nothing, is linked to nothing
    place = np.zeros(len(size), dtype=int)
    place[np.argsort(-size, kind="stable")[:linked]] = np.arange(1, linked + 1)
    return place[label[:regions]], place[label[regions:]]


def _warn(period: dict[str, Any], regions: dict, industries: dict, spectrum: dict) -> None:
    """Say how many regions and industries have no complexity, and why."""
    eci, pci = regions["complexity"], industries["complexity"]
    lost = np.isnan(eci).sum(), np.isnan(pci).sum()
    if not any(lost):
        return
    when = "".join(f" ({name} {label})" for name, label in period.items())
    why = f"{spectrum['components'][0]} networks that nothing connects, or nothing present"
    if np.isnan(eci).all():
        why = "no second dimension stands out, so the order of regions is not identified"
    warnings.warn(
        f"{lost[0]} of {len(eci)} regions and {lost[1]} of {len(pci)} industries have no "
        f"complexity{when}: {why}.",
        stacklevel=4,  # whoever called the measure
    )


def _second(matrix: Any, d: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the second left singular vector of ``matrix / outer(d, u)``, and two values."""
    from threadpoolctl import threadpool_limits

    if min(matrix.shape) <= SMALL:
        left, singular, _ = np.linalg.svd(matrix.toarray() / d[:, None] / u, full_matrices=False)
        return left[:, 1], np.append(singular, 0.0)[1:3]
    down, up = matrix.T, matrix.T.tocsr().T  # by columns both ways: many products follow
    first, d, weight = d / np.linalg.norm(d), d[:, None], u[:, None] ** -2

    def rest(block: np.ndarray) -> np.ndarray:
        """Apply the scaled matrix and its transpose, without their known first part."""
        return up @ (weight * (down @ (block / d))) / d - np.outer(first, first @ block)

    with threadpool_limits(1, "blas"):  # its steps are too small to share: threads would spin
        squares, vectors = _leading_two(rest, len(first))
    return vectors[0], np.sqrt(np.where(squares > ROUNDING, squares, 0.0))


def _leading_two(
    operator: Callable[[np.ndarray], np.ndarray], size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the two largest eigenvalues of a symmetric operator, and their vectors as rows.

    One after the other, because a search from one start never sees two values that coincide.
    """
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    values, vectors = np.empty(0), np.empty((0, size))
    chance = np.random.default_rng(0)  # the same result on every run

    def rest(vector: np.ndarray) -> np.ndarray:
        vector = vector.reshape(-1, 1)
        return operator(vector) - vectors.T @ (values[:, None] * (vectors @ vector))

    try:
        for accuracy in (1e-12, 1e-8):
            found = LinearOperator((size, size), matvec=rest, dtype=float)
            value, vector = eigsh(found, 1, v0=chance.random(size), maxiter=ROUNDS, tol=accuracy)
            values, vectors = np.append(values, value), np.vstack([vectors, vector.T])
    except ArpackNoConvergence as error:
        raise MeasureError(
            f"The second dimension of the network was not found in {ROUNDS} rounds.",
            why="Its leading singular values lie very close together.",
            fix="Leave out regions or industries that hardly anything connects with the rest.",
        ) from error
    return values, vectors


def _sign(eci: np.ndarray, diversity: np.ndarray) -> float:
    """Return the sign that makes ECI go with diversity, or the first region's positive."""
    together = (eci - eci.mean()) @ (diversity - diversity.mean())
    if abs(together) > 1e-9 * np.linalg.norm(eci) * np.linalg.norm(diversity):
        return float(np.sign(together))
    return float(np.sign(eci[np.argmax(np.abs(eci) > 1e-9 * np.abs(eci).max())]))
