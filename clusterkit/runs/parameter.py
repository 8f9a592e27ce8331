"""One parameter of a notebook: its type, its bounds, and the errors that explain a refusal."""

import math
import re
from dataclasses import dataclass

from clusterkit.errors import DataError, ParameterError
from clusterkit.words import nearest, wording

TYPES = {"int": int, "float": float, "bool": bool, "str": str}
TRUTHS = {"true": True, "yes": True, "false": False, "no": False}


@dataclass(frozen=True)
class Parameter:
    """What one parameter may be.

    Parameters
    ----------
    name : str
        The variable in the notebook's parameters cell.
    type : {'int', 'float', 'bool', 'str'}
    default : int, float, bool or str
        The value in the parameters cell.
    meaning, meaning_zh : str
        One line for readers of tables and help texts, in English and in Chinese.
    min, max : int or float, optional
        Bounds, both allowed themselves.
    choices : tuple, optional
        The only values allowed.

    Examples
    --------
    >>> year = Parameter("year_to", "int", 2024, "Last year shown", min=1978, max=2025)
    >>> year.check(2020), year.check("2020", as_text=True), year.allowed
    (2020, 2020, '1978 to 2025')
    >>> year.check(1850)
    Traceback (most recent call last):
    clusterkit.errors.ParameterError: The parameter 'year_to' cannot be 1850.
      likely: It lies outside what the notebook covers.
      next:   Give year_to as a whole number: 1978 to 2025.
    """

    name: str
    type: str
    default: int | float | bool | str
    meaning: str
    min: int | float | None = None
    max: int | float | None = None
    choices: tuple | None = None
    meaning_zh: str = ""

    @property
    def allowed(self) -> str:
        """What may be given, in a few words."""
        return self.allowed_in("en")

    def allowed_in(self, lang: str) -> str:
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

    def expected_in(self, lang: str) -> str:
        """Return what may be given, with its type where bounds alone would not tell it."""
        allowed, text = self.allowed_in(lang), nearest(lang).text
        if self.choices is not None or (self.min is None and self.max is None):
            return allowed
        return text("{type}: {bounds}", type=text(wording("types")[self.type]), bounds=allowed)

    def meaning_in(self, lang: str) -> str:
        """Return the meaning in a language; in English where there is no other."""
        return (lang == "zh" and self.meaning_zh) or self.meaning

    def check(self, value: object, *, as_text: bool = False, where: str | None = None):
        """Return the value in the parameter's type, or refuse it.

        Parameters
        ----------
        value : object
            The value given. An int is taken for a float, nothing else is converted.
        as_text : bool
            The value was typed on a command line, so text is read as the type it should be.
        where : str, optional
            The notebook, for the error.

        Raises
        ------
        ParameterError
            The value is of another type, out of bounds or not among the choices.
        """
        typed = self._typed(value, as_text=as_text)
        if typed is None:
            raise self._refusal(value, f"It is not {wording('types')[self.type]}.", where)
        if self.choices is not None and typed not in self.choices:
            raise self._refusal(typed, "It is not among the choices.", where)
        below = self.min is not None and typed < self.min
        if below or (self.max is not None and typed > self.max):
            raise self._refusal(typed, "It lies outside what the notebook covers.", where)
        return typed

    def _typed(self, value: object, *, as_text: bool) -> object | None:
        if as_text and isinstance(value, str):
            value = _read(value, self.type)
        if self.type == "float" and type(value) is int:
            value = float(value)
        if type(value) is not TYPES[self.type]:  # a bool is an int to isinstance
            return None
        if isinstance(value, float) and not math.isfinite(value):
            return None
        return value

    def _refusal(self, value: object, why: str, where: str | None) -> ParameterError:
        return ParameterError(
            f"The parameter {self.name!r} cannot be {value!r}.",
            where=where,
            why=why,
            fix=f"Give {self.name} as {self.expected_in('en')}.",
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


def parameter_from(name: str, table: object, *, where: str) -> Parameter:
    """Build a parameter from its table in ``contracts.toml``.

    Parameters
    ----------
    name : str
        The name of the table.
    table : dict
        Its keys: type, default and meaning; optionally meaning_zh, min, max and choices.
    where : str
        Where the table stands, for the error.

    Raises
    ------
    DataError
        A key is missing, unknown or of the wrong type, or the default breaks its own rules.
    """
    if not isinstance(table, dict):
        raise DataError("A parameter must be a table.", where=where, fix=_SHAPE)
    keys = set(table)
    needed, known = {"type", "default", "meaning"}, set(Parameter.__dataclass_fields__) - {"name"}
    for problem, names in (("lacks", needed - keys), ("has an unknown key", keys - known)):
        if names:
            raise DataError(
                f"The parameter {name!r} {problem}: {', '.join(sorted(names))}.",
                where=where,
                fix=_SHAPE,
            )
    if not name.isidentifier() or table["type"] not in TYPES:
        raise DataError(
            f"The parameter {name!r} is of no usable name and type ({table['type']!r}).",
            where=where,
            fix=f"Use a Python name, and one of the types {', '.join(TYPES)}.",
        )
    try:
        choices = tuple(table["choices"]) if "choices" in table else None
        found = Parameter(name, **{**table, "choices": choices})
        default = found.check(found.default)
        for choice in choices or ():
            found.check(choice)
    except (ParameterError, TypeError) as error:
        raise DataError(
            f"The parameter {name!r} breaks its own rules: {error}",
            where=where,
            fix="Make default, choices, min and max agree with one another and with the type.",
        ) from error
    return Parameter(name, **{**table, "choices": choices, "default": default})


_SHAPE = 'Give type, default and meaning, e.g. type = "int", default = 2005, meaning = "...".'


def _read(text: str, kind: str) -> object | None:
    """Read typed text as a kind of value; None where it is none of that kind."""
    if kind == "int":
        return int(text) if re.fullmatch(r"[+-]?[0-9]+", text) else None
    if kind == "float":
        try:
            return None if "_" in text else float(text)
        except ValueError:
            return None
    return TRUTHS.get(text.lower()) if kind == "bool" else text
