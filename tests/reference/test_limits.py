"""Figures that docs/limits.md states, recomputed."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import CaseRun, load_case, run_case


@pytest.fixture(scope="module", params=["neocloud", "meta"])
def run(request: pytest.FixtureRequest) -> CaseRun:
    return run_case(load_case(request.param), ["growth_continues", "hopper_as_seen"])


def test_late_purchases_lose_against_the_path_they_meet(run: CaseRun) -> None:
    """14 to 19 % of what is bought from 2028 on."""
    economic, timeline = run.results.economic, run.results.inputs.timeline
    years = timeline.fiscal_years
    spent, surplus = (
        timeline.fiscal_year_sums(flow[:, :, 1:2].sum(axis=1))[:, 0]
        for flow in (economic.additions_at_cost, economic.purchase_surplus)
    )
    late = (years >= 2028) & (spent > 0.0)
    assert late.sum() >= 4
    loss = -surplus[late] / spent[late]
    assert 0.135 <= loss.min() <= loss.max() <= 0.195


def test_the_curve_ends_below_and_stays(run: CaseRun) -> None:
    """22 % below the rents of the as-of date from the 31st month on."""
    as_of = run.results.inputs.timeline.as_of
    rent = run.results.market.rent[as_of:, 0, 2]
    assert rent[31] / rent[0] == pytest.approx(0.78, abs=0.005)
    np.testing.assert_allclose(rent[31:], rent[31])
