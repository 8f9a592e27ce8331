"""Any table in, checked once; the same kind of table out.

Measures are written on narwhals, so pandas, polars, DuckDB and Spark tables go in and come out as
what they were. Lazy tables stay lazy: only a one-row summary is collected, to check the values
before they are used. Arrow tables are worked on as polars (or pandas) tables, because window
sums on them return wrong totals above 65,536 rows.

Three things are kept apart everywhere: a *zero*, written as 0 or as an absent row; a *missing*
value, which is an error unless `missing` says what it means; and a *withheld* value, known to lie
between a low and a high, which belongs in `location_quotient_bounds` or `screen`.
"""

import functools
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Literal, get_args, get_origin

import narwhals as nw
import numpy as np
import pandas as pd

from clusterkit.errors import DataError, MeasureError, UnknownNameError

Table = nw.DataFrame[Any] | nw.LazyFrame[Any]
Columns = str | Sequence[str] | None
Side = Literal["region", "industry"]

CLAIMS = "claims"  # the column that carries the ids of the claims a row rests on
AMOUNT = nw.col("_amount")  # the checked values; keys must not begin with "_"
TOTAL = AMOUNT.sum()

# What measures add to the columns that name cells
RESULTS = """
allocation cell_high cell_low change coagglomeration competitive complexity component components
concentration_ratio diversity ellison_glaeser ellison_glaeser_null_high ellison_glaeser_null_low
ellison_glaeser_reason ellison_glaeser_z entropy entry geographic_concentration herfindahl
herfindahl_equivalent herfindahl_normalised hoover_index industry_mix krugman_index
location_quotient location_quotient_high location_quotient_log location_quotient_low
location_quotient_reason location_quotient_symmetric location_quotient_z locational_gini national
plant_herfindahl plants present proximity regional related_variety relatedness_density
second_singular_value spectral_gap third_singular_value total_variety ubiquity unrelated_variety
"""


@dataclass(frozen=True)
class Cells:
    """The table a measure is given: what its columns are, and what its gaps and repeats mean.

    Parameters
    ----------
    frame : table
        One row per region and industry (and period). An absent row is a zero.
    region, industry : str
        The columns that name a cell; where both may be left out, one of them is needed.
    value : str
        The column of values.
    by : str or sequence of str
        The period, or other columns that split the table.
    duplicates : {"error", "sum"}
        What a second row for the same cell means.
    missing : {"error", "skip", "zero"}
        What a missing value means: "skip" leaves the cell out of every total.
    """

    frame: Any
    value: str
    region: str | None = None
    industry: str | None = None
    by: Columns = None
    duplicates: Literal["error", "sum"] = "error"
    missing: Literal["error", "skip", "zero"] = "error"

    @property
    def periods(self) -> list[str]:
        """The columns that split the table."""
        return names_of(self.by)

    @property
    def keys(self) -> list[str]:
        """The columns that together name a cell."""
        return names_of(self.by, self.region, self.industry)

    def described(self, of: Side) -> tuple[list[str], str]:
        """Return the columns that name a row of the result, and the one a total is spread over.

        Without one of the two, a result describes the whole of every period.
        """
        if self.region is None and self.industry is None:
            raise MeasureError(
                "Neither region= nor industry= was given.",
                fix="Name the column whose rows share a total, such as industry='sector'.",
            )
        if self.region is None or self.industry is None:
            return self.periods, self.region or self.industry or ""
        own, other = self.region, self.industry
        if of == "industry":
            own, other = other, own
        return [*self.periods, own], other

    def read(self, *keys: Columns) -> Table:
        """Return the checked cells: their `keys` (by default those of the cells), and `AMOUNT`."""
        named = names_of(*keys) or self.keys
        table = self.bare(named)
        if self.duplicates == "error":
            return check_unique(table, named)
        added = table.group_by(named).agg(TOTAL)
        # A query promises no order, and one that sorts before its windows pays for nothing.
        is_query = isinstance(added, nw.LazyFrame) and not added.implementation.is_polars()
        return added if is_query else in_order(added, named)

    def rows(self, *needed: Columns) -> Table:
        """Return the checked cells with all other columns, or without if added up."""
        table = open_table(self.frame, self.keys, self.value, *names_of(*needed))
        columns = table.collect_schema().names()
        if self.duplicates == "sum":
            if CLAIMS in columns:
                raise DataError(
                    "Rows are to be added up, but each rests on its own claims.",
                    where=f"column {CLAIMS!r}",
                    fix="Add the rows up first, joining their claims, or drop the column.",
                )
            return self.read()
        if own := [name for name in columns if name.startswith("_")]:
            raise MeasureError(
                f"The column {own[0]!r} begins with '_', as the working columns of measures do.",
                fix="Rename it or drop it.",
            )
        table = check_values(table.with_columns(self._amount(table)), self.keys, self)
        return check_unique(table, self.keys)

    def back(self, result: Table) -> Any:
        """Return the result as the kind of table that was given."""
        return as_kind_of(self.frame, result)

    def bare(self, keys: Sequence[str]) -> Table:
        """Return the checked rows with nothing but their keys and `AMOUNT`, none added up."""
        table = open_table(self.frame, keys, self.value)
        table = check_values(table.select(*keys, self._amount(table)), keys, self)
        return table.filter(~AMOUNT.is_null()) if self.missing == "skip" else table

    def _amount(self, table: Table) -> nw.Expr:
        """Return the values as 64-bit numbers, not-a-number being missing."""
        kind = table.collect_schema()[self.value]
        if not (kind.is_numeric() or kind == nw.Boolean):
            raise DataError(
                f"The column {self.value!r} holds {kind}, not numbers.", fix="Convert it first."
            )
        amount = nw.col(self.value).cast(nw.Float64)
        return (amount.fill_nan(None) if kind.is_float() else amount).alias("_amount")


ENTRY = re.compile(r"^(\w+).* : .*\n(?: .*\n)+", re.MULTILINE)  # of a parameter, in a docstring


def measure(
    *, optional: Sequence[str] = ("by",), without: Sequence[str] = ()
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make a measure of a function of `Cells`: it takes a table and the names of its columns.

    Its signature and its docstring have the fields of `Cells`, but for those it is `without`, and
    then its own parameters; of the columns, only the `optional` ones may be left out. What is
    given for a parameter annotated as a literal must be one of its choices.
    """
    optional, shared = {*optional, "duplicates", "missing"} - {*without}, {}
    for name, field in inspect.signature(Cells).parameters.items():
        if name == "frame":
            shared[name] = field.replace(kind=field.POSITIONAL_OR_KEYWORD)
        elif name in optional:
            shared[name] = field.replace(kind=field.KEYWORD_ONLY)
        elif name not in without:
            shared[name] = inspect.Parameter(name, field.KEYWORD_ONLY, annotation=str)
    entries = ENTRY.finditer(f"{inspect.getdoc(Cells)}\n")
    meanings = "".join(entry[0] for entry in entries if entry[1] in shared)

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        own = inspect.signature(function)
        parameters = [*shared.values(), *list(own.parameters.values())[1:]]
        signature = own.replace(parameters=parameters)

        @functools.wraps(function)
        def measured(*args: Any, **named: Any) -> Any:
            try:
                given = signature.bind(*args, **named).arguments
            except TypeError as error:
                raise TypeError(f"{function.__name__}() {error}") from None
            for name, chosen in given.items():
                kind = signature.parameters[name].annotation
                if get_origin(kind) is Literal:
                    called = f"choice for {name}=" if name in shared else name
                    check_choice("side for of=" if name == "of" else called, chosen, get_args(kind))
            fields = {name: given.pop(name) for name in shared if name in given}
            return function(Cells(**fields), **given)

        rule = "Parameters\n----------\n"
        measured.__doc__ = (inspect.getdoc(function) or "").replace(rule, rule + meanings, 1)
        measured.__signature__ = signature
        # doctest passes over functions that are wrapped in another module, but not over these
        function.__globals__.setdefault("__test__", {})[function.__name__] = function
        return measured

    return decorate


def names_of(*parts: Columns) -> list[str]:
    """Return the column names in `parts` as one flat list; None names nothing."""
    return [name for part in parts if part for name in ([part] if isinstance(part, str) else part)]


def check_choice(kind: str, name: str, known: Iterable[str]) -> None:
    """Raise an error that lists the `known` choices unless `name` is one of them."""
    if name not in (known := tuple(known)):
        raise UnknownNameError.among(kind, name, known)


def open_table(frame: Any, keys: Sequence[str] = (), *others: str) -> Table:
    """Return `frame` as a narwhals table that has these columns; the keys are to name cells."""
    for key in keys:
        if key in RESULTS.split() or key.startswith("_"):
            raise MeasureError(
                f"A column named {key!r} cannot name regions, industries or periods.",
                why="Measures add a column of this name, or work with names that begin with '_'.",
                fix=f"Rename it, for example to 'the_{key.lstrip('_')}'.",
            )
    try:
        table = nw.from_native(frame)
    except TypeError as error:
        raise MeasureError(
            f"A {type(frame).__name__} is not a table.",
            fix="Pass a pandas, polars, Arrow, DuckDB or Spark table.",
        ) from error
    known, expected = table.collect_schema().names(), [*keys, *others]
    for name in expected:
        if name not in known:
            raise UnknownNameError.among("column", name, known)
    if twice := {name for name in expected if expected.count(name) > 1}:
        raise MeasureError(
            f"The column {min(twice)!r} is named for two purposes.",
            fix="Give region=, industry=, value= and by= a column each.",
        )
    if table.implementation.is_pandas() and {*frame.index.names} & {*known}:
        # pandas finds a name ambiguous that both the index and a column bear
        table = nw.from_native(frame.rename_axis(index=[None] * frame.index.nlevels))
    return arrow_as_polars(table)


def arrow_as_polars(table: Table) -> Table:
    """Return an Arrow table as a polars table, or as pandas where there is no polars."""
    if not table.implementation.is_pyarrow():
        return table
    try:
        return nw.from_native(table.to_polars())
    except ModuleNotFoundError:
        return nw.from_native(table.to_pandas())


def check_values(table: Table, keys: Sequence[str], cells: Cells) -> Table:
    """Return the rows, each of which has its keys and a finite value that is not negative."""
    named = {f"named_{place}": nw.col(key).count() for place, key in enumerate(keys)}
    summary = table.select(
        rows=nw.len(), known=AMOUNT.count(), low=AMOUNT.min(), high=AMOUNT.max(), **named
    )
    facts = collect(summary).rows(named=True)[0]
    rows, gaps = int(facts["rows"]), int(facts["rows"] - facts["known"])
    for place, key in enumerate(keys):
        if count := int(rows - facts[f"named_{place}"]):
            raise DataError(
                f"{count} of {rows} rows have no {key}.",
                where=f"column {key!r}",
                fix="Fill the gaps or leave those rows out.",
            )
    if gaps and cells.missing == "error":
        raise DataError(
            f"{gaps} of {rows} values are missing.",
            where=f"column {cells.value!r}",
            why="A missing value is neither zero nor absent, and every total would be too small.",
            fix='Pass missing="zero" if it means none, missing="skip" to leave the cells out.',
        )
    if gaps < rows and not 0 <= facts["low"] <= facts["high"] < np.inf:
        raise DataError(
            f"Values must be finite and not negative; they run from {facts['low']:g} "
            f"to {facts['high']:g}.",
            where=f"column {cells.value!r}",
            why="A share of a total with negative parts has no meaning.",
            fix="Use a figure that cannot be negative, or leave those rows out.",
        )
    return table.with_columns(AMOUNT.fill_null(0.0)) if cells.missing == "zero" else table


def check_unique(table: Table, keys: Sequence[str]) -> Table:
    """Return the table, of which no two rows name the same cell."""
    counted = table.group_by(keys).agg(_rows=nw.len()).filter(nw.col("_rows") > 1)
    for again in collect(counted.sort(keys).head(1)).iter_rows(named=True):
        cell = ", ".join(f"{key}={again[key]!r}" for key in keys)
        raise DataError(
            f"The cell {cell} has {again['_rows']} rows.",
            why="Rows repeat, or a column that tells them apart (a year?) is not in by=.",
            fix='Name that column in by=, or pass duplicates="sum" to add rows up.',
        )
    return table


def collect(table: Table) -> nw.DataFrame[Any]:
    """Return the rows of a lazy table, or the table itself."""
    return table.collect() if isinstance(table, nw.LazyFrame) else table


def as_kind_of(like: Any, result: Table) -> Any:
    """Return `result` as the kind of table that `like` is."""
    source = nw.from_native(like)
    if source.implementation.is_pyarrow():
        return result.to_arrow()
    if isinstance(source, nw.LazyFrame) and isinstance(result, nw.DataFrame):
        is_spark = source.implementation.is_pyspark()
        session = {"session": source.to_native().sparkSession} if is_spark else {}
        result = result.lazy(source.implementation, **session)
    return result.to_native()


def within(expr: nw.Expr, *keys: Columns) -> nw.Expr:
    """Return `expr` within each group of the keys, or over all rows where none are named."""
    named = names_of(*keys)
    return expr.over(*named) if named else expr


def in_order(table: Table, keys: Sequence[str]) -> Table:
    """Return the rows in order of the keys, numbered anew where rows have numbers."""
    table = table.sort(keys)
    return nw.maybe_reset_index(table) if isinstance(table, nw.DataFrame) else table


def summarise(table: Table, group: Sequence[str], **measures: nw.Expr) -> Table:
    """Return one row per group, in order; a measure is missing where the total is zero."""
    named = [expr.alias(name) for name, expr in measures.items()]
    named.append(TOTAL.alias("_total"))
    table = in_order(table.group_by(group).agg(*named), group) if group else table.select(*named)
    some = nw.when(nw.col("_total") > 0)
    return table.select(*group, *[some.then(nw.col(name)).alias(name) for name in measures])


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
    """Yield the matrix of every period, and sums of `working` columns, which are made of `AMOUNT`.

    Rows of lazy tables are added up where they are, unless they are needed `apart`.
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
    """Return the columns that `describe` tells of every matrix `stacked` in one table."""
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
    """Return one table of the series, arrays (NaN is missing) or texts told of each grid."""
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
