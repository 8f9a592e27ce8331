"""Write what people and machines read about the data: registry, codebook, datapackage.

All three are made from the tables and their schemas, so they cannot say anything else.
"""

import json
from pathlib import Path

import pandera.pandas as pa

from clusterkit.evidence.breaks import FIELDS
from clusterkit.evidence.case import load_case
from clusterkit.evidence.doubt import POLICY
from clusterkit.evidence.registry import REGISTRY, changed_files, hash_file, registry_text
from clusterkit.evidence.schemas import TABLES
from clusterkit.evidence.shelf import data_folder
from clusterkit.evidence.tables import read_table

CODEBOOK = "README.md"
DATAPACKAGE = "datapackage.json"

REGIONAL = {
    "gdp": "Gross domestic product of China, 31 provinces and 22 prefectures",
    "gdp_vintages": "The same in earlier revisions of the accounts",
    "value_added": "Value added of 31 provinces by industry, 2019-2024, one vintage",
    "population": "Resident population",
    "employment": "Employment in urban units of 31 provinces by sector, 2024",
}

SINGLE = {
    "clusters": "The clusters side by side; `load_panel` draws their figures from the claims",
    "typology": "Thresholds by which `typology` tells types of clusters apart",
}

OPENING = """\
# Codebook

<!-- Written by `clusterkit data`; edit the tables or clusterkit/evidence/schemas.py instead. -->

The tables hold figures as public sources print them, each with its source. No sentence of a source
is copied: `as_printed` holds the number phrase alone. The tables are licensed under CC BY 4.0, see
[LICENSE](LICENSE); the code is licensed apart, under MIT.

A case is a folder in `cases/`: `case.toml`, `claims.csv`, `sources.csv`, `events.csv` and, where a
printed figure is doubtful, `corrections.csv`. Tables are CSV in UTF-8. `registry.txt` lists the
sha256 of each file; a file changed without its registry fails the tests. Every value is compared
with its own print on loading; `reading_exceptions.csv` lists the few prints that cannot be read,
and why.
"""


def write(folder: Path | None = None) -> list[str]:
    """Write registry, codebook and datapackage anew; return the names of those that changed."""
    folder = folder or data_folder()
    changed = []
    for name, text in _generated(folder).items():
        path = folder / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            changed.append(name)
    return changed


def stale_files(folder: Path | None = None) -> list[str]:
    """Return what is not current in the data folder, in words; an empty list is good."""
    folder = folder or data_folder()
    told = changed_files(folder)
    for name, text in _generated(folder).items():
        path = folder / name
        if name != REGISTRY and (not path.exists() or path.read_text(encoding="utf-8") != text):
            told.append(f"{name}: not current")
    return told


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
    parts = [OPENING, "## What is here\n", _contents(folder)]
    titles = {
        "claims": "claims.csv: one figure by one source",
        "sources": "sources.csv: where figures were read",
        "events": "events.csv: what happened when",
        "corrections": "corrections.csv: what we hold against a printed figure",
        "reading_exceptions": "reading_exceptions.csv: prints that cannot be read",
        "honesty_exceptions": "honesty_exceptions.csv: breaches of honesty.toml that are known",
        "clusters": "clusters.csv: the clusters of the panel, and which claims speak of them",
        "typology": "typology.csv: by which thresholds types of clusters are told apart",
        "regions": "regions/*.csv: official tables of region, industry and year",
    }
    for name, title in titles.items():
        parts += [f"## {title}\n", _columns(TABLES[name])]
    parts += ["## Breaks: years between which a count was changed\n", _breaks(folder)]
    parts += ["## Derived on loading\n", _derived(), "## Hedges and ranges\n", _hedges()]
    return "\n".join(parts)


def _contents(folder: Path) -> str:
    rows = ["| table | rows | holds |", "| --- | ---: | --- |"]
    for name in _cases(folder):
        case = load_case(folder / "cases" / name)
        for table in _tables(folder, name):
            rows.append(
                f"| cases/{name}/{table}.csv | {len(getattr(case, table))} | {case.title} |"
            )
    for name, holds in SINGLE.items():
        frame = read_table(folder / f"{name}.csv", TABLES[name])
        rows.append(f"| {name}.csv | {len(frame)} | {holds} |")
    for name in _regions(folder):
        frame = read_table(folder / "regions" / f"{name}.csv", TABLES["regions"])
        rows.append(f"| regions/{name}.csv | {len(frame)} | {REGIONAL.get(name, '')} |")
    return "\n".join(rows) + "\n"


def _columns(schema: pa.DataFrameSchema) -> str:
    rows = ["| column | kind | meaning | allowed |", "| --- | --- | --- | --- |"]
    for name, column in schema.columns.items():
        allowed = "; ".join(str(check.error) for check in column.checks if check.error)
        allowed += "; unique" if column.unique else ""
        rows.append(f"| `{name}` | {_kind(column)} | {column.description} | {allowed} |")
    return "\n".join(rows) + "\n"


def _kind(column: pa.Column) -> str:
    return {"float64": "number", "int64": "integer"}.get(str(column.dtype), "string")


def _derived() -> str:
    return """\
`load_case` adds to each claim: `year` (the last year of the period), `basis` ("dated" where the
period is printed, "as of" where only the year of publication is known, "span" for several years),
`inferred` (the year is our reading), `usable` (neither a note nor the ledger forbids its use),
`reading` ("agrees" where the print reads as the value, "agrees_scaled" where the print leaves the
scale to the head of its table, "unread"), `low` and `high` (from hedge and printed precision),
`flag` (what the ledger holds against it), and `tier` and `source_date` of its source.
"""


def _breaks(folder: Path) -> str:
    rows = [
        "Each is a table `[[breaks]]` of a case.toml.",
        "",
        "| field | meaning |",
        "| --- | --- |",
    ]
    rows += [f"| `{name}` | {meaning} |" for name, (_, meaning) in FIELDS.items()]
    rows += [
        "",
        "| case | indicator | after | before | reason |",
        "| --- | --- | ---: | ---: | --- |",
    ]
    for name in _cases(folder):
        for row in load_case(folder / "cases" / name).breaks.itertuples():
            rows.append(f"| {name} | {row.indicator} | {row.after} | {row.before} | {row.reason} |")
    return "\n".join(rows) + "\n"


def _hedges() -> str:
    rows = [
        "The step is the place of the last printed digit that is not a zero, and never more than a",
        "tenth of the figure; things counted to the last unit are exact.",
        "",
        "| hedge | lowest | highest |",
        "| --- | --- | --- |",
    ]
    for hedge, rule in POLICY.items():
        low = "open" if rule.below is None else f"{rule.below:g} steps below"
        high = "open" if rule.above is None else f"{rule.above:g} steps above"
        rows.append(f"| {hedge} | {low} | {high} |")
    return "\n".join(rows) + "\n"


def datapackage(folder: Path) -> dict[str, object]:
    """Return the Frictionless descriptor (Data Package 1) of the data folder."""
    resources = []
    for case in _cases(folder):
        keyed_by = {
            "claims": ("source_id", "sources"),
            "events": ("source_id", "sources"),
            "corrections": ("claim_id", "claims"),
        }
        for table in _tables(folder, case):
            keys = [_reference(case, *keyed_by[table])] if table in keyed_by else []
            path = f"cases/{case}/{table}.csv"
            resources.append(_resource(folder, f"{case}-{table}", path, table, keys))
    for name in ("reading_exceptions", "honesty_exceptions", "clusters", "typology"):
        slug = name.replace("_", "-")
        resources.append(_resource(folder, slug, f"{name}.csv", name, []))
    resources.append(_resource(folder, "regions-sources", "regions/sources.csv", "sources", []))
    for name in _regions(folder):
        keys = [_reference("regions", "source_id", "sources")]
        resources.append(
            _resource(folder, f"regions-{name}".replace("_", "-"), f"regions/{name}.csv",
                      "regions", keys)
        )  # fmt: skip
    return {
        "name": "clusterkit-casebook",
        "title": "The executable casebook of industrial clusters: data tables",
        "licenses": [{"name": "CC-BY-4.0", "title": "Creative Commons Attribution 4.0"}],
        "resources": resources,
    }


def _reference(group: str, field: str, table: str) -> dict[str, object]:
    return {"fields": field, "reference": {"resource": f"{group}-{table}", "fields": field}}


def _resource(
    folder: Path, name: str, path: str, table: str, keys: list[dict[str, object]]
) -> dict[str, object]:
    fields = []
    for column_name, column in TABLES[table].columns.items():
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
    schema: dict[str, object] = {"fields": fields}
    if table in ("claims", "sources", "events", "clusters"):
        schema["primaryKey"] = fields[0]["name"]
    if keys:
        schema["foreignKeys"] = keys
    return {
        "name": name,
        "path": path,
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{hash_file(folder / path)}",
        "schema": schema,
    }
