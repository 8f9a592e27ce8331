import json
import pickle
import subprocess
import sys
from concurrent.futures import Future
from dataclasses import replace
from threading import Event

import pytest
from typer.testing import CliRunner

from clusterkit import Estimate
from clusterkit.cli import app
from clusterkit.errors import DataError, ParameterError, UnknownNameError
from clusterkit.runs import report as report_module
from clusterkit.runs.compare import Compared, compare, headlines, verify
from clusterkit.runs.many import plan, sweep
from clusterkit.runs.notebook import NotebookError, notebook_library, read_notebook
from clusterkit.runs.workshop import Workshop
from clusterkit.views.facts import Fact

from .conftest import CONTRACTS, write_workshop
from .processes import started, until

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
    home = write_workshop(tmp_path / "notebooks", CONTRACTS, **{"10-good": CELLS})
    (home / "scenarios.toml").write_text(SCENARIOS, encoding="utf-8")
    return home


@pytest.fixture
def shop(folder, tmp_path):
    return Workshop.here(folder, reports=tmp_path / "out")


@pytest.fixture
def quick(monkeypatch):
    """Stand in for the kernel: 2012 fails, all else shows its last year as a headline."""
    ran = []

    def execute(run, **options):
        ran.append(dict(run.given))
        if run.given.get("year_to") == 2012:
            raise NotebookError(run, ename="E", evalue="no such year")
        nb = notebook_library().v4
        return nb.new_notebook(cells=[nb.new_markdown_cell(str(run.given), id="cell-01")])

    monkeypatch.setattr(report_module, "execute", execute)
    return ran


def given(reports):
    return [(one.name, dict(one.run.given)) for one in reports]


def test_a_grid_is_crossed(shop):
    grid = {"year_from": [2010, 2011], "year_to": [2019, 2020]}
    planned = plan(shop, "10-good", grid=grid, given={"lang": "zh"})
    assert given(planned)[0] == (
        "lang-zh--year_from-2010--year_to-2019",
        {"lang": "zh", "year_from": 2010, "year_to": 2019},
    )
    assert len({one.name for one in planned}) == len(planned) == 4
    assert planned[0].run.values == {"lang": "zh", "year_from": 2010, "year_to": 2019}


def test_without_grid_or_name_all_scenarios_are_meant(shop):
    assert given(plan(shop, "10-good")) == [("early", {"year_to": 2015}), ("late", {})]
    crossed = plan(shop, "10-good", scenarios=["early"], grid={"lang": ["en", "zh"]})
    assert [one.name for one in crossed] == ["early--lang-en", "early--lang-zh"]
    assert crossed[1].run.given == {"year_to": 2015, "lang": "zh"}
    assert crossed[1].run.meaning == "Up to 2015"


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
def test_what_cannot_be_is_refused_before_anything_runs(shop, options, kind, told):
    with pytest.raises(kind) as caught:
        plan(shop, "10-good", **options)
    assert told in str(caught.value)


def test_a_name_that_is_given_twice_on_the_command_line_is_refused(folder):
    for words in (["-p", "year_to=2019", "-p", "year_to=2020"],
                  ["--grid", "year_to=2019", "--grid", "year_to=2020"]):  # fmt: skip
        done = CliRunner().invoke(app, ["sweep", "10-good", "--notebooks", str(folder), *words])
        assert done.exit_code == 2
        assert "The parameter 'year_to' is given twice." in done.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[10-god.low]\nmeaning = 'x'", "Did you mean '10-good'?"),
        ("[10-good.low]\nmeaning = 'x'\nyear_too = 2015", "Did you mean 'year_to'?"),
        ("[10-good.low]\nmeaning = 'x'\nyear_to = '2015'", "'year_to' cannot be '2015'"),
        ("[10-good.low]\nmeaning = 'x'\nyear_to = 2009", "The years run backwards"),
        ("[10-good.low]\nyear_to = 2015", "does not say what it means"),
        ("[10-good.'../low']\nmeaning = 'x'", "a name that no folder can have"),
        ("10-good.low = 3", "[10-good] low: found 3, wanted: a table"),
        ("10-good = 3", "10-good: found 3, wanted: a table"),
        ("[10-good.low]\nmeaning = 'x'\n[10-good.low]\nmeaning = 'y'", "cannot be read as TOML"),
        ("[10-good.low]\nmeaning = 'x'\n[10-good.base]\nmeaning = 'y'", "sets the same as 'low'"),
    ],
)
def test_scenarios_are_checked_when_they_are_read(folder, text, told):
    (folder / "scenarios.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        _ = Workshop.here(folder).scenarios
    assert told in str(caught.value)
    assert "scenarios.toml" in str(caught.value)


def test_the_committed_scenarios_are_in_order():
    found = Workshop.here().scenarios
    for notebook in ("10-zhili-childrenswear", "20-pingxiang-food-pharma"):
        assert {"low", "base", "high"} <= set(found[notebook])
    # what is published is among what is compared
    assert all(any(not one.given for one in named.values()) for named in found.values())


def states(published):
    return [one.state for one in published.outcomes]


def test_a_sweep_is_resumed_and_a_failure_stops_no_other(shop, quick):
    def again(**options):
        reports = plan(Workshop.here(shop.notebooks, reports=shop.reports), "10-good", grid=grid)
        return sweep(reports, kernels="ordinary", **options)

    grid, told = {"year_to": [2012, 2019, 2020]}, []
    assert states(again(told=told.append)) == ["failed", "done", "done"]
    assert len(told) == 3
    home = shop.reports / "sweeps/10-good"
    failure = json.loads((home / "year_to-2012/failure.json").read_text(encoding="utf-8"))
    command = "clusterkit run 10-good -p year_to=2012 --notebooks …/notebooks"
    assert failure["command"] == command  # with no folder of this machine
    assert "no such year" in failure["error"]
    assert sorted(path.name for path in (home / "year_to-2019").iterdir()) == [
        "10-good.html",
        "10-good.ipynb",
        "manifest.json",
    ]
    del quick[:]
    assert states(again()) == ["failed", "kept", "kept"]
    assert quick == [{"year_to": 2012}]
    assert states(again(force=True)) == ["failed", "done", "done"]
    index = (home / "index.csv").read_text(encoding="utf-8").splitlines()
    assert index[0] == "run,year_to,state,page,notebook,error"
    assert index[1].startswith("year_to-2012,2012,failed,year_to-2012/failure.html,,")
    here = "year_to-2020/10-good"
    assert index[-1] == f"year_to-2020,2020,done,{here}.html,{here}.ipynb,"
    path = shop.notebooks / "10-good.ipynb"  # a changed notebook makes every run stale
    path.write_text(path.read_text(encoding="utf-8").replace("Does it?", "Is it?"), "utf-8")
    assert states(again())[1:] == ["done"] * 2


def test_a_run_that_succeeds_at_last_is_a_failure_no_more(shop, quick, monkeypatch):
    reports = plan(shop, "10-good", grid={"year_to": [2012]})
    assert sweep(reports, kernels="ordinary").failed
    good = report_module.execute
    monkeypatch.setattr(report_module, "execute", lambda run, **rest: good(replace(run, given={})))
    assert states(sweep(reports, kernels="ordinary")) == ["done"]
    assert sorted(path.name for path in reports[0].home.iterdir()) == [
        "10-good.html", "10-good.ipynb", "manifest.json"
    ]  # fmt: skip


def test_pages_can_be_left_out_and_had_later_without_a_run(shop, quick):
    def again(pages=True):
        reports = plan(shop, "10-good", grid={"year_to": [2019]}, pages=pages)
        return states(sweep(reports, kernels="ordinary"))

    page = shop.reports / "sweeps/10-good/year_to-2019/10-good.html"
    index = shop.reports / "sweeps/10-good/index.html"
    assert again(pages=False) == ["done"]
    assert not page.exists()
    assert 'href="year_to-2019/10-good.ipynb">year_to-2019</a>' in index.read_text("utf-8")
    for _ in range(2):  # once added, it belongs to the report
        assert again() == ["kept"]
        assert "year_to" in page.read_text("utf-8")
    assert len(quick) == 1
    listed = index.read_text("utf-8")
    assert 'href="year_to-2019/10-good.html">year_to-2019</a>' in listed
    assert 'href="year_to-2019/10-good.ipynb">notebook</a>' in listed
    page.write_text("edited", "utf-8")
    assert again(pages=False) == ["done"]
    assert not page.exists()  # it would tell of another run
    assert len(quick) == 2


def test_what_was_finished_before_an_interruption_stays(shop, quick):
    reports = plan(shop, "10-good", grid={"year_to": [2018, 2019, 2020]})

    def interrupt(run):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        sweep(reports, kernels="ordinary", workers=1, told=interrupt)
    stood = len(quick)
    assert stood < 3
    assert states(sweep(reports, kernels="ordinary", workers=1)).count("kept") == stood


def test_a_run_that_was_broken_off_has_not_failed(shop, quick):
    (report,) = plan(shop, "10-good", grid={"year_to": [2012]})
    stopped = Event()
    stopped.set()
    assert isinstance(report.make(("never run",), stopped=stopped).error, NotebookError)
    assert not (report.home / "failure.json").exists()
    assert report.make(("never run",)).state == "failed"
    assert (report.home / "failure.json").exists()


def test_headlines_are_compared_as_they_are_shown(folder, tmp_path):
    arguments = ["sweep", "10-good", "--grid", "year_to=2012,2015,2020"]
    places = ["--notebooks", str(folder), "--out", str(tmp_path / "out")]
    done = CliRunner().invoke(app, [*arguments, *places])
    assert done.exit_code == 1, done.output
    assert "failed    year_to-2012" in done.output
    assert "no such year" in done.output
    assert "1 of 3 runs failed." in done.output
    home = tmp_path / "out/sweeps/10-good"
    found = {year: read_notebook(home / f"year_to-{year}/10-good.ipynb") for year in (2015, 2020)}
    assert list(headlines(found[2015])) == ["last year", "a goal"]
    assert [(row.label, row.differs) for row in compare(found)] == [
        ("last year", True), ("a goal", False)
    ]  # fmt: skip
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
    assert "clusterkit run 10-good -p year_to=2012 --notebooks …/notebooks" in failed
    assert str(tmp_path) not in failed + page + (home / "index.csv").read_text(encoding="utf-8")
    assert f"clusterkit run 10-good -p year_to=2012 --notebooks {folder}" in done.output
    made_again = verify(Workshop.here(folder), home / "year_to-2015")
    assert made_again.answer == "same bytes"
    assert "clusterkit run 10-good -p year_to=2012" in page
    again = CliRunner().invoke(app, [*arguments, *places])
    assert "2 of 3 were up to date" in again.output
    assert again.exit_code == 1


def test_a_headline_missing_from_a_run_counts_as_a_difference():
    one = Fact("1 yuan", "x", figure=Estimate(1, 1, 1, "CNY"))
    assert not Compared("x", {"a": one, "b": one}).differs
    missing = Compared("x", {"a": None, "b": one})
    assert missing.differs
    assert [row["run"] for row in missing.rows()] == ["b"]


def test_an_executor_of_ones_own_makes_the_reports(shop, quick):
    sent = []

    class Elsewhere:
        def submit(self, make, *arguments):
            sent.append(pickle.loads(pickle.dumps(make)).__self__)
            future = Future()
            future.set_result(pickle.loads(pickle.dumps(make(*arguments))))
            return future

    done = sweep(plan(shop, "10-good", grid={"year_to": [2012, 2015]}), executor=Elsewhere())
    assert states(done) == ["failed", "done"]
    assert [report.name for report in sent] == ["year_to-2012", "year_to-2015"]
    (error,) = (one.error for one in done.failed)
    assert (error.ename, error.run.given) == ("E", {"year_to": 2012})
    assert "no such year" in str(error)


def test_a_dask_cluster_runs_the_tasks(folder, tmp_path, monkeypatch):
    from distributed import LocalCluster

    monkeypatch.setattr("clusterkit.cli.DASK_SECONDS", 600)
    options = {"n_workers": 1, "threads_per_worker": 1, "dashboard_address": "127.0.0.1:0"}
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
    with started([*command, *options], stdout=subprocess.DEVNULL) as (user, family):
        until(lambda: len(family()) == 3, user)  # the server and two kernels
        user.kill()
        until(lambda: not family())
    assert not list(tmp_path.rglob("*.ipynb*"))[1:]  # but the notebook itself
