"""Speed of the engine against the month-by-month loops of the oracle, over the same cells.

Both find market, values, ledgers, gaps, cash, present values and the lives of the cohorts; the engine's time also holds
internal rates, payback and the lives of the fleet.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
import pytest

from tests.factories import column, fleet, ledger, neocloud, observed, one, outlook
from tests.oracle.loop import evaluate_loop
from valuation.engine import evaluate
from valuation.inputs import HistoryInputs, Inputs
from valuation.stages.calibration import freeze, with_frozen
from valuation.timeline import Timeline

HISTORY = 45  # months before the as-of date
MONTHS = 180  # of the grid, history included
COHORTS = 200
FLOORS = {HISTORY: 50.0, 0: 30.0}  # the engine is at least so many times faster, by months of history
REPEATS = 15
SCENARIOS: tuple[dict[str, Any], ...] = (
    {},
    {"delay": column(0, 0, 6, 6)},
    {"delay": column(0, 0, -2, -6)},
    {"generic_cadence": one(22)},
    {"generic_step": one(0.38)},
    {"reversion_half_life": one(6)},
    {"pass_through": one(0.7)},
    {"drift": one(0.01)},
)


def owned() -> Any:
    """Monthly purchases of three generations, a quarter of them known in dollars."""
    rng = np.random.default_rng(20260930)
    rows = []
    for cohort in range(COHORTS):
        bought = cohort % (HISTORY + 12)
        generation = 0 if bought < 24 else 1 if bought < HISTORY else 2
        cost = (43_000.0, 52_600.0, 120_300.0)[generation]
        rows.append((bought, generation, float(rng.integers(100, 2_000)), cost * float(rng.uniform(0.95, 1.05))))
    stock = fleet(rows)
    dollars = np.arange(COHORTS) % 4 == 3
    return replace(
        stock,
        calibrated=dollars.astype(np.int64),
        cost=np.where(dollars[:, None], 1.0, stock.cost),
        units=np.where(dollars[:, None], stock.units * stock.cost, stock.units),
    )


def scenarios(as_of: int) -> Inputs:
    """One fleet under every scenario, on a grid that starts some months before the as-of date."""
    stock, periods, rules = owned(), MONTHS, outlook(as_of)
    moved = HISTORY - as_of
    base = neocloud(
        timeline=Timeline(np.datetime64("2026-09") - as_of, periods, as_of),
        fleet=replace(stock, purchase=stock.purchase - moved, in_service=stock.in_service - moved),
        outlook=rules,
        path=rules,
        history=HistoryInputs(observed(as_of)),
        ledgers=(ledger("three_year", 36, periods), ledger("disclosed", 72, periods)),
    )
    frozen = freeze(base)
    return Inputs.stack([with_frozen(replace(base, path=outlook(as_of, **changes)), frozen) for changes in SCENARIOS])


def measured(inputs: Inputs) -> tuple[float, float]:
    """Seconds of the engine, the median of some runs, and of the loops over every case.

    The values of what was bought on the grid must agree.
    """
    assert inputs.cases == len(SCENARIOS)
    seconds = []
    for _ in range(REPEATS):
        start = perf_counter()
        results = evaluate(inputs)
        seconds.append(perf_counter() - start)
    start = perf_counter()
    found = [evaluate_loop(inputs, case) for case in range(inputs.cases)]
    loops = perf_counter() - start
    on_grid = inputs.fleet.in_service >= 0
    for case, rows in enumerate(found):
        values = np.asarray(rows["economic"]["value_in_exchange"])[:, on_grid]
        engine = results.economic.value_in_exchange[:, on_grid, case]
        np.testing.assert_allclose(engine, values, rtol=0, atol=1e-12 * values.max())
    return float(np.median(seconds)), loops


@pytest.mark.bench
def test_engine_outruns_the_loops(capsys: pytest.CaptureFixture[str]) -> None:
    ratios = {}
    for history in FLOORS:
        engine, loops = measured(scenarios(history))
        ratios[history] = loops / engine
        with capsys.disabled():
            figures = f"engine {engine:.3f} s, loops {loops:.2f} s, ratio {ratios[history]:.0f}"
            sys.stdout.write(f"\n{history} months of history: {figures}")
    assert {history: ratio for history, ratio in ratios.items() if ratio < FLOORS[history]} == {}
