"""How well a case stands: how old its figures are, how many sources speak, of which tier."""

import pandas as pd

from clusterkit.evidence.schemas import TIERS


def freshness(claims: pd.DataFrame) -> pd.DataFrame:
    """Return how old the newest claim of each subject and indicator is.

    Ages are counted from the newest source of the case, not from today, so that a report says
    the same thing whenever it is made.

    Parameters
    ----------
    claims : DataFrame
        Claims with the columns a case derives.

    Returns
    -------
    DataFrame
        One row per subject and indicator: newest_year (described by a usable claim), age (years
        from it to the newest source of the case), claims and sources (how many), single_source;
        most claims first.
    """
    heard = claims[claims["usable"]]
    now = int(heard["source_date"].str[:4].replace("", "0").astype(int).max())
    table = (
        heard.groupby(["subject", "indicator"], sort=True)
        .agg(
            newest_year=("year", "max"),
            claims=("claim_id", "size"),
            sources=("source_id", "nunique"),
        )
        .reset_index()
    )
    table["age"] = now - table["newest_year"]
    table["single_source"] = table["sources"] == 1
    columns = ["subject", "indicator", "newest_year", "age", "claims", "sources", "single_source"]
    return table.sort_values("claims", ascending=False, kind="stable", ignore_index=True)[columns]


def tier_shares(claims: pd.DataFrame) -> pd.DataFrame:
    """Return how many claims come from sources of each tier, the strongest first.

    Returns
    -------
    DataFrame
        tier, claims, share (percent).
    """
    counts = claims["tier"].value_counts().reindex(TIERS, fill_value=0)
    return pd.DataFrame(
        {"tier": TIERS, "claims": counts.to_numpy(), "share": 100 * counts.to_numpy() / len(claims)}
    )
