"""Which data a test reads: a frozen casebook, or, where it is marked `live`, that of the project.

A claim that is added to `data/` must break no test but one that asks whether `data/` is in order.
So the tests, the doctests and every process they start read `tests/casebook`, a copy of the cases
and of a part of the regional tables that nobody edits; a test that opens `data/` without the mark
fails. Notebooks are executed (`--nbval`) on `data/`, as readers do.
"""

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent
LIVE = ROOT / "data"
FROZEN = ROOT / "tests" / "casebook"
VARIABLE = "CLUSTERKIT_DATA"

_watched: list[Path] = []  # what must not be opened just now


def pytest_configure(config: pytest.Config) -> None:
    """Point everything at the frozen casebook before a test is even collected."""
    if not config.getoption("nbval", default=False):
        _watched.append(LIVE)
        os.environ[VARIABLE] = str(FROZEN)
        sys.addaudithook(_refuse_what_is_watched)


def _refuse_what_is_watched(event: str, args: tuple) -> None:
    if event == "open" and _watched and isinstance(args[0], str | bytes | os.PathLike):
        path = Path(os.fsdecode(args[0]))
        mine = any(folder in path.parents for folder in _watched)
        if mine and path.parent.name != "schemas":  # what columns mean is no evidence
            raise AssertionError(
                f"{path} was opened by a test of the frozen casebook: read {FROZEN} instead, "
                "or mark the test `live` and let it hold for whatever the data may say."
            )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> object:
    """Let a test that is marked `live` have the data of the project, its fixtures included."""
    if not item.get_closest_marker("live") or not _watched:
        return (yield)
    _watched.clear()
    os.environ[VARIABLE] = str(LIVE)
    try:
        return (yield)
    finally:
        os.environ[VARIABLE] = str(FROZEN)
        _watched.append(LIVE)
