"""What CONTRIBUTING says about adding a claim, done in a copy: no test is broken by it."""

import os
import shutil
import subprocess
import sys

import pytest

pytestmark = pytest.mark.live

NEEDED = ("clusterkit", "data", "docs", "notebooks", "tests", "conftest.py", "pyproject.toml")
SOURCE = "added-2017,A newspaper,A title,2017-03-01,,zh,news,press,\n"
CLAIM = (
    "added-sales-2016,zhili,Zhili,织里镇,sales,children's clothing,2016,"
    "45000000000,CNY,450亿元,exact,actual,added-2017,body,\n"
)


@pytest.fixture(scope="module")
def copy(root, tmp_path_factory):
    """A copy of the checkout with one source and one claim more, and `make data` run on it."""
    home = tmp_path_factory.mktemp("copy")
    for name in NEEDED:
        if (root / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "test_adding.py")
            shutil.copytree(root / name, home / name, ignore=ignored)
        else:
            shutil.copy(root / name, home / name)
    for name, line in (("sources.csv", SOURCE), ("claims.csv", CLAIM)):
        with (home / "data" / "cases" / "zhili" / name).open("a", encoding="utf-8") as table:
            table.write(line)
    done = call(home, "clusterkit.cli", "data")
    assert "Wrote README.md" in done.stdout, done.stdout + done.stderr
    return home


def call(home, module, *words):
    """Run a module in the copy, on its own package and data."""
    own = {name: value for name, value in os.environ.items() if name != "CLUSTERKIT_DATA"}
    return subprocess.run(
        [sys.executable, "-m", module, *words], cwd=home, env=own | {"PYTHONPATH": str(home)},
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_every_rule_of_the_live_data_holds_with_one_claim_more(copy):
    words = ("-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-m", "live", "tests")
    done = call(copy, "pytest", *words)
    assert done.returncode == 0, done.stdout
    assert " passed, " in done.stdout.splitlines()[-1]


def test_the_gate_asks_for_nothing_but_new_outputs_with_one_claim_more(copy):
    done = call(copy, "clusterkit.cli", "check")
    *findings, last = done.stdout.splitlines()
    assert [line for line in findings if not line.endswith("Run `clusterkit refresh`.")] == []
    assert last.endswith((" are in order.", " to mend.")), done.stderr
