"""One report in its folder: made whole, or an account of why it could not be made."""

import time
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from clusterkit.errors import RunError
from clusterkit.files import alone, write_whole
from clusterkit.runs.execute import NotebookError, execute
from clusterkit.runs.manifest import (
    FAILURE,
    MANIFEST,
    WHY,
    Inputs,
    Manifest,
    changes,
    json_text,
    read_manifest,
)
from clusterkit.runs.notebook import notebook_text, read_notebook
from clusterkit.runs.page import failure_page, report_page
from clusterkit.runs.workshop import Run

if TYPE_CHECKING:
    from clusterkit.runs.kernels import ForkServer

DONE, KEPT, FAILED = "done", "kept", "failed"


@dataclass(frozen=True)
class Report:
    """One report: all that is needed to make it, ready to be sent to another process or machine.

    Parameters
    ----------
    run : Run
        The notebook and its parameters.
    home : Path
        The folder of the report; its name is the report's.
    pages : bool
        Whether the notebook is rendered as a page beside it.
    """

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

    def reasons(self) -> tuple[str, ...]:
        """Return why it has to be made; see `clusterkit.runs.manifest.changes`."""
        return tuple(changes(self.home, self.run))

    def make(
        self,
        reasons: tuple[str, ...],
        server: "ForkServer | None" = None,
        stopped: Event | None = None,
    ) -> "Outcome":
        """Make the report; where that fails, leave an account beside what stood there.

        Parameters
        ----------
        reasons : tuple of str
            Why; without any it is current, and wants only its page.
        server : ForkServer, optional
            As for `clusterkit.runs.execute.execute`.
        stopped : Event, optional
            Set when runs are broken off: a run that was broken off has not failed.
        """
        from jupyter_core.utils import ensure_event_loop

        started, error = time.perf_counter(), None
        try:
            with alone(self.home):
                try:
                    self._make(server) if reasons else self._add_page()
                except RunError as caught:
                    error = self._explained(caught)
                    if not (stopped and stopped.is_set()):
                        self._tell(error)
        except RunError as caught:  # another run is at it, or the disk is full
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

    def _explained(self, error: RunError) -> NotebookError:
        """Return an error that a page can show: with its run."""
        if isinstance(error, NotebookError):
            return error
        kind = type(error.__cause__ or error).__name__
        return NotebookError(self.run, ename=kind, evalue=error.what)

    def _tell(self, error: NotebookError) -> None:
        about = {
            "cell": error.cell,
            "error": str(error),
            "parameters": self.run.values,
            "command": self.run.command,
        }
        write_whole(self.home / WHY, failure_page(error))
        write_whole(self.home / FAILURE, json_text(about))


@dataclass(frozen=True)
class Outcome:
    """How a report fared.

    Parameters
    ----------
    report : Report
    reasons : tuple of str
        Why it was made; none for one that was current.
    seconds : float
        How long it took.
    error : RunError or None
        None for success.
    """

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
