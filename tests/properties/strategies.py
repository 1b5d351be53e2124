"""Hypothesis strategies for engine inputs: small fleets over the ranges a user may enter."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import strategies as st

from tests.factories import column, fleet, hazard, ledger, neocloud, one, outlook, silicon, terms, with_life
from valuation.books.policies import LedgerInputs
from valuation.inputs import Inputs

AS_OF = 45
PERIODS = AS_OF + 180


@st.composite
def cohorts(draw: st.DrawFn) -> list[tuple[int, int, float, float]]:
    """One to four purchases: bound, generation (-1 for dollars), units, cost per unit."""
    rows = []
    for _ in range(draw(st.integers(1, 4))):
        generation = draw(st.sampled_from([-1, 0, 1, 2]))
        bound = draw(st.integers(0, AS_OF + 18))
        cost = {-1: 1.0, 0: 43_000.0, 1: 52_600.0, 2: 120_300.0}[generation]
        units = draw(st.floats(1.0, 1e4)) * (1.0 if generation >= 0 else 4e4)
        rows.append((bound, generation, units, cost))
    return rows


@st.composite
def ledgers(draw: st.DrawFn) -> LedgerInputs:
    """A ledger with one change of life at any date, salvage or none, failures written off or not."""
    before, after = draw(st.integers(1, 120)), draw(st.integers(1, 120))
    record = ledger(
        "changing", before, PERIODS, write_off=draw(st.booleans()), salvage=draw(st.sampled_from([0.0, 0.1]))
    )
    life = np.array(record.life)
    life[draw(st.integers(0, PERIODS - 1)) :] = after
    return with_life(record, life)


@st.composite
def inputs(draw: st.DrawFn) -> Inputs:
    """Inputs of one case, its own base, with a planning decline given so that no root is searched."""
    rate = draw(st.floats(0.02, 0.30))
    beliefs = outlook(
        AS_OF,
        generic_cadence=one(draw(st.integers(6, 36))),
        generic_step=one(draw(st.floats(0.0, 0.6))),
        pass_through=one(draw(st.floats(0.0, 1.0))),
        reversion_half_life=one(draw(st.floats(1.0, 120.0))),
    )
    delay = draw(st.integers(-15, 36))
    future = replace(beliefs, delay=column(0, 0, delay, delay))
    early, steady = draw(st.floats(0.0, 0.2)), draw(st.floats(0.0, 0.1))
    return neocloud(
        fleet=fleet(draw(cohorts()), lag=draw(st.integers(0, 6))),
        silicon=silicon(failure_hazard=hazard(early, steady)),
        outlook=beliefs,
        path=future,
        terms=terms(
            discount_factor=one((1 + rate) ** (-1 / 12)),
            planning_decline=one(draw(st.floats(0.0, 0.03))),
            scrap_share=one(draw(st.floats(0.0, 0.2))),
        ),
        ledgers=(ledger("three_year", 36, PERIODS), draw(ledgers())),
    )
