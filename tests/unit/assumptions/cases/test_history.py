"""The packaged index, and the service ratios of the base recomputed from it."""

from __future__ import annotations

import math
from statistics import mean, stdev

import pytest

from assumptions.cases.history import index_rows, list_index
from assumptions.chapters.schema import Case
from assumptions.door.months import shifted

CHIPS = {"A100": "A100-80", "H200": "H200", "B200": "B200"}
AS_OF = "2026-09"


def monthly(chip: str) -> dict[str, float]:
    """Index of a chip by month."""
    return {row.month: row.usd_per_device_hour for row in index_rows() if row.chip == chip}


def test_the_index_starts_when_it_is_usable_and_has_no_gap(neocloud: Case) -> None:
    months = list(list_index(neocloud))
    assert months[0] == "2024-01"
    assert months == [shifted("2024-01", step) for step in range(33)]
    assert months[-1] == AS_OF


def test_values_of_the_index(neocloud: Case) -> None:
    index = list_index(neocloud)
    assert (index["2024-02"], index["2025-10"], index[AS_OF]) == (4.8425, 2.7293, 3.789)


@pytest.mark.parametrize("name", CHIPS)
def test_service_is_the_mean_log_ratio_of_the_twelve_months_before(neocloud: Case, name: str) -> None:
    part, reference = monthly(CHIPS[name]), monthly("H100-SXM")
    months = [shifted(AS_OF, -step) for step in range(1, 13)]
    ratios = [part[month] / reference[month] for month in months]
    found = neocloud.silicon[name].service_units
    assert found is not None
    logs = [math.log(ratio) for ratio in ratios]
    ends = [math.exp(mean(logs) + sign * stdev(logs)) for sign in (-1, 0, 1)]
    assert (found.low, found.value, found.high) == pytest.approx(ends, abs=1e-3)


def test_modelled_rent_of_b200_lies_among_the_list_rows(neocloud: Case) -> None:
    # Month-0 list rows of B200, widened by one standard deviation of the log ratio over twelve months.
    found = neocloud.silicon["B200"].service_units
    assert found is not None
    rent = list_index(neocloud)[AS_OF] * found.value
    assert 6.60 * math.exp(-0.072) < rent < 6.84 * math.exp(0.072)
    assert not 6.60 * math.exp(-0.072) < 0.70 * rent < 6.84 * math.exp(0.072)
