"""What a sweep leaves for its readers: an index of the runs, and their headlines side by side."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from clusterkit.files import write_whole
from clusterkit.runs.comparison import Compared, compare, comparison_table, headlines
from clusterkit.runs.contract import Contract
from clusterkit.runs.making import WHY
from clusterkit.runs.page import sweep_page
from clusterkit.runs.parameter import shown
from clusterkit.runs.sweep import FAILED, Ran
from clusterkit.runs.tidy import read_notebook
from clusterkit.views.facts import Fact


def write_index(terms: Contract, runs: Sequence[Ran], home: Path) -> Path:
    """Write ``index.csv``, ``comparison.csv`` and ``index.html`` of a sweep; return the last.

    Parameters
    ----------
    terms : Contract
        Of the notebook.
    runs : sequence of Ran
        All runs of the sweep, in the order to show them.
    home : Path
        The folder that holds the folders of the runs.
    """
    file = f"{terms.notebook}.ipynb"
    good = [run for run in runs if run.state != FAILED]
    compared = compare(
        {run.setting.name: headlines(read_notebook(run.home / file)) for run in good}
    )
    varied = varied_parameters(runs)
    rows = [_row(run, varied, file) for run in runs]
    _write_csv(home / "index.csv", pd.DataFrame(rows))
    _write_csv(home / "comparison.csv", comparison_table(compared))
    langs = {run.setting.checked.get("lang", "en") for run in runs}
    lang = str(langs.pop()) if len(langs) == 1 else "en"
    about = {run.setting.name: run.setting.meaning for run in runs}
    page = sweep_page(
        terms,
        [{**row, "meaning": about[row["run"]]} for row in rows],
        _worded(compared, lang),
        varied=varied,
        lang=lang,
    )
    write_whole(home / "index.html", page)
    return home / "index.html"


def varied_parameters(runs: Sequence[Ran]) -> list[str]:
    """Return the parameters in which the runs differ, in the order of the contract."""
    first = runs[0].setting.checked
    return [name for name in first if any(run.setting.checked[name] != first[name] for run in runs)]


def _row(run: Ran, varied: Sequence[str], file: str) -> dict[str, object]:
    setting, failed = run.setting, run.state == FAILED
    page = WHY if failed else Path(file).with_suffix(".html").name
    return {
        "run": setting.name,
        **{name: shown(setting.checked[name]) for name in varied},
        "state": run.state,
        "page": f"{setting.name}/{page}" if (run.home / page).is_file() else "",
        "notebook": "" if failed else f"{setting.name}/{file}",
        "error": run.error,
    }


def _worded(compared: Sequence[Compared], lang: str) -> list[dict[str, object]]:
    """Return the comparison in words: for each headline and run the figure and its range."""
    from clusterkit.words import language

    tongue = language(lang)

    def cell(one: Fact | None, digits: int | None) -> dict[str, str] | None:
        if one is None:
            return None
        span = "" if one.figure.certain else tongue.span(one.figure)
        return {"figure": tongue.figure(one.figure, digits=digits), "range": span}

    def cells(row: Compared) -> dict[str, dict[str, str] | None]:
        for digits in (None, 6, 12):  # what differs must also read differently
            worded = {run: cell(one, digits) for run, one in row.found.items()}
            if not row.differs or len({str(one) for one in worded.values()}) > 1:
                break
        return worded

    return [
        {"label": tongue.text(row.label), "differs": row.differs, "cells": cells(row)}
        for row in compared
    ]


def _write_csv(path: Path, table: pd.DataFrame) -> None:
    write_whole(path, table.to_csv(index=False, lineterminator="\n"))
