"""The sheet a picture is drawn on, and how pictures look.

A title above, a note below, axes between, labels that fit; one set of colours that colour-blind
readers can tell apart, one list of fonts.
"""

import math
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.views.origins import Origins
from clusterkit.words import Language

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.text import Annotation

Point = tuple[float, float]

INK = "#1f2933"
QUIET = "#616e7c"
FAINT = "#d9dee4"
PAPER = "#ffffff"
# Okabe and Ito's colours, in the order in which series take them.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#8a6d00", "#56B4E9")
BLUE, ACCENT = COLOURS[:2]
FONTS = ["DejaVu Sans", "clusterkit CJK"]

CJK = Path(__file__).with_name("fonts") / "clusterkit-cjk.otf"

WIDTH = 7.4  # inches; at SHOWN pixels per inch a picture fits the column of a report
SHOWN = 100
DRAWN = 200  # pixels per inch in the file: twice as sharp as shown

RC = {
    # By name: a generic family would be settled once, without a second font for Chinese.
    "font.family": FONTS,
    "font.size": 9.5,
    "text.color": INK,
    "text.parse_math": False,  # a dollar is money
    "axes.edgecolor": FAINT,
    "axes.labelcolor": QUIET,
    "axes.labelsize": 9.5,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "grid.color": "#eef1f4",
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.unicode_minus": False,
    "svg.hashsalt": "clusterkit",
}

TITLE_WIDTH, NOTE_WIDTH = 74, 118  # letters in a line
LINE = 0.2  # inches for a line of the title; a line of the note takes less
TITLE = {"va": "top", "fontsize": 11.5, "fontweight": "bold", "color": INK, "linespacing": 1.25}
NOTE = {"va": "bottom", "fontsize": 7.8, "color": QUIET, "linespacing": 1.3}

# Where a label may stand, the best place first: steps right and up in points, and its anchor.
PLACES = [
    ((6, 0), "left", "center"),
    ((-6, 0), "right", "center"),
    ((0, 6), "center", "bottom"),
    ((0, -6), "center", "top"),
    ((5, 5), "left", "bottom"),
    ((5, -5), "left", "top"),
    ((-5, 5), "right", "bottom"),
    ((-5, -5), "right", "top"),
]
EDGES = {"left": 0, "bottom": 0, "center": 0.5, "right": 1, "top": 1}  # parts of a text
DOT = 4  # points from the middle of a point to its edge


@dataclass
class Sheet:
    """What a picture is drawn on, and what it needs to be worded.

    Its figure belongs to no window and no global state, so nothing has to be closed.
    """

    title: str
    note: str
    words: Language
    origins: Origins  # of the page, whose sources they number
    claims: pd.DataFrame  # of the page's case
    figure: "Figure" = field(init=False)

    def axes(self, height: float) -> "Axes":
        """Begin a picture of one panel, so many inches high between title and note."""
        self._frame(height)
        return self.figure.add_subplot()

    def panels(self, height: float, count: int, across: int) -> Sequence["Axes"]:
        """Begin a picture of so many panels, row by row, that share their scales."""
        self._frame(height)
        shape = math.ceil(count / across), across
        grid = self.figure.subplots(*shape, sharex=True, sharey=True, squeeze=False)
        for axes in grid.flat[count:]:
            axes.set_visible(False)
        return grid.flat[:count]

    def blank(self, height: float) -> "Figure":
        """Begin a picture that places everything itself."""
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(WIDTH, height))
        return self.figure

    def _frame(self, height: float) -> None:
        titles = textwrap.wrap(self.title, TITLE_WIDTH) or [""]
        notes = textwrap.wrap(self.note, NOTE_WIDTH)
        above, below = 0.12 + LINE * 1.15 * len(titles), 0.06 + 0.15 * len(notes)
        whole = height + above + below
        figure = self.blank(whole)
        figure.set_layout_engine("constrained", rect=(0.008, below / whole, 0.984, height / whole))
        figure.text(0.012, 1 - 0.06 / whole, "\n".join(titles), **TITLE)
        if notes:
            figure.text(0.012, 0.04 / whole, "\n".join(notes), **NOTE)

    def settle(self) -> None:
        """Lay everything out, once for whatever the picture is written as."""
        self.figure.set_dpi(DRAWN)
        if engine := self.figure.get_layout_engine():
            engine.execute(self.figure)
            self.figure.set_layout_engine("none")

    def rewrite_note(self, note: str) -> None:
        """Put a note no longer than the one that was written in its place."""
        self.figure.texts[-1].set_text("\n".join(textwrap.wrap(note, NOTE_WIDTH)))


def write(axes: "Axes", text: str, point: Point, step: Point = (0, 0), **style) -> "Annotation":
    """Write a text so many points to the right of a point and above it."""
    return axes.annotate(text, point, step, textcoords="offset points", **style)


def list_rows(axes: "Axes") -> None:
    """Leave only labels beside the rows of a picture."""
    axes.set_ylabel("")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def hide_rows(axes: "Axes") -> None:
    """Leave nothing beside the rows of a picture that are labelled within it."""
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)


def number_axis(axes: "Axes", which: str, unit: str, words: Language) -> None:
    """Write the ticks of an axis in one scale of the language, and scale and unit beside it."""
    from matplotlib.ticker import FuncFormatter

    axis = axes.xaxis if which == "x" else axes.yaxis
    scale = words.scale(max(abs(end) for end in axis.get_view_interval()))
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value / scale)))
    word = words.number(scale).removeprefix("1").strip() if scale > 1 else ""
    axis.set_label_text(words.in_unit(word, unit).strip())


def log_axis(axes: "Axes", which: str, unit: str, words: Language, *, name: str = "") -> None:
    """Make an axis logarithmic between its limits, its ticks in words, name and unit beside it."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    axes.set(**{f"{which}scale": "log"})
    axes.set(**{f"{which}lim": (low, high)})
    decades = math.log10(high / low)
    steps = (1,) if decades > 2.2 else (1, 3) if decades > 1.2 else (1, 2, 5)
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: words.number(value, digits=3)))
    axis.set_label_text(", ".join(filter(None, (name, words.in_unit("", unit).strip()))))


def log_limits(rows: Iterable[object], *, room: float = 0.06) -> tuple[float, float]:
    """Return limits of a logarithmic axis that hold every value and every bound with a place."""
    ends = [end for row in rows for end in (row.low, row.value, row.high)]
    places = [end for end in ends if 0 < end < math.inf]
    margin = (max(places) / min(places)) ** room * 1.1
    return min(places) / margin, max(places) * margin


def year_axis(axes: "Axes") -> None:
    """Put whole years on the horizontal axis."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=9, min_n_ticks=1))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda year, _: f"{year:.0f}"))
    axes.set_xlabel("")
    axes.grid(visible=False, axis="x")


def place_labels(axes: "Axes", labels: Sequence["Annotation"], *, needed: int = 0) -> int:
    """Move labels to where they cover no point and no other label, remove and count the others.

    They settle in the order given, the most important first; so many as are `needed` stay even
    where they cover something. Call it when nothing else moves any more: limits, scales and
    everything drawn are settled.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.transforms import Bbox

    figure = axes.figure
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    point = figure.dpi / 72
    edge = DOT * point
    inside = axes.get_window_extent(renderer)
    middles = [axes.transData.transform(label.xy) for label in labels]
    taken = [Bbox.from_extents(x - edge, y - edge, x + edge, y + edge) for x, y in middles]

    def box(middle: Point, size: Point, place: tuple[Point, str, str]) -> Bbox:
        """Return where a text of a size would stand, without laying it out once more."""
        steps, anchor = place[0], [EDGES[side] for side in place[1:]]
        corner = [
            at + step * point - part * long
            for at, step, part, long in zip(middle, steps, anchor, size, strict=True)
        ]
        return Bbox.from_bounds(*corner, *size)

    removed = 0
    for rank, (label, middle) in enumerate(zip(labels, middles, strict=True)):
        size = label.get_window_extent(renderer).size
        boxes = [box(middle, size, place) for place in PLACES]
        free = (
            number
            for number, found in enumerate(boxes)
            if all(inside.contains(*corner) for corner in (found.min, found.max))
            and not found.count_overlaps(taken)
        )
        best = next(free, 0 if rank < needed else None)
        if best is None:
            label.remove()
            removed += 1
        else:
            step, ha, va = PLACES[best]
            label.set(position=step, ha=ha, va=va)
            taken.append(boxes[best])
    return removed


@contextmanager
def theme() -> Iterator[None]:
    """Draw in the house style inside the block, whatever style a reader has set, and leave that."""
    import seaborn as sns
    from matplotlib import style

    _add_font()
    with style.context(["default", sns.axes_style("whitegrid"), RC]):
        yield


def warm_up() -> None:
    """Load what the first picture of a process loads; leave no setting and no figure behind."""
    import seaborn  # noqa: F401
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure()  # not through pyplot, which would settle a backend for all
    figure.subplots().plot([0, 1])
    FigureCanvasAgg(figure).print_png(BytesIO())


def set_backend(name: str) -> None:
    """Choose a backend as importing matplotlib does when ``MPLBACKEND`` names it."""
    import matplotlib as mpl

    mpl.rcParams["backend"] = name


@lru_cache(maxsize=1)
def _add_font() -> None:
    """Make the bundled Chinese font known: glyphs the first font lacks are taken from it."""
    from matplotlib.font_manager import fontManager

    fontManager.addfont(CJK)
    # It has one weight, which serves for bold too: otherwise each bold title would log a warning.
    fontManager.ttflist.append(replace(fontManager.ttflist[-1], weight=700))
