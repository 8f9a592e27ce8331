import json
import re
import sys
import tempfile
from pathlib import Path

import pytest

from clusterkit.errors import RunError
from clusterkit.runs import notebook as notebook_module
from clusterkit.runs.contract import Contract
from clusterkit.runs.gate import refresh
from clusterkit.runs.kernels import OwnKernel
from clusterkit.runs.notebook import NotebookError, execute, execute_to, read_notebook
from clusterkit.runs.workshop import Run, Workshop


@pytest.fixture
def decoy(tmp_path, monkeypatch):
    """Register a kernel "python3" that is not Python, before all others."""
    spec = tmp_path / "kernels" / "python3"
    spec.mkdir(parents=True)
    argv = [sys.executable, "-c", "raise SystemExit('the wrong kernel')"]
    about = {"argv": argv, "display_name": "Decoy", "language": "python"}
    (spec / "kernel.json").write_text(json.dumps(about), encoding="utf-8")
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "0")


def no_kernel(*args, **options):
    raise AssertionError("a kernel was about to start")


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch):
    """A temporary folder nobody else uses, with a path short enough for sockets."""
    folder = tmp_path_factory.mktemp("t")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.usefixtures("decoy")
def test_a_run_in_this_interpreter_takes_typed_values_and_leaves_one_file(
    make_folder, tmp_path, temporary
):
    run = Workshop.here(make_folder("10-good")).ask("10-good", {"year_to": 2022, "lang": "zh"})
    out = tmp_path / "a {folder} 织里" / "out.ipynb"
    assert execute_to(run, out) == out.resolve()
    assert [path.name for path in out.parent.iterdir()] == ["out.ipynb"]
    assert not list(temporary.iterdir())
    cells = read_notebook(out).cells
    assert cells[2].source.split("\n")[1:] == ["year_to = 2022", 'lang = "zh"', ""]
    assert cells[2].metadata == {"tags": ["injected-parameters"]}
    # the notebook found the very contract it was checked against, and calculated with the value
    assert "lang       zh    en    en、zh 之一   语言" in cells[4].outputs[0].data["text/plain"]
    assert cells[7].outputs[0].data["text/plain"] == "12"
    assert not re.search('papermill|start_time|"name": "stderr"', out.read_text(encoding="utf-8"))


def test_a_run_never_writes_onto_its_own_notebook(make_folder, monkeypatch):
    run = Workshop.here(make_folder("10-good")).ask("10-good")
    monkeypatch.setattr(notebook_module._Work, "done", no_kernel)
    with pytest.raises(RunError, match="does not write onto the notebook it runs") as caught:
        execute_to(run, run.path)
    assert "clusterkit refresh" in str(caught.value)


def test_a_kernel_that_cannot_start_tells_what_it_said(make_folder, tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise ImportError('no kernel today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(RunError, match="died before replying") as caught:
        execute(Workshop.here(make_folder("10-good")).ask("10-good"))
    assert caught.value.cell is None
    assert "ImportError: no kernel today" in caught.value.traceback


@pytest.mark.skipif(sys.platform == "win32", reason="there are only ports")
@pytest.mark.parametrize(("length", "transport"), [(20, "ipc"), (100, "tcp")])
def test_kernels_listen_at_files_where_their_paths_are_short_enough(length, transport, tmp_path):
    folder = Path("/" + "x" * length)
    with (tmp_path / "log").open("w") as log, OwnKernel.of(folder, {}, log, None) as kernel:
        manager = kernel()
    assert manager.transport == transport
    assert manager.kernel_spec.argv[0] == sys.executable


def test_a_cell_that_hangs_fails_in_the_end(make_folder):
    folder = make_folder("20-raises")
    path = folder / "20-raises.ipynb"
    source = path.read_text(encoding="utf-8").replace("import sys", "import time; time.sleep(600)")
    path.write_text(source, encoding="utf-8")
    with pytest.raises(RunError, match="CellTimeoutError") as caught:
        execute(Workshop.here(folder).ask("20-raises"), timeout=5)  # enough for the cells before it
    assert "time.sleep(600)" in str(caught.value)


def test_an_error_of_ours_inside_a_notebook_stays_apart_from_the_failure():
    run = Run(Workshop(Path(), Path(), Path()), Contract("A", "Why?", {}, "10-a"), {}, {})
    error = NotebookError(run, ename="E", evalue="No.\n  next:   Do.", cell=3)
    assert str(error) == (
        "The notebook 10-a failed: E: No.\n"
        "    next:   Do.\n"
        "  where:  cell 3\n"
        "  next:   See it again with: clusterkit run 10-a"
    )


def test_the_command_survives_a_shell():
    shop = Workshop(Path(), Path(), Path(), named="my nb")
    given = {"code": "", "full": True, "q": "a b'c"}
    assert Run(shop, Contract("A", "Why?", {}, "10-a"), given, given).command == (
        "clusterkit run 10-a -p code= -p full=true -p 'q=a b'\"'\"'c' --notebooks 'my nb'"
    )


def test_refreshing_twice_writes_the_same_bytes(make_folder):
    folder = make_folder("10-good")
    path = folder / "10-good.ipynb"
    shop = Workshop.here(folder)
    first = refresh(shop)
    once, written = path.read_bytes(), path.stat().st_mtime_ns
    assert [(one.name, one.changed) for one in first] == [("10-good", True)]
    assert [one.changed for one in refresh(shop, ["10-good"])] == [False]
    assert (path.read_bytes(), path.stat().st_mtime_ns) == (once, written)
    text = once.decode()
    assert "injected" not in text
    assert '"name": "stderr"' not in text
    cells = json.loads(text)["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{n:02d}" for n in range(1, 9)]
    assert [cell.get("execution_count") for cell in cells] == [None, 1, 2, 3, None, 4, 5, 6]


def test_a_notebook_that_fails_to_refresh_stays_as_it_was(make_folder, monkeypatch):
    folder = make_folder("20-raises")
    before = (folder / "20-raises.ipynb").read_bytes()

    def fail(*args, **options):
        raise RunError("no")

    monkeypatch.setattr("clusterkit.runs.gate.execute", fail)
    (one,) = refresh(Workshop.here(folder))
    assert (one.changed, str(one.error)) == (False, "no")
    assert (folder / "20-raises.ipynb").read_bytes() == before
    assert len(list(folder.iterdir())) == 2
