"""Sources that contradict each other: the lowest and the highest figure for the same thing."""

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.views.canvas import beside, canvas
from clusterkit.views.chart import Chart
from clusterkit.views.theme import COLOURS, FAINT, theme
from clusterkit.words import Language

ROW = 0.36


def draw_dumbbell(
    conflicts: pd.DataFrame, *, title: str, language: Language, note: str = ""
) -> Chart:
    """Return disagreements as pairs of dots, each on a scale where the lowest figure is 100.

    Parameters
    ----------
    conflicts : DataFrame
        As `Case.conflicts` or `Case.confront` gives them.
    title : str
        The finding.
    """
    if conflicts.empty:
        raise MessageError("There is no disagreement to draw.", where=title,
                           fix="Widen the years, or leave the picture out.")  # fmt: skip
    several = len(set(conflicts["subject"])) > 1
    labels = [_label(row, language, named=several) for row in conflicts.itertuples()]
    ends = (100 * conflicts["spread"]).tolist()
    with theme():
        figure, axes = canvas(0.6 + ROW * len(labels), title=title, note=note)
        places = range(len(labels))
        axes.hlines(places, 100, ends, color=FAINT, linewidth=4, zorder=1)
        axes.scatter([100] * len(labels), places, s=44, color=COLOURS[0], zorder=2)
        axes.scatter(ends, places, s=44, color=COLOURS[1], zorder=2)
        for place, row in enumerate(conflicts.itertuples()):
            low, high = (
                language.quantity(end, row.unit, digits=3) for end in (row.lowest, row.highest)
            )
            style = {"va": "center", "fontsize": 8.5}
            beside(axes, low, (100, place), (-7, 0), ha="right", color=COLOURS[0], **style)
            beside(axes, high, (ends[place], place), (7, 0), color=COLOURS[1], **style)
        axes.set_yticks(places, labels)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        span = max(ends) - 100
        axes.set_xlim(100 - 0.58 * span, max(ends) + 0.42 * span)
        axes.set_xlabel(language.text("highest figure, where the lowest is 100"))
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    facts = conflicts[["subject", "indicator", "product", "year", "unit", "lowest", "highest",
                       "spread", "claims_low", "claims_high"]].reset_index(drop=True)  # fmt: skip
    lines = [_told(label, row, language)
             for label, row in zip(labels, conflicts.itertuples(), strict=True)]  # fmt: skip
    alt = language.text("Dumbbell chart. {title}. {lines}.", title=title,
                        lines="; ".join(line.rsplit(" | ", 2)[0] for line in lines))  # fmt: skip
    return Chart(title, alt, facts, lines, figure)


def _label(row: object, language: Language, *, named: bool) -> str:
    """Return what a disagreement is about; of whom, where there are several."""
    if getattr(row, "label", ""):
        return language.text(row.label)
    told = language.text(
        "{indicator}, {year}", indicator=language.label(row.indicator), year=row.year
    )
    if not named:
        return told
    return language.text("{subject}: {figure}", subject=language.text(row.subject), figure=told)


def _told(label: str, row: object, language: Language) -> str:
    low, high = (language.quantity(end, row.unit, digits=5) for end in (row.lowest, row.highest))
    return " | ".join([label, low, high, " ".join(row.claims_low), " ".join(row.claims_high)])
