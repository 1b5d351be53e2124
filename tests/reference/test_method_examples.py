"""Worked examples from textbooks, standards and closed forms, against the functions that must reproduce them."""

import numpy as np
import numpy_financial as npf
import pytest

from assumptions import apply_overrides, load_case
from assumptions.arrays.sites import operating_cost
from tests.factories import column, ledger, neocloud, one, outlook, service_of, silicon, steps_ledger
from valuation.books.charges import straight_line
from valuation.books.schedule import unit_schedule
from valuation.devices.lives import stays_below, straight_line_equivalent
from valuation.devices.returns import chosen_rate, internal_rates, modified_rate, net_present_value, payback
from valuation.devices.value import DeviceState, device_rent, shutdown_price, value_along
from valuation.silicon.ramps import ramp
from valuation.stages.entry import plan_rent, survivors_by_age
from valuation.stages.ladder import landing_ladder
from valuation.stages.market import forward_rent
from valuation.timeline import NEVER

YEAR = 12


def lone_device(
    *, rent: float, cost: float, scrap: float, factor: float, months: int, hazard: float = 0.0
) -> DeviceState:
    """One device earning `rent` per step at a market rent of one."""
    return DeviceState(
        age=np.zeros((1, 1), dtype=np.int64),
        rent_coefficient=np.full((1, 1, 1), rent),
        operating_cost=np.full((1, 1), cost),
        scrap=np.full((1, 1), scrap),
        failure_hazard=np.full((1, 1, 1), hazard),
        age_efficiency=np.ones((1, 1, 1)),
        generation=np.zeros(1, dtype=np.int64),
        discount_factor=one(factor),
        physical_life=one(months),
        forced_stop=np.full((1, 1), NEVER),
        forced_value=np.zeros((1, 1)),
    )


def yearly_books(cost: float, salvage: float, lives: list[float]) -> tuple[np.ndarray, np.ndarray]:
    """Straight line in years: carrying amounts and charges with the life in force each year."""
    record = steps_ledger("example", np.array(lives)[:, None, None], np.full((1, 1), salvage / cost))
    found = unit_schedule(record.components, service_of(0, len(lives)))
    return cost * found.carrying[:, 0, 0], cost * found.charge[:, 0, 0]


def test_straight_line_over_three_years() -> None:
    """C = 40,000, S = 4,000, L = 3: 12,000 a year, 16,000 left after two."""
    carrying, charge = yearly_books(40_000, 4_000, [3.0, 3.0, 3.0])
    np.testing.assert_allclose(charge, 12_000)
    assert carrying[2] == pytest.approx(16_000)
    assert carrying[3] == pytest.approx(4_000)


def test_sale_before_the_end_loses_nine_thousand() -> None:
    """Sold at month 26 of 36 for 5,000: carrying amount 14,000."""
    found = unit_schedule(ledger("example", 36, 36, salvage=0.1).components, service_of(0, 36))
    assert 5_000 - 40_000 * found.carrying[26, 0, 0] == pytest.approx(-9_000)


def test_change_of_estimate_is_prospective() -> None:
    """Life 6 becomes 3 or 4 after two years: 28,000 left, then 24,000 or 12,000 a year instead of 6,000."""
    carrying, charge = yearly_books(40_000, 4_000, [6.0, 6.0, 3.0])
    assert carrying[2] == pytest.approx(28_000)
    assert charge[1] == pytest.approx(6_000)
    assert charge[2] == pytest.approx(24_000)
    _, longer = yearly_books(40_000, 4_000, [6.0, 6.0, 4.0, 4.0])
    np.testing.assert_allclose(longer[2:], 12_000)


def test_respread_over_remaining_periods() -> None:
    """9,000 over 12 remaining months is 750 (one period too many would give 692.31)."""
    assert straight_line(np.array(9_000.0), np.array(0.0), np.array(12.0)) == pytest.approx(750.0)


def test_drift_of_the_market_rent() -> None:
    """P = 2 at 0.30 a year for 1.5 years: 1.275."""
    base = outlook(0, drift=one(0.30 / YEAR), landing=column(0, NEVER, NEVER, NEVER), generic_cadence=one(1e4))
    rents = np.array([3.0, 2.0, 1.8, np.inf])[:, None, None]
    ladder = landing_ladder(silicon(), base, rents, one(0), 18)
    path = forward_rent(ladder, base, anchor=np.full((1, 1), 2.0), scarcity=np.zeros((1, 1)), horizon=18)
    assert path[18, 0, 0] == pytest.approx(1.275, abs=5e-4)


def test_landing_step_with_pass_through_and_ramp() -> None:
    """Entry rent 1.20 to 0.45, pass-through 0.8, midpoint 1.5 years, drift 0.15: step 0.785, volume 0.881, P 0.742."""
    base = outlook(
        0,
        landing=column(-1_000, 0, NEVER, NEVER),
        known_from=column(-1_000, 0, NEVER, NEVER),
        pass_through=one(0.8),
        drift=one(0.15 / YEAR),
        ramp_midpoint=one(18),
        ramp_width=one(3),
        generic_cadence=one(1e4),
    )
    rents = np.array([1.20, 0.45, 1.8, np.inf])[:, None, None]
    ladder = landing_ladder(silicon(), base, rents, one(0), 24)
    assert 0.8 * ladder.rent_step[1, 0, 0] == pytest.approx(0.785, abs=5e-4)
    assert ramp(one(24), one(18), one(3))[0] == pytest.approx(0.881, abs=1e-3)
    path = forward_rent(ladder, base, anchor=np.full((1, 1), 2.0), scarcity=np.zeros((1, 1)), horizon=24)
    assert path[24, 0, 0] == pytest.approx(0.742, abs=1e-3)


def test_operating_cost_and_shutdown_price() -> None:
    """1.3 kW, PUE 1.25, load 0.8, 0.07 USD, 130 USD per kW-month, 600 a year: 3,425.2, shutdown 0.5586 USD an hour."""
    values = {
        "operations.electricity_price_usd_per_kwh": 0.07,
        "operations.pue": 1.25,
        "operations.mean_load_of_it_kw": 0.8,
        "operations.facility_rent_usd_per_it_kw_month": 130,
        "operations.maintenance_share_of_cost_per_year": 0.02,
        "silicon.H100.cost_usd": 30_000,
        "silicon.H100.it_kw": 1.3,
    }
    case = apply_overrides(load_case("neocloud"), list(values.items()))
    cost = operating_cost(case, case.silicon["H100"])
    hours = 8_760 * 0.7 / YEAR
    stop = shutdown_price(np.full((1, 1), cost), np.full((1, 1, 1), hours))
    assert YEAR * cost == pytest.approx(3_425.2, abs=0.05)
    assert stop[0, 0, 0] == pytest.approx(0.5586, abs=5e-5)
    device = lone_device(rent=hours, cost=cost, scrap=0.0, factor=1.0, months=YEAR)
    rents = [device_rent(device, np.full((1, 1), rent), 0)[0, 0] for rent in (2.00, 0.60)]
    assert [YEAR * (rent - cost) for rent in rents] == pytest.approx([8_838.8, 254.0], abs=0.05)


@pytest.mark.parametrize(
    ("rent", "decline", "cost", "scrap", "rate", "value", "years"),
    [(12_264.0, 0.45, 3_425.2, 0.0, 0.12, 9_009.6, 2.834), (10_000.0, 0.08, 2_500.0, 25_000.0, 0.10, 39_898.85, 8.664)],
)
def test_optimal_stopping_converges_to_its_closed_form(
    rent: float, decline: float, cost: float, scrap: float, rate: float, value: float, years: float
) -> None:
    """Exponential rent, constant cost: T = ln(R/(c + rS))/d; the error shrinks in proportion to the step."""
    errors = []
    for steps in (12, 48, 192):
        length, horizon = 1.0 / steps, int(20 * steps)
        device = lone_device(
            rent=rent * length, cost=cost * length, scrap=scrap, factor=np.exp(-rate * length), months=horizon
        )
        market = np.exp(-decline * length * np.arange(horizon + 1.0))[:, None, None]
        found, stops = value_along(device, market)
        errors.append(abs(found[0, 0, 0] - value))
        assert np.argmax(stops[:, 0, 0]) * length == pytest.approx(years, abs=1.5 * length)
    assert errors[2] < 5e-3 * value
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.15)
    assert errors[2] == pytest.approx(errors[1] / 4, rel=0.15)


def test_entrant_at_the_plan_rent_has_no_net_present_value() -> None:
    """With stopping switched off at the planned life the recursion returns the cost to 1e-9."""
    inputs = neocloud()
    months = np.arange(121.0)
    hazard = inputs.silicon.failure_hazard
    decline, cost, operating = 0.175 / YEAR, 43_000.0, 450.0
    rent = plan_rent(
        cost=np.full((1, 1), cost),
        operating_cost=np.full((1, 1), operating),
        scrap=np.full((1, 1), 0.02 * cost),
        survivors=survivors_by_age(hazard),
        service_by_age=np.exp(-decline * months[:120])[:, None, None],
        discount_factor=inputs.terms.discount_factor,
        planning_life=one(60),
    )
    device = lone_device(
        rent=rent[0, 0],
        cost=operating,
        scrap=0.02 * cost,
        factor=inputs.terms.discount_factor[0],
        months=60,
    )
    device = DeviceState(**{**vars(device), "failure_hazard": hazard})
    value, _ = value_along(device, np.exp(-decline * months)[:, None, None], may_stop=False)
    assert value[0, 0, 0] == pytest.approx(cost, rel=1e-9)


def test_implied_lives_of_an_exponential() -> None:
    """V = C exp(-0.45 t): straight-line-equivalent 3.98, T50 1.54, T90 5.12 years."""
    steps = 120
    age = np.arange(20 * steps + 1) / steps
    profile = np.exp(-0.45 * age)[:, None, None]
    assert straight_line_equivalent(profile, np.array([[np.nan]]))[0, 0] / steps == pytest.approx(3.98, abs=5e-3)
    assert stays_below(profile, 0.5)[0, 0] / steps == pytest.approx(1.54, abs=1 / steps)
    assert stays_below(profile, 0.1)[0, 0] / steps == pytest.approx(5.12, abs=1 / steps)


@pytest.mark.parametrize(("rate", "months"), [(0.005, 36), (0.01, 60), (0.0125, 72)])
def test_rent_of_a_plan_without_decline_is_an_annuity(rate: float, months: int) -> None:
    """Nothing fails, nothing falls, nothing is run: the payment of a loan over the price, less what scrap repays."""
    ages = 120
    rent = plan_rent(
        cost=column(40_000.0),
        operating_cost=column(0.0),
        scrap=column(4_000.0),
        survivors=np.ones((ages + 1, 1, 1)),
        service_by_age=np.ones((ages, 1, 1)),
        discount_factor=one(1 / (1 + rate)),
        planning_life=one(months),
    )
    assert rent[0, 0] == pytest.approx(-npf.pmt(rate, months, 40_000, -4_000), rel=1e-12)


def test_hidden_depreciation_of_a_year() -> None:
    """Economic 12,000 against 6,000 booked: 6,000 hidden (the books' loss on disposal counts as booked)."""
    from valuation.books.ledgers import Ledger, ledger_gap

    zero = np.zeros((1, 1, 1))
    books = Ledger(
        "example", np.array([40.0, 34.0])[:, None, None], zero, zero, zero + 6.0, zero, zero, np.zeros((2, 1))
    )
    gap = ledger_gap(
        books, value=np.array([40.0, 28.0])[:, None, None], economic_depreciation=zero + 12.0, proceeds=zero
    )
    assert gap.hidden_depreciation[0, 0, 0] == pytest.approx(6.0)
    assert gap.gap[:, 0, 0] == pytest.approx([0.0, 6.0])


FLOWS = np.array([-40_000.0, 18_000, 14_000, 9_000, 5_000, 2_000])[:, None]


def test_returns_of_the_textbook_stream() -> None:
    """NPV -2,049.4 at 12 %, IRR 9.12 %, MIRR 8.46 % at 8 %, payback 2.89, discounted 4.38 years."""
    assert net_present_value(FLOWS, one(1 / 1.12))[0] == pytest.approx(-2_049.4, abs=0.05)
    assert chosen_rate(internal_rates(FLOWS, 1))[0] == pytest.approx(0.0912, abs=5e-5)
    assert modified_rate(FLOWS, one(1 / 1.08), 1)[0] == pytest.approx(0.0846, abs=5e-5)
    assert payback(FLOWS)[0] == pytest.approx(2.89, abs=5e-3)
    assert payback(FLOWS, one(1 / 1.08))[0] == pytest.approx(4.38, abs=5e-3)
    assert np.isnan(payback(FLOWS * np.nan)[0])


def test_returns_agree_with_numpy_financial() -> None:
    """Random conventional streams: one rate each, equal to another library's; the modified rate too."""
    generator = np.random.default_rng(7)
    for _ in range(50):
        cash = np.concatenate([[-100.0], generator.uniform(1.0, 60.0, 12)])
        flows = cash[:, None]
        rate = generator.uniform(0.01, 0.3)
        assert chosen_rate(internal_rates(flows, 1))[0] == pytest.approx(npf.irr(cash), rel=1e-9)
        assert modified_rate(flows, one(1 / (1 + rate)), 1)[0] == pytest.approx(npf.mirr(cash, rate, rate), rel=1e-9)
        assert net_present_value(flows, one(1 / (1 + rate)))[0] == pytest.approx(npf.npv(rate, cash), rel=1e-12)


def test_every_internal_rate_is_reported() -> None:
    """-1,000, 2,300, -1,320 has exactly 10 % and 20 %; a stream of inflows has none."""
    roots = internal_rates(np.array([-1_000.0, 2_300.0, -1_320.0])[:, None], 1)[0]
    assert roots == pytest.approx([0.10, 0.20], abs=1e-9)
    assert chosen_rate([roots])[0] == pytest.approx(0.10)
    assert internal_rates(np.array([1.0, 2.0])[:, None], 1)[0].size == 0
    assert np.isnan(chosen_rate([np.empty(0)])[0])
    loss = internal_rates(np.array([-100.0, 10.0, 1.0])[:, None], 1)[0]
    assert loss == pytest.approx([npf.irr([-100.0, 10.0, 1.0])], rel=1e-9)
    assert loss[0] < -0.8


def test_an_empty_end_of_the_grid_bears_on_no_rate() -> None:
    """Months without cash after the last flow add no root and do not dilute the modified rate."""
    padded = np.concatenate([FLOWS, np.zeros((60, 1))])
    assert internal_rates(padded, 1)[0] == pytest.approx(internal_rates(FLOWS, 1)[0], rel=1e-9)
    assert modified_rate(padded, one(1 / 1.08), 1)[0] == pytest.approx(0.0846, abs=5e-5)


def test_an_opening_older_than_the_grid_is_part_depreciated() -> None:
    """Sixteen of 48 months used before the grid: two thirds left, the charge unchanged."""
    record = ledger("example", 48, 60)
    found = unit_schedule(record.components, service_of(-16, 60))
    assert found.carrying[0, 0, 0] == pytest.approx(1 - 16 / 48)
    np.testing.assert_allclose(found.charge[:32, 0, 0], 1 / 48)
    assert found.carrying[32, 0, 0] == pytest.approx(0.0, abs=1e-12)
