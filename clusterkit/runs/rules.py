"""The rules of the gate: each takes a notebook and yields (cell number, what is wrong, what to do).

A rule is one short function; `RULES` lists them in the order their findings are shown. What ruff
checks of a notebook (printing, opening files, drawing libraries, long lines) stands in gate.toml.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from importlib import import_module
from pkgutil import iter_modules
from statistics import median
from typing import TYPE_CHECKING

from clusterkit import views
from clusterkit.runs.compare import facts_of
from clusterkit.runs.contract import TYPES, Contract
from clusterkit.runs.notebook import COVER, INJECTED, literals, parsed
from clusterkit.views.chart import Picture
from clusterkit.views.facts import FACTS, stray_numbers, typed_numbers
from clusterkit.views.page import spoken

if TYPE_CHECKING:
    from nbformat import NotebookNode

Found = Iterator[tuple[int | None, str, str]]

LONGEST_CELL = 15
MOST_CELLS = 25  # of code; a longer notebook asks more than one question
LONGEST_MEDIAN = 7
FEW = 5  # stray numbers that are named
TAGS = {"parameters", INJECTED, COVER}
UNCHECKED = re.compile(r"#\s*(NBVAL_\w+|PYTEST_VALIDATE_\w+)")
REFRESH = "Run `clusterkit refresh`."
ROOTS = "home|Users|root|tmp|var|private|mnt|media|opt|srv|usr|work|workspaces?|builds"
MACHINE_PATH = re.compile(
    rf"(?<![\w.~/:)-])/(?:{ROOTS})/[\w.-]+|\b[A-Za-z]:\\{{1,2}}\w|file://"
)  # not within a web address, where a host or a folder stands before it
OBJECT_ADDRESS = re.compile(r"<[^<>\n]* at 0x[0-9a-fA-F]+>|&lt;[^<>\n]* at 0x[0-9a-fA-F]+&gt;")
FILE_PATH = re.compile(
    r"^(?:~|\.{1,2})?/\w|^~[\\/]|^[A-Za-z]:[\\/]"
    r"|\.(?:csv|tsv|json|toml|ya?ml|xlsx?|parquet|feather|png|svg|pdf|txt|html?|ipynb|py|zip)$",
    re.IGNORECASE,
)
FILTERS = {"filterwarnings", "simplefilter", "catch_warnings"}
PLACE = re.compile(r"\{[^{}]*\}")  # of a sentence, for a value
# Fenced and inline code, and the address part of a link.
CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL)


@dataclass(frozen=True)
class Notebook:
    """A notebook as the rules see it: numbered cells, outputs, and parsed code."""

    node: "NotebookNode"
    contract: Contract

    @cached_property
    def cells(self) -> list[tuple[int, "NotebookNode"]]:
        """All cells, counted from 1."""
        return list(enumerate(self.node.cells, start=1))

    @cached_property
    def code(self) -> list[tuple[int, "NotebookNode"]]:
        """The code cells."""
        return [(number, cell) for number, cell in self.cells if cell.cell_type == "code"]

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

    def texts(self) -> Iterator[tuple[int, str]]:
        """Yield the texts of outputs that a reader can see, with the number of their cell."""
        for number, output in self.outputs():
            yield number, output.get("text", "")
            yield number, "\n".join(output.get("traceback", []))
            data = output.get("data", {})
            yield from ((number, data[kind]) for kind in data if kind.startswith("text/"))


def _begins_with_a_question(notebook: Notebook) -> Found:
    first = notebook.node.cells[0] if notebook.node.cells else None
    title = first.source.split("\n")[0].rstrip() if first is not None else ""
    if first is None or first.cell_type != "markdown" or not re.match(r"# .*[?？]$", title):
        yield 1, "the notebook does not begin with a question.", 'Begin with "# ...?".'


def _was_executed_in_order(notebook: Notebook) -> Found:
    for count, (number, cell) in enumerate(notebook.code, start=1):
        if cell.execution_count is None:
            yield number, f"was not executed, not as number {count}.", REFRESH
        elif cell.execution_count != count:
            what = f"was executed as number {cell.execution_count}, not as number {count}."
            yield number, what, REFRESH


def _shows_its_outputs(notebook: Notebook) -> Found:
    outputs = {number: cell.outputs for number, cell in notebook.code}
    for number, tree in notebook.trees:
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not outputs[number]:
            yield number, "ends in an expression but shows no output.", REFRESH


def _has_no_errors(notebook: Notebook) -> Found:
    for number, output in notebook.outputs():
        if output.output_type == "error":
            yield number, f"shows an error: {output.ename}.", "Mend the cell, then refresh."
        if output.get("name") == "stderr":
            yield number, "wrote to stderr.", "Mend what it warns of, then refresh."


def _names_no_machine(notebook: Notebook) -> Found:
    shown = list(notebook.texts())
    for number, text in [(number, cell.source) for number, cell in notebook.cells] + shown:
        if path := MACHINE_PATH.search(text):
            yield number, f"names a path of one machine: {path[0]}.", "Take it out, then refresh."
    for number, text in shown:
        if OBJECT_ADDRESS.search(text):
            yield number, "shows the address of an object.", "Show a value instead, then refresh."


def _has_parameters_of_its_contract(notebook: Notebook) -> Found:
    tagged = [n for n, cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    first = notebook.code[0][0] if notebook.code else None
    if tagged != [first]:
        yield (
            next((number for number in tagged if number != first), None),
            "the first code cell, and no other, must carry the tag 'parameters'.",
            "Tag it in JupyterLab's property inspector.",
        )
        return
    number = tagged[0]
    values, all_literals = literals(notebook.node.cells[number - 1].source)
    if not all_literals:
        yield number, "the parameters cell holds more than bare literals.", "Write name = value."
    expected = notebook.contract.defaults
    mend = "Make the parameters cell and contracts.toml agree."
    for name in sorted(set(values) ^ set(expected)):
        missing = "the contract" if name in values else "the parameters cell"
        yield number, f"the parameter {name!r} is missing from {missing}.", mend
    for name in [name for name in expected if name in values]:
        value, kind = values[name], TYPES[notebook.contract.parameters[name].type]
        if type(value) is not kind or value != expected[name]:
            yield number, f"{name} is {value!r}, the contract says {expected[name]!r}.", mend
    if list(values) != list(expected) and set(values) == set(expected):
        yield number, "the parameters stand in another order than in the contract.", mend
    if "lang" not in expected:
        yield number, "there is no parameter 'lang'.", 'Add lang = "en", here and in the contract.'


def _was_not_left_with_injected_values(notebook: Notebook) -> Found:
    for number, cell in notebook.cells:
        if INJECTED in cell.metadata.get("tags", []):
            yield number, "holds the parameters of one run.", "Delete the cell, then refresh."


def _imports_in_one_cell(notebook: Notebook) -> Found:
    numbers = sorted({number for number, _ in notebook.nodes(ast.Import, ast.ImportFrom)})
    if not numbers:
        yield None, "no cell imports anything.", "Import clusterkit in one cell."
    for number in numbers[1:]:
        yield number, "imports, but another cell did before.", f"Move it to cell {numbers[0]}."


def _is_plain_python(notebook: Notebook) -> Found:
    for number, cell in notebook.code:
        if parsed(cell.source) is None:
            magic = re.search(r"^\s*([%!?]\S*|\S+\?+\s*$)", cell.source, re.MULTILINE)
            what = f"uses a magic: {magic[1]}." if magic else "is not Python."
            yield number, what, "Write plain Python."


def _silences_no_warnings(notebook: Notebook) -> Found:
    for number, node in notebook.nodes(ast.Attribute):
        if node.attr in FILTERS:
            yield number, f"filters warnings ({node.attr}).", "Mend the cause of the warning."


def _writes_nothing_to_stdout(notebook: Notebook) -> Found:
    for number, output in notebook.outputs():
        if output.get("name") == "stdout":
            yield number, "wrote to stdout.", "End the cell in the value to show."


def _hides_nothing_from_nbval(notebook: Notebook) -> Found:
    for number, cell in notebook.code:
        marks = [tag for tag in cell.metadata.get("tags", []) if tag not in TAGS]
        for mark in marks + UNCHECKED.findall(cell.source):
            yield number, f"carries the mark {mark}.", "Let nbval check every cell."


def _names_no_files(notebook: Notebook) -> Found:
    for number, node in notebook.nodes(ast.Constant):
        if isinstance(node.value, str) and FILE_PATH.search(node.value):
            yield number, f"names a file: {node.value!r}.", "Load data through clusterkit."


def _says_one_thing_a_cell(notebook: Notebook) -> Found:
    for number, node in notebook.nodes(ast.Expr):
        if isinstance(node.value, ast.IfExp):
            yield number, "shows one of two things.", "Let one call say both: say(..., otherwise=)."


def _splats_no_names(notebook: Notebook) -> Found:
    for number, node in notebook.nodes(ast.Call):
        if any(keyword.arg is None for keyword in node.keywords):
            what = f"spreads a dictionary over a call: {ast.unparse(node.func)}(**...)."
            yield number, what, "A noun is missing: pass one object."


def _keeps_cells_short(notebook: Notebook) -> Found:
    for number, cell in notebook.code:
        lines = len(cell.source.strip("\n").split("\n"))
        if lines > LONGEST_CELL:
            yield number, f"has {lines} lines; {LONGEST_CELL} is the most.", "Split it."


def _is_no_longer_than_one_question(notebook: Notebook) -> Found:
    lines = [len(cell.source.strip("\n").split("\n")) for _, cell in notebook.code]
    if len(lines) > MOST_CELLS:
        what = f"has {len(lines)} code cells; {MOST_CELLS} is the most."
        yield None, what, "Leave out what the question does not need."
    if lines and median(lines) > LONGEST_MEDIAN:
        what = f"has cells of {median(lines):g} lines in the median; {LONGEST_MEDIAN} is the most."
        yield None, what, "Move work into clusterkit."


def _types_no_numbers(notebook: Notebook) -> Found:
    for number, cell in notebook.cells:
        if cell.cell_type == "markdown":
            for typed in typed_numbers(CODE.sub(" ", cell.source)):
                yield number, f"types a number in prose: {typed}.", "Let page.say word it."
    for number, call in notebook.nodes(ast.Call):
        for typed in typed_in(call):
            yield number, f"types a number in what it says: {typed}.", "Give it as a value."


@cache
def speakers() -> frozenset[str]:
    """Return the names of all that shows what it is told: methods of pages, and pictures."""
    for module in iter_modules(views.__path__, f"{views.__name__}."):
        import_module(module.name)
    kinds = [Picture]
    for kind in kinds:  # grows: kinds have kinds of their own
        kinds += kind.__subclasses__()
    return spoken() | {kind.__name__ for kind in kinds}


def typed_in(call: ast.Call) -> list[str]:
    """Return the numbers in whatever text a page or a picture is given; of other calls none."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in speakers():
        return []
    given = (node.value for node in ast.walk(call) if isinstance(node, ast.Constant))
    texts = [PLACE.sub(" ", text) for text in given if isinstance(text, str)]
    return [number for text in texts for number in typed_numbers(text)]


def _shows_no_number_without_its_value(notebook: Notebook) -> Found:
    for number, output in notebook.outputs():
        data = output.get("data", {})
        if FACTS in data or "text/html" in data:
            stray = stray_numbers(data.get("text/plain", ""), facts_of([output]))
            if stray:
                some = ", ".join(stray[:FEW]) + " ..." * (len(stray) > FEW)
                yield number, f"shows numbers that no value carries: {some}.", "Use page.table."


def _ends_in_its_sources(notebook: Notebook) -> Found:
    number, cell = notebook.code[-1] if notebook.code else (None, None)
    tree = parsed(cell.source) if cell is not None else None
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    if not any(isinstance(call, ast.Attribute) and call.attr == "sources" for call in calls):
        yield number, "the last code cell does not show the sources.", "End in `....sources()`."


RULES = (
    _begins_with_a_question,
    _was_executed_in_order,
    _shows_its_outputs,
    _has_no_errors,
    _names_no_machine,
    _has_parameters_of_its_contract,
    _was_not_left_with_injected_values,
    _imports_in_one_cell,
    _is_plain_python,
    _silences_no_warnings,
    _writes_nothing_to_stdout,
    _hides_nothing_from_nbval,
    _names_no_files,
    _says_one_thing_a_cell,
    _splats_no_names,
    _keeps_cells_short,
    _is_no_longer_than_one_question,
    _types_no_numbers,
    _shows_no_number_without_its_value,
    _ends_in_its_sources,
)
