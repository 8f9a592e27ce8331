"""How figures moved over the years, with their ranges, their status and the claims that lost."""

import math
from collections.abc import Mapping

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.estimate import Estimate
from clusterkit.views.canvas import canvas, number_axis, year_axis
from clusterkit.views.chart import Chart
from clusterkit.views.language import HEDGED, STATUS, Language
from clusterkit.views.origins import few
from clusterkit.views.theme import COLOURS, PAPER, QUIET, theme

HEIGHT = 3.3
PALE = 0.3  # how much colour is left in a point whose year is only that of publication
FACTS = ["series", "year", "value", "low", "high", "unit", "status", "hedge", "basis", "claims"]


def draw_trend(
    series: Mapping[str, pd.DataFrame],
    *,
    title: str,
    language: Language,
    losers: pd.DataFrame | None = None,
    goal: Estimate | None = None,
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
    note : str
        Written below.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """
    units = sorted({unit for table in series.values() for unit in table["unit"]})
    if len(units) != 1:
        raise MessageError(
            f"A trend needs figures of one unit, found {', '.join(units) or 'none'}.",
            where=title,
            fix="Draw them apart, or widen the years.",
        )
    with theme():
        figure, axes = canvas(HEIGHT, title=title, note=note)
        for colour, table in zip(COLOURS, series.values(), strict=False):
            _draw_line(axes, table, colour)
        if losers is not None and len(losers):
            axes.scatter(losers["year"], losers["value"], marker="x", s=26, linewidth=1.1,
                         color=QUIET, alpha=0.75, zorder=2)  # fmt: skip
        if goal is not None:
            axes.axhline(goal.value, color=QUIET, linewidth=1, linestyle=(0, (4, 3)))
            axes.annotate(language.figure(goal), (0.005, goal.value), va="bottom", color=QUIET,
                          xycoords=("axes fraction", "data"), fontsize=8.5)  # fmt: skip
        _label_ends(axes, series, language)
        axes.margins(x=0.07, y=0.14)
        axes.set_ylim(bottom=min(0, _lowest(series)))
        number_axis(axes, "y", units[0], language)
        year_axis(axes)
    facts = pd.concat([table.assign(series=label) for label, table in series.items()])
    facts = facts.reindex(columns=FACTS)
    lines = [_told(row, language, named=len(series) > 1) for row in facts.itertuples()]
    if goal is not None:
        lines.append(" | ".join([language.text("goal"), language.figure(goal), *goal.claims]))
    if losers is not None:
        lines += [_lost(row, units[0], language) for row in losers.itertuples()]
    alt = language.text(
        "Line chart. {title}. {count} points from {first} to {last}.",
        title=title, count=len(facts), first=facts["year"].min(), last=facts["year"].max(),
    )  # fmt: skip
    return Chart(title, alt, facts.reset_index(drop=True), lines, figure)


def _draw_line(axes: object, table: pd.DataFrame, colour: str) -> None:
    import seaborn as sns

    # Over years without a figure, and from an outturn to a forecast, nothing is known: a dotted
    # line joins, but does not claim.
    new_status = table["status"] != table["status"].shift()
    runs = table.assign(run=((table["year"].diff() > 1) | new_status).cumsum())
    for _, run in runs.groupby("run"):
        sns.lineplot(run, x="year", y="value", ax=axes, color=colour, linewidth=1.8, errorbar=None)
    axes.plot(table["year"], table["value"], color=colour, linewidth=1, linestyle=":", alpha=0.7)
    for row in table.itertuples():
        high = row.high if math.isfinite(row.high) else row.value
        axes.plot([row.year, row.year], [row.low, high], color=colour, linewidth=5, alpha=0.28,
                  solid_capstyle="butt")  # fmt: skip
        if not math.isfinite(row.high):
            arrow = {"arrowstyle": "<-", "color": colour, "alpha": 0.6}
            axes.annotate("", (row.year, row.value), (0, 16), textcoords="offset points",
                          arrowprops=arrow)  # fmt: skip
    faces = [_face(row, colour) for row in table.itertuples()]
    axes.scatter(table["year"], table["value"], s=30, facecolor=faces, edgecolor=colour,
                 linewidth=1.4, zorder=3)  # fmt: skip


def _face(row: object, colour: str) -> str | tuple[float, float, float]:
    """Return how a point is filled: full, pale where its year is that of publication, or hollow."""
    from matplotlib.colors import to_rgb

    if row.status != "actual":
        return PAPER
    if getattr(row, "basis", "dated") == "as of":
        return tuple(1 - PALE * (1 - part) for part in to_rgb(colour))
    return colour


def _label_ends(axes: object, series: Mapping[str, pd.DataFrame], language: Language) -> None:
    """Write first and last value at their points, and the name of each of several series."""
    for colour, (label, table) in zip(COLOURS, series.items(), strict=False):
        style = {"textcoords": "offset points", "fontsize": 8.5, "color": colour}
        for index in dict.fromkeys((0, len(table) - 1)):
            end = table.iloc[index]
            top = end["high"] if math.isfinite(end["high"]) else end["value"]
            number = language.number(end["value"], digits=3)
            # A line that climbs from well above the axis leaves room below its first point.
            climbs = len(table) > 1 and table.iloc[1]["value"] > end["value"]
            under = index == 0 and climbs and end["low"] > 0.3 * table["value"].max()
            place, base = ((0, -15), end["low"]) if under else ((0, 8), top)
            axes.annotate(number, (end["year"], base), place, ha="center", **style)
        if len(series) > 1:
            middle = table.iloc[len(table) // 2]
            axes.annotate(label, (middle["year"], middle["value"]), (6, -14), va="top", **style)


def _lowest(series: Mapping[str, pd.DataFrame]) -> float:
    """Return the lowest bound of all tables."""
    return min(float(table["low"].min()) for table in series.values())


def _told(row: object, language: Language, *, named: bool) -> str:
    point = Estimate(row.value, row.low, row.high, row.unit)
    hedge = row.hedge if isinstance(row.hedge, str) else ""
    parts = [
        row.series if named else "",
        language.text("as of {year}", year=row.year) if row.basis == "as of" else str(row.year),
        language.text(HEDGED[hedge], figure=language.quantity(row.value, row.unit)),
        "" if point.certain else language.span(point),
        "" if row.status == "actual" else language.text(STATUS[row.status]),
        " ".join(few(row.claims)),
    ]
    return " | ".join(part for part in parts if part)


def _lost(row: object, unit: str, language: Language) -> str:
    figure = language.quantity(row.value, unit)
    told = language.text("not chosen, {year}", year=row.year)
    return " | ".join([told, figure, row.claim_id])
