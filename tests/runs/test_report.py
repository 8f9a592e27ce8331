"""A report is current as long as nothing it rests on has changed; each change is named."""

import json
import shutil
import subprocess
import sys

import pytest

from clusterkit.errors import DataError
from clusterkit.files import write_whole
from clusterkit.runs.notebook import notebook_library, read_notebook
from clusterkit.runs.report import Inputs, Manifest, changes, read_manifest
from clusterkit.runs.workshop import Workshop

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


@pytest.fixture
def report(make_folder, tmp_path, monkeypatch, casebook):
    """A report made by hand: its folder, the notebooks and the data it rests on."""
    data, home, folder = tmp_path / "data", tmp_path / "reports" / "10-good", make_folder("10-good")
    shutil.copytree(casebook, data)
    monkeypatch.setenv("CLUSTERKIT_DATA", str(data))
    executed = read_notebook(folder / "10-good.ipynb")

    def write(before=None):
        made = Manifest.made(before or Inputs.of(run(folder)), executed)
        write_whole(home / "10-good.html", "page")
        write_whole(home / "manifest.json", made.holding({"10-good.html": "page"}).text)

    write()
    return home, folder, data, write


def run(folder, **given):
    return Workshop.here(folder).ask("10-good", given)


def append(path, text):
    path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")


def replace(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_a_report_is_current_until_something_it_rests_on_changes(report):
    home, folder, data, _ = report
    assert changes(home, run(folder)) == []
    # outputs may change, another notebook's contract, and what is no data
    append(folder / "contracts.toml", '\n[20-b]\ntitle = "B"\nquestion = "B?"\n[20-b.parameters]\n')
    notebook = read_notebook(folder / "10-good.ipynb")
    notebook.cells[-1].outputs = [notebook_library().v4.new_output("stream", text="3")]
    notebook_library().write(notebook, folder / "10-good.ipynb")
    (data / ".ipynb_checkpoints").mkdir()
    for name in ("cases/.claims.csv", ".ipynb_checkpoints/claims.csv", "notes.txt"):
        (data / name).write_text("mine", encoding="utf-8")
    assert changes(home, run(folder, year_to=2020)) == []


CHANGES = [
    (lambda h, f, d: append(d / CLAIMS, "\n"), [f"data: {CLAIMS} changed"]),
    (lambda h, f, d: (d / "regions/gdp.csv").unlink(),
     ["data: regions/gdp.csv is gone"]),
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
    (lambda h, f, d: (h / "manifest.json").write_text("[]"), ["its manifest cannot be read"]),
    (lambda h, f, d: replace(h / "manifest.json", '"data": {', '"folders": {}, "data": {'),
     ["its manifest cannot be read"]),
]  # fmt: skip


@pytest.mark.parametrize(("spoil", "told"), CHANGES, ids=[told[0] for _, told in CHANGES])
def test_each_change_is_named(report, spoil, told):
    home, folder, data, _ = report
    spoil(home, folder, data)
    assert changes(home, run(folder)) == told


def test_other_parameters_are_named_with_both_values(report):
    home, folder, *_ = report
    told = changes(home, run(folder, year_to=2018, lang="zh"))
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
    (found,) = changes(home, run(folder))
    assert found.startswith(told)


def test_data_that_changes_while_the_notebook_runs_counts_as_changed(report):
    home, folder, data, write = report
    before = Inputs.of(run(folder))
    append(data / CLAIMS, "\n")
    write(before=before)
    assert changes(home, run(folder)) == [f"data: {CLAIMS} changed"]


@pytest.mark.parametrize(
    ("text", "why"),
    [("{", "cut short, or edited by hand"), ('{"data": {}}', "written by an older clusterkit")],
)
def test_what_is_no_manifest_says_why(tmp_path, text, why):
    (tmp_path / "manifest.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match="is not the manifest of a report") as caught:
        read_manifest(tmp_path)
    assert why in str(caught.value)


ODD = (3, "x", [], {}, None, [3], {"a": 1}, 1e999, True)


@pytest.mark.parametrize("key", Manifest.__dataclass_fields__)
def test_a_manifest_of_wrong_types_is_made_anew_and_says_why(report, key):
    home, folder, *_ = report
    path = home / "manifest.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    for odd in ODD:
        path.write_text(json.dumps(made | {key: odd}), encoding="utf-8")
        told = changes(home, run(folder))
        assert told, (key, odd)
        assert all(isinstance(one, str) for one in told)


def test_all_data_counts(report):
    home, _, data, _ = report
    names = {path.relative_to(data).as_posix() for path in data.rglob("*.csv")}
    assert names < set(read_manifest(home).data)


def test_an_unchanged_report_costs_no_heavy_import(published, tmp_path):
    folder, out, *_ = published
    shutil.copytree(out, tmp_path / "reports")
    script = (
        "import sys\nfrom clusterkit.cli import app\nopened = []\n"
        "sys.addaudithook(lambda kind, args: kind == 'open' and opened.append(str(args[0])))\n"
        "try: app(sys.argv[1:])\nexcept SystemExit: pass\n"
        "print([path.endswith('contracts.toml') for path in opened].count(True))\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))"
    )
    words = ["publish", "10-good", "--notebooks", folder, "--out", tmp_path / "reports"]
    done = subprocess.run(
        [sys.executable, "-c", script, *words], capture_output=True, encoding="utf-8", check=True
    )
    first, *_, read, last = done.stdout.splitlines()
    assert read == "1"  # time the contracts were read
    assert first.startswith("kept      10-good ")
    assert last == "[]", done.stdout
    index = (tmp_path / "reports/index.html").read_text(encoding="utf-8")
    assert index == (out / "index.html").read_text(encoding="utf-8")
