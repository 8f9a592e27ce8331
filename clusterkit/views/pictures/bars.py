"""Figures side by side as bars, and shares of one whole as the parts of one bar."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, figures
from clusterkit.measures.figures import total
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import Sheet, write
from clusterkit.views.theme import ACCENT, BLUE, INK, PAPER, QUIET
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


@dataclass(frozen=True, eq=False)
class Bars(Picture):
    """Figures of one unit as bars, the largest on top, with their ranges.

    Parameters
    ----------
    figures : mapping of str to Estimate, or DataFrame
        From label to figure, or rows of figures with a column `label`.
    ranked : bool
        Whether the largest stands on top; otherwise the order given.
    accent : str
        The label of the bar to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, or the figures are in different units.
    """

    form = "Bar chart"
    figures: marks.Figures
    ranked: bool = True
    accent: str = ""

    def __post_init__(self) -> None:
        marks.one_unit(self.shown["unit"], "Bars need")

    @cached_property
    def _labelled(self) -> dict[str, Estimate]:
        return marks.labelled(self.figures, ranked=self.ranked)

    def _rows(self) -> pd.DataFrame:
        return figures(self._labelled)

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
            if not one.certain:
                axes.plot([one.low, marks.reach(one)], [place, place], color=INK, linewidth=1.3)
            write(axes, words.figure(one), (max(marks.reach(one), 0), place), (6, 0), **FIGURE)
        furthest = max(0.0, *map(marks.reach, shown.values()))
        axes.set_xlim(min(0.0, rows["low"].min()) * 1.08, furthest * 1.34)
        frame.list_rows(axes)
        frame.number_axis(axes, "x", rows["unit"].iloc[0], words)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for label, one in self._labelled.items():
            told = words.quantity(one.value, one.unit), words.doubt(one)
            yield Mark.of([words.label(label)], one, told, [words.status(one.status)])


@dataclass(frozen=True, eq=False)
class Shares(Picture):
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

    form = "Stacked bar"
    figures: marks.Figures
    accent: str = ""

    def __post_init__(self) -> None:
        units = sorted(set(self.shown["unit"]))
        if units != ["percent"]:
            found = ", ".join(units) or "none"
            raise MessageError(f"Shares need figures in percent, found {found}.")

    @cached_property
    def _labelled(self) -> dict[str, Estimate]:
        return marks.labelled(self.figures, ranked=True)

    def _rows(self) -> pd.DataFrame:
        return figures(self._labelled)

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
