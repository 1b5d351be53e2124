"""Single assets for tests of the depreciation schedule: a policy, a placement in service, and what is charged."""

from __future__ import annotations

from typing import Any

import numpy as np

from valuation.books.charges import Method
from valuation.books.conventions import Calendar, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Loss, Schedule, Service, unit_schedule
from valuation.timeline import NEVER

YEAR = 12


def policy(method: Method, life: float, salvage: float = 0.0, factor: float = 1.0, **changes: Any) -> ComponentInputs:
    """A component that never changes."""
    fields: dict[str, Any] = {
        "life": np.full((1, 1, 1), float(life)),
        "salvage_share": np.full((1, 1, 1), float(salvage)),
        "method": np.full((1, 1), method),
        "factor": np.full((1, 1), float(factor)),
    }
    return ComponentInputs("whole", **{**fields, **changes})


def shares(*values: float) -> np.ndarray:
    """Percentages of one row, shape (K, 1)."""
    return np.array(values, dtype=float)[:, None]


def along(*values: float) -> np.ndarray:
    """A policy by period, shape (T, 1, 1)."""
    return np.array(values, dtype=float)[:, None, None]


def at(periods: int, period: int, value: float, otherwise: float = 0.0) -> np.ndarray:
    """A policy that is something else in one period, shape (T, 1, 1)."""
    path = np.full((periods, 1, 1), otherwise)
    path[period] = value
    return path


def turning(periods: int, period: int, before: float, after: float) -> np.ndarray:
    """A policy that changes for good at the opening of a period, shape (T, 1, 1)."""
    return np.where(np.arange(periods) < period, float(before), float(after))[:, None, None]


def placed(
    on: str, periods: int, *, until: str | None = None, first: str | None = None, fiscal_year_end: int = YEAR
) -> Service:
    """Service of one asset from a day on, until the day it leaves, which no longer counts; the grid begins with it."""
    start = np.datetime64(first or on[:7], "M")
    entry, entry_day = _place(on, start)
    leave, leave_day = (NEVER, 1) if until is None else _place(until, start)
    stay = Stay(np.array([entry]), np.array([entry_day]), np.array([[leave]]), np.array([[leave_day]]))
    return Service(stay, Calendar(start, periods, fiscal_year_end))


def _place(day: str, start: np.datetime64) -> tuple[int, int]:
    month = np.datetime64(day[:7], "M")
    return int((month - start).astype(int)), int(day[8:] or 1)


def charged(component: ComponentInputs, service: Service, cost: float = 1.0, loss: Loss | None = None) -> np.ndarray:
    """Charges of one asset by period [USD], shape (T,)."""
    return cost * unit_schedule((component,), service, loss).charge[:, 0, 0]


def by_year(monthly: np.ndarray, service: Service) -> np.ndarray:
    """Sums by fiscal year, shape (years,)."""
    calendar = service.calendar
    year = calendar.fiscal_year(np.arange(calendar.periods))[service.lead :]
    return np.array([monthly[year == number].sum() for number in np.unique(year)])


def yearly(component: ComponentInputs, service: Service, cost: float = 1.0) -> np.ndarray:
    """Charges of one asset by fiscal year [USD], shape (years,)."""
    return by_year(charged(component, service, cost), service)


def check_identity(found: Schedule, tolerance: float = 1e-12) -> None:
    """Opening amount and what was added, less what was written down and charged, is the closing amount."""
    closing = found.carrying[:-1] + found.added - found.written_down - found.charge
    np.testing.assert_allclose(closing, found.carrying[1:], rtol=0.0, atol=tolerance)
