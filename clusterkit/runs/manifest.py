"""What a report was made from: parameters, hashes of all inputs, and a digest of its facts.

A manifest holds no time and no path of a machine, so the same inputs give the same manifest, and a
difference between two names what changed.
"""

import hashlib
import json
import os
import platform
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import clusterkit
from clusterkit.evidence.descriptor import data_files, hash_file
from clusterkit.evidence.tables import data_folder
from clusterkit.runs.contract import contract
from clusterkit.runs.parameter import shown
from clusterkit.runs.places import CONTRACTS, PACKAGE, notebooks_folder

if TYPE_CHECKING:
    from nbformat import NotebookNode

MANIFEST = "manifest.json"
DISTRIBUTION = "clusterkit-casebook"
BESIDE = "notebooks/"  # how the name of a file begins that was read beside the notebooks


def inputs(
    notebook: str,
    parameters: Mapping[str, object],
    *,
    reads: Iterable[str] | None = None,
    folder: str | os.PathLike[str] | None = None,
) -> dict[str, object]:
    """Return all a report depends on as it stands now, ready for JSON.

    Parameters
    ----------
    notebook : str
        The notebook's name.
    parameters : mapping
        All parameters of the run.
    reads : iterable of str, optional
        What a run read, as `clusterkit.runs.reads` names it; all the data unless given.
    folder : path, optional
        The notebooks folder.

    Returns
    -------
    dict
        ``cells_sha256`` covers the sources of the cells, not their outputs. A file that is not
        there hashes to None. ``folders`` holds the names in each folder that was listed or that a
        file was read from, so that a new case or a new table counts as a change.
    """
    home, shelf = notebooks_folder(folder), data_folder()
    if reads is None:
        reads = [path.relative_to(shelf).as_posix() for path in data_files(shelf)]
    # its own terms stand apart, so that another notebook's may change
    names = sorted(set(reads) - {f"{BESIDE}{CONTRACTS}", BESIDE})
    files = [name for name in names if not name.endswith("/")]
    listed = {name.rstrip("/") for name in names if name.endswith("/")}
    listed |= {Path(name).parent.as_posix() for name in files if not name.startswith(BESIDE)}
    lock = PACKAGE.parent / "requirements.lock"
    return {
        "notebook": notebook,
        "parameters": dict(parameters),
        "cells_sha256": _digest(_sources(home / f"{notebook}.ipynb")),
        "contract_sha256": _digest(asdict(contract(notebook, folder))),
        "data": {name: _hash(_place(name, shelf, home)) for name in files},
        "folders": {name: _names(_place(name, shelf, home)) for name in sorted(listed)},
        "package": {
            path.relative_to(PACKAGE).as_posix(): hash_file(path) for path in _package_files()
        },
        "lock_sha256": _hash(lock),
        "libraries": _libraries(),
        "python": platform.python_version(),
    }


def manifest(
    notebook: str,
    parameters: Mapping[str, object],
    executed: "NotebookNode",
    *,
    folder: str | os.PathLike[str] | None = None,
    before: Mapping[str, object] | None = None,
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
    before : mapping, optional
        The `inputs` as they stood before the run. With them, a file that changes while the
        notebook runs counts as changed afterwards.

    Returns
    -------
    dict
        The `inputs`, the data narrowed to what the run read. ``facts_sha256`` covers every
        plain-text output in order: two runs with the same digest showed the same numbers.
    """
    reads = executed.metadata.get("clusterkit", {}).get("read")
    made = inputs(notebook, parameters, reads=reads, folder=folder)
    if before is not None:
        data = {name: before["data"].get(name, digest) for name, digest in made["data"].items()}
        made |= before | {"data": data, "folders": made["folders"]}
    return made | {
        "clusterkit": clusterkit.__version__,
        "data_sha256": _digest(made["data"]),
        "facts_sha256": facts_digest(executed),
    }


def sealed(made: Mapping[str, object], files: Mapping[str, str]) -> dict[str, object]:
    """Return a manifest that also holds the hashes of the files written with it.

    Parameters
    ----------
    made : mapping
        The manifest.
    files : mapping of str to str
        From the name of each file to its text.
    """
    hashes = {name: hashlib.sha256(text.encode()).hexdigest() for name, text in files.items()}
    return {**made, "files": hashes}


@dataclass(frozen=True)
class Difference:
    """One input in which two runs differ.

    Parameters
    ----------
    kind : {'parameters', 'data', 'code', 'environment'}
        What sort of thing it is.
    text : str
        What differs, in a few words.
    """

    kind: str
    text: str

    def __str__(self) -> str:
        return self.text


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> list[Difference]:
    """Return in what the inputs of two runs differ; an empty list means in nothing.

    Examples
    --------
    >>> old = {"parameters": {"year_to": 2024}, "data": {"cases/zhili/claims.csv": "1a"}}
    >>> new = {"parameters": {"year_to": 2020}, "data": {"cases/zhili/claims.csv": "2b"}}
    >>> [str(one) for one in differences(old, new)]
    ['parameter year_to: 2024 -> 2020', 'data: cases/zhili/claims.csv changed']
    """
    # a file that is gone is missed twice: by its own name and by its folder
    return [Difference(*found) for found in dict.fromkeys(_differences(old, new))]


def _differences(old: Mapping, new: Mapping) -> Iterator[tuple[str, str]]:
    for name, was, now in _unequal(old, new, "parameters"):
        yield "parameters", f"parameter {name}: {_value(was)} -> {_value(now)}"
    if old.get("cells_sha256") != new.get("cells_sha256"):
        yield "code", "the notebook's cells changed"
    if old.get("contract_sha256") != new.get("contract_sha256"):
        yield "code", "the notebook's contract changed"
    for key, kind, label in (("data", "data", "data"), ("package", "code", "package")):
        for name, was, now in _unequal(old, new, key):
            how = "added" if was is None else "is gone" if now is None else "changed"
            yield kind, f"{label}: {name} {how}"
    for name, was, now in _unequal(old, new, "folders"):
        place = "" if name == "." else f"{name}/"
        for entry in sorted(set(was or ()) ^ set(now or ())):
            yield "data", f"data: {place}{entry} {'added' if entry in (now or ()) else 'is gone'}"
    if old.get("lock_sha256") != new.get("lock_sha256"):
        yield "environment", "requirements.lock changed"
    if old.get("python") != new.get("python"):
        yield "environment", f"Python {old.get('python')} -> {new.get('python')}"
    for name, was, now in _unequal(old, new, "libraries"):
        yield "environment", f"{name} {was or 'none'} -> {now or 'none'}"


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


def _unequal(old: Mapping, new: Mapping, key: str) -> Iterator[tuple[str, object, object]]:
    """Yield the entries in which two tables differ, None for one that is not there."""
    one, other = old.get(key, {}), new.get(key, {})
    for name in [*one, *(name for name in other if name not in one)]:
        if one.get(name) != other.get(name):
            yield name, one.get(name), other.get(name)


def _value(value: object) -> str:
    return "not given" if value is None else shown(value)


def _digest(content: object) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _hash(path: Path) -> str | None:
    return hash_file(path) if path.is_file() else None


def _names(folder: Path) -> list[str]:
    """Return what stands in a folder; hidden files, such as half-written ones, do not count."""
    names = (path.name for path in folder.iterdir()) if folder.is_dir() else ()
    return sorted(name for name in names if not name.startswith("."))


def _place(name: str, shelf: Path, home: Path) -> Path:
    return home / name.removeprefix(BESIDE) if name.startswith(BESIDE) else shelf / name


def _sources(path: Path) -> object:
    """Return kind, source and tags of each cell; the bare text of a file that is no notebook.

    Read as JSON, which is there at once, where nbformat takes half a second to import.
    """
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    try:
        return [
            (cell["cell_type"], "".join(cell["source"]), cell["metadata"].get("tags", []))
            for cell in json.loads(text)["cells"]
        ]
    except (ValueError, LookupError, TypeError, AttributeError):
        return text


@cache
def _libraries() -> dict[str, str]:
    """Return the installed version of each library that clusterkit asks for.

    It stands in the name of the folder that an installed library leaves; to parse what is in the
    folders would take longer than all else.
    """
    wanted = (line for line in metadata.requires(DISTRIBUTION) or () if "extra ==" not in line)
    installed: dict[str, str] = {}
    for folder in sys.path:
        for path in Path(folder).glob("*.dist-info"):
            name, _, version = path.stem.partition("-")
            installed.setdefault(_plain(name), version)
    names = sorted(re.match(r"[\w.-]+", line)[0] for line in wanted)
    return {name: installed.get(_plain(name), "unknown") for name in names}


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


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
