"""The folder of a case: its files read, checked against each other, and claims made of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

import pandas as pd
from pydantic import Field

from clusterkit.errors import DataError, UnknownNameError
from clusterkit.evidence.ledger import correct, read_corrections
from clusterkit.evidence.prints import check_reading
from clusterkit.evidence.tables import check_references, read_table
from clusterkit.shapes import read_toml

FILES = ("case.toml", "claims.csv", "sources.csv", "events.csv", "corrections.csv")

Filled = Annotated[str, Field(min_length=1)]


@dataclass(frozen=True)
class Break:
    """Two years between which a count was changed; the codebook says what each field means."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    indicator: Filled
    after: int
    before: int
    reason: Filled
    claims: Annotated[tuple[Filled, ...], Field(min_length=1)]

    def __post_init__(self) -> None:
        if self.after >= self.before:
            raise ValueError(f"it ends in {self.before} and begins in {self.after}")


@dataclass(frozen=True)
class Facts:
    """What case.toml says: what the case is called, what it is about, where counts changed."""

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

    title: str
    place: str
    subject: str
    product: str
    indicator: str
    breaks: tuple[Break, ...] = ()


@lru_cache(maxsize=16)
def read_folder(folder: Path, content: str) -> dict[str, object]:
    """Return the facts and tables of a case; its claims have no ranges yet.

    Parameters
    ----------
    folder : Path
        With the files of `FILES`; the ledger of corrections may be missing.
    content : str
        The digest of these files: once one has changed, all are read anew.

    Raises
    ------
    UnknownNameError
        The folder has no case.toml.
    DataError
        A file breaks its rules; the error names file, line and column.
    """
    facts = _read_facts(folder / "case.toml")
    sources, claims, events = (
        read_table(folder / f"{name}.csv", name) for name in ("sources", "claims", "events")
    )
    for path, frame in (("claims.csv", claims), ("events.csv", events)):
        check_references(folder / path, frame, "source_id", sources["source_id"], "sources.csv")
    readings = check_reading(claims)
    _refuse_misread(folder / "claims.csv", readings)
    _refuse_early_outturns(folder / "claims.csv", claims, sources)
    ledger = read_corrections(folder / "corrections.csv", claims)
    breaks = _checked_breaks(folder / "case.toml", facts.breaks, claims)
    claims = _derive(correct(claims, ledger), sources, readings)
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


def _refuse_misread(path: Path, readings: pd.DataFrame) -> None:
    """Refuse a claim whose value is not what its own print says."""
    wrong = readings[readings["outcome"] == "differs"]
    if len(wrong):
        first = wrong.iloc[0]
        raise DataError(
            f"{len(wrong)} claim(s) hold another value than they print.",
            where=f"{path}, line {wrong.index[0] + 2} ({first['claim_id']}), column value: "
            f"found {first['value']:.12g}, but {first['why']}",
            fix="Type the value as printed; a line in corrections.csv with action override "
            "puts another in its place.",
        )


def _refuse_early_outturns(path: Path, claims: pd.DataFrame, sources: pd.DataFrame) -> None:
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
            where=f"{path}, line {early.index[0] + 2} ({first['claim_id']}), column period: "
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
        step=readings["step"],
        tier=claims["source_id"].map(origin["tier"]),
        source_date=claims["source_id"].map(origin["date"]),
    )  # fmt: skip


def _checked_breaks(path: Path, breaks: Sequence[Break], claims: pd.DataFrame) -> pd.DataFrame:
    """Return the breaks of a case as a table, or raise where one names what the case lacks."""
    for number, it in enumerate(breaks, start=1):
        strange = [f"claim {name!r}" for name in it.claims if name not in set(claims["claim_id"])]
        if it.indicator not in set(claims["indicator"]):
            strange.append(f"indicator {it.indicator!r}")
        if strange:
            raise DataError(
                f"A break is not as it should be: there is no {strange[0]}.",
                where=f"{path}, [[breaks]] number {number}",
                fix="Take names from claims.csv of the same folder.",
            )
    return pd.DataFrame([vars(it) for it in breaks], columns=list(Break.__dataclass_fields__))
