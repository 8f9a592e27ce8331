"""Where the notebooks stand, and where reports go: in a checkout, or beside whoever calls."""

import os
from pathlib import Path

from clusterkit.errors import UnknownNameError

PACKAGE = Path(__file__).resolve().parents[1]
CONTRACTS = "contracts.toml"
NOTEBOOKS_VARIABLE = "CLUSTERKIT_NOTEBOOKS"


def notebooks_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that holds the notebooks and their ``contracts.toml``.

    Parameters
    ----------
    folder : path, optional
        A folder of your own. Without it the environment variable ``CLUSTERKIT_NOTEBOOKS``
        decides (a run sets it in the kernel it starts, so that a notebook finds the contract it
        was checked against), then the checkout, then the copy inside the installed package.

    Returns
    -------
    Path
        Absolute.

    Raises
    ------
    UnknownNameError
        The folder holds no ``contracts.toml``.
    """
    named = folder or os.environ.get(NOTEBOOKS_VARIABLE)
    checkout = PACKAGE.parent / "notebooks"
    if named:
        found = Path(named).expanduser().resolve()
    elif (checkout / CONTRACTS).is_file():
        found = checkout
    else:
        found = PACKAGE / "_shipped" / "notebooks"
    if not (found / CONTRACTS).is_file():
        raise UnknownNameError(
            f"There is no {CONTRACTS} in the notebooks folder.",
            where=str(found),
            why="It is not a folder of parameterised notebooks.",
            fix=f"Name the folder with --notebooks, or unset {NOTEBOOKS_VARIABLE}.",
        )
    return found


def reports_folder(folder: str | os.PathLike[str] | None = None) -> Path:
    """Return the folder that runs publish to; it need not exist yet.

    Parameters
    ----------
    folder : path, optional
        A folder of your own; by default ``reports`` in the checkout, or in the current folder
        when clusterkit is installed without one.

    Returns
    -------
    Path
        Absolute.
    """
    if folder:
        return Path(folder).expanduser().resolve()
    checkout = PACKAGE.parent
    in_checkout = (checkout / "notebooks" / CONTRACTS).is_file()
    return (checkout if in_checkout else Path.cwd()) / "reports"


def notebook_name(text: str) -> str:
    """Return the bare name of a notebook, also when it was typed as a path.

    Examples
    --------
    >>> notebook_name("notebooks/10-zhili-childrenswear.ipynb")
    '10-zhili-childrenswear'
    """
    return Path(text).name.removesuffix(".ipynb")
