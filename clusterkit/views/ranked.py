"""Pictures of figures side by side: bars, shares of a whole, ranges, sources that disagree."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, figures
from clusterkit.measures.figures import total
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import ACCENT, BLUE, FAINT, INK, PAPER, QUIET, Sheet, write
from clusterkit.words import Language

ROW = 0.36  # inches
FIGURE = {"va": "center", "fontsize": 8.5}

BAR, PART = 0.42, 0.25  # inches of the bar of shares, and of a row below
WHOLE = 100
ROOM = 1.6  # the label of the last part begins at its middle and leads to the right
SHARE = {"va": "center", "fontsize": 8.3}
LABEL = SHARE | {"bbox": {"facecolor": PAPER, "edgecolor": "none", "pad": 0.6}}
WHOLE_LINE = {"color": INK, "linewidth": 1.2, "linestyle": (0, (4, 3)), "zorder": 2.5}
WHOLE_TEXT = {"va": "top", "xycoords": ("data", "axes fraction"), "fontsize": 8.3, "color": INK}

# Inches a row and size of letters; the second where there are many rows.
ROOMY, COMPACT = (0.22, 8.4), (0.165, 7.4)
MANY = 25
LETTER = 0.6  # the width of a bold letter, in heights
BESIDE = {"va": "center", "xycoords": ("axes fraction", "data")}
RANGE = {"along": "x", "linewidth": 6.5, "alpha": 0.42}
DOT = {"linewidth": 1.1, "zorder": 3}
RULE = {"color": QUIET, "linewidth": 0.3, "alpha": 0.25, "zorder": 0}


@dataclass(frozen=True, eq=False)
class _Labelled(Picture):
    """What pictures of labelled figures share."""

    figures: marks.Figures

    @cached_property
    def _labelled(self) -> dict[str, Estimate]:
        return marks.labelled(self.figures, ranked=self.ranked)

    def _rows(self) -> pd.DataFrame:
        return figures(self._labelled)


@dataclass(frozen=True, eq=False)
class Bars(_Labelled):
    """Figures of one unit as bars, the largest on top, with their ranges.

    Parameters
    ----------
    figures : mapping of str to Estimate, or DataFrame
        From label to figure, or rows of figures with a column `label`.
    ranked : bool
        Whether the largest stands on top; otherwise the order given.
    accent : str
        The label of the bar to set off.
    base : float
        Where bars begin: nothing, or what is compared with, such as a location quotient of one.

    Raises
    ------
    MessageError
        There is nothing to draw, or the figures are in different units.
    """

    form, needs = "Bar chart", "Bars need"
    ranked: bool = True
    accent: str = ""
    base: float = 0

    def _draw(self, sheet: Sheet) -> None:
        import seaborn as sns

        words, rows, shown = sheet.words, self.shown, self._labelled
        axes = sheet.axes(0.55 + ROW * len(rows))
        labels = rows["label"].map(words.label)
        sns.barplot(x=rows["value"], y=labels, ax=axes, color=BLUE, errorbar=None, width=0.62)
        for place, (bar, label) in enumerate(zip(axes.patches, shown, strict=True)):
            one = shown[label]
            colour = ACCENT if label == self.accent else BLUE
            full = colour if one.status == "actual" else PAPER
            bar.set(facecolor=full, edgecolor=colour, linewidth=1.2)
            bar.set(x=self.base, width=one.value - self.base)
            if not one.certain:
                axes.plot([one.low, marks.reach(one)], [place, place], color=INK, linewidth=1.3)
            below = one.value < self.base
            end, step, side = (one.low, -6, "right") if below else (marks.reach(one), 6, "left")
            write(axes, words.figure(one), (end, place), (step, 0), ha=side, **FIGURE)
        reached = [self.base, *map(marks.reach, shown.values())]
        furthest, nearest = max(reached), min(self.base, rows["low"].min())
        room = 0.34 * (furthest - nearest)  # for the figures beside the bars
        axes.set_xlim(
            nearest - room * (nearest < self.base), furthest + room * (furthest > self.base)
        )
        axes.axvline(self.base, color=QUIET, linewidth=0.8)
        frame.list_rows(axes)
        frame.number_axis(axes, "x", rows["unit"].iloc[0], words)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for label, one in self._labelled.items():
            told = words.quantity(one.value, one.unit), words.doubt(one)
            yield Mark.of([words.label(label)], one, told, [words.status(one.status)])


@dataclass(frozen=True, eq=False)
class Shares(_Labelled):
    """Claimed shares of one whole end to end, with a line where all is shared.

    Parameters
    ----------
    figures : mapping of str to Estimate, or DataFrame
        Shares in percent, as for `Bars`; the largest is drawn first.
    accent : str
        The label of the part to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, or a figure is no share in percent.
    """

    form, ranked = "Stacked bar", True
    accent: str = ""

    def __post_init__(self) -> None:
        units = sorted(set(self.shown["unit"]))
        if units != ["percent"]:
            found = ", ".join(units) or "none"
            raise MessageError(f"Shares need figures in percent, found {found}.")

    @cached_property
    def _whole(self) -> Estimate:
        return total(*self._labelled.values())

    def _together(self, words: Language) -> str:
        return words.text("together {figure}", figure=words.bounded(self._whole))

    def _draw(self, sheet: Sheet) -> None:
        words, rows, whole = sheet.words, len(self.shown) + 1, self._whole
        axes, start = sheet.axes(BAR + PART * rows + 0.35), 0.0
        for place, (label, one) in enumerate(self._labelled.items()):
            chosen, full = label == self.accent, one.status == "actual"
            colour, ink, weight = (ACCENT, ACCENT, "bold") if chosen else (BLUE, INK, "normal")
            style = {"facecolor": colour if full else PAPER, "edgecolor": PAPER if full else colour}
            pale = 1 if chosen or not full else 0.85 - 0.12 * (place % 3)
            axes.barh(0, one.value, left=start, height=0.9, linewidth=1.2, alpha=pale, **style)
            # Below it a leader to its words, the first lowest.
            middle, below = start + one.value / 2, -(rows - place - 1.25) * PART / BAR - 0.5
            axes.plot([middle, middle], [-0.45, below], color=QUIET, linewidth=0.7, zorder=1)
            text, style = f"{words.label(label)}: {words.bounded(one)}", {"fontweight": weight}
            write(axes, text, (middle, below), (4, 0), color=ink, **style, **LABEL)
            start += one.value
        furthest = max(WHOLE, marks.reach(whole))
        axes.plot([whole.low, min(whole.high, furthest)], [0, 0], color=INK, linewidth=1.3)
        write(axes, self._together(words), (furthest, 0), (8, 0), fontweight="bold", **SHARE)
        axes.axvline(WHOLE, **WHOLE_LINE)
        write(axes, words.text("all there is, 100%"), (WHOLE, 1), (3, -2), **WHOLE_TEXT)
        axes.set(xlim=(0, furthest * ROOM), ylim=(-(rows - 0.2) * PART / BAR, 1.25))
        axes.set(xticks=[], yticks=[])
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for label, one in self._labelled.items():
            yield Mark.of([words.label(label)], one, [words.bounded(one)])
        told = self._together(words)
        yield Mark("", [Fact(told, words.text("together"), figure=self._whole)])


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

    form, needs = "Ranked ranges", "Ranges need"
    rows: pd.DataFrame
    label: str = "cluster"
    accent: Collection[str] = ()

    def __post_init__(self) -> None:
        super().__post_init__()
        marks.above_nothing(self.rows.set_index(self.label)["value"])

    @cached_property
    def _kinds(self) -> dict[str, pd.DataFrame]:
        return dict(list(self.shown.groupby("kind", sort=False)))

    def _rows(self) -> pd.DataFrame:
        """Return the rows of one kind after the other, the largest first."""
        rows = marks.rows_of(self.rows, self.label)
        rows["place"] = rows["kind"].map([*marks.kind_marks(rows["kind"])].index)
        order, down = ["place", "value", "label"], [True, False, True]
        return rows.sort_values(order, ascending=down, ignore_index=True).drop(columns="place")

    def _draw(self, sheet: Sheet) -> None:
        rows, words = self.shown, sheet.words
        sheet.note = f"{sheet.note} {marks.cautions(rows, words)}".strip()
        high, size = COMPACT if len(rows) > MANY else ROOMY
        axes = sheet.axes(0.55 + high * (len(rows) + 1.6 * sum(map(bool, self._kinds))))
        axes.set_xlim(*frame.log_limits(rows.itertuples()))
        frame.log_axis(axes, "x", rows["unit"].iloc[0], words)
        placed, place = [], 0.0
        for kind, (marker, colour) in marks.kind_marks(self._kinds).items():
            if kind:
                place += 0.6 if place else 0
                style = {"fontsize": size + 0.6, "fontweight": "bold", "color": colour}
                write(axes, words.label(kind), (0, place), (4, 0), **BESIDE, **style)
                place += 1
            for row in self._kinds[kind].itertuples():
                shade = ACCENT if row.label in self.accent else colour
                marks.draw_range(axes, row, place, color=shade, **RANGE)
                full = [marks.face(shade, row.status, row.basis)]
                dot = {"s": 1.4 * size, "marker": marker, "edgecolor": shade}
                axes.scatter([row.value], [place], color=full, **dot, **DOT)
                placed.append((place, row))
                place += 1
        axes.hlines([at for at, _ in placed], *axes.get_xlim(), **RULE)
        self._write_rows(axes, placed, size, words)
        axes.set_ylim(place - 0.3, -0.7)
        axes.tick_params(axis="x", labelsize=8.3)
        axes.grid(visible=False, axis="y")
        frame.hide_rows(axes)

    def _write_rows(
        self, axes: "frame.Axes", placed: list[tuple[float, object]], size: float, words: Language
    ) -> None:
        """Write the label of each row to its left, its figure and its year to its right."""
        figures = [_signed(row, words) for _, row in placed]
        years = 6 + size * (1 + LETTER * max(map(len, figures)))
        for (place, row), figure in zip(placed, figures, strict=True):
            ink, weight = (ACCENT, "bold") if row.label in self.accent else (INK, "normal")
            style = {"fontsize": size, "fontweight": weight} | BESIDE
            write(axes, words.label(row.label), (0, place), (-6, 0), ha="right", color=ink, **style)
            write(axes, figure, (1, place), (6, 0), color=ink, **style)
            write(axes, marks.basis_words(row, words), (1, place), (years, 0), color=QUIET, **style)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for row in self.shown.itertuples():
            figure, kind = Estimate.of(row), words.label(row.kind) if row.kind else ""
            label = words.label(row.label), kind, marks.basis_words(row, words)
            more = words.text("disputed") if row.disputed else "", words.text(row.mark)
            yield Mark.of(label, figure, [words.figure(figure), words.doubt(figure)], more)


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
        return self.conflicts.reset_index(drop=True)

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
        axes, places, ends = sheet.axes(0.6 + ROW * len(rows)), rows.index, 100 * rows["spread"]
        axes.hlines(places, 100, ends, color=FAINT, linewidth=4, zorder=1)
        for starts, colour in ((ends * 0 + 100, BLUE), (ends, ACCENT)):
            axes.scatter(starts, places, s=44, color=colour, zorder=2)
        for row in rows.itertuples():
            low, high = (words.quantity(it, row.unit, digits=3) for it in (row.lowest, row.highest))
            write(axes, low, (100, row.Index), (-7, 0), ha="right", color=BLUE, **FIGURE)
            write(axes, high, (ends[row.Index], row.Index), (7, 0), color=ACCENT, **FIGURE)
        axes.set_yticks(places, [self._label(row, words) for row in rows.itertuples()])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        furthest, span = ends.max(), ends.max() - 100
        axes.set_xlim(100 - 0.58 * span, furthest + 0.42 * span)
        axes.set_xlabel(words.text("highest figure, where the lowest is 100"))
        frame.list_rows(axes)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words, known = sheet.words, sheet.claims.set_index("claim_id")
        for row in self.shown.itertuples():
            label, facts = self._label(row, words), []
            for end, claims in (("lowest", row.claims_low), ("highest", row.claims_high)):
                figure = _claimed(claims, getattr(row, end), row, known)
                told = words.quantity(figure.value, figure.unit, digits=5)
                facts.append(Fact(told, f"{label} | {words.text(end)}", figure=figure))
            yield Mark(label, facts, origins=[" ".join(fact.figure.claims) for fact in facts])


def _claimed(claims: tuple[str, ...], value: float, row: object, known: pd.DataFrame) -> Estimate:
    """Return the figure of some claims: with range and status, where the page's case is theirs."""
    if claims[0] in known.index:
        return Estimate.of(known.loc[claims[0]].to_dict() | {"claims": claims})
    return Estimate(value, value, value, row.unit, claims, year=row.year)
