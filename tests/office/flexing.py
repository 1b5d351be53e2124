"""Inputs changed in the open workbook, and the same changes run by the engine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from random import Random

from assumptions import AssumptionRow, load_case, run_case
from assumptions.cases.listing import Scalar
from assumptions.cases.overlay import apply_overrides
from assumptions.chapters.schema import Case
from assumptions.door.months import from_serial, is_month, serial
from assumptions.runs import PLANNING_DECLINE
from reports.excel.plan.drivers import input_name
from reports.excel.plan.layout import CONSTANT, FIRST_ROW, LABEL, NOTE, UNIT, Context
from reports.excel.plan.outline import CASH, DEVICES, ECONOMIC, LANDINGS, MARKET, PLAN, PURCHASES, SILICON, WORTH
from reports.excel.writing.writer import Placed
from reports.record.compose import compose
from tests.office.comparing import on_sheets
from tests.office.conftest import untabled
from tests.office.recorded import Place, cells_of, recorded, recorded_chain
from valuation.errors import AssumptionError

SHEETS = (PLAN, SILICON, LANDINGS, PURCHASES, MARKET, DEVICES, WORTH, ECONOMIC, CASH)
"""Sheets whose cells follow the inputs from the as-of date on."""
BY_LABEL = frozenset({PLAN, MARKET, WORTH, ECONOMIC, CASH})
"""Sheets whose rows stand elsewhere where fewer scenarios are run."""
COMPANY = ("formats_strand", "fragile_parts", "growth_continues", "power_limited", "repairs_and_warranty")
"""Scenarios that add rows: with them in the run, every row of the workbook with all scenarios is there."""
STEP, WIDE, MONTHS = 0.05, 0.1, 3
MISSING = Placed("missing")
Changes = dict[str, Scalar]
Title = tuple[str, str, str, int]


@dataclass(frozen=True)
class Exported:
    """A workbook of a bundled case as it was exported, and what the engine says of it when inputs change."""

    name: str

    @cached_property
    def case(self) -> Case:
        return load_case(self.name)

    @cached_property
    def context(self) -> Context:
        return recorded(untabled(self.name))

    @cached_property
    def cells(self) -> dict[Place, Placed]:
        """Formulas of the sheets that follow, but for the flags in their heads and the numbers of series picked."""
        found = on_sheets(cells_of(self.context), SHEETS)
        return {
            place: placed for place, placed in found.items() if placed.role != "state" and not _picks(place, placed)
        }

    @property
    def scenarios(self) -> list[str]:
        return [scenario.name for scenario in self.context.report.scenarios]

    @cached_property
    def followed(self) -> list[AssumptionRow]:
        """Inputs that values follow from the as-of date on."""
        return [row for row in self.context.report.assumptions if self.context.chain.follows(row.key)]

    def followed_under(self, scenario: str) -> list[AssumptionRow]:
        """Those that values follow also under a scenario, which may strand devices or make places scarce."""
        chain, case = self.context.chain, self.scenarios.index(scenario)
        strands, scarce = any(chain.strands(part, case) for part in chain.priced), chain.has_scarce_places(case)
        needing = [
            row
            for row in self.followed
            if (strands and chain.moves_stranded_rents(row.key, in_base=False))
            or (scarce and chain.moves_scarce_places(row.key))
        ]
        return [row for row in self.followed if row not in needing]

    def accepts(self, changes: Mapping[str, Scalar]) -> bool:
        """Whether the schema of cases takes the changed values."""
        try:
            apply_overrides(self.case, list(changes.items()))
        except AssumptionError:
            return False
        return True

    def typed(self, changes: Mapping[str, Scalar], scenario: str) -> dict[str, float | str]:
        """What to type into which cells."""
        cells: dict[str, float | str] = {"sc_name": scenario}
        for key, value in changes.items():
            assert isinstance(value, int | float | str)
            cells[input_name(key)] = value
        return cells

    def restored(self, changes: Iterable[str]) -> Changes:
        """What undoes changes."""
        values = {row.key: row.value for row in self.context.report.assumptions}
        return {key: values[key] for key in changes}

    def expected(self, changes: Mapping[str, Scalar], scenario: str) -> dict[Place, Placed]:
        """What the engine gives, at the places of the exported workbook; the planned decline is held as exported."""
        held = self.restored([PLANNING_DECLINE]) | dict(changes)
        names = [name for name in self.scenarios[1:] if name in (*COMPANY, scenario)]
        run = run_case(self.case, names, list(held.items()), self.context.months)
        shown = run.scenario_names.index(scenario)
        context = recorded_chain(compose(run), shown, self.context.chain.landings)
        rows = {sheet: _rows(self.context, context, sheet) for sheet in SHEETS}
        found: dict[Place, Placed] = {}
        for (sheet, row, column), placed in self.cells.items():
            other = context.book.cells[sheet].get((rows[sheet].get(row, -1), column), MISSING)
            found[sheet, row, column] = other._replace(kind=placed.kind)
        return found


def _picks(place: Place, placed: Placed) -> bool:
    """Whether a cell numbers the series picked, of which there are fewer where fewer scenarios are run."""
    return place[0] in BY_LABEL and place[2] == CONSTANT and placed.kind == "count"


def _rows(here: Context, there: Context, sheet: str) -> dict[int, int]:
    """Rows of a sheet in another workbook: the same, or those of the same label, unit and measure."""
    if sheet not in BY_LABEL:
        return {row: row for row, _ in here.book.cells[sheet]}
    known = {title: row for row, title in _titles(there, sheet).items()}
    moved = {row: known[title] for row, title in _titles(here, sheet).items() if title in known}
    return moved | {row: row for row in range(FIRST_ROW)}


def _titles(context: Context, sheet: str) -> dict[int, Title]:
    """What tells the rows of a sheet apart: label, unit, measure where it is no status, and how many came before."""
    seen: Counter[tuple[str, str, str]] = Counter()
    found = {}
    cells = context.book.cells[sheet]
    for row in sorted({row for row, _ in cells}):
        label, unit, note = (str(cells.get((row, at), MISSING).value) for at in (LABEL, UNIT, NOTE))
        if cells.get((row, LABEL), MISSING).formula:
            label = ""  # a name that itself follows the inputs: such rows keep their order
        title = (label, unit, note if sheet == WORTH else "")
        found[row] = (*title, seen[title])
        seen[title] += 1
    return found


def ends(row: AssumptionRow) -> list[Scalar]:
    """Low and high of an input, or a step to either side of its value; neither is its value."""
    found = [span(row, STEP)[0], span(row, STEP)[1]]
    return [end for end in dict.fromkeys(found) if end != row.value]


def span(row: AssumptionRow, step: float) -> tuple[Scalar, Scalar]:
    """Range of an input; where an end is not given, a share of its value or whole months away from it."""
    value = row.value
    around: tuple[Scalar, Scalar]
    if isinstance(value, str):
        assert is_month(value)
        around = (from_serial(serial(value) - MONTHS), from_serial(serial(value) + MONTHS))
    else:
        assert isinstance(value, int | float)
        if is_whole(row):
            moved = max(1.0, round(step * value))
            around = (max(0.0, value - moved), value + moved)
        else:
            around = (value * (1 - step), value * (1 + step)) if value else (0.0, step)
    return (around[0] if row.low is None else row.low), (around[1] if row.high is None else row.high)


def is_whole(row: AssumptionRow) -> bool:
    """Whether an input counts months."""
    return row.unit == "months"


def drawn(row: AssumptionRow, random: Random) -> Scalar:
    """A value within the range of an input; months stay whole."""
    low, high = span(row, WIDE)
    if isinstance(low, str) and isinstance(high, str):
        return from_serial(random.randint(serial(low), serial(high)))
    assert isinstance(low, int | float)
    assert isinstance(high, int | float)
    if is_whole(row):
        return float(random.randint(round(low), round(high)))
    return random.uniform(low, high)


@cache
def exported(name: str) -> Exported:
    """The workbook of a case."""
    return Exported(name)
