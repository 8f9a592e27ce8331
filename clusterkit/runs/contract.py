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

from clusterkit.errors import ParameterError, UnknownNameError
from clusterkit.words import nearest, wording

if TYPE_CHECKING:
    from clusterkit.views.tables import Table

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """What one parameter may be.

    Parameters
    ----------
    type : {'int', 'float', 'bool', 'str'}
    default : int, float, bool or str
        The value in the parameters cell.
    meaning, meaning_zh : str
        One line for readers of tables and help texts, in English and in Chinese.
    min, max : int or float, optional
        Bounds, both allowed themselves.
    choices : sequence, optional
        The only values allowed.
    before, not_after : str
        Another parameter that this one must be less than, or no more than.

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
        """Return a value in the parameter's type: an int for a float, all else as it is.

        Raises
        ------
        ValueError
            Why it is refused: another type, out of bounds, or not among the choices.
        """
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
        return value


@dataclass(frozen=True)
class Contract:
    """The parameters of one notebook, and what they may be.

    Parameters
    ----------
    title, question : str
        What it is about, for lists of notebooks.
    parameters : mapping of str to Parameter
        In the order of the parameters cell.
    notebook : str
        The notebook's name, without ``.ipynb``.
    """

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
        from clusterkit.views.tables import plain_table

        text = nearest(lang).text
        columns = [text("parameter"), text("default"), text("allowed"), text("meaning")]
        rows = [
            [
                name,
                shown(one.default),
                one.expected(lang) if values is None else one.allowed(lang),
                one.meaning_in(lang),
            ]
            for name, one in self.parameters.items()
        ]
        if values is not None:
            given = [text("value"), *(shown(values[name]) for name in self.parameters)]
            for row, value in zip([columns, *rows], given, strict=True):
                row.insert(1, value)
        return plain_table(columns, rows, folded="" if values is None else text("Settings"))

    def parse(self, texts: Mapping[str, str]) -> dict[str, object]:
        """Return what was typed on a command line in the types of the parameters, for `check`.

        "2020" becomes a number where the contract says so, and "007" stays text where it says that.
        """
        known = self.parameters
        return {
            name: known[name].parse(text) if name in known else text for name, text in texts.items()
        }

    def check(self, values: Mapping[str, object]) -> dict[str, object]:
        """Return all parameters, typed, with defaults where nothing was given.

        Parameters
        ----------
        values : mapping of str to object
            The values given; those left out take their default.

        Raises
        ------
        ParameterError
            A name is unknown, a value is not allowed, or a span of years runs backwards.
        """
        where, checked = f"notebook {self.notebook}", self.defaults
        for name, value in values.items():
            if name not in self.parameters:
                unknown = UnknownNameError.among("parameter", name, self.parameters)
                raise ParameterError(unknown.what, where=where, why=unknown.why, fix=unknown.fix)
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
                    raise ParameterError(
                        f"The years run backwards: {name} is {values[name]}, "
                        f"{last} is {values[last]}.",
                        where=where,
                        fix=f"Give a {name} {allowed} {last}.",
                    )


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
