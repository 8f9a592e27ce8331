"""An article figure by figure: what it said, what others say, what we make of it."""

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case
from clusterkit.evidence.figure import Estimate
from clusterkit.views.sentences import Voice, Words, fact_words
from clusterkit.views.tables import Cell

NEAR = 1  # years: figures of neighbouring years can still speak to each other


def article_rows(case: Case, source_id: str, voice: Voice) -> list[dict[str, Cell]]:
    """Return one row for every figure of a source, beside what other sources print.

    Our reading is the line in the ledger of corrections or, without one, how the sources compare.
    """
    claims = case.claims[case.claims["source_id"] == source_id]
    if claims.empty:
        raise UnknownNameError.among("article", source_id, case.claims["source_id"])
    return [
        {
            "figure": fact_words(_what(claim, voice), "data"),
            "the article said": voice.cited(f"“{claim.as_printed}”", case.claim(claim.claim_id)),
            "other sources say": _others(peers, voice),
            "our reading": _reading(claim, peers, voice),
        }
        for claim in claims.itertuples()
        for peers in [_peers(case.claims, claim)]
    ]


def _what(claim: object, voice: Voice) -> str:
    text = voice.language.text
    return text(
        "{subject}: {indicator} ({product}), {period}",
        subject=text(claim.subject),
        indicator=voice.language.label(claim.indicator),
        product=text(claim.product),
        period=claim.period,
    )


def _peers(claims: pd.DataFrame, claim: object) -> pd.DataFrame:
    """Return usable claims of other sources about the same thing at about the same time."""
    same = claims["usable"] & (claims["source_id"] != claim.source_id)
    for column in ("subject", "indicator", "product", "unit"):
        same &= claims[column] == getattr(claim, column)
    return claims[same & ((claims["year"] - claim.year).abs() <= NEAR)]


def _others(peers: pd.DataFrame, voice: Voice) -> Words | str:
    if peers.empty:
        return voice.language.text("no other claim")
    values, unit = peers["value"], peers["unit"].iloc[0]
    median = Estimate(
        values.median(), values.min(), values.max(), unit, claims=tuple(peers["claim_id"])
    )
    return voice.worded(median, "range")


def _reading(claim: object, peers: pd.DataFrame, voice: Voice) -> Words | str:
    if claim.flag:
        return voice.language.text(claim.flag)
    if peers.empty:
        return voice.language.text("stands alone")
    apart = int(((peers["low"] > claim.high) | (peers["high"] < claim.low)).sum())
    if apart:
        return voice.say("disputed by {apart} of {count} figures", apart=apart, count=len(peers))
    if len(peers) == 1:
        return voice.language.text("in line with one other figure")
    return voice.say("in line with {count} other figures", count=len(peers))
