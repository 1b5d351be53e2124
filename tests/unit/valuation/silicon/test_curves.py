"""The library of decay curves."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate

from tests.effort import examples
from tests.factories import column, one
from valuation.errors import NoSolutionError
from valuation.silicon.curves import (
    average,
    contract_rents,
    exponential,
    exponential_to_floor,
    forward_rents,
    hyperbolic,
    piecewise,
    slow_then_fast,
    step,
    table,
    term_structure,
)

MONTHS = np.arange(121.0)[:, None]
TERMS = np.array([1, 12, 36])
FACTOR = one(1.12 ** (-1 / 12))

CURVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "exponential": lambda month: exponential(month, one(0.3)),
    "floor": lambda month: exponential_to_floor(month, one(0.3), one(0.2)),
    "step": lambda month: step(month, one(18.0), one(-0.5)),
    "slow": lambda month: slow_then_fast(month, one(0.05), one(0.4)),
    "hyperbolic": lambda month: hyperbolic(month, one(0.6)),
    "piecewise": lambda month: piecewise(month, np.array([0.0, 12.0, 36.0]), column(0.1, 0.5, 0.2)),
    "table": lambda month: table(month, np.array([0.0, 6.0, 30.0]), column(4.0, 3.5, 1.0)),
    "terms": lambda month: term_structure(month, TERMS, column(3.0, 2.6, 2.0), FACTOR),
}


@pytest.mark.parametrize("name", CURVES)
def test_curves_start_at_their_anchor_and_fall(name: str) -> None:
    found = CURVES[name](MONTHS)
    assert found.shape == (121, 1)
    assert found[0, 0] == 0.0
    assert not np.signbit(found[0, 0])
    assert np.all(np.diff(found[:, 0]) <= 1e-15)
    assert found[-1, 0] < -0.4


@pytest.mark.parametrize("name", CURVES)
def test_a_month_does_not_depend_on_the_others(name: str) -> None:
    assert np.array_equal(CURVES[name](MONTHS[7:40:11]), CURVES[name](MONTHS)[7:40:11])


def test_no_decline_is_none_to_the_bit() -> None:
    still = [
        exponential(MONTHS, one(0.0)),
        exponential_to_floor(MONTHS, one(0.0), one(0.3)),
        exponential_to_floor(MONTHS, one(0.5), one(1.0)),
        step(MONTHS, one(18.0), one(0.0)),
        slow_then_fast(MONTHS, one(0.0), one(0.4)),
        hyperbolic(MONTHS, one(0.0)),
        piecewise(MONTHS, np.array([0.0, 12.0]), column(0.0, 0.0)),
        table(MONTHS, np.array([0.0, 12.0]), column(2.0, 2.0)),
        term_structure(MONTHS, TERMS, column(0.0, 0.0, 0.0) + 2.0, one(1.0)),
    ]
    for curve in still:
        assert np.all(curve == 0.0)


@given(decline=st.floats(0.0, 1.5))
@settings(max_examples=examples(50))
def test_curves_hold_the_exponential_as_a_limit(decline: float) -> None:
    plain = exponential(MONTHS, one(decline))
    assert np.array_equal(exponential_to_floor(MONTHS, one(decline), one(0.0)), plain)
    assert np.array_equal(slow_then_fast(MONTHS, one(decline), one(0.0)), plain)
    assert piecewise(MONTHS, np.array([0.0, 7.0, 19.0]), column(decline, decline, decline)) == pytest.approx(plain)
    assert table(MONTHS, np.array([0.0, 120.0]), np.exp(plain[[0, 120]])) == pytest.approx(plain)
    assert hyperbolic(MONTHS[:2], one(decline))[1, 0] == pytest.approx(plain[1, 0], abs=0.01)


def test_floor_is_approached() -> None:
    found = np.exp(exponential_to_floor(np.array([[12.0], [1e5]]), one(0.3), one(0.2)))
    assert found[:, 0] == pytest.approx([0.2 + 0.8 * np.exp(-0.3), 0.2])


def test_acceleration_integrates_its_rate() -> None:
    area, _ = integrate.quad(lambda t: 0.05 * np.exp(0.4 * t), 0.0, 10.0)
    assert slow_then_fast(MONTHS, one(0.05), one(0.4))[120, 0] == pytest.approx(-area)
    slowing = slow_then_fast(MONTHS, one(0.5), one(-0.4))[:, 0]
    assert np.all(np.diff(slowing, 2) >= 0.0)


def test_steps_act_from_their_month_on() -> None:
    found = step(MONTHS, np.array([18.0, 200.0]), one(-0.5))
    assert found[[17, 18, 120], 0].tolist() == [0.0, -0.5, -0.5]
    assert np.all(found[:, 1] == 0.0)


def test_bands_follow_each_other() -> None:
    found = CURVES["piecewise"](MONTHS)[:, 0]
    assert found[[12, 36, 48]] == pytest.approx([-0.1, -1.1, -1.3])


def test_tables_are_read_log_linearly_and_held() -> None:
    found = np.exp(CURVES["table"](MONTHS)[:, 0])
    assert found[[6, 18, 30, 120]] == pytest.approx([3.5 / 4.0, np.sqrt(3.5) / 4.0, 0.25, 0.25])
    early = table(MONTHS, np.array([-12.0, 12.0]), column(4.0, 1.0))
    assert np.exp(early[[0, 12], 0]) == pytest.approx([1.0, 0.5])
    single = table(MONTHS, np.array([0.0]), column(4.0))
    assert np.all(single == 0.0)


@given(rents=st.lists(st.floats(1.0, 1.5), min_size=3, max_size=3), rate=st.floats(0.0, 0.4), long=st.integers(13, 60))
@settings(max_examples=examples(100))
def test_forward_rents_price_the_contracts_back(rents: list[float], rate: float, long: int) -> None:
    terms, factor = np.array([1, 12, long]), one((1 + rate) ** (-1 / 12))
    quoted = column(*rents)
    try:
        forward = forward_rents(terms, quoted, factor)
    except NoSolutionError:
        totals = np.array([(factor[0] ** np.arange(term)).sum() for term in terms]) * rents
        assert np.diff(totals).min() <= 1e-12
        return
    path = np.repeat(forward, np.diff(terms, prepend=0), axis=0)
    assert contract_rents(terms, path, factor) == pytest.approx(quoted, rel=1e-12)
    implied = term_structure(MONTHS, terms, quoted, factor)
    assert forward[0] * np.exp(implied[:long]) == pytest.approx(path, rel=1e-12)
    assert np.all(implied[long:] == implied[long - 1])


def test_a_flat_term_structure_is_a_flat_path() -> None:
    assert forward_rents(TERMS, column(2.0, 2.0, 2.0), FACTOR) == pytest.approx(column(2.0, 2.0, 2.0))


def test_an_impossible_term_structure_is_told() -> None:
    rents = np.array([[3.0, 3.0], [2.0, 2.0], [1.9, 0.5]])
    with pytest.raises(NoSolutionError, match="36 months") as told:
        forward_rents(TERMS, rents, FACTOR)
    assert told.value.case == 1


CERTAIN = np.stack([exponential(MONTHS, one(0.1)), exponential(MONTHS, one(0.5))])


def test_the_average_of_levels_is_the_expected_level() -> None:
    found = np.exp(average(CERTAIN, column(3.0, 1.0)))
    assert found == pytest.approx(0.75 * np.exp(CERTAIN[0]) + 0.25 * np.exp(CERTAIN[1]))
    assert found[0, 0] == 1.0
    assert average(CERTAIN, column(3.0, 1.0), in_logs=True) == pytest.approx(exponential(MONTHS, one(0.2)))


@given(weights=st.lists(st.floats(0.01, 10.0), min_size=3, max_size=3), spread=st.floats(0.0, 1.0))
@settings(max_examples=examples(50))
def test_averages_lie_between_and_in_order(weights: list[float], spread: float) -> None:
    curves = np.stack([exponential(MONTHS, one(0.2 + spread * part)) for part in (0.0, 0.3, 1.0)])
    level, log = average(curves, column(*weights)), average(curves, column(*weights), in_logs=True)
    assert level[0, 0] == log[0, 0] == 0.0
    assert np.all(curves.min(axis=0) - 1e-12 <= log)
    assert np.all(log <= level + 1e-12)
    assert np.all(level <= curves.max(axis=0) + 1e-12)


def test_one_curve_is_its_own_average() -> None:
    alone = CERTAIN[:1]
    assert average(alone, column(7.0)) == pytest.approx(alone[0], abs=1e-14)
    chosen = average(CERTAIN, column(0.0, 1.0))
    assert chosen == pytest.approx(CERTAIN[1], abs=1e-14)


def test_cases_have_their_own_parameters_and_weights() -> None:
    curves = np.stack([exponential(MONTHS, np.array([0.1, 0.4])), hyperbolic(MONTHS, np.array([0.6, 0.2]))])
    weights = np.array([[0.3, 1.0], [0.7, 0.0]])
    stack = average(curves, weights)
    for case in range(2):
        assert stack[:, [case]] == pytest.approx(average(curves[:, :, [case]], weights[:, [case]]), rel=1e-14)
