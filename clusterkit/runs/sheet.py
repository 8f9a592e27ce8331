"""A notebook laid out for the rules of the gate: numbered cells, outputs, and parsed code."""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from clusterkit.runs.contract import Contract

if TYPE_CHECKING:
    from nbformat import NotebookNode


class Sheet:
    """A notebook as the rules see it.

    Parameters
    ----------
    notebook : NotebookNode
    contract : Contract
    """

    def __init__(self, notebook: "NotebookNode", contract: Contract) -> None:
        self.notebook, self.contract = notebook, contract
        self.cells = list(enumerate(notebook.cells, start=1))
        self.code = [(number, cell) for number, cell in self.cells if cell.cell_type == "code"]

    @cached_property
    def trees(self) -> list[tuple[int, ast.Module]]:
        """The syntax trees of the code cells that are Python."""
        parsed = ((number, parse(cell.source)) for number, cell in self.code)
        return [(number, tree) for number, tree in parsed if tree is not None]

    def nodes(self, *kinds: type) -> Iterator[tuple[int, ast.AST]]:
        """Yield the nodes of some kinds from all code cells, with the number of their cell."""
        for number, tree in self.trees:
            yield from ((number, node) for node in ast.walk(tree) if isinstance(node, kinds))

    def outputs(self) -> Iterator[tuple[int, "NotebookNode"]]:
        """Yield all outputs, with the number of their cell."""
        for number, cell in self.code:
            yield from ((number, output) for output in cell.outputs)

    def imports(self) -> Iterator[tuple[int, str]]:
        """Yield the modules that code cells import, with the number of their cell."""
        for number, node in self.nodes(ast.Import, ast.ImportFrom):
            if isinstance(node, ast.ImportFrom):
                yield number, node.module or ""
            else:
                yield from ((number, alias.name) for alias in node.names)


def parse(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, None where it is not plain Python."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return None


def output_texts(output: "NotebookNode") -> Iterator[str]:
    """Yield the texts of an output that a reader can see."""
    yield output.get("text", "")
    yield "\n".join(output.get("traceback", []))
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield content


def literals(source: str) -> tuple[dict[str, object], bool]:
    """Return the bare literals a cell assigns, and whether it does nothing else."""
    tree = parse(source)
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
