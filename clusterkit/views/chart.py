"""A picture that carries its facts: the numbers drawn, in a table, in words and as alt text."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Self

import numpy as np
import pandas as pd

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.files import write_whole
from clusterkit.views.facts import FACTS, Fact
from clusterkit.views.frame import DRAWN, SHOWN, Sheet, theme
from clusterkit.views.origins import few

if TYPE_CHECKING:
    from matplotlib.figure import Figure
    from PIL.Image import Image


COLOURS = 128  # half of what a byte can number
Parts = Sequence[str]  # of what is told; empty ones are left out


@dataclass(frozen=True)
class Mark:
    """What is told of one mark of a picture: what it is, its figures, what to know, its origins."""

    label: str
    facts: Sequence[Fact] = ()
    more: Parts = ()
    origins: Parts = ()
    note: str = ""  # the footnote, right behind the figures
    within: Sequence[Fact] = ()  # stand in the label

    @classmethod
    def of(
        cls, label: Parts, figure: Estimate, words: Parts, more: Parts = (), note: str = ""
    ) -> Self:
        """Return what is told of a mark that stands for one figure, from words for its parts."""
        name = _joined(label)
        fact = Fact(_joined(words), name, figure=figure)
        return cls(name, [fact], more, [" ".join(few(figure.claims))], note)

    @property
    def short(self) -> str:
        """The mark for who cannot see it."""
        words = (self.label, *(fact.words for fact in self.facts), *self.more)
        return _joined(words).replace(" | ", ", ")

    @property
    def line(self) -> str:
        """The mark in the digest."""
        figures = _joined(fact.words for fact in self.facts) + self.note
        return _joined([self.label, figures, *self.more, *self.origins])

    @property
    def carried(self) -> list[Fact]:
        """Whatever the line shows that came from a value, the number of claims cut included."""
        cut = [word for told in self.origins for word in told.split() if word[0] == "+"]
        more = [Fact(told, self.label, "data") for told in self.more if told]
        return [*self.within, *self.facts, *more, *(Fact(it, self.label, "count") for it in cut)]


class Picture:
    """A picture as a value: a frozen dataclass of what it shows and how.

    What cannot be drawn is refused when it is made. Each kind of picture knows its rows (`_rows`),
    draws them (`_draw`) and tells of each mark (`_told`).
    """

    needs: ClassVar[str] = ""  # the first words of an error, where its figures are of one unit

    form: ClassVar[str]  # the first words of its alt text
    yearly: ClassVar[bool] = False  # whether it shows years, too many to be told one by one

    def __post_init__(self) -> None:
        units = sorted(set(self.shown["unit"])) if self.needs else ["one"]
        if len(units) != 1:
            raise MessageError(
                f"{self.needs} figures of one unit, found {', '.join(units) or 'none'}.",
                fix="Draw them apart, or widen the years.",
            )

    @cached_property
    def shown(self) -> pd.DataFrame:
        """The plotted figures, a row each."""
        return self._rows()

    def _rows(self) -> pd.DataFrame:
        raise NotImplementedError

    def _draw(self, sheet: Sheet) -> None:
        raise NotImplementedError

    def _told(self, sheet: Sheet) -> Iterable[Mark]:
        raise NotImplementedError

    def chart(self, sheet: Sheet, said: Sequence[Fact] = ()) -> "Chart":
        """Return the picture on a sheet, with its facts and those said in title and note."""
        with theme():
            self._draw(sheet)
            sheet.settle()
        told = list(self._told(sheet))
        return Chart(
            title=sheet.title,
            alt=self._alt(sheet, told),
            facts=[*said, *(fact for mark in told for fact in mark.carried)],
            lines=[mark.line for mark in told],
            table=self.shown,
            figure=sheet.figure,
        )

    def _alt(self, sheet: Sheet, told: Sequence[Mark]) -> str:
        """Return what the picture shows for who cannot see it."""
        text, summary = (
            sheet.words.text,
            "; ".join(few([mark.short for mark in told if mark.facts], most=12)),
        )
        if self.yearly:
            years = self.shown["year"]
            ends = {"first": years.min(), "last": years.max()}
            summary = text("{count} figures from {first} to {last}", count=len(years), **ends)
        return f"{text(self.form)}. {sheet.title}. {summary}."


@dataclass(frozen=True)
class Chart:
    """A picture that was drawn, with its facts.

    Attributes
    ----------
    title : str
        The finding, as drawn above the picture.
    alt : str
        What the picture shows, for a reader who cannot see it.
    facts : list of Fact
        The numbers of its title, its note and its marks, with the claims they rest on.
    lines : list of str
        The same in words, one line per mark.
    table : DataFrame
        The plotted numbers.
    figure : matplotlib.figure.Figure
        The drawing itself.
    """

    title: str
    alt: str
    facts: list[Fact] = field(repr=False)
    lines: list[str] = field(repr=False)
    table: pd.DataFrame = field(repr=False)
    figure: "Figure" = field(repr=False)

    @property
    def digest(self) -> str:
        """Title and plotted numbers as plain text: what a checker compares."""
        return "\n".join([self.title, *self.lines])

    def __str__(self) -> str:
        return self.digest

    def png(self) -> bytes:
        """Return the picture as PNG, the same bytes for the same numbers."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        buffer = io.BytesIO()
        with theme():
            drawn, size = FigureCanvasAgg(self.figure).print_to_buffer()
        _in_few_colours(drawn, size).save(buffer, format="png", dpi=(DRAWN, DRAWN))
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

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        width = round(self.figure.get_figwidth() * SHOWN)
        data = {
            "image/png": base64.b64encode(self.png()).decode("ascii"),
            "text/plain": self.digest,
            FACTS: [fact.as_json() for fact in self.facts],
        }
        return data, {"image/png": {"alt": self.alt, "width": width}}


def _joined(parts: Iterable[str]) -> str:
    return " | ".join(filter(None, parts))


def _in_few_colours(drawn: bytes, size: tuple[int, int]) -> "Image":
    """Return a picture in so few colours that it is half as heavy, and the same to the eye.

    All plain areas keep their colour; the other half of the colours serves soft edges.
    """
    from PIL import Image

    pixels, known = pd.factorize(np.frombuffer(drawn, "<u4"))
    often = np.argsort(-np.bincount(pixels), kind="stable")
    parts = (known[:, None] >> np.array([0, 8, 16]) & 255).astype(np.uint8)
    soft = Image.fromarray(parts[often[-max(len(known) - COLOURS, 1) :]][None]).quantize(COLOURS)
    palette = [*parts[often[:COLOURS]].flat, *soft.getpalette()[: 3 * COLOURS]]
    steps = parts[:, None].astype(int) - np.reshape(palette, (-1, 3))
    nearest = (steps**2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    picture = Image.frombytes("P", size, nearest[pixels].tobytes())
    picture.putpalette(palette)
    return picture
