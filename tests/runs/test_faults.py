"""Whatever breaks, the run says so, the last good report stays, and nothing else is left behind."""

import contextlib
import errno
import functools
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil
import pytest
from typer.testing import CliRunner

from clusterkit import cli, files
from clusterkit.errors import DataError, RunError, StaleError
from clusterkit.evidence.descriptor import datapackage
from clusterkit.files import alone
from clusterkit.runs import report as report_module
from clusterkit.runs.many import publish
from clusterkit.runs.notebook import NotebookError, execute, read_notebook
from clusterkit.runs.workshop import Workshop

from .processes import FOR_EVER, started, until

LAST = {
    "50-killed": "import os\nos.kill(os.getpid(), 9)",
    "51-hangs": "import time\ntime.sleep(600)",
    "52-syntax": "import sys\nyear to = 2020",
    "53-csv": 'import clusterkit as ck\nck.load_case("zhili")',
    "54-sleeps": (
        "import os, time\nfrom pathlib import Path\n"
        "import subprocess; subprocess.Popen(['sleep', '600'])\n"
        'Path(os.environ["CK_TEST_STARTED"]).write_text(str(os.getpid()))\ntime.sleep(600)'
    ),
}
# Seconds a cell may take: enough, on a busy machine too, for the cells before the one that hangs.
PATIENCE = {"51-hangs": {"timeout": 5}}
# What the message says of each.
SAYS = {
    "50-killed": "DeadKernelError: Kernel died",
    "51-hangs": "CellTimeoutError: A cell timed out",
    "52-syntax": "SyntaxError: invalid syntax",
    "53-csv": "claims.csv cannot be read as CSV in UTF-8.",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory, faulty):
    return faulty(tmp_path_factory.mktemp("notebooks"), LAST)


@pytest.fixture(scope="module")
def earlier(published):
    """Lay out the good report of a notebook as an earlier run would have left it."""

    def make(reports, name):
        home = reports / name
        home.mkdir(parents=True)
        for path in (published[1] / "10-good").iterdir():
            shutil.copy(path, home / path.name.replace("10-good", name))
        return home

    return make


def contents(home):
    return {path.name: path.read_bytes() for path in home.iterdir()}


def kernels(pid=None):
    return [one for one in psutil.Process(pid).children(recursive=True) if one.is_running()]


def is_alive(process):
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


@pytest.fixture(scope="module")
def broken(folder, earlier, published, casebook, tmp_path_factory):
    """Publish the notebooks that break by themselves, over reports that were good."""
    others = kernels()  # what tests before this one have left to Python, such as its trackers
    reports, data = (tmp_path_factory.mktemp(name) for name in ("reports", "d"))
    shutil.copytree(casebook, data, dirs_exist_ok=True)
    claims = data / "cases/zhili/claims.csv"
    claims.write_bytes(claims.read_bytes()[:5000] + b"\xff\xfe\n")
    (data / "datapackage.json").write_text(json.dumps(datapackage(data)), encoding="utf-8")
    before = {name: contents(earlier(reports, name)) for name in SAYS}

    def impatient(run, **options):
        return execute(run, **options, **PATIENCE.get(run.notebook, {}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLUSTERKIT_DATA", str(data))
        patch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("t")))
        patch.setattr(report_module, "execute", impatient)
        shop = Workshop.here(folder, reports=reports)
        done = publish(shop, [shop.ask(name) for name in SAYS])
        left = list(Path(tempfile.tempdir).iterdir())
    alive = [one for one in kernels() if one not in others]
    return reports, before, {one.name: one for one in done.outcomes}, left, alive


@pytest.mark.parametrize("name", SAYS)
def test_a_notebook_that_breaks_explains_itself_and_keeps_its_last_good_report(broken, name):
    reports, before, outcomes, left, alive = broken
    error, home = outcomes[name].error, reports / name
    assert SAYS[name] in str(error)
    assert error.cell == 3
    command = f"clusterkit run {name} --notebooks "
    assert command in str(error)

    page = (home / "failure.html").read_text(encoding="utf-8")
    assert outcomes[name].page == home / "failure.html"
    for part in ("The cell that failed", "(3)", LAST[name].split("\n")[0], command):
        assert part in page
    assert '<th scope="row">lang</th><td>en</td>' in page

    after = contents(home)
    assert {file: after[file] for file in before[name]} == before[name]
    assert set(after) - set(before[name]) == {"failure.html", "failure.json"}
    index = (reports / "index.html").read_text(encoding="utf-8")
    for link in ("failure", name):
        assert f'href="{name}/{link}.html"' in index
    assert (left, alive) == ([], [])


@pytest.fixture
def one(earlier, faulty, tmp_path, published, monkeypatch):
    """A good report of one notebook, to be made again; no kernel is needed for that."""
    home = earlier(tmp_path / "reports", "52-syntax")
    home.joinpath("manifest.json").unlink()  # so that the report is not current
    executed = read_notebook(published[1] / "10-good/10-good.ipynb")
    monkeypatch.setattr(report_module, "execute", lambda *args, **options: executed)
    (tmp_path / "notebooks").mkdir()
    faulty(tmp_path / "notebooks", {"52-syntax": "1"})
    monkeypatch.chdir(tmp_path)
    call = ["publish", "--notebooks", "notebooks", "--out", "reports"]
    return home, functools.partial(CliRunner().invoke, cli.app, call)


def test_a_full_disk_is_told_and_the_last_good_report_stays(one, monkeypatch):
    home, call = one
    before = contents(home)
    move = Path.replace

    def full(path, target):
        if target.suffix == ".html" and target.stem != "failure":
            raise OSError(errno.ENOSPC, "No space left on device")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(RunError, match=r"index.html cannot be written: No space left"):
        publish(Workshop.here("notebooks", reports="reports"))
    after = contents(home)
    assert after["52-syntax.html"] == before["52-syntax.html"]
    assert "No space left on device" in after["failure.html"].decode()
    assert "clusterkit run 52-syntax --notebooks notebooks" in after["failure.html"].decode()

    # not even the page that explains it can be written
    def fuller(path, target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", fuller)
    result = call()
    assert result.exit_code == 1
    assert "failed    52-syntax" in result.output
    assert "52-syntax.ipynb cannot be written: No space left on device." in result.output
    assert contents(home) == after


def test_two_runs_of_one_report_do_not_meet(one):
    home, call = one
    before = contents(home)
    with alone(home):
        result = call()
    assert result.exit_code == 1
    assert "Another run is at work in 52-syntax." in result.output
    assert contents(home) == before
    assert call().exit_code == 0
    assert (home / "manifest.json").exists()


def test_a_lock_dies_with_its_owner(tmp_path):
    script = (
        "import sys, time\nfrom pathlib import Path\nfrom clusterkit.files import alone\n"
        "with alone(Path(sys.argv[1])):\n    print('mine', flush=True)\n    time.sleep(600)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, tmp_path], stdout=subprocess.PIPE
    ) as other:
        try:
            assert other.stdout.readline() == b"mine\n"
            with pytest.raises(RunError, match="Another run is at work"), alone(tmp_path):
                pass
        finally:
            other.kill()
            other.wait()
        with alone(tmp_path):
            assert not list(tmp_path.iterdir())


def test_data_that_is_not_on_record_stops_before_anything_runs(one, data_copy, monkeypatch):
    home, call = one
    before = contents(home)
    claims = data_copy / "cases/zhili/claims.csv"
    claims.write_bytes(claims.read_bytes() + b"\n")
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data_copy))
    with pytest.raises(StaleError, match=r"cases/zhili/claims.csv: changed since") as caught:
        publish(Workshop.here("notebooks", reports="reports"))
    assert "clusterkit data" in str(caught.value)
    assert call().exit_code == 1
    assert contents(home) == before


@pytest.mark.parametrize("reports", ["a file", "read-only"])
def test_a_reports_folder_that_cannot_be_written_stops_before_anything_runs(
    one, tmp_path, monkeypatch, reports
):
    monkeypatch.setattr(report_module, "execute", lambda *a, **k: pytest.fail("it ran"))
    out = tmp_path / "out"
    if reports == "a file":
        out.write_text("mine", encoding="utf-8")
    else:  # root may write anywhere, so the system's answer is stood in for
        out.mkdir()
        monkeypatch.setattr(os, "access", lambda path, mode, **options: Path(path) != out)
    call = ["publish", "--notebooks", "notebooks", "--out", "out"]
    result = CliRunner().invoke(cli.app, call)
    assert result.exit_code == 1, result.stderr
    assert "out cannot be written: " in result.stderr
    assert "--out" in result.stderr
    assert out.read_text() == "mine" if out.is_file() else not list(out.iterdir())


def test_a_kernel_that_never_starts_is_told_on_the_page(folder, earlier, tmp_path, monkeypatch):
    (tmp_path / "ipykernel_launcher.py").write_text("raise ImportError('no kernel today')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    home = earlier(tmp_path / "reports", "52-syntax")
    before = contents(home)
    shop = Workshop.here(folder, reports=tmp_path / "reports")
    (failed,) = publish(shop, [shop.ask("52-syntax")]).failed
    page = failed.page.read_text(encoding="utf-8")
    for part in ("no kernel today", "lang", "clusterkit run 52-syntax --notebooks"):
        assert part in page
    after = contents(home)
    assert {file: after[file] for file in before} == before


@pytest.fixture
def broken_off(folder, earlier, tmp_path):
    """Start a command on the notebook that sleeps, in a shell of its own, and send it a signal."""
    started, private = tmp_path / "pid", tmp_path / "t"
    earlier(tmp_path / "reports", "54-sleeps")
    private.mkdir()

    def call(number, *words, **environment):
        before, begun = everything(tmp_path / "reports"), []
        # a suite that runs in the background may have been told to ignore Ctrl-C, and hands it on
        ours = signal.signal(signal.SIGINT, signal.default_int_handler)
        own = {"CK_TEST_STARTED": str(started), "TMPDIR": str(private)}
        run = subprocess.Popen(
            [sys.executable, "-m", "clusterkit.cli", *words, "--notebooks", folder],
            env=os.environ | own | environment,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip
        signal.signal(signal.SIGINT, ours)
        with run:
            try:
                while not (started.exists() and started.read_text()):
                    assert run.poll() is None, run.communicate()
                    time.sleep(0.1)
                begun = kernels(run.pid)
                run.send_signal(number)
                _, told = run.communicate(timeout=FOR_EVER)
                alive = [one for one in begun if is_alive(one)]
            finally:
                for one in (run, *begun):
                    with contextlib.suppress(psutil.NoSuchProcess):
                        one.kill()
        assert begun
        assert not alive
        assert everything(tmp_path / "reports") == before
        assert not list(private.iterdir())
        return run.returncode, told

    return call


def everything(home):
    return {path.relative_to(home): path.read_bytes() for path in home.rglob("*") if path.is_file()}


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(
    ("number", "code", "says"),
    [(signal.SIGINT, 130, "Interrupted"), (signal.SIGTERM, 143, "Ended by SIGTERM")],
)
@pytest.mark.parametrize("command", ["run", "sweep"])
def test_a_signal_ends_the_kernels_too_and_changes_nothing(
    broken_off, tmp_path, command, number, code, says
):
    reports = tmp_path / "reports"
    out = reports / "54-sleeps/54-sleeps.ipynb" if command == "run" else reports
    grid = ["--grid", "lang=en,zh", "--kernels", "forked"] if command == "sweep" else []
    done, told = broken_off(number, command, "54-sleeps", "--out", out, *grid)
    assert told == f"{says}. What was done is written; all else is as it was.\n"
    assert done == code


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_kernel_that_was_still_starting_ends_too(broken_off, tmp_path):
    out = tmp_path / "reports/54-sleeps/54-sleeps.ipynb"
    late = tmp_path / "late"
    late.mkdir()
    (late / "ipykernel_launcher.py").write_text(LAST["54-sleeps"])  # it is there, but never answers
    words = ("run", "54-sleeps", "--out", out)
    done, _ = broken_off(signal.SIGTERM, *words, PYTHONPATH=str(late))
    assert done == 143


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
def test_a_host_of_the_command_line_keeps_its_own_handlers(one):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert one[1]().exit_code == 0
    after = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    assert after == before


ENDLESS = {
    "stdout": "while True: print(1000 * 'x')",
    "stderr": "import sys\nwhile True: sys.stderr.write(1000 * 'x')",
    "pictures": "while True: display({'image/png': 1000 * 'x'}, raw=True)",
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_output_that_never_stops_is_an_error_that_names_the_cell(
    kind, tmp_path, faulty, monkeypatch
):
    monkeypatch.setattr("clusterkit.runs.kernels.MOST_OUTPUT", 2_000_000)
    folder = faulty(tmp_path, {"10-endless": ENDLESS[kind]})
    with pytest.raises(NotebookError, match="a notebook may show 2 MB") as caught:
        execute(Workshop.here(folder).ask("10-endless"))
    assert (caught.value.cell, caught.value.ename) == (3, "TooMuchOutput")


def test_what_killed_a_kernel_is_told(tmp_path, faulty):
    log = "import os, sys\nlog = sys.stderr._original_stdstream_copy\n"
    last = f"{log}os.write(log, b'first\\n' + 9 * b'out of memory in libfoo\\n')\nos.abort()"
    folder = faulty(tmp_path, {"10-dies": last, "20-exits": "import os\nos._exit(3)"})
    done = CliRunner().invoke(cli.app, ["run", "10-dies", "--notebooks", str(folder)])
    assert done.exit_code == 1
    told = 5 * "\n    out of memory in libfoo"
    assert (
        f"Kernel died (SIGABRT)\n  where:  cell 3\n  likely: its kernel said:{told}\n  next:"
        in (done.stderr)
    )
    with pytest.raises(NotebookError, match=r"Kernel died \(exit code 3\)"):
        execute(Workshop.here(folder).ask("20-exits"))


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such groups of processes")
@pytest.mark.parametrize("kind", ["ordinary", "forked"])
def test_nothing_outlives_a_killed_run_and_the_next_sweeps_up(kind, folder, tmp_path):
    sign, private, out = tmp_path / "sign", tmp_path / "t", tmp_path / "reports"
    private.mkdir()
    own = {"CK_TEST_STARTED": str(sign), "TMPDIR": str(private)}
    options = {"env": os.environ | own, "stdout": subprocess.DEVNULL}
    words, places = [sys.executable, "-m", "clusterkit.cli"], ["--notebooks", folder, "--out", out]
    how = ["sweep", "54-sleeps", "--grid", "lang=a", "--kernels", kind]
    with started([*words, *how, *places], **options) as (process, family):
        until(lambda: sign.exists() and sign.read_text(), process)
        assert len(family()) >= 3  # the kernel, what it started, and the server or the guard
        process.kill()
        until(lambda: not family())
    assert any(private.iterdir())
    other = private / "ck-mine"  # nobody's business
    other.mkdir()
    half = out / "52-syntax/.0123.part"
    half.parent.mkdir()
    half.touch()
    subprocess.run([*words, "publish", "52-syntax", *places], check=False, **options)
    assert list(private.iterdir()) == [other]
    assert not half.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")
def test_where_folders_cannot_be_locked_runs_go_on_and_say_so_once(one, monkeypatch):
    import fcntl

    def refuse(handle, how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    files._tell_of_locks.cache_clear()
    first, second = one[1](), one[1]()
    assert (first.exit_code, second.exit_code) == (0, 0)
    told = "Folders cannot be locked here (No locks available): see to it that no two runs share"
    assert first.stderr.startswith(told)
    assert (first.stderr.count("\n"), second.stderr) == (1, "")


def test_an_error_within_a_locked_folder_is_no_matter_of_the_lock(tmp_path):
    with pytest.raises(BlockingIOError), alone(tmp_path):
        raise BlockingIOError(errno.EAGAIN, "a pipe is full")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such modes")
@pytest.mark.parametrize(("mask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_who_may_read_a_file_follows_the_umask(tmp_path, mask, mode):
    before = os.umask(mask)
    try:
        files.write_whole(tmp_path / "a.html", "x")
    finally:
        os.umask(before)
    assert (tmp_path / "a.html").stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("name", ["a/b", "..", "a\\\\b"])
def test_a_notebook_has_a_name_that_a_file_can_have(tmp_path, name):
    (tmp_path / "contracts.toml").write_text(
        f'["{name}"]\ntitle = "A"\nquestion = "A?"\n["{name}".parameters]\n', encoding="utf-8"
    )
    with pytest.raises(DataError, match="a name that no file can have"):
        _ = Workshop.here(tmp_path).contracts
