"""What every test may use: the cases, loaded once, and a copy of one that a test may break."""

import shutil
from pathlib import Path

import pytest
from hypothesis import settings

from clusterkit import load_case

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


@pytest.fixture
def case_folder(tmp_path) -> Path:
    """A copy of the Zhili case that a test may change."""
    return Path(shutil.copytree(ROOT / "data" / "cases" / "zhili", tmp_path / "zhili"))
