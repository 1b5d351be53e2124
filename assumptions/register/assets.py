"""Rows of an asset register: columns, presets, and the policy that each row asks for."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from typing import Any

from assumptions.door import taxlaw
from assumptions.door.messages import error, nearest
from assumptions.door.tables import Column
from valuation.books.charges import DOUBLE, ONE_AND_A_HALF, Method
from valuation.books.conventions import DAYS_OF_YEAR, Convention
from valuation.timeline import EPOCH_YEAR, MONTHS_PER_YEAR

METHODS = {
    "none": Method.NONE,
    "straight_line": Method.STRAIGHT_LINE,
    "declining_balance": Method.DECLINING_BALANCE,
    "declining_balance_with_switch": Method.DECLINING_WITH_SWITCH,
    "given_rate": Method.GIVEN_RATE,
    "fixed_rate": Method.FIXED_RATE,
    "sum_of_years_digits": Method.SUM_OF_DIGITS,
    "units_of_production": Method.STRAIGHT_LINE,
    "table": Method.TABLE,
    "macrs": Method.TABLE,
    "macrs_formula": Method.DECLINING_WITH_SWITCH,
}
CONVENTIONS = {
    "full_month": Convention.FULL_MONTH,
    "following_month": Convention.FOLLOWING_MONTH,
    "mid_month": Convention.MID_MONTH,
    "half_year": Convention.HALF_YEAR,
    "mid_quarter": Convention.MID_QUARTER,
    "daily_365": Convention.DAILY_365,
    "actual_actual": Convention.ACTUAL_ACTUAL,
    "total_days": Convention.TOTAL_DAYS,
}
FREQUENCIES = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
ANCHORS = ("service", "fiscal_year")
# Method, convention, frequency of the rate, and what its steps are counted from.
PRESETS = {
    "us_gaap": ("straight_line", "full_month", "year", "service"),
    "ifrs": ("straight_line", "actual_actual", "year", "service"),
    "macrs": ("macrs", "", "year", "fiscal_year"),
}
PRINTED = ("half_year", "mid_quarter", "mid_month")
"""Conventions that percentages by fiscal year allow for."""
TAX_METHODS = ("macrs", "macrs_formula")
CHOICES = ("yes", "no")
DEFAULT_BOOK = "books"

COLUMNS: dict[str, Column] = {
    "asset": Column("text", "name of the asset, once in each book"),
    "book": Column("text", f"set of books; {DEFAULT_BOOK!r} if empty"),
    "asset_class": Column("text", "class in the totals"),
    "cost_usd": Column("USD", "cost", 0.01),
    "salvage_usd": Column("USD", "salvage; 0 if empty"),
    "acquired": Column("date", "date of the binding contract, for bonus depreciation; that of service if empty"),
    "in_service": Column("date", "date of placement in service"),
    "life_months": Column("months", "life from placement in service", 0.01, 1200.0),
    "life_years": Column("years", "the same in years", 0.01, 100.0),
    "preset": Column("text", "method, convention and frequency in one word; us_gaap if empty", words=tuple(PRESETS)),
    "method": Column("text", "method", words=tuple(METHODS)),
    "factor": Column("ratio", f"multiple of the straight-line rate; {DOUBLE:g} if empty", 0.1, 10.0),
    "rate_annual": Column("share per year", "rate of the carrying amount, for given_rate", 1e-6, 1.0),
    "convention": Column("text", "part-month or part-year convention", words=tuple(CONVENTIONS)),
    "frequency": Column("text", "how often a rate is set anew", words=tuple(FREQUENCIES)),
    "steps_from": Column("text", "what the steps of the rate are counted from", words=ANCHORS),
    "table": Column("text", "name of a table of percentages, for table"),
    "property_class": Column("years", "recovery period, for macrs and macrs_formula", 3.0, 39.0),
    "bonus": Column("text", "bonus depreciation by its dates, or none; yes if empty", words=CHOICES),
    "expensed_usd": Column("USD", "cost expensed at once under section 179"),
    "life_units": Column("units", "use over the whole life, for units_of_production", 1e-9, 1e15),
    "units_per_month": Column("units per month", "use, where the usage file has none", 0.0, 1e15),
    "opening": Column("date", "month whose first day the opening balance stands at"),
    "opening_carrying_usd": Column("USD", "carrying amount at that date"),
    "source": Column("text", "where the row comes from"),
}
REQUIRED = ("asset", "cost_usd", "in_service")


@dataclass(frozen=True, slots=True)
class Asset:
    """A row of a register.

    Attributes are the columns; `place` says where the row stands.
    """

    place: str
    asset: str
    cost_usd: float
    in_service: str
    book: str = DEFAULT_BOOK
    asset_class: str = ""
    salvage_usd: float = 0.0
    acquired: str = ""
    life_months: float | None = None
    life_years: float | None = None
    preset: str = ""
    method: str = ""
    factor: float | None = None
    rate_annual: float | None = None
    convention: str = ""
    frequency: str = ""
    steps_from: str = ""
    table: str = ""
    property_class: float | None = None
    bonus: str = ""
    expensed_usd: float | None = None
    life_units: float | None = None
    units_per_month: float | None = None
    opening: str = ""
    opening_carrying_usd: float | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Policy:
    """What a row comes to: how the asset is depreciated.

    Attributes
    ----------
    method, convention, frequency, by_fiscal_year :
        As in `valuation.books.policies.ComponentInputs`; a convention still open (`None`) hangs on the additions of the
        year.
    life : float
        Months, or units of use; infinite where nothing ends it.
    factor : float
        Multiple of the straight-line rate, or the rate for one unit of life.
    shares : tuple of float
        Percentages of a table by step, as shares.
    at_once : float
        Share of the cost deducted in the first year.
    """

    method: Method
    convention: Convention | None
    frequency: int
    by_fiscal_year: bool
    life: float
    factor: float = 1.0
    shares: tuple[float, ...] = field(default=(1.0,))
    at_once: float = 0.0


def asset_of(place: str, values: dict[str, Any]) -> Asset:
    """Row from its cells, checked as far as it can be alone.

    Parameters
    ----------
    place : str
        File and row.
    values : dict
        Cells by column.
    """
    row = Asset(place=place, **values)
    if row.salvage_usd > row.cost_usd:
        what = f"salvage {row.salvage_usd:.15g} lies above cost {row.cost_usd:.15g}"
        raise error(f"{place} column salvage_usd", what, "0 up to the cost", "correct one of the two")
    if row.life_months is not None and row.life_years is not None:
        raise error(f"{place} column life_years", "a life in months and in years", "one of the two", "clear one")
    if row.acquired and row.acquired > row.in_service:
        what = f"acquired {row.acquired}, after service from {row.in_service}"
        raise error(f"{place} column acquired", what, "a date not after service", "correct one of the dates")
    _check_opening(row)
    return row


def _check_opening(row: Asset) -> None:
    place = f"{row.place} column opening"
    if bool(row.opening) != (row.opening_carrying_usd is not None):
        what = "an opening date without its carrying amount, or the other way round"
        raise error(place, what, "both or none", "fill in the other one")
    if not row.opening or row.opening_carrying_usd is None:
        return
    if row.opening[:7] <= row.in_service[:7]:
        what = f"opening {row.opening} is not after the month of service {row.in_service[:7]}"
        raise error(place, what, "a later month", "correct it, or clear the opening balance")
    if not row.salvage_usd <= row.opening_carrying_usd <= row.cost_usd:
        what = f"{row.opening_carrying_usd:.15g} does not lie between salvage and cost"
        allowed = f"{row.salvage_usd:.15g} to {row.cost_usd:.15g}"
        raise error(f"{row.place} column opening_carrying_usd", what, allowed, "correct the amount")


def policy_of(row: Asset, tables: dict[str, tuple[float, ...]]) -> Policy:
    """Policy of a row: its own words, and those of its preset where it has none.

    Parameters
    ----------
    row : Asset
        The row.
    tables : dict
        Known tables of percentages, as shares by step.
    """
    preset = PRESETS[row.preset or "us_gaap"]
    method, frequency = row.method or preset[0], row.frequency or preset[2]
    convention = row.convention or preset[1]
    anchor = row.steps_from or preset[3]
    if method in TAX_METHODS:
        return _tax_policy(row, method)
    for name in ("property_class", "expensed_usd"):
        if getattr(row, name) is not None:
            what = f"{getattr(row, name):.15g} with method {method}"
            raise error(f"{row.place} column {name}", what, "an empty cell", "clear it, or write preset macrs")
    by_year = anchor == "fiscal_year" or frequency == "month" or convention in ("half_year", "mid_quarter")
    shares = _table(row, method, tables)
    if method == "table" and by_year and (convention not in PRINTED or frequency != "year"):
        what = f"percentages by fiscal year with {convention} and {frequency}"
        remedy = "choose one of them by year, or write steps_from service"
        raise error(f"{row.place} column convention", what, ", ".join(PRINTED), remedy)
    return Policy(
        method=METHODS[method],
        convention=Convention.BY_USE if method == "units_of_production" else CONVENTIONS[convention],
        frequency=FREQUENCIES[frequency],
        by_fiscal_year=by_year,
        life=_life(row, method, len(shares) * FREQUENCIES[frequency]),
        factor=_factor(row, method, convention),
        shares=shares,
    )


def _life(row: Asset, method: str, of_table: float) -> float:
    """Life in months or in units of use."""
    if method == "none":
        return float("inf")
    if method == "units_of_production":
        if row.life_units is None:
            raise error(f"{row.place} column life_units", "the cell is empty", "units over the life", "fill it in")
        return row.life_units
    if method == "table":
        return of_table
    months = row.life_months if row.life_years is None else row.life_years * MONTHS_PER_YEAR
    if months is None and method != "given_rate":
        raise error(f"{row.place} column life_months", "no life is given", "months or years", "fill one in")
    return float("inf") if months is None else months


def unit_rate(annual: float, convention: Convention | None) -> float:
    """Rate for one unit of life: a day where a convention counts the life in days, else a month.

    Parameters
    ----------
    annual : float
        Rate a year.
    convention : Convention or None
        Convention; one still open counts months.
    """
    return annual / (DAYS_OF_YEAR if convention == Convention.TOTAL_DAYS else MONTHS_PER_YEAR)


def _factor(row: Asset, method: str, convention: str) -> float:
    if method == "given_rate":
        if row.rate_annual is None:
            raise error(f"{row.place} column rate_annual", "the cell is empty", "a rate for given_rate", "fill it in")
        return unit_rate(row.rate_annual, CONVENTIONS[convention])
    if method == "fixed_rate" and row.salvage_usd <= 0.0:
        what = "a fixed rate never reaches a salvage of 0"
        raise error(f"{row.place} column salvage_usd", what, "more than 0", "give a salvage or choose another method")
    return DOUBLE if row.factor is None else row.factor


def _table(row: Asset, method: str, tables: dict[str, tuple[float, ...]]) -> tuple[float, ...]:
    if method != "table":
        return (1.0,)
    if row.table not in tables:
        remedy = nearest(row.table, tables) if tables else "give the tables with --tables"
        raise error(f"{row.place} column table", f"{row.table!r} is unknown", "a known table", remedy)
    return tables[row.table]


def _tax_policy(row: Asset, method: str) -> Policy:
    """Policy under MACRS: class, then bonus and expensing; the convention hangs on the class and the year."""
    classes = taxlaw.property_classes()
    if row.property_class not in classes:
        what = "the cell is empty" if row.property_class is None else f"{row.property_class:.15g} is unknown"
        allowed = ", ".join(str(years) for years in classes)
        raise error(f"{row.place} column property_class", what, allowed, "choose one of them")
    if row.salvage_usd:
        raise error(f"{row.place} column salvage_usd", "a salvage under macrs", "an empty cell", "clear it")
    years = int(row.property_class)
    real = years == taxlaw.REAL_PROPERTY
    words = ("mid_month",) if real else ("half_year", "mid_quarter")
    if row.convention and row.convention not in words:
        what = f"{row.convention!r} with property class {years}"
        raise error(f"{row.place} column convention", what, f"{', '.join(words)} or empty", "clear it")
    convention = Convention.MID_MONTH if real else CONVENTIONS.get(row.convention)
    formula = METHODS[method] if not real else Method.STRAIGHT_LINE
    return Policy(
        method=formula if method == "macrs_formula" else Method.TABLE,
        convention=convention,
        frequency=MONTHS_PER_YEAR,
        by_fiscal_year=True,
        life=float(years * MONTHS_PER_YEAR),
        factor=DOUBLE if years <= LAST_DOUBLE_DECLINING else ONE_AND_A_HALF,
        at_once=_at_once(row, years),
    )


LAST_DOUBLE_DECLINING = 10
"""Longest recovery period at twice the straight-line rate, years; longer ones have one and a half (IRC 168(b))."""


def _at_once(row: Asset, years: int) -> float:
    """Share of the cost that is expensed or taken as bonus in the first year."""
    expensed = (row.expensed_usd or 0.0) / row.cost_usd
    if expensed > 1.0:
        what = f"{row.expensed_usd:.15g} lies above cost {row.cost_usd:.15g}"
        raise error(f"{row.place} column expensed_usd", what, "0 up to the cost", "correct the amount")
    bonus = 0.0 if row.bonus == "no" else taxlaw.bonus_share(row.acquired or row.in_service, row.in_service, years)
    return expensed + (1.0 - expensed) * bonus


@lru_cache(maxsize=100_000)
def day_number(text: str) -> tuple[int, int]:
    """Month, counted from 1970-01, and day of a date ``YYYY-MM-DD``."""
    day = date.fromisoformat(text)
    return (day.year - EPOCH_YEAR) * MONTHS_PER_YEAR + day.month - 1, day.day


FIELDS = tuple(item.name for item in fields(Asset))
