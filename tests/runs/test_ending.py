"""Broken off in any phase, by any signal or a closed pipe, a command ends and leaves nothing."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from .processes import FOR_EVER, started, until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")

# Runs the command line with one function replaced by one that waits for ever; or with the warm
# process waiting. Notebooks run in earnest only where the phase is theirs.
WAITING = """
import importlib, signal, sys, time
from pathlib import Path
# whoever runs this in the background may have been told to ignore Ctrl-C, and hands it on
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sign, phase, place = sys.argv[1:4]
del sys.argv[1:4]

def wait(*words, **options):
    Path(sign).touch()
    time.sleep(600)

from clusterkit.runs import kernels, notebook, report
swift = "import clusterkit.runs.kernels as k; k._warm_up = lambda: None; k.serve({}, {}, {!r})"
slow = f"open({sign!r}, 'w').close(); import time; time.sleep(600) #"
kernels.SERVE = slow + "{}{}{}" if phase == "warming" else swift
if phase not in ("warming", "running"):
    report.execute = lambda run, **options: notebook.read_notebook(run.path)
    report.facts_digest = lambda executed: ""
    report.report_page = lambda executed, made, **more: ""
module, _, name = place.rpartition(":")
if module:
    owner = importlib.import_module(module)
    *parts, name = name.split(".")
    for part in parts:
        owner = getattr(owner, part)
    setattr(owner, name, wait)
from clusterkit.cli import main
main()
"""
PHASES = {
    "planning": "clusterkit.runs.many:_refuse_changed_data",
    "warming": "",
    "running": "",  # with others queued
    "rendering": "clusterkit.runs.report:report_page",
    "writing": "pathlib:Path.replace",
    "index": "clusterkit.runs.many:write_overview",
}
SAYS = {"SIGINT": "Interrupted", "SIGTERM": "Ended by SIGTERM", "SIGHUP": "Ended by SIGHUP"}
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129, "pipe": 141}
ENDS = "What was done is written; all else is as it was."
SLEEPS = (
    "import os, subprocess, time\nfrom pathlib import Path\nsubprocess.Popen(['sleep', '600'])\n"
    'Path(os.environ["CK_TEST_SIGN"]).touch()\ntime.sleep(600)'
)


@pytest.fixture
def folder(tmp_path, faulty):
    return faulty(tmp_path / "notebooks", {"10-a": SLEEPS, "20-b": "1", "30-c": "1", "40-d": "1"})


def broken_off(how, process):
    """Break a process off; return what it said and how it ended."""
    if how == "pipe":
        process.stdout.close()
    else:
        process.send_signal(getattr(signal, how))
    said = process.stderr.read()  # until nobody is left who might say more
    return said, process.wait(FOR_EVER)


# Kernels of either kind stand behind one phase alone; in the others none has begun, or all is over.
@pytest.mark.parametrize(
    ("phase", "kernels"), [("running", "ordinary"), *((phase, "forked") for phase in PHASES)]
)
def test_whatever_ends_a_command_in_whatever_phase_leaves_nothing(phase, kernels, folder, tmp_path):
    with ExitStack() as ends:
        running = {how: begin(ends, tmp_path / how, folder, phase, kernels) for how in CODES}
        for how, (process, family) in running.items():
            until((tmp_path / how / "sign").exists, process)
            family()
            said, code = broken_off(how, process)
            assert said == ("" if how == "pipe" else f"{SAYS[how]}. {ENDS}\n")
            assert code == CODES[how]
            until(lambda family=family: not family())
            assert not list((tmp_path / how / "t").iterdir())
            left = (tmp_path / how / "reports").rglob("*")
            left = {path.name for path in left if path.is_file()}
            assert not {name for name in left if name.startswith((".", "failure", "index"))}
            assert bool(left) == (phase == "index")


def begin(ends, home, folder, phase, kernels):
    """Start a command that will come to a phase."""
    (home / "t").mkdir(parents=True)
    sign = home / "sign"
    own = {"CK_TEST_SIGN": str(sign), "TMPDIR": str(home / "t"), "CLUSTERKIT_KERNELS": kernels}
    words = ["publish", "--notebooks", folder, "--out", home / "reports", "--workers", "1"]
    return ends.enter_context(
        started(
            [sys.executable, "-c", WAITING, sign, phase, PHASES[phase], *words],
            env=os.environ | own,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    )
