"""Conversions by hand, and shapes of what the engine gets."""

from __future__ import annotations

import math

import numpy as np
import pytest

from assumptions import apply_overrides, apply_scenario, build, build_independent, load_case
from assumptions.arrays.conversion import monthly_discount, timeline
from assumptions.arrays.paths import age_prices, rent_curve
from assumptions.arrays.reliability import monthly_probability
from assumptions.arrays.sites import operating_cost
from assumptions.cases.overlay import changed
from assumptions.chapters.schema import Case, Change, Scenario
from tests.unit.assumptions.conftest import LEDGER, Writer
from valuation.analysis.summary import total_gap
from valuation.engine import evaluate
from valuation.errors import AssumptionError
from valuation.inputs import CURVE, PLAN_FLAT, RESALE, STRUCTURAL
from valuation.timeline import NEVER

HEADER = "purchase,asset_class,generation,units,capex_usd,in_service,retired,sale_proceeds_usd,status\n"


def with_changes(case: Case, *pairs: tuple[str, object]) -> Case:
    """Case with values set."""
    return apply_overrides(case, list(pairs))


def scenarios(case: Case) -> list[Case]:
    """All scenarios of a case but the base."""
    return [apply_scenario(case, scenario) for scenario in case.scenarios if scenario.name != "base"]


def test_rates_become_monthly() -> None:
    assert monthly_discount(0.11) == pytest.approx(1.11 ** (-1 / 12), rel=1e-15)
    assert monthly_discount(0.11) ** 12 == pytest.approx(1 / 1.11)
    assert 1.0 - (1.0 - float(monthly_probability(0.04))) ** 12 == pytest.approx(0.04)


def test_operating_cost_of_an_h100(neocloud: Case) -> None:
    power = 1.275 * 0.735 * 1.15 * 730 * 0.091
    facility = 1.275 * 184.06
    maintenance = 43_000 * 0.04 / 12
    cost = operating_cost(neocloud, neocloud.silicon["H100"])
    assert cost == pytest.approx(power + facility + maintenance)
    assert cost == pytest.approx(450, abs=1)
    assert cost / (730 * 0.925) == pytest.approx(0.67, abs=0.005)


def test_a_part_without_a_price_costs_nothing_to_run(neocloud: Case) -> None:
    assert operating_cost(neocloud, neocloud.silicon["Feynman"]) == 0.0


def test_terms_are_converted(neocloud: Case) -> None:
    terms = build(neocloud).terms
    assert terms.discount_factor == pytest.approx([1.11 ** (-1 / 12)])
    assert terms.paid_hours == pytest.approx([675.25])
    assert np.isnan(terms.planning_decline).all()
    case = with_changes(neocloud, ("terms.planning_decline_log_per_year", 0.18), ("terms.plan", "flat"))
    terms = build(case).terms
    assert terms.planning_decline == pytest.approx([0.015])
    assert list(terms.plan) == [PLAN_FLAT]


def test_hazards_by_age(neocloud: Case) -> None:
    hazard = build(neocloud).silicon.failure_hazard[:, 0, 0]
    assert hazard.shape == (120,)
    assert hazard[:12] == pytest.approx(1 - 0.96 ** (1 / 12))
    assert hazard[12:] == pytest.approx(1 - 0.975 ** (1 / 12))


def test_service_declines_with_age_if_asked(neocloud: Case) -> None:
    assert np.all(build(neocloud).silicon.age_efficiency == 1.0)
    case = with_changes(neocloud, ("operations.age_efficiency_decline_log_per_year", 0.12))
    assert build(case).silicon.age_efficiency[12, 0, 0] == pytest.approx(math.exp(-0.12))


def test_the_calendar_of_the_operator(neocloud: Case) -> None:
    inputs = build(neocloud)
    assert str(inputs.timeline.first_bound) == "2022-12"
    assert str(inputs.timeline.as_of_month) == "2026-09"
    assert inputs.timeline.as_of == 45
    # The last purchase the grid has room for is of 2032-06, in service three months later.
    assert inputs.timeline.periods == max(45 + 180, 117 + 120 + 1)
    assert inputs.fleet.purchase[0] == 5
    assert inputs.fleet.in_service[0] == 8
    assert inputs.outlook.landing[:, 0].tolist() == [-20, 4, 23, 26, 33, 48, 60, 72]
    assert inputs.outlook.known_from[1, 0] == -9


def test_the_calendar_of_the_issuer(meta: Case) -> None:
    inputs = build(meta)
    assert str(inputs.timeline.first_bound) == "2018-12"
    assert inputs.timeline.as_of == 93
    assert inputs.fleet.in_service[0] == -16
    assert inputs.fleet.purchase[1] == 2
    assert set(inputs.fleet.calibrated) == {1}
    assert inputs.fleet.units[0, 0] == 13_017e6


def test_the_horizon_is_reached(neocloud: Case) -> None:
    long = Case.model_validate({**dict(neocloud), "horizon_months": 300})
    assert timeline(long).periods == 45 + 300


def test_history_is_the_index_at_contract_level(neocloud: Case) -> None:
    rent = build(neocloud).history.observed_rent[:, 0, 0]
    assert rent.shape == (46,)
    assert np.isnan(rent[:13]).all()
    assert rent[13] == pytest.approx(4.7765 * 0.70)
    assert rent[45] == pytest.approx(3.789 * 0.70)
    assert not np.isnan(rent[13:]).any()


def test_an_as_of_month_without_a_rent_is_refused(write_case: Writer) -> None:
    case = load_case(write_case(head='as_of = "2026-10"\n'))
    with pytest.raises(AssumptionError, match=r"2024-01 to 2026-09"):
        build(case)


def test_an_earlier_as_of_month_hides_later_rents(write_case: Writer) -> None:
    inputs = build(load_case(write_case(head='as_of = "2025-06"\n')))
    assert inputs.history.observed_rent[-1, 0, 0] == pytest.approx(3.1358 * 0.70)


def test_lives_step_in_the_month_they_change(meta: Case) -> None:
    inputs = build(meta)
    disclosed = inputs.ledgers[1]
    life = dict(zip((str(month) for month in inputs.timeline.period_ends), disclosed.life[:, 0, 0], strict=True))
    changes = {"2019-01": 48, "2022-03": 48, "2022-04": 54, "2022-09": 54, "2022-10": 60, "2024-12": 60, "2025-01": 66}
    assert {month: life[month] for month in changes} == changes
    assert life["2040-01"] == 66
    assert not disclosed.write_off_failures
    assert [ledger.name for ledger in inputs.ledgers] == ["three_year", "disclosed"]


def test_modes_and_curves(neocloud: Case) -> None:
    names = [scenario.name for scenario in neocloud.scenarios]
    inputs = build(neocloud, scenarios(neocloud))
    position = names.index("hopper_as_seen")
    assert inputs.outlook.mode.tolist() == [STRUCTURAL]
    assert inputs.path.mode[position] == CURVE
    curve = inputs.path.curve[:, position]
    assert curve[20] == pytest.approx(math.log(0.564))
    assert curve[31] == pytest.approx(math.log(0.564 * 1.388))
    assert curve[-1] == curve[31]
    assert curve[10] == pytest.approx(math.log(0.564) / 2)
    assert inputs.path.curve[12, 0] == pytest.approx(-0.106)


def test_age_prices_are_log_linear_and_held(neocloud: Case) -> None:
    prices = age_prices(neocloud.market.age_price, 120)
    assert prices[[0, 12, 24, 36, 48]] == pytest.approx([1.0, 0.78, 0.60, 0.46, 0.35])
    assert prices[18] == pytest.approx(math.sqrt(0.78 * 0.60))
    assert prices[120] == pytest.approx(0.35)


@pytest.mark.parametrize(
    "curve",
    [
        {"kind": "path"},
        {"kind": "exponential"},
        {"kind": "path", "decline_log_per_year": 0.1, "segments": [{"months": 1, "change": 0.1}]},
    ],
)
def test_incomplete_curves_are_refused(neocloud: Case, curve: dict[str, object]) -> None:
    with pytest.raises(AssumptionError, match=r"market\.curve.* alone"):
        with_changes(neocloud, ("market.curve", curve))


def test_an_exponential_falls_by_its_log_rate(neocloud: Case) -> None:
    assert rent_curve(neocloud.market.curve, 24)[[0, 12, 24], 0] == pytest.approx([0.0, -0.106, -0.212])


@pytest.mark.parametrize("name", ["neocloud", "meta"])
def test_both_cases_build_with_every_scenario(name: str, request: pytest.FixtureRequest) -> None:
    case: Case = request.getfixturevalue(name)
    inputs = build(case, scenarios(case))
    periods, cohorts = inputs.timeline.periods, len(inputs.fleet.group)
    assert inputs.cases == len(case.scenarios)
    assert cohorts == len(case.schedule) + 5
    assert inputs.fleet.units.shape == (cohorts, inputs.cases)  # growth differs
    assert inputs.fleet.cost.shape == (cohorts, 1)
    assert inputs.silicon.service.shape == (8, 3, 1)
    assert inputs.path.delay.shape == (8, inputs.cases)
    assert inputs.outlook.delay.shape == (8, 1)
    assert not inputs.outlook.delay.any()
    assert inputs.history.observed_rent.shape == (inputs.timeline.as_of + 1, 3, 1)
    assert all(ledger.life.shape == (periods, 1, 1) for ledger in inputs.ledgers)


def test_scenarios_slip_against_the_plan_of_the_base(neocloud: Case) -> None:
    names = [scenario.name for scenario in neocloud.scenarios]
    inputs = build(neocloud, scenarios(neocloud))
    parts = list(neocloud.silicon)

    def slips(name: str) -> dict[str, float]:
        return dict(zip(parts, inputs.path.delay[:, names.index(name)], strict=True))

    assert slips("landing_late") == {part: 9.0 if part in parts[5:] else 0.0 for part in parts}
    early = slips("landing_early")
    assert [early[part] for part in parts[5:]] == [-3, -5, -11]
    slow = slips("landings_22_months")
    assert [slow[part] for part in parts[5:]] == [0, 10, 20]
    assert np.array_equal(inputs.path.landing, inputs.outlook.landing)


def test_a_slip_believed_in_the_base_is_its_plan(neocloud: Case) -> None:
    late = with_changes(neocloud, ("market.landing_delay_months", 4))
    inputs = build(late, [with_changes(late, ("market.landing_delay_months", 10))])
    rubin = list(late.silicon).index("Rubin")
    assert inputs.outlook.landing[rubin, 0] == 48 + 4
    assert inputs.path.delay[rubin].tolist() == [0, 6]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("terms.in_service_lag_months", 6),
        ("terms.plan", "flat"),
        ("terms.planning_decline_log_per_year", 0.2),
        ("market.contract_to_list_ratio", 0.8),
        ("capex.growth_cohorts", 3),
        ("silicon.B200.landing", "2025-04"),
        ("silicon.Rubin.known_from", "2026-01"),
        ("silicon.H200.sets_price", True),
    ],
)
def test_a_scenario_cannot_change_the_past(neocloud: Case, key: str, value: object) -> None:
    with pytest.raises(AssumptionError, match="--set") as caught:
        build(neocloud, [with_changes(neocloud, (key, value))])
    assert key in str(caught.value)


def test_beliefs_and_history_are_those_of_the_base(neocloud: Case) -> None:
    slow = with_changes(neocloud, ("market.generic_cadence_months", 22), ("market.reversion_half_life_months", 6))
    inputs = build(neocloud, [slow])
    assert inputs.outlook.generic_cadence.tolist() == [12]
    assert inputs.path.generic_cadence.tolist() == [12, 22]
    assert inputs.outlook.reversion_half_life.tolist() == [18]


def test_amounts_are_those_of_the_scenario(meta: Case) -> None:
    more = with_changes(meta, ("capex.server_share_of_capex", 0.6), ("capex.growth_years", 2))
    units = build(meta, [more]).fleet.units
    assert units[1, 0] == units[1, 1]
    assert units[20, 1] / units[20, 0] == pytest.approx(1.2)
    assert (units[-5:, 0] == 0).all()
    assert (units[-5:-3, 1] > 0).all()


def test_independent_cases_are_stacked_where_they_fit(neocloud: Case) -> None:
    cases = [
        neocloud,
        with_changes(neocloud, ("terms.in_service_lag_months", 6)),
        with_changes(neocloud, ("market.contract_to_list_ratio", 0.8)),
        with_changes(neocloud, ("terms.physical_life_months", 144)),
    ]
    stacks = build_independent(cases)
    assert [positions for _, positions in stacks] == [[0, 2], [1], [3]]
    first = stacks[0][0]
    assert first.history.observed_rent[-1, 0] == pytest.approx([3.789 * 0.70, 3.789 * 0.80])
    assert stacks[2][0].silicon.failure_hazard.shape[0] == 144


def test_each_independent_case_believes_its_own_future(neocloud: Case) -> None:
    slow = with_changes(neocloud, ("market.generic_cadence_months", 22))
    inputs = build_independent([neocloud, slow])[0][0]
    assert inputs.outlook.generic_cadence.tolist() == [12, 22]


@pytest.mark.slow
def test_a_stacked_independent_case_equals_itself_alone(neocloud: Case) -> None:
    slow = with_changes(neocloud, ("market.generic_cadence_months", 22), ("market.contract_to_list_ratio", 0.62))
    stacked = total_gap(evaluate(build_independent([neocloud, slow])[0][0]))["disclosed"]
    for position, case in enumerate((neocloud, slow)):
        assert stacked[position] == pytest.approx(total_gap(evaluate(build(case)))["disclosed"][0], rel=1e-12)


def test_sale_proceeds_are_shared_by_the_units_left(write_case: Writer) -> None:
    case = load_case(write_case(schedule=HEADER + "2024-02,servers,H100,100,,2024-03,2026-03,1000000,actual\n"))
    fleet = build(case).fleet
    left = 100 * 0.96 * 0.975
    assert fleet.sale_value[0, 0] == pytest.approx(1e6 / left)
    assert fleet.scheduled_retirement[0] == fleet.in_service[0] + 24
    assert fleet.scheduled_retirement[1] == NEVER
    assert np.isnan(fleet.sale_value[1, 0])


def test_sale_proceeds_of_an_opening_stock_count_what_is_left_of_it(write_case: Writer) -> None:
    rows = "2023-12,servers,,,100,2022-12,2024-12,50,opening\n2024-02,servers,H100,1,,,,,actual\n"
    fleet = build(load_case(write_case(schedule=HEADER + rows))).fleet
    assert fleet.units[0, 0] == pytest.approx(100 * 0.5)
    assert fleet.sale_value[0, 0] == pytest.approx(50 / (50 * 0.975))


# Edges that are valid


def test_a_life_of_one_month_is_valid(write_case: Writer) -> None:
    results = evaluate(build(load_case(write_case(ledger=LEDGER.replace("36", "1")))))
    assert results.inputs.ledgers[0].life[0, 0, 0] == 1
    assert np.isfinite(total_gap(results)["three_year"]).all()


def test_a_landing_before_the_first_purchase_is_valid(write_case: Writer) -> None:
    inputs = build(load_case(write_case(schedule=HEADER + "2025-05,servers,B200,5,,,,,actual\n")))
    assert inputs.outlook.landing[1, 0] < 0
    assert np.isfinite(total_gap(evaluate(inputs))["three_year"]).all()


def test_a_fleet_fully_retired_is_valid(write_case: Writer) -> None:
    schedule = HEADER + "2023-05,servers,H100,10,,,2025-05,100000,actual\n"
    results = evaluate(build(load_case(write_case(schedule=schedule))))
    assert total_gap(results)["three_year"].tolist() == [0.0]
    assert results.economic.value_in_exchange[results.inputs.timeline.as_of].sum() == 0.0


def test_resale_mode_reaches_the_engine(neocloud: Case) -> None:
    inputs = build(with_changes(neocloud, ("market.mode", "resale")))
    assert inputs.path.mode.tolist() == [RESALE]
    assert np.isfinite(total_gap(evaluate(inputs))["disclosed"]).all()


def test_scenarios_written_in_code_build(neocloud: Case) -> None:
    scenario = Scenario(
        name="mine",
        title="Mine",
        sentence="Power is free.",
        source="judgement",
        confidence="low",
        change=(Change(op="set", key="operations.electricity_price_usd_per_kwh", value=0),),
    )
    cost = build(neocloud, [apply_scenario(neocloud, scenario)]).silicon.operating_cost
    assert cost.shape == (8, 2)
    assert cost[1, 0] - cost[1, 1] == pytest.approx(1.275 * 0.735 * 1.15 * 730 * 0.091)
    assert changed(neocloud, [], "test", {}) is neocloud
