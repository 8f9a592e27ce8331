"""Reports are made again and compared; what differs is listed, and traced to its cause."""

import copy
import json
import shutil

import pytest
from typer.testing import CliRunner

from clusterkit import Bars, Estimate, Page, cli
from clusterkit.errors import DataError
from clusterkit.runs import compare as compare_module
from clusterkit.runs.compare import listed, moved, verify
from clusterkit.runs.notebook import notebook_library, notebook_text, read_notebook
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
            compare_module, "execute", lambda *words, **options: calls.append(words) or executed
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
        "  2020  2.0 -> 2020  2.1\n"
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
    ((run,),) = calls
    assert (run.notebook, run.given) == ("10-good", {"year_to": 2020})


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
        (
            "2024 | 85 billion yuan",
            "2024 | 86 billion yuan",
            ["2024 | 85 billion yuan -> 2024 | 86 billion yuan"],
        ),
        (
            "sales of 85 [1] in 2024",
            "sales of 86 [1,2] in 2024",
            ["sales of 85 in 2024 -> sales of 86 in 2024"],
        ),
        ("sales of 85 [1] in 2024", "sales of 85 [7,8+2] in 2024", []),
        ("one\n2020 | 5", "one", ["2020 | 5 -> nothing"]),
        ("one", "one\n2020 | 5", ["nothing -> 2020 | 5"]),
        ("a growth (5 to 7)", "a growth (6 to 8)", ["a growth (5 to 7) -> a growth (6 to 8)"]),
        ("a rise", "a fall", ["a rise -> a fall"]),
        ("the same 5", "the same 5", []),
    ],
)
def test_what_carries_no_facts_is_told_line_by_line(old, new, told):
    assert [str(one) for one in moved(with_texts("7", old), with_texts("7", new))] == told


def test_cells_are_matched_by_their_source_and_the_table_of_parameters_is_left_out(make_folder):
    old, new = with_texts("1", "2", "3"), with_texts("1", "2", "4")
    del new.cells[2]
    (gone, changed) = moved(old, new)
    assert (gone.before, gone.after, changed.before, changed.after) == ("2", "", "3", "4")
    good = Workshop.here(make_folder("10-good")).ask("10-good")
    assert moved(with_texts(), shown(good.contract.table("en", good.values))) == []


def shown(*things):
    """A notebook whose cells show these things."""
    notebook = with_texts(*("x" for _ in things))
    for cell, thing in zip(notebook.cells[1:], things, strict=True):
        bundle = thing._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        cell.outputs[0].data = json.loads(json.dumps(data))
    return notebook


def edited(notebook, old, new):
    text = notebook_text(notebook)
    assert old in text
    return notebook_library().reads(text.replace(old, new), as_version=4)


@pytest.fixture(scope="module")
def page(zhili):
    return Page(zhili)


def sales(*claims, value=8.5e10, **more):
    return Estimate(value, **{"low": value, "high": value} | more, unit="CNY", claims=claims)


def test_a_moved_number_names_the_claims_it_no_longer_rests_on(page):
    message = "Sales of {a} and {b}."
    old = page.say(message, a=sales("zhili/xhko25-sales-2024"), b=sales("zhili/seed-sales"))
    fresh = sales("zhili/xhen24-sales-2023", "zhili/seed-sales", value=8e10)
    new = page.say(message, a=fresh, b=sales("zhili/seed-sales"))
    sources = page.sources()
    assert listed(moved(shown(old, sources), shown(new, sources))) == [
        "Title (cell-0)",
        "  a: 85 billion yuan -> 80 billion yuan",
        "    claims: dropped zhili/xhko25-sales-2024 “850억 위안”; "
        "added zhili/seed-sales “nearing 100 billion yuan”, nearly; "
        "added zhili/xhen24-sales-2023 “80 billion yuan”",
    ]


def test_a_claim_printed_differently_is_told_with_both_prints(page):
    old = shown(page.say("Sales of {a}.", a=sales("zhili/xhko25-sales-2024")), page.sources())
    new = edited(old, "“850억 위안”", "“850억 위안 이상”, over")
    (place,) = moved(old, new)  # the number reads as before
    assert (place.cell, place.label) == ("cell-1", "zhili/xhko25-sales-2024")
    assert str(place) == "zhili/xhko25-sales-2024: “850억 위안” -> “850억 위안 이상”, over"
    new.cells[1] = shown(
        page.say("Sales of {a}.", a=sales("zhili/xhko25-sales-2024", hedge="over"))
    ).cells[1]
    (place,) = moved(old, new)  # the number tells of it, so the list of sources need not
    assert str(place) == "a: 85 billion yuan -> over 85 billion yuan"
    assert [str(one) for one in place.claims] == [
        "zhili/xhko25-sales-2024 “850억 위안” -> “850억 위안 이상”, over"
    ]
    assert moved(new, new) == []


def test_other_claims_behind_the_same_words_count_and_other_footnotes_do_not(zhili):
    ids = ("zhili/xhko25-sales-2024", "zhili/seed-sales")
    old, new = Page(zhili), Page(zhili)
    new.say("{a}", a=sales("zhili/xhen24-sales-2023"))  # takes the first footnote
    say = "Sales of {a}."
    assert moved(*(shown(it.say(say, a=sales(ids[0]))) for it in (old, new))) == []
    (place,) = moved(shown(old.say(say, a=sales(ids[0]))), shown(new.say(say, a=sales(ids[1]))))
    assert str(place) == "a: 85 billion yuan"
    assert [str(one) for one in place.claims] == [f"dropped {ids[0]}", f"added {ids[1]}"]


def test_what_reads_as_before_is_told_once_a_claim(page):
    def table(claim):
        one = sales(claim)
        return shown(page.table([{"year": "2024", "figure": one, "again": one}], caption="Sales"))

    assert listed(moved(table("zhili/xhko25-sales-2024"), table("zhili/seed-sales"))) == [
        "Title (cell-0)",
        "  2024 | figure: 85 billion yuan",
        "    claims: dropped zhili/xhko25-sales-2024; added zhili/seed-sales",
    ]


def test_what_words_do_not_tell_is_told_in_figures(page):
    old, new = (page.say("{a}", a=sales("zhili/seed-sales", low=low)) for low in (8.4e10, 8.3e10))
    assert [str(one) for one in moved(shown(old), shown(new))] == [
        "a: 85 billion yuan (low 84000000000.0) -> 85 billion yuan (low 83000000000.0)"
    ]


def test_rows_and_marks_are_known_by_their_names(page):
    def table(**figures):
        rows = [{"place": name, "sales": it} for name, it in figures.items()]
        return shown(page.table(rows, caption="Sales"))

    ci, hai, lu = (sales("zhili/seed-sales", value=value) for value in (5e9, 6e9, 7e9))
    assert [str(one) for one in moved(table(Ci=ci, Hai=hai), table(Hai=lu, Lu=ci))] == [
        "Hai | sales: 6 billion yuan -> 7 billion yuan",
        "Lu | sales: nothing -> 5 billion yuan",
        "Ci | sales: 5 billion yuan -> nothing",
    ]
    bars = [page.draw(Bars({"Ci": ci, "Hai": it}), "Two towns") for it in (hai, lu)]
    (place,) = moved(*map(shown, bars))
    assert (place.label, place.before, place.after) == ("Hai", "6 billion yuan", "7 billion yuan")


def test_a_row_tells_its_claims_once_and_no_more_than_a_few(page):
    ids = list(page.case.claims["claim_id"])

    def table(names, value):
        one = sales(*names, value=value)
        return shown(page.table([{"year": "2024", "figure": one, "again": one}], caption="Sales"))

    lines = listed(moved(table(ids[:3], 8e10), table(ids[3:9], 9e10)))
    assert lines[1] == "  2024 | figure: 80 billion yuan -> 90 billion yuan"
    assert lines[3] == "  2024 | again: 80 billion yuan -> 90 billion yuan"
    (told,) = (line for line in lines if "claims:" in line)
    assert told == lines[2]
    assert told.count("dropped ") == 3
    assert told.count("added ") == 1
    assert told.endswith("; and 5 more")


def test_headline_numbers_come_first_and_a_long_list_is_cut(page):
    def both(year):
        numbers = [{"n": str(n), "sales": sales(value=year * n)} for n in range(1, 60)]
        return shown(
            page.table(numbers, caption="Numbers"),
            page.headline("sales", sales("zhili/seed-sales", value=(year - 2000) * 1e9)),
        )

    lines = listed(moved(both(2020), both(2021)))
    assert lines[:3:2] == ["Title (cell-1)", "Title (cell-0)"]
    assert lines[-1] == "  ... and 22 more lines"
    assert len(lines) == 41


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
