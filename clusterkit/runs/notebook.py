"""Notebooks as files: read, and cleaned of what changes from run to run.

Two runs of the same notebook on the same data leave the same bytes, so that a difference between
two files is always a difference of content.
"""

import ast
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from clusterkit.errors import DataError

if TYPE_CHECKING:
    from nbformat import NotebookNode

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
INJECTED = "injected-parameters"  # the tag papermill gives the cell it adds
HEADING = re.compile(r"^#{1,6} +(.+?)\s*$", re.MULTILINE)
STAMPS = ("papermill", "execution", "ExecuteTime")  # cell metadata that holds times


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
    """Return a notebook in the current format.

    Raises
    ------
    DataError
        The file is missing or is no notebook.
    """
    nbformat = notebook_library()
    problems: dict[str, Exception] = {}
    try:
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4, capture_validation_error=problems)
    except FileNotFoundError as error:
        raise DataError(
            f"There is no notebook {path.name}.",
            where=str(path),
            fix="Write it, or take its contract out of contracts.toml.",
        ) from error
    except (nbformat.ValidationError, AttributeError, ValueError) as error:
        problems["text"] = error
    for problem in problems.values():
        raise DataError(
            f"{path.name} is not a notebook: {type(problem).__name__}.",
            where=str(path),
            why="It was cut short, edited by hand, or holds the marks of a merge conflict.",
            fix="Restore the file from git.",
        ) from problem
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


def last_heading(markdown: str) -> str:
    """Return the last heading of a markdown cell, or an empty text."""
    return ["", *HEADING.findall(markdown)][-1]


def given(executed: "NotebookNode") -> list[str]:
    """Return the names of the parameters that a run was given."""
    tagged = (cell for cell in executed.cells if INJECTED in cell.metadata.get("tags", []))
    return [name for cell in tagged for name in literals(cell.source)[0]]
