"""What holds of purchases, leverage and lives for every fleet."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.properties.strategies import inputs
from valuation.analysis.expansion import capex_years, depreciation_after_growth, depreciation_share, growth_behind
from valuation.analysis.leverage import obsolescence
from valuation.engine import evaluate
from valuation.inputs import Inputs


@settings(max_examples=examples(60))
@given(inputs())
def test_replacement_and_expansion_are_all_that_is_bought(case: Inputs) -> None:
    results = evaluate(case)
    found = capex_years(results)
    np.testing.assert_allclose(found.replacement + found.expansion, found.capex, rtol=1e-12, atol=1e-3)
    assert found.capex.sum() == results.cash.capital_expenditure.sum() or np.isclose(
        found.capex.sum(), results.cash.capital_expenditure.sum(), rtol=1e-12
    )
    assert (found.replacement >= 0.0).all()
    for replaced in found.replacement_by_life.values():
        assert (replaced >= 0.0).all()
    for name, part in found.depreciation_share.items():
        assert (np.isnan(part) == (found.capex <= 0.0)).all(), name


@settings(max_examples=examples(60))
@given(inputs())
def test_quasi_rents_fall_no_slower_than_rents(case: Inputs) -> None:
    """Running cost does not fall with the rent, so a fall of the rent takes at least its share of the quasi-rent."""
    found = obsolescence(evaluate(case))
    known = ~np.isnan(found.rent_lost) & ~np.isnan(found.quasi_rent_lost)
    falls = known & (found.rent_lost >= 0.0)
    assert (found.quasi_rent_lost[falls] >= found.rent_lost[falls] - 1e-12).all()
    stopped = found.quasi_rent_lost[known] > 1.0
    beyond = (1.0 - found.rent_lost) < found.shutdown_share
    np.testing.assert_array_equal(stopped, beyond[known])


@settings(max_examples=examples(200))
@given(st.floats(-0.5, 3.0), st.integers(1, 20), st.floats(0.0, 25.0))
def test_the_ratio_moves_from_the_growing_one_to_one(growth: float, life: int, since: float) -> None:
    rate, length = np.array(growth), np.array(float(life))
    start = float(depreciation_share(rate, length))
    later = float(depreciation_after_growth(rate, length, np.array(since)))
    assert min(start, 1.0) - 1e-9 <= later <= max(start, 1.0) + 1e-9
    assert since < life or later == 1.0


@settings(max_examples=examples(100))
@given(st.floats(0.01, 3.0), st.integers(2, 15))
def test_growth_is_read_back_from_the_ratio(growth: float, life: int) -> None:
    share = float(depreciation_share(np.array(growth), np.array(float(life))))
    assert np.isclose(growth_behind(share, float(life)), growth, rtol=1e-6)
