import json
import textwrap
from pathlib import Path

import pytest

from clusterkit.runs.many import publish
from clusterkit.runs.notebook import notebook_library
from clusterkit.runs.workshop import Workshop

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

# One notebook of each fate. The first shows all that a report can hold.
CELLS = {
    "10-good": [
        ("markdown", "# Does it *run* & read?\n\nA lead."),
        ("code", 'lang = "en"\nyear_from = 2010\nyear_to = 2020', "parameters"),
        ("code", "import sys\nimport clusterkit as ck"),
        ("code", 'ck.settings("10-good", locals())'),
        ("markdown", "## One\n\nWith a [link](https://example.org/x).\n\n## Two\n\n## Three"),
        (
            "code",
            f"""
            class Chart:
                def _repr_mimebundle_(self, **kinds):
                    text = f"Chart of one line\\n2010  1.0\\n{{year_to}}  2.0"
                    about = {{"image/png": {{"alt": 'A "line" & a dot', "width": 300}}}}
                    return {{"image/png": "{PIXEL}", "text/plain": text}}, about

            Chart()
            """,
        ),
        ("code", 'sys.stderr.write("a warning to nobody")\nyear_to - year_from'),
        ("code", '"<script>alert(1)</script>"'),
    ],
    "20-raises": [
        ("markdown", "# Does it raise?"),
        ("code", 'lang = "en"', "parameters"),
        ("code", "import sys"),
        ("code", 'raise ValueError("<b>no</b> such year")'),
    ],
    "30-leaves": [
        ("markdown", "# Does it leave early?"),
        ("code", 'lang = "en"', "parameters"),
        ("code", "import sys\nsys.exit()"),
        ("code", "1 + 1"),
    ],
    "40-dies": [
        ("markdown", "# Does it die?"),
        ("code", 'lang = "en"', "parameters"),
        ("code", "import os\nos._exit(3)"),
    ],
}

LANG = {"type": "str", "default": "en", "meaning": "Language", "meaning_zh": "语言"}


def year(default, meaning, **more):
    """Return a parameter that is a year."""
    bounds = {"min": 1978, "max": 2025, "meaning_zh": "年份"}
    return {"type": "int", "default": default, "meaning": meaning, **bounds, **more}


def contract_toml(name, *, title="A", question="Does it?", **parameters):
    """Return a contract as TOML; a parameter for the language is always there."""
    tables = {f"[{name}]": {"title": title, "question": question}}
    for key, one in ({"lang": LANG} | parameters).items():
        tables[f"[{name}.parameters.{key}]"] = one
    lines = []
    for head, table in tables.items():
        lines += [
            head,
            *(f"{key} = {json.dumps(it, ensure_ascii=False)}" for key, it in table.items()),
        ]
    return "\n".join(lines) + "\n"


CONTRACTS = contract_toml(
    "10-good",
    title="The good one",
    question="Does it run?",
    lang=LANG | {"choices": ["en", "zh"]},
    year_from=year(2010, "First year", not_after="year_to"),
    year_to=year(2020, "Last year"),
)


def new_notebook(cells):
    """Return a notebook of cells, each given as kind, source and tags."""
    v4 = notebook_library().v4
    make = {"code": v4.new_code_cell, "markdown": v4.new_markdown_cell}
    notebook = v4.new_notebook()
    for kind, source, *tags in cells:
        cell = make[kind](textwrap.dedent(source).strip("\n"))
        if tags:
            cell.metadata["tags"] = tags
        notebook.cells.append(cell)
    return notebook


def write_notebook(path: Path, cells) -> None:
    notebook_library().write(new_notebook(cells), path)


def write_workshop(folder: Path, contracts: str, **notebooks) -> Path:
    """Write notebooks and their contracts into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, cells in notebooks.items():
        write_notebook(folder / f"{name}.ipynb", cells)
    (folder / "contracts.toml").write_text(contracts, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def make_folder(tmp_path_factory):
    """Make a notebooks folder with some of the notebooks above and their contracts."""

    def make(*names):
        chosen = {name: CELLS[name] for name in names or CELLS}
        contracts = [CONTRACTS if name == "10-good" else contract_toml(name) for name in chosen]
        return write_workshop(tmp_path_factory.mktemp("notebooks"), "".join(contracts), **chosen)

    return make


@pytest.fixture(scope="session")
def published(make_folder, tmp_path_factory):
    """The notebooks folder, the reports folder, and what `publish` returned and told of all."""
    folder, out = make_folder(), tmp_path_factory.mktemp("site") / "reports"
    told = []
    return folder, out, publish(Workshop.here(folder, reports=out), told=told.append), told


@pytest.fixture(scope="session")
def faulty():
    """Write notebooks of three cells, whose last one is given, and their contracts."""

    def make(folder, last):
        begin = [("markdown", "# Does it?"), ("code", 'lang = "en"', "parameters")]
        notebooks = {name: [*begin, ("code", source)] for name, source in last.items()}
        return write_workshop(folder, "".join(map(contract_toml, last)), **notebooks)

    return make
