import base64
import re
import struct
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote, urlsplit

import pytest
from babel.messages.extract import extract_from_dir

from clusterkit import Page, Trend
from clusterkit.runs import page as page_module
from clusterkit.runs.contract import Contract
from clusterkit.runs.many import glimpse
from clusterkit.runs.notebook import NotebookError, notebook_library, notebook_text, read_notebook
from clusterkit.runs.page import (
    CASEBOOK,
    failure_page,
    headline,
    overview_page,
    report_page,
    sweep_page,
    without_places,
)
from clusterkit.runs.report import Inputs, Manifest
from clusterkit.runs.workshop import Run, Workshop
from clusterkit.views.sentences import Voice
from clusterkit.words import Language, language

CSS_REQUEST = re.compile(r"url\(|@import|@font-face", re.IGNORECASE)
HOME = "/".join(("", "home", "me"))  # put together, for nothing committed names such a place
SAID = ("alt", "aria-label", "title")
LOADING = {"src", "srcset", "data", "poster", "background", "action", "formaction", "ping"}


class Outline(HTMLParser):
    """Collects what a page would fetch, its elements, and its text outside style."""

    def __init__(self, text):
        super().__init__()
        self.fetched, self.tags, self.words, self._open = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self._open.append(tag)
        self.tags.append((tag, attrs))
        hrefs = [] if tag == "a" else ["href", "xlink:href"]
        loads = [attrs[name] for name in [*LOADING, *hrefs] if name in attrs]
        self.fetched += [url for url in loads if not url.startswith("data:")]
        self.fetched += CSS_REQUEST.findall(attrs.get("style") or "")

    def handle_endtag(self, tag):
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data):
        if self._open and self._open[-1] == "style":
            self.fetched += CSS_REQUEST.findall(data)
        elif data.strip():
            self.words.append(data.strip())

    def all(self, tag):
        return [attrs for name, attrs in self.tags if name == tag]


@pytest.fixture(scope="module")
def report(published):
    return (published[1] / "10-good/10-good.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def executed(published):
    return read_notebook(published[1] / "10-good/10-good.ipynb")


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
INPUTS = Inputs("a", {"lang": "zh"}, "", "", {}, {}, None, {}, "3")
MADE = Manifest(
    **vars(INPUTS), clusterkit="9", data_sha256="d" * 64, facts_sha256="f" * 64, files={}
)


def test_pages_ask_nobody_for_anything(published):
    for path in published[1].rglob("*.html"):
        outline = Outline(path.read_text(encoding="utf-8"))
        assert outline.fetched == []
        assert not {"script", "link", "iframe", "object", "embed"} & {
            tag for tag, _ in outline.tags
        }


def test_the_outline_would_see_a_request():
    for page in [
        '<script src="https://x"></script>',
        '<link href="x.css">',
        "<style>p {background: URL(x)}</style>",
        '<img src="x.png">',
        '<p style="background: url(x)">',
    ]:
        assert Outline(page).fetched


def test_a_report_reads_as_a_text(report):
    outline = Outline(report)
    assert outline.all("html") == [{"lang": "en"}]
    assert "Does it *run* & read?" in outline.words[: outline.words.index("Skip to the text")]
    assert ("h1", {"id": "Does-it-run-&-read?"}) in outline.tags
    summaries = [word for word in outline.words if word == "Show the code"]
    # silent cells fold together with the next: settings; chart; difference; script
    assert len(summaries) == 4
    assert not any("open" in attrs for attrs in outline.all("details"))
    assert {"href": "#Two"} in outline.all("a")
    assert {"href": "../index.html"} in outline.all("a")
    assert {"href": "https://example.org/x"} in outline.all("a")


def test_a_picture_carries_its_alternative_text_and_its_numbers(report):
    (picture,) = Outline(report).all("img")
    assert picture["alt"] == 'A "line" & a dot'
    assert picture["width"] == "300"
    assert re.search(
        r'<figure>\s*<img .*?>\s*<details class="ck-numbers"><summary>The numbers in this picture'
        r"</summary>\s*<pre[^>]*>Chart of one line\n2010  1.0\n2020  2.0</pre></details>",
        report,
    )


def test_tables_scroll_by_themselves_and_plain_text_is_escaped(report):
    folded = r'<div [^>]*class="ck-scroll"[^>]*>\s*<details class="ck-folded">.*?</summary>\s*'
    assert re.search(folded + '<table class="ck-table ck-settings"', report)
    assert "&lt;script&gt;alert(1)" in report
    assert "<script" not in report


def test_stderr_is_never_shown(executed):
    output = {"output_type": "stream", "name": "stderr", "text": "oh no"}
    cell = executed.cells[6]
    cell.outputs.append(type(cell)(output))
    try:
        assert "oh no" not in report_page(executed, MADE, title="T")
    finally:
        cell.outputs.pop()


def test_the_foot_leads_back_to_what_the_report_was_made_from(executed):
    page = report_page(executed, MADE, title='<T & "t">')
    assert '<html lang="zh">' in page
    assert "&lt;T &amp; " in page
    for part in ["lang = zh", ">dddddddddddd</code>", 'href="manifest.json"', 'href="a.ipynb"']:
        assert part in page


def test_a_failure_page_shows_cell_error_parameters_and_command(published):
    for outcome, parts in zip(
        published[2].failed,
        [
            ["ValueError", "&lt;b&gt;no&lt;/b&gt; such year", "The cell that failed (4)"],
            ["NotExecuted", "1 + 1"],
            ["DeadKernelError", "Kernel died"],
        ],
        strict=True,
    ):
        page = outcome.page.read_text(encoding="utf-8")
        command = f"clusterkit run {outcome.name} --notebooks"
        for part in [*parts, "Does it?", command, '<th scope="row">lang</th><td>en</td>']:
            assert part in page
        assert "<b>no" not in page


SVG = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><image href="x"/></svg>'
OUTPUTS = [
    ({"image/svg+xml": SVG, "text/plain": "A curve"}, 'alt="A curve"'),
    ({"image/jpeg": "/9j/4AAQ\n", "text/plain": "<p>"}, 'src="data:image/jpeg;base64,/9j/4AAQ"'),
    ({"text/latex": "$x<1$", "text/plain": "x"}, ">$x&lt;1$</pre>"),
    (
        {"application/json": {"织": ["<b>"]}, "text/plain": "x"},
        '{\n  "织": [\n    "&lt;b&gt;"\n  ]',
    ),
    ({"text/markdown": "A **bold** word", "text/plain": "x"}, "A <strong>bold</strong> word"),
    ({"text/plain": "\x1b[31mred\x1b[0m"}, ">red</pre>"),
    ({"application/x-unknown": "?", "text/plain": "known"}, ">known</pre>"),
]


@pytest.mark.parametrize(("data", "shown"), OUTPUTS, ids=[next(iter(data)) for data, _ in OUTPUTS])
def test_what_a_notebook_of_ones_own_shows_is_shown(data, shown):
    v4 = notebook_library().v4
    cell = v4.new_code_cell("x", outputs=[v4.new_output("display_data", data)])
    page = report_page(v4.new_notebook(cells=[cell]), MADE, title="T")
    assert shown in page
    outline = Outline(page)
    assert outline.fetched == []
    assert "script" not in {tag for tag, _ in outline.tags}
    assert "\x1b" not in page


def test_streams_and_errors_are_shown_without_colours():
    v4 = notebook_library().v4
    red = "\x1b[1;31m<no>\x1b[0m"
    outputs = [
        v4.new_output("stream", text=red),
        v4.new_output("error", ename="E", evalue="", traceback=[red, "end"]),
    ]
    page = report_page(
        v4.new_notebook(cells=[v4.new_code_cell("x", outputs=outputs)]), MADE, title="T"
    )
    assert page.count(">&lt;no&gt;") == 2
    assert "\nend</pre>" in page


@pytest.mark.parametrize("name", ["a b", "50%", "a#b?c", "织里", "a&b", "it's", 'x"y'])
def test_links_lead_to_files_of_any_name(executed, name):
    made = replace(MADE, notebook=name)
    card = {"name": name, "title": "1", "question": "2", "link": f"{name}/{name}.html"}
    card |= {"picture": None, "parameters": {}, "state": "failed", "why": f"{name}/failure.html"}
    card["answer"] = ""
    run = {"run": "1", "meaning": "", "state": "done", "error": "", "page": f"r/{name}.html"}
    run |= {"notebook": f"r/{name}.ipynb"}
    pages = {
        report_page(executed, made, title="T"): {f"{name}.ipynb"},
        overview_page([card]): {card["link"], card["why"]},
        sweep_page(Contract("2", "3", {}), [run], [], varied=[]): {run["page"], run["notebook"]},
    }
    for page, links in pages.items():
        hrefs = [attrs["href"] for attrs in Outline(page).all("a")]
        parts = [urlsplit(href) for href in hrefs]
        assert links <= {unquote(one.path) for one in parts if not (one.scheme or one.query)}


@pytest.mark.parametrize(
    ("text", "public"),
    [
        (f"in {HOME}/x/a.ipynb, line 3", "in …/a.ipynb, line 3"),
        ('File "/tmp/ck-1/k.py"', 'File "…/k.py"'),
        ("~/nb/x/a.py:3", "…/a.py:3"),
        (r"C:\Users\me\a.py", "…/a.py"),
        ("--notebooks '/srv/my nb/x'", "--notebooks '…/my nb/x'"),
        ("https://example.org/a/b and 1/2 or yes/no", None),
        ("2023/24, CNY/firm, data/cases/zhili/claims.csv", None),
    ],
)
def test_what_others_read_names_no_folder_of_a_machine(text, public):
    assert without_places(text) == (public or text)


def page_words():
    """Return every message of the templates."""
    kinds, said = [("**.j2", "jinja2")], {"text": None}
    return {found[2] for found in extract_from_dir(CASEBOOK, kinds, keywords=said)}


class Marked(Language):
    """Marks every message that goes through it."""

    def text(self, message, **values):
        return f"⟦{message}⟧"


def test_every_word_of_every_page_can_be_translated(monkeypatch):
    monkeypatch.setattr(page_module, "nearest", Marked)
    v4 = notebook_library().v4
    chart = v4.new_output("display_data", {"image/png": PIXEL, "text/plain": "1"})
    table = v4.new_output("display_data", {"text/html": "<table></table>"})
    wordless = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# 1\n\n## 2\n\n## 3\n\n## 4"),
            v4.new_markdown_cell("## 2\n\n## 3\n\n## 4"),
            v4.new_code_cell("5", outputs=[chart, table]),
        ]
    )
    made = replace(MADE, notebook="1", data_sha256="2", facts_sha256="3", parameters={})
    run = Run(Workshop(Path(), Path(), Path()), Contract("1", "2", {}, "3"), {}, {})
    error = NotebookError(run, ename="3", evalue="4", traceback="5", cell=6, source="7")
    card = {"name": "1", "title": "1", "question": "2", "link": "3", "picture": None}
    card |= {"parameters": {}, "why": None, "answer": "3"}
    cells = {"2": {"figure": "3", "range": "4"}}
    compared = SimpleNamespace(label="5", differs=True, found=cells, worded=lambda language: cells)
    states = [{"state": state} for state in ("ready", "stale", "missing")]
    states.append({"state": "failed", "why": "4"})
    pages = [
        report_page(wordless, made, title="1"),
        failure_page(error),
        sweep_page(
            Contract("2", "3", {}),
            [
                {"run": "1", "meaning": "2", "state": state, "error": error}
                | {"page": page, "notebook": page}
                for state, error, page in [("done", "", "4"), ("kept", "", ""), ("failed", "3", "")]
            ],
            [compared],
            varied=[],
        ),
        overview_page([card | state for state in states]),
    ]
    assert set(re.findall("⟦(.+?)⟧", "".join(pages))) == page_words() | {"5"}
    for page in pages:
        outline = Outline(page)
        said = [attrs[name] for _, attrs in outline.tags for name in SAID if name in attrs]
        left = " ".join(outline.words + said)
        assert not re.search("[A-Za-z]", re.sub(r"⟦.+?⟧|clusterkit (run )?[\d.]+", "", left)), left


def test_the_headline_is_the_first_heading(executed):
    assert headline(executed) == "Does it *run* & read?"
    executed = type(executed)(cells=executed.cells[1:4])
    assert headline(executed) == ""


def png(width, height):
    header = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height)
    return base64.b64encode(header + bytes(20)).decode()


@pytest.mark.parametrize(
    ("sizes", "cover", "chosen"),
    [
        ([(9, 9), (3, 9), (16, 9), (32, 9)], None, 2),
        ([(3, 9), (9, 9)], None, 0),
        ([(32, 9), (16, 9), (9, 9)], 1, 1),
        ([], None, None),
    ],
)
def test_a_card_shows_the_tagged_picture_or_the_first_of_its_shape(sizes, cover, chosen, tmp_path):
    v4 = notebook_library().v4
    shown = [v4.new_output("display_data", {"image/png": png(*size) + "\n"}) for size in sizes]
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[one]) for one in shown])
    if cover is not None:
        notebook.cells[cover].metadata["tags"] = ["cover"]
    expected = None if chosen is None else "data:image/png;base64," + png(*sizes[chosen])
    path = tmp_path / "a.ipynb"
    path.write_text(notebook_text(notebook), encoding="utf-8")
    assert glimpse(path) == (expected, "")


def test_the_picture_of_a_card_is_small(zhili, tmp_path):
    chart = Page(zhili).draw(Trend(zhili.series("sales")), "Sales")
    v4 = notebook_library().v4
    shown = v4.new_output("display_data", chart._repr_mimebundle_()[0])
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=[shown])])
    path = tmp_path / "a.ipynb"
    path.write_text(notebook_text(notebook), encoding="utf-8")
    small = base64.b64decode(glimpse(path)[0].partition(",")[2])
    assert struct.unpack(">II", small[16:24]) == (640, 321)
    assert len(small) < 0.6 * len(chart.png()) < 20_000


def test_a_card_says_what_its_notebook_says_first(tmp_path):
    v4 = notebook_library().v4
    said = Voice(language("en")).say("It sold {count} in all.", count=3)
    later = Voice(language("en")).say("And then {count}.", count=4)
    shown = [v4.new_output("display_data", it._repr_mimebundle_()) for it in (said, later)]
    notebook = v4.new_notebook(cells=[v4.new_code_cell("x", outputs=shown)])
    path = tmp_path / "a.ipynb"
    path.write_text(notebook_text(notebook), encoding="utf-8")
    assert glimpse(path) == (None, "It sold 3 in all.")


@pytest.mark.parametrize(
    ("opening", "first"), [("It is so.", "answer"), ("| a |\n|---|\n| b |", "contents")]
)
def test_an_answer_in_words_stands_before_the_contents(opening, first):
    v4 = notebook_library().v4
    sections = ["# Is it so?", f"## Answer\n\n{opening}", "## Why\n\nx", "## How\n\ny"]
    cells = [v4.new_markdown_cell(text) for text in sections]
    said = Voice(language("en")).say("It sold {count} in all.", count=3)
    output = v4.new_output("display_data", said._repr_mimebundle_())
    cells.insert(2, v4.new_code_cell("page.say(...)", outputs=[output]))
    notebook = v4.new_notebook(cells=cells)
    page = report_page(notebook, replace(MADE, notebook="1", parameters={}), title="1")
    places = {"answer": page.index('id="Answer"'), "contents": page.index('id="ck-contents"')}
    assert min(places, key=places.get) == first
    assert page.count('id="Answer"') == page.count('id="How"') == 1


def test_the_colours_can_be_read():
    css = (CASEBOOK / "casebook.css").read_text(encoding="utf-8")
    named = dict(re.findall(r"--(\w+): (#[0-9a-f]{6});", css))

    def light(colour):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(
            share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True)
        )

    texts = {named[name] for name in ("ink", "soft", "accent", "alarm")}
    texts |= set(re.findall(r"[ {]color: (#[0-9a-f]{6})", css))
    assert len(texts) > 6
    for text in texts:
        for ground in (named["paper"], named["wash"]):
            lighter, darker = sorted((light(text), light(ground)), reverse=True)
            assert (lighter + 0.05) / (darker + 0.05) >= 4.5, (text, ground)
