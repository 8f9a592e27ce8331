"""One cluster on one page, in the shape of a slide: its figures, their doubt, their sources."""

import math
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.canvas import beside
from clusterkit.views.chart import Chart
from clusterkit.views.marks import (
    DISPUTED,
    Years,
    basis_words,
    cautions,
    draw_breaks,
    draw_path,
    inner_breaks,
    line,
    reach,
    with_marks,
)
from clusterkit.views.origins import few
from clusterkit.views.theme import COLOURS, FAINT, INK, QUIET, WIDTH, theme
from clusterkit.words import Language

BLUE, PALE_BLUE = COLOURS[0], "#e8f1f8"
DIGITS = 4  # of a figure in large letters
LONG = 23  # letters; more of them are written smaller

HEIGHT = WIDTH * 9 / 16
MOST = 6  # figures a card has room for
EDGE = 0.035  # of the width, left and right
TOP, FOOT = 0.76, 0.165  # the figures stand between, as parts of the height
SPARK = 0.31  # of the width, where there is a series to draw
FOOT_WIDTH, FOOT_LINES = 142, 5  # letters in a line, lines at the foot
FACTS = ["label", "year", "basis", "value", "low", "high", "unit", "status", "hedge", "disputed",
         "mark", "claims"]  # fmt: skip


def draw_card(
    name: str,
    rows: pd.DataFrame,
    *,
    language: Language,
    footnotes: Mapping[str, Sequence[str]],
    sources: Sequence[str],
    chinese: str = "",
    about: str = "",
    kind: str = "",
    series: pd.DataFrame | None = None,
    series_name: str = "",
    breaks: Sequence[Years] = (),
) -> Chart:
    """Return a card of a cluster: up to six figures, a line over the years, the sources.

    Parameters
    ----------
    name : str
        The cluster.
    rows : DataFrame
        A figure each: label, value, low, high, unit, status, year, claims; and where there are
        such: basis, hedge, disputed, mark (a few words of caution).
    footnotes : mapping of str to sequence of str
        From the label of a figure to the numbers of its sources.
    sources : sequence of str
        What stands at the foot, a source each, with its number, the most important first.
    chinese, about, kind : str
        The Chinese name; where the cluster lies and what it makes; its type.
    series : DataFrame, optional
        A yearly table, drawn as a small line under `series_name`.
    breaks : sequence of (int, int), optional
        As for a trend.

    Raises
    ------
    MessageError
        There is no figure, or there are more than a card has room for.
    """
    from matplotlib.figure import Figure

    if not 1 <= len(rows) <= MOST:
        raise MessageError(
            f"A card shows one to {MOST} figures, found {len(rows)}.",
            where=name,
            fix="Choose the figures that say most.",
        )
    facts = with_marks(rows, FACTS)
    drawn = series is not None and len(series) > 1
    breaks = inner_breaks(breaks, series["year"]) if drawn else ()
    with theme():
        figure = Figure(figsize=(WIDTH, HEIGHT))
        sheet = figure.add_axes((0, 0, 1, 1))
        sheet.set_axis_off()
        _write_head(sheet, name, chinese, about, kind)
        across = 2 if drawn or len(facts) == 4 else 3
        width = (1 - 2 * EDGE - (SPARK if drawn else 0)) / across
        height = (TOP - FOOT) / max(2, math.ceil(len(facts) / across))
        for place, row in enumerate(facts.itertuples()):
            corner = EDGE + place % across * width, TOP - place // across * height
            _write_figure(sheet, corner, row, footnotes.get(row.label, ()), language)
        if drawn:
            _draw_line(figure, series, series_name, breaks, language)
        _write_foot(sheet, sources, language, sign=cautions(facts.assign(mark=""), language))
    lines = [_told(row, footnotes.get(row.label, ()), language) for row in facts.itertuples()]
    if drawn:
        points = with_marks(series.assign(label=series_name), FACTS)
        lines += [line(series_name, basis_words(row, language), language.figure(Estimate.of(row)),
                       claims=row.claims) for row in series.itertuples()]  # fmt: skip
        facts = pd.concat([facts, points], ignore_index=True)
    alt = language.text("Card. {title}. {lines}.", title=" ".join(filter(None, [name, chinese])),
                        lines="; ".join(told.rsplit(" | ", 1)[0].replace(" | ", ", ")
                                        for told in lines[: len(rows)]))  # fmt: skip
    return Chart(name, alt, facts, [*lines, *sources], figure)


def _write_head(sheet: object, name: str, chinese: str, about: str, kind: str) -> None:
    _write_side_by_side(
        sheet, (EDGE, 0.88), (name, 19, "bold", INK), (chinese, 15, "normal", QUIET)
    )
    sheet.text(EDGE, 0.84, about, va="center", fontsize=9.5, color=QUIET)
    if kind:
        sheet.text(1 - EDGE - 0.01, 0.905, kind, va="center", ha="right", fontsize=9, color=BLUE,
                   bbox={"facecolor": PALE_BLUE, "edgecolor": "none",
                         "boxstyle": "round,pad=0.45"})  # fmt: skip


def _write_side_by_side(
    sheet: object, place: tuple[float, float], *texts: tuple[str, float, str, str]
) -> None:
    """Write texts, each with size, weight and colour, on one baseline."""
    from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea

    parts = [
        TextArea(text, textprops={"fontsize": size, "fontweight": weight, "color": colour})
        for text, size, weight, colour in texts if text
    ]  # fmt: skip
    row = HPacker(children=parts, align="baseline", pad=0, sep=4)
    sheet.add_artist(AnnotationBbox(row, place, frameon=False, pad=0, box_alignment=(0, 0)))


def _write_figure(
    sheet: object, corner: tuple[float, float], row: object, numbers: Sequence[str],
    language: Language,
) -> None:  # fmt: skip
    """Write a figure: what it is, how much, and below in small letters how sure."""
    left, top = corner
    number = language.number(row.value, digits=DIGITS)
    worded = _worded(row, language)
    before, _, after = worded.partition(number)
    sign, _, after = after.partition(" ")  # a sign such as % stands at its number
    size = 15.5 if len(worded) <= LONG else 12
    sheet.text(left, top, language.label(row.label), va="top", fontsize=8.6, color=QUIET)
    _write_side_by_side(
        sheet, (left, top - 0.108), (before.strip(), 8.6, "normal", INK),
        (number + sign, size, "bold", BLUE if row.status == "actual" else QUIET),
        (after, 8.6, "normal", INK),
    )  # fmt: skip
    sheet.text(left, top - 0.117, "\n".join(_details(row, numbers, language)), va="top",
               fontsize=6.9, color=QUIET, linespacing=1.3)  # fmt: skip


def _worded(row: object, language: Language) -> str:
    """Return a figure with its hedge; its status is told among the details."""
    return language.figure(replace(Estimate.of(row), status="actual"), digits=DIGITS)


def _details(row: object, numbers: Sequence[str], language: Language) -> list[str]:
    """Return how sure a figure is, in two lines: year, range and sources; what to beware of."""
    estimate = replace(Estimate.of(row), unit="count")  # the unit stands beside the number
    sure = [
        language.status(row.status),
        basis_words(row, language),
        language.doubt(estimate),
        f"[{','.join(few(numbers, most=3))}]" if numbers else "",
    ]
    beware = [DISPUTED if row.disputed else "", language.text(row.mark)]
    return [" · ".join(filter(None, parts)) for parts in (sure, beware)]


def _draw_line(
    figure: object, series: pd.DataFrame, name: str, breaks: Sequence[Years], language: Language
) -> None:
    """Draw a series small at the right, between its first and its last figure."""
    left = 1 - EDGE - SPARK + 0.05
    axes = figure.add_axes((left, FOOT + 0.09, SPARK - 0.06, TOP - FOOT - 0.15))
    figure.text(left, TOP, name, va="top", fontsize=8.6, color=QUIET)
    draw_path(axes, series, BLUE, breaks=breaks, size=13)
    draw_breaks(axes, breaks, language, height=0.01)
    for at in (0, -1):
        end = series.iloc[at]
        number = language.number(end["value"], digits=3)
        style = {"ha": "center", "fontsize": 7.6, "color": BLUE}
        beside(axes, number, (end["year"], reach(end)), (0, 5), **style)
    axes.margins(x=0.13)
    axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.12)
    axes.set_yticks([])
    axes.set_xticks([int(series["year"].iloc[at]) for at in (0, -1)])
    axes.tick_params(axis="x", labelsize=7.6, length=0)
    axes.set(xlabel="", ylabel="")
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)


def _write_foot(sheet: object, sources: Sequence[str], language: Language, *, sign: str) -> None:
    """List as many sources as there is room for, and count the others."""
    for most in range(len(sources), 0, -1):
        told = language.text("Sources: {list}.", list="; ".join(few(sources, most=most)))
        lines = textwrap.wrap(f"{sign} {told}".strip(), FOOT_WIDTH)
        if len(lines) <= FOOT_LINES:
            break
    sheet.axhline(FOOT, EDGE, 1 - EDGE, color=FAINT, linewidth=0.8)
    sheet.text(EDGE, FOOT - 0.022, "\n".join(lines), va="top", fontsize=6.4, color=QUIET,
               linespacing=1.35)  # fmt: skip


def _told(row: object, numbers: Sequence[str], language: Language) -> str:
    details = _details(row, numbers, language)
    return line(language.label(row.label), _worded(row, language), *details, claims=row.claims)
