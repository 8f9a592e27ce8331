import re
import shutil

import pytest
from typer.testing import CliRunner

import clusterkit as ck
from clusterkit import cli
from clusterkit.errors import DataError, ParameterError, UnknownNameError
from clusterkit.runs.contract import Parameter
from clusterkit.runs.gate import PAGE, page_is_stale, parameters_page, write_generated
from clusterkit.runs.notebook import notebook_library, read_notebook
from clusterkit.runs.workshop import Workshop, settings

from .conftest import LANG, contract_toml, year

GOOD = contract_toml(
    "10-a",
    question="Why?",
    year=year(2010, "A year"),
    share={"type": "float", "default": 1, "min": 0, "meaning": "A share"},
    full={"type": "bool", "default": False, "meaning": "All of it"},
    code={"type": "str", "default": "", "meaning": "A code"},
    lang=LANG | {"choices": ["en", "zh"], "meaning": "Language & more"},
)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "contracts.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


@pytest.fixture
def contract(folder):
    return Workshop.here(folder).contract("10-a")


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("year", "2020", 2020),
        ("year", "1978", 1978),
        ("year", "2025", 2025),
        ("share", "0.5", 0.5),
        ("share", "2", 2.0),
        ("full", "Yes", True),
        ("full", "false", False),
        ("code", "007", "007"),
        ("code", "", ""),
        ("lang", "zh", "zh"),
    ],
)
def test_text_is_read_as_the_contract_says(contract, name, text, value):
    got = contract.check(contract.parse({name: text}))[name]
    assert (got, type(got)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "value", "typed", "says"),
    [
        ("year", "2005.5", True, "cannot be '2005.5'.|It is not a whole number.|1978 to 2025"),
        ("year", "２０２０", True, "It is not a whole number."),
        ("year", "2_020", True, "It is not a whole number."),
        ("year", "2020", False, "It is not a whole number."),
        ("year", 2020.0, False, "It is not a whole number."),
        ("year", True, False, "It is not a whole number."),
        ("year", None, False, "It is not a whole number."),
        ("year", 1977, False, "cannot be 1977.|It lies outside what the notebook covers."),
        ("year", "2026", True, "cannot be 2026.|outside|a whole number: 1978 to 2025"),
        ("share", "much", True, "It is not a number."),
        ("share", "1_0", True, "It is not a number."),
        ("share", "nan", True, "It is not a number."),
        ("share", float("inf"), False, "It is not a number."),
        ("share", -0.1, False, "It lies outside|a number: at least 0"),
        ("full", "maybe", True, "It is not true or false."),
        ("full", 1, False, "It is not true or false."),
        ("code", 7, False, "It is not text."),
        ("code", "a\udcff", False, "It holds bytes that are no text in this encoding."),
        ("lang", "fr", True, "It is not among the choices.|one of en, zh"),
    ],
)
def test_refusals_name_value_reason_and_what_is_allowed(contract, name, value, typed, says):
    with pytest.raises(ParameterError) as caught:
        contract.check(contract.parse({name: value}) if typed else {name: value})
    for part in [f"The parameter '{name}'", "notebook 10-a", f"Give {name} as", *says.split("|")]:
        assert part in str(caught.value)


def test_an_unknown_parameter_suggests_the_nearest_and_lists_all(contract):
    with pytest.raises(ParameterError) as caught:
        contract.check(contract.parse({"yaer": "2020"}))
    assert str(caught.value) == (
        "There is no parameter 'yaer'.\n"
        "  where:  notebook 10-a\n"
        "  likely: Did you mean 'year'?\n"
        "  next:   Choose one of: code, full, lang, share, year."
    )


def test_years_must_not_run_backwards(make_folder):
    good = Workshop.here(make_folder("10-good")).contract("10-good")
    assert good.check({"year_from": 2020})["year_from"] == 2020
    with pytest.raises(ParameterError, match="run backwards: year_from is 2021, year_to is 2020"):
        good.check({"year_from": 2021})


def test_two_years_that_are_compared_must_differ():
    compared = ck.contract("40-regional-context")
    assert compared.check({"base_year": 2020, "end_year": 2021})
    for base, end in ((2021, 2021), (2022, 2021)):
        with pytest.raises(ParameterError, match="Give a base_year before end_year"):
            compared.check({"base_year": base, "end_year": end})


def test_defaults_fill_what_is_not_given_and_are_typed(contract):
    checked = contract.check({"year": 2000})
    assert checked == {"lang": "en", "year": 2000, "share": 1.0, "full": False, "code": ""}
    assert type(checked["share"]) is float
    assert list(checked) == ["lang", "year", "share", "full", "code"]


def test_an_unknown_notebook_is_an_error_with_a_suggestion(folder):
    with pytest.raises(UnknownNameError, match="There is no notebook '10-b'") as caught:
        Workshop.here(folder).contract("notebooks/10-b.ipynb")
    assert "Did you mean '10-a'?" in str(caught.value)


@pytest.mark.parametrize(
    ("good", "bad", "says"),
    [
        ('title = "A"', "", "[10-a] title is missing"),
        ('title = "A"', "title = 5", "[10-a] title: found 5, wanted: text"),
        ('question = "Why?"', 'question = "Why?"\nowner = "me"', "[10-a] owner is not known"),
        ('meaning = "A year"\n', "", "[10-a.parameters.year] meaning is missing"),
        ('meaning = "A year"', 'meaning = "A year"\nmost = 3', "year] most is not known"),
        ('type = "int"', 'type = "date"', "year] type: found 'date', wanted: 'int', 'float',"),
        ("parameters.year]", 'parameters."a year"]', "'a year' has no name that Python can use"),
        ("default = 2010", "default = 1900", "year: found 1900, which breaks|It lies outside"),
        ("default = 2010", 'default = "2010"', "found '2010', which breaks|not a whole number"),
        ("min = 1978", 'min = "1978"', "year: found '1978', which breaks its own rules"),
        ('choices = ["en", "zh"]', 'choices = ["zh"]', "lang: found 'en', which breaks its own"),
        ('choices = ["en", "zh"]', 'choices = ["en", 3]', "lang: found 3, which breaks its own"),
        ('choices = ["en", "zh"]', "choices = 3", "lang] choices: found 3, wanted: a list"),
        ("max = 2025", 'max = 2025\nbefore = "end"', "'end', which is no parameter"),
        ("default = 2010", "default = ", "cannot be read as TOML"),
        (
            "[10-a.parameters.year]",
            "[10-a.parameters]\nyear = 3\n[10-b]",
            "found 3, wanted: a table",
        ),
    ],
)
def test_a_broken_contract_says_where_it_is_broken(tmp_path, good, bad, says):
    assert good in GOOD
    (tmp_path / "contracts.toml").write_text(GOOD.replace(good, bad, 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        _ = Workshop.here(tmp_path).contracts
    for part in ["contracts.toml", *says.split("|")]:
        assert part in str(caught.value)


@pytest.mark.parametrize(
    ("options", "allowed"),
    [
        ({"type": "int", "default": 1}, "any whole number"),
        ({"type": "str", "default": ""}, "any text"),
        ({"type": "bool", "default": True}, "true or false"),
        ({"type": "float", "default": 1.0, "max": 2.5}, "at most 2.5"),
        ({"type": "bool", "default": True, "choices": (True,)}, "one of true"),
    ],
)
def test_what_is_allowed_reads_as_words(options, allowed):
    assert Parameter(meaning="X", **options).allowed() == allowed


VALUES = {"year": 2001, "share": 0.5, "full": True, "code": "", "lang": "en"}


def test_settings_show_the_same_table_in_text_and_html(folder, monkeypatch):
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(folder))
    shown = settings("10-a", VALUES | {"In": [], "page": None})
    lines = str(shown).splitlines()
    assert lines[0].split() == ["parameter", "value", "default", "allowed", "meaning"]
    assert lines[2] == "year       2001   2010     1978 to 2025   A year"
    assert lines[4] == "full       true   false    true or false  All of it"
    html = re.sub(r' style="text-align: left"|\n', "", shown.html)
    assert "<td>lang</td><td>en</td><td>en</td><td>one of en, zh</td>" in html
    assert "<td>Language &amp; more</td>" in html
    assert html.count("<tr>") == len(lines)
    assert " id=" not in html
    assert {fact.kind for fact in shown.facts} == {"setting"}


def test_a_chinese_reader_gets_a_chinese_table(folder, monkeypatch):
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(folder))
    lines = str(settings("10-a", VALUES | {"lang": "zh"})).splitlines()
    assert lines[:2] == [
        "参数   取值  默认   可取           含义",
        "lang   zh    en     en、zh 之一    语言",
    ]
    assert lines[2:5] == [
        "year   2001  2010   1978 至 2025   年份",
        "share  0.5   1.0    不小于 0       A share",
        "full   true  false  true 或 false  All of it",
    ]


def test_the_notebook_refuses_with_the_words_of_the_command_line(make_folder, monkeypatch):
    """Plain papermill knows no contract; the notebook itself does."""
    folder = make_folder("10-good")
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(folder))
    asked = ck.contract("10-good")
    with pytest.raises(ParameterError) as before:
        asked.check(asked.parse({"year_to": "2050"}))
    notebook_library()
    import papermill

    with pytest.raises(papermill.PapermillExecutionError) as inside:
        papermill.execute_notebook(
            folder / "10-good.ipynb",
            None,
            parameters={"year_to": 2050},
            kernel_name="python3",
            language="python",
            progress_bar=False,
        )
    assert inside.value.evalue == str(before.value)


def test_a_value_keeps_its_type_from_the_command_line_to_the_notebook(faulty, tmp_path):
    folder = faulty(tmp_path, {"10-code": "lang, type(lang)"})
    words = [
        "run",
        "10-code",
        "-p",
        "lang=007",
        "--notebooks",
        folder,
        "--out",
        tmp_path / "o.ipynb",
    ]
    done = CliRunner().invoke(cli.app, [str(word) for word in words])
    assert done.exit_code == 0, done.output
    (shown,) = read_notebook(tmp_path / "o.ipynb").cells[-1].outputs
    assert shown.data["text/plain"] == "('007', str)"


def test_the_page_of_parameters_is_current_and_speaks_both_languages(root, tmp_path, data_copy):
    text = (root / PAGE).read_text(encoding="utf-8")
    assert text == parameters_page(Workshop.here())
    assert (
        "| `year_to` | `2025` | a whole number: 2020 to 2025 | Last year shown | 截止年份 |" in text
    )
    shutil.copytree(root / "notebooks", tmp_path / "notebooks")
    shop = Workshop.here(tmp_path / "notebooks", data_copy)
    assert not page_is_stale(shop, tmp_path)  # there are no docs
    (tmp_path / "docs").mkdir()
    assert page_is_stale(shop, tmp_path)
    assert write_generated(shop, tmp_path) == [PAGE]
    assert (page_is_stale(shop, tmp_path), write_generated(shop, tmp_path)) == (False, [])


def test_settings_refuse_what_the_contract_refuses(folder, monkeypatch):
    monkeypatch.setenv("CLUSTERKIT_NOTEBOOKS", str(folder))
    with pytest.raises(ParameterError, match="'year' cannot be '2001'"):
        settings("10-a", VALUES | {"year": "2001"})
    with pytest.raises(ParameterError, match="does not set: lang, share") as caught:
        settings("10-a", {"year": 2001, "full": True, "code": ""})
    assert "Add lang = ..., share = ... there." in str(caught.value)
