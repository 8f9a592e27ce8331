"""Tables that read the same in every run, with footnotes to the claims behind each cell."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader
from markupsafe import Markup

from clusterkit.errors import MessageError
from clusterkit.evidence.figure import Estimate
from clusterkit.views.origins import Origins
from clusterkit.views.sentences import Words, count_words, with_origin
from clusterkit.words import Language

Cell = Estimate | Words | str | int


@dataclass(frozen=True)
class Table:
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
    """

    caption: str
    columns: list[str]
    rows: list[list[Words]]
    numeric: list[bool]
    notes: list[Words] = field(default_factory=list)

    @property
    def plain(self) -> str:
        """The table as plain text, a line per row."""
        lines = [self.caption, " | ".join(self.columns)]
        lines += [" | ".join(cell.plain for cell in row) for row in self.rows]
        return "\n".join([*lines, *(note.plain for note in self.notes)])

    @property
    def html(self) -> Markup:
        """The table as HTML, without ids; text to the left, where JupyterLab would put it right."""
        pages = Environment(loader=PackageLoader("clusterkit.views"), autoescape=True,
                            trim_blocks=True, lstrip_blocks=True)  # fmt: skip
        return Markup(pages.get_template("table.html.j2").render(table=self))

    def __str__(self) -> str:
        return self.plain

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        return {"text/plain": self.plain, "text/html": str(self.html)}


def build_table(
    rows: Sequence[Mapping[str, Cell]],
    *,
    caption: str,
    notes: Sequence[Words],
    language: Language,
    origins: Origins,
) -> Table:
    """Return a table from rows that name their cells.

    Parameters
    ----------
    rows : sequence of mapping
        Each from column heading to cell, all with the same headings.
    caption : str
        What the table says, in the language of the page.
    notes : sequence of Words
        What stands below.

    Raises
    ------
    MessageError
        There are no rows, the rows have different columns, or a cell is a bare float.
    """
    if not rows:
        raise MessageError(
            f"The table {caption!r} has no rows.",
            why="The years or the rule chosen leave nothing to show.",
            fix="Widen the years, or choose another rule.",
        )
    columns = list(rows[0])
    for row in rows:
        if list(row) != columns:
            raise MessageError(
                f"The rows of the table {caption!r} do not have the same columns.",
                where=f"{list(row)} against {columns}",
            )
    return Table(
        caption=caption,
        columns=[language.text(column) for column in columns],
        rows=[[_cell(row[column], language, origins) for column in columns] for row in rows],
        # The first column names its row, even where the name is a year.
        numeric=[
            number > 0 and any(isinstance(row[column], (Estimate, int)) for row in rows)
            for number, column in enumerate(columns)
        ],
        notes=list(notes),
    )


def _cell(cell: Cell, language: Language, origins: Origins) -> Words:
    if isinstance(cell, Words):
        return cell
    if isinstance(cell, Estimate):
        return with_origin(language.figure(cell), cell, language, origins)
    if isinstance(cell, int) and not isinstance(cell, bool):
        return count_words(cell, language, grouped=False)
    if isinstance(cell, str):
        return Words(cell, Markup.escape(cell))
    raise MessageError(
        f"A table cell cannot be a {type(cell).__name__}.",
        why="A bare number has no unit, no range and no origin.",
        fix="Give an Estimate, a whole number or text.",
    )
