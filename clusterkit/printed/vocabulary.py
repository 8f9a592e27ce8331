"""The words that figures are printed with: the tables of vocabulary.toml, made ready to search."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from babel.numbers import get_currency_name, get_currency_symbol
from opencc import OpenCC

LETTER = "a-zà-öø-ÿа-яё"


class _Forms(dict):
    """Plain forms of characters by their codes, each found when it is first met."""

    _simplified = OpenCC("t2s").convert

    def __missing__(self, code: int) -> str:
        form = unicodedata.normalize("NFKC", chr(code)).lower()
        if len(form) != 1 or chr(code) in "²³":
            form = chr(code)
        self[code] = self._simplified(form) if code > 0x3000 else form
        return self[code]


_FORMS = _Forms({ord(odd): usual for odd, usual in zip("∶−–—〜～", ":---~~", strict=True)})
# The 2 of "km2" and the 千 of 平方千米 are no numbers.
_POWERS = re.compile(r"(?<=m)(?<![a-z]{3})([23])(?!\d)")


def plain(text: str) -> str:
    """Return the text in lower case, simplified and plain forms; each character keeps its place.

    >>> plain("約３.5萬")
    '约3.5万'
    """
    text = text.translate(_FORMS).replace("千米", "公里").replace("千克", "公斤")
    return _POWERS.sub(lambda found: "²³"[int(found[1]) - 2], text)


def listed(row: str) -> list[str]:
    """Split a row of a table into its words."""
    return [" ".join(word.split()) for word in row.split(",") if word.strip()]


TABLES = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
CURRENCIES = [code.upper() for code in listed(TABLES["currencies"]["codes"])]
AROUND = {plain(word): [*map(re.compile, ends)] for word, ends in TABLES["around"].items()}
# An Italian or Russian text writes 14.000 and 1,5 where an English one writes 14,000 and 1.5.
_ANYTHING = re.compile("")
EUROPEAN = re.compile(
    rf"[а-яё]|(?<![{LETTER}])(?:{'|'.join(map(re.escape, listed(TABLES['european']['words'])))})"
    rf"(?![{LETTER}])"
)
SCALES: Mapping[str, int] = {
    plain(word): int(size) for size, row in TABLES["scales"].items() for word in listed(row)
}
Meaning = tuple[str, Any]  # a kind (hedge, decline, unit ...), and which hedge or base units
# Base unit(s) <- their words, and the part of the unit that a word means: a ‰ is percent / 10.
_UNITS = {
    (tuple(listed(names.partition("/")[0])), int(names.partition("/")[2] or 1)): listed(row)
    for names, row in TABLES["units"].items()
}
BASE_UNITS = tuple(
    dict.fromkeys([u for units, _ in _UNITS for u in units] + CURRENCIES + ["ratio"])
)


def _meanings(kind: str, rows: Mapping[Any, str]) -> dict[str, Meaning]:
    return {plain(word): (kind, which) for which, row in rows.items() for word in listed(row)}


def _side(side: str) -> dict[str, Meaning]:
    idle, decline = {"": TABLES["idle"][side]}, {"": TABLES["decline"][side]}
    hedges = _meanings("hedge", TABLES[side]["hedge"])
    return _meanings("idle", idle) | hedges | _meanings("decline", decline)


def _currencies() -> Iterator[tuple[str, Meaning]]:
    """Yield what Babel knows currencies by: codes, symbols, and names in many languages."""
    for language, code in product(listed(TABLES["currencies"]["languages"]), CURRENCIES):
        names = {get_currency_name(code, count, language) for count in (None, 1, 2, 5)}
        for name in {code, get_currency_symbol(code, language), *names}:
            yield plain(name), ("unit", ((code,), 1))


UNITS: Mapping[str, Meaning] = dict(_currencies()) | {
    plain(word): ("unit", units) for units, row in _UNITS.items() for word in row
}
MONEY = {word: meaning for word, meaning in UNITS.items() if meaning[1][0][0] in CURRENCIES}
_SPECIAL = {kind: _meanings(kind, {"": TABLES["idle"][kind]}) for kind in ("level", "rank", "rise")}


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of the words, the longest first, whole and where it may stand."""
    return "|".join(map(_whole, sorted(set(words), key=len, reverse=True)))


def _whole(word: str) -> str:
    before, behind = (end.pattern for end in AROUND.get(word, (_ANYTHING, _ANYTHING)))
    before += rf"(?<![{LETTER}])" if re.match(f"[{LETTER}]", word) else ""
    behind += rf"(?![{LETTER}])" if re.search(f"[{LETTER}]$", word) else ""
    return before + re.escape(word).replace(r"\ ", r"\s+") + behind


CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE = CHINESE_DIGITS + "十百千万亿"
_PARTS = {name: "|".join(listed(row)) for name, row in TABLES["words"].items()}
_PARTS |= {"zh_digits": CHINESE_DIGITS, "zh": CHINESE, "zh_scale": any_of("百千万亿")}
_PARTS |= {"below_20": f"{_PARTS['teens']}|{_PARTS['ones']}", "scale": any_of(SCALES)}
_PARTS |= {name: TABLES["noise"][name] for name in ("months", "labels")}


def grammar(table: str) -> dict[str, re.Pattern]:
    """Return the patterns of a table; <<name>> stands for another, a list for any of its rows."""
    for name, rows in TABLES[table].items():
        one = rows if isinstance(rows, str) else "|".join(f"(?:{row})" for row in rows)
        _PARTS[name] = re.sub(r"<<(\w+)>>", lambda found: _PARTS[found[1]], one)
    return {name: re.compile(_PARTS[name]) for name in TABLES[table]}


NUMBERS, SHARES, SENTENCES = grammar("numbers"), grammar("shares"), grammar("sentences")


class Words:
    """Words with their meanings, found at a place of a `plain` text, the longest first."""

    def __init__(self, meanings: Mapping[str, Meaning]) -> None:
        self.meanings = meanings
        self._lengths: tuple[dict[str, list[int]], dict[str, list[int]]] = ({}, {})
        for word in sorted(meanings, key=len, reverse=True):
            for end, lengths in zip((0, -1), self._lengths, strict=True):
                known = lengths.setdefault(word[end], [])
                if len(word) not in known:
                    known.append(len(word))

    def at(self, text: str, start: int, stop: int | None = None) -> str:
        """Return the longest word that begins here, empty if there is none."""
        stop = len(text) if stop is None else stop
        for length in self._lengths[0].get(text[start : start + 1], ()):
            word = text[start : start + length]
            if word in self.meanings and start + length <= stop and _stands(text, start, word):
                return word
        return ""

    def before(self, text: str, stop: int) -> str:
        """Return the longest word that ends here, empty if there is none."""
        for length in self._lengths[1].get(text[stop - 1 : stop], ()):
            word = text[max(0, stop - length) : stop]
            if word in self.meanings and _stands(text, stop - length, word):
                return word
        return ""

    def nearest(self, text: str, start: int, end: int, reach: int = 30) -> str:
        """Return what the last word before a place means, else the first behind another."""
        ends = self._lengths[1]
        for place in range(start, max(0, start - reach), -1):
            if text[place - 1] in ends and (word := self.before(text, place)):
                return self.meanings[word][1]
        behind = (self.at(text, place) for place in range(end, min(len(text), end + reach)))
        return next((self.meanings[word][1] for word in behind if word), "")


def _stands(text: str, start: int, word: str) -> bool:
    """Tell whether a word stands here whole, where it may: "mu" is not the start of "much"."""
    if _inside(text, start) or _inside(text, end := start + len(word)):
        return False
    if around := AROUND.get(word):
        return bool(around[0].match(text, start) and around[1].match(text, end))
    return True


def _inside(text: str, place: int) -> bool:
    """Tell whether letters of one word stand on both sides of a place."""
    sides = text[place - 1 : place], text[place : place + 1]
    return all(side and side.isalpha() and not side > "\u3000" for side in sides)


BEFORE = Words(_side("before") | MONEY | _SPECIAL["level"] | _SPECIAL["rank"] | _SPECIAL["rise"])
AFTER = Words(_side("behind") | UNITS)


THINGS = (("count", "piece", "firm", "household", "person", "country"), 1)


def counted(text: str, start: int = 0) -> tuple[int, Any]:
    """Return where a thing ends that is counted behind adjectives, and its units; else any plural.

    >>> counted(" newly licensed projects"), counted(" of the projects")
    ((24, (('count', 'piece'), 1)), (0, None))
    """
    adjectives = SENTENCES["adjective"].match(text, start)
    while adjectives:
        place = adjectives.end() + 1
        kind, units = AFTER.meanings.get(word := AFTER.at(text, place), ("", None))
        if kind == "unit" and "count" in units[0]:
            return place + len(word), units
        adjectives = None if place - start > 30 else SENTENCES["adjective"].match(text, place - 1)
    thing = SENTENCES["plural"].match(text, start)
    if thing and SENTENCES["adjective"].match(f"{thing[0]} "):
        return thing.end(), THINGS
    return start, None


INDICATORS = Words(_meanings("indicator", TABLES["indicators"]))
