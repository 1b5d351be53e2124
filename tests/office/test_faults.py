"""One formula broken on each live sheet, one link, one check: the comparison with the engine sees every one of them.

What the checks within the workbook see by themselves is held here too. They do not see what moves no value: a step
of a landing, or the entry rent of a part, that leaves the rents of the run as they are.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from reports.excel.plan.layout import ALL_PASS, FIRST, OPENING, Context
from reports.excel.plan.outline import BOOKS, CASH, CHECKS, DEVICES, DRIVERS, ECONOMIC, LANDINGS, MARKET, SILICON, WORTH
from reports.excel.sheets.parts import RUNNING
from tests.office.comparing import compare, largest_cost
from tests.office.conftest import untabled
from tests.office.office import Office
from tests.office.recorded import Place, cells_of, recorded

pytestmark = [pytest.mark.office, pytest.mark.slow]

NAME = "neocloud"
Poisoned = Callable[[str], Path]


class Fault(NamedTuple):
    """A formula to break: where, what is put behind it, and whether the workbook's own checks see it."""

    find: Callable[[Context], Place]
    suffix: str
    seen: bool


@cache
def laid_out() -> Context:
    """The workbook as the engine has it."""
    return recorded(untabled(NAME))


def placed(key: str, column: int | None = None) -> Callable[[Context], Place]:
    """A remembered cell, or another column of its row."""

    def find(context: Context) -> Place:
        sheet, row, at = context.places[key]
        return sheet, row, at if column is None else column

    return find


def cohort(key: str) -> Callable[[Context], Place]:
    """A cell of the cohort whose devices are worth most at the as-of date."""

    def find(context: Context) -> Place:
        values = {each: context.chain.device_path("unit_value_in_use", each)[0] for each in context.order}
        return placed(key.format(max(values, key=lambda each: float(values[each]))))(context)

    return find


def check(context: Context) -> Place:
    """The formula of the first check of amounts."""
    rows = [row for (row, column), cell in context.book.cells[CHECKS].items() if column == 3 and cell.formula]
    return CHECKS, max(rows), 3


FAULTS = {
    "Drivers link": Fault(placed("base terms.required_return_annual"), "+0.01", seen=True),
    "Silicon running cost": Fault(placed("part 1 running shown", RUNNING), "+1000", seen=True),
    "Silicon entry rent": Fault(placed("part 1 entry 0 shown"), "*1.5", seen=False),
    "Landings step": Fault(placed("rent step 0 shown"), "+0.1", seen=False),
    "Market rent": Fault(placed("market rent 0", FIRST), "*1.1", seen=True),
    "Market rent now": Fault(placed("market rent 0", OPENING), "*1.1", seen=True),
    "Devices scrap": Fault(cohort("device {} scrap"), "+1", seen=True),
    "Worth value": Fault(cohort("use {}"), "*1.1", seen=True),
    "Books charge": Fault(placed("depreciation three_year", FIRST), "+1000000", seen=True),
    "Economic sum": Fault(placed("economic value", FIRST), "+1000000", seen=True),
    "Cash sum": Fault(placed("npv"), "+1000000", seen=True),
    "check": Fault(check, "+1000000000", seen=True),
}
SHEETS = {DRIVERS, SILICON, LANDINGS, MARKET, DEVICES, WORTH, BOOKS, ECONOMIC, CASH, CHECKS}


def test_a_fault_on_every_live_sheet() -> None:
    assert {fault.find(laid_out())[0] for fault in FAULTS.values()} == SHEETS


@pytest.mark.parametrize("name", FAULTS)
def test_a_broken_formula_is_seen(name: str, office: Office, poisoned: Poisoned) -> None:
    fault, context = FAULTS[name], laid_out()
    place, names = fault.find(context), office.open(poisoned(NAME))
    sound = office.formula(*place)
    assert sound.startswith("=")
    office.write(*place, f"=({sound[1:]}){fault.suffix}")
    result = compare(cells_of(context), office.sheets(names), largest_cost(context.report))
    assert place in [each.place for each in result.different]
    master = office.cell(*context.book.names["chk_master"])
    print(f"{name}: {result.sheets}, {master}")  # noqa: T201 - read with -s or on failure
    assert (master != ALL_PASS) is fault.seen
