"""Read a table of the casebook, or say exactly which cell is wrong and what may stand there."""

import csv
import hashlib
import io
import json
import re
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import pandas as pd
import pandera.pandas as pa

from clusterkit.errors import DataError, UnknownNameError
from clusterkit.evidence.shelf import data_folder, own_data
from clusterkit.files import listed
from clusterkit.shapes import ascii_of, read_text

SCHEMAS = "schemas"  # the folder of the Table Schemas, in a data folder
NUMBERS = {"number": r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", "integer": r"[+-]?\d+"}
LARGEST = 1e300
SETTLED = 3_000_000_000  # nanoseconds
LONGEST = 60  # letters of a cell that are shown
SHOWN = 8  # so many broken cells are spelled out; a table with more is wrong as a whole


def digest(paths: Iterable[Path]) -> str:
    """Return what tells the files there are, as they are, from what they were."""
    found = hashlib.sha256()
    for path in paths:
        found.update(path.name.encode() + _content(path))
    return found.hexdigest()


def _content(path: Path) -> bytes:
    """Return the hash of a file, nothing where it cannot be read: who reads it will say so."""
    try:
        about = path.stat()
        known = path, about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns
        # A file touched a moment ago may change again without a trace.
        fresh = abs(time.time_ns() - about.st_ctime_ns) < SETTLED
        return (_hashed.__wrapped__ if fresh else _hashed)(*known)
    except OSError:
        return b""


@lru_cache(maxsize=256)
def _hashed(path: Path, *_: int) -> bytes:
    return hashlib.sha256(path.read_bytes()).digest()


def read_table(path: Path, table: str) -> pd.DataFrame:
    """Return a CSV file as a frame in which every cell is allowed, the rows in file order.

    The table is "claims", "sources", "regions" ...; its columns may stand in any order. Text stays
    text ("NA" is "NA"). A file that was read before, and has not changed, is not read again.
    """
    return _read(path, table, digest([path])).copy(deep=False)


@lru_cache(maxsize=32)
def _read(path: Path, table: str, content: str) -> pd.DataFrame:
    """Return a table; `content` tells the file as it is from what it was."""
    allowed = schema(table)
    lines, rows = _read_rows(path, list(allowed.columns))
    frame = pd.DataFrame(rows, columns=list(allowed.columns), dtype="str")
    try:
        allowed.validate(frame, lazy=True)
    except pa.errors.SchemaErrors as broken:
        raise _cell_error(path, lines, frame, broken.failure_cases) from None
    kinds = {one["name"]: one["type"] for one in table_schemas()[table]["fields"]}
    types = {"number": float, "integer": int}
    return frame.astype({name: types[it] for name, it in kinds.items() if it in types})


def line_of(path: Path, row: int) -> int:
    """Return the line in which a row of a table begins: cells may have lines, and lines no row."""
    return _parsed(path)[row + 1][0]


def refused(table: str, column: str, text: str) -> str:
    """Return what a column allows where a text is not allowed there, and nothing where it is."""
    field = next(one for one in table_schemas()[table]["fields"] if one["name"] == column)
    return "" if _fits(field, text) else _told(field)


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
        row, line = strangers.index[0], line_of(path, strangers.index[0])
        raise DataError(
            f"{len(strangers)} row(s) name a {column} that {target} does not have.",
            where=f"{path.name}, line {line} ({frame.iloc[row, 0]}), column {column}: "
            f"found {strangers.iloc[0]!r}",
            fix=f"Add it to {target} or correct the name.",
        )


def _parsed(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows of a CSV file that are not blank, each with the line it begins in."""
    reader = csv.reader(io.StringIO(read_text(path, "CSV"), newline=""), strict=True)
    rows, begins = [], 1
    try:
        for row in reader:
            if row:
                rows.append((begins, row))
            begins = reader.line_num + 1
    except csv.Error as problem:
        raise DataError(
            f"{path.name} cannot be read as CSV: {problem}.",
            where=f"{path}, the row that begins in line {begins}",
            why="A quote is not closed there, or a cell holds far more than a cell should.",
            fix="Close the quote; within quotes, a quote is written twice.",
        ) from None
    return rows


def _read_rows(path: Path, columns: list[str]) -> tuple[list[int], list[list[str]]]:
    """Return the line number and the cells of each row, the cells in the order of `columns`."""
    try:
        (_, header), *numbered = _parsed(path) or [(1, None)]
    except FileNotFoundError:
        raise DataError(
            f"The table {path.name} is missing.",
            where=str(path.parent),
            why="It is a link that leads nowhere." if path.is_symlink() else None,
            fix=f"Restore {path.name}; its columns are: {', '.join(columns)}.",
        ) from None
    if header is None:
        raise DataError(f"{path.name} is empty.", where=str(path), fix="Restore the file.")
    if sorted(header) != sorted(columns):
        missing = [name for name in columns if name not in header]
        extra = list((Counter(header) - Counter(columns)).elements())
        other = next((it for it in ";\t|" if len(header) == 1 and it in header[0]), None)
        raise DataError(
            f"{path.name} does not have the columns it should.",
            where=f"{path}, line 1: missing {missing or 'none'}, not known {extra or 'none'}",
            why=f"Its cells are separated by {other!r} in place of a comma." if other else None,
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
    cases = cases.drop_duplicates(["column", "index"])
    named = frame.columns[0]
    told = []
    for case in cases.head(SHOWN).itertuples():
        row = int(case.index)
        found, check = frame.loc[row, case.column], str(case.check)
        if check in ("field_uniqueness", "multiple_fields_uniqueness"):
            check = "a value that no other row has"
        elif found != ascii_of(found) and ascii_of(found).isascii():
            check += f"; it has full-width signs, type {ascii_of(found)!r}"
        told.append(
            f"line {lines[row]} ({frame.loc[row, named]}), column {case.column}: "
            f"found {_short(found)!r}, allowed: {check}"
        )
    more = len(cases) - SHOWN
    if more > 0:
        told.append(f"... and {more} more")
    return DataError(
        f"{path.name} has {len(cases)} cell(s) that are not allowed.",
        where=str(path) + "".join(f"\n    {line}" for line in told),
        fix="Correct the cells; the codebook data/README.md explains each column.",
    )


def _short(cell: str) -> str:
    return cell if len(cell) <= LONGEST else f"{cell[:LONGEST]}... ({len(cell):,} characters)"


TIERS = ("official", "company", "press", "digest", "repost")  # from the strongest to the weakest


def table_schemas() -> dict[str, dict[str, Any]]:
    """Return the Table Schema of every table by its name: the only description of columns.

    They lie beside the data they came with; a casebook without any is read by those of the package.
    Frictionless Table Schema, https://specs.frictionlessdata.io/table-schema; "allowed" (how an
    error words a pattern) and "calendar" (only dates there are) are ours.
    """
    return _schemas(*_schema_files())


def _schema_files() -> list[Path]:
    found = (listed(folder / SCHEMAS, "*.json") for folder in (data_folder(), own_data()))
    return next(filter(None, found))


@cache
def _schemas(*paths: Path) -> dict[str, dict[str, Any]]:
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def schema(table: str) -> pa.DataFrameSchema:
    """Return what the columns of a table may hold, as `read_table` checks it."""
    return _schema(table, *_schema_files())


@cache
def _schema(table: str, *paths: Path) -> pa.DataFrameSchema:
    about = _schemas(*paths)[table]
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


def _told(field: Mapping[str, Any]) -> str:
    return allowed(field) or ("a number" if field["type"] in NUMBERS else "")


def _column(field: Mapping[str, Any]) -> pa.Column:
    """Return a column of a Table Schema as pandera checks it, while all is text."""
    told, unique = _told(field), field.get("constraints", {}).get("unique", False)

    def fits(cells: pd.Series) -> pd.Series:
        return cells.map({text: _fits(field, text) for text in cells.unique()}).astype(bool)

    return pa.Column(str, [pa.Check(fits, error=told)] if told else [], unique=unique)


def _fits(field: Mapping[str, Any], text: str) -> bool:
    """Tell whether a text may stand in a column; digits are those of ASCII."""
    limits, kind = field.get("constraints", {}), field["type"]
    if "enum" in limits:
        return text in limits["enum"]
    if kind in NUMBERS:
        low, high = limits.get("minimum", -LARGEST), limits.get("maximum", LARGEST)
        return bool(re.fullmatch(NUMBERS[kind], text, re.ASCII)) and low <= float(text) <= high
    pattern = limits.get("pattern", r"[\s\S]+")
    if not re.fullmatch(pattern, text, re.ASCII):
        return False
    return not field.get("calendar") or not text or _in_calendar(text)


def _in_calendar(text: str) -> bool:
    """Tell whether there is such a day, month or year, and a span does not run backwards."""
    first, *rest = text.removeprefix("as of ").split("-")
    if rest and len(rest[0]) == len(first):
        return first <= rest[0]
    try:
        return bool(date(int(first), *[*map(int, rest), 1, 1][:2]))
    except ValueError:
        return False
