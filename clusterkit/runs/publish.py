"""All reports at once: run, render, and lay out under ``reports/``, one folder a notebook.

A notebook that fails gets a page that says why; the others finish. The overview is made from what
stands in the folder, so publishing one notebook again keeps the cards of the others.
"""

import json
import os
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from clusterkit.evidence.files import write_whole
from clusterkit.runs.contract import Contract, contract, load_contracts
from clusterkit.runs.execute import NotebookError, execute
from clusterkit.runs.manifest import INPUTS, input_hashes, manifest, manifest_text
from clusterkit.runs.page import failure_page, overview_page, report_page, thumbnail
from clusterkit.runs.places import notebooks_folder, reports_folder
from clusterkit.runs.tidy import notebook_text, read_notebook

FAILURE = "failure.json"  # stands in a report's folder as long as its last run failed


@dataclass(frozen=True)
class Outcome:
    """How one notebook fared.

    Parameters
    ----------
    name : str
        The notebook.
    seconds : float
        How long it took.
    page : Path
        The report, or the page that explains the failure.
    error : NotebookError or None
        None for success.
    """

    name: str
    seconds: float
    page: Path
    error: NotebookError | None = None


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
    workers: int = 2,
    told: Callable[[Outcome], None] = lambda outcome: None,
) -> Publication:
    """Run notebooks and write a report for each, and the overview of all.

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
    workers : int
        How many notebooks run at the same time.
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
    """
    contracts = load_contracts(folder)
    chosen = [contract(name, folder) for name in names] if names else list(contracts.values())
    chosen = sorted({terms.notebook: terms for terms in chosen}.values(), key=lambda c: c.notebook)
    given = dict(parameters or {})
    for terms in chosen:
        terms.check(given, as_text=as_text)
        read_notebook(notebooks_folder(folder) / f"{terms.notebook}.ipynb")
    reports = reports_folder(out)

    def publish_one(terms: Contract) -> Outcome:
        from jupyter_core.utils import ensure_event_loop

        try:
            return _publish_one(terms, terms.check(given, as_text=as_text), given, reports, folder)
        finally:
            ensure_event_loop().close()  # talking to the kernel made one for this thread

    outcomes = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        waiting = [pool.submit(publish_one, terms) for terms in chosen]
        try:
            for done in as_completed(waiting):
                outcomes.append(done.result())
                told(outcomes[-1])
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    cards = [_card(terms, reports, folder) for terms in contracts.values()]
    index = reports / "index.html"
    write_whole(index, overview_page(cards, lang=str(given.get("lang", "en"))))
    return Publication(tuple(sorted(outcomes, key=lambda outcome: outcome.name)), index)


def _publish_one(
    terms: Contract, checked: dict, given: Mapping[str, object], reports: Path, folder
) -> Outcome:
    started = time.perf_counter()
    name = terms.notebook
    home = reports / name
    page, failure = home / f"{name}.html", home / FAILURE
    error = None
    try:
        executed = execute(name, {key: checked[key] for key in given}, folder=folder)
    except NotebookError as caught:
        error = caught
        about = {"cell": error.cell, "error": error.ename, "parameters": checked}
        write_whole(page, failure_page(error, title=terms.title, question=terms.question))
        write_whole(failure, manifest_text(about))
    else:
        made = manifest(name, checked, executed, folder=folder)
        report = report_page(executed, made, title=terms.title)
        write_whole(home / f"{name}.ipynb", notebook_text(executed))
        write_whole(page, report)
        write_whole(home / "manifest.json", manifest_text(made))
        failure.unlink(missing_ok=True)
    return Outcome(name, time.perf_counter() - started, page, error)


def _card(terms: Contract, reports: Path, folder) -> dict[str, object]:
    """Return what the overview shows of a notebook, judged by what stands in its folder."""
    name = terms.notebook
    home = reports / name
    card = {"name": name, "title": terms.title, "question": terms.question}
    card |= {"link": f"{name}/{name}.html", "picture": None, "parameters": {}}
    if (home / FAILURE).is_file():
        return card | {"state": "failed", "parameters": _read(home / FAILURE)["parameters"]}
    if not (home / "manifest.json").is_file():
        return card | {"state": "missing", "link": None}
    made = _read(home / "manifest.json")
    now = input_hashes(name, folder=folder)
    stale = any(made.get(key) != now[key] for key in INPUTS)
    return card | {
        "state": "stale" if stale else "ready",
        "picture": thumbnail(read_notebook(home / f"{name}.ipynb")),
        "parameters": made["parameters"],
    }


def _read(path: Path) -> dict:
    return json.loads(path.read_text(encoding="utf-8"))
