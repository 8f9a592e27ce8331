"""One figure: its range, status and claims; and its unit, what that converts into and divides to.

Money in two currencies, pieces and firms are dimensions of their own: nothing turns yuan into
dollars or sets into pieces unless a claim says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from clusterkit.errors import AmbiguousError, MeasureError, UnknownNameError

if TYPE_CHECKING:
    import pint

DEFINITIONS = Path(__file__).with_name("units.txt")

# One figure: the columns of every row that is one, whether in a yearly table, a measured table, the
# panel or a picture. What computes takes such rows and gives such rows.
FIGURE = ("value", "low", "high", "unit", "status", "hedge", "basis", "claims")
# What is known of the year, from the surest to the least sure.
BASES = ("dated", "as of", "inferred", "mixed", "span")

# From the firmest to the loosest; what is computed is as loose as its loosest part.
STATUS_ORDER = ("actual", "planned", "target", "forecast", "assumed")


@dataclass(frozen=True)
class Estimate:
    """A value between a low and a high bound, with its unit, status and claims.

    Parameters
    ----------
    value, low, high : float
        The figure and its bounds, ``low <= value <= high``; an open end is infinite.
    unit : str
        Base unit ("CNY", "piece", "percent") or a quotient of them ("CNY/piece").
    claims : tuple of str
        Ids of the claims the figure rests on; none for an assumption.
    status : str
        actual, planned, target, forecast or assumed.
    hedge : str
        The hedge as the source prints it; "" for a computed figure.
    year : int, optional
        The year described.
    basis : str
        How the year is known: dated, as of (only that of publication), inferred, span or mixed.

    Examples
    --------
    >>> sales = Estimate(85e9, 84.5e9, 85.5e9, "CNY", ("cns25-sales-2024",), year=2024)
    >>> sales.unit, sales.certain
    ('CNY', False)
    """

    value: float
    low: float
    high: float
    unit: str
    claims: tuple[str, ...] = ()
    status: str = "actual"
    hedge: str = ""
    year: int | None = None
    basis: str = "dated"

    def __post_init__(self) -> None:
        if not self.low <= self.value <= self.high:
            raise MeasureError(
                f"An estimate must lie in its own range, found {self.value!r} "
                f"outside {self.low!r} to {self.high!r}.",
                where=", ".join(self.claims) or None,
                why="Low and high were swapped, or one of the three is missing.",
            )

    @classmethod
    def of(cls, row: Any) -> "Estimate":
        """Return a row of a yearly table or of the panel as an estimate.

        Parameters
        ----------
        row : mapping, Series or named tuple
            With the columns of `FIGURE`, and the year; hedge, basis and year may be missing.

        Examples
        --------
        >>> Estimate.of({"value": 3, "low": 3, "high": 4, "unit": "CNY", "status": "actual",
        ...              "claims": ("b",), "year": 2024}).high
        4.0
        """
        cells = row if hasattr(row, "keys") else row._asdict()
        year = cells.get("year")
        return cls(
            value=float(cells["value"]),
            low=float(cells["low"]),
            high=float(cells["high"]),
            unit=str(cells["unit"]),
            claims=tuple(cells["claims"]),
            status=str(cells["status"]),
            hedge=str(cells.get("hedge", "")),
            year=int(year) if pd.notna(year) else None,
            basis=str(cells.get("basis", "dated")),
        )

    @classmethod
    def assumed(cls, value: float, unit: str) -> "Estimate":
        """Return an assumption, such as a growth rate that a reader sets.

        Examples
        --------
        >>> Estimate.assumed(8, "percent").status
        'assumed'
        """
        return cls(float(value), float(value), float(value), unit, status="assumed")

    @property
    def certain(self) -> bool:
        """Whether the range has no width."""
        return self.low == self.high

    def over(self, other: "Estimate") -> bool | None:
        """Tell whether this figure exceeds the other: True, False, or None where ranges overlap.

        Examples
        --------
        >>> goal = Estimate.assumed(100, "CNY")
        >>> Estimate(90, 80, 110, "CNY").over(goal) is None
        True
        """
        if self.low > other.high:
            return True
        return False if self.high < other.low else None


def figures(
    items: Iterable[Estimate] | Mapping[str, Estimate | pd.DataFrame], **columns: object
) -> pd.DataFrame:
    """Return estimates as a frame of figures: `year` and the columns of `FIGURE`.

    Parameters
    ----------
    items : iterable of Estimate, or mapping of str to Estimate or yearly table
        Of a mapping the names stand in a column `label` before the others; a yearly table gives
        each of its rows that name.
    **columns : object
        Further columns: a value for all rows, or one for each.

    Examples
    --------
    >>> figures({"goal": Estimate.assumed(100, "CNY")})[["label", "value", "unit", "status"]]
      label  value unit   status
    0  goal  100.0  CNY  assumed
    """
    named = items if isinstance(items, Mapping) else dict(enumerate(items))
    rows = [
        (label, one)
        for label, found in named.items()
        for one in ([found] if isinstance(found, Estimate) else estimates_of(found))
    ]
    frame = pd.DataFrame([vars(one) for _, one in rows], columns=["year", *FIGURE])
    if named is items:
        frame.insert(0, "label", [label for label, _ in rows])
    return frame.assign(**columns)


def estimates_of(table: pd.DataFrame) -> list[Estimate]:
    """Return the rows of a frame of figures as estimates, in order."""
    return [Estimate.of(row) for row in table.to_dict("records")]


def pick(table: pd.DataFrame, year: int, *, what: str = "the table") -> Estimate:
    """Return one year of a yearly table as an `Estimate`.

    Raises
    ------
    UnknownNameError
        The table has no such year.
    AmbiguousError
        It has several rows for that year.
    """
    rows = table[table["year"] == year]
    if rows.empty:
        years = ", ".join(str(known) for known in table["year"]) or "none"
        raise UnknownNameError(
            f"There is no figure for {year} in {what}.", fix=f"Years on record: {years}."
        )
    if len(rows) > 1:
        raise AmbiguousError(
            f"There are {len(rows)} figures for {year} in {what}.",
            why="The rule 'all' keeps every claim.",
            fix="Choose a rule that settles on one, such as prefer='highest_tier'.",
        )
    return Estimate.of(rows.iloc[0])


def first(table: pd.DataFrame) -> Estimate:
    """Return the figure of the first year of a yearly table as an `Estimate`; see `pick`."""
    return _end(table, "min")


def last(table: pd.DataFrame) -> Estimate:
    """Return the figure of the last year of a yearly table as an `Estimate`; see `pick`."""
    return _end(table, "max")


def _end(table: pd.DataFrame, end: str) -> Estimate:
    if table.empty:
        raise UnknownNameError("A yearly table without years has neither a first nor a last.")
    return pick(table, int(table["year"].agg(end)))


def loosest(statuses: Iterable[str]) -> str:
    """Return the loosest of some statuses."""
    return max(statuses, key=STATUS_ORDER.index, default="actual")


def least_sure(bases: Iterable[str]) -> str:
    """Return the least sure of some bases, by which the year of what is computed is known."""
    return max(bases, key=BASES.index, default="dated")


def union(*claims: Iterable[str]) -> tuple[str, ...]:
    """Return claim ids of several figures, each once, in order of first appearance."""
    return tuple(dict.fromkeys(name for group in claims for name in group))


@lru_cache(maxsize=1)
def _registry() -> "pint.UnitRegistry":
    import pint  # half a second that a plain table reader need not pay

    return pint.UnitRegistry(DEFINITIONS)


def convert_factor(unit: str, to: str) -> float:
    """Return by what a value in `unit` must be multiplied to be in `to`, or refuse."""
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
