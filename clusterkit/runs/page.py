"""Pages a reader opens: reports, failures, and what leads to them; each one file that asks nobody.

Every reader-facing word of the templates goes through the language of the page.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clusterkit
from clusterkit.runs.contract import Contract, shown
from clusterkit.runs.notebook import COLOURS, notebook_library
from clusterkit.words import nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.notebook import NotebookError

TEMPLATES = Path(__file__).parent / "templates"
CASEBOOK = TEMPLATES / "casebook"
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)
PICTURES = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/svg+xml"]
TEXTS = ["text/latex", "application/json", "text/plain"]
PRIORITY = [*PICTURES, "text/html", "text/markdown", *TEXTS]
NAME = r"[\w.+@~-]+"  # of a file or a folder; a place begins a word, but no web address
PLACE = re.compile(rf"(?<![\w.~/:)…-])~?(?:/{NAME})+/(?={NAME})|\b[A-Za-z]:\\(?:{NAME}\\)+")
Made = Any  # a Manifest, which stands above this


def report_page(executed: "NotebookNode", made: Made, *, title: str) -> str:
    """Return a report as one HTML page."""
    notebook_library()
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(
        template_name="casebook",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"contents": contents, "led": led, "shown": shown, "plain": plain},
        anchor_link_text="#",
    )
    lang, about = str(made.parameters.get("lang", "en")), {"title": title, "manifest": made}
    frame = _frame(lang, heading=headline(executed), home="../index.html", **about)
    frame |= {"pictures": PICTURES, "priority": PRIORITY}
    return exporter.from_notebook_node(executed, resources={"casebook": frame})[0]


def without_places(text: str) -> str:
    """Return a text without the folders of a machine, for what others will read.

    Examples
    --------
    >>> without_places("in /home/me/nb/a.ipynb, see https://example.org/a/b")
    'in …/a.ipynb, see https://example.org/a/b'
    """
    return PLACE.sub("…/", text)


def failure_page(error: "NotebookError") -> str:
    """Return a page that shows what failed, with which parameters, and how to see it again."""
    contract, lang = error.run.contract, str(error.run.values.get("lang", "en"))
    about = {"heading": contract.question, "title": contract.title}
    page = _frame(lang, home="../index.html", **about)
    return _rendered("failure", page, error=error, public=without_places)


def overview_page(cards: Sequence[Mapping[str, object]], *, lang: str = "en") -> str:
    """Return the page that leads to all reports."""
    return _rendered("overview", _frame(lang), cards=cards)


def sweep_page(
    contract: Contract,
    runs: Sequence[Mapping[str, object]],
    compared: Sequence[Any],
    *,
    varied: Sequence[str],
    lang: str = "en",
) -> str:
    """Return the page that lists the runs of a sweep and compares their headline numbers."""
    about = {"heading": contract.question, "title": contract.title, "home": "../../index.html"}
    content = {"runs": runs, "compared": compared, "varied": varied}
    return _rendered("sweep", _frame(lang, **about), **content)


def headline(notebook: "NotebookNode") -> str:
    """Return the text of a notebook's first heading, or an empty text."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = (re.search(r"^# +(.+?)\s*$", text, re.MULTILINE) for text in texts)
    return next((match[1] for match in found if match), "")


def plain(content: object) -> str:
    """Return an output as text: JSON in lines, and no colours of a terminal."""
    if not isinstance(content, str):
        content = json.dumps(content, indent=2, ensure_ascii=False)
    return COLOURS.sub("", content)


def contents(html: str) -> list[tuple[str, str]]:
    """Return the id and the text of each second-level heading of a rendered page."""
    return HEADING.findall(html)


def led(html: str) -> tuple[str, str]:
    """Return the first section of a rendered page, if it is all prose, and what comes after it.

    Such a section answers the title: readers meet it before the contents.
    """
    starts = [match.start() for match in HEADING.finditer(html)]
    first = html[: starts[1]] if len(starts) > 1 else ""
    first = "" if re.search('<figure|<table|class="ck-text"', first) else first
    return first, html.removeprefix(first)


def _frame(
    lang: str,
    *,
    heading: str = "",
    title: str = "",
    home: str | None = None,
    manifest: Made | None = None,
) -> dict[str, object]:
    """Return what every page shows above and below its content."""
    spoken = nearest(lang)
    about = {"heading": heading, "title": title, "home": home, "manifest": manifest}
    css = (CASEBOOK / "casebook.css").read_text(encoding="utf-8")
    made = {"css": css, "version": clusterkit.__version__}
    return {"lang": spoken.code, "text": spoken.text, "language": spoken, **about, **made}


def _rendered(template: str, frame: Mapping[str, object], **content: object) -> str:
    return _templates().get_template(f"{template}.html.j2").render(casebook=frame, **content)


@cache
def _templates():
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
