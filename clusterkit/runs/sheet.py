"""A notebook laid out for the rules of the gate: numbered cells, outputs, and parsed code."""

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from clusterkit.runs.contract import Contract
from clusterkit.runs.notebook import parsed

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
        trees = ((number, parsed(cell.source)) for number, cell in self.code)
        return [(number, tree) for number, tree in trees if tree is not None]

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


def output_texts(output: "NotebookNode") -> Iterator[str]:
    """Yield the texts of an output that a reader can see."""
    yield output.get("text", "")
    yield "\n".join(output.get("traceback", []))
    for kind, content in output.get("data", {}).items():
        if kind.startswith("text/"):
            yield content
