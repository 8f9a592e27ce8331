import re
import shutil
import subprocess
import sys
import types

import pytest
from typer.testing import CliRunner

import clusterkit
from clusterkit import cli

from .conftest import contract_toml, write_workshop

HEAVY = ("IPython", "jupyter_client", "matplotlib", "nbconvert", "nbformat", "pandas", "papermill")
CELLS = [
    ("markdown", "# Why?"),
    ("code", 'lang = "en"\nyear_to = 2024', "parameters"),
    ("code", "import sys"),
    ("code", "1 / (year_to - 2000)"),
]
YEAR = {"type": "int", "default": 2024, "max": 2025, "meaning": "Last year", "meaning_zh": "末年"}
CONTRACT = contract_toml("10-a", question="Why?", year_to=YEAR)


@pytest.fixture
def folder(tmp_path):
    """A notebooks folder whose only notebook fails for the year 2000."""
    return write_workshop(tmp_path / "notebooks", CONTRACT, **{"10-a": CELLS})


@pytest.fixture
def call(folder, monkeypatch):
    """Call the command line; the notebooks folder is passed on to the commands that take it."""
    monkeypatch.chdir(folder.parent)

    def invoke(command, *words):
        takes_folder = command in ("publish", "run", "refresh", "check")
        notebooks = ["--notebooks", str(folder)] if takes_folder else []
        return CliRunner().invoke(cli.app, [command, *words, *notebooks])

    return invoke


@pytest.fixture
def module(monkeypatch):
    """Stand in for a module of another room."""

    def put(name, **content):
        stand_in = types.ModuleType(name)
        vars(stand_in).update(content)
        monkeypatch.setitem(sys.modules, name, stand_in)

    return put


def test_help_lists_the_commands_and_version_is_the_package_s(call):
    listed = call("--help")
    assert listed.exit_code == 0
    for command in ("publish", "run", "verify", "explain", "refresh", "check", "data"):
        assert re.search(rf"^\W*{command} ", listed.output, re.MULTILINE)
    assert call("--version").output == f"clusterkit {clusterkit.__version__}\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["run", "10-b"], "There is no notebook '10-b'.\n  likely: Did you mean '10-a'?"),
        (["run", "10-a", "-p", "yeer_to=2020"], "There is no parameter 'yeer_to'."),
        (["run", "10-a", "-p", "year_to=2026"], "year_to as a whole number: at most 2025."),
        (["run", "10-a", "-p", "year_to"], "-p was given 'year_to', which is no NAME=VALUE."),
        (["publish", "-p", "=3"], "which is no NAME=VALUE."),
        (["publish", "-p", "year_to=soon"], "It is not a whole number."),
        (["refresh", "10-b"], "There is no notebook '10-b'."),
    ],
)
def test_bad_input_is_explained_without_a_traceback(call, folder, words, says):
    result = call(*words)
    assert result.exit_code == 2
    assert says in result.stderr
    assert "Traceback" not in result.output + result.stderr
    assert not result.stdout
    assert [path.name for path in folder.parent.iterdir()] == ["notebooks"]


@pytest.mark.parametrize("command", ["publish", "run", "sweep"])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["-p", "lang=en", "-p", "lang=zh"], "The parameter 'lang' is given twice."),
        (["--out", "a", "--out=b"], "--out is given twice."),
        (["-p", "lang=\udcff"], "holds bytes that are no text in this encoding."),
    ],
)
def test_what_is_given_twice_or_is_no_text_is_refused_by_every_command(
    call, folder, command, words, says
):
    at = [] if command in ("publish", "run") else ["--notebooks", str(folder)]
    result = call(command, "10-a", *words, *at, *["--grid", "year_to=2001,2002"] * bool(at))
    assert result.exit_code == 2, result.output
    assert says in result.stderr
    assert "Traceback" not in result.output + result.stderr
    assert [path.name for path in folder.parent.iterdir()] == ["notebooks"]


def test_a_grid_and_a_scenario_are_given_once(folder):
    (folder / "scenarios.toml").write_text("[10-a.low]\nmeaning = 'x'\nyear_to = 2001", "utf-8")
    for words, says in [
        (["--grid", "lang=a", "--grid", "lang=b"], "The parameter 'lang' is given twice."),
        (["--scenario", "low", "--scenario", "low"], "A scenario is given twice."),
    ]:
        at = ["sweep", "10-a", "--notebooks", str(folder)]
        result = CliRunner().invoke(cli.app, [*at, *words])
        assert (result.exit_code, says in result.stderr) == (2, True)


def test_a_run_shows_the_failing_cell_and_what_it_said(call, folder):
    result = call("run", "10-a", "-p", "year_to=2000")
    assert result.exit_code == 1
    for part in ("The cell that failed (4):\n  1 / (year_to - 2000)\n", "What it said:\n",
                 "ZeroDivisionError: division by zero\nThe notebook 10-a failed: "):  # fmt: skip
        assert part in result.stderr
    assert "\x1b" not in result.stderr


@pytest.mark.parametrize("magic", ["%nosuch x", "%%nosuch x\n1"])
def test_a_magic_that_does_not_exist_is_named(tmp_path, faulty, magic):
    folder = faulty(tmp_path / "m", {"10-m": magic})
    result = CliRunner().invoke(cli.app, ["run", "10-m", "--notebooks", str(folder)])
    assert result.exit_code == 1
    assert "UsageError: " in result.stderr
    assert "nosuch` not found." in result.stderr


@pytest.mark.parametrize(("target", "why"), [
    ("notebooks", "it is a folder"), ("notebooks/10-a.ipynb/x", "Not a directory")
])  # fmt: skip
def test_a_run_tries_its_target_before_it_runs(call, folder, monkeypatch, target, why):
    monkeypatch.setattr("clusterkit.runs.notebook.execute", lambda run: pytest.fail("it ran"))
    before = sorted(folder.iterdir())
    result = call("run", "10-a", "--out", target)
    assert result.exit_code == 1
    assert f" cannot be written: {why}." in result.stderr
    assert "Free some space" not in result.stderr
    assert sorted(folder.iterdir()) == before
    deep = folder.parent / "not/there/yet.ipynb"
    monkeypatch.setattr("clusterkit.runs.notebook.execute", lambda run: 1 / 0)
    assert isinstance(call("run", "10-a", "--out", str(deep)).exception, ZeroDivisionError)
    assert [path.name for path in folder.parent.iterdir()] == ["notebooks"]


@pytest.mark.parametrize("words", [["publish"], ["run", "10-a"], ["verify", "x"], ["check"]])
def test_a_working_folder_that_is_gone_is_told(folder, tmp_path, words):
    gone = tmp_path / "gone"
    script = "import os, sys; os.rmdir(os.getcwd()); from clusterkit.cli import main; main()"
    gone.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", script, *words, "--notebooks", folder],
        cwd=gone, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr.startswith("The working folder is gone.\n  next:")


@pytest.mark.parametrize(
    ("lang", "head", "row"),
    [
        ("en_GB.UTF-8", "Usage: clusterkit run 10-a [-p NAME=VALUE]...",
         "  year_to    2024     a whole number: at most 2025  Last year"),
        ("zh_CN.UTF-8", "用法: clusterkit run 10-a [-p NAME=VALUE]...",
         "  year_to  2024  整数，不大于 2025  末年"),
    ],
)  # fmt: skip
def test_the_help_of_a_notebook_is_its_contract(call, monkeypatch, lang, head, row):
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", lang)
    lines = call("run", "10-a", "--help").output.splitlines()
    assert lines[0] == head
    assert lines[2] == "10-a: Why?"
    assert row in lines
    assert row in call("run").output.splitlines()
    assert call("run", "--help").output.strip().startswith("Usage: ")


def test_one_success_and_one_failure_from_a_real_shell(folder):
    shutil.copy(folder / "10-a.ipynb", folder / "20-b.ipynb")
    contracts = CONTRACT + CONTRACT.replace("10-a", "20-b").replace("2024", "2000")
    (folder / "contracts.toml").write_text(contracts, encoding="utf-8")
    text = (folder / "20-b.ipynb").read_text(encoding="utf-8")
    (folder / "20-b.ipynb").write_text(text.replace("2000", "2024"), encoding="utf-8")

    shell = [sys.executable, "-W", "error", "-c", "from clusterkit.cli import main; main()"]
    words = ["publish", "--notebooks", folder, "--out", "reports", "-p", "lang=zh"]
    done = subprocess.run(
        [*shell, *words], cwd=folder.parent, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (1, "")
    assert re.search(r"^done +10-a +\d+\.\d s  reports/10-a/10-a\.html$", done.stdout, re.M)
    assert re.search(r"^failed +20-b +\d+\.\d s  reports/20-b/failure\.html$", done.stdout, re.M)
    assert "The notebook 20-b failed: ZeroDivisionError: division by zero" in done.stdout
    assert f"clusterkit run 20-b -p lang=zh --notebooks {folder}\n" in done.stdout
    assert done.stdout.endswith("\nOpen reports/index.html\n1 of 2 notebooks failed.\n")
    report = (folder.parent / "reports/10-a/10-a.html").read_text(encoding="utf-8")
    assert '<html lang="zh">' in report
    assert "产业集群案例集" in report
    assert "显示代码" in report
    assert "Show the code" not in report


def test_help_and_a_bad_parameter_import_nothing_heavy(folder):
    script = (
        "import sys\nfrom clusterkit.cli import app\n"
        "for words in (['--help'], ['run', '10-a', '-p', 'x=1', '--notebooks', sys.argv[1]]):\n"
        "    try: app(words)\n    except SystemExit: pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, folder], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stderr.endswith("Choose one of: lang, year_to.\n[]\n")


def test_check_shows_findings_of_notebooks_and_data(call, module):
    module("clusterkit.evidence.descriptor", stale_files=lambda: ["README.md: not current"])
    result = call("check")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "10-a.ipynb, cell 4: ends in an expression but shows no output. Run `clusterkit " in (
        result.output
    )
    assert "data/README.md: not current. Run `clusterkit data`, if the change was meant." in lines
    assert lines[-1] == f"{len(lines) - 1} to mend."


def test_check_passes_when_nothing_is_found(call, module, monkeypatch):
    module("clusterkit.evidence.descriptor", stale_files=list)
    monkeypatch.setattr("clusterkit.runs.gate.check_notebooks", lambda shop: [])
    result = call("check")
    assert (result.exit_code, result.output) == (0, "1 notebooks and the data are in order.\n")


def test_a_stale_or_failed_state_exits_with_one(call, monkeypatch):
    def fail(*args, **options):
        raise clusterkit.errors.StaleError("Old.", fix="Renew it.")

    monkeypatch.setattr("clusterkit.runs.gate.refresh", fail)
    result = call("refresh")
    assert (result.exit_code, result.stderr) == (1, "Old.\n  next:   Renew it.\n")


def test_data_lists_what_it_wrote(call, module, folder):
    module("clusterkit.evidence.descriptor", write=lambda data: [folder / "README.md"])
    result = call("data")
    assert (result.exit_code, result.output) == (0, "Wrote notebooks/README.md\n")


@pytest.fixture
def drafting(monkeypatch):
    import pandas as pd

    def draft_claims(text):
        return pd.DataFrame({"as_printed": text.split(), "value": 1.5})

    monkeypatch.setattr(clusterkit, "draft_claims", draft_claims, raising=False)


@pytest.mark.usefixtures("drafting")
def test_draft_claims_writes_beside_the_text_and_never_over_it(call, tmp_path):
    (tmp_path / "news.txt").write_text("\ufeff近1000亿元 14", encoding="utf-8")
    result = call("draft-claims", "news.txt", "--case", "zhili")
    assert (result.exit_code, result.output) == (0, "Wrote 2 claims to check to news-claims.csv\n")
    written = (tmp_path / "news-claims.csv").read_text(encoding="utf-8")
    assert written == "case,as_printed,value\nzhili,近1000亿元,1.5\nzhili,14,1.5\n"

    again = call("draft-claims", "news.txt", "--case", "zhili")
    assert again.exit_code == 2
    assert "news-claims.csv exists already." in again.stderr
    elsewhere = call("draft-claims", "news.txt", "--case", "zhili", "--out", "new/mine.csv")
    assert elsewhere.exit_code == 0
    assert (tmp_path / "new" / "mine.csv").read_text(encoding="utf-8") == written


@pytest.mark.usefixtures("drafting")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b" \n", "news.txt is empty."),
        (b"%PDF-1.7", "news.txt is a PDF, not a text."),
        (None, "news.txt cannot be read: FileNotFoundError."),
    ],
)
def test_an_article_that_cannot_be_read_says_why(call, tmp_path, content, says):
    if content is not None:
        (tmp_path / "news.txt").write_bytes(content)
    result = call("draft-claims", "news.txt", "--case", "zhili")
    assert result.exit_code == 2
    assert says in result.stderr
    assert not list(tmp_path.glob("*.csv"))
