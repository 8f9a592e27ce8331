"""Reports are made again and compared; what differs is listed, and traced to its cause."""

import copy
import json
import shutil

import pytest
from typer.testing import CliRunner

from clusterkit import Estimate, Page, cli, load_case
from clusterkit.errors import DataError
from clusterkit.runs import verify as verify_module
from clusterkit.runs.facts import moved
from clusterkit.runs.grounds import prints
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook
from clusterkit.runs.verify import _listed, verify
from clusterkit.runs.workshop import Workshop


@pytest.fixture
def report(published, tmp_path):
    """A copy of the good report, and its notebook."""
    home = shutil.copytree(published[1] / "10-good", tmp_path / "10-good")
    return home, read_notebook(home / "10-good.ipynb")


@pytest.fixture
def again(published, monkeypatch):
    """Verify a report with a stand-in for its next run."""

    def call(report, executed):
        calls = []
        monkeypatch.setattr(
            verify_module, "execute", lambda *words, **options: calls.append(words) or executed
        )
        words = ["verify", str(report), "--notebooks", str(published[0])]
        return CliRunner().invoke(cli.app, words), calls

    return call


def test_a_report_made_again_is_the_same_byte_for_byte(report, published):
    found = verify(Workshop.here(published[0]), report[0] / "10-good.html")
    assert (found.answer, found.files, found.moved, found.changed) == ("same bytes", (), (), ())
    assert str(found) == "same bytes: 10-good made again is the same, byte for byte."


def test_other_bytes_with_the_same_facts_are_no_failure_and_say_why(report, again):
    home, executed = report
    path = home / "manifest.json"
    made = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(made | {"python": "3.0"}), encoding="utf-8")
    executed.cells[5].outputs[0].data["image/png"] = "other"
    result, _ = again(home, executed)
    assert result.exit_code == 0
    lines = result.output.splitlines()
    assert lines[:2] == [
        "same facts: 10-good made again tells the same numbers.",
        "Other bytes in: 10-good.ipynb, 10-good.html.",
    ]
    assert lines[2:3] == ["Changed since the report was made:"]
    assert lines[3].startswith("  Python 3.0 -> 3.")


def test_different_facts_are_listed_by_heading_and_cell_and_fail(report, again):
    home, executed = report
    chart = executed.cells[5].outputs[0].data
    chart["text/plain"] = chart["text/plain"].replace("2.0", "2.1")
    (home / "10-good.html").write_text("edited", encoding="utf-8")
    result, _ = again(home, executed)
    assert result.exit_code == 1
    assert result.output == (
        "different facts: 10-good made again tells other numbers.\n"
        "Three (cell-06)\n"
        "  2.0 -> 2.1\n"
        "Changed since the report was made:\n"
        "  report: 10-good.html was edited\n"
    )


def test_it_is_made_again_as_it_was_asked_for(report, again):
    home, executed = report
    injected = notebook_library().v4.new_code_cell("# Parameters\nyear_to = 2020\n")
    injected.metadata["tags"], injected.id = ["injected-parameters"], "injected-parameters"
    executed.cells.insert(2, injected)
    (home / "10-good.ipynb").write_text(notebook_text(executed), encoding="utf-8")
    _, calls = again(home, executed)
    assert calls == [("10-good", {"year_to": 2020})]


@pytest.mark.parametrize("failed", [True, False])
def test_where_there_is_no_report_it_says_so(tmp_path, failed):
    if failed:
        (tmp_path / "failure.json").touch()
    with pytest.raises(DataError, match="There is no report here") as caught:
        verify(Workshop.here(), tmp_path)
    assert ("Its only run has failed." in str(caught.value)) == failed


def with_texts(*texts):
    v4 = notebook_library().v4
    cells = [v4.new_markdown_cell("# Title")]
    for number, text in enumerate(texts):
        output = v4.new_output("execute_result", {"text/plain": text})
        cells.append(v4.new_code_cell(f"show({number})", outputs=[output], id=f"cell-{number}"))
    return v4.new_notebook(cells=cells)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("2024 | 85 billion yuan", "2024 | 86 billion yuan", ["2024: 85 -> 86"]),
        ("sales of 85 [1] in 2024", "sales of 86 [1,2] in 2025",
         ["85 [1] -> 86 [1,2]", "2024 -> 2025"]),
        ("one\n2020 | 5", "one", ["2020 | 5 -> nothing"]),
        ("one", "one\n2020 | 5", ["nothing -> 2020 | 5"]),
        ("a rise of 5", "a fall of 6", ["5 -> 6"]),
        ("a growth (5 to 7)", "a growth (6 to 8)", ["5 -> 6", "7 -> 8"]),
        ("Ci | 5\nHai | 6\n2 rows", "Hai | 7\nLu | 8\n3 rows",
         ["Hai: 6 -> 7", "nothing -> Lu | 8", "Ci | 5 -> nothing", "2 -> 3"]),
        ("a rise", "a fall", ["rise -> fall"]),
        ("the same 5", "the same 5", []),
    ],
)  # fmt: skip
def test_what_moved_is_told_word_by_word(old, new, told):
    assert [str(one) for one in moved(with_texts("7", old), with_texts("7", new))] == told


def test_cells_are_matched_by_their_source_and_the_table_of_parameters_is_left_out():
    old, new = with_texts("1", "2", "3"), with_texts("1", "2", "4")
    del new.cells[2]
    (gone, changed) = moved(old, new)
    assert (gone.before, gone.after, changed.before, changed.after) == ("2", "", "3", "4")
    settings = with_texts("year_to 2020")
    settings.cells[1].outputs[0].data["text/html"] = '<table class="ck-table ck-settings">'
    assert moved(with_texts(), settings) == []


def shown(*things):
    """A notebook whose cells show these things."""
    notebook = with_texts(*("x" for _ in things))
    for cell, thing in zip(notebook.cells[1:], things, strict=True):
        bundle = thing._repr_mimebundle_()
        cell.outputs[0].data = {kind: str(text) if isinstance(text, str) else text
                                for kind, text in bundle.items()}  # fmt: skip
    return notebook


def edited(notebook, old, new):
    text = notebook_text(notebook)
    assert old in text
    return notebook_library().reads(text.replace(old, new), as_version=4)


@pytest.fixture(scope="module")
def zhili_page():
    return Page(load_case("zhili"))


def sales(*claims, value=8.5e10):
    return Estimate(value, value, value, "CNY", claims=claims)


def test_a_moved_number_names_the_claims_it_no_longer_rests_on(zhili_page):
    say = zhili_page.say
    old = shown(say("Sales of {a} and {b}.", a=sales("xhko25-sales-2024"), b=sales("seed-sales")))
    new = shown(
        say(
            "Sales of {a} and {b}.",
            a=sales("xhen24-sales-2023", "seed-sales", value=8e10),
            b=sales("seed-sales"),
        )
    )
    assert _listed(tuple(moved(old, new))) == [
        "Title (cell-0)",
        "  85 -> 80",
        "    claims: dropped xhko25-sales-2024 “850억 위안”; "
        "added seed-sales “nearing 100 billion yuan”, nearly; "
        "added xhen24-sales-2023 “80 billion yuan”",
    ]


def test_a_claim_printed_differently_is_told_with_both_prints(zhili_page):
    old = shown(zhili_page.say("Sales of {a}.", a=sales("xhko25-sales-2024")))
    new = edited(old, "850억 위안”", "850억 위안 이상”, over")
    new = edited(
        edited(new, "of 85 billion", "of over 85 billion"), ">85 billion", ">over 85 billion"
    )
    (place,) = moved(old, new)
    assert (place.before, place.after) == ("", "over")
    assert [str(one) for one in place.claims] == [
        "xhko25-sales-2024 “850억 위안” -> “850억 위안 이상”, over"
    ]
    assert moved(new, new) == []


def test_a_row_tells_its_claims_once_and_no_more_than_a_few(zhili_page):
    ids = list(zhili_page.case.claims["claim_id"])

    def table(names, value):
        one = sales(*names, value=value)
        row = {"year": "2024", "figure": one, "place": "Zhili", "again": one}
        return shown(zhili_page.table([row], caption="Sales"))

    lines = _listed(tuple(moved(table(ids[:3], 8e10), table(ids[3:9], 9e10))))
    assert lines[1] == "  2024: 80 -> 90"
    assert lines[3] == "  2024: 80 -> 90"  # of the last column
    (told,) = (line for line in lines if "claims:" in line)
    assert told == lines[2]
    assert told.count("dropped ") == 3
    assert told.count("added ") == 1
    assert told.endswith("; and 5 more")


def test_a_line_of_a_picture_names_its_claims_itself(zhili_page):
    say = zhili_page.say("So {a}.", a=sales("seed-sales", "xhko25-sales-2024"))
    old = with_texts("Sales\n2024 | 85 billion yuan | xhko25-sales-2024")
    new = with_texts("Sales\n2024 | 90 billion yuan | seed-sales")
    for notebook in (old, new):
        notebook.cells += shown(say).cells[1:]
    assert _listed(tuple(moved(old, new)))[1:] == [
        "  2024: 85 -> 90",
        "    claims: dropped xhko25-sales-2024 “850억 위안”; "
        "added seed-sales “nearing 100 billion yuan”, nearly",
    ]
    gone = with_texts("Sales")
    gone.cells += shown(say).cells[1:]
    assert _listed(tuple(moved(old, gone)))[1:] == [
        "  2024 | 85 billion yuan | xhko25-sales-2024 -> nothing"
    ]


def test_prints_of_many_claims_are_found_in_the_list_of_sources(zhili_page):
    ids = list(zhili_page.case.claims["claim_id"])[:12]
    say = zhili_page.say("So {a}.", a=sales(*ids))
    assert len(prints(shown(say))) == 8
    assert set(ids) <= set(prints(shown(say, zhili_page.sources())))


def test_headline_numbers_come_first(zhili_page):
    def both(year):
        return shown(
            zhili_page.say("In {year:year}.", year=year),
            zhili_page.headline("sales", sales("seed-sales", value=(year - 2000) * 1e9)),
        )

    assert [line for line in _listed(tuple(moved(both(2020), both(2021)))) if "cell" in line] == [
        "Title (cell-1)", "Title (cell-0)"
    ]  # fmt: skip


@pytest.fixture
def two(report, tmp_path):
    """Two reports that differ in one number, and as the test says in their manifests."""
    home, executed = report
    other = copy.deepcopy(executed)
    other.cells[6].outputs[0].data["text/plain"] = "11"
    second = shutil.copytree(home, tmp_path / "second")
    (second / "10-good.ipynb").write_text(notebook_text(other), encoding="utf-8")

    def call(**changed):
        made = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
        made |= changed | {"data": made["data"] | changed.get("data", {})}
        (second / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
        return CliRunner().invoke(cli.app, ["explain", str(home), str(second)])

    return call


YEAR = {"lang": "en", "year_from": 2010, "year_to": 2021}


def test_one_difference_is_what_moved_the_numbers(two):
    assert two(parameters=YEAR).output == (
        "parameters:\n"
        "  parameter year_to: 2020 -> 2021\n"
        "Three (cell-07)\n"
        "  10 -> 11\n"
        "Nothing else differs: the parameters moved them.\n"
    )
    assert two(data={"a.csv": "1"}).output.endswith("Nothing else differs: the data moved them.\n")


def test_several_differences_are_told_apart_by_one_more_run(two, report):
    lines = two(parameters=YEAR, data={"a.csv": "1"}).output.splitlines()
    assert lines[:4] == [
        "parameters:", "  parameter year_to: 2020 -> 2021", "data:", "  data: a.csv added"
    ]  # fmt: skip
    assert lines[-4:] == [
        "What moved which number, parameters and data together do not tell.",
        "To tell, run the parameters of the first on everything as it stands now:",
        "  clusterkit publish 10-good --out between",
        f"  clusterkit explain {report[0]} between/10-good",
    ]
    told = two(python="3.0", data={"a.csv": "1"}).output
    assert "data and environment together do not tell" in told
    assert "git checkout COMMIT -- data" in told


def test_no_difference_that_is_known_is_said_as_well(two, report):
    assert "the notebook is not deterministic" in two().output
    home = str(report[0])
    same = CliRunner().invoke(cli.app, ["explain", home, home])
    assert (same.exit_code, same.output) == (0, "No number moved.\n")
    other = two(notebook="20-other")
    assert other.exit_code == 2
    assert "reports of two notebooks: 10-good, 20-other" in other.output
