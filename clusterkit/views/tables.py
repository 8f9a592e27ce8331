"""Tables that read the same in every run, with footnotes to the claims behind each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from markupsafe import Markup

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.facts import Fact, Shown
from clusterkit.views.sentences import Voice, Words, fact_words

if TYPE_CHECKING:
    from jinja2 import Template

Cell = Estimate | Words | str | int | tuple[Estimate, ...]


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


def table_of(
    rows: Sequence[Mapping[str, Cell]], caption: str, notes: Sequence[Words], voice: Voice
) -> Table:
    """Return a table from rows that name their cells; see `Page.table`."""
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

    def worded(cell: Cell) -> Words:
        if isinstance(cell, str):  # words already, not a name of the data
            return fact_words(cell, "word")
        return voice.worded(cell, "year" if isinstance(cell, int) else "", "A table cell")

    return Table(
        caption=voice.language.text(caption),
        columns=[voice.language.text(column) for column in columns],
        rows=[[worded(row[column]) for column in columns] for row in rows],
        # The first column names its row, even where the name is a year.
        numeric=[
            number > 0 and any(isinstance(row[column], (Estimate, int)) for row in rows)
            for number, column in enumerate(columns)
        ],
        notes=notes,
    )


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
