"""What every measure does with the table it is given."""

import inspect
import warnings

import pandas as pd
import pytest

from clusterkit.errors import DataError, MeasureError, UnknownNameError
from clusterkit.regional.agglomeration import coagglomeration, ellison_glaeser
from clusterkit.regional.cells import RESULTS
from clusterkit.regional.concentration import (
    concentration_ratio,
    entropy,
    herfindahl,
    hoover_index,
    krugman_index,
    locational_gini,
    related_variety,
)
from clusterkit.regional.quotients import (
    location_quotient,
    location_quotient_bounds,
    location_quotient_interval,
)
from clusterkit.regional.relatedness import complexity, proximity, relatedness_density
from clusterkit.regional.shift_share import shift_share

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


def test_an_unknown_column_is_named_with_a_suggestion(textbook):
    with pytest.raises(UnknownNameError) as caught:
        location_quotient(textbook, region="regoin", industry="industry", value="jobs")
    assert str(caught.value).splitlines() == [
        "There is no column 'regoin'.",
        "  likely: Did you mean 'region'?",
        "  next:   Choose one of: industry, jobs, region.",
    ]


def test_an_unknown_choice_lists_the_choices(textbook):
    with pytest.raises(UnknownNameError, match="no form 'logs'") as caught:
        location_quotient(textbook, **KEYS, form="logs")
    assert "log, ratio, symmetric, z" in str(caught.value)
    with pytest.raises(UnknownNameError, match="choice for missing= 'drop'"):
        location_quotient(textbook, **KEYS, missing="drop")


def test_what_is_no_table_is_refused():
    with pytest.raises(MeasureError, match="A dict is not a table"):
        location_quotient({"region": ["a"]}, **KEYS)


def test_a_column_serves_one_purpose(textbook):
    with pytest.raises(MeasureError, match="'region' is named for two purposes"):
        location_quotient(textbook, region="region", industry="region", value="jobs")


def test_text_is_not_a_number(textbook):
    with pytest.raises(DataError, match="holds String, not numbers"):
        location_quotient(textbook.astype({"jobs": str}), **KEYS)


def test_neither_region_nor_industry(textbook):
    with pytest.raises(MeasureError, match="Neither region= nor industry="):
        herfindahl(textbook, value="jobs")


def test_repeated_cells_are_an_error_unless_summed(textbook, kind):
    twice = pd.concat([textbook, textbook], ignore_index=True)
    with pytest.raises(DataError) as caught:
        location_quotient(kind.make(twice), **KEYS)
    assert "region='r0', industry='i0' has 2 rows" in str(caught.value)
    assert 'duplicates="sum"' in str(caught.value)
    summed = kind.show(location_quotient(kind.make(twice), **KEYS, duplicates="sum"))
    summed = summed.sort_values(["region", "industry"], ignore_index=True)
    once = location_quotient(textbook, **KEYS)
    pd.testing.assert_series_equal(summed["location_quotient"], once["location_quotient"])
    assert summed["jobs"].tolist() == (2 * textbook["jobs"]).tolist()


def test_a_year_left_out_of_by_shows_as_a_repeated_cell(textbook):
    textbook = textbook.assign(sector="all")
    panel = pd.concat([textbook.assign(year=year) for year in (2019, 2020)], ignore_index=True)
    with pytest.raises(DataError, match="a column that tells them apart"):
        location_quotient(panel, **KEYS)
    assert len(location_quotient(panel, **KEYS, by="year")) == len(panel)


@pytest.mark.parametrize(("bad", "text"), [(-1.0, "run from -1 to 100"), (float("inf"), "to inf")])
def test_negative_and_infinite_values_are_refused(textbook, kind, bad, text):
    textbook = textbook.astype({"jobs": float})
    textbook.loc[3, "jobs"] = bad
    with pytest.raises(DataError, match="finite and not negative") as caught:
        herfindahl(kind.make(textbook), **KEYS)
    assert text in str(caught.value)


def test_missing_is_an_error_until_told_what_it_means(textbook, kind):
    gappy = textbook.astype({"jobs": float})
    gappy.loc[6, "jobs"] = None
    with pytest.raises(DataError, match="1 of 25 values are missing"):
        herfindahl(kind.make(gappy), **KEYS)
    zero = kind.show(herfindahl(kind.make(gappy), **KEYS, missing="zero"))
    skip = kind.show(herfindahl(kind.make(gappy), **KEYS, missing="skip"))
    without = kind.show(herfindahl(kind.make(gappy.drop(index=6)), **KEYS))
    pd.testing.assert_frame_equal(skip, without)
    pd.testing.assert_frame_equal(zero, without)  # an absent row is a zero


def test_what_is_known_of_no_region_is_left_out(textbook, kind):
    gappy = textbook.astype({"jobs": float}).assign(jobs=textbook["jobs"].where(textbook.index > 4))
    out = kind.show(herfindahl(kind.make(gappy), **KEYS, missing="skip"))
    assert out["region"].tolist() == ["r1", "r2", "r3", "r4"]
    zero = kind.show(herfindahl(kind.make(gappy), **KEYS, missing="zero"))
    assert zero["herfindahl"].isna().tolist() == [True, False, False, False, False]


def test_a_skipped_cell_stays_without_a_quotient(textbook, kind):
    gappy = textbook.astype({"jobs": float})
    gappy.loc[6, "jobs"] = None
    out = kind.show(location_quotient(kind.make(gappy), **KEYS, missing="skip"))
    out = out.sort_values(["region", "industry"], ignore_index=True)
    assert out.loc[6, "location_quotient_reason"] == "the value is missing"
    assert out["location_quotient"].isna().tolist() == [row == 6 for row in range(25)]


def test_a_row_without_a_region_is_refused(textbook, kind):
    textbook.loc[2, "region"] = None
    with pytest.raises(DataError, match="1 of 25 rows have no region"):
        herfindahl(kind.make(textbook), **KEYS)


SHARED = ["frame", "value", "region", "industry", "by", "duplicates", "missing"]


@pytest.mark.parametrize(
    ("measure", "needed", "own"),
    [
        (location_quotient, SHARED[:4], ["form", "exclude_self", "ddof"]),
        (herfindahl, SHARED[:2], ["of"]),
        (related_variety, ["frame", "value", "industry", "sector"], ["sector", "base"]),
        (shift_share, SHARED[:5], ["start", "end", "form", "chained"]),
    ],
)
def test_a_measure_shows_what_it_takes(measure, needed, own):
    parameters = inspect.signature(measure).parameters
    assert list(parameters) == [*SHARED, *own]
    assert [name for name, one in parameters.items() if one.default is one.empty] == needed
    assert {parameters[name].kind.name for name in [*SHARED[1:], *own]} == {"KEYWORD_ONLY"}
    told = inspect.getdoc(measure)
    places = [told.index(f"\n{name} : ") for name in ("frame", "duplicates", own[-1])]
    assert places == sorted(places)
    assert places[-1] < told.index("Returns")


@pytest.mark.parametrize("name", ["duplicates", "missing"])
def test_plants_are_added_up_and_chance_needs_all_cells(textbook, name):
    assert "duplicates" not in inspect.signature(ellison_glaeser).parameters
    with pytest.raises(TypeError, match=r"_interval\(\) got an unexpected keyword"):
        location_quotient_interval(textbook, **KEYS, unit="person", **{name: "error"})
    assert f"{name} :" not in location_quotient_interval.__doc__


def test_a_column_left_out_is_named_with_the_measure(textbook):
    with pytest.raises(TypeError, match=r"krugman_index\(\) missing a required .*'industry'"):
        krugman_index(textbook, region="region", value="jobs")


def test_users_columns_cannot_meet_working_columns(textbook):
    renamed = textbook.rename(columns={"jobs": "total", "region": "share", "industry": "index"})
    out = herfindahl(renamed, region="share", industry="index", value="total")
    assert out["herfindahl"].tolist() == herfindahl(textbook, **KEYS)["herfindahl"].tolist()


@pytest.mark.parametrize("name", ["present", "component", "_share"])
def test_a_key_cannot_be_named_as_what_measures_add(textbook, kind, name):
    renamed = kind.make(textbook.rename(columns={"region": name}))
    for measure in (location_quotient, complexity, relatedness_density):
        with pytest.raises(MeasureError, match=f"'{name}' cannot name regions") as caught:
            measure(renamed, region=name, industry="industry", value="jobs")
        assert "Rename it" in str(caught.value)


def test_what_measures_add_is_listed(textbook):
    textbook = textbook.assign(sector="all")
    panel = pd.concat([textbook.assign(year=1), textbook.assign(year=2, jobs=textbook["jobs"] * 2)])
    bounds = textbook.assign(high=textbook["jobs"], xr=1000, xi=1000, x=1000)
    margins = {"region_total": "xr", "industry_total": "xi", "total": "x", "complete": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        tables = [
            *(location_quotient(textbook, **KEYS, form=form) for form in ("log", "z", "symmetric")),
            location_quotient_interval(textbook, **KEYS, unit="person"),
            location_quotient_bounds(
                bounds, region="region", industry="industry", low="jobs", high="high", **margins
            ),
            *(measure(textbook, **KEYS) for measure in (herfindahl, entropy, krugman_index)),
            *(measure(textbook, **KEYS) for measure in (hoover_index, locational_gini)),
            *(measure(textbook, **KEYS) for measure in (proximity, relatedness_density)),
            concentration_ratio(textbook, **KEYS),
            related_variety(textbook, **KEYS, sector="sector"),
            *(
                shift_share(panel, **KEYS, by="year", form=form)
                for form in ("classic", "esteban-marquillas")
            ),
            ellison_glaeser(textbook, **KEYS, draws=2),
            coagglomeration(textbook, **KEYS),
            *complexity(textbook, **KEYS),
        ]
    added = {name for table in tables for name in table.columns}
    assert added - {*bounds.columns, "sector", "industry_other"} == {*RESULTS.split()}


def test_an_index_named_like_a_column_is_no_trouble(textbook):
    named = textbook.set_index("region", drop=False)
    out = location_quotient(named, **KEYS)
    expected = location_quotient(textbook, **KEYS)
    assert out["location_quotient"].tolist() == expected["location_quotient"].tolist()
    assert named.index.name == "region"


def test_claims_travel_with_the_cells_and_cannot_be_summed_away(textbook):
    claimed = textbook.assign(claims=[(f"c{row}",) for row in range(25)])
    out = location_quotient(claimed.sample(frac=1, random_state=1), **KEYS)
    assert out.sort_index()["claims"].tolist() == claimed["claims"].tolist()
    with pytest.raises(DataError, match="each rests on its own claims"):
        location_quotient(claimed, **KEYS, duplicates="sum")


def test_lazy_tables_stay_unread_until_asked(textbook, monkeypatch):
    pl = pytest.importorskip("polars")
    asked = []
    real = pl.LazyFrame.collect

    def spy(self, *args, **kwargs):
        answer = real(self, *args, **kwargs)
        asked.append(answer.height)
        return answer

    monkeypatch.setattr(pl.LazyFrame, "collect", spy)
    table = pl.DataFrame(textbook.to_dict("list")).lazy()
    out = location_quotient(table, **KEYS, duplicates="sum")
    assert isinstance(out, pl.LazyFrame)
    assert asked == [1]  # the summary that checks the values
