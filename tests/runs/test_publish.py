import hashlib
import json
import shutil

import pandas as pd
import pytest
from typer.testing import CliRunner

from clusterkit import cli
from clusterkit.errors import ParameterError, UnknownNameError
from clusterkit.runs import report as report_module
from clusterkit.runs.many import card, publish
from clusterkit.runs.notebook import execute, read_notebook
from clusterkit.runs.page import overview_page
from clusterkit.runs.report import facts_digest
from clusterkit.runs.workshop import PACKAGE, Workshop


def test_one_failure_does_not_stop_the_others(published):
    _, out, done, told = published
    assert [(one.name, one.error is None) for one in done.outcomes] == [
        ("10-good", True),
        ("20-raises", False),
        ("30-leaves", False),
        ("40-dies", False),
    ]
    assert sorted(one.name for one in told) == [one.name for one in done.outcomes]
    assert [one.name for one in done.failed] == ["20-raises", "30-leaves", "40-dies"]
    assert done.index == out / "index.html"


def test_nothing_is_left_half_written(published):
    _, out, *_ = published
    files = sorted(path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file())
    failed = ["20-raises", "30-leaves", "40-dies"]
    assert files == [
        "10-good/10-good.html",
        "10-good/10-good.ipynb",
        "10-good/manifest.json",
        *(f"{name}/{file}" for name in failed for file in ("failure.html", "failure.json")),
        "index.html",
    ]


def test_a_failure_names_cell_error_and_command(published):
    folder, _, done, _ = published
    raised, left, died = (one.error for one in done.failed)
    assert str(raised) == (
        "The notebook 20-raises failed: ValueError: <b>no</b> such year\n"
        "  where:  cell 4\n"
        f"  next:   See it again with: clusterkit run 20-raises --notebooks {folder}"
    )
    assert raised.source == 'raise ValueError("<b>no</b> such year")'
    assert raised.traceback.endswith("ValueError: <b>no</b> such year")
    assert "\x1b" not in raised.traceback
    # papermill takes a notebook that leaves early for a success
    assert (left.cell, left.source) == (4, "1 + 1")
    assert "an earlier cell ended the run" in str(left)
    assert (died.cell, died.ename) == (3, "DeadKernelError")


def test_the_manifest_says_what_the_report_was_made_from(published):
    folder, out, *_ = published
    text = (out / "10-good/manifest.json").read_text(encoding="utf-8")
    made = json.loads(text)
    assert made["parameters"] == {"lang": "en", "year_from": 2010, "year_to": 2020}
    assert made["facts_sha256"] == facts_digest(read_notebook(out / "10-good/10-good.ipynb"))
    for name, digest in made["files"].items():
        assert hashlib.sha256((out / "10-good" / name).read_bytes()).hexdigest() == digest
    page = (PACKAGE / "runs/page.py").read_bytes()
    assert made["package"]["runs/page.py"] == hashlib.sha256(page).hexdigest()
    assert made["libraries"]["pandas"] == pd.__version__
    assert str(folder) not in text


def test_the_facts_digest_follows_the_plain_text_and_nothing_else(published):
    executed = read_notebook(published[1] / "10-good/10-good.ipynb")
    before = facts_digest(executed)
    chart = executed.cells[5].outputs[0]
    chart.data["image/png"] = "other"
    assert facts_digest(executed) == before
    chart.data["text/plain"] = chart.data["text/plain"].replace("2.0", "2.1")
    assert facts_digest(executed) != before


@pytest.mark.parametrize(
    ("names", "parameters", "error", "says"),
    [
        (None, {"year_to": 2020}, ParameterError, "There is no parameter 'year_to'"),
        (["10-good"], {"year_to": 2050}, ParameterError, "cannot be 2050"),
        (["10-goood"], {}, UnknownNameError, "Did you mean '10-good'"),
    ],
)
def test_bad_input_stops_before_anything_runs(make_folder, names, parameters, error, says):
    shop = Workshop.here(make_folder())
    with pytest.raises(error) as caught:
        _ = [shop.ask(contract.notebook, parameters) for contract in shop.chosen(names)]
    assert says in str(caught.value)


BAD = {
    "missing": lambda path: path.unlink(),
    "a folder": lambda path: (path.unlink(), path.mkdir()),
    "cut": lambda path: path.write_text(path.read_text("utf-8")[:200], "utf-8"),
    "UTF-16": lambda path: path.write_bytes(path.read_text("utf-8").encode("utf-16")),
    "GBK": lambda path: path.write_bytes(
        path.read_text("utf-8").replace("Does", "织").encode("gbk")
    ),
    "no cells": lambda path: path.write_text('{"nbformat": 4, "nbformat_minor": 5, "cells": 3}'),
    "deep": lambda path: path.write_text("[" * 100_000),
}
SAID = {
    "missing": "There is no notebook 20-raises.ipynb.",
    "a folder": "20-raises.ipynb cannot be read: Is a directory.",
    "UTF-16": "20-raises.ipynb is not saved in UTF-8.",
    "GBK": "20-raises.ipynb is not saved in UTF-8.",
}


@pytest.mark.parametrize("fault", BAD)
def test_a_notebook_that_cannot_be_read_stops_no_other(make_folder, published, tmp_path,
                                                       monkeypatch, fault):  # fmt: skip
    folder = make_folder("10-good", "20-raises")
    executed = read_notebook(published[1] / "10-good/10-good.ipynb")
    BAD[fault](folder / "20-raises.ipynb")

    def stand_in(run, **options):
        return executed if run.notebook == "10-good" else execute(run, **options)

    monkeypatch.setattr(report_module, "execute", stand_in)
    words = ["publish", "--notebooks", str(folder), "--out", str(tmp_path / "reports")]
    done = CliRunner().invoke(cli.app, words)
    assert done.exit_code == 1
    said = SAID.get(fault, "20-raises.ipynb is not a notebook: ")
    assert "The notebook 20-raises failed: " in done.output
    assert said in done.output
    assert "1 of 2 notebooks failed." in done.output
    assert (tmp_path / "reports/10-good/10-good.html").is_file()
    page = (tmp_path / "reports/20-raises/failure.html").read_text(encoding="utf-8")
    assert said in page
    assert str(folder) not in page


@pytest.fixture
def site(published, make_folder, tmp_path, monkeypatch):
    """Publish the good notebook without a kernel, beside one that never ran."""
    executed = read_notebook(published[1] / "10-good/10-good.ipynb")
    out = tmp_path / "reports"
    shop = Workshop.here(make_folder("10-good", "20-raises"), reports=out)

    def again(outcome=executed):
        def stand_in(*arguments, **options):
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        monkeypatch.setattr(report_module, "execute", stand_in)
        publish(shop, [shop.ask("10-good")], force=True)
        return (out / "index.html").read_text(encoding="utf-8")

    return shop, out, again


def test_the_overview_shows_what_stands_in_the_folder(site):
    *_, again = site
    page = again()
    assert page.count('<li class="ck-card">') == 2
    assert '<a href="10-good/10-good.html">Does it run?</a>' in page
    assert 'src="data:image/png;base64,iVBOR' in page
    assert "<code>" not in page  # only what is not as usual
    assert page.count("Not run yet") == 1
    assert "20-raises.html" not in page
    assert "run it again" not in page
    assert again() == page


def test_an_older_report_is_marked_when_its_notebook_has_changed(site):
    shop, _, again = site
    again()
    path = shop.notebooks / "10-good.ipynb"
    path.write_text(path.read_text(encoding="utf-8").replace("A lead", "A new lead"), "utf-8")
    found = card(shop, "10-good", fresh=False)
    assert found["state"] == "stale"
    assert "run it again" in overview_page([found])


DAMAGE = {
    "index.html": lambda path: path.write_bytes(b"cut sho\xff"),
    "10-good/10-good.ipynb": lambda path: path.write_text("{", encoding="utf-8"),
    "10-good/10-good.html": lambda path: path.unlink(),
    "10-good/manifest.json": lambda path: path.write_text('{"files": 3}', encoding="utf-8"),
    "10-good/failure.json": lambda path: path.write_text("[3", encoding="utf-8"),
}


@pytest.mark.parametrize("damaged", DAMAGE)
def test_what_was_damaged_stops_no_other_and_is_mended(site, damaged):
    shop, out, again = site
    page = again()
    DAMAGE[damaged](out / damaged)
    assert not publish(shop, [shop.ask("20-raises")]).failed  # beside it
    assert not publish(shop, [shop.ask("10-good")]).failed
    assert card(shop, "10-good", fresh=False)["state"] == "ready"
    assert not (out / "10-good/failure.json").exists()
    shutil.rmtree(out / "20-raises")
    publish(shop, [shop.ask("10-good")])
    assert (out / "index.html").read_text(encoding="utf-8") == page


def test_a_folder_where_a_file_should_be_is_told(site):
    shop, out, again = site
    again()
    manifest = out / "10-good/manifest.json"
    manifest.unlink()
    manifest.mkdir()
    (failed,) = publish(shop, [shop.ask("10-good")]).failed
    assert "manifest.json cannot be written: Is a directory" in str(failed.error)
    assert "Free some space" not in str(failed.error)


def test_a_failure_keeps_the_earlier_report_and_a_success_clears_the_mark(site, published):
    _, out, again = site
    clean = again()
    earlier = {path: path.read_bytes() for path in (out / "10-good").iterdir()}
    page = again(published[2].failed[0].error)
    assert {path: path.read_bytes() for path in earlier} == earlier
    assert '<a href="10-good/failure.html">Failed: see why</a>' in page
    assert '<a href="10-good/10-good.html">the last good report</a>' in page
    assert "could not be made" in (out / "10-good/failure.html").read_text(encoding="utf-8")
    assert again() == clean
    assert set((out / "10-good").iterdir()) == set(earlier)
