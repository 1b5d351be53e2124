"""Plans of devices that may be stranded, against the recursion that values them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import column, fleet, hazard, neocloud, one, silicon
from valuation.devices.value import value_along
from valuation.engine import evaluate
from valuation.silicon.churn import legacy_share, serving_share
from valuation.silicon.stranding import Stranding
from valuation.stages.calibration import generation_rents, new_device_state
from valuation.stages.entry import plan_rent, survivors_by_age

AGES = 120


def stranded(rate: float, fade: float, rent: float) -> Stranding:
    years = np.arange(AGES)[:, None, None] / 12
    everywhere = np.full((1, 1, 1), rate)
    old = legacy_share(everywhere, years, np.ones(1), np.array([fade]))
    return Stranding(serving_share(everywhere, years), old, one(rent))


def plan(stranding: Stranding | None, operating: float = 450.0) -> float:
    """Rent of the first month of a plan over 60 months, rents falling by 1.5 % a month."""
    found = plan_rent(
        cost=column(43_000.0),
        operating_cost=column(operating),
        scrap=column(860.0),
        survivors=survivors_by_age(hazard()),
        service_by_age=np.exp(-0.015 * np.arange(AGES))[:, None, None],
        discount_factor=one(1.11 ** (-1 / 12)),
        planning_life=one(60),
        stranding=stranding,
    )
    return float(found[0, 0])


@pytest.mark.parametrize("rent", [0.0, 0.2, 0.4, 0.7, 1.0])
@pytest.mark.parametrize("rate", [0.0, 0.05, 0.5, 2.0])
def test_a_plan_with_stranding_has_no_net_present_value(rate: float, rent: float) -> None:
    """With stopping switched off at the planned life the recursion returns the cost of the device."""
    parts = silicon(physical_life=one(60))
    shares = stranded(rate, 0.3, rent)
    parts = replace(parts, serving=shares.serving, legacy=shares.legacy, legacy_rent=shares.legacy_rent)
    inputs = neocloud(silicon=parts, fleet=fleet([(5, 0, 1.0, 43_000.0)]))
    decline = one(0.015)
    entry = generation_rents(inputs, decline)[0, 0, 0]
    state = new_device_state(inputs, np.zeros(1, dtype=np.int64))
    path = entry * np.exp(-0.015 * np.arange(61.0))[:, None, None]
    value, _ = value_along(state, path, may_stop=False)
    assert value[0, 0, 0] == pytest.approx(43_000.0, rel=1e-12)


def test_rent_of_a_plan_rises_with_stranding_and_falls_with_legacy_work() -> None:
    free = plan(None)
    assert plan(stranded(0.0, 0.3, 0.5)) == free
    assert free < plan(stranded(0.2, 0.3, 0.5)) < plan(stranded(0.8, 0.3, 0.5))
    assert plan(stranded(0.8, 0.3, 0.9)) < plan(stranded(0.8, 0.3, 0.5)) <= plan(stranded(0.8, 0.3, 0.0))
    assert plan(stranded(0.8, 0.0, 1.0), operating=0.0) == pytest.approx(plan(None, operating=0.0), rel=1e-12)


def test_old_work_that_does_not_pay_is_left_undone() -> None:
    """Where old work earns less than it costs, a plan is what it is without any."""
    assert plan(stranded(0.5, 0.3, 0.01)) == plan(stranded(0.5, 0.3, 0.0))


def test_tables_of_one_age_that_strand_nothing_cost_nothing() -> None:
    assert not Stranding().strands
    assert Stranding(serving=np.full((1, 1, 1), 0.5)).strands
    assert stranded(0.1, 0.3, 0.3).strands


def test_stranded_devices_without_work_pay_nothing_and_stay() -> None:
    """Units are those of the calm case, running cost only that of devices with work."""
    shares = stranded(0.6, 0.3, 0.0)
    calm = neocloud(fleet=fleet([(5, 0, 1_000.0, 43_000.0)]))
    parts = replace(calm.silicon, serving=shares.serving, legacy=shares.legacy)
    first, second = evaluate(calm), evaluate(replace(calm, silicon=parts))
    as_of, born = calm.timeline.as_of, int(calm.fleet.in_service[0])
    np.testing.assert_array_equal(second.economic.units[: as_of + 1], first.economic.units[: as_of + 1])
    spent = [found.economic.gross_rent - found.economic.quasi_rent for found in (first, second)]
    age = np.arange(as_of - born)
    np.testing.assert_allclose(spent[1][born:as_of, 0, 0], np.exp(-0.6 * age / 12) * spent[0][born:as_of, 0, 0])
