"""The house: imports go one way, heavy libraries stay in their rooms, nothing happens at import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from .ratchet import LIMITS, measured, modules, table

# From the ground up: a room imports from its own floor and from those below it.
FLOORS = [
    {"errors"},
    {"files", "shapes", "words"},
    {"printed", "regional"},
    {"evidence"},
    {"measures"},
    {"views"},
    {"runs"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
ONLY_IN = {
    "matplotlib": "views",
    "seaborn": "views",
    "papermill": "runs",
    "nbconvert": "runs",
    "nbclient": "runs",
    "nbformat": "runs",
}
PACKAGE = Path(__file__).resolve().parents[1] / "clusterkit"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "_shipped" not in path.parts)


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively; name the room instead"
            found |= {f"{node.module}.{name.name}" for name in node.names} | {node.module}
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_imports_go_one_way(path):
    room = room_of(path)
    if room == "__init__":
        return
    for name in imported(path):
        parts = name.split(".")
        if parts[0] == "clusterkit" and len(parts) > 1 and parts[1] in FLOOR:
            below = FLOOR[parts[1]] < FLOOR[room] or parts[1] == room
            assert below, f"{room} imports from {parts[1]}"
        if parts[0] in ONLY_IN:
            assert room == ONLY_IN[parts[0]], f"{parts[0]} belongs in {ONLY_IN[parts[0]]}"


def test_regional_uses_errors_alone():
    for path in MODULES:
        if room_of(path) == "regional":
            ours = {name.split(".")[1] for name in imported(path) if name.startswith("clusterkit.")}
            assert ours <= {"errors", "regional"}, path


QUIET = """
import sys, warnings
opened = []
def watch(event, args):
    if event == "open" and isinstance(args[0], str):
        if not args[0].endswith((".py", ".pyc", ".pyi", ".so")) and "__pycache__" not in args[0]:
            opened.append(args[0])
before = list(warnings.filters)
sys.addaudithook(watch)
import clusterkit
assert not opened, opened
assert warnings.filters == before
heavy = {"pandas", "matplotlib", "seaborn", "papermill", "nbconvert", "pandera", "pint"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
assert "load_case" in dir(clusterkit)
"""


def test_nothing_of_the_package_comes_from_its_top():
    """There it would be hidden from what is said here about the direction of imports."""
    for path in MODULES:
        tops = {name for name in imported(path) if name.count(".") == 1}
        others = {name for name in tops if name.startswith("clusterkit.")}
        rooms = {f"clusterkit.{name}" for name in FLOOR} | {"clusterkit.__version__"}
        assert others <= rooms, path


def test_import_is_silent_and_light():
    done = subprocess.run(
        [sys.executable, "-c", QUIET], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


ALL_QUIET = """
import importlib, pathlib, sys
package = pathlib.Path({package!r})
opened = []
def watch(event, args):
    if event == "open" and isinstance(args[0], (str, pathlib.Path)):
        path = pathlib.Path(args[0])
        if package in path.parents and path.suffix not in (".py", ".pyc", ".pyi"):
            if "__pycache__" not in path.parts:
                opened.append(path.name)
sys.addaudithook(watch)
for path in sorted(package.rglob("*.py")):
    if path.name != "__main__.py":
        parts = path.relative_to(package.parent).with_suffix("").parts
        importlib.import_module(".".join(parts).removesuffix(".__init__"))
assert not opened, opened
"""


def test_no_module_reads_a_file_of_the_package_when_imported():
    code = ALL_QUIET.format(package=str(PACKAGE))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_drawing_leaves_matplotlib_as_it_was(zhili):
    import matplotlib as mpl

    from clusterkit import Page, Trend

    before = dict(mpl.rcParams)
    Page(zhili).draw(Trend(zhili.series("sales")), "Sales").png()
    assert dict(mpl.rcParams) == before


def test_public_names_resolve_and_match_the_stub():
    import clusterkit

    stub = ast.parse((PACKAGE / "__init__.pyi").read_text(encoding="utf-8"))
    named = {
        name.name for node in stub.body if isinstance(node, ast.ImportFrom) for name in node.names
    }
    assert named == set(clusterkit.__all__)
    for name in clusterkit.__all__:
        assert getattr(clusterkit, name).__doc__, name


@pytest.fixture(scope="module")
def sizes():
    return measured(modules())


@pytest.mark.parametrize("what", LIMITS)
def test_the_house_does_not_grow_unargued(sizes, what):
    most, _ = sizes[what][0]
    assert most <= LIMITS[what].most, f"\n{table()}"


def literals(tree: ast.Module) -> list[str]:
    """Return the texts of a module, its docstrings left out."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = {id(node.body[0].value) for node in ast.walk(tree)
             if isinstance(node, owners) and isinstance(node.body[0], ast.Expr)}  # fmt: skip
    texts = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return [one.value for one in texts if isinstance(one.value, str) and id(one) not in first]


def test_no_code_names_a_case(casebook):
    """What is true of one case stands in its folder."""
    cases = {path.name for path in (casebook / "cases").iterdir()} - {"context"}
    assert len(cases) > 1
    for path in MODULES:
        for text in literals(ast.parse(path.read_text(encoding="utf-8"))):
            assert text != "context", path
            assert not any(case in text.lower() for case in cases), (path, text)
