"""The words that figures are printed with: the tables of vocabulary.toml, made ready to search."""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

LETTER = "a-zà-öø-ÿа-яё"
CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE = CHINESE_DIGITS + "十百千万亿"
# What any plural may count, where the tables do not know it.
THINGS = (("count", "piece", "firm", "household", "person", "country"), 1)

Meaning = tuple[str, Any]  # a kind (hedge, decline, unit ...), and which hedge or base units


class _Forms(dict):
    """Plain forms of characters by their codes, each found when it is first met."""

    @cached_property
    def _simplified(self) -> Any:
        from opencc import OpenCC

        return OpenCC("t2s").convert

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


def _meanings(kind: str, rows: Mapping[Any, str]) -> dict[str, Meaning]:
    return {plain(word): (kind, which) for which, row in rows.items() for word in listed(row)}


class Words:
    """Words with their meanings, found at a place of a `plain` text, the longest first."""

    def __init__(self, meanings: Mapping[str, Meaning], around: Mapping[str, list]) -> None:
        self.meanings, self._around = meanings, around
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
            if word in self.meanings and start + length <= stop and self._is(text, start, word):
                return word
        return ""

    def before(self, text: str, stop: int) -> str:
        """Return the longest word that ends here, empty if there is none."""
        for length in self._lengths[1].get(text[stop - 1 : stop], ()):
            word = text[max(0, stop - length) : stop]
            if word in self.meanings and self._is(text, stop - length, word):
                return word
        return ""

    def nearest(self, text: str, start: int, end: int, reach: int = 30) -> str:
        """Return what a word of a phrase means, else the last before it, else the first behind."""
        within = (self.at(text, place) for place in range(start, end))
        if word := next(filter(None, within), ""):
            return self.meanings[word][1]
        ends = self._lengths[1]
        for place in range(start, max(0, start - reach), -1):
            if text[place - 1] in ends and (word := self.before(text, place)):
                return self.meanings[word][1]
        behind = (self.at(text, place) for place in range(end, min(len(text), end + reach)))
        return next((self.meanings[word][1] for word in behind if word), "")

    def _is(self, text: str, start: int, word: str) -> bool:
        """Tell whether a word stands whole, where it may: "mu" is not the start of "much"."""
        if _inside(text, start) or _inside(text, end := start + len(word)):
            return False
        if around := self._around.get(word):
            return bool(around[0].match(text, start) and around[1].match(text, end))
        return True


def _inside(text: str, place: int) -> bool:
    """Tell whether letters of one word stand on both sides of a place."""
    sides = text[place - 1 : place], text[place : place + 1]
    return all(side and side.isalpha() and not side > "\u3000" for side in sides)


class Vocabulary:
    """The tables of vocabulary.toml; each is read when it is first asked for."""

    @cached_property
    def tables(self) -> dict[str, Any]:
        """The tables as they stand in the file."""
        return tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))

    @cached_property
    def around(self) -> dict[str, list[re.Pattern]]:
        """What must stand before and behind some words."""
        rows = self.tables["around"].items()
        return {plain(word): [*map(re.compile, ends)] for word, ends in rows}

    @cached_property
    def scales(self) -> dict[str, int]:
        """The size of each scale word."""
        rows = self.tables["scales"].items()
        return {plain(word): int(size) for size, row in rows for word in listed(row)}

    @cached_property
    def english(self) -> dict[str, int]:
        """The values of number words."""
        ones, teens, tens, _ = map(listed, self.tables["words"].values())
        small = {word: value for value, word in enumerate([*ones, *teens], 1)}
        large = {word: 10 * value for value, word in enumerate(tens, 2)}
        return small | large | {"a": 1, "an": 1, "and": 0}

    @cached_property
    def parts(self) -> list[str]:
        """The names of parts, halves first."""
        return listed(self.tables["words"]["parts"])

    @cached_property
    def shares(self) -> list[re.Pattern]:
        """The forms of shares that begin with a numeral."""
        return [self.forms[f"shares.{name}"] for name in self.tables["shares"]]

    @cached_property
    def currencies(self) -> list[str]:
        """The codes of the currencies that are known."""
        return [code.upper() for code in listed(self.tables["currencies"]["codes"])]

    @cached_property
    def units(self) -> dict[str, Meaning]:
        """The base unit(s) of a word, and what part of them it means: a ‰ is percent / 10."""
        units = dict(self._named_currencies())
        for names, row in self.tables["units"].items():
            base, _, part = names.partition("/")
            units |= _meanings("unit", {(tuple(listed(base)), int(part or 1)): row})
        return units

    def _named_currencies(self) -> Iterator[tuple[str, Meaning]]:
        """Yield what Babel knows currencies by: codes, symbols, and names in many languages."""
        from babel.numbers import get_currency_name, get_currency_symbol

        languages = listed(self.tables["currencies"]["languages"])
        for language, code in product(languages, self.currencies):
            names = {get_currency_name(code, count, language) for count in (None, 1, 2, 5)}
            for name in {code, get_currency_symbol(code, language), *names}:
                yield plain(name), ("unit", ((code,), 1))

    @cached_property
    def money(self) -> dict[str, Meaning]:
        """The units that are currencies, which may stand before a number."""
        return {word: one for word, one in self.units.items() if one[1][0][0] in self.currencies}

    @cached_property
    def base_units(self) -> tuple[str, ...]:
        """All base units there are."""
        named = [unit for names in self.tables["units"] for unit in listed(names.partition("/")[0])]
        return tuple(dict.fromkeys([*named, *self.currencies, "ratio"]))

    def _side(self, side: str) -> dict[str, Meaning]:
        idle, decline = {"": self.tables["idle"][side]}, {"": self.tables["decline"][side]}
        hedges = _meanings("hedge", self.tables[side]["hedge"])
        return _meanings("idle", idle) | hedges | _meanings("decline", decline)

    @cached_property
    def before(self) -> Words:
        """What can stand before a number."""
        known, idle = self._side("before") | self.money, self.tables["idle"]
        for kind in ("level", "rank", "rise"):
            known |= _meanings(kind, {"": idle[kind]})
        return Words(known, self.around)

    @cached_property
    def after(self) -> Words:
        """What can stand behind a number."""
        return Words(self._side("behind") | self.units, self.around)

    @cached_property
    def indicators(self) -> Words:
        """What a figure is likely to be of."""
        return Words(_meanings("indicator", self.tables["indicators"]), self.around)

    @cached_property
    def about(self) -> re.Pattern:
        """The hedges that leave a year a year: around 2015."""
        meant = [*self.before.meanings.items(), *self.after.meanings.items()]
        return re.compile(self.any_of(word for word, what in meant if what == ("hedge", "about")))

    @cached_property
    def forms(self) -> dict[str, re.Pattern]:
        """The patterns of numbers and sentences by table and name, as in "numbers.amount".

        In them <<name>> stands for an earlier one, and a list for any of its rows.
        """
        parts = {name: "|".join(listed(row)) for name, row in self.tables["words"].items()}
        parts |= {"zh_digits": CHINESE_DIGITS, "zh": CHINESE, "zh_scale": self.any_of("百千万亿")}
        parts |= {
            "below_20": f"{parts['teens']}|{parts['ones']}",
            "scale": self.any_of(self.scales),
        }
        parts["european"] = self.any_of(listed(self.tables["european"]["words"]))
        by_length = sorted(self.scales, key=len, reverse=True)
        parts["scale_words"] = "|".join(map(re.escape, by_length))  # wherever they may stand
        made = {}
        for table in ("noise", "begins", "numbers", "shares", "sentences", "periods", "status"):
            for name, rows in self.tables[table].items():
                one = rows if isinstance(rows, str) else "|".join(f"(?:{row})" for row in rows)
                parts[name] = re.sub(r"<<(\w+)>>", lambda found: parts[found[1]], one)
                made[f"{table}.{name}"] = re.compile(parts[name])
        return made

    def any_of(self, words: Iterable[str]) -> str:
        """Return a pattern for any of the words, the longest first, each whole."""
        return "|".join(map(self._whole, sorted(set(words), key=len, reverse=True)))

    def _whole(self, word: str) -> str:
        before, behind = (end.pattern for end in self.around.get(word, [re.compile("")] * 2))
        before += rf"(?<![{LETTER}])" if re.match(f"[{LETTER}]", word) else ""
        behind += rf"(?![{LETTER}])" if re.search(f"[{LETTER}]$", word) else ""
        return before + re.escape(word).replace(r"\ ", r"\s+") + behind

    def counted(self, text: str, start: int = 0) -> tuple[int, Any]:
        """Return where a thing ends that is counted behind adjectives, and its units."""
        adjective, known = self.forms["sentences.adjective"], self.after
        adjectives = adjective.match(text, start)
        while adjectives:
            place = adjectives.end() + 1
            kind, units = known.meanings.get(word := known.at(text, place), ("", None))
            if kind == "unit" and "count" in units[0]:
                return place + len(word), units
            adjectives = None if place - start > 30 else adjective.match(text, place - 1)
        thing = self.forms["sentences.plural"].match(text, start)
        if thing and adjective.match(f"{thing[0]} "):
            return thing.end(), THINGS
        return start, None


words = Vocabulary()


def form(name: str) -> re.Pattern:
    """Return a pattern by table and name, as in "numbers.amount"."""
    return words.forms[name]
