"""Schedules of purchases: rows of a table, checked one by one and against each other."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from assumptions.chapters.schema import STATUSES, ScheduleRow
from assumptions.chapters.silicon import Generation
from assumptions.door.files import Table
from assumptions.door.messages import error, nearest
from assumptions.door.tables import Column, header, read_rows, values_of
from valuation.errors import AssumptionError

SCHEDULE_NAME = "schedule"


COLUMNS: dict[str, Column] = {
    "purchase": Column("month", "month of purchase, or quarter YYYYQn (its middle month)"),
    "asset_class": Column("text", "class of assets in the books"),
    "site": Column("text", "site, for tests of impairment; one for all if empty"),
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
    "status": Column("text", "one of " + ", ".join(STATUSES), words=STATUSES),
    "source": Column("text", "where the row comes from"),
}
REQUIRED = ("purchase", "asset_class", "status")


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
    table = read_rows(path)
    if not table:
        raise error(path.name, "the schedule is empty", "a header and at least one row", "add a purchase")
    names = header(path, table[0], COLUMNS, REQUIRED)
    if len(table) == 1:
        raise error(path.name, "the schedule has no rows", "at least one row", "add a purchase")
    rows = _rows(path, names, table[1:], silicon)
    _check_repeats(path, table[1:], rows)
    return rows


def _rows(path: Path, names: list[str], table: Table, silicon: dict[str, Generation]) -> tuple[ScheduleRow, ...]:
    """Rows, or the first error with the number of further bad rows."""
    rows: list[ScheduleRow] = []
    failures: list[AssumptionError] = []
    for number, cells in table:
        try:
            rows.append(_row(f"{path.name} row {number}", names, cells, silicon))
        except AssumptionError as failure:
            failures.append(failure)
    if failures:
        more = len(failures) - 1
        raise AssumptionError(f"{failures[0]}" + (f" (and {more} more bad rows)" if more else ""))
    return tuple(rows)


def _row(place: str, names: list[str], cells: list[str], silicon: dict[str, Generation]) -> ScheduleRow:
    values: dict[str, Any] = values_of(place, names, cells, COLUMNS, REQUIRED)
    row = ScheduleRow(**values)
    for check in _CHECKS:
        check(place, row, silicon)
    return row


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
    """One cohort for each purchase month, class, generation and site."""
    seen: dict[tuple[str, str, str | None, str], int] = {}
    for (number, _), row in zip(table, rows, strict=True):
        key = (row.purchase, row.asset_class, row.generation, row.site)
        if key in seen:
            named = [row.purchase, row.asset_class, row.generation or "dollars", *([row.site] if row.site else [])]
            what = f"the same cohort ({', '.join(named)}) as row {seen[key]}"
            remedy = "add the two up, or name another class or site"
            raise error(f"{path.name} row {number}", what, "one row for each", remedy)
        seen[key] = number
