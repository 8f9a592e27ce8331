"""TOML files in their shape: a class says what one may hold, faults are told in our words."""

import json
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from clusterkit.errors import DataError

if TYPE_CHECKING:
    from pydantic import ValidationError

Whole = TypeVar("Whole")

# What is wanted, by the name that pydantic gives the fault.
WANTED = {
    "bool_type": "true or false",
    "dataclass_type": "a table",
    "dict_type": "a table",
    "float_type": "a number",
    "int_type": "a whole number",
    "list_type": "a list",
    "string_type": "text",
    "string_too_short": "text that is not empty",
    "too_short": "a list that is not empty",
}
MOST = 8  # faults spelled out
# What a file begins with that is no text in UTF-8.
OTHER = {
    b"\xff\xfe": "in UTF-16",
    b"\xfe\xff": "in UTF-16",
    b"PK\x03\x04": "a workbook or an archive, whatever its name says",
}
# Control characters, and those that turn the direction of the text around them.
UNSEEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Strict:
    """A shape that refuses keys it does not have."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}


def read_toml(path: Path, shape: type[Whole], *, fix: str = "Mend what is named.") -> Whole:
    """Return a TOML file as the class that says what it may hold, or raise FileNotFoundError.

    The shape is anything pydantic can build: a dataclass, ``dict[str, ...]`` of dataclasses. A
    `ValueError` that a ``__post_init__`` raises is told as it stands. Faults are a `DataError`
    that names each place as it is written, what was found and what is wanted.
    """
    return shaped(load_toml(path), shape, name=path.name, fix=fix)


def read_text(path: Path, form: str) -> str:
    """Return a text file in UTF-8, or say what keeps it from being read as text.

    A byte-order mark is no fault. FileNotFoundError is left to who knows what the file is for.
    """
    try:
        content = path.read_bytes()
        text = content.decode("utf-8-sig")
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise DataError(
            f"{path.name} cannot be read: {problem.strerror}.",
            where=str(path),
            fix="Allow it to be read, or put the file itself in this place.",
        ) from problem
    except UnicodeDecodeError as problem:
        mixed = "in UTF-16, or no text" if b"\0" in content else None
        found = next((it for begin, it in OTHER.items() if content.startswith(begin)), mixed)
        line = content.count(b"\n", 0, problem.start) + 1
        raise DataError(
            f"{path.name} cannot be read as {form} in UTF-8.",
            where=f"{path}, line {line}",
            why=f"It is {found or 'in another encoding, such as GBK or Windows-1252'}.",
            fix=f"Save it again as {form}, with UTF-8 as its encoding.",
        ) from problem
    if unseen := UNSEEN.search(text):
        code = f"U+{ord(unseen[0]):04X} {unicodedata.name(unseen[0], 'CONTROL CHARACTER')}"
        raise DataError(
            f"{path.name} holds a character that nobody sees: {code}.",
            where=f"{path}, line {text.count(chr(10), 0, unseen.start()) + 1}",
            why="It was pasted along with other text; it can make text read as what it is not.",
            fix="Delete it and type what stands around it anew.",
        )
    return text


def ascii_of(text: str) -> str:
    """Return a text with plain digits and letters in place of full-width ones."""
    return unicodedata.normalize("NFKC", text)


def load_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file, or raise a `DataError` that names the line."""
    text = read_text(path, "TOML")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        number = re.search(r"line (\d+)", str(problem))
        line = text.split("\n")[int(number[1]) - 1] if number else ""
        line = re.sub(r'"[^"]*"', "", line)
        wide = [sign for sign in line if sign != ascii_of(sign) and ascii_of(sign).isascii()]
        raise DataError(
            f"{path.name} cannot be read as TOML: {problem}.",
            where=str(path),
            why=f"{wide[0]!r} is a full-width sign, not {ascii_of(wide[0])!r}." if wide else None,
            fix="Mend the line named; text stands in double quotes, and each name once.",
        ) from problem


def shaped(content: object, shape: type[Whole], *, name: str, fix: str) -> Whole:
    """Return what a file holds in its shape; see `read_toml`."""
    from pydantic import TypeAdapter, ValidationError

    try:
        # Read as JSON, where a table makes a dataclass and nothing else is converted.
        text = json.dumps(content, ensure_ascii=False, default=str)
        return TypeAdapter(shape).validate_json(text, strict=True)
    except ValidationError as error:
        raise DataError(f"{name} is not as it should be.", where=_faults(error), fix=fix) from error


def _faults(error: "ValidationError") -> str:
    told = [_told(fault) for fault in error.errors()]
    more = [f"... and {len(told) - MOST} more"] if len(told) > MOST else []
    return "\n    ".join([*told[:MOST], *more])


def _told(fault: Mapping[str, Any]) -> str:
    """Return a fault as "place: found this, wanted that"."""
    place, kind = _place(fault["loc"]), fault["type"]
    if kind == "missing":
        return f"{place} is missing"
    if kind in ("extra_forbidden", "unexpected_keyword_argument"):
        return f"{place} is not known"
    if kind == "value_error":
        return f"{place}: {fault['ctx']['error']}"
    wanted = WANTED.get(kind, fault["msg"].removeprefix("Input should be "))
    return f"{place}: found {fault['input']!r}, wanted: {wanted}"


def _place(path: Iterable[object]) -> str:
    """Return a place as TOML writes it, tables in brackets: '[[breaks]] number 1 after'."""
    *tables, key = path or ("the file",)
    place = ""
    for step in tables:
        if isinstance(step, int):
            place = f"[{place}] number {step + 1}"
        elif place.endswith("]"):
            place = f"{place[:-1]}.{step}]"
        else:
            place = f"{place} [{step}]".strip()
    if isinstance(key, int):
        return f"[{place}] number {key + 1}" if place else f"number {key + 1}"
    return f"{place} {key}".strip()
