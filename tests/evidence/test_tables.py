"""A bad row is reported with file, line, column, what was found and what is allowed."""

import pytest

from clusterkit import DataError, StaleError, UnknownNameError, load_case


def edit(folder, table, change):
    path = folder / f"{table}.csv"
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


def replace_cell(row_start, old, new):
    def change(text):
        lines = text.split("\n")
        at = next(i for i, line in enumerate(lines) if line.startswith(row_start))
        assert old in lines[at]
        lines[at] = lines[at].replace(old, new, 1)
        return "\n".join(lines)

    return change


BROKEN = {
    "hedge": ("claims", replace_cell("seed-output,", ",exact,", ",roughly,"),
              ["line 2 (seed-output)", "column hedge", "'roughly'", "allowed: one of: exact"]),
    "status": ("claims", replace_cell("seed-output,", ",actual,", ",maybe,"),
               ["column status", "'maybe'", "actual, planned, forecast, target"]),
    "unit": ("claims", replace_cell("seed-sales,", ",CNY,", ",yuan,"),
             ["line 3 (seed-sales)", "column unit", "'yuan'", "CNY, USD"]),
    "value": ("claims", replace_cell("seed-countries,", ",165,", ",many,"),
              ["column value", "'many'", "allowed: a number"]),
    "period": ("claims", replace_cell("seed-mall-2010,", ",2010,2010", ",about 2010,2010"),
               ["column period", "'about 2010'", "as of YYYY"]),
    "id twice": ("claims", replace_cell("seed-sales,", "seed-sales", "seed-output"),
                 ["column claim_id", "a value that no other row has"]),
    "foreign key": ("claims", replace_cell("seed-output,", "seed-zhili", "seed-zhilli"),
                    ["source_id", "sources.csv", "'seed-zhilli'"]),
    "tier": ("sources", replace_cell("seed-zhili,", ",digest,", ",rumour,"),
             ["sources.csv", "column tier", "'rumour'", "official, company"]),
    "date": ("events", replace_cell("ev-1978-peddlers,", ",1978,", ",78,"),
             ["events.csv", "column date", "YYYY-MM-DD"]),
    "not as printed": ("claims", replace_cell("cns25-sales-2024,", "85000000000", "8500000000"),
                       ["1 claim(s) hold another value than they print", "cns25-sales-2024",
                        "found 8500000000, but '850亿元' reads as 8.5e+10"]),
    "an outturn to come": ("claims", replace_cell("cns25-sales-2024,", ",2024,", ",2042,"),
                           ["outturn of a year after their source", "(cns25-sales-2024)",
                            "found '2042', the source is of 2025"]),
    "a note half typed": ("claims", replace_cell("ne25-sales,", "PERIOD_INF", "PERIOD INF"),
                          ["(ne25-sales), column note", "begins 'PERIOD_INFERRED.'"]),
    "ragged row": ("claims", replace_cell("seed-output,", "No year stated; ", "No year, "),
                   ["line 2", "16 cells", "15", "double quotes"]),
    "column gone": ("claims", lambda text: text.replace("as_printed", "printed", 1),
                    ["line 1", "as_printed", "printed", "header is"]),
    "empty": ("claims", lambda _: "", ["claims.csv is empty"]),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tables_say_where_and_what(case_folder, name):
    table, change, told = BROKEN[name]
    edit(case_folder, table, change)
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    for words in told:
        assert words in str(caught.value)


def test_other_encoding_is_named(case_folder):
    (case_folder / "claims.csv").write_bytes("织里".encode("gb18030"))
    with pytest.raises(DataError, match="cannot be read as CSV in UTF-8"):
        load_case(case_folder)


def test_missing_table_and_missing_case(case_folder, tmp_path):
    (case_folder / "events.csv").unlink()
    with pytest.raises(DataError, match=r"table events\.csv is missing"):
        load_case(case_folder)
    with pytest.raises(UnknownNameError, match="Did you mean 'zhili'"):
        load_case("zhilli")
    with pytest.raises(UnknownNameError, match=r"no case\.toml"):
        load_case(tmp_path / "nowhere")


def test_case_facts_are_checked(case_folder):
    (case_folder / "case.toml").write_text('title = "x"\n', encoding="utf-8")
    with pytest.raises(DataError, match="place is missing"):
        load_case(case_folder)


def test_many_broken_cells_are_counted_not_listed(case_folder):
    edit(case_folder, "claims", lambda text: text.replace(",exact,", ",exactly,"))
    with pytest.raises(DataError, match=r"... and \d+ more"):
        load_case(case_folder)


def test_text_that_looks_missing_stays_text(case_folder):
    edit(case_folder, "claims", replace_cell("seed-output,", "织里镇", "NA"))
    assert load_case(case_folder).claims["subject_zh"].iloc[0] == "NA"


LEDGER = {
    "changed": ("seed-output,value,2000000001,flag,,x", StaleError, "expects '2000000001'"),
    "gone": ("seed-outputt,value,2000000000,flag,,x", StaleError, "claim that is gone"),
    "no new value": ("seed-output,value,2000000000,override,,x", DataError, "gives a new value"),
    "idle value": ("seed-output,value,2000000000,flag,3,x", DataError, "gives a new value"),
    "action": ("seed-output,value,2000000000,delete,,x", DataError, "drop, override, flag"),
    "twice": ("seed-sales,value,100000000000,drop,,x", DataError, "contradict each other"),
}


@pytest.mark.parametrize("name", LEDGER)
def test_ledger_lines_that_do_not_hold(case_folder, name):
    line, error, told = LEDGER[name]
    edit(case_folder, "corrections", lambda text: text + line + "\n")
    with pytest.raises(error, match=told):
        load_case(case_folder)


def test_ledger_acts(case_folder, zhili):
    edit(
        case_folder,
        "corrections",
        lambda text: text + "seed-output,value,2000000000,override,1900000000,counted again\n",
    )
    claims = load_case(case_folder).claims.set_index("claim_id")
    assert claims.loc["zhili/seed-output", "value"] == 1.9e9
    assert claims.loc["zhili/seed-output", "flag"] == "counted again"
    assert not claims.loc["zhili/it23-sales-2022", "usable"]
    assert zhili.claim("seed-output").value == 2e9
