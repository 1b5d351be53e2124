"""Worked examples of the mechanisms, each computed from its stated inputs, to the digits in which it is printed."""

import numpy as np
import pytest
from scipy import stats

from tests.factories import column, one
from valuation.devices.cost_approach import (
    age_at_level,
    age_price,
    appraise,
    excess_operating_cost,
    geometric_efficiency,
    hyperbolic_efficiency,
    inutility,
    log_changes,
    one_hoss_shay,
    replacement_cost_new,
)
from valuation.devices.failures import Bathtub, annual_rate, bathtub_survivors, weibull_mean, weibull_survivors
from valuation.devices.replacement import (
    abandonment_threshold,
    adverse_minimum,
    capital_charge,
    economic_life,
    entry_threshold,
    equivalent_annual_cost,
    first_year_rule,
    keeps_its_power,
    option_roots,
    power_shadow_price,
    static_trigger,
    terborgh_life,
)
from valuation.devices.survival import median_ranks, weibull_by_likelihood, weibull_by_rank
from valuation.devices.value import shutdown_price
from valuation.silicon.breakthrough import (
    Breakthrough,
    certain_effectiveness,
    expected_factor,
    factor_on_arrival,
    log_step,
    probability_of_any,
)
from valuation.silicon.churn import ByChange, mean_service_life, serving_share, stranding_hazard
from valuation.silicon.spectrum import (
    SiliconClass,
    break_even_tokens,
    energy_cost,
    etched_annual_cost,
    levelised_cost,
    yearly_million_tokens,
)
from valuation.silicon.substitution import (
    Lognormal,
    addressable_share,
    bass_peak,
    bass_share,
    fisher_pry_share,
    price_effect,
    takeover_time,
    utilisation_after_migration,
)
from valuation.statistics.shapley import coalitions, ordered_coalitions, ordered_values, shapley_values


def printed(*figures: str) -> list[object]:
    """Figures as printed, each to be met within half a unit of its last digit."""
    return [pytest.approx(float(figure), abs=0.5 * 10.0 ** -len(figure.partition(".")[2])) for figure in figures]


def down(values: np.ndarray) -> list[float]:
    """The only case of a result, as numbers down its first axis."""
    return [float(value) for value in np.asarray(values).ravel()]


# Replacement: sections 3.5 and 3.6


def test_a_scarce_kilowatt_is_worth_the_best_challenger() -> None:
    """Old 2,600 a year on 1.3 kW; challenger 30,000 a year, price 38,000, 4 years at 12 %, 2.2 kW (V7)."""
    charge = capital_charge(column(38_000), one(0.12), one(4))
    price = power_shadow_price(column(30_000), charge, column(2.2))
    assert [2_600 / 1.3, *down(price)] == printed("2000", "7949.6")
    assert not keeps_its_power(one(2_600), one(1.3), price)[0]


def test_equivalent_annual_cost_is_lowest_after_three_years() -> None:
    """Cost 40,000, resale 0.6 to the power of the years, running 3,000 and 5,000 more each year, 12 % (V8)."""
    years = np.arange(1.0, 7.0)[:, None]
    found = equivalent_annual_cost(one(40_000), 40_000 * 0.6**years, 3_000 + 5_000 * (years - 1), one(0.12))
    assert down(found) == printed("23800", "22234", "21716.5", "21879", "22479.8", "23359.3")
    assert economic_life(found)[0] == 3


def test_terborgh() -> None:
    """Cost 40,000, gradient 6,000 (V9)."""
    terms = one(40_000), one(6_000)
    assert [*down(terborgh_life(*terms)), *down(adverse_minimum(*terms))] == printed("3.65", "18908.9")


def test_entry_at_twice_the_outlay() -> None:
    """No drift, r = 4 %, volatility 0.2: root 2 and threshold 2 outlays (V10)."""
    terms = one(0.04), one(0.0), one(0.2)
    assert [*down(option_roots(*terms)[0]), *down(entry_threshold(one(1.0), *terms))] == printed("2", "2")


def test_abandonment_below_the_static_trigger() -> None:
    """Drift -0.30, volatility 0.35, r = 12 %, operating cost 0.40, no scrap (V11)."""
    terms = one(0.12), one(-0.30), one(0.35)
    found = [
        *down(option_roots(*terms)[1]),
        *down(abandonment_threshold(one(0.40), one(0.0), *terms)),
        *down(static_trigger(one(0.40), one(0.0), one(0.12))),
    ]
    assert found == printed("-0.3153", "0.3356", "0.40")


def test_wait_until_the_first_year_pays() -> None:
    """Price 40,000, r = 12 %, falling by a quarter a year (V22)."""
    assert down(first_year_rule(one(40_000), one(0.12), one(0.25))) == printed("14800")


# Failures: section 3.7


def test_survivors_of_a_bathtub() -> None:
    """(60; 0.5), 0.02, (9; 4) at half a year, 1, 3 and 6 years (V12)."""
    tub = Bathtub(one(60), one(0.5), one(0.02), one(9), one(4))
    assert down(bathtub_survivors(column(0.5, 1, 3, 6), tub)) == printed("0.904", "0.861", "0.744", "0.531")


def test_survivors_and_mean_of_a_weibull() -> None:
    """Scale 6, shape 1.8: at 3 years, and the mean (V13)."""
    law = one(6), one(1.8)
    assert [*down(weibull_survivors(one(3), *law)), *down(weibull_mean(*law))] == printed("0.750", "5.336")


def test_interruptions_of_a_training_run() -> None:
    """16,384 H100 over 54 days: 148 faulty GPU and 72 HBM of 419 interruptions (V14), the latter a share of 35.3 %."""
    rate = annual_rate(one(148 + 72), one(16_384), one(54))
    assert [100 * rate[0], 100 * 148 / 419] == printed("9.08", "35.3")


def test_estimators_differ_on_six_failures() -> None:
    """Six units failed after 93, 34, 16, 120, 53 and 75 hours (Kececioglu, in ReliaWiki's chapter on the Weibull).

    Least squares of the exact median rank on age gives 1.43, the likelihood 1.93; both agree with a library. Turned
    round, age on rank, it is 1.44: the direction of the regression is part of the estimator.
    """
    hours, failed = np.array([93.0, 34, 16, 120, 53, 75]), np.ones(6, dtype=bool)
    line, top = weibull_by_rank(hours, failed), weibull_by_likelihood(hours, failed)
    assert [line.shape, top.shape] == printed("1.43", "1.93")
    time, rank = median_ranks(hours, failed)
    height = np.log(-np.log1p(-rank))
    slope, level = np.polyfit(np.log(time), height, 1)
    assert (line.shape, line.scale) == pytest.approx((slope, np.exp(-level / slope)), rel=1e-9)
    shape, _, scale = stats.weibull_min.fit(hours, floc=0.0)
    assert (top.shape, top.scale) == pytest.approx((shape, scale), rel=1e-4)
    assert 1 / np.polyfit(height, np.log(time), 1)[0] == pytest.approx(1.44, abs=5e-3)


# Age and price: sections 3.8 and 3.9


def test_prices_by_age_of_a_shay_and_of_geometric_decline() -> None:
    """One-hoss shay, 5 years at 10 %, and a quarter lost each year: both at age 2 (V15)."""
    ages = np.arange(200.0)[:, None]
    shay = age_price(one_hoss_shay(ages, one(5)), one(1 / 1.1))
    geometric = age_price(geometric_efficiency(ages, one(0.25)), one(1 / 1.1))
    assert [*down(shay[2]), *down(geometric[2])] == printed("0.656", "0.5625")


def test_prices_by_age_of_hyperbolic_decline() -> None:
    """Slope 0.5, 5 years at 10 %, ages 0 to 4 (V16)."""
    efficiency = hyperbolic_efficiency(np.arange(5.0)[:, None], one(5), one(0.5))
    assert down(age_price(efficiency, one(1 / 1.1))) == printed("1", "0.743", "0.501", "0.283", "0.108")


def test_prices_by_age_of_mainframes() -> None:
    """BEA, mainframes installed 1980 to 1994: log change from 2 to 3, ages at half and at nine tenths lost (V17)."""
    profile = column(1.0, 0.898, 0.689, 0.490, 0.299, 0.173, 0.089)
    found = [*down(log_changes(profile)[2]), *down(age_at_level(profile, 0.5)), *down(age_at_level(profile, 0.1))]
    assert found == printed("-0.341", "2.95", "5.87")


def test_cost_approach() -> None:
    """Modern device 38,000 for 2.5 times the units, physical 10 %, 1,500 a year for 3 years, 0.60 of 0.85 (V18)."""
    excess = excess_operating_cost(np.full((3, 1), 1_500.0), one(0.21), one(1 / 1.12))
    found = appraise(
        replacement_cost_new(one(38_000), one(1.0), one(2.5)),
        physical_share=one(0.10),
        functional=excess,
        external_share=inutility(one(0.60), one(0.85), one(0.7)),
    )
    parts = found.replacement_cost, found.physical, found.functional, found.external, found.value
    assert [float(part[0]) for part in parts] == printed("15200", "1520", "2846.2", "2344.1", "8489.7")


# Attribution: section 3.10


def remaining_value(realised: np.ndarray) -> float:
    """Three years at 12 %: rent of 16,000, less 7 % units, 45 % price and 20 % external where realised, less 4,000."""
    rent = 16_000 * np.prod(np.where(realised, [0.93, 0.55, 0.80], 1.0))
    return float((rent - 4_000) / capital_charge(one(1.0), one(0.12), one(3))[0])


def test_waterfall_by_shapley_and_in_a_stated_order() -> None:
    """Cost 40,000, salvage 4,000, 6-year life, two years gone (V19, V20, V21)."""
    carrying = 40_000 - 2 * (40_000 - 4_000) / 6
    values = np.array([remaining_value(row) for row in coalitions(3)])
    assert [carrying, values[0], values[-1]] == printed("28000", "28822", "6117.9")
    losses = down(-shapley_values(values))
    accounting = carrying - float(values[0])
    total = carrying - float(values[-1])
    assert [accounting, *losses, total] == printed("-822.0", "1896.5", "15039.3", "5768.2", "21882.1")
    assert accounting + sum(losses) == pytest.approx(total)
    order = (0, 1, 2)
    stated = -ordered_values(np.array([remaining_value(row) for row in ordered_coalitions(order)]), order)
    assert down(stated) == printed("2690.1", "16082.7", "3931.3")


# Substitution: section 4


def test_addressable_share() -> None:
    """Median 70B, spread 1.5, limit 30B, 60 % quantisable, any context (S1)."""
    share = addressable_share(
        low=one(0),
        high=one(np.inf),
        size_limit=one(30),
        size=Lognormal(one(70), one(1.5)),
        tolerant=one(0.6),
        context_limit=one(np.inf),
        context=Lognormal(one(8_000), one(1.0)),
    )
    assert down(share) == printed("0.172")


def test_takeover_of_fisher_and_pry() -> None:
    """Steepness 0.6, midpoint 3 years: takeover, and the share after 4 (S2)."""
    assert [*down(takeover_time(one(0.6))), *down(fisher_pry_share(one(4), one(3), one(0.6)))] == printed(
        "3.662", "0.769"
    )


def test_adopters_of_bass() -> None:
    """p = 0.03, q = 0.38: peak, and the share after 5 years (S3)."""
    assert [*down(bass_peak(one(0.03), one(0.38))), *down(bass_share(one(5), one(0.03), one(0.38)))] == printed(
        "6.19", "0.331"
    )


def test_stranding_by_churn() -> None:
    """1.5 model families a year, 0.2 absorbed: after 1 and 2 years, and the mean life (S4)."""
    nothing = one(0.0)
    hazard = stranding_hazard(ByChange(nothing, one(1.5), nothing), ByChange(nothing, one(0.2), nothing))
    found = [*down(serving_share(hazard, column(1, 2))), *down(mean_service_life(hazard))]
    assert found == printed("0.301", "0.091", "0.833")


def test_price_effect_of_displaced_demand() -> None:
    """A quarter displaced, 0.7 of it traded, elasticities 0.5 and 0.8 (S5)."""
    change = price_effect(one(0.25), one(0.7), one(0.5), one(0.8))
    assert [*down(change), *down(np.exp(change))] == printed("-0.1346", "0.874")


def test_cost_per_token_over_the_spectrum() -> None:
    """GPU, ASIC and etched at placeholder figures, churn 1.5, 12 %, 5 years (S6).

    The text leaves out the price of electricity, upkeep and use: at 0.07 USD per kWh as in the example of operating
    cost (V4), no upkeep and full use all three print as stated; at 0.08, as in S7, the GPU would be 0.122.
    """
    part = SiliconClass(
        cost=column(40_000, 40_000, 20_000),
        upkeep=column(0, 0, 0),
        power=column(1.3, 1.3, 0.5),
        million_tokens=yearly_million_tokens(column(3_000, 15_000, 15_000), one(1.0)),
        reprogrammability=column(1, 0.5, 0.05),
    )
    hazard = 1.5 * (1.0 - part.reprogrammability)
    found = [
        down(levelised_cost(part, rate=one(0.12), stranding_hazard=hazard, life=one(5), electricity_price=one(price)))
        for price in (0.07, 0.08)
    ]
    assert found[0] == printed("0.121", "0.076", "0.066")
    assert found[1][0] == printed("0.122")[0]


def test_break_even_of_etched_weights() -> None:
    """4,000 over 4 years at 12 %, upgrades 1,000 a year, 0.2 kW at 0.08, against 0.50 a million (S7)."""
    annual = etched_annual_cost(
        one(4_000), rate=one(0.12), life=one(4), upgrade_price=one(1_000), energy=energy_cost(one(0.2), one(0.08))
    )
    assert [*down(annual), *down(break_even_tokens(annual, one(0.50), one(0.0)))] == printed("2457.1", "4914.2")


def test_breakthrough_by_chance() -> None:
    """Gain 10, effectiveness 0.3, pass-through 0.8, one in twenty years, over 5 years (S8)."""
    single = Breakthrough(column(1.0), column(10.0), column(0.3), one(0.8))
    hit = factor_on_arrival(single, certain_effectiveness())
    found = [
        *down(log_step(single)),
        *down(hit),
        *down(expected_factor(one(0.05), hit, one(5))),
        *down(probability_of_any(one(0.05), one(5))),
    ]
    assert found == printed("1.047", "0.351", "0.850", "0.221")


def test_captive_migration_strands_the_devices_left() -> None:
    """Utilisation 0.7, 0.4 of the work moved, operating cost 3,425.2 a year (S9); 0.559 before."""
    after = utilisation_after_migration(one(0.7), one(0.4))
    yearly = np.full((1, 1), 3_425.2)
    stops = [shutdown_price(yearly, np.full((1, 1, 1), 8_760 * float(use))) for use in (after[0], 0.7)]
    assert [*down(after), *down(stops[0]), *down(stops[1])] == printed("0.42", "0.931", "0.559")
