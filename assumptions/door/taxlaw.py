"""Tax rules of the United States by date: rates, printed percentages, expensing and bonus depreciation."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import as_file, files

from assumptions.door.files import read_csv

FOLDER = "data/tax"
REAL_PROPERTY = 39
"""Class of buildings, years."""
BONUS_CLASSES = 20
"""Longest recovery period with bonus depreciation, years (IRC 168(k)(2)(A)(i)(I))."""
MID_QUARTER_THRESHOLD = 0.40
"""Share of the year's basis in its last quarter above which the mid-quarter convention holds (IRC 168(d)(3))."""
EARLIEST, LATEST = "0001-01-01", "9999-12-31"
"""Ends of a rule without a date: a run may reach beyond the months that may be written down."""


def _rows(name: str) -> Iterator[dict[str, str]]:
    with as_file(files("assumptions") / FOLDER / name) as path:
        table = read_csv(path)
    names = table[0][1]
    for _, cells in table[1:]:
        yield dict(zip(names, cells, strict=True))


@cache
def percentages() -> dict[tuple[int, str, int], tuple[float, ...]]:
    """Printed percentages as shares of the basis, by property class, convention and time of placement.

    The time of placement is the quarter under mid-quarter, the month under mid-month, and 0 under half-year.
    """
    found: dict[tuple[int, str, int], list[float]] = {}
    for row in _rows("macrs_tables.csv"):
        key = (int(row["property_class_years"]), row["convention"], int(row["placed"] or 0))
        found.setdefault(key, []).append(float(row["percent"]) / 100)
    return {key: tuple(shares) for key, shares in found.items()}


@cache
def property_classes() -> tuple[int, ...]:
    """Property classes with printed percentages, years."""
    return tuple(sorted({years for years, _, _ in percentages()}))


@cache
def _bonus() -> tuple[tuple[str, str, str, str, float], ...]:
    return tuple(
        (
            row["acquired_from"] or EARLIEST,
            row["acquired_to"] or LATEST,
            row["service_from"] or EARLIEST,
            row["service_to"] or LATEST,
            float(row["share"]),
        )
        for row in _rows("bonus.csv")
    )


@cache
def bonus_share(acquired: str, in_service: str, property_class: int) -> float:
    """Share of the basis deducted at once in the year of placement (IRC 168(k)).

    Parameters
    ----------
    acquired : str
        Date of the binding contract, YYYY-MM-DD.
    in_service : str
        Date of placement in service, YYYY-MM-DD.
    property_class : int
        Recovery period [years]; buildings get none.
    """
    if property_class > BONUS_CLASSES:
        return 0.0
    for acquired_from, acquired_to, service_from, service_to, share in _bonus():
        if acquired_from <= acquired <= acquired_to and service_from <= in_service <= service_to:
            return share
    return 0.0


@cache
def expensing_limits() -> dict[int, tuple[float, float]]:
    """Limit and start of the phase-out of expensing (IRC 179) by tax year [USD]."""
    return {
        int(row["tax_year"]): (float(row["limit_usd"]), float(row["phase_out_from_usd"]))
        for row in _rows("section_179.csv")
    }


@cache
def corporate_rate(year_begins: str) -> float:
    """Federal rate of a tax year.

    Parameters
    ----------
    year_begins : str
        First day of the tax year, YYYY-MM-DD.
    """
    rates = [
        (row["begins_from"] or EARLIEST, row["begins_to"] or LATEST, float(row["rate"]))
        for row in _rows("corporate_rate.csv")
    ]
    return next(rate for start, end, rate in rates if start <= year_begins <= end)
