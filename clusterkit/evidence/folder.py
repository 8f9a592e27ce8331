"""The folder of a case: its files read, held against each other, and claims made of them.

Each claim must say what its own print says. Claims are never edited: a line of the guarded ledger,
corrections.csv, says which cell is doubtful and what it held when the line was written. Once it
holds something else, loading fails, so that no correction outlives its reason.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial
from math import isclose, nan
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from clusterkit.errors import DataError, StaleError, UnknownNameError
from clusterkit.evidence.tables import check_references, line_of, read_table, refused, schema
from clusterkit.printed.reading import PrintedFigure, ReadingError, UnlikeError, read_figure
from clusterkit.printed.vocabulary import words
from clusterkit.shapes import Strict, read_toml

FILES = ("case.toml", "claims.csv", "sources.csv", "events.csv", "corrections.csv")

UNREAD = {"read": nan, "outcome": "unread", "scale": "", "hedge_read": "", "step": nan, "why": ""}
TOLERANCE = 1e-9
LARGEST_WHOLE = 999  # nobody prints a share in more than thousandths

# Tables print the scale of money in their head, so that the figure itself stands bare.
HEAD_SCALES = ("thousand", "万", "million", "亿", "billion")
_MONEY = r"\s*(?:元|yuan|CNY|USD|dollars)"
_BARE = re.compile(r"\s*\d[\d,.]*\s*")

At = Callable[[int], str]  # where a row of claims stands
Filled = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Break(Strict):
    """Two years between which a count was changed; the codebook says what each field means."""

    indicator: Filled
    after: int
    before: int
    reason: Filled
    claims: Annotated[tuple[Filled, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        if self.after >= self.before:
            raise ValueError(f"it ends in {self.before} and begins in {self.after}")


@dataclass(frozen=True)
class Facts(Strict):
    """What case.toml says: what the case is called, what it is about, where counts changed."""

    title: str
    place: str
    subject: str
    product: str
    indicator: str
    breaks: tuple[Break, ...] = ()


@lru_cache(maxsize=16)
def read_folder(folder: Path, content: str) -> dict[str, object]:
    """Return the facts and tables of a case; its claims have no ranges yet.

    `content` is the digest of its files: once one has changed, all are read anew.
    """
    facts = _read_facts(folder / "case.toml")
    sources, claims, events = (
        read_table(folder / f"{name}.csv", name) for name in ("sources", "claims", "events")
    )
    for path, frame in (("claims.csv", claims), ("events.csv", events)):
        check_references(folder / path, frame, "source_id", sources["source_id"], "sources.csv")
    ledger = read_corrections(folder / "corrections.csv", claims)
    readings = check_reading(claims)
    # What somebody has read by hand, and signed in the ledger, is not held against the reader's.
    by_hand = claims["claim_id"].isin(ledger.loc[ledger["column"] == "as_printed", "claim_id"])
    readings["outcome"] = readings["outcome"].mask(by_hand, "unread")
    _refuse_misread(folder / "claims.csv", readings)
    _refuse_early_outturns(claims, sources, partial(_line, folder / "claims.csv"))
    breaks = _checked_breaks(folder / "case.toml", facts.breaks, claims)
    claims = correct(claims, ledger)
    _refuse_early_outturns(claims, sources, partial(_override, folder, claims, ledger))
    claims = _derive(claims, sources, readings)
    # Errors name ids as the files print them; from here on each says its case.
    address = f"{folder.name}/".__add__
    return vars(facts) | {
        "name": folder.name,
        "claims": claims.assign(claim_id=claims["claim_id"].map(address)),
        "sources": sources,
        "events": events,
        "corrections": ledger.assign(claim_id=ledger["claim_id"].map(address)),
        "breaks": breaks.assign(claims=[tuple(map(address, it)) for it in breaks["claims"]]),
    }


def _read_facts(path: Path) -> Facts:
    names = ", ".join(name for name in Facts.__dataclass_fields__ if name != "breaks")
    try:
        return read_toml(path, Facts, fix=f"Mend {path}: it gives {names}, each as text.")
    except FileNotFoundError:
        raise UnknownNameError(
            "This folder is not a case.",
            where=str(path.parent),
            why="It holds no case.toml.",
            fix=f"Write one that gives {names}.",
        ) from None


def _line(path: Path, row: int) -> str:
    return f"{path}, line {line_of(path, row)}"


def _override(folder: Path, claims: pd.DataFrame, ledger: pd.DataFrame, row: int) -> str:
    """Return where the ledger gives a claim another period or status."""
    lines = ledger[ledger["column"].isin(["period", "status"])]
    own = lines[lines["claim_id"] == claims["claim_id"][row]]
    return _line(folder / "corrections.csv", own.index[-1])


def _refuse_misread(path: Path, readings: pd.DataFrame) -> None:
    """Refuse a claim whose value is not what its own print says."""
    wrong = readings[readings["outcome"] == "differs"]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"{len(wrong)} claim(s) hold another value than they print.",
            where=f"{_line(path, wrong.index[0])} ({first['claim_id']}), column value: "
            f"found {first['value']:.12g}, but {first['why']}",
            fix="Type the value as printed; a line in corrections.csv with action override "
            "puts another in its place, one about as_printed says that you have read it by hand.",
        )


def _refuse_early_outturns(claims: pd.DataFrame, sources: pd.DataFrame, at: At) -> None:
    """Refuse an outturn of a year that had not begun when its source was published."""
    published = claims["source_id"].map(sources.set_index("source_id")["date"]).str[:4]
    described = claims["period"].str[-4:]
    # A span may be our bracket around an unprinted year; a year is a statement.
    said = (claims["status"] == "actual") & ~claims["period"].str.contains("-")
    early = claims[said & (published != "") & (described > published)]
    if len(early):
        first = early.iloc[0]
        raise DataError(
            f"{len(early)} claim(s) report an outturn of a year after their source.",
            where=f"{at(early.index[0])} ({first['claim_id']}), column period: "
            f"found {first['period']!r}, the source is of {published[early.index[0]]}",
            why="The period is mistyped, or the figure is a forecast, plan or target.",
            fix="Correct the period or the status.",
        )


def _derive(claims: pd.DataFrame, sources: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """Add to each claim what follows from its own columns, its print and its source."""
    period = claims["period"]
    origin = sources.set_index("source_id")
    return claims.assign(
        year=period.str[-4:].astype(int),
        basis=["as of" if text.startswith("as of") else "span" if "-" in text else "dated"
               for text in period],
        inferred=claims["note"].str.startswith("PERIOD_INFERRED"),
        usable=~(claims["note"].str.contains("do not use", case=False) | claims["dropped"]),
        reading=readings["outcome"].astype("str"),
        unread=(readings["outcome"] == "unread") & (claims["flag"] == ""),
        step=readings["step"],
        tier=claims["source_id"].map(origin["tier"]),
        source_date=claims["source_id"].map(origin["date"]),
    )  # fmt: skip


def _checked_breaks(path: Path, breaks: Sequence[Break], claims: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks of a case as a table, or raise where one names what the case lacks."""
    known, indicators = set(claims["claim_id"]), set(claims["indicator"])
    for number, it in enumerate(breaks, start=1):
        strange = [f"claim {name!r}" for name in it.claims if name not in known]
        if it.indicator not in indicators:
            strange.append(f"indicator {it.indicator!r}")
        if strange:
            raise DataError(
                f"A break is not as it should be: there is no {strange[0]}.",
                where=f"{path}, [[breaks]] number {number}",
                fix="Take names from claims.csv of the same folder.",
            )
    return pd.DataFrame([vars(it) for it in breaks], columns=list(Break.__dataclass_fields__))


def check_reading(claims: pd.DataFrame) -> pd.DataFrame:
    """Compare each claim's value and hedge with what its print reads as, a row a claim.

    Beside claim_id, as_printed, value, unit and hedge stand `read` (the value read, in the base
    unit), `outcome`, `scale` (of a bare figure that is the value divided by a scale), `hedge_read`
    (empty if unread), `step` (how finely it was printed, in the base unit) and `why` (what speaks
    against an agreement). The outcome is "agrees", "agrees_scaled" (the print shows no scale, a
    known one makes it fit), "differs" or "unread".

    Values agree to a relative 1e-9. A fraction that has no end (2/3) agrees with a value that is
    its rounding to the digits the claim has. A claim on one end of a printed range says so in
    its note ("Low end of the printed range", "High end ..."); without a word it is the middle.
    """
    asked = (claims[name] for name in ("as_printed", "value", "unit", "note"))
    verdicts = [
        _verdict(str(printed), float(value), unit, str(note))
        for printed, value, unit, note in zip(*asked, strict=True)
    ]
    said = claims[["claim_id", "as_printed", "value", "unit", "hedge"]]
    read = pd.DataFrame(verdicts, columns=list(UNREAD), index=claims.index)
    return pd.concat([said, read], axis=1)


@lru_cache(maxsize=2**16)  # the same print stands in many claims
def _verdict(as_printed: str, value: float, unit: str, note: str) -> dict:
    try:
        figure = read_figure(as_printed, unit=unit)
    except UnlikeError as error:
        return UNREAD | {"outcome": "differs", "why": f"{as_printed!r} is none: {error.what}"}
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
            fits = {"outcome": "agrees_scaled", "scale": scale}
            return found | fits | {"read": scaled, "step": step}
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


def read_corrections(path: Path, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger of a case, each line held against its claim; no rows without a ledger."""
    if not path.exists():
        return pd.DataFrame(columns=list(schema("corrections").columns), dtype="str")
    ledger = read_table(path, "corrections")
    cells = claims.set_index("claim_id")
    for row in ledger.itertuples():
        where = f"{_line(path, row.Index)}, claim {row.claim_id}"
        if row.claim_id not in cells.index:
            raise StaleError("A correction speaks of a claim that is gone.", where=where,
                             fix="Delete the line, or name the claim anew.")  # fmt: skip
        found = _text(cells.loc[row.claim_id, row.column])
        if found != row.expected:
            raise StaleError(
                f"A correction no longer fits: column {row.column} holds {found!r}, "
                f"the line expects {row.expected!r}.",
                where=where,
                why="The claim was changed after the correction was written.",
                fix="Read both again; then mend the line or delete it.",
            )
        if (row.action == "override") != bool(row.value):
            raise DataError(
                "Only an override, and every override, gives a new value.", where=where,
                fix="Fill in the column 'value' for action override, and leave it empty otherwise.",
            )  # fmt: skip
        if row.value and (allowed := refused("claims", row.column, row.value)):
            raise DataError(
                "An override is not allowed in the column it is for.",
                where=f"{where}, column {row.column}: found {row.value!r}, allowed: {allowed}",
                fix="Write in 'value' what claims.csv could hold.",
            )
    twice = ledger[ledger.duplicated(["claim_id", "column"], keep=False)]
    if len(twice):
        raise DataError(
            f"Corrections contradict each other: {twice['claim_id'].iloc[0]} has "
            f"{len(twice)} lines for column {twice['column'].iloc[0]}.",
            where=str(path),
            fix="Keep one line for each cell.",
        )
    return ledger


def correct(claims: pd.DataFrame, ledger: pd.DataFrame) -> pd.DataFrame:
    """Return the claims with overrides put in, and a column `flag` with the reason of each line.

    Dropped claims stay in the table and are marked unusable by `dropped`.
    """
    reasons = ledger.groupby("claim_id")["reason"].agg("; ".join).to_dict()
    dropped = ledger.loc[ledger["action"] == "drop", "claim_id"]
    corrected = claims.assign(
        flag=[reasons.get(name, "") for name in claims["claim_id"]],
        dropped=claims["claim_id"].isin(dropped),
    )
    for row in ledger[ledger["action"] == "override"].itertuples():
        new = float(row.value) if row.column == "value" else row.value
        corrected.loc[corrected["claim_id"] == row.claim_id, row.column] = new
    return corrected


def _text(cell: object) -> str:
    """Return a cell as the ledger writes it: numbers without a needless fraction."""
    return f"{cell:.15g}" if isinstance(cell, float) else str(cell)
