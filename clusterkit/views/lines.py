"""Pictures of years: lines, small panels on one scale, and growth from 100."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, figures
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import ACCENT, BLUE, COLOURS, QUIET, Sheet, write
from clusterkit.words import Language, wording

HEIGHT = 3.3  # inches
LOST = {"marker": "x", "s": 26, "linewidth": 1.1, "color": QUIET, "alpha": 0.75, "zorder": 2}
GOAL = {"va": "bottom", "color": QUIET, "fontsize": 8.5, "xycoords": ("axes fraction", "data")}

ACROSS = 3
PANEL, GROWTH_PANEL = 1.25, 1.75  # inches
FIRST = 100.0
LINE = {"x": "year", "y": "value", "errorbar": None, "linewidth": 1.8}
NAME = {"loc": "left", "fontsize": 8.6}
END = {"va": "center", "fontsize": 8}
GROWTH_END = {"ha": "center", "va": "bottom", "fontsize": 7.6}
LED = {"xycoords": "axes fraction", "va": "top", "fontsize": 7.4, "color": QUIET}


@dataclass(frozen=True, eq=False)
class _Years(Picture):
    """What pictures of years share."""

    yearly = True
    series: marks.Tables | pd.DataFrame

    @cached_property
    def _tables(self) -> marks.Tables:
        return marks.tables_of(self.series)

    def _rows(self) -> pd.DataFrame:
        return figures(self._tables)


@dataclass(frozen=True, eq=False)
class Trend(_Years):
    """Yearly figures as lines, with their ranges, their status and the figures that lost.

    Parameters
    ----------
    series : DataFrame or mapping of str to DataFrame
        A yearly table, or several, as a mapping from their labels or with a column `label`; all in
        one unit.
    goal : Estimate, optional
        A level to compare with, drawn as a dashed line.
    breaks : sequence of (int, int) or DataFrame
        The last year of one count and the first of the next, between which nothing may be read
        as growth: no line is drawn there. As a table, its columns `after` and `before`.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """

    form, needs = "Line chart", "A trend needs"
    goal: Estimate | None = None
    breaks: marks.Breaks = ()

    @cached_property
    def _breaks(self) -> list[marks.Years]:
        return marks.inner_breaks(self.breaks, self.shown["year"])

    def _lost(self, sheet: Sheet) -> pd.DataFrame:
        """Return the claims that were not chosen, each different figure of a year once."""
        told = [table["others"] for table in self._tables.values() if "others" in table]
        names = {name for others in told for claims in others for name in claims}
        found = sheet.claims[sheet.claims["claim_id"].isin(names)]
        sheet.origins.numbers(found["claim_id"])
        return found.drop_duplicates(["year", "value"]).sort_values(["year", "value"])

    def _draw(self, sheet: Sheet) -> None:
        axes, words, lost = sheet.axes(HEIGHT), sheet.words, self._lost(sheet)
        tables = marks.by_label(self.shown)
        for colour, table in zip(COLOURS, tables.values(), strict=False):
            marks.draw_path(axes, table, colour, breaks=self._breaks)
        marks.draw_breaks(axes, self._breaks, words)
        if len(lost):
            axes.scatter(lost["year"], lost["value"], **LOST)
        if self.goal is not None:
            axes.axhline(self.goal.value, linewidth=1, **marks.DASHED)
            write(axes, words.figure(self.goal), (0.005, self.goal.value), **GOAL)
        for colour, (label, table) in zip(COLOURS, tables.items(), strict=False):
            style = {"fontsize": 8.5, "color": colour}
            _label_ends(axes, table, words, style)
            if len(tables) > 1:
                middle = table.iloc[len(table) // 2]
                point = middle["year"], middle["value"]
                write(axes, words.label(label), point, (6, -14), va="top", **style)
        axes.margins(x=0.07, y=0.14)
        axes.set_ylim(bottom=min(0, self.shown["low"].min()))
        # A single figure gives no scale of its own: neither of years nor of values.
        axes.set_ylim(top=max(axes.get_ylim()[1], 1.06 * self.shown["value"].max()))
        first, last = self.shown["year"].min(), self.shown["year"].max()
        if first == last:
            axes.set_xlim(first - 1, last + 1)
        frame.number_axis(axes, "y", self.shown["unit"].iloc[0], words)
        frame.year_axis(axes)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words, several = sheet.words, len(self._tables) > 1
        for row in self.shown.itertuples():
            label = words.label(row.label) if several else "", marks.basis_words(row, words)
            number = words.quantity(row.value, row.unit)
            hedged = words.text(wording("hedged")[row.hedge], figure=number)
            figure = Estimate.of(row)
            yield Mark.of(label, figure, [hedged, words.doubt(figure)], [words.status(row.status)])
        if self.goal is not None:
            yield Mark.of([words.text("goal")], self.goal, [words.figure(self.goal)])
        yield from _told_breaks(self._breaks, words)
        for row in self._lost(sheet).itertuples():
            figure = Estimate.of(row._asdict() | {"claims": (row.claim_id,)})
            label = words.text("not chosen, {year}", year=row.year)
            yield Mark.of([label], figure, [words.quantity(row.value, row.unit)])


def _label_ends(axes: "frame.Axes", table: pd.DataFrame, words: Language, style: dict) -> None:
    """Write the first and the last value of a line at their points, and the last dated one."""
    dated = [place for place, basis in enumerate(table["basis"]) if basis == "dated"]
    for index in dict.fromkeys((0, *dated[-1:], len(table) - 1)):
        end = table.iloc[index]
        # A line that climbs from well above the axis leaves room below its first point.
        climbs = len(table) > 1 and table.iloc[1]["value"] > end["value"]
        under = index == 0 and climbs and end["low"] > 0.3 * table["value"].max()
        step, base = ((0, -15), end["low"]) if under else ((0, 8), marks.reach(end))
        marks.write_value(axes, end, words, step, at=base, ha="center", **style)


def _told_breaks(breaks: Sequence[marks.Years], words: Language, of: str = "") -> Iterator[Mark]:
    """Return what is told of breaks, a line each."""
    for after, before in breaks:
        told = words.text("new count between {after} and {before}", after=after, before=before)
        yield Mark(f"{of}: {told}" if of else told)


@dataclass(frozen=True, eq=False)
class Multiples(_Years):
    """Yearly figures of many things as small panels on one scale.

    Parameters
    ----------
    series : mapping of str to DataFrame, or DataFrame
        Yearly tables as for a `Trend`, one panel each, in this order; all in one unit.
    level : float, optional
        A value to compare with, drawn as a dashed line in each panel; a panel that ends below it
        is drawn in the second colour.

    Raises
    ------
    MessageError
        There is nothing to draw, or the tables are in different units.
    """

    form, needs = "Small multiples", "Small multiples need"
    level: float | None = None

    def _draw(self, sheet: Sheet) -> None:
        import seaborn as sns

        words, tables = sheet.words, marks.by_label(self.shown)
        grid = sheet.panels(PANEL * math.ceil(len(tables) / ACROSS), len(tables), ACROSS)
        for axes, (label, table) in zip(grid, tables.items(), strict=True):
            end = table.iloc[-1]
            colour = BLUE
            if self.level is not None:
                axes.axhline(self.level, linewidth=0.9, **marks.DASHED)
                colour = ACCENT if end["value"] < self.level else BLUE
            sns.lineplot(table, ax=axes, color=colour, **LINE)
            axes.scatter([end["year"]], [end["value"]], s=20, color=colour, zorder=3)
            marks.write_value(axes, end, words, (5, 0), color=colour, **END)
            axes.set_title(words.label(label), pad=3, **NAME)
            axes.set_xticks(sorted({int(table["year"].min()), int(end["year"])}))
            axes.margins(x=0.22, y=0.2)
            _clear(axes)
        for axes in grid[-ACROSS:]:
            axes.tick_params(labelbottom=True)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for name, table in marks.by_label(self.shown).items():
            label, facts = words.label(name), []
            for row in table.itertuples():
                told = f"{row.year}: {words.number(row.value, digits=3)}"
                facts.append(Fact(told, f"{label} | {row.year}", figure=Estimate.of(row)))
            yield Mark(label, facts)


@dataclass(frozen=True, eq=False)
class Growth(_Years):
    """The growth of things of very different size, each from 100, as small panels on one scale.

    On their logarithmic scale equal slopes are equal growth. The ranges are those of the figures;
    after a break a new count starts at 100 again.

    Parameters
    ----------
    series : mapping of str to DataFrame, or DataFrame
        Yearly tables as for a `Trend`, each of two years or more and in its own unit.
    breaks : mapping of str to sequence of (int, int) or DataFrame
        From label to its breaks, as for a `Trend`.
    accent : str
        The label to set off.

    Raises
    ------
    MessageError
        There is nothing to draw, a table has fewer than two years or several units, or a figure
        is not above nothing.
    """

    form = "Small multiples of growth"
    breaks: Mapping[str, marks.Breaks] = field(default_factory=dict)
    accent: str = ""

    def __post_init__(self) -> None:
        if not self._tables:
            raise MessageError("There is no growth to draw.")
        for label, table in self._tables.items():
            if len(table) < 2 or len(set(table["unit"])) != 1:
                raise MessageError(
                    "Growth needs two years or more in one unit.",
                    where=label,
                    fix="Leave it out, or widen the years.",
                )
            marks.above_nothing({label: table["value"].min()})

    @cached_property
    def _breaks(self) -> dict[str, list[marks.Years]]:
        return {
            label: marks.inner_breaks(self.breaks.get(label, ()), table["year"])
            for label, table in self._tables.items()
        }

    def _counts(self, rows: pd.DataFrame) -> dict[str, list[pd.DataFrame]]:
        """Return for each label the tables between its breaks."""
        return {
            label: marks.stretches(table, self._breaks[label])
            for label, table in marks.by_label(rows).items()
        }

    def _rows(self) -> pd.DataFrame:
        """Return the figures, each with its index: across a break nothing is growth."""
        counts = self._counts(super()._rows()).values()
        return pd.concat(
            part.assign(index=part["value"] * (FIRST / part["value"].iloc[0]))
            for parts in counts
            for part in parts
        )

    def _draw(self, sheet: Sheet) -> None:
        words, count, rows = sheet.words, len(self._tables), self.shown
        height, across = GROWTH_PANEL * math.ceil(count / ACROSS) + 0.2, min(ACROSS, count)
        grid = sheet.panels(height, count, across)
        scale = rows["index"] / rows["value"]
        scaled = rows.assign(**{name: rows[name] * scale for name in ("value", "low", "high")})
        lowest, highest = frame.log_limits(scaled.itertuples())
        led = {
            label: [_leads(part, words) for part in parts]
            for label, parts in self._counts(rows).items()
        }
        above = 10 * max(map(len, led.values()))  # points for the lines under the name of a panel
        # Room below for the words at a break, above for those at the end of a line.
        limits = lowest / (1.3 if any(self._breaks.values()) else 1), highest * 1.15
        for axes, (label, parts) in zip(grid, self._counts(scaled).items(), strict=True):
            axes.set_ylim(*limits)
            frame.log_axis(axes, "y", "count", words)
            colour, breaks = ACCENT if label == self.accent else BLUE, self._breaks[label]
            marks.draw_path(axes, pd.concat(parts), colour, breaks=breaks, size=16)
            marks.draw_breaks(axes, breaks, words, height=0.01)
            style = {"color": colour, "fontweight": "bold", "pad": 8 + above}
            axes.set_title(words.label(label), **NAME, **style)
            write(axes, "\n".join(led[label]), (0, 1), (0, 4 + above), **LED)
            _clear(axes)
            for end in (part.iloc[-1] for part in parts if len(part) > 1):
                marks.write_value(axes, end, words, (0, 5), color=colour, **GROWTH_END)
        _same_years(grid, rows["year"])
        name = words.text("first figure = 100, logarithmic")
        sheet.figure.supylabel(name, fontsize=8.3, color=QUIET)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for row in self.shown.itertuples():
            figure = Estimate.of(row)
            index = words.text("index {number}", number=words.number(row.index, digits=3))
            told = [words.figure(figure), words.doubt(figure), index]
            yield Mark.of([words.label(row.label), marks.basis_words(row, words)], figure, told)
        for label, breaks in self._breaks.items():
            yield from _told_breaks(breaks, words, of=words.label(label))


def _leads(part: pd.DataFrame, words: Language) -> str:
    """Return from which figure to which a count leads."""
    start, end = part.iloc[0], part.iloc[-1]
    last = words.quantity(end["value"], end["unit"], digits=3)
    first = words.number(start["value"], digits=3)
    return words.text("{low} to {high}", low=first, high=last) if len(part) > 1 else last


def _clear(axes: "frame.Axes") -> None:
    """Leave a small panel its ticks."""
    axes.set(xlabel="", ylabel="")
    axes.tick_params(labelsize=7.8)
    axes.grid(visible=False, axis="x")


def _same_years(grid: Sequence["frame.Axes"], years: pd.Series) -> None:
    """Put the same few whole years below the lowest panel of each column."""
    from matplotlib.ticker import MaxNLocator

    first, last = int(years.min()), int(years.max())
    room = 0.06 * (last - first) + 0.3
    for place, axes in enumerate(grid):
        axes.set_xlim(first - room, last + room)
        axes.xaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.tick_params(labelbottom=place + ACROSS >= len(grid))
