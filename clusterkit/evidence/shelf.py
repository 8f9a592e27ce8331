"""The data folder: where it stands, and whether it is what its datapackage says it is.

Nothing heavy is imported, so that asking costs some hundredths of a second.
"""

import json
import os
from pathlib import Path

from clusterkit.errors import DataError, UnknownNameError
from clusterkit.files import hash_files

DATAPACKAGE = "datapackage.json"  # the one record of hashes
MEDIA = {".csv": "text/csv", ".toml": "application/toml", ".json": "application/json"}
PACKAGE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder that holds `cases/` and `regions/`, or that ``CLUSTERKIT_DATA`` names."""
    named = os.environ.get("CLUSTERKIT_DATA")
    if named:
        folder = Path(named).expanduser().resolve()
        if not (folder / "cases").is_dir():
            raise UnknownNameError(
                "CLUSTERKIT_DATA does not name a data folder.",
                where=str(folder),
                why="It holds no folder 'cases'.",
                fix="Point it at a folder laid out like this project's data/, or unset it.",
            )
        return folder
    return own_data()


def own_data() -> Path:
    """Return the data folder that came with the package, whatever else is asked for."""
    checkout = PACKAGE.parent / "data"
    return checkout if (checkout / "cases").is_dir() else PACKAGE / "_shipped" / "data"


def data_hashes(folder: Path) -> dict[str, str]:
    """Return the sha256 of each data file by its path, hidden and foreign files aside."""
    found = hash_files(folder, lambda name: name.suffix in MEDIA)
    return {name: digest for name, digest in found.items() if name != DATAPACKAGE}


def changed_files(folder: Path | None = None) -> list[str]:
    """Return the data files that are not as the datapackage has them, each with what differs."""
    folder = folder or data_folder()
    recorded = {one["path"]: one["hash"].removeprefix("sha256:") for one in resources(folder)}
    found = data_hashes(folder)
    told = []
    for name in sorted(recorded.keys() | found.keys()):
        if name not in found:
            told.append(f"{name}: in the datapackage, but missing")
        elif name not in recorded:
            told.append(f"{name}: not in the datapackage")
        elif found[name] != recorded[name]:
            told.append(f"{name}: changed since the datapackage was written")
    return told


def resources(folder: Path) -> list[dict]:
    """Return the files that the datapackage of a folder lists."""
    path = folder / DATAPACKAGE
    try:
        return json.loads(path.read_text(encoding="utf-8"))["resources"]
    except FileNotFoundError:
        why = None
    except (ValueError, LookupError, TypeError):
        why = "It was cut short, or edited by hand."
    raise DataError(
        "The data has no datapackage." if why is None else "The datapackage cannot be read.",
        where=str(path),
        why=why,
        fix="Write one: clusterkit data",
    )
