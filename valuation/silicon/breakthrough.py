"""A breakthrough in what a computation costs: its step, how much of it is felt, and what its chance does to rents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, special

from valuation.timeline import CASE, MONTHS_PER_YEAR, TIME, FloatArray

COMPONENT = 0
"""Axis of the parts of a cost."""
ERROR_OF_EXPECTATION = 1e-13
"""Relative error aimed at in an expectation over effectiveness, well inside the 1e-10 promised."""
FEWEST_NODES = 16
"""Nodes used for an effectiveness even where its integrand is nearly a polynomial."""
MOST_NODES = 1024
"""Nodes at most; they hold the promise up to gains of some ten thousand."""


@dataclass(frozen=True)
class Breakthrough:
    """What a breakthrough does to the parts of a cost.

    Attributes
    ----------
    cost_share : (I, ..., n)
        Share of each part, such as memory, compute and power, in the full cost of service; they sum to 1.
    gain : (I, ..., n)
        Factor by which the part is used less if the breakthrough is fully effective on it, at least 1.
    effectiveness : (I, ..., n)
        Effectiveness on each part, between 0 and 1; where it is random, the effectiveness relative to the draw.
    pass_through : (..., n)
        Share of the log fall of cost that reaches rents.
    """

    cost_share: FloatArray
    gain: FloatArray
    effectiveness: FloatArray
    pass_through: FloatArray


@dataclass(frozen=True)
class Effectiveness:
    """Distribution of the effectiveness of a breakthrough, as nodes and weights.

    Attributes
    ----------
    nodes : (Q, n)
        Effectiveness.
    weights : (Q, n)
        Probability; sums to 1.
    """

    nodes: FloatArray
    weights: FloatArray


def certain_effectiveness() -> Effectiveness:
    """Effectiveness of 1 for sure: that of the parts alone counts."""
    return Effectiveness(np.ones((1, 1)), np.ones((1, 1)))


def beta_effectiveness(alpha: FloatArray, beta: FloatArray, largest_gain: float) -> Effectiveness:
    r"""Nodes and weights for an effectiveness with a Beta distribution, by Gauss-Jacobi quadrature.

    The integrand :math:`[1 + e(G-1)]^{-h}` is analytic but for the point :math:`e = -1/(G-1)`, so the error shrinks
    as :math:`\exp(-2Q \operatorname{arcosh}[1 + 2/(G-1)])` with the number of nodes :math:`Q`, which is chosen from
    that.

    Parameters
    ----------
    alpha, beta : numpy.ndarray
        Parameters of the distribution, above zero, shape (n,).
    largest_gain : float
        Largest gain :math:`G` of any part in any case.

    Returns
    -------
    Effectiveness
        Shape (Q, n).

    Notes
    -----
    Method, section 4.7; Golub and Welsch (1969), *Calculation of Gauss quadrature rules*.
    """
    excess = largest_gain - 1.0
    needed = -np.log(ERROR_OF_EXPECTATION) / (2.0 * np.arccosh(1.0 + 2.0 / excess)) if excess > 0.0 else 0.0
    count = min(max(int(np.ceil(needed)), FEWEST_NODES), MOST_NODES)
    alphas, betas = np.broadcast_arrays(alpha, beta)
    pairs, case = np.unique(np.stack([alphas, betas]), axis=CASE, return_inverse=True)
    nodes, weights = np.empty((count, pairs.shape[CASE])), np.empty((count, pairs.shape[CASE]))
    for column, (first, second) in enumerate(pairs.T):
        nodes[:, column], weights[:, column] = _beta_rule(count, float(first), float(second))
    return Effectiveness(nodes[:, case], weights[:, case])


def _beta_rule(count: int, alpha: float, beta: float) -> tuple[FloatArray, FloatArray]:
    """Gauss rule for a Beta density on (0, 1), nodes and weights of shape (Q,), by the method of Golub and Welsch.

    scipy's own rule loses three digits where the density is singular at an end, and overflows where it is narrow.
    """
    total = alpha + beta
    order = np.arange(1.0, count)
    width = 2.0 * order + total - 2.0
    middle = (total - 2.0) * (alpha - beta) / (width * (width + 2.0))
    # Its first entry is the variance of the density; in the general form it is 0/0 at a total of 1.
    spread = np.full(count - 1, alpha * beta / (total**2 * (total + 1.0)))
    later, wide = order[1:], width[1:]
    product = later * (later + beta - 1.0) * (later + alpha - 1.0) * (later + total - 2.0)
    spread[1:] = product / (wide**2 * (wide + 1.0) * (wide - 1.0))
    diagonal = np.concatenate([[alpha / total], (1.0 + middle) / 2.0])
    nodes, vectors = linalg.eigh_tridiagonal(diagonal, np.sqrt(spread))
    return np.asarray(nodes, dtype=np.float64), np.asarray(vectors[0] ** 2, dtype=np.float64)


def cost_saving(breakthrough: Breakthrough, realised: FloatArray | float = 1.0) -> FloatArray:
    r"""Share of the cost of service that a breakthrough saves.

    .. math:: 1 - \sum_i \frac{s_i}{1 + e_i (G_i - 1)}

    The part least reduced stays, whatever happens to the others, so it caps the saving.

    Parameters
    ----------
    breakthrough : Breakthrough
        Shares :math:`s`, gains :math:`G` and effectiveness :math:`e` by part.
    realised : numpy.ndarray or float
        Common factor on the effectiveness of every part, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Share between 0 and 1, shape (..., n).

    Notes
    -----
    Method, section 4.7, by part; the law of diminishing returns of Amdahl (1967).
    """
    relief = breakthrough.effectiveness * realised * (breakthrough.gain - 1.0)
    return np.asarray((breakthrough.cost_share * relief / (1.0 + relief)).sum(axis=COMPONENT))


def log_step(breakthrough: Breakthrough, realised: FloatArray | float = 1.0) -> FloatArray:
    r"""Log fall of rents once a breakthrough is fully in use.

    .. math:: h = -\rho \ln \sum_i \frac{s_i}{1 + e_i (G_i - 1)}

    With a single part it is :math:`\rho \ln[1 + e(G-1)]`.

    Parameters
    ----------
    breakthrough : Breakthrough
        The parts of the cost and the pass-through :math:`\rho`.
    realised : numpy.ndarray or float
        Common factor on the effectiveness of every part, broadcastable to shape (..., n).

    Returns
    -------
    numpy.ndarray
        Step, zero or above, shape (..., n); 0 to the bit where nothing is effective.

    Notes
    -----
    Method, section 4.7.
    """
    return np.asarray(breakthrough.pass_through * (0.0 - np.log1p(-cost_saving(breakthrough, realised))))


def factor_on_arrival(
    breakthrough: Breakthrough, effectiveness: Effectiveness, ramp: FloatArray | float = 1.0
) -> FloatArray:
    r"""Expected factor on rents some time after one breakthrough has arrived.

    .. math:: E_e\,e^{-h(e) F}

    Parameters
    ----------
    breakthrough : Breakthrough
        The parts of the cost and the pass-through, without a time axis.
    effectiveness : Effectiveness
        Distribution of the common factor on effectiveness.
    ramp : numpy.ndarray or float
        Share :math:`F` of the step in force by month since arrival, shape (K, ..., n); 1 if it acts at once.

    Returns
    -------
    numpy.ndarray
        Factor between 0 and 1, shape of the ramp broadcast with (..., n).

    Notes
    -----
    Method, section 4.7.
    """
    total = np.zeros(1)
    for node, weight in zip(effectiveness.nodes, effectiveness.weights, strict=True):
        total = total + weight * np.exp(-log_step(breakthrough, node) * ramp)
    return np.asarray(total)


def expected_factor(arrival_rate: FloatArray, factor: FloatArray, years: FloatArray) -> FloatArray:
    r"""Expected factor on rents when breakthroughs arrive at random and act at once.

    .. math:: \exp[-\lambda_b t\,(1 - E e^{-h})]

    Parameters
    ----------
    arrival_rate : numpy.ndarray
        Rate of arrivals :math:`\lambda_b` [per year], broadcastable to shape (..., n).
    factor : numpy.ndarray
        Expected factor of one breakthrough, :math:`E e^{-h}`, broadcastable to shape (..., n).
    years : numpy.ndarray
        Time :math:`t` [years], broadcastable to shape (T, ..., n).

    Returns
    -------
    numpy.ndarray
        Factor, shape (T, ..., n); 1 to the bit without arrivals or without effect.

    Notes
    -----
    Method, section 4.7: the probability generating function of a Poisson number of independent factors.
    """
    return np.asarray(np.exp(-arrival_rate * years * (1.0 - factor)))


def expected_path(arrival_rate: FloatArray, factor_by_month: FloatArray) -> FloatArray:
    r"""Expected factor on rents by month when each breakthrough comes in over a ramp.

    .. math:: \exp\Big[-\frac{\lambda_b}{12} \sum_{k<K} (1 - E e^{-h F_k})\Big]

    A breakthrough that arrived in month :math:`j` has gone :math:`K - j` steps up its ramp at bound :math:`K`.

    Parameters
    ----------
    arrival_rate : numpy.ndarray
        Rate of arrivals :math:`\lambda_b` [per year], shape (..., n).
    factor_by_month : numpy.ndarray
        Expected factor of one breakthrough by month since arrival, as `factor_on_arrival` gives it, shape
        (K, ..., n).

    Returns
    -------
    numpy.ndarray
        Factor at bounds 0 to K, shape (K+1, ..., n).

    Notes
    -----
    Method, section 4.7, with ramp.
    """
    lost = np.cumsum(1.0 - factor_by_month, axis=TIME)
    start = np.zeros((1, *lost.shape[1:]))
    return np.asarray(np.exp(-arrival_rate / MONTHS_PER_YEAR * np.concatenate([start, lost], axis=TIME)))


def probability_of_any(arrival_rate: FloatArray, years: FloatArray) -> FloatArray:
    r"""Probability of at least one breakthrough, :math:`1 - e^{-\lambda_b t}`.

    Parameters
    ----------
    arrival_rate : numpy.ndarray
        Rate of arrivals [per year], broadcastable to shape (..., n).
    years : numpy.ndarray
        Time [years], broadcastable to shape (T, ..., n).

    Returns
    -------
    numpy.ndarray
        Probability, shape (T, ..., n).

    Notes
    -----
    Method, section 4.7.
    """
    return np.asarray(0.0 - np.expm1(-arrival_rate * years))


def factor_given_any(arrivals: FloatArray, factor: FloatArray) -> FloatArray:
    r"""Expected factor on rents in the worlds that saw at least one breakthrough.

    .. math:: \frac{e^{x m} - 1}{e^x - 1} = m\,\frac{(e^{x m} - 1)/(x m)}{(e^x - 1)/x}

    Parameters
    ----------
    arrivals : numpy.ndarray
        Expected number of arrivals, :math:`x = \lambda_b t`, broadcastable to shape (T, ..., n).
    factor : numpy.ndarray
        Expected factor of one breakthrough, :math:`m`, broadcastable to shape (T, ..., n); with a ramp its mean over
        the months that an arrival may date from.

    Returns
    -------
    numpy.ndarray
        Factor, shape (T, ..., n); where arrivals are rarest, that of exactly one breakthrough.

    Notes
    -----
    Method, section 4.7: an expectation over a rare jump hides what the jump does.
    """
    # Both numerator and denominator over e^x, so that frequent arrivals do not overflow.
    ahead = np.exp(-arrivals * (1.0 - factor)) * special.exprel(-arrivals * factor)
    return np.asarray(factor * ahead / special.exprel(-arrivals))
