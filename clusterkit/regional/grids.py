"""Cells as matrices: the regions by industries of each period, and back to one table."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from clusterkit.regional.cells import AMOUNT, Cells, arrow_as_polars, check_unique, collect


@dataclass(frozen=True)
class Grid:
    """The regions by industries matrix of one period, and the rows it was added up from."""

    cells: Cells
    period: dict[str, Any]
    regions: nw.Series[Any]  # their names, sorted
    industries: nw.Series[Any]
    matrix: Any  # scipy sparse array of the sums of all cells
    industry_of: np.ndarray  # of every row, the place of its industry
    rows: nw.DataFrame[Any]

    def pairs(self, one: np.ndarray, two: np.ndarray) -> dict[str, Any]:
        """Return the columns that name pairs of industries, found by their places."""
        name = self.cells.industry
        return {name: self.industries[one], f"{name}_other": self.industries[two]}

    def in_industries(self, name: str) -> np.ndarray:
        """Return the sum of a working column over each industry."""
        return np.bincount(self.industry_of, self.rows[name].to_numpy(), len(self.industries))


def grids(cells: Cells, *, apart: bool = False, **working: nw.Expr) -> Iterator[Grid]:
    """Yield the matrix of every period.

    Rows of lazy tables are added up where they are, so only cells are loaded, unless rows are
    needed `apart`; those of tables in memory are added up by scipy. So are the `working` columns,
    which are made of `AMOUNT`.
    """
    from scipy.sparse import coo_array

    table = cells.bare(cells.keys).with_columns(AMOUNT, **working)
    unique = cells.duplicates == "error"
    if isinstance(table, nw.LazyFrame):
        if unique:
            check_unique(table, cells.keys)
        elif not apart:
            table = table.group_by(cells.keys).agg(nw.col("_amount", *working).sum())
    table = arrow_as_polars(collect(table))
    parts: Iterable[tuple[tuple[Any, ...], nw.DataFrame[Any]]] = [((), table)]
    if cells.periods:
        parts = sorted(table.group_by(cells.periods), key=itemgetter(0))
    for labels, part in parts:
        regions, row = sorted_names(part[cells.region])
        industries, column = sorted_names(part[cells.industry])
        places = (part["_amount"].to_numpy(), (row, column))
        matrix = coo_array(places, (len(regions), len(industries))).tocsr()
        if unique and matrix.nnz < len(row):
            check_unique(table, cells.keys)
        period = dict(zip(cells.periods, labels, strict=True))
        yield Grid(cells, period, regions, industries, matrix, column, part)


def per_period(cells: Cells, describe: Callable[[Grid], dict[str, Any]], **options: Any) -> Any:
    """Return what `describe` tells of the matrix of every period, as one table.

    It tells columns as `stacked` takes them; the options are those of `grids`.
    """
    return cells.back(stacked((grid, describe(grid)) for grid in grids(cells, **options)))


def sorted_names(names: nw.Series[Any]) -> tuple[nw.Series[Any], np.ndarray]:
    """Return the distinct names in order, and the place of every row's name among them."""
    if names.implementation.is_pandas():
        places, found = pd.factorize(names.to_native(), sort=True)
        return nw.from_native(pd.Series(found), series_only=True), places
    if names.dtype == nw.Categorical:
        names = names.cast(nw.String)
    if not (names.implementation.is_polars() and names.dtype == nw.String):
        return names.unique().sort(), pd.factorize(names.to_numpy(), sort=True)[0]
    # Through categories: one pass over the texts, where sorting takes several
    coded = names.cast(nw.Categorical).to_native()
    found = coded.unique()
    labels = found.cast(names.to_native().dtype)
    order = labels.arg_sort()
    codes, of_labels = (series.to_physical().to_numpy() for series in (coded, found.gather(order)))
    place = np.empty(of_labels.max(initial=0) + 1, dtype=np.int64)
    place[of_labels] = np.arange(len(of_labels))
    return nw.from_native(labels.gather(order), series_only=True), place[codes]


def stacked(parts: Iterable[tuple[Grid, dict[str, Any]]]) -> nw.DataFrame[Any]:
    """Return one table of the columns told of each grid, beside its period.

    Columns are series, arrays (NaN becomes missing) or lists of texts.
    """
    tables = []
    for grid, columns in parts:
        backend, rows = grid.regions.implementation, len(next(iter(columns.values())))
        made: dict[str, Any] = {name: [label] * rows for name, label in grid.period.items()}
        floats = []
        for name, column in columns.items():
            made[name] = column
            if isinstance(column, nw.Series):
                made[name] = nw.maybe_reset_index(column)
            elif isinstance(column, list):
                made[name] = nw.new_series(name, column, nw.String, backend=backend)
            elif column.dtype.kind == "f" and np.isnan(column).any():
                floats.append(nw.col(name).fill_nan(None))
        table = nw.from_dict(made, backend=backend)
        tables.append(table.with_columns(*floats) if floats else table)
    return nw.maybe_reset_index(nw.concat(tables))
