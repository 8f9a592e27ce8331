"""Units of claims: what converts into what, and what a quotient of units is called.

Money in two currencies, pieces and firms are dimensions of their own: nothing turns yuan into
dollars or sets into pieces unless a claim says so.
"""

import re
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from clusterkit.errors import MeasureError

if TYPE_CHECKING:
    import pint

DEFINITIONS = Path(__file__).with_name("units.txt")


@lru_cache(maxsize=1)
def _registry() -> "pint.UnitRegistry":
    import pint  # half a second that a plain table reader need not pay

    return pint.UnitRegistry(DEFINITIONS)


def convert_factor(unit: str, to: str) -> float:
    """Return by what a value in `unit` must be multiplied to be in `to`.

    Raises
    ------
    MeasureError
        The units measure different things.

    Examples
    --------
    >>> round(293.36 * convert_factor("mu", "ha"), 2)
    19.56
    >>> convert_factor("CNY/mu", "CNY/ha")
    15.0
    """
    import pint

    registry = _registry()
    try:
        return float(registry.Quantity(1, unit).to(to).magnitude)
    except (pint.DimensionalityError, pint.UndefinedUnitError) as problem:
        known = re.findall(r"^(\w+) =", DEFINITIONS.read_text(encoding="utf-8"), re.M)
        raise MeasureError(
            f"{unit!r} cannot be turned into {to!r}.",
            why=str(problem),
            fix=f"Known units: {', '.join(known)}.",
        ) from None


def quotient(numerator: str, denominator: str) -> tuple[str, float]:
    """Return the unit of a quotient, and by what its value must be multiplied to be in it.

    Units of one kind cancel to "count", whatever their scale.

    Examples
    --------
    >>> quotient("CNY", "piece"), quotient("CNY", "CNY"), quotient("ha", "mu")
    (('CNY/piece', 1.0), ('count', 1.0), ('count', 15.0))
    """
    registry = _registry()
    return _plain(registry.Unit(numerator) / registry.Unit(denominator))


def product(first: str, second: str) -> tuple[str, float]:
    """Return the unit of a product, and by what its value must be multiplied to be in it.

    A percentage of something is in the unit of that thing.

    Examples
    --------
    >>> product("CNY/piece", "piece"), product("percent", "CNY")
    (('CNY', 1.0), ('CNY', 0.01))
    """
    registry = _registry()
    for share, thing in ((first, second), (second, first)):
        if share in ("percent", "count"):
            return thing, float(registry.Quantity(1, share).to("count").magnitude)
    return _plain(registry.Unit(first) * registry.Unit(second))


def _plain(unit: "pint.Unit") -> tuple[str, float]:
    if unit.dimensionless:
        return "count", round(float(_registry().Quantity(1, unit).to("count").magnitude), 12)
    return f"{unit:C}", 1.0
