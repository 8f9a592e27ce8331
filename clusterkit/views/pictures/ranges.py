"""Many figures ranked, each with its doubt, its year and its kind: size and how sure it is."""

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from clusterkit.evidence.figure import Estimate
from clusterkit.views.canvas import beside, canvas, log_axis, log_limits
from clusterkit.views.chart import Chart
from clusterkit.views.marks import (
    ACCENT,
    basis_words,
    cautions,
    draw_range,
    face,
    kind_marks,
    line,
    one_unit,
    signed,
    with_marks,
)
from clusterkit.views.origins import few
from clusterkit.views.theme import INK, QUIET, theme
from clusterkit.words import Language

ROOMY, COMPACT = 0.22, 0.165  # inches a row; the second where there are many
MANY = 25
LETTER = 0.6  # the width of a bold letter, in heights
FACTS = ["label", "kind", "year", "basis", "value", "low", "high", "unit", "status", "hedge",
         "disputed", "mark", "claims"]  # fmt: skip


def draw_ranges(
    rows: pd.DataFrame,
    *,
    title: str,
    language: Language,
    accent: Iterable[str] = (),
    note: str = "",
) -> Chart:
    """Return figures as dots on a logarithmic scale, the largest on top, with their ranges.

    Figures of different kinds, such as sales and market turnover, are not ranked together: each
    kind has its own list, on the same scale.

    Parameters
    ----------
    rows : DataFrame
        label, value, low, high, unit (one for all), status, year, claims; and where there are
        such: kind, basis, hedge, disputed, mark (what sets a figure apart from the others).
    title : str
        The finding.
    accent : iterable of str
        Labels to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, the figures are in different units, or one is not above nothing.
    """
    accent = set(accent)
    unit = one_unit(rows["unit"], "Ranges need", title)
    facts = with_marks(rows, FACTS)
    marks = kind_marks(facts["kind"])
    parts = {kind: facts[facts["kind"] == kind].sort_values(
                 ["value", "label"], ascending=[False, True]) for kind in marks}  # fmt: skip
    facts = pd.concat(parts.values(), ignore_index=True)
    note = f"{note} {cautions(facts, language)}".strip()
    row_height = COMPACT if len(facts) > MANY else ROOMY
    heads = sum(1 for kind in marks if kind)
    with theme():
        figure, axes = canvas(
            0.55 + row_height * (len(facts) + 1.6 * heads), title=title, note=note
        )
        axes.set_xlim(*log_limits(facts.itertuples()))
        log_axis(axes, "x", unit, language)
        size = 8.4 if row_height == ROOMY else 7.4
        longest = max(len(_figure(row, language)) for row in facts.itertuples())
        years = 6 + size * (1 + LETTER * longest)
        place, places = 0.0, []
        for kind, part in parts.items():
            marker, colour = marks[kind]
            if kind:
                place += 0.6 if place else 0
                beside(axes, language.label(kind), (0, place), (4, 0), va="center",
                       xycoords=("axes fraction", "data"), fontsize=size + 0.6, fontweight="bold",
                       color=colour)  # fmt: skip
                place += 1
            for row in part.itertuples():
                _draw_row(axes, row, place, (marker, colour), size=size, years=years,
                          chosen=row.label in accent, language=language)  # fmt: skip
                places.append(place)
                place += 1
        axes.hlines(places, *axes.get_xlim(), color=QUIET, linewidth=0.3, alpha=0.25, zorder=0)
        axes.set_ylim(place - 0.3, -0.7)
        axes.tick_params(axis="x", labelsize=8.3)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.grid(visible=False, axis="y")
    lines = [_told(row, language) for row in facts.itertuples()]
    alt = language.text("Ranked ranges. {title}. {count} figures. {lines}.", title=title,
                        count=len(facts), lines="; ".join(few(
                            [told.rsplit(" | ", 1)[0] for told in lines], most=12)))  # fmt: skip
    return Chart(title, alt, facts, lines, figure)


def _draw_row(
    axes: object, row: object, place: float, mark: tuple[str, str], *, size: float, years: float,
    chosen: bool, language: Language,
) -> None:  # fmt: skip
    """Draw a row: its label to the left, dot and range, figure and, at `years`, year."""
    marker, colour = mark[0], ACCENT if chosen else mark[1]
    draw_range(axes, row, place, colour, along="x", width=6.5, alpha=0.42)
    axes.scatter([row.value], [place], s=1.4 * size, marker=marker, edgecolor=colour,
                 color=[face(colour, row.status, row.basis)], linewidth=1.1, zorder=3)  # fmt: skip
    ink = colour if chosen else INK
    for text, edge, step, side, shade in (
        (row.label, 0, -6, "right", ink),
        (_figure(row, language), 1, 6, "left", ink),
        (basis_words(row, language), 1, years, "left", QUIET),
    ):
        beside(axes, text, (edge, place), (step, 0), xycoords=("axes fraction", "data"), ha=side,
               va="center", fontsize=size, fontweight="bold" if chosen else "normal",
               color=shade)  # fmt: skip


def _figure(row: object, language: Language) -> str:
    """Return the figure of a row in words; its unit stands at the axis."""
    return signed(language.figure(replace(Estimate.of(row), unit="count")), row)


def _told(row: object, language: Language) -> str:
    figure = Estimate.of(row)
    return line(
        row.label,
        language.label(row.kind) if row.kind else "",
        basis_words(row, language),
        language.figure(figure),
        language.doubt(figure),
        language.text("disputed") if row.disputed else "",
        language.text(row.mark),
        claims=row.claims,
    )
