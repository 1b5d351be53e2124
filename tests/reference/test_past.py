"""Two histories against the functions of the engine: a bitcoin miner that power ran down, and mainframes.

Bitcoin miner, on the back of an envelope, in monthly power bills (the source gives shares of revenue):

- November 2018: power 1.02 of revenue, so a bill of 1 earns 1 / 1.02 = 0.980: quasi-rent -0.020. Bitcoin at 3,620, so
  it has to stand at 1.02 x 3,620 = 3,692 for power to be paid: the shutdown price.
- May 2020: 1.40 of revenue at 0.30 yuan a kWh, so 1 / 1.40 = 0.714: quasi-rent -0.286. A halving halves revenue, so
  before it power was 0.70 of revenue and the quasi-rent 1 / 0.70 - 1 = +0.429: half of the rent lost, 167 % of the
  quasi-rent.
- What is left is scrap: under 60 of about 3,000 dollars, 2 % of the price.
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from assumptions.answers.past import Squeeze, miner
from tests.reference.past_figures import FITTED, fits, profile, rows
from valuation.analysis.backtest import age_at, mean_error, straight_line
from valuation.devices.value import DeviceState, device_earnings, never_forced, shutdown_price, value_along
from valuation.timeline import FloatArray

PROJECT = Path(__file__).resolve().parents[2]
PAGE = PROJECT / "docs" / "history.md"
RESEARCH = PROJECT / "assumptions" / "data" / "research" / "decay" / "residual_curves.csv"
MONTHS = 36
SCRAP = miner().price_worn_usd / miner().price_new_usd


def device() -> DeviceState:
    """A miner that costs one power bill a month to run; its market rent is revenue in power bills."""
    stop, proceeds = never_forced(1)
    return DeviceState(
        age=np.zeros((1, 1), dtype=np.int64),
        rent_coefficient=np.ones((1, 1, 1)),
        operating_cost=np.ones((1, 1)),
        scrap=np.full((1, 1), SCRAP),
        failure_hazard=np.zeros((1, 1, 1)),
        age_efficiency=np.ones((1, 1, 1)),
        generation=np.zeros(1, dtype=np.int64),
        discount_factor=np.array([0.99]),
        physical_life=np.array([float(MONTHS)]),
        forced_stop=stop,
        forced_value=proceeds,
    )


def quasi_rent(revenue: float) -> float:
    earned, spent = device_earnings(device(), np.full((1, 1), revenue), 0)
    return float((earned - spent)[0, 0])


def path(*revenue: float) -> FloatArray:
    """Revenue by month in power bills, the last held, (K+1, 1, 1)."""
    held = [revenue[min(month, len(revenue) - 1)] for month in range(MONTHS + 1)]
    return np.array(held)[:, None, None]


@pytest.mark.parametrize(
    ("state", "quasi"), [(miner().november_2018, -0.0196), (miner().may_2020, -0.2857)], ids=["2018-11", "2020-05"]
)
def test_power_above_revenue_leaves_a_miner_at_scrap(state: Squeeze, quasi: float) -> None:
    share = state.power_over_revenue
    assert quasi_rent(1.0 / share) == pytest.approx(quasi, abs=1e-4)
    value, stops = value_along(device(), path(1.0 / share))
    assert stops[0, 0, 0]
    assert value[:, 0, 0] == pytest.approx(np.full(MONTHS + 1, SCRAP), abs=0.0)


def test_the_shutdown_price_is_what_bitcoin_had_to_stand_at() -> None:
    """Coins of a month are what a power bill and the told share leave: 1 / (1.02 x 3,620) of a coin a bill."""
    told = miner().november_2018
    assert told.bitcoin_usd is not None
    coins = 1.0 / (told.power_over_revenue * told.bitcoin_usd)
    price = shutdown_price(np.ones((1, 1)), np.full((1, 1, 1), coins))[0, 0, 0]
    assert price == pytest.approx(3_692.4)
    assert price > told.bitcoin_usd


def test_cheaper_power_lowers_the_price_at_which_a_miner_stops() -> None:
    """November 2019: 6,786 at 0.38 yuan, so 5,357 at the 0.30 of May 2020, and 10,715 once coins are halved."""
    told, cheap = miner().november_2019, miner().may_2020.power_yuan_per_kwh
    assert cheap is not None
    coins = told.power_yuan_per_kwh / told.break_even_bitcoin_usd
    bills, mined = np.array([[told.power_yuan_per_kwh], [cheap], [cheap]]), np.array([1.0, 1.0, 0.5])[:, None, None]
    found = shutdown_price(bills, coins * mined)[:, 0, 0]
    assert found == pytest.approx([6_786.0, 5_357.4, 10_714.7], rel=1e-4)


def test_a_halving_takes_more_than_the_whole_quasi_rent() -> None:
    after = 1.0 / miner().may_2020.power_over_revenue
    before = after / 0.5
    assert quasi_rent(before) == pytest.approx(0.4286, abs=1e-4)
    assert 1.0 - quasi_rent(after) / quasi_rent(before) == pytest.approx(1.667, abs=1e-3)
    value, stops = value_along(device(), path(before, before, before, after))
    assert value[0, 0, 0] > SCRAP
    assert int(np.argmax(stops[:, 0, 0])) == 3
    assert (value[3:, 0, 0] == SCRAP).all()


def test_a_miner_waits_where_it_knows_that_others_leave() -> None:
    """Of 74.5 EH/s 32.5 left: revenue of what stays grows by 74.5 / 42 - 1 = 77 %, and power falls to 0.575 of it."""
    known = miner()
    worst = 1.0 / known.november_2018.power_over_revenue
    better = worst * known.network_before_eh_per_s / known.network_after_eh_per_s
    assert 1.0 / better == pytest.approx(0.575, abs=1e-3)
    value, stops = value_along(device(), path(worst, better))
    assert quasi_rent(worst) < 0.0 < quasi_rent(better)
    assert not stops[0, 0, 0]
    assert value[0, 0, 0] > SCRAP


def test_lives_of_the_mainframes() -> None:
    """Method V17: log change from age 2 to 3, age at half and at a tenth of the value."""
    years, seen = profile()
    assert np.log(seen[2] / seen[1]) == pytest.approx(-0.341, abs=5e-4)
    assert age_at(years, seen, 0.5) == pytest.approx(2.95, abs=5e-3)
    assert age_at(years, seen, 0.1) == pytest.approx(5.87, abs=5e-3)


def test_curves_that_slow_down_miss_the_late_years_and_the_one_that_speeds_up_overshoots() -> None:
    years, seen = profile()
    late, held = years[FITTED:], seen[FITTED:]
    off = {name: mean_error(found.level(late), held)[0] for name, found in fits().items()}
    assert off["hyperbolic"] > off["exponential"] > 0.1
    assert off["exponential with floor"] == pytest.approx(off["exponential"], abs=1e-9)
    assert -0.1 < off["slow then fast"] < 0.0
    line = mean_error(straight_line(late, 6), held)[1]
    assert line < min(mean_error(found.level(late), held)[1] for found in fits().values())


def test_the_exponential_is_the_closed_form() -> None:
    """Least squares through the anchor: sum of t x loss over that of t x t, (0.108 + 0.744 + 2.139) / 14 = 0.2137."""
    years, seen = profile()
    early = years[:FITTED]
    expected = -(early * np.log(seen[:FITTED])).sum() / (early**2).sum()
    assert fits()["exponential"].parameters[0] == pytest.approx(expected, rel=1e-8)


def test_the_page_shows_these_figures() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert [row for row in rows() if row not in page] == []


def test_the_profile_is_that_of_the_research_file() -> None:
    rows = csv.DictReader(RESEARCH.read_text(encoding="utf-8").splitlines())
    told = [float(row["fraction_of_reference"]) for row in rows if row["asset"].startswith("mainframe")]
    assert profile()[1].tolist() == told
