"""Depreciation of one asset, a month after the other on plain numbers and dates, from the definitions.

Nothing is shared with the schedule but the names of methods and conventions. Amounts are shares of cost. The length of
a step is what the asset would use up if it stayed: nothing that happens later bears on a month.
"""

from __future__ import annotations

from calendar import isleap, monthrange
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import inf

TINY = 1e-9
YEAR = 12
Loss = Callable[[int, float], float]


@dataclass(frozen=True)
class Books:
    """How one asset is depreciated; lists by month of the grid."""

    method: list[str]
    life: list[float]
    salvage: list[float]
    factor: list[float]
    percentages: list[float]
    convention: str
    frequency: int
    by_fiscal_year: bool
    whole_first_year: bool
    stated: list[float | None]
    ceiling: list[float]
    written_down: list[float]
    added: list[float]
    depreciating: list[bool]
    use: list[float]


@dataclass(frozen=True)
class Asset:
    """When it is in service: from one day on, to another that no longer counts; the grid begins with a month."""

    first: date
    placed: date
    left: date | None
    fiscal_year_end: int

    def month(self, number: int) -> date:
        """First day of a month of the grid."""
        return later(self.first, number)

    def fiscal(self, day: date) -> tuple[int, int]:
        """Fiscal year and month in it, from 1."""
        over = day.month > self.fiscal_year_end
        return day.year + over, (day.month - self.fiscal_year_end - 1) % YEAR + 1


@dataclass
class State:
    """Where the asset stands."""

    carrying: float = 1.0
    age: float = 0.0
    reference: float = 0.0
    rate: float = 0.0
    until: float = 0.0
    stale: bool = True
    path: list[float] = field(default_factory=lambda: [1.0])
    charges: list[float] = field(default_factory=list)


def later(day: date, months: int) -> date:
    """The same day some months later, or the last one of its month."""
    year, month = divmod(day.year * YEAR + day.month - 1 + months, YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


# Life used up


def days_in_service(asset: Asset, month: date) -> int:
    """Days of a month from placement to the day before leaving."""
    days = (month + timedelta(number) for number in range(monthrange(month.year, month.month)[1]))
    return sum(1 for day in days if day >= asset.placed and (asset.left is None or day < asset.left))


def by_months(convention: str, asset: Asset, month: date) -> float:
    """Full, following or half month."""
    placed = asset.placed.replace(day=1)
    left = asset.left.replace(day=1) if asset.left else date.max
    if convention == "FOLLOWING_MONTH":
        return 1.0 if placed < month <= left else 0.0
    if month < placed or month > left or placed == left:
        return 0.0
    if convention == "FULL_MONTH":
        return 0.0 if month == left else 1.0
    return 0.5 if month in (placed, left) else 1.0


def middle(month: int) -> float:
    """Months from the start of a fiscal year to the middle of the quarter of a month."""
    return {0: 1.5, 1: 4.5, 2: 7.5, 3: 10.5}[(month - 1) // 3]


def by_years(books: Books, asset: Asset, month: date) -> float:
    """A share of the first and of the last fiscal year, spread evenly over their months of service."""
    placed, (year, _) = asset.fiscal(asset.placed), asset.fiscal(month)
    left = asset.fiscal(asset.left) if asset.left else (inf, 0)
    if month < asset.placed.replace(day=1) or placed[0] == left[0]:
        return 0.0
    if asset.left and month > asset.left:
        return 0.0
    half = books.convention == "HALF_YEAR"
    if year == placed[0]:
        share = 12.0 if books.whole_first_year else 6.0 if half else 12.0 - middle(placed[1])
        return share / (13 - placed[1])
    if year == left[0]:
        quarter = middle(left[1]) if books.convention == "MID_QUARTER" else left[1] - 0.5
        return (6.0 if half else quarter) / left[1]
    return 1.0


def used(books: Books, asset: Asset, number: int) -> float:
    """Life used up in a month of the grid, or after it."""
    month = asset.month(number)
    if books.whole_first_year or books.convention in ("HALF_YEAR", "MID_QUARTER"):
        return by_years(books, asset, month)
    if books.convention in ("FULL_MONTH", "FOLLOWING_MONTH", "MID_MONTH"):
        return by_months(books.convention, asset, month)
    days = days_in_service(asset, month)
    if books.convention == "BY_USE":
        there = asset.placed.replace(day=1) <= month and (asset.left is None or month <= asset.left)
        return books.use[number] if there and number < len(books.use) else 0.0
    if books.convention == "TOTAL_DAYS":
        return float(days)
    return days * 12 / (366 if books.convention == "ACTUAL_ACTUAL" and isleap(month.year) else 365)


def measured(books: Books, asset: Asset, number: int) -> float:
    """Life in force in a month, in days where the convention counts them; endless where nothing is depreciated."""
    return inf if books.method[number] == "NONE" else stated(books, asset, number)


def stated(books: Books, asset: Asset, number: int) -> float:
    """Life stated for a month, whether anything is depreciated over it or not."""
    months = books.life[number]
    if books.convention != "TOTAL_DAYS":
        return months
    whole = int(months)
    end = later(asset.placed, whole)
    part = (months - whole) * monthrange(end.year, end.month)[1]
    return (end - asset.placed).days + part


def step_length(books: Books, asset: Asset) -> float:
    """Life of a full step: months, or as many mean months of the first life in days."""
    if books.convention != "TOTAL_DAYS":
        return float(books.frequency)
    return books.frequency * stated(books, asset, 0) / books.life[0]


# Rates


def opens(books: Books, asset: Asset, number: int) -> bool:
    """Whether a step by the fiscal year opens with a month."""
    return books.by_fiscal_year and (asset.fiscal(asset.month(number))[1] - 1) % books.frequency == 0


def span_of_year(books: Books, asset: Asset, number: int) -> float:
    """Life that would be used up from a month on until the next step by the fiscal year."""
    stays = Asset(asset.first, asset.placed, None, asset.fiscal_year_end)
    total = used(books, stays, number)
    while not opens(books, asset, number + 1):
        number += 1
        total += used(books, stays, number)
    return total


def digits(steps: float) -> float:
    """Steps left, one less, and so on; the part of a step at the end by its length."""
    total = 0.0
    while steps >= 1.0 - TINY:
        total += steps
        steps -= 1.0
    return total + steps * steps if steps > 0.0 else total


def rate_of(books: Books, asset: Asset, number: int, state: State, span: float) -> float:
    """Charge for one unit of life."""
    method, salvage, factor = books.method[number], books.salvage[number], books.factor[number]
    left = max(state.carrying - salvage, 0.0)
    remaining = max(measured(books, asset, number) - state.age, TINY)
    span = min(max(span, TINY), remaining)
    if method == "NONE":
        return 0.0
    evenly = left / remaining
    if method == "STRAIGHT_LINE":
        return evenly
    if method in ("DECLINING_BALANCE", "GIVEN_RATE"):
        share = factor if method == "GIVEN_RATE" else factor / state.reference
        return evenly if remaining <= span + TINY else min(state.carrying * share, left / span)
    if method == "DECLINING_WITH_SWITCH":
        return min(max(state.carrying * factor / state.reference, evenly), left / span)
    if method == "FIXED_RATE":
        if state.carrying <= salvage:
            return 0.0
        kept = float((salvage / state.carrying) ** (span / remaining))
        return state.carrying * (1.0 - kept) / span
    step = step_length(books, asset)
    if method == "SUM_OF_DIGITS":
        return left * (remaining / step) / digits(remaining / step) / step
    return table_rate(books.percentages, state.age, left, step)


def table_rate(percentages: list[float], age: float, left: float, step: float) -> float:
    """The percentage of the step an age is in, held against what is still to come of the table."""
    done = age / step
    number = int(done + TINY)
    if number >= len(percentages):
        return 0.0
    to_come = percentages[number] * (1.0 - max(done - number, 0.0)) + sum(percentages[number + 1 :])
    return left * percentages[number] / to_come / step


# Months


def revise(books: Books, asset: Asset, number: int, state: State) -> None:
    """New estimates at the opening of a month."""
    if number == 0:
        state.reference = measured(books, asset, 0)
        return
    now = (measured(books, asset, number), books.method[number], books.factor[number])
    before = (measured(books, asset, number - 1), books.method[number - 1], books.factor[number - 1])
    if now != before:
        state.reference = max(now[0] - state.age, TINY)
        state.stale = True
    state.stale |= books.salvage[number] != books.salvage[number - 1]


def restate(books: Books, number: int, state: State) -> None:
    """Amounts stated, written down and added at the opening of a month."""
    carrying = state.carrying if books.stated[number] is None else float(books.stated[number] or 0.0)
    carrying = min(carrying, books.ceiling[number]) - books.written_down[number] + books.added[number]
    state.stale |= carrying != state.carrying
    state.carrying = carrying


def charge(books: Books, asset: Asset, number: int, state: State) -> float:
    """Charge of a month: stretch by stretch, from step to step."""
    exposed = used(books, asset, number) if books.depreciating[number] else 0.0
    left = max(state.carrying - books.salvage[number], 0.0)
    total, opening = 0.0, state.carrying
    ended = state.age + exposed >= measured(books, asset, number) - TINY
    to_go = exposed
    while to_go > TINY:
        if state.stale or state.age >= state.until - TINY:
            step = step_length(books, asset)
            state.until = inf if books.by_fiscal_year else (int((state.age + TINY) / step) + 1) * step
            ahead = span_of_year(books, asset, number) if books.by_fiscal_year else state.until - state.age
            state.rate = rate_of(books, asset, number, state, ahead)
            state.stale = False
        stretch = min(to_go, state.until - state.age)
        total += state.rate * stretch
        state.carrying = opening - total
        state.age += stretch
        to_go -= stretch
    total = left if ended and exposed > 0.0 else min(total, left)
    state.carrying = opening - total
    return total


def depreciate(books: Books, asset: Asset, loss: Loss | None = None) -> State:
    """Run an asset through the months of the grid."""
    state = State()
    for number in range(len(books.life)):
        state.stale |= opens(books, asset, number)
        revise(books, asset, number, state)
        restate(books, number, state)
        state.charges.append(charge(books, asset, number, state))
        if loss is not None:
            lost = loss(number + 1, state.carrying) * state.carrying
            state.stale |= lost != 0.0
            state.carrying -= lost
        state.path.append(state.carrying)
    return state
