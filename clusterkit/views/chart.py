"""A picture that carries its facts: the numbers drawn, in a table, in words and as alt text."""

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.files import write_whole
from clusterkit.views.theme import DRAWN, SHOWN, theme

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Chart:
    """A figure with facts.

    Attributes
    ----------
    title : str
        The finding, as drawn above the picture.
    alt : str
        What the picture shows, for a reader who cannot see it.
    facts : DataFrame
        The plotted numbers, one row per mark.
    lines : sequence of str
        The same numbers in words, one line per mark.
    figure : matplotlib.figure.Figure
        The drawing itself.
    """

    title: str
    alt: str
    facts: pd.DataFrame = field(repr=False)
    lines: Sequence[str] = field(repr=False)
    figure: "Figure" = field(repr=False)

    @property
    def digest(self) -> str:
        """Title and plotted numbers as plain text: what a checker compares."""
        return "\n".join([self.title, *self.lines])

    def __str__(self) -> str:
        return self.digest

    def png(self) -> bytes:
        """Return the picture as PNG, the same bytes for the same numbers."""
        buffer = io.BytesIO()
        # The version of the drawing library would otherwise be written into the file.
        with theme():
            self.figure.savefig(buffer, format="png", dpi=DRAWN, metadata={"Software": None})
        return buffer.getvalue()

    def svg(self) -> str:
        """Return the picture as SVG."""
        buffer = io.StringIO()
        with theme():
            self.figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
        return buffer.getvalue()

    def save(self, path: str | Path) -> None:
        """Write the picture to a file, whole or not at all.

        Parameters
        ----------
        path : str or Path
            Ends in .png or .svg. Letters in an SVG are drawn as shapes, so that Chinese shows
            where no font has it.

        Raises
        ------
        MessageError
            The name ends in something else.
        """
        path = Path(path)
        draw = {".png": self.png, ".svg": self.svg}.get(path.suffix.lower())
        if draw is None:
            raise MessageError(
                f"A picture is saved as .png or .svg, not as {path.suffix!r}.",
                where=str(path),
                fix=f"Save it as {path.with_suffix('.png').name} or {path.stem}.svg.",
            )
        write_whole(path, draw())

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, str], dict[str, object]]:
        width = round(self.figure.get_figwidth() * SHOWN)
        data = {
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.digest,
        }
        return data, {"image/png": {"alt": self.alt, "width": width}}
