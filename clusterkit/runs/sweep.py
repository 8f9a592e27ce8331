"""One notebook under many settings: planned whole, run side by side, resumed, compared.

A run that stands in its folder with the same parameters and inputs is not run again, so a sweep
that was interrupted goes on where it stopped.
"""

import os
import re
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from clusterkit.errors import ParameterError, UnknownNameError
from clusterkit.runs.contract import Contract, contract
from clusterkit.runs.execute import stop_kernels
from clusterkit.runs.making import Job
from clusterkit.runs.parameter import shown
from clusterkit.runs.places import notebooks_folder, reports_folder
from clusterkit.runs.scenarios import SCENARIOS, load_scenarios
from clusterkit.runs.tidy import read_notebook

if TYPE_CHECKING:
    from clusterkit.runs.kernels import ForkServer

LONGEST_NAME = 150  # file systems take about 255 bytes
DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True)
class Setting:
    """The parameters of one run.

    Parameters
    ----------
    name : str
        Names the run and its folder.
    given : mapping
        What differs from the defaults, typed.
    checked : mapping
        All parameters, typed.
    meaning : str
        What the scenario stands for, if it is one.
    """

    name: str
    given: Mapping[str, object]
    checked: Mapping[str, object]
    meaning: str = ""


@dataclass(frozen=True)
class Ran:
    """How one run fared.

    Parameters
    ----------
    setting : Setting
    state : {'done', 'kept', 'failed'}
        Kept: it stood there, and nothing it depends on has changed.
    seconds : float
    home : Path
        Its folder.
    error : str
        The error with the command that shows it again; empty for success.
    """

    setting: Setting
    state: str
    seconds: float
    home: Path
    error: str = ""


@dataclass(frozen=True)
class Sweep:
    """What a sweep left: its runs in the order planned, and the page that lists them."""

    runs: tuple[Ran, ...]
    index: Path

    @property
    def failed(self) -> tuple[Ran, ...]:
        """The runs that failed."""
        return tuple(run for run in self.runs if run.state == FAILED)


@dataclass(frozen=True)
class Task:
    """All that a run needs, ready to be sent to another process or machine."""

    setting: Setting
    job: Job
    force: bool = False


def plan(
    notebook: str,
    *,
    grid: Mapping[str, Sequence[object]] | None = None,
    scenarios: Iterable[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    folder: str | os.PathLike[str] | None = None,
    as_text: bool = False,
) -> list[Setting]:
    """Return the settings of a sweep, all checked; nothing runs.

    Parameters
    ----------
    notebook : str
        Its name, with or without ``.ipynb``.
    grid : mapping of str to sequence, optional
        Values to try of each parameter; all combinations are meant.
    scenarios : iterable of str, optional
        Names in ``scenarios.toml``, crossed with the grid. Without both: all of the notebook's.
    parameters : mapping, optional
        The same for all runs.
    folder : path, optional
        The notebooks folder.
    as_text : bool
        The values were typed on a command line.

    Raises
    ------
    UnknownNameError, DataError
        There is no such notebook or scenario, or ``scenarios.toml`` breaks its rules.
    ParameterError
        A combination is not allowed, a parameter is given twice, or nothing is to be varied.
    """
    terms = contract(notebook, folder)
    grid, fixed = dict(grid or {}), dict(parameters or {})
    known = load_scenarios(folder).get(terms.notebook, {})
    names = list(scenarios or ([] if grid else known))
    for name in names:
        if name not in known:
            raise UnknownNameError.among(
                "scenario", name, known, where=f"notebook {terms.notebook}"
            )
    if not names and not grid:
        raise ParameterError(
            f"There is nothing to vary: {terms.notebook} has no scenarios.",
            fix=f"Give a grid, e.g. --grid year_to=2020,2024, or add [{terms.notebook}.NAME] "
            f"to {SCENARIOS}.",
        )
    settings: dict[str, Setting] = {}
    for name in names or [None]:
        scenario = known[name].values if name else {}
        for values in product(*grid.values()):
            point = dict(zip(grid, values, strict=True))
            _refuse_twice(terms, scenario, fixed, point)
            setting = _setting(terms, name, scenario, fixed | point, as_text=as_text)
            if setting.checked in [other.checked for other in settings.values()]:
                raise ParameterError(
                    f"Two runs would be the same: {setting.name}.",
                    where=f"notebook {terms.notebook}",
                    fix="Name each value and each scenario once.",
                )
            meaning = known[name].meaning if name else ""
            settings[setting.name] = Setting(setting.name, setting.given, setting.checked, meaning)
    return list(settings.values())


def sweep(
    notebook: str,
    *,
    grid: Mapping[str, Sequence[object]] | None = None,
    scenarios: Iterable[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    folder: str | os.PathLike[str] | None = None,
    out: str | os.PathLike[str] | None = None,
    as_text: bool = False,
    workers: int | None = None,
    kernels: str | None = None,
    executor: Executor | None = None,
    pages: bool = True,
    force: bool = False,
    planned: Callable[[Sequence[Setting]], None] = lambda settings: None,
    told: Callable[[Ran], None] = lambda run: None,
) -> Sweep:
    """Run a notebook under many settings, and compare what it found.

    Parameters
    ----------
    notebook, grid, scenarios, parameters, folder, as_text
        As for `plan`.
    out : path, optional
        Where to; the runs stand in ``sweeps/NOTEBOOK`` there. See
        `clusterkit.runs.places.reports_folder`.
    workers : int, optional
        Runs at the same time; one more than there are cores, which is also the most.
    kernels : {'forked', 'ordinary'}, optional
        See `clusterkit.runs.kernels.kernels`.
    executor : concurrent.futures.Executor, optional
        Runs the tasks elsewhere, with ordinary kernels: a process pool, or a cluster's. It must
        see the same folders.
    pages : bool
        Render each run as a page too; one that stands there without gets its page without a run.
    force : bool
        Run also what is up to date.
    planned : callable
        Called with all settings before the first runs.
    told : callable
        Called with each run as soon as it is over.

    Returns
    -------
    Sweep
        A failed run is among its runs, not an exception.
    """
    settings = plan(
        notebook,
        grid=grid,
        scenarios=scenarios,
        parameters=parameters,
        folder=folder,
        as_text=as_text,
    )
    terms = contract(notebook, folder)
    name, own = terms.notebook, Path(folder).resolve() if folder else None
    read_notebook(notebooks_folder(folder) / f"{name}.ipynb")
    home = reports_folder(out) / "sweeps" / name
    tasks = [
        Task(it, Job(name, it.checked, it.given, home / it.name, own, pages), force)
        for it in settings
    ]
    planned(settings)
    if executor is not None:
        runs = _gather([executor.submit(run_task, task) for task in tasks], told)
    else:
        runs = _run_here(tasks, workers, kernels, told)
    order = {setting.name: number for number, setting in enumerate(settings)}
    runs.sort(key=lambda run: order[run.setting.name])
    from clusterkit.runs.sweep_index import write_index

    return Sweep(tuple(runs), write_index(terms, runs, home))


def run_task(task: Task, server: "ForkServer | None" = None, stopped: Event | None = None) -> Ran:
    """Run one setting and leave its report in its folder, or an account of failure."""
    started = time.perf_counter()
    job = task.job
    kept = not (task.force or job.reasons())
    error = None
    if not kept or (job.pages and not job.page.is_file()):
        _, error = job.attempt(server, stopped, kept=kept)
    if error and stopped and stopped.is_set():  # the notebook is not to blame
        raise error
    state = FAILED if error else KEPT if kept else DONE
    return Ran(task.setting, state, time.perf_counter() - started, job.home, str(error or ""))


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _run_here(
    tasks: Sequence[Task], workers: int | None, kind: str | None, told: Callable[[Ran], None]
) -> list[Ran]:
    from clusterkit.runs.kernels import kernels

    most = cores() + 1
    stopped = Event()
    with kernels(kind) as server, ThreadPoolExecutor(min(workers or most, most)) as pool:
        running = [pool.submit(run_task, task, server, stopped) for task in tasks]
        try:
            return _gather(running, told)
        except BaseException:
            stopped.set()
            stop_kernels(running)
            raise


def _gather(waiting: list, told: Callable[[Ran], None]) -> list[Ran]:
    runs = []
    try:
        for done in as_completed(waiting):
            runs.append(done.result())
            told(runs[-1])
    except BaseException:
        for one in waiting:
            one.cancel()
        raise
    return runs


def _setting(
    terms: Contract,
    scenario: str | None,
    values: Mapping[str, object],
    others: Mapping[str, object],
    *,
    as_text: bool,
) -> Setting:
    words = [f"{name}-{shown(value)}" for name, value in others.items()]
    name = _slug("--".join([scenario, *words] if scenario else words))
    try:
        checked = terms.check({**values, **others}, as_text=as_text)
    except ParameterError as error:
        told = ", ".join(f"{name}={shown(value)}" for name, value in {**values, **others}.items())
        where = f"notebook {terms.notebook}, run {told}"
        raise ParameterError(error.what, where=where, why=error.why, fix=error.fix) from error
    return Setting(name, {key: checked[key] for key in (*values, *others)}, checked)


def _slug(text: str) -> str:
    """Return a name fit for a folder and a link; what had to go leaves a mark of its own.

    Examples
    --------
    >>> _slug("low--year_to-2018"), _slug("region-浙江")
    ('low--year_to-2018', 'region--b0fe0c')
    """
    plain = re.sub(r"[^\w.+-]+", "-", text, flags=re.ASCII)[:LONGEST_NAME]
    return text if plain == text else f"{plain}{sha256(text.encode()).hexdigest()[:6]}"


def _refuse_twice(terms: Contract, *sources: Mapping[str, object]) -> None:
    names = [name for source in sources for name in source]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(
            f"The parameter {name!r} is given twice.",
            where=f"notebook {terms.notebook}",
            why="It stands in two of: the grid, the scenario, the parameters for all runs.",
            fix=f"Leave {name} to one of them.",
        )
