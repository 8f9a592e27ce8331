"""The same figure for many things side by side: small multiples on one scale."""

import math
from collections.abc import Mapping

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.views.canvas import panels
from clusterkit.views.chart import Chart
from clusterkit.views.language import Language
from clusterkit.views.theme import COLOURS, QUIET, theme

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
    units = sorted({unit for table in series.values() for unit in table["unit"]})
    if len(units) != 1:
        raise MessageError(
            f"Small multiples need figures of one unit, found {', '.join(units) or 'none'}.",
            where=title,
        )
    down = math.ceil(len(series) / ACROSS)
    with theme():
        figure, grid = panels(PANEL * down, (down, ACROSS), title=title, note=note)
        for axes, (label, table) in zip(grid.flat, series.items(), strict=False):
            _draw(axes, label, table, level, language)
        for axes in grid.flat[len(series) :]:
            axes.set_visible(False)
        for axes in grid.flat[max(0, len(series) - ACROSS) : len(series)]:
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
    axes.annotate(language.number(last["value"], digits=3), (last["year"], last["value"]), (5, 0),
                  textcoords="offset points", va="center", fontsize=8, color=colour)  # fmt: skip
    axes.set_title(label, fontsize=8.6, loc="left", pad=3)
    axes.set(xlabel="", ylabel="")
    first, final = int(table["year"].min()), int(last["year"])
    axes.set_xticks(sorted({first, final}))
    axes.margins(x=0.22, y=0.2)
    axes.tick_params(labelsize=7.8)
    axes.grid(visible=False, axis="x")
