"""Parts that sum to the whole, whatever the order."""

from itertools import pairwise, permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.effort import examples
from valuation.statistics.shapley import (
    coalitions,
    ordered_coalitions,
    ordered_values,
    owen_coalitions,
    owen_values,
    shapley_values,
)


@st.composite
def games(draw: st.DrawFn, most: int = 5) -> np.ndarray:
    """Values of every coalition of one to so many players."""
    players = draw(st.integers(1, most))
    return np.array(draw(st.lists(st.floats(-100.0, 100.0), min_size=2**players, max_size=2**players)))


@st.composite
def grouped_games(draw: st.DrawFn) -> tuple[np.ndarray, list[int]]:
    """A game and a group for each of its players."""
    values = draw(games())
    players = len(values).bit_length() - 1
    return values, draw(st.lists(st.integers(0, 2), min_size=players, max_size=players))


def number_of(row: np.ndarray) -> int:
    """Position of a coalition in the list of all."""
    return int(row @ (1 << np.arange(row.size)))


def restricted(values: np.ndarray, groups: list[int]) -> np.ndarray:
    """Values of the coalitions an Owen value needs."""
    return values[[number_of(row) for row in owen_coalitions(groups)]]


def average_over(values: np.ndarray, orders: list[tuple[int, ...]]) -> np.ndarray:
    """Mean marginal contribution over the orders."""
    parts = np.zeros(len(orders[0]))
    for order in orders:
        chain = values[[number_of(row) for row in ordered_coalitions(order)]]
        parts += ordered_values(chain, order)
    return parts / len(orders)


def test_coalitions_are_numbered_by_their_bits() -> None:
    rows = coalitions(3)
    assert rows.shape == (8, 3)
    assert [number_of(row) for row in rows] == list(range(8))


@given(games())
@settings(max_examples=examples(60))
def test_values_are_means_over_all_orders(values: np.ndarray) -> None:
    players = len(values).bit_length() - 1
    expected = average_over(values, list(permutations(range(players))))
    assert shapley_values(values) == pytest.approx(expected, abs=1e-9)


@given(grouped_games())
@settings(max_examples=examples(60))
def test_owen_values_are_means_over_orders_that_keep_groups_together(game: tuple[np.ndarray, list[int]]) -> None:
    values, groups = game

    def together(order: tuple[int, ...]) -> bool:
        labels = [groups[player] for player in order]
        changes = sum(one != other for one, other in pairwise(labels))
        return changes == len(set(groups)) - 1

    orders = [order for order in permutations(range(len(groups))) if together(order)]
    found = owen_values(restricted(values, groups), groups)
    assert found == pytest.approx(average_over(values, orders), abs=1e-9)


@given(grouped_games())
@settings(max_examples=examples(100))
def test_parts_sum_to_the_whole(game: tuple[np.ndarray, list[int]]) -> None:
    values, groups = game
    whole = values[-1] - values[0]
    assert shapley_values(values).sum() == pytest.approx(whole, abs=1e-10)
    assert owen_values(restricted(values, groups), groups).sum() == pytest.approx(whole, abs=1e-10)
    order = list(range(len(groups)))[::-1]
    chain = values[[number_of(row) for row in ordered_coalitions(order)]]
    assert ordered_values(chain, order).sum() == pytest.approx(whole, abs=1e-10)


@given(grouped_games())
@settings(max_examples=examples(100))
def test_groups_share_as_players_of_the_quotient_game(game: tuple[np.ndarray, list[int]]) -> None:
    values, groups = game
    labels = sorted(set(groups))
    unions = [
        np.isin(groups, [label for position, label in enumerate(labels) if row[position]])
        for row in coalitions(len(labels))
    ]
    quotient = shapley_values(values[[number_of(row) for row in unions]])
    parts = owen_values(restricted(values, groups), groups)
    sums = [parts[np.array(groups) == label].sum() for label in labels]
    assert sums == pytest.approx(quotient, abs=1e-9)


@given(games())
@settings(max_examples=examples(60))
def test_one_group_or_none_is_no_group(values: np.ndarray) -> None:
    players = len(values).bit_length() - 1
    alone, together = list(range(players)), [7] * players
    plain = shapley_values(values)
    assert owen_values(restricted(values, alone), alone) == pytest.approx(plain, abs=1e-9)
    assert owen_values(restricted(values, together), together) == pytest.approx(plain, abs=1e-9)


@given(st.lists(st.floats(-10.0, 10.0), min_size=8, max_size=8), st.floats(-5.0, 5.0))
@settings(max_examples=examples(60))
def test_who_adds_nothing_gets_nothing_and_equals_get_the_same(inner: list[float], dummy: float) -> None:
    """Player 3 adds a constant to every coalition; players 0 and 1 are made interchangeable."""
    rows = coalitions(4)
    base = np.array(inner)
    swapped = [number_of(row[[1, 0, 2]]) for row in coalitions(3)]
    alike = base + base[swapped]
    values = np.array([alike[number_of(row[:3])] + dummy * row[3] for row in rows])
    parts = shapley_values(values)
    assert parts[3] == pytest.approx(dummy, abs=1e-9)
    assert parts[0] == pytest.approx(parts[1], abs=1e-9)
    grouped = owen_values(restricted(values, [0, 0, 1, 1]), [0, 0, 1, 1])
    assert grouped[3] == pytest.approx(dummy, abs=1e-9)
    assert grouped[0] == pytest.approx(grouped[1], abs=1e-9)


def test_null_players_get_nothing_to_the_bit() -> None:
    values = np.array([0.1, 0.7, 0.1, 0.7])
    assert shapley_values(values)[1] == 0.0


def test_parts_keep_the_trailing_axes() -> None:
    generator = np.random.default_rng(3)
    values = generator.normal(size=(16, 5, 2))
    parts = shapley_values(values)
    assert parts.shape == (4, 5, 2)
    for index in np.ndindex(5, 2):
        assert parts[(slice(None), *index)] == pytest.approx(shapley_values(values[(slice(None), *index)]), rel=1e-12)


def test_groups_need_far_fewer_coalitions() -> None:
    groups = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    rows = owen_coalitions(groups)
    assert len(rows) < 2**12 / 10
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert not rows[0].any()
    assert rows[-1].all()


def test_parts_of_an_order_stand_by_player() -> None:
    order = (2, 0, 1)
    assert ordered_coalitions(order).tolist() == [
        [False, False, False],
        [False, False, True],
        [True, False, True],
        [True, True, True],
    ]
    assert ordered_values(np.array([0.0, 1.0, 3.0, 7.0]), order).tolist() == [2.0, 4.0, 1.0]


def test_a_sole_player_takes_all() -> None:
    assert shapley_values(np.array([2.0, 5.0])).tolist() == [3.0]
