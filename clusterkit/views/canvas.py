"""The frame every picture shares: title above, picture, note below."""

import math
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from clusterkit.errors import MessageError
from clusterkit.views.theme import INK, QUIET, WIDTH
from clusterkit.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

TITLE_WIDTH = 74
NOTE_WIDTH = 118
LINE = 0.2  # inches for a line of the title; a line of the note takes less


def canvas(height: float, *, title: str, note: str = "") -> tuple["Figure", "Axes"]:
    """Return a figure with its title and note written and the axes for the rest.

    The figure belongs to no window and no global state, so nothing has to be closed.
    """
    figure = _framed(height, title, note)
    return figure, figure.add_subplot()


def panels(
    height: float, count: int, across: int, *, title: str, note: str = ""
) -> tuple["Figure", Sequence["Axes"]]:
    """Return a framed figure with so many axes, row by row, that share their scales."""
    figure = _framed(height, title, note)
    shape = math.ceil(count / across), across
    grid = figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
    for axes in grid.flat[count:]:
        axes.set_visible(False)
    return figure, grid.flat[:count]


def _framed(height: float, title: str, note: str) -> "Figure":
    from matplotlib.figure import Figure

    titles = textwrap.wrap(title, TITLE_WIDTH) or [""]
    notes = textwrap.wrap(note, NOTE_WIDTH)
    above, below = 0.12 + LINE * 1.15 * len(titles), 0.06 + 0.15 * len(notes)
    whole = height + above + below
    figure = Figure(figsize=(WIDTH, whole), layout="constrained")
    figure.get_layout_engine().set(rect=(0.008, below / whole, 0.984, height / whole))
    figure.text(0.012, 1 - 0.06 / whole, "\n".join(titles), ha="left", va="top",
                fontsize=11.5, fontweight="bold", color=INK, linespacing=1.25)  # fmt: skip
    if notes:
        figure.text(0.012, 0.04 / whole, "\n".join(notes), ha="left", va="bottom",
                    fontsize=7.8, color=QUIET, linespacing=1.3)  # fmt: skip
    return figure


def beside(
    axes: "Axes", text: str, point: tuple[float, float], step: tuple[float, float], **style: object
) -> "Annotation":
    """Write a text so many points to the right of a point and above it."""
    return axes.annotate(text, point, step, textcoords="offset points", **style)


def rewrite_note(figure: "Figure", note: str) -> None:
    """Put a note no longer than the one that was written in its place."""
    figure.texts[-1].set_text("\n".join(textwrap.wrap(note, NOTE_WIDTH)))


def number_axis(axes: "Axes", which: str, unit: str, language: Language) -> None:
    """Write the ticks of an axis in one scale of the language, and scale and unit beside it."""
    from matplotlib.ticker import FuncFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    reach = max(abs(end) for end in axis.get_view_interval())
    scale = language.scale(reach)
    axis.set_major_formatter(FuncFormatter(lambda value, _: language.number(value / scale)))
    word = language.number(scale).removeprefix("1").strip() if scale > 1 else ""
    axis.set_label_text(language.in_unit(word, unit).strip())


def log_axis(axes: "Axes", which: str, unit: str, language: Language, *, name: str = "") -> None:
    """Make an axis logarithmic between its limits, its ticks in words, name and unit beside it."""
    import numpy as np
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    getattr(axes, f"set_{which}scale")("log")
    getattr(axes, f"set_{which}lim")(low, high)
    decades = np.log10(high / low)
    steps = (1,) if decades > 2.2 else (1, 3) if decades > 1.2 else (1, 2, 5)
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: language.number(value, digits=3)))
    beside = language.in_unit("", unit).strip()
    axis.set_label_text(", ".join(part for part in (name, beside) if part))


def log_limits(rows: Iterable[object], *, room: float = 0.06) -> tuple[float, float]:
    """Return limits of a logarithmic axis that hold every value and every bound that has a place.

    Raises
    ------
    MessageError
        A value is nothing or less: it has no place on such an axis.
    """
    rows = list(rows)
    if any(row.value <= 0 for row in rows):
        raise MessageError(
            "A logarithmic axis has no place for nothing or less.",
            fix="Leave the figure out, or draw bars.",
        )
    places = [end for row in rows for end in (row.low, row.value, row.high)
              if 0 < end < math.inf]  # fmt: skip
    margin = (max(places) / min(places)) ** room * 1.1
    return min(places) / margin, max(places) * margin


def year_axis(axes: "Axes") -> None:
    """Put whole years on the horizontal axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9, min_n_ticks=1))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    axes.set_xlabel("")
    axes.grid(visible=False, axis="x")
