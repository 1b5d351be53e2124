"""Promises of the depreciation schedule that hold for any policy, asset and sequence of events."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.effort import examples
from tests.oracle.depreciation import Asset, Books
from tests.placements import check_identity
from tests.properties.policies import (
    EVENTS,
    PERIODS,
    Example,
    assets,
    component,
    constant,
    eventful,
    happen,
    service,
    settled,
)
from valuation.books.charges import Method
from valuation.books.conventions import Calendar, Convention, Stay
from valuation.books.policies import ComponentInputs
from valuation.books.schedule import Schedule, Service, unit_schedule
from valuation.records import stack_records

ROUNDING = 1e-12
LENIENT = [HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large]
ENDS = tuple(convention for convention in Convention if convention != Convention.FOLLOWING_MONTH)
CHANGES = tuple(event for event in EVENTS if event != "idle")


def run(books: Books, asset: Asset) -> Schedule:
    """Schedule of one asset."""
    return unit_schedule((component(books),), service(asset))


def with_lives_within(books: Books, months: int) -> Books:
    """The same books with a life that ends within the grid, whatever the convention."""
    scale = 5.0 if books.convention == "BY_USE" else 1.0
    life = [min(value, months * scale) for value in books.life]
    return replace(books, life=life, use=[max(value, 10.0) for value in books.use])


# Identities


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True))
def test_opening_and_movements_give_the_closing_amount(books: Books, asset: Asset) -> None:
    found = run(books, asset)
    check_identity(found)
    assert found.carrying[0, 0, 0] == 1.0
    assert found.charge.min() >= 0.0


@settings(max_examples=examples(200), suppress_health_check=LENIENT)
@given(settled(tuple(method for method in Method if method != Method.NONE)), assets())
def test_a_whole_life_charges_cost_less_salvage(books: Books, asset: Asset) -> None:
    """Every method, convention, frequency and anchor; and never more than that on the way."""
    books = with_lives_within(books, 70)
    found = run(books, asset)
    assert found.charge.sum() == pytest.approx(1.0 - books.salvage[0], abs=ROUNDING)
    assert found.carrying[-1, 0, 0] == pytest.approx(books.salvage[0], abs=ROUNDING)
    assert found.carrying.min() >= books.salvage[0] - ROUNDING
    assert np.diff(found.carrying, axis=0).max() <= ROUNDING


@pytest.mark.parametrize("method", [method for method in Method if method != Method.NONE])
@pytest.mark.parametrize("convention", list(Convention))
@pytest.mark.parametrize("by_fiscal_year", [True, False])
def test_every_combination_charges_cost_less_salvage(
    method: Method, convention: Convention, by_fiscal_year: bool
) -> None:
    """Whole and broken lives, placed in the middle of a fiscal year that ends in June."""
    asset = Asset(date(2019, 7, 1), date(2020, 3, 17), None, 6)
    for frequency in (1, 3, 12):
        for life in (36.0, 41.5):
            books = constant(
                method,
                convention,
                life=[life] * PERIODS,
                salvage=[0.1] * PERIODS,
                factor=[0.02 if method == Method.GIVEN_RATE else 1.5] * PERIODS,
                percentages=[0.4, 0.3, 0.2, 0.1],
                frequency=frequency,
                by_fiscal_year=by_fiscal_year,
                use=[2.0] * PERIODS,
            )
            found = run(books, asset)
            assert found.charge.sum() == pytest.approx(0.9, abs=ROUNDING)
            assert found.carrying.min() >= 0.1 - ROUNDING


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True))
def test_the_carrying_amount_rises_with_additions_only(books: Books, asset: Asset) -> None:
    """What is stated anew counts as written down, or up."""
    found = run(books, asset)
    rise = np.diff(found.carrying, axis=0) - found.added + np.minimum(found.written_down, 0.0)
    assert rise.max() <= ROUNDING


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(tuple(event for event in EVENTS if event not in ("ceiling", "written_down", "stated"))), assets())
def test_charges_stop_at_salvage(books: Books, asset: Asset) -> None:
    found = run(books, asset)
    salvage = np.array(books.salvage)
    above = found.carrying[1:, 0, 0] >= salvage - ROUNDING
    assert (above | (found.charge[:, 0, 0] == 0.0)).all()


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True))
def test_no_charge_before_service(books: Books, asset: Asset) -> None:
    entry = int(service(asset).stay.entry[0])
    assert (run(books, asset).charge[:entry] == 0.0).all()


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True))
def test_no_charge_after_leaving(books: Books, asset: Asset) -> None:
    """The convention of the following month goes on: what is no longer held is not asked for."""
    assume(asset.left is not None and books.convention != "FOLLOWING_MONTH")
    leave = int(service(asset).stay.exit[0, 0])
    assert (run(books, asset).charge[leave + 1 :] == 0.0).all()


@settings(max_examples=examples(100), suppress_health_check=LENIENT)
@given(eventful(), assets())
def test_no_charge_while_idle(books: Books, asset: Asset) -> None:
    idle = ~np.array(books.depreciating)
    assert (run(books, asset).charge[idle] == 0.0).all()


# Events


@settings(max_examples=examples(300), suppress_health_check=LENIENT)
@given(eventful(CHANGES), assets(), st.sampled_from(CHANGES), st.integers(1, PERIODS - 1), st.data())
def test_a_change_leaves_what_was_before_it(
    books: Books, asset: Asset, event: str, period: int, data: st.DataObject
) -> None:
    """To the bit: charges of the periods before, carrying amounts up to their end.

    A later method that has steps makes a straight line set its rate anew too, which moves a last digit.
    """
    digits = 1e-12 if event == "method" else 0.0
    changed = happen(data.draw, books, event, period)
    one, other = run(books, asset), run(changed, asset)
    for name in ("charge", "added", "written_down"):
        np.testing.assert_allclose(getattr(one, name)[:period], getattr(other, name)[:period], rtol=0.0, atol=digits)
    np.testing.assert_allclose(one.carrying[: period + 1], other.carrying[: period + 1], rtol=0.0, atol=digits)


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(eventful(), assets(leaving=True), st.integers(1, PERIODS - 1))
def test_idleness_leaves_what_was_before_it(books: Books, asset: Asset, period: int) -> None:
    """Where no step by the fiscal year is at stake, whose length a later gap would change."""
    idle = replace(books, depreciating=books.depreciating[:period] + [False] * (PERIODS - period))
    one, other = run(books, asset), run(idle, asset)
    np.testing.assert_array_equal(one.carrying[: period + 1], other.carrying[: period + 1])
    assert (other.charge[period:] == 0.0).all()


BEFORE_LOSSES = tuple(event for event in EVENTS if event != "written_down")
ONE_EVENT = ("life", "salvage", "ceiling", "written_down", "added", "stated")


@settings(max_examples=examples(150), suppress_health_check=LENIENT)
@given(st.sampled_from(ONE_EVENT), st.integers(2, 40), st.sampled_from([12.0, 60.0, 47.5]), assets(), st.data())
def test_a_straight_line_spreads_what_is_left_over_what_remains(
    event: str, period: int, life: float, asset: Asset, data: st.DataObject
) -> None:
    books = constant(Method.STRAIGHT_LINE, Convention.FULL_MONTH, life=[life] * PERIODS, salvage=[0.1] * PERIODS)
    changed = happen(data.draw, books, event, period)
    found = run(changed, asset)
    entry = int(service(asset).stay.entry[0])
    age, now = max(period - entry, 0), changed.life[period]
    remaining = now - age
    assume(remaining > 1.0)
    opening = (found.carrying[period] + found.added[period] - found.written_down[period]).item()
    expected = max(opening - changed.salvage[period], 0.0) / remaining
    first = max(period, entry)
    full = int(np.floor(remaining))
    np.testing.assert_allclose(found.charge[first : first + full, 0, 0], expected, rtol=1e-9, atol=1e-13)


@settings(max_examples=examples(100), suppress_health_check=LENIENT)
@given(eventful(BEFORE_LOSSES), assets(), st.dictionaries(st.integers(1, PERIODS), st.floats(-0.3, 0.9), max_size=4))
def test_what_is_lost_at_bounds(books: Books, asset: Asset, losses: dict[int, float]) -> None:
    """The identity holds; asked at every bound for its carrying amount; nothing before the first loss moves."""
    asked: dict[int, np.ndarray] = {}

    def loss(bound: int, carrying: np.ndarray) -> np.ndarray:
        asked[bound] = carrying * (1.0 - losses.get(bound, 0.0))
        return np.full_like(carrying, losses.get(bound, 0.0))

    plain, found = run(books, asset), unit_schedule((component(books),), service(asset), loss)
    check_identity(found)
    assert list(asked) == list(range(1, PERIODS + 1))
    np.testing.assert_allclose(np.stack(list(asked.values())), found.carrying[1:], rtol=1e-12, atol=1e-15)
    first = min(losses, default=PERIODS)
    np.testing.assert_array_equal(plain.carrying[:first], found.carrying[:first])
    np.testing.assert_array_equal(plain.charge[:first], found.charge[:first])


@pytest.mark.parametrize("lost", [0.25, -0.1])
@pytest.mark.parametrize("bound", [1, 13, 35])
def test_a_loss_is_spread_over_what_remains(bound: int, lost: float) -> None:
    """A straight line of 36 months: (1 - b/36)(1 - loss) over 36 - b, up or down."""
    books = constant(Method.STRAIGHT_LINE, Convention.FULL_MONTH)
    asset = Asset(date(2025, 1, 1), date(2025, 1, 1), None, 12)

    def loss(found: int, carrying: np.ndarray) -> np.ndarray:
        return np.full_like(carrying, lost if found == bound else 0.0)

    found = unit_schedule((component(books),), service(asset), loss)
    assert found.written_down[bound - 1, 0, 0] == pytest.approx((1 - bound / 36) * lost)
    np.testing.assert_allclose(found.charge[bound:36, 0, 0], (1 - lost) / 36, rtol=1e-12)
    np.testing.assert_allclose(found.charge[36:], 0.0, atol=1e-15)


# Rows, cases and components


EXAMPLES = st.builds(Example, eventful(), assets(leaving=True))


def block(examples: list[Example], like: Books) -> tuple[ComponentInputs, Service]:
    """Rows of one component: each with its own books, on the calendar and the conventions of the first."""
    parts = [
        component(
            replace(
                item.books,
                convention=like.convention,
                frequency=like.frequency,
                by_fiscal_year=like.by_fiscal_year,
                whole_first_year=like.whole_first_year,
                percentages=(item.books.percentages + [0.0] * 8)[:8],
            )
        )
        for item in examples
    ]
    joined: dict[str, Any] = {
        name: np.concatenate([np.broadcast_to(getattr(part, name), getattr(part, name).shape) for part in parts], axis)
        for name, axis in (
            ("life", 1),
            ("salvage_share", 1),
            ("method", 1),
            ("factor", 1),
            ("percentages", 1),
            ("use", 1),
            ("depreciating", 1),
            ("stated_share", 1),
            ("ceiling_share", 1),
            ("written_down_share", 1),
            ("added_share", 1),
        )
    }
    services = [service(item.asset) for item in examples]
    stays = [found.stay for found in services]
    stay = Stay(*(np.concatenate([getattr(one, name) for one in stays]) for name in vars(stays[0])))
    return replace(parts[0], **joined), Service(stay, services[0].calendar)


def row(whole: ComponentInputs, together: Service, number: int) -> tuple[ComponentInputs, Service]:
    """One row of a block, alone."""
    pick = slice(number, number + 1)
    alone = {
        name: array[:, pick] if names[1] == "c" else array
        for name, (array, names) in whole.arrays().items()
        if array.ndim > 1 and array.shape[1] > 1
    }
    stay = Stay(*(array[pick] for array in vars(together.stay).values()))
    return replace(whole, **alone), replace(together, stay=stay)


def without_endless_digits(examples: list[Example]) -> bool:
    """Whether no row is without depreciation while another counts digits."""
    methods = {name for item in examples for name in item.books.method}
    return not {"NONE", "SUM_OF_DIGITS"} <= methods


@settings(max_examples=examples(100), suppress_health_check=LENIENT)
@given(st.lists(EXAMPLES, min_size=2, max_size=4))
def test_rows_are_independent(examples: list[Example]) -> None:
    """One row alone gives the digits it gives among others."""
    assume(without_endless_digits(examples))
    whole, together = block(examples, examples[0].books)
    found = unit_schedule((whole,), together)
    for number in range(len(examples)):
        part, own = row(whole, together, number)
        alone = unit_schedule((part,), own)
        for name in ("carrying", "charge", "added", "written_down"):
            np.testing.assert_array_equal(getattr(found, name)[:, number], getattr(alone, name)[:, 0])


@settings(max_examples=examples(100), suppress_health_check=LENIENT)
@given(settled(), assets(), st.lists(st.tuples(st.floats(2.0, 70.0), st.floats(0.03, 0.3)), min_size=2, max_size=4))
def test_stacked_cases_are_single_runs(books: Books, asset: Asset, cases: list[tuple[float, float]]) -> None:
    """Lives, salvages and write-downs by case."""
    singles = []
    for number, (life, salvage) in enumerate(cases):
        down = [0.0] * PERIODS
        down[20 + number] = 0.02
        changed = replace(
            books,
            life=[life] * 30 + [life + number] * (PERIODS - 30),
            salvage=[salvage] * PERIODS,
            written_down=down,
        )
        singles.append(component(changed))
    stacked = unit_schedule((stack_records(singles),), service(asset))
    for number, single in enumerate(singles):
        alone = unit_schedule((single,), service(asset))
        for name in ("carrying", "charge", "added", "written_down"):
            np.testing.assert_array_equal(getattr(stacked, name)[:, :, number], getattr(alone, name)[:, :, 0])


@settings(max_examples=examples(100), suppress_health_check=LENIENT)
@given(eventful(), eventful(), assets(leaving=True), st.floats(0.0, 1.0))
def test_components_add_up(one: Books, other: Books, asset: Asset, share: float) -> None:
    """Two parts by their shares are the weighted sum of two runs."""
    parts = (
        replace(component(one), share=np.full((1, 1), share)),
        replace(component(other), share=np.full((1, 1), 1.0 - share)),
    )
    found = unit_schedule(parts, service(asset))
    first, second = run(one, asset), run(other, asset)
    check_identity(found)
    for name in ("carrying", "charge", "added", "written_down"):
        expected = share * getattr(first, name) + (1.0 - share) * getattr(second, name)
        np.testing.assert_allclose(getattr(found, name), expected, rtol=1e-12, atol=1e-15)


@settings(max_examples=examples(80), suppress_health_check=LENIENT)
@given(eventful(), assets(), st.integers(1, 40))
def test_a_lead_is_a_part_of_the_same_history(books: Books, asset: Asset, lead: int) -> None:
    """A grid that begins later, with the months before as its lead, goes on from what they left."""
    quiet = constant(Method[books.method[0]], Convention[books.convention])
    events: dict[str, Any] = {
        name: getattr(quiet, name)[:lead] for name in ("stated", "ceiling", "written_down", "added")
    }
    kept: dict[str, Any] = {
        name: [getattr(books, name)[lead]] * lead for name in ("life", "salvage", "method", "factor")
    }
    kept |= {name: [getattr(books, name)[lead]] * lead for name in ("depreciating", "use")}
    joined: dict[str, Any] = {name: [*start, *getattr(books, name)[lead:]] for name, start in (events | kept).items()}
    whole = replace(books, **joined)
    later: dict[str, Any] = {name: getattr(whole, name)[lead:] for name in (*events, *kept)}
    full = run(whole, asset)
    placement = service(asset)
    calendar = Calendar(placement.calendar.first, PERIODS, asset.fiscal_year_end)
    found = unit_schedule((component(replace(whole, **later)),), Service(placement.stay, calendar, lead))
    np.testing.assert_array_equal(found.carrying, full.carrying[lead:])
    np.testing.assert_array_equal(found.charge, full.charge[lead:])
