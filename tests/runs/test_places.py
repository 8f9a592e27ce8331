from pathlib import Path

import pytest

from clusterkit.errors import UnknownNameError
from clusterkit.runs import places
from clusterkit.runs.places import notebooks_folder, reports_folder


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A package folder with notebooks beside it and, shipped, inside it."""
    monkeypatch.delenv("CLUSTERKIT_NOTEBOOKS", raising=False)
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "clusterkit")
    for folder in (tmp_path / "notebooks", tmp_path / "clusterkit/_shipped/notebooks"):
        folder.mkdir(parents=True)
        (folder / "contracts.toml").touch()
    return tmp_path


def test_the_checkout_comes_before_the_shipped_copy(checkout):
    assert notebooks_folder() == checkout / "notebooks"
    (checkout / "notebooks/contracts.toml").unlink()
    assert notebooks_folder() == checkout / "clusterkit/_shipped/notebooks"


def test_a_folder_named_comes_first_then_the_variable(checkout, monkeypatch):
    mine, other = checkout / "mine", checkout / "other"
    for folder in (mine, other):
        folder.mkdir()
        (folder / "contracts.toml").touch()
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(other))
    assert notebooks_folder() == other
    assert notebooks_folder(mine) == mine


def test_a_folder_without_contracts_says_so(checkout):
    with pytest.raises(UnknownNameError, match=r"no contracts.toml") as caught:
        notebooks_folder(checkout / "nowhere")
    assert "--notebooks" in str(caught.value)
    assert str(checkout / "nowhere") in str(caught.value)


def test_reports_go_to_the_checkout_or_the_current_folder(checkout, monkeypatch):
    monkeypatch.chdir(checkout / "clusterkit")
    assert reports_folder() == checkout / "reports"
    assert reports_folder("mine") == checkout / "clusterkit/mine"
    (checkout / "notebooks/contracts.toml").unlink()
    assert reports_folder() == Path.cwd() / "reports"
