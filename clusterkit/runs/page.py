"""Pages a reader opens: reports, failures, and what leads to them; each one file that asks nobody.

Every reader-facing word of the templates goes through the language of the page.
"""

import base64
import csv
import io
import json
import re
import struct
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import clusterkit
from clusterkit.errors import DataError, ParameterError
from clusterkit.files import write_whole
from clusterkit.runs.contract import Contract, shown
from clusterkit.runs.manifest import FAILURE, WHY, Manifest, changes, read_manifest
from clusterkit.runs.notebook import notebook_library, read_notebook
from clusterkit.words import nearest

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from clusterkit.runs.compare import Compared
    from clusterkit.runs.execute import NotebookError
    from clusterkit.runs.workshop import Run, Workshop

TEMPLATES = Path(__file__).parent / "templates"
CASEBOOK = TEMPLATES / "casebook"
HEADING = re.compile(r'<h2 id="([^"]+)">(.*?)<a class="anchor-link"', re.DOTALL)
PRIORITY = ["image/png", "text/html", "text/markdown", "text/plain"]
COMPARED = ("headline", "differs", "run", "value", "low", "high", "unit", "status", "claims")


def report_page(executed: "NotebookNode", made: Manifest, *, title: str) -> str:
    """Return a report as one HTML page.

    Parameters
    ----------
    executed : NotebookNode
        The notebook with its outputs. A picture carries its numbers as ``text/plain`` and its
        alternative text in the output's metadata, ``{"image/png": {"alt": ..., "width": ...}}``.
    made : Manifest
        What the report was made from; its essentials stand at the foot.
    title : str
        The name of the case, for the header line.
    """
    notebook_library()
    from nbconvert.exporters import HTMLExporter

    exporter = HTMLExporter(
        template_name="casebook",
        extra_template_basedirs=[str(TEMPLATES)],
        filters={"contents": contents, "shown": shown},
        anchor_link_text="#",
    )
    lang, about = str(made.parameters.get("lang", "en")), {"title": title, "manifest": made}
    frame = _frame(lang, heading=headline(executed), home="../index.html", **about)
    frame["priority"] = PRIORITY
    return exporter.from_notebook_node(executed, resources={"casebook": frame})[0]


def failure_page(error: "NotebookError") -> str:
    """Return a page that shows what failed, with which parameters, and how to see it again."""
    contract, lang = error.run.contract, str(error.run.values.get("lang", "en"))
    about = {"heading": contract.question, "title": contract.title}
    return _rendered("failure", _frame(lang, home="../index.html", **about), error=error)


def overview_page(cards: Sequence[Mapping[str, object]], *, lang: str = "en") -> str:
    """Return the page that leads to all reports.

    Parameters
    ----------
    cards : sequence of mapping
        For each notebook: name, title, question, state ('ready', 'stale', 'failed' or 'missing'),
        link (to the report), why (to the page of the last failure), picture (a data URI),
        parameters.
    """
    return _rendered("overview", _frame(lang), cards=cards)


def write_overview(shop: "Workshop", fresh: Iterable[str] = (), *, lang: str = "en") -> Path:
    """Write the overview of what stands in the folder of reports, and return where it stands.

    Parameters
    ----------
    shop : Workshop
    fresh : iterable of str
        The reports that were found to be current just now, or made.
    lang : str
        Its language.
    """
    cards = [card(shop, name, fresh=name in fresh) for name in shop.contracts]
    write_whole(shop.reports / "index.html", overview_page(cards, lang=lang))
    return shop.reports / "index.html"


def card(shop: "Workshop", name: str, *, fresh: bool) -> dict[str, object]:
    """Return what the overview shows of a notebook, judged by what stands in its folder."""
    contract, home = shop.contracts[name], shop.reports / name
    found = {"name": name, "title": contract.title, "question": contract.question}
    found |= {"state": "missing", "link": None, "why": None, "picture": None, "parameters": {}}
    try:
        made = read_manifest(home)
        found |= {"link": f"{name}/{name}.html", "picture": thumbnail(home / f"{name}.ipynb")}
        found |= {"parameters": made.parameters, "state": "ready"}
        if not fresh and changes(home, shop.ask(name, made.parameters)):
            found["state"] = "stale"
    except FileNotFoundError:
        pass
    except (DataError, ParameterError):  # made by an older clusterkit, or with what is now refused
        found["state"] = "stale"
    if (home / FAILURE).is_file():
        failed = json.loads((home / FAILURE).read_text(encoding="utf-8"))
        found |= {"state": "failed", "why": f"{name}/{WHY}"}
        found["parameters"] = found["parameters"] or failed["parameters"]
    return found


def write_comparison(outcomes: Sequence[Any]) -> Path:
    """Write ``index.csv``, ``comparison.csv`` and ``index.html`` of a sweep; return the last.

    Parameters
    ----------
    outcomes : sequence of Outcome
        What `clusterkit.runs.many.make` returned of its reports.
    """
    from clusterkit.runs.compare import compare

    reports = [outcome.report for outcome in outcomes]
    run, home = reports[0].run, reports[0].home.parent
    compared = compare(
        {it.name: read_notebook(it.report.notebook) for it in outcomes if not it.error}
    )
    varied = varied_parameters([report.run for report in reports])
    rows = [_row(outcome, varied) for outcome in outcomes]
    columns = [name for name in rows[0] if name != "meaning"]  # which is for the page
    _write_csv(home / "index.csv", columns, rows)
    _write_csv(home / "comparison.csv", COMPARED, [row for one in compared for row in one.rows()])
    langs = {str(report.run.values.get("lang", "en")) for report in reports}
    lang = langs.pop() if len(langs) == 1 else "en"
    page = sweep_page(run.contract, rows, compared, varied=varied, lang=lang)
    write_whole(home / "index.html", page)
    return home / "index.html"


def sweep_page(
    contract: Contract,
    runs: Sequence[Mapping[str, object]],
    compared: Sequence["Compared"],
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
    compared : sequence of Compared
        The headline numbers.
    varied : sequence of str
        The parameters in which the runs differ.
    lang : str
        The language of the page.
    """
    about = {"heading": contract.question, "title": contract.title, "home": "../../index.html"}
    content = {"runs": runs, "compared": compared, "varied": varied}
    return _rendered("sweep", _frame(lang, **about), **content)


def varied_parameters(runs: Sequence["Run"]) -> list[str]:
    """Return the parameters in which runs differ, in the order of the contract."""
    first = runs[0].values
    return [name for name in first if any(run.values[name] != first[name] for run in runs)]


def _row(outcome: Any, varied: Sequence[str]) -> dict[str, object]:
    report, page = outcome.report, outcome.page
    return {
        "run": report.name,
        "meaning": report.run.meaning,
        **{name: shown(report.run.values[name]) for name in varied},
        "state": outcome.state,
        "page": f"{report.name}/{page.name}" if page else "",
        "notebook": "" if outcome.error else f"{report.name}/{report.notebook.name}",
        "error": str(outcome.error or ""),
    }


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    text = io.StringIO()
    table = csv.DictWriter(text, columns, extrasaction="ignore", lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    write_whole(path, text.getvalue())


def headline(notebook: "NotebookNode") -> str:
    """Return the text of a notebook's first heading, or an empty text."""
    texts = (cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    found = (re.search(r"^# +(.+?)\s*$", text, re.MULTILINE) for text in texts)
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


def _frame(
    lang: str,
    *,
    heading: str = "",
    title: str = "",
    home: str | None = None,
    manifest: Manifest | None = None,
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
