"""How figures moved over the years, with their ranges, their status and the claims that lost."""

from collections.abc import Mapping, Sequence

import pandas as pd

from clusterkit.evidence.figure import Estimate
from clusterkit.views.canvas import beside, canvas, number_axis, year_axis
from clusterkit.views.chart import Chart
from clusterkit.views.marks import (
    Years,
    basis_words,
    draw_breaks,
    draw_path,
    inner_breaks,
    line,
    one_unit,
    reach,
)
from clusterkit.views.theme import COLOURS, QUIET, theme
from clusterkit.words import Language, wording

HEIGHT = 3.3
FACTS = ["series", "year", "value", "low", "high", "unit", "status", "hedge", "basis", "claims"]


def draw_trend(
    series: Mapping[str, pd.DataFrame],
    *,
    title: str,
    language: Language,
    losers: pd.DataFrame | None = None,
    goal: Estimate | None = None,
    breaks: Sequence[Years] = (),
    note: str = "",
) -> Chart:
    """Return yearly tables as lines.

    Parameters
    ----------
    series : mapping of str to DataFrame
        From label to a yearly table (year, value, low, high, unit, status, claims), all in one
        unit.
    title : str
        The finding.
    language : Language
        For numbers and words.
    losers : DataFrame, optional
        Figures that were not chosen (year, value, claim_id), drawn as faint crosses.
    goal : Estimate, optional
        A level to compare with, drawn as a dashed line.
    breaks : sequence of (int, int), optional
        The last year of one count and the first of the next, between which nothing may be read
        as growth: no line is drawn there.
    note : str
        Written below.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """
    units = (unit for table in series.values() for unit in table["unit"])
    unit = one_unit(units, "A trend needs", title, fix="Draw them apart, or widen the years.")
    facts = pd.concat([table.assign(series=label) for label, table in series.items()])
    facts = facts.reindex(columns=FACTS)
    breaks = inner_breaks(breaks, facts["year"])
    with theme():
        figure, axes = canvas(HEIGHT, title=title, note=note)
        for colour, table in zip(COLOURS, series.values(), strict=False):
            draw_path(axes, table, colour, breaks=breaks)
        draw_breaks(axes, breaks, language)
        if losers is not None and len(losers):
            axes.scatter(losers["year"], losers["value"], marker="x", s=26, linewidth=1.1,
                         color=QUIET, alpha=0.75, zorder=2)  # fmt: skip
        if goal is not None:
            axes.axhline(goal.value, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(language.figure(goal), (0.005, goal.value), va="bottom", color=QUIET,
                          xycoords=("axes fraction", "data"), fontsize=8.5)  # fmt: skip
        _label_ends(axes, series, language)
        axes.margins(x=0.07, y=0.14)
        axes.set_ylim(bottom=min(0, facts["low"].min()))
        number_axis(axes, "y", unit, language)
        year_axis(axes)
    lines = [_told(row, language, named=len(series) > 1) for row in facts.itertuples()]
    if goal is not None:
        lines.append(" | ".join([language.text("goal"), language.figure(goal), *goal.claims]))
    lines += [language.text("new count between {after} and {before}", after=after, before=before)
              for after, before in breaks]  # fmt: skip
    if losers is not None:
        lines += [_lost(row, unit, language) for row in losers.itertuples()]
    alt = language.text(
        "Line chart. {title}. {count} points from {first} to {last}.",
        title=title, count=len(facts), first=facts["year"].min(), last=facts["year"].max(),
    )  # fmt: skip
    return Chart(title, alt, facts.reset_index(drop=True), lines, figure)


def _label_ends(axes: object, series: Mapping[str, pd.DataFrame], language: Language) -> None:
    """Write first and last value at their points, and the name of each of several series."""
    for colour, (label, table) in zip(COLOURS, series.items(), strict=False):
        style = {"fontsize": 8.5, "color": colour}
        for index in dict.fromkeys((0, len(table) - 1)):
            end = table.iloc[index]
            number = language.number(end["value"], digits=3)
            # A line that climbs from well above the axis leaves room below its first point.
            climbs = len(table) > 1 and table.iloc[1]["value"] > end["value"]
            under = index == 0 and climbs and end["low"] > 0.3 * table["value"].max()
            place, base = ((0, -15), end["low"]) if under else ((0, 8), reach(end))
            beside(axes, number, (end["year"], base), place, ha="center", **style)
        if len(series) > 1:
            middle = table.iloc[len(table) // 2]
            point = middle["year"], middle["value"]
            beside(axes, label, point, (6, -14), va="top", **style)


def _told(row: object, language: Language, *, named: bool) -> str:
    point = Estimate(row.value, row.low, row.high, row.unit)
    hedge = row.hedge if isinstance(row.hedge, str) else ""
    return line(
        row.series if named else "",
        basis_words(row, language),
        language.text(wording("hedged")[hedge], figure=language.quantity(row.value, row.unit)),
        language.doubt(point),
        language.status(row.status),
        claims=row.claims,
    )


def _lost(row: object, unit: str, language: Language) -> str:
    figure = language.quantity(row.value, unit)
    told = language.text("not chosen, {year}", year=row.year)
    return " | ".join([told, figure, row.claim_id])
