"""Draft claims from an article: every figure, read, with the status and period of its sentence.

A draft is where a person starts, not where one ends: indicator and subject stay empty, and a
candidate too many is better than a figure overlooked.
"""

import math
import re
from collections.abc import Iterator

import pandas as pd

from clusterkit.evidence.numerals import plain
from clusterkit.evidence.phrases import YEAR, Phrase, find_phrases
from clusterkit.evidence.reading import ReadingError, read_figure

COLUMNS = (
    "paragraph", "subject", "indicator", "period", "value", "unit", "as_printed", "hedge",
    "status", "note",
)  # fmt: skip

STATUS_WORDS = {
    "forecast": r"expect\w*|anticipat\w*|project(?:ed|ions?)|forecast\w*|predict\w*|could reach|"
    r"set to|预计|预期|有望|预测|将达|将超|将突破",
    "planned": r"(?<!-year )plan(?:s|ned|ning)?(?![a-z])|计划|规划|拟",
    "target": r"aim(?:s|ed|ing)?(?![a-z])|target\w*|goal|striv\w*|力争|目标|争取|确保",
}
_WORDS = "|".join(rf"(?P<{name}>(?<![a-z])(?:{forms}))" for name, forms in STATUS_WORDS.items())
_STATUS = re.compile(_WORDS)
# Behind a figure only a predicate is about it: "is anticipated", 的目标.
_SAID_BEHIND = re.compile(rf"[^,;，；]*?(?:(?<![a-z])(?:is|are|was|were|be)\s+|的)(?:{_WORDS})")
BEHIND = 40  # characters
UNIT_OF = {"share": "percent", "year": "year", "hedged year": "year"}

_SENTENCE_END = re.compile(r"[。!?;！？；]|\.(?=\s+[\[A-Z]|\s*$)|\s-\s(?=[A-Z])")
_BY = re.compile(r"(?:(?<![a-z])by(?:\s+the\s+end\s+of)?\s+|到)$")


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
        for sentence in _sentences(paragraph)
        for draft in _drafts(sentence)
    ]
    return pd.DataFrame(drafts, columns=list(COLUMNS))


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in _SENTENCE_END.finditer(paragraph):
        yield paragraph[start : end.end()]
        start = end.end()
    yield paragraph[start:]


def _drafts(sentence: str) -> Iterator[dict]:
    phrases = find_phrases(sentence)
    years = [phrase for phrase in phrases if phrase.kind in ("year", "hedged year", "date")]
    figures = [phrase for phrase in phrases if phrase.kind not in ("year", "date")]
    lowered = plain(sentence)
    said = [(word.start(), word.lastgroup) for word in _STATUS.finditer(lowered)]
    for phrase in figures or [year for year in years if year.kind == "year"]:
        unit = UNIT_OF.get(phrase.kind)
        yield {
            **_read(sentence[phrase.start : phrase.end].strip(), unit=unit),
            "period": _period(lowered, years, phrase),
            "status": _status(lowered, said, phrase),
        }


def _read(printed: str, *, unit: str | None) -> dict:
    draft = {"as_printed": printed, "value": math.nan, "unit": "", "hedge": "", "note": ""}
    try:
        figure = read_figure(printed, unit=unit)
    except ReadingError as error:
        return draft | {"note": error.what}
    return draft | {
        "value": figure.value, "unit": figure.unit or unit or "", "hedge": figure.hedge,
    }  # fmt: skip


def _period(sentence: str, years: list[Phrase], phrase: Phrase) -> str:
    """Return the last year printed up to the figure, else the first one behind it."""
    ahead = [year for year in years if year.start <= phrase.start]
    nearest = [*ahead[-1:], *years][:1]
    for year in nearest:
        number = YEAR.search(sentence[year.start : year.end])[0]
        before = sentence[max(0, year.start - 20) : year.start]
        return f"by {number}" if _BY.search(before) else number
    return ""


def _status(sentence: str, said: list[tuple[int, str]], phrase: Phrase) -> str:
    before = [status for start, status in said if start < phrase.start]
    behind = _SAID_BEHIND.match(sentence, phrase.end, phrase.end + BEHIND)
    return before[-1] if before else behind.lastgroup if behind else "actual"
