"""Many reports at once: planned whole, made side by side, told as they end.

`publish` makes one report a notebook and an overview; `sweep` makes reports of one notebook under
many settings and compares them. What stands for its inputs is left alone, so that what was
interrupted goes on where it stopped, and a report that fails stops no other.
"""

import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from threading import Event

from clusterkit.errors import ParameterError, StaleError, UnknownNameError
from clusterkit.evidence.shelf import changed_files
from clusterkit.files import make_folder
from clusterkit.runs.contract import shown
from clusterkit.runs.execute import stop_kernels
from clusterkit.runs.notebook import read_notebook
from clusterkit.runs.page import write_comparison, write_overview
from clusterkit.runs.report import Outcome, Report
from clusterkit.runs.workshop import SCENARIOS, Run, Workshop

FEW = 2  # reports, for which forked kernels do not pay
LONGEST_NAME = 150  # of a folder; file systems take about 255 bytes
Due = tuple[Report, tuple[str, ...]]


@dataclass(frozen=True)
class Published:
    """What was published: one outcome a report, as planned, and the page that leads to them."""

    outcomes: tuple[Outcome, ...]
    index: Path

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes of the reports that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.error)


def publish(shop: Workshop, runs: Iterable[Run] | None = None, **how: object) -> Published:
    """Make a report of each run that has no current one, and an overview of all that stand there.

    Parameters
    ----------
    shop : Workshop
    runs : iterable of Run, optional
        One for each notebook; all with their defaults unless given.
    **how
        As for `make`.

    Raises
    ------
    StaleError
        Before anything runs: data changed, but not its record.
    """
    if runs is None:
        runs = [shop.ask(contract.notebook) for contract in shop.chosen()]
    reports = [Report(run, shop.reports / run.notebook) for run in runs]
    outcomes = make(reports, allowed=lambda: _refuse_changed_data(shop.data), **how)
    fresh = {outcome.name for outcome in outcomes if not outcome.error}
    lang = next((str(run.given["lang"]) for run in runs if "lang" in run.given), "en")
    return Published(outcomes, write_overview(shop, fresh, lang=lang))


def sweep(reports: Sequence[Report], **how: object) -> Published:
    """Make the reports of a `plan`, as `make` does, and compare what they found."""
    outcomes = make(reports, **how)
    return Published(outcomes, write_comparison(outcomes))


def plan(
    shop: Workshop,
    notebook: str,
    *,
    grid: Mapping[str, Sequence[object]] | None = None,
    scenarios: Iterable[str] | None = None,
    given: Mapping[str, object] | None = None,
    pages: bool = True,
) -> list[Report]:
    """Return the reports of a sweep, their parameters checked; nothing runs.

    Parameters
    ----------
    shop : Workshop
    notebook : str
        Its name, with or without ``.ipynb``.
    grid : mapping of str to sequence, optional
        Values to try of each parameter; all combinations are meant.
    scenarios : iterable of str, optional
        Names in ``scenarios.toml``, crossed with the grid. Without both: all of the notebook's.
    given : mapping, optional
        The same for all runs.
    pages : bool
        Render each run as a page too; one that stands there without gets its page without a run.

    Raises
    ------
    UnknownNameError, DataError
        There is no such notebook or scenario, or ``scenarios.toml`` breaks its rules.
    ParameterError
        A combination is not allowed, a parameter is given twice, or nothing is to be varied.
    """
    name, grid, given = shop.contract(notebook).notebook, dict(grid or {}), dict(given or {})
    begin = _begin(shop, name, scenarios, grid)
    home = shop.reports / "sweeps" / name
    reports: dict[str, Report] = {}
    for (scenario, run), values in product(begin.items(), product(*grid.values())):
        _refuse_twice(name, run.given, given, grid)
        point = given | dict(zip(grid, values, strict=True))
        words = [scenario] * bool(scenario) + [f"{key}-{shown(it)}" for key, it in point.items()]
        asked = replace(_ask(shop, name, {**run.given, **point}), meaning=run.meaning)
        report = Report(asked, home / _slug("--".join(words)), pages)
        if asked.values in [other.run.values for other in reports.values()]:
            raise ParameterError(
                f"Two runs would be the same: {report.name}.",
                where=f"notebook {name}",
                fix="Name each value and each scenario once.",
            )
        reports[report.name] = report
    return list(reports.values())


def _begin(
    shop: Workshop, name: str, scenarios: Iterable[str] | None, grid: Mapping
) -> dict[str, Run]:
    """Return the runs that a grid is crossed with, by their names; a bare one has none."""
    known = shop.scenarios.get(name, {})
    for scenario in scenarios or ():
        if scenario not in known:
            raise UnknownNameError.among("scenario", scenario, known, where=f"notebook {name}")
    if scenarios:
        return {scenario: known[scenario] for scenario in scenarios}
    if not known and not grid:
        raise ParameterError(
            f"There is nothing to vary: {name} has no scenarios.",
            fix=f"Give a grid, e.g. --grid year_to=2020,2024, or add [{name}.NAME] to {SCENARIOS}.",
        )
    return {"": shop.ask(name)} if grid else known


def make(
    reports: Sequence[Report],
    *,
    force: bool = False,
    workers: int | None = None,
    kernels: str | None = None,
    executor: Executor | None = None,
    allowed: Callable[[], None] = lambda: None,
    begun: Callable[[Sequence[Due]], None] = lambda due: None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> tuple[Outcome, ...]:
    """Make the reports that are not current, or lack the page they should have.

    Parameters
    ----------
    reports : sequence of Report
    force : bool
        Make those that are current, too.
    workers : int, optional
        How many at the same time; one more than there are cores, which is also the most.
    kernels : {'forked', 'ordinary'}, optional
        See `clusterkit.runs.kernels.kernels`; ordinary ones for a few reports.
    executor : concurrent.futures.Executor, optional
        Makes the reports elsewhere, with ordinary kernels: a process pool, or a cluster's. It must
        see the same folders.
    allowed : callable
        Called before anything is made; it may raise.
    begun : callable
        Called with the reports that are to be made, and the reasons why.
    told : callable
        Called with each outcome as soon as it is there.

    Returns
    -------
    tuple of Outcome
        In the order of the reports; one that failed is an outcome with an error, no exception.

    Raises
    ------
    DataError
        Before anything is made: a notebook file is no good.
    RunError
        A folder of reports cannot be written.
    """
    outcomes: dict[str, Outcome] = {}

    def note(outcome: Outcome) -> None:
        outcomes[outcome.name] = outcome
        told(outcome)

    reasons = [report.reasons() or ("asked for again",) * force for report in reports]
    due = [(it, why) for it, why in zip(reports, reasons, strict=True) if why or it.lacks_page]
    if due:
        allowed()
    for report, _ in due:
        read_notebook(report.run.path)
        make_folder(report.home.parent)
    for report in reports:
        if report not in [it for it, _ in due]:
            note(Outcome(report))
    if due:
        begun(due)
    if executor is not None:
        _gather([executor.submit(report.make, why) for report, why in due], note)
    elif due:
        _make_here(due, note, workers, kernels)
    return tuple(outcomes[report.name] for report in reports)


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _make_here(
    due: Sequence[Due], note: Callable[[Outcome], None], workers: int | None, kind: str | None
) -> None:
    """Make reports side by side in kernels of this machine; broken off, no kernel stays behind."""
    from clusterkit.runs.kernels import kernels

    most, stopped = cores() + 1, Event()
    kind = kind or (None if len(due) > FEW else "ordinary")
    with kernels(kind) as server, ThreadPoolExecutor(min(workers or most, most)) as pool:
        running = [pool.submit(report.make, reasons, server, stopped) for report, reasons in due]
        try:
            _gather(running, note)
        except BaseException:
            stopped.set()
            # one that never began tells nobody that it is over, so nobody waits for it
            stop_kernels([one for one in running if not one.cancelled()])
            raise


def _gather(running: Sequence[Future], note: Callable[[Outcome], None]) -> None:
    try:
        for done in as_completed(running):
            note(done.result())
    except BaseException:
        for one in running:
            one.cancel()
        raise


def _refuse_changed_data(folder: Path) -> None:
    if changed := changed_files(folder):
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        raise StaleError(
            f"The data is not what its datapackage says: {changed[0]}{more}.",
            where=str(folder),
            why="A table was edited, or damaged.",
            fix="Look at the change; if it was meant, enter it: clusterkit data",
        )


def _ask(shop: Workshop, name: str, given: Mapping[str, object]) -> Run:
    try:
        return shop.ask(name, given)
    except ParameterError as error:
        told = ", ".join(f"{key}={shown(value)}" for key, value in given.items())
        where = f"notebook {name}, run {told}"
        raise ParameterError(error.what, where=where, why=error.why, fix=error.fix) from error


def _slug(text: str) -> str:
    """Return a name fit for a folder and a link; what had to go leaves a mark of its own.

    Examples
    --------
    >>> _slug("low--year_to-2018"), _slug("region-浙江")
    ('low--year_to-2018', 'region--b0fe0c')
    """
    plain = re.sub(r"[^\w.+-]+", "-", text, flags=re.ASCII)[:LONGEST_NAME]
    return text if plain == text else f"{plain}{sha256(text.encode()).hexdigest()[:6]}"


def _refuse_twice(notebook: str, *sources: Mapping[str, object]) -> None:
    names = [name for source in sources for name in source]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(
            f"The parameter {name!r} is given twice.",
            where=f"notebook {notebook}",
            why="It stands in two of: the grid, the scenario, the parameters for all runs.",
            fix=f"Leave {name} to one of them.",
        )
