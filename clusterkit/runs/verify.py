"""Whether a report can be made again, and what made two reports differ."""

import os
import shlex
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from clusterkit.errors import DataError
from clusterkit.runs.compare import Moved, listed, moved
from clusterkit.runs.execute import execute
from clusterkit.runs.manifest import (
    FAILURE,
    Difference,
    Inputs,
    Manifest,
    differences,
    read_manifest,
    text_hash,
    touched,
)
from clusterkit.runs.notebook import given, notebook_text, read_notebook
from clusterkit.runs.page import report_page
from clusterkit.runs.workshop import Workshop, typed

if TYPE_CHECKING:
    from nbformat import NotebookNode

KINDS = ("parameters", "data", "code", "environment")


@dataclass(frozen=True)
class Verified:
    """What making a report again has shown.

    Parameters
    ----------
    notebook : str
    files : tuple of str
        The files of the report that came out with other bytes.
    moved : tuple of Moved
        The facts that came out different.
    changed : tuple of str
        What changed since the report was made: its inputs, or its own files.
    """

    notebook: str
    files: tuple[str, ...]
    moved: tuple[Moved, ...]
    changed: tuple[str, ...]

    @property
    def answer(self) -> str:
        """'same bytes', 'same facts' or 'different facts'."""
        return "different facts" if self.moved else "same facts" if self.files else "same bytes"

    def __str__(self) -> str:
        if self.moved:
            lines = [f"different facts: {self.notebook} made again tells other numbers."]
            lines += listed(self.moved)
        elif self.files:
            lines = [f"same facts: {self.notebook} made again tells the same numbers."]
            lines.append(f"Other bytes in: {', '.join(self.files)}.")
        else:
            lines = [f"same bytes: {self.notebook} made again is the same, byte for byte."]
        if self.changed:
            lines += ["Changed since the report was made:", *(f"  {one}" for one in self.changed)]
        elif self.files:
            lines.append("Nothing it was made from has changed: the notebook is not deterministic.")
        return "\n".join(lines)


def verify(shop: Workshop, report: str | os.PathLike[str]) -> Verified:
    """Make a report again from its manifest's parameters, and compare; nothing is written.

    Parameters
    ----------
    shop : Workshop
    report : path
        The report's folder, or a file in it.

    Raises
    ------
    DataError
        There is no report.
    ParameterError, NotebookError
        Its contract no longer allows its parameters, or the notebook fails.
    """
    home, made, old = _report(report)
    run = shop.ask(made.notebook, made.parameters)
    inputs = Inputs.of(run)
    executed = execute(replace(run, given={name: run.values[name] for name in given(old)}))
    files = {f"{run.notebook}.ipynb": notebook_text(executed)}
    page = f"{run.notebook}.html"
    if page in made.files:
        now = Manifest.made(inputs, executed)
        files[page] = report_page(executed, now, title=run.contract.title)
    other = [name for name, was in made.files.items() if text_hash(files.get(name, "")) != was]
    changed = [str(one) for one in differences(made, inputs)] + touched(home, made)
    return Verified(run.notebook, tuple(other), tuple(moved(old, executed)), tuple(changed))


@dataclass(frozen=True)
class Explanation:
    """What differs between two reports of one notebook, and what can have moved their numbers.

    Parameters
    ----------
    moved : tuple of Moved
    differences : tuple of Difference
        In their inputs.
    command : str
        The run that tells their causes apart, should there be several.
    """

    moved: tuple[Moved, ...]
    differences: tuple[Difference, ...]
    command: str

    @property
    def kinds(self) -> list[str]:
        """The kinds of inputs that differ."""
        return [kind for kind in KINDS if kind in {one.kind for one in self.differences}]

    def __str__(self) -> str:
        lines = []
        for kind in self.kinds:
            lines.append(f"{kind}:")
            lines += [f"  {one}" for one in self.differences if one.kind == kind]
        lines += [*listed(self.moved), self._verdict()]
        return "\n".join(lines)

    def _verdict(self) -> str:
        kinds = self.kinds
        if not self.moved:
            return f"No number moved{', though the inputs differ' if kinds else ''}."
        if not kinds:
            return "Nothing they were made from differs: the notebook is not deterministic."
        if len(kinds) == 1:
            return f"Nothing else differs: the {kinds[0]} moved them."
        both = f"{', '.join(kinds[:-1])} and {kinds[-1]}"
        return f"What moved which number, {both} together do not tell.\n{self.command}"


def explain(first: str | os.PathLike[str], second: str | os.PathLike[str]) -> Explanation:
    """Compare two reports of one notebook: which numbers moved, and what can have moved them.

    Parameters
    ----------
    first, second : path
        Their folders, or files in them.

    Raises
    ------
    DataError
        One is no report, or they are reports of two notebooks.
    """
    (_, made, old), (_, other, new) = _report(first), _report(second)
    if made.notebook != other.notebook:
        raise DataError(
            f"These are reports of two notebooks: {made.notebook}, {other.notebook}.",
            where=f"{first}, {second}",
            fix="Name two reports of one notebook.",
        )
    command = _telling_command(made, old, os.fspath(first), other)
    return Explanation(tuple(moved(old, new)), tuple(differences(made, other)), command)


def _telling_command(made: Manifest, old: "NotebookNode", first: str, other: Manifest) -> str:
    """Return which run tells causes apart: the first one's parameters, all else as it is now."""
    if made.parameters == other.parameters:
        return (
            "To tell, bring back the data of the first (git checkout COMMIT -- data), publish to "
            "another folder with --out, and explain again."
        )
    asked = typed({name: made.parameters[name] for name in given(old)})
    publish = ["clusterkit", "publish", made.notebook, *asked, "--out", "between"]
    again = ["clusterkit", "explain", first, f"between/{made.notebook}"]
    return (
        "To tell, run the parameters of the first on everything as it stands now:\n"
        f"  {shlex.join(publish)}\n  {shlex.join(again)}"
    )


def _report(path: str | os.PathLike[str]) -> tuple[Path, Manifest, "NotebookNode"]:
    """Return the folder of a report, its manifest and its notebook."""
    home = Path(path).expanduser().resolve()
    home = home if home.is_dir() else home.parent
    try:
        made = read_manifest(home)
    except FileNotFoundError:
        failed = (home / FAILURE).is_file()
        raise DataError(
            "There is no report here.",
            where=str(home),
            why="Its only run has failed." if failed else None,
            fix="Name a folder that holds a manifest.json, such as reports/00-start-here.",
        ) from None
    file = next((name for name in made.files if name.endswith(".ipynb")), "")
    return home, made, read_notebook(home / file)
