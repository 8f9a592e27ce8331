"""Figures ranked with their ranges, and sources that contradict each other."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import Sheet, write
from clusterkit.views.theme import ACCENT, BLUE, FAINT, INK, QUIET
from clusterkit.words import Language

# Inches a row and size of letters; the second where there are many rows.
ROOMY, COMPACT = (0.22, 8.4), (0.165, 7.4)
MANY = 25
LETTER = 0.6  # the width of a bold letter, in heights
BESIDE = {"va": "center", "xycoords": ("axes fraction", "data")}
RANGE = {"along": "x", "linewidth": 6.5, "alpha": 0.42}
DOT = {"linewidth": 1.1, "zorder": 3}
RULE = {"color": QUIET, "linewidth": 0.3, "alpha": 0.25, "zorder": 0}

PAIR = 0.36  # inches a row of two dots
END = {"va": "center", "fontsize": 8.5}
CONFLICT = ["subject", "indicator", "product", "year", "unit", "lowest", "highest", "spread",
            "claims_low", "claims_high"]  # fmt: skip


@dataclass(frozen=True, eq=False)
class Ranges(Picture):
    """Many figures as dots on a logarithmic scale, each with its range, its year and its kind.

    The largest stands on top. Figures of different kinds, such as sales and market turnover, are
    not ranked together: each kind has its own list, on the same scale.

    Parameters
    ----------
    rows : DataFrame
        Figures of one unit with their year; and where there are such: kind, disputed, mark (what
        sets a figure apart from the others).
    label : str
        The column that names the rows.
    accent : collection of str
        Labels to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, the figures are in different units, or one is not above nothing.
    """

    form = "Ranked ranges"
    rows: pd.DataFrame
    label: str = "cluster"
    accent: Collection[str] = ()

    def __post_init__(self) -> None:
        marks.one_unit(self.rows["unit"], "Ranges need")
        marks.above_nothing(self.rows.set_index(self.label)["value"])

    @cached_property
    def _kinds(self) -> dict[str, pd.DataFrame]:
        """The rows of each kind, the largest first."""
        rows = marks.rows_of(self.rows, self.label)
        rows = rows.sort_values(["value", "label"], ascending=[False, True])
        return {kind: rows[rows["kind"] == kind] for kind in marks.kind_marks(rows["kind"])}

    def _rows(self) -> pd.DataFrame:
        return pd.concat(self._kinds.values(), ignore_index=True)

    def _draw(self, sheet: Sheet) -> None:
        rows, words = self.shown, sheet.words
        sheet.note = f"{sheet.note} {marks.cautions(rows, words)}".strip()
        high, size = COMPACT if len(rows) > MANY else ROOMY
        axes = sheet.axes(0.55 + high * (len(rows) + 1.6 * sum(map(bool, self._kinds))))
        axes.set_xlim(*frame.log_limits(rows.itertuples()))
        frame.log_axis(axes, "x", rows["unit"].iloc[0], words)
        signs, place, places = marks.kind_marks(self._kinds), 0.0, []
        for kind, part in self._kinds.items():
            if kind:
                place += 0.6 if place else 0
                style = {"fontsize": size + 0.6, "fontweight": "bold", "color": signs[kind][1]}
                write(axes, words.label(kind), (0, place), (4, 0), **BESIDE, **style)
                place += 1
            for row in part.itertuples():
                self._draw_row(axes, row, place, signs[kind], size, words)
                places.append(place)
                place += 1
        axes.hlines(places, *axes.get_xlim(), **RULE)
        axes.set_ylim(place - 0.3, -0.7)
        axes.tick_params(axis="x", labelsize=8.3)
        axes.grid(visible=False, axis="y")
        frame.hide_rows(axes)

    def _draw_row(
        self,
        axes: "frame.Axes",
        row: object,
        place: float,
        sign: tuple[str, str],
        size: float,
        words: Language,
    ) -> None:
        """Draw dot and range, the label to their left, figure and year to their right."""
        chosen, (marker, colour) = row.label in self.accent, sign
        colour, ink, weight = (ACCENT, ACCENT, "bold") if chosen else (colour, INK, "normal")
        marks.draw_range(axes, row, place, color=colour, **RANGE)
        full = [marks.face(colour, row.status, row.basis)]
        style = {"s": 1.4 * size, "marker": marker, "edgecolor": colour}
        axes.scatter([row.value], [place], color=full, **style, **DOT)
        longest = max(len(_signed(it, words)) for it in self.shown.itertuples())
        years = 6 + size * (1 + LETTER * longest)
        style = BESIDE | {"fontsize": size, "fontweight": weight}
        write(axes, words.label(row.label), (0, place), (-6, 0), ha="right", color=ink, **style)
        write(axes, _signed(row, words), (1, place), (6, 0), ha="left", color=ink, **style)
        year = marks.basis_words(row, words)
        write(axes, year, (1, place), (years, 0), ha="left", color=QUIET, **style)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for row in self.shown.itertuples():
            figure, kind = Estimate.of(row), words.label(row.kind) if row.kind else ""
            label = words.label(row.label), kind, marks.basis_words(row, words)
            more = words.text("disputed") if row.disputed else "", words.text(row.mark)
            yield Mark.of(label, figure, [words.figure(figure), words.doubt(figure)], more)

    def _summary(self, sheet: Sheet, told: Sequence[Mark]) -> str:
        count = sheet.words.text("{count} figures", count=len(told))
        return f"{count}. {super()._summary(sheet, told)}"


def _signed(row: object, words: Language) -> str:
    """Return the figure of a row in words; its unit stands at the axis."""
    return marks.signed(words.figure(replace(Estimate.of(row), unit="count")), row)


@dataclass(frozen=True, eq=False)
class Dumbbell(Picture):
    """Sources that contradict each other as pairs of dots, each on a scale from its lowest figure.

    Parameters
    ----------
    conflicts : DataFrame
        As `Case.conflicts` or `Case.confront` gives them.

    Raises
    ------
    MessageError
        There is no disagreement.
    """

    form = "Dumbbell chart"
    conflicts: pd.DataFrame

    def __post_init__(self) -> None:
        if self.conflicts.empty:
            fix = "Widen the years, or leave the picture out."
            raise MessageError("There is no disagreement to draw.", fix=fix)

    def _rows(self) -> pd.DataFrame:
        return self.conflicts[["label", *CONFLICT]].reset_index(drop=True)

    def _label(self, row: object, words: Language) -> str:
        """Return what a disagreement is about; of whom, where there are several."""
        if row.label:
            return words.text(row.label)
        indicator = words.label(row.indicator)
        told = words.text("{indicator}, {year}", indicator=indicator, year=row.year)
        if len(set(self.shown["subject"])) == 1:
            return told
        return words.text("{subject}: {figure}", subject=words.text(row.subject), figure=told)

    def _draw(self, sheet: Sheet) -> None:
        words, rows = sheet.words, self.shown
        axes, places, ends = sheet.axes(0.6 + PAIR * len(rows)), rows.index, 100 * rows["spread"]
        axes.hlines(places, 100, ends, color=FAINT, linewidth=4, zorder=1)
        for starts, colour in ((ends * 0 + 100, BLUE), (ends, ACCENT)):
            axes.scatter(starts, places, s=44, color=colour, zorder=2)
        for row in rows.itertuples():
            low, high = (words.quantity(it, row.unit, digits=3) for it in (row.lowest, row.highest))
            write(axes, low, (100, row.Index), (-7, 0), ha="right", color=BLUE, **END)
            write(axes, high, (ends[row.Index], row.Index), (7, 0), color=ACCENT, **END)
        axes.set_yticks(places, [self._label(row, words) for row in rows.itertuples()])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        furthest, span = ends.max(), ends.max() - 100
        axes.set_xlim(100 - 0.58 * span, furthest + 0.42 * span)
        axes.set_xlabel(words.text("highest figure, where the lowest is 100"))
        frame.list_rows(axes)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for row in self.shown.itertuples():
            label, facts = self._label(row, words), []
            sides = (
                ("lowest", row.lowest, row.claims_low),
                ("highest", row.highest, row.claims_high),
            )
            for side, value, claims in sides:
                figure = Estimate(value, value, value, row.unit, claims)
                told = words.quantity(value, row.unit, digits=5)
                facts.append(Fact(told, f"{label} | {words.text(side)}", figure=figure))
            yield Mark(label, facts, origins=[" ".join(fact.figure.claims) for fact in facts])
