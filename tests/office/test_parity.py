"""The workbook recomputes what the engine found: every formula of every bundled case, in every scenario."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.office.comparing import Comparison, compare, largest_cost, value_at
from tests.office.conftest import untabled
from tests.office.office import Office
from tests.office.programs import POISON, live, read_cells
from tests.office.recorded import cells_of, recorded

pytestmark = [pytest.mark.office, pytest.mark.slow]

CASES = ("sample", "neocloud", "meta", "captive-asic", "etched-inference", "bitcoin-miner", "mainframes")
Poisoned = Callable[[str], Path]


@pytest.mark.parametrize("name", ["sample", "neocloud"])
def test_poisoned_results_do_not_survive(name: str, office: Office, poisoned: Poisoned) -> None:
    path = poisoned(name)
    stored = live(read_cells(path))
    assert len(stored) > 1000
    assert set(stored.values()) == {float(POISON)}
    found = office.sheets(office.open(path))
    places = cells_of(recorded(untabled(name)))
    assert len(places) == len(stored)
    assert [place for place in places if value_at(found, place) in (None, float(POISON))] == []


@pytest.mark.parametrize("name", CASES)
def test_every_formula_in_every_scenario(
    name: str, office: Office, poisoned: Poisoned, record_property: Callable[[str, object], None]
) -> None:
    report = untabled(name)
    sheets, total = office.open(poisoned(name)), Comparison()
    for case, scenario in enumerate(report.scenarios):
        office.type({"sc_name": scenario.name})
        result = compare(cells_of(recorded(report, case)), office.sheets(sheets), largest_cost(report))
        assert result.different[:5] == [], f"{scenario.name}: {result}"
        total.add(result)
    record_property("agreement", str(total))
    print(f"{name}: {len(report.scenarios)} scenarios, {total}")  # noqa: T201 - read with -s or on failure
