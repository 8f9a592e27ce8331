"""Location quotients of plants, against the group-by one would write by hand.

Run: ``python benchmarks/quotients.py [rows ...]``; by default 1,000,000 and 10,000,000 rows.
"""

import sys
import tempfile
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
from compare import compare, header

from clusterkit.regional.quotients import location_quotient

KEYS = {"region": "region", "industry": "industry", "value": "jobs", "duplicates": "sum"}


def plants(rows: int) -> pl.DataFrame:
    rng = np.random.default_rng(1)
    regions = pl.Series([f"region {place:03}" for place in range(400)])
    industries = pl.Series([f"industry {place:03}" for place in range(350)])
    return pl.DataFrame(
        {
            "region": regions[rng.integers(0, 400, rows)],
            "industry": industries[rng.integers(0, 350, rows)],
            "jobs": rng.integers(1, 200, rows),
        }
    )


def by_pandas(table: pd.DataFrame) -> pd.DataFrame:
    cells = table.groupby(["region", "industry"], as_index=False)["jobs"].sum()
    in_region = cells.groupby("region")["jobs"].transform("sum")
    in_industry = cells.groupby("industry")["jobs"].transform("sum")
    cells["lq"] = cells["jobs"] * cells["jobs"].sum() / (in_region * in_industry)
    return cells


def by_polars(table: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame | pl.LazyFrame:
    jobs = pl.col("jobs")
    cells = table.group_by("region", "industry").agg(jobs.sum())
    in_region, in_industry = jobs.sum().over("region"), jobs.sum().over("industry")
    return cells.with_columns(lq=jobs * jobs.sum() / (in_region * in_industry)).sort(
        "region", "industry"
    )


def by_arrow(table: pa.Table) -> pa.Table:
    return by_polars(pl.from_arrow(table)).to_arrow()


def by_sql(source: str) -> str:
    return f"""
        WITH cells AS (
          SELECT region, industry, sum(jobs)::DOUBLE AS jobs FROM {source} GROUP BY ALL
        )
        SELECT *, jobs * sum(jobs) OVER () / (sum(jobs) OVER (PARTITION BY region)
               * sum(jobs) OVER (PARTITION BY industry)) AS lq FROM cells"""


def main(rows: int, folder: Path) -> None:
    table = plants(rows)
    file = folder / f"{rows}.parquet"
    table.write_parquet(file)
    title = f"quotients, {rows:,} rows"

    def both(kind, ours, hand):
        compare(f"{title}, {kind}", {"clusterkit": ours, "by hand": hand})

    scan, parquet = pl.scan_parquet(file), duckdb.read_parquet(str(file))
    arrow, frame = table.to_arrow(), table.to_pandas()
    both("polars", lambda: location_quotient(table, **KEYS), lambda: by_polars(table))
    both(
        "polars lazy, parquet",
        lambda: location_quotient(scan, **KEYS).collect(),
        lambda: by_polars(scan).collect(),
    )
    both(
        "DuckDB, parquet",
        lambda: location_quotient(parquet, **KEYS).fetchall(),
        lambda: duckdb.sql(by_sql(f"'{file}'")).fetchall(),
    )
    both("Arrow", lambda: location_quotient(arrow, **KEYS), lambda: by_arrow(arrow))
    both("pandas", lambda: location_quotient(frame, **KEYS), lambda: by_pandas(frame))


if __name__ == "__main__":
    header()
    with tempfile.TemporaryDirectory() as folder:
        for rows in [int(rows) for rows in sys.argv[1:]] or [1_000_000, 10_000_000]:
            main(rows, Path(folder))
