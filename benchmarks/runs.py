"""Run one notebook many times, in several ways, side by side.

    python benchmarks/runs.py [NUMBER] [NOTEBOOK PARAMETER FIRST]

Without a notebook, a small one of pandas and seaborn; else one of our own, a parameter counting up:
`runs.py 8 10-zhili-childrenswear year_to 2014`. The CPU is that of all processes. The last line
says whether the outputs of our kernels are those of stock papermill, byte for byte.
"""

import resource
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from clusterkit.runs.many import cores, plan, sweep
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook, tidy
from clusterkit.runs.workshop import Workshop

POOL = "papermill, pool of 2 processes"  # what all others are compared with
SMALL = "bench"
CONTRACT = f"""
[{SMALL}]
title = "Bench"
question = "How fast?"
[{SMALL}.parameters.seed]
type = "int"
default = 0
meaning = "The seed"
[{SMALL}.parameters.lang]
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


@dataclass(frozen=True)
class Task:
    """A notebook, and the values of one of its parameters."""

    notebook: Path
    parameter: str
    values: range
    out: Path

    def stock(self, value: int) -> None:
        """Run it once in stock papermill."""
        import papermill

        papermill.execute_notebook(
            self.notebook,
            self.out / "stock" / f"{value}.ipynb",
            {self.parameter: value},
            kernel_name="python3",
            progress_bar=False,
        )

    def script(self, value: int) -> None:
        """Run the small one once as a script: the floor of what the same Python can do."""
        text = "\n".join(textwrap.dedent(cell).strip() for cell in CELLS)
        text = text.replace("seed = 0", f"seed = {value}").replace("firms.group", "f = firms.group")
        save = f"axes.figure.savefig({str(self.out / f'{value}.png')!r})"
        subprocess.run([sys.executable, "-c", f"{text}\n{save}"], check=True)

    def ours(self, kernels: str) -> None:
        """Run it with all values, as `clusterkit sweep` does."""
        shop = Workshop.here(self.notebook.parent, reports=self.out / kernels)
        grid = {self.parameter: list(self.values)}
        reports = plan(shop, self.notebook.stem, grid=grid, pages=False)  # the others leave none
        done = sweep(reports, kernels=kernels, workers=cores() + 1)
        assert not done.failed, done.failed[0].error

    def equal(self, kernels: str) -> bool:
        """Return whether our notebooks are those of stock papermill, byte for byte."""
        name = self.notebook.stem
        runs = self.out / kernels / "sweeps" / name
        return all(
            notebook_text(tidy(read_notebook(runs / f"{self.parameter}-{n}" / f"{name}.ipynb")))
            == notebook_text(tidy(read_notebook(self.out / "stock" / f"{n}.ipynb")))
            for n in self.values
        )


def write(folder: Path) -> Path:
    """Write the small notebook and its contract."""
    v4 = notebook_library().v4
    cells = [v4.new_code_cell(textwrap.dedent(cell).strip()) for cell in CELLS]
    cells[0].metadata["tags"] = ["parameters"]
    path = folder / f"{SMALL}.ipynb"
    path.write_text(notebook_text(tidy(v4.new_notebook(cells=cells))))
    (folder / "contracts.toml").write_text(CONTRACT)
    return path


def pooled(kind: type, work: Callable, numbers: range, **options) -> None:
    with kind(2, **options) as pool:
        list(pool.map(work, numbers))


def cpu() -> float:
    """Return the CPU seconds of this process and of all it has waited for."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def measure(task: Task, ways: dict[str, Callable[[], None]]) -> None:
    """Print a line for each way; ratios are to the pool, which comes first."""
    print("| notebook | runs | way | CPU s | wall s | CPU ratio | wall ratio |")
    print("|---|--:|---|--:|--:|--:|--:|")
    base = None
    for way, work in ways.items():
        before, started = cpu(), time.perf_counter()
        work()
        took = cpu() - before, time.perf_counter() - started
        base = base or took
        ratios = " | ".join(f"{one / other:.2f}" for one, other in zip(took, base, strict=True))
        told = f"{took[0]:.1f} | {took[1]:.1f} | {ratios}"
        print(f"| {task.notebook.stem} | {len(task.values)} | {way} | {told} |", flush=True)


def main(number: int = 8, notebook: str = "", parameter: str = "seed", first: int = 0) -> None:
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        path = Workshop.here().notebooks / f"{notebook}.ipynb" if notebook else write(out)
        task = Task(path, parameter, range(first, first + number), out)
        (out / "stock").mkdir()
        spawned = {"mp_context": get_context("spawn")}
        ways = {
            POOL: partial(pooled, ProcessPoolExecutor, task.stock, task.values, **spawned),
            "papermill in a loop": lambda: [task.stock(value) for value in task.values],
            "clusterkit, ordinary kernels": partial(task.ours, "ordinary"),
            "clusterkit, forked kernels": partial(task.ours, "forked"),
        }
        if not notebook:
            script = partial(pooled, ThreadPoolExecutor, task.script, task.values)
            ways["plain scripts, 2 at a time"] = script
        measure(task, ways)
        same = {kind: task.equal(kind) for kind in ("ordinary", "forked")}
        print(f"\nByte for byte as stock papermill: {same}")


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*map(int, given[:1]), *given[1:3], *map(int, given[3:]))
