"""A workbook beside the one that its inputs give: every cell, its formula and its stored value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isnan
from typing import Any, NamedTuple

from reports.excel.plan.layout import LABEL, Context
from reports.excel.plan.outline import AUDIT, OF_THE_RISK_RUN
from reports.excel.returned.answers import EPOCH_KINDS, as_written
from reports.excel.returned.foreign import Foreign, Seen, Spot
from reports.excel.writing.writer import Placed
from reports.record import manifest
from valuation.analysis.readings import USD_PER_MILLION
from valuation.errors import AssumptionError

RELATIVE = 1e-9  # of what is no amount of money
AMOUNTS, MILLIONS = ("usd", "residual", "rest"), ("million",)
VERSION = re.compile(r"[0-9][0-9A-Za-z.+!_-]{0,60}\Z")
SPACE = str.maketrans("", "", " \n\r\t")


class Difference(NamedTuple):
    """A cell that is not what the inputs give."""

    spot: Spot
    found: Any
    expected: Any
    is_formula: bool = False


@dataclass
class Comparison:
    """Cells of a workbook beside those that its inputs give.

    Attributes
    ----------
    cells, numbers : int
        Cells compared, and those of them that hold numbers.
    differences : list of Difference
        Values and formulas that are not those expected.
    largest : float
        Largest difference between two numbers of one cell, within tolerance or not.
    where : Spot or None
        Its cell.
    live, bare : int
        Formulas that have a result, and those of them without one in the file.
    """

    cells: int = 0
    numbers: int = 0
    differences: list[Difference] = field(default_factory=list)
    largest: float = 0.0
    where: Spot | None = None
    live: int = 0
    bare: int = 0

    @property
    def has_no_results(self) -> bool:
        """Whether no formula has a stored result at all, as after a program that does not calculate."""
        return 0 < self.live == self.bare

    @property
    def formulas_agree(self) -> bool:
        """Whether every formula is the one expected, and no cell holds a formula of its own."""
        return not any(difference.is_formula for difference in self.differences)


def compare(book: Foreign, context: Context, *, only_formulas: bool = False) -> Comparison:
    """Compare every cell and every name of a workbook with what its inputs give.

    Versions of packages are left out, for they tell of the machine and not of the run. So are the sheets of a risk run,
    which only drawing the paths again would give; a workbook without one that has such sheets has cells too many.

    Parameters
    ----------
    book : Foreign
        The workbook.
    context : Context
        Every cell as the program writes it.
    only_formulas : bool
        Whether to compare the values of live cells alone, as after a recalculation by another program.
    """
    result = Comparison()
    for sheet, cells in context.book.cells.items():
        exempt = _exempt(sheet, cells)
        if sheet not in book.sheets:
            result.differences.append(Difference(Spot(sheet, 0, 0), "no such sheet", sheet, is_formula=True))
            continue
        seen = book.cells(sheet)
        for (row, column), placed in cells.items():
            at = seen.get((row, column), Seen())
            if (only_formulas and not placed.formula) or ((row, column) in exempt and _is_version(at)):
                continue
            _compare_cell(result, Spot(sheet, row, column), at, placed, context, with_formula=not only_formulas)
        if not only_formulas:
            result.differences += _added(sheet, seen, cells)
    if not only_formulas:
        missing = [name for name in sorted(OF_THE_RISK_RUN) if context.drawn and name not in book.sheets]
        result.differences += [Difference(Spot(name, 0, 0), "no such sheet", name, is_formula=True) for name in missing]
        for name in book.sheets:
            if name not in context.book.cells and not (context.drawn and name in OF_THE_RISK_RUN):
                result.differences += _added(name, book.cells(name), {})
        result.differences += _renamed(book, context)
    return result


def _renamed(book: Foreign, context: Context) -> Iterator[Difference]:
    """Names that stand for other cells than the run's: a formula that bears one reads something else."""
    for name, place in context.book.names.items():
        ours = Spot(*place)
        try:
            found = book.find(name)
        except AssumptionError:
            found = None
        if found != ours:
            yield Difference(ours, f"{name} is {found or 'not one cell'}", f"{name} is {ours}", is_formula=True)


def _exempt(sheet: str, cells: Mapping[tuple[int, int], Placed]) -> frozenset[tuple[int, int]]:
    """Cells that tell of the machine: what stands beside the name of a package."""
    if sheet != AUDIT:
        return frozenset()
    packages = manifest.package_versions()
    rows = {row for (row, column), placed in cells.items() if column == LABEL and placed.value in packages}
    return frozenset((row, column) for row, column in cells if row in rows and column != LABEL)


def _is_version(seen: Seen) -> bool:
    """Whether a cell holds a version and nothing else."""
    return isinstance(seen.value, str) and not seen.formula and VERSION.match(seen.value) is not None


def _added(
    sheet: str, seen: Mapping[tuple[int, int], Seen], cells: Mapping[tuple[int, int], Placed]
) -> Iterator[Difference]:
    """Cells that the program leaves blank."""
    for (row, column), found in seen.items():
        if (row, column) not in cells and found.value not in (None, ""):
            yield Difference(Spot(sheet, row, column), found.formula or found.value, None, bool(found.formula))


def _compare_cell(
    result: Comparison, spot: Spot, seen: Seen, placed: Placed, context: Context, *, with_formula: bool
) -> None:
    if with_formula and _plain(seen.formula) != _plain(placed.formula):
        found = seen.formula or seen.value
        result.differences.append(Difference(spot, found, placed.formula or placed.value, is_formula=True))
        return
    result.cells += placed.value != ""
    value = as_written(seen, placed)
    result.live += bool(placed.formula) and placed.value != ""
    result.bare += bool(placed.formula) and placed.value != "" and value is None
    if isinstance(placed.value, str | bool):
        # TRUE equals 1 here, but not on the screen.
        if (value if value is not None else "") != placed.value or isinstance(value, bool) != isinstance(
            placed.value, bool
        ):
            result.differences.append(Difference(spot, value, placed.value))
        return
    result.numbers += 1
    apart = abs(value - placed.value) if _is_number(value) else inf
    if apart > _tolerance(placed, context):
        result.differences.append(Difference(spot, value, placed.value))
    if result.largest < apart < inf:
        result.largest, result.where = apart, spot


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not isnan(value)


def _plain(formula: str) -> str:
    """A formula without what programs add or drop when they save it."""
    return formula.removeprefix("=").translate(SPACE)


def _tolerance(placed: Placed, context: Context) -> float:
    """How far a number may be off: amounts by a share of the largest cost, everything else by one of itself."""
    amount = context.report.checks[0].tolerance
    if placed.kind in AMOUNTS:
        return amount
    if placed.kind in MILLIONS:
        return amount / USD_PER_MILLION
    assert isinstance(placed.value, int | float)
    return 0.0 if placed.kind in EPOCH_KINDS else RELATIVE * max(1.0, abs(placed.value))
