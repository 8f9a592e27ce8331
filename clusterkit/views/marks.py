"""How a figure is marked, in every picture the same way.

A dot is full where the figure is dated, pale where its year is only that of publication or our
inference, hollow where it is no outturn. A pale bar is its range, an arrow an open end. Each kind
of figure keeps its marker and its colour: different kinds must not be taken for each other.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.origins import few
from clusterkit.views.theme import COLOURS, FAINT, PAPER, QUIET
from clusterkit.words import Language

PALE = 0.3  # how much colour is left in a point whose year its source does not print
ACCENT = COLOURS[1]
MARKERS = ("o", "s", "^", "D", "v", "P")
KIND_COLOURS = tuple(COLOURS[place] for place in (0, 2, 4, 3, 5))
# In the order in which they take markers and colours, and in which readers meet them.
KINDS = ("sales", "output value", "revenue", "scale without definition", "market turnover")
DISPUTED = "≠"
APART = "*"  # what is counted differs from the others; the reason stands below

Years = tuple[int, int]


def one_unit(units: Iterable[str], what: str, title: str, *, fix: str | None = None) -> str:
    """Return the one unit of the figures of a picture, or refuse to draw."""
    found = sorted(set(units))
    if len(found) != 1:
        raise MessageError(
            f"{what} figures of one unit, found {', '.join(found) or 'none'}.", where=title, fix=fix
        )
    return found[0]


def facts_of(figures: Mapping[str, Estimate]) -> pd.DataFrame:
    """Return labelled figures as the facts of a picture."""
    columns = ["label", "value", "low", "high", "unit", "status", "claims"]
    rows = [{"label": label} | vars(figure) for label, figure in figures.items()]
    return pd.DataFrame(rows, columns=columns)


def line(*parts: str, claims: Sequence[str]) -> str:
    """Return what is told of a figure and the claims it rests on, in a line."""
    return " | ".join(part for part in (*parts, " ".join(few(claims))) if part)


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
    """Return marker and colour of each kind, those in `KINDS` always the same.

    Examples
    --------
    >>> kind_marks(["output_value", "sales"])
    {'sales': ('o', '#0072B2'), 'output_value': ('s', '#009E73')}
    """
    found = sorted(set(kinds))
    plain = {kind: kind.replace("_", " ") for kind in found}
    order = [*KINDS, *sorted(set(plain.values()) - set(KINDS))]
    marks = {
        name: (MARKERS[place % len(MARKERS)], KIND_COLOURS[place % len(KIND_COLOURS)])
        for place, name in enumerate(order)
    }
    return {
        kind: marks[plain[kind]] for kind in sorted(found, key=lambda it: order.index(plain[it]))
    }


def draw_key(
    axes: object,
    marks: Mapping[str, tuple[str, str]],
    language: Language,
    *,
    most: int = 5,
    **place: object,
) -> None:
    """Name marks in their own colours, in one line where they are few."""
    from matplotlib.lines import Line2D

    signs = [Line2D([], [], marker=marker, linestyle="", color=colour)
             for marker, colour in marks.values()]  # fmt: skip
    axes.legend(signs, [language.label(name) for name in marks], ncols=most, frameon=False,
                fontsize=8.3, labelcolor=QUIET, handletextpad=0.1, columnspacing=1.2,
                **place)  # fmt: skip


def draw_range(
    axes: object, row: object, at: float, colour: str, *, along: str = "y", width: float = 5,
    alpha: float = 0.28,
) -> None:  # fmt: skip
    """Draw the range of a figure as a bar along an axis, with an arrow where it is open."""
    ends, across = [row.low, reach(row)], [at, at]
    axes.plot(*((ends, across) if along == "x" else (across, ends)), color=colour,
              linewidth=width, alpha=alpha, solid_capstyle="butt")  # fmt: skip
    if not math.isfinite(row.high):
        arrow = {"arrowstyle": "<-", "color": colour, "alpha": 0.6}
        tip, point = ((16, 0), (row.value, at)) if along == "x" else ((0, 16), (at, row.value))
        axes.annotate("", point, tip, textcoords="offset points", arrowprops=arrow)


def draw_path(
    axes: object,
    table: pd.DataFrame,
    colour: str,
    *,
    breaks: Sequence[Years] = (),
    size: float = 30,
) -> None:
    """Draw a yearly table as a line with its ranges; the larger the dots, the thicker the line.

    Over years without a figure, and from an outturn to a forecast, nothing is known: a dotted
    line joins, but does not claim. Across a break nothing is joined.
    """
    import seaborn as sns

    scale = size / 30
    for stretch in stretches(table, breaks):
        new_status = stretch["status"] != stretch["status"].shift()
        runs = ((stretch["year"].diff() > 1) | new_status).cumsum()
        for _, run in stretch.groupby(runs):
            sns.lineplot(run, x="year", y="value", ax=axes, color=colour,
                         linewidth=1.8 * scale**0.5, errorbar=None)  # fmt: skip
        axes.plot(stretch["year"], stretch["value"], color=colour, linewidth=1, linestyle=":",
                  alpha=0.7)  # fmt: skip
    for row in table.itertuples():
        draw_range(axes, row, row.year, colour, width=5 * scale**0.5)
    faces = [face(colour, row.status, getattr(row, "basis", "dated")) for row in table.itertuples()]
    axes.scatter(table["year"], table["value"], s=size, facecolor=faces, edgecolor=colour,
                 linewidth=1.4 * scale**0.5, zorder=3)  # fmt: skip


def stretches(table: pd.DataFrame, breaks: Sequence[Years]) -> list[pd.DataFrame]:
    """Return a yearly table cut wherever a break lies between two of its years.

    Examples
    --------
    >>> table = pd.DataFrame({"year": [2010, 2012, 2016, 2017]})
    >>> [part["year"].tolist() for part in stretches(table, [(2012, 2015)])]
    [[2010, 2012], [2016, 2017]]
    """
    cut = [any(start < before and year > after for after, before in breaks)
           for start, year in zip(table["year"].shift(), table["year"], strict=True)]  # fmt: skip
    return [part for _, part in table.groupby(pd.Series(cut, index=table.index).cumsum())]


def inner_breaks(breaks: Iterable[Years], years: pd.Series) -> list[Years]:
    """Return the breaks that lie between the first and the last of some years."""
    first, last = years.min(), years.max()
    return [(after, before) for after, before in breaks if first <= after < before <= last]


def draw_breaks(
    axes: object, breaks: Sequence[Years], language: Language, *, height: float = 1.0
) -> None:
    """Shade the years between two counts that cannot be compared, and say so at a height."""
    for after, before in breaks:
        axes.axvspan(after, before, color=FAINT, alpha=0.5, linewidth=0, zorder=0)
        axes.annotate(language.text("new count"), ((after + before) / 2, height),
                      xycoords=("data", "axes fraction"), ha="center", va="bottom", fontsize=7.6,
                      color=QUIET)  # fmt: skip


def basis_words(row: object, language: Language) -> str:
    """Return the year of a figure, as known: "2023", "as of 2024" or "2024 inferred"."""
    worded = {"as of": "as of {year}", "inferred": "{year} inferred"}
    pattern = worded.get(getattr(row, "basis", "dated"))
    return language.text(pattern, year=int(row.year)) if pattern else str(int(row.year))


def cautions(rows: pd.DataFrame, language: Language) -> str:
    """Return what the signs at some figures mean, as far as they bear any."""
    told = []
    if rows["disputed"].any():
        told.append(language.text("{sign} sources contradict each other.", sign=DISPUTED))
    if rows["mark"].any():
        reasons = few(sorted({language.text(mark) for mark in rows["mark"] if mark}), most=4)
        meaning = "{sign} more, less or other than the cluster: {reasons}."
        told.append(language.text(meaning, sign=APART, reasons="; ".join(reasons)))
    return " ".join(told)


def signed(text: str, row: object) -> str:
    """Return the words of a figure with the signs it bears."""
    signs = (DISPUTED if row.disputed else "") + (APART if row.mark else "")
    return f"{text} {signs}".strip()


def with_marks(rows: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return rows with every column that tells how a figure is marked, plain where one lacks."""
    plain = {"basis": "dated", "hedge": "", "kind": "", "mark": "", "disputed": False}
    have = {name: value for name, value in plain.items() if name not in rows}
    return rows.assign(**have).reindex(columns=columns).reset_index(drop=True)
