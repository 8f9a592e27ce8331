"""Draft claims from an article: its figures with their hedges, units, years and status.

Running prose is full of digits that are no figures: references, dates, list numbers, ordinals,
years. This module knows them apart; what a number phrase says is for `reading` to tell.
"""

import math
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise
from typing import NamedTuple

import pandas as pd

from clusterkit.printed.article import paragraphs_of
from clusterkit.printed.numbers import Number, convention, find_numbers
from clusterkit.printed.reading import ReadingError, read_figure
from clusterkit.printed.vocabulary import CHINESE, THINGS, form, listed, plain, words

COLUMNS = listed(
    "claim_id, subject, subject_zh, indicator, product, period, value, unit, as_printed, hedge, "
    "status, source_id, locator, note, surroundings"
)
EMPTY = dict.fromkeys(COLUMNS, "")
LONGEST_PHRASE = 40
LONGEST_TITLE = 60
SAMPLE = 100_000  # characters that tell how a text writes numbers
LONGEST_SENTENCE = 2000  # what is longer is cut: every figure is read with what is near it
CHANGE = "A change by so many times, not a level."
CARRIED = "PERIOD_INFERRED. The year stands in an earlier sentence."

BEHIND = 40  # characters


def draft_claims(text: str) -> pd.DataFrame:
    r"""Find every figure in an article and draft a claim for each.

    Parameters
    ----------
    text : str
        An article in English or Chinese; its lines are its paragraphs, the first of them its title.
        A line that breaks off within a figure is joined to the next. HTML is stripped.

    Returns
    -------
    DataFrame
        One row a figure, in order, in the columns of claims.csv and one for review.

        `as_printed` is the number phrase, at most 40 characters; `value`, `unit` and `hedge` are
        as `read_figure` reads it (NaN and empty where it cannot; `note` says why); `status` is
        actual, forecast, planned or target; `period` the year or years the sentence tells for the
        figure, else those of an earlier sentence or the title (the note then begins with
        PERIOD_INFERRED); `locator` the paragraph (from 1, empty lines not counted); `indicator` a
        guess; `surroundings` shows some words around the figure and does not belong in the case.
        `claim_id`, `subject`, `product` and `source_id` are for you to fill in.

    Raises
    ------
    DataError
        The text is an address, or no text at all.

    Notes
    -----
    A year is a period, not a figure, unless it is hedged ("around 2015") or nothing else in its
    sentence is a figure ("founded in 2010"). A status word counts for the figures after it, as far
    as the next semicolon (of a list behind a colon, as far as the sentence), or close before it.
    A year that a figure is compared with (比2019年, than in 2019) is not its own. Ordinals,
    references like [3], list numbers, dates, times, ages, telephone and document numbers are left
    out, as are "one" and 一 where they are no part of a greater number. Words and patterns come
    from vocabulary.toml beside this module.

    Examples
    --------
    >>> drafts = draft_claims("The park was founded in 2010.\n\n预计到2027年产值将超50亿元。")
    >>> drafts[["locator", "period", "value", "unit", "as_printed", "hedge", "status"]]
           locator period         value  unit as_printed  hedge    status
    0  paragraph 1   2010  2.010000e+03  year       2010  exact    actual
    1  paragraph 2   2027  5.000000e+09   CNY     超50亿元   over  forecast
    """
    paragraphs = paragraphs_of(text)
    european = convention(plain(text[:SAMPLE]))
    drafts, title, now, carried = [], "", "", ""
    for number, paragraph in enumerate(paragraphs, start=1):
        carried = title or carried
        for sentence in _sentences(paragraph):
            if form("sentences.any_number").search(shape := plain(sentence)):
                read = _Sentence(sentence, shape, european, carried, now)
                carried, now = read.told or carried, now or read.dated
                drafts += [{"locator": f"paragraph {number}", **draft} for draft in read.drafts]
        if number == 1 and len(paragraph) <= LONGEST_TITLE:
            title = now = carried
    return pd.DataFrame([EMPTY | draft for draft in drafts], columns=COLUMNS)


def _sentences(paragraph: str) -> Iterator[str]:
    start = 0
    for end in [
        *(found.end() for found in form("sentences.end").finditer(paragraph)),
        len(paragraph),
    ]:
        while end - start > LONGEST_SENTENCE:
            cut = max(paragraph.rfind(mark, start, start + LONGEST_SENTENCE) for mark in " ,，、;")
            cut = cut + 1 if cut > start else start + LONGEST_SENTENCE
            yield paragraph[start:cut]
            start = cut
        if end > start:
            yield paragraph[start:end]
        start = end


class _Phrase(NamedTuple):
    """A number phrase: a "figure", a "year", "hedged year" (around 2015) or full "date"."""

    start: int
    end: int
    kind: str
    number: Number


class _Sentence:
    """A sentence with its figures, years and promises."""

    def __init__(
        self, text: str, shape: str, european: bool | None, carried: str, now: str
    ) -> None:
        self.text, self.shape, self.european = text, shape, european
        self.carried, self.now = carried, now  # the year told last, and that of the article
        promising = form("status.names").sub(_masked, text)
        self.said = [*form("status.promise").finditer(plain(promising))]
        phrases = [*_phrases(form("begins.noise").sub(_masked, shape), european)]
        self.years = [one for one in phrases if one.kind in ("year", "hedged year", "date")]
        self.figures = [one for one in phrases if one.kind not in ("year", "date")]
        if not self.figures:  # founded in 2010, but no 2013年年度报告
            founding = (one for one in self.years if one.kind == "year")
            self.figures = [one for one in founding if self._is_founding(one)]
        self.own = [one for one in self.years if not self._is_base(one)]

    def _is_base(self, year: _Phrase) -> bool:
        return "-" not in self._year(year) and bool(
            form("periods.based").search(self.shape[max(0, year.start - 40) : year.start])
        )

    def _is_founding(self, year: _Phrase) -> bool:
        return bool(
            form("periods.founded").search(self.shape[max(0, year.start - 16) : year.start])
            or form("periods.founded_then").match(self.shape, year.end)
        )

    @property
    def told(self) -> str:
        """The year that later sentences go on with: the last that is an outturn's, no founding."""
        promised = {one["period"] for one in self.drafts if one["status"] != "actual"}
        for one in reversed(self.own):
            told = self._year(one)
            settled = told not in promised and not self._is_founding(one)
            if settled and self._status(one) == "actual":
                return told
        return ""

    @property
    def dated(self) -> str:
        """The year of the first full date, which may be that of the article."""
        return next((self._year(one) for one in self.years if one.kind == "date"), "")

    @cached_property
    def drafts(self) -> list[dict]:
        """A draft of each figure; in a list it takes the unit that only the last one bears."""
        drafts = [self._read(phrase) for phrase in self.figures]
        self._lend_units(drafts)
        for phrase, draft in zip(self.figures, drafts, strict=True):
            draft["period"], carried = self._period(phrase)
            draft["note"] = " ".join(filter(None, [CARRIED if carried else "", draft["note"]]))
            draft["status"] = self._status(phrase)
            draft["indicator"] = words.indicators.nearest(self.shape, phrase.start, phrase.end)
            draft["surroundings"] = self._surroundings(phrase)
        return drafts

    def _read(self, phrase: _Phrase) -> dict:
        printed = self.text[phrase.start : phrase.end].strip()
        draft = {"as_printed": printed, "value": math.nan, "unit": "", "hedge": "", "note": ""}
        unit = "year" if "year" in phrase.kind else None
        try:
            figure = read_figure(printed, unit=unit, european=self.european)
        except ReadingError as error:
            return draft | {"note": error.what}
        note = CHANGE if figure.unit == "times" and figure.change else ""
        named = figure.unit or unit or ""
        return draft | {"value": figure.value, "unit": named, "hedge": figure.hedge, "note": note}

    def _lend_units(self, drafts: list[dict]) -> None:
        """In 2.16和1.66个百分点 both are points; in "down 2 percent and 4 percent" both fall."""
        lent = ("", 1, "")  # unit, scale and print of the figure behind
        for place in range(len(drafts) - 1, -1, -1):
            phrase, draft = self.figures[place], drafts[place]
            number, printed = phrase.number, draft["as_printed"]
            bare = phrase.start == number.start and number.scale == 1 and not draft["note"]
            counter = printed.endswith("个") and "个百分点" in lent[2]
            bare = bare and (counter or (phrase.end == number.end and not draft["unit"]))
            if bare and lent[0] and self._joined(place):
                note = f"The unit stands behind a later figure: in {lent[2]}."
                draft |= {"value": draft["value"] * lent[1], "unit": lent[0], "note": note}
            else:
                free = phrase.start == number.start and not math.isnan(draft["value"])
                lent = (draft["unit"] if free else "", number.scale, printed)
        for place, (one, two) in enumerate(pairwise(drafts)):
            plain_start = self.figures[place + 1].start == self.figures[place + 1].number.start
            if one["value"] < 0 < two["value"] and plain_start and self._joined(place):
                note = f"The decline stands before an earlier figure: {one['as_printed']}."
                two |= {"value": -two["value"], "note": note}

    def _joined(self, place: int) -> bool:
        """Tell whether nothing but "and" or a comma of a list stands behind a figure."""
        joints = ["、", "和", "与", "及", "and"]
        joints += [","] if form("sentences.each").search(self.shape) else []
        ends = [(one.start, one.end) for one in self.figures[place : place + 2]]
        return len(ends) > 1 and self.shape[ends[0][1] : ends[1][0]].strip() in joints

    def _year(self, year: _Phrase) -> str:
        found = form("sentences.year").search(self.shape[year.start : year.end])
        first, last = found["first"], found["last"]
        return f"{first}-{first[: 4 - len(last)]}{last}" if last else first

    def _period(self, phrase: _Phrase) -> tuple[str, bool]:
        """Return the period of a figure, and whether it is carried from an earlier sentence."""
        if phrase.kind != "figure":
            return self._year(phrase), False
        behind = [year for year in self.own if year.start >= phrase.end]
        if behind and form("periods.its").fullmatch(self.shape, phrase.end, behind[0].start):
            return self._year(behind[0]), False
        before = [year for year in self.own if year.start <= phrase.start]
        year = next(iter([*before[-1:], *self.own]), None)
        period = self._year(year) if year else self.carried
        if not before and form("periods.this").search(self.shape, 0, phrase.start):
            return self.now, bool(self.now)
        earlier = form("periods.earlier").match(self.shape, phrase.end) or (
            not before and form("periods.before").search(self.shape, 0, phrase.start)
        )
        if earlier and len(period) == 4:
            return str(int(period) - 1), True
        return period, not year and bool(period)

    def _status(self, phrase: _Phrase) -> str:
        if form("status.kept").match(self.shape, phrase.end):
            return "actual"
        before = [one for one in self.said if one.start() < phrase.start]
        while before:
            one = before.pop()
            between = self.shape[one.end() : phrase.start]
            if one.lastgroup == "actual":
                near = before and one.start() - before[-1].end() <= 6
                if near and ";" not in self.shape[before[-1].end() : phrase.start]:
                    continue
                return "actual"
            return "actual" if ";" in between.partition(":")[0] else one.lastgroup
        behind = form("status.predicate").match(self.shape, phrase.end, phrase.end + BEHIND)
        return behind.lastgroup if behind else "actual"

    def _surroundings(self, phrase: _Phrase) -> str:
        before = self.text[max(0, phrase.start - 40) : phrase.start].split()
        behind = self.text[phrase.end : phrase.end + 40].split()
        printed = self.text[phrase.start : phrase.end]
        return f"{' '.join(before[-4:])[-20:]} [{printed}] {' '.join(behind[:4])[:20]}".strip()


def _masked(found: re.Match) -> str:
    return "¦" * len(found[0])


def _phrases(text: str, european: bool | None = None) -> Iterator[_Phrase]:
    """Find the number phrases of a `plain` sentence, years included, from left to right."""
    for number in find_numbers(text, european):
        left, right, unit = _edges(text, number)
        kind = _kind(text, number, left, right, unit)
        if kind and right - left <= LONGEST_PHRASE:
            yield _Phrase(left, right, kind, number)


def _edges(text: str, number: Number) -> tuple[int, int, str]:
    """Return where a number begins and ends with its hedges, currency and unit, and the unit."""
    right, unit = _right(
        text, number.end, whole=number.kind in ("share", "percent") and text[number.start] != "每"
    )
    left = place = number.start
    kinds = {"hedge", "decline", "unit"} | ({"rise"} if unit in ("倍", "times") else set())
    while place > max(0, number.start - LONGEST_PHRASE):
        if text[place - 1] in " 了±":
            place -= 1
            left = place if text[place] == "±" else left
            continue
        word = words.before.before(text, place)
        kind = words.before.meanings.get(word, ("",))[0]
        if word != "between" and (
            kind not in kinds
            or (kind == "unit" and form("sentences.priced").search(text[: place - len(word)][-9:]))
        ):
            break
        left = place = place - len(word)
    if "\t" in text and text[left - 1 : left] == "(" and text[right : right + 1] == ")":
        left, right = left - 1, right + 1  # a cell of a table that holds a negative
    fits = right - left <= LONGEST_PHRASE
    return (left, right, unit) if fits else (number.start, number.end, unit)


def _right(text: str, end: int, *, whole: bool) -> tuple[int, str]:
    """Return where the words behind a number end that belong to it, and the unit among them."""
    place, unit, closed = end, "", whole
    while True:
        if aside := form("sentences.aside").match(text, place):
            place = aside.end()
            continue
        space = place + bool(form("sentences.gap").match(text, place))
        word = words.after.at(text, space)
        kind = words.after.meanings[word][0] if word else ""
        # A hedge of one character, or what more digits follow, could belong to the next figure.
        hedge = kind in ("hedge", "decline") and (len(word) > 1 or word == "减")
        if kind == "unit" and not unit and (not closed or word in ("%", "percent")):
            unit = word
        elif not hedge or form("sentences.more_digits").match(text, space + len(word)):
            break
        closed |= hedge and not word.isascii()  # 500万以上企业 are no 500万 firms
        place = space + len(word)
    if not unit and place == end and not whole:
        thing, units = words.counted(text, end)
        plural = "plural" if units == THINGS else "unit"
        return (thing, plural) if units else (end, "")
    return place, unit


def _kind(text: str, number: Number, left: int, right: int, unit: str) -> str | None:
    """Return what a number and its phrase are; None for a word that merely contains a numeral."""
    printed, behind = text[number.start : number.end], text[number.end : number.end + 1]
    in_year = form("sentences.in_year").search(text[max(0, number.start - 10) : number.start])
    named = unit not in ("", "plural") and behind != "年" and not in_year
    if form("sentences.year").fullmatch(printed) and not named:
        hedge = (text[left : number.start] + text[number.end : right].removeprefix("年")).strip()
        if (
            not hedge
            or hedge == "between"
            or words.before.meanings.get(hedge, ("",))[0] == "decline"
        ):
            # In Chinese only what 年 stands behind is a year: 1868立方米, 1955号.
            if "\u3400" < behind != "年":
                return "figure" if unit else None
            dated = form("sentences.dated").search(text[max(0, left - 3) : left])
            return "date" if dated or text[right : right + 1] == "¦" else "year"
        if words.about.search(hedge):
            return "hedged year"
    followed, hedged = bool(unit) or text[number.end : right] == "级", left < number.start
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
