"""Exact bounds of withheld cells."""

import numpy as np
import pandas as pd
import pytest

from clusterkit.errors import DataError, MeasureError
from clusterkit.regional.withheld import location_quotient_bounds

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
