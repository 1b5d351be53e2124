"""What chance does to a block of paths: factors on rents, costs and hours, slips of landings, arrivals of advances.

Everything is counted from the as-of bound. A factor has mean 1 at every bound, so that the deterministic run is what
is expected of each of them by itself; what is expected later, at a date, rests on the state at that date alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from valuation.attrition import Attrition
from valuation.processes import (
    expected_logit,
    logit_mean_reverting,
    mean_reverting_variance,
    persistence,
    preserved_exponential,
    preserved_logarithm,
)
from valuation.records import Arrays, axes, of_paths
from valuation.timeline import CASE, FloatArray, IntArray


@dataclass(frozen=True)
class Noise(Arrays):
    """A normal state that fades, or stays, and starts at zero.

    Attributes
    ----------
    state : (b, n)
        By bound from the as-of bound on.
    half_life : (n,)
        Months in which half of it fades; infinite for a random walk.
    volatility : (n,)
        Per root year.
    """

    state: FloatArray = axes("b n", 0.0)
    half_life: FloatArray = axes("n", np.inf)
    volatility: FloatArray = axes("n", 0.0)

    @cached_property
    def is_silent(self) -> bool:
        """Whether it is zero everywhere."""
        return not (self.state.any() or self.volatility.any())

    def at(self, bound: int | IntArray, paths: IntArray | None = None) -> FloatArray:
        """State at a bound, shape (n,), or on some paths at one of their own, (m,); a single row stands for all."""
        row = np.minimum(bound, len(self.state) - 1)
        return np.asarray(self.state[row] if paths is None else self.state[row, paths * (self.state.shape[CASE] > 1)])

    @cached_property
    def _table(self) -> FloatArray:
        """Share of the state that is left by month ahead, shape (b, n)."""
        return persistence(np.arange(float(len(self.state)))[:, None], self.half_life)

    def _left(self, ahead: range) -> FloatArray:
        """Share of the state that is left some months ahead, shape (k, n)."""
        if ahead.stop <= len(self._table):
            return self._table[ahead.start : ahead.stop]
        return persistence(np.array(ahead, dtype=np.float64)[:, None], self.half_life)

    def factor(self) -> FloatArray:
        """Factor of mean 1 by bound, shape (b, n)."""
        if self.is_silent:
            return np.ones((1, 1))
        bounds = np.arange(len(self.state))[:, None]
        return preserved_exponential(self.state, bounds, np.zeros(1), self.half_life, self.volatility)

    def expected(self, at: int | IntArray, horizon: int, paths: IntArray | None = None) -> FloatArray:
        """Factor expected by month ahead, given the state at a bound.

        Parameters
        ----------
        at : int or numpy.ndarray
            Bound, counted from the as-of bound; one for each path where some are named, shape (m,).
        horizon : int
            Months ahead, ``K``.
        paths : numpy.ndarray, optional
            Paths looked at, shape (m,); all of them if None.

        Returns
        -------
        numpy.ndarray
            Shape (K+1, m); its first row is the factor at the bound.
        """
        if self.is_silent:
            return np.ones((1, 1))
        log = self.expected_log(self.known(at, paths), range(horizon + 1), paths)
        return np.exp(log, out=log)

    def known(self, at: int | IntArray, paths: IntArray | None = None) -> tuple[FloatArray, FloatArray]:
        """State at a bound and its variance seen from the as-of bound, shape (n,) or (m,) each."""
        half_life, volatility = of_paths(self.half_life, paths), of_paths(self.volatility, paths)
        return self.at(at, paths), mean_reverting_variance(np.asarray(at, dtype=np.float64), half_life, volatility)

    def expected_log(
        self, known: tuple[FloatArray, FloatArray], ahead: range, paths: IntArray | None = None
    ) -> FloatArray:
        """Log of the factor expected in some months ahead from what is known at a date, shape (k, n) or (k, m)."""
        return preserved_logarithm(of_paths(self._left(ahead), paths), *known)

    @property
    def stays(self) -> bool:
        """Whether the factor expected later is the one of the date."""
        return self.is_silent or bool(np.isinf(self.half_life).all())


@dataclass(frozen=True)
class Hours(Arrays):
    """Share of the hours paid, whose log odds are moved by a noise.

    Attributes
    ----------
    level : (n,)
        Share without noise, its median.
    noise : tuple of Noise
        One, or none where the share does not move.
    """

    level: FloatArray = axes("n", 1.0)
    noise: tuple[Noise, ...] = ()

    def factor(self) -> FloatArray:
        """Paid share over its level by bound, shape (b, n)."""
        if not self.noise:
            return np.ones((1, 1))
        return np.asarray(logit_mean_reverting(self.level, self.noise[0].state) / self.level)

    def expected(self, at: int | IntArray, horizon: int, paths: IntArray | None = None, first: int = 0) -> FloatArray:
        """Paid share over its level expected by month ahead, given the state at a bound.

        Parameters
        ----------
        at : int or numpy.ndarray
            Bound, counted from the as-of bound; one for each path where some are named, shape (m,).
        horizon : int
            Months ahead, ``K``.
        paths : numpy.ndarray, optional
            Paths looked at, shape (m,); all of them if None.
        first : int
            First month ahead.

        Returns
        -------
        numpy.ndarray
            Shape (K+1-first, m).
        """
        if not self.noise:
            return np.ones((1, 1))
        noise, ahead, level = self.noise[0], np.arange(first, horizon + 1.0)[:, None], of_paths(self.level, paths)
        half_life, volatility = of_paths(noise.half_life, paths), of_paths(noise.volatility, paths)
        mean = expected_logit(level, noise.at(at, paths), ahead, half_life, volatility)
        mean /= level
        return mean


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
    seasons : numpy.ndarray
        Its price by bound relative to the year's, shape (b, 1).
    hours : Hours
        Share of the hours paid.
    slips : Slips
        Of the landings.
    arrivals : tuple of Arrivals
        Of the advances that come by chance; one that is not listed stays an expectation.
    attrition : Attrition
        Devices left where chance takes them; off, as many are left as is expected.
    """

    price: Noise = field(default_factory=Noise)
    scarcity: Noise = field(default_factory=Noise)
    power: Noise = field(default_factory=Noise)
    seasons: FloatArray = field(default_factory=lambda: np.ones((1, 1)))
    hours: Hours = field(default_factory=Hours)
    slips: Slips = field(default_factory=Slips)
    arrivals: tuple[Arrivals, ...] = ()
    attrition: Attrition = field(default_factory=Attrition)

    def take(self, paths: IntArray) -> Shocks:
        """Shocks of the chosen paths, shape (m,)."""
        records = {item.name: getattr(self, item.name) for item in fields(self)}
        parts: dict[str, Any] = {
            name: record.take(paths) for name, record in records.items() if isinstance(record, Arrays)
        }
        return replace(self, arrivals=tuple(each.take(paths) for each in self.arrivals), **parts)

    def electricity(self, at: int | IntArray, horizon: int, paths: IntArray | None = None) -> FloatArray:
        """Price of electricity expected by month ahead over its level, given the state at a bound.

        Parameters
        ----------
        at : int or numpy.ndarray
            Bound, counted from the as-of bound; one for each path where some are named, shape (m,).
        horizon : int
            Months ahead, ``K``.
        paths : numpy.ndarray, optional
            Paths looked at, shape (m,); all of them if None.

        Returns
        -------
        numpy.ndarray
            Shape (K+1, m), or a single 1 where it does not move.
        """
        if not self.moves_electricity:
            return np.ones((1, 1))
        rows = np.minimum(np.arange(horizon + 1)[:, None] + at, len(self.seasons) - 1)
        price = self.power.expected(at, horizon, paths)
        return np.asarray(price * self.seasons[rows, 0])

    def electricity_now(self, horizon: int) -> FloatArray:
        """Price of electricity by bound over its level, as it comes, shape (K+1, n)."""
        rows = np.minimum(np.arange(horizon + 1), len(self.seasons) - 1)
        return np.asarray(self.power.factor() * self.seasons[rows])

    @property
    def moves_electricity(self) -> bool:
        """Whether its price moves at all."""
        return not self.power.is_silent or self.seasons.size > 1

    @property
    def paths(self) -> int:
        """Number of paths."""
        records = [self.price, self.scarcity, self.power, self.hours, self.slips, *self.arrivals, self.attrition]
        flat = [part for record in records for part in record.flat()]
        return max(int(array.shape[CASE]) for record in flat for array, _ in record.arrays().values())
