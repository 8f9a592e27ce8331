"""One report in its folder: made whole, or an account of why it could not be made."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING

from clusterkit.errors import RunError
from clusterkit.files import alone, write_whole
from clusterkit.runs.cache import FAILURE, changes, read_manifest
from clusterkit.runs.contract import contract
from clusterkit.runs.execute import NotebookError, execute, reproducing_command
from clusterkit.runs.manifest import MANIFEST, inputs, manifest, manifest_text, sealed
from clusterkit.runs.page import failure_page, report_page
from clusterkit.runs.tidy import notebook_text, read_notebook

if TYPE_CHECKING:
    from clusterkit.runs.kernels import ForkServer

WHY = "failure.html"  # stands beside the last good report as long as the last run failed


@dataclass(frozen=True)
class Job:
    """One report to be made: all that is needed, ready to be sent to another process or machine.

    Parameters
    ----------
    notebook : str
    checked, given : mapping
        All parameters, typed, and those among them that a run is given.
    home : Path
        The folder of the report.
    folder : path or None
        The notebooks folder.
    pages : bool
        Whether to render the notebook as a page beside it.
    """

    notebook: str
    checked: Mapping[str, object]
    given: Mapping[str, object]
    home: Path
    folder: str | os.PathLike[str] | None
    pages: bool = True

    @property
    def page(self) -> Path:
        """Where the page of the report stands."""
        return self.home / f"{self.notebook}.html"

    def reasons(self) -> list[str]:
        """Return why the report has to be made; see `clusterkit.runs.cache.changes`."""
        return changes(self.home, self.notebook, self.checked, folder=self.folder)

    def attempt(
        self,
        server: "ForkServer | None" = None,
        stopped: Event | None = None,
        *,
        kept: bool = False,
    ) -> tuple[Path | None, RunError | None]:
        """Make the report; where that fails, leave an account beside what stood there.

        Parameters
        ----------
        server : ForkServer, optional
            As for `clusterkit.runs.execute.execute`.
        stopped : Event, optional
            Set when runs are broken off: a run that was broken off has not failed.
        kept : bool
            The report is current, and wants only its page.

        Returns
        -------
        page : Path or None
            Of the report or of the failure; None where none could be written.
        error : RunError or None
            None for success.
        """
        from jupyter_core.utils import ensure_event_loop

        error = None
        try:
            with alone(self.home):
                try:
                    self._add_page() if kept else self._make(server)
                except RunError as caught:
                    error = self._explained(caught)
                    if not (stopped and stopped.is_set()):
                        self._tell(error)
                        return self.home / WHY, error
        except RunError as caught:  # another run is at it, or the disk is full
            return None, error or caught
        finally:
            ensure_event_loop().close()  # talking to the kernel made one for this thread
        return self.page, error

    def _make(self, server: "ForkServer | None") -> None:
        name = self.notebook
        before = inputs(name, self.checked, folder=self.folder)
        executed = execute(name, self.given, folder=self.folder, server=server)
        made = manifest(name, self.checked, executed, folder=self.folder, before=before)
        files = {f"{name}.ipynb": notebook_text(executed)}
        if self.pages:
            files[self.page.name] = report_page(executed, made, title=self._terms.title)
        else:
            self.page.unlink(missing_ok=True)  # it would tell of another run
        # the manifest comes last: broken off in between, it does not fit the files
        for file, text in {**files, MANIFEST: manifest_text(sealed(made, files))}.items():
            write_whole(self.home / file, text)
        for leftover in (FAILURE, WHY):
            (self.home / leftover).unlink(missing_ok=True)

    def _add_page(self) -> None:
        made = read_manifest(self.home)
        executed = read_notebook(self.home / f"{self.notebook}.ipynb")
        page = {self.page.name: report_page(executed, made, title=self._terms.title)}
        write_whole(self.page, page[self.page.name])
        files = {"files": made["files"] | sealed({}, page)["files"]}
        write_whole(self.home / MANIFEST, manifest_text(made | files))

    @property
    def _terms(self):
        return contract(self.notebook, self.folder)

    def _explained(self, error: RunError) -> NotebookError:
        """Return an error that a page can show: with its parameters and its command."""
        if isinstance(error, NotebookError):
            return error
        command = reproducing_command(self.notebook, self.given, folder=self.folder)
        kind = type(error.__cause__ or error).__name__
        return NotebookError(self.notebook, self.checked, command, ename=kind, evalue=error.what)

    def _tell(self, error: NotebookError) -> None:
        about = {
            "cell": error.cell,
            "error": str(error),
            "parameters": dict(self.checked),
            "command": error.command,
        }
        terms = self._terms
        write_whole(
            self.home / WHY, failure_page(error, title=terms.title, question=terms.question)
        )
        write_whole(self.home / FAILURE, manifest_text(about))
