"""Claims against their own print."""

import math

import pandas as pd
import pytest

from clusterkit.errors import DataError, UnknownNameError
from clusterkit.evidence.case import load_case
from clusterkit.evidence.folder import check_reading


def _table(*rows):
    columns = ["claim_id", "value", "unit", "as_printed", "hedge", "note"]
    return pd.DataFrame([(str(number), *row) for number, row in enumerate(rows)], columns=columns)


def _outcomes(*rows):
    return check_reading(_table(*rows))["outcome"].tolist()


def test_a_frozen_case_agrees_with_its_print_but_for_what_is_listed(casebook):
    claims = pd.read_csv(casebook / "cases" / "pingxiang" / "claims.csv", keep_default_na=False)
    checked = check_reading(claims)
    counts = checked["outcome"].value_counts().to_dict()
    assert counts == {"agrees": 256, "agrees_scaled": 42, "unread": 2}
    assert set(checked.loc[checked["outcome"] == "unread", "claim_id"]) == {
        "px-021cf-cluster-scale", "px-seed-cluster-scale",
    }  # fmt: skip
    scaled = checked["outcome"] == "agrees_scaled"
    assert set(checked.loc[scaled, "unit"]) == {"CNY"}
    assert set(checked.loc[scaled, "scale"]) == {"万", "million", "亿"}
    assert (checked.loc[~scaled, "scale"] == "").all()


def test_agreement_and_difference():
    assert _outcomes(
        (1.4e4, "firm", "1.4万余家", "over", ""),
        (1.4e5, "firm", "1.4万余家", "over", ""),
        (-938, "household", "减少938家", "exact", ""),
        (938, "household", "减少938家", "exact", ""),
        (14, "firm", "some firms", "exact", ""),
        (0.2, "km2", "300亩", "exact", ""),
    ) == ["agrees", "differs", "agrees", "differs", "unread", "differs"]


def test_a_difference_is_told():
    checked = check_reading(_table((3.0e11, "CNY", "30040.56亿元", "exact", "")))
    assert checked["why"][0] == "'30040.56亿元' reads as 3.00406e+12"
    assert checked["read"][0] == 3004.056e9


def test_an_endless_fraction_agrees_as_finely_as_the_claim_is_written():
    assert _outcomes(
        (66.7, "percent", "2/3", "exact", ""),
        (66.67, "percent", "三分之二", "exact", ""),
        (67.0, "percent", "two-thirds", "exact", ""),
        (66.6, "percent", "2/3", "exact", ""),
        (12.5, "percent", "八分之一", "exact", ""),
        (12.4, "percent", "八分之一", "exact", ""),
        (16.69, "percent", "每6件…一件", "exact", ""),
    ) == ["agrees", "agrees", "agrees", "differs", "agrees", "differs", "differs"]


def test_a_number_with_many_digits_is_no_fraction():
    assert _outcomes((1.23, "CNY", "1.2345678901", "exact", "")) == ["differs"]


def test_a_bare_figure_agrees_only_with_its_scale_named():
    checked = check_reading(
        _table(
            (179_272_000, "CNY", "17,927.20", "exact", "printed in 万元"),
            (179_272_000, "CNY", "17,927.20", "exact", ""),
            (179_272_000, "CNY", "17,927.20", "exact", "printed in million yuan"),
            (33.228e9, "USD", "332.28", "exact", "hundred million USD in the table"),
            (2.26e9, "CNY", "2,260", "exact", "in million yuan; GDP of 99.3 billion"),
            (38.27, "CNY", "38.27", "exact", ""),
            (38.27e5, "CNY", "38.27", "exact", ""),
            (45e4, "person", "45", "exact", ""),
            (45e8, "CNY", "45元", "exact", ""),
        )
    )
    assert list(zip(checked["outcome"], checked["scale"], strict=True)) == [
        ("agrees_scaled", "万"),
        ("agrees_scaled", "万"),
        ("differs", ""),
        ("agrees_scaled", "亿"),
        ("agrees_scaled", "million"),
        ("agrees", ""),
        ("differs", ""),
        ("differs", ""),
        ("differs", ""),
    ]


def test_a_bare_figure_is_as_fine_as_its_scale():
    checked = check_reading(_table((179_272_000, "CNY", "17,927.20", "exact", "in 万元")))
    assert checked["step"].tolist() == [100]


def test_the_ends_of_a_range_are_claimed_apart():
    low, high = "Low end of the printed range.", "High end of the printed range."
    assert _outcomes(
        (200, "count", "两三百家", "per_source_range", low),
        (300, "count", "两三百家", "per_source_range", high),
        (300, "count", "两三百家", "per_source_range", low),
        (250, "count", "两三百家", "per_source_range", ""),
    ) == ["agrees", "agrees", "differs", "agrees"]


def test_the_hedge_that_is_printed_stands_beside_the_one_claimed():
    checked = check_reading(
        _table(
            (8e10, "CNY", "超800亿元", "exact", ""),
            (8e10, "CNY", "800亿元", "over", ""),
            (8e10, "CNY", "much", "over", ""),
        )
    )
    assert checked["hedge_read"].tolist() == ["over", "exact", ""]
    assert math.isnan(checked["read"][2])


def test_rows_keep_their_order_and_index():
    table = _table((2, "mu", "2 mu", "exact", ""), (3, "mu", "2 mu", "exact", ""))
    table.index = [7, 3]
    checked = check_reading(table)
    assert checked.index.tolist() == [7, 3]
    assert checked["outcome"].tolist() == ["agrees", "differs"]


def test_an_empty_table_is_checked_to_an_empty_table():
    assert check_reading(_table()).columns[0] == "claim_id"
    assert len(check_reading(_table())) == 0


LEDGER = (
    "claim_id,column,expected,action,value,reason\na,as_printed,a great deal,flag,,read by us\n"
)


@pytest.fixture
def own_case(tmp_path):
    """Give what writes a case of one claim about sales, with other cells."""

    def write(**cells):
        claim = {"claim_id": "a", "case": "town", "subject": "Town", "subject_zh": "镇"}
        claim |= {"indicator": "sales", "product": "coats", "period": "2020", "value": "5e9"}
        claim |= {"unit": "CNY", "as_printed": "5 billion yuan", "hedge": "exact"}
        claim |= {"status": "actual", "source_id": "s", "locator": "lead", "note": ""} | cells
        source = {"source_id": "s", "publisher": "P", "title": "T", "date": "2021", "url": ""}
        source |= {"language": "en", "kind": "news", "tier": "press", "note": ""}
        folder = tmp_path / "town"
        folder.mkdir()
        facts = ["title", "place", "subject", "product", "indicator"]
        said = zip(facts, ["T", "Town", "Town", "coats", "sales"], strict=True)
        toml = "\n".join(f'{name} = "{value}"' for name, value in said)
        (folder / "case.toml").write_text(toml, "utf-8")
        for name, row in (("claims", claim), ("sources", source)):
            pd.DataFrame([row]).to_csv(folder / f"{name}.csv", index=False)
        (folder / "events.csv").write_text("event_id,date,kind,label,source_id,note\n", "utf-8")
        return folder

    return write


@pytest.mark.parametrize(
    ("printed", "unit", "value"),
    [
        ("3.2亿欧元", "USD", 3.2e8),
        ("3938公顷", "km2", 3938),
        ("-3.19‰", "CNY", -3.19),
        ("75 billion yuan", "USD", 7.5e10),
        ("300 firms", "person", 300),
    ],
)
def test_a_unit_that_contradicts_the_print_is_refused(own_case, printed, unit, value):
    folder = own_case(as_printed=printed, unit=unit, value=value)
    with pytest.raises(DataError, match=r"hold another value than they print") as refused:
        load_case(folder)
    assert "claims.csv, line 2 (a), column value" in refused.value.where
    assert "is printed as" in refused.value.where


def test_an_unread_print_is_named_and_stays_out_until_somebody_signs(own_case):
    folder = own_case(as_printed="a great deal")
    with pytest.warns(UserWarning, match=r"1 claim\(s\) hold a print .*: town/a\. Mend"):
        case = load_case(folder)
    with pytest.raises(UnknownNameError):
        case.estimate("sales", 2020)
    assert case.left_out("sales")["reason"].tolist() == ["unread"]
    (folder / "corrections.csv").write_text(LEDGER, "utf-8")
    case = load_case(folder)
    assert case.estimate("sales", 2020).value == 5e9
    assert case.claims["reading"].tolist() == ["unread"]
