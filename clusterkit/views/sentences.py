"""Sentences and tables whose numbers come from values, each leading back to its claims."""

import math
import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup, escape

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.facts import Fact, Shown, Words, fact_words
from clusterkit.views.origins import Origins
from clusterkit.words import Language, fields

if TYPE_CHECKING:
    from jinja2 import Template

Cell = Estimate | Words | str | int | tuple[Estimate, ...]


def _full(language: Language, estimate: Estimate) -> str:
    figure = language.figure(estimate)
    if estimate.certain:
        return figure
    # What it is per was just said: the range need not repeat it.
    span = language.span(replace(estimate, unit=estimate.unit.partition("/")[0]))
    if figure.endswith(")"):
        return language.text("{figure}, {range})", figure=figure[:-1], range=span)
    return language.text("{figure} ({range})", figure=figure, range=span)


def _rough(language: Language, estimate: Estimate) -> str:
    """Return the figure in two digits where its range agrees on them, else its range in two."""

    def rounded(end: float, way: Callable[[float], int] = round) -> float:
        if not math.isfinite(end) or end == 0:
            return end
        step = 10.0 ** (math.floor(math.log10(abs(end))) - 1)
        return way(round(end / step, 9)) * step

    low, high = rounded(estimate.low, math.floor), rounded(estimate.high, math.ceil)
    told = language.span(replace(estimate, low=low, high=high))
    if rounded(estimate.low) == rounded(estimate.high):
        told = language.quantity(rounded(estimate.value), estimate.unit)
    return language.marked(told, estimate)


# How a figure is worded at a place such as {sales:range}.
STYLES: dict[str, tuple[str, Callable[[Language, Estimate], str]]] = {
    "": ("the figure, hedged and marked as its source has it", Language.figure),
    "plain": ("the figure without its hedge", lambda it, one: it.quantity(one.value, one.unit)),
    "range": ("only the range", Language.span),
    "rough": ("the figure or its range, in two digits", _rough),
    "full": ("the figure and its range", _full),
    "year": ("a calendar year", lambda _, one: str(round(one.value))),
}
CITED = Markup(
    '<data class="ck-value" value="{value}" data-claims="{claims}" title="{told}">{text}</data>'
)
GROUPED_FROM = 10_000  # smaller whole numbers may be years and stay ungrouped


class Voice:
    """Says things in a language; where it knows their origins, numbers bear footnotes."""

    def __init__(self, language: Language, origins: Origins | None = None) -> None:
        self.language, self._origins = language, origins

    def say(self, message: str, *, otherwise: str = "", **values: object) -> Words:
        """Return a message with its places filled.

        Parameters
        ----------
        message : str
            English text with places such as ``{sales}``, ``{sales:range}``, ``{sales:full}``.
        **values : Estimate, Words, int, str or tuple of them
            One for each place; a plain float is refused, for it has no unit.
        otherwise : str
            What is said instead where one of the values is None.

        Raises
        ------
        MessageError
            A place has no value, a value no place, or a value cannot be worded.
        """
        if otherwise and None in values.values():
            message, values = otherwise, {}
        _match(message, {name for name, _ in fields(message)}, set(values))
        parts = []
        for text, name, style, _ in string.Formatter().parse(self.language.text(message)):
            parts.append(Words(text, escape(text)))
            if name is not None:
                parts.append(self.worded(values[name], style, f"{{{name}}}").under(name))
        return Words.joined(parts)

    def worded(self, value: object, style: str = "", what: str = "A value") -> Words:
        """Return one value in words."""
        if style not in STYLES:
            known = "; ".join(f"{key or '(none)'}: {about}" for key, (about, _) in STYLES.items())
            raise MessageError(f"There is no format {style!r} for {what}.", fix=f"Formats: {known}")
        if isinstance(value, Words):
            return value
        if isinstance(value, Estimate):
            return self.cited(STYLES[style][1](self.language, value), value)
        if isinstance(value, tuple):
            several = (self.worded(one, style, what) for one in value)
            return Words.joined((one.under(str(n)) for n, one in enumerate(several, 1)), "; ")
        if isinstance(value, int) and not isinstance(value, bool):
            grouped = style != "year" and abs(value) >= GROUPED_FROM
            text = self.language.number(value, digits=12) if grouped else str(value)
            return fact_words(text, "count", value=str(value))
        if isinstance(value, str):
            return fact_words(self.language.label(value) if value else "", "word")
        raise MessageError(
            f"{what} cannot be a {type(value).__name__}.",
            why="A bare number has no unit, no range and no origin.",
            fix="Give an Estimate such as case.estimate('sales', 2024), a whole number or text.",
        )

    def range(self, estimate: Estimate | None) -> Words:
        """Return the range of an estimate in words, without footnotes: it stands beside it."""
        if estimate is None:
            return Words("", Markup())
        return fact_words(self.language.span(estimate), "figure", estimate)

    def cited(self, text: str, estimate: Estimate) -> Words:
        """Return a worded figure with the numbers of its first sources behind it."""
        bare = fact_words(text, "figure", estimate)
        if self._origins is None or not estimate.claims:
            return bare
        html = CITED.format(
            value=f"{estimate.value:.12g}",
            claims=" ".join(estimate.claims),
            told=self._origins.told(estimate.claims, self.language),
            text=text,
        )
        return Words.joined([replace(bare, html=html), self._origins.footnote(estimate.claims)])

    def table(
        self,
        rows: Sequence[Mapping[str, Cell]],
        *,
        caption: str,
        notes: Sequence[str | Words] = (),
        otherwise: str = "",
    ) -> "Table | Words":
        """Return a table from rows that name their cells.

        Parameters
        ----------
        rows : sequence of mapping
            Each from column heading to cell, all with the same headings.
        caption : str
            What the table says.
        notes : sequence of str or Words
            What stands below.
        otherwise : str
            What is said instead where there are no rows.

        Raises
        ------
        MessageError
            There are no rows, the rows have different columns, or a cell is a bare float.
        """
        if otherwise and not rows:
            return self.say(otherwise)
        columns = _columns(rows, caption)
        cells = [[self._cell(row[column]) for column in columns] for row in rows]
        # The first column names its row, even where the name is a year.
        numeric = [
            number > 0 and any(isinstance(row[column], (Estimate, int)) for row in rows)
            for number, column in enumerate(columns)
        ]
        below = [note if isinstance(note, Words) else self.say(note) for note in notes]
        text = self.language.text
        return Table(text(caption), list(map(text, columns)), cells, numeric, below)

    def _cell(self, cell: Cell) -> Words:
        if isinstance(cell, str):  # words already, not a name of the data
            return fact_words(cell, "word")
        return self.worded(cell, "year" if isinstance(cell, int) else "", "A table cell")


def _match(message: str, places: set[str], given: set[str]) -> None:
    """Refuse a sentence with an empty place, and a value that nobody reads."""
    missing, idle = ", ".join(sorted(places - given)), ", ".join(sorted(given - places))
    if missing or idle:
        told = (
            f"no value for {missing}" if missing else "",
            f"no place for {idle}" if idle else "",
        )
        raise MessageError(
            "A sentence and its values do not match.",
            where=repr(message),
            why=" and ".join(filter(None, told)),
            fix=f"Its places are: {', '.join(sorted(places)) or 'none'}.",
        )


@dataclass(frozen=True)
class Table(Shown):
    """A table as people read it, plain and as HTML.

    Attributes
    ----------
    caption : str
        What the table says.
    columns : list of str
        Headings, in the language of the page.
    rows : list of list of Words
        Cells.
    numeric : list of bool
        Which columns hold figures and stand to the right.
    notes : list of Words
        What stands below.
    kind : str
        Of what kind its facts are that say nothing of it; "" for evidence.
    folded : str
        What stands in its place on a page until it is opened; "" where it stands open.
    """

    caption: str
    columns: list[str]
    rows: list[list[Words]]
    numeric: list[bool]
    notes: Sequence[Words] = ()
    kind: str = ""
    folded: str = ""

    @property
    def plain(self) -> str:
        """The table as plain text, a line per row."""
        cells = [[cell.plain for cell in row] for row in self.rows]
        if self.kind:
            return _aligned([self.columns, *cells])
        lines = [self.caption, *(" | ".join(row) for row in [self.columns, *cells])]
        return "\n".join([*lines, *(note.plain for note in self.notes)])

    @property
    def html(self) -> Markup:
        """The table as HTML, without ids; text to the left, where JupyterLab would put it right."""
        return Markup(_template().render(table=self))

    @property
    def facts(self) -> list[Fact]:
        """The facts of its cells, each known by row and column, and of its notes."""
        names = _row_names(self.rows)
        placed = [
            cell.under(f"{name} | {column}")
            for name, row in zip(names, self.rows, strict=True)
            for column, cell in zip(self.columns, row, strict=True)
        ]
        return [fact for words in [*placed, *self.notes] for fact in words.facts]


def _row_names(rows: Sequence[Sequence[Words]]) -> list[str]:
    """Return what each row is known by: its first cell, or as many as tell it from the others."""
    for count in range(1, len(rows[0]) + 1):
        names = [", ".join(cell.bare for cell in row[:count]) for row in rows]
        if len(set(names)) == len(names):
            break
    return names


def _aligned(rows: Sequence[Sequence[str]]) -> str:
    """Return rows in columns, where a Chinese character takes the room of two letters."""
    from rich.cells import cell_len, set_cell_size

    widths = [max(map(cell_len, column)) for column in zip(*rows, strict=True)]
    padded = (map(set_cell_size, row, widths) for row in rows)
    return "\n".join("  ".join(row).rstrip() for row in padded)


@cache
def _template() -> "Template":
    from jinja2 import Environment, PackageLoader

    loader = PackageLoader("clusterkit.views")
    pages = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    return pages.get_template("table.html.j2")


def _columns(rows: Sequence[Mapping[str, Cell]], caption: str) -> list[str]:
    """Return the columns that all rows have, or refuse the table."""
    if not rows:
        raise MessageError(
            f"The table {caption!r} has no rows.",
            why="The years or the rule chosen leave nothing to show.",
            fix="Widen the years, or choose another rule.",
        )
    columns = list(rows[0])
    if ragged := next((list(row) for row in rows if list(row) != columns), None):
        raise MessageError(
            f"The rows of the table {caption!r} do not have the same columns.",
            where=f"{ragged} against {columns}",
        )
    return columns


def plain_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    kind: str = "setting",
    folded: str = "",
) -> Table:
    """Return a table of texts that are no evidence, such as parameters and their values."""
    cells = [[fact_words(cell, kind) for cell in row] for row in rows]
    return Table("", list(columns), cells, [False] * len(columns), kind=kind, folded=folded)
