"""What every test may use: the frozen cases, loaded once, and copies that a test may break."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from clusterkit import load_case, load_panel

# The same examples in every run, and no clock: a busy machine is not a broken test.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

ROOT = Path(__file__).resolve().parents[1]
CASEBOOK = ROOT / "tests" / "casebook"


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def casebook() -> Path:
    """The frozen data folder, to be read only."""
    return CASEBOOK


@pytest.fixture
def data_copy(tmp_path) -> Path:
    """A copy of the frozen data folder that a test may change."""
    return Path(shutil.copytree(CASEBOOK, tmp_path / "data"))


@pytest.fixture(scope="session")
def zhili():
    return load_case(CASEBOOK / "cases" / "zhili")


@pytest.fixture(scope="session")
def pingxiang():
    return load_case(CASEBOOK / "cases" / "pingxiang")


@pytest.fixture(scope="session")
def context():
    return load_case(CASEBOOK / "cases" / "context")


@pytest.fixture(scope="session")
def cases(zhili, pingxiang, context):
    return zhili, pingxiang, context


@pytest.fixture(scope="session")
def _panel():
    with pytest.MonkeyPatch.context() as patch:  # also where a test of the live data asks first
        patch.setenv("CLUSTERKIT_DATA", str(CASEBOOK))
        return load_panel()


@pytest.fixture
def panel(_panel):
    """The panel of the clusters, read once; a test may change its own copy."""
    return _panel.copy()


@pytest.fixture
def case_folder(tmp_path) -> Path:
    """A copy of the Zhili case that a test may change."""
    return Path(shutil.copytree(CASEBOOK / "cases" / "zhili", tmp_path / "zhili"))
