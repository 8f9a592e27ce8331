"""Whether a report still stands for its inputs, and if not, what changed.

The key is honest: the cells of the notebook, its parameters and contract, the source of this
package, the data files that the run read, the libraries and Python; and the report's own files.
"""

import json
import os
from collections.abc import Mapping
from pathlib import Path

from clusterkit.errors import DataError
from clusterkit.evidence.descriptor import hash_file
from clusterkit.runs.contract import contract
from clusterkit.runs.manifest import MANIFEST, differences, inputs

FAILURE = "failure.json"  # stands in a report's folder as long as its last run failed


def changes(
    home: Path,
    notebook: str,
    parameters: Mapping[str, object] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
) -> list[str]:
    """Return why the report in a folder has to be made anew; an empty list: it is current.

    Nothing heavy is imported and no more is hashed than the report rests on, so asking costs
    some hundredths of a second.

    Parameters
    ----------
    home : Path
        The folder of the report.
    notebook : str
        The notebook's name.
    parameters : mapping, optional
        The parameters it should have; those left out count with their defaults.
    folder : path, optional
        The notebooks folder.

    Returns
    -------
    list of str
        For example ``["data: cases/zhili/claims.csv changed"]``, or ``["never run"]``.
    """
    checked = contract(notebook, folder).check(parameters or {})
    try:
        made = read_manifest(home)
    except FileNotFoundError:
        return ["never run"]
    except DataError:
        return ["its manifest cannot be read"]
    reads = [*made["data"], *(f"{name}/" for name in made["folders"])]
    now = inputs(notebook, checked, reads=reads, folder=folder)
    failed = ["the last run failed"] if (home / FAILURE).is_file() else []
    return failed + [str(one) for one in differences(made, now)] + touched(home, made)


def read_manifest(home: Path) -> dict[str, object]:
    """Return the manifest of the report in a folder.

    Raises
    ------
    FileNotFoundError
        There is none.
    DataError
        It is no manifest, or one of an older kind.
    """
    path = home / MANIFEST
    if not path.is_file():
        raise FileNotFoundError(path)
    try:
        made = json.loads(path.read_text(encoding="utf-8"))
        if {"notebook", "parameters", "data", "folders", "files"} <= made.keys():
            return made
        why = "It was written by an older clusterkit."
    except (ValueError, AttributeError):
        why = "It was cut short, or edited by hand."
    raise DataError(
        f"{MANIFEST} is not the manifest of a report.",
        where=str(path),
        why=why,
        fix="Publish the report again.",
    )


def touched(home: Path, made: Mapping[str, object]) -> list[str]:
    """Return which of the report's own files are not as they were written."""
    told = []
    for name, digest in made["files"].items():
        path = home / name
        if not path.is_file():
            told.append(f"report: {name} is gone")
        elif hash_file(path) != digest:
            told.append(f"report: {name} was edited")
    return told
