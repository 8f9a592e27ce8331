"""Read a table of the casebook, or say exactly which cell is wrong and what may stand there."""

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from clusterkit.errors import DataError, UnknownNameError
from clusterkit.evidence.shelf import data_folder, own_data

SCHEMAS = "schemas"  # the folder of the Table Schemas, in a data folder
SHOWN = 8  # so many broken cells are spelled out; a table with more is wrong as a whole


def digest(paths: Iterable[Path]) -> str:
    """Return what tells the files there are, as they are, from what they were."""
    found = hashlib.sha256()
    for path in paths:
        content = path.read_bytes() if path.is_file() else b""
        found.update(b"%s %d " % (path.name.encode(), len(content)) + content)
    return found.hexdigest()


def read_table(path: Path, table: str) -> pd.DataFrame:
    """Return a CSV file as a frame in which every cell is allowed.

    A file that was read before, and has not changed, is not read again.

    Parameters
    ----------
    path : Path
        A CSV file in UTF-8, with a header line.
    table : str
        What it is: "claims", "sources", "regions" ...; its columns may stand in any order.

    Returns
    -------
    pandas.DataFrame
        Text columns as text ("NA" stays "NA"), numbers as numbers; the rows in file order.

    Raises
    ------
    DataError
        The file is missing, empty, not UTF-8, has other columns, or holds a cell that is not
        allowed; each broken cell is named by line and column.
    """
    return _read(path, table, digest([path])).copy(deep=False)


@lru_cache(maxsize=32)
def _read(path: Path, table: str, content: str) -> pd.DataFrame:
    """Return a table; `content` tells the file as it is from what it was."""
    allowed = schema(table)
    lines, rows = _read_rows(path, list(allowed.columns))
    frame = pd.DataFrame(rows, columns=list(allowed.columns), dtype="str")
    try:
        return allowed.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as broken:
        raise _cell_error(path, lines, frame, broken.failure_cases) from None


def rows_of(
    frame: pd.DataFrame,
    column: str,
    name: str,
    *,
    kind: str | None = None,
    where: str | None = None,
) -> pd.DataFrame:
    """Return the rows that have a name in a column, or raise the error that lists the names."""
    found = frame[frame[column] == name]
    if found.empty:
        raise UnknownNameError.among(kind or column, name, set(frame[column]) - {""}, where=where)
    return found


def check_references(
    path: Path, frame: pd.DataFrame, column: str, known: pd.Series, target: str
) -> None:
    """Raise a `DataError` unless every value of the column is among the known ones."""
    strangers = frame.loc[~frame[column].isin(known), column]
    if len(strangers):
        row = strangers.index[0]
        raise DataError(
            f"{len(strangers)} row(s) name a {column} that {target} does not have.",
            where=f"{path.name}, line {row + 2} ({frame.iloc[row, 0]}), column {column}: "
            f"found {strangers.iloc[0]!r}",
            fix=f"Add it to {target} or correct the name.",
        )


def _read_rows(path: Path, columns: list[str]) -> tuple[list[int], list[list[str]]]:
    """Return the line number and the cells of each row, the cells in the order of `columns`."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            header = next(reader, None)
            numbered = [(reader.line_num, row) for row in reader if row]
    except FileNotFoundError:
        raise DataError(
            f"The table {path.name} is missing.",
            where=str(path.parent),
            fix=f"Restore {path.name}; its columns are: {', '.join(columns)}.",
        ) from None
    except (UnicodeDecodeError, csv.Error, OSError) as problem:
        raise DataError(
            f"{path.name} cannot be read as CSV in UTF-8.",
            where=f"{path}: {problem}",
            why="It was saved in another encoding or by another program.",
            fix="Save it again as CSV, UTF-8, comma separated.",
        ) from None
    if header is None:
        raise DataError(f"{path.name} is empty.", where=str(path), fix="Restore the file.")
    if sorted(header) != sorted(columns):
        missing = [name for name in columns if name not in header]
        extra = [name for name in header if name not in columns]
        raise DataError(
            f"{path.name} does not have the columns it should.",
            where=f"{path}, line 1: missing {missing or 'none'}, not known {extra or 'none'}",
            fix=f"The header is: {','.join(columns)}",
        )
    for line, row in numbered:
        if len(row) != len(header):
            raise DataError(
                f"A row has {len(row)} cells where the header has {len(header)}.",
                where=f"{path}, line {line}",
                why="A comma inside a cell is not quoted, or a quote is not closed.",
                fix="Put double quotes around the cell that holds the comma.",
            )
    order = [header.index(name) for name in columns]
    return [line for line, _ in numbered], [[row[i] for i in order] for _, row in numbered]


def _cell_error(
    path: Path, lines: list[int], frame: pd.DataFrame, cases: pd.DataFrame
) -> DataError:
    """Name each broken cell: line, row name, column, what was found and what is allowed."""
    # A number that cannot be read also fails every check that follows: the first word counts.
    cases = cases.drop_duplicates(["column", "index"])
    named = frame.columns[0]
    told = []
    for case in cases.head(SHOWN).itertuples():
        row = int(case.index) if pd.notna(case.index) else 0
        check = str(case.check)
        if check.startswith(("coerce_dtype", "dtype")):
            check = "a number"
        elif check in ("field_uniqueness", "multiple_fields_uniqueness"):
            check = "a value that no other row has"
        found = frame.loc[row, case.column] if case.column in frame else case.failure_case
        told.append(
            f"line {lines[row]} ({frame.loc[row, named]}), column {case.column}: "
            f"found {found!r}, allowed: {check}"
        )
    more = len(cases) - SHOWN
    if more > 0:
        told.append(f"... and {more} more")
    return DataError(
        f"{path.name} has {len(cases)} cell(s) that are not allowed.",
        where=str(path) + "".join(f"\n    {line}" for line in told),
        fix="Correct the cells; the codebook data/README.md explains each column.",
    )


TIERS = ("official", "company", "press", "digest", "repost")  # from the strongest to the weakest


@cache
def table_schemas() -> dict[str, dict[str, Any]]:
    """Return the Table Schema of every table by its name: the only description of columns.

    They lie beside the data they came with; a casebook without any is read by those of the package.
    Frictionless Table Schema, https://specs.frictionlessdata.io/table-schema; "allowed" is ours:
    how an error words a pattern.
    """
    folder = next(path for path in (data_folder(), own_data()) if (path / SCHEMAS).is_dir())
    paths = sorted((folder / SCHEMAS).glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


@cache
def schema(table: str) -> pa.DataFrameSchema:
    """Return what the columns of a table may hold, as `read_table` checks it."""
    about = table_schemas()[table]
    keys = about.get("primaryKey", [])
    unique = keys if isinstance(keys, list) and keys else None
    return pa.DataFrameSchema({one["name"]: _column(one) for one in about["fields"]}, unique=unique)


def allowed(field: Mapping[str, Any]) -> str:
    """Return in words what a column may hold, and nothing where that is any text."""
    limits = field.get("constraints", {})
    if "enum" in limits:
        return f"one of: {', '.join(limits['enum'])}"
    filled = limits.get("required") and field["type"] == "string"
    return field.get("allowed") or ("not empty" if filled else "")


def _column(field: Mapping[str, Any]) -> pa.Column:
    """Return a column of a Table Schema as pandera checks it."""
    limits, told = field.get("constraints", {}), allowed(field)
    kind = {"number": float, "integer": int}.get(field["type"], str)
    checks = []
    if "enum" in limits:
        checks.append(pa.Check.isin(limits["enum"], error=told))
    elif kind is not str and "minimum" in limits:
        checks.append(pa.Check.in_range(limits["minimum"], limits["maximum"], error=told))
    elif "pattern" in limits or (told and kind is str):
        pattern = limits.get("pattern", r"[\s\S]+")
        checks.append(pa.Check.str_matches(rf"^(?:{pattern})\Z", error=told))
    return pa.Column(kind, checks, coerce=kind is not str, unique=limits.get("unique", False))
