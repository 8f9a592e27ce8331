"""All reports at once: run, render, and lay out under ``reports/``, one folder a notebook.

A report that still stands for its inputs is left alone. A notebook that fails gets a page that says
why, beside its last good report; the others finish. The overview is made from what stands in the
folder, so publishing one notebook again keeps the cards of the others.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from clusterkit.errors import DataError, ParameterError, RunError, StaleError
from clusterkit.evidence.descriptor import changed_files
from clusterkit.evidence.tables import data_folder
from clusterkit.files import make_folder, write_whole
from clusterkit.runs.cache import FAILURE, changes, read_manifest
from clusterkit.runs.contract import Contract, contract, load_contracts
from clusterkit.runs.execute import stop_kernels
from clusterkit.runs.making import WHY, Job
from clusterkit.runs.page import overview_page, thumbnail
from clusterkit.runs.places import notebooks_folder, reports_folder
from clusterkit.runs.tidy import read_notebook

if TYPE_CHECKING:
    from clusterkit.runs.forking import ForkServer

FEW = 2  # notebooks, for which forked kernels do not pay


@dataclass(frozen=True)
class Outcome:
    """How one notebook fared.

    Parameters
    ----------
    name : str
        The notebook.
    seconds : float
        How long it took.
    page : Path or None
        The report, or the page that explains the failure; None where no page could be written.
    reasons : tuple of str
        Why it was run; none for a report that was current.
    error : RunError or None
        None for success.
    """

    name: str
    seconds: float
    page: Path | None
    reasons: tuple[str, ...] = ()
    error: RunError | None = None

    @property
    def state(self) -> str:
        """One word: 'unchanged', 'done' or 'failed'."""
        return "failed" if self.error else "done" if self.reasons else "unchanged"


@dataclass(frozen=True)
class Publication:
    """What was published: one outcome a notebook, in name order, and the overview's path."""

    outcomes: tuple[Outcome, ...]
    index: Path

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """The outcomes of the notebooks that failed."""
        return tuple(outcome for outcome in self.outcomes if outcome.error)


def publish(
    names: Iterable[str] | None = None,
    *,
    out: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, object] | None = None,
    folder: str | os.PathLike[str] | None = None,
    as_text: bool = False,
    force: bool = False,
    workers: int = 2,
    begun: Callable[[str, tuple[str, ...]], None] = lambda name, why: None,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Publication:
    """Run the notebooks whose report is not current, and write a report for each and an overview.

    Parameters
    ----------
    names : iterable of str, optional
        The notebooks; all that have a contract unless given.
    out : path, optional
        Where to; see `clusterkit.runs.places.reports_folder`.
    parameters : mapping, optional
        What differs from the defaults, for each of the notebooks.
    folder : path, optional
        The notebooks folder.
    as_text : bool
        The parameters were typed on a command line.
    force : bool
        Run current reports too.
    workers : int
        How many notebooks run at the same time.
    begun : callable
        Called with the name of each notebook that is run, and the reasons why.
    told : callable
        Called with each outcome as soon as it is there.

    Returns
    -------
    Publication
        A failed notebook is an outcome with an error, not an exception.

    Raises
    ------
    UnknownNameError, ParameterError, DataError
        Before anything runs: a name, a value or a notebook file is no good.
    StaleError
        Before anything runs: data changed, but not its registry.
    RunError
        The reports folder cannot be written.
    """
    contracts = load_contracts(folder)
    chosen = [contract(name, folder) for name in names] if names else list(contracts.values())
    chosen = sorted({terms.notebook: terms for terms in chosen}.values(), key=lambda c: c.notebook)
    given = dict(parameters or {})
    checked = {terms.notebook: terms.check(given, as_text=as_text) for terms in chosen}
    _refuse_unregistered_data()
    reports = reports_folder(out)
    outcomes, jobs = [], []
    for terms in chosen:
        name = terms.notebook
        values = checked[name]
        job = Job(name, values, {key: values[key] for key in given}, reports / name, folder)
        if why := job.reasons() or (["asked for again"] if force else []):
            read_notebook(notebooks_folder(folder) / f"{name}.ipynb")
            jobs.append((job, tuple(why)))
        else:
            outcomes.append(Outcome(name, 0.0, job.page))
            told(outcomes[-1])
    index = reports / "index.html"
    if not jobs and index.is_file():  # nothing was made, so nothing is told anew
        return Publication(tuple(outcomes), index)
    make_folder(reports)
    for job, why in jobs:
        begun(job.notebook, why)
    for outcome in _published(jobs, workers):
        outcomes.append(outcome)
        told(outcome)
    fresh = {outcome.name for outcome in outcomes if not outcome.error}
    cards = [
        _card(terms, reports, folder, fresh=terms.notebook in fresh) for terms in contracts.values()
    ]
    write_whole(index, overview_page(cards, lang=str(given.get("lang", "en"))))
    return Publication(tuple(sorted(outcomes, key=lambda outcome: outcome.name)), index)


def _publish(
    job: Job, why: tuple[str, ...], stopped: Event, server: "ForkServer | None"
) -> Outcome:
    started = time.perf_counter()
    page, error = job.attempt(server, stopped)
    return Outcome(job.notebook, time.perf_counter() - started, page, why, error)


def _published(jobs: Sequence[tuple[Job, tuple[str, ...]]], workers: int) -> Iterator[Outcome]:
    """Do all jobs, so many at a time; broken off, no kernel stays behind."""
    if not jobs:
        return
    from clusterkit.runs.forking import kernels

    stopped = Event()
    kind = None if len(jobs) > FEW else "ordinary"
    with kernels(kind) as server, ThreadPoolExecutor(max_workers=workers) as pool:
        running = [pool.submit(_publish, *job, stopped, server) for job in jobs]
        try:
            yield from (done.result() for done in as_completed(running))
        except BaseException:
            stopped.set()
            pool.shutdown(wait=False, cancel_futures=True)
            stop_kernels(running)
            raise


def _refuse_unregistered_data() -> None:
    if changed := changed_files():
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        raise StaleError(
            f"The data is not what its registry says: {changed[0]}{more}.",
            where=str(data_folder()),
            why="A table was edited, or damaged.",
            fix="Look at the change; if it was meant, enter it: clusterkit data",
        )


def _card(terms: Contract, reports: Path, folder, *, fresh: bool) -> dict[str, object]:
    """Return what the overview shows of a notebook, judged by what stands in its folder.

    What is fresh was found to be current just now, or made.
    """
    name = terms.notebook
    home = reports / name
    card = {"name": name, "title": terms.title, "question": terms.question, "state": "missing"}
    card |= {"link": None, "why": None, "picture": None, "parameters": {}}
    try:
        made = read_manifest(home)
    except FileNotFoundError:
        made = None
    except DataError:
        made, card["state"] = None, "stale"
    if made:
        try:
            stale = not fresh and bool(changes(home, name, made["parameters"], folder=folder))
        except ParameterError:  # made with what its contract no longer allows
            stale = True
        card |= {"state": "stale" if stale else "ready", "parameters": made["parameters"]}
        card |= {"link": f"{name}/{name}.html", "picture": thumbnail(home / f"{name}.ipynb")}
    if (home / FAILURE).is_file():
        failed = json.loads((home / FAILURE).read_text(encoding="utf-8"))
        card |= {"state": "failed", "why": f"{name}/{WHY}"}
        card["parameters"] = card["parameters"] or failed["parameters"]
    return card
