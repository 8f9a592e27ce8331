"""An article figure by figure: what it said, what others say, what we make of it."""

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case
from clusterkit.evidence.figure import Estimate
from clusterkit.views.origins import Origins
from clusterkit.views.sentences import Words, fill, quoted, with_origin
from clusterkit.views.tables import Cell
from clusterkit.words import Language

NEAR = 1  # years: figures of neighbouring years can still speak to each other


def article_rows(
    case: Case, source_id: str, language: Language, origins: Origins
) -> list[dict[str, Cell]]:
    """Return one row for every figure of a source, beside what other sources print.

    Parameters
    ----------
    case : Case
        The case that holds the claims.
    source_id : str
        The article.

    Returns
    -------
    list of dict
        Rows for `Page.table`, in the order of the claims: what is measured, the figure as
        printed, the figures of other sources for the same thing within a year, and our reading,
        which is the line in the ledger of corrections or, without one, how the sources compare.
    """
    claims = case.claims[case.claims["source_id"] == source_id]
    if claims.empty:
        raise UnknownNameError.among("article", source_id, case.claims["source_id"])
    rows = []
    for claim in claims.itertuples():
        estimate = case.claim(claim.claim_id)
        peers = _peers(case.claims, claim)
        printed = f"“{claim.as_printed}”"
        rows.append(
            {
                "figure": quoted(_what(claim, language)),
                "the article said": with_origin(printed, estimate, language, origins),
                "other sources say": _others(peers, language, origins),
                "our reading": _reading(claim, peers, language),
            }
        )
    return rows


def _what(claim: object, language: Language) -> str:
    indicator = language.label(claim.indicator)
    return language.text(
        "{subject}: {indicator} ({product}), {period}",
        subject=language.text(claim.subject),
        indicator=indicator,
        product=language.text(claim.product),
        period=claim.period,
    )


def _peers(claims: pd.DataFrame, claim: object) -> pd.DataFrame:
    """Return usable claims of other sources about the same thing at about the same time."""
    same = claims["usable"] & (claims["source_id"] != claim.source_id)
    for column in ("subject", "indicator", "product", "unit"):
        same &= claims[column] == getattr(claim, column)
    return claims[same & ((claims["year"] - claim.year).abs() <= NEAR)]


def _others(peers: pd.DataFrame, language: Language, origins: Origins) -> Words | str:
    if peers.empty:
        return language.text("no other claim")
    middle = float(peers["value"].median())
    estimate = Estimate(
        value=middle,
        low=float(peers["value"].min()),
        high=float(peers["value"].max()),
        unit=str(peers["unit"].iloc[0]),
        claims=tuple(peers["claim_id"]),
    )
    return with_origin(language.span(estimate), estimate, language, origins)


def _reading(claim: object, peers: pd.DataFrame, language: Language) -> Words | str:
    if claim.flag:
        return language.text(claim.flag)
    if peers.empty:
        return language.text("stands alone")
    apart = int(((peers["low"] > claim.high) | (peers["high"] < claim.low)).sum())
    if apart:
        counts = {"apart": apart, "count": len(peers)}
        return fill("disputed by {apart} of {count} figures", counts, language)
    if len(peers) == 1:
        return language.text("in line with one other figure")
    return fill("in line with {count} other figures", {"count": len(peers)}, language)
