"""Drafting claims: every figure of an article, and nothing that only looks like one."""

import pytest

from clusterkit.printed.drafting import COLUMNS, draft_claims

ENGLISH = """By 2026, the valley expects 45 workshops with sales of 2.5 billion yuan, up 12.5% [3].

At 09:15 on May 12, 2024 (Group 1), over 300 firms [2][5][12] met; one of them
sold more than 4 million caps a year for $1.2bn. Its third line opened around 2015.
- The mill was founded in 2004. - It plans to add 20,000 square meters and aims for two-thirds.
"""
CHINESE = """2023年5月8日，该镇有企业两千余家，年产袜子约15亿双，占全国三分之二，产品销往120个国家。
十四五期间规划三大平台，力争到2027年产值突破百亿元；一体化发展，千家万户参与，第二期预计投资30至40亿元。
上世纪80年代起步，2015年前后转型，电商销售下降超过三成，近千家网店。"""


def _rows(text, *columns):
    return [tuple(row) for row in draft_claims(text)[list(columns)].itertuples(index=False)]


def _numbered(text, *columns):
    rows = _rows(text, "locator", *columns)
    return [(int(locator.removeprefix("paragraph ")), *row) for locator, *row in rows]


def test_an_english_article():
    assert _numbered(ENGLISH, "as_printed", "value", "unit", "hedge") == [
        (1, "45 workshops", 45, "count", "exact"),
        (1, "2.5 billion yuan", 2.5e9, "CNY", "exact"),
        (1, "12.5%", 12.5, "percent", "exact"),
        (2, "over 300 firms", 300, "firm", "over"),
        (3, "more than 4 million caps", 4e6, "count", "over"),
        (3, "$1.2bn", 1.2e9, "USD", "exact"),
        (3, "around 2015", 2015, "year", "about"),
        (4, "2004", 2004, "year", "exact"),
        (4, "20,000 square meters", 20_000, "m2", "exact"),
        (4, "two-thirds", pytest.approx(66.67, abs=0.01), "percent", "exact"),
    ]


def test_a_chinese_article():
    assert _numbered(CHINESE, "as_printed", "value", "unit", "hedge") == [
        (1, "两千余家", 2000, "firm", "over"),
        (1, "约15亿双", 1.5e9, "piece", "about"),
        (1, "三分之二", pytest.approx(66.67, abs=0.01), "percent", "exact"),
        (1, "120个国家", 120, "country", "exact"),
        (2, "突破百亿元", 1e10, "CNY", "over"),
        (2, "30至40亿元", 3.5e9, "CNY", "per_source_range"),
        (3, "2015年前后", 2015, "year", "about"),
        (3, "下降超过三成", -30, "percent", "over"),
        (3, "近千家", 1000, "firm", "nearly"),
    ]


def test_status_and_period_come_from_the_sentence():
    assert _rows(ENGLISH, "as_printed", "status", "period") == [
        ("45 workshops", "forecast", "2026"),
        ("2.5 billion yuan", "forecast", "2026"),
        ("12.5%", "forecast", "2026"),
        ("over 300 firms", "actual", "2024"),
        ("more than 4 million caps", "actual", "2024"),
        ("$1.2bn", "actual", "2024"),
        ("around 2015", "actual", "2015"),
        ("2004", "actual", "2004"),
        ("20,000 square meters", "planned", "2015"),
        ("two-thirds", "target", "2015"),
    ]
    assert _rows(CHINESE, "as_printed", "status", "period")[3:6] == [
        ("120个国家", "actual", "2023"),
        ("突破百亿元", "target", "2027"),
        ("30至40亿元", "forecast", "2027"),
    ]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("An added output of 3 billion yuan is anticipated.", "forecast"),
        ("Output of 3 billion yuan, and more is expected", "actual"),
        ("产值50亿元的目标", "target"),
        ("计划投资5亿元", "planned"),
        ("预计产值5亿元", "forecast"),
        ("有望达到5亿元", "forecast"),
        ("a 5-year plan brought 7 firms", "actual"),
        ("Projected sales: 7 million yuan", "forecast"),
        ("Seven firms took part", "actual"),
    ],
)
def test_status_words(text, status):
    assert draft_claims(text)["status"].iloc[-1] == status


@pytest.mark.parametrize(
    "text",
    [
        "Nothing here, one of the many",
        "[1] [2][5][12]",
        "Group 1: figures", "12:42", "10/25/2024", "2025-05-11 12:42", "on May 12, 2024",
        "2024年10月25日", "the 3rd edition of the 1990s", "第二十一届", "G20, COVID-19",
        "in the first half", "1. A list\n2) of things", "一、基本情况", "一体化，统一，十四五",
        "千家万户", "2013年年度报告", "年龄16-59岁", "电话 0572-2345678", "国九条",
        "浙政发〔2015〕8号",         "3日至5日", "阅读 1234次", "It stood in 2010", "See https://example.org/2024/05/12345",
    ],
)  # fmt: skip
def test_what_is_no_figure(text):
    assert draft_claims(text)["as_printed"].tolist() == []


@pytest.mark.parametrize(
    ("text", "printed", "period"),
    [
        ("In 2024, 5 firms", ["5 firms"], "2024"),
        ("5 firms, and by the end of 2024 more", ["5 firms"], "2024"),
        ("到2030年有5家", ["5家"], "2030"),
        ("from 2019-2023 it grew 8%", ["8%"], "2019-2023"),
        ("In 2019 it had 5 firms and in 2023 9 firms", ["5 firms", "9 firms"], "2023"),
        ("It was founded in 2010", ["2010"], "2010"),
        ("2000 companies came", ["2000 companies"], ""),
        ("2010年代, 5家", ["5家"], ""),
    ],
)
def test_years_are_periods(text, printed, period):
    drafts = draft_claims(text)
    assert drafts["as_printed"].tolist() == printed
    assert drafts["period"].iloc[-1] == period


def test_a_size_class_is_listed_though_nobody_can_read_it():
    assert draft_claims("打造百亿级产业")["as_printed"].tolist() == ["百亿级"]


def test_what_cannot_be_read_is_listed_with_the_reason():
    drafts = draft_claims("Two hundred billion-level parks; 1,5 each, and 7 firms.")
    assert drafts["as_printed"].tolist() == ["Two hundred billion-level parks", "1,5", "7 firms"]
    assert drafts["value"].isna().tolist() == [True, True, False]
    assert (drafts["unit"] + drafts["hedge"]).tolist() == ["", "", "firmexact"]
    assert drafts["note"][0] == "The phrase names a size class, not a figure."
    assert "grouped neither" in drafts["note"][1]


# The forms of figure that the two seed articles hold.
SEED_PHRASES = [
    "14", "735 million yuan", "293.36 acres", "over 1 billion yuan", "36.18%", "20亿件", "近千亿元",
    "nearing 100 billion yuan", "165 countries and regions", "over 40 years", "around 2015",
    "more than 80 million", "exceeding 80 million yuan", "over 1,000 businesses",
    "four hundred billion-level",
]  # fmt: skip


@pytest.mark.parametrize("phrase", SEED_PHRASES)
def test_the_forms_of_the_seed_articles_are_found_whole(phrase):
    around = "此处{}此处" if "亿" in phrase else "The text says {} in passing [4]."
    assert draft_claims(around.format(phrase))["as_printed"].tolist() == [phrase]


def test_a_phrase_that_is_too_long_is_cut_to_its_number():
    phrase = "nearly 1,234,567 square kilometers or thereabouts"
    drafts = draft_claims(f"It has {phrase} and {'9' * 60} pieces")
    assert drafts["as_printed"].tolist() == ["1,234,567"]


def test_the_table_has_its_columns_even_when_empty():
    assert draft_claims("").columns.tolist() == list(COLUMNS)
    drafts = draft_claims("5 firms")
    assert drafts[["subject", "product"]].to_numpy().tolist() == [["", ""]]
    assert drafts["indicator"].tolist() == ["firms"]


@pytest.mark.parametrize(
    ("text", "indicators"),
    [
        ("The district counted 7,000 firms and 40,000 workers.", ["firms", "workers"]),
        (
            "40,000 workers in 7,000 firms made sales of 5 billion yuan.",
            ["workers", "firms", "sales"],
        ),
        ("企业120家，从业人员3万人，出口2亿元。", ["firms", "workers", "exports"]),
    ],
)
def test_what_a_figure_counts_is_told_by_its_own_noun_first(text, indicators):
    assert draft_claims(text)["indicator"].tolist() == indicators


def test_a_long_article_takes_no_long_time():
    drafts = draft_claims(CHINESE.replace("\n", "").replace("。", "，") * 40)
    assert len(drafts) > 300


@pytest.mark.parametrize(
    ("text", "printed", "status"),
    [
        ("主要预期目标是：增长5%；就业1200万人", ["5%", "1200万人"], ["target", "target"]),
        ("計劃投資5億元，預期產值9億元", ["5億元", "9億元"], ["planned", "forecast"]),
        ("争创100家；现有50家", ["100家", "50家"], ["target", "actual"]),
        ("建成后年产值8亿元", ["8亿元"], ["planned"]),
        ("规划面积10平方公里，已建成5平方公里", ["10平方公里", "5平方公里"], ["planned", "actual"]),
        ("The Ministry of Planning said exports hit $5bn", ["$5bn"], ["actual"]),
        ("Exports will reach $5bn and may top $6bn", ["$5bn", "$6bn"], ["forecast", "forecast"]),
        ("It hopes to sell 5 million sets", ["5 million sets"], ["target"]),
        ("It expects $5bn, up from $4bn", ["$5bn", "$4bn"], ["forecast", "actual"]),
        ("68 per cent of annual target is done", ["68 per cent"], ["actual"]),
    ],
)
def test_plans_are_told_from_outturns(text, printed, status):
    drafts = draft_claims(text)
    assert drafts["as_printed"].tolist() == printed
    assert drafts["status"].tolist() == status


@pytest.mark.parametrize(
    ("text", "periods"),
    [
        ("2023年公报\n全年产值5亿元。比2019年增长3%。", ["2023", "2023"]),
        ("In 2021 it sold 5 sets. Sales rose 4% than in 2019.", ["2021", "2021"]),
        ("In 2021 it sold 5 sets, from 4 sets a year earlier.", ["2021", "2020"]),
        ("Sales were 4 sets in 2019 and 5 sets in 2020.", ["2019", "2020"]),
        ("到2025年产值将达5亿元。现有企业3家。", ["2025", ""]),
        ("Exports of 2011-12 were 5 sets", ["2011-2012"]),
    ],
)
def test_a_period_is_carried_but_not_across_a_comparison(text, periods):
    assert draft_claims(text)["period"].tolist() == periods


def test_a_carried_period_is_marked_as_inferred():
    notes = draft_claims("2023年产值5亿元。企业3家。")["note"].tolist()
    assert [note[:15] for note in notes] == ["", "PERIOD_INFERRED"]


@pytest.mark.parametrize(
    ("text", "drafts"),
    [
        ("提高2.16和1.66个百分点", [(2.16, "pp"), (1.66, "pp")]),
        ("分别为12.5、13.2和14.1亿元", [(12.5e8, "CNY"), (13.2e8, "CNY"), (14.1e8, "CNY")]),
        ("rose 21.4 percent to 39.1 billion yuan", [(21.4, "percent"), (39.1e9, "CNY")]),
        ("It sold 3.2\nbillion yuan", [(3.2e9, "CNY")]),
        ("<p>It sold <b>3.2</b> billion yuan</p><td>7%</td>", [(3.2e9, "CNY"), (7, "percent")]),
        ("产值\t210\t231\t(3.5)", [(210, ""), (231, ""), (-3.5, "")]),
        ("rund 6.400 Mitarbeiter, 212,1 Mrd. Euro", [(6400, "person"), (212.1e9, "EUR")]),
        ("10 Crores in 1985 to 5000 Crores in 2003", [(1e8, ""), (5e10, "")]),
        ("签约15个，建设54个国家级开发区", [(15, "count"), (54, "count")]),
        ("回升2.9个、23.9个百分点", [(2.9, "pp"), (23.9, "pp")]),
        ("down 2.4 percent and 4.8 percent", [(-2.4, "percent"), (-4.8, "percent")]),
        ("500万以上企业30多家", [(5e6, ""), (30, "firm")]),
    ],
)  # fmt: skip
def test_values_are_never_silently_wrong(text, drafts):
    found = draft_claims(text)
    assert list(zip(found["value"], found["unit"], strict=True)) == [
        (pytest.approx(value), unit) for value, unit in drafts
    ]


def test_drafts_come_in_the_columns_of_claims_and_show_their_surroundings():
    draft = draft_claims("In 2024 the town had sales of 5 million yuan in all.").iloc[0]
    assert (draft["locator"], draft["indicator"], draft["period"]) == (
        "paragraph 1",
        "sales",
        "2024",
    )
    assert draft["surroundings"] == "town had sales of [5 million yuan] in all."
