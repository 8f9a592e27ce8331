"""Errors that say what happened, where, why it is likely, and what to type next.

Every error clusterkit raises on purpose is a `ClusterkitError`; each also derives from the
built-in exception a caller would expect, so ``except KeyError`` or ``except ValueError`` works.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Self

SHOWN = 30  # a longer list of names is no help to read


class ClusterkitError(Exception):
    """The root of all errors raised on purpose.

    Parameters
    ----------
    what : str
        What went wrong, in one sentence.
    where : str, optional
        The file, line, column, notebook or cell concerned.
    why : str, optional
        The likely reason, where one is likely.
    fix : str, optional
        What to do or type next.

    Examples
    --------
    >>> print(ClusterkitError("The claim has no unit.", where="claims.csv, line 7",
    ...                       fix="Fill in the column 'unit'."))
    The claim has no unit.
      where: claims.csv, line 7
      next:  Fill in the column 'unit'.
    """

    def __init__(
        self, what: str, *, where: str | None = None, why: str | None = None, fix: str | None = None
    ) -> None:
        super().__init__(what)
        self.what, self.where, self.why, self.fix = what, where, why, fix

    @classmethod
    def among(
        cls, kind: str, name: object, known: Iterable[object], *, where: str | None = None
    ) -> Self:
        """Build the error from the names that do exist, the nearest ones first.

        Examples
        --------
        >>> print(UnknownNameError.among("case", "zhilli", ["pingxiang", "zhili"]))
        There is no case 'zhilli'.
          likely: Did you mean 'zhili'?
          next:   Choose one of: pingxiang, zhili.
        """
        names = sorted({str(item) for item in known})
        begun = [item for item in names if name and item.startswith(str(name))]
        close = begun or get_close_matches(str(name), names, n=1)
        shown = ", ".join(names)
        if len(names) > SHOWN:
            nearest = get_close_matches(str(name), names, n=SHOWN, cutoff=0)
            shown = f"{', '.join(nearest)} ... ({len(names)} exist, these are nearest)"
        return cls(
            f"There is no {kind} {str(name)!r}.",
            where=where,
            why=f"Did you mean {close[0]!r}?" if close else None,
            fix=f"Choose one of: {shown}." if names else f"No {kind} exists here.",
        )

    def __str__(self) -> str:
        parts = [("where: ", self.where), ("likely:", self.why), ("next:  ", self.fix)]
        lines = [f"  {label} {text}" for label, text in parts if text]
        return "\n".join([self.what, *lines])


class DataError(ClusterkitError, ValueError):
    """A data file breaks the rules of its table."""


class UnknownNameError(ClusterkitError, LookupError):
    """A name (case, indicator, subject, table ...) is not among those that exist."""


class AmbiguousError(ClusterkitError, ValueError):
    """A question has several answers; the error lists what tells them apart."""


class MeasureError(ClusterkitError, ValueError):
    """A measure is undefined for what it was given."""


class MessageError(ClusterkitError, ValueError):
    """A sentence, label or format cannot be filled in."""


class ParameterError(ClusterkitError, ValueError):
    """A notebook parameter is unknown, of the wrong type or out of range."""


class StaleError(ClusterkitError):
    """Something generated or recorded no longer matches what it was made from."""


class RunError(ClusterkitError):
    """A notebook run did not succeed."""
