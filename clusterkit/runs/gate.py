"""The gate before nbval: each committed notebook must be whole, plain and true to its contract.

nbval compares outputs that are there, so it passes a notebook whose outputs were stripped. The gate
asks for them, and for everything else that keeps notebooks readable and the same everywhere.
"""

from dataclasses import dataclass

from clusterkit.errors import DataError
from clusterkit.runs.notebook import notebook_text, read_notebook, tidy
from clusterkit.runs.reference import PAGE, is_stale
from clusterkit.runs.rules import REFRESH, RULES
from clusterkit.runs.sheet import Sheet
from clusterkit.runs.workshop import CONTRACTS, Workshop

REFRESH_DATA = "Run `clusterkit data`, if the change was meant."


@dataclass(frozen=True, order=True)
class Finding:
    """One thing to mend.

    Parameters
    ----------
    file : str
        The file's name.
    cell : int or None
        The number of the cell, counted from 1 over all cells.
    what, fix : str
        What is wrong, and what to do about it.
    """

    file: str
    cell: int | None
    what: str
    fix: str

    def __str__(self) -> str:
        place = f"{self.file}, cell {self.cell}" if self.cell else self.file
        return f"{place}: {self.what} {self.fix}"


def check_notebooks(shop: Workshop) -> list[Finding]:
    """Return what is wrong with the notebooks of a workshop; an empty list is a pass."""
    home, contracts = shop.notebooks, shop.contracts
    findings = []
    for name in sorted({path.stem for path in home.glob("*.ipynb")} - set(contracts)):
        what, fix = "has no contract.", f"Add [{name}] to {CONTRACTS}."
        findings.append(Finding(f"{name}.ipynb", None, what, fix))
    for name, contract in contracts.items():
        for key, parameter in contract.parameters.items():
            if not parameter.meaning_zh:
                what = f"[{name}.parameters.{key}] has no meaning in Chinese."
                findings.append(Finding(CONTRACTS, None, what, 'Add meaning_zh = "...".'))
        path = home / f"{name}.ipynb"
        try:
            notebook = read_notebook(path)
        except DataError as error:
            findings.append(Finding(path.name, None, error.what, error.fix or ""))
            continue
        sheet = Sheet(notebook, contract)
        found = [Finding(path.name, *found) for rule in RULES for found in rule(sheet)]
        # whatever no rule names (a stray time stamp, an odd id) still shows as a difference
        if not found and notebook_text(tidy(notebook)) != path.read_text(encoding="utf-8"):
            found = [Finding(path.name, None, "is not in the form that refresh writes.", REFRESH)]
        findings += found
    return findings


def check_data() -> list[Finding]:
    """Return what is stale in the data folder, and what its figures do that no one signed for."""
    from clusterkit.evidence.consistency import EXCEPTIONS, unexplained
    from clusterkit.evidence.descriptor import stale_files

    told = (text.partition(": ") for text in stale_files())
    stale = [Finding(f"data/{file}", None, f"{what}.", REFRESH_DATA) for file, _, what in told]
    sign = f"Read the claims; mend them, or sign the breach in data/{EXCEPTIONS}."
    return stale + [Finding("data", None, f"{breach}.", sign) for breach in unexplained()]


def check_docs(shop: Workshop) -> list[Finding]:
    """Return whether the page of parameters says what the contracts say."""
    return [Finding(PAGE, None, "not current.", REFRESH_DATA)] if is_stale(shop) else []
