"""Ledgers of a case: rules, components, dated events, tests for impairment, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.answers.estimates import estimate_table
from assumptions.runs import sensitivity_table
from tests.unit.assumptions.conftest import Writer
from valuation.analysis.checks import check
from valuation.analysis.estimates import estimate_effects
from valuation.books.charges import Method
from valuation.books.conventions import Convention
from valuation.books.ledgers import Ledger
from valuation.errors import AssumptionError
from valuation.inputs import Inputs

HEAD = """
[ledgers.books]
title = "Books"
salvage_share_of_cost = 0
write_off_failures = false
"""
LIVES = f"{HEAD}lives = [{{ months = 60 }}]\n"
PARTS = f"""{HEAD}components = [
    {{ name = "racks", share_of_cost = 0.5, months = 60 }}, {{ name = "power", share_of_cost = 0.5, months = 120 }},
]
"""
EVENT = """
[[ledgers.books.events]]
date = "{date}"
event = "{event}"
"""


def run(write_case: Writer, ledger: str) -> tuple[Inputs, Ledger]:
    found = run_case(load_case(write_case(ledger=ledger)), [])
    return found.inputs, found.results.ledgers[0]


def event(date: str, name: str, *lines: str) -> str:
    return EVENT.format(date=date, event=name) + "".join(f"{line}\n" for line in lines)


def yearly(inputs: Inputs, ledger: Ledger, cohort: int) -> list[float]:
    """Depreciation of one cohort by fiscal year, as a share of its cost."""
    cost = float((inputs.fleet.units * inputs.fleet.cost)[cohort, 0])
    charges = inputs.timeline.fiscal_year_sums(ledger.depreciation[:, cohort, 0])
    return [float(charge) for charge in charges / cost]


def test_method_convention_and_frequency(write_case: Writer) -> None:
    """In service in May 2024: eight months of the double rate of five years, then 40 % of what is left."""
    rule = 'method = "declining_balance"\nconvention = "full_month"\nsteps_from = "fiscal_year"\n'
    inputs, ledger = run(write_case, LIVES.replace("write_off", f"{rule}write_off"))
    part = inputs.ledgers[0].components[0]
    assert (int(part.method[0, 0]), part.convention) == (Method.DECLINING_BALANCE, Convention.FULL_MONTH)
    first, second = yearly(inputs, ledger, 0)[:2]
    assert first == pytest.approx(0.4 * 8 / 12)
    assert second == pytest.approx(0.4 * (1 - first))


def test_components_have_lives_of_their_own(write_case: Writer) -> None:
    """24,000 over 3 years, 9,000 over 5 and 7,000 over 15: 10,266.7 of 40,000 in a full year."""
    parts = "".join(
        f'[[ledgers.books.components]]\nname = "{name}"\nshare_of_cost = {share}\nmonths = {months}\n'
        for name, share, months in (("accelerators", 0.6, 36), ("network", 0.225, 60), ("power", 0.175, 180))
    )
    inputs, ledger = run(write_case, HEAD + parts)
    assert yearly(inputs, ledger, 0)[2] == pytest.approx(10_266.7 / 40_000, abs=1e-6)
    assert not inputs.ledgers[0].straight


def test_a_decision_to_retire_spreads_what_is_left(write_case: Writer) -> None:
    """In service in May 2024, 20 of 60 months used by 2026-01: two thirds over the 12 months to the end of the year."""
    changed = event("2026-02", "retirement", 'retires = "2027-01"', "share_of_cost = 0.1", 'purchases = ["2024-02"]')
    inputs, ledger = run(write_case, LIVES + changed)
    since = inputs.timeline.index(np.datetime64("2026-01"))
    cost = float((inputs.fleet.units * inputs.fleet.cost)[0, 0])
    left = float(ledger.carrying_amount[since, 0, 0]) / cost
    assert left == pytest.approx(40 / 60)
    months = ledger.depreciation[since : since + 12, 0, 0] / cost
    assert months == pytest.approx(np.full(12, (left - 0.1) / 12))
    other = ledger.depreciation[since : since + 12, 1, 0]
    assert other == pytest.approx(np.full(12, other[0]))


@pytest.mark.parametrize("convention", ["half_year", "mid_quarter", "daily_365", "mid_month"])
def test_a_decision_to_retire_holds_under_every_convention(write_case: Writer, convention: str) -> None:
    rule = LIVES.replace("write_off", f'convention = "{convention}"\nwrite_off')
    inputs, ledger = run(write_case, rule + event("2026-02", "retirement", 'retires = "2027-01"'))
    end = inputs.timeline.index(np.datetime64("2027-01"))
    assert ledger.carrying_amount[end - 1, 0, 0] > 0.0
    assert ledger.carrying_amount[end, 0, 0] == pytest.approx(0.0, abs=1e-6)


def test_the_later_of_a_life_for_all_and_of_an_event_holds(write_case: Writer) -> None:
    stepped = LIVES.replace("[{ months = 60 }]", '[{ months = 60 }, { start = "2027-01", months = 84 }]')
    changed = event("2026-01", "life", "months = 72", 'purchases = ["2024-02"]')
    decided = event("2026-01", "retirement", 'retires = "2028-01"', 'purchases = ["2025-05"]')
    inputs, _ = run(write_case, stepped + changed + decided)
    lives = {month: inputs.timeline.index(np.datetime64(month)) - 1 for month in ("2025-12", "2026-12", "2027-01")}
    found = inputs.ledgers[0].components[0].life[list(lives.values()), :2, 0]
    assert found.tolist() == [[60.0, 60.0], [72.0, 29.0], [84.0, 29.0]]


def test_a_quarter_names_its_middle_month(write_case: Writer) -> None:
    inputs, _ = run(write_case, LIVES + event("2026-01", "life", "months = 72", 'purchases = ["2024Q1"]'))
    assert inputs.ledgers[0].components[0].life[-1, :2, 0].tolist() == [72.0, 60.0]


@pytest.mark.parametrize("convention", ["following_month", "total_days"])
def test_a_given_rate_is_one_a_year(write_case: Writer, convention: str) -> None:
    rule = LIVES.replace(
        "write_off",
        f'method = "given_rate"\nrate_annual = 0.24\nfrequency = "year"\nsteps_from = "fiscal_year"\n'
        f'convention = "{convention}"\nwrite_off',
    )
    inputs, ledger = run(write_case, rule)
    first, second = yearly(inputs, ledger, 0)[:2]
    assert second == pytest.approx(0.24 * (1 - first))


@pytest.mark.parametrize(("convention", "months"), [("half_year", 6.0), ("mid_quarter", 7.5)])
def test_conventions_of_the_year_set_rates_with_it(write_case: Writer, convention: str, months: float) -> None:
    """Sum of digits in service in May: 5/15 for the months of the first year, then what is left by the years left."""
    rule = LIVES.replace("write_off", f'method = "sum_of_years_digits"\nconvention = "{convention}"\nwrite_off')
    inputs, ledger = run(write_case, rule)
    first, second = yearly(inputs, ledger, 0)[:2]
    assert first == pytest.approx(months / 12 * 5 / 15)
    left = 5 - months / 12
    digits = sum(left - passed for passed in range(4)) + (left - 4) ** 2
    assert second == pytest.approx((1 - first) * left / digits)


def test_an_opening_stock_stands_after_what_happened_before(write_case: Writer) -> None:
    schedule = (
        "purchase,asset_class,capex_usd,status,in_service\n2023-12,servers,1e9,opening,2022-06\n"
        "2024-02,servers,1e9,actual,\n"
    )
    early, late = (LIVES + event(month, "held_for_sale", "share_of_cost = 0.3") for month in ("2024-01", "2024-02"))
    with pytest.raises(AssumptionError, match="the opening stock already stands after"):
        run_case(load_case(write_case(ledger=early, schedule=schedule)), [])
    found = run_case(load_case(write_case(ledger=late, schedule=schedule)), [])
    books = found.results.ledgers[0]
    cost = float((found.inputs.fleet.units * found.inputs.fleet.cost)[0, 0])
    assert books.impairment[1, 0, 0] / cost == pytest.approx(1 - 19 / 60 - 0.3)


@pytest.mark.slow
def test_moved_assumptions_may_pull_service_past_an_event(write_case: Writer) -> None:
    """A lag of six months puts the cohort of 2024 into service after its write-down; the other rows stay."""
    ledger = LIVES + event("2024-06", "write_down", "share_of_cost = 0.1")
    rows = sensitivity_table(load_case(write_case(ledger=ledger)))
    assert any(row.key == "terms.in_service_lag_months" for row in rows)


def test_write_down_improvement_and_sale(write_case: Writer) -> None:
    changed = (
        event("2025-01", "write_down", "share_of_cost = 0.2", 'purchases = ["2024-02"]')
        + event("2025-07", "improvement", "share_of_cost = 0.1", "months = 72", 'purchases = ["2024-02"]')
        + event("2026-01", "held_for_sale", "share_of_cost = 0.3", 'purchases = ["2024-02"]')
    )
    inputs, ledger = run(write_case, LIVES + changed)
    cost = float((inputs.fleet.units * inputs.fleet.cost)[0, 0])
    at = {month: inputs.timeline.index(np.datetime64(month)) for month in ("2024-12", "2025-06", "2025-12")}
    assert ledger.impairment[at["2024-12"], 0, 0] / cost == pytest.approx(0.2)
    assert ledger.additions[at["2025-06"], 0, 0] / cost == pytest.approx(0.1)
    assert ledger.carrying_amount[at["2025-12"] + 1, 0, 0] / cost == pytest.approx(0.3)
    assert ledger.depreciation[at["2025-12"] :, 0, 0].sum() == pytest.approx(0.0)


def test_identities_hold_whatever_happens_to_the_books(write_case: Writer) -> None:
    changed = event("2025-01", "write_down", "share_of_cost = 0.2") + event(
        "2025-07", "improvement", "share_of_cost = 0.1"
    )
    found = run_case(load_case(write_case(ledger=LIVES + changed)), ["mining_bust"])
    assert [item.name for item in check(found.results) if not item.passed] == []


def test_a_change_of_life_is_disclosed_against_the_old_one(write_case: Writer) -> None:
    """Five years become six in 2026: 40 months left become 52, on the cohort of 2024; 4,300,000 and 2,630,000 USD."""
    inputs_of = load_case(write_case(ledger=LIVES + event("2026-01", "life", "months = 72")))
    found = run_case(inputs_of, [])
    rows = estimate_table(found)
    cost = (found.inputs.fleet.units * found.inputs.fleet.cost)[:2, 0]
    # In service in May 2024 and August 2025: 20 and 5 months used when 2026 begins, one fewer by the month after.
    left, used = np.array([1 - 19 / 60, 1 - 4 / 60]) * cost, np.array([19, 4])
    expected = (left / (72 - used) - left / (60 - used)).sum() * 12
    assert rows[0].since == "2026-01"
    assert rows[0].depreciation_usd == pytest.approx(expected)
    assert rows[0].operating_income_usd == -rows[0].depreciation_usd
    assert 0.0 < rows[0].net_income_usd < rows[0].operating_income_usd
    assert rows[0].per_share_usd is None


def test_a_change_of_life_starts_from_what_impairment_has_left(write_case: Writer) -> None:
    """The books of 2025 close after a loss; both estimates spread what is left, 20 and 5 months of 60 or 72 used."""
    rule = 'impairment = { framework = "asc_360", level = "cohort", each = "year" }\nwrite_off'
    text = LIVES.replace("write_off", rule) + event("2026-02", "life", "months = 72")
    found = run_case(load_case(write_case(ledger=text)), [], ["market.mode=curve", "terms.required_return_annual=0.4"])
    books, since = found.results.ledgers[0], found.inputs.timeline.index(np.datetime64("2026-01"))
    assert books.impairment[:since].any()
    left, used = books.carrying_amount[since, :2, 0], np.array([20, 5])
    expected = float((left / (72 - used) - left / (60 - used)).sum()) * 11
    assert estimate_table(found)[0].depreciation_usd == pytest.approx(expected)


def test_over_all_years_an_estimate_moves_income_and_changes_none(write_case: Writer) -> None:
    """What failed units leave on the books is part of the effect: with it the effect adds up to nothing."""
    text = LIVES.replace("failures = false", "failures = true") + event("2026-01", "life", "months = 36")
    found = run_case(load_case(write_case(ledger=text)), [])
    (effect,) = estimate_effects(found.inputs, np.zeros((found.inputs.timeline.periods, 1)))
    assert effect.operating_income.sum() == pytest.approx(0.0, abs=1e-3)
    assert effect.depreciation.sum() > 0.0
    assert abs(effect.operating_income[0, 0]) < effect.depreciation[0, 0]


@pytest.mark.parametrize(
    ("ledger", "told"),
    [
        (LIVES + event("2026-13", "life", "months = 72"), "'2026-13' is not a month"),
        (LIVES + event("2026-01", "life"), "event 'life' without months"),
        (LIVES + event("2026-01", "life", "months = 72", "share_of_cost = 0.1"), "event 'life' with share_of_cost"),
        (LIVES + event("2026-01", "life", "months = 72", 'classes = ["servers", "tapes"]'), "'tapes' is not in the"),
        (LIVES + event("2026-01", "life", "months = 72", 'purchases = ["2024-02", "2024-03"]'), "'2024-03' is not in"),
        (LIVES + event("2026-01", "life", "months = 72", 'purchases = ["2024"]'), "'2024' is not a month"),
        (LIVES + event("2026-01", "life", "months = 72", "share_of_cost = 0.0"), "event 'life' with share_of_cost"),
        (LIVES + event("2090-01", "write_down", "share_of_cost = 0.1"), "after the last month of the run"),
        (LIVES + event("2090-01", "life", "months = 72"), "after the last month of the run"),
        (LIVES + event("2026-01", "life", "months = 72") * 2, "contradicts events.0 (life)"),
        (
            LIVES
            + event("2026-01", "life", "months = 72")
            + event("2026-01", "retirement", 'retires = "2027-01"', 'purchases = ["2024-02"]'),
            "contradicts events.0 (life)",
        ),
        (LIVES + event("2026-01", "write_down", "share_of_cost = 0.7"), "by 0.01667 of its cost"),
        (LIVES + event("2031-01", "improvement", "share_of_cost = 0.1"), "whose life of 60 months is over"),
        (LIVES.replace("write_off", 'method = "fixed_rate"\nwrite_off'), "never reaches a salvage of 0"),
        (LIVES + event("2026-01", "method", 'method = "fixed_rate"'), "never reaches a salvage of 0"),
        (LIVES.replace("write_off", 'method = "given_rate"\nwrite_off'), "'given_rate' without rate_annual"),
        (LIVES.replace("write_off", "rate_annual = 0.2\nwrite_off"), "rate_annual with 'straight_line'"),
        (LIVES + event("2026-01", "method", 'method = "given_rate"', "factor = 0.2"), "without rate_annual"),
        (
            PARTS.replace("write_off", 'method = "sum_of_years_digits"\nwrite_off'),
            "method 'sum_of_years_digits' beside",
        ),
        (PARTS.replace("cost = 0\n", "cost = 0.1\n"), "salvage_share_of_cost 0.1 beside components"),
        (PARTS.replace('"power"', '"racks"'), "2 components are named 'racks'"),
        (PARTS.replace('"power"', '""'), "'' is no text of one line"),
        (LIVES.replace('"Books"', '""'), "'' is no text of one line"),
        (LIVES + LIVES.replace("ledgers.books", "ledgers.Books"), "differ in capitals only"),
        (LIVES + "events = {}\n", "books.events: {} does not fit"),
        (LIVES + event("2024-01", "write_down", "share_of_cost = 0.1"), "concerns nothing in service"),
        (LIVES + event("2026-01", "retirement", 'retires = "2025-01"'), "retires 2025-01, decided 2026-01"),
        (LIVES.replace("write_off", 'method = "fastest"\nwrite_off'), "ledgers.books.method"),
        (LIVES + event("2026-01", "life", "months = 72", 'component = "power"'), "unknown component 'power'"),
        (LIVES.replace("write_off", 'impairment = { framework = "hgb", level = "site" }\nwrite_off'), "framework"),
    ],
)
def test_bad_ledgers(write_case: Writer, ledger: str, told: str) -> None:
    with pytest.raises(AssumptionError) as failure:
        run(write_case, ledger)
    assert told in str(failure.value)
    assert "\n" not in str(failure.value)


def test_a_scenario_may_not_take_what_a_write_down_needs(write_case: Writer) -> None:
    folder = write_case(ledger=LIVES + event("2026-01", "write_down", "share_of_cost = 0.5"))
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "short.toml").write_text(
        'name = "short"\ntitle = "Short"\nsentence = "x"\nsource = "x"\nconfidence = "low"\n'
        '[[change]]\nop = "set"\nkey = "ledgers.books.life_months"\nvalue = 36\n',
        encoding="utf-8",
    )
    assert run_case(load_case(folder), []).scenario_names == ["base"]
    with pytest.raises(AssumptionError, match="scenario short: ledgers"):
        run_case(load_case(folder), ["short"])


def test_growth_counts_in_the_convention_of_its_year(write_case: Writer) -> None:
    """Bought in June and in service in September, the last quarter of a year that ends in November."""
    head = 'title = "Small"\nas_of = "2026-09"\nfiscal_year_end_month = 11\n'
    found = run_case(load_case(write_case(head=head, ledger=LIVES)), ["growth_continues"])
    assert found.inputs.tax is not None
    half_year, mid_quarter, _ = found.inputs.tax.ledgers[1].components
    grown = [cohort.units == 0.0 for cohort in found.cohorts]
    assert half_year.share[grown].tolist() == [[1.0, 0.0]] * sum(grown)
    assert mid_quarter.share[grown].tolist() == [[0.0, 1.0]] * sum(grown)


@pytest.mark.parametrize(("service", "year_end"), [("2098-01", 12), ("1990-01", 6)])
def test_tax_law_has_no_end(write_case: Writer, service: str, year_end: int) -> None:
    head = f'title = "Small"\nas_of = "2026-09"\nfiscal_year_end_month = {year_end}\n'
    schedule = f"purchase,asset_class,capex_usd,status,in_service\n{service},servers,1e9,plan,{service}\n"
    found = run_case(load_case(write_case(head=head, ledger=LIVES, schedule=schedule)), [])
    assert found.inputs.tax is not None
    assert found.inputs.tax.federal_rate[-1] == 0.21


@pytest.mark.parametrize("years", [4, 20.5, 39])
def test_recovery_periods_are_those_of_the_tables(write_case: Writer, years: float) -> None:
    case = load_case(write_case(ledger=LIVES))
    with pytest.raises(AssumptionError, match=r"tax\.property_class_years"):
        run_case(case, [], [f"tax.property_class_years={years}"])


def test_sites_are_tested_apart(write_case: Writer) -> None:
    rule = 'impairment = { framework = "asc_360", level = "site", each = "year" }\nwrite_off'
    schedule = (
        "purchase,asset_class,site,generation,units,status\n"
        "2024-02,servers,east,H100,100,actual\n2025-05,servers,west,B200,50,actual\n2025-06,servers,east,B200,50,actual\n"
    )
    found = run_case(load_case(write_case(ledger=LIVES.replace("write_off", rule), schedule=schedule)), [])
    test = found.inputs.ledgers[0].tests[0]
    assert test.group.tolist()[:3] == [0, 1, 0]
    assert np.flatnonzero(test.tested).tolist() == np.flatnonzero(found.inputs.timeline.is_fiscal_year_end[1:]).tolist()


def test_one_purchase_may_stand_on_two_sites(write_case: Writer) -> None:
    schedule = (
        "purchase,asset_class,site,generation,units,status\n"
        "2024-02,servers,east,H100,100,actual\n2024-02,servers,west,H100,50,actual\n"
    )
    found = run_case(load_case(write_case(ledger=LIVES, schedule=schedule)), [])
    assert found.cohort_labels[:2] == ["2024-02 servers H100 east", "2024-02 servers H100 west"]
    with pytest.raises(AssumptionError, match=r"same cohort \(2024-02, servers, H100, east\) as row 2"):
        load_case(write_case(ledger=LIVES, schedule=schedule.replace("west", "east")))


def test_interest_is_capitalised_until_service(write_case: Writer) -> None:
    """Three months from purchase to service at 8 %: 2 % of cost, charged over the life; the gap stays an identity."""
    ledger = LIVES.replace("write_off", "interest_capitalised_annual = 0.08\nwrite_off")
    found = run_case(load_case(write_case(ledger=ledger)), [])
    cost = float((found.inputs.fleet.units * found.inputs.fleet.cost)[0, 0])
    books = found.results.ledgers[0]
    assert books.additions[:, 0, 0].sum() == pytest.approx(1.02 * cost)
    assert books.improvements[:, 0, 0].sum() == pytest.approx(0.02 * cost)
    assert books.depreciation[:, 0, 0].max() == pytest.approx(1.02 * cost / 60)
    assert [item.name for item in check(found.results) if not item.passed] == []
