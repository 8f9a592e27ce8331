"""Pictures of points: two figures of each thing against each other, events in their order."""

import textwrap
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, figures, loosest, union
from clusterkit.views import frame, marks
from clusterkit.views.chart import Mark, Picture
from clusterkit.views.facts import Fact
from clusterkit.views.frame import ACCENT, COLOURS, INK, Sheet, write
from clusterkit.views.origins import few
from clusterkit.words import Language

HEIGHT = 4.6  # inches
# How a point is drawn and its label written where it is set off, and elsewhere.
CHOSEN = {"s": 34, "zorder": 4}, {"fontsize": 8.6, "color": ACCENT, "fontweight": "bold"}
PLAIN = {"s": 24, "zorder": 3}, {"fontsize": 7.4, "color": INK, "fontweight": "normal"}
UNNAMED = "Points without a label, for want of room: {count}."

ROW = 0.27
LABEL_WIDTH = 72
LEAST_ROWS = 4  # less high, a picture has no room for its axis and its key
CLOSE, ROOM = 2, 7  # years; events so near to each other are all written to their right
EVENT = {"va": "center", "fontsize": 8.3}
UNCERTAIN = "inferred|placeholder|only says|only dates"

Pair = tuple[Estimate, Estimate]


@dataclass(frozen=True, eq=False)
class Scatter(Picture):
    """Two figures of each thing against each other on logarithmic scales, their ranges as crosses.

    Parameters
    ----------
    points : mapping of str to (Estimate, Estimate)
        From label to the figure across and the figure up; one unit for each direction.
    names : (str, str)
        What is measured across and up.
    kinds : mapping of str to str
        From label to the kind of its figures, which gives marker and colour.
    accent : collection of str
        Labels to set off; they are always written.

    Raises
    ------
    MessageError
        There is nothing to draw, figures of one direction are in different units, or one is not
        above nothing.
    """

    form = "Scatter"
    points: Mapping[str, Pair]
    names: tuple[str, str]
    kinds: Mapping[str, str] = field(default_factory=dict)
    accent: Collection[str] = ()

    def __post_init__(self) -> None:
        units = [sorted({pair[side].unit for pair in self.points.values()}) for side in (0, 1)]
        if [len(found) for found in units] != [1, 1]:
            across, up = (", ".join(found) or "none" for found in units)
            told = (
                f"A scatter needs figures of one unit in each direction, found {across} and {up}."
            )
            raise MessageError(told)
        marks.above_nothing({label: min(x.value, y.value) for label, (x, y) in self.points.items()})

    @cached_property
    def _order(self) -> list[str]:
        """The labels to set off first, then those of the largest figures across."""
        size = {label: x.value for label, (x, _) in self.points.items()}
        return sorted(size, key=lambda label: (label not in self.accent, -size[label], label))

    def _rows(self) -> pd.DataFrame:
        sides = [
            figures({label: self.points[label][side] for label in self._order}).assign(name=name)
            for side, name in enumerate(self.names)
        ]
        rows = pd.concat(sides, ignore_index=True)
        return rows.assign(kind=rows["label"].map(self._kind))

    def _kind(self, label: str) -> str:
        return self.kinds.get(label, "")

    def _draw(self, sheet: Sheet) -> None:
        words, note = sheet.words, sheet.note
        # Room for the longest note there can be.
        sheet.note = f"{note} {words.text(UNNAMED, count=len(self.points))}".strip()
        axes = sheet.axes(HEIGHT)
        for which, side in (("x", 0), ("y", 1)):
            shown, name = [pair[side] for pair in self.points.values()], self.names[side]
            axes.set(**{f"{which}lim": frame.log_limits(shown)})
            frame.log_axis(axes, which, shown[0].unit, words, name=words.text(name))
        signs = marks.kind_marks(map(self._kind, self.points))
        for label in self._order:
            self._draw_point(axes, label, *signs[self._kind(label)])
        if any(signs):
            marks.draw_key(axes, signs, words, loc="lower left", bbox_to_anchor=(-0.01, 0.99))
        labels = [self._write_label(axes, label, words) for label in self._order]
        needed = sum(label in self.accent for label in self._order)
        missing = frame.place_labels(axes, labels, needed=needed)
        told = words.text(UNNAMED, count=missing) if missing else ""
        sheet.rewrite_note(f"{note} {told}".strip())

    def _draw_point(self, axes: "frame.Axes", label: str, marker: str, colour: str) -> None:
        (x, y), chosen = self.points[label], label in self.accent
        colour, (style, _) = (ACCENT, CHOSEN) if chosen else (colour, PLAIN)
        for figure, at, along in ((x, y.value, "x"), (y, x.value, "y")):
            thin = {"color": colour, "linewidth": 1.6, "alpha": 0.35}
            marks.draw_range(axes, figure, at, along=along, **thin)
        full = [marks.face(colour, loosest([x.status, y.status]))]
        edge = {"marker": marker, "edgecolor": colour, "linewidth": 1.2}
        axes.scatter([x.value], [y.value], color=full, **edge, **style)

    def _write_label(self, axes: "frame.Axes", label: str, words: Language) -> "frame.Annotation":
        (x, y), (_, style) = self.points[label], CHOSEN if label in self.accent else PLAIN
        return write(axes, words.label(label), (x.value, y.value), zorder=5, **style)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        words = sheet.words
        for name in self._order:
            pair, kind = self.points[name], self._kind(name)
            label = f"{words.label(name)} | {words.label(kind)}" if kind else words.label(name)
            sides = zip(pair, map(words.text, self.names), strict=True)
            facts = [Fact(words.bounded(it), f"{label} | {side}", figure=it) for it, side in sides]
            claims = few(union(*(one.claims for one in pair)))
            yield Mark(label, facts, origins=[" ".join(claims)])


@dataclass(frozen=True, eq=False)
class Timeline(Picture):
    """Events as a list read from top to bottom, each dot at its date, a colour for each kind.

    Parameters
    ----------
    events : DataFrame
        As `Case.events` has them: date, kind, label, source_id, note.

    Raises
    ------
    MessageError
        There is no event.
    """

    form = "Timeline"
    events: pd.DataFrame

    def __post_init__(self) -> None:
        if self.events.empty:
            raise MessageError("There is no event to draw.", fix="Widen the years.")

    def _rows(self) -> pd.DataFrame:
        columns = ["event_id", "date", "kind", "label", "source_id"]
        rows = self.events[columns].assign(
            when=self.events["date"].map(_when),
            uncertain=self.events["note"].str.contains(UNCERTAIN, case=False),
        )
        return rows.sort_values("when", kind="stable", ignore_index=True)

    def _draw(self, sheet: Sheet) -> None:
        words, rows = sheet.words, self.shown
        colours = dict(zip(dict.fromkeys(rows["kind"]), COLOURS * 3, strict=False))
        first, last = rows["when"].min(), rows["when"].max()
        high, close = ROW * max(len(rows), LEAST_ROWS), last - first < CLOSE
        axes = sheet.axes(0.5 + high)
        for row in rows.itertuples():
            axes.scatter(row.when, row.Index, s=34, color=colours[row.kind], zorder=3)
            text = textwrap.shorten(words.text(row.label), LABEL_WIDTH, placeholder=" …")
            # A year the source does not print is shown as about.
            date = words.text("c. {date}", date=row.date) if row.uncertain else row.date
            early = close or row.when < (first + last) / 2
            label, step = (f"{date}  {text}", 7) if early else (f"{text}  {date}", -7)
            side = "left" if early else "right"
            write(axes, label, (row.when, row.Index), (step, 0), ha=side, **EVENT)
        axes.set(xlim=(first - 1, last + (ROOM if close else 1)), ylim=(len(rows) - 0.4, -0.6))
        frame.hide_rows(axes)
        frame.year_axis(axes)
        axes.grid(visible=True, axis="x")
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.42 / (0.2 + high))}
        signs = {kind: ("o", colour) for kind, colour in colours.items()}
        marks.draw_key(axes, signs, words, ncols=6, **below)

    def _told(self, sheet: Sheet) -> Iterator[Mark]:
        text = sheet.words.text
        sheet.origins.use_sources(self.shown["source_id"])
        for row in self.shown.itertuples():
            label = f"{row.date} | {text(row.kind)}"
            yield Mark(label, [Fact(text(row.label), label, "data")], origins=[row.source_id])


def _when(date: str) -> float:
    """Return a date as a year with a fraction; a year alone stands at its start."""
    year, month, day = [*(int(part) for part in date.split("-")), 1, 1][:3]
    return year + (month - 1) / 12 + (day - 1) / 372
