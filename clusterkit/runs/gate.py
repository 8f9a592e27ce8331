"""The gate before nbval: committed notebooks are whole, plain, and true to their contracts.

nbval compares outputs that are there, so it passes a notebook whose outputs were stripped. The gate
asks for them, and for everything else that keeps notebooks readable and the same everywhere.
`refresh` is the only writer of committed notebooks, and says whether it would write them otherwise.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from clusterkit.errors import ClusterkitError, DataError, RunError
from clusterkit.files import write_whole
from clusterkit.runs.contract import shown
from clusterkit.runs.notebook import execute, notebook_text, read_notebook, tidy
from clusterkit.runs.rules import REFRESH, RULES, Notebook
from clusterkit.runs.workshop import CONTRACTS, PACKAGE, Run, Workshop

REFRESH_DATA = "Run `clusterkit data`, if the change was meant."
# What a finding of ruff says here; of what is banned, gate.toml holds the advice.
RUFF = {
    "E501": ("has a line of more than 110 characters.", "Break it, or move work into clusterkit."),
    "PTH123": ("opens files (open).", "Load data through clusterkit."),
    "T201": ("prints.", "End the cell in the value to show."),
}
PAGE = "docs/parameters.md"
OPENING = """\
# Parameters

<!-- Written by `clusterkit data`; edit notebooks/contracts.toml instead. -->

What each notebook may be asked. Give values with `-p`, to `clusterkit run`, to
`clusterkit publish` or to papermill itself; a name or a value that is not listed here is an error
that says what is.
"""


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend."""

    file: str
    cell: int | None
    what: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}, cell {self.cell}" if self.cell else self.file
        return f"{place}: {self.what} {self.fix}"


def check_notebooks(shop: Workshop) -> list[Finding]:
    """Return what is wrong with the notebooks of a workshop; an empty list is a pass."""
    findings = []
    for name in sorted({it.stem for it in shop.notebooks.glob("*.ipynb")} - set(shop.contracts)):
        fix = f"Add [{name}] to {CONTRACTS}."
        findings.append(Finding(f"{name}.ipynb", None, "has no contract.", fix))
    notebooks = {}
    for name, contract in shop.contracts.items():
        for key, parameter in contract.parameters.items():
            if not parameter.meaning_zh:
                what = f"[{name}.parameters.{key}] has no meaning in Chinese."
                findings.append(Finding(CONTRACTS, None, what, 'Add meaning_zh = "...".'))
        path = shop.ask(name).path
        try:
            notebooks[path] = Notebook(read_notebook(path), contract)
        except DataError as error:
            findings.append(Finding(path.name, None, error.what, error.fix or ""))
    styled = _check_style(list(notebooks))
    for path, notebook in notebooks.items():
        found = [Finding(path.name, *found) for rule in RULES for found in rule(notebook)]
        found += [finding for finding in styled if finding.file == path.name]
        # whatever no rule names (a kernel, an odd id, a time stamp) still shows as a difference
        if not found and notebook_text(tidy(notebook.node)) != path.read_text(encoding="utf-8"):
            found = [Finding(path.name, None, "is not in the form that refresh writes.", REFRESH)]
        findings += found
    return findings


def _check_style(notebooks: Sequence[Path]) -> list[Finding]:
    """Return what ruff finds in the code of notebooks."""
    if not find_spec("ruff"):
        raise RunError(
            "The gate needs ruff, which is not installed.",
            fix="Install it: pip install 'clusterkit-casebook[test]'.",
        )
    options = ["--config", Path(__file__).with_name("gate.toml"), "--output-format", "json"]
    words = [sys.executable, "-m", "ruff", "check", "--no-cache", "--exit-zero", *options]
    done = subprocess.run([*words, "--", *notebooks], capture_output=True, check=True)
    found = []
    for one in json.loads(done.stdout) if notebooks else ():
        if one["code"] == "TID251":
            name, advice = one["message"].split("`")[1], one["message"].partition(": ")[2]
            told = (f"uses {name}.", advice)
        else:
            told = RUFF.get(one["code"])
        if told:
            found.append(Finding(Path(one["filename"]).name, one["cell"], *told))
    return found


def check_all(shop: Workshop) -> list[Finding]:
    """Return what is wrong with notebooks, with data that no one signed for, and what is stale."""
    from clusterkit.evidence.consistency import EXCEPTIONS, unexplained
    from clusterkit.evidence.descriptor import stale_files

    told = (text.partition(": ") for text in stale_files())
    stale = [Finding(f"data/{file}", None, f"{what}.", REFRESH_DATA) for file, _, what in told]
    sign = f"Read the claims; mend them, or sign the breach in data/{EXCEPTIONS}."
    breaches = [Finding("data", None, f"{breach}.", sign) for breach in unexplained()]
    page = [Finding(PAGE, None, "not current.", REFRESH_DATA)] * page_is_stale(shop)
    return check_notebooks(shop) + stale + breaches + page


@dataclass(frozen=True)
class Refreshed:
    """Whether refreshing a notebook changed its file, or would have; or why it failed."""

    name: str
    changed: bool = False
    error: ClusterkitError | None = None


def refresh(
    shop: Workshop,
    names: Iterable[str] | None = None,
    *,
    check: bool = False,
    told: Callable[[Refreshed], None] = lambda refreshed: None,
) -> list[Refreshed]:
    """Execute notebooks with their defaults and write them back, tidied.

    Refreshing twice writes the same bytes, so a change in git is a change of code or of facts.
    With `check` nothing is written, and numbers that are equal are no change, however an editor
    has written them. One that fails stays as it was.
    """
    refreshed = []
    for contract in shop.chosen(names):
        refreshed.append(_refreshed(shop.ask(contract.notebook), check))
        told(refreshed[-1])
    return refreshed


def _refreshed(run: Run, check: bool) -> Refreshed:
    try:
        text = notebook_text(execute(run))
        before = run.path.read_text(encoding="utf-8")
        changed = json.loads(text) != json.loads(before) if check else text != before
        if changed and not check:
            write_whole(run.path, text)
    except ClusterkitError as error:  # which is no matter of other notebooks
        return Refreshed(run.notebook, error=error)
    return Refreshed(run.notebook, changed)


def parameters_page(shop: Workshop) -> str:
    """Return the page of docs that lists what each notebook may be asked."""
    parts = [OPENING]
    for contract in shop.contracts.values():
        parts += [f"## {contract.notebook}\n", f"{contract.question}\n"]
        rows = ["| parameter | default | allowed | meaning | 含义 |", "| --- " * 5 + "|"]
        for name, one in contract.parameters.items():
            cells = (f"`{name}`", f"`{shown(one.default)}`", one.expected(), one.meaning)
            rows.append("| " + " | ".join((*cells, one.meaning_in("zh"))) + " |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def write_generated(shop: Workshop, root: Path = PACKAGE.parent) -> list[str]:
    """Write what is made from data and contracts anew; return the names of what changed."""
    from clusterkit.evidence.descriptor import write

    changed = write(shop.data)
    if page_is_stale(shop, root):
        write_whole(root / PAGE, parameters_page(shop))
        changed.append(PAGE)
    return changed


def page_is_stale(shop: Workshop, root: Path = PACKAGE.parent) -> bool:
    """Return whether the page of a checkout is not current; elsewhere there is none to be."""
    if not (root / "docs").is_dir() or shop.notebooks != root / "notebooks":
        return False
    path = root / PAGE
    current = path.read_text(encoding="utf-8") if path.is_file() else None
    return current != parameters_page(shop)
