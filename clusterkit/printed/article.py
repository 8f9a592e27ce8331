"""Articles as they come: bytes in some encoding, HTML, lines that break off within a figure."""

import re
from contextlib import suppress
from pathlib import Path

from clusterkit.errors import DataError
from clusterkit.printed.vocabulary import CHINESE, form, plain, words

# What is no text, by its first bytes, and what to do with it.
FORMATS = {
    b"%PDF": ("a PDF", "Open it, select the text, copy it into a text file"),
    b"PK\x03\x04": ("a Word or Excel file", "Save it as plain text"),
    b"\xd0\xcf\x11\xe0": ("an old Word or Excel file", "Save it as plain text"),
    b"\x89PNG": ("a picture", "Type what it shows"),
    b"\xff\xd8\xff": ("a picture", "Type what it shows"),
}
_HTML = re.compile(
    r"<(?:!doctype|html|head|body|div|p|span|table|tr|td|br|a|li|h\d|strong)\b[^<]*>", re.I
)
_BLOCKS = ["p", "div", "li", "tr", "br", "table", "title", "dd", "h1", "h2", "h3", "h4"]
_URL = re.compile(r"\s*(?:https?://|www\.)\S+\s*")
_BREAKS_OFF = re.compile(rf"[\d{CHINESE},]$")


def read_article(path: Path) -> str:
    """Return the text of a file, whatever its encoding; say what to do with what is no text."""
    try:
        data = path.read_bytes()
    except OSError as error:
        what = f"{path.name} cannot be read: {type(error).__name__}."
        raise DataError(what, where=str(path), fix="Name a text file.") from error
    for first, (what, fix) in FORMATS.items():
        if data.startswith(first):
            raise DataError(f"{path.name} is {what}, not a text.", where=str(path), fix=f"{fix}.")
    wide = data[:2] in (b"\xff\xfe", b"\xfe\xff")  # UTF-16, where every letter has such a byte
    if b"\0" in data and not wide:
        fix = "Save it as plain text in UTF-8."
        raise DataError(f"{path.name} holds NUL bytes, no text.", where=str(path), fix=fix)
    if not data.strip():
        fix = "Paste the article into it, save, repeat."
        raise DataError(f"{path.name} is empty.", where=str(path), fix=fix)
    for encoding in ("utf-8-sig", "utf-16" if wide else "ascii"):
        with suppress(UnicodeDecodeError):
            return data.decode(encoding)
    from charset_normalizer import from_bytes

    best = from_bytes(data, cp_isolation=["gb18030", "big5", "cp1252", "shift_jis"]).best()
    if best is None:
        what, fix = f"{path.name} is in no encoding we know.", "Save it as text in UTF-8."
        raise DataError(what, where=str(path), fix=fix)
    return str(best)


def paragraphs_of(text: str) -> list[str]:
    """Return the lines of a text that are not empty; what breaks off within a figure is joined."""
    if "\0" in text:
        raise DataError("The text holds NUL bytes: it is no text.", fix="Save it as plain text.")
    if _URL.fullmatch(text):
        what = "That is an address, not a text; nothing is fetched."
        raise DataError(what, where=text.strip(), fix="Open the page and paste its text.")
    if len(_HTML.findall(text[:20_000])) > 1:
        text = _of_html(text)
    lines: list[str] = []
    for line in filter(str.strip, text.splitlines()):
        shape = plain(line.lstrip())
        last = lines[-1].rstrip()[-1] if lines and "\t" not in lines[-1] else " "
        if _BREAKS_OFF.match(plain(last)) and _goes_on(shape):
            lines[-1] = f"{lines[-1].rstrip()} {line.lstrip()}"
        else:
            lines.append(line)
    return lines


def _goes_on(shape: str) -> bool:
    return bool(form("numbers.scaled").match(shape) or words.after.at(shape, 0))


def _of_html(text: str) -> str:
    from bs4 import BeautifulSoup

    soup = BeautifulSoup(text, "html.parser")
    for gone in soup(["script", "style", "noscript"]):
        gone.decompose()
    for end, names in (("\n", _BLOCKS), ("\t", ["td", "th"])):
        for tag in soup(names):
            tag.append(end)
    return soup.get_text()
