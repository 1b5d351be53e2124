"""Types of assumptions: ranges, wholeness, order, and what they carry for print."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from assumptions.chapters.schema import CHAPTERS, Case, Terms
from assumptions.door.provenance import Number
from assumptions.door.units import HOURS_PER_MONTH, AnnualRate, Fraction, Life, LogRate, MonthDate, rule_of

SOURCE = {"basis": "user", "source": "test"}


def number(kind: Any, **table: object) -> Number:
    """Value of a type."""
    made: object = TypeAdapter(kind).validate_python({**SOURCE, **table})
    assert isinstance(made, Number)
    return made


def test_a_month_has_730_hours() -> None:
    assert HOURS_PER_MONTH == 730.0


def test_whole_numbers_are_accepted_as_numbers() -> None:
    assert number(Fraction, value=1).value == 1.0
    assert number(Life, value=60.0).value == 60.0


@pytest.mark.parametrize("table", [{"value": 0.5, "low": 0.5, "high": 0.5}, {"value": 0.5, "low": 0.1}])
def test_ends_may_be_equal_or_absent(table: dict[str, float]) -> None:
    assert number(Fraction, **table).value == 0.5


@pytest.mark.parametrize(
    "table",
    [
        {"value": 1.1},
        {"value": 0.5, "low": 0.6},
        {"value": 0.5, "high": 0.4},
        {"value": 0.5, "low": -0.1},
        {"value": 0.5, "high": float("inf")},
        {"value": 0.5, "high": "0.6"},
        {"value": None},
        {},
    ],
)
def test_values_out_of_range_or_order_are_refused(table: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="allowed is"):
        number(Fraction, **table)


def test_rates_of_different_kind_are_different_types() -> None:
    assert AnnualRate != LogRate
    with pytest.raises(ValidationError):
        number(AnnualRate, value=-0.9)
    assert number(LogRate, value=-0.9).value == -0.9


def test_months_must_be_in_order() -> None:
    adapter = TypeAdapter(MonthDate)
    assert adapter.validate_python({**SOURCE, "value": "2026-12", "low": "2026-09"}).value == "2026-12"
    with pytest.raises(ValidationError, match="does not lie between"):
        adapter.validate_python({**SOURCE, "value": "2026-12", "high": "2026-09"})


def test_records_are_frozen(meta: Case) -> None:
    scrap: Any = meta.terms.scrap_share_of_cost
    with pytest.raises(ValidationError, match="frozen"):
        scrap.value = 1.0


def test_every_field_carries_its_unit() -> None:
    rules = {name: rule_of(field) for name, field in Terms.model_fields.items()}
    assert None not in rules.values()
    decline = rules["planning_decline_log_per_year"]
    assert decline is not None
    assert decline.name == "log per year"


def test_every_scalar_of_the_base_has_a_source(neocloud: Case) -> None:
    for chapter in CHAPTERS[:4]:
        for name, found in getattr(neocloud, chapter):
            assert found is None or (found.source and found.basis), name
            if found is not None and found.basis not in ("judgement", "derived"):
                assert found.url.startswith("https://"), name
