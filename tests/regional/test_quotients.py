"""Location quotients and their intervals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.errors import MeasureError
from clusterkit.regional.quotients import location_quotient

KEYS = {"region": "region", "industry": "industry", "value": "jobs"}


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
