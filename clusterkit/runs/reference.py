"""docs/parameters.md: what each notebook may be asked, written from the contracts."""

from pathlib import Path

from clusterkit.files import write_whole
from clusterkit.runs.contract import shown
from clusterkit.runs.workshop import PACKAGE, Workshop

PAGE = "docs/parameters.md"
OPENING = """\
# Parameters

<!-- Written by `clusterkit data`; edit notebooks/contracts.toml instead. -->

What each notebook may be asked. Give values with `-p`, to `clusterkit run`, to
`clusterkit publish` or to papermill itself; a name or a value that is not listed here is an error
that says what is.
"""


def parameters_page(shop: Workshop) -> str:
    """Return the page for the contracts of a workshop."""
    parts = [OPENING]
    for contract in shop.contracts.values():
        parts += [f"## {contract.notebook}\n", f"{contract.question}\n"]
        rows = [
            "| parameter | default | allowed | meaning | 含义 |",
            "| --- | --- | --- | --- | --- |",
        ]
        for name, one in contract.parameters.items():
            cells = (f"`{name}`", f"`{shown(one.default)}`", one.expected(), one.meaning)
            rows.append("| " + " | ".join((*cells, one.meaning_in("zh"))) + " |")
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def write_parameters_page(shop: Workshop, root: Path = PACKAGE.parent) -> list[str]:
    """Write the page of a checkout anew; return its name if it was not current."""
    if not is_stale(shop, root):
        return []
    write_whole(root / PAGE, parameters_page(shop))
    return [PAGE]


def is_stale(shop: Workshop, root: Path = PACKAGE.parent) -> bool:
    """Return whether the page of a checkout is not current; elsewhere there is none to be."""
    if not (root / "docs").is_dir() or shop.notebooks != root / "notebooks":
        return False
    path = root / PAGE
    current = path.read_text(encoding="utf-8") if path.is_file() else None
    return current != parameters_page(shop)
