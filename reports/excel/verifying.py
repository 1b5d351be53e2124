"""A workbook beside the one that its inputs give: every cell, its formula and its stored value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import inf, isnan
from typing import Any, NamedTuple

from reports import manifest
from reports.excel.answers import EPOCH_KINDS, as_written
from reports.excel.foreign import Foreign, Seen, Spot
from reports.excel.layout import LABEL, Context
from reports.excel.outline import AUDIT
from reports.excel.writer import Placed
from valuation.readings import USD_PER_MILLION

RELATIVE = 1e-9  # of what is no amount of money
AMOUNTS, MILLIONS = ("usd", "residual"), ("million",)
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
    """

    cells: int = 0
    numbers: int = 0
    differences: list[Difference] = field(default_factory=list)
    largest: float = 0.0
    where: Spot | None = None

    @property
    def formulas_agree(self) -> bool:
        """Whether every formula is the one expected, and no cell holds a formula of its own."""
        return not any(difference.is_formula for difference in self.differences)


def compare(book: Foreign, context: Context, *, only_formulas: bool = False) -> Comparison:
    """Compare every cell of a workbook with what its inputs give.

    Versions of packages are left out, for they tell of the machine and not of the run.

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
            if row in exempt or (only_formulas and not placed.formula):
                continue
            at = seen.get((row, column), Seen())
            _compare_cell(result, Spot(sheet, row, column), at, placed, context, with_formula=not only_formulas)
        if not only_formulas:
            result.differences += _added(sheet, seen, cells, exempt)
    if not only_formulas:
        for name in book.sheets:
            if name not in context.book.cells:
                result.differences += _added(name, book.cells(name), {}, frozenset())
    return result


def _exempt(sheet: str, cells: Mapping[tuple[int, int], Placed]) -> frozenset[int]:
    """Rows that tell of the machine."""
    if sheet != AUDIT:
        return frozenset()
    packages = manifest.package_versions()
    return frozenset(row for (row, column), placed in cells.items() if column == LABEL and placed.value in packages)


def _added(
    sheet: str, seen: Mapping[tuple[int, int], Seen], cells: Mapping[tuple[int, int], Placed], exempt: frozenset[int]
) -> Iterator[Difference]:
    """Cells that the program leaves blank."""
    for (row, column), found in seen.items():
        if (row, column) not in cells and row not in exempt and found.value not in (None, ""):
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
    if isinstance(placed.value, str | bool):
        if (value if value is not None else "") != placed.value:
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
