"""The only writer of committed notebooks: executed with their defaults, tidied, in place."""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clusterkit.files import write_whole
from clusterkit.runs.contract import contract, load_contracts
from clusterkit.runs.execute import execute
from clusterkit.runs.places import notebooks_folder
from clusterkit.runs.tidy import notebook_text, seals


@dataclass(frozen=True)
class Refreshed:
    """Whether refreshing a notebook changed its file."""

    name: str
    changed: bool


def refresh(
    names: Iterable[str] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    told: Callable[[Refreshed], None] = lambda refreshed: None,
) -> list[Refreshed]:
    """Execute notebooks with their defaults and write them back, tidied.

    Refreshing twice writes the same bytes, so a change in git is a change of code or of facts.
    Each notebook notes a seal of every cell, by which the gate tells one that was edited since.

    Parameters
    ----------
    names : iterable of str, optional
        The notebooks; all that have a contract unless given.
    folder : path, optional
        The notebooks folder.
    told : callable
        Called with each result as soon as it is there.

    Returns
    -------
    list of Refreshed
        In the order run.

    Raises
    ------
    NotebookError
        A notebook failed. Its file and those after it stay as they were.
    """
    chosen = [contract(name, folder).notebook for name in names] if names else None
    refreshed = []
    for name in chosen or load_contracts(folder):
        path = notebooks_folder(folder) / f"{name}.ipynb"
        before = path.read_bytes() if path.is_file() else None
        executed = execute(name, folder=folder)
        executed.metadata["clusterkit"] = {"seals": seals(executed)}
        text = notebook_text(executed)
        changed = text.encode() != before
        if changed:
            write_whole(path, text)
        refreshed.append(Refreshed(name, changed))
        told(refreshed[-1])
    return refreshed
