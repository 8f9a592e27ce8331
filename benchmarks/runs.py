"""Run one small pandas and seaborn notebook many times, in five ways, side by side.

    python benchmarks/runs.py [NUMBER OF NOTEBOOKS] [WORKERS]

The last line says whether the outputs of our kernels are those of stock papermill, byte for byte.
"""

import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from clusterkit.runs.many import cores, plan, sweep
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook, tidy
from clusterkit.runs.workshop import Workshop

NAME = "bench"
CONTRACT = f"""
[{NAME}]
title = "Bench"
question = "How fast?"
[{NAME}.parameters.seed]
type = "int"
default = 0
meaning = "The seed"
[{NAME}.parameters.lang]
type = "str"
default = "en"
meaning = "Language"
"""
CELLS = [
    'seed = 0\nlang = "en"',
    """
    import numpy as np
    import pandas as pd
    import seaborn as sns
    """,
    """
    random = np.random.default_rng(seed)
    groups = random.choice(list("abcdef"), 2_000)
    firms = pd.DataFrame({"group": groups, "size": random.lognormal(3, 1, 2_000)})
    """,
    'firms.groupby("group")["size"].describe().round(3)',
    'axes = sns.barplot(firms, x="group", y="size", order=list("abcdef"), errorbar=None)',
    'firms.sort_values("size").tail(5)',
]


def write(folder: Path) -> None:
    v4 = notebook_library().v4
    cells = [v4.new_code_cell(textwrap.dedent(cell).strip()) for cell in CELLS]
    cells[0].metadata["tags"] = ["parameters"]
    (folder / f"{NAME}.ipynb").write_text(notebook_text(tidy(v4.new_notebook(cells=cells))))
    (folder / "contracts.toml").write_text(CONTRACT)


def stock(folder: Path, seed: int) -> None:
    import papermill

    out = folder / "stock" / f"{seed}.ipynb"
    papermill.execute_notebook(
        folder / f"{NAME}.ipynb", out, {"seed": seed}, kernel_name="python3", progress_bar=False
    )


def script(folder: Path, seed: int) -> None:
    text = "\n".join(textwrap.dedent(cell).strip() for cell in CELLS)
    shown = text.replace("seed = 0", f"seed = {seed}").replace("firms.groupby", "f = firms.groupby")
    save = f"axes.figure.savefig({str(folder / f'{seed}.png')!r})"
    subprocess.run([sys.executable, "-c", f"{shown}\n{save}"], check=True)


def pooled(kind: type, work: Callable, numbers: range, workers: int, **options) -> None:
    with kind(workers, **options) as pool:
        list(pool.map(work, numbers))


def ours(folder: Path, numbers: range, kernels: str, workers: int) -> None:
    shop = Workshop.here(folder, reports=folder / kernels)
    grid = {"seed": list(numbers)}
    reports = plan(shop, NAME, grid=grid, pages=False)  # the others leave no pages
    done = sweep(reports, kernels=kernels, workers=workers)
    assert not done.failed, done.failed[0].error


def equal(folder: Path, numbers: range, kernels: str) -> bool:
    home = folder / kernels / "sweeps" / NAME
    return all(
        normal(home / f"seed-{n}" / f"{NAME}.ipynb") == normal(folder / "stock" / f"{n}.ipynb")
        for n in numbers
    )


def normal(path: Path) -> str:
    """Return a notebook's text without times, and without our note of what it read."""
    notebook = tidy(read_notebook(path))
    notebook.metadata.pop("clusterkit", None)
    return notebook_text(notebook)


def main(number: int, workers: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, numbers = Path(name), range(number)
        write(folder)
        (folder / "stock").mkdir()
        one, spawn = partial(stock, folder), get_context("spawn")
        ways = {
            "papermill in a loop": lambda: [one(n) for n in numbers],
            "papermill, pool of 2 processes": lambda: pooled(
                ProcessPoolExecutor, one, numbers, 2, mp_context=spawn
            ),
            "plain scripts, 2 at a time": lambda: pooled(
                ThreadPoolExecutor, partial(script, folder), numbers, 2
            ),
            "clusterkit, ordinary kernels": lambda: ours(folder, numbers, "ordinary", workers),
            "clusterkit, forked kernels": lambda: ours(folder, numbers, "forked", workers),
        }
        print(f"{number} notebooks, {cores()} cores\n")
        print("| way | wall s | notebooks/s | of the pool's time |\n|---|--:|--:|--:|")
        took = {}
        for way, work in ways.items():
            started = time.perf_counter()
            work()
            took[way] = time.perf_counter() - started
            base = took.get("papermill, pool of 2 processes")
            share = f"{took[way] / base:.2f}" if base else ""
            print(f"| {way} | {took[way]:.1f} | {number / took[way]:.2f} | {share} |", flush=True)
        same = {kind: equal(folder, numbers, kind) for kind in ("ordinary", "forked")}
        print(f"\nByte for byte as stock papermill: {same}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(given[0] if given else 8, given[1] if len(given) > 1 else cores() + 1)
