"""A report is current as long as nothing it rests on has changed; each change is named."""

import json
import shutil
import subprocess
import sys

import pytest

from clusterkit.files import write_whole
from clusterkit.runs.cache import changes
from clusterkit.runs.manifest import inputs, manifest, manifest_text, sealed
from clusterkit.runs.reads import recorded_reads
from clusterkit.runs.tidy import notebook_library, read_notebook

HEAVY = (
    "IPython",
    "jupyter_client",
    "nbconvert",
    "nbformat",
    "pandas",
    "papermill",
    "rich.console",
)
CLAIMS = "cases/zhili/claims.csv"
READ = ["cases/", CLAIMS, "notebooks/contracts.toml", "regions/gdp.csv"]


@pytest.fixture
def report(make_folder, tmp_path, monkeypatch, root):
    """A report made by hand: its folder, the notebooks and the data it rests on."""
    data, home, folder = tmp_path / "data", tmp_path / "reports" / "10-good", make_folder("10-good")
    shutil.copytree(root / "data", data)
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data))
    executed = read_notebook(folder / "10-good.ipynb")
    executed.metadata["clusterkit"] = {"read": READ}
    parameters = {"lang": "en", "year_from": 2010, "year_to": 2020}

    def write(**before):
        made = manifest("10-good", parameters, executed, folder=folder, **before)
        write_whole(home / "10-good.html", "page")
        write_whole(home / "manifest.json", manifest_text(sealed(made, {"10-good.html": "page"})))

    write()
    return home, folder, data, write


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_report_is_current_until_something_it_rests_on_changes(report):
    home, folder, data, _ = report
    assert changes(home, "10-good", folder=folder) == []
    # what it did not read may change, and so may the outputs and another notebook's contract
    append(data / "cases/pingxiang/claims.csv", "\n")
    append(folder / "contracts.toml", '\n[20-b]\ntitle = "B"\nquestion = "B?"\n')
    notebook = read_notebook(folder / "10-good.ipynb")
    notebook.cells[-1].outputs = [notebook_library().v4.new_output("stream", text="3")]
    notebook_library().write(notebook, folder / "10-good.ipynb")
    assert changes(home, "10-good", {"year_to": 2020}, folder=folder) == []


CHANGES = [
    (lambda h, f, d: append(d / CLAIMS, "\n"), [f"data: {CLAIMS} changed"]),
    (lambda h, f, d: (d / "regions/gdp.csv").unlink(),
     ["data: regions/gdp.csv is gone"]),
    (lambda h, f, d: (d / "cases/suifu").mkdir(), ["data: cases/suifu added"]),
    (lambda h, f, d: (d / "cases/zhili/prices.csv").touch(),
     ["data: cases/zhili/prices.csv added"]),
    (lambda h, f, d: replace(f / "10-good.ipynb", "year_to - year_from", "year_to"),
     ["the notebook's cells changed"]),
    (lambda h, f, d: replace(f / "contracts.toml", "First year", "Year one"),
     ["the notebook's contract changed"]),
    (lambda h, f, d: (f / "10-good.ipynb").write_text("{"), ["the notebook's cells changed"]),
    (lambda h, f, d: (h / "10-good.html").unlink(), ["report: 10-good.html is gone"]),
    (lambda h, f, d: append(h / "10-good.html", " "), ["report: 10-good.html was edited"]),
    (lambda h, f, d: (h / "failure.json").touch(), ["the last run failed"]),
    (lambda h, f, d: (h / "manifest.json").unlink(), ["never run"]),
    (lambda h, f, d: (h / "manifest.json").write_text("{}"), ["its manifest cannot be read"]),
    (lambda h, f, d: (h / "manifest.json").write_text("{"), ["its manifest cannot be read"]),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "told"), CHANGES, ids=[told[0] for _, told in CHANGES])
def test_each_change_is_named(report, spoil, told):
    home, folder, data, _ = report
    spoil(home, folder, data)
    assert changes(home, "10-good", folder=folder) == told


def test_other_parameters_are_named_with_both_values(report):
    home, folder, *_ = report
    told = changes(home, "10-good", {"year_to": 2018, "lang": "zh"}, folder=folder)
    assert told == ["parameter lang: en -> zh", "parameter year_to: 2020 -> 2018"]


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("package", "runs/page.py"), "0", "package: runs/page.py changed"),
        (("package", "runs/old.py"), "0", "package: runs/old.py is gone"),
        (("libraries", "pandas"), "1.0", "pandas 1.0 -> "),
        (("python",), "2.7", "Python 2.7 -> 3."),
        (("lock_sha256",), "0", "requirements.lock changed"),
    ],
)
def test_code_and_environment_count(report, path, value, told):
    home, folder, *_ = report
    made = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    *parents, last = path
    (made[parents[0]] if parents else made)[last] = value
    (home / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    (found,) = changes(home, "10-good", folder=folder)
    assert found.startswith(told)


def test_data_that_changes_while_the_notebook_runs_counts_as_changed(report):
    home, folder, data, write = report
    before = inputs("10-good", {"lang": "en", "year_from": 2010, "year_to": 2020}, folder=folder)
    append(data / CLAIMS, "\n")
    write(before=before)
    assert changes(home, "10-good", folder=folder) == [f"data: {CLAIMS} changed"]


def test_a_run_that_recorded_nothing_rests_on_all_data(report):
    _, folder, data, _ = report
    executed = notebook_library().v4.new_notebook()
    made = manifest("10-good", {}, executed, folder=folder)
    assert {path.relative_to(data).as_posix() for path in data.rglob("*.csv")} < set(made["data"])


RECORDING = """
import os, sys
from pathlib import Path
from clusterkit.runs.reads import record_reads
from clusterkit.evidence.tables import data_folder
record_reads(sys.argv[1])
os.chdir(data_folder() / "cases")
open("zhili/claims.csv").close()
Path("../cases/zhili/claims.csv").read_bytes()
list(data_folder().glob("regions/*.csv"))
os.listdir(b"zhili")
open(os.open(data_folder() / "registry.txt", os.O_RDONLY)).close()
open(__import__("clusterkit").__file__).close()
try:
    open("zhili/none.csv")
except FileNotFoundError:
    pass
os.kill(os.getpid(), 9)
"""


def test_reads_are_recorded_however_they_happen_and_survive_the_process(tmp_path):
    log = tmp_path / "reads.txt"
    subprocess.run([sys.executable, "-c", RECORDING, log], check=False)
    assert recorded_reads(log) == [
        "cases/zhili/",
        "cases/zhili/claims.csv",
        "cases/zhili/none.csv",
        "regions/",
        "registry.txt",
    ]
    assert recorded_reads(tmp_path / "none") is None


def test_a_kernel_records_what_its_notebook_reads(published):
    executed = read_notebook(published[1] / "10-good/10-good.ipynb")
    assert executed.metadata["clusterkit"] == {"read": ["notebooks/contracts.toml"]}


def test_an_unchanged_report_costs_no_heavy_import(published, tmp_path):
    folder, out, *_ = published
    shutil.copytree(out, tmp_path / "reports")
    script = (
        "import sys\nfrom clusterkit.cli import app\n"
        "try: app(sys.argv[1:])\nexcept SystemExit: pass\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    words = ["publish", "10-good", "--notebooks", folder, "--out", tmp_path / "reports"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, encoding="utf-8", check=True
    )
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("unchanged 10-good ")
    assert last == "[]", done.stdout
    index = (tmp_path / "reports/index.html").read_text(encoding="utf-8")
    assert index == (out / "index.html").read_text(encoding="utf-8")
