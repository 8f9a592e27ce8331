"""Breaks in a count: read from case.toml, checked against the claims."""

import pytest

from clusterkit import DataError, load_case

GOOD = """
[[breaks]]
indicator = "sales"
after = 2011
before = 2017
reason = "told"
claims = ["cl11-sales"]
"""


def test_breaks_are_a_table_of_the_case(zhili, pingxiang):
    assert zhili.breaks[["indicator", "after", "before"]].to_numpy().tolist() == [
        ["output_pieces", 2012, 2015],
        ["output_pieces", 2022, 2025],
    ]
    assert zhili.breaks["claims"].iloc[0] == ("zhili/jt12-output", "zhili/oe16-pieces-2015")
    assert pingxiang.breaks.empty
    assert list(pingxiang.breaks.columns) == list(zhili.breaks.columns)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("after = 2011", "after = 2017", "ends in 2017 and begins in 2017"),
        ("after = 2011", 'after = "2011"', "after: found '2011', wanted: a whole number"),
        ('reason = "told"', 'reason = ""', "reason: found '', wanted: text that is not empty"),
        ('reason = "told"', "", "[[breaks]] number 1 reason is missing"),
        ("cl11-sales", "cl12-sales", "there is no claim 'cl12-sales'"),
        ('"sales"', '"sails"', "there is no indicator 'sails'"),
    ],
)
def test_a_wrong_break_is_refused_with_its_place(case_folder, old, new, said):
    path = case_folder / "case.toml"
    facts = path.read_text(encoding="utf-8").split("# Years between")[0]
    path.write_text(facts + GOOD, encoding="utf-8")
    assert load_case(case_folder).breaks["after"].tolist() == [2011]
    path.write_text(facts + GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_case(case_folder)
    assert said in str(caught.value)
    assert "[[breaks]] number 1" in str(caught.value)
    assert str(path) in str(caught.value)
