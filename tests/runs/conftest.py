import textwrap
from pathlib import Path

import pytest

from clusterkit.runs.tidy import notebook_library

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)

# One notebook of each fate. The first shows all that a report can hold.
CELLS = {
    "10-good": [
        ("markdown", "# Does it *run* & read?\n\nA lead."),
        ("code", 'lang = "en"\nyear_from = 2010\nyear_to = 2020', "parameters"),
        ("code", "import sys\nfrom clusterkit.runs.contract import settings"),
        (
            "code",
            'settings("10-good", lang=lang, year_from=year_from, year_to=year_to)',
        ),
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

CONTRACTS = """
[10-good]
title = "The good one"
question = "Does it run?"
[10-good.parameters.lang]
type = "str"
default = "en"
choices = ["en", "zh"]
meaning = "Language"
[10-good.parameters.year_from]
type = "int"
default = 2010
min = 1978
max = 2025
meaning = "First year"
[10-good.parameters.year_to]
type = "int"
default = 2020
min = 1978
max = 2025
meaning = "Last year"
"""

LANG_ONLY = """
[{name}]
title = "{name}"
question = "Does it?"
[{name}.parameters.lang]
type = "str"
default = "en"
meaning = "Language"
"""


def write_notebook(path: Path, cells) -> None:
    nbformat = notebook_library()
    notebook = nbformat.v4.new_notebook()
    for kind, source, *tags in cells:
        make = {"code": nbformat.v4.new_code_cell, "markdown": nbformat.v4.new_markdown_cell}[kind]
        cell = make(textwrap.dedent(source).strip("\n"))
        if tags:
            cell.metadata["tags"] = tags
        notebook.cells.append(cell)
    nbformat.write(notebook, path)


@pytest.fixture(scope="session")
def make_folder(tmp_path_factory):
    """Make a notebooks folder with some of the notebooks above and their contracts."""

    def make(*names):
        folder = tmp_path_factory.mktemp("notebooks")
        contracts = ""
        for name in names or CELLS:
            write_notebook(folder / f"{name}.ipynb", CELLS[name])
            contracts += CONTRACTS if name == "10-good" else LANG_ONLY.format(name=name)
        (folder / "contracts.toml").write_text(contracts, encoding="utf-8")
        return folder

    return make


@pytest.fixture(scope="session")
def published(make_folder, tmp_path_factory):
    """The notebooks folder, the reports folder and what `publish` returned, for all four."""
    from clusterkit.runs.publish import publish

    folder, out = make_folder(), tmp_path_factory.mktemp("site") / "reports"
    told = []
    return folder, out, publish(folder=folder, out=out, told=told.append), told


@pytest.fixture(scope="session")
def faulty():
    """Write notebooks of three cells, whose last one is given, and their contracts."""

    def make(folder, last):
        for name, source in last.items():
            begin = [("markdown", "# Does it?"), ("code", 'lang = "en"', "parameters")]
            write_notebook(folder / f"{name}.ipynb", [*begin, ("code", source)])
        contracts = "".join(LANG_ONLY.format(name=name) for name in last)
        (folder / "contracts.toml").write_text(contracts, encoding="utf-8")
        return folder

    return make
