"""A page of the casebook: what a notebook speaks through.

A page knows its case and its language. What it says carries footnotes to the claims behind each
number, and it remembers them, so that at the end it can list its sources.
"""

import inspect
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd
from markupsafe import Markup

from clusterkit.errors import MeasureError
from clusterkit.evidence.case import Case
from clusterkit.evidence.figure import Estimate
from clusterkit.views.accounts import Account
from clusterkit.views.chart import Chart, Picture, Sheet
from clusterkit.views.clusters import card_of
from clusterkit.views.origins import Origins
from clusterkit.views.sentences import Table, Voice, Words, fact_words
from clusterkit.words import fields, language


class Page(Account):
    """What a notebook says, draws and lists about a case.

    Parameters
    ----------
    case : Case
        The case the page is about.
    lang : str
        Language of every word and number on it.

    Examples
    --------
    >>> from clusterkit.evidence.case import load_case
    >>> zhili = load_case("zhili")
    >>> page = Page(zhili)
    >>> print(page.say("In 2024 Zhili sold {sales}.", sales=zhili.estimate("sales", 2024)))
    In 2024 Zhili sold 85 billion yuan [1].
    """

    def __init__(self, case: Case, *, lang: str = "en") -> None:
        self.case = case
        super().__init__(language(lang), Origins(case))

    def headline(self, label: str, estimate: Estimate) -> Words:
        """Return a number that answers the notebook's question, for sweeps to compare runs by.

        Parameters
        ----------
        label : str
            What the number is. It names the headline, and must be the same in every run.
        estimate : Estimate
            The number.
        """
        words = self.say("{label}: {figure:full}.", label=label, figure=estimate)
        return words.as_headline(label)

    def headlines(self, figures: Mapping[str, Estimate]) -> Table:
        """Return the numbers that answer the notebook's question, as a table; see `headline`."""
        rows = [
            {"in short": self.language.text(label), "figure": figure, "range": self.range(figure)}
            for label, figure in figures.items()
        ]
        table = self.table(rows, caption="In short")
        for label, row in zip(figures, table.rows, strict=True):
            row[1] = row[1].as_headline(label)
        return table

    def printed(self, claim_id: str) -> Words:
        """Return a claim as its source prints it, leading to that source."""
        estimate = self.case.claim(claim_id)
        text = f"“{self.case.row(claim_id)['as_printed']}”"
        return self.cited(text, estimate)

    def draw(self, picture: Picture, title: str, *, note: str = "", **values: object) -> Chart:
        """Return a picture drawn under a title and over a note, both sentences as in `say`.

        Parameters
        ----------
        picture : Picture
            What to draw, such as ``Trend(series)``.
        title : str
            The finding.
        note : str
            What a reader must know, written below.
        **values
            One for each place of title and note.
        """
        noted = {name for name, _ in fields(note)}
        titled = {name for name, _ in fields(title)} | (values.keys() - noted)
        bare = Voice(self.language)  # footnote numbers would be in the way here
        above, below = (
            bare.say(text, **{name: values[name] for name in names & values.keys()})
            for text, names in ((title, titled), (note, noted))
        )
        sheet = Sheet(above.plain, below.plain, self.language, self._origins, self.case.claims)
        chart = picture.chart(sheet, (*above.facts, *below.facts))
        for fact in chart.facts:
            if fact.figure is not None:
                self._origins.numbers(fact.figure.claims)
        return chart

    def cluster_card(self, panel: pd.DataFrame, name: str) -> Chart:
        """Return a cluster of the panel on one page; see `clusterkit.cluster_card`."""
        return self.draw(card_of(panel, name), name)

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

    def _others(self, claims: Sequence[str]) -> tuple[Estimate, ...]:
        """Return the figures that were not chosen, each different value once, in order."""
        by_value: dict[float, Estimate] = {}
        for claim in claims:
            estimate = self.case.claim(claim)
            by_value.setdefault(estimate.value, estimate)
        return tuple(by_value[value] for value in sorted(by_value))

    def quote(self, error: Exception) -> Words:
        """Return what an error says, as a sentence: to show what the casebook refuses."""
        return fact_words(self.language.text(getattr(error, "what", str(error))), "data")

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
        return Words.joined([Words("✓ ", Markup("✓ ")), words])

    def sources(self) -> "Block":
        """Return the sources this page has used so far, numbered as its footnotes are.

        Under each source stand the claims used: the figure as printed, its period, hedge and
        status.
        """
        entries = [used.entry(self.language) for used in self._origins.used]
        return Block.joined(entries, "\n")


class Block(Words):
    """The list of sources, which needs no paragraph around it."""

    frame = '<ol class="ck-sources" style="list-style:none;padding-left:0">{}</ol>'


@cache
def spoken() -> frozenset[str]:
    """Return the names of all public methods of a page: what they are told, readers see."""
    methods = inspect.getmembers(Page, inspect.isfunction)
    return frozenset(name for name, _ in methods if not name.startswith("_"))
