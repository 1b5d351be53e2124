"""The input record: shapes, stacking, taking."""

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import column, neocloud, one, silicon
from valuation.errors import ShapeError
from valuation.inputs import Inputs


def test_wrong_number_of_axes_is_refused() -> None:
    with pytest.raises(ShapeError, match=r"SiliconInputs\.cost has 1 axes"):
        neocloud(silicon=silicon(cost=np.ones(4)))


def test_unequal_lengths_are_refused() -> None:
    with pytest.raises(ShapeError, match="axis G is"):
        neocloud(silicon=silicon(cost=np.ones((3, 1))))


def test_arrays_are_read_only() -> None:
    with pytest.raises(ValueError, match="read-only"):
        neocloud().fleet.units[0, 0] = 1.0


def test_stacking_keeps_what_is_equal_and_joins_what_differs() -> None:
    case = neocloud()
    other = replace(case, path=replace(case.path, delay=column(0, 0, 6, 6)))
    stack = Inputs.stack([case, other, case])
    assert stack.cases == 3
    assert stack.path.delay.shape == (4, 3)
    assert stack.outlook.delay.shape == (4, 1)
    back = stack.take(np.array([1]))
    assert back.cases == 1
    np.testing.assert_array_equal(back.path.delay, other.path.delay)


def test_cases_of_unlike_grids_are_not_stacked() -> None:
    case = neocloud()
    moved = replace(case, fleet=replace(case.fleet, in_service=case.fleet.in_service + 1))
    with pytest.raises(ShapeError, match="in_service"):
        Inputs.stack([case, moved])


def test_a_stack_of_terms_spreads_over_cases() -> None:
    case = neocloud()
    dear = replace(case, terms=replace(case.terms, scrap_share=one(0.1)))
    assert Inputs.stack([case, dear]).terms.scrap_share.tolist() == [0.02, 0.1]


def test_a_switch_that_differs_between_cases_is_refused() -> None:
    """Whether failures are written off belongs to the ledger, not to a scenario."""
    case = neocloud()
    other = replace(case, ledgers=tuple(replace(ledger, write_off_failures=False) for ledger in case.ledgers))
    with pytest.raises(ShapeError, match="write_off_failures"):
        Inputs.stack([case, other])
