"""Complexity, proximity and density of large networks, against plain numpy (and ecomplexity).

Run: ``python benchmarks/networks.py``. If the package ecomplexity is installed it is run too.
"""

import importlib
import importlib.util
import warnings

import numpy as np
import pandas as pd
import polars as pl
from compare import compare, header

from clusterkit.regional.relatedness import complexity, proximity, relatedness_density

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


def network(regions: int, industries: int, kind: str) -> np.ndarray:
    """Return a tenth of all cells: nested as real economies are, or at random (the worst case)."""
    rng = np.random.default_rng(5)
    chance = 0.1
    if kind == "nested":
        able, easy = rng.random((regions, 1), dtype="f4"), rng.random(industries, dtype="f4")
        chance = 0.4 * able * easy
    return rng.random((regions, industries), dtype="f4") < chance


def table_of(there: np.ndarray) -> pl.DataFrame:
    row, column = np.nonzero(there)
    regions = pl.Series([f"region {place:04}" for place in range(there.shape[0])])
    industries = pl.Series([f"industry {place:05}" for place in range(there.shape[1])])
    return pl.DataFrame({"region": regions[row], "industry": industries[column], "jobs": 1})


def by_hand(there: np.ndarray) -> np.ndarray:
    """Return ECI as most scripts compute it: all eigenvectors of the region by region matrix."""
    m = there[there.any(axis=1)][:, there.any(axis=0)].astype(float)
    d, u = m.sum(axis=1), m.sum(axis=0)
    values, vectors = np.linalg.eig((m / d[:, None]) @ (m / u).T)
    return vectors[:, np.argsort(-values.real)[1]].real


def proximity_by_hand(there: np.ndarray) -> np.ndarray:
    m = there.astype(float)
    together = m.T @ m
    return together / np.maximum.outer(m.sum(axis=0), m.sum(axis=0))


def peer(frame: pd.DataFrame):
    ecomplexity = importlib.import_module("ecomplexity").ecomplexity
    names = {"time": "time", "loc": "region", "prod": "industry", "val": "jobs"}
    return ecomplexity(frame.assign(time=0), names, presence_test="manual")


def main() -> None:
    warnings.simplefilter("ignore")
    for shape in ((1000, 5000), (3000, 20_000)):
        for kind in ("nested", "random"):
            there = network(*shape, kind)
            table = table_of(there)
            frame = table.to_pandas()
            ways = {
                "polars": lambda t=table: complexity(t, **KEYS, presence="positive"),
                "pandas": lambda t=frame: complexity(t, **KEYS, presence="positive"),
            }
            if shape[0] == 1000:
                ways["numpy by hand"] = lambda m=there: by_hand(m)
            title = f"complexity, {shape[0]} x {shape[1]}, {kind}, {len(table):,} cells"
            compare(title, ways, repeat=2)
    there = network(1000, 5000, "nested")
    table = table_of(there)
    frame = table.to_pandas()
    options = {**KEYS, "presence": "positive"}
    compare(
        "proximity, 1000 x 5000",
        {
            "wide": lambda: proximity(table, **options, form="wide"),
            "wide, pandas": lambda: proximity(frame, **options, form="wide"),
            "top_k=20": lambda: proximity(table, **options, top_k=20),
            "pairs": lambda: proximity(table, **options),
            "numpy by hand": lambda: proximity_by_hand(there),
        },
        repeat=2,
    )
    large = table_of(network(1000, 20_000, "nested"))
    compare(
        "proximity, 1000 x 20000",
        {"top_k=20": lambda: proximity(large, **options, top_k=20)},
        repeat=1,
    )
    compare(
        "relatedness_density, 1000 x 5000",
        {"polars": lambda: relatedness_density(table, **options)},
        repeat=2,
    )
    if importlib.util.find_spec("ecomplexity"):
        small = table_of(network(300, 1000, "nested"))
        frame = small.to_pandas()
        compare(
            "complexity, proximity, density, 300 x 1000",
            {
                "clusterkit": lambda: [
                    measure(frame, **KEYS, presence="positive")
                    for measure in (complexity, proximity, relatedness_density)
                ],
                "ecomplexity": lambda: peer(frame),
            },
            repeat=2,
        )


if __name__ == "__main__":
    header()
    main()
