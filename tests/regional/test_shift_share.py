"""Shift-share: the textbook regions, zero bases, chains, and exact adding up."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from clusterkit.errors import DataError, MeasureError, UnknownNameError
from clusterkit.regional.shift_share import shift_share

KEYS = {"region": "region", "industry": "industry", "value": "jobs", "by": "year"}
BEFORE = [[90, 20, 10, 60], [60, 30, 30, 40], [250, 100, 110, 300]]
AFTER = [[100, 40, 10, 55], [85, 55, 40, 35], [255, 115, 85, 390]]


@pytest.fixture
def panel(cells):
    def stacked(*matrices):
        return pd.concat(
            [cells(matrix).assign(year=2000 + place) for place, matrix in enumerate(matrices)],
            ignore_index=True,
        )

    return stacked


def by_region(out):
    return out.groupby("region").sum(numeric_only=True)


def test_the_textbook_regions(panel, kind):
    out = kind.show(shift_share(kind.make(panel(BEFORE, AFTER)), **KEYS))
    assert out["region"].tolist() == ["r0"] * 4 + ["r1"] * 4 + ["r2"] * 4
    expected = [[25, 27, 1, -3, 0], [55, 24, -1, 32, 0], [85, 114, 0, -29, 0]]
    np.testing.assert_allclose(by_region(out), expected, atol=1e-9)


def test_esteban_marquillas_of_the_textbook_regions(panel, kind):
    table = kind.make(panel(BEFORE, AFTER))
    out = by_region(kind.show(shift_share(table, **KEYS, form="esteban-marquillas")))
    expected = [[-0.636364, -2.363636], [18.424242, 13.575758], [-33.571901, 4.571901]]
    np.testing.assert_allclose(out[["competitive", "allocation"]], expected, atol=5e-7)
    assert (out["entry"] == 0).all()


def test_an_industry_new_to_the_nation_is_entry(panel, kind):
    table = panel([[10, 0], [20, 0]], [[20, 5], [10, 0]])
    out = kind.show(shift_share(kind.make(table), **KEYS)).set_index(["region", "industry"])
    assert out.loc[("r0", "i1"), "entry"] == 5
    assert out.loc[("r0", "i1"), ["national", "industry_mix", "regional"]].eq(0).all()
    assert out["entry"].sum() == 5


def test_a_cell_new_to_its_region_is_regional_or_entry(panel, kind):
    table = kind.make(panel([[0, 10], [20, 10]], [[6, 10], [24, 10]]))
    out = kind.show(shift_share(table, **KEYS)).set_index(["region", "industry"])
    assert out.loc[("r0", "i0"), ["regional", "entry"]].tolist() == [6, 0]  # e1 - 0 * g_i
    split = kind.show(shift_share(table, **KEYS, form="esteban-marquillas"))
    split = split.set_index(["region", "industry"])
    expected = [0, 0, 6]
    assert split.loc[("r0", "i0"), ["competitive", "allocation", "entry"]].tolist() == expected


def test_absent_cells_are_zeros(panel, kind):
    table = panel([[5, 0, 3], [1, 2, 3]], [[0, 4, 3], [2, 2, 2]])
    full = shift_share(table, **KEYS)
    sparse = shift_share(kind.make(table[table["jobs"] > 0]), **KEYS)
    pd.testing.assert_frame_equal(kind.show(sparse), full, check_dtype=False)


def test_nothing_at_the_start_is_all_entry(panel):
    out = shift_share(panel([[0, 0]], [[3, 4]]), **KEYS)
    assert out["entry"].tolist() == out["change"].tolist() == [3, 4]


def test_chained_adds_up_the_steps(panel, kind):
    middle = [[80, 45, 15, 50], [90, 40, 20, 45], [240, 130, 90, 310]]
    table = panel(BEFORE, middle, AFTER)
    chained = kind.show(shift_share(kind.make(table), **KEYS, chained=True))
    one, two = shift_share(table, **KEYS, end=2001), shift_share(table, **KEYS, start=2001)
    expected = one.set_index(["region", "industry"]) + two.set_index(["region", "industry"])
    pd.testing.assert_frame_equal(chained.set_index(["region", "industry"]), expected)
    direct = shift_share(table, **KEYS)
    np.testing.assert_allclose(chained["change"], direct["change"])
    assert not np.allclose(chained["regional"], direct["regional"])


arrays_of_two = arrays(
    int,
    st.tuples(st.just(3), st.integers(1, 4), st.integers(1, 4)),
    elements=st.integers(0, 20),
)


@settings(derandomize=True, max_examples=8, deadline=None)
@given(arrays_of_two, st.sampled_from(["classic", "esteban-marquillas"]), st.booleans())
def test_components_add_up_per_cell_and_to_the_nation(cube, form, chained):
    year, row, column = np.indices(cube.shape)
    table = pd.DataFrame({"year": year.ravel(), "region": row.ravel(), "industry": column.ravel()})
    table["jobs"] = cube.ravel()
    out = shift_share(table, **KEYS, form=form, chained=chained)
    parts = out.drop(columns=["region", "industry", "change"])
    np.testing.assert_allclose(parts.sum(axis=1), out["change"], atol=1e-9)
    np.testing.assert_allclose(out["change"].sum(), cube[2].sum() - cube[0].sum())
    if form == "classic":
        np.testing.assert_allclose(out.groupby("industry")["regional"].sum(), 0, atol=1e-9)
        if cube[0].sum() and not chained:
            grown = out["national"].sum()
            np.testing.assert_allclose(grown, cube[2].sum() - cube[0].sum(), atol=1e-9)


def test_periods_must_exist_and_be_in_order(panel):
    table = panel(BEFORE, AFTER)
    with pytest.raises(UnknownNameError, match="no period '1999'") as caught:
        shift_share(table, **KEYS, start=1999)
    assert "2000, 2001" in str(caught.value)
    with pytest.raises(MeasureError, match="start 2001 is not before the end 2000"):
        shift_share(table, **KEYS, start=2001, end=2000)
    with pytest.raises(MeasureError, match="not before") as caught:
        shift_share(panel(BEFORE), **KEYS)
    assert "one period only" in str(caught.value)


def test_repeated_cells_can_be_summed(panel):
    table = panel(BEFORE, AFTER)
    with pytest.raises(DataError, match="has 2 rows"):
        shift_share(pd.concat([table, table]), **KEYS)
    out = shift_share(pd.concat([table, table]), **KEYS, duplicates="sum")
    np.testing.assert_allclose(out["change"], 2 * shift_share(table, **KEYS)["change"])


def test_an_empty_table_says_so(panel):
    with pytest.raises(MeasureError, match="no rows"):
        shift_share(panel([[1, 2], [3, 4]]).iloc[:0], **KEYS)
