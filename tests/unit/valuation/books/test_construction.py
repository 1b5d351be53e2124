"""Interest during construction."""

import numpy as np
import pytest

from valuation.books.construction import capitalised_interest


def test_interest_on_thirty_million_for_four_months() -> None:
    """30 million at 6 %: 600,000."""
    assert float(capitalised_interest(np.full(4, 30e6), 0.06)) == pytest.approx(600_000)


def test_money_spent_bit_by_bit_bears_less() -> None:
    """10, 20 and 30 million in three months: 20 on average."""
    assert float(capitalised_interest(np.array([10e6, 20e6, 30e6]), 0.12)) == pytest.approx(20e6 * 0.12 * 3 / 12)


def test_nothing_under_construction_bears_nothing() -> None:
    assert float(capitalised_interest(np.ones(0), 0.06)) == 0.0
