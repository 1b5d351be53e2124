"""Sites: what scarce power is worth, how fast devices give way, moves to another site, charges that do not end."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.factories import column, fleet, neocloud, one, outlook, silicon
from valuation.analysis.checks import check
from valuation.devices.sites import STAY, SiteInputs, obtainable_exits, shadow_price
from valuation.engine import evaluate
from valuation.inputs import Inputs
from valuation.results import Results
from valuation.timeline import NEVER

AS_OF = 45
KILOWATTS = column(1.275, 1.788, 2.639, 1.0)


def sites(*names: str, **changes: Any) -> SiteInputs:
    """Free sites on which running costs what the market's does."""
    count, cost = len(names), silicon().operating_cost
    fields: dict[str, Any] = {
        "power_limited": np.zeros((count, 1)),
        "rack_limited": np.zeros((count, 1)),
        "operating_cost": np.repeat(cost[None], count, axis=0),
        "committed": np.zeros((count, len(cost), 1)),
        "removal_cost": np.zeros((count, len(cost), 1)),
        "commitment": np.full((count, 1), 60.0),
        "availability": np.ones((count, 1)),
        "obtainable": np.full((count, 1), 0.05),
        "next_site": np.full(count, STAY),
        "moving_cost": np.zeros((count, 1)),
    }
    return SiteInputs(names, **{**fields, **changes})


def placed(found: SiteInputs, **changes: Any) -> Inputs:
    """A small fleet on the first of some sites, power known."""
    return neocloud(silicon=silicon(power=KILOWATTS), sites=found, **changes)


def passes(results: Results) -> None:
    assert [item.name for item in check(results) if not item.passed] == []


def test_a_kilowatt_earns_what_the_best_challenger_leaves() -> None:
    """Rent 2.65 over an entry rent of 2.1, 675 paid hours, 0.968 kW a unit of service: 383 USD a month."""
    price = shadow_price(
        np.full((1, 1, 1), 2.65),
        np.full((1, 1, 1), 2.1),
        np.full((1, 1, 1), 1.788 / 1.847),
        paid_hours=one(675.25),
        availability=column(1.0, 0.5),
    )
    np.testing.assert_allclose(price[0, :, 0], [383.6, 191.8], atol=0.1)


def test_a_kilowatt_is_worth_nothing_in_a_glut() -> None:
    price = shadow_price(
        np.full((1, 1, 1), 1.5),
        np.full((1, 1, 1), 2.1),
        np.ones((1, 1, 1)),
        paid_hours=one(675.0),
        availability=column(1.0),
    )
    assert price.item() == 0.0


def test_cohorts_give_way_as_fast_as_challengers_come() -> None:
    """Ten a month: thirty, then twenty, wait for three and two months; another site does not wait for them."""
    wanted = np.array([[5], [5], [6], [NEVER]])
    amount, worth = column(30, 20, 10, 10), column(1.0, 2.0, 1.0, 1.0)
    found = obtainable_exits(wanted, amount, np.array([0, 0, 1, 0]), column(10.0, 5.0), worth)
    assert found[:, 0].tolist() == [8, 10, 8, NEVER]


def test_no_more_gives_way_by_any_month_than_could_be_had() -> None:
    rng = np.random.default_rng(7)
    wanted, amount = rng.integers(0, 30, (40, 3)), rng.uniform(1.0, 9.0, (40, 3))
    site, monthly = rng.integers(0, 2, 40), column(3.0, 8.0)
    found = obtainable_exits(wanted, amount, site, monthly, rng.uniform(0.0, 1.0, (40, 3)))
    assert (found >= wanted).all()
    for place in range(2):
        for case in range(3):
            here = site == place
            first = wanted[here, case].min()
            for month in range(first, 200):
                gone = amount[here, case][found[here, case] <= month].sum()
                assert gone <= monthly[place, 0] * (month - first) + 1e-9


def test_nothing_that_cannot_be_had_takes_a_place() -> None:
    found = obtainable_exits(np.array([[3]]), column(5.0), np.array([0]), column(0.0), column(1.0))
    assert found.item() == NEVER


def test_free_sites_change_nothing_to_the_bit() -> None:
    plain = evaluate(neocloud(silicon=silicon(power=KILOWATTS)))
    found = evaluate(placed(sites("standard", "other")))
    np.testing.assert_array_equal(found.economic.value_in_exchange, plain.economic.value_in_exchange)
    np.testing.assert_array_equal(found.cash.net, plain.cash.net)
    assert found.placement is None
    assert found.rights is not None
    assert found.rights.power.item() == found.rights.committed_capacity.item() == 0.0


def test_scarce_power_is_taken_from_the_device_and_shown_beside_it() -> None:
    """What the places would earn is no value of the devices: the two add up to what the rents are worth."""
    free, limited = (
        evaluate(placed(sites("standard", power_limited=column(scarce), obtainable=column(1e-6))))
        for scarce in (0.0, 1.0)
    )
    passes(limited)
    assert limited.rights is not None
    owned = limited.economic.value_in_use[AS_OF].sum()
    assert owned < free.economic.value_in_use[AS_OF].sum()
    assert owned + limited.rights.power[0] <= free.economic.value_in_use[AS_OF].sum() * (1.0 + 1e-12)
    # Hardly any challenger can be had, so the devices run as long as before.
    np.testing.assert_array_equal(limited.economic.retirement, free.economic.retirement)


def test_scarce_power_shortens_lives_as_far_as_challengers_come() -> None:
    scarce = outlook(AS_OF, reversion_half_life=one(240))
    lives = [
        evaluate(
            placed(sites("standard", power_limited=column(1.0), obtainable=column(pace)), outlook=scarce, path=scarce)
        ).economic.retirement
        for pace in (1e-6, 0.02, 1.0)
    ]
    assert (lives[2] <= lives[1]).all()
    assert (lives[1] <= lives[0]).all()
    assert (lives[2] < lives[0]).any()


def test_racks_are_scarce_in_their_own_measure() -> None:
    """A device is charged for its part of a rack, whatever power it takes."""
    found = sites("standard", rack_limited=column(1.0), availability=column(0.1))
    space = column(1 / 32, 1 / 72, 1 / 72, 1.0)
    placement = evaluate(neocloud(silicon=silicon(space=space, power=KILOWATTS), sites=found)).placement
    assert placement is not None
    np.testing.assert_allclose(placement.charge[0, :, 0], placement.shadow[0, 0, 0] * space[[0, 0, 1, 2], 0])
    assert placement.shadow[0, 0, 0] > 0.0


def test_devices_move_where_running_is_cheap() -> None:
    cost = silicon().operating_cost
    cheap = sites(
        "city", "fjord", operating_cost=np.stack([cost, 0.5 * cost]), next_site=np.array([1, STAY]),
        moving_cost=column(0.02, 0.0),
    )  # fmt: skip
    stays, goes = evaluate(placed(sites("city"))), evaluate(placed(cheap))
    passes(goes)
    assert goes.placement is not None
    moved, retired = goes.placement.moved, goes.economic.retirement
    assert (moved[:2] < retired[:2]).all()
    assert (retired[:2] > stays.economic.retirement[:2]).all()
    assert (goes.economic.value_in_use[AS_OF] >= stays.economic.value_in_use[AS_OF] - 1e-6).all()
    spent = (goes.economic.gross_rent - goes.economic.quasi_rent)[int(moved[0, 0]), 0, 0]
    units = goes.economic.units[int(moved[0, 0]), 0, 0]
    assert spent == pytest.approx(units * (0.5 * cost[0, 0] + 0.02 * 43_000))


def test_a_dear_move_is_not_made() -> None:
    cost = silicon().operating_cost
    dear = sites(
        "city", "fjord", operating_cost=np.stack([cost, 0.5 * cost]), next_site=np.array([1, STAY]),
        moving_cost=column(1.0, 0.0),
    )  # fmt: skip
    stays, goes = evaluate(placed(sites("city"))), evaluate(placed(dear))
    assert goes.placement is not None
    assert (goes.placement.moved == NEVER).all()
    np.testing.assert_array_equal(goes.economic.retirement, stays.economic.retirement)


def test_a_charge_that_does_not_end_is_no_cost_of_running() -> None:
    """Left out of the running cost it lengthens the life, and stands beside the value: sixty months of it."""
    rent = 184.06 * KILOWATTS
    cost = silicon().operating_cost
    avoided = evaluate(placed(sites("standard")))
    owed = evaluate(placed(sites("standard", operating_cost=(cost - rent)[None], committed=rent[None])))
    passes(owed)
    assert (owed.economic.retirement >= avoided.economic.retirement).all()
    assert owed.rights is not None
    months = np.arange(1, 61)
    units = owed.economic.units[AS_OF, :, 0]
    expected = (units * rent[[0, 0, 1, 2], 0]).sum() * (1.11 ** (-months / 12)).sum()
    assert owed.rights.committed_capacity[0] == pytest.approx(expected)


def test_taking_out_costs_at_the_end() -> None:
    free = evaluate(placed(sites("standard")))
    dear = evaluate(placed(sites("standard", removal_cost=np.full((1, 4, 1), 500.0))))
    passes(dear)
    assert (dear.economic.value_in_use[AS_OF] <= free.economic.value_in_use[AS_OF]).all()
    retired = dear.economic.retired_units.sum(axis=(0, 2))
    np.testing.assert_allclose(
        dear.economic.proceeds.sum(axis=(0, 2)), retired * (0.02 * np.array([43_000, 43_000, 52_600, 120_300]) - 500.0)
    )


def test_sites_of_several_kinds_stand_side_by_side() -> None:
    """Each cohort is charged by its own site; one on a free site is valued as if there were no other."""
    rows = [(5, 0, 1_000.0, 43_000.0), (5, 0, 1_000.0, 43_000.0)]
    both = replace(fleet(rows), site=np.array([0, 1]))
    found = sites("free", "short", power_limited=column(0.0, 1.0))
    results = evaluate(placed(found, fleet=both))
    alone = evaluate(placed(sites("free"), fleet=fleet(rows)))
    in_use = results.economic.unit_value_in_use[AS_OF, :, 0]
    assert in_use[0] == alone.economic.unit_value_in_use[AS_OF, 0, 0]
    assert in_use[1] < in_use[0]
