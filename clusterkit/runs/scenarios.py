"""Named scenarios of the notebooks, in ``scenarios.toml``, each checked against its contract."""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from clusterkit.errors import ClusterkitError, DataError, ParameterError, UnknownNameError
from clusterkit.runs.contract import Contract, load_contracts
from clusterkit.runs.places import notebooks_folder

SCENARIOS = "scenarios.toml"


@dataclass(frozen=True)
class Scenario:
    """A named setting of a notebook's parameters.

    Parameters
    ----------
    name : str
        Short, for the command line and for folders.
    meaning : str
        One line for readers.
    values : mapping
        The parameters that differ from the defaults; none for the defaults themselves.
    """

    name: str
    meaning: str
    values: Mapping[str, object]


def load_scenarios(
    folder: str | os.PathLike[str] | None = None,
) -> dict[str, dict[str, Scenario]]:
    """Read the scenarios of all notebooks.

    Parameters
    ----------
    folder : path, optional
        The notebooks folder.

    Returns
    -------
    dict
        For each notebook that has any, its scenarios by name, in the order of the file.

    Raises
    ------
    DataError
        The file is not TOML, names a notebook, parameter or value that the contracts do not
        know, or says the same twice.
    """
    path = notebooks_folder(folder) / SCENARIOS
    if not path.is_file():
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError(
            f"{SCENARIOS} cannot be read as TOML: {error}.",
            where=str(path),
            fix="Mend the line named; each scenario needs a name of its own.",
        ) from error
    contracts = load_contracts(folder)
    for notebook, named in tables.items():
        if notebook not in contracts:
            _refuse(UnknownNameError.among("notebook", notebook, contracts), f"[{notebook}]")
        if not isinstance(named, dict):
            what, fix = f"{notebook} is no table.", f"Write [{notebook}.NAME], then its values."
            _refuse(DataError(what, fix=fix), notebook)
    return {name: _scenarios(contracts[name], named) for name, named in tables.items()}


def _scenarios(terms: Contract, tables: Mapping[str, object]) -> dict[str, Scenario]:
    found: dict[str, Scenario] = {}
    whole: list[tuple[dict[str, object], str]] = []
    for name, table in tables.items():
        where = f"[{terms.notebook}.{name}]"
        given = dict(table) if isinstance(table, dict) else {}
        meaning = given.pop("meaning", None)
        if not re.fullmatch(r"\w[\w-]*", name, re.ASCII):
            what = f"The scenario {name!r} has a name that no folder can have."
            _refuse(DataError(what, fix="Use letters, digits, - and _ only."), where)
        if not isinstance(meaning, str) or not meaning.strip():
            what = f"The scenario {name!r} does not say what it means."
            fix = 'Begin it with meaning = "...", one line for readers.'
            _refuse(DataError(what, fix=fix), where)
        try:
            checked = terms.check(given)
        except ParameterError as error:
            _refuse(error, where)
        for same in [other for values, other in whole if values == checked]:
            what = f"The scenario {name!r} sets the same as {same!r}."
            _refuse(DataError(what, fix="Take one of them out, or make them differ."), where)
        whole.append((checked, name))
        found[name] = Scenario(name, meaning, {key: checked[key] for key in given})
    return found


def _refuse(error: ClusterkitError, where: str) -> NoReturn:
    raise DataError(
        error.what, where=f"{SCENARIOS}, {where}", why=error.why, fix=error.fix
    ) from error
