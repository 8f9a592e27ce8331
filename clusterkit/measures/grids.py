"""Regions by industries as a matrix, for the measures that compare all with all."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from clusterkit.measures.tables import (
    AMOUNT,
    Columns,
    check_unique,
    collect,
    columns_of,
    off_arrow,
    read,
)


@dataclass(frozen=True)
class Grid:
    """The regions by industries matrix of one period, and the rows it was added up from."""

    period: dict[str, Any]
    rows: nw.Series[Any]  # the names of the regions, sorted
    columns: nw.Series[Any]  # the names of the industries, sorted
    matrix: Any  # scipy sparse array of the sums of all cells
    column: np.ndarray  # of every input row, the place of its industry
    table: nw.DataFrame[Any]

    def in_columns(self, name: str) -> np.ndarray:
        """Return the sum of a working column over each industry."""
        return np.bincount(self.column, self.table[name].to_numpy(), len(self.columns))


def grids(
    frame: Any,
    *,
    region: str,
    industry: str,
    value: str,
    by: Columns,
    duplicates: str | None,
    missing: str,
    **working: nw.Expr,
) -> Iterator[Grid]:
    """Read a table and yield the matrix of every period.

    Rows of lazy tables are added up where they are, so only cells are loaded; those of tables in
    memory are added up by scipy. The `working` columns are functions of `AMOUNT` to be summed too.
    """
    from scipy.sparse import coo_array

    keys, periods = columns_of(by, region, industry), columns_of(by)
    lazy = isinstance(nw.from_native(frame), nw.LazyFrame)
    options = {"keys": keys, "value": value, "missing": missing}
    table = read(frame, **options, duplicates="error" if lazy and duplicates == "error" else None)
    table = table.with_columns(AMOUNT, **working)
    if lazy and duplicates != "error":
        table = table.group_by(keys).agg(nw.col("_amount", *working).sum())
    table = off_arrow(collect(table))
    parts = [((), table)]
    if periods:
        parts = sorted(table.group_by(periods), key=lambda part: part[0])
    for names, part in parts:
        (rows, row), (columns, column) = number(part[region]), number(part[industry])
        cells = coo_array((part["_amount"].to_numpy(), (row, column)), (len(rows), len(columns)))
        matrix = cells.tocsr()
        if duplicates == "error" and matrix.nnz < len(row):
            check_unique(table, keys)
        period = dict(zip(periods, names, strict=True))
        yield Grid(period, rows, columns, matrix, column, part)


def number(names: nw.Series[Any]) -> tuple[nw.Series[Any], np.ndarray]:
    """Return the distinct names in order, and the place of every row's name among them."""
    if names.implementation.is_pandas():
        codes, found = pd.factorize(names.to_native(), sort=True)
        return nw.from_native(pd.Series(found), series_only=True), codes
    if names.dtype == nw.Categorical:
        names = names.cast(nw.String)
    if names.implementation.is_polars() and names.dtype == nw.String:
        return _number_texts(names)
    labels = names.unique().sort()
    return labels, pd.factorize(names.to_numpy(), sort=True)[0]


def _number_texts(names: nw.Series[Any]) -> tuple[nw.Series[Any], np.ndarray]:
    """Number texts through categories: one pass over them, where sorting takes several."""
    coded = names.cast(nw.Categorical).to_native()
    found = coded.unique()
    labels = found.cast(names.to_native().dtype)
    order = labels.arg_sort()
    codes, of_labels = (series.to_physical().to_numpy() for series in (coded, found.gather(order)))
    place = np.empty(of_labels.max(initial=0) + 1, dtype=np.int64)
    place[of_labels] = np.arange(len(of_labels))
    return nw.from_native(labels.gather(order), series_only=True), place[codes]


def stack(parts: Iterable[tuple[dict[str, Any], dict[str, Any]]]) -> nw.DataFrame[Any]:
    """Return one table from (period, columns) pairs; the first column must be a narwhals series.

    Columns are series, arrays (NaN becomes missing) or lists of texts.
    """
    tables = []
    for period, columns in parts:
        first = next(iter(columns.values()))
        made: dict[str, Any] = {name: [label] * len(first) for name, label in period.items()}
        floats = []
        for name, column in columns.items():
            made[name] = column
            if isinstance(column, nw.Series):
                made[name] = nw.maybe_reset_index(column)
            elif isinstance(column, list):
                made[name] = nw.new_series(name, column, nw.String, backend=first.implementation)
            elif column.dtype.kind == "f" and np.isnan(column).any():
                floats.append(nw.col(name).fill_nan(None))
        table = nw.from_dict(made, backend=first.implementation)
        tables.append(table.with_columns(*floats) if floats else table)
    return nw.maybe_reset_index(nw.concat(tables))


def beside(
    table: nw.DataFrame[Any], names: nw.Series[Any], matrix: np.ndarray
) -> nw.DataFrame[Any]:
    """Return a table with the columns of a matrix at its right; NaN becomes missing."""
    labels = [str(name) for name in names]
    right = nw.from_numpy(matrix, labels, backend=table.implementation)
    holes = [nw.col(labels[k]).fill_nan(None) for k in np.isnan(matrix).any(axis=0).nonzero()[0]]
    right = right.with_columns(*holes) if holes else right
    return nw.concat([table, right], how="horizontal")
