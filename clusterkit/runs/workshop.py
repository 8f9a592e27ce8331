"""The workshop: where notebooks, data and reports stand, and what notebooks may be asked.

Whoever runs, checks or publishes notebooks is handed one, which reads each file once.
"""

import os
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clusterkit.errors import ClusterkitError, DataError, ParameterError, UnknownNameError
from clusterkit.evidence.shelf import data_folder
from clusterkit.runs.contract import Contract, shown
from clusterkit.shapes import read_toml

if TYPE_CHECKING:
    from clusterkit.views.sentences import Table

PACKAGE = Path(__file__).resolve().parents[1]
DISTRIBUTION = "clusterkit-casebook"
CONTRACTS, SCENARIOS = "contracts.toml", "scenarios.toml"
NOTEBOOKS_VARIABLE, DATA_VARIABLE = "CLUSTERKIT_NOTEBOOKS", "CLUSTERKIT_DATA"
Folder = str | os.PathLike[str] | None


@dataclass(frozen=True)
class Workshop:
    """The folders of a casebook, and the contracts and scenarios of its notebooks.

    All are absolute; that of reports need not exist yet. `named` is the folder of notebooks as it
    was named, for commands that name it again; empty where nobody did.
    """

    notebooks: Path
    data: Path
    reports: Path
    named: str = ""

    @classmethod
    def here(
        cls, notebooks: Folder = None, data: Folder = None, reports: Folder = None
    ) -> "Workshop":
        """Return the workshop in a checkout, or beside whoever calls.

        Unnamed, notebooks are those of the environment variable (a run sets it in its kernel, so
        that a notebook finds the contract it was checked against), of the checkout, or of the copy
        inside the installed package.
        """
        named = os.fspath(notebooks or "")
        return cls(
            _notebooks_folder(named or os.environ.get(NOTEBOOKS_VARIABLE)),
            _absolute(data) if data else data_folder(),
            _absolute(reports) if reports else (_checkout() or Path.cwd()) / "reports",
            named,
        )

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which a process finds the same notebooks and the same data."""
        return {NOTEBOOKS_VARIABLE: str(self.notebooks), DATA_VARIABLE: str(self.data)}

    @cached_property
    def contracts(self) -> dict[str, Contract]:
        """The contracts of all notebooks, in the order of their names."""
        tables = read_toml(self.notebooks / CONTRACTS, dict[str, Contract])
        for name in [name for name in tables if not name.strip(".") or re.search(r"[/\\\0]", name)]:
            what = f"The notebook {name!r} has a name that no file can have."
            raise DataError(what, where=CONTRACTS, fix="Choose another one, without slashes.")
        return {name: replace(tables[name], notebook=name) for name in sorted(tables)}

    @cached_property
    def scenarios(self) -> dict[str, dict[str, "Run"]]:
        """For each notebook that has any, its named runs, in the order of the file."""
        path = self.notebooks / SCENARIOS
        if not path.is_file():
            return {}
        tables = read_toml(path, dict[str, dict[str, dict[str, Any]]])
        return {name: _scenarios(self, name, tables[name]) for name in tables}

    def contract(self, notebook: str) -> Contract:
        """Return the contract of one notebook, named with or without folder and ``.ipynb``."""
        name = Path(notebook).name.removesuffix(".ipynb")
        if name not in self.contracts:
            raise UnknownNameError.among("notebook", name, self.contracts)
        return self.contracts[name]

    def chosen(self, notebooks: Iterable[str] | None = None) -> list[Contract]:
        """Return the contracts of some notebooks, each once and in order; of all unless named."""
        names = {self.contract(name).notebook for name in notebooks or self.contracts}
        return [self.contracts[name] for name in sorted(names)]

    def listing(self, lang: str, *notebooks: str) -> str:
        """Return what some notebooks may be asked, or all, in a language."""
        parts = []
        for contract in self.chosen(notebooks):
            table = str(contract.table(lang)).replace("\n", "\n  ")
            parts.append(f"{contract.notebook}: {contract.question}\n  {table}\n")
        return "\n".join(parts)

    def ask(self, notebook: str, given: Mapping[str, object] | None = None) -> "Run":
        """Return a run of a notebook: its parameters are checked here, and nowhere else."""
        contract = self.contract(notebook)
        values = contract.check(given or {})
        return Run(self, contract, {name: values[name] for name in given or {}}, values)


@dataclass(frozen=True)
class Run:
    """A notebook and what it is asked: the values `given`, and all of them; typed.

    `meaning` says in a line what it stands for, where that was said.
    """

    shop: Workshop
    contract: Contract
    given: Mapping[str, object]
    values: Mapping[str, object]
    meaning: str = ""

    @property
    def notebook(self) -> str:
        """The name of the notebook."""
        return self.contract.notebook

    @property
    def path(self) -> Path:
        """Where the notebook stands."""
        return self.shop.notebooks / f"{self.notebook}.ipynb"

    @property
    def command(self) -> str:
        """The command line that runs it again."""
        words = ["clusterkit", "run", self.notebook, *typed(self.given)]
        return shlex.join([*words, "--notebooks", self.shop.named] if self.shop.named else words)


def typed(given: Mapping[str, object]) -> list[str]:
    """Return parameters as they are typed on a command line."""
    words = [f"{name}={'' if value == '' else shown(value)}" for name, value in given.items()]
    return [part for word in words for part in ("-p", word)]


def contract(notebook: str) -> Contract:
    """Return the contract of a notebook: the parameters it takes, and what they may be."""
    return Workshop.here().contract(notebook)


def settings(notebook: str, values: Mapping[str, object]) -> "Table":
    """Check a notebook's parameters inside the notebook, and show them as a table.

    Parameters
    ----------
    notebook : str
        The notebook's name.
    values : mapping
        Every parameter of its contract as it stands in the kernel, among other names:
        ``locals()``.

    Raises
    ------
    ParameterError
        A value is not allowed, or a parameter is not there.
    """
    asked = contract(notebook)
    missing = [name for name in asked.parameters if name not in values]
    if missing:
        raise ParameterError(
            f"The notebook does not set: {', '.join(missing)}.",
            where=f"notebook {asked.notebook}",
            why="A parameter was added to the contract, but not to the parameters cell.",
            fix=f"Add {', '.join(f'{name} = ...' for name in missing)} there.",
        )
    checked = asked.check({name: values[name] for name in asked.parameters})
    return asked.table(str(checked.get("lang", "en")), checked)


def _absolute(folder: str | os.PathLike[str]) -> Path:
    return Path(folder).expanduser().resolve()


def _checkout() -> Path | None:
    root = PACKAGE.parent
    return root if (root / "notebooks" / CONTRACTS).is_file() else None


def _notebooks_folder(named: str | None) -> Path:
    found = _absolute(named) if named else (_checkout() or PACKAGE / "_shipped") / "notebooks"
    if not (found / CONTRACTS).is_file():
        raise UnknownNameError(
            f"There is no {CONTRACTS} in the notebooks folder.",
            where=str(found),
            why="It is not a folder of parameterised notebooks.",
            fix=f"Name the folder with --notebooks, or unset {NOTEBOOKS_VARIABLE}.",
        )
    return found


def _scenarios(shop: Workshop, notebook: str, tables: Mapping[str, dict]) -> dict[str, Run]:
    """Return the scenarios of a notebook, each checked against its contract."""
    found: dict[str, Run] = {}
    for name, table in tables.items():
        try:
            found[name] = _scenario(shop, notebook, name, dict(table), found)
        except ClusterkitError as error:
            where = f"{SCENARIOS}, [{notebook}.{name}]"
            raise DataError(error.what, where=where, why=error.why, fix=error.fix) from error
    return found


def _scenario(shop: Workshop, notebook: str, name: str, table: dict, others: Mapping) -> Run:
    if not re.fullmatch(r"\w[\w-]*", name, re.ASCII):
        what = f"The scenario {name!r} has a name that no folder can have."
        raise DataError(what, fix="Use letters, digits, - and _ only.")
    meaning = table.pop("meaning", "")
    if not isinstance(meaning, str) or not meaning.strip():
        what = f"The scenario {name!r} does not say what it means."
        raise DataError(what, fix='Begin it with meaning = "...", one line for readers.')
    run = shop.ask(notebook, table)
    for same in [other for other, it in others.items() if it.values == run.values]:
        what = f"The scenario {name!r} sets the same as {same!r}."
        raise DataError(what, fix="Take one of them out, or make them differ.")
    return replace(run, meaning=meaning)
