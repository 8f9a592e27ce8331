"""Figures side by side, from the largest to the smallest, with their ranges."""

from collections.abc import Mapping

from clusterkit.evidence.figure import Estimate
from clusterkit.views.canvas import beside, canvas, number_axis
from clusterkit.views.chart import Chart
from clusterkit.views.marks import facts_of, line, one_unit, reach
from clusterkit.views.theme import COLOURS, INK, PAPER, theme
from clusterkit.words import Language

ROW = 0.36


def draw_bars(
    figures: Mapping[str, Estimate],
    *,
    title: str,
    language: Language,
    ranked: bool = True,
    accent: str | None = None,
    note: str = "",
) -> Chart:
    """Return figures of one unit as horizontal bars.

    Parameters
    ----------
    figures : mapping of str to Estimate
        From label to figure.
    title : str
        The finding.
    ranked : bool
        Whether the largest stands on top; otherwise the order given.
    accent : str, optional
        The label of the bar to set off by its colour.

    Raises
    ------
    MessageError
        There is nothing to draw, or the figures are in different units.
    """
    unit = one_unit((figure.unit for figure in figures.values()), "Bars need", title)
    shown = dict(figures)
    if ranked:
        shown = dict(sorted(shown.items(), key=lambda item: (-item[1].value, item[0])))
    with theme():
        figure, axes = canvas(0.55 + ROW * len(shown), title=title, note=note)
        _draw(axes, shown, accent, language)
        number_axis(axes, "x", unit, language)
    lines = [_told(label, estimate, language) for label, estimate in shown.items()]
    alt = language.text("Bar chart. {title}. {lines}.", title=title, lines="; ".join(
        f"{label}: {language.figure(estimate)}" for label, estimate in shown.items()))  # fmt: skip
    return Chart(title, alt, facts_of(shown), lines, figure)


def _draw(
    axes: object, shown: Mapping[str, Estimate], accent: str | None, language: Language
) -> None:
    import seaborn as sns

    labels, values = list(shown), [estimate.value for estimate in shown.values()]
    sns.barplot(x=values, y=labels, ax=axes, color=COLOURS[0], errorbar=None, width=0.62)
    furthest = max(0.0, *(reach(estimate) for estimate in shown.values()))
    nearest = min(0.0, *(estimate.low for estimate in shown.values()))
    for place, (bar, (label, estimate)) in enumerate(zip(axes.patches, shown.items(), strict=True)):
        colour = COLOURS[1] if label == accent else COLOURS[0]
        bar.set(facecolor=colour if estimate.status == "actual" else PAPER, edgecolor=colour,
                linewidth=1.2)  # fmt: skip
        if not estimate.certain:
            axes.plot([estimate.low, reach(estimate)], [place, place], color=INK, linewidth=1.3)
        point = max(reach(estimate), 0), place
        beside(axes, language.figure(estimate), point, (6, 0), va="center", fontsize=8.5)
    axes.set_xlim(nearest * 1.08, furthest * 1.34)
    axes.set_ylabel("")
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)


def _told(label: str, estimate: Estimate, language: Language) -> str:
    return line(
        label,
        language.quantity(estimate.value, estimate.unit),
        language.doubt(estimate),
        language.status(estimate.status),
        claims=estimate.claims,
    )
