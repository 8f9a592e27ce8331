"""Notebooks: read, run through papermill, and cleaned of what changes from run to run.

Two runs of a notebook on the same data leave the same bytes, so a difference between two files is a
difference of content. papermill gets the notebook in memory and writes no file, so a failed run
leaves nothing behind and braces in a path mean nothing. The kernel is the interpreter that runs
this code, whatever kernels are registered on the machine.
"""

import ast
import logging
import os
import re
import sys
from collections.abc import Collection
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

from clusterkit.errors import DataError, RunError
from clusterkit.files import temporary_folder, try_writing, write_whole
from clusterkit.runs.workshop import Run

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.kernels import ForkServer, OwnKernel

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
COVER = "cover"  # the tag of the cell whose picture stands for the notebook
INJECTED = "injected-parameters"  # the tag papermill gives the cell it adds
STAMPS = ("papermill", "execution", "ExecuteTime")  # cell metadata that holds times
START_SECONDS = 600  # one that dies is noticed at once, so this is for one that hangs
CELL_SECONDS = 600  # a cell that hangs fails in the end
STOP_SECONDS = 0.2
LAST_WORDS, FEW, LONGEST = 20, 5, 200  # lines of what a dying kernel said, shown here, how long
QUIET = logging.NullHandler()  # errors are raised; papermill would print them as well
COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def notebook_library():
    """Import and return nbformat.

    With jupyterlab installed, jsonschema's format checks build the grammar of rfc3987_syntax when
    they are imported: a second or two, for a check that notebooks never ask for. jsonschema does
    without that package where it is absent, so it is absent for the length of this import.
    """
    if "nbformat" not in sys.modules:
        sys.modules.setdefault("rfc3987_syntax", None)
    import nbformat

    if sys.modules.get("rfc3987_syntax", ...) is None:
        sys.modules.pop("rfc3987_syntax", None)
    return nbformat


def read_notebook(path: Path) -> "NotebookNode":
    """Return a notebook in the current format."""
    nbformat = notebook_library()
    problems: dict[str, Exception] = {}
    what, why = f"{path.name} is not a notebook", None
    fix = "Restore the file from git."
    try:
        text = path.read_text(encoding="utf-8-sig")
        notebook = nbformat.reads(text, as_version=4, capture_validation_error=problems)
    except FileNotFoundError as error:
        what, problems["file"] = f"There is no notebook {path.name}", error
        fix = "Write it, or take its contract out of contracts.toml."
    except OSError as error:
        what, problems["file"] = f"{path.name} cannot be read: {error.strerror}", error
        fix = "Mend what is in the way, such as its permissions."
    except UnicodeDecodeError as error:
        what, problems["text"] = f"{path.name} is not saved in UTF-8", error
        fix = "Save it in UTF-8, as JupyterLab does, or restore it from git."
    except Exception as error:  # which, depends on what is wrong with it
        what, problems["text"] = f"{what}: {type(error).__name__}", error
        why = "It was cut short, edited by hand, or holds the marks of a merge conflict."
    for problem in problems.values():
        raise DataError(f"{what}.", where=str(path), why=why, fix=fix) from problem
    return notebook


def tidy(notebook: "NotebookNode") -> "NotebookNode":
    """Strip times, noise and chance from a notebook, in place, and return it.

    Execution counts become 1 to n for the code cells that ran, ids follow the position, the
    kernel is plain ``python3``; stderr, execution stamps and empty tag lists go.
    """
    notebook.metadata = type(notebook.metadata)(
        kernelspec=KERNEL,
        language_info={"name": "python"},
        # what an author noted down stays
        **{
            key: value
            for key, value in notebook.metadata.items()
            if key not in ("kernelspec", "language_info", "papermill", "widgets")
        },
    )
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    count = position = 0
    for cell in notebook.cells:
        tags = cell.metadata.get("tags", [])
        position += INJECTED not in tags
        cell.id = INJECTED if INJECTED in tags else f"cell-{position:02d}"
        for stamp in STAMPS:
            cell.metadata.pop(stamp, None)
        if not tags:
            cell.metadata.pop("tags", None)
        if cell.cell_type != "code":
            continue
        if cell.execution_count is not None:
            count += 1
            cell.execution_count = count
        cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        for output in cell.outputs:
            if "execution_count" in output:
                output.execution_count = cell.execution_count
    return notebook


def notebook_text(notebook: "NotebookNode") -> str:
    """Return the text of a notebook file, ending in one newline."""
    return notebook_library().writes(notebook).rstrip("\n") + "\n"


def parsed(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, None where it is not plain Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def literals(source: str) -> tuple[dict[str, object], bool]:
    """Return the bare literals a cell assigns, and whether it does nothing else."""
    tree = parsed(source)
    values: dict[str, object] = {}
    plain = tree is not None
    for statement in tree.body if tree else []:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                try:
                    values[name] = ast.literal_eval(value)
                except ValueError:
                    plain = False
            case _:
                plain = False
    return values, plain


def given(executed: "NotebookNode") -> list[str]:
    """Return the names of the parameters that a run was given."""
    tagged = (cell for cell in executed.cells if INJECTED in cell.metadata.get("tags", []))
    return [name for cell in tagged for name in literals(cell.source)[0]]


class NotebookError(RunError):
    """A cell raised or took too long, or the kernel died.

    `cell` is counted from 1 over all cells of the file, and None when no single one is to blame;
    `traceback` is in plain text, or what a dead kernel said last.
    """

    def __init__(self, run: Run, **error) -> None:
        self.run = run
        self.cell, self.source = error.get("cell"), error.get("source", "")
        self.ename, self.evalue = error["ename"], COLOURS.sub("", error["evalue"])
        self.traceback = COLOURS.sub("", error.get("traceback", ""))
        self.log = error.get("log", "")
        told = self.evalue.replace("\n", "\n  ")  # an error of ours has lines of its own
        said = [line[:LONGEST] for line in self.log.splitlines()[-FEW:]]
        super().__init__(
            f"The notebook {run.notebook} failed: {self.ename}: {told}".rstrip(": "),
            where=f"cell {self.cell}" if self.cell else "outside its cells",
            why="\n    ".join(["its kernel said:", *said]) if said else None,
            fix=f"See it again with: {run.command}",
        )

    def __reduce__(self) -> tuple:  # it may come from another machine
        told = ("cell", "source", "ename", "evalue", "traceback", "log")
        return partial(type(self), **{name: getattr(self, name) for name in told}), (self.run,)

    @property
    def account(self) -> str:
        """The failing cell and what it said, as the page of a failure shows them."""
        parts = {
            f"The cell that failed ({self.cell}):": self.source,
            "What it said:": self.traceback,
        }
        told = [f"{head}\n{indent(text, '  ')}" for head, text in parts.items() if text]
        return "\n".join([*told, str(self)])


def execute(
    run: Run, *, timeout: int = CELL_SECONDS, server: "ForkServer | None" = None
) -> "NotebookNode":
    """Run a notebook and return it executed and tidied; nothing is written."""
    work = _Work(run, timeout)
    source = read_notebook(run.path)
    # papermill looks up the language here, which a hand-made notebook may not say
    source.metadata.setdefault("language_info", {})["name"] = "python"
    try:
        return tidy(_answered(work, source, server))
    except Exception as error:
        raise NotebookError(run, **work.told(error)) from error


def execute_to(run: Run, out: str | os.PathLike[str]) -> Path:
    """Run a notebook and write the executed notebook to `out`, on success only."""
    target = Path(out).expanduser().resolve()
    if target == run.path.resolve():
        what = "A run does not write onto the notebook it runs."
        fix = "Choose another --out, or use `clusterkit refresh` to execute it in place."
        raise RunError(what, where=str(target), fix=fix)
    try_writing(target)
    write_whole(target, notebook_text(execute(run)))
    return target


def stop_kernels(running: Collection[Future]) -> None:
    """Kill every kernel until all these runs are over; each is told that its kernel died."""
    from clusterkit.runs.kernels import STARTED

    while wait(running, timeout=STOP_SECONDS).not_done:  # again, for one that was about to start
        for kernel in list(STARTED):
            kernel.kill()


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
    at: dict = field(default_factory=dict)
    log: str = ""
    kernel: "type[OwnKernel] | None" = None

    def done(self, source: "NotebookNode", server: "ForkServer | None") -> "NotebookNode":
        """Return the notebook executed, in a kernel of its own that has ended by then."""
        notebook_library()
        import papermill

        from clusterkit.runs.kernels import OwnKernel

        logging.getLogger("papermill").addHandler(QUIET)
        environment = os.environ | self.run.shop.environment
        with (
            temporary_folder() as private,
            (private / "kernel.log").open("w+", encoding="utf-8", errors="replace") as said,
            OwnKernel.of(private, environment, said, server) as self.kernel,
        ):
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
                    kernel_manager_class=self.kernel,
                )
            except Exception:
                said.seek(0)
                self.log = "".join(said.readlines()[-LAST_WORDS:])
                raise
        self._refuse_skipped(executed)
        return executed

    def told(self, error: Exception) -> dict[str, object]:
        """Return what a `NotebookError` tells of the error that ended the work."""
        from papermill.exceptions import PapermillExecutionError

        from clusterkit.runs.kernels import MOST_OUTPUT

        name, value, outputs = type(error).__name__, str(error), self.at.get("outputs", [])
        said = "".join(it.text for it in outputs if it.get("name") == "stderr")
        trace = log = "\n".join((said + self.log).splitlines()[-LAST_WORDS:])
        if isinstance(error, PapermillExecutionError):
            name, value, trace, log = error.ename, error.evalue, "\n".join(error.traceback), ""
            if said and not value:  # a magic that does not exist, for one, raises nothing
                name, _, value = said.strip().rpartition("\n")[2].partition(": ")
        elif self.kernel and self.kernel.heard > MOST_OUTPUT:
            name = "TooMuchOutput"
            value = f"a notebook may show {MOST_OUTPUT // 10**6} MB, and this cell went beyond"
        elif "died" not in value:
            log = ""  # which tells of no more than how it was ended
        elif ending := self.kernel.ending():
            value += f" ({ending})"
        return {**self.reached, "ename": name, "evalue": value, "traceback": trace, "log": log}

    def _reach(self, cell: "NotebookNode", cell_index: int) -> None:
        # the cell that papermill puts in is not in the file
        self.reached = {"cell": cell_index + 1 - bool(self.run.given), "source": cell.source}
        self.at = cell

    def _refuse_skipped(self, executed: "NotebookNode") -> None:
        """Refuse what papermill calls a success when a cell has ended the kernel by exit()."""
        from papermill.exceptions import PapermillExecutionError

        for index, cell in enumerate(executed.cells):
            if cell.cell_type == "code" and cell.source.strip() and cell.execution_count is None:
                self._reach(cell, index)
                why = "an earlier cell ended the run"
                raise PapermillExecutionError(index, None, cell.source, "NotExecuted", why, [])
