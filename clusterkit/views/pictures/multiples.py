"""The same figure for many things side by side: small multiples on one scale."""

import math
from collections.abc import Mapping

import pandas as pd

from clusterkit.views.canvas import beside, panels
from clusterkit.views.chart import Chart
from clusterkit.views.marks import one_unit
from clusterkit.views.theme import COLOURS, QUIET, theme
from clusterkit.words import Language

ACROSS = 3
PANEL = 1.25  # inches


def draw_multiples(
    series: Mapping[str, pd.DataFrame],
    *,
    title: str,
    language: Language,
    level: float | None = None,
    note: str = "",
) -> Chart:
    """Return yearly tables as small panels that share their axes.

    Parameters
    ----------
    series : mapping of str to DataFrame
        From label to a yearly table, all in one unit; one panel each, in this order.
    title : str
        The finding.
    level : float, optional
        A value to compare with, drawn as a dashed line in each panel; a panel that ends below it
        is drawn in the second colour.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """
    units = (unit for table in series.values() for unit in table["unit"])
    one_unit(units, "Small multiples need", title)
    height = PANEL * math.ceil(len(series) / ACROSS)
    with theme():
        figure, grid = panels(height, len(series), ACROSS, title=title, note=note)
        for axes, (label, table) in zip(grid, series.items(), strict=True):
            _draw(axes, label, table, level, language)
        for axes in grid[-ACROSS:]:
            axes.tick_params(labelbottom=True)
    facts = pd.concat([table.assign(series=label) for label, table in series.items()])
    facts = facts[["series", "year", "value", "low", "high", "unit", "status", "claims"]]
    lines = [
        " | ".join([label, *(f"{row.year}: {language.number(row.value, digits=3)}"
                             for row in table.itertuples())])
        for label, table in series.items()
    ]  # fmt: skip
    alt = language.text(
        "Small multiples. {title}. {count} panels from {first} to {last}.",
        title=title, count=len(series), first=facts["year"].min(), last=facts["year"].max(),
    )  # fmt: skip
    return Chart(title, alt, facts.reset_index(drop=True), lines, figure)


def _draw(
    axes: object, label: str, table: pd.DataFrame, level: float | None, language: Language
) -> None:
    import seaborn as sns

    last = table.iloc[-1]
    colour = COLOURS[1] if level is not None and last["value"] < level else COLOURS[0]
    if level is not None:
        axes.axhline(level, color=QUIET, linewidth=0.9, linestyle=(0, (4, 3)))
    sns.lineplot(table, x="year", y="value", ax=axes, color=colour, linewidth=1.8, errorbar=None)
    axes.scatter([last["year"]], [last["value"]], s=20, color=colour, zorder=3)
    number, point = language.number(last["value"], digits=3), (last["year"], last["value"])
    beside(axes, number, point, (5, 0), va="center", fontsize=8, color=colour)
    axes.set_title(label, fontsize=8.6, loc="left", pad=3)
    axes.set(xlabel="", ylabel="")
    first, final = int(table["year"].min()), int(last["year"])
    axes.set_xticks(sorted({first, final}))
    axes.margins(x=0.22, y=0.2)
    axes.tick_params(labelsize=7.8)
    axes.grid(visible=False, axis="x")
