"""Cost of a random path: against drawing its numbers, and against working the paths out one by one.

The floor is what NumPy's Philox takes to draw as many normal numbers in double precision, in the same process and in
turn with the run, so that the ratio holds on any machine. Paths one by one go through the same program, a block of one
path each: some of them are timed and scaled up.

Values conditional on the state have a floor of their own: every month that a value looks ahead needs the rent expected
then, which takes an exponential, and the share of hours paid, which takes another. What these alone cost is told too.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from assumptions import load_case
from assumptions.risk.drawn import Risk
from valuation.draws.sampling import Plan, Sampler
from valuation.paths.dates import Dates
from valuation.paths.montecarlo import Portion, run_block
from valuation.paths.numerics import one_blas_thread
from valuation.paths.prospects import Prospects
from valuation.timeline import FloatArray

CASE = "neocloud"  # every parameter of it drawn
ROUNDS = 5
SAMPLE = 64  # paths worked out one by one: some need many more values than others
MOST_RATIO = 250.0  # to the normals; four is aimed at
LEAST_GAIN = 50.0  # over paths one by one
EXPONENTIALS = 2  # of a month looked ahead
WAYS: tuple[tuple[Sampler, str], ...] = (("philox", "double"), ("sobol", "double"), ("philox", "single"))


def seconds_of_block(risk: Risk, plan: Plan, block: int) -> float:
    """Time of a block drawn, valued and read off."""
    ledger = next(iter(risk.base.ledgers))
    start = perf_counter()
    run_block((risk, plan, ledger, Portion(0, block, (block + 1) * plan.width)))
    return perf_counter() - start


def seconds_of_normals(plan: Plan) -> float:
    """Time in which NumPy's Philox draws as many normal numbers as a block takes."""
    random = np.random.Generator(np.random.Philox(plan.seed))
    count = len(plan.scalars) + len(plan.series) * plan.months
    found = np.empty((count, plan.width))
    random.standard_normal(out=found)
    start = perf_counter()
    random.standard_normal(out=found)
    return perf_counter() - start


def months_looked_ahead(risk: Risk, plan: Plan, watch: pytest.MonkeyPatch) -> int:
    """Months that the values of a block look ahead, over all dates and paths."""
    months: list[int] = []

    def counted(self: Prospects, dates: Dates, horizon: int) -> FloatArray:
        months.append(horizon * dates.count(self.paths))
        return expected(self, dates, horizon)

    expected = Prospects.expected_earned
    with watch.context() as watching:
        watching.setattr(Prospects, "expected_earned", counted)
        seconds_of_block(risk, plan, 0)
    return sum(months)


def seconds_of_exponentials(plan: Plan, count: int) -> float:
    """Time in which NumPy forms some exponentials in the precision of a plan."""
    rows = np.full((16, plan.width), -0.5, dtype=plan.dtype)
    found = np.empty_like(rows)
    start = perf_counter()
    for _ in range(count // rows.size):
        np.exp(rows, out=found)
    return perf_counter() - start


@pytest.mark.bench
@pytest.mark.parametrize(("sampler", "precision"), WAYS)
def test_cost_of_a_random_path(
    sampler: Sampler, precision: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    risk = Risk(load_case(CASE))
    plan = replace(risk.plan(1, sampler), dtype=np.dtype(precision))
    with one_blas_thread():  # as a run has it
        months = months_looked_ahead(risk, plan, monkeypatch)
        rounds = [
            (seconds_of_block(risk, plan, block), seconds_of_normals(plan), seconds_of_exponentials(plan, months))
            for block in range(1, ROUNDS + 1)
        ]
    seconds, normals, _ = (float(np.median(column)) / plan.width for column in zip(*rounds, strict=True))
    ratio = float(np.median([block / floor for block, floor, _ in rounds]))
    least = float(np.median([EXPONENTIALS * alone / floor for _, floor, alone in rounds]))
    single = replace(plan, width=1)
    seconds_of_block(risk, single, 0)
    alone = float(np.mean([seconds_of_block(risk, single, block) for block in range(1, SAMPLE + 1)]))
    with capsys.disabled():
        cost = f"{1e6 * seconds:.0f} us a path, {ratio:.1f} times its normals ({1e6 * normals:.1f} us)"
        floor = (
            f"its values look {months / plan.width:,.0f} months ahead, whose exponentials alone are {least:.1f} times"
        )
        gain = f"{alone / seconds:.0f} times as fast as one by one ({1e3 * alone:.0f} ms a path, {SAMPLE} timed)"
        sys.stdout.write(f"\n{CASE}, {sampler}, {precision}, blocks of {plan.width}: {cost}; {floor}; {gain}")
    assert ratio < MOST_RATIO
    assert alone / seconds > LEAST_GAIN
