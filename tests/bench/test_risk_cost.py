"""Cost of a random path: against drawing its numbers, and against working the paths out one by one.

The floor is what NumPy's Philox takes to draw as many normal numbers, in the same process and in turn with the run, so
that the ratio holds on any machine. Paths one by one go through the same program, a block of one path each: some of
them are timed and scaled up.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from time import perf_counter

import numpy as np
import pytest

from assumptions import load_case
from assumptions.risk import Risk
from valuation.montecarlo import Portion, run_block
from valuation.numerics import one_blas_thread
from valuation.sampling import Plan, Sampler

CASE = "neocloud"  # every parameter of it drawn
ROUNDS = 5
SAMPLE = 8  # paths worked out one by one
MOST_RATIO = 250.0  # to the normals; four is aimed at
LEAST_GAIN = 50.0  # over paths one by one
SAMPLERS: tuple[Sampler, ...] = ("philox", "sobol")


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


@pytest.mark.bench
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_cost_of_a_random_path(sampler: Sampler, capsys: pytest.CaptureFixture[str]) -> None:
    risk = Risk(load_case(CASE))
    plan = risk.plan(1, sampler)
    with one_blas_thread():  # as a run has it
        seconds_of_block(risk, plan, 0)
        pairs = [(seconds_of_block(risk, plan, block), seconds_of_normals(plan)) for block in range(1, ROUNDS + 1)]
    seconds, normals = (float(np.median(column)) / plan.width for column in zip(*pairs, strict=True))
    ratio = float(np.median([block / floor for block, floor in pairs]))
    single = replace(plan, width=1)
    seconds_of_block(risk, single, 0)
    alone = float(np.mean([seconds_of_block(risk, single, block) for block in range(1, SAMPLE + 1)]))
    with capsys.disabled():
        cost = f"{1e6 * seconds:.0f} us a path, {ratio:.0f} times its normals ({1e6 * normals:.1f} us)"
        gain = f"{alone / seconds:.0f} times as fast as one by one ({1e3 * alone:.0f} ms a path, {SAMPLE} timed)"
        sys.stdout.write(f"\n{CASE}, {sampler}, blocks of {plan.width}: {cost}; {gain}")
    assert ratio < MOST_RATIO
    assert alone / seconds > LEAST_GAIN
