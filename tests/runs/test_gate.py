"""The gate passes a clean notebook, and catches each way of spoiling it, by name and cell."""

import copy
import re
import subprocess
import sys

import pytest
from typer.testing import CliRunner

import clusterkit as ck
from clusterkit import Page, Trend, cli
from clusterkit.errors import DataError
from clusterkit.files import write_whole
from clusterkit.runs import gate
from clusterkit.runs.gate import check_notebooks
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook, tidy
from clusterkit.runs.rules import Notebook, _shows_no_number_without_its_value, speakers
from clusterkit.runs.workshop import Workshop
from clusterkit.views.facts import FACTS, Fact

from .conftest import contract_toml, new_notebook

YEAR = {"type": "int", "default": 2024, "meaning": "Last year", "meaning_zh": "末年"}
CONTRACT = contract_toml("10-a", question="Is it clean?", year_to=YEAR)

# kind, source, what the cell shows
CLEAN = [
    ("markdown", "# Is it clean?\n\nSee https://example.org/tmp/home/a.csv.", None),
    ("code", 'lang = "en"\nyear_to = 2024', None),
    ("code", "import clusterkit as ck", None),
    ("markdown", "## Evidence", None),
    (
        "code",
        'case = ck.case("zhili")\ncase.claims("sales/output")',
        "gdp/Fuzhou (Jiangxi)/work/2023, <b>yuan</b> / piece",
    ),
    ("code", "share = 2 / 3\nshare", "0.67"),
    ("code", "case.sources()", "1. A source"),
]


@pytest.fixture
def clean():
    notebook = new_notebook([(kind, source) for kind, source, _ in CLEAN])
    for count, (cell, (*_, shown)) in enumerate(zip(notebook.cells, CLEAN, strict=True)):
        if cell.cell_type == "code":
            cell.execution_count = count
        if shown:
            data = {"text/plain": shown}
            cell.outputs = [output("execute_result", data=data, execution_count=1)]
    notebook.cells[1].metadata["tags"] = ["parameters"]
    return tidy(notebook)


@pytest.fixture
def findings(tmp_path):
    def check(notebook, contract=CONTRACT):
        write_whole(tmp_path / "contracts.toml", contract)
        write_whole(tmp_path / "10-a.ipynb", notebook_text(notebook))
        return check_notebooks(Workshop.here(tmp_path))

    return check


def output(kind, **content):
    return notebook_library().v4.new_output(kind, **content)


def strip_outputs(cells):
    for cell in cells:
        if cell.cell_type == "code":
            cell.outputs = []


def never_executed(cells):
    cells[4].execution_count = None


def another_order(cells):
    cells[4].execution_count, cells[5].execution_count = 4, 3


def code(number, text):
    """Replace the source of a cell."""

    def change(cells):
        cells[number - 1].source = text

    return change


def also(number, text):
    """Put a line before the source of a cell."""

    def change(cells):
        cells[number - 1].source = f"{text}\n{cells[number - 1].source}"

    return change


def shows(number, kind, **content):
    """Add an output to a cell."""

    def change(cells):
        cells[number - 1].outputs.append(output(kind, **content))

    return change


def tag(number, tags):
    def change(cells):
        cells[number - 1].metadata["tags"] = tags

    return change


def rename(cells):
    cells[3].id = "a1b2c3d4"


def cells_like(number, count, source=None):
    """Repeat a cell so many times."""

    def change(cells):
        for _ in range(count):
            cell = copy.deepcopy(cells[number - 1])
            cell.source = source or cell.source
            cells.insert(number, cell)
        for position, cell in enumerate(cells, start=1):
            cell.id = f"cell-{position:02d}"

    return change


SIXTEEN = "\n".join(["x = 1"] * 15) + "\nx"
FIFTEEN = "\n".join(["x = 1"] * 14) + "\nx"
BARE = "shows numbers that no value carries: 85."
FACTLESS = {"text/plain": "In 2024, 85 of 90 [3]", FACTS: [Fact("90", "", "count").as_json()]}
HOME = "/".join(("", "home", "me"))  # put together, for nothing committed names such a place
AT = "<function f at 0x7f8a12>"

MUTATIONS = [
    (strip_outputs, 5, "ends in an expression but shows no output."),
    (never_executed, 5, "was not executed, not as number 3."),
    (another_order, 5, "was executed as number 4, not as number 3."),
    (rename, None, "is not in the form that refresh writes."),
    (shows(6, "error", ename="KeyError", evalue="'x'"), 6, "shows an error: KeyError."),
    (shows(6, "stream", name="stderr", text="Warning"), 6, "wrote to stderr."),
    (shows(6, "stream", text="in " + HOME + "/x"), 6, f"names a path of one machine: {HOME}."),
    (shows(6, "display_data", data={"text/html": "<a href='/tmp/x'>"}), 6, "machine: /tmp/x."),
    (shows(6, "display_data", data={"text/plain": r"C:\Users\me"}), 6, r"one machine: C:\U."),
    (shows(6, "display_data", data={"text/plain": AT}), 6, "shows the address of an object."),
    (code(4, "## Evidence\n\nin file:///x"), 4, "names a path of one machine: file://."),
    (code(1, "# Is it clean"), 1, "does not begin with a question."),
    (code(1, "Is it clean?"), 1, "does not begin with a question."),
    (code(2, 'lang = "zh"\nyear_to = 2024'), 2, "lang is 'zh', the contract says 'en'."),
    (code(2, 'lang = "en"\nyear_to = 2024.0'), 2, "year_to is 2024.0, the contract says 2024."),
    (code(2, 'lang = "en"\nyear_to = True'), 2, "year_to is True, the contract says 2024."),
    (code(2, 'year_to = 2024\nlang = "en"'), 2, "stand in another order than in the contract."),
    (code(2, 'lang = "en"'), 2, "'year_to' is missing from the parameters cell."),
    (also(2, "share = 0.5"), 2, "'share' is missing from the contract."),
    (code(2, 'lang = "en"\nyear_to = 2000 + 24'), 2, "more than bare literals."),
    (code(2, 'lang: str = "en"\nyear_to = 2024'), 2, "more than bare literals."),
    (tag(2, []), None, "the first code cell, and no other, must carry the tag 'parameters'."),
    (tag(5, ["parameters"]), 5, "the first code cell, and no other, must carry the tag"),
    (tag(5, ["injected-parameters"]), 5, "holds the parameters of one run."),
    (also(5, "import math"), 5, "imports, but another cell did before."),
    (code(3, "ck = None"), None, "no cell imports anything."),
    (also(5, "%matplotlib inline"), 5, "uses a magic: %matplotlib."),
    (also(5, "!ls"), 5, "uses a magic: !ls."),
    (also(5, "case?"), 5, "uses a magic: case?"),
    (also(5, "if case"), 5, "is not Python."),
    (also(3, "import matplotlib.pyplot as plt"), 3, "uses matplotlib."),
    (also(3, "from seaborn import lineplot"), 3, "uses seaborn."),
    (also(3, "import warnings"), 3, "uses warnings."),
    (also(5, 'ck.warnings.filterwarnings("ignore")'), 5, "filters warnings (filterwarnings)."),
    (also(5, "print(case)"), 5, "prints."),
    (shows(6, "stream", text="Up 5"), 6, "wrote to stdout."),
    (also(5, "# NBVAL_IGNORE_OUTPUT"), 5, "carries the mark NBVAL_IGNORE_OUTPUT."),
    (tag(5, ["nbval-skip"]), 5, "carries the mark nbval-skip."),
    (cells_like(6, 21), None, "has 26 code cells; 25 is the most."),
    (
        cells_like(6, 9, "share = (\n2\n/\n3\n\n\n\n)"),
        None,
        "8 lines in the median; 7 is the most.",
    ),
    (also(5, "text = open(case)"), 5, "opens files (open)."),
    (also(3, "from pathlib import Path"), 3, "uses pathlib."),
    (also(6, f"x = {'1 + ' * 30}1"), 6, "has a line of more than 110 characters."),
    (also(6, "case.say() if case else case.check()"), 6, "shows one of two things."),
    (
        also(6, "case.table(case, **{'caption': ''})"),
        6,
        "a dictionary over a call: case.table(**...)",
    ),
    (also(6, "ck.Bars(case, note='by 12%')"), 6, "types a number in what it says: 12%."),
    (also(5, 'place = "../data/claims"'), 5, "names a file: '../data/claims'."),
    (also(5, 'place = "claims.csv"'), 5, "names a file: 'claims.csv'."),
    (code(6, SIXTEEN), 6, "has 16 lines; 15 is the most."),
    (code(4, "## Evidence\n\nSales of 85 billion."), 4, "types a number in prose: 85."),
    (also(5, 'case.say("Up 12%")'), 5, "types a number in what it says: 12%."),
    (
        shows(6, "display_data", data={"text/html": "<p>85</p>", "text/plain": "85"}),
        6,
        "no value carries: 85.",
    ),
    (shows(6, "display_data", data=FACTLESS), 6, BARE),
    (code(7, "case.claims()"), 7, "the last code cell does not show the sources."),
]


def test_a_clean_notebook_passes(clean, findings):
    assert findings(clean) == []


def test_fifteen_lines_pass(clean, findings):
    clean.cells[5].source = FIFTEEN
    assert findings(clean) == []


def test_twenty_five_code_cells_pass(clean, findings):
    cells_like(6, 20)(clean.cells)
    assert findings(tidy(clean)) == []


@pytest.mark.parametrize(
    ("spoil", "cell", "what"), MUTATIONS, ids=[re.sub(r"\W+", "-", what) for *_, what in MUTATIONS]
)
def test_each_way_of_spoiling_it_is_caught(clean, findings, spoil, cell, what):
    spoil(clean.cells)
    found = findings(clean)
    assert any(one.cell == cell and what in one.what for one in found), found
    assert all(one.file == "10-a.ipynb" and one.fix for one in found)


def test_another_kernel_is_caught(clean, findings):
    clean.metadata.kernelspec = {"name": "my-env", "display_name": "Mine", "language": "python"}
    assert [one.what for one in findings(clean)] == ["is not in the form that refresh writes."]


def test_stamps_no_rule_names_are_caught(clean, findings):
    clean.cells[5].metadata["execution"] = {"shell.execute_reply": "2020-01-01T00:00:00"}
    assert [one.what for one in findings(clean)] == ["is not in the form that refresh writes."]


def test_a_missing_language_parameter_is_caught(clean, findings):
    clean.cells[1].source = "year_to = 2024"
    contract = re.sub(r"\[10-a.parameters.lang\]\n(\w.+\n)+", "", CONTRACT)
    assert [one.what for one in findings(clean, contract)] == ["there is no parameter 'lang'."]


def test_a_parameter_without_a_meaning_in_chinese_is_caught(clean, findings):
    (found,) = findings(clean, CONTRACT.replace('meaning_zh = "末年"', ""))
    assert str(found) == (
        "contracts.toml: [10-a.parameters.year_to] has no meaning in Chinese. "
        'Add meaning_zh = "...".'
    )


def test_notebook_and_contract_come_in_pairs(clean, findings, tmp_path):
    write_whole(tmp_path / "20-b.ipynb", "{}")
    contract = CONTRACT + contract_toml("30-c")
    found = {one.file: (one.what, one.fix) for one in findings(clean, contract)}
    assert found["20-b.ipynb"] == ("has no contract.", "Add [20-b] to contracts.toml.")
    assert found["30-c.ipynb"][0] == "There is no notebook 30-c.ipynb."
    assert len(found) == 2


@pytest.mark.parametrize(
    "text", ["", "{", "<<<<<<< HEAD", '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}}']
)
def test_a_broken_file_is_a_finding_not_a_crash(clean, findings, tmp_path, text):
    findings(clean)
    (tmp_path / "10-a.ipynb").write_text(text, encoding="utf-8")
    (found,) = check_notebooks(Workshop.here(tmp_path))
    assert "10-a.ipynb is not a notebook" in str(found)


def test_an_empty_notebook_is_findings_not_a_crash(findings):
    found = findings(tidy(notebook_library().v4.new_notebook()))
    assert {"the last code cell does not show the sources.", "no cell imports anything."} <= {
        one.what for one in found
    }


def test_a_finding_reads_as_a_line(clean, findings):
    clean.cells[5].source = "print(1)"
    assert [str(one) for one in findings(clean)] == [
        "10-a.ipynb, cell 6: prints. End the cell in the value to show."
    ]


def test_every_method_of_a_page_and_every_picture_is_heard(clean, findings):
    assert {"say", "table", "draw", "headlines", "Trend", "Ranges"} <= speakers()
    calls = [f"case.{name}(case, '85')" for name in sorted(speakers())]
    for start in range(0, len(calls), 10):
        clean.cells[5].source = "\n".join(calls[start : start + 10])
        told = [one for one in findings(clean) if "types a number" in one.what]
        assert len(told) == len(calls[start : start + 10])


def test_what_pages_show_passes_and_a_bare_frame_does_not(zhili):
    page, series = Page(zhili), zhili.series("sales")
    for shown in (
        page.say("Sold {sales:full}.", sales=zhili.estimate("sales", 2024)),
        page.series_table(series, caption="Sales"),
        page.draw(Trend(series), "Sales"),
        page.article("seed-zhili", caption="Article"),
        page.limits(),
        page.standing(),
        page.exceptions(),
        page.hedges(),
        page.sources(),
    ):
        assert strays(shown) == []
    assert strays(series[["year", "value"]]) != []


def strays(shown):
    bundle = getattr(shown, "_repr_mimebundle_", dict)()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    data = data or {"text/html": shown.to_html(), "text/plain": str(shown)}
    cell = notebook_library().v4.new_code_cell("x", outputs=[output("display_data", data=data)])
    notebook = Notebook(notebook_library().v4.new_notebook(cells=[cell]), None)
    return list(_shows_no_number_without_its_value(notebook))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Growth was 6.25% in 2024, after 14,000 firms.", ["6.25%", "14,000"]),
        ("From 2005 to 2025, see `x[3]` and [a page](http://a.b/12).", []),
        ("```\npapermill -p year 15\n```", []),
        ("The parameter `growth_percent` and 10-zhili, seed-2024-x.", []),
        ("A third, two thirds, ten billion.", []),
    ],
)
def test_prose_types_no_numbers(clean, findings, text, found):
    clean.cells[3].source = text
    assert [one.what for one in findings(clean)] == [
        f"types a number in prose: {number}." for number in found
    ]


def test_a_notebook_that_an_editor_has_saved_passes(clean, findings, tmp_path):
    """JupyterLab writes 85000000000.0 without its fraction, which is the same number."""
    sales = Fact("85 billion", "", figure=ck.Estimate.assumed(8.5e10, "CNY")).as_json()
    data = {"text/plain": "85 billion", FACTS: [sales]}
    clean.cells[5].outputs = [output("display_data", data=data)]
    assert findings(clean) == []
    path = tmp_path / "10-a.ipynb"
    text = path.read_text(encoding="utf-8")
    assert "85000000000.0" in text
    path.write_text(text.replace("85000000000.0", "85000000000"), encoding="utf-8")
    assert check_notebooks(Workshop.here(tmp_path)) == []


def test_a_notebook_that_fails_to_refresh_stops_no_other(make_folder, monkeypatch):
    shop = Workshop.here(make_folder("10-good", "20-raises"))
    (shop.notebooks / "10-good.ipynb").write_bytes(b"\xff\xfe")
    executed = tidy(read_notebook(shop.notebooks / "20-raises.ipynb"))
    read = gate.execute
    monkeypatch.setattr(
        gate, "execute", lambda run: read(run) if run.notebook == "10-good" else executed
    )
    done = CliRunner().invoke(cli.app, ["refresh", "--notebooks", str(shop.notebooks)])
    assert done.exit_code == 1
    assert done.output.startswith("failed   10-good\n10-good.ipynb is not saved in UTF-8.\n")
    assert done.output.endswith("changed  20-raises\n")


def test_refresh_can_tell_what_it_would_write(make_folder, monkeypatch):
    shop = Workshop.here(make_folder("10-good"))
    path = shop.notebooks / "10-good.ipynb"
    executed = tidy(read_notebook(path))
    monkeypatch.setattr(gate, "execute", lambda *words, **options: executed)
    executed.cells[-1].outputs = [output("display_data", data={FACTS: [{"value": 8.5e10}]})]
    before = path.read_bytes()
    words = ["refresh", "--check", "--notebooks", str(shop.notebooks)]
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, path.read_bytes()) == (1, before)
    assert done.output.startswith("changed  10-good\nRun `clusterkit refresh`")
    assert CliRunner().invoke(cli.app, [words[0], *words[2:]]).output == "changed  10-good\n"
    saved = path.read_text(encoding="utf-8").replace("85000000000.0", "85000000000")
    path.write_text(saved, encoding="utf-8")  # as an editor writes it
    done = CliRunner().invoke(cli.app, words)
    assert (done.exit_code, done.output) == (0, "same     10-good\n")
    assert path.read_text(encoding="utf-8") == saved


def test_checking_changes_nothing(clean, findings, tmp_path):
    findings(clean)
    path = tmp_path / "10-a.ipynb"
    before = path.read_bytes(), path.stat().st_mtime_ns
    check_notebooks(Workshop.here(tmp_path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert read_notebook(path).cells


# Four lies, and the net that catches each.


def test_net_one_loading_a_case_catches_a_claim_that_was_changed(case_folder):
    claims = case_folder / "claims.csv"
    text = claims.read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.startswith("xhko25-sales-2024,"))
    assert ",85000000000" in line
    changed = line.replace(",85000000000", ",86000000000")
    claims.write_text(text.replace(line, changed), encoding="utf-8")
    with pytest.raises(DataError, match="xhko25-sales-2024"):
        ck.load_case(case_folder)


def test_net_two_the_gate_catches_outputs_that_were_stripped(clean, findings):
    """Nbval would pass them: it compares only what is there."""
    strip_outputs(clean.cells)
    told = {str(one) for one in findings(clean)}
    assert (
        "10-a.ipynb, cell 5: ends in an expression but shows no output. Run `clusterkit refresh`."
        in told
    )


BARS = """\
one, two = (ck.Estimate.assumed(size, "CNY") for size in (1, 2))
ck.Page(ck.load_case("zhili")).draw(ck.Bars({"one": one, "two": two}), "Two bars")"""


def test_net_three_nbval_catches_labels_that_were_swapped(tmp_path, zhili):
    """A change in the drawing leaves the notebook as it was, so only running it again tells."""
    estimates = {name: ck.Estimate.assumed(size, "CNY") for name, size in (("one", 1), ("two", 2))}
    chart = ck.Page(zhili).draw(ck.Bars(estimates), "Two bars")
    honest, facts = str(chart), chart._repr_mimebundle_()[0][FACTS]
    swapped = honest.translate({ord("1"): "2", ord("2"): "1"})
    assert honest != swapped
    v4 = notebook_library().v4
    cells = [v4.new_code_cell("import clusterkit as ck", execution_count=1)]
    for count, text in enumerate((honest, swapped), start=2):
        data = {"text/plain": text, FACTS: facts}
        shown = v4.new_output("execute_result", data, execution_count=count)
        cells.append(v4.new_code_cell(BARS, execution_count=count, outputs=[shown]))
    write_whole(tmp_path / "a.ipynb", notebook_text(tidy(v4.new_notebook(cells=cells))))
    words = ["-p", "no:cacheprovider", "--nbval", "--nbval-current-env", "-q", "-c", "/dev/null"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, "a.ipynb"],
        cwd=tmp_path, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert "1 failed, 2 passed" in done.stdout, done.stdout
    assert "FAILED a.ipynb::Cell 2" in done.stdout
