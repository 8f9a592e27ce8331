"""The catalogues: what is said in one language is said in each, with the same values in it."""

import tomllib
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir, extract_from_file

import clusterkit
from clusterkit.words import fields, language, languages, nearest

PACKAGE = Path(clusterkit.__file__).parent
OTHERS = [code for code in languages() if code != "en"]


@pytest.fixture(scope="module")
def messages():
    """Every message of the runs, of their pages, and of figures in words."""
    kinds, said = [("**.py", "python"), ("**.j2", "jinja2")], {"text": None}
    options = {"**.j2": {"silent": "false"}}
    runs = extract_from_dir(PACKAGE / "runs", kinds, options, keywords=said)
    own = extract_from_file("python", PACKAGE / "words.py", keywords=said)
    cli = extract_from_file("python", PACKAGE / "cli.py", keywords=said)
    tables = tomllib.loads((PACKAGE / "words.toml").read_text(encoding="utf-8"))
    worded = {message for table in tables.values() for message in table.values()}
    return worded | {found[2] for found in runs} | {found[1] for found in [*own, *cli]}


def test_messages_are_found_where_they_stand(messages):
    there = {"Show the code", "Not run yet", "Usage", "at most {max}", "a whole number",
             "{number} yuan", "{low} to {high}"}  # fmt: skip
    assert there <= messages


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_and_no_translation_is_idle(messages, code):
    assert set(language(code).messages) == messages


@pytest.mark.parametrize("code", OTHERS)
def test_a_translation_has_the_places_of_its_message(code):
    for message, translated in language(code).messages.items():
        assert sorted(fields(message)) == sorted(fields(translated)), message


def test_a_figure_reads_as_its_language_has_it(zhili):
    sales = zhili.estimate("sales", 2024)
    assert language("zh").bounded(sales) == "850亿元（845亿至855亿元）"


@pytest.mark.parametrize(
    ("code", "found"), [("zh", "zh"), ("zh_CN.UTF-8", "zh"), ("fr_FR", "en"), ("", "en")]
)
def test_what_must_be_said_is_said_in_the_nearest_language(code, found):
    assert nearest(code) is language(found)
