"""Articles as they come: encodings, what is no text, and how much work a long one is."""

import sys
from collections import Counter

import pytest

from clusterkit.errors import DataError
from clusterkit.printed.article import paragraphs_of, read_article
from clusterkit.printed.drafting import draft_claims

CHINESE = "织里镇童装企业近1000亿元，占全国三分之二，产品销往一百多个国家。" * 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gbk", "gb18030", "big5"])
def test_the_encoding_is_found(tmp_path, encoding):
    text = "織里鎮童裝企業近千億元，占全國三分之二。" * 4 if encoding == "big5" else CHINESE
    (tmp_path / "news.txt").write_bytes(text.encode(encoding))
    assert read_article(tmp_path / "news.txt") == text


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"%PDF-1.7 ...", "is a PDF, not a text"),
        (b"PK\x03\x04...", "is a Word or Excel file"),
        (b" \n", "is empty"),
        (b"a\0b", "news.txt holds NUL bytes"),
        (None, "cannot be read: FileNotFoundError"),
    ],
)
def test_what_is_no_text_is_refused_with_what_to_do(tmp_path, content, says):
    if content is not None:
        (tmp_path / "news.txt").write_bytes(content)
    with pytest.raises(DataError, match=says) as caught:
        read_article(tmp_path / "news.txt")
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "says"), [("a\0b", "NUL bytes"), ("https://example.org/a", "an address, not a text")]
)
def test_addresses_and_binary_are_refused(text, says):
    with pytest.raises(DataError, match=says):
        draft_claims(text)


def test_html_is_stripped_and_cells_are_kept():
    html = "<html><script>5</script><p>One <b>3.2</b>\nbillion</p><tr><td>7</td><td>8</td></tr>"
    assert paragraphs_of(html) == ["One 3.2 billion", "7\t8\t"]


@pytest.mark.parametrize("end", ["。", "，"])  # many sentences, and one that never ends
def test_the_work_of_reading_grows_with_the_length_and_not_faster(end):
    text = CHINESE.replace("。", end)

    def calls(times):
        counted = Counter()
        before = sys.getprofile()
        sys.setprofile(lambda frame, event, value: counted.update([event]))
        try:
            drafts = draft_claims(text * times)
        finally:
            sys.setprofile(before)
        assert len(drafts) == 12 * times
        return counted["call"] + counted["c_call"]

    draft_claims(text)  # what is read once
    assert calls(100) < 11 * calls(10)
