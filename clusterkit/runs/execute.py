"""One notebook through papermill, so that a run either succeeds whole or explains itself.

papermill gets the notebook in memory and writes no file, so a failed run leaves nothing behind
and braces in a path mean nothing. The kernel is the interpreter that runs this code, whatever
kernels are registered on the machine.
"""

import logging
import os
import re
import sys
import tempfile
import weakref
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future, wait
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from clusterkit.errors import RunError
from clusterkit.files import write_whole
from clusterkit.runs.notebook import (
    notebook_library,
    notebook_text,
    read_notebook,
    tidy,
)
from clusterkit.runs.reads import EXTENSION, READS_VARIABLE, recorded_reads
from clusterkit.runs.workshop import NOTEBOOKS_VARIABLE, Workshop

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.forking import ForkServer

LONGEST_SOCKET = 90  # bytes; the system refuses socket paths of about 104
START_SECONDS = 60
CELL_SECONDS = 600  # a cell that hangs fails in the end
READS = "reads.txt"  # in the private folder of a run
STOP_SECONDS = 0.2
LAST_WORDS = 20  # lines of what a dying kernel said
QUIET = logging.NullHandler()  # errors are raised; papermill would print them as well
KERNELS = weakref.WeakSet()  # the managers of the kernels this process has started
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class NotebookError(RunError):
    """A cell raised or took too long, or the kernel died.

    Attributes
    ----------
    notebook : str
    parameters : dict
        All parameters of the run.
    cell : int or None
        The number of the failing cell, counted from 1 over all cells of the notebook file;
        None when no single cell is to blame.
    source, ename, evalue, traceback : str
        The failing cell and its error, in plain text.
    command : str
        What to type to see it again.
    """

    def __init__(self, notebook: str, parameters: dict, command: str, **error) -> None:
        self.notebook, self.parameters, self.command = notebook, parameters, command
        self.cell, self.source = error.get("cell"), error.get("source", "")
        self.ename, self.evalue = error["ename"], COLOURS.sub("", error["evalue"])
        self.traceback = COLOURS.sub("", error.get("traceback", ""))
        told = self.evalue.replace("\n", "\n  ")  # an error of ours has lines of its own
        super().__init__(
            f"The notebook {notebook} failed: {self.ename}: {told}".rstrip(": "),
            where=f"cell {self.cell}" if self.cell else "outside its cells",
            fix=f"See it again with: {command}",
        )


class SilentKernelError(RuntimeError):
    """A kernel ended or hung before it answered for the first time."""


def execute(
    notebook: str,
    parameters: Mapping[str, object] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    timeout: int = CELL_SECONDS,
    server: "ForkServer | None" = None,
) -> "NotebookNode":
    """Run a notebook and return it executed and tidied; nothing is written.

    Parameters
    ----------
    notebook : str
        Its name, with or without ``.ipynb``.
    parameters : mapping, optional
        What differs from the defaults. papermill puts it into a cell after the parameters cell.
    folder : path, optional
        The notebooks folder.
    timeout : int
        Seconds a single cell may take.
    server : ForkServer, optional
        From `clusterkit.runs.forking.kernels`: the kernel is forked there. Without it the kernel
        is an interpreter of its own, which takes a single run little longer.

    Raises
    ------
    UnknownNameError, ParameterError
        Before a kernel starts: there is no such notebook, or the contract refuses a value.
    NotebookError
        A cell raised, or the kernel died.
    """
    run = Workshop.here(folder).ask(notebook, parameters)
    given, home = run.given, run.shop.notebooks
    source = read_notebook(run.path)
    # papermill looks up the language here, which a hand-made notebook may not say
    source.metadata.setdefault("language_info", {})["name"] = "python"

    def failure(**error) -> NotebookError:
        return NotebookError(run.notebook, run.values, run.command, **error)

    reached: dict[str, object] = {}  # the cell at work, should the kernel die or hang

    def reach(cell: "NotebookNode", cell_index: int) -> None:
        number = cell_index + 1 - bool(given)  # the injected cell is not in the file
        reached.update(cell=number, source=cell.source)

    def cells(server: "ForkServer | None") -> "NotebookNode":
        return _cells(source, given, home, timeout=timeout, reach=reach, server=server)

    from papermill.exceptions import PapermillExecutionError

    try:
        executed = _answered(cells, server)
    except PapermillExecutionError as error:
        raise failure(
            **reached,
            ename=error.ename,
            evalue=str(error.evalue),
            traceback="\n".join(error.traceback),
        ) from error
    except Exception as error:
        told = "\n".join(getattr(error, "__notes__", []))
        problem = {"ename": type(error).__name__, "evalue": str(error), "traceback": told}
        raise failure(**reached, **problem) from error
    # A cell that calls exit() ends the kernel, and papermill calls that a success.
    for number, cell in enumerate(executed.cells, start=1):
        if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
            raise failure(
                cell=number - bool(given),
                source=cell.source,
                ename="NotExecuted",
                evalue="an earlier cell ended the run",
            )
    return tidy(executed)


def run(
    notebook: str,
    out: str | os.PathLike[str],
    parameters: Mapping[str, object] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
) -> Path:
    """Run a notebook and write the executed notebook to `out`, on success only.

    Parameters
    ----------
    notebook, parameters, folder
        As for `execute`.
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
    if target == Workshop.here(folder).ask(notebook).path.resolve():
        raise RunError(
            "A run does not write onto the notebook it runs.",
            where=str(target),
            fix="Choose another --out, or use `clusterkit refresh` to execute it in place.",
        )
    write_whole(target, notebook_text(execute(notebook, parameters, folder=folder)))
    return target


def stop_kernels(running: Collection[Future]) -> None:
    """Kill every kernel until all these runs are over; each is told that its kernel died."""
    while wait(running, timeout=STOP_SECONDS).not_done:  # again, for one that was about to start
        kill_kernels()


def kill_kernels() -> None:
    """Kill every kernel that this process has started."""
    for manager in list(KERNELS):
        process = getattr(manager.provisioner, "process", None)
        if process is not None:
            process.kill()


def _answered(cells: Callable, server: "ForkServer | None") -> "NotebookNode":
    """Run the cells; where a forked kernel does not even answer, in an ordinary one."""
    try:
        return cells(server)
    except (SilentKernelError, ConnectionError) as error:
        if server is None or server.closed:
            raise
        server.tell_once(error)
        return cells(None)


def _cells(
    source: "NotebookNode",
    given: dict,
    home: Path,
    *,
    timeout: int,
    reach: Callable,
    server: "ForkServer | None",
) -> "NotebookNode":
    notebook_library()
    import papermill

    logging.getLogger("papermill").addHandler(QUIET)
    with (
        tempfile.TemporaryDirectory(prefix="ck-", ignore_cleanup_errors=True) as private,
        (Path(private) / "kernel.log").open("w+", encoding="utf-8", errors="replace") as log,
    ):
        try:
            executed = papermill.execute_notebook(
                source,
                None,
                parameters=given,
                kernel_name="python3",
                progress_bar=False,
                start_timeout=START_SECONDS,
                execution_timeout=timeout,
                extra_arguments=[EXTENSION],
                on_cell_start=reach,
                kernel_manager_class=_own_kernel(Path(private).resolve(), home, log, server),
            )
        except Exception as error:
            log.seek(0)
            error.add_note("".join(log.readlines()[-LAST_WORDS:]))
            raise
        except BaseException:  # nbclient leaves a kernel that was still starting
            kill_kernels()
            raise
        executed.metadata["clusterkit"] = {"read": recorded_reads(Path(private) / READS)}
        return executed


def _own_kernel(private: Path, home: Path, log: TextIO, server: "ForkServer | None" = None):
    """Return a kernel manager whose kernel is the very interpreter that runs this code.

    The kernel listens at files in a folder of its own, which no other kernel can take; ports can
    be taken by another kernel between choosing and binding them. Where files will not do
    (Windows, or a very deep temporary folder), ports it is.
    """
    from jupyter_client import AsyncKernelClient, AsyncKernelManager
    from jupyter_client.kernelspec import KernelSpecManager

    files = sys.platform != "win32" and len(os.fsencode(private / "k-ipc-5")) < LONGEST_SOCKET

    class OwnKernel(AsyncKernelManager):
        def __init__(self, **options) -> None:
            super().__init__(
                transport="ipc" if files else "tcp",
                connection_file=str(private / "k.json"),
                # with no folder to look in, "python3" is ipykernel run by sys.executable
                kernel_spec_manager=KernelSpecManager(kernel_dirs=[]),
                client_factory=OwnClient,
                **options,
            )

        async def start_kernel(self, **options) -> None:
            if server:
                from clusterkit.runs.forking import ForkedProvisioner

                self.provisioner = ForkedProvisioner(parent=self, kernel_spec=self.kernel_spec)
                self.provisioner.server = server
            environment = {
                **os.environ,
                NOTEBOOKS_VARIABLE: str(home),
                READS_VARIABLE: str(private / READS),
            }
            KERNELS.add(self)
            await super().start_kernel(env=environment, stderr=log, **options)

    class OwnClient(AsyncKernelClient):
        async def wait_for_ready(self, timeout: float | None = None) -> None:
            try:
                await super().wait_for_ready(timeout)
            except RuntimeError as error:
                raise SilentKernelError(str(error)) from error

    return OwnKernel
