"""Small runs made by hand: three ledgers, failures by part, salvage, a change of life ahead, hostile words."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np

from assumptions import AssumptionRow, PlanRow, SensitivityRow
from reports.record.report import Report, Scenario
from tests import factories
from valuation.books.policies import LedgerInputs
from valuation.engine import evaluate
from valuation.inputs import Inputs
from valuation.stages.calibration import freeze, with_frozen

HOSTILE = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("https://a.example","x")',
    "+1+1",
    "-1+1",
    "@SUM(1)",
    "\t=1+1",
    "https://a.example",
    "0012",
    "<b>&amp;</b>",
)
GROUPS = (("servers", "H100"), ("servers", "B200"), ("servers", "Rubin"))
COHORTS = ("2023-05 servers H100", "2024-05 servers H100", "2025-05 servers B200", "2027-05 servers Rubin")
GENERATIONS = ("H100", "B200", "Rubin", "generic")
SCENARIOS = ("base", "late", "harder")
LIFE_KEY = "ledgers.three_year.life_months"


def ledgers(periods: int, as_of: int, three_year: float = 36) -> tuple[LedgerInputs, ...]:
    """Three sets of books; the first may change its life at the as-of date, the second does two years later."""
    first = factories.ledger("three_year", 36, periods)
    life = first.life.copy()
    life[as_of:] = three_year
    second = factories.ledger("disclosed", 72, periods, salvage=0.1)
    steps = second.life.copy()
    steps[as_of + 24 :] = 60
    group = factories.ledger("group", 48, periods, write_off=False, salvage=0.05)
    return (factories.with_life(first, life), factories.with_life(second, steps), group)


def inputs(three_year: float = 36) -> Inputs:
    """Base, a scenario with late landings, and one with more failures, shorter lives and no last purchase."""
    base = factories.neocloud()
    periods, as_of = base.timeline.periods, base.timeline.as_of
    base = replace(base, ledgers=ledgers(periods, as_of, three_year))
    late = replace(base, path=replace(base.path, delay=base.path.delay + 9.0))
    worn = factories.hazard(0.10, 0.05) * np.array([1.0, 0.5, 2.0, 1.0])[None, :, None]
    units = base.fleet.units.copy()
    units[-1] = 0.0
    shorter = tuple(factories.with_life(ledger, ledger.life - 6.0) for ledger in base.ledgers)
    harder = replace(
        base,
        silicon=replace(base.silicon, failure_hazard=worn),
        fleet=replace(base.fleet, units=units),
        ledgers=shorter,
    )
    stacked = Inputs.stack([base, late, harder])
    return with_frozen(stacked, freeze(stacked.take(np.array([0]))))


def assumptions(three_year: float = 36) -> tuple[AssumptionRow, ...]:
    """A list with one life that the live books follow, and words that look like formulas."""
    hostile = tuple(
        AssumptionRow(f"terms.hostile_{number}", text, text, text, None, None, text, text, text, text, text, text)
        for number, text in enumerate(HOSTILE)
    )
    return (
        AssumptionRow(
            "terms.required_return_annual", "Required return", "per year", 0.11, 0.05, 0.15, "judgement", "x"
        ),
        *hostile,
        AssumptionRow(LIFE_KEY, "Three-year books: book life", "months", three_year, None, None, "judgement", "x"),
    )


@cache
def report(three_year: float = 36) -> Report:
    """The run as the exits see it."""
    gaps = {"three_year": -1e8, "disclosed": 2e7, "group": 0.0}
    moved = tuple(
        SensitivityRow(f"key.{number}", f"Assumption {number}", "share", "low", 0.5, 0.1, None, gaps, gaps, gaps, 1e8)
        for number in range(4)
    )
    return Report(
        case="sample",
        title="Sample fleet",
        entity="Sample fleet",
        digest="0123456789abcdef" * 4,
        results=evaluate(inputs(three_year)),
        scenarios=tuple(
            Scenario(
                name,
                name.title(),
                HOSTILE[number],
                HOSTILE[0],
                confidence="low",
                changes=(HOSTILE[1],),
                contradicted_by=HOSTILE[2],
            )
            for number, name in enumerate(SCENARIOS)
        ),
        groups=GROUPS,
        cohorts=COHORTS,
        generations=GENERATIONS,
        assumptions=assumptions(three_year),
        sensitivities=moved,
        plans=(PlanRow("default", 1e9, gaps, chosen=True), PlanRow("flat", 2e9, gaps, chosen=False)),
        notes=(HOSTILE[0],),
        version="0",
    )
