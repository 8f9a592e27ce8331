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


def in_lines(folder, table):
    """Put before each row a blank line, and into the first a cell of three lines."""
    header, first, *rest = (folder / f"{table}.csv").read_text("utf-8").splitlines()
    cells = first.rsplit(",", 1)
    assert '"' not in cells[1]
    first = f'{cells[0]},"{cells[1]}\n\n""more"""'
    (folder / f"{table}.csv").write_text("\n\n".join([header, first, *rest, ""]), "utf-8")
    return [3, *range(7, 7 + 2 * len(rest), 2)]  # the lines in which the rows begin


@pytest.mark.parametrize("name", sorted(set(BROKEN) - {"column gone", "empty", "ragged row"}))
def test_lines_are_counted_as_an_editor_counts_them(case_folder, name):
    table, change, _ = BROKEN[name]
    text = (case_folder / f"{table}.csv").read_text("utf-8")
    broken = change(text)
    rows = list(zip(text.splitlines()[1:], broken.splitlines()[1:], strict=False))
    row = next(n for n, (one, two) in enumerate(rows) if one != two)
    (case_folder / f"{table}.csv").write_text(broken, "utf-8")
    lines = in_lines(case_folder, table)
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    assert f"line {lines[row]} (" in str(caught.value)


def test_lines_of_the_ledger_are_counted_so_too(case_folder):
    edit(case_folder, "corrections", lambda text: text + "seed-output,value,1,flag,,x\n")
    *_, line = in_lines(case_folder, "corrections")
    with pytest.raises(StaleError, match=rf"corrections\.csv, line {line}, claim seed-output"):
        load_case(case_folder)


TABLES = ("claims", "sources", "events", "corrections")
# How a file may be saved that is no CSV in UTF-8, and what is told of it.
SAVED = {
    "GBK": (lambda it: f"{it}织里镇".encode("gb18030"), ["in UTF-8", ", line ", "such as GBK"]),
    "UTF-16": (lambda it: f"{it}织里镇".encode("utf-16"), ["in UTF-8", "It is in UTF-16."]),
    "UTF-16 without a mark": (lambda it: f"{it}织里镇".encode("utf-16-le"), ["UTF-16, or no"]),
    "a workbook": (lambda _: b"PK\x03\x04\x14\xff", ["It is a workbook"]),
    "semicolons": (lambda it: it.replace(",", ";", 20).encode(), ["separated by ';'"]),
    "tabs": (lambda it: it.replace(",", "\t", 20).encode(), ["separated by '\\t'"]),
    "a quote left open": (lambda it: f'{it}"x'.encode(), ["A quote is not closed"]),
    "a cell of 1 MB": (
        lambda it: f'{it}"{"x" * 2**20}"\n'.encode(), ["the row that begins in line", "far more"]),
    "NUL": (lambda it: f"{it}\0".encode(), ["nobody sees: U+0000"]),
    "turned text": (
        lambda it: f"{it}a\u202eb".encode(), ["nobody sees: U+202E RIGHT-TO-LEFT OVERRIDE"]),
}  # fmt: skip


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("name", SAVED)
def test_what_is_no_csv_in_utf_8_says_what_it_is(case_folder, table, name):
    save, told = SAVED[name]
    path = case_folder / f"{table}.csv"
    path.write_bytes(save(path.read_text("utf-8")))
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    for words in (*told, path.name):
        assert words in str(caught.value)


@pytest.mark.parametrize("table", TABLES)
def test_a_byte_order_mark_is_no_fault(case_folder, table, zhili):
    path = case_folder / f"{table}.csv"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert load_case(case_folder).series("sales").equals(zhili.series("sales"))


@pytest.mark.parametrize(
    ("table", "row", "old", "new", "told"),
    [
        (
            "events",
            "ev-1978-peddlers,",
            ",1978,",
            ",1978-13,",
            "'1978-13', allowed: a date there is: YYYY",
        ),
        ("events", "ev-1978-peddlers,", ",1978,", ",2024-02-30,", "a date there is"),
        ("events", "ev-1978-peddlers,", ",1978,", ",１９７８,", "full-width signs, type '1978'"),
        ("claims", "seed-countries,", ",165,", ",１６５,", "full-width signs, type '165'"),
        ("claims", "seed-countries,", ",165,", ",nan,", "found 'nan', allowed: a number"),
        ("claims", "seed-countries,", ",165,", ",1_65,", "found '1_65', allowed: a number"),
        ("claims", "seed-countries,", ",165,", ",1e999,", "found '1e999', allowed: a number"),
        ("claims", "seed-mall-2010,", ",2010,2010", ",2010-2004,2010", "found '2010-2004'"),
        ("claims", "seed-mall-2010,", ",2010,2010", f",{'9' * 999},2010", "(999 characters)"),
    ],
)
def test_cells_that_only_look_allowed_are_not(case_folder, table, row, old, new, told):
    edit(case_folder, table, replace_cell(row, old, new))
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    assert told in str(caught.value)
    assert f"{table}.csv" in str(caught.value)


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


@pytest.mark.parametrize(
    ("claim", "column", "expected", "new", "allowed"),
    [
        ("seed-output", "value", "2000000000", "nan", "a number"),
        ("seed-output", "value", "2000000000", "inf", "a number"),
        ("seed-output", "value", "2000000000", "11,000,000", "a number"),
        ("seed-output", "unit", "piece", "pieces", "one of: CNY, USD"),
        ("seed-output", "hedge", "exact", "roughly", "one of: exact, about"),
        ("seed-output", "status", "actual", "past", "one of: actual, planned"),
        ("cns25-sales-2024", "period", "2024", "2024-13", "YYYY"),
        ("cns25-sales-2024", "period", "2024", "2024-2019", "YYYY"),
        ("cns25-sales-2024", "period", "2024", "2042", "the source is of 2025"),
    ],
)
def test_an_override_obeys_the_schema(case_folder, claim, column, expected, new, allowed):
    quoted = f'"{new}"' if "," in new else new
    line = f"{claim},{column},{expected},override,{quoted},mine\n"
    edit(case_folder, "corrections", lambda text: text + line)
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    told = str(caught.value)
    count = len((case_folder / "corrections.csv").read_text("utf-8").splitlines())
    assert f"corrections.csv, line {count}" in told
    assert f"column {column}: found {new!r}" in told
    assert allowed in told


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
