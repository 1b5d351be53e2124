"""Words that screen and workbook share of a risk run."""

from __future__ import annotations

import pytest

from reports.record.risk_words import between


@pytest.mark.parametrize(
    ("low", "high", "unit", "words"),
    [
        (None, None, "months", "all"),
        (None, -1.0, "months", "below -1 months"),
        (1.0, 4.0, "months", "1 to 4 months"),
        (4.0, None, "months", "4 months or more"),
        (4.0, None, "", "4 or more"),
        (None, 1.0, "", "below 1"),
    ],
)
def test_ends_of_a_range_are_told_with_their_unit(low: float | None, high: float | None, unit: str, words: str) -> None:
    assert between(low, high, "{:g}".format, unit) == words
