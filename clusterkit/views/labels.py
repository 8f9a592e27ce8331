"""Labels beside points: as many as there is room for, the same ones each time."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

# Where a label may stand, the best place first: steps right and up, in points.
PLACES = (
    (6, 0, "left", "center"), (-6, 0, "right", "center"),
    (0, 6, "center", "bottom"), (0, -6, "center", "top"),
    (5, 5, "left", "bottom"), (5, -5, "left", "top"),
    (-5, 5, "right", "bottom"), (-5, -5, "right", "top"),
)  # fmt: skip
DOT = 4  # points from the middle of a point to its edge


def place_labels(axes: "Axes", labels: Sequence["Annotation"], *, needed: int = 0) -> list[bool]:
    """Move labels to where they cover no point and no other label, and remove those that cannot.

    Call it when nothing else moves any more: limits, scales and everything drawn are settled.

    Parameters
    ----------
    axes : Axes
        The picture.
    labels : sequence of Annotation
        Each beside its point, the most important first; they settle in this order.
    needed : int
        So many of the first stay even where they cover something.

    Returns
    -------
    list of bool
        Which labels stayed.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.transforms import Bbox

    figure = axes.figure
    figure.draw_without_rendering()
    renderer = FigureCanvasAgg(figure).get_renderer()
    edge = DOT * figure.dpi / 72
    inside = axes.get_window_extent(renderer)
    middles = [axes.transData.transform(label.xy) for label in labels]
    taken = [Bbox.from_extents(x - edge, y - edge, x + edge, y + edge) for x, y in middles]
    stayed = []
    for place, label in enumerate(labels):
        for right, up, ha, va in PLACES:
            label.set(position=(right, up), ha=ha, va=va)
            box = label.get_window_extent(renderer)
            free = all(inside.contains(*corner) for corner in (box.min, box.max))
            if free and not box.count_overlaps(taken):
                break
        else:
            if place >= needed:
                label.remove()
                stayed.append(False)
                continue
            right, up, ha, va = PLACES[0]
            label.set(position=(right, up), ha=ha, va=va)
        taken.append(label.get_window_extent(renderer))
        stayed.append(True)
    return stayed
