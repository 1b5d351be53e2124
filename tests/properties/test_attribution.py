"""Parts of the gap sum to it, whatever the inputs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.factories import one
from tests.properties.strategies import AS_OF, PERIODS, inputs
from valuation.analysis.attribution import Method, Plan, waterfall
from valuation.engine import evaluate
from valuation.inputs import CURVE, RESALE, STRUCTURAL, Inputs, OutlookInputs
from valuation.silicon.pressures import BreakthroughInputs, DemandInputs, RivalInputs
from valuation.stages.calibration import freeze, with_frozen

shares = st.floats(0.0, 1.0)


@st.composite
def outlooks(draw: st.DrawFn, plain: OutlookInputs) -> OutlookInputs:
    """An outlook under pressure from all sides."""
    bound = np.arange(PERIODS + 1.0)
    begin, speed = draw(st.integers(0, AS_OF + 40)), draw(st.floats(0.001, 0.05))
    rivals = tuple(
        RivalInputs(
            name,
            cause,
            open_share=np.full((1, 1, 1), draw(shares)),
            adoption=np.clip((bound - begin) * speed, 0.0, 1.0)[:, None],
            known_from=one(draw(st.integers(0, AS_OF + 40))),
        )
        for name, cause in (("tpu", "captive"), ("fixed", "etched"), ("phone", "outside"), ("npu", "outside"))
    )
    change = draw(st.floats(-0.5, 0.5)) * np.clip((bound - begin) / 24.0, 0.0, 1.0)
    date = draw(st.sampled_from([np.inf, 20.0, AS_OF + 20.0]))
    leap = BreakthroughInputs("leap", one(draw(shares)), one(date), one(draw(st.floats(0.0, 0.01))))
    return replace(
        plain,
        mode=np.array([draw(st.sampled_from([STRUCTURAL, STRUCTURAL, CURVE, RESALE]))]),
        curve=-0.01 * np.arange(120.0)[:, None],
        drift=one(draw(st.floats(-0.01, 0.02))),
        utilisation=np.where(bound < begin, 1.0, draw(shares))[:, None],
        resale_haircut=one(draw(st.floats(0.0, 0.9))),
        demand=(DemandInputs(change=change[:, None], demand_elasticity=one(draw(shares))),),
        rivals=rivals,
        breakthroughs=(leap,),
    )


@st.composite
def stacks(draw: st.DrawFn) -> Inputs:
    """A base and a case with another future, other running costs and other failures."""
    base = draw(inputs())
    pressed = draw(outlooks(base.outlook))
    base = replace(base, outlook=pressed, path=pressed)
    silicon = replace(
        base.silicon,
        operating_cost=base.silicon.operating_cost * draw(st.floats(0.5, 2.0)),
        failure_hazard=base.silicon.failure_hazard * draw(st.floats(0.0, 3.0)),
        age_efficiency=np.exp(-draw(st.floats(0.0, 0.02)) * np.arange(120.0))[:, None, None],
    )
    terms = replace(base.terms, paid_hours=base.terms.paid_hours * draw(st.floats(0.5, 1.0)))
    case = replace(base, silicon=silicon, terms=terms, path=draw(outlooks(replace(base.path, delay=draw_delay(draw)))))
    stacked = Inputs.stack([base, case])
    return with_frozen(stacked, freeze(stacked.take(np.array([0]))))


def draw_delay(draw: st.DrawFn) -> np.ndarray:
    """Slips of the parts still to land."""
    slip = float(draw(st.integers(-10, 24)))
    return np.array([[0.0], [0.0], [slip], [slip]])


@given(case=stacks(), method=st.sampled_from(Method), plan=st.sampled_from(Plan))
@settings(max_examples=examples(200), deadline=None, derandomize=True)
def test_parts_sum_to_the_gap(case: Inputs, method: Method, plan: Plan) -> None:
    results = evaluate(case)
    found = waterfall(results, method, plan)
    size = float((case.fleet.units * case.fleet.cost).max())
    for number, gap in enumerate(results.gaps):
        told = found.accounting[number] + found.parts.sum(axis=0)
        np.testing.assert_allclose(told, gap.gap[case.timeline.as_of], rtol=0, atol=1e-9 * size)
