"""Tax books of a register: what hangs on all additions of a year."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from assumptions.door import taxlaw
from assumptions.door.messages import error
from assumptions.door.months import EPOCH_MONTH
from assumptions.register.assets import TAX_METHODS, Asset, Policy, day_number
from assumptions.register.reading import Register
from valuation.books.charges import Method
from valuation.books.conventions import Calendar, Convention
from valuation.books.tax import expensing_allowed, mid_quarter_applies
from valuation.timeline import MONTHS_PER_YEAR, NEVER, QUARTER_MONTHS, FloatArray, IntArray


def settled(register: Register, fiscal_year_end: int) -> list[Policy]:
    """Policies with the convention of tax property settled by the year's additions, and its percentages looked up.

    Parameters
    ----------
    register : Register
        Whose rows are the additions of each book.
    fiscal_year_end : int
        Calendar month that closes the tax year.

    Raises
    ------
    AssumptionError
        If more is expensed in a year than section 179 allows.
    """
    found = list(register.policies)
    books: dict[str, list[int]] = {}
    # Plain assets hang on nothing but themselves.
    for position in dict.fromkeys(line.asset for line in register.rest):
        row = register.rows[position]
        if row.method in TAX_METHODS or (row.preset == "macrs" and not row.method):
            books.setdefault(row.book, []).append(position)
    for positions in books.values():
        _settle(register, fiscal_year_end, positions, found)
    return found


def _settle(register: Register, fiscal_year_end: int, positions: list[int], found: list[Policy]) -> None:
    rows = [register.rows[position] for position in positions]
    calendar = Calendar(np.datetime64(EPOCH_MONTH, "M"), 1, fiscal_year_end)
    month = np.array([day_number(row.in_service)[0] for row in rows])
    year, place = calendar.fiscal_year(month), calendar.fiscal_month(month)
    real = np.array([row.property_class == taxlaw.REAL_PROPERTY for row in rows])
    expensed = np.array([row.expensed_usd or 0.0 for row in rows])
    basis = np.where(real, 0.0, np.array([row.cost_usd for row in rows]) - expensed)
    begins = year if fiscal_year_end == MONTHS_PER_YEAR else year - 1
    _check_expensed(rows, begins, basis + expensed, expensed)
    kept = 1.0 - _gone_in_year(register, positions, year, calendar)
    late = mid_quarter_applies(basis * kept, year, place, taxlaw.MID_QUARTER_THRESHOLD)
    for number, position in enumerate(positions):
        policy = found[position]
        by_quarter = Convention.MID_QUARTER if late[number] else Convention.HALF_YEAR
        convention = policy.convention or by_quarter
        found[position] = _with_table(rows[number], replace(policy, convention=convention), int(place[number]))


def _gone_in_year(register: Register, positions: list[int], year: IntArray, calendar: Calendar) -> FloatArray:
    """Share of each asset that leaves in the year of its placement, which the test leaves out (IRC 168(d)(3)(B))."""
    place = {position: number for number, position in enumerate(positions)}
    gone = np.zeros(len(positions))
    for line in register.rest:
        number = place.get(line.asset)
        if number is None or line.exit_month == NEVER:
            continue
        if int(calendar.fiscal_year(np.array(line.exit_month))) == int(year[number]):
            gone[number] += line.share
    return gone


def _check_expensed(rows: list[Asset], year: IntArray, placed: FloatArray, expensed: FloatArray) -> None:
    """Refuse a tax year in which more is expensed than its limit, which goes by the year it begins in (IRC 179(b))."""
    limits = taxlaw.expensing_limits()
    for tax_year in np.unique(year[expensed > 0.0]):
        member = year == tax_year
        asset = next(row for row, counts, cost in zip(rows, member, expensed, strict=True) if counts and cost > 0.0)
        if int(tax_year) not in limits:
            allowed = f"tax years {min(limits)} to {max(limits)}"
            raise error(f"{asset.place} column expensed_usd", f"no limit for {tax_year}", allowed, "clear the cell")
        limit, start = limits[int(tax_year)]
        most = float(expensing_allowed(placed[member].sum(keepdims=True), np.array([limit]), np.array([start]))[0])
        total = float(expensed[member].sum())
        if total > most:
            what = f"{total:,.2f} USD are expensed in {tax_year}"
            raise error(f"{asset.place} column expensed_usd", what, f"{most:,.2f} USD", "expense less")


def _with_table(row: Asset, policy: Policy, place: int) -> Policy:
    """Printed percentages of a class, by convention and time of placement; month by month where that is asked."""
    if policy.method != Method.TABLE:
        return policy
    words = {
        Convention.HALF_YEAR: "half_year",
        Convention.MID_QUARTER: "mid_quarter",
        Convention.MID_MONTH: "mid_month",
    }
    assert policy.convention is not None  # settled before
    convention = words[policy.convention]
    placed = {"half_year": 0, "mid_quarter": (place - 1) // QUARTER_MONTHS + 1, "mid_month": place}[convention]
    assert row.property_class is not None  # checked where the row is read
    shares = taxlaw.percentages()[int(row.property_class), convention, placed]
    return replace(policy, shares=shares, life=float(len(shares) * MONTHS_PER_YEAR))
