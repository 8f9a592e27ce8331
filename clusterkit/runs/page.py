"""Pages a reader opens: a report, a failure, and the overview; each one file that asks nobody.

Every reader-facing word of the templates goes through the language of the page.
"""

import base64
import json
import re
import struct
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import clusterkit
from clusterkit.runs.contract import shown
from clusterkit.runs.notebook import notebook_library
from clusterkit.words import nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.contract import Contract
    from clusterkit.runs.execute import NotebookError
    from clusterkit.runs.manifest import Manifest

TEMPLATES = Path(__file__).parent / "templates"
CASEBOOK = TEMPLATES / "casebook"
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)
PRIORITY = ["image/png", "text/html", "text/markdown", "text/plain"]


def report_page(
    executed: "NotebookNode",
    manifest: "Manifest",
    *,
    title: str,
    home: str | None = "../index.html",
) -> str:
    """Return a report as one HTML page.

    Parameters
    ----------
    executed : NotebookNode
        The notebook with its outputs. A picture carries its numbers as ``text/plain`` and its
        alternative text in the output's metadata, ``{"image/png": {"alt": ..., "width": ...}}``.
    manifest : Manifest
        What the report was made from; its essentials stand at the foot.
    title : str
        The name of the case, for the header line.
    home : str or None
        The link to the overview.
    """
    notebook_library()
    from nbconvert.exporters import HTMLExporter

    lang = str(manifest.parameters.get("lang", "en"))
    exporter = HTMLExporter(
        template_name="casebook",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"contents": contents, "shown": shown},
        anchor_link_text="#",
    )
    frame = _frame(lang, heading=headline(executed), title=title, home=home, manifest=manifest)
    frame["priority"] = PRIORITY
    return exporter.from_notebook_node(executed, resources={"casebook": frame})[0]


def failure_page(error: "NotebookError", *, home: str | None = "../index.html") -> str:
    """Return a page that shows what failed, with which parameters, and how to see it again.

    Parameters
    ----------
    error : NotebookError
        The failed run.
    home : str or None
        The link to the overview.
    """
    contract, lang = error.run.contract, str(error.run.values.get("lang", "en"))
    about = {"heading": contract.question, "title": contract.title}
    frame = _frame(lang, home=home, manifest=None, **about)
    return _environment().get_template("failure.html.j2").render(casebook=frame, error=error)


def overview_page(cards: Sequence[Mapping[str, object]], *, lang: str = "en") -> str:
    """Return the page that leads to all reports.

    Parameters
    ----------
    cards : sequence of mapping
        For each notebook: name, title, question, state ('ready', 'stale', 'failed' or 'missing'),
        link (to the report), why (to the page of the last failure), picture (a data URI),
        parameters.
    """
    frame = _frame(lang, heading="", title="", home=None, manifest=None)
    return _environment().get_template("overview.html.j2").render(casebook=frame, cards=cards)


def sweep_page(
    contract: "Contract",
    runs: Sequence[Mapping[str, object]],
    headlines: Sequence[Mapping[str, object]],
    *,
    varied: Sequence[str],
    lang: str = "en",
) -> str:
    """Return the page that lists the runs of a sweep and compares their headline numbers.

    Parameters
    ----------
    contract : Contract
        Of the notebook.
    runs : sequence of mapping
        For each run: run (its name), meaning, state, page, notebook, error, and each of `varied`.
    headlines : sequence of mapping
        For each headline: label, differs, and cells: by run a figure and its range, in words.
    varied : sequence of str
        The parameters in which the runs differ.
    lang : str
        The language of the page.
    """
    frame = _frame(
        lang,
        heading=contract.question,
        title=contract.title,
        home="../../index.html",
        manifest=None,
    )
    template = _environment().get_template("sweep.html.j2")
    return template.render(casebook=frame, runs=runs, headlines=headlines, varied=varied)


def headline(notebook: "NotebookNode") -> str:
    """Return the text of a notebook's first heading, or an empty text."""
    found = (
        re.search(r"^# +(.+?)\s*$", cell.source, re.MULTILINE)
        for cell in notebook.cells
        if cell.cell_type == "markdown"
    )
    return next((match[1] for match in found if match), "")


def contents(html: str) -> list[tuple[str, str]]:
    """Return the id and the text of each second-level heading of a rendered page."""
    return HEADING.findall(html)


def thumbnail(path: Path) -> str | None:
    """Return a notebook's first picture of a card's shape as a data URI, or else its first of all.

    The file is read as JSON, which is there at once, where nbformat takes half a second to import.
    """
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    pictures = [
        "".join(output["data"]["image/png"]).replace("\n", "")
        for cell in cells
        for output in cell.get("outputs", [])
        if "image/png" in output.get("data", {})
    ]
    chosen = next((picture for picture in pictures if _is_wide(picture)), (pictures or [None])[0])
    return f"data:image/png;base64,{chosen}" if chosen else None


def _is_wide(picture: str) -> bool:
    width, height = struct.unpack(">II", base64.b64decode(picture[:32])[16:24])  # PNG's header
    return width > 1.25 * height


def _frame(lang: str, **content) -> dict[str, object]:
    css = (CASEBOOK / "casebook.css").read_text(encoding="utf-8")
    version, spoken = clusterkit.__version__, nearest(lang)
    return {"lang": spoken.code, "text": spoken.text, "css": css, "version": version, **content}


@cache
def _environment():
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        loader=FileSystemLoader(CASEBOOK),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["shown"] = shown
    return environment
