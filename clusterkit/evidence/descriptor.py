"""Write what people and machines read about the data: registry, codebook, datapackage.

All three are made from the tables and their schemas, so they cannot say anything else.
"""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pandera.pandas as pa

from clusterkit.errors import DataError
from clusterkit.evidence.case import Case, load_case
from clusterkit.evidence.tables import contents, data_folder, read_table, schema
from clusterkit.printed.doubt import POLICY

CODEBOOK = "README.md"
DATAPACKAGE = "datapackage.json"

# Table -> the column that names a row of another table of its folder, and that table.
REFERENCES = {
    "claims": ("source_id", "sources"),
    "events": ("source_id", "sources"),
    "corrections": ("claim_id", "claims"),
    "regions": ("source_id", "sources"),
}


def write(folder: Path | None = None) -> list[str]:
    """Write registry, codebook and datapackage anew; return the names of those that changed."""
    folder = folder or data_folder()
    outdated = _outdated(folder)
    for name, text in outdated.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(outdated)


def stale_files(folder: Path | None = None) -> list[str]:
    """Return what is not current in the data folder, in words; an empty list is good."""
    folder = folder or data_folder()
    changed = changed_files(folder)
    return changed + [f"{name}: not current" for name in _outdated(folder) if name != REGISTRY]


def _outdated(folder: Path) -> dict[str, str]:
    """Return what each file should hold that does not hold it."""

    def current(name: str, text: str) -> bool:
        path = folder / name
        return path.exists() and path.read_text(encoding="utf-8") == text

    return {name: text for name, text in _generated(folder).items() if not current(name, text)}


def _generated(folder: Path) -> dict[str, str]:
    return {
        REGISTRY: registry_text(folder),
        CODEBOOK: codebook_text(folder),
        DATAPACKAGE: json.dumps(datapackage(folder), ensure_ascii=False, indent=2) + "\n",
    }


def _cases(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("cases/*/case.toml"))


def _tables(folder: Path, case: str) -> list[str]:
    names = ("claims", "sources", "events", "corrections")
    return [name for name in names if (folder / "cases" / case / f"{name}.csv").exists()]


def _regions(folder: Path) -> list[str]:
    return sorted(path.stem for path in folder.glob("regions/*.csv") if path.stem != "sources")


def codebook_text(folder: Path) -> str:
    """Return the codebook in Markdown."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    pages = Environment(
        loader=PackageLoader("clusterkit", "evidence"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    cases = [load_case(folder / "cases" / name) for name in _cases(folder)]
    return pages.get_template("codebook.md.j2").render(
        cases=cases, contents=_contents(folder, cases), columns=_columns,
        policy=POLICY,
    )  # fmt: skip


def _contents(folder: Path, cases: list[Case]) -> Iterator[tuple[str, int, str]]:
    """Yield path, number of rows and contents of each table."""
    for case in cases:
        for table in _tables(folder, case.name):
            yield f"cases/{case.name}/{table}.csv", len(getattr(case, table)), case.title
    for name in ("clusters", "typology"):
        frame = read_table(folder / f"{name}.csv", name)
        yield f"{name}.csv", len(frame), contents()[name]
    for name in _regions(folder):
        frame = read_table(folder / "regions" / f"{name}.csv", "regions")
        yield f"regions/{name}.csv", len(frame), contents().get(name, "")


def _columns(table: str) -> Iterator[tuple[str, str, str, str]]:
    """Yield name, kind and meaning of each column, and what is allowed in it."""
    for name, column in schema(table).columns.items():
        allowed = "; ".join(str(check.error) for check in column.checks if check.error)
        yield name, _kind(column), column.description, allowed + "; unique" * column.unique


def _kind(column: pa.Column) -> str:
    return {"float64": "number", "int64": "integer"}.get(str(column.dtype), "string")


def datapackage(folder: Path) -> dict[str, object]:
    """Return the Frictionless descriptor (Data Package 1) of the data folder."""
    single = ("reading_exceptions", "honesty_exceptions", "clusters", "typology")
    resources = [
        *(_resource(folder, f"cases/{case}/{table}.csv", table, group=case)
          for case in _cases(folder) for table in _tables(folder, case)),
        *(_resource(folder, f"{table}.csv", table) for table in single),
        _resource(folder, "regions/sources.csv", "sources", group="regions"),
        *(_resource(folder, f"regions/{name}.csv", "regions", group="regions")
          for name in _regions(folder)),
    ]  # fmt: skip
    return {
        "name": "clusterkit-casebook",
        "title": "The executable casebook of industrial clusters: data tables",
        "licenses": [{"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}],
        "resources": resources,
    }


def _resource(folder: Path, path: str, table: str, *, group: str = "") -> dict[str, object]:
    """Describe a file that holds such a table; the tables of a group refer to one another."""
    fields = []
    for column_name, column in schema(table).columns.items():
        field = {
            "name": column_name,
            "type": _kind(column),
            "description": column.description,
        }
        for check in column.checks:
            if check.name == "isin":
                field["constraints"] = {"enum": list(check.statistics["allowed_values"])}
        if column.unique:
            field.setdefault("constraints", {})["unique"] = True
        fields.append(field)
    described: dict[str, object] = {"fields": fields}
    if table in ("claims", "sources", "events", "clusters"):
        described["primaryKey"] = fields[0]["name"]
    if table in REFERENCES:
        field, target = REFERENCES[table]
        reference = {"resource": f"{group}-{target}", "fields": field}
        described["foreignKeys"] = [{"fields": field, "reference": reference}]
    stem = Path(path).stem.replace("_", "-")
    return {
        "name": f"{group}-{stem}" if group else stem,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{hash_file(folder / path)}",
        "schema": described,
    }


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
