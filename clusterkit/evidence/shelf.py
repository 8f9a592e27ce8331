"""Where the data stands: beside the package in a checkout, inside it once installed."""

import os
from pathlib import Path

from clusterkit.errors import UnknownNameError

PACKAGE = Path(__file__).resolve().parents[1]


def data_folder() -> Path:
    """Return the folder that holds `cases/` and `regions/`.

    The environment variable ``CLUSTERKIT_DATA`` names another one: a casebook of your own, laid
    out the same way.

    Raises
    ------
    UnknownNameError
        The folder named does not hold a folder `cases`.
    """
    named = os.environ.get("CLUSTERKIT_DATA")
    if named:
        folder = Path(named).expanduser().resolve()
        if not (folder / "cases").is_dir():
            raise UnknownNameError(
                "CLUSTERKIT_DATA does not name a data folder.",
                where=str(folder),
                why="It holds no folder 'cases'.",
                fix="Point it at a folder laid out like this project's data/, or unset it.",
            )
        return folder
    checkout = PACKAGE.parent / "data"
    return checkout if (checkout / "cases").is_dir() else PACKAGE / "_shipped" / "data"
