"""One cluster on one page, in the shape of a slide: its figures, their doubt, their sources."""

import math
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, figures, union
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import BLUE, FAINT, INK, QUIET, WIDTH, Point, Sheet
from clusterkit.views.origins import few
from clusterkit.words import Language

HEIGHT = WIDTH * 9 / 16
MOST = 6  # figures a card has room for
DIGITS = 4  # of a figure in large letters
LONG = 23  # letters; more of them are written smaller
EDGE = 0.035  # of the width, left and right
TOP, FOOT = 0.76, 0.165  # the figures stand between, as parts of the height
SPARK = 0.31  # of the width, where there is a series to draw
FOOT_WIDTH, FOOT_LINES = 142, 5  # letters in a line, lines at the foot

NAME = {"fontsize": 19, "fontweight": "bold", "color": INK}
CHINESE = {"fontsize": 15, "fontweight": "normal", "color": QUIET}
PLACE = {"va": "center", "fontsize": 9.5, "color": QUIET}
PILL = {"facecolor": "#e8f1f8", "edgecolor": "none", "boxstyle": "round,pad=0.45"}
KIND = {"va": "center", "ha": "right", "fontsize": 9, "color": BLUE, "bbox": PILL}
LABEL = {"va": "top", "fontsize": 8.6, "color": QUIET}
BESIDE = {"fontsize": 8.6, "fontweight": "normal", "color": INK}
DETAILS = {"va": "top", "fontsize": 6.9, "color": QUIET, "linespacing": 1.3}
END = {"ha": "center", "fontsize": 7.6, "color": BLUE}
SOURCES = {"va": "top", "fontsize": 6.4, "color": QUIET, "linespacing": 1.35}


@dataclass(frozen=True, eq=False)
class Card(Picture):
    """A cluster on one page: up to six figures, a line over the years, the sources at the foot.

    Its title is the name of the cluster.

    Parameters
    ----------
    rows : DataFrame
        Rows of figures with their year; and where there are such: disputed, mark (a few words of
        caution).
    label : str
        The column that names the figures.
    chinese : str
        The Chinese name.
    about : sequence of str
        What the cluster makes, and where it lies.
    kind : str
        Its type.
    series : DataFrame, optional
        A yearly table, drawn as a small line under `series_name`.
    series_name : str
        What it is a series of.
    breaks : sequence of (int, int) or DataFrame
        As for a `Trend`.

    Raises
    ------
    MessageError
        There is no figure, or there are more than a card has room for.
    """

    form = "Card"
    rows: pd.DataFrame
    label: str = "label"
    chinese: str = ""
    about: str | Sequence[str] = ()
    kind: str = ""
    series: pd.DataFrame | None = None
    series_name: str = ""
    breaks: marks.Breaks = ()

    def __post_init__(self) -> None:
        if not 1 <= len(self.rows) <= MOST:
            raise MessageError(
                f"A card shows one to {MOST} figures, found {len(self.rows)}.",
                where=self.chinese or None,
                fix="Choose the figures that say most.",
            )

    @cached_property
    def _figures(self) -> pd.DataFrame:
        return marks.rows_of(self.rows, self.label)

    @cached_property
    def _line(self) -> pd.DataFrame:
        """The yearly figures, or none where there are too few for a line."""
        drawn = self.series is not None and len(self.series) > 1
        return figures({self.series_name: self.series} if drawn else {})

    def _rows(self) -> pd.DataFrame:
        return pd.concat([self._figures, self._line], ignore_index=True)

    def _draw(self, sheet: Sheet) -> None:
        figure, rows, words = sheet.blank(HEIGHT), self._figures, sheet.words
        axes = figure.add_axes((0, 0, 1, 1))
        axes.set_axis_off()
        self._write_head(axes, sheet)
        spark = SPARK if len(self._line) else 0
        across = 2 if spark or len(rows) == 4 else 3
        width = (1 - 2 * EDGE - spark) / across
        height = (TOP - FOOT) / max(2, math.ceil(len(rows) / across))
        for place, row in enumerate(rows.itertuples()):
            corner = EDGE + place % across * width, TOP - place // across * height
            _write_figure(axes, corner, row, sheet)
        if spark:
            self._draw_line(figure, words)
        told = marks.cautions(rows.assign(mark=""), words)
        _write_foot(axes, self._sources(sheet), words, sign=told)

    def _sources(self, sheet: Sheet) -> list[str]:
        """Return those of the figures first: where room is short, those of the line are cut."""
        claims = [union(*rows["claims"]) for rows in (self._figures, self._line)]
        told = [line for names in claims for line in sheet.origins.lines(names, sheet.words)]
        return list(dict.fromkeys(told))

    def _write_head(self, axes: "frame.Axes", sheet: Sheet) -> None:
        words = sheet.words
        about = [self.about] if isinstance(self.about, str) else self.about
        _side_by_side(axes, (EDGE, 0.88), (sheet.title, NAME), (self.chinese, CHINESE))
        axes.text(EDGE, 0.84, ", ".join(map(words.text, about)), **PLACE)
        if self.kind:
            axes.text(1 - EDGE - 0.01, 0.905, words.text(self.kind), **KIND)

    def _draw_line(self, figure: "frame.Figure", words: Language) -> None:
        """Draw the series small at the right, between its first and its last figure."""
        rows, left = self._line, 1 - EDGE - SPARK + 0.05
        breaks = marks.inner_breaks(self.breaks, rows["year"])
        axes = figure.add_axes((left, FOOT + 0.09, SPARK - 0.06, TOP - FOOT - 0.15))
        figure.text(left, TOP, words.label(self.series_name), **LABEL)
        marks.draw_path(axes, rows, BLUE, breaks=breaks, size=13)
        marks.draw_breaks(axes, breaks, words, height=0.01)
        ends = [rows.iloc[at] for at in (0, -1)]
        for end in ends:
            marks.write_value(axes, end, words, (0, 5), at=marks.reach(end), **END)
        axes.margins(x=0.13)
        axes.set_ylim(bottom=0, top=axes.get_ylim()[1] * 1.12)
        frame.hide_rows(axes)
        axes.set_xticks([int(end["year"]) for end in ends])
        axes.tick_params(axis="x", labelsize=7.6, length=0)
        axes.set(xlabel="", ylabel="")
        axes.grid(visible=False)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for row in self._figures.itertuples():
            told, footnote = [_worded(row, words), _sure(row, words)], _footnote(row, sheet)
            more = [_beware(row, words)]
            yield Mark.of([words.label(row.label)], Estimate.of(row), told, more, footnote)
        for row in self._line.itertuples():
            label = words.label(row.label), marks.basis_words(row, words)
            yield Mark.of(label, Estimate.of(row), [words.figure(Estimate.of(row))])
        for source in self._sources(sheet):
            _, _, bare = source.partition("] ")
            yield Mark(source, within=[Fact(bare, bare, "data")])


def _side_by_side(axes: "frame.Axes", place: Point, *texts: tuple[str, dict]) -> None:
    """Write texts, each in its style, on one baseline."""
    from matplotlib.offsetbox import AnnotationBbox, HPacker, TextArea

    parts = [TextArea(text, textprops=style) for text, style in texts if text]
    row = HPacker(children=parts, align="baseline", pad=0, sep=4)
    axes.add_artist(AnnotationBbox(row, place, frameon=False, pad=0, box_alignment=(0, 0)))


def _write_figure(axes: "frame.Axes", corner: Point, row: object, sheet: Sheet) -> None:
    """Write a figure: what it is, how much, and below in small letters how sure."""
    (left, top), words = corner, sheet.words
    number, worded = words.number(row.value, digits=DIGITS), _worded(row, words)
    before, _, after = worded.partition(number)
    sign, _, after = after.partition(" ")  # a sign such as % stands at its number
    size, colour = 15.5 if len(worded) <= LONG else 12, BLUE if row.status == "actual" else QUIET
    large = {"fontsize": size, "fontweight": "bold", "color": colour}
    axes.text(left, top, words.label(row.label), **LABEL)
    texts = (before.strip(), BESIDE), (number + sign, large), (after, BESIDE)
    _side_by_side(axes, (left, top - 0.108), *texts)
    sure = f"{_sure(row, words)}{_footnote(row, sheet)}"
    axes.text(left, top - 0.117, f"{sure}\n{_beware(row, words)}", **DETAILS)


def _worded(row: object, words: Language) -> str:
    """Return a figure with its hedge; its status is told among the details."""
    return words.figure(replace(Estimate.of(row), status="actual"), digits=DIGITS)


def _sure(row: object, words: Language) -> str:
    """Return how sure a figure is: status, year, range; the unit stands beside the number."""
    doubt = words.doubt(replace(Estimate.of(row), unit="count"))
    parts = words.status(row.status), marks.basis_words(row, words), doubt
    return " · ".join(filter(None, parts))


def _footnote(row: object, sheet: Sheet) -> str:
    numbers = sheet.origins.numbers(row.claims)
    return f" · [{','.join(few(numbers, most=3))}]" if numbers else ""


def _beware(row: object, words: Language) -> str:
    parts = marks.DISPUTED if row.disputed else "", words.text(row.mark)
    return " · ".join(filter(None, parts))


def _write_foot(axes: "frame.Axes", sources: Sequence[str], words: Language, *, sign: str) -> None:
    """List as many sources as there is room for, and count the others."""
    for most in range(len(sources), 0, -1):
        told = words.text("Sources: {list}.", list="; ".join(few(sources, most=most)))
        lines = textwrap.wrap(f"{sign} {told}".strip(), FOOT_WIDTH)
        if len(lines) <= FOOT_LINES:
            break
    axes.axhline(FOOT, EDGE, 1 - EDGE, color=FAINT, linewidth=0.8)
    axes.text(EDGE, FOOT - 0.022, "\n".join(lines), **SOURCES)
