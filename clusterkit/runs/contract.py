"""What each notebook may be asked: one typed contract a notebook, in ``contracts.toml``.

papermill itself only warns about a parameter that does not exist, and takes any value. Here a wrong
name or value is an error that says what is allowed, before a kernel starts; the notebook shows the
same contract as a table.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from unicodedata import east_asian_width

from clusterkit.errors import DataError, ParameterError, UnknownNameError
from clusterkit.runs.parameter import Parameter, parameter_from, shown
from clusterkit.runs.places import CONTRACTS, notebook_name, notebooks_folder
from clusterkit.words import nearest

# Pairs of years that bound a span; what compares two years needs two, a view may show one.
ORDERED = {
    ("year_from", "year_to"): True,
    ("base_year", "end_year"): False,
}


@dataclass(frozen=True)
class Contract:
    """The parameters of one notebook, and what they may be.

    Parameters
    ----------
    notebook : str
        The notebook's name, without ``.ipynb``.
    title, question : str
        What it is about, for lists of notebooks.
    parameters : mapping of str to Parameter
        In the order of the parameters cell.
    """

    notebook: str
    title: str
    question: str
    parameters: Mapping[str, Parameter]

    @property
    def defaults(self) -> dict[str, object]:
        """The values in the parameters cell."""
        return {name: one.default for name, one in self.parameters.items()}

    def check(self, values: Mapping[str, object], *, as_text: bool = False) -> dict[str, object]:
        """Return all parameters, typed, with defaults where nothing was given.

        Parameters
        ----------
        values : mapping of str to object
            The values given; those left out take their default.
        as_text : bool
            The values were typed on a command line: "2020" is a number where the contract says
            so, and "007" stays text where it says that.

        Raises
        ------
        ParameterError
            A name is unknown, a value is not allowed, or a span of years runs backwards.
        """
        where = f"notebook {self.notebook}"
        for name in values:
            if name not in self.parameters:
                unknown = UnknownNameError.among("parameter", name, self.parameters)
                raise ParameterError(unknown.what, where=where, why=unknown.why, fix=unknown.fix)
        checked = self.defaults | {
            name: self.parameters[name].check(value, as_text=as_text, where=where)
            for name, value in values.items()
        }
        for names, may_be_one in ORDERED.items():
            first, last = (checked.get(name) for name in names)
            if first is None or last is None or first < last or (may_be_one and first == last):
                continue
            allowed = "that is not after" if may_be_one else "before"
            raise ParameterError(
                f"The years run backwards: {names[0]} is {first}, {names[1]} is {last}.",
                where=where,
                fix=f"Give a {names[0]} {allowed} {names[1]}.",
            )
        return checked


@dataclass(frozen=True, repr=False)
class Settings:
    """The parameters of a notebook with their values; shown as a table in text and in HTML.

    Parameters
    ----------
    contract : Contract
    values : mapping of str to object or None
        The checked values; None to show what may be given, before anything is.
    lang : str
        The language of the table.
    """

    contract: Contract
    values: Mapping[str, object] | None
    lang: str = "en"

    def rows(self) -> list[tuple[str, ...]]:
        """Return the head and one row a parameter: name, value, default, allowed, meaning."""
        lang, given = self.lang, self.values is not None
        text = nearest(lang).text
        value = [text("value")] if given else []
        head = (text("parameter"), *value, text("default"), text("allowed"), text("meaning"))
        return [head] + [
            (
                name,
                *((shown(self.values[name]),) if given else ()),
                shown(one.default),
                one.allowed_in(lang) if given else one.expected_in(lang),
                one.meaning_in(lang),
            )
            for name, one in self.contract.parameters.items()
        ]

    def __repr__(self) -> str:
        rows = self.rows()
        widths = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        padded = (
            [cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)]
            for row in rows
        )
        return "\n".join("  ".join(cells).rstrip() for cells in padded)

    def _repr_html_(self) -> str:
        def row(cells: tuple[str, ...], tag: str) -> str:
            left = 'style="text-align: left"'  # JupyterLab puts cells to the right
            parts = (f"<{tag} {left}>{escape(cell)}</{tag}>" for cell in cells)
            return "<tr>" + "".join(parts) + "</tr>"

        head, *rows = self.rows()
        body = "\n".join(row(cells, "td") for cells in rows)
        return (
            '<table class="ck-table ck-settings">\n'
            f"<thead>{row(head, 'th')}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
        )


def load_contracts(folder: str | os.PathLike[str] | None = None) -> dict[str, Contract]:
    """Read the contracts of all notebooks.

    Parameters
    ----------
    folder : path, optional
        The notebooks folder; see `clusterkit.runs.places.notebooks_folder`.

    Returns
    -------
    dict of str to Contract
        In the order of the notebooks' names.

    Raises
    ------
    DataError
        The file is not TOML, or a contract breaks the rules.
    """
    path = notebooks_folder(folder) / CONTRACTS
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"{CONTRACTS} cannot be read as TOML: {error}.",
            where=str(path),
            fix="Mend the line named; text stands in double quotes.",
        ) from error
    return {name: _contract_from(name, tables[name]) for name in sorted(tables)}


def contract(notebook: str, folder: str | os.PathLike[str] | None = None) -> Contract:
    """Return the contract of one notebook, named with or without ``.ipynb``.

    Raises
    ------
    UnknownNameError
        The notebook has no contract.
    """
    contracts = load_contracts(folder)
    name = notebook_name(notebook)
    if name not in contracts:
        raise UnknownNameError.among("notebook", name, contracts)
    return contracts[name]


def settings(notebook: str, /, **values: object) -> Settings:
    """Check a notebook's parameters inside the notebook, and show them as a table.

    Parameters
    ----------
    notebook : str
        The notebook's name.
    **values
        Every parameter of its contract, as it stands in the kernel.

    Raises
    ------
    ParameterError
        A value is not allowed, a name is unknown, or a parameter was left out.
    """
    terms = contract(notebook)
    left_out = [name for name in terms.parameters if name not in values]
    if left_out:
        raise ParameterError(
            f"settings() was not given: {', '.join(left_out)}.",
            where=f"notebook {terms.notebook}",
            why="A parameter was added to the contract, but not to this cell.",
            fix=f"Add {', '.join(f'{name}={name}' for name in left_out)}.",
        )
    return Settings(terms, terms.check(values), str(values.get("lang", "en")))


def _width(text: str) -> int:
    """Return how many columns a text takes where Chinese characters take two."""
    return sum(1 + (east_asian_width(character) in "WF") for character in text)


def _contract_from(name: str, table: object) -> Contract:
    where = f"{CONTRACTS}, [{name}]"
    if (
        not isinstance(table, dict)
        or set(table) - {"parameters"} != {"title", "question"}
        or not all(isinstance(table[key], str) for key in ("title", "question"))
        or not isinstance(table.get("parameters", {}), dict)
    ):
        raise DataError(
            f"The contract of {name!r} needs a title, a question and parameters, nothing else.",
            where=where,
            fix=f'Begin it with [{name}], title = "...", question = "...".',
        )
    parameters = {
        key: parameter_from(key, value, where=f"{CONTRACTS}, [{name}.parameters.{key}]")
        for key, value in table.get("parameters", {}).items()
    }
    return Contract(name, table["title"], table["question"], parameters)
