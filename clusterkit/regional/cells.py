"""Any table in, checked once; the same kind of table out.

Measures are written on narwhals, so pandas, polars, DuckDB and Spark tables go in and come out as
what they were. Lazy tables stay lazy: only a one-row summary is collected, to check the values
before they are used. Arrow tables are worked on as polars (or pandas) tables, because window
sums on them return wrong totals above 65,536 rows.

Three things are kept apart everywhere: a *zero*, written as 0 or as an absent row; a *missing*
value, which is an error unless `missing` says what it means; and a *withheld* value, known to lie
between a low and a high, which belongs in `location_quotient_bounds` or `screen`.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from clusterkit.errors import DataError, MeasureError, UnknownNameError

Table = nw.DataFrame[Any] | nw.LazyFrame[Any]
Columns = str | Sequence[str] | None

CLAIMS = "claims"  # the column that carries the ids of the claims a row rests on
AMOUNT = nw.col("_amount")  # the checked values; keys must not begin with "_"

# What measures add to the columns that name cells
RESULTS = {
    "allocation", "cell_high", "cell_low", "change", "coagglomeration", "competitive",
    "complexity", "component", "components", "concentration_ratio", "diversity",
    "ellison_glaeser", "ellison_glaeser_null_high", "ellison_glaeser_null_low",
    "ellison_glaeser_reason", "ellison_glaeser_z", "entropy", "entry", "geographic_concentration",
    "herfindahl", "herfindahl_equivalent", "herfindahl_normalised", "hoover_index",
    "industry_mix", "krugman_index", "location_quotient", "location_quotient_high",
    "location_quotient_log", "location_quotient_low", "location_quotient_reason",
    "location_quotient_symmetric", "location_quotient_z", "locational_gini", "national",
    "plant_herfindahl", "plants", "present", "proximity", "regional", "related_variety",
    "relatedness_density", "second_singular_value", "spectral_gap", "third_singular_value",
    "total_variety", "ubiquity", "unrelated_variety",
}  # fmt: skip


def columns_of(*parts: Columns) -> list[str]:
    """Return the column names in `parts` as one flat list; None names nothing.

    Examples
    --------
    >>> columns_of("year", None, ["region", "industry"])
    ['year', 'region', 'industry']
    """
    return [name for part in parts if part for name in ([part] if isinstance(part, str) else part)]


def choose(kind: str, name: str, known: Iterable[str]) -> str:
    """Return `name` if it is one of the `known` choices, else raise an error that lists them."""
    if name not in (known := tuple(known)):
        raise UnknownNameError.among(kind, name, known)
    return name


def sides(region: str | None, industry: str | None, by: Columns, of: str) -> tuple[list[str], str]:
    """Return the columns that name a row of the result, and the column a total is spread over.

    With both columns a result describes each region (or each industry, ``of="industry"``) in
    every period; with one it describes the whole of every period.
    """
    choose("side for of=", of, ("region", "industry"))
    if region is None and industry is None:
        raise MeasureError(
            "Neither region= nor industry= was given.",
            fix="Name the column whose rows share a total, such as industry='sector'.",
        )
    if region is None or industry is None:
        return columns_of(by), region or industry or ""
    own, other = (region, industry) if of == "region" else (industry, region)
    return columns_of(by, own), other


def open_table(frame: Any, expected: Sequence[str]) -> Table:
    """Return `frame` as a narwhals table that has the `expected` columns.

    Raises
    ------
    MeasureError
        `frame` is not a table, or a column is named for two purposes.
    UnknownNameError
        A column does not exist.
    """
    try:
        table = nw.from_native(frame)
    except TypeError as error:
        raise MeasureError(
            f"A {type(frame).__name__} is not a table.",
            fix="Pass a pandas, polars, Arrow, DuckDB or Spark table.",
        ) from error
    known = table.collect_schema().names()
    if table.implementation.is_pandas():
        table = _unnamed(table)
    for name in expected:
        if name not in known:
            raise UnknownNameError.among("column", name, known)
    if twice := {name for name in expected if expected.count(name) > 1}:
        raise MeasureError(
            f"The column {min(twice)!r} is named for two purposes.",
            fix="Give region=, industry=, value= and by= a column each.",
        )
    return off_arrow(table)


def _unnamed(table: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Return a pandas table whose index bears no name of a column, which pandas finds ambiguous."""
    native = table.to_native()
    if {*native.index.names} & {*native.columns}:
        native = native.rename_axis(index=[None] * native.index.nlevels)
    return nw.from_native(native)


def check_keys(keys: Sequence[str]) -> None:
    """Raise if a column that names cells is named as what measures add, or work with."""
    for key in keys:
        if key in RESULTS or key.startswith("_"):
            raise MeasureError(
                f"A column named {key!r} cannot name regions, industries or periods.",
                why="Measures add a column of this name, or work with names that begin with '_'.",
                fix=f"Rename it, for example to 'the_{key.lstrip('_')}'.",
            )


def off_arrow(table: Table) -> Table:
    """Return an Arrow table as a polars table, or as pandas where there is no polars."""
    if not table.implementation.is_pyarrow():
        return table
    try:
        return nw.from_native(table.to_polars())
    except ModuleNotFoundError:
        return nw.from_native(table.to_pandas())


def read(
    frame: Any,
    *,
    keys: Sequence[str],
    value: str,
    duplicates: str | None = "error",
    missing: str = "error",
    whole_rows: bool = False,
) -> Table:
    """Return the checked cells of a table: `keys`, and the values as `AMOUNT`.

    Parameters
    ----------
    frame : table
        One row per cell (``duplicates="error"``) or many to be added up (``"sum"``).
    keys : sequence of str
        The columns that together name a cell.
    value : str
        The column of values.
    duplicates : {"error", "sum"}
        What a second row for the same cell means. For rows that are plants, measures pass None.
    missing : {"error", "skip", "zero"}
        What a missing value means: "skip" leaves the cell out of every total.
    whole_rows : bool
        Keep all other columns (`claims` among them), and cells skipped as missing.

    Raises
    ------
    DataError
        Keys or values are missing, values are negative, infinite or not numbers, or a cell has
        several rows.
    """
    if duplicates is not None:
        choose("choice for duplicates=", duplicates, ("error", "sum"))
    choose("choice for missing=", missing, ("error", "skip", "zero"))
    check_keys(keys)
    table = open_table(frame, [*keys, value])
    schema = table.collect_schema()
    if not (schema[value].is_numeric() or schema[value] == nw.Boolean):
        raise DataError(
            f"The column {value!r} holds {schema[value]}, not numbers.", fix="Convert it first."
        )
    if whole_rows and duplicates == "sum" and CLAIMS in schema.names():
        raise DataError(
            "Rows are to be added up, but each rests on its own claims.",
            where=f"column {CLAIMS!r}",
            fix="Add the rows up first, joining their claims, or drop the column.",
        )
    whole_rows = whole_rows and duplicates != "sum"
    if whole_rows and (own := [name for name in schema.names() if name.startswith("_")]):
        raise MeasureError(
            f"The column {own[0]!r} begins with '_', as the working columns of measures do.",
            fix="Rename it or drop it.",
        )
    amount = nw.col(value).cast(nw.Float64)
    if schema[value].is_float():
        amount = amount.fill_nan(None)
    amount = amount.alias("_amount")
    table = table.with_columns(amount) if whole_rows else table.select(*keys, amount)
    _check_values(table, keys, value, missing)
    if missing == "zero":
        table = table.with_columns(AMOUNT.fill_null(0.0))
    elif missing == "skip" and not whole_rows:
        table = table.filter(~AMOUNT.is_null())
    if duplicates == "sum":
        cells = table.group_by(keys).agg(AMOUNT.sum())
        # A query promises no order, and one that sorts before its windows pays for nothing.
        return cells if is_query(cells) else in_order(cells, keys)
    if duplicates == "error":
        check_unique(table, keys)
    return table


def _check_values(table: Table, keys: Sequence[str], value: str, missing: str) -> None:
    """Raise unless every row has its keys and a finite value that is not negative."""
    named = {f"named_{place}": nw.col(key).count() for place, key in enumerate(keys)}
    facts = collect(
        table.select(
            rows=nw.len(), known=AMOUNT.count(), low=AMOUNT.min(), high=AMOUNT.max(), **named
        )
    ).rows(named=True)[0]
    rows, gaps = int(facts["rows"]), int(facts["rows"] - facts["known"])
    for place, key in enumerate(keys):
        if count := int(rows - facts[f"named_{place}"]):
            raise DataError(
                f"{count} of {rows} rows have no {key}.",
                where=f"column {key!r}",
                fix="Fill the gaps or leave those rows out.",
            )
    if gaps and missing == "error":
        raise DataError(
            f"{gaps} of {rows} values are missing.",
            where=f"column {value!r}",
            why="A missing value is neither zero nor absent, and every total would be too small.",
            fix='Pass missing="zero" if it means none, missing="skip" to leave the cells out.',
        )
    if gaps < rows and not 0 <= facts["low"] <= facts["high"] < np.inf:
        raise DataError(
            f"Values must be finite and not negative; they run from {facts['low']:g} "
            f"to {facts['high']:g}.",
            where=f"column {value!r}",
            why="A share of a total with negative parts has no meaning.",
            fix="Use a figure that cannot be negative, or leave those rows out.",
        )


def check_unique(table: Table, keys: Sequence[str]) -> None:
    """Raise if two rows name the same cell."""
    count = "_rows"
    counted = table.group_by(keys).agg(nw.len().alias(count)).filter(nw.col(count) > 1)
    again = collect(counted.sort(keys).head(1)).rows(named=True)
    if again:
        cell = ", ".join(f"{key}={again[0][key]!r}" for key in keys)
        raise DataError(
            f"The cell {cell} has {again[0][count]} rows.",
            why="Rows repeat, or a column that tells them apart (a year?) is not in by=.",
            fix='Name that column in by=, or pass duplicates="sum" to add rows up.',
        )


def collect(table: Table) -> nw.DataFrame[Any]:
    """Return the rows of a lazy table, or the table itself."""
    return table.collect() if isinstance(table, nw.LazyFrame) else table


def is_query(table: Table) -> bool:
    """Tell whether a lazy table is a query of a database, which keeps no order of rows."""
    return isinstance(table, nw.LazyFrame) and not table.implementation.is_polars()


def give(result: Table, like: Any) -> Any:
    """Return `result` as the kind of table that `like` is."""
    source = nw.from_native(like)
    if source.implementation.is_pyarrow():
        return result.to_arrow()
    if isinstance(source, nw.LazyFrame) and isinstance(result, nw.DataFrame):
        is_spark = source.implementation.is_pyspark()
        session = {"session": source.to_native().sparkSession} if is_spark else {}
        result = result.lazy(source.implementation, **session)
    return result.to_native()


def over(expr: nw.Expr, keys: Sequence[str]) -> nw.Expr:
    """Return `expr` within each group of `keys`, or over all rows where there are none."""
    return expr.over(*keys) if keys else expr


def in_order(table: Table, keys: Sequence[str]) -> Table:
    """Return the rows in order of the keys, numbered anew where rows have numbers."""
    table = table.sort(keys)
    return nw.maybe_reset_index(table) if isinstance(table, nw.DataFrame) else table


def summarise(table: Table, group: Sequence[str], **measures: nw.Expr) -> Table:
    """Return one row per group, in order; a measure is missing where the total is zero."""
    named = [expr.alias(name) for name, expr in measures.items()]
    named.append(AMOUNT.sum().alias("_total"))
    if not group:
        group, table = [], table.select(*named)
    else:
        table = in_order(table.group_by(group).agg(*named), group)
    some = nw.when(nw.col("_total") > 0)
    return table.select(*group, *[some.then(nw.col(name)).alias(name) for name in measures])


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
