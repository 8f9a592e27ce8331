"""One report in its folder: made whole, and whether it still stands for what it was made from.

Its manifest holds hashes of all inputs, a digest of the facts, and no time and no path of a
machine: the same inputs give the same manifest, and a difference between two names what changed.
Where a report could not be made, an account of that stands beside the last good one.
"""

import hashlib
import json
import platform
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from threading import Event
from traceback import format_exception
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import clusterkit
from clusterkit.errors import ClusterkitError, DataError, RunError, StaleError
from clusterkit.evidence.shelf import changed_files, data_hashes
from clusterkit.files import alone, hash_file, hash_files, write_whole
from clusterkit.runs.contract import shown
from clusterkit.runs.notebook import NotebookError, execute, notebook_text, read_notebook
from clusterkit.runs.page import failure_page, report_page, without_places
from clusterkit.runs.workshop import DISTRIBUTION, PACKAGE, Run
from clusterkit.shapes import shaped

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.kernels import ForkServer

MANIFEST = "manifest.json"
# They stand in a report's folder, beside the last good report, as long as the last run failed.
FAILURE, WHY = "failure.json", "failure.html"
DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True)
class Inputs:
    """All that a report depends on."""

    notebook: str
    parameters: dict[str, Any]
    cells_sha256: str
    contract_sha256: str
    data: dict[str, str]
    package: dict[str, str]
    lock_sha256: str | None
    libraries: dict[str, str]
    python: str

    @classmethod
    def of(cls, run: Run) -> "Inputs":
        """Return the inputs of a run as they stand now."""
        lock = PACKAGE.parent / "requirements.lock"
        return cls(
            notebook=run.notebook,
            parameters=dict(run.values),
            cells_sha256=_digest(_sources(run.path)),
            contract_sha256=_digest(asdict(run.contract)),
            data=data_hashes(run.shop.data),
            package=hash_files(PACKAGE, _is_source),
            lock_sha256=hash_file(lock) if lock.is_file() else None,
            libraries=_libraries(),
            python=platform.python_version(),
        )


@dataclass(frozen=True)
class Manifest(Inputs):
    """The inputs of a report as they stood before its run, and what came of them."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    clusterkit: str
    data_sha256: str
    facts_sha256: str
    files: dict[str, str]

    @classmethod
    def made(cls, before: Inputs, executed: "NotebookNode") -> "Manifest":
        """Return the manifest of an executed notebook, its files still to be named.

        A file that changes while the notebook runs counts as changed afterwards.
        """
        return cls(
            **vars(before),
            clusterkit=clusterkit.__version__,
            data_sha256=_digest(before.data),
            facts_sha256=facts_digest(executed),
            files={},
        )

    def holding(self, files: Mapping[str, str]) -> "Manifest":
        """Return it with the hashes of files, which are given by name with their text."""
        hashes = {name: text_hash(text) for name, text in files.items()}
        return replace(self, files=self.files | hashes)

    @property
    def text(self) -> str:
        """The manifest as JSON a person can read."""
        return json_text(vars(self))


class Difference(NamedTuple):
    """One input in which two runs differ: parameters, data, code or environment; and how."""

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def differences(old: Inputs, new: Inputs) -> Iterator[Difference]:
    """Yield in what the inputs of two runs differ."""
    for name, was, now in _unequal(old.parameters, new.parameters):
        yield Difference("parameters", f"parameter {name}: {_value(was)} -> {_value(now)}")
    if old.cells_sha256 != new.cells_sha256:
        yield Difference("code", "the notebook's cells changed")
    if old.contract_sha256 != new.contract_sha256:
        yield Difference("code", "the notebook's contract changed")
    files = (("data", "data", old.data, new.data), ("code", "package", old.package, new.package))
    for kind, label, one, other in files:
        for name, was, now in _unequal(one, other):
            how = "added" if was is None else "is gone" if now is None else "changed"
            yield Difference(kind, f"{label}: {name} {how}")
    if old.lock_sha256 != new.lock_sha256:
        yield Difference("environment", "requirements.lock changed")
    if old.python != new.python:
        yield Difference("environment", f"Python {old.python} -> {new.python}")
    for name, was, now in _unequal(old.libraries, new.libraries):
        yield Difference("environment", f"{name} {was or 'none'} -> {now or 'none'}")


def changes(home: Path, run: Run) -> list[str]:
    """Return why the report in a folder has to be made anew; an empty list: it is current.

    Nothing heavy is imported, so asking costs some hundredths of a second.
    """
    try:
        made = read_manifest(home)
    except FileNotFoundError:
        return ["never run"]
    except DataError:
        return ["its manifest cannot be read"]
    failed = ["the last run failed"] if (home / FAILURE).is_file() else []
    told = [str(one) for one in differences(made, Inputs.of(run))]
    return failed + told + touched(home, made)


def read_manifest(home: Path) -> Manifest:
    """Return the manifest of the report in a folder."""
    path = home / MANIFEST
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return shaped(content, Manifest, name=MANIFEST, fix="")
    except FileNotFoundError:
        raise
    except DataError:
        why = "It was written by an older clusterkit."
    except (ValueError, RecursionError):
        why = "It was cut short, or edited by hand."
    except OSError as error:
        why = f"It cannot be read: {error.strerror}."
    what, fix = f"{MANIFEST} is not the manifest of a report.", "Publish the report again."
    raise DataError(what, where=str(path), why=why, fix=fix)


def touched(home: Path, made: Manifest) -> list[str]:
    """Return which of the report's own files are not as they were written."""
    told = []
    for name, digest in made.files.items():
        path = home / name
        if not path.is_file():
            told.append(f"report: {name} is gone")
        elif hash_file(path) != digest:
            told.append(f"report: {name} was edited")
    return told


def refuse_changed_data(folder: Path) -> None:
    """Refuse data that changed, but not its record."""
    if changed := changed_files(folder):
        more = f" and {len(changed) - 1} more" if changed[1:] else ""
        what = f"The data is not what its datapackage says: {changed[0]}{more}."
        fix = "Look at the change; if it was meant, enter it: clusterkit data"
        why = "A table was edited, or damaged."
        raise StaleError(what, where=str(folder), why=why, fix=fix)


def facts_digest(executed: "NotebookNode") -> str:
    """Return one sha256 over what a notebook shows: all plain texts and facts, in their order.

    Footnotes are left out: a source that is cited first elsewhere changes numbers, and no fact.
    """
    from clusterkit.views.facts import FACTS, FOOTNOTE

    outputs = [output for cell in executed.cells for output in cell.get("outputs", [])]
    shown = [output.data for output in outputs if "text/plain" in output.get("data", {})]
    return _digest([(FOOTNOTE.sub("", it["text/plain"]), it.get(FACTS, [])) for it in shown])


def json_text(content: Mapping[str, object]) -> str:
    """Return what a report notes down as JSON a person can read."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def text_hash(text: str) -> str:
    """Return the sha256 of a text, which is that of a file that holds it."""
    return hashlib.sha256(text.encode()).hexdigest()


def _unequal(old: Mapping, new: Mapping) -> Iterator[tuple[str, Any, Any]]:
    """Yield the entries in which two tables differ, None for one that is not there."""
    for name in [*old, *(name for name in new if name not in old)]:
        if old.get(name) != new.get(name):
            yield name, old.get(name), new.get(name)


def _value(value: object) -> str:
    return "not given" if value is None else shown(value)


def _digest(content: object) -> str:
    return text_hash(json.dumps(content, ensure_ascii=False, sort_keys=True))


def _sources(path: Path) -> object:
    """Return kind, source and tags of each cell; the bare text of a file that is no notebook.

    Read as JSON, which is there at once, where nbformat takes half a second to import.
    """
    text = ""
    try:
        text = path.read_bytes().decode("utf-8-sig", errors="replace")
        return [
            (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in json.loads(text)["cells"]
        ]
    except Exception:  # which, depends on what is wrong with it
        return text


@cache
def _libraries() -> dict[str, str]:
    """Return the installed version of each library that clusterkit asks for."""
    wanted = (line for line in metadata.requires(DISTRIBUTION) or () if "extra ==" not in line)
    names = sorted(re.match(r"[\w.-]+", line)[0] for line in wanted)
    return {name: metadata.version(name) for name in names}


def _is_source(name: Path) -> bool:
    return name.suffix not in (".pyc", ".pyo") and name.parts[0] != "_shipped"


@dataclass(frozen=True)
class Report:
    """One report: all that is needed to make it, ready to be sent to another process or machine."""

    run: Run
    home: Path
    pages: bool = True

    @property
    def name(self) -> str:
        """What it is called."""
        return self.home.name

    @property
    def notebook(self) -> Path:
        """Where its notebook stands, executed."""
        return self.home / f"{self.run.notebook}.ipynb"

    @property
    def page(self) -> Path:
        """Where its page stands, if it has one."""
        return self.notebook.with_suffix(".html")

    @property
    def lacks_page(self) -> bool:
        """Whether it should have a page, and has none."""
        return self.pages and not self.page.is_file()

    def make(
        self,
        reasons: tuple[str, ...],
        server: "ForkServer | None" = None,
        stopped: Event | None = None,
    ) -> "Outcome":
        """Make the report; where that fails, leave an account beside what stood there.

        Without reasons it is current, and wants only its page. `stopped` is set when runs are
        broken off: such a run has not failed.
        """
        from jupyter_core.utils import ensure_event_loop

        started, error = time.perf_counter(), None
        try:
            with alone(self.home):
                for half in self.home.glob(".*.part"):  # of a run that was killed
                    half.unlink()
                try:
                    self._make(server) if reasons else self._add_page()
                except Exception as caught:  # whatever it is, it is no matter of other reports
                    error = self._explained(caught)
                    if not (stopped and stopped.is_set()):
                        self._tell(error)
        except (RunError, OSError) as caught:  # another run is at it, or the disk is full
            error = error or caught
        finally:
            ensure_event_loop().close()  # talking to the kernel made one for this thread
        return Outcome(self, reasons, time.perf_counter() - started, error)

    def _make(self, server: "ForkServer | None") -> None:
        run = self.run
        before = Inputs.of(run)
        executed = execute(run, server=server)
        made = Manifest.made(before, executed)
        files = {self.notebook.name: notebook_text(executed)}
        if self.pages:
            files[self.page.name] = report_page(executed, made, title=run.contract.title)
        else:
            self.page.unlink(missing_ok=True)  # it would tell of another run
        self._write(made, files)
        for leftover in (FAILURE, WHY):
            (self.home / leftover).unlink(missing_ok=True)

    def _add_page(self) -> None:
        made = read_manifest(self.home)
        page = report_page(read_notebook(self.notebook), made, title=self.run.contract.title)
        self._write(made, {self.page.name: page})

    def _write(self, made: Manifest, files: dict[str, str]) -> None:
        # the manifest comes last: broken off in between, it does not fit the files
        for name, text in {**files, MANIFEST: made.holding(files).text}.items():
            write_whole(self.home / name, text)

    def _explained(self, error: Exception) -> NotebookError:
        """Return an error that a page can show: with its run."""
        if isinstance(error, NotebookError):
            return error
        kind = type(error.__cause__ or error).__name__
        trace = "" if isinstance(error, ClusterkitError) else "".join(format_exception(error))
        return NotebookError(self.run, ename=kind, evalue=str(error), traceback=trace)

    def _tell(self, error: NotebookError) -> None:
        about = {
            "cell": error.cell,
            "error": without_places(str(error)),
            "parameters": self.run.values,
            "command": without_places(self.run.command),
        }
        write_whole(self.home / WHY, failure_page(error))
        write_whole(self.home / FAILURE, json_text(about))


@dataclass(frozen=True)
class Outcome:
    """How a report fared."""

    report: Report
    reasons: tuple[str, ...] = ()
    seconds: float = 0.0
    error: RunError | None = None

    @property
    def name(self) -> str:
        """The name of the report."""
        return self.report.name

    @property
    def state(self) -> str:
        """One word: 'kept', 'done' or 'failed'."""
        return FAILED if self.error else DONE if self.reasons else KEPT

    @property
    def page(self) -> Path | None:
        """Its page, or the page that explains the failure; None where there is none."""
        page = self.report.home / WHY if self.error else self.report.page
        return page if page.is_file() else None
