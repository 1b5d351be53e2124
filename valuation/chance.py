"""What chance does to a block of paths: factors on rents, costs and hours, slips of landings, arrivals of advances.

Everything is counted from the as-of bound. A factor has mean 1 at every bound, so that the deterministic run is what
is expected of each of them by itself; what is expected later, at a date, rests on the state at that date alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
from scipy import special

from valuation.records import Arrays, axes
from valuation.timeline import CASE, FloatArray, IntArray

NODES = 16
"""Nodes of an expectation over a normal variable; the functions taken are smooth and bounded."""


@dataclass(frozen=True)
class Noise(Arrays):
    """A normal state that fades, or stays, and starts at zero.

    Attributes
    ----------
    state : (b, n)
        By bound from the as-of bound on.
    persistence : (n,)
        Share of the state that is left after a month: 1 for a random walk.
    variance : (b, n)
        Variance of the state as seen from the as-of bound.
    """

    state: FloatArray = axes("b n", 0.0)
    persistence: FloatArray = axes("n", 1.0)
    variance: FloatArray = axes("b n", 0.0)

    @property
    def is_silent(self) -> bool:
        """Whether it is zero everywhere."""
        return not (self.state.any() or self.variance.any())

    def at(self, bound: int) -> tuple[FloatArray, FloatArray]:
        """State and variance at a bound, shape (n,); a single row stands for all."""
        return self.state[min(bound, len(self.state) - 1)], self.variance[min(bound, len(self.variance) - 1)]

    def factor(self) -> FloatArray:
        r"""Factor of mean 1 by bound, :math:`e^{x - \sigma^2/2}`, shape (b, n)."""
        return np.asarray(np.exp(self.state - self.variance / 2.0))

    def expected_log(self, at: int, horizon: int) -> FloatArray:
        r"""Log of the factor expected by month ahead, given the state at a bound.

        .. math:: \ln E[e^{x_{t+k} - \sigma^2_{t+k}/2} \mid x_t] = \rho^k x_t - \tfrac{1}{2} \rho^{2k} \sigma^2_t

        Parameters
        ----------
        at : int
            Bound, counted from the as-of bound.
        horizon : int
            Months ahead, ``K``.

        Returns
        -------
        numpy.ndarray
            Shape (K+1, n); its first row is the log of the factor at the bound.
        """
        state, variance = self.at(at)
        left = self.persistence ** np.arange(horizon + 1)[:, None]
        return np.asarray(left * state - left**2 * variance / 2.0)

    def spread(self, at: int, horizon: int) -> tuple[FloatArray, FloatArray]:
        """Mean and variance of the state by month ahead, given the state at a bound, shape (K+1, n) each."""
        state, variance = self.at(at)
        left = self.persistence ** np.arange(horizon + 1)[:, None]
        rows = np.minimum(at + np.arange(horizon + 1), len(self.variance) - 1)
        return left * state, np.maximum(self.variance[rows] - left**2 * variance, 0.0)


@dataclass(frozen=True)
class Hours(Arrays):
    """Share of the hours paid, whose log odds are moved by a noise.

    Attributes
    ----------
    level : (n,)
        Share without noise.
    noise : tuple of Noise
        One, or none where the share does not move.
    """

    level: FloatArray = axes("n", 1.0)
    noise: tuple[Noise, ...] = ()

    def factor(self) -> FloatArray:
        """Paid share over its level by bound, shape (b, n)."""
        if not self.noise:
            return np.ones((1, 1))
        return np.asarray(special.expit(special.logit(self.level) + self.noise[0].state) / self.level)

    def expected(self, at: int, horizon: int) -> FloatArray:
        """Paid share over its level expected by month ahead, given the state at a bound, shape (K+1, n).

        The expectation is taken by Gauss-Hermite quadrature.

        Parameters
        ----------
        at : int
            Bound, counted from the as-of bound.
        horizon : int
            Months ahead, ``K``.
        """
        if not self.noise:
            return np.ones((1, 1))
        mean, variance = self.noise[0].spread(at, horizon)
        nodes, weights = special.roots_hermitenorm(NODES)
        weights, middle = weights / weights.sum(), special.logit(self.level) + mean
        deviation = np.sqrt(variance)
        total = sum(
            weight * special.expit(middle + node * deviation) for node, weight in zip(nodes, weights, strict=True)
        )
        return np.asarray(total / self.level)


@dataclass(frozen=True)
class Arrivals(Arrays):
    """Arrivals of one advance.

    Attributes
    ----------
    name : str
        Name of the advance.
    month : (j, n)
        Months after the as-of bound; infinite for those that do not come.
    step : (j, n)
        Log fall of rents that each brings.
    """

    name: str
    month: FloatArray = axes("j n")
    step: FloatArray = axes("j n")


@dataclass(frozen=True)
class Slips(Arrays):
    """Slips of the landings that are still to come.

    Attributes
    ----------
    slip : (g, n)
        Months by which each generation lands later than the case plans.
    expected : (b, g, n)
        What is expected of the slip at each bound, as long as the part has not landed.
    """

    slip: FloatArray = axes("g n", 0.0)
    expected: FloatArray = axes("b g n", 0.0)


@dataclass(frozen=True)
class Shocks:
    """Everything that chance does to a block of paths.

    Attributes
    ----------
    price, scarcity : Noise
        Factors on all rents: one that stays, one that fades.
    power : Noise
        Factor on the price of electricity.
    hours : Hours
        Share of the hours paid.
    slips : Slips
        Of the landings.
    arrivals : tuple of Arrivals
        Of the advances that come by chance; one that is not listed stays an expectation.
    """

    price: Noise = field(default_factory=Noise)
    scarcity: Noise = field(default_factory=Noise)
    power: Noise = field(default_factory=Noise)
    hours: Hours = field(default_factory=Hours)
    slips: Slips = field(default_factory=Slips)
    arrivals: tuple[Arrivals, ...] = ()

    def take(self, paths: IntArray) -> Shocks:
        """Shocks of the chosen paths, shape (m,)."""
        parts = {item.name: getattr(self, item.name).take(paths) for item in fields(self) if item.name != "arrivals"}
        return replace(self, arrivals=tuple(each.take(paths) for each in self.arrivals), **parts)

    @property
    def paths(self) -> int:
        """Number of paths."""
        records = [self.price, self.scarcity, self.power, self.hours, self.slips, *self.arrivals]
        flat = [part for record in records for part in record.flat()]
        return max(int(array.shape[CASE]) for record in flat for array, _ in record.arrays().values())
