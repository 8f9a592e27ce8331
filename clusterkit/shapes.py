"""TOML files in their shape: a class says what one may hold, faults are told in our words."""

import json
import tomllib
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


def load_toml(path: Path) -> dict[str, Any]:
    """Return the tables of a TOML file, or raise a `DataError` that names the line."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise DataError(
            f"{path.name} cannot be read as TOML: {problem}.",
            where=str(path),
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
