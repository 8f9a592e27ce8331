"""How figures moved over the years, as lines."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clusterkit.evidence.figure import Estimate, figures
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.frame import Sheet, write
from clusterkit.views.theme import COLOURS, QUIET
from clusterkit.words import Language, wording

HEIGHT = 3.3  # inches
LOST = {"marker": "x", "s": 26, "linewidth": 1.1, "color": QUIET, "alpha": 0.75, "zorder": 2}
GOAL = {"va": "bottom", "color": QUIET, "fontsize": 8.5, "xycoords": ("axes fraction", "data")}


@dataclass(frozen=True, eq=False)
class Trend(Picture):
    """Yearly figures as lines, with their ranges, their status and the figures that lost.

    Parameters
    ----------
    series : DataFrame or mapping of str to DataFrame
        A yearly table, or several by label; all in one unit.
    goal : Estimate, optional
        A level to compare with, drawn as a dashed line.
    breaks : sequence of (int, int) or DataFrame
        The last year of one count and the first of the next, between which nothing may be read
        as growth: no line is drawn there. As a table, its columns `after` and `before`.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """

    form, yearly = "Line chart", True
    series: pd.DataFrame | marks.Tables
    goal: Estimate | None = None
    breaks: marks.Breaks = ()

    def __post_init__(self) -> None:
        fix = "Draw them apart, or widen the years."
        marks.one_unit(self.shown["unit"], "A trend needs", fix=fix)

    @cached_property
    def _tables(self) -> marks.Tables:
        return {"": self.series} if isinstance(self.series, pd.DataFrame) else self.series

    def _rows(self) -> pd.DataFrame:
        return figures(self._tables)

    @cached_property
    def _breaks(self) -> list[marks.Years]:
        return marks.inner_breaks(self.breaks, self.shown["year"])

    def _lost(self, sheet: Sheet) -> pd.DataFrame:
        """Return the claims that were not chosen, each different figure of a year once."""
        told = [table["others"] for table in self._tables.values() if "others" in table]
        names = {name for others in told for claims in others for name in claims}
        found = sheet.claims[sheet.claims["claim_id"].isin(names)]
        sheet.origins.numbers(found["claim_id"])
        return found.drop_duplicates(["year", "value"]).sort_values(["year", "value"])

    def _draw(self, sheet: Sheet) -> None:
        axes, words, lost = sheet.axes(HEIGHT), sheet.words, self._lost(sheet)
        tables = marks.by_label(self.shown)
        for colour, table in zip(COLOURS, tables.values(), strict=False):
            marks.draw_path(axes, table, colour, breaks=self._breaks)
        marks.draw_breaks(axes, self._breaks, words)
        if len(lost):
            axes.scatter(lost["year"], lost["value"], **LOST)
        if self.goal is not None:
            axes.axhline(self.goal.value, linewidth=1, **marks.DASHED)
            write(axes, words.figure(self.goal), (0.005, self.goal.value), **GOAL)
        for colour, (label, table) in zip(COLOURS, tables.items(), strict=False):
            style = {"fontsize": 8.5, "color": colour}
            _label_ends(axes, table, words, style)
            if len(tables) > 1:
                middle = table.iloc[len(table) // 2]
                point = middle["year"], middle["value"]
                write(axes, words.label(label), point, (6, -14), va="top", **style)
        axes.margins(x=0.07, y=0.14)
        axes.set_ylim(bottom=min(0, self.shown["low"].min()))
        frame.number_axis(axes, "y", self.shown["unit"].iloc[0], words)
        frame.year_axis(axes)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words, several = sheet.words, len(self._tables) > 1
        for row in self.shown.itertuples():
            label = words.label(row.label) if several else "", marks.basis_words(row, words)
            number = words.quantity(row.value, row.unit)
            hedged = words.text(wording("hedged")[row.hedge], figure=number)
            figure = Estimate.of(row)
            yield Mark.of(label, figure, [hedged, words.doubt(figure)], [words.status(row.status)])
        if self.goal is not None:
            yield Mark.of([words.text("goal")], self.goal, [words.figure(self.goal)])
        yield from marks_of_breaks(self._breaks, words)
        for row in self._lost(sheet).itertuples():
            figure = Estimate.of(row._asdict() | {"claims": (row.claim_id,)})
            label = words.text("not chosen, {year}", year=row.year)
            yield Mark.of([label], figure, [words.quantity(row.value, row.unit)])


def _label_ends(axes: "frame.Axes", table: pd.DataFrame, words: Language, style: dict) -> None:
    """Write the first and the last value of a line at their points."""
    for index in dict.fromkeys((0, len(table) - 1)):
        end = table.iloc[index]
        # A line that climbs from well above the axis leaves room below its first point.
        climbs = len(table) > 1 and table.iloc[1]["value"] > end["value"]
        under = index == 0 and climbs and end["low"] > 0.3 * table["value"].max()
        step, base = ((0, -15), end["low"]) if under else ((0, 8), marks.reach(end))
        marks.write_value(axes, end, words, step, at=base, ha="center", **style)


def marks_of_breaks(breaks: Sequence[marks.Years], words: Language, of: str = "") -> Iterator[Mark]:
    """Return what is told of breaks, a line each."""
    for after, before in breaks:
        told = words.text("new count between {after} and {before}", after=after, before=before)
        yield Mark(f"{of}: {told}" if of else told)
