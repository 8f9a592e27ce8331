"""Two figures of each thing against each other, such as size and productivity."""

from collections.abc import Iterable, Mapping

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate, loosest, union
from clusterkit.views.canvas import beside, canvas, log_axis, log_limits, rewrite_note
from clusterkit.views.chart import Chart
from clusterkit.views.labels import place_labels
from clusterkit.views.marks import ACCENT, draw_key, draw_range, face, kind_marks, line
from clusterkit.views.origins import few
from clusterkit.views.theme import INK, theme
from clusterkit.words import Language

HEIGHT = 4.6


def draw_scatter(
    points: Mapping[str, tuple[Estimate, Estimate]],
    *,
    title: str,
    names: tuple[str, str],
    language: Language,
    kinds: Mapping[str, str] | None = None,
    accent: Iterable[str] = (),
    note: str = "",
) -> Chart:
    """Return pairs of figures as points on logarithmic scales, with their ranges as crosses.

    Parameters
    ----------
    points : mapping of str to (Estimate, Estimate)
        From label to the figure across and the figure up; one unit for each direction.
    title : str
        The finding.
    names : (str, str)
        What is measured across and up.
    kinds : mapping of str to str, optional
        From label to the kind of its figures, which gives marker and colour.
    accent : iterable of str
        Labels to set off; they are always written.

    Raises
    ------
    MessageError
        There is nothing to draw, figures of one direction are in different units, or one is not
        above nothing.
    """
    accent = set(accent)
    across, up = ([pair[side] for pair in points.values()] for side in (0, 1))
    units = [sorted({figure.unit for figure in side}) for side in (across, up)]
    if [len(found) for found in units] != [1, 1]:
        raise MessageError(
            "A scatter needs figures of one unit in each direction, found "
            f"{', '.join(units[0]) or 'none'} and {', '.join(units[1]) or 'none'}.",
            where=title,
        )
    kinds = kinds or {}
    marks = kind_marks(kinds.get(label, "") for label in points)
    # Those to set off are placed first, then the largest.
    order = sorted(points, key=lambda label: (label not in accent, -points[label][0].value, label))
    unnamed = language.text("Points without a label, for want of room: {count}.", count=len(order))
    with theme():
        figure, axes = canvas(HEIGHT, title=title, note=f"{note} {unnamed}".strip())
        for which, side, unit, name in zip("xy", (across, up), units, names, strict=True):
            getattr(axes, f"set_{which}lim")(*log_limits(side))
            log_axis(axes, which, unit[0], language, name=language.text(name))
        for label in order:
            mark = marks[kinds.get(label, "")]
            _draw_point(axes, points[label], mark, chosen=label in accent)
        if any(marks):
            draw_key(axes, marks, language, loc="lower left", bbox_to_anchor=(-0.01, 0.99))
        written = place_labels(
            axes, [_label(axes, label, points[label], label in accent) for label in order],
            needed=sum(label in accent for label in order),
        )  # fmt: skip
        missing = len(written) - sum(written)
        told = language.text("Points without a label, for want of room: {count}.", count=missing)
        rewrite_note(figure, f"{note} {told if missing else ''}".strip())
    facts = pd.DataFrame(
        [{"label": label, "kind": kinds.get(label, ""), "x": x.value, "x_low": x.low,
          "x_high": x.high, "x_unit": x.unit, "y": y.value, "y_low": y.low, "y_high": y.high,
          "y_unit": y.unit, "status": loosest([x.status, y.status]), "labelled": named,
          "claims": union(x.claims, y.claims)}
         for label, named in zip(order, written, strict=True) for x, y in [points[label]]]
    )  # fmt: skip
    lines = [_told(row, points[row.label], language) for row in facts.itertuples()]
    alt = language.text("Scatter. {title}. Across: {across}; up: {up}. {count} points: {lines}.",
                        title=title, across=language.text(names[0]), up=language.text(names[1]),
                        count=len(facts), lines="; ".join(few(
                            [told.rsplit(" | ", 1)[0] for told in lines], most=12)))  # fmt: skip
    return Chart(title, alt, facts, lines, figure)


def _draw_point(
    axes: object, pair: tuple[Estimate, Estimate], mark: tuple[str, str], *, chosen: bool
) -> None:
    (x, y), (marker, colour) = pair, mark
    shade = ACCENT if chosen else colour
    for figure, at, along in ((x, y.value, "x"), (y, x.value, "y")):
        draw_range(axes, figure, at, shade, along=along, width=1.6, alpha=0.35)
    axes.scatter([x.value], [y.value], s=34 if chosen else 24, marker=marker, edgecolor=shade,
                 color=[face(shade, loosest([x.status, y.status]))], linewidth=1.2,
                 zorder=4 if chosen else 3)  # fmt: skip


def _label(axes: object, label: str, pair: tuple[Estimate, Estimate], chosen: bool) -> object:
    return beside(
        axes, label, (pair[0].value, pair[1].value), (0, 0),
        fontsize=8.6 if chosen else 7.4, color=ACCENT if chosen else INK,
        fontweight="bold" if chosen else "normal", zorder=5,
    )  # fmt: skip


def _told(row: object, pair: tuple[Estimate, Estimate], language: Language) -> str:
    figures = [language.bounded(figure) for figure in pair]
    kind = language.label(row.kind) if row.kind else ""
    return line(row.label, kind, *figures, claims=row.claims)
