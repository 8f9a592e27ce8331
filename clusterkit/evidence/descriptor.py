"""What machines and people read about the data: the datapackage and the codebook, both generated.

The datapackage is a Frictionless descriptor: every file with its hash, every table with its schema.
It is the one record of what the data should be. The codebook says the same in Markdown.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

from clusterkit.errors import DataError
from clusterkit.evidence.case import load_case
from clusterkit.evidence.shelf import (
    DATAPACKAGE,
    MEDIA,
    changed_files,
    data_folder,
    data_hashes,
    resources,
)
from clusterkit.evidence.tables import allowed, read_table, table_schemas
from clusterkit.files import listed
from clusterkit.printed.doubt import POLICY

CODEBOOK = "README.md"


def stale_files(folder: Path | None = None) -> list[str]:
    """Return what is not current in the data folder, in words; an empty list is good."""
    folder = folder or data_folder()
    changed = changed_files(folder)
    return changed + [f"{name}: not current" for name in _outdated(folder) if not changed]


def write(folder: Path | None = None) -> list[str]:
    """Write datapackage and codebook anew; return the names of those that changed."""
    folder = folder or data_folder()
    outdated = _outdated(folder)
    for name, text in outdated.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(outdated)


def _outdated(folder: Path) -> dict[str, str]:
    """Return what each generated file should hold that does not hold it."""
    package = json.dumps(datapackage(folder), ensure_ascii=False, indent=2) + "\n"
    texts = {DATAPACKAGE: package, CODEBOOK: codebook(folder)}

    def current(name: str, text: str) -> bool:
        path = folder / name
        return path.exists() and path.read_text(encoding="utf-8") == text

    return {name: text for name, text in texts.items() if not current(name, text)}


def datapackage(folder: Path) -> dict[str, object]:
    """Return the Frictionless descriptor (Data Package 1) of a data folder.

    A title that a file was given in the datapackage that is there stays.
    """
    known = resources(folder) if (folder / DATAPACKAGE).exists() else []
    titles = {one["path"]: one["title"] for one in known if "title" in one}
    return {
        "name": "clusterkit-casebook",
        "title": "The executable casebook of industrial clusters: data tables",
        "licenses": [{"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}],
        "resources": [
            _resource(folder, PurePosixPath(name), digest, titles.get(name))
            for name, digest in data_hashes(folder).items()
        ],
    }


def _resource(folder: Path, path: PurePosixPath, digest: str, title: str | None) -> dict:
    """Describe a file; what it holds, if it is a table."""
    about: dict[str, object] = {
        "name": "-".join(path.with_suffix("").parts).replace("_", "-"),
        "path": str(path),
        "format": path.suffix.removeprefix("."),
        "mediatype": MEDIA[path.suffix],
        "encoding": "utf-8",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{digest}",
    }
    if title:
        about["title"] = title
    if path.suffix == ".csv":
        own = listed(folder / "schemas", "*.json")
        table = _table_of(path)
        about["profile"] = "tabular-data-resource"
        about["schema"] = f"schemas/{table}.json" if own else table_schemas()[table]
    return about


def _table_of(path: PurePosixPath) -> str:
    """Return which schema a file has: that of its own name, or else that of its folder's."""
    known = table_schemas()
    found = next((name for name in (path.stem, path.parent.name) if name in known), None)
    if found is None:
        raise DataError(
            f"No schema says what {path.name} holds.",
            where=str(path),
            fix=f"Move it out of the data, or name it after one of: {', '.join(known)}.",
        )
    return found


def codebook(folder: Path) -> str:
    """Return the codebook in Markdown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("clusterkit", "evidence"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    cases = {
        path.parent.name: load_case(path.parent) for path in listed(folder, "cases/*/case.toml")
    }
    return pages.get_template("codebook.md.j2").render(
        cases=[cases[name] for name in sorted(cases)],
        columns=_columns,
        contents=list(_contents(folder, {name: case.title for name, case in cases.items()})),
        policy=POLICY,
        tables=table_schemas(),
    )


def _contents(folder: Path, cases: Mapping[str, str]) -> Iterator[tuple[str, int, str]]:
    """Yield path, number of rows and contents of each table."""
    for one in datapackage(folder)["resources"]:
        path = PurePosixPath(one["path"])
        if path.suffix == ".csv":
            rows = len(read_table(folder / path, _table_of(path)))
            yield str(path), rows, one.get("title") or cases.get(path.parent.name, "")


def _columns(table: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, kind and meaning of each column, and what is allowed in it."""
    for field in table_schemas()[table]["fields"]:
        unique = "; unique" if field.get("constraints", {}).get("unique") else ""
        yield field["name"], field["type"], field["description"], allowed(field) + unique
