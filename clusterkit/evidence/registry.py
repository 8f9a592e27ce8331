"""A list of every data file with its sha256, so that no figure changes unseen."""

import hashlib
from pathlib import Path

from clusterkit.errors import DataError
from clusterkit.evidence.shelf import data_folder

REGISTRY = "registry.txt"
DATA_SUFFIXES = (".csv", ".toml")


def hash_file(path: Path) -> str:
    """Return the sha256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def data_files(folder: Path | None = None) -> list[Path]:
    """Return every data file, in the order of its path."""
    folder = folder or data_folder()
    return sorted(path for path in folder.rglob("*") if path.suffix in DATA_SUFFIXES)


def registry_text(folder: Path | None = None) -> str:
    """Return the registry as it should read: a line "sha256  path" for each data file."""
    folder = folder or data_folder()
    lines = [
        f"{hash_file(path)}  {path.relative_to(folder).as_posix()}" for path in data_files(folder)
    ]
    return "\n".join(lines) + "\n"


def changed_files(folder: Path | None = None) -> list[str]:
    """Return the data files that are not as the registry has them, each with what differs.

    Raises
    ------
    DataError
        There is no registry.
    """
    folder = folder or data_folder()
    try:
        recorded = _parse((folder / REGISTRY).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            "The data has no registry.", where=str(folder), fix="Write one: clusterkit data"
        ) from None
    found = _parse(registry_text(folder))
    told = []
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            told.append(f"{name}: in the registry, but missing")
        elif name not in recorded:
            told.append(f"{name}: not in the registry")
        elif found[name] != recorded[name]:
            told.append(f"{name}: changed since the registry was written")
    return told


def _parse(text: str) -> dict[str, str]:
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {name: digest for digest, name in pairs}
