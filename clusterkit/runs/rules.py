"""The rules of the gate: each takes a notebook and yields (cell number, what is wrong, what to do).

A rule is one short function; `RULES` lists them in the order their findings are shown.
"""

import ast
import re
from collections.abc import Iterator
from statistics import median

from clusterkit.runs.contract import TYPES
from clusterkit.runs.notebook import INJECTED, KERNEL, literals, parsed
from clusterkit.runs.numbers import in_prose, in_shown, in_speech
from clusterkit.runs.sheet import Sheet, output_texts

Found = Iterator[tuple[int | None, str, str]]

LONGEST_CELL = 15
MOST_CELLS = 25  # of code; a longer notebook asks more than one question
LONGEST_MEDIAN = 7
TAGS = {"parameters", INJECTED}
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
PLOTTING = {"matplotlib", "seaborn", "pylab"}
FILTERS = {"filterwarnings", "simplefilter", "catch_warnings"}


def _begins_with_a_question(sheet: Sheet) -> Found:
    first = sheet.notebook.cells[0] if sheet.notebook.cells else None
    title = first.source.split("\n")[0].rstrip() if first is not None else ""
    if first is None or first.cell_type != "markdown" or not re.match(r"# .*[?？]$", title):
        yield 1, "the notebook does not begin with a question.", 'Begin with "# ...?".'


def _runs_on_plain_python3(sheet: Sheet) -> Found:
    if sheet.notebook.metadata.get("kernelspec") != KERNEL:
        yield None, "the kernel is not plain python3.", REFRESH


def _has_stable_ids(sheet: Sheet) -> Found:
    for number, cell in sheet.cells:
        if cell.get("id") != f"cell-{number:02d}":
            yield number, f"the id is {cell.get('id')!r}, not 'cell-{number:02d}'.", REFRESH


def _was_executed_in_order(sheet: Sheet) -> Found:
    for count, (number, cell) in enumerate(sheet.code, start=1):
        if cell.execution_count != count:
            was = (
                "not executed"
                if cell.execution_count is None
                else (f"executed as number {cell.execution_count}")
            )
            yield number, f"was {was}, not as number {count}.", REFRESH


def _shows_its_outputs(sheet: Sheet) -> Found:
    outputs = {number: cell.outputs for number, cell in sheet.code}
    for number, tree in sheet.trees:
        if tree.body and isinstance(tree.body[-1], ast.Expr) and not outputs[number]:
            yield number, "ends in an expression but shows no output.", REFRESH


def _has_no_errors(sheet: Sheet) -> Found:
    for number, output in sheet.outputs():
        if output.output_type == "error":
            yield number, f"shows an error: {output.ename}.", "Mend the cell, then refresh."
        if output.get("name") == "stderr":
            yield number, "wrote to stderr.", "Mend what it warns of, then refresh."


def _names_no_machine(sheet: Sheet) -> Found:
    shown = [(number, text) for number, out in sheet.outputs() for text in output_texts(out)]
    for number, text in [(number, cell.source) for number, cell in sheet.cells] + shown:
        if path := MACHINE_PATH.search(text):
            yield number, f"names a path of one machine: {path[0]}.", "Take it out, then refresh."
    for number, text in shown:
        if OBJECT_ADDRESS.search(text):
            yield number, "shows the address of an object.", "Show a value instead, then refresh."


def _has_parameters_of_its_contract(sheet: Sheet) -> Found:
    tagged = [n for n, cell in sheet.cells if "parameters" in cell.metadata.get("tags", [])]
    first = sheet.code[0][0] if sheet.code else None
    if tagged != [first]:
        yield (
            next((number for number in tagged if number != first), None),
            "the first code cell, and no other, must carry the tag 'parameters'.",
            "Tag it in JupyterLab's property inspector.",
        )
        return
    number = tagged[0]
    values, all_literals = literals(sheet.notebook.cells[number - 1].source)
    if not all_literals:
        yield number, "the parameters cell holds more than bare literals.", "Write name = value."
    expected = sheet.contract.defaults
    mend = "Make the parameters cell and contracts.toml agree."
    for name in sorted(set(values) ^ set(expected)):
        missing = "the contract" if name in values else "the parameters cell"
        yield number, f"the parameter {name!r} is missing from {missing}.", mend
    for name in [name for name in expected if name in values]:
        value, kind = values[name], TYPES[sheet.contract.parameters[name].type]
        if type(value) is not kind or value != expected[name]:
            yield number, f"{name} is {value!r}, the contract says {expected[name]!r}.", mend
    if list(values) != list(expected) and set(values) == set(expected):
        yield number, "the parameters stand in another order than in the contract.", mend
    if "lang" not in expected:
        yield number, "there is no parameter 'lang'.", 'Add lang = "en", here and in the contract.'


def _was_not_left_with_injected_values(sheet: Sheet) -> Found:
    for number, cell in sheet.cells:
        if INJECTED in cell.metadata.get("tags", []):
            yield number, "holds the parameters of one run.", "Delete the cell, then refresh."


def _imports_in_one_cell(sheet: Sheet) -> Found:
    numbers = sorted({number for number, _ in sheet.nodes(ast.Import, ast.ImportFrom)})
    if not numbers:
        yield None, "no cell imports anything.", "Import clusterkit in one cell."
    for number in numbers[1:]:
        yield number, "imports, but another cell did before.", f"Move it to cell {numbers[0]}."


def _is_plain_python(sheet: Sheet) -> Found:
    for number, cell in sheet.code:
        if parsed(cell.source) is None:
            magic = re.search(r"^\s*([%!?]\S*|\S+\?+\s*$)", cell.source, re.MULTILINE)
            what = f"uses a magic: {magic[1]}." if magic else "is not Python."
            yield number, what, "Write plain Python."


def _leaves_drawing_to_clusterkit(sheet: Sheet) -> Found:
    for number, module in sheet.imports():
        if module.split(".")[0] in PLOTTING:
            yield number, f"imports {module}.", "Draw with clusterkit's figures."


def _silences_no_warnings(sheet: Sheet) -> Found:
    advice = "Mend the cause of the warning."
    for number, module in sheet.imports():
        if module.split(".")[0] == "warnings":
            yield number, "imports warnings.", advice
    for number, node in sheet.nodes(ast.Attribute):
        if node.attr in FILTERS:
            yield number, f"filters warnings ({node.attr}).", advice


def _prints_nothing(sheet: Sheet) -> Found:
    for number, node in sheet.nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id == "print":
            yield number, "prints.", "End the cell in the value to show."
    for number, output in sheet.outputs():
        if output.get("name") == "stdout":
            yield number, "wrote to stdout.", "End the cell in the value to show."


def _hides_nothing_from_nbval(sheet: Sheet) -> Found:
    for number, cell in sheet.code:
        marks = [tag for tag in cell.metadata.get("tags", []) if tag not in TAGS]
        for mark in marks + UNCHECKED.findall(cell.source):
            yield number, f"carries the mark {mark}.", "Let nbval check every cell."


def _opens_no_files(sheet: Sheet) -> Found:
    for number, node in sheet.nodes(ast.Call):
        if isinstance(node.func, ast.Name) and node.func.id in ("open", "Path"):
            yield number, f"opens files ({node.func.id}).", "Load data through clusterkit."
    for number, node in sheet.nodes(ast.Constant):
        if isinstance(node.value, str) and FILE_PATH.search(node.value):
            yield number, f"names a file: {node.value!r}.", "Load data through clusterkit."


def _keeps_cells_short(sheet: Sheet) -> Found:
    for number, cell in sheet.code:
        lines = len(cell.source.strip("\n").split("\n"))
        if lines > LONGEST_CELL:
            yield number, f"has {lines} lines; {LONGEST_CELL} is the most.", "Split it."


def _is_no_longer_than_one_question(sheet: Sheet) -> Found:
    lines = [len(cell.source.strip("\n").split("\n")) for _, cell in sheet.code]
    if len(lines) > MOST_CELLS:
        what = f"has {len(lines)} code cells; {MOST_CELLS} is the most."
        yield None, what, "Leave out what the question does not need."
    if lines and median(lines) > LONGEST_MEDIAN:
        what = f"has cells of {median(lines):g} lines in the median; {LONGEST_MEDIAN} is the most."
        yield None, what, "Move work into clusterkit."


def _types_no_numbers(sheet: Sheet) -> Found:
    for number, cell in sheet.cells:
        if cell.cell_type == "markdown":
            for typed in in_prose(cell.source):
                yield number, f"types a number in prose: {typed}.", "Let page.say word it."
    for number, tree in sheet.trees:
        for typed in in_speech(tree):
            yield number, f"types a number in what it says: {typed}.", "Give it as a value."
    for number, output in sheet.outputs():
        for bare in in_shown(output.get("data", {}).get("text/html", "")):
            yield number, f"shows a number that no value carries: {bare}.", "Use page.table."


def _ends_in_its_sources(sheet: Sheet) -> Found:
    number, cell = sheet.code[-1] if sheet.code else (None, None)
    tree = parsed(cell.source) if cell is not None else None
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)] if tree else []
    if not any(isinstance(call, ast.Attribute) and call.attr == "sources" for call in calls):
        yield number, "the last code cell does not show the sources.", "End in `....sources()`."


RULES = (
    _begins_with_a_question,
    _runs_on_plain_python3,
    _has_stable_ids,
    _was_executed_in_order,
    _shows_its_outputs,
    _has_no_errors,
    _names_no_machine,
    _has_parameters_of_its_contract,
    _was_not_left_with_injected_values,
    _imports_in_one_cell,
    _is_plain_python,
    _leaves_drawing_to_clusterkit,
    _silences_no_warnings,
    _prints_nothing,
    _hides_nothing_from_nbval,
    _opens_no_files,
    _keeps_cells_short,
    _is_no_longer_than_one_question,
    _types_no_numbers,
    _ends_in_its_sources,
)
