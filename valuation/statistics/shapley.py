"""Sharing a difference among its causes: Shapley values, Owen values with groups, and a stated order.

Each way lists the coalitions it needs as rows of a boolean matrix, true where a cause acts, and turns the values of
those rows into parts. The parts sum to the value of all causes together less that of none.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from valuation.timeline import BoolArray, FloatArray, IntArray

COALITION = 0
"""Axis of the coalitions in their values."""


def _member(masks: IntArray, players: int) -> BoolArray:
    """Rows of coalitions given as sums of powers of two."""
    return ((masks[:, None] >> np.arange(players)) & 1).astype(bool)


def coalitions(players: int) -> BoolArray:
    """Every coalition, in the order of `shapley_values`: row ``m`` holds player ``i`` where bit ``i`` of ``m`` is set.

    Parameters
    ----------
    players : int
        Number of players, ``k``.

    Returns
    -------
    numpy.ndarray
        Shape (2^k, k).
    """
    return _member(np.arange(2**players), players)


def shapley_values(values: FloatArray) -> FloatArray:
    r"""Exact Shapley values from the values of all coalitions.

    .. math::
        \phi_i = \sum_{S \not\ni i} \frac{|S|!\,(k-|S|-1)!}{k!}\,[v(S \cup i) - v(S)]

    Parameters
    ----------
    values : numpy.ndarray
        Values in the order of `coalitions`, shape (2^k, ...).

    Returns
    -------
    numpy.ndarray
        Parts, shape (k, ...).

    Notes
    -----
    Shapley (1953); method, section 3.10. It is the Owen value where every player is a group of its own.
    """
    players = (len(values) - 1).bit_length()
    return owen_values(values, range(players))


def owen_coalitions(groups: Sequence[int]) -> BoolArray:
    """List the coalitions an Owen value needs: some whole groups, and any part of one more.

    Parameters
    ----------
    groups : sequence of int
        Label of the group of each of the ``k`` players.

    Returns
    -------
    numpy.ndarray
        Shape (M, k), with ``M`` far below 2^k where groups are large; the first row is none, the last one all.

    Notes
    -----
    Method, section 3.10.
    """
    return _member(_owen_masks(groups), len(groups))


def _owen_masks(groups: Sequence[int]) -> IntArray:
    """Needed coalitions as ascending sums of powers of two."""
    sizes = [_subset_masks(members) for members in _members(groups)]
    wholes = _wholes(groups)
    return np.unique(np.concatenate([(wholes[:, None] | inner).ravel() for inner in sizes]))


def _members(groups: Sequence[int]) -> list[IntArray]:
    """Players of each group, groups in ascending order of their labels."""
    labels = np.asarray(groups)
    return [np.flatnonzero(labels == label) for label in np.unique(labels)]


def _subset_masks(members: IntArray) -> IntArray:
    """Every part of a set of players as sums of powers of two, the position telling which members it holds."""
    bits = np.left_shift(1, members)
    return np.asarray(_member(np.arange(2**members.size), members.size) @ bits, dtype=np.int64)


def _wholes(groups: Sequence[int]) -> IntArray:
    """Every union of whole groups, the position telling which groups it holds."""
    bits = np.array([np.left_shift(1, members).sum() for members in _members(groups)])
    return np.asarray(_member(np.arange(2**bits.size), bits.size) @ bits, dtype=np.int64)


def owen_values(values: FloatArray, groups: Sequence[int]) -> FloatArray:
    r"""Exact Owen values: the difference is shared among groups, and each group's share among its players.

    .. math::
        \psi_i = \sum_{R \subseteq M \setminus g} \sum_{S \subseteq g \setminus i}
        \frac{1}{m \binom{m-1}{|R|}}\,\frac{1}{b \binom{b-1}{|S|}}\,[v(Q_R \cup S \cup i) - v(Q_R \cup S)]

    with :math:`m` groups, :math:`b` players in the group :math:`g` of player :math:`i`, and :math:`Q_R` the players
    of the groups in :math:`R`.

    Parameters
    ----------
    values : numpy.ndarray
        Values in the order of `owen_coalitions`, shape (M, ...).
    groups : sequence of int
        Label of the group of each of the ``k`` players.

    Returns
    -------
    numpy.ndarray
        Parts, shape (k, ...). The parts of a group sum to its Shapley value among the groups; with one group, or
        with every player in its own, they are Shapley values.

    Notes
    -----
    Owen (1977), *Values of games with a priori unions*; method, section 3.10.
    """
    masks, wholes, members = _owen_masks(groups), _wholes(groups), _members(groups)
    number = len(members)
    count_of_groups = _member(np.arange(2**number), number).sum(axis=1)
    parts = np.empty((len(groups), *values.shape[1:]))
    for position, players in enumerate(members):
        others = (np.arange(wholes.size) >> position) & 1 == 0
        inside = _subset_masks(players)
        size = _member(np.arange(inside.size), players.size).sum(axis=1)
        between = _weights(number)[count_of_groups[others]]
        for place, player in enumerate(players):
            without = (np.arange(inside.size) >> place) & 1 == 0
            weight = between[:, None] * _weights(players.size)[size[without]]
            before = (wholes[others][:, None] | inside[without]).ravel()
            after = np.searchsorted(masks, before | (1 << player))
            gain = values[after] - values[np.searchsorted(masks, before)]
            parts[player] = np.tensordot(weight.ravel(), gain, axes=1)
    return parts


def _weights(players: int) -> FloatArray:
    """Weight of a coalition by its size when one of so many players joins it, shape (players,)."""
    return np.array([1.0 / (players * comb(players - 1, size)) for size in range(players)])


def ordered_coalitions(order: Sequence[int]) -> BoolArray:
    """List the coalitions of a stated order: none, the first player, the first two, and so on.

    Parameters
    ----------
    order : sequence of int
        Players in the order in which they act.

    Returns
    -------
    numpy.ndarray
        Shape (k+1, k).

    Notes
    -----
    Method, section 3.10: the order of the appraiser is a switch.
    """
    place = np.argsort(np.asarray(order))
    return np.asarray(np.arange(len(order) + 1)[:, None] > place)


def ordered_values(values: FloatArray, order: Sequence[int]) -> FloatArray:
    """Parts of a stated order: what each player adds to those before it.

    Parameters
    ----------
    values : numpy.ndarray
        Values in the order of `ordered_coalitions`, shape (k+1, ...).
    order : sequence of int
        Players in the order in which they act.

    Returns
    -------
    numpy.ndarray
        Parts by player, not by turn, shape (k, ...).

    Notes
    -----
    Method, section 3.10.
    """
    return np.diff(values, axis=COALITION)[np.argsort(np.asarray(order))]
