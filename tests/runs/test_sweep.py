import json
import subprocess
import sys
import time
from concurrent.futures import Future
from threading import Event

import psutil
import pytest
from typer.testing import CliRunner

from clusterkit import Estimate
from clusterkit.cli import app
from clusterkit.errors import DataError, ParameterError, UnknownNameError
from clusterkit.runs import making
from clusterkit.runs.comparison import compare, headlines
from clusterkit.runs.execute import NotebookError
from clusterkit.runs.making import Job
from clusterkit.runs.scenarios import load_scenarios
from clusterkit.runs.sweep import Task, plan, run_task, sweep
from clusterkit.runs.tidy import notebook_library, read_notebook
from clusterkit.runs.verify import verify
from clusterkit.views.facts import Fact

from .conftest import CONTRACTS, write_notebook

SCENARIOS = """
[10-good.early]
meaning = "Up to 2015"
year_to = 2015

[10-good.late]
meaning = "As it stands"
"""

# The first answer differs between runs, the second does not; 2012 fails.
CELLS = [
    ("markdown", "# Does it?"),
    ("code", 'lang = "en"\nyear_from = 2010\nyear_to = 2020', "parameters"),
    ("code", "from clusterkit import Estimate, Page, load_case"),
    ("code", "page = Page(load_case('zhili'))\nassert year_to != 2012, 'no such year'"),
    ("code", "page.headline('last year', Estimate(year_to * 1e7, 1e9, 3e10, 'CNY'))"),
    ("code", "page.headline('a goal', Estimate(1e9, 1e9, float('inf'), 'CNY', status='target'))"),
]


@pytest.fixture
def folder(tmp_path):
    home = tmp_path / "notebooks"
    home.mkdir()
    write_notebook(home / "10-good.ipynb", CELLS)
    (home / "contracts.toml").write_text(CONTRACTS, encoding="utf-8")
    (home / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    return home


@pytest.fixture
def quick(monkeypatch):
    """Stand in for the kernel: 2012 fails, all else shows its last year as a headline."""
    ran = []

    def execute(notebook, given, *, folder, server=None):
        ran.append(dict(given))
        if given.get("year_to") == 2012:
            raise NotebookError(
                notebook, dict(given), "do it again", ename="E", evalue="no such year"
            )
        nb = notebook_library().v4
        return nb.new_notebook(cells=[nb.new_markdown_cell(str(given), id="cell-01")])

    monkeypatch.setattr(making, "execute", execute)
    return ran


def given(settings):
    return [(one.name, dict(one.given)) for one in settings]


def test_a_grid_is_crossed_and_typed(folder):
    grid = {"year_from": ["2010", "2011"], "year_to": ["2019", "2020"]}
    planned = plan("10-good", grid=grid, parameters={"lang": "zh"}, folder=folder, as_text=True)
    assert given(planned)[0] == (
        "lang-zh--year_from-2010--year_to-2019",
        {"lang": "zh", "year_from": 2010, "year_to": 2019},
    )
    assert len({one.name for one in planned}) == len(planned) == 4
    assert planned[0].checked == {"lang": "zh", "year_from": 2010, "year_to": 2019}


def test_without_grid_or_name_all_scenarios_are_meant(folder):
    assert given(plan("10-good", folder=folder)) == [("early", {"year_to": 2015}), ("late", {})]
    crossed = plan("10-good", scenarios=["early"], grid={"lang": ["en", "zh"]}, folder=folder)
    assert [one.name for one in crossed] == ["early--lang-en", "early--lang-zh"]
    assert crossed[1].given == {"year_to": 2015, "lang": "zh"}
    assert crossed[1].meaning == "Up to 2015"


@pytest.mark.parametrize(
    ("options", "kind", "told"),
    [
        ({"grid": {"year_to": [2009, 2011]}}, ParameterError, "run year_to=2009"),
        ({"grid": {"year_too": [2019]}}, ParameterError, "Did you mean 'year_to'?"),
        ({"grid": {"year_to": [2019, 2019]}}, ParameterError, "Two runs would be the same"),
        (
            {"grid": {"year_to": [2019]}, "scenarios": ["early"]},
            ParameterError,
            "'year_to' is given twice",
        ),
        ({"scenarios": ["erly"]}, UnknownNameError, "Did you mean 'early'?"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(folder, quick, options, kind, told):
    with pytest.raises(kind) as caught:
        sweep("10-good", folder=folder, out=folder / "out", **options)
    assert told in str(caught.value)
    assert not quick
    assert not (folder / "out").exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[10-god.low]\nmeaning = 'x'", "Did you mean '10-good'?"),
        ("[10-good.low]\nmeaning = 'x'\nyear_too = 2015", "Did you mean 'year_to'?"),
        ("[10-good.low]\nmeaning = 'x'\nyear_to = '2015'", "'year_to' cannot be '2015'"),
        ("[10-good.low]\nmeaning = 'x'\nyear_to = 2009", "The years run backwards"),
        ("[10-good.low]\nyear_to = 2015", "does not say what it means"),
        ("[10-good.'../low']\nmeaning = 'x'", "a name that no folder can have"),
        ("10-good.low = 3", "does not say what it means"),
        ("10-good = 3", "10-good is no table"),
        ("[10-good.low]\nmeaning = 'x'\n[10-good.low]\nmeaning = 'y'", "cannot be read as TOML"),
        ("[10-good.low]\nmeaning = 'x'\n[10-good.base]\nmeaning = 'y'", "sets the same as 'low'"),
    ],
)
def test_scenarios_are_checked_when_they_are_read(folder, text, told):
    (folder / "scenarios.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_scenarios(folder)
    assert told in str(caught.value)
    assert "scenarios.toml" in str(caught.value)


def test_the_committed_scenarios_are_in_order():
    found = load_scenarios()
    for notebook in ("10-zhili-childrenswear", "20-pingxiang-food-pharma"):
        assert {"low", "base", "high"} <= set(found[notebook])
    # what is published is among what is compared
    assert all(any(not one.values for one in named.values()) for named in found.values())


def test_a_sweep_is_resumed_and_a_failure_stops_no_other(folder, quick, tmp_path):
    options = {"folder": folder, "out": tmp_path / "out", "kernels": "ordinary"}
    grid = {"year_to": [2012, 2019, 2020]}
    told = []
    first = sweep("10-good", grid=grid, told=told.append, **options)
    assert [run.state for run in first.runs] == ["failed", "done", "done"]
    assert len(told) == 3
    home = tmp_path / "out/sweeps/10-good"
    failure = json.loads((home / "year_to-2012/failure.json").read_text(encoding="utf-8"))
    assert failure["command"] == "do it again"
    assert "no such year" in failure["error"]
    assert sorted(path.name for path in (home / "year_to-2019").iterdir()) == [
        "10-good.html",
        "10-good.ipynb",
        "manifest.json",
    ]
    del quick[:]
    again = sweep("10-good", grid=grid, **options)
    assert [run.state for run in again.runs] == ["failed", "kept", "kept"]
    assert quick == [{"year_to": 2012}]
    assert [run.state for run in sweep("10-good", grid=grid, force=True, **options).runs] == [
        "failed", "done", "done"]  # fmt: skip
    index = (home / "index.csv").read_text(encoding="utf-8").splitlines()
    assert index[0] == "run,year_to,state,page,notebook,error"
    assert index[1].startswith("year_to-2012,2012,failed,year_to-2012/failure.html,,")
    here = "year_to-2020/10-good"
    assert index[-1] == f"year_to-2020,2020,done,{here}.html,{here}.ipynb,"
    path = folder / "10-good.ipynb"  # a changed notebook makes every run stale
    path.write_text(path.read_text(encoding="utf-8").replace("Does it?", "Is it?"), "utf-8")
    assert [run.state for run in sweep("10-good", grid=grid, **options).runs][1:] == ["done"] * 2


def test_a_run_that_succeeds_at_last_is_a_failure_no_more(folder, quick, tmp_path, monkeypatch):
    options = {
        "grid": {"year_to": [2012]},
        "folder": folder,
        "out": tmp_path,
        "kernels": "ordinary",
    }
    assert sweep("10-good", **options).failed
    good = making.execute
    monkeypatch.setattr(making, "execute", lambda name, _, **rest: good(name, {}, **rest))
    (run,) = sweep("10-good", **options).runs
    assert sorted(path.name for path in run.home.iterdir()) == [
        "10-good.html", "10-good.ipynb", "manifest.json"
    ]  # fmt: skip


def test_pages_can_be_left_out_and_had_later_without_a_run(folder, quick, tmp_path):
    options = {
        "folder": folder,
        "out": tmp_path,
        "kernels": "ordinary",
        "grid": {"year_to": [2019]},
    }
    page = tmp_path / "sweeps/10-good/year_to-2019/10-good.html"
    index = tmp_path / "sweeps/10-good/index.html"
    assert sweep("10-good", pages=False, **options).runs[0].state == "done"
    assert not page.exists()
    assert 'href="year_to-2019/10-good.ipynb">year_to-2019</a>' in index.read_text("utf-8")
    for _ in range(2):  # once added, it belongs to the report
        assert sweep("10-good", **options).runs[0].state == "kept"
        assert "year_to" in page.read_text("utf-8")
    assert len(quick) == 1
    listed = index.read_text("utf-8")
    assert 'href="year_to-2019/10-good.html">year_to-2019</a>' in listed
    assert 'href="year_to-2019/10-good.ipynb">notebook</a>' in listed
    page.write_text("edited", "utf-8")
    assert sweep("10-good", pages=False, **options).runs[0].state == "done"
    assert not page.exists()  # it would tell of another run
    assert len(quick) == 2


def test_what_was_finished_before_an_interruption_stays(folder, quick, tmp_path):
    options = {"folder": folder, "out": tmp_path / "out", "kernels": "ordinary", "workers": 1}
    grid = {"year_to": [2018, 2019, 2020]}

    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep("10-good", grid=grid, told=interrupt, **options)
    stood = len(quick)
    assert stood < 3
    again = sweep("10-good", grid=grid, **options)
    assert [run.state for run in again.runs].count("kept") == stood


def test_a_run_that_was_broken_off_has_not_failed(folder, quick, tmp_path):
    (setting,) = plan("10-good", grid={"year_to": [2012]}, folder=folder)
    job = Job("10-good", setting.checked, setting.given, tmp_path / "run", folder)
    task = Task(setting, job)
    stopped = Event()
    stopped.set()
    with pytest.raises(NotebookError):
        run_task(task, stopped=stopped)
    assert not (tmp_path / "run" / "failure.json").exists()
    assert run_task(task).state == "failed"


def test_headlines_are_compared_as_they_are_shown(folder, tmp_path):
    arguments = ["sweep", "10-good", "--grid", "year_to=2012,2015,2020"]
    places = ["--notebooks", str(folder), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*arguments, *places])
    assert done.exit_code == 1, done.output
    assert "failed  year_to-2012" in done.output
    assert "no such year" in done.output
    assert "1 of 3 runs failed." in done.output
    home = tmp_path / "out/sweeps/10-good"
    found = {
        year: headlines(read_notebook(home / f"year_to-{year}/10-good.ipynb"))
        for year in (2015, 2020)
    }
    assert [one.label for one in found[2015]] == ["last year", "a goal"]
    assert [row.differs for row in compare(found)] == [True, False]
    table = (home / "comparison.csv").read_text(encoding="utf-8").splitlines()
    assert (
        table[1]
        == "last year,True,year_to-2015,20150000000.0,1000000000.0,30000000000.0,CNY,actual,"
    )
    assert table[-1] == "a goal,False,year_to-2020,1000000000.0,1000000000.0,,CNY,target,"
    page = (home / "index.html").read_text(encoding="utf-8")
    assert "<td>20.15 billion yuan<br><small>1 to 30 billion yuan</small></td>" in page
    assert page.count('class="ck-mark"') == 1
    assert 'href="year_to-2015/10-good.html"' in page
    assert 'href="year_to-2012/failure.html"' in page
    failed = (home / "year_to-2012/failure.html").read_text(encoding="utf-8")
    assert "no such year" in failed
    assert f"clusterkit run 10-good -p year_to=2012 --notebooks {folder}" in failed
    made_again = verify(home / "year_to-2015", folder=folder)
    assert made_again.answer == "same bytes"
    assert "clusterkit run 10-good -p year_to=2012" in page
    again = CliRunner().invoke(app, [*arguments, *places])
    assert "2 of 3 were up to date" in again.output
    assert again.exit_code == 1


def test_a_headline_missing_from_a_run_counts_as_a_difference():
    one = Fact("1 yuan", "x", figure=Estimate(1, 1, 1, "CNY"))
    assert [row.differs for row in compare({"a": [one], "b": [one]})] == [False]
    (row,) = compare({"a": [], "b": [one]})
    assert row.differs
    assert row.found == {"a": None, "b": one}


def test_an_executor_of_ones_own_runs_the_tasks(folder, quick, tmp_path):
    sent = []

    class Elsewhere:
        def submit(self, run, task):
            sent.append(task)
            future = Future()
            future.set_result(run(task))
            return future

    done = sweep("10-good", folder=folder, out=tmp_path, executor=Elsewhere())
    assert [run.state for run in done.runs] == ["done", "done"]
    assert [task.setting.name for task in sent] == ["early", "late"]


def test_a_dask_cluster_runs_the_tasks(folder, tmp_path):
    from distributed import LocalCluster

    options = {"n_workers": 2, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(processes=True, local_directory=str(tmp_path / "dask"), **options) as cluster:
        command = ["sweep", "10-good", "--notebooks", str(folder), "--out", str(tmp_path / "out")]
        done = CliRunner().invoke(app, [*command, "--dask", cluster.scheduler_address])
    assert done.exit_code == 0, done.output
    assert sorted(line.split()[1] for line in done.output.splitlines()[:2]) == ["early", "late"]
    assert (tmp_path / "out/sweeps/10-good/early/10-good.ipynb").is_file()


def test_a_scheduler_that_does_not_answer_is_an_error(folder, monkeypatch):
    monkeypatch.setattr("clusterkit.cli.DASK_SECONDS", 0.5)
    command = ["sweep", "10-good", "--notebooks", str(folder), "--dask", "tcp://127.0.0.1:9"]
    done = CliRunner().invoke(app, command)
    assert done.exit_code == 2
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in done.output


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_nothing_outlives_a_killed_sweep(folder, tmp_path):
    path = folder / "10-good.ipynb"
    text = path.read_text(encoding="utf-8").replace("page = Page(", "import time; time.sleep(600)(")
    path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-c", "from clusterkit.cli import main; main()", "sweep", "10-good"]
    options = ["--notebooks", str(folder), "--out", str(tmp_path), "--kernels", "forked"]
    user = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)
    started = psutil.Process(user.pid)
    deadline = time.monotonic() + 60
    while len(running := started.children(recursive=True)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    assert len(running) == 3  # the server and two kernels
    user.kill()
    user.wait()
    _, left = psutil.wait_procs(running, timeout=20)
    assert not [one for one in left if one.status() != psutil.STATUS_ZOMBIE]
    assert not list(tmp_path.rglob("*.ipynb*"))[1:]  # but the notebook itself
