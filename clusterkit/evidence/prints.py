"""Hold the claims against their own print: each value must say what its `as_printed` says."""

import math
import re
from fractions import Fraction
from typing import NamedTuple

import pandas as pd

from clusterkit.errors import DataError
from clusterkit.printed.reading import PrintedFigure, ReadingError, read_figure

NEEDED = ("claim_id", "value", "unit", "as_printed", "hedge", "note")
TOLERANCE = 1e-9
LARGEST_WHOLE = 999  # nobody prints a share in more than thousandths

# Tables print their unit in the head, so the figure itself stands bare. Names as notes print them.
SCALES = {
    "thousand": (1e3, r"thousand"),
    "万": (1e4, r"万"),
    "million": (1e6, r"(?<!hundred )million"),
    "亿": (1e8, r"亿|hundred million"),
    "billion": (1e9, r"billion"),
}
MONEY = ("CNY", "USD")  # nothing else is printed bare in other than its base unit
_CURRENCY = r"\s*(?:元|yuan|CNY|USD|dollars)"
_BARE = re.compile(r"\s*\d[\d,.]*\s*")


class _Verdict(NamedTuple):
    outcome: str
    read: float = math.nan
    hedge_read: str = ""
    scale: str = ""
    step: float = math.nan
    why: str = ""


def check_reading(claims: pd.DataFrame) -> pd.DataFrame:
    """Compare each claim's value and hedge with what its print reads as.

    Parameters
    ----------
    claims : DataFrame
        A claims table with the columns claim_id, value, unit, as_printed, hedge and note.

    Returns
    -------
    DataFrame
        One row a claim, in order: claim_id, as_printed, value, unit, hedge; `read` (the value
        read, in the base unit), `outcome`, `scale` (for a bare figure that is the value divided
        by a scale), `hedge_read` (empty if unread), `step` (how finely it was printed, in the
        base unit) and `why` (what speaks against an agreement).
        The outcome is "agrees", "agrees_scaled" (the print shows no scale, a known one makes it
        fit), "differs" or "unread".

    Raises
    ------
    DataError
        A column is missing.

    Notes
    -----
    Values agree to a relative 1e-9. A fraction that has no end (2/3) agrees with a value that is
    its rounding to the digits the claim has. A claim on one end of a printed range says so in
    its note ("Low end of the printed range", "High end ..."); without a word it is the middle.

    Examples
    --------
    >>> claims = pd.DataFrame(
    ...     [("a", 1.4e4, "firm", "1.4万余家", "over", ""),
    ...      ("b", 66.7, "percent", "2/3", "exact", ""),
    ...      ("c", 1.5e9, "CNY", "1500", "exact", "in million yuan")],
    ...     columns=["claim_id", "value", "unit", "as_printed", "hedge", "note"])
    >>> check_reading(claims)[["claim_id", "outcome", "scale", "hedge_read"]]
      claim_id        outcome    scale hedge_read
    0        a         agrees                over
    1        b         agrees               exact
    2        c  agrees_scaled  million      exact
    """
    if missing := [column for column in NEEDED if column not in claims.columns]:
        raise DataError(
            f"The claims have no column {', '.join(map(repr, missing))}.",
            why="The table is not a claims table, or a column was renamed.",
            fix=f"Give a table with the columns {', '.join(NEEDED)}.",
        )
    verdicts = pd.DataFrame(
        [
            _verdict(str(row.as_printed), float(row.value), row.unit, str(row.note))
            for row in claims[list(NEEDED)].itertuples(index=False)
        ],
        columns=list(_Verdict._fields),
        index=claims.index,
    )
    said = claims[["claim_id", "as_printed", "value", "unit", "hedge"]]
    order = ["read", "outcome", "scale", "hedge_read", "step", "why"]
    return pd.concat([said, verdicts[order]], axis=1)


def _verdict(as_printed: str, value: float, unit: str, note: str) -> _Verdict:
    try:
        figure = read_figure(as_printed, unit=unit)
    except ReadingError as error:
        return _Verdict("unread", why=error.what)
    read = _meant_end(figure, note)
    if _agree(value, read):
        return _Verdict("agrees", read, figure.hedge, step=figure.step)
    if unit in MONEY and _BARE.fullmatch(as_printed):
        named = {
            name
            for name, (_, words) in SCALES.items()
            if re.search(f"(?:{words}){_CURRENCY}", note)
        }
        for name, (scale, _) in SCALES.items():
            if _agree(value, read * scale) and (not named or name in named):
                step = figure.step * scale
                return _Verdict("agrees_scaled", read * scale, figure.hedge, name, step)
    return _Verdict("differs", read, figure.hedge, why=f"{as_printed!r} reads as {read:,g}")


def _meant_end(figure: PrintedFigure, note: str) -> float:
    if figure.hedge == "per_source_range" and (end := re.search(r"(Low|High) end", note)):
        return figure.low if end[1] == "Low" else figure.high
    return figure.value


def _agree(value: float, read: float) -> bool:
    """Compare; a fraction without end (66.666...) is compared as finely as the value is written."""
    share = Fraction(read / 100).limit_denominator(LARGEST_WHOLE)
    endless = round(read, 9) != read and math.isclose(100 * share, read, rel_tol=1e-12)
    if not endless:
        return math.isclose(value, read, rel_tol=TOLERANCE)
    decimals = len(repr(value).partition(".")[2].rstrip("0"))
    return round(read, decimals) == value
