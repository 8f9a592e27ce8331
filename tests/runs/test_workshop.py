import subprocess
import sys
from pathlib import Path

import pytest

from clusterkit.errors import UnknownNameError
from clusterkit.runs import workshop
from clusterkit.runs.workshop import Workshop


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A package folder with notebooks beside it and, shipped, inside it."""
    monkeypatch.delenv("CLUSTERKIT_NOTEBOOKS", raising=False)
    monkeypatch.setattr(workshop, "PACKAGE", tmp_path / "clusterkit")
    for folder in (tmp_path / "notebooks", tmp_path / "clusterkit/_shipped/notebooks"):
        folder.mkdir(parents=True)
        (folder / "contracts.toml").touch()
    return tmp_path


def test_the_checkout_comes_before_the_shipped_copy(checkout):
    assert Workshop.here().notebooks == checkout / "notebooks"
    (checkout / "notebooks/contracts.toml").unlink()
    assert Workshop.here().notebooks == checkout / "clusterkit/_shipped/notebooks"


def test_a_folder_named_comes_first_then_the_variable(checkout, monkeypatch):
    mine, other = checkout / "mine", checkout / "other"
    for folder in (mine, other):
        folder.mkdir()
        (folder / "contracts.toml").touch()
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(other))
    assert Workshop.here().notebooks == other
    assert Workshop.here(mine).notebooks == mine


def test_a_folder_without_contracts_says_so(checkout):
    with pytest.raises(UnknownNameError, match=r"no contracts.toml") as caught:
        Workshop.here(checkout / "nowhere")
    assert "--notebooks" in str(caught.value)
    assert str(checkout / "nowhere") in str(caught.value)


def test_reports_go_to_the_checkout_or_the_current_folder(checkout, monkeypatch):
    monkeypatch.chdir(checkout / "clusterkit")
    notebooks = checkout / "clusterkit/_shipped/notebooks"
    assert Workshop.here(notebooks).reports == checkout / "reports"
    assert Workshop.here(notebooks, reports="mine").reports == checkout / "clusterkit/mine"
    (checkout / "notebooks/contracts.toml").unlink()
    assert Workshop.here(notebooks).reports == Path.cwd() / "reports"


COUNTED = """
import sys
from clusterkit.cli import app
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
for command, *more in (["run", "-p", "year_to=1"], ["sweep", "--grid", "x=1"], ["run", "--help"]):
    del opened[:]
    try: app([command, *sys.argv[1:], *more])
    except SystemExit: pass
    print(sum(path.endswith("contracts.toml") for path in opened), file=sys.stderr)
"""


def test_a_command_reads_the_contracts_once(make_folder):
    words = [sys.executable, "-c", COUNTED, "10-good", "--notebooks", make_folder("10-good")]
    done = subprocess.run(words, capture_output=True, encoding="utf-8", check=True)
    assert [line for line in done.stderr.splitlines() if line.isdigit()] == ["1"] * 3
