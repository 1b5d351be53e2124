"""Observed rents of a market of the case's own: a table beside the schedule, in place of the bundled index."""

from __future__ import annotations

from pathlib import Path

from assumptions.door.files import Table
from assumptions.door.messages import error
from assumptions.door.provenance import Confidence, Record
from assumptions.door.tables import Column, header, read_rows, values_of

RENTS_NAME = "rents"

COLUMNS: dict[str, Column] = {
    "month": Column("month", "month of the rent"),
    "usd_per_device_hour": Column("USD per device-hour", "list rent of the reference device", 1e-9, 1e6),
    "source": Column("text", "where the rent comes from"),
    "url": Column("text", "address of the source"),
    "confidence": Column("text", "high, medium or low", words=("high", "medium", "low")),
}
MOST_MONTHS = 2_000
"""Rows allowed: more than the months of the calendar."""
REQUIRED = ("month", "usd_per_device_hour", "source")


class ObservedRent(Record):
    """List rent of the reference device (one unit of service) in one month."""

    month: str
    usd_per_device_hour: float
    source: str
    url: str = ""
    confidence: Confidence = "low"


def read_rents(path: Path) -> tuple[ObservedRent, ...]:
    """Rents of a file, by month.

    Parameters
    ----------
    path : pathlib.Path
        CSV or XLSX.

    Raises
    ------
    AssumptionError
        Naming the row and the column.
    """
    table = read_rows(path, MOST_MONTHS)
    if len(table) < 2:
        raise error(path.name, "the table has no rows", "a header and at least one row", "add a month, or delete it")
    names = header(path, table[0], COLUMNS, REQUIRED)
    return tuple(sorted(_rows(path, names, table[1:]), key=lambda rent: rent.month))


def _rows(path: Path, names: list[str], table: Table) -> list[ObservedRent]:
    found: dict[str, ObservedRent] = {}
    rows: dict[str, int] = {}
    for number, cells in table:
        values = values_of(f"{path.name} row {number}", names, cells, COLUMNS, REQUIRED)
        rent = ObservedRent.model_validate(values)
        if rent.month in found:
            what = f"{rent.month} stands in row {rows[rent.month]} already"
            raise error(f"{path.name} row {number} column month", what, "each month once", "delete one")
        found[rent.month], rows[rent.month] = rent, number
    return list(found.values())
