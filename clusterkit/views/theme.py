"""How pictures look: one set of colours that colour-blind readers can tell apart, one font list."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path

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
