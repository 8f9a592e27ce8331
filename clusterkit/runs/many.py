"""Many reports at once: planned whole, made side by side, told as they end.

`publish` makes one report a notebook and an overview; `sweep` makes reports of one notebook under
many settings and compares them. What stands for its inputs is left alone, so that what was
interrupted goes on where it stopped, and a report that fails stops no other.
"""

import base64
import csv
import io
import json
import os
import re
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from itertools import product
from pathlib import Path
from threading import Event

from clusterkit.errors import ParameterError, UnknownNameError
from clusterkit.files import make_folder, write_whole
from clusterkit.runs.contract import shown
from clusterkit.runs.notebook import COVER, read_notebook, stop_kernels
from clusterkit.runs.page import overview_page, sweep_page, without_places
from clusterkit.runs.report import (
    FAILURE,
    WHY,
    Outcome,
    Report,
    changes,
    read_manifest,
    refuse_changed_data,
)
from clusterkit.runs.workshop import SCENARIOS, Run, Workshop
from clusterkit.words import FOOTNOTE, SAYING

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


def publish(shop: Workshop, runs: Iterable[Run] | None = None, **how: object) -> Published:
    """Make a report of each run that has no current one, and an overview of all that stand.

    Without `runs`, all notebooks are meant, with their defaults; `how` is for `make`. Data that
    changed, but not its record, is a StaleError before anything runs.
    """
    if runs is None:
        runs = [shop.ask(contract.notebook) for contract in shop.chosen()]
    reports = [Report(run, shop.reports / run.notebook) for run in runs]
    outcomes = make(reports, allowed=lambda: refuse_changed_data(shop.data), **how)
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
    """Return the reports of a sweep, their parameters checked; nothing runs."""
    name, grid, given = shop.contract(notebook).notebook, dict(grid or {}), dict(given or {})
    begin = _begin(shop, name, scenarios, grid)
    home = shop.reports / "sweeps" / name
    reports: dict[str, Report] = {}
    for (scenario, run), values in product(begin.items(), product(*grid.values())):
        _refuse_twice(name, run.given, given, grid)
        point = given | dict(zip(grid, values, strict=True))
        words = [scenario] * bool(scenario) + [f"{key}-{shown(it)}" for key, it in point.items()]
        point = {**run.given, **point}
        try:
            asked = replace(shop.ask(name, point), meaning=run.meaning)
        except ParameterError as error:
            told = ", ".join(f"{key}={shown(value)}" for key, value in point.items())
            error.where = f"notebook {name}, run {told}"
            raise
        report = Report(asked, home / _slug("--".join(words)), pages)
        if asked.values in [other.run.values for other in reports.values()]:
            what, fix = f"Two runs would be the same: {report.name}.", "Name each value once."
            raise ParameterError(what, where=f"notebook {name}", fix=fix)
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
    if scenarios and len(set(scenarios)) == len(scenarios):
        return {scenario: known[scenario] for scenario in scenarios}
    if scenarios:
        where, fix = f"notebook {name}", "Name each once."
        raise ParameterError("A scenario is given twice.", where=where, fix=fix)
    if not known and not grid:
        fix = f"Give a grid, e.g. --grid year_to=2020,2024, or add [{name}.NAME] to {SCENARIOS}."
        raise ParameterError(f"There is nothing to vary: {name} has no scenarios.", fix=fix)
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
    """Make the reports that are not current, or lack the page they should have."""
    outcomes: dict[str, Outcome] = {}

    def note(outcome: Outcome) -> None:
        outcomes[outcome.name] = outcome
        told(outcome)

    reasons = [
        tuple(changes(report.home, report.run)) or ("asked for again",) * force
        for report in reports
    ]
    due = [(it, why) for it, why in zip(reports, reasons, strict=True) if why or it.lacks_page]
    if due:
        allowed()
    for report, _ in due:
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
        what, where = f"The parameter {name!r} is given twice.", f"notebook {notebook}"
        why = "It stands in two of: the grid, the scenario, the parameters for all runs."
        raise ParameterError(what, where=where, why=why, fix=f"Leave {name} to one of them.")


def write_overview(shop: Workshop, fresh: Iterable[str] = (), *, lang: str = "en") -> Path:
    """Write the overview of what stands in the folder of reports, and return where it stands."""
    cards = [card(shop, name, fresh=name in fresh) for name in shop.contracts]
    write_whole(shop.reports / "index.html", overview_page(cards, lang=lang))
    return shop.reports / "index.html"


def card(shop: Workshop, name: str, *, fresh: bool) -> dict[str, object]:
    """Return what the overview shows of a notebook, judged by what stands in its folder."""
    contract, home = shop.contracts[name], shop.reports / name
    found = {"name": name, "title": contract.title, "question": contract.question}
    found |= {"state": "missing", "link": None, "why": None, "picture": None, "answer": ""}
    asked = {}
    try:
        made = read_manifest(home)
        asked = made.parameters
        found |= {"link": f"{name}/{name}.html", "state": "ready"}
        found["picture"], found["answer"] = glimpse(home / f"{name}.ipynb")
        if not fresh and changes(home, shop.ask(name, made.parameters)):
            found["state"] = "stale"
    except FileNotFoundError:
        pass
    except Exception:  # made by an older clusterkit, or with what is now refused, or damaged
        found["state"] = "stale"
    if (home / FAILURE).is_file():
        found |= {"state": "failed", "why": f"{name}/{WHY}"}
        with suppress(Exception):
            failed = json.loads((home / FAILURE).read_text(encoding="utf-8"))
            asked = asked or dict(failed["parameters"])
    own = {key: value for key, value in asked.items() if value != contract.defaults.get(key)}
    return found | {"parameters": own}


def write_comparison(outcomes: Sequence[Outcome]) -> Path:
    """Write ``index.csv``, ``comparison.csv`` and ``index.html`` of a sweep; return the last."""
    from clusterkit.runs.compare import compare

    reports = [outcome.report for outcome in outcomes]
    run, home = reports[0].run, reports[0].home.parent
    compared = compare(
        {it.name: read_notebook(it.report.notebook) for it in outcomes if not it.error}
    )
    values = [report.run.values for report in reports]
    varied = [name for name in values[0] if any(it[name] != values[0][name] for it in values)]
    rows = [_row(outcome, varied) for outcome in outcomes]
    columns = [name for name in rows[0] if name != "meaning"]  # which is for the page
    _write_csv(home / "index.csv", columns, rows)
    _write_csv(home / "comparison.csv", COMPARED, [row for one in compared for row in one.rows()])
    langs = {str(report.run.values.get("lang", "en")) for report in reports}
    lang = langs.pop() if len(langs) == 1 else "en"
    page = sweep_page(run.contract, rows, compared, varied=varied, lang=lang)
    write_whole(home / "index.html", page)
    return home / "index.html"


def _row(outcome: Outcome, varied: Sequence[str]) -> dict[str, object]:
    report, page = outcome.report, outcome.page
    return {
        "run": report.name,
        "meaning": report.run.meaning,
        **{name: shown(report.run.values[name]) for name in varied},
        "state": outcome.state,
        "page": f"{report.name}/{page.name}" if page else "",
        "notebook": "" if outcome.error else f"{report.name}/{report.notebook.name}",
        "error": without_places(str(outcome.error or "")),
    }


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_whole(path, text.getvalue())


THUMBNAIL = 640, 640  # pixels at most


def glimpse(path: Path) -> tuple[str | None, str]:
    """Return the picture that stands for a notebook, as a data URI, and what it says first.

    It is that of the cell with the tag ``cover``, or else the first of a card's shape, or of any.
    The file is read as JSON, which is there at once, where nbformat takes half a second to import.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    outputs = [
        (COVER not in cell["metadata"].get("tags", ()), output["data"])
        for cell in cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]
    pictures = [
        (untold, "".join(it["image/png"]).replace("\n", ""))
        for untold, it in outputs
        if "image/png" in it
    ]
    _, chosen = min(pictures, key=lambda it: (it[0], not _is_wide(it[1])), default=(True, None))
    sentence = SAYING.partition("{")[0]
    said = (it for _, it in outputs if "".join(it.get("text/html", "")).startswith(sentence))
    told = "".join(next(said, {}).get("text/plain", ""))
    return chosen and f"data:image/png;base64,{_small(chosen)}", FOOTNOTE.sub("", told)


def _small(picture: str) -> str:
    """Return a picture as wide as a card shows it on a fine screen, which is half its weight."""
    from PIL import Image

    small = io.BytesIO()
    try:
        image = Image.open(io.BytesIO(base64.b64decode(picture))).convert("RGB")
    except (OSError, SyntaxError):  # no picture that can be read: a browser may know better
        return picture
    image.thumbnail(THUMBNAIL)
    image.quantize(64, dither=Image.Dither.NONE).save(small, format="png")
    return base64.b64encode(small.getvalue()).decode("ascii")


def _is_wide(picture: str) -> bool:
    width, height = struct.unpack(">II", base64.b64decode(picture[:32])[16:24])  # PNG's header
    return width > 1.25 * height
