"""Worked examples of impairment under ASC 360 and IAS 36, and of the zone between their tests."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.factories import column, ledger, neocloud, one
from valuation.books.impairment import Appraised, Framework, ImpairmentInputs, ImpairmentTest, allocate, asc_360, ias_36
from valuation.books.ledgers import keep_ledger
from valuation.books.schedule import engine_service
from valuation.devices.returns import net_present_value
from valuation.stages.flows import follow_units
from valuation.timeline import NEVER

FLOWS = [9_000.0, 6_000.0, 3_000.0]


def rules(framework: Framework, *group: int, trigger: float = 0.0, cost_to_sell: float = 0.0) -> ImpairmentInputs:
    groups = np.array(group or (0,))
    return ImpairmentInputs(framework, groups, np.array([True]), one(trigger), one(cost_to_sell))


def test_a_carrying_amount_that_flows_do_not_cover_falls_to_fair_value() -> None:
    """NBV 22,000, flows of 18,000 in all, fair value 15,500: loss 6,500, nothing latent."""
    loss, latent = asc_360(column(22_000), column(sum(FLOWS)), column(15_500), rules(Framework.ASC_360))
    assert loss == pytest.approx(column(6_500))
    assert latent == pytest.approx([0.0])


def test_present_value_of_the_flows() -> None:
    """At 12 %: 14,954.2, an income-approach fair value."""
    value = net_present_value(np.array([0.0, *FLOWS])[:, None], one(1 / 1.12))
    assert value == pytest.approx([14_954.2], abs=0.05)


def test_a_shortfall_that_flows_cover_is_latent() -> None:
    """NBV 17,000 below flows of 18,000 and above fair value: no loss, 1,500 latent."""
    loss, latent = asc_360(column(17_000), column(18_000), column(15_500), rules(Framework.ASC_360))
    assert loss == pytest.approx(column(0.0))
    assert latent == pytest.approx([1_500.0])


def test_recoverable_amount_is_the_higher_of_two() -> None:
    """Carrying 17,000, fair value less cost 14,900, value in use 14,954.2: loss 2,045.8."""
    loss = ias_36(column(17_000), column(14_954.2), column(14_900), column(17_000), rules(Framework.IAS_36))
    assert loss == pytest.approx(column(2_045.8))


def test_cost_to_sell_lowers_fair_value() -> None:
    loss = ias_36(
        column(17_000), column(0.0), column(16_000), column(17_000), rules(Framework.IAS_36, cost_to_sell=0.1)
    )
    assert loss == pytest.approx(column(17_000 - 14_400))


def test_a_reversal_stops_at_the_depreciated_cost() -> None:
    """24,000 over 8 years, impaired by 4,500 after 2, recoverable 16,000 after 4: 9,000 carried, 3,000 reversed."""
    after_loss = 24_000 * 6 / 8 - 4_500
    assert after_loss == pytest.approx(13_500)
    carried = after_loss * 4 / 6
    assert carried == pytest.approx(9_000)
    gain = ias_36(column(carried), column(16_000), column(0.0), column(24_000 * 4 / 8), rules(Framework.IAS_36))
    assert gain == pytest.approx(column(-3_000))


def test_a_shortfall_below_the_trigger_is_not_tested() -> None:
    loss, latent = asc_360(column(100.0), column(50.0), column(95.0), rules(Framework.ASC_360, trigger=0.1))
    assert loss == pytest.approx(column(0.0))
    assert latent == pytest.approx([0.0])


def test_a_profitable_group_hides_the_loss_of_a_member() -> None:
    """Alone the first cohort loses 40; with the second the group is worth what it carries."""
    carrying, fair = column(100.0, 100.0), column(60.0, 150.0)
    alone, _ = asc_360(carrying, fair, fair, rules(Framework.ASC_360, 0, 1))
    together, _ = asc_360(carrying, fair, fair, rules(Framework.ASC_360, 0, 0))
    assert alone == pytest.approx(column(40.0, 0.0))
    assert together == pytest.approx(column(0.0, 0.0))


def test_a_loss_is_spread_by_carrying_amount_but_takes_none_below_its_own_value() -> None:
    """90 over carrying amounts of 100, 100 and 200: the first may lose only 10, the rest goes 1 to 2."""
    given = allocate(column(90.0), column(100, 100, 200), column(10, 100, 200), np.array([0, 0, 0]))
    assert given == pytest.approx(column(10.0, 80 / 3, 160 / 3))


def test_asc_360_never_reverses_and_ias_36_does() -> None:
    """Value falls to 40 and comes back to 100: one ledger stays written down, the other comes back to its cost."""
    value = np.array([100.0, 40.0, 100.0])[:, None, None]
    worth = Appraised(value, value, value, np.full((3, 1, 1), 100.0))
    carried = {}
    for framework in Framework:
        tested = ImpairmentInputs(framework, np.array([0]), np.array([True, True]), one(0.0), one(0.0))
        test = ImpairmentTest(tested, worth, np.ones((3, 1, 1)))
        left = np.ones((1, 1))
        for bound in (1, 2):
            left = left * (1.0 - test.loss(bound, left))
        carried[framework] = float(left[0, 0])
    assert carried == pytest.approx({Framework.ASC_360: 0.4, Framework.IAS_36: 1.0})


def test_a_reversal_raises_no_asset_above_its_own_recoverable_amount() -> None:
    """IAS 36.123: carried 40 and 60, worth 45 and 85; of the gain of 30 the first may take 5, the other 25."""
    carrying, value, ceiling = column(40, 60), column(45, 85), column(80, 120)
    gain = ias_36(carrying, value, column(0.0, 0.0), ceiling, rules(Framework.IAS_36, 0, 0))
    assert gain == pytest.approx(column(-5.0, -25.0))


def test_the_trigger_is_market_value_and_the_loss_the_whole_shortfall() -> None:
    """IAS 36.12(a), 36.59: 100 carried; worth 85 to others and 95 in use, 5 are lost; worth 95 to others, no test."""
    tested = rules(Framework.IAS_36, trigger=0.1, cost_to_sell=0.02)
    assert ias_36(column(100), column(95), column(85), column(100), tested) == pytest.approx(column(5.0))
    assert ias_36(column(100), column(80), column(95), column(100), tested) == pytest.approx(column(0.0))


@pytest.mark.parametrize("framework", Framework)
def test_the_loss_is_of_the_devices_held_at_the_test(framework: Framework) -> None:
    """At the end of a month what has failed in it is gone: five-year books fall to 0.4 of cost a device held."""
    base = neocloud()
    periods, cost = base.timeline.periods, base.fleet.cost
    plain = ledger("plain", 60, periods)
    service = engine_service(
        base.fleet.in_service, np.full((4, 1), NEVER), base.timeline.first_bound, periods, base.timeline.fiscal_year_end
    )
    units = follow_units(base, np.full((4, 1), NEVER))
    worth = np.where(np.arange(periods + 1)[:, None, None] >= 24, 0.4 * 43_000.0, 1e9) * np.ones((1, 4, 1))
    tests = ImpairmentInputs(framework, np.arange(4), np.arange(1, periods + 1) == 24, one(0.0), one(0.0))
    books = [
        keep_ledger(
            replace(plain, tests=tested), cost=cost, units=base.fleet.units, fleet=units, service=service,
            appraise=lambda _: (worth, worth, worth),
        )
        for tested in ((), (tests,))
    ]  # fmt: skip
    held = books[0].carrying_amount[24, 0, 0]
    assert books[1].impairment[23, 0, 0] == pytest.approx(held - 0.4 * 43_000.0 * units.stock[24, 0, 0])
    assert books[1].disposals[23, 0, 0] == pytest.approx(books[0].disposals[23, 0, 0])
