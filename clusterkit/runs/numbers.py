"""Find numbers that came from no value: typed into prose, into a title, or into a table.

A year is allowed anywhere. What stands in the data (as printed, a label, a reason) is marked as
such by the views and passes; so does code.
"""

import ast
import re
from html.parser import HTMLParser

from clusterkit.views.facts import typed_numbers
from clusterkit.views.page import spoken

PLACE = re.compile(r"\{[^{}]*\}")
# Fenced and inline code, and the address part of a link.
CODE = re.compile(r"```.*?```|`[^`\n]*`|\]\([^)]*\)", re.DOTALL)
FROM_VALUES = {"data", "sup", "code", "pre", "style"}
FROM_DATA = {"ck-data", "ck-settings", "ck-sources"}
VOID = {"br", "hr", "img", "wbr"}


def in_prose(markdown: str) -> list[str]:
    """Return the numbers typed into a markdown cell, code aside."""
    return typed_numbers(CODE.sub(" ", markdown))


def in_speech(tree: ast.Module) -> list[str]:
    """Return the numbers typed into what a page is told to say, draw or list."""
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in spoken()
    ]
    texts = [
        node.value
        for call in calls
        for node in ast.walk(call)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    return [number for text in texts for number in typed_numbers(PLACE.sub(" ", text))]


def in_shown(html: str) -> list[str]:
    """Return the numbers of a shown table or sentence that carry no value.

    Examples
    --------
    >>> in_shown('<p>Of <data value="2">2 firms</data> and 3 more</p>')
    ['3']
    """
    reader = _Bare()
    reader.feed(html)
    reader.close()
    return typed_numbers(" ".join(reader.texts))


class _Bare(HTMLParser):
    """Collects the text outside elements that hold values or data."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        classes = set((dict(attrs).get("class") or "").split())
        self._open.append(tag in FROM_VALUES or bool(classes & FROM_DATA))

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if not any(self._open):
            self.texts.append(data)
