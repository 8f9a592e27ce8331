"""What every test may use: the cases, loaded once, and a copy of one that a test may break."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from clusterkit import load_case, load_panel

# The same examples in every run, and no clock: a busy machine is not a broken test.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def zhili():
    return load_case("zhili")


@pytest.fixture(scope="session")
def pingxiang():
    return load_case("pingxiang")


@pytest.fixture(scope="session")
def context():
    return load_case("context")


@pytest.fixture(scope="session")
def _panel():
    return load_panel()


@pytest.fixture
def panel(_panel):
    """The panel of the clusters, read once; a test may change its own copy."""
    return _panel.copy()


@pytest.fixture
def case_folder(tmp_path) -> Path:
    """A copy of the Zhili case that a test may change."""
    return Path(shutil.copytree(ROOT / "data" / "cases" / "zhili", tmp_path / "zhili"))
