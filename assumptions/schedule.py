"""Schedules of purchases: rows of a table, checked one by one and against each other."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assumptions.files import FORMULA_STARTS, Table, read_csv, read_xlsx
from assumptions.messages import error, nearest
from assumptions.months import FIRST_MONTH, LAST_MONTH, read_month
from assumptions.schema import STATUSES, Generation, ScheduleRow
from valuation.errors import AssumptionError

SEPARATORS = {";", "\t", "|"}
"""What other tables part columns with."""

SCHEDULE_FILES = ("schedule.csv", "schedule.xlsx")


@dataclass(frozen=True)
class Column:
    """A column of the schedule.

    Parameters
    ----------
    unit : str
        Unit or kind.
    label : str
        Meaning.
    lowest, highest : float
        Allowed range of a number.
    """

    unit: str
    label: str
    lowest: float = 0.0
    highest: float = 1e13


COLUMNS: dict[str, Column] = {
    "purchase": Column("month", "month of purchase, or quarter YYYYQn (its middle month)"),
    "asset_class": Column("text", "class of assets in the books"),
    "generation": Column("text", "part of the roadmap; empty for rows in dollars"),
    "units": Column("devices", "devices bought", 0.0, 1e9),
    "unit_cost_usd": Column("USD per device", "cost of a device; that of its generation if empty", 0.01, 1e9),
    "capex_usd": Column("USD", "capital expenditure"),
    "capex_low_usd": Column("USD", "low end of a guided range"),
    "capex_high_usd": Column("USD", "high end of a guided range"),
    "share": Column("share", "servers' share of the row; the assumption if empty", 0.0, 1.0),
    "in_service": Column("month", "month of service; purchase plus lag if empty"),
    "retired": Column("month", "month of retirement, if scheduled"),
    "sale_proceeds_usd": Column("USD", "proceeds of all units at that retirement"),
    "status": Column("text", "one of " + ", ".join(STATUSES)),
    "source": Column("text", "where the row comes from"),
}
REQUIRED = ("purchase", "asset_class", "status")


def find_schedule(folder: Path) -> Path | None:
    """Schedule file of a folder, if there is one.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of a case.
    """
    found = [folder / name for name in SCHEDULE_FILES if (folder / name).is_file()]
    if len(found) > 1:
        raise error(folder.resolve().name, "two schedules, a CSV and a workbook", "one of them", "delete the other")
    others = [*folder.glob("schedule.xls"), *folder.glob("schedule.xlsm"), *folder.glob("schedule.ods")]
    return found[0] if found else next(iter(others), None)


def read_schedule(path: Path, silicon: dict[str, Generation]) -> tuple[ScheduleRow, ...]:
    """Rows of a schedule file.

    Parameters
    ----------
    path : pathlib.Path
        CSV or XLSX.
    silicon : dict
        Known generations.

    Raises
    ------
    AssumptionError
        Naming the first bad row and column, and how many further rows are bad.
    """
    table = read_csv(path) if path.suffix.lower() == ".csv" else read_xlsx(path)
    if not table:
        raise error(path.name, "the schedule is empty", "a header and at least one row", "add a purchase")
    header = _header(path, table[0])
    if len(table) == 1:
        raise error(path.name, "the schedule has no rows", "at least one row", "add a purchase")
    rows = _rows(path, header, table[1:], silicon)
    _check_repeats(path, table[1:], rows)
    return rows


def _header(path: Path, first: tuple[int, list[str]]) -> list[str]:
    names = [name.strip() for name in first[1]]
    while names and not names[-1]:
        names.pop()
    for name in names:
        if name not in COLUMNS:
            remedy = "separate the columns with commas" if SEPARATORS & set(name) else nearest(name, COLUMNS)
            raise error(f"{path.name} row {first[0]}", f"unknown column {name!r}", "a known column", remedy)
        if names.count(name) > 1:
            raise error(f"{path.name} row {first[0]}", f"column {name!r} stands twice", "each once", "delete one")
    for name in REQUIRED:
        if name not in names:
            raise error(f"{path.name} row {first[0]}", f"no column {name!r}", ", ".join(COLUMNS), "add it")
    return names


def _rows(path: Path, header: list[str], table: Table, silicon: dict[str, Generation]) -> tuple[ScheduleRow, ...]:
    """Rows, or the first error with the number of further bad rows."""
    rows: list[ScheduleRow] = []
    failures: list[AssumptionError] = []
    for number, cells in table:
        try:
            rows.append(_row(f"{path.name} row {number}", header, cells, silicon))
        except AssumptionError as failure:
            failures.append(failure)
    if failures:
        more = len(failures) - 1
        raise AssumptionError(f"{failures[0]}" + (f" (and {more} more bad rows)" if more else ""))
    return tuple(rows)


def _row(place: str, header: list[str], cells: list[str], silicon: dict[str, Generation]) -> ScheduleRow:
    if len([cell for cell in cells[len(header) :] if cell.strip()]):
        raise error(place, f"{len(cells)} cells under {len(header)} columns", "as many", "quote commas in texts")
    values: dict[str, Any] = {}
    for name, cell in zip(header, cells, strict=False):
        values[name] = _value(f"{place} column {name}", COLUMNS[name], cell)
    for name in REQUIRED:
        if values.get(name) is None:
            raise error(f"{place} column {name}", "the cell is empty", COLUMNS[name].label, "fill it in")
    if values["status"] not in STATUSES:
        status = values["status"]
        raise error(f"{place} column status", f"{status!r} is unknown", ", ".join(STATUSES), nearest(status, STATUSES))
    values = {name: value for name, value in values.items() if value is not None}
    row = ScheduleRow(**values)
    for check in _CHECKS:
        check(place, row, silicon)
    return row


def _value(place: str, column: Column, cell: str) -> str | float | None:
    """Value of a cell in the kind of its column, or None where it is empty."""
    text = cell.strip(" ")
    if not text.strip():
        return None
    number = _number(text)
    bare = text.strip()
    if number is None and (text.startswith(FORMULA_STARTS) or bare.startswith(FORMULA_STARTS)):
        raise error(place, f"{text[:40]!r} looks like a formula", "a value", f"do not start it with {bare[0]!r}")
    if column.unit == "month":
        month = read_month(text)
        if month is None:
            allowed = f"YYYY-MM or YYYYQn from {FIRST_MONTH} to {LAST_MONTH}"
            raise error(place, f"{text[:40]!r} is not a month", allowed, "write it as 2026-09")
        return month
    if column.unit == "text":
        return bare
    allowed = f"a number from {column.lowest:.15g} to {column.highest:.15g} [{column.unit}]"
    if number is None:
        raise error(place, f"{text[:40]!r} is not a number", allowed, "write digits without separators or unit")
    if not math.isfinite(number):
        raise error(place, f"{text[:40]!r} is not finite", allowed, "write a finite number")
    if not column.lowest <= number <= column.highest:
        raise error(place, f"{text} is out of range", allowed, "change the value")
    return number


def _number(text: str) -> float | None:
    try:
        # Python also reads 1_000, which no spreadsheet writes.
        return None if "_" in text else float(text)
    except ValueError:
        return None


def _check_kind(place: str, row: ScheduleRow, silicon: dict[str, Generation]) -> None:
    """Units of a priced generation, or dollars, and not both."""
    dollars = (row.capex_usd, row.capex_low_usd, row.capex_high_usd)
    in_dollars = any(amount is not None for amount in dollars)
    if in_dollars == (row.units is not None):
        what = "both units and dollars" if in_dollars else "neither units nor dollars"
        raise error(place, what, "units with a generation, or capex_usd", "fill in one of the two")
    if in_dollars:
        for name in ("generation", "unit_cost_usd"):
            if getattr(row, name) is not None:
                raise error(f"{place} column {name}", "filled in a row in dollars", "an empty cell", "clear it")
        return
    if row.generation is None:
        raise error(f"{place} column generation", "the cell is empty", "a known generation", "fill it in")
    if row.generation not in silicon:
        remedy = nearest(row.generation, silicon)
        raise error(f"{place} column generation", f"{row.generation!r} is unknown", "a known generation", remedy)
    if not silicon[row.generation].priced:
        what = f"{row.generation!r} has no cost, power or service"
        remedy = f"add them under [silicon.{row.generation!r}] in case.toml"
        raise error(f"{place} column generation", what, "a generation with all three", remedy)


def _check_dollars(place: str, row: ScheduleRow, _silicon: dict[str, Generation]) -> None:
    """One amount, or a range in order."""
    low, high = row.capex_low_usd, row.capex_high_usd
    if (low is None) != (high is None):
        raise error(place, "only one end of the guided range", "both or none", "fill in the other end")
    if low is not None and high is not None:
        if row.capex_usd is not None:
            raise error(f"{place} column capex_usd", "an amount beside a range", "one of the two", "clear one")
        if low > high:
            raise error(f"{place} column capex_low_usd", f"{low:.15g} lies above {high:.15g}", "low first", "swap them")


def _check_dates(place: str, row: ScheduleRow, _silicon: dict[str, Generation]) -> None:
    """Purchase, then service, then retirement; an opening stock was in service before it was counted."""
    if row.in_service is not None:
        late = row.in_service > row.purchase if row.status == "opening" else row.in_service < row.purchase
        if late:
            order = "not after the date of the stock" if row.status == "opening" else "not before the purchase"
            what = f"{row.in_service} is out of order with purchase {row.purchase}"
            raise error(f"{place} column in_service", what, order, "correct one of the months")
    elif row.status == "opening":
        what = "the cell is empty in an opening row"
        raise error(f"{place} column in_service", what, "the mean month of service of the stock", "fill it in")
    if row.retired is not None and row.retired <= (row.in_service or row.purchase):
        what = f"{row.retired} is out of order with service {row.in_service or row.purchase}"
        raise error(f"{place} column retired", what, "a month after service", "correct one of the months")
    if row.sale_proceeds_usd is not None and row.retired is None:
        raise error(f"{place} column sale_proceeds_usd", "proceeds without a retirement", "a retired month", "add it")


_CHECKS: Sequence[Callable[[str, ScheduleRow, dict[str, Generation]], None]] = (
    _check_kind,
    _check_dollars,
    _check_dates,
)


def _check_repeats(path: Path, table: Table, rows: tuple[ScheduleRow, ...]) -> None:
    """One cohort for each purchase month, class and generation."""
    seen: dict[tuple[str, str, str | None], int] = {}
    for (number, _), row in zip(table, rows, strict=True):
        key = (row.purchase, row.asset_class, row.generation)
        if key in seen:
            what = f"the same cohort ({', '.join(part or 'dollars' for part in key)}) as row {seen[key]}"
            raise error(f"{path.name} row {number}", what, "one row for each", "add the two up or name another class")
        seen[key] = number
