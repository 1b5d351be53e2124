from __future__ import annotations

import pytest

from assumptions.door.months import between, is_month, last_year_end_before, read_month, shifted


@pytest.mark.parametrize(
    ("text", "month"),
    [
        ("2026-09", "2026-09"),
        ("2019Q1", "2019-02"),
        ("2026Q4", "2026-11"),
        ("2026-9", None),
        ("1889-01", None),
        ("", None),
    ],
)
def test_quarters_stand_for_their_middle_month(text: str, month: str | None) -> None:
    assert read_month(text) == month


def test_months_move_across_years() -> None:
    assert shifted("2026-11", 3) == "2027-02"
    assert shifted("2026-01", -1) == "2025-12"
    assert between("2018-12", "2026-09") == 93
    assert shifted("2018-12", 93) == "2026-09"


@pytest.mark.parametrize(
    ("month", "closing", "end"),
    [("2019-02", 12, "2018-12"), ("2018-12", 12, "2017-12"), ("2019-07", 6, "2019-06"), ("2019-06", 6, "2018-06")],
)
def test_year_end_before_a_month(month: str, closing: int, end: str) -> None:
    assert last_year_end_before(month, closing) == end


@pytest.mark.parametrize("thing", [202609, None, "2026-00", "2026-09-01", "abcd-01", "\uff12\uff10\uff12\uff16-09"])
def test_other_things_are_no_months(thing: object) -> None:
    assert not is_month(thing)
