"""Hand-built engine inputs for tests, free of the assumptions package."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from valuation.books.policies import ComponentInputs, LedgerInputs
from valuation.books.schedule import Service, engine_service
from valuation.inputs import STRUCTURAL, FleetInputs, HistoryInputs, Inputs, OutlookInputs, SiliconInputs, TermsInputs
from valuation.timeline import NEVER, Timeline

HOURS = 730.0


def column(*values: float) -> np.ndarray:
    """Values down an axis, one case: shape (X, 1)."""
    return np.array(values, dtype=float)[:, None]


def one(value: float) -> np.ndarray:
    """A quantity that does not vary: shape (1,)."""
    return np.array([value], dtype=float)


def hazard(early: float = 0.04, steady: float = 0.025, ages: int = 120) -> np.ndarray:
    """Monthly failure probability from annual ones, shape (A, 1, 1)."""
    annual = np.where(np.arange(ages) < 12, early, steady)
    return (1.0 - (1.0 - annual) ** (1 / 12))[:, None, None]


def silicon(ages: int = 120, **changes: Any) -> SiliconInputs:
    """H100, B200, Rubin and one named generic, at round figures."""
    cost = column(43_000, 52_600, 120_300, 1.0)
    kilowatts = column(1.275, 1.788, 2.639, 0.0)
    operating = kilowatts * (184.06 + 0.735 * 1.15 * 730 * 0.091) + cost * 0.04 / 12
    fields: dict[str, Any] = {
        "priced": np.array([1, 1, 1, 0]),
        "sets_price": np.array([1, 1, 1, 1]),
        "cost": cost,
        "operating_cost": operating,
        "service": column(1.0, 1.847, 4.45, 1.0)[:, None, :],
        "failure_hazard": hazard(ages=ages),
        "age_efficiency": np.ones((ages, 1, 1)),
        "physical_life": one(ages),
    }
    return SiliconInputs(**{**fields, **changes})


def outlook(as_of: int, **changes: Any) -> OutlookInputs:
    """Landings of the parts above around an as-of bound: 41 and 19 months before, 3 and 15 after."""
    fields: dict[str, Any] = {
        "mode": np.array([STRUCTURAL]),
        "landing": column(as_of - 41.0, as_of - 19.0, as_of + 3.0, as_of + 15.0),
        "delay": column(0, 0, 0, 0),
        "known_from": column(as_of - 54.0, as_of - 30.0, as_of - 18.0, as_of - 18.0),
        "generic_cadence": one(12),
        "generic_step": one(0.27),
        "pass_through": one(1),
        "drift": one(0),
        "reversion_half_life": one(18),
        "ramp_midpoint": one(6),
        "ramp_width": one(3),
        "curve": np.zeros((1, 1)),
        "sale_haircut": one(0.2),
        "age_price": np.linspace(1.0, 0.1, 121)[:, None],
    }
    return OutlookInputs(**{**fields, **changes})


def terms(**changes: Any) -> TermsInputs:
    """Eleven per cent, five-year plans, contract hours."""
    fields: dict[str, Any] = {
        "discount_factor": one(1.11 ** (-1 / 12)),
        "paid_hours": one(HOURS * 0.925),
        "planning_life": one(60),
        "planning_decline": one(np.nan),
        "plan": np.array([0]),
        "scrap_share": one(0.02),
        "delivery_premium": one(0.05),
    }
    return TermsInputs(**{**fields, **changes})


def fleet(rows: list[tuple[int, int, float, float]], *, lag: int = 3, **changes: Any) -> FleetInputs:
    """Cohorts from (purchase bound, generation, units, cost per unit); generation -1 means calibrated dollars."""
    generation = np.array([row[1] for row in rows])
    purchase = np.array([row[0] for row in rows])
    count = len(rows)
    fields: dict[str, Any] = {
        "group": np.maximum(generation, 0),
        "generation": np.maximum(generation, 0),
        "calibrated": (generation < 0).astype(np.int64),
        "purchase": purchase,
        "in_service": purchase + lag,
        "scheduled_retirement": np.full(count, NEVER),
        "units": column(*(row[2] for row in rows)),
        "cost": column(*(row[3] for row in rows)),
        "sale_value": np.full((count, 1), np.nan),
    }
    return FleetInputs(**{**fields, **changes})


def ledger(name: str, months: float, periods: int, *, write_off: bool = True, salvage: float = 0.0) -> LedgerInputs:
    """A ledger with one life throughout."""
    return steps_ledger(name, np.full((periods, 1, 1), float(months)), np.full((1, 1), salvage), write_off=write_off)


def steps_ledger(name: str, life: np.ndarray, salvage_share: np.ndarray, *, write_off: bool = True) -> LedgerInputs:
    """A straight-line ledger with lives by period, shape (T, c, n), and salvage (c, n)."""
    return LedgerInputs(name, (ComponentInputs("whole", life, salvage_share[None]),), write_off)


def service_of(in_service: int, periods: int, retirement: int = NEVER) -> Service:
    """Service of one cohort from a bound on, on a grid from 2020-12."""
    return engine_service(np.array([in_service]), np.array([[retirement]]), np.datetime64("2020-12"), periods, 12)


def with_life(record: LedgerInputs, life: np.ndarray) -> LedgerInputs:
    """A ledger with other lives, shape (T, c, n)."""
    return replace(record, components=tuple(replace(part, life=life) for part in record.components))


def observed(as_of: int, *, first: int | None = None, last: float = 2.652) -> np.ndarray:
    """Contract rents falling and rising back to `last` at the as-of bound, from bound `first` on."""
    bounds = np.arange(as_of + 1)
    start = as_of - 32 if first is None else first
    path = last * np.exp(0.25 * np.cos(np.pi * (as_of - bounds) / 16.0) - 0.25)
    path[bounds < start] = np.nan
    return np.asarray(path[:, None, None])


def neocloud(**changes: Any) -> Inputs:
    """A small fleet of H100, B200 and Rubin devices from 2022-12 on, as of 2026-09."""
    as_of = 45
    rows = [
        (5, 0, 1_000.0, 43_000.0),
        (17, 0, 2_000.0, 43_000.0),
        (29, 1, 2_000.0, 52_600.0),
        (53, 2, 1_000.0, 120_300.0),
    ]
    periods = as_of + 180
    base = outlook(as_of)
    fields: dict[str, Any] = {
        "timeline": Timeline(np.datetime64("2022-12"), periods, as_of),
        "fleet": fleet(rows),
        "silicon": silicon(),
        "outlook": base,
        "path": base,
        "history": HistoryInputs(observed(as_of)),
        "terms": terms(),
        "ledgers": (ledger("three_year", 36, periods), ledger("disclosed", 72, periods)),
    }
    return Inputs(**{**fields, **changes})
