"""Read one numeral: digits with their separators, Chinese numerals, English number words.

Nothing here knows scales of the western kind ("million"), hedges or units. Values are exact
fractions, so that 1.45 billion stays 1450000000 and does not become its neighbour.
"""

import re
import unicodedata
from fractions import Fraction
from math import prod

from clusterkit.evidence.words import SCALES, listed

ONES = listed("one, two, three, four, five, six, seven, eight, nine")
TEENS = listed(
    "ten, eleven, twelve, thirteen, fourteen, fifteen, sixteen, seventeen, eighteen, nineteen"
)
TENS = listed("twenty, thirty, forty, fifty, sixty, seventy, eighty, ninety")
ENGLISH = (
    {word: value for value, word in enumerate(["zero", *ONES, *TEENS])}
    | {word: 10 * tens for tens, word in enumerate(TENS, 2)}
    | {"a": 1, "an": 1, "and": 0}
)

CHINESE_DIGITS = "〇零一二两三四五六七八九"
CHINESE_SCALES = "十百千万亿"
_COUNT = "一二三四五六七八九"
# 五六十 is fifty to sixty: two neighbours where the grammar wants one digit.
_TWO_DIGITS = re.compile(
    rf"(?<![{CHINESE_DIGITS}])([{CHINESE_DIGITS[2:]}])([{CHINESE_DIGITS[2:]}])(?![{CHINESE_DIGITS}])"
)

_ONES, _TEENS, _TENS = ("|".join(names) for names in (ONES, TEENS, TENS))
_BELOW_100 = rf"(?:(?:{_TENS})(?:[\s-](?:{_ONES}))?|{_TEENS}|{_ONES})(?![a-z])"
_ENGLISH = (
    rf"(?<![a-z])(?:(?:{_ONES}|an?)\s+hundred(?:(?:\s+and)?\s+{_BELOW_100})?(?![a-z])|{_BELOW_100}"
    r"|(?:half\s+)?an?(?=\s+(?:hundred|thousand|million|billion|trillion|dozen)(?![a-z])))"
)
_POINT = rf"(?<=[{CHINESE_DIGITS}十])点(?=[{CHINESE_DIGITS}])"
_CHINESE = rf"(?:(?!百分[点比])[{CHINESE_DIGITS}{CHINESE_SCALES}]|{_POINT})+"
_DIGITS = r"\d{1,3}(?:\s\d{3})+(?![\d.,]\d|\d)|\d+(?:[.,]\d+)*"
NUMERAL = rf"(?:{_DIGITS}|{_CHINESE}|{_ENGLISH})"

_PLAIN_FORMS = str.maketrans("萬億兩餘過約個∶−–—〜～", "万亿两余过约个:---~~")
_SQUARE = re.compile(r"(?<=m)(?<![a-z]{3})2(?!\d)")


class NotANumberError(ValueError):
    """A run of characters looks like a number but is none, or could be two.

    `span` tells where it stands, once that is known.
    """

    span: tuple[int, int] | None = None


def plain(text: str) -> str:
    """Return the text in lower case and plain forms; each character keeps its place.

    Examples
    --------
    >>> plain("約３.5萬")
    '约3.5万'
    """
    forms = (unicodedata.normalize("NFKC", char).lower() for char in text)
    kept = (
        new if len(new) == 1 and old not in "²³" else old
        for new, old in zip(forms, text, strict=True)
    )
    text = "".join(kept).translate(_PLAIN_FORMS).replace("千米", "公里").replace("千克", "公斤")
    return _SQUARE.sub("²", text)  # the 2 of "km2" and the 千 of 平方千米 are no numbers


def read_numeral(numeral: str, *, european: bool = False) -> tuple[list[Fraction], int | None]:
    """Read a numeral that matches `NUMERAL`.

    Parameters
    ----------
    numeral : str
        The numeral in `plain` form.
    european : bool
        Whether a dot parts thousands and a comma decimals.

    Returns
    -------
    values : list of Fraction
        The value, or both ends of a numeral like 五六十.
    places : int or None
        The power of ten of the last digit, if it stands after a decimal point.

    Raises
    ------
    NotANumberError
        The numeral is malformed, or can be read in two ways.

    Examples
    --------
    >>> read_numeral("14.50"), read_numeral("二千三百"), read_numeral("two hundred and six")
    (([Fraction(29, 2)], -2), ([Fraction(2300, 1)], None), ([Fraction(206, 1)], None))
    >>> read_numeral("14.000", european=True), read_numeral("两三千")
    (([Fraction(14000, 1)], None), ([Fraction(2000, 1), Fraction(3000, 1)], None))
    """
    if numeral[0].isdigit():
        return _digits(numeral, european)
    if numeral[0] in CHINESE_DIGITS + CHINESE_SCALES:
        return _chinese(numeral), None
    return [_english(numeral)], None


def _digits(digits: str, european: bool) -> tuple[list[Fraction], int | None]:
    digits = re.sub(r"\s", "", digits)
    english_form = re.fullmatch(r"(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?", digits)
    european_form = re.fullmatch(r"(\d+|\d{1,3}(?:\.\d{3})+)(?:,(\d+))?", digits)
    form = european_form or english_form if european else english_form or european_form
    # Without words that tell the language, 14.000 is English and 1,5 could be either.
    if form is None or (
        form is not english_form and not european and len(re.findall(r"\D", digits)) < 2
    ):
        raise NotANumberError(
            f"{digits!r} is grouped neither like 1,000.5 nor, beside Italian or Russian words, "
            "like 1.000,5"
        )
    whole, decimals = re.sub(r"\D", "", form[1]), form[2]
    return [Fraction(f"{whole}.{decimals or 0}")], -len(decimals) if decimals else None


def _chinese(numeral: str) -> list[Fraction]:
    for pair in _TWO_DIGITS.finditer(numeral):
        first, second = pair[0].replace("两", "二")
        if _COUNT.find(second) == _COUNT.find(first) + 1:
            start, end = pair.span()
            return [_chinese(numeral[:start] + one + numeral[end:])[0] for one in (first, second)]
    # cn2an knows neither a scale without its one (百亿) nor decimals before a scale (一点五亿),
    # and runs two digits that are no neighbours together (四六 would be 46).
    if decimals := re.fullmatch(rf"(.+点[{CHINESE_DIGITS}]+)([{CHINESE_SCALES}]+)", numeral):
        scale = prod(SCALES[character] for character in decimals[2])
        return [value * scale for value in _chinese(decimals[1])]
    if re.fullmatch(rf"[{CHINESE_DIGITS}]{{2,3}}", numeral):
        raise NotANumberError(f"{numeral!r} runs digits together without a scale")
    import cn2an  # noqa: PLC0415 - a fifth of a second that only Chinese numerals need

    try:
        one = "一" if numeral[0] in "百千万亿" else ""
        return [Fraction(str(cn2an.cn2an(one + numeral, "normal")))]
    except (ValueError, KeyError, IndexError) as error:
        raise NotANumberError(f"{numeral!r} is not a Chinese numeral") from error


def _english(numeral: str) -> Fraction:
    words = re.split(r"[\s-]+", numeral)
    if words[0] == "half":
        return Fraction(1, 2)
    if "hundred" in words:
        return Fraction(100 * ENGLISH[words[0]] + sum(ENGLISH[word] for word in words[2:]))
    return Fraction(sum(ENGLISH[word] for word in words))
