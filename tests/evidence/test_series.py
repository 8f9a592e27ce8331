import pytest

from clusterkit import AmbiguousError, DataError, UnknownNameError, load_case, pick


def years(table):
    return dict(zip(table["year"], table["value"], strict=True))


def test_dated_claims_go_before_those_of_a_year_of_publication(zhili):
    table = zhili.series("sales")
    row = table[table["year"] == 2023].iloc[0]
    assert row["value"] == 80e9
    assert row["claims"] == ("zhili/xhen24-sales-2023",)
    assert set(row["others"]) == {"zhili/xht24-sales-2023", "zhili/jp24-sales-2023"}
    assert row["left_out"] == 2  # of st23-sales and sk23-sales only the publication is dated


def test_rules_settle_differently(zhili):
    assert years(zhili.series("sales_pieces", prefer="highest_tier"))[2023] == 1.5e9
    assert years(zhili.series("sales_pieces", prefer="latest"))[2023] == 2e9
    middle = zhili.series("sales_pieces", prefer="median").set_index("year").loc[2023]
    assert middle["value"] == 1.5e9
    assert (middle["low"], middle["high"]) == (1.5e9, 2.2e9)
    assert middle["disputed"]
    assert len(middle["claims"]) == 3
    every = zhili.series("sales_pieces", prefer="all")
    assert (every["year"] == 2023).sum() == 3


def test_official_hears_official_and_company_sources_only(pingxiang):
    about = {"subject": "Ganyuan Food", "product": "company total"}
    official = pingxiang.series("net_margin", subject="Ganyuan Food", prefer="official")
    tiers = pingxiang.claims.set_index("claim_id")["tier"]
    heard = [name for names in official["claims"] for name in names]
    assert {tiers[name] for name in heard} <= {"official", "company"}
    all_years = pingxiang.series("revenue", **about)
    only = pingxiang.series("revenue", prefer="official", **about)
    assert set(only["year"]) < set(all_years["year"])


def test_forecasts_are_heard_only_when_asked_and_never_beat_an_outturn(pingxiang):
    about = {"subject": "Ganyuan Food", "product": "company total"}
    assert 2025 not in set(pingxiang.series("revenue", **about)["year"])
    table = pingxiang.series("revenue", status=("actual", "forecast"), **about)
    status = dict(zip(table["year"], table["status"], strict=True))
    assert status[2025] == "forecast"
    assert status[2024] == "actual"  # two forecasts for 2024 are on record beside the outturn


def test_claims_marked_do_not_use_and_inferred_years_stay_out_and_are_counted(zhili):
    assert years(zhili.series("sales"))[2022] == 70e9
    out = zhili.left_out("sales").set_index("claim_id")["reason"]
    assert out["zhili/it23-sales-2022"] == "do not use"
    assert out["zhili/k10-sales"] == "inferred"
    assert 2010 not in years(zhili.series("sales"))
    assert years(zhili.series("sales", inferred=True))[2010] == 15e9


def test_spans_of_years_stay_out(zhili):
    out = zhili.left_out("workers", product="children's clothing").set_index("claim_id")["reason"]
    assert "span" not in set(out)
    spans = zhili.claims[zhili.claims["basis"] == "span"]
    row = spans[spans["claim_id"] == "zhili/yt-workshops"].iloc[0]
    with pytest.raises(UnknownNameError, match="it describes several years"):
        zhili.series("workshops")
    assert row["year"] == 2019


def test_silenced_forecasts_are_counted(pingxiang):
    about = {"subject": "Ganyuan Food", "product": "company total"}
    table = pingxiang.series("revenue", status=("actual", "forecast"), **about)
    assert table.set_index("year").loc[2024, "left_out"] == 2


def test_as_of_choices(zhili):
    assert 2025 not in years(zhili.series("sales", as_of="exclude"))
    assert 2025 in years(zhili.series("sales", as_of="fill"))
    beside = zhili.series("sales", as_of="include").set_index("year").loc[2023]
    assert "zhili/st23-sales" in beside["others"]
    assert beside["disputed"]


def test_units_are_never_mixed(zhili):
    assert set(zhili.series("firms")["unit"]) == {"firm"}
    assert "zhili/hz19-firms" in set(zhili.left_out("firms")["claim_id"])
    assert set(zhili.series("firms", unit="household")["unit"]) == {"household"}
    with pytest.raises(UnknownNameError, match="no unit 'CNY'"):
        zhili.series("firms", unit="CNY")


@pytest.mark.parametrize(
    ("indicator", "choices", "error", "told"),
    [
        ("sale", {}, UnknownNameError, "Did you mean 'sales'"),
        ("sales", {"subject": "Zhilli"}, UnknownNameError, "Did you mean 'Zhili'"),
        ("sales", {"product": "uniforms"}, UnknownNameError, "school uniform"),
        ("sales", {"years": (1960, 1970)}, UnknownNameError, "Years on record: 2005"),
        ("sales", {"prefer": "newest"}, UnknownNameError, "highest_tier, latest"),
        ("sales", {"as_of": "maybe"}, UnknownNameError, "fill, include"),
        ("sales", {"status": ("actuall",)}, UnknownNameError, "Did you mean 'actual'"),
    ],
)
def test_questions_without_an_answer_name_what_exists(zhili, indicator, choices, error, told):
    with pytest.raises(error) as caught:
        zhili.series(indicator, **choices)
    assert told in str(caught.value)


def test_claims_that_are_all_left_out_say_why(zhili):
    with pytest.raises(UnknownNameError) as caught:
        zhili.series("exports")
    assert "1 because it is not of the status asked for" in str(caught.value)
    with pytest.raises(UnknownNameError, match="by the rule 'official'"):
        zhili.series("sales", prefer="official")


def test_a_long_list_of_names_is_cut_to_the_nearest(zhili):
    with pytest.raises(UnknownNameError, match=r"\d+ exist, these are nearest"):
        zhili.series("sale")


def test_ambiguous_product_and_year(pingxiang, zhili):
    with pytest.raises(AmbiguousError, match="company total"):
        pingxiang.series("revenue", subject="Ganyuan Food")
    with pytest.raises(AmbiguousError, match="rule 'all'"):
        pick(zhili.series("sales", prefer="all"), 2023)
    with pytest.raises(UnknownNameError, match="no figure for 1999"):
        zhili.estimate("sales", 1999)


def test_conflicts_rank_disagreements_and_spare_printed_ranges(zhili):
    table = zhili.conflicts()
    assert table["spread"].is_monotonic_decreasing
    assert "stores" not in set(table["indicator"])  # one source printed 200 to 300
    row = zhili.conflicts("sales_pieces").iloc[0]
    assert (row["lowest"], row["highest"]) == (1.5e9, 2e9)
    assert row["claims_high"] == ("zhili/xht24-pieces-2023",)


def test_conflicts_set_like_against_like(zhili):
    table = zhili.conflicts()
    claims = zhili.claims.set_index("claim_id")
    for row in table.itertuples():
        met = claims.loc[list(row.claims)]
        assert not met["inferred"].any()
        assert set(met["basis"]) == {row.basis}
    assert "zhili/w08-firms" not in {name for names in table["claims"] for name in names}


def test_claims_that_must_not_be_used_cannot_be_confronted(pingxiang):
    with pytest.raises(DataError, match=r"must not be used .* pingxiang/gy-ecomshare-2023-low"):
        pingxiang.confront({"online": ["gy-ecomshare-2023-low", "gy-ecomshare-2024"]})


def test_confront_pairs_claims_that_no_rule_would(pingxiang):
    table = pingxiang.confront({"area": ["px-zs-area", "px-ahk-area"]})
    assert table["label"].tolist() == ["area"]
    assert table["spread"].iloc[0] == pytest.approx(119.57 / 57.6)
    with pytest.raises(UnknownNameError):
        pingxiang.confront({"area": ["px-zs-area", "px-ahk"]})
    with pytest.raises(AmbiguousError, match="km2, person"):
        pingxiang.confront({"mixed": ["px-zs-area", "px-zs-pop"]})


def test_a_changed_claim_changes_only_its_own_year(case_folder, zhili):
    path = case_folder / "claims.csv"
    text = path.read_text(encoding="utf-8")
    text = text.replace("2024,85000000000", "2024,86000000000")
    path.write_text(text.replace("850억 위안", "860억 위안").replace("850亿元", "860亿元"), "utf-8")
    before, after = years(zhili.series("sales")), years(load_case(case_folder).series("sales"))
    assert {year for year in before if before[year] != after[year]} == {2024}


def test_own_case_folder_of_a_path(case_folder, zhili):
    assert load_case(case_folder).series("sales").equals(zhili.series("sales"))


def test_equal_units_are_refused(case_folder):
    header = (case_folder / "claims.csv").read_text(encoding="utf-8").split("\n")[0]
    rows = [
        "a,zhili,Zhili,,sold,x,2020,1,piece,1,exact,actual,seed-zhili,,",
        "b,zhili,Zhili,,sold,x,2021,1,CNY,1,exact,actual,seed-zhili,,",
    ]
    (case_folder / "claims.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    (case_folder / "corrections.csv").unlink()
    toml = (case_folder / "case.toml").read_text(encoding="utf-8")
    (case_folder / "case.toml").write_text(toml.split("[[breaks]]")[0], encoding="utf-8")
    with pytest.raises(AmbiguousError, match="different units"):
        load_case(case_folder).series("sold")


@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda case: case.series("sails"), LookupError),
        (lambda case: case.series("sales", prefer="newest"), LookupError),
        (lambda case: case.confront({"x": ["seed-sales", "seed-output"]}), ValueError),
    ],
)
def test_whoever_does_not_know_our_errors_catches_those_of_python(zhili, ask, kind):
    with pytest.raises(kind):
        ask(zhili)


def test_a_spread_holds_whatever_was_printed_for_the_year(zhili):
    series = zhili.series("sales")
    spread = zhili.spread(series).set_index("year")
    alone = series.set_index("year")
    bounds = zhili.claims.set_index("claim_id")[["low", "high"]]
    assert len(alone.loc[2017, "others"])
    for year, row in alone.iterrows():
        rivals = bounds.loc[list(row["others"])]
        assert spread.loc[year, "low"] == min([row["low"], *rivals["low"]])
        assert spread.loc[year, "high"] == max([row["high"], *rivals["high"]])
    assert (spread.loc[2017, "low"], spread.loc[2017, "high"]) == (44.5e9, 55e9)
    assert spread["value"].equals(alone["value"])
