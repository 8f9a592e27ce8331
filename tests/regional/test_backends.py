"""Every measure gives the same on every kind of table, above the size at which Arrow windows fail.

Window sums over Arrow tables return wrong totals above 65,536 rows; these tables have more than
2**17, in random order.
"""

from functools import cache

import numpy as np
import pandas as pd
import polars as pl
import pytest

from clusterkit.regional import agglomeration, concentration, quotients, relatedness
from clusterkit.regional import shift_share as shifts

REGIONS, INDUSTRIES = 410, 350
KEYS = {"region": "region", "industry": "industry", "value": "jobs"}
UNIQUE = {**KEYS, "duplicates": "sum"}


@cache
def large():
    """Return more than 2**17 plants, several to a cell, in two years, in random order."""
    rng = np.random.default_rng(17)
    rows = 150_000
    region = rng.integers(0, REGIONS, rows)
    table = pd.DataFrame(
        {
            "region": np.char.add("r", region.astype(str)),
            "industry": np.char.add("i", rng.integers(0, INDUSTRIES, rows).astype(str)),
            "year": rng.integers(2019, 2021, rows),
            "jobs": rng.integers(1, 500, rows) * (1 + region % 7),
        }
    )
    assert len(table) > 2**17
    return table.assign(sector=table["industry"].str[:2])


MEASURES = {
    "location_quotient": lambda table: quotients.location_quotient(table, **UNIQUE, form="z"),
    "herfindahl": lambda table: concentration.herfindahl(table, **UNIQUE, by="year"),
    "concentration_ratio": lambda table: concentration.concentration_ratio(table, **UNIQUE),
    "entropy": lambda table: concentration.entropy(table, **UNIQUE, of="industry"),
    "variety": lambda table: concentration.related_variety(table, **UNIQUE, sector="sector"),
    "krugman_index": lambda table: concentration.krugman_index(table, **UNIQUE, exclude_self=True),
    "gini": lambda table: concentration.locational_gini(table, **UNIQUE, by="year"),
    "shift_share": lambda table: shifts.shift_share(table, **UNIQUE, by="year"),
    "ellison_glaeser": lambda table: agglomeration.ellison_glaeser(table, **KEYS),
    "coagglomeration": lambda table: agglomeration.coagglomeration(table, **KEYS),
    "proximity": lambda table: relatedness.proximity(table, **UNIQUE, top_k=5),
    "density": lambda table: relatedness.relatedness_density(table, **UNIQUE),
    "complexity": lambda table: relatedness.complexity(table, **UNIQUE).regions,
}


@cache
def reference(name):
    """Return the measure of the rows in order, as a polars table."""
    rows = pl.from_pandas(large().sort_values(["industry", "region", "jobs"]))
    return tidy(pd.DataFrame(MEASURES[name](rows).to_dict(as_series=False)))


def tidy(table):
    """Return the table in order, without empty columns (reasons that were not needed)."""
    names = ["year", "region", "industry", "industry_other"]
    table = table.sort_values([key for key in names if key in table], ignore_index=True)
    return table.dropna(axis=1, how="all")


@cache
def made(kind):
    return kind.make(large())


@pytest.mark.parametrize("name", MEASURES)
def test_the_kind_of_table_changes_nothing(every_kind, name):
    out = tidy(every_kind.show(MEASURES[name](made(every_kind))))
    pd.testing.assert_frame_equal(out, reference(name), check_dtype=False, rtol=1e-6, atol=1e-9)


def test_large_unique_cells_too(kind):
    cells = large().groupby(["region", "industry"], as_index=False)["jobs"].sum()
    padded = pd.concat([cells.assign(year=year) for year in (1, 2)]).sample(frac=1, random_state=1)
    assert len(padded) > 2**17
    out = kind.show(quotients.location_quotient(kind.make(padded), **KEYS, by="year"))
    out = out.sort_values(["year", "region", "industry"])["location_quotient"].to_numpy()
    full = cells.set_index(["region", "industry"])["jobs"]
    by_hand = full / full.groupby("region").transform("sum")
    by_hand = by_hand / (full.groupby("industry").transform("sum") / full.sum())
    np.testing.assert_allclose(out, np.tile(by_hand, 2), rtol=1e-12)
