"""TOML files in their shape: every fault names its place and says what is wanted."""

from dataclasses import dataclass

import pytest

from clusterkit.errors import DataError
from clusterkit.shapes import read_toml


@dataclass(frozen=True)
class Break:
    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012

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
