"""What happened when: events in lanes, one lane per kind."""

import textwrap

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.views.canvas import beside, canvas, year_axis
from clusterkit.views.chart import Chart
from clusterkit.views.marks import draw_key
from clusterkit.views.theme import COLOURS, theme
from clusterkit.words import Language

ROW = 0.27
LABEL_WIDTH = 72
UNCERTAIN = "inferred|placeholder|only says|only dates"


def draw_timeline(events: pd.DataFrame, *, title: str, language: Language, note: str = "") -> Chart:
    """Return events as a list read from top to bottom, each dot at its date.

    Parameters
    ----------
    events : DataFrame
        As `Case.events` has them: date, kind, label, source_id.
    title : str
        The finding.
    """
    if events.empty:
        raise MessageError("There is no event to draw.", where=title, fix="Widen the years.")
    shown = events.assign(
        when=events["date"].map(_when),
        uncertain=events["note"].str.contains(UNCERTAIN, case=False),
    ).sort_values("when", kind="stable")
    kinds = list(dict.fromkeys(shown["kind"]))
    colours = dict(zip(kinds, COLOURS * 3, strict=False))
    first, last = shown["when"].min(), shown["when"].max()
    middle = (first + last) / 2
    with theme():
        figure, axes = canvas(0.5 + ROW * len(shown), title=title, note=note)
        for place, row in enumerate(shown.itertuples()):
            colour, early = colours[row.kind], row.when < middle
            axes.scatter(row.when, place, s=34, color=colour, zorder=3)
            text = textwrap.shorten(language.text(row.label), LABEL_WIDTH, placeholder=" …")
            # A year the source does not print is shown as about.
            date = language.text("c. {date}", date=row.date) if row.uncertain else row.date
            label = f"{date}  {text}" if early else f"{text}  {date}"
            step, side = ((7, 0), "left") if early else ((-7, 0), "right")
            beside(axes, label, (row.when, place), step, va="center", ha=side, fontsize=8.3)
        axes.set_ylim(len(shown) - 0.4, -0.6)
        axes.set_xlim(first - 1, last + 1)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        year_axis(axes)
        axes.grid(visible=True, axis="x")
        draw_key(axes, {kind: ("o", colour) for kind, colour in colours.items()}, language, most=6,
                 loc="upper center",
                 bbox_to_anchor=(0.5, -0.42 / (0.2 + ROW * len(shown))))  # fmt: skip
    facts = shown[["event_id", "date", "kind", "label", "source_id"]].reset_index(drop=True)
    lines = [
        " | ".join([row.date, language.text(row.kind), language.text(row.label), row.source_id])
        for row in facts.itertuples()
    ]
    alt = language.text("Timeline. {title}. {count} events from {first} to {last}.", title=title,
                        count=len(facts), first=facts["date"].iloc[0],
                        last=facts["date"].iloc[-1])  # fmt: skip
    return Chart(title, alt, facts, lines, figure)


def _when(date: str) -> float:
    """Return a date as a year with a fraction; a year alone stands at its start."""
    year, month, day = [*(int(part) for part in date.split("-")), 1, 1][:3]
    return year + (month - 1) / 12 + (day - 1) / 372
