"""The words that figures are printed with: scales, hedges, declines, units; see words.toml."""

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path


def listed(words: str) -> list[str]:
    """Split a row of a table into its words."""
    return [word for word in re.split(r",\s*", words) if word]


_TABLES = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))

SCALES = {word: int(size) for size, row in _TABLES["scales"].items() for word in listed(row)}
HEDGES_BEFORE, HEDGES_AFTER = _TABLES["hedges"]["before"], _TABLES["hedges"]["after"]
DECLINE_BEFORE, DECLINE_AFTER = _TABLES["declines"]["before"], _TABLES["declines"]["after"]
IDLE_BEFORE, IDLE_AFTER = _TABLES["idle"]["before"], _TABLES["idle"]["after"]
UNITS = {tuple(listed(units)): row for units, row in _TABLES["units"].items()}
BASE_UNITS = tuple(dict.fromkeys(unit for units in UNITS for unit in units))
CURRENCIES = tuple(unit for unit in BASE_UNITS if unit.isupper())

# An Italian or Russian text writes 14.000 and 1,5 where an English one writes 14,000 and 1.5.
EUROPEAN = re.compile(
    r"[а-яё]|(?<!\w)(?:oltre|più|almeno|mila|milion[ei]|miliard[oi]|entità|paesi)(?!\w)"
)


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first.

    A word that ends in a letter of an alphabet must end there: "mu" is not the start of "much".

    Examples
    --------
    >>> re.findall(any_of(["over", "元"]), "overall, over 5元")
    ['over', '元']
    """
    return "|".join(_whole(word) for word in sorted(set(words), key=len, reverse=True))


def _whole(word: str) -> str:
    letter = "a-zà-öø-ÿа-яё"
    before, after = _TABLES["around"].get(word, ("", ""))
    before += rf"(?<![{letter}])" if re.match(f"[{letter}]", word) else ""
    after += rf"(?![{letter}])" if re.search(f"[{letter}]$", word) else ""
    return before + re.escape(word).replace(r"\ ", r"\s+") + after
