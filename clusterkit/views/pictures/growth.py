"""How things of very different size grew, side by side: each from 100, on one logarithmic scale."""

import math
from collections.abc import Mapping, Sequence

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.canvas import beside, log_axis, log_limits, panels
from clusterkit.views.chart import Chart
from clusterkit.views.marks import (
    ACCENT,
    Years,
    basis_words,
    draw_breaks,
    draw_path,
    inner_breaks,
    line,
    stretches,
)
from clusterkit.views.theme import COLOURS, QUIET, theme
from clusterkit.words import Language

ACROSS = 3
PANEL = 1.75  # inches
FIRST = 100.0


def draw_growth(
    series: Mapping[str, pd.DataFrame],
    *,
    title: str,
    language: Language,
    breaks: Mapping[str, Sequence[Years]] | None = None,
    accent: str | None = None,
    note: str = "",
) -> Chart:
    """Return yearly tables as small panels, each on a scale where its first figure is 100.

    The ranges are those of the figures, on the same scale; after a break a new count starts at 100
    again. On a logarithmic scale equal slopes are equal growth.

    Parameters
    ----------
    series : mapping of str to DataFrame
        From label to a yearly table of two years or more, each in its own unit.
    title : str
        The finding.
    breaks : mapping of str to sequence of (int, int), optional
        From label to the last year of one count and the first of the next: no line joins them.
    accent : str, optional
        The label to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, a table has fewer than two years or several units, or a figure
        is not above nothing.
    """
    if not series:
        raise MessageError("There is no growth to draw.", where=title)
    for label, table in series.items():
        if len(table) < 2 or len(set(table["unit"])) != 1:
            raise MessageError(
                "Growth needs two years or more in one unit.",
                where=f"{title}: {label}",
                fix="Leave it out, or widen the years.",
            )
    breaks = {label: inner_breaks((breaks or {}).get(label, ()), table["year"])
              for label, table in series.items()}  # fmt: skip
    scaled = {label: _from_first(table, breaks[label]) for label, table in series.items()}
    led = {label: _led(table, breaks[label], language) for label, table in series.items()}
    together = pd.concat(scaled.values())
    height = PANEL * math.ceil(len(series) / ACROSS) + 0.2
    across = min(ACROSS, len(series))
    with theme():
        figure, grid = panels(height, len(series), across, title=title, note=note)
        lowest, highest = log_limits(together.itertuples())
        # Room below for the words at a break, above for those at the end of a line.
        limits = lowest / (1.3 if any(breaks.values()) else 1), highest * 1.15
        for axes, (label, table) in zip(grid, scaled.items(), strict=True):
            axes.set_ylim(*limits)
            log_axis(axes, "y", "count", language)
            colour = ACCENT if label == accent else COLOURS[0]
            draw_path(axes, table, colour, breaks=breaks[label], size=16)
            draw_breaks(axes, breaks[label], language, height=0.01)
            _name(axes, label, led[label], colour, most=max(map(len, led.values())))
            _write_ends(axes, stretches(table, breaks[label]), colour, language)
        _years(grid, together["year"])
        figure.supylabel(
            language.text("first figure = 100, logarithmic"), fontsize=8.3, color=QUIET
        )
    facts = pd.concat(
        [table.assign(series=label, index=scaled[label]["value"])
         for label, table in series.items()]
    ).reindex(columns=["series", "year", "basis", "value", "low", "high", "unit", "status", "hedge",
                       "index", "claims"]).reset_index(drop=True)  # fmt: skip
    lines = [_told(row, language) for row in facts.itertuples()]
    lines += [language.text("{label}: new count between {after} and {before}", label=label,
                            after=after, before=before)
              for label, years in breaks.items() for after, before in years]  # fmt: skip
    alt = language.text(
        "Small multiples of growth. {title}. {count} panels from {first} to {last}: {ends}.",
        title=title, count=len(series), first=together["year"].min(), last=together["year"].max(),
        ends="; ".join(f"{label}: {', '.join(words)}" for label, words in led.items()),
    )  # fmt: skip
    return Chart(title, alt, facts, lines, figure)


def _from_first(table: pd.DataFrame, breaks: Sequence[Years]) -> pd.DataFrame:
    """Put the first figure of each count at 100, for across a break nothing is growth."""
    scaled = []
    for part in stretches(table, breaks):
        scale = FIRST / part["value"].iloc[0]
        scaled.append(
            part.assign(**{name: part[name] * scale for name in ("value", "low", "high")})
        )
    return pd.concat(scaled)


def _led(table: pd.DataFrame, breaks: Sequence[Years], language: Language) -> list[str]:
    """Return from which figure to which each count leads."""
    led = []
    for part in stretches(table, breaks):
        end = language.quantity(part["value"].iloc[-1], part["unit"].iloc[-1], digits=3)
        start = language.number(part["value"].iloc[0], digits=3)
        led.append(language.text("{low} to {high}", low=start, high=end) if len(part) > 1 else end)
    return led


def _name(axes: object, label: str, led: Sequence[str], colour: str, *, most: int) -> None:
    """Write what a panel shows above it, and between which figures it leads."""
    axes.set_title(label, fontsize=8.6, loc="left", pad=8 + 10 * most, color=colour,
                   fontweight="bold")  # fmt: skip
    beside(axes, "\n".join(led), (0, 1), (0, 4 + 10 * most), xycoords="axes fraction", va="top",
           fontsize=7.4, color=QUIET)  # fmt: skip
    axes.set(xlabel="", ylabel="")
    axes.tick_params(labelsize=7.8)
    axes.grid(visible=False, axis="x")


def _write_ends(
    axes: object, parts: Sequence[pd.DataFrame], colour: str, language: Language
) -> None:
    """Write at the end of each count how far it has come from 100."""
    for part in parts:
        end = part.iloc[-1]
        if len(part) > 1:
            number, point = language.number(end["value"], digits=3), (end["year"], end["value"])
            beside(axes, number, point, (0, 5), ha="center", va="bottom", fontsize=7.6,
                   color=colour)  # fmt: skip


def _years(grid: Sequence[object], years: pd.Series) -> None:
    """Put the same few whole years below the lowest panel of each column."""
    from matplotlib.ticker import MaxNLocator

    first, last = int(years.min()), int(years.max())
    for place, axes in enumerate(grid):
        axes.set_xlim(first - 0.06 * (last - first) - 0.3, last + 0.06 * (last - first) + 0.3)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.tick_params(labelbottom=place + ACROSS >= len(grid))


def _told(row: object, language: Language) -> str:
    figure = Estimate.of(row)
    return line(
        row.series,
        basis_words(row, language),
        language.figure(figure),
        language.doubt(figure),
        language.text("index {number}", number=language.number(row.index, digits=3)),
        claims=row.claims,
    )
