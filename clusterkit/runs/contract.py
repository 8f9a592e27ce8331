"""What a notebook may be asked: its parameters with their types and bounds.

papermill itself only warns about a parameter that does not exist, and takes any value. Here a wrong
name or value is an error that says what is allowed, before a kernel starts; the notebook shows the
same contract as a table.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from clusterkit.errors import ParameterError
from clusterkit.words import nearest, wording

if TYPE_CHECKING:
    from clusterkit.views.sentences import Table

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """What one parameter may be: of a type, within bounds or choices, and after another one.

    `min` and `max` are allowed themselves; `before` and `not_after` name the other parameter.

    Examples
    --------
    >>> year = Parameter("int", 2024, "Last year shown", min=1978, max=2025)
    >>> year.allowed(), year.check(2020), year.check(year.parse("2020"))
    ('1978 to 2025', 2020, 2020)
    >>> year.check(1850)
    Traceback (most recent call last):
    ValueError: It lies outside what the notebook covers.
    """

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    type: Literal["int", "float", "bool", "str"]
    default: Any
    meaning: str
    meaning_zh: str = ""
    min: Any = None
    max: Any = None
    choices: list[Any] | None = None
    before: str = ""
    not_after: str = ""

    def __post_init__(self) -> None:
        bounds = [(self._typed, one) for one in (self.min, self.max) if one is not None]
        values = [(self.check, one) for one in (*(self.choices or ()), self.default)]
        for check, value in bounds + values:
            try:
                typed = check(value)
            except ValueError as error:
                raise ValueError(f"found {value!r}, which breaks its own rules: {error}") from error
        object.__setattr__(self, "default", typed)  # a whole number may stand for any other

    def allowed(self, lang: str = "en") -> str:
        """Return what may be given, in a few words of a language."""
        text, low, high = nearest(lang).text, self.min, self.max
        if self.choices is not None:
            return text("one of {choices}", choices=text(", ").join(map(shown, self.choices)))
        if low is None and high is None:
            return text(wording("any_of_type")[self.type])
        if high is None:
            return text("at least {min}", min=shown(low))
        if low is None:
            return text("at most {max}", max=shown(high))
        return text("{min} to {max}", min=shown(low), max=shown(high))

    def expected(self, lang: str = "en") -> str:
        """Return what may be given, with its type where bounds alone would not tell it."""
        allowed, text = self.allowed(lang), nearest(lang).text
        if self.choices is not None or (self.min is None and self.max is None):
            return allowed
        return text("{type}: {bounds}", type=text(wording("types")[self.type]), bounds=allowed)

    def meaning_in(self, lang: str) -> str:
        """Return the meaning in a language; in English where there is no other."""
        return (lang == "zh" and self.meaning_zh) or self.meaning

    def parse(self, text: str) -> object:
        """Return what was typed on a command line as the kind of value it should be.

        What is none of that kind stays text, for `check` to refuse.
        """
        if self.type == "int":
            return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else text
        if self.type == "float":
            try:
                return text if "_" in text else float(text)
            except ValueError:
                return text
        return TRUTHS.get(text.lower(), text) if self.type == "bool" else text

    def check(self, value: Any) -> Any:
        """Return a value in the parameter's type: an int for a float, all else as it is."""
        value = self._typed(value)
        if self.choices is not None and value not in self.choices:
            raise ValueError("It is not among the choices.")
        below = self.min is not None and value < self.min
        if below or (self.max is not None and value > self.max):
            raise ValueError("It lies outside what the notebook covers.")
        return value

    def _typed(self, value: Any) -> Any:
        if self.type == "float" and type(value) is int:
            value = float(value)
        right = type(value) is TYPES[self.type]  # a bool is an int to isinstance
        if not right or (isinstance(value, float) and not math.isfinite(value)):
            raise ValueError(f"It is not {wording('types')[self.type]}.")
        if isinstance(value, str) and re.search("[\ud800-\udfff]", value):
            raise ValueError("It holds bytes that are no text in this encoding.")
        return value


@dataclass(frozen=True)
class Contract:
    """The parameters of one notebook, and what they may be."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    title: str
    question: str
    parameters: dict[str, Parameter]
    notebook: str = ""

    def __post_init__(self) -> None:
        for name, one in self.parameters.items():
            if not name.isidentifier():
                raise ValueError(f"the parameter {name!r} has no name that Python can use")
            for other in (one.before, one.not_after):
                if other and other not in self.parameters:
                    raise ValueError(f"{name} is compared with {other!r}, which is no parameter")

    @property
    def defaults(self) -> dict[str, object]:
        """The values in the parameters cell."""
        return {name: one.default for name, one in self.parameters.items()}

    def table(self, lang: str = "en", values: Mapping[str, object] | None = None) -> "Table":
        """Return the parameters as a table: with their values, or before any is given."""
        from clusterkit.views.sentences import plain_table

        text = nearest(lang).text
        columns = [text("parameter"), text("default"), text("allowed"), text("meaning")]
        rows = []
        for name, one in self.parameters.items():
            allowed = one.expected(lang) if values is None else one.allowed(lang)
            rows.append([name, shown(one.default), allowed, one.meaning_in(lang)])
        if values is not None:
            given = [text("value"), *(shown(values[name]) for name in self.parameters)]
            for row, value in zip([columns, *rows], given, strict=True):
                row.insert(1, value)
        return plain_table(columns, rows, folded="" if values is None else text("Settings"))

    def parse(self, texts: Mapping[str, str]) -> dict[str, object]:
        """Return what was typed on a command line in the types of the parameters, for `check`."""
        known = self.parameters
        return {name: known[name].parse(it) if name in known else it for name, it in texts.items()}

    def check(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return all parameters, typed, with defaults where nothing was given."""
        where, checked = f"notebook {self.notebook}", self.defaults
        for name, value in values.items():
            if name not in self.parameters:
                raise ParameterError.among("parameter", name, self.parameters, where=where)
            try:
                checked[name] = self.parameters[name].check(value)
            except ValueError as error:
                raise ParameterError(
                    f"The parameter {name!r} cannot be {value!r}.",
                    where=where,
                    why=str(error),
                    fix=f"Give {name} as {self.parameters[name].expected()}.",
                ) from error
        self._refuse_backwards(checked, where)
        return checked

    def _refuse_backwards(self, values: Mapping[str, Any], where: str) -> None:
        for name, one in self.parameters.items():
            for last, allowed in ((one.not_after, "that is not after"), (one.before, "before")):
                if not last or values[name] < values[last]:
                    continue
                if values[name] > values[last] or last == one.before:
                    both = f"{name} is {values[name]}, {last} is {values[last]}"
                    what, fix = f"The years run backwards: {both}.", f"{name} {allowed} {last}"
                    raise ParameterError(what, where=where, fix=f"Give a {fix}.")


def shown(value: object) -> str:
    """Return a value as it would be typed on a command line.

    Examples
    --------
    >>> shown(True), shown("en"), shown(""), shown(2.5)
    ('true', 'en', '""', '2.5')
    """
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) or '""'
