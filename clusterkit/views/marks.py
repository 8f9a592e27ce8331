"""How a figure is marked, in every picture the same way.

A dot is full where the figure is dated, pale where its year is only that of publication or our
inference, hollow where it is no outturn. A pale bar is its range, an arrow an open end. Each kind
of figure keeps its marker and its colour: different kinds must not be taken for each other.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import FIGURE, Estimate, estimates_of
from clusterkit.views.frame import COLOURS, FAINT, PAPER, QUIET, Point, write
from clusterkit.views.origins import few
from clusterkit.words import Language, wording

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PALE = 0.3  # how much colour is left in a point whose year its source does not print
MARKERS = ("o", "s", "^", "D", "v", "P")
KIND_COLOURS = tuple(COLOURS[place] for place in (0, 2, 4, 3, 5))
# In the order in which they take markers and colours, and in which readers meet them.
KINDS = ("sales", "output value", "revenue", "scale without definition", "market turnover")
DISPUTED = "≠"
APART = "*"  # what is counted differs from the others; the reason stands below
# What tells how a figure is marked, beside the figure itself; plain where a row lacks it.
PLAIN = {"kind": "", "hedge": "", "basis": "dated", "mark": "", "disputed": False}
ROW = ["label", "year", *FIGURE, "kind", "disputed", "mark"]

KEY = {"frameon": False, "fontsize": 8.3, "labelcolor": QUIET, "handletextpad": 0.1}
DASHED = {"color": QUIET, "linestyle": (0, (4, 3))}
DOTTED = {"linewidth": 1, "linestyle": ":", "alpha": 0.7}
BAND = {"color": FAINT, "alpha": 0.5, "linewidth": 0, "zorder": 0}
BAND_TEXT = {"ha": "center", "va": "bottom", "fontsize": 7.6, "color": QUIET}

Years = tuple[int, int]
Breaks = Sequence[Years] | pd.DataFrame
Figures = Mapping[str, Estimate] | pd.DataFrame
Tables = Mapping[str, pd.DataFrame]  # yearly tables


def rows_of(given: pd.DataFrame, label: str) -> pd.DataFrame:
    """Return rows of figures with every column that tells how to mark them, named by a column."""
    plain = {column: value for column, value in PLAIN.items() if column not in given}
    return given.assign(label=given[label], **plain)[ROW].reset_index(drop=True)


def tables_of(given: Tables | pd.DataFrame) -> Tables:
    """Return yearly tables by label; of a frame a column `label` tells them apart."""
    if isinstance(given, pd.DataFrame):
        return by_label(given) if "label" in given else {"": given}
    return given


def labelled(given: Figures, *, ranked: bool) -> dict[str, Estimate]:
    """Return figures by label, the largest first or in the order given."""
    if isinstance(given, pd.DataFrame):
        given = dict(zip(given["label"], estimates_of(given), strict=True))
    order = sorted(given, key=lambda label: (-given[label].value, label)) if ranked else given
    return {label: given[label] for label in order}


def by_label(rows: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return rows as a table for each label, in the order in which they come."""
    return {str(label): part for label, part in rows.groupby("label", sort=False)}


def above_nothing(figures: Mapping[str, float] | pd.Series) -> None:
    """Refuse to draw labelled values on a logarithmic axis that have no place there."""
    low = [label for label, value in figures.items() if value <= 0]
    if low:
        raise MessageError(
            "A logarithmic axis has no place for nothing or less.",
            where=", ".join(map(str, few(low))),
            fix="Leave the figure out, or draw bars.",
        )


def reach(row: object) -> float:
    """Return the highest point at which a figure is drawn: its value where its range is open."""
    return row.high if math.isfinite(row.high) else row.value


def face(colour: str, status: str, basis: str = "dated") -> str | tuple[float, float, float]:
    """Return how a point is filled."""
    from matplotlib.colors import to_rgb

    if status != "actual":
        return PAPER
    if basis != "dated":
        return tuple(1 - PALE * (1 - part) for part in to_rgb(colour))
    return colour


def kind_marks(kinds: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return marker and colour of each kind, those in `KINDS` always the same."""
    plain = {kind: kind.replace("_", " ") for kind in sorted(set(kinds))}
    order = [*KINDS, *sorted(set(plain.values()) - set(KINDS))]
    marks = {
        name: (MARKERS[place % len(MARKERS)], KIND_COLOURS[place % len(KIND_COLOURS)])
        for place, name in enumerate(order)
    }
    return {
        kind: marks[plain[kind]] for kind in sorted(plain, key=lambda it: order.index(plain[it]))
    }


def draw_key(
    axes: "Axes", marks: Mapping[str, tuple[str, str]], words: Language, **place: object
) -> None:
    """Name marks in their own colours, in one line where they are few."""
    from matplotlib.lines import Line2D

    signs = [Line2D([], [], marker=it, linestyle="", color=colour) for it, colour in marks.values()]
    names = [words.label(name) for name in marks]
    axes.legend(signs, names, columnspacing=1.2, **KEY, **{"ncols": 5} | place)


def write_value(
    axes: "Axes", row: object, words: Language, step: Point, *, at: float | None = None, **style
) -> None:
    """Write the value of a yearly figure in short beside its point, or at another height."""
    point = row.year, row.value if at is None else at
    number = words.number(row.value, digits=3)
    write(axes, words.text(wording("hedged")[row.hedge], figure=number), point, step, **style)


def draw_range(axes: "Axes", row: object, at: float, *, along: str = "y", **style: object) -> None:
    """Draw the range of a figure as a bar along an axis, with an arrow where it is open."""
    ends, across = [row.low, reach(row)], [at, at]
    style = {"linewidth": 5, "alpha": 0.28, "solid_capstyle": "butt"} | style
    axes.plot(*((ends, across) if along == "x" else (across, ends)), **style)
    if not math.isfinite(row.high):
        arrow = {"arrowstyle": "<-", "color": style["color"], "alpha": 0.6}
        tip, point = ((16, 0), (row.value, at)) if along == "x" else ((0, 16), (at, row.value))
        write(axes, "", point, tip, arrowprops=arrow)


def draw_path(
    axes: "Axes",
    table: pd.DataFrame,
    colour: str,
    *,
    breaks: Sequence[Years] = (),
    size: float = 30,
) -> None:
    """Draw a yearly table as a line with its ranges; the larger the dots, the thicker the line.

    Over years without a figure, and from an outturn to a forecast, nothing is known: a dotted
    line joins, but does not claim. Nothing is joined across a break, nor to a figure of which only
    the year of print is known, unless hardly any other is on record.
    """
    import seaborn as sns

    thick = (size / 30) ** 0.5
    solid = {"x": "year", "y": "value", "units": "run", "linewidth": 1.8 * thick}
    dated = table[table["basis"] == "dated"]
    for stretch in stretches(dated if len(dated) > 1 else table, breaks):
        new_status = stretch["status"] != stretch["status"].shift()
        runs = ((stretch["year"].diff() > 1) | new_status).cumsum()
        sns.lineplot(stretch.assign(run=runs), ax=axes, color=colour, estimator=None, **solid)
        axes.plot(stretch["year"], stretch["value"], color=colour, **DOTTED)
    for row in table.itertuples():
        draw_range(axes, row, row.year, color=colour, linewidth=5 * thick)
    faces = [face(colour, row.status, row.basis) for row in table.itertuples()]
    dots = {"s": size, "edgecolor": colour, "linewidth": 1.4 * thick, "zorder": 3}
    axes.scatter(table["year"], table["value"], facecolor=faces, **dots)


def stretches(table: pd.DataFrame, breaks: Sequence[Years]) -> list[pd.DataFrame]:
    """Return a yearly table cut wherever a break lies between two of its years."""
    steps = zip(table["year"].shift(), table["year"], strict=True)
    cut = [any(one < before and two > after for after, before in breaks) for one, two in steps]
    return [part for _, part in table.groupby(pd.Series(cut, index=table.index).cumsum())]


def inner_breaks(breaks: Breaks, years: pd.Series) -> list[Years]:
    """Return the breaks that lie between the first and the last of some years."""
    if isinstance(breaks, pd.DataFrame):
        breaks = zip(breaks["after"].map(int), breaks["before"].map(int), strict=True)
    first, last = years.min(), years.max()
    return [(after, before) for after, before in breaks if first <= after < before <= last]


def draw_breaks(
    axes: "Axes", breaks: Sequence[Years], words: Language, *, height: float = 1.0
) -> None:
    """Shade the years between two counts that cannot be compared, and say so at a height."""
    at = ("data", "axes fraction")
    for after, before in breaks:
        axes.axvspan(after, before, **BAND)
        middle = (after + before) / 2, height
        write(axes, words.text("new count"), middle, xycoords=at, **BAND_TEXT)


def basis_words(row: object, words: Language) -> str:
    """Return the year of a figure, as known: "2023", "as of 2024" or "2024 inferred"."""
    worded = {"as of": "as of {year}", "inferred": "{year} inferred"}
    pattern = worded.get(row.basis)
    return words.text(pattern, year=int(row.year)) if pattern else str(int(row.year))


def cautions(rows: pd.DataFrame, words: Language) -> str:
    """Return what the signs at some figures mean, as far as they bear any."""
    told = []
    if rows["disputed"].any():
        told.append(words.text("{sign} sources contradict each other.", sign=DISPUTED))
    if rows["mark"].any():
        reasons = few(sorted({words.text(mark) for mark in rows["mark"] if mark}), most=4)
        meaning = "{sign} more, less or other than the cluster: {reasons}."
        told.append(words.text(meaning, sign=APART, reasons="; ".join(reasons)))
    return " ".join(told)


def signed(text: str, row: object) -> str:
    """Return the words of a figure with the signs it bears."""
    signs = (DISPUTED if row.disputed else "") + (APART if row.mark else "")
    return f"{text} {signs}".strip()
