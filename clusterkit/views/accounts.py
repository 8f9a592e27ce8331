"""What a page tells of the evidence itself: an article beside others, what to hold against it."""

import pandas as pd

from clusterkit.errors import UnknownNameError
from clusterkit.evidence.case import Case
from clusterkit.evidence.consistency import load_exceptions
from clusterkit.evidence.figure import Estimate
from clusterkit.evidence.series import tier_shares
from clusterkit.printed.doubt import POLICY, figure_range
from clusterkit.views.sentences import Cell, Table, Voice, Words, fact_words

NEAR = 1  # years: figures of neighbouring years can still speak to each other
OLD = 5  # years; an indicator without a newer figure is counted as old


class Account(Voice):
    """A voice that gives account of a case: tables, and what stands behind them."""

    case: Case

    def article(self, source_id: str, *, caption: str) -> Table:
        """Return every figure of an article beside what others say and our reading."""
        return self.table(_article_rows(self.case, source_id, self), caption=caption)

    def limits(self) -> Table:
        """Return what a reader must hold against the evidence of this case, counted."""
        claims, standing = self.case.claims, self.case.freshness()
        tiers = {
            f"of them from {row.tier} sources": row.claims
            for row in tier_shares(claims).itertuples()
            if row.claims
        }
        counts = {
            "claims on record": len(claims),
            **tiers,
            "of them with only a year of publication": (claims["basis"] == "as of").sum(),
            "of them with a year we inferred": claims["inferred"].sum(),
            "of them hedged": (claims["hedge"] != "exact").sum(),
            "of them planned, targeted or forecast": (claims["status"] != "actual").sum(),
            "of them never used": (~claims["usable"]).sum(),
            "of them whose print cannot be read": (claims["reading"] == "unread").sum(),
            "disagreements between sources": len(self.case.conflicts()),
            "indicators on record": len(standing),
            "of them with a single source": standing["single_source"].sum(),
            "of them with no figure of the last five years": (standing["age"] > OLD).sum(),
        }
        text = self.language.text
        rows = [{"evidence": text(what), "count": int(count)} for what, count in counts.items()]
        return self.table(rows, caption="What to hold against this evidence")

    def standing(self, *, most: int = 10) -> Table:
        """Return how fresh and how well supported the most claimed indicators are."""
        rows = [
            {
                "figure": fact_words(self.language.label(row.indicator), "data"),
                "of": fact_words(self.language.text(row.subject), "data"),
                "newest year": int(row.newest_year),
                "years old": int(row.age),
                "claims": int(row.claims),
                "sources": int(row.sources),
            }
            for row in self.case.freshness().head(most).itertuples()
        ]
        note = "Ages are counted from the newest source of the case."
        return self.table(
            rows, caption="How fresh the figures are, and how many speak", notes=[note]
        )

    def exceptions(self) -> Table | Words:
        """Return the breaches of consistency that are known of this case, each with its reason."""
        known = load_exceptions()
        known = known[known["case"] == self.case.name]
        if known.empty:
            return self.say("No rule of consistency is known to be broken by this case.")
        text = self.language.text
        rows = [
            {
                "what does not fit": fact_words(text(row.check), "data"),
                "year": int(row.year),
                "why it is kept": fact_words(text(row.reason), "data"),
                "signed": fact_words(row.signed, "data"),
            }
            for row in known.itertuples()
        ]
        return self.table(rows, caption="Figures that do not fit, and are kept knowingly")

    def hedges(self) -> Table:
        """Return how each hedge widens a printed figure, worked on 80 billion yuan."""
        value, unit = 80e9, "CNY"
        rows = []
        for hedge in POLICY:
            ends = figure_range(value, hedge, unit=unit, policy=self.case.policy)
            example = Estimate(value, *ends, unit, hedge=hedge)
            rows.append({"as printed": example, "read as": self.range(example)})
        return self.table(rows, caption="How a hedge becomes a range")


def _article_rows(case: Case, source_id: str, voice: Voice) -> list[dict[str, Cell]]:
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
