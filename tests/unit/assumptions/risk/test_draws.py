"""Arrays by path enter by the same door as values of a file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
from scipy import stats

from assumptions import apply_overrides, build, build_drawn, load_case, random_keys, sample_parameters
from assumptions.cases.randomness import drawable, fields, number_at
from assumptions.chapters.marginals import pert
from assumptions.chapters.schema import Case
from assumptions.chapters.uncertainty import Distribution
from assumptions.door.provenance import Number
from tests.unit.assumptions.conftest import bundled
from valuation.engine import evaluate
from valuation.errors import AssumptionError, ShapeError
from valuation.inputs import Inputs
from valuation.stages.calibration import freeze, with_frozen
from valuation.timeline import FloatArray

BUSY = [
    "failures.wear_out_scale_years=9",
    "failures.warranty_months=24",
    "failures.repairs_per_year=0.2",
    "failures.spares_share=0.05",
    "failures.repair_share_of_cost_per_year=0.01",
    "silicon.H100.failure_multiplier=2",
    "silicon.B200.interruption_multiplier=2",
    "silicon.H200.absorbs_weights=0.5",
    "silicon.H200.absorbs_architecture=0.5",
    "silicon.H200.absorbs_number_format=0.5",
    "rivals.etched.ceiling_share=0.3",
    "rivals.inference_asic.ceiling_share=0.5",
    "rivals.inference_asic.size_limit_billion=400",
    "rivals.inference_asic.context_limit_tokens=100000",
    'rivals.inference_asic.curve="bass"',
    "rivals.outside.ceiling_share=0.2",
    "rivals.outside.absorbs_weights=0.9",
    "rivals.outside.absorbs_architecture=0.9",
    "rivals.outside.absorbs_number_format=0.9",
    "captive.migrated_share=0.4",
    "captive.market_share=0.1",
    "captive.rented_share=0.2",
    "captive.resold_share=0.5",
    "market.lost_share=0.2",
    "market.landing_delay_months=2",
    'market.drift_covers="through_landings"',
    "market.drift_log_per_year=0.1",
    "market.drift_share_beside_landings=0.5",
    "market.resale_haircut_share=0.1",
    'market.mode="curve"',
    "demand.shock_log=-0.2",
    "breakthroughs.breakthrough.arrivals_per_year=0.1",
    'sites.standard.regime="power_limited"',
    'sites.standard.capacity_charge_avoidable="no"',
    "sites.standard.electricity_price_usd_per_kwh=0.08",
    "sites.standard.pue=1.2",
    "sites.standard.facility_rent_usd_per_it_kw_month=150",
    "sites.standard.removal_cost_usd_per_it_kw=100",
]
CONTRACTS = [{"months": 12, "rent": 2.0}, {"months": 36, "rent": 1.8}]
EXPECTED = {
    "terms": "required_return_annual scrap_share_of_cost delivery_premium_share sale_haircut_share",
    "market": "paid_share generic_cadence_months generic_step_log pass_through drift_log_per_year"
    " drift_share_beside_landings reversion_half_life_months ramp_midpoint_months ramp_width_months"
    " landing_delay_months scarcity_target_log lost_share resale_haircut_share",
    "demand": "training_share median_size_billion size_spread_log size_drift_log_per_year median_context_tokens"
    " context_spread_log eight_bit_share four_bit_share supply_elasticity demand_elasticity mobility_share shock_log"
    " shock_months shock_half_life_months",
    "captive": "migrated_share migrates_months resold_share resale_discount_share market_share rented_share",
    "churn": "weights_per_year architecture_per_year number_format_per_year legacy_rent_share legacy_fade_per_year",
    "operations": "electricity_price_usd_per_kwh pue mean_load_of_it_kw facility_rent_usd_per_it_kw_month"
    " maintenance_share_of_cost_per_year failure_early_annual failure_steady_annual"
    " age_efficiency_decline_log_per_year",
    "failures": "wear_out_scale_years wear_out_shape replacement_days repairs_per_year repair_days"
    " repair_share_of_cost_per_year spares_share interruptions_per_year other_interruptions_per_year"
    " checkpoint_minutes restart_minutes",
    "tax": "state_rate loss_limit_share",
    "silicon": "cost_usd it_kw service_units devices_per_rack failure_multiplier interruption_multiplier"
    " absorbs_weights absorbs_architecture absorbs_number_format",
    "rivals": "size_limit_billion context_limit_tokens ceiling_share first_share takeover_years innovation imitation"
    " supply_share supply_growth_log_per_year traded_share absorbs_weights absorbs_architecture absorbs_number_format",
    "breakthroughs": "arrivals_per_year memory_gain compute_gain power_gain memory_share_of_cost power_share_of_cost"
    " effect_share pass_through ramp_midpoint_months ramp_width_months",
    "sites": "electricity_price_usd_per_kwh pue facility_rent_usd_per_it_kw_month availability_share"
    " obtainable_share_per_month removal_cost_usd_per_it_kw moving_cost_share",
}
"""Fields that may be random in a case in which everything is stated, by chapter: a new field is listed or refused."""


@cache
def busy() -> Case:
    """A case in which every mechanism is at work, with a purchase that is sold."""
    curve = {"kind": "term_structure", "contracts": CONTRACTS}
    case = apply_overrides(load_case("neocloud"), [*BUSY, ("market.curve", curve)])
    sold, *rest = case.schedule
    sold = sold.model_copy(update={"retired": "2029-01", "sale_proceeds_usd": 1e6})
    return case.model_copy(update={"schedule": (sold, *rest)})


def three_values(key: str) -> FloatArray:
    value, unit = number_at(busy(), key).value, drawable(busy())[key]
    spread = [0.93 * value + 0.01, value, 0.81 * value if value else 0.03]
    return np.clip(spread, unit.lowest, unit.highest)


def arrays(inputs: Inputs) -> Iterator[tuple[str, Any]]:
    """Every array of a record, with a case axis."""
    for number, record in enumerate(inputs._records()):
        for name, (array, axes) in record.arrays().items():
            yield f"{number} {type(record).__name__}.{name}", array if axes[-1] == "n" else array[..., None]


def furthest(drawn: Inputs, stacked: Inputs) -> float:
    """Largest difference of any array, a stack with its base in front against the paths alone."""
    found, expected = dict(arrays(drawn)), dict(arrays(stacked))
    assert found.keys() == expected.keys()
    worst = 0.0
    for name, array in found.items():
        for path in range(drawn.cases):
            one = array[..., min(path, array.shape[-1] - 1)]
            other = expected[name][..., min(path + 1, expected[name].shape[-1] - 1)]
            one, other = np.broadcast_arrays(one, other)
            differs = ~((one == other) | (np.isnan(one) & np.isnan(other)))
            if differs.any():
                apart = np.abs(one[differs] - other[differs]) / np.maximum(1.0, np.abs(other[differs]))
                worst = max(worst, float(np.max(np.where(np.isnan(apart), np.inf, apart))))
    return worst


@pytest.mark.slow
@pytest.mark.parametrize("key", drawable(busy()))
def test_a_path_is_the_case_with_its_value(key: str) -> None:
    values = three_values(key)
    variants = [apply_overrides(busy(), [(key, float(value))]) for value in values]
    assert furthest(build_drawn(busy(), {key: values}), build(busy(), variants)) <= 1e-15


def test_a_path_is_the_case_with_all_its_values() -> None:
    values = {key: three_values(key) for key in drawable(busy())}
    variants = [
        apply_overrides(busy(), [(key, float(found[path])) for key, found in values.items()]) for path in range(3)
    ]
    assert furthest(build_drawn(busy(), values), build(busy(), variants)) <= 1e-15


def test_every_number_is_listed_or_refused() -> None:
    found: dict[str, set[str]] = {}
    for key in drawable(busy()):
        found.setdefault(key.split(".")[0], set()).add(key.split(".")[-1])
    assert found == {chapter: set(names.split()) for chapter, names in EXPECTED.items()}


def test_every_other_number_is_refused_with_its_reason(neocloud: Case) -> None:
    possible, values = drawable(neocloud), np.array([1.0, 2.0])
    for key, _, unit in fields(neocloud):
        if unit is not None and key not in possible:
            with pytest.raises(AssumptionError, match="cannot be random") as caught:
                build_drawn(neocloud, {key: values})
            assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("key", "values", "parts"),
    [
        ("market.pues", [1.0], ["unknown key"]),
        ("market.mode", [1.0], ["holds no number"]),
        ("silicon.Rubin.landing", [1.0], ["holds no number"]),
        ("market.contract_to_list_ratio", [0.7], ["belongs to the base"]),
        ("capex.growth_rate_annual", [0.1], ["changes purchases"]),
        ("terms.physical_life_months", [100.0], ["whole numbers"]),
        ("segments.mid.size_to_billion", [100.0], ["which segment"]),
        ("silicon.H100.cost_usd", [40_000.0], ["purchases of the schedule"]),
        ("market.drift_share_beside_landings", [0.5], ["gives no value"]),
        ("operations.pue", [1.1, 0.9], ["0.9 on path 1 is out of range", "1 to 5"]),
        ("operations.pue", [np.nan], ["nan on path 0"]),
        ("demand.four_bit_share", [0.6, 0.95], ["above demand.eight_bit_share"]),
        ("breakthroughs.breakthrough.memory_share_of_cost", [0.9], ["more than 1"]),
    ],
)
def test_what_no_path_may_hold_is_refused(neocloud: Case, key: str, values: list[float], parts: list[str]) -> None:
    with pytest.raises(AssumptionError) as caught:
        build_drawn(neocloud, {key: np.array(values)})
    assert [part for part in (key.split(".")[0], "allowed is", *parts) if part not in str(caught.value)] == []


def test_landings_are_not_counted_twice_on_a_path() -> None:
    split = ['market.drift_covers="through_landings"', "market.pass_through=0"]
    case = apply_overrides(bundled("neocloud"), split)
    with pytest.raises(AssumptionError, match="count twice"):
        build_drawn(case, {"market.pass_through": np.array([0.5])})


@pytest.mark.parametrize("values", [{}, {"operations.pue": np.array(1.1)}, {"operations.pue": np.ones((2, 2))}])
def test_values_are_one_a_path(neocloud: Case, values: dict[str, FloatArray]) -> None:
    with pytest.raises(ShapeError, match=re.escape("(n,) is needed")):
        build_drawn(neocloud, values)


def test_paths_are_worth_what_scenarios_are(neocloud: Case) -> None:
    """Frozen quantities are the base's, and the engine sees no difference between a path and a scenario."""
    values = {"market.generic_step_log": np.array([0.2, 0.35]), "operations.pue": np.array([1.1, 1.3])}
    drawn = with_frozen(build_drawn(neocloud, values), freeze(build(neocloud)))
    variants = [
        apply_overrides(neocloud, [(key, float(found[path])) for key, found in values.items()]) for path in range(2)
    ]
    stacked = build(neocloud, variants)
    stacked = with_frozen(stacked, freeze(build(neocloud)))
    found = evaluate(drawn).economic.value_in_exchange
    assert found == pytest.approx(evaluate(stacked).economic.value_in_exchange[..., 1:], rel=1e-12)


def test_paths_that_differ_in_nothing_are_still_as_many(neocloud: Case) -> None:
    assert build_drawn(neocloud, {"tax.state_rate": np.array([0.06, 0.06, 0.06])}).cases == 3


# Samples


def test_scores_become_values_row_by_row(neocloud: Case) -> None:
    names = random_keys(neocloud)
    scores = np.random.default_rng(1).standard_normal((len(names), 2_000))
    found = sample_parameters(neocloud, scores)
    assert list(found) == names
    for row, (key, values) in enumerate(found.items()):
        number, unit = number_at(neocloud, key), drawable(neocloud)[key]
        assert unit.lowest <= values.min() <= values.max() <= unit.highest
        if number.low is not None and number.high is not None:
            mean = (number.low + 4 * number.value + number.high) / 6
            width = number.high - number.low
            assert values.mean() == pytest.approx(mean, abs=0.02 * width)
        assert (np.diff(values[np.argsort(scores[row])]) >= 0.0).all()
    assert build_drawn(neocloud, {key: values[:4] for key, values in found.items()}).cases == 4


def test_scores_of_another_shape_are_refused(neocloud: Case) -> None:
    with pytest.raises(ShapeError, match="one row a random assumption"):
        sample_parameters(neocloud, np.zeros((2, 5)))


def test_a_case_kept_without_the_chapter_has_nothing_random(neocloud: Case) -> None:
    bare = neocloud.model_copy(update={"uncertainty": None})
    assert random_keys(bare) == []
    assert sample_parameters(bare, np.zeros((0, 5))) == {}


NUMBER = Number(value=0.3, low=0.1, high=0.4, basis="user", source="")
SCORES = np.array([0.001, 0.1, 0.5, 0.9, 0.999])


def law(**parts: Any) -> Distribution:
    return Distribution(**({"basis": "user", "source": ""} | parts))


def test_pert_is_the_beta_distribution_of_its_range() -> None:
    found = law(distribution="pert").marginal(NUMBER)
    expected = stats.beta(1 + 4 * 0.2 / 0.3, 1 + 4 * 0.1 / 0.3, loc=0.1, scale=0.3)
    assert found.ppf(SCORES) == pytest.approx(expected.ppf(SCORES), rel=1e-12)
    assert expected.mean() == pytest.approx((0.1 + 4 * 0.3 + 0.4) / 6)


def test_the_method_note_on_pert_is_met() -> None:
    found = law(distribution="pert").marginal(Number(value=3.0, low=1.0, high=6.0, basis="user", source=""))
    assert found.shape == pytest.approx((2.6, 3.4))


@pytest.mark.parametrize("mode", [1.0, 1.2, 1.9, 3.0, 5.5, 6.0])
def test_quantiles_at_scores_are_those_of_the_distribution(mode: float) -> None:
    """Each half from its own end, where a probability keeps its digits."""
    found, scores = pert(1.0, mode, 6.0), np.linspace(-8.9, 8.9, 3001)
    expected = stats.beta(*found.shape)
    half = scores < 0.0
    exact = np.where(half, expected.ppf(stats.norm.cdf(scores)), expected.isf(stats.norm.sf(scores)))
    assert np.abs((found.at_scores(scores) - 1.0) / 5.0 - exact).max() < 1e-14
    assert np.diff(found.at_scores(scores)).min() >= -1e-14


@pytest.mark.parametrize(
    "given",
    [
        {"distribution": "norm", "loc": 0.3, "scale": 0.1, "low": 0.2},
        {"distribution": "beta", "shape": [0.4, 7.0]},
        {"distribution": "beta", "shape": [2.0, 3.0], "low": 0.1},
    ],
)
def test_other_distributions_are_drawn_by_their_own_quantiles(given: dict[str, Any]) -> None:
    found, scores = law(**given).marginal(NUMBER), np.array([-2.5, -0.3, 0.0, 1.7])
    assert (found.at_scores(scores) == found.ppf(stats.norm.cdf(scores))).all()


def test_scores_beyond_the_interpolated_ones_are_exact() -> None:
    found, scores = pert(1.0, 2.0, 6.0), np.array([-9.5, 0.0])
    assert (found.at_scores(scores) == found.ppf(stats.norm.cdf(scores))).all()


@pytest.mark.parametrize(
    "certain",
    [
        {"distribution": "none"},
        {"distribution": "norm", "loc": 0.3, "scale": 0.0},
        {"distribution": "norm", "low": 0.3, "high": 0.3},
    ],
)
def test_a_degenerate_distribution_is_its_value_exactly(certain: dict[str, Any]) -> None:
    assert (law(**certain).marginal(NUMBER).ppf(SCORES) == 0.3).all()
    lone = Number(value=0.3, basis="user", source="")
    assert (law(distribution="pert").marginal(lone).ppf(SCORES) == 0.3).all()


def test_a_distribution_is_cut_off_and_not_piled_up() -> None:
    found = law(distribution="norm", loc=0.3, scale=0.1, low=0.2, high=0.45).marginal(NUMBER)
    expected = stats.truncnorm(-1.0, 1.5, loc=0.3, scale=0.1)
    assert found.ppf(SCORES) == pytest.approx(expected.ppf(SCORES), rel=1e-9)
    assert found.ppf(np.array([0.0, 1.0])) == pytest.approx([0.2, 0.45])


def test_an_end_follows_a_value_beyond_it() -> None:
    found = law(distribution="pert", low=-0.05, high=0.05).marginal(NUMBER)
    assert (found.low, found.high) == (-0.05, 0.3)
    one_end = law(distribution="pert", high=0.6).marginal(NUMBER)
    assert (one_end.low, one_end.high) == (0.1, 0.6)
