"""TOML files in their shape: every fault names its place and says what is wanted."""

from dataclasses import dataclass

import pytest

from clusterkit.errors import DataError
from clusterkit.shapes import Strict, read_toml


@dataclass(frozen=True)
class Break(Strict):
    after: int
    before: int
    claims: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.after >= self.before:
            raise ValueError(f"it ends in {self.before} and begins in {self.after}")


@dataclass(frozen=True)
class File:
    title: str
    breaks: list[Break]


def read(tmp_path, text):
    path = tmp_path / "case.toml"
    path.write_text(text, encoding="utf-8")
    return read_toml(path, File, fix="Mend it.")


def test_a_file_becomes_its_shape(tmp_path):
    found = read(tmp_path, 'title = "a"\n[[breaks]]\nafter = 1\nbefore = 2\nclaims = ["x"]')
    assert found == File("a", [Break(1, 2, ("x",))])


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("title = 3\nbreaks = []", "title: found 3, wanted: text"),
        ("breaks = []", "title is missing"),
        (
            'title = "a"\n[[breaks]]\nafter = "1"\nbefore = 2',
            "[[breaks]] number 1 after: found '1', wanted: a whole number",
        ),
        (
            'title = "a"\n[[breaks]]\nafter = 1\nbefore = 2\nbefor = 3',
            "[[breaks]] number 1 befor is not known",
        ),
        (
            'title = "a"\n[[breaks]]\nafter = 3\nbefore = 2',
            "[[breaks]] number 1: it ends in 2 and begins in 3",
        ),
    ],
)
def test_each_fault_names_its_place(tmp_path, text, told):
    with pytest.raises(DataError) as error:
        read(tmp_path, text)
    assert told in str(error.value)
    assert "Mend it." in str(error.value)


def test_what_is_no_toml_names_the_line(tmp_path):
    with pytest.raises(DataError, match="cannot be read as TOML"):
        read(tmp_path, "title = ")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ('title = "织里镇"'.encode("gb18030"), ["in UTF-8", "line 1", "such as GBK"]),
        ('\n\ntitle = "Prat\xf3"'.encode("latin-1"), ["in UTF-8", "line 3", "Windows-1252"]),
        ('title = "a"'.encode("utf-16"), ["in UTF-16", "Save it again as TOML"]),
        (b'\ntitle = "a\0b"', ["nobody sees: U+0000", "line 2"]),
        ('title = "a\u202eb"'.encode(), ["U+202E RIGHT-TO-LEFT OVERRIDE", "line 1"]),
        (
            "# 一\n[[breaks]]\nafter = ２０１１".encode(),
            ["at line 3", "'２' is a full-width sign, not '2'"],
        ),
        ('title ＝ "（a）"'.encode(), ["line 1", "'＝' is a full-width sign, not '='"]),
        (b'title = """\n\n"""\nafter = 2024-02-30', ["at line 4"]),
        (b'title = "a"\ntitle = "b"\n', ["line 2", "each name once"]),
    ],
)
def test_what_is_wrong_with_a_toml_file_is_said_with_its_line(tmp_path, content, told):
    path = tmp_path / "case.toml"
    path.write_bytes(content)
    with pytest.raises(DataError) as error:
        read_toml(path, File)
    for words in (*told, str(path)):
        assert words in str(error.value)


def test_a_byte_order_mark_is_no_fault(tmp_path):
    path = tmp_path / "case.toml"
    path.write_bytes(b'\xef\xbb\xbftitle = "a"\r\nbreaks = []\r\n')
    assert read_toml(path, File) == File("a", [])


def test_a_file_that_may_not_be_read_says_so(tmp_path):
    (tmp_path / "case.toml").mkdir()  # the one way that holds for root too
    with pytest.raises(DataError, match=r"case\.toml cannot be read: Is a directory"):
        read_toml(tmp_path / "case.toml", File)
