"""Bars of a waterfall, one after another."""

from __future__ import annotations

import numpy as np

from valuation.analysis.bars import walk

AMOUNTS = tuple(np.array(amount) for amount in ([5.0, 1.0], [2.0, 3.0], [-1.0, -1.0], [4.0, -1.0]))
TOTALS = (True, False, False, True)


def test_parts_lower_the_level_and_totals_stand_on_zero() -> None:
    found = walk(AMOUNTS, TOTALS)
    np.testing.assert_array_equal(found.start, [[0.0, 0.0], [5.0, 1.0], [3.0, -2.0], [0.0, 0.0]])
    np.testing.assert_array_equal(found.change, [[5.0, 1.0], [-2.0, -3.0], [1.0, 1.0], [4.0, -1.0]])
    np.testing.assert_array_equal(found.end, [[5.0, 1.0], [3.0, -2.0], [4.0, -1.0], [4.0, -1.0]])
    np.testing.assert_array_equal(found.top, [[5.0, 1.0], [5.0, 1.0], [4.0, -1.0], [4.0, 0.0]])
    np.testing.assert_array_equal(found.lowest, [3.0, -2.0])


def test_stacked_columns_fill_each_bar_on_its_side_of_zero() -> None:
    found = walk(AMOUNTS, TOTALS)
    blank, above, hollow, below = (part[:, 1] for part in found.stacked)
    np.testing.assert_array_equal(blank, [0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(above, [1.0, 1.0, 0.0, 0.0])
    np.testing.assert_array_equal(hollow, [0.0, 0.0, -1.0, 0.0])
    np.testing.assert_array_equal(below, [0.0, -2.0, -1.0, -1.0])
