"""Shares of one whole as their sources claim them, set end to end against the whole."""

from collections.abc import Mapping

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.measures.figures import total
from clusterkit.views.canvas import beside, canvas
from clusterkit.views.chart import Chart
from clusterkit.views.marks import ACCENT, facts_of, line, reach
from clusterkit.views.theme import COLOURS, INK, PAPER, QUIET, theme
from clusterkit.words import Language

BAR = 0.42  # inches
ROW = 0.25
WHOLE = 100
ROOM = 1.6  # the label of the last part begins at its middle and leads to the right


def draw_shares(
    figures: Mapping[str, Estimate],
    *,
    title: str,
    language: Language,
    accent: str | None = None,
    note: str = "",
) -> Chart:
    """Return claimed shares of one whole as the parts of one bar, with a line where all is shared.

    Parameters
    ----------
    figures : mapping of str to Estimate
        From label to a share in percent; the largest is drawn first.
    title : str
        The finding.
    accent : str, optional
        The label of the part to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, or a figure is no share in percent.
    """
    units = sorted({figure.unit for figure in figures.values()})
    if units != ["percent"]:
        raise MessageError(
            f"Shares need figures in percent, found {', '.join(units) or 'none'}.", where=title
        )
    shown = dict(sorted(figures.items(), key=lambda item: (-item[1].value, item[0])))
    whole = total(*shown.values())
    told = {label: language.bounded(figure) for label, figure in shown.items()}
    together = language.text("together {figure}", figure=language.bounded(whole))
    with theme():
        rows = len(shown) + 1
        figure, axes = canvas(BAR + ROW * rows + 0.35, title=title, note=note)
        _draw(axes, shown, told, accent)
        furthest = max(WHOLE, reach(whole))
        axes.plot([whole.low, min(whole.high, furthest)], [0, 0], color=INK, linewidth=1.3)
        beside(axes, together, (furthest, 0), (8, 0), va="center", fontsize=8.3, fontweight="bold")
        axes.axvline(WHOLE, color=INK, linewidth=1.2, linestyle=(0, (4, 3)), zorder=2.5)
        beside(axes, language.text("all there is, 100%"), (WHOLE, 1), (3, -2), va="top",
               xycoords=("data", "axes fraction"), fontsize=8.3, color=INK)  # fmt: skip
        axes.set_xlim(0, furthest * ROOM)
        axes.set_ylim(-(rows - 0.2) * ROW / BAR, 1.25)
        axes.set_yticks([])
        axes.set_xticks([])
        axes.grid(visible=False)
        for spine in axes.spines.values():
            spine.set_visible(False)
    lines = [line(label, words, claims=shown[label].claims) for label, words in told.items()]
    lines.append(together)
    alt = language.text("Stacked bar. {title}. {lines}.", title=title, lines="; ".join(
        [*(f"{label}: {words}" for label, words in told.items()), lines[-1]]))  # fmt: skip
    return Chart(title, alt, facts_of(shown), lines, figure)


def _draw(
    axes: object, shown: Mapping[str, Estimate], told: Mapping[str, str], accent: str | None
) -> None:
    """Draw the parts from the left, and under each a leader to its words, the first lowest."""
    start = 0.0
    for place, (label, part) in enumerate(shown.items()):
        chosen, full = label == accent, part.status == "actual"
        colour, ink = (ACCENT, ACCENT) if chosen else (COLOURS[0], INK)
        axes.barh(0, part.value, left=start, height=0.9, facecolor=colour if full else PAPER,
                  edgecolor=PAPER if full else colour, linewidth=1.2,
                  alpha=1 if chosen or not full else 0.85 - 0.12 * (place % 3))  # fmt: skip
        middle, row = start + part.value / 2, -(0.75 + len(shown) - 1 - place) * ROW / BAR - 0.5
        axes.plot([middle, middle], [-0.45, row], color=QUIET, linewidth=0.7, zorder=1)
        beside(axes, f"{label}: {told[label]}", (middle, row), (4, 0), va="center", fontsize=8.3,
               color=ink, fontweight="bold" if chosen else "normal",
               bbox={"facecolor": PAPER, "edgecolor": "none", "pad": 0.6})  # fmt: skip
        start += part.value
