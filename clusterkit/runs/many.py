"""Many reports at once: planned whole, made side by side, told as they end.

`publish` makes one report a notebook and an overview; `sweep` makes reports of one notebook under
many settings and compares them. What stands for its inputs is left alone, so that what was
interrupted goes on where it stopped, and a report that fails stops no other.
"""

import csv
import io
import json
import os
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from threading import Event

from clusterkit.errors import DataError, ParameterError, StaleError, UnknownNameError
from clusterkit.files import make_folder, write_whole
from clusterkit.runs.contract import Contract, shown
from clusterkit.runs.execute import stop_kernels
from clusterkit.runs.manifest import FAILURE, changes, read_manifest
from clusterkit.runs.notebook import read_notebook
from clusterkit.runs.page import overview_page, sweep_page, thumbnail
from clusterkit.runs.report import FAILED, WHY, Outcome, Report
from clusterkit.runs.workshop import SCENARIOS, Run, Workshop
from clusterkit.words import nearest

FEW = 2  # reports, for which forked kernels do not pay
LONGEST_NAME = 150  # of a folder; file systems take about 255 bytes
COMPARED = ("headline", "differs", "run", "value", "low", "high", "unit", "status", "claims")
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


def publish(
    shop: Workshop,
    runs: Iterable[Run] | None = None,
    *,
    force: bool = False,
    workers: int = 2,
    begun: Callable[[Sequence[Due]], None] = lambda due: None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Published:
    """Run the notebooks whose report is not current, and write a report for each and an overview.

    The overview is made from what stands in the folder, so publishing one notebook again keeps the
    cards of the others.

    Parameters
    ----------
    shop : Workshop
    runs : iterable of Run, optional
        One for each notebook; all with their defaults unless given.
    force : bool
        Run current reports too.
    workers : int
        How many notebooks run at the same time.
    begun : callable
        Called with the reports that are to be made, and the reasons why.
    told : callable
        Called with each outcome as soon as it is there.

    Returns
    -------
    Published
        A failed notebook is an outcome with an error, not an exception.

    Raises
    ------
    DataError, StaleError
        Before anything runs: a notebook file is no good, or data changed, but not its record.
    RunError
        The reports folder cannot be written.
    """
    if runs is None:
        runs = [shop.ask(contract.notebook) for contract in shop.chosen()]
    reports = [Report(run, shop.reports / run.notebook) for run in runs]
    due = _due(reports, force)
    if due:
        _refuse_changed_data(shop)
    outcomes = _made(reports, due, begun=begun, told=told, workers=workers)
    fresh = {outcome.name for outcome in outcomes if not outcome.error}
    cards = [_card(shop, it, it.notebook in fresh) for it in shop.contracts.values()]
    lang = next((str(run.given["lang"]) for run in runs if "lang" in run.given), "en")
    index = shop.reports / "index.html"
    write_whole(index, overview_page(cards, lang=lang))
    return Published(outcomes, index)


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
        As for `sweep`.

    Raises
    ------
    UnknownNameError, DataError
        There is no such notebook or scenario, or ``scenarios.toml`` breaks its rules.
    ParameterError
        A combination is not allowed, a parameter is given twice, or nothing is to be varied.
    """
    contract = shop.contract(notebook)
    where = f"notebook {contract.notebook}"
    grid, fixed = dict(grid or {}), dict(given or {})
    known = shop.scenarios.get(contract.notebook, {})
    names = list(scenarios or ([] if grid else known))
    for name in names:
        if name not in known:
            raise UnknownNameError.among("scenario", name, known, where=where)
    if not names and not grid:
        raise ParameterError(
            f"There is nothing to vary: {contract.notebook} has no scenarios.",
            fix=f"Give a grid, e.g. --grid year_to=2020,2024, or add [{contract.notebook}.NAME] "
            f"to {SCENARIOS}.",
        )
    home = shop.reports / "sweeps" / contract.notebook
    reports: list[Report] = []
    for name, values in product(names or [None], product(*grid.values())):
        meaning, scenario = (known[name].meaning, known[name].run.given) if name else ("", {})
        _refuse_twice(where, scenario, fixed, grid)
        point = fixed | dict(zip(grid, values, strict=True))
        words = [name] if name else []
        words += [f"{key}-{shown(value)}" for key, value in point.items()]
        run = _point(shop, contract, {**scenario, **point})
        report = Report(run, home / _slug("--".join(words)), pages, meaning)
        if report.run.values in [other.run.values for other in reports]:
            raise ParameterError(
                f"Two runs would be the same: {report.name}.",
                where=where,
                fix="Name each value and each scenario once.",
            )
        reports.append(report)
    return reports


def sweep(
    reports: Sequence[Report],
    *,
    workers: int | None = None,
    kernels: str | None = None,
    executor: Executor | None = None,
    force: bool = False,
    begun: Callable[[Sequence[Due]], None] = lambda due: None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Published:
    """Make the reports of a `plan`, and compare what they found.

    Parameters
    ----------
    reports : sequence of Report
        From `plan`. One that stands there without the page it should have gets it without a run.
    workers : int, optional
        Runs at the same time; one more than there are cores, which is also the most.
    kernels : {'forked', 'ordinary'}, optional
        See `clusterkit.runs.kernels.kernels`.
    executor : concurrent.futures.Executor, optional
        Makes the reports elsewhere, with ordinary kernels: a process pool, or a cluster's. It must
        see the same folders.
    force : bool
        Run also what is up to date.
    begun, told : callable
        As for `publish`.

    Returns
    -------
    Published
        A failed run is among its outcomes, not an exception.
    """
    most = cores() + 1
    outcomes = _made(
        reports,
        _due(reports, force),
        begun=begun,
        told=told,
        workers=min(workers or most, most),
        kernels=kernels,
        executor=executor,
    )
    return Published(outcomes, _write_index(outcomes))


def cores() -> int:
    """Return how many processor cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _due(reports: Sequence[Report], force: bool) -> list[Due]:
    """Return the reports that are not current or lack their page, each with the reasons why."""
    asked = ("asked for again",) if force else ()
    all_reasons = [(report, report.reasons() or asked) for report in reports]
    return [
        (report, reasons)
        for report, reasons in all_reasons
        if reasons or (report.pages and not report.page.is_file())
    ]


def _made(
    reports: Sequence[Report],
    due: Sequence[Due],
    *,
    begun: Callable[[Sequence[Due]], None],
    told: Callable[[Outcome], None],
    workers: int,
    kernels: str | None = None,
    executor: Executor | None = None,
) -> tuple[Outcome, ...]:
    """Make what is due, and return the outcomes of all reports in their order."""
    outcomes: dict[str, Outcome] = {}

    def note(outcome: Outcome) -> None:
        outcomes[outcome.name] = outcome
        told(outcome)

    names = {report.name for report, _ in due}
    for report in reports:
        if report.name not in names:
            note(Outcome(report, page=report.page))
    for report, _ in due:  # before anything runs
        read_notebook(report.run.path)
        make_folder(report.home.parent)
    begun(due)
    if executor is not None:
        _gather([executor.submit(report.make, reasons) for report, reasons in due], note)
    elif due:
        _make_here(due, note, workers, kernels)
    return tuple(outcomes[report.name] for report in reports)


def _make_here(
    due: Sequence[Due], note: Callable[[Outcome], None], workers: int, kind: str | None
) -> None:
    """Make reports side by side in kernels of this machine; broken off, no kernel stays behind."""
    from clusterkit.runs.kernels import kernels

    stopped = Event()
    kind = kind or (None if len(due) > FEW else "ordinary")
    with kernels(kind) as server, ThreadPoolExecutor(workers) as pool:
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


def _refuse_changed_data(shop: Workshop) -> None:
    from clusterkit.evidence.shelf import changed_files

    if changed := changed_files(shop.data):
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        raise StaleError(
            f"The data is not what its datapackage says: {changed[0]}{more}.",
            where=str(shop.data),
            why="A table was edited, or damaged.",
            fix="Look at the change; if it was meant, enter it: clusterkit data",
        )


def _card(shop: Workshop, contract: Contract, fresh: bool) -> dict[str, object]:
    """Return what the overview shows of a notebook, judged by what stands in its folder.

    What is fresh was found to be current just now, or made.
    """
    name = contract.notebook
    home = shop.reports / name
    card = {"name": name, "title": contract.title, "question": contract.question}
    card |= {"state": "missing", "link": None, "why": None, "picture": None, "parameters": {}}
    try:
        made = read_manifest(home)
        stale = not fresh and bool(changes(home, shop.ask(name, made.parameters)))
    except FileNotFoundError:
        made = None
    except DataError:
        made, card["state"] = None, "stale"
    except ParameterError:  # made with what its contract no longer allows
        stale = True
    if made:
        card |= {"state": "stale" if stale else "ready", "parameters": made.parameters}
        card |= {"link": f"{name}/{name}.html", "picture": thumbnail(home / f"{name}.ipynb")}
    if (home / FAILURE).is_file():
        failed = json.loads((home / FAILURE).read_text(encoding="utf-8"))
        card |= {"state": "failed", "why": f"{name}/{WHY}"}
        card["parameters"] = card["parameters"] or failed["parameters"]
    return card


def _point(shop: Workshop, contract: Contract, given: Mapping[str, object]) -> Run:
    try:
        return shop.ask(contract.notebook, given)
    except ParameterError as error:
        told = ", ".join(f"{name}={shown(value)}" for name, value in given.items())
        where = f"notebook {contract.notebook}, run {told}"
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


def _refuse_twice(where: str, *sources: Mapping[str, object]) -> None:
    names = [name for source in sources for name in source]
    for name in sorted({name for name in names if names.count(name) > 1}):
        raise ParameterError(
            f"The parameter {name!r} is given twice.",
            where=where,
            why="It stands in two of: the grid, the scenario, the parameters for all runs.",
            fix=f"Leave {name} to one of them.",
        )


def _write_index(outcomes: Sequence[Outcome]) -> Path:
    """Write ``index.csv``, ``comparison.csv`` and ``index.html`` of a sweep; return the last."""
    from clusterkit.runs.compare import compare

    reports = [outcome.report for outcome in outcomes]
    contract, home = reports[0].run.contract, reports[0].home.parent
    good = [outcome.report for outcome in outcomes if not outcome.error]
    compared = compare({report.name: read_notebook(report.notebook) for report in good})
    varied = varied_parameters([report.run for report in reports])
    rows = [_row(outcome, varied) for outcome in outcomes]
    _write_csv(home / "index.csv", list(rows[0]), rows)
    _write_csv(home / "comparison.csv", COMPARED, [row for one in compared for row in one.rows()])
    langs = {str(report.run.values.get("lang", "en")) for report in reports}
    words = nearest(langs.pop() if len(langs) == 1 else "en")
    page = sweep_page(
        contract,
        [row | {"meaning": it.meaning} for row, it in zip(rows, reports, strict=True)],
        [
            {"label": words.text(it.label), "differs": it.differs, "cells": it.worded(words)}
            for it in compared
        ],
        varied=varied,
        lang=words.code,
    )
    write_whole(home / "index.html", page)
    return home / "index.html"


def varied_parameters(runs: Sequence[Run]) -> list[str]:
    """Return the parameters in which runs differ, in the order of the contract."""
    first = runs[0].values
    return [name for name in first if any(run.values[name] != first[name] for run in runs)]


def _row(outcome: Outcome, varied: Sequence[str]) -> dict[str, object]:
    report, failed = outcome.report, outcome.state == FAILED
    page = WHY if failed else report.page.name
    return {
        "run": report.name,
        **{name: shown(report.run.values[name]) for name in varied},
        "state": outcome.state,
        "page": f"{report.name}/{page}" if (report.home / page).is_file() else "",
        "notebook": "" if failed else f"{report.name}/{report.notebook.name}",
        "error": str(outcome.error or ""),
    }


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_whole(path, text.getvalue())
