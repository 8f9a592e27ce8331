"""What a report was made from: parameters, hashes of all inputs, and a digest of its facts.

A manifest holds no time and no path, so the same inputs give the same manifest, and a difference
between two names what changed.
"""

import hashlib
import json
import os
import platform
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import clusterkit
from clusterkit.evidence.registry import hash_file, registry_text
from clusterkit.runs.places import PACKAGE, notebooks_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

INPUTS = ("notebook_sha256", "data_sha256", "package_sha256", "lock_sha256")


def manifest(
    notebook: str,
    parameters: Mapping[str, object],
    executed: "NotebookNode",
    *,
    folder: str | os.PathLike[str] | None = None,
) -> dict[str, object]:
    """Return what identifies a run and its result, ready for JSON.

    Parameters
    ----------
    notebook : str
        The notebook's name.
    parameters : mapping
        All parameters of the run.
    executed : NotebookNode
        The notebook with its outputs.
    folder : path, optional
        The notebooks folder.

    Returns
    -------
    dict
        ``facts_sha256`` covers every plain-text output in order: two runs with the same digest
        showed the same numbers.
    """
    return {
        "notebook": notebook,
        "parameters": dict(parameters),
        **input_hashes(notebook, folder=folder),
        "facts_sha256": facts_digest(executed),
        "clusterkit": clusterkit.__version__,
        "python": platform.python_version(),
    }


def input_hashes(
    notebook: str, *, folder: str | os.PathLike[str] | None = None
) -> dict[str, str | None]:
    """Return the hashes of all a report depends on, under the names in `INPUTS`.

    The data's is that of ``data/registry.txt`` as it should read, so data that changed behind the
    registry's back still shows. The lock's is None where there is none, as in an installed
    package.
    """
    lock = PACKAGE.parent / "requirements.lock"
    return {
        "notebook_sha256": hash_file(notebooks_folder(folder) / f"{notebook}.ipynb"),
        "data_sha256": hashlib.sha256(registry_text().encode()).hexdigest(),
        "package_sha256": tree_digest(PACKAGE, _package_files()),
        "lock_sha256": hash_file(lock) if lock.is_file() else None,
    }


def tree_digest(root: Path, files: Iterable[Path]) -> str:
    """Return one sha256 over names and contents of files, whatever their order.

    Parameters
    ----------
    root : Path
        Names are taken relative to it, so that the digest is the same on every machine.
    files : iterable of Path
        The files that count.
    """
    lines = sorted(f"{path.relative_to(root).as_posix()} {hash_file(path)}\n" for path in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def facts_digest(executed: "NotebookNode") -> str:
    """Return one sha256 over all plain-text outputs of a notebook, in order."""
    digest = hashlib.sha256()
    for cell in executed.cells:
        for output in cell.get("outputs", []):
            if "text/plain" in output.get("data", {}):
                digest.update(output.data["text/plain"].encode() + b"\0")
    return digest.hexdigest()


def manifest_text(content: Mapping[str, object]) -> str:
    """Return a manifest as JSON a person can read."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


@cache
def _package_files() -> tuple[Path, ...]:
    shipped = PACKAGE / "_shipped"
    return tuple(
        path
        for path in sorted(PACKAGE.rglob("*"))
        if path.is_file()
        and path.suffix not in (".pyc", ".pyo")
        and not path.is_relative_to(shipped)
    )
