"""Draft claims from an article: its figures with their hedges, units, years and status.

Running prose is full of digits that are no figures: references, dates, list numbers, ordinals,
years. This module knows them apart; what a number phrase says is for `reading` to tell.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pandas as pd

from clusterkit.printed.numbers import CHINESE, CHINESE_DIGITS, Number, find_numbers, plain
from clusterkit.printed.reading import ReadingError, read_figure
from clusterkit.printed.vocabulary import AFTER, BEFORE, Meaning, any_of, listed

COLUMNS = listed(
    "paragraph, subject, indicator, period, value, unit, as_printed, hedge, status, note"
)
LONGEST_PHRASE = 40
UNIT_OF = {"share": "percent", "year": "year", "hedged year": "year"}

_SENTENCE = re.compile(r".*?(?:[。!?;！？；]|\.(?=\s+[\[A-Z]|\s*$)|\s-\s(?=[A-Z])|$)")
_MONTH = (
    "(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    "|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)(?![a-z])"
)
_LABELS = "group|figure|fig\\.|table|chapter|section|part|step|phase|volume|page|no\\."
_NOISE = re.compile(
    "|".join(
        (
            r"\[[\d,\s-]+\]|https?://\S+",  # references, links
            r"\d{1,2}:\d{2}(?::\d{2})?",  # times
            # dates, of which the year stays
            r"(?<!\d)\d{1,2}/\d{1,2}/(?=\d{4})|(?<=\d{4})[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)",
            r"\d{1,2}(?:[-至到]\d{1,2})?月(?:\d{1,2}[日号])?",
            rf"(?<![a-z]){_MONTH}\.?\s+\d{{1,2}}(?!\d)|(?<!\d)\d{{1,2}}\s+(?={_MONTH})",
            r"\d{2,4}(?:0s|年代)|[二三四五六七八九]十年代|\d{1,2}世纪",  # decades, centuries
            rf"(?<![a-z])(?:{_LABELS})\s*\d+|^\s*\d{{1,2}}[.)、](?!\d)",  # labels, list numbers
            rf"^\s*\(?[{CHINESE_DIGITS}十]+[、)]|第[\d{CHINESE}]+",
            r"\d+(?:st|nd|rd|th)(?![a-z])|(?:first|second|latter)\s+half|half[\s-]year",
            r"(?<![a-z])(?!(?:us|rmb|cny|usd|hkd|eur)\d)[a-z]+-?\d+",  # names like G20
        )
    )
)
_YEAR = re.compile(r"(?:1[89]|20)\d{2}(?:(?:[-至到]|\s+and\s+)(?:(?:1[89]|20)\d{2}|\d{2}))?")
_IN_YEAR = re.compile(r"(?<![a-z])(?:in|by|since|until|during)\s+$")
_BY_YEAR = re.compile(r"(?:(?<![a-z])by(?:\s+the\s+end\s+of)?\s+|到)$")


def _any_of(table: Mapping[str, Meaning], *kinds: str, shortest: int = 1) -> str:
    return any_of(word for word in table if table[word][0] in kinds and len(word) >= shortest)


_LEFT = re.compile(rf"(?:(?:{_any_of(BEFORE, 'hedge', 'decline', 'unit')}|between(?=\s))\s*)+")
_UNIT = re.compile(rf"\s*(?:{_any_of(AFTER, 'unit')})")
# A hedge of one character could as well belong to the next figure.
_HEDGE = _any_of(AFTER, "hedge", "decline", shortest=2)
_RIGHT = re.compile(rf"(?:{_UNIT.pattern}|\([^()\d]{{1,4}}\)|\s*(?:{_HEDGE}|-level|级|\+))*")
_ABOUT = re.compile(
    any_of(word for table in (BEFORE, AFTER) for word in table if table[word] == ("hedge", "about"))
)

STATUS_WORDS = {
    "forecast": r"expect\w*|anticipat\w*|project(?:ed|ions?)|forecast\w*|predict\w*|could reach|"
    r"set to|预计|预期|有望|预测|将达|将超|将突破",
    "planned": r"(?<!-year )plan(?:s|ned|ning)?(?![a-z])|计划|规划|拟",
    "target": r"aim(?:s|ed|ing)?(?![a-z])|target\w*|goal|striv\w*|力争|目标|争取|确保",
}
_SAID = "|".join(rf"(?P<{name}>(?<![a-z])(?:{forms}))" for name, forms in STATUS_WORDS.items())
_STATUS = re.compile(_SAID)
# Behind a figure only a predicate is about it: "is anticipated", 的目标.
_PREDICATE = re.compile(rf"[^,;，；]*?(?:(?<![a-z])(?:is|are|was|were|be)\s+|的)(?:{_SAID})")
BEHIND = 40  # characters


def draft_claims(text: str) -> pd.DataFrame:
    r"""Find every figure in an article and draft a claim for each.

    Parameters
    ----------
    text : str
        An article in English or Chinese; its lines are its paragraphs.

    Returns
    -------
    DataFrame
        One row a figure, in order: `paragraph` (from 1, empty lines not counted), `as_printed`
        (the number phrase, at most 40 characters), `value`, `unit` and `hedge` as `read_figure`
        reads them (NaN and empty where it cannot; `note` says why), `status` (actual, forecast,
        planned or target), `period` (a year of the sentence, or "by 2024" if so printed), and
        `subject` and `indicator` to fill in.

    Notes
    -----
    A year is a period, not a figure, unless it is hedged ("around 2015") or nothing else in its
    sentence is a figure ("founded in 2010"). A status word counts for the figures after it in
    the sentence, or close before it. Ordinals, references like [3], list numbers, dates, times
    and decades are left out, as are "one" and 一 where they are no part of a greater number.

    Examples
    --------
    >>> drafts = draft_claims("The park was founded in 2010.\n\n预计到2027年产值将超50亿元。")
    >>> drafts[["paragraph", "period", "value", "unit", "as_printed", "hedge", "status"]]
       paragraph   period         value  unit as_printed  hedge    status
    0          1     2010  2.010000e+03  year       2010  exact    actual
    1          2  by 2027  5.000000e+09   CNY     超50亿元   over  forecast
    """
    paragraphs = [line for line in text.splitlines() if line.strip()]
    drafts = [
        {"paragraph": number, "subject": "", "indicator": "", **draft}
        for number, paragraph in enumerate(paragraphs, start=1)
        for sentence in _SENTENCE.findall(paragraph)
        for draft in _drafts(sentence)
    ]
    return pd.DataFrame(drafts, columns=COLUMNS)


def _drafts(sentence: str) -> Iterator[dict]:
    text = plain(sentence)
    phrases = list(_phrases(text))
    years = [phrase for phrase in phrases if phrase.kind in ("year", "hedged year", "date")]
    figures = [phrase for phrase in phrases if phrase.kind not in ("year", "date")]
    said = [(word.start(), word.lastgroup) for word in _STATUS.finditer(text)]
    for phrase in figures or [year for year in years if year.kind == "year"]:
        yield {
            **_read(sentence[phrase.start : phrase.end].strip(), unit=UNIT_OF.get(phrase.kind)),
            "period": _period(text, years, phrase),
            "status": _status(text, said, phrase),
        }


def _read(printed: str, *, unit: str | None) -> dict:
    draft = {"as_printed": printed, "value": math.nan, "unit": "", "hedge": "", "note": ""}
    try:
        figure = read_figure(printed, unit=unit)
    except ReadingError as error:
        return draft | {"note": error.what}
    named = figure.unit or unit or ""
    return draft | {"value": figure.value, "unit": named, "hedge": figure.hedge}


@dataclass(frozen=True)
class _Phrase:
    """A number phrase of a sentence.

    Its kind is "figure" or "share" (a fraction of a whole); or for a calendar year "year", "hedged
    year" (around 2015) or "date" (the year of a full date).
    """

    start: int
    end: int
    kind: str


def _phrases(sentence: str) -> Iterator[_Phrase]:
    """Find the number phrases of a `plain` sentence, years included, from left to right.

    >>> text = "in 2024 over 1,000 firms [3] sold 20亿件近千亿元, the third year."
    >>> [(text[p.start : p.end], p.kind) for p in _phrases(text)]
    [('2024', 'year'), ('over 1,000 firms', 'figure'), ('20亿件', 'figure'), ('近千亿元', 'figure')]
    """
    text = _NOISE.sub(lambda noise: "¦" * len(noise[0]), sentence)
    for number in find_numbers(text):
        left, right = _edges(text, number)
        kind = _kind(text, number, left, right)
        if kind and right - left <= LONGEST_PHRASE:
            yield _Phrase(left, right, kind)


def _edges(text: str, number: Number) -> tuple[int, int]:
    """Return where a number begins and ends with its hedges, currency sign and unit."""
    start, end = number.start, number.end
    edges = range(max(0, start - LONGEST_PHRASE), start)
    hedged = (edge for edge in edges if (one := _LEFT.match(text, edge)) and one.end() == start)
    left, right = next(hedged, start), end + len(_RIGHT.match(text, end)[0].rstrip())
    return (left, right) if right - left <= LONGEST_PHRASE else (start, end)


def _kind(text: str, number: Number, left: int, right: int) -> str | None:
    """Return what a number and its phrase are; None for a word that merely contains a numeral."""
    printed = text[number.start : number.end]
    unit = _UNIT.match(text, number.end)
    in_year = _IN_YEAR.search(text[max(0, number.start - 10) : number.start])
    if _YEAR.fullmatch(printed) and (not unit or unit[0].strip() == "年" or in_year):
        hedge = text[left : number.start] + text[number.end : right].removeprefix("年")
        if hedge.strip() in ("", "between"):
            dated = re.search(r"¦[,\s]*$", text[max(0, left - 3) : left])
            return "date" if dated or text[right : right + 1] == "¦" else "year"
        if _ABOUT.search(hedge):
            return "hedged year"
    if number.kind == "share":
        return "share"
    followed = bool(unit) or text[number.end : right] == "级"
    hedged = left < number.start
    return "figure" if _is_figure(printed, hedged=hedged, followed=followed) else None


def _is_figure(number: str, *, hedged: bool, followed: bool) -> bool:
    """Tell a figure from a word that merely contains a numeral (one of them, 统一, 千家万户)."""
    if number in ("one", "a", "an", "一"):
        return False
    if number[0] not in CHINESE or re.search("分之|成", number):
        return True
    if number[0] in "百千万亿":
        return hedged or (followed and len(number) > 1)
    return followed or bool(re.search(r"[百千万亿]", number))


def _period(sentence: str, years: list[_Phrase], phrase: _Phrase) -> str:
    """Return the last year printed up to the figure, else the first one behind it."""
    before = [year for year in years if year.start <= phrase.start]
    year = next(iter([*before[-1:], *years]), None)
    if year is None:
        return ""
    number = _YEAR.search(sentence[year.start : year.end])[0]
    by = _BY_YEAR.search(sentence[max(0, year.start - 20) : year.start])
    return f"by {number}" if by else number


def _status(sentence: str, said: list[tuple[int, str]], phrase: _Phrase) -> str:
    before = [status for start, status in said if start < phrase.start]
    behind = _PREDICATE.match(sentence, phrase.end, phrase.end + BEHIND)
    return before[-1] if before else behind.lastgroup if behind else "actual"
