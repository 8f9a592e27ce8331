"""Ellison-Glaeser and all-pairs coagglomeration of a million plants, against plain pandas.

Run: ``python benchmarks/agglomeration.py [rows]``.
"""

import sys

import duckdb
import numpy as np
from compare import compare, header
from quotients import plants

from clusterkit.regional.agglomeration import coagglomeration, ellison_glaeser

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


def gamma_by_hand(table):
    jobs = table["jobs"].astype(float)
    in_industry = jobs.groupby(table["industry"]).transform("sum")
    h = ((jobs / in_industry) ** 2).groupby(table["industry"]).sum()
    cells = table.pivot_table(
        index="region", columns="industry", values="jobs", aggfunc="sum", fill_value=0
    )
    x = cells.sum(axis=1) / cells.to_numpy().sum()
    g = (cells / cells.sum()).sub(x, axis=0).pow(2).sum()
    d = 1 - (x**2).sum()
    return (g - d * h) / (d * (1 - h))


def pairs_by_hand(table):
    cells = table.pivot_table(
        index="region", columns="industry", values="jobs", aggfunc="sum", fill_value=0
    )
    x = cells.sum(axis=1) / cells.to_numpy().sum()
    apart = (cells / cells.sum()).sub(x, axis=0)
    together = (apart.T @ apart / (1 - (x**2).sum())).to_numpy()
    names, (one, two) = cells.columns, np.triu_indices(len(together), 1)
    return names[one], names[two], together[one, two]


def main(rows: int) -> None:
    table = plants(rows)
    frame, relation = table.to_pandas(), duckdb.from_arrow(table.to_arrow())
    coded = frame.astype({"region": "category", "industry": "category"})
    tables = {"pandas": frame, "pandas, categories": coded, "polars": table, "DuckDB": relation}
    for measure, hand in ((ellison_glaeser, gamma_by_hand), (coagglomeration, pairs_by_hand)):
        ways = {kind: lambda t=t, m=measure: done(m(t, **KEYS)) for kind, t in tables.items()}
        ways["pandas by hand"] = lambda hand=hand: hand(frame)
        compare(f"{measure.__name__}, {rows:,} plants", ways)
    small = table.head(20_000)
    compare(
        "ellison_glaeser, 20,000 plants, null interval of 500 draws",
        {"polars": lambda: ellison_glaeser(small, **KEYS, draws=500)},
        repeat=1,
    )


def done(result):
    return result.fetchall() if isinstance(result, duckdb.DuckDBPyRelation) else result


if __name__ == "__main__":
    header()
    main(int(sys.argv[1]) if sys.argv[1:] else 1_000_000)
