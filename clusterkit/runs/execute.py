"""One notebook through papermill, so that a run either succeeds whole or explains itself.

papermill gets the notebook in memory and writes no file, so a failed run leaves nothing behind
and braces in a path mean nothing. The kernel is the interpreter that runs this code, whatever
kernels are registered on the machine.
"""

import logging
import os
import re
import tempfile
from collections.abc import Collection
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from clusterkit.errors import RunError
from clusterkit.files import write_whole
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook, tidy
from clusterkit.runs.workshop import Run

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.kernels import ForkServer

START_SECONDS = 600  # one that dies is noticed at once, so this is for one that hangs
CELL_SECONDS = 600  # a cell that hangs fails in the end
STOP_SECONDS = 0.2
LAST_WORDS = 20  # lines of what a dying kernel said
QUIET = logging.NullHandler()  # errors are raised; papermill would print them as well
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class NotebookError(RunError):
    """A cell raised or took too long, or the kernel died.

    Attributes
    ----------
    run : Run
        The notebook and its parameters.
    cell : int or None
        The number of the failing cell, counted from 1 over all cells of the notebook file;
        None when no single cell is to blame.
    source, ename, evalue, traceback : str
        The failing cell and its error, in plain text.
    """

    def __init__(self, run: Run, **error) -> None:
        self.run = run
        self.cell, self.source = error.get("cell"), error.get("source", "")
        self.ename, self.evalue = error["ename"], COLOURS.sub("", error["evalue"])
        self.traceback = COLOURS.sub("", error.get("traceback", ""))
        told = self.evalue.replace("\n", "\n  ")  # an error of ours has lines of its own
        super().__init__(
            f"The notebook {run.notebook} failed: {self.ename}: {told}".rstrip(": "),
            where=f"cell {self.cell}" if self.cell else "outside its cells",
            fix=f"See it again with: {run.command}",
        )

    def __reduce__(self) -> tuple:  # it may come from another machine
        told = ("cell", "source", "ename", "evalue", "traceback")
        return partial(type(self), **{name: getattr(self, name) for name in told}), (self.run,)


def execute(
    run: Run, *, timeout: int = CELL_SECONDS, server: "ForkServer | None" = None
) -> "NotebookNode":
    """Run a notebook and return it executed and tidied; nothing is written.

    Parameters
    ----------
    run : Run
        The notebook and its parameters. papermill puts what was given into a cell after the
        parameters cell.
    timeout : int
        Seconds a single cell may take.
    server : ForkServer, optional
        From `clusterkit.runs.kernels.kernels`: the kernel is forked there. Without it the kernel
        is an interpreter of its own, which takes a single run little longer.

    Raises
    ------
    DataError
        The notebook cannot be read.
    NotebookError
        A cell raised, or the kernel died.
    """
    work = _Work(run, timeout)
    source = read_notebook(run.path)
    # papermill looks up the language here, which a hand-made notebook may not say
    source.metadata.setdefault("language_info", {})["name"] = "python"
    try:
        return tidy(_answered(work, source, server))
    except Exception as error:
        raise NotebookError(run, **work.told(error)) from error


def execute_to(run: Run, out: str | os.PathLike[str]) -> Path:
    """Run a notebook and write the executed notebook to `out`, on success only.

    Parameters
    ----------
    run : Run
        The notebook and its parameters.
    out : path
        The notebook to write. An older one there stays if the run fails.

    Returns
    -------
    Path
        The absolute path written.

    Raises
    ------
    RunError
        `out` is the notebook itself; only `refresh` may write that.
    """
    target = Path(out).expanduser().resolve()
    if target == run.path.resolve():
        raise RunError(
            "A run does not write onto the notebook it runs.",
            where=str(target),
            fix="Choose another --out, or use `clusterkit refresh` to execute it in place.",
        )
    write_whole(target, notebook_text(execute(run)))
    return target


def stop_kernels(running: Collection[Future]) -> None:
    """Kill every kernel until all these runs are over; each is told that its kernel died."""
    from clusterkit.runs.kernels import kill_kernels

    while wait(running, timeout=STOP_SECONDS).not_done:  # again, for one that was about to start
        kill_kernels()


def _answered(work: "_Work", source: "NotebookNode", server: "ForkServer | None") -> "NotebookNode":
    """Run the cells; where a forked kernel does not even answer, in an ordinary one."""
    try:
        return work.done(source, server)
    except (RuntimeError, OSError) as error:
        if work.reached or server is None or server.closed:
            raise
        server.tell_once(error)
        return work.done(source, None)


@dataclass
class _Work:
    """A run, and how far it has come."""

    run: Run
    timeout: int
    reached: dict[str, object] = field(default_factory=dict)  # the cell at work

    def done(self, source: "NotebookNode", server: "ForkServer | None") -> "NotebookNode":
        """Return the notebook executed, in a kernel of its own that has ended by then."""
        notebook_library()
        import papermill

        from clusterkit.runs.kernels import OwnKernel, kill_kernels

        logging.getLogger("papermill").addHandler(QUIET)
        with (
            tempfile.TemporaryDirectory(prefix="ck-", ignore_cleanup_errors=True) as private,
            (Path(private) / "kernel.log").open("w+", encoding="utf-8", errors="replace") as said,
        ):
            environment = os.environ | self.run.shop.environment
            try:
                executed = papermill.execute_notebook(
                    source,
                    None,
                    parameters=dict(self.run.given),
                    kernel_name="python3",
                    progress_bar=False,
                    start_timeout=START_SECONDS,
                    execution_timeout=self.timeout,
                    on_cell_start=self._reach,
                    kernel_manager_class=OwnKernel.of(private, environment, said, server),
                )
            except Exception as error:
                said.seek(0)
                error.add_note("".join(said.readlines()[-LAST_WORDS:]))
                raise
            except BaseException:  # nbclient leaves a kernel that was still starting
                kill_kernels()
                raise
        self._refuse_skipped(executed)
        return executed

    def told(self, error: Exception) -> dict[str, object]:
        """Return what a `NotebookError` tells of the error that ended the work."""
        from papermill.exceptions import PapermillExecutionError

        name, value, trace = type(error).__name__, error, getattr(error, "__notes__", [])
        if isinstance(error, PapermillExecutionError):
            name, value, trace = error.ename, error.evalue, error.traceback
        about = {"ename": name, "evalue": str(value), "traceback": "\n".join(trace)}
        return {**self.reached, **about}

    def _reach(self, cell: "NotebookNode", cell_index: int) -> None:
        # the cell that papermill puts in is not in the file
        self.reached = {"cell": cell_index + 1 - bool(self.run.given), "source": cell.source}

    def _refuse_skipped(self, executed: "NotebookNode") -> None:
        """Refuse what papermill calls a success when a cell has ended the kernel by exit()."""
        from papermill.exceptions import PapermillExecutionError

        for index, cell in enumerate(executed.cells):
            if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
                self._reach(cell, index)
                why = "an earlier cell ended the run"
                raise PapermillExecutionError(index, None, cell.source, "NotExecuted", why, [])
