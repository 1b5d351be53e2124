"""Failures, churn and eligibility: what would falsify them, and what must not change when they are switched off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assumptions import load_case, run_case
from assumptions.arrays.reliability import failure_hazard
from assumptions.chapters.mechanisms import DemandSegment
from assumptions.chapters.schema import Case
from tests.factories import column, fleet, neocloud, observed, one, outlook, silicon, terms
from tests.properties.strategies import AS_OF, inputs
from valuation.analysis.checks import check
from valuation.devices.failures import annual_rate, goodput, uptime_share
from valuation.engine import evaluate
from valuation.inputs import CURVE, HistoryInputs, Inputs
from valuation.results import Results
from valuation.silicon.churn import legacy_share, serving_base, serving_share
from valuation.silicon.pressures import displaced_share
from valuation.stages.calibration import freeze, with_frozen

BATTERY = settings(max_examples=12, deadline=None, derandomize=True)
AGES = 120
YEARS = np.arange(AGES)[:, None, None] / 12
ROWS = [(5, 0, 1_000.0, 43_000.0), (29, 1, 2_000.0, 52_600.0), (40, -1, 9e6, 1.0), (53, 2, 1_000.0, 120_300.0)]
GIVEN_RENTS = ("market.mode=curve", "terms.planning_decline_log_per_year=0.15")
"""Rents that do not answer to what is owned, so that only the owner's side moves."""


def leaves(record: Any, path: str = "") -> Iterator[tuple[str, np.ndarray]]:
    """Arrays inside nested results, by name, inputs and what is a market of its own left out."""
    if is_dataclass(record):
        for item in fields(record):
            if item.name not in ("inputs", "market"):
                yield from leaves(getattr(record, item.name), f"{path}.{item.name}")
    elif isinstance(record, tuple):
        for number, item in enumerate(record):
            yield from leaves(item, f"{path}[{number}]")
    elif isinstance(record, np.ndarray):
        yield path, record


def differing(one_result: Results, other: Results) -> list[str]:
    """Names of the arrays in which two results differ by a bit."""
    pairs = zip(leaves(one_result), leaves(other), strict=True)
    return [name for (name, first), (_, second) in pairs if not np.array_equal(first, second, equal_nan=True)]


def with_given_rents(**parts: Any) -> Inputs:
    """A small fleet under rents that follow a stated path, with a given plan."""
    path = (-0.015 * np.arange(181.0))[:, None]
    rules = outlook(AS_OF, mode=np.array([CURVE]), curve=path)
    return neocloud(
        fleet=fleet(ROWS),
        silicon=silicon(**parts),
        outlook=rules,
        path=rules,
        terms=terms(planning_decline=one(0.015)),
    )


def churn(hazard: float, fade: float = 0.3, rent: float = 0.3) -> dict[str, np.ndarray]:
    """Shares with work under a hazard of being stranded."""
    rate = np.full((1, 1, 1), hazard)
    return {
        "serving": serving_share(rate, YEARS),
        "legacy": legacy_share(rate, YEARS, np.ones(1), np.array([fade])),
        "legacy_rent": one(rent),
    }


def in_use(case: Inputs) -> np.ndarray:
    """Value in use of the devices known in units at the as-of date; plans of dollars follow their own base."""
    value: np.ndarray = evaluate(case).economic.unit_value_in_use[AS_OF, case.fleet.calibrated == 0]
    return value


@cache
def small() -> Case:
    """The bundled operator with its first purchases of each part only."""
    case = load_case("neocloud")
    chosen = {"2023-05": "H100", "2025-05": "B200", "2026-02": "B200", "2027-02": "Rubin"}
    rows = tuple(row for row in case.schedule if chosen.get(row.purchase) == row.generation)
    assert len(rows) == len(chosen)
    return Case.model_validate({**dict(case), "schedule": rows})


def valued(*overrides: str | tuple[str, Any], case: Case | None = None) -> Results:
    """Results of the small operator with some values set, scenarios left out."""
    return run_case(small() if case is None else case, [], overrides).results


def worth(overrides: Sequence[str]) -> np.ndarray:
    """Value in use of each cohort at the as-of date, its units included, under rents that are given."""
    found = valued(*GIVEN_RENTS, *overrides)
    return found.economic.value_in_use[found.inputs.timeline.as_of, :, 0]


def assert_falls(chain: list[list[str]], *, strictly: bool = True) -> None:
    """The fleet is worth less from each set of values to the next, and no cohort more."""
    values = [worth(overrides) for overrides in chain]
    for before, after in pairwise(values):
        assert (after - before).max() <= 1e-9 * before.max()
        if strictly:
            assert after.sum() < before.sum() * (1 - 1e-6)


# Churn


def test_high_churn_with_no_stranding_loss_would_falsify_the_model() -> None:
    """At one and a half strandings a year devices keep less than a third of their value, and gross rents fall too."""
    calm, stormy = with_given_rents(), with_given_rents(**churn(1.5))
    assert (in_use(stormy) < 0.35 * in_use(calm) + 1e4).all()
    before, after = evaluate(calm), evaluate(stormy)
    assert after.economic.gross_rent.sum() < 0.6 * before.economic.gross_rent.sum()
    assert after.cash.operating_cost.sum() < before.cash.operating_cost.sum()


@given(case=inputs(), fade=st.floats(0.0, 3.0), rent=st.floats(0.0, 1.0))
@BATTERY
def test_zero_churn_changes_nothing_to_the_bit(case: Inputs, fade: float, rent: float) -> None:
    idle = replace(case, silicon=replace(case.silicon, **churn(0.0, fade, rent)))
    assert differing(evaluate(case), evaluate(idle)) == []


@given(case=inputs(), hazard=st.floats(0.01, 3.0), fade=st.floats(0.0, 3.0), rent=st.floats(0.0, 1.0))
@BATTERY
def test_identities_hold_with_churn(case: Inputs, hazard: float, fade: float, rent: float) -> None:
    stranded = replace(case, silicon=replace(case.silicon, **churn(hazard, fade, rent)))
    assert [item for item in check(evaluate(stranded)) if not item.passed] == []


@given(case=inputs(), hazard=st.floats(0.05, 2.0))
@BATTERY
def test_stranded_devices_that_go_on_at_a_full_rent_are_not_stranded(case: Inputs, hazard: float) -> None:
    """Legacy work at a full rent that never ends is the work they had, but for who may switch off when."""
    case = replace(case, silicon=replace(case.silicon, operating_cost=np.full((4, 1), 1e-6)))
    same = replace(case, silicon=replace(case.silicon, **churn(hazard, 0.0, 1.0)))
    first, second = evaluate(case), evaluate(same)
    np.testing.assert_allclose(
        second.economic.unit_value_in_use, first.economic.unit_value_in_use, atol=1e-8 * float(case.fleet.cost.max())
    )


def test_more_churn_and_worse_legacy_work_never_raise_value() -> None:
    for harder in (
        [churn(rate) for rate in (0.0, 0.1, 0.5, 2.0)],
        [churn(0.5, fade) for fade in (0.0, 0.3, 3.0)],
        [churn(0.5, 0.3, rent) for rent in (1.0, 0.6, 0.3, 0.0)],
    ):
        values = [in_use(with_given_rents(**tables)) for tables in harder]
        for before, after in pairwise(values):
            assert (after <= before + 1e-9 * before.max()).all()
            assert after.sum() < before.sum()


def test_an_entrant_asks_for_more_where_it_may_be_stranded() -> None:
    parts = silicon(), replace(silicon(), **churn(0.4))
    calm, stormy = (evaluate(neocloud(silicon=one_of)) for one_of in parts)
    priced = slice(0, 3)
    assert (stormy.market.generation_entry_rent[priced] > calm.market.generation_entry_rent[priced]).all()


def test_absorbing_everything_changes_nothing_to_the_bit() -> None:
    keys = ("weights", "architecture", "number_format")
    absorbed = [f"silicon.{part}.absorbs_{key}=1" for part in ("H100", "B200") for key in keys]
    assert differing(valued(), valued(*absorbed, "churn.weights_per_year=9")) == []
    nothing_arrives = [f"churn.{key}_per_year=0" for key in keys] + ["silicon.H100.absorbs_weights=0"]
    assert differing(valued(), valued(*nothing_arrives)) == []


def test_churn_of_a_case_strands_the_part_that_does_not_absorb_it() -> None:
    assert_falls([[], ["silicon.H100.absorbs_number_format=0.8"], ["silicon.H100.absorbs_number_format=0"]])
    base, stranded = worth([]), worth(["silicon.H100.absorbs_number_format=0"])
    assert stranded[0] < base[0]
    np.testing.assert_array_equal(stranded[1:], base[1:])


# Rivals


def pressed(*overrides: str) -> np.ndarray:
    """Share of demand that devices with etched weights take, by bound and segment."""
    found = valued("rivals.etched.ceiling_share=0.5", *overrides)
    etched = next(rival for rival in found.inputs.path.rivals if rival.cause == "etched")
    return displaced_share(etched, found.inputs.path.demand[0])


def test_a_rival_loses_what_new_models_strand() -> None:
    whole, stranded = pressed(), pressed("rivals.etched.absorbs_weights=0")
    assert (stranded <= whole).all()
    assert stranded[-1].sum() < 0.5 * whole[-1].sum()
    np.testing.assert_array_equal(pressed("rivals.etched.absorbs_weights=1"), whole)
    np.testing.assert_array_equal(pressed("rivals.etched.absorbs_weights=0", "churn.weights_per_year=0"), whole)


def test_a_base_bought_at_once_ages_as_one_device() -> None:
    adopted = np.full(37, 0.4)
    np.testing.assert_allclose(serving_base(adopted, np.array(0.9)), np.exp(-0.9 * np.arange(37) / 12), rtol=1e-12)
    growing = serving_base(np.linspace(0.0, 1.0, 400), np.array(0.9))
    assert np.all((growing > 0) & (growing <= 1))
    assert growing[-1] == pytest.approx(12 / 0.9 / 399, rel=0.05)


# Failures


def test_more_failures_of_any_kind_never_raise_value() -> None:
    assert_falls([[f"silicon.H100.failure_multiplier={times}"] for times in (0, 0.5, 1, 2, 5)])
    assert_falls([[], *([f"failures.wear_out_scale_years={scale}"] for scale in (9, 4, 2))])
    assert_falls([[f"failures.repairs_per_year={rate}"] for rate in (0, 0.1, 2)])
    assert_falls([[f"failures.spares_share={share}"] for share in (0, 0.05, 0.3)])
    assert_falls([[f"failures.repair_share_of_cost_per_year={share}"] for share in (0, 0.02, 0.1)])


def test_a_longer_warranty_never_lowers_value() -> None:
    assert_falls([[f"failures.warranty_months={months}"] for months in (48, 36, 12, 1, 0)])
    costly = "failures.repair_share_of_cost_per_year=0.05"
    assert_falls([[costly, f"failures.warranty_months={months}"] for months in (60, 36, 12, 0)])


def test_within_the_warranty_units_do_not_shrink_and_are_not_written_off() -> None:
    found = valued("failures.warranty_months=36")
    cohort, born = 0, int(found.inputs.fleet.in_service[0])
    units = found.economic.units[born : born + 40, cohort, 0]
    assert np.all(units[:37] == units[0])
    assert units[37] < units[36]
    for ledger in found.ledgers:
        assert np.all(ledger.disposals[born : born + 36, cohort] == 0.0)
    lost = valued("failures.warranty_months=36", "failures.replacement_days=60").economic.gross_rent
    assert lost[born, cohort, 0] < found.economic.gross_rent[born, cohort, 0]
    assert lost[born + 36, cohort, 0] == found.economic.gross_rent[born + 36, cohort, 0]


OFF = [
    [("failures.spares_share", 0.0)],
    [("failures.repairs_per_year", 0), ("failures.repair_days", 300)],
    [("failures.warranty_months", 0), ("failures.replacement_days", 300)],
    [("failures.wear_out_shape", 9)],
    [("silicon.H100.failure_multiplier", 1)],
    [("silicon.H100.interruption_multiplier", 1), ("failures.devices_per_job", 100)],
    [("silicon.H100.bits", 64), ("silicon.H100.size_limit_billion", 1e6)],
    [("silicon.H100.serves", "frontier, mid, small")],
]


@pytest.mark.parametrize("overrides", OFF, ids=lambda chosen: str(chosen[0][0]))
def test_switched_off_is_the_same_as_zero(overrides: list[tuple[str, Any]]) -> None:
    assert differing(valued(), valued(*overrides)) == []


def test_a_table_of_survivors_stands_for_its_hazards() -> None:
    """The hazards of the base written as a table give the same values; another table gives others."""
    case = small()
    hazard = failure_hazard(case, AGES)[:, 0, 0]
    left = np.concatenate([[1.0], np.cumprod(1.0 - hazard)])
    points = [{"age_years": age / 12, "survivors": float(left[age])} for age in (0, 12, 60)]
    table = ("failures.survivors", {"points": points})
    same, base = valued(table), valued()
    np.testing.assert_allclose(same.economic.value_in_use, base.economic.value_in_use, rtol=1e-9, atol=1.0)
    worse = ("failures.survivors", {"points": [*points[:2], {"age_years": 5, "survivors": 0.2}]})
    assert valued(worse).economic.value_in_use[AS_OF].sum() < base.economic.value_in_use[AS_OF].sum()


def test_owned_parts_of_one_generation_share_their_quality() -> None:
    """A multiplier moves every cohort of its generation and no other, under rents that are given."""
    base, fragile = worth([]), worth(["silicon.B200.failure_multiplier=3"])
    moved = fragile != base
    assert moved.tolist()[:4] == [False, True, True, False]


# Interruptions


def test_useful_time_of_a_job_on_one_device_is_its_availability() -> None:
    """One device, nothing written: what is lost is the time to start again, to first order of rare stops."""
    per_year, hours = np.array([0.1, 1.0, 5.0]), np.array(12.0)
    useful = goodput(
        np.ones(1), per_year / 8760, interval=np.array(1e-300), checkpoint_hours=np.zeros(1), restart_hours=hours
    )
    np.testing.assert_allclose(useful, uptime_share(per_year, hours), atol=1.1 * (5 * 12 / 8760) ** 2)


def test_interruptions_are_those_of_llama_3() -> None:
    """148 faulty devices and 72 faults of memory on 16,384 devices in 54 days; the other 199 of 419 are not theirs."""
    failures = load_case("neocloud").failures
    devices, days = np.array(16_384), np.array(54)
    assert failures.interruptions_per_year.value == pytest.approx(
        float(annual_rate(np.array(220), devices, days)), abs=5e-5
    )
    rest = float(annual_rate(np.array(199), devices, days))
    assert failures.other_interruptions_per_year.value == pytest.approx(rest, abs=5e-5)
    assert failures.devices_per_job.value == 16_384


def test_interruptions_cost_a_part_only_in_training_and_only_beyond_todays() -> None:
    stops, bound = "silicon.B200.interruption_multiplier=5", ("silicon.B200.serves", "frontier")
    assert differing(valued(), valued("failures.interruptions_per_year=0.05")) == []
    tied, interrupted = valued(bound), valued(bound, stops)
    as_of = tied.inputs.timeline.as_of
    rents = [found.economic.gross_rent[as_of, 1:3, 0] for found in (tied, interrupted)]
    lost = rents[1] / rents[0] - 1.0
    assert np.all((lost < -0.02) & (lost > -0.5))
    # A device that may turn to inference does.
    free = valued(stops).inputs.silicon.availability[list(small().silicon).index("B200"), :, 0]
    assert free[0] < 1.0
    assert np.all(free[1:] == 1.0)


# Segments


@given(case=inputs())
@BATTERY
def test_a_segment_nobody_can_serve_changes_nothing(case: Inputs) -> None:
    service = np.concatenate([case.silicon.service, np.zeros_like(case.silicon.service)], axis=1)
    both = np.concatenate([case.history.observed_rent, 1.3 * observed(AS_OF, first=10)], axis=1)
    wider = replace(case, silicon=replace(case.silicon, service=service), history=HistoryInputs(both))
    narrow, wide = evaluate(case), evaluate(replace(wider, frozen=None))
    for (name, first), (_, second) in zip(leaves(narrow.economic), leaves(wide.economic), strict=True):
        np.testing.assert_array_equal(first, second, err_msg=name)


CONTEXT = [f"silicon.{part}.context_limit_tokens=1000000" for part in ("A100", "H100", "H200", "B200", "GB300")]


def with_segment() -> Case:
    """The small operator with a fourth segment that asks for contexts of ten million tokens."""
    case = small()
    said = {"basis": "user", "source": "test"}
    where = {**said, "value": 1e5}
    added = DemandSegment.model_validate(
        {
            "training": {**said, "value": "no"},
            "needs_context_tokens": {**said, "value": 1e7},
            "size_from_billion": where,
        }
    )
    below = DemandSegment.model_validate({**dict(case.segments["frontier"]), "size_to_billion": where})
    return Case.model_validate({**dict(case), "segments": {**case.segments, "frontier": below, "endless": added}})


def test_a_segment_nobody_is_able_to_serve_is_left_out_of_a_case() -> None:
    limits = [*CONTEXT, "silicon.Rubin.context_limit_tokens=1000000"]
    assert differing(valued(*limits), valued(*limits, case=with_segment())) == []


def test_a_segment_closed_to_a_part_changes_nothing_for_it() -> None:
    """Only Rubin serves the new segment, so the parts owned today are worth what they were."""
    before, after = valued(*CONTEXT), valued(*CONTEXT, case=with_segment())
    assert after.inputs.silicon.service.shape[1] == before.inputs.silicon.service.shape[1] + 1
    older = np.flatnonzero(before.inputs.fleet.calibrated == 0)[:3]
    np.testing.assert_array_equal(
        after.economic.unit_value_in_use[:, older], before.economic.unit_value_in_use[:, older]
    )


def test_a_part_shut_out_of_the_best_segment_earns_the_next() -> None:
    case = with_frozen(two := neocloud_of_two(), freeze(two))
    shut = replace(case, silicon=replace(case.silicon, service=case.silicon.service * column(1, 1, 1, 1)[:, :, None]))
    closed = np.array(shut.silicon.service)
    closed[0, 1] = 0.0
    poorer = replace(shut, silicon=replace(shut.silicon, service=closed))
    rich, poor = (evaluate(item).economic.gross_rent[AS_OF, 0, 0] for item in (case, poorer))
    assert poor == pytest.approx(rich * 2.0 / 3.0, rel=1e-12)


def neocloud_of_two() -> Inputs:
    """Two segments of the same service, the second at rents half as high again."""
    service = np.repeat(silicon().service, 2, axis=1)
    both = np.concatenate([observed(AS_OF, last=2.0), observed(AS_OF, last=3.0)], axis=1)
    return neocloud(fleet=fleet(ROWS[:1]), silicon=silicon(service=service), history=HistoryInputs(both))
