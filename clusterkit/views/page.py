"""A page of the casebook: what a notebook speaks through.

A page knows its case and its language. What it says carries footnotes to the claims behind each
number, and it remembers them, so that at the end it can list its sources.
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd
from markupsafe import Markup

from clusterkit.errors import MeasureError
from clusterkit.evidence.case import Case
from clusterkit.evidence.consistency import load_exceptions
from clusterkit.evidence.figure import Estimate
from clusterkit.evidence.series import tier_shares
from clusterkit.printed.doubt import POLICY, figure_range
from clusterkit.views.articles import article_rows
from clusterkit.views.drawings import Drawings
from clusterkit.views.headlines import Headline, Marked, MarkedTable
from clusterkit.views.origins import Origins, source_entry
from clusterkit.views.sentences import Words, fill, quoted, span_words, with_origin
from clusterkit.views.tables import Cell, Table, build_table
from clusterkit.words import language

OLD = 5  # years; an indicator without a newer figure is counted as old


class Page(Drawings):
    """What a notebook says, draws and lists about a case.

    Parameters
    ----------
    case : Case
        The case the page is about.
    lang : str
        Language of every word and number on it.
    others : iterable of Case
        Other cases whose claims it may use.

    Examples
    --------
    >>> from clusterkit.evidence.case import load_case
    >>> zhili = load_case("zhili")
    >>> page = Page(zhili)
    >>> print(page.say("In 2024 Zhili sold {sales}.", sales=zhili.estimate("sales", 2024)))
    In 2024 Zhili sold 85 billion yuan [67].
    """

    def __init__(self, case: Case, *, lang: str = "en", others: Iterable[Case] = ()) -> None:
        self.case = case
        self.language = language(lang)
        self._origins = Origins(case, others)

    def say(self, message: str, **values: object) -> Words:
        """Return a sentence, its numbers taken from values; see `fill`."""
        return fill(message, values, self.language, self._origins)

    def headline(self, label: str, estimate: Estimate) -> Marked:
        """Return a number that answers the notebook's question, for sweeps to compare runs by.

        Parameters
        ----------
        label : str
            What the number is. It names the headline, and must be the same in every run.
        estimate : Estimate
            The number.
        """
        words = self.say("{label}: {figure:full}.", label=label, figure=estimate)
        return Marked(words.plain, words.html, headline=Headline(label, estimate))

    def headlines(self, figures: Mapping[str, Estimate]) -> MarkedTable:
        """Return the numbers that answer the notebook's question, as a table; see `headline`."""
        rows = [
            {"in short": quoted(self.language.text(label)), "figure": figure,
             "range": self.range(figure)}
            for label, figure in figures.items()
        ]  # fmt: skip
        table = self.table(rows, caption="In short")
        marked = tuple(Headline(label, figure) for label, figure in figures.items())
        return MarkedTable(**vars(table), headlines=marked)

    def range(self, estimate: Estimate) -> Words:
        """Return the range of an estimate in words."""
        return span_words(estimate, self.language)

    def printed(self, claim_id: str) -> Words:
        """Return a claim as its source prints it, leading to that source."""
        estimate = self.case.claim(claim_id)
        text = f"“{self.case.row(claim_id)['as_printed']}”"
        return with_origin(text, estimate, self.language, self._origins)

    def table(
        self, rows: Sequence[Mapping[str, Cell]], *, caption: str, notes: Sequence[str | Words] = ()
    ) -> Table:
        """Return a table from rows that name their cells; see `build_table`."""
        text = self.language.text
        return build_table(
            rows,
            caption=text(caption),
            notes=[note if isinstance(note, Words) else self.say(note) for note in notes],
            language=self.language,
            origins=self._origins,
        )

    def series_table(self, series: pd.DataFrame, *, caption: str) -> Table:
        """Return a yearly series with its ranges, its sources and what else was printed."""
        rows = [
            {
                "year": int(row["year"]),
                "figure": figure,
                "range": self.range(figure),
                "year is": self.language.text(row["basis"]),
                "others print": self._others(row["others"]),
            }
            for _, row in series.iterrows()
            for figure in [Estimate.of(row)]
        ]
        silent = int(series["left_out"].sum())
        note = self.say("Claims of these years not heard: {count}.", count=silent)
        return self.table(rows, caption=caption, notes=[note])

    def _others(self, claims: Sequence[str]) -> Words | str:
        """Return the figures that lost, each different value once."""
        by_value: dict[float, Estimate] = {}
        for claim in claims:
            estimate = self.case.claim(claim)
            by_value.setdefault(estimate.value, estimate)
        if not by_value:
            return ""
        told = [self.say("{figure}", figure=estimate) for _, estimate in sorted(by_value.items())]
        return Words("; ".join(it.plain for it in told), Markup("; ").join(it.html for it in told))

    def article(self, source_id: str, *, caption: str) -> Table:
        """Return every figure of an article beside what others say and our reading."""
        rows = article_rows(self.case, source_id, self.language, self._origins)
        return self.table(rows, caption=caption)

    def quote(self, error: Exception) -> Words:
        """Return what an error says, as a sentence: to show what the casebook refuses."""
        return quoted(self.language.text(getattr(error, "what", str(error))))

    def check(self, message: str, holds: bool, **values: object) -> Words:
        """Return a sentence that was checked to hold.

        Raises
        ------
        MeasureError
            It does not hold: the notebook must not go on as if it did.
        """
        words = self.say(message, **values)
        if not holds:
            raise MeasureError(
                f"A self-check fails: {words.plain}",
                fix="Read the claims it names; one of them has changed.",
            )
        return Words(f"✓ {words.plain}", Markup("✓ {}").format(words.html))

    def limits(self) -> Table:
        """Return what a reader must hold against the evidence of this case, counted."""
        claims, standing = self.case.claims, self.case.freshness()
        counts = {
            "claims on record": len(claims),
            **{f"of them from {row.tier} sources": row.claims
               for row in tier_shares(claims).itertuples() if row.claims},
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
        }  # fmt: skip
        text = self.language.text
        rows = [{"evidence": text(what), "count": int(count)} for what, count in counts.items()]
        return self.table(rows, caption="What to hold against this evidence")

    def standing(self, *, most: int = 10) -> Table:
        """Return how fresh and how well supported the most claimed indicators are."""
        rows = [
            {
                "figure": quoted(self.language.label(row.indicator)),
                "of": quoted(self.language.text(row.subject)),
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
        """Return the breaches of honesty that are known of this case, each with its reason."""
        known = load_exceptions()
        known = known[known["case"] == self.case.name]
        if known.empty:
            return self.say("No rule of honesty is known to be broken by this case.")
        rows = [
            {"what does not fit": quoted(self.language.text(row.check)), "year": int(row.year),
             "why it is kept": quoted(self.language.text(row.reason)), "signed": quoted(row.signed)}
            for row in known.itertuples()
        ]  # fmt: skip
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

    def sources(self) -> "Block":
        """Return the sources this page has used so far, numbered as its footnotes are.

        Under each source stand the claims used: the figure as printed, its period, hedge and
        status.
        """
        entries = [source_entry(used, self.language) for used in self._origins.used()]
        items = Markup('<ol class="ck-sources" style="list-style:none;padding-left:0">{}</ol>')
        return Block(
            "\n".join(plain for plain, _ in entries),
            items.format(Markup("\n").join(html for _, html in entries)),
        )


class Block(Words):
    """Words that are a block of HTML of their own and need no paragraph around them."""

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.plain, "text/html": str(self.html)}
