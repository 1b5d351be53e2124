"""Parts of the cost of a token, respins, and how long an advantage lasts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import column, one
from valuation.silicon.churn import ByChange, stranding_hazard
from valuation.silicon.spectrum import SiliconClass, costs_by_churn, levelised_cost, yearly_million_tokens
from valuation.silicon.token_costs import (
    BEYOND_OUTPUT,
    WITHIN_OUTPUT,
    WITHIN_USE,
    CostParts,
    cost_parts,
    erosion_time,
    in_proportion,
    price_by_year,
    reach,
    reprogrammability,
    respun_cost,
)

RATE, POWER_PRICE, LIFE = one(0.12), one(0.08), one(5.0)


def three_classes() -> SiliconClass:
    """The worked example of the method: GPU, ASIC and etched weights."""
    return SiliconClass(
        cost=column(40_000, 40_000, 20_000),
        upkeep=column(0, 0, 0),
        power=column(1.3, 1.3, 0.5),
        million_tokens=yearly_million_tokens(column(3_000, 15_000, 15_000), one(1.0)),
        reprogrammability=column(1, 0.5, 0.05),
    )


def parts_at(hazard: np.ndarray) -> CostParts:
    return cost_parts(three_classes(), rate=RATE, stranding_hazard=hazard, life=LIFE, electricity_price=POWER_PRICE)


@given(st.lists(st.floats(0.0, 20.0), min_size=3, max_size=3))
def test_the_parts_add_up_to_the_levelised_cost(hazards: list[float]) -> None:
    hazard = column(*hazards)
    whole = levelised_cost(
        three_classes(), rate=RATE, stranding_hazard=hazard, life=LIFE, electricity_price=POWER_PRICE
    )
    parts = parts_at(hazard)
    assert parts.total == pytest.approx(whole, rel=1e-12)
    assert (parts.stranding >= 0.0).all()


def test_without_churn_nothing_is_stranded_to_the_bit() -> None:
    assert (parts_at(np.zeros((3, 1))).stranding == 0.0).all()


def test_the_parts_on_a_grid_are_the_costs_by_churn() -> None:
    silicon = three_classes()
    churn, horizon = np.array([0.0, 1.5]), np.array([2.0, 5.0])
    grid = costs_by_churn(silicon, churn_rate=churn, horizon=horizon, rate=RATE, electricity_price=POWER_PRICE)
    spread = SiliconClass(**{name: array[:, None, None] for name, array in vars(silicon).items()})
    hazard = churn[:, None, None] * (1.0 - spread.reprogrammability)
    parts = cost_parts(spread, rate=RATE, stranding_hazard=hazard, life=horizon[:, None], electricity_price=POWER_PRICE)
    assert parts.capital.shape == parts.energy.shape == grid.shape
    assert parts.total == pytest.approx(grid, rel=1e-12)


def test_changes_keep_their_proportions() -> None:
    own = ByChange(one(0.5), one(0.1), one(0.3))
    twice = in_proportion(own, one(1.0))
    assert [float(rate[0]) for rate in vars(twice).values()] == pytest.approx([1.0, 0.2, 0.6])
    same = in_proportion(own, own.weights)
    assert all(np.array_equal(one_, other) for one_, other in zip(vars(own).values(), vars(same).values(), strict=True))
    absorbed = ByChange(one(0.9), one(0.2), one(0.5))
    assert reprogrammability(twice, absorbed) == pytest.approx(reprogrammability(own, absorbed))
    assert stranding_hazard(in_proportion(own, one(0.0)), absorbed)[0] == 0.0


def test_what_absorbs_everything_or_nothing_is_an_end_of_the_spectrum() -> None:
    own = ByChange(one(0.5), one(0.1), one(0.3))
    assert reprogrammability(own, ByChange(one(1.0), one(1.0), one(1.0)))[0] == 1.0
    assert reprogrammability(own, ByChange(one(0.0), one(0.0), one(0.0)))[0] == 0.0


def respun(respins: float, turnaround: float, price: float = 1_000.0) -> float:
    device = SiliconClass(one(5_000), one(200), one(0.25), one(300_000), one(0.0))
    cost = respun_cost(
        device,
        rate=RATE,
        respins=one(respins),
        upgrade_price=one(price),
        turnaround=one(turnaround),
        life=LIFE,
        electricity_price=POWER_PRICE,
    )
    return float(cost[0])


def test_respins_cost_their_price_and_the_output_they_take() -> None:
    base = respun(0.0, 0.25)
    assert respun(1.0, 0.0) - base == pytest.approx(1_000 / 300_000)
    assert respun(1.0, 0.25, price=0.0) == pytest.approx(base / 0.75)
    assert respun(4.0, 0.25) == np.inf


def test_an_advantage_lasts_as_the_clock_of_prices_says() -> None:
    """Advantages of 4 and 10 against falls of 3 and 10 a year: 15, 7, 25 and 12 months."""
    years = erosion_time(np.array([4.0, 4.0, 10.0, 10.0]), np.array([3.0, 10.0, 3.0, 10.0]))
    assert np.round(12 * years) == pytest.approx([15, 7, 25, 12])
    assert erosion_time(np.array([0.5, 2.0, 1.0]), np.array([3.0, 1.0, 1.0])).tolist() == [0.0, np.inf, 0.0]


def test_prices_fall_by_their_factor() -> None:
    assert price_by_year(one(0.03), one(3.0), 3)[:, 0] == pytest.approx([0.03, 0.01, 0.01 / 3])


def test_a_volume_beyond_the_device_is_told_as_such() -> None:
    found = reach(np.array([1.0, 100.0, 1_000.0, np.inf]), one(10.0), one(500.0))
    assert found.tolist() == [WITHIN_USE, WITHIN_OUTPUT, BEYOND_OUTPUT, BEYOND_OUTPUT]
