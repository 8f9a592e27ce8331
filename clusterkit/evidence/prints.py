"""Hold the claims against their own print: each value must say what its `as_printed` says."""

import re
from fractions import Fraction
from math import isclose, nan

import pandas as pd

from clusterkit.errors import DataError
from clusterkit.printed.reading import PrintedFigure, ReadingError, read_figure
from clusterkit.printed.vocabulary import words

NEEDED = ("claim_id", "value", "unit", "as_printed", "hedge", "note")
UNREAD = {"read": nan, "outcome": "unread", "scale": "", "hedge_read": "", "step": nan, "why": ""}
TOLERANCE = 1e-9
LARGEST_WHOLE = 999  # nobody prints a share in more than thousandths

# Tables print the scale of money in their head, so that the figure itself stands bare.
HEAD_SCALES = ("thousand", "万", "million", "亿", "billion")
_MONEY = r"\s*(?:元|yuan|CNY|USD|dollars)"
_BARE = re.compile(r"\s*\d[\d,.]*\s*")


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
    asked = (claims[name] for name in ("as_printed", "value", "unit", "note"))
    verdicts = [
        _verdict(str(printed), float(value), unit, str(note))
        for printed, value, unit, note in zip(*asked, strict=True)
    ]
    said = claims[["claim_id", "as_printed", "value", "unit", "hedge"]]
    read = pd.DataFrame(verdicts, columns=list(UNREAD), index=claims.index)
    return pd.concat([said, read], axis=1)


def _verdict(as_printed: str, value: float, unit: str, note: str) -> dict:
    try:
        figure = read_figure(as_printed, unit=unit)
    except ReadingError as error:
        return UNREAD | {"why": error.what}
    read = _meant_end(figure, note)
    found = UNREAD | {"read": read, "hedge_read": figure.hedge}
    if _agree(value, read):
        return found | {"outcome": "agrees", "step": figure.step}
    bare = unit in ("CNY", "USD") and _BARE.fullmatch(as_printed)
    for scale in _scales(note) if bare else []:
        scaled, step = read * words.scales[scale], figure.step * words.scales[scale]
        if _agree(value, scaled):
            return found | {
                "outcome": "agrees_scaled",
                "read": scaled,
                "scale": scale,
                "step": step,
            }
    return found | {"outcome": "differs", "why": f"{as_printed!r} reads as {read:,g}"}


def _scales(note: str) -> list[str]:
    """Return the scales that a note names, or else all that the head of a table may name."""
    note = note.replace("hundred million", "亿")
    named = [scale for scale in HEAD_SCALES if re.search(scale + _MONEY, note)]
    return named or list(HEAD_SCALES)


def _meant_end(figure: PrintedFigure, note: str) -> float:
    if figure.hedge == "per_source_range" and (end := re.search(r"(Low|High) end", note)):
        return figure.low if end[1] == "Low" else figure.high
    return figure.value


def _agree(value: float, read: float) -> bool:
    """Compare; a fraction without end (66.666...) is compared as finely as the value is written."""
    share = Fraction(read / 100).limit_denominator(LARGEST_WHOLE)
    endless = round(read, 9) != read and isclose(100 * share, read, rel_tol=1e-12)
    if not endless:
        return isclose(value, read, rel_tol=TOLERANCE)
    decimals = len(repr(value).partition(".")[2].rstrip("0"))
    return round(read, decimals) == value
