"""Ledgers of a case: rules, components, dated events, tests for impairment, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import load_case, run_case
from assumptions.estimates import estimate_table
from tests.unit.assumptions.conftest import Writer
from valuation.books import Ledger
from valuation.charges import Method
from valuation.checks import check
from valuation.conventions import Convention
from valuation.errors import AssumptionError
from valuation.estimates import estimate_effects
from valuation.inputs import Inputs

HEAD = """
[ledgers.books]
title = "Books"
salvage_share_of_cost = 0
write_off_failures = false
"""
LIVES = f"{HEAD}lives = [{{ months = 60 }}]\n"
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
        (LIVES + event("2026-01", "life", "months = 72", 'classes = ["tapes"]'), "names no cohort of the schedule"),
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
