"""The words that figures are printed with: scales, hedges, declines, units.

To teach the reader a new word, add it to its row; commas part the words, and case and full-width
forms do not matter. Whatever reads figures is built from these tables, so a word is written down
once.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any


def listed(row: str) -> list[str]:
    """Split a row of a table into its words."""
    return [word for word in re.split(r",\s*", row) if word]


SCALES: Mapping[str, int] = {
    word: size
    for size, row in {
        10: "十",
        12: "dozen",
        100: "百, 백, hundred",
        10**3: "千, 천, k, thousand, mila, тысяч, тысячи, тысяча, тыс.",
        10**4: "万, 만",
        10**5: "lakh",
        10**6: "million, millions, mn, mln, milione, milioni, миллион, миллиона, миллионов, млн",
        10**7: "crore",
        10**8: "亿, 억",
        10**9: "billion, billions, bn, mld, mrd, miliardo, miliardi, миллиард, миллиарда,"
        "миллиардов, млрд",
        10**12: "trillion, trillions, tn, 조",
    }.items()
    for word in listed(row)
}

# Base unit(s) <- printed words. A counter can count several kinds of thing: the first is the
# usual one, the others are accepted from a caller who knows better.
UNITS: Mapping[tuple[str, ...], str] = {
    ("CNY",): "元, 人民币, 块钱, yuan, rmb, cny, ¥, renminbi, 위안, 人民元, юаней",
    ("USD",): "美元, 美金, $, us$, usd, dollar, dollars, us dollars, 달러, ドル",
    ("HKD",): "港元, 港币, hk$, hkd",
    ("JPY",): "日元, 円, yen, jpy",
    ("KRW",): "韩元, 원, won, krw",
    ("EUR",): "欧元, €, euro, euros, eur, евро",
    ("percent",): "%, percent, per cent, 个百分点, 百分点, percentage point, percentage points",
    ("firm", "household", "count"): "家",
    ("household", "firm", "count"): "户, households, household",
    ("firm", "count"): "社, 间, 間, 企业, 家企业, firm, firms, company, companies, business,"
    "businesses, enterprise, enterprises, market entities, entities, entità",
    ("person", "count"): "人, 名, 位, 员, 人次, 명, people, person, persons, workers,"
    "employees, residents, migrants",
    ("piece", "count"): "件, 套, 件套, 双, 只, 把, 条, 支, 顶, 副, 粒, 颗, 辆, 架, 枚, 벌, 세트,"
    "piece, pieces, garments, articles, items, sets",
    ("country", "count"): "个国家, 个国家和地区, countries, countries and regions, paesi",
    ("count", "piece", "firm", "household", "person", "country"): "个, 개, 種, 种",
    ("count", "piece"): "台, 대, 份, 单, 幢, 座, 列, 代, 项, 倍, times",
    ("year", "count"): "年, 周年, year, years",
    ("mu",): "亩, 畝, mu",
    ("km2",): "平方公里, km², sq km, sq. km, square kilometers, square kilometres,"
    "square kilometer, square kilometre",
    ("m2",): "平方米, 平方, ㎡, m², square meters, square metres",
    ("ha",): "公顷, hectare, hectares, ha",
    ("acre",): "英亩, acre, acres",
    # The claims' table has no unit of mass or length: it counts tonnes and kilometres.
    ("tonne", "count"): "吨, 噸, tonne, tonnes, metric tons, 톤",
    ("km", "count"): "公里, km, kilometers, kilometres",
    ("m", "count"): "米, metre, metres, meter, meters",
}
BASE_UNITS = tuple(dict.fromkeys(unit for units in UNITS for unit in units))


Meaning = tuple[str, Any]  # a kind (hedge, decline, unit, idle), and which hedge or base units


def _meanings(*tables: Mapping[Meaning, str]) -> Mapping[str, Meaning]:
    """Return what each word means."""
    return {
        word: meaning for table in tables for meaning, row in table.items() for word in listed(row)
    }


# 以上 includes the number itself, 超过 does not; so do "at least" and "more than".
# Idle is what neither hedges the number nor names its unit.
BEFORE = _meanings(
    {
        ("hedge", "nearly"): "近, 将近, 接近, 逼近, 直逼, nearly, nearing, almost, close to,"
        "approaching, 거의, quasi, почти",
        ("hedge", "over"): "超, 超过, 超出, 稳超, 逾, 突破, 破, 过, 上, over, well over, just over,"
        "more than, exceed, exceeds, exceeded, exceeding, above, upwards of, surpassed,"
        "surpassing, >, oltre, più di, более, больше, свыше",
        ("hedge", "about"): "约, 大约, 大概, 大致, ~, about, around, approximately, roughly, some,"
        "circa, c., 약, около, примерно",
        ("hedge", "at_least"): "至少, 不少于, 不低于, at least, no fewer than, no less than,"
        "not less than, ≥, almeno, не менее",
        ("hedge", "up_to"): "高达, 可达, 多达, 最高, 最多, 至多, 不超过, 不到, 不足, 未满, 低于,"
        "少于, up to, as many as, as much as, as high as, at most, no more than, not more than,"
        "less than, fewer than, under, below, <, ≤, fino a, до",
        ("decline", ""): "减少, 下降, 下跌, 下滑, 降低, 缩减, 萎缩, 负增长, 跌, 降, down, down by,"
        "fell, fell by, fallen by, declined, declined by, decreased, decreased by, dropped,"
        "dropped by, decline of, decrease of, drop of, fall of, minus, 负, -",
        ("idle", ""): "预计, 有望, 有, 占, 占全国, 占全国的, 占全省, 占世界, 全国, 年销, 年入,"
        "年产, 产值, 每股派息, 连续, 第, 高居第, 位居第, 达, 达到, 实现, 为, 共, 共计, 共有, 仅,"
        "只有, 增长, 同比增长, 同比, 增, 每年, 其中, accounting for, accounts for, mere, only,"
        "just, from, between, in, by, since, reach, reached, reaches, reaching, total, totalling,"
        "totaling, to, the, a, an, of, up, up by, rose, rose by, grew, grew by, increase of,"
        "growth of",
    },
    {("unit", units): row for units, row in UNITS.items() if units[0].isupper()},  # currencies
)
AFTER = _meanings(
    {
        ("hedge", "nearly"): "弱, 近く, 가까이",
        ("hedge", "over"): "余, 多, 여, 超, 강, 強, あまり, odd, -odd, plus, -plus, +, 초과",
        ("hedge", "about"): "左右, 上下, 前后, 前後, ほど, 가량, 정도, 안팎, or so, or thereabouts,"
        "circa",
        ("hedge", "at_least"): "以上, 及以上, 이상, or more, and above, at least, at minimum",
        ("hedge", "up_to"): "以下, 以内, 未満, 미만, 이하, or less, or fewer, at most",
        ("decline", ""): "decline, decrease, drop, fall, lower, less, fewer, 감소",
        ("idle", ""): "di, del, more, ago, earlier, increase, rise, growth, higher, /股, 每股,"
        "per share, per day, per year, a year, annually, year on year, year-on-year, 前",
    },
    {("unit", units): row for units, row in UNITS.items()},
)
# What must stand around a short word for it to be a hedge: 上万家 but not 网上3家.
AROUND = {
    "上": (r"", r"(?=[百千万亿])"),
    "过": (r"", r"(?=[百千万亿半])"),
    "破": (r"", r"(?=[百千万亿])"),
    "近": (r"(?<![最附新])", r""),
    "-": (r"(?<![^\s(])", r"(?=\d)"),
}

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
    before, after = AROUND.get(word, ("", ""))
    before += rf"(?<![{letter}])" if re.match(f"[{letter}]", word) else ""
    after += rf"(?![{letter}])" if re.search(f"[{letter}]$", word) else ""
    return before + re.escape(word).replace(r"\ ", r"\s+") + after
