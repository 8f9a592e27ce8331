"""An id says its case, and so leads to its source from anywhere."""

import shutil
from pathlib import Path

import pytest

from clusterkit import UnknownNameError, load_case, load_panel, origin, region_panel


@pytest.mark.parametrize("name", ["zhili", "pingxiang", "context"])
def test_every_id_says_its_case_and_leads_to_its_print(name, request):
    case = request.getfixturevalue(name)
    for row in case.claims.itertuples():
        home, _, bare = row.claim_id.partition("/")
        assert home == name
        assert case.claim(bare) == case.claim(row.claim_id)
        assert case.claim(bare).claims == (row.claim_id,)
    found = origin(row.claim_id)
    assert (found.address, found.as_printed) == (row.claim_id, row.as_printed)
    assert found.source["source_id"] == row.source_id
    assert found.source_address == f"{name}/{row.source_id}"
    assert set(case.corrections["claim_id"]) <= set(case.claims["claim_id"])
    assert {one for claims in case.breaks["claims"] for one in claims} <= set(
        case.claims["claim_id"]
    )


def test_no_two_cases_share_an_address_and_every_figure_of_the_panel_has_one(panel):
    for claims in [*panel["claims"], *panel["others"]]:
        for claim in claims:
            assert origin(claim).address == claim


def test_cells_of_regional_tables_have_origins_too():
    cell = region_panel("value_added", years=(2024, 2024))["claims"].iloc[0][0]
    found = origin(cell)
    assert (found.address, found.indicator, found.quoted) == (cell, "value_added", False)
    assert found.as_printed.endswith(" CNY")
    assert found.source["publisher"]


def test_the_case_given_goes_before_the_shelf(case_folder):
    path = case_folder / "claims.csv"
    text = path.read_text(encoding="utf-8").replace("nearing 100 billion", "some 100 billion")
    path.write_text(text, encoding="utf-8")
    own = load_case(case_folder)
    assert origin("seed-sales", own).as_printed == "some 100 billion yuan"
    assert origin("zhili/seed-sales", own).as_printed == "some 100 billion yuan"
    assert origin("zhili/seed-sales").as_printed == "nearing 100 billion yuan"
    assert origin("context/ctx-cw-market-2024", own).address == "context/ctx-cw-market-2024"


def test_a_case_of_ones_own_is_found_once_it_was_read(case_folder, zhili):
    folder = Path(shutil.copytree(case_folder, case_folder.with_name("mine")))
    with pytest.raises(UnknownNameError, match="no claim 'mine/seed-sales'"):
        origin("mine/seed-sales", zhili)
    load_case(folder)
    assert origin("mine/seed-sales", zhili).address == "mine/seed-sales"


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("zhili/seed-sale", "Did you mean 'seed-sales'"),
        ("zhilli/seed-sales", "Did you mean 'zhili'"),
        ("seed-sales", "There is no case 'seed-sales'"),
        ("regions/gdp/Atlantis/total/2020/x", "no cell"),
        ("regions/gpd/Pingxiang/total/2023/x", "no cell"),
    ],
)
def test_what_has_no_origin_says_what_is_near(address, told):
    with pytest.raises(UnknownNameError) as caught:
        origin(address)
    assert told in str(caught.value)


def test_an_address_of_another_case_is_no_claim_of_this_one(zhili):
    with pytest.raises(UnknownNameError, match="no claim 'context/ctx-cw-market-2024'") as caught:
        zhili.claim("context/ctx-cw-market-2024")
    assert caught.value.where == "case zhili"


def test_who_changes_a_frame_changes_no_other(case_folder):
    first = load_case(case_folder)
    before = first.claims.copy(), first.sources.copy()
    first.claims.loc[0, "value"] = -1.0
    first.claims["unit"] = "gone"
    first.sources.iloc[0, 0] = "gone"
    again = load_case(case_folder)
    assert again.claims.equals(before[0])
    assert again.sources.equals(before[1])
    mine, whole = load_panel(), load_panel().copy()
    mine.loc[0, "value"] = -1.0
    assert load_panel().equals(whole)


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(case_folder, monkeypatch):
    from clusterkit.evidence import folder as reading

    before = load_case(case_folder)
    checked = []
    whole = reading.check_reading
    monkeypatch.setattr(reading, "check_reading", lambda it: checked.append(1) or whole(it))
    assert load_case(case_folder).claims.equals(before.claims)
    assert load_case(case_folder, policy="wide").claim("seed-sales").low == 80e9
    assert not checked
    ledger = case_folder / "corrections.csv"
    ledger.write_text(
        ledger.read_text("utf-8") + "seed-output,value,2000000000,flag,,mine\n", "utf-8"
    )
    assert load_case(case_folder).row("seed-output")["flag"] == "mine"
    assert checked
