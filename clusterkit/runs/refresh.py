"""The only writer of committed notebooks: executed with their defaults, tidied, in place."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from clusterkit.files import write_whole
from clusterkit.runs.execute import execute
from clusterkit.runs.notebook import notebook_text
from clusterkit.runs.workshop import Workshop


@dataclass(frozen=True)
class Refreshed:
    """Whether refreshing a notebook changed its file."""

    name: str
    changed: bool


def refresh(
    shop: Workshop,
    names: Iterable[str] | None = None,
    *,
    told: Callable[[Refreshed], None] = lambda refreshed: None,
) -> list[Refreshed]:
    """Execute notebooks with their defaults and write them back, tidied.

    Refreshing twice writes the same bytes, so a change in git is a change of code or of facts.

    Parameters
    ----------
    shop : Workshop
    names : iterable of str, optional
        The notebooks; all that have a contract unless given.
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
    refreshed = []
    for contract in shop.chosen(names):
        run = shop.ask(contract.notebook)
        before = run.path.read_bytes() if run.path.is_file() else None
        text = notebook_text(execute(run.notebook, folder=shop.notebooks))
        changed = text.encode() != before
        if changed:
            write_whole(run.path, text)
        refreshed.append(Refreshed(run.notebook, changed))
        told(refreshed[-1])
    return refreshed
