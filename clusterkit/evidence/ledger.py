"""The guarded ledger: what we hold against a printed figure, and what to do about it.

Claims are never edited. A line of corrections.csv says which cell of which claim is doubtful and
what that cell held when the line was written; once it holds something else, loading fails, so that
no correction outlives its reason.
"""

from pathlib import Path

import pandas as pd

from clusterkit.errors import DataError, StaleError
from clusterkit.evidence.tables import read_table, schema


def read_corrections(path: Path, claims: pd.DataFrame) -> pd.DataFrame:
    """Return the ledger of a case; no rows where the case has none.

    Raises
    ------
    StaleError
        A line speaks of a claim that is gone, or of a cell that has changed.
    DataError
        Two lines contradict each other, or an override is not of a figure.
    """
    if not path.exists():
        return pd.DataFrame(columns=list(schema("corrections").columns), dtype="str")
    ledger = read_table(path, "corrections")
    cells = claims.set_index("claim_id")
    for number, row in enumerate(ledger.itertuples(), start=2):
        where = f"{path}, line {number}, claim {row.claim_id}"
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
