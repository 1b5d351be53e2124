"""The engine against a second implementation, cell by cell, and a batch against its cases one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pytest

from tests.factories import (
    column,
    fleet,
    hazard,
    ledger,
    neocloud,
    observed,
    one,
    outlook,
    silicon,
    steps_ledger,
    terms,
)
from tests.oracle.loop import evaluate_loop, worth_of_entry
from valuation.books.policies import LedgerInputs
from valuation.engine import evaluate
from valuation.errors import ShapeError
from valuation.inputs import CURVE, PLAN_FLAT, PLAN_HINDSIGHT, RESALE, HistoryInputs, Inputs
from valuation.results import Results
from valuation.silicon.pressures import BreakthroughInputs, DemandInputs, RivalInputs
from valuation.stages.calibration import freeze, with_frozen
from valuation.timeline import NEVER, Timeline

AS_OF = 45
PERIODS = AS_OF + 180
TOLERANCE = 1e-12  # relative to the largest cell of a series
SUMS = 1e-9  # present values are long sums of both signs
SEEDS = range(20)
SMALL = 48  # periods after the as-of date in random inputs


# What is compared


def scale(values: np.ndarray) -> float:
    """Largest finite size of a series, or one."""
    finite = np.abs(values[np.isfinite(values)])
    return float(finite.max(initial=0.0)) or 1.0


def assert_close(name: str, engine: Any, oracle: Any, tolerance: float = TOLERANCE) -> None:
    engine, oracle = np.asarray(engine, dtype=float), np.asarray(oracle, dtype=float)
    assert engine.shape == oracle.shape, name
    np.testing.assert_allclose(engine, oracle, rtol=0, atol=tolerance * scale(oracle), equal_nan=True, err_msg=name)


def one_case(values: Any, case: int) -> np.ndarray:
    return np.asarray(values)[..., case if np.asarray(values).shape[-1] > 1 else 0]


def pairs(results: Results, found: dict[str, Any], case: int) -> Iterator[tuple[str, np.ndarray, Any]]:
    """Every series of the oracle beside the same series of the engine."""
    records: list[tuple[Any, dict[str, Any]]] = [
        (results.market, found["market"]),
        (results.economic, {"retirement": found["retirement"], **found["economic"]}),
        (results.cash, found["cash"]),
        *((book, found["books"][book.name]) for book in results.ledgers),
        *((gap, found["gaps"][gap.ledger]) for gap in results.gaps),
    ]
    for record, series in records:
        for name, values in series.items():
            yield f"{type(record).__name__}.{name}", one_case(getattr(record, name), case), values
    frozen = results.inputs.frozen
    assert frozen is not None
    for name in ("plan_rent", "plan_operating_cost"):
        yield name, one_case(getattr(frozen, name), case), found[name]


def assert_same(results: Results, found: dict[str, Any], case: int = 0) -> None:
    """Compare every cell; the value per device is compared while there are devices."""
    there = np.asarray(found["economic"]["units"]) > 0
    np.testing.assert_array_equal(one_case(results.economic.units, case) > 0, there)
    for name, engine, oracle in pairs(results, found, case):
        if "unit_value" in name:
            assert_close(name, np.where(there, engine, 0.0), oracle)
        else:
            assert_close(name, engine, oracle)
    for name, value in found["returns"].items():
        size = scale(np.asarray([value, *found["cash"]["net"]]))
        engine = one_case(getattr(results.returns, name), case)
        assert engine == pytest.approx(value, rel=0, abs=SUMS * size, nan_ok=True), name

    for name in ("t50", "t90", "retirement", "straight_line_equivalent"):
        engine = one_case(getattr(results.cohort_lives, name), case)
        lives = [np.nan if row[name] is None else row[name] for row in found["lives"]]
        np.testing.assert_allclose(engine, lives, rtol=1e-9, err_msg=name)


# Variants of one small fleet

ROWS = [
    (5, 0, 1_000.0, 43_000.0),
    (17, 0, 2_000.0, 43_000.0),
    (29, 1, 2_000.0, 52_600.0),
    (44, 1, 500.0, 54_000.0),
    (53, 2, 1_000.0, 120_300.0),
]
DOLLARS = [
    (-15, -1, 5e6, 1.0),
    (-3, -1, 4e6, 1.0),
    (2, -1, 7e6, 1.0),
    (20, -1, 9e6, 1.0),
    (42, -1, 6e6, 1.0),
    (50, -1, 8e6, 1.0),
]


def ahead(**changes: Any) -> Inputs:
    """A path that differs from what was expected."""
    return neocloud(fleet=fleet(ROWS), path=outlook(AS_OF, **changes))


def expected(**changes: Any) -> Inputs:
    """Other expectations, at all dates and on the path."""
    rules = outlook(AS_OF, **changes)
    return neocloud(fleet=fleet(ROWS), outlook=rules, path=rules)


def under(**changes: Any) -> Inputs:
    """Other terms, with a fleet known in dollars."""
    return neocloud(fleet=dollars(), terms=terms(**changes))


def dollars() -> Any:
    """Cohorts known in dollars, two of them older than the grid, and devices older than the grid beside them."""
    mixed = fleet([*DOLLARS, (-8, 0, 700.0, 43_000.0), *ROWS[1:3]])
    reference = np.array([0, 0, 0, 0, 1, 2, 0, 0, 1])
    return replace(mixed, generation=reference, group=reference)


def leaving(months: list[int], sales: list[float], rows: list[Any] = ROWS, **changes: Any) -> Inputs:
    """A fleet with scheduled retirements."""
    stock = fleet(rows, scheduled_retirement=np.array(months), sale_value=column(*sales))
    return neocloud(fleet=stock, **changes)


def booked(*books: LedgerInputs, **changes: Any) -> Inputs:
    return neocloud(**{"fleet": fleet(ROWS), **changes}, ledgers=books)


def changing(name: str, first: float, second: float, month: int) -> LedgerInputs:
    """A ledger whose life changes once."""
    lives = np.where(np.arange(PERIODS) < month, first, second)[:, None, None]
    return steps_ledger(name, lives, np.full((1, 1), 0.05))


def worn(**changes: Any) -> Inputs:
    """Other silicon."""
    return neocloud(fleet=fleet(ROWS), silicon=silicon(**changes))


def hazards() -> np.ndarray:
    """Failure hazards that differ by generation, shape (A, G, 1)."""
    rates = [(0.04, 0.025), (0.09, 0.03), (0.02, 0.02), (0.05, 0.01)]
    return np.concatenate([hazard(early, steady) for early, steady in rates], axis=1)


def stranding(**changes: Any) -> dict[str, Any]:
    """Shares of devices with work that differ by generation; the first part absorbs everything."""
    age = np.arange(120.0)[:, None, None] / 12.0
    rate, fade = column(0.0, 0.15, 0.6, 0.3)[None], 0.4
    serving = np.exp(-rate * age)
    return {
        "serving": serving,
        "legacy": rate * (np.exp(-fade * age) - serving) / (rate - fade),
        "legacy_rent": one(0.35),
        **changes,
    }


def one_age(**changes: Any) -> dict[str, Any]:
    """The same shares for all parts, by age."""
    tables = stranding()
    return {**tables, "serving": tables["serving"][:, 2:3], "legacy": tables["legacy"][:, 2:3], **changes}


def unavailable() -> np.ndarray:
    """Service lost by part, shape (G, 1, 1)."""
    return np.array([0.97, 0.9, 0.95, 1.0])[:, None, None]


def a_segment_nobody_serves() -> Inputs:
    """A second segment closed to every part, or open to one that sets no price there."""
    service = np.array([[1.0, 0.0], [1.847, 0.0], [4.45, 0.0], [1.0, 0.0]])[:, :, None]
    both = np.concatenate([observed(AS_OF), observed(AS_OF, first=20)], axis=1)
    return neocloud(fleet=dollars(), silicon=silicon(service=service), history=HistoryInputs(both))


def a_segment_nobody_enters() -> Inputs:
    """A second segment, at higher rents, served only by a part that sets no price."""
    service = np.array([[1.0, 0.0], [1.847, 1.9], [4.45, 0.0], [1.0, 0.0]])[:, :, None]
    both = np.concatenate([observed(AS_OF), observed(AS_OF, first=20, last=3.1)], axis=1)
    parts = silicon(service=service, sets_price=np.array([1, 0, 1, 1]))
    return neocloud(fleet=fleet(ROWS), silicon=parts, history=HistoryInputs(both))


def a_segment_known_late() -> Inputs:
    """A second segment that only the part yet to land serves."""
    service = np.array([[1.0, 0.0], [1.847, 0.0], [4.45, 4.0], [1.0, 0.0]])[:, :, None]
    both = np.concatenate([observed(AS_OF), observed(AS_OF, first=20)], axis=1)
    return neocloud(fleet=fleet(ROWS), silicon=silicon(service=service), history=HistoryInputs(both))


def two_segments(*, fourth: float = 1.0, last: float = 2.2) -> Inputs:
    """Two segments, each closed to some parts, with rents of their own."""
    service = np.array([[1.0, 1.1], [1.847, 0.0], [4.45, 4.0], [1.0, fourth]])[:, :, None]
    both = np.concatenate([observed(AS_OF), observed(AS_OF, first=20, last=last)], axis=1)
    return neocloud(fleet=dollars(), silicon=silicon(service=service), history=HistoryInputs(both))


def without_history() -> Inputs:
    """Month 0 is the first bound."""
    rows = [(-20, 0, 900.0, 43_000.0), (-3, 1, 500.0, 52_600.0), (-1, 1, 500.0, 52_600.0), (4, 2, 100.0, 120_300.0)]
    rules = outlook(0)
    return neocloud(
        timeline=Timeline(np.datetime64("2026-09"), 180, 0),
        fleet=fleet(rows),
        outlook=rules,
        path=rules,
        history=HistoryInputs(observed(0)),
        ledgers=(ledger("three_year", 36, 180), ledger("disclosed", 72, 180)),
    )


def with_holes(*more: int) -> Inputs:
    """Rents first observed late, then with months left out."""
    rents = observed(AS_OF, first=24).copy()
    rents[[26, 27, 30, 41, *more]] = np.nan
    return neocloud(fleet=dollars(), history=HistoryInputs(rents))


def short_grid() -> Inputs:
    """A grid that ends before its devices do."""
    periods = AS_OF + 30
    late = [(periods - 3, 2, 10.0, 120_300.0), (periods - 1, 2, 20.0, 120_300.0), (periods, 2, 30.0, 120_300.0)]
    return neocloud(
        timeline=Timeline(np.datetime64("2022-12"), periods, AS_OF),
        fleet=fleet([*ROWS, *late, (periods - 2, -1, 1e6, 1.0)]),
        ledgers=(ledger("three_year", 36, periods), ledger("group", 72, periods, write_off=False)),
    )


def used_prices() -> Inputs:
    """No rents at all: prices of used devices."""
    rules = outlook(AS_OF, mode=np.array([RESALE]))
    return leaving([NEVER, 30, 60, NEVER, NEVER], [np.nan, 9e3, 2e4, np.nan, np.nan], outlook=rules, path=rules)


def fading() -> np.ndarray:
    """Log rents after the anchor: a fall, a rebound, a level."""
    month = np.arange(90.0)
    return (-0.02 * month + 0.1 * np.sin(month / 7.0))[:, None]


def rival(name: str, *, ceiling: float = 0.5, segments: int = 1, **changes: Any) -> RivalInputs:
    """A rival that takes up to a ceiling of a share that grows, from the as-of date on."""
    since = np.maximum(np.arange(PERIODS + 1.0) - AS_OF + 6, 0.0)[:, None]
    able = np.linspace(0.6, 0.9, segments)[None, :, None] * (1.0 - 0.3 * np.exp(-since / 90.0))[:, None]
    fields: dict[str, Any] = {
        "open_share": able,
        "adoption": ceiling * (1.0 - np.exp(-since / 40.0)),
        "supply_cap": 0.002 * since,
        "traded_share": one(0.7),
        "known_from": one(AS_OF - 20),
    }
    return RivalInputs(name, "asic", **{**fields, **changes})


def demand(**changes: Any) -> tuple[DemandInputs, ...]:
    """Elasticities of one half and eight tenths."""
    return (DemandInputs(**{"supply_elasticity": one(0.5), "demand_elasticity": one(0.8), **changes}),)


def shock() -> np.ndarray:
    """Demand that falls over a year from half a year after the as-of date on and comes back."""
    since = np.arange(PERIODS + 1.0) - AS_OF - 6
    return np.asarray((-0.4 * np.clip(since / 12, 0, 1) * np.exp(-np.maximum(since - 12, 0) / 30))[:, None])


def advance(**changes: Any) -> tuple[BreakthroughInputs, ...]:
    """A breakthrough that halves rents in two years."""
    return (BreakthroughInputs("advance", one(0.7), ramp_midpoint=one(24), ramp_width=one(8), **changes),)


def pressed_segments() -> Inputs:
    """Two segments of which rivals take different shares, supply moving between them in part."""
    inputs = two_segments()
    shares = np.stack([np.linspace(0.7, 0.5, PERIODS + 1), np.linspace(0.3, 0.5, PERIODS + 1)], axis=1)[:, :, None]
    rules = outlook(
        AS_OF,
        demand=demand(mobility=one(0.6), segment_share=shares),
        rivals=(rival("one", segments=2), rival("other", ceiling=0.2, segments=2, known_from=one(AS_OF + 3))),
    )
    return replace(inputs, outlook=rules, path=rules)


def sold() -> np.ndarray:
    """Hours of which a part is not sold for a time, before the as-of date and after it."""
    bound = np.arange(PERIODS + 1)
    return np.where((bound > 30) & (bound < 70), 0.6, 1.0)[:, None]


OLD = [(-10, 0, 800.0, 43_000.0), *ROWS]
VARIANTS: dict[str, Callable[[], Inputs]] = {
    "plain": neocloud,
    "given_decline": lambda: under(planning_decline=one(0.175 / 12)),
    "delay": lambda: ahead(delay=column(0, 0, 6, 6)),
    "delay_of_a_ramp": lambda: ahead(delay=column(0, 9, 0, 0)),
    "delay_past_the_next": lambda: ahead(delay=column(0, 0, 20, 0)),
    "delay_that_reorders_the_landed": lambda: ahead(delay=column(0, 30, 0, 0)),
    "ramp_on_the_path": lambda: ahead(ramp_midpoint=one(12), ramp_width=one(4)),
    "advance": lambda: ahead(delay=column(0, 0, -2, -9)),
    "advance_before_the_as_of_date": lambda: ahead(delay=column(0, -5, -8, 0)),
    "half_life": lambda: expected(reversion_half_life=one(6)),
    "cadence": lambda: expected(generic_cadence=one(22), generic_step=one(0.38)),
    "cadence_on_the_path": lambda: ahead(generic_cadence=one(22)),
    "drift": lambda: expected(drift=one(0.01), pass_through=one(0.6)),
    "abrupt_ramp": lambda: expected(ramp_midpoint=one(1), ramp_width=one(0.25)),
    "curve_on_the_path": lambda: ahead(mode=np.array([CURVE]), curve=fading()),
    "curve": lambda: expected(mode=np.array([CURVE]), curve=fading()),
    "resale": used_prices,
    "resale_on_the_path": lambda: ahead(mode=np.array([RESALE])),
    "resale_at_other_prices": lambda: ahead(
        mode=np.array([RESALE]), age_price=np.geomspace(1.0, 0.05, 60)[:, None], sale_haircut=one(0.1)
    ),
    "failures": lambda: worn(failure_hazard=hazards()),
    "wear_by_generation": lambda: neocloud(
        fleet=dollars(),
        silicon=silicon(age_efficiency=np.exp(-np.arange(120.0)[:, None, None] * column(0.02, 0.01, 0.0, 0.0)[None])),
    ),
    "failures_and_wear_by_generation": lambda: neocloud(
        fleet=dollars(),
        silicon=silicon(
            failure_hazard=hazards(),
            age_efficiency=np.exp(-np.arange(120.0)[:, None, None] * column(0.02, 0.01, 0.0, 0.0)[None]),
        ),
    ),
    "wear": lambda: worn(age_efficiency=np.exp(-0.01 * np.arange(120.0))[:, None, None]),
    "short_wear": lambda: worn(physical_life=one(40)),
    "one_month_of_life": lambda: neocloud(
        fleet=fleet(ROWS), silicon=silicon(physical_life=one(1)), terms=terms(planning_decline=one(0.01))
    ),
    "a_part_that_sets_no_price": lambda: worn(sets_price=np.array([1, 0, 1, 1])),
    "all_parts_priced": lambda: worn(
        priced=np.ones(4, dtype=np.int64),
        cost=column(43_000, 52_600, 120_300, 150_000),
        service=column(1.0, 1.847, 4.45, 4.6)[:, None, :],
    ),
    "dollars": under,
    "plan_flat": lambda: under(plan=np.array([PLAN_FLAT])),
    "plan_hindsight": lambda: under(plan=np.array([PLAN_HINDSIGHT])),
    "hindsight_seen_from_the_first_bound": lambda: neocloud(
        fleet=dollars(),
        terms=terms(plan=np.array([PLAN_HINDSIGHT])),
        history=HistoryInputs(observed(AS_OF, first=0)),
    ),
    "dollars_delay": lambda: neocloud(fleet=dollars(), path=outlook(AS_OF, delay=column(0, 0, 6, 6))),
    "dollars_failures": lambda: neocloud(fleet=dollars(), silicon=silicon(failure_hazard=hazards())),
    "terms": lambda: under(scrap_share=one(0.0), delivery_premium=one(0.2), planning_life=one(48)),
    "scrap": lambda: under(scrap_share=one(0.3)),
    "sale_before": lambda: leaving([33, 40, 45, NEVER, NEVER], [15e3, np.nan, 3e4, np.nan, np.nan]),
    "sale_after": lambda: leaving([46, 60, 75, 90, NEVER], [15e3, np.nan, 3e4, 1e3, np.nan]),
    "schedule_beyond_the_option": lambda: leaving([140, 200, 300, 50, 224], [1e3, 1e3, 1e3, 1e3, 5e3]),
    "retired": lambda: leaving([20, 30, 40], [5e3, np.nan, 2e4], ROWS[:3]),
    "older_sold": lambda: leaving([0, 20, 30, NEVER, NEVER, NEVER], [4e3, 5e3, np.nan, np.nan, np.nan, np.nan], OLD),
    "one_month_in_the_books": lambda: booked(ledger("month", 1, PERIODS), ledger("half", 0.5, PERIODS)),
    "shorter": lambda: booked(changing("a", 72, 36, 40), changing("b", 60, 18, 41)),
    "longer": lambda: booked(changing("a", 36, 60, 25), changing("b", 36, 48, 48), fleet=fleet(OLD)),
    "salvage": lambda: booked(
        ledger("unit", 48, PERIODS, salvage=0.1),
        ledger("group", 48, PERIODS, salvage=0.1, write_off=False),
        fleet=dollars(),
    ),
    "no_lag": lambda: neocloud(fleet=fleet([*OLD, (0, 0, 300.0, 43_000.0), (45, 1, 9.0, 52_600.0)], lag=0)),
    "long_lag": lambda: neocloud(fleet=fleet(ROWS, lag=14)),
    "two_segments": two_segments,
    "two_segments_apart": lambda: two_segments(last=4.5),
    "two_segments_closed": lambda: two_segments(fourth=0.0),
    "landings_before_the_grid": lambda: neocloud(
        fleet=dollars(),
        outlook=outlook(AS_OF, landing=column(-40, -12, 48, 60)),
        path=outlook(AS_OF, landing=column(-40, -12, 48, 60)),
    ),
    "rival": lambda: ahead(demand=demand(), rivals=(rival("asic"),)),
    "rival_expected": lambda: expected(demand=demand(), rivals=(rival("asic", known_from=one(10)),)),
    "rival_without_an_answer": lambda: ahead(demand=demand(demand_elasticity=one(0.0)), rivals=(rival("asic"),)),
    "rivals_in_segments": pressed_segments,
    "demand_shock": lambda: ahead(demand=demand(change=shock())),
    "demand_shock_expected": lambda: expected(demand=demand(change=shock())),
    "breakthrough_by_date": lambda: ahead(breakthroughs=advance(date=one(AS_OF + 20))),
    "breakthrough_in_the_past": lambda: expected(breakthroughs=advance(date=one(AS_OF - 15))),
    "breakthrough_by_chance": lambda: expected(breakthroughs=advance(rate=one(0.01))),
    "glut": lambda: ahead(scarcity_target=one(-0.3)),
    "hours_unsold": lambda: ahead(utilisation=sold()),
    "dearer_to_run": lambda: worn(operating_cost=silicon().operating_cost * 1.3),
    "hours_unsold_expected": lambda: expected(utilisation=sold()),
    "hours_unsold_known_late": lambda: expected(utilisation=sold(), sold_known_from=one(35)),
    "migration": lambda: ahead(utilisation=sold(), migrated=1.0 - sold(), resale_yield=one(0.3)),
    "closed_market": lambda: ahead(resale_haircut=one(0.5)),
    "closed_market_expected": lambda: expected(resale_haircut=one(0.3)),
    "stranded": lambda: worn(**stranding()),
    "stranded_dollars": lambda: neocloud(fleet=dollars(), silicon=silicon(**stranding())),
    "stranded_alike": lambda: neocloud(fleet=dollars(), silicon=silicon(**one_age())),
    "stranded_without_old_work": lambda: worn(**one_age(legacy=np.zeros((1, 1, 1)))),
    "stranded_in_cheap_old_work": lambda: worn(**stranding(legacy_rent=one(0.15))),
    "stranded_in_well_paid_old_work": lambda: worn(**stranding(legacy_rent=one(0.95))),
    "service_lost": lambda: neocloud(fleet=dollars(), silicon=silicon(availability=unavailable())),
    "service_lost_and_stranded": lambda: worn(availability=unavailable(), failure_hazard=hazards(), **stranding()),
    "a_segment_nobody_serves": a_segment_nobody_serves,
    "a_segment_nobody_enters": a_segment_nobody_enters,
    "a_segment_known_late": a_segment_known_late,
    "no_history": without_history,
    "holes": with_holes,
    "last_months_unseen": lambda: with_holes(44, 45),
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_engine_equals_loop(variant: str) -> None:
    inputs = VARIANTS[variant]()
    assert_same(evaluate(inputs), evaluate_loop(inputs, 0))


def test_a_grid_that_cuts_a_life_short_is_refused() -> None:
    """No result may depend on where the grid ends, so a device that would outlive it is an error, not a scrap sale."""
    with pytest.raises(ShapeError, match="the grid has 75 periods, the last cohort needs"):
        short_grid()
    with pytest.raises(ShapeError, match="the last cohort needs 289"):
        neocloud(fleet=fleet([(AS_OF + 12 * k, -1, 1e6, 1.0) for k in range(11)]))


@pytest.mark.parametrize("variant", ["plain", "cadence", "drift", "wear", "curve", "all_parts_priced"])
def test_entrant_breaks_even_at_the_planned_decline(variant: str) -> None:
    inputs = VARIANTS[variant]()
    decline = float(evaluate(inputs).market.planning_decline[0])
    assert worth_of_entry(inputs, decline) == pytest.approx(1.0, abs=1e-9)


# Random inputs


def draw_outlook(rng: np.random.Generator, as_of: int, mode: int) -> dict[str, Any]:
    first = rng.integers(-30, -1)
    landing = np.sort(rng.uniform(3, as_of + 30, 4))
    landing[0] = first
    return {
        "mode": np.array([mode]),
        "landing": landing[:, None],
        "known_from": (landing - rng.uniform(0, 24, 4))[:, None],
        "generic_cadence": one(rng.uniform(8, 24)),
        "generic_step": one(rng.uniform(0.1, 0.4)),
        "pass_through": one(rng.uniform(0.5, 1.2)),
        "drift": one(rng.uniform(-0.003, 0.01)),
        "reversion_half_life": one(rng.uniform(4, 40)),
        "ramp_midpoint": one(rng.uniform(2, 9)),
        "ramp_width": one(rng.uniform(0.8, 4)),
        "curve": np.cumsum(rng.normal(-0.02, 0.03, (30, 1)) * (np.arange(30) > 0)[:, None], axis=0),
    }


def draw_silicon(rng: np.random.Generator, ages: int, segments: int) -> dict[str, Any]:
    service = np.cumprod(rng.uniform(1.1, 2.2, (4, 1, 1)), axis=0) * rng.uniform(0.8, 1.2, (4, segments, 1))
    return {
        "priced": np.array([1, 1, 1, rng.integers(2)]),
        "sets_price": np.array([1, rng.integers(2), 1, 1]),
        "cost": column(*(40_000 * np.cumprod(rng.uniform(0.9, 1.7, 4)))),
        "operating_cost": column(*rng.uniform(300, 900, 4)),
        "service": service,
        "failure_hazard": rng.uniform(0.0, 0.01, (ages, 4, 1)),
        "availability": rng.uniform(0.8, 1.0, (4, segments, 1)),
        "serving": np.cumprod(rng.uniform(0.97, 1.0, (ages, 4, 1)), axis=0),
        "legacy": rng.uniform(0.0, 0.05, (1, 4, 1)) * np.arange(ages)[:, None, None] / ages,
        "legacy_rent": one(rng.uniform(0.0, 1.0)),
        "age_efficiency": np.exp(-rng.uniform(0, 0.01, (1, 4, 1)) * np.arange(ages)[:, None, None]),
        "physical_life": one(ages),
    }


def draw_fleet(rng: np.random.Generator, as_of: int, last: int, scheduled: bool) -> Any:
    """Devices and dollars, some older than the grid, some bought later, some with a sale agreed."""
    count = 12
    bought = rng.integers(-20, last - 6, count)
    generation = rng.integers(0, 3, count)
    dollar = rng.random(count) < 0.4
    lag = rng.integers(0, 6, count)
    leaves = np.where(rng.random(count) < 0.3, bought + lag + rng.integers(8, 30, count), NEVER)
    if not scheduled:
        leaves = np.full(count, NEVER)
    cost = np.where(dollar, 1.0, rng.uniform(3e4, 1e5, count))
    return fleet(
        [(int(bought[c]), int(generation[c]), float(rng.uniform(1, 900)), float(cost[c])) for c in range(count)],
        in_service=bought + lag,
        calibrated=dollar.astype(np.int64),
        scheduled_retirement=np.where(leaves < 0, NEVER, leaves),
        sale_value=column(*np.where(rng.random(count) < 0.5, np.nan, cost * rng.uniform(0.01, 0.7, count))),
    )


def draw(seed: int) -> Inputs:
    """Inputs with everything at once; grids long enough for every device to end its life on them."""
    rng = np.random.default_rng([20260930, seed])
    as_of, ages, segments = int(rng.integers(0, 30)), 30, int(rng.integers(1, 3))
    periods = as_of + SMALL
    mode = int(rng.choice([0, 0, 0, CURVE, RESALE]))
    rules = draw_outlook(rng, as_of, RESALE if mode == RESALE else 0)
    ahead_of_now = np.maximum(rules["landing"][:, 0] - as_of, 0.0)
    delay = np.maximum(rng.uniform(-6, 8, 4), -0.9 * ahead_of_now) * (ahead_of_now > 0)
    rents = rng.uniform(1.5, 4.0, (as_of + 1, segments, 1))
    rents[: rng.integers(0, as_of + 1)] = np.nan
    lives = rng.integers(1, 40, (2, periods // 9 + 1)).repeat(9, axis=1)[:, :periods]
    books = tuple(
        steps_ledger(
            name, life[:, None, None].astype(float), rng.uniform(0, 0.2, (1, 1)), write_off=bool(rng.integers(2))
        )
        for name, life in zip(("first", "second"), lives, strict=True)
    )
    return neocloud(
        timeline=Timeline(np.datetime64("2024-01"), periods, as_of),
        fleet=draw_fleet(rng, as_of, periods - ages, mode != RESALE),
        silicon=silicon(ages, **draw_silicon(rng, ages, segments)),
        outlook=outlook(as_of, **rules),
        path=outlook(as_of, **{**rules, "mode": np.array([mode]), "delay": delay[:, None]}),
        history=HistoryInputs(rents),
        terms=terms(
            planning_decline=one(rng.uniform(0.0, 0.04)),
            planning_life=one(float(rng.integers(6, ages))),
            plan=np.array([rng.integers(3)]),
            scrap_share=one(rng.uniform(0, 0.1)),
            delivery_premium=one(rng.uniform(0, 0.2)),
            discount_factor=one(rng.uniform(1.05, 1.25) ** (-1 / 12)),
        ),
        ledgers=books,
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_engine_equals_loop_on_random_inputs(seed: int) -> None:
    inputs = draw(seed)
    assert_same(evaluate(inputs), evaluate_loop(inputs, 0))


# Batches


def leaves_of(record: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Arrays inside nested results, by name, inputs left out."""
    if is_dataclass(record):
        for item in fields(record):
            if item.name != "inputs":
                yield from leaves_of(getattr(record, item.name), f"{path}.{item.name}")
    elif isinstance(record, tuple):
        for number, item in enumerate(record):
            yield from leaves_of(item, f"{path}[{number}]")
    elif isinstance(record, np.ndarray):
        yield path, record


def assert_batch_equals_loop(cases: list[Inputs]) -> None:
    together = evaluate(Inputs.stack(cases))
    for case, inputs in enumerate(cases):
        alone = dict(leaves_of(evaluate(inputs)))
        for name, values in leaves_of(together):
            if "irr_roots" in name:
                continue
            assert_close(f"{name} of case {case}", one_case(values, case), one_case(alone[name], 0))
        roots = evaluate(inputs).returns.irr_roots[0]
        assert_close(f"irr roots of case {case}", together.returns.irr_roots[case], roots, SUMS)


SCENARIOS = (
    "plain",
    "delay",
    "advance",
    "cadence_on_the_path",
    "curve_on_the_path",
    "delay_past_the_next",
    "rival",
    "demand_shock",
    "breakthrough_by_date",
    "closed_market",
    "hours_unsold",
    "dearer_to_run",
    "stranded",
    "service_lost",
)


def alike(case: Inputs) -> Inputs:
    """A case with the rival and the breakthrough that some case of a stack has, idle where it has none itself."""
    idle = rival("asic", ceiling=0.0), BreakthroughInputs("advance", one(0.0), ramp_midpoint=one(24), ramp_width=one(8))
    rules = case.path
    path = replace(rules, rivals=rules.rivals or idle[:1], breakthroughs=rules.breakthroughs or idle[1:])
    return replace(case, path=path)


def test_batch_equals_loop_with_a_frozen_base() -> None:
    base = neocloud(fleet=dollars())
    frozen = freeze(base)
    cases = [replace(VARIANTS[name](), fleet=base.fleet) for name in SCENARIOS]
    cases.append(replace(base, terms=terms(discount_factor=one(1.15 ** (-1 / 12)), scrap_share=one(0.05))))
    cases.append(replace(base, ledgers=(ledger("three_year", 30, PERIODS), ledger("disclosed", 60, PERIODS))))
    cases.append(replace(base, fleet=replace(base.fleet, units=base.fleet.units * 1.5)))
    assert_batch_equals_loop([with_frozen(alike(case), frozen) for case in cases])


def test_batch_equals_loop_where_each_case_is_its_own_base() -> None:
    cases = [replace(VARIANTS[name](), fleet=dollars()) for name in ("plain", "cadence", "drift", "curve", "half_life")]
    assert_batch_equals_loop(cases)


@pytest.mark.slow
def test_engine_equals_loop_in_a_batch() -> None:
    base = neocloud(fleet=dollars())
    frozen = freeze(base)
    cases = [with_frozen(alike(replace(VARIANTS[name](), fleet=base.fleet)), frozen) for name in SCENARIOS]
    stacked = Inputs.stack(cases)
    together = evaluate(stacked)
    for case in range(len(cases)):
        assert_same(together, evaluate_loop(stacked, case), case)
