"""Location quotients, what chance leaves open of them, and exact bounds of withheld cells."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.quotients import (
    location_quotient,
    location_quotient_bounds,
    location_quotient_interval,
)

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}
SAMPLES = 4000


def published(cell, in_region, in_industry, total):
    rest = total - in_region - in_industry + cell
    return [[cell, in_region - cell], [in_industry - cell, rest]]


def test_the_published_example(cells):
    table = cells(published(1714, 79006, 879213, 15593224))
    out = location_quotient(table, **KEYS)
    assert out["location_quotient"][0] == pytest.approx(0.3847623, abs=5e-8)


def test_the_textbook_table(textbook, kind):
    out = kind.show(location_quotient(kind.make(textbook), **KEYS))
    out = out.sort_values(["region", "industry"])
    np.testing.assert_allclose(out["location_quotient"][5:10], [0, 0.75, 0.25, 3.5, 0.5])
    assert out["location_quotient_reason"].isna().all()


def test_quotients_of_equal_shares_are_exactly_one(cells):
    out = location_quotient(cells(np.outer([3, 7, 49], [1, 10, 11, 13])), **KEYS)
    assert (out["location_quotient"] == 1).all()


def test_every_missing_quotient_says_why(cells, kind):
    table = cells([[4, 0, 0], [0, 0, 0], [2, 3, 0]])
    out = kind.show(location_quotient(kind.make(table), **KEYS))
    out = out.sort_values(["region", "industry"], ignore_index=True)
    no_region, no_industry = (f"the total of the {side} is zero" for side in ("region", "industry"))
    told = out["location_quotient_reason"].astype(object).where(out["location_quotient"].isna())
    expected = [None, None, no_industry] + [no_region] * 3 + [None, None, no_industry]
    assert [None if pd.isna(text) else text for text in told] == expected
    assert out["location_quotient"][1] == 0  # a zero cell is a zero quotient


def test_symmetric_and_log_forms(textbook, kind):
    ratio = location_quotient(textbook, **KEYS)["location_quotient"]
    zero, forms = ratio == 0, {"symmetric": (ratio - 1) / (ratio + 1)}
    forms["log"] = np.log(ratio.mask(zero))
    for form, expected in forms.items():
        out = kind.show(location_quotient(kind.make(textbook), **KEYS, form=form))
        out = out.sort_values(["region", "industry"], ignore_index=True)
        found = out[f"location_quotient_{form}"].astype(float)
        np.testing.assert_allclose(found, expected)
    assert (out["location_quotient_reason"] == "zero has no logarithm").tolist() == zero.tolist()


@pytest.mark.parametrize("ddof", [0, 1])
def test_z_form_counts_absent_cells_as_zero(textbook, kind, ddof):
    matrix = location_quotient(textbook, **KEYS)["location_quotient"].to_numpy().reshape(5, 5)
    expected = (matrix - matrix.mean(axis=0)) / matrix.std(axis=0, ddof=ddof)
    present = textbook[textbook["jobs"] > 0]
    out = kind.show(location_quotient(kind.make(present), **KEYS, form="z", ddof=ddof))
    out = out.sort_values(["region", "industry"])
    np.testing.assert_allclose(
        out["location_quotient_z"].astype(float), expected.ravel()[present.index]
    )


def test_z_of_regions_that_do_not_differ(cells, kind):
    out = kind.show(location_quotient(kind.make(cells([[1, 2], [2, 4]])), **KEYS, form="z"))
    assert out["location_quotient_z"].isna().all()
    assert set(out["location_quotient_reason"]) == {"the regions do not differ"}


def test_exclude_self_compares_with_the_rest(textbook):
    out = location_quotient(textbook, **KEYS, exclude_self=True)
    x = textbook["jobs"].to_numpy().reshape(5, 5)
    rest = (x.sum(axis=0) - x) / (x.sum() - x.sum(axis=1, keepdims=True))
    expected = np.divide(x / 100, rest, out=np.full((5, 5), np.nan), where=rest > 0).ravel()
    np.testing.assert_allclose(out["location_quotient"], expected)
    assert out["location_quotient_reason"][0] == "the industry is nowhere else"


def test_one_region_and_one_industry(cells):
    assert location_quotient(cells([[3, 4]]), **KEYS)["location_quotient"].tolist() == [1, 1]
    assert location_quotient(cells([[3], [4]]), **KEYS)["location_quotient"].tolist() == [1, 1]


def test_panels_are_split_by_period(textbook, kind):
    panel = pd.concat([textbook.assign(year=1), textbook.assign(year=2, jobs=textbook.jobs[::-1])])
    out = kind.show(location_quotient(kind.make(panel), **KEYS, by="year"))
    one = location_quotient(textbook, **KEYS)["location_quotient"]
    out = out.sort_values(["year", "region", "industry"])
    np.testing.assert_allclose(out["location_quotient"][:25], one)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(arrays(int, st.tuples(st.integers(1, 5), st.integers(1, 6)), elements=st.integers(0, 99)))
def test_the_share_weighted_mean_of_a_regions_quotients_is_one(matrix):
    row, column = np.indices(matrix.shape)
    table = pd.DataFrame({"region": row.ravel(), "industry": column.ravel()})
    table["jobs"] = matrix.ravel()
    out = location_quotient(table, **KEYS)
    out["weighted"] = out["location_quotient"] * matrix.sum(axis=0)[out["industry"]]
    for region, rows in out.groupby("region"):
        if matrix[region].sum():
            assert rows["weighted"].sum() / matrix.sum() == pytest.approx(1)


def test_z_form_takes_a_skipped_cell_for_unknown_not_for_zero(cells, kind):
    table = cells([[10, 5, 5], [7, 8, 3], [6, 6, 9]]).astype({"jobs": float})
    table.loc[(table["region"] == "r1") & (table["industry"] == "i0"), "jobs"] = np.nan
    out = kind.show(location_quotient(kind.make(table), **KEYS, form="z", missing="skip"))
    z = out[out["industry"] == "i0"].set_index("region")["location_quotient_z"]
    assert z[["r0", "r2"]].tolist() == pytest.approx([1, -1])
    assert pd.isna(z["r1"])


def test_the_z_form_needs_more_regions_than_ddof(cells, kind):
    out = kind.show(location_quotient(kind.make(cells([[1, 2], [3, 4]])), **KEYS, form="z", ddof=2))
    assert out["location_quotient_reason"].unique().tolist() == ["there are too few regions"]


def test_columns_of_the_user_are_not_lost_to_working_columns(cells):
    with pytest.raises(MeasureError, match="'_region' begins with '_'"):
        location_quotient(cells([[1, 2], [3, 4]]).assign(_region="mine"), **KEYS)


def coverage(cells, matrices, true, **options):
    """Return how often the interval of the first cell covers its true quotient."""
    table = cells(np.concatenate(matrices))
    table["sample"] = np.arange(SAMPLES).repeat(4)
    table["region"] = ["r0", "r0", "r1", "r1"] * SAMPLES
    out = location_quotient_interval(table, **KEYS, by="sample", **options)
    first = out[(out["region"] == "r0") & (out["industry"] == "i0")]
    inside = first["location_quotient_low"].le(true) & first["location_quotient_high"].ge(true)
    return inside.mean()


def two_by_two(x, y, first, second):
    """Return tables of an industry with x and y jobs in two regions with given totals."""
    return np.array([[x, first - x], [y, second - y]]).transpose(2, 0, 1)


@pytest.mark.parametrize(
    ("heads", "rest", "p", "q"),
    [(200, 5000, 0.1, 0.1), (200, 5000, 0.3, 0.1), (500, 500, 0.2, 0.05), (40, 60, 0.4, 0.4)],
)
def test_head_count_interval_covers_as_often_as_it_says(cells, heads, rest, p, q):
    rng = np.random.default_rng(7)
    x, y = rng.binomial(heads, p, SAMPLES), rng.binomial(rest, q, SAMPLES)
    true = p / ((heads * p + rest * q) / (heads + rest))
    covered = coverage(cells, two_by_two(x, y, heads, rest), true, unit="person")
    assert 0.935 <= covered <= 0.965


def test_plant_interval_covers_as_often_as_it_says(cells):
    rng = np.random.default_rng(7)
    sizes = np.repeat([1, 2, 4, 8], [40, 20, 10, 5])
    x = (rng.random((SAMPLES, len(sizes))) < 0.3) @ sizes
    # the regions hold 200,000 and 800,000 jobs whatever this small industry does
    tables = two_by_two(x, sizes.sum() - x, 200_000, 800_000)
    herfindahl = np.full(4 * SAMPLES, (sizes**2).sum() / sizes.sum() ** 2)

    def with_h(matrix):
        return cells(matrix).assign(h=herfindahl)

    assert 0.935 <= coverage(with_h, tables, 0.3 / 0.2, herfindahl="h") <= 0.965
    # treating jobs as independent would claim far too much
    assert coverage(cells, tables, 0.3 / 0.2, unit="person") < 0.8


def test_interval_edges(cells, kind):
    table = kind.make(cells([[0, 50], [30, 0], [0, 920]]))
    out = kind.show(location_quotient_interval(table, **KEYS, unit="firm"))
    out = out.sort_values(["region", "industry"], ignore_index=True)
    low, high = out["location_quotient_low"], out["location_quotient_high"]
    assert low[0] == 0 < high[0]  # none found is not proof of none
    assert high[2] == pytest.approx(1000 / 30)  # all of the industry: nothing can be above
    assert (low <= out["location_quotient"] + 1e-9).all()
    assert (out["location_quotient"] <= high + 1e-9).all()
    alone = location_quotient_interval(cells([[3, 4]]), **KEYS, unit="firm")
    assert alone.filter(like="location").to_numpy().tolist() == [[1, 1, 1]] * 2


def test_head_counts_only(textbook):
    with pytest.raises(MeasureError, match="the unit is CNY") as caught:
        location_quotient_interval(textbook, **KEYS, unit="CNY")
    assert "herfindahl= for the plant form" in str(caught.value)
    with pytest.raises(MeasureError, match="the unit is not stated"):
        location_quotient_interval(textbook, **KEYS)
    with pytest.raises(DataError, match="Heads come in whole numbers"):
        location_quotient_interval(
            textbook.assign(jobs=textbook["jobs"] / 7), **KEYS, unit="person"
        )
    with pytest.raises(MeasureError, match="1 is no confidence level"):
        location_quotient_interval(textbook, **KEYS, unit="person", level=1)


def test_plant_interval_without_a_herfindahl_is_missing(textbook):
    table = textbook.assign(h=[0.5, 0.0, 2.0, None, 1.0] * 5)
    out = location_quotient_interval(table, **KEYS, herfindahl="h")
    defined = out.groupby("industry")["location_quotient_low"].count()
    assert defined.to_dict() == {"i0": 5, "i1": 0, "i2": 0, "i3": 0, "i4": 5}


def test_the_plant_interval_holds_one_exactly_when_the_dartboard_is_not_rejected(textbook):
    out = location_quotient_interval(textbook.assign(h=0.2), **KEYS, herfindahl="h")
    z = (out["jobs"] / 100 - 0.2).abs() / math.sqrt(0.2 * 0.2 * 0.8)
    holds_one = out["location_quotient_low"].le(1) & out["location_quotient_high"].ge(1)
    assert holds_one.tolist() == (z <= 1.959963984540054).tolist()
    assert 0 < holds_one.sum() < len(out)


COLUMNS = {"region": "region", "industry": "industry", "low": "low", "high": "high"}
MARGINS = {"region_total": "in_region", "industry_total": "in_industry", "total": "in_all"}


def withheld(cells, matrix, hidden):
    """Return the table with the `hidden` cells given as 0 to 9 only, margins as published."""
    matrix = np.asarray(matrix)
    table = cells(matrix, "low").assign(high=matrix.ravel(), in_all=matrix.sum())
    table["in_region"] = matrix.sum(axis=1).repeat(matrix.shape[1])
    table["in_industry"] = np.tile(matrix.sum(axis=0), matrix.shape[0])
    for row, column in hidden:
        table.loc[row * matrix.shape[1] + column, ["low", "high"]] = [0, 9]
    return table


MATRIX = [[3, 5, 20], [4, 1, 30], [6, 7, 2]]


def test_bounds_are_those_of_all_tables_that_fit(cells, kind):
    hidden = [(0, 0), (0, 1), (1, 0), (1, 1), (2, 1), (2, 2)]
    table = withheld(cells, MATRIX, hidden)
    out = kind.show(location_quotient_bounds(kind.make(table), **COLUMNS, **MARGINS))
    trials = np.tile(MATRIX, (10 ** len(hidden), 1, 1))
    trials[(slice(None), *zip(*hidden, strict=True))] = np.indices([10] * 6).reshape(6, -1).T
    same_rows = (trials.sum(axis=2) == np.sum(MATRIX, axis=1)).all(axis=1)
    same_columns = (trials.sum(axis=1) == np.sum(MATRIX, axis=0)).all(axis=1)
    fitting = trials[same_rows & same_columns].reshape(-1, 9)
    assert len(fitting) > 1
    np.testing.assert_allclose(out["cell_low"], np.min(fitting, axis=0), atol=1e-6)
    np.testing.assert_allclose(out["cell_high"], np.max(fitting, axis=0), atol=1e-6)
    factor = table["in_all"] / (table["in_region"] * table["in_industry"])
    np.testing.assert_allclose(out["location_quotient_high"], out["cell_high"] * factor)


def test_a_single_hidden_cell_is_disclosed_by_its_margins(cells):
    table = withheld(cells, MATRIX, [(1, 1)])
    table.loc[4, ["low", "high"]] = [np.nan, np.nan]  # open at both ends
    out = location_quotient_bounds(table.sample(frac=1, random_state=3), **COLUMNS, **MARGINS)
    assert out.loc[4, ["cell_low", "cell_high"]].tolist() == pytest.approx([1, 1])


def test_incomplete_tables_bound_from_above_only(cells):
    table = withheld(cells, MATRIX, [(0, 0)]).drop(index=[3])
    out = location_quotient_bounds(table, **COLUMNS, **MARGINS, complete=False)
    assert out.loc[0, ["cell_low", "cell_high"]].tolist() == pytest.approx([0, 3])
    with pytest.raises(MeasureError, match="No table fits"):
        location_quotient_bounds(table, **COLUMNS, **MARGINS)


def test_slack_allows_for_rounded_margins(cells):
    table = withheld(cells, MATRIX, [(0, 0), (1, 1)])
    table["in_region"] += 1
    with pytest.raises(MeasureError, match="slack= for rounded margins"):
        location_quotient_bounds(table, **COLUMNS, **MARGINS)
    out = location_quotient_bounds(table, **COLUMNS, **MARGINS, slack=1)
    assert out.loc[0, ["cell_low", "cell_high"]].tolist() == pytest.approx([3, 4])


def test_periods_are_kept_apart(cells):
    one, two = withheld(cells, MATRIX, [(0, 0)]), withheld(cells, np.array(MATRIX) * 2, [(0, 0)])
    panel = pd.concat([one.assign(year=1), two.assign(year=2)])
    out = location_quotient_bounds(panel, **COLUMNS, **MARGINS, by="year")
    assert out["cell_low"].iloc[[0, 9]].tolist() == pytest.approx([3, 6])
    with pytest.raises(DataError, match="A cell has several rows"):
        location_quotient_bounds(panel, **COLUMNS, **MARGINS)


def test_margins_and_ranges_must_make_sense(cells):
    table = withheld(cells, MATRIX, [(0, 0)])
    with pytest.raises(DataError, match="differs between the rows"):
        location_quotient_bounds(
            table.assign(in_region=range(10, 19)), **COLUMNS, **MARGINS, complete=False
        )
    with pytest.raises(DataError, match="No value lies between 10 and 9"):
        location_quotient_bounds(table.replace({"low": {0: 10}}), **COLUMNS, **MARGINS)


def test_a_zero_margin_leaves_no_quotient(cells, kind):
    table = withheld(cells, [[1, 0], [3, 0]], [(0, 1)])
    out = kind.show(location_quotient_bounds(kind.make(table), **COLUMNS, **MARGINS))
    assert out["location_quotient_high"].isna().tolist() == [False, True] * 2
