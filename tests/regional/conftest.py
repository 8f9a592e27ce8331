"""Tables that many tests share, and the kinds of table a measure must take and give back."""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pytest

TEXTBOOK = [
    [100, 0, 0, 0, 0],
    [0, 15, 5, 70, 10],
    [0, 20, 10, 20, 50],
    [0, 25, 30, 5, 40],
    [0, 40, 55, 5, 0],
]


def long_table(matrix: Any, value: str = "jobs") -> pd.DataFrame:
    """Return one row per cell: regions r0, r1 ... by industries i0, i1 ..."""
    matrix = np.asarray(matrix)
    row, column = np.indices(matrix.shape)
    return pd.DataFrame(
        {
            "region": [f"r{place}" for place in row.ravel()],
            "industry": [f"i{place}" for place in column.ravel()],
            value: matrix.ravel(),
        }
    )


@pytest.fixture
def cells() -> Callable[..., pd.DataFrame]:
    return long_table


@pytest.fixture
def textbook() -> pd.DataFrame:
    return long_table(TEXTBOOK)


@dataclass(frozen=True)
class Kind:
    """A kind of table: how to make one, what it is, how to look at it."""

    name: str

    def make(self, frame: pd.DataFrame) -> Any:
        if self.name == "pandas":
            return frame
        if self.name.startswith("polars"):
            import polars as pl

            table = pl.from_pandas(frame, nan_to_null=False)
            return table.lazy() if self.name == "polars_lazy" else table
        if self.name == "pyarrow":
            import pyarrow as pa

            return pa.Table.from_pandas(frame, preserve_index=False)
        if self.name == "duckdb":
            import duckdb

            return duckdb.from_df(frame)
        from pyspark.sql import SparkSession

        session = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
        # Small tables: 200 tasks a query, and code compiled for it, would cost more than the sums.
        few = session.config("spark.sql.shuffle.partitions", 2)
        plain = few.config("spark.sql.codegen.wholeStage", False)
        return plain.getOrCreate().createDataFrame(frame)

    def show(self, table: Any) -> pd.DataFrame:
        """Return the table as pandas, after checking that it is of this kind."""
        module, name = type(table).__module__.split(".")[0], type(table).__name__
        expected = {
            "pandas": ("pandas", "DataFrame"),
            "polars": ("polars", "DataFrame"),
            "polars_lazy": ("polars", "LazyFrame"),
            "pyarrow": ("pyarrow", "Table"),
            "duckdb": (module, "DuckDBPyRelation"),
            "pyspark": ("pyspark", "DataFrame"),
        }[self.name]
        assert (module, name) == expected
        if self.name == "pandas":
            return table
        if self.name == "duckdb":
            return table.df()
        if self.name == "pyspark":
            return table.toPandas()
        table = table.collect() if self.name == "polars_lazy" else table
        columns = table.to_pydict() if self.name == "pyarrow" else table.to_dict(as_series=False)
        return pd.DataFrame(columns)


KINDS = ["pandas", "polars_lazy", "pyarrow", "duckdb", "pyspark"]  # Arrow is worked on as polars


def kind_named(name: str) -> Kind:
    if importlib.util.find_spec(name.split("_", maxsplit=1)[0]) is None:
        pytest.skip(f"{name} is not installed")
    return Kind(name)


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    return kind_named(request.param)


@pytest.fixture(params=["polars", *KINDS])
def every_kind(request: pytest.FixtureRequest) -> Kind:
    return kind_named(request.param)
