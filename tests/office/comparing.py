"""Cells of an open workbook against those that the engine gives, each within what two programs may differ by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from reports.excel.writing.writer import Placed
from reports.record.report import Report
from tests.office.office import Value, Values
from tests.office.recorded import Place

RELATIVE = 1e-9
AMOUNTS = frozenset({"usd", "residual", "rest"})
"""Kinds of cells that hold amounts of the fleet; they are judged against the largest cost of a cohort."""


@dataclass(frozen=True)
class Difference:
    """A cell in which the two programs do not agree: where, the engine's value, the office's."""

    place: Place
    ours: object
    theirs: object


@dataclass
class Comparison:
    """What a comparison found.

    Attributes
    ----------
    numbers : int
        Numeric cells compared.
    amounts, others : float
        Largest difference of amounts, as a share of the largest cost, and of other numbers.
    different : list of Difference
        Cells beyond what is allowed.
    """

    numbers: int = 0
    amounts: float = 0.0
    others: float = 0.0
    different: list[Difference] = field(default_factory=list)

    def add(self, other: Comparison) -> None:
        """Take another one in."""
        self.numbers += other.numbers
        self.amounts, self.others = max(self.amounts, other.amounts), max(self.others, other.others)
        self.different += other.different

    def __str__(self) -> str:
        words = f"{self.numbers:,} numbers, amounts {self.amounts:.1e}, others {self.others:.1e}"
        return f"{words}, {len(self.different)} differ: {self.sheets}" if self.different else words

    @property
    def sheets(self) -> dict[str, int]:
        """Cells that differ, by sheet."""
        found: dict[str, int] = {}
        for each in self.different:
            found[each.place[0]] = found.get(each.place[0], 0) + 1
        return found


def largest_cost(report: Report) -> float:
    """Largest cost of a cohort in any scenario."""
    fleet = report.results.inputs.fleet
    return float((fleet.units * fleet.cost).max())


def compare(expected: Mapping[Place, Placed], found: Values, largest: float) -> Comparison:
    """Every cell expected against what was found.

    Parameters
    ----------
    expected : mapping
        What the engine says, by place.
    found : dict of lists
        Rows of each sheet.
    largest : float
        Largest cost of a cohort [USD].
    """
    result = Comparison()
    for place, placed in expected.items():
        theirs = value_at(found, place)
        ours = placed.value
        if isinstance(ours, str) or not isinstance(theirs, int | float):
            if ours != theirs:
                result.different.append(Difference(place, ours, theirs))
            continue
        result.numbers += 1
        size = abs(ours - theirs)
        if placed.kind in AMOUNTS:
            size /= largest
            result.amounts = max(result.amounts, size)
        else:
            size /= max(1.0, abs(ours))
            result.others = max(result.others, size)
        if not size <= RELATIVE:
            result.different.append(Difference(place, ours, theirs))
    return result


def value_at(found: Values, place: Place) -> Value | None:
    """Value of a cell; None where a sheet ends before it."""
    sheet, row, column = place
    rows = found.get(sheet, [])
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def on_sheets(cells: Mapping[Place, Placed], sheets: Iterable[str]) -> dict[Place, Placed]:
    """Cells of some sheets."""
    wanted = set(sheets)
    return {place: placed for place, placed in cells.items() if place[0] in wanted}
