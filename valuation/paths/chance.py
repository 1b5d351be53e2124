"""What chance does to a block of paths: factors on rents, costs and hours, slips of landings, arrivals of advances.

Everything is counted from the as-of bound. A factor has mean 1 at every bound, so that the deterministic run is what
is expected of each of them by itself; what is expected later, at a date, rests on the state at that date alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from valuation.draws.processes import (
    expected_logit,
    logit_mean_reverting,
    mean_reverting_variance,
    persistence,
    preserved_exponential,
    preserved_logarithm,
)
from valuation.paths.attrition import Attrition
from valuation.paths.dates import Dates
from valuation.paths.newmodels import Strandings
from valuation.records import Arrays, axes
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

    @cached_property
    def _table(self) -> FloatArray:
        """Share of the state that is left by month ahead, shape (b, n)."""
        return persistence(self._months(range(len(self.state))), self.half_life)

    def _months(self, ahead: range) -> FloatArray:
        """Months in the precision of the state, shape (k, 1)."""
        return np.array(ahead, dtype=self.state.dtype)[:, None]

    def _left(self, ahead: range) -> FloatArray:
        """Share of the state that is left some months ahead, shape (k, n)."""
        if ahead.stop <= len(self._table):
            return self._table[ahead.start : ahead.stop]
        return persistence(self._months(ahead), self.half_life)

    def factor(self) -> FloatArray:
        """Factor of mean 1 by bound, shape (b, n)."""
        if self.is_silent:
            return np.ones((1, 1), dtype=self.state.dtype)
        bounds, now = self._months(range(len(self.state))), self._months(range(1))
        return preserved_exponential(self.state, bounds, now[0], self.half_life, self.volatility)

    def expected(self, dates: Dates, horizon: int) -> FloatArray:
        """Factor expected by month ahead, given the state at a date.

        Parameters
        ----------
        dates : Dates
            Dates and paths.
        horizon : int
            Months ahead, ``K``.

        Returns
        -------
        numpy.ndarray
            Shape (K+1, m); its first row is the factor at the date.
        """
        if self.is_silent:
            return np.ones((1, 1), dtype=self.state.dtype)
        log = self.expected_log(dates, self.known(dates), range(horizon + 1))
        return np.exp(log, out=log)

    def known(self, dates: Dates) -> tuple[FloatArray, FloatArray]:
        """State at the dates and its variance seen from the as-of bound, shape (m,) each."""
        since = np.asarray(dates.bound, dtype=self.state.dtype)
        variance = mean_reverting_variance(since, dates.of(self.half_life), dates.of(self.volatility))
        return dates.now(self.state), variance

    def expected_log(self, dates: Dates, known: tuple[FloatArray, FloatArray], ahead: range) -> FloatArray:
        """Log of the factor expected in some months ahead from what is known at the dates, shape (k, m)."""
        return preserved_logarithm(dates.of(self._left(ahead)), *known)

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
            return np.ones((1, 1), dtype=self.level.dtype)
        return np.asarray(logit_mean_reverting(self.level, self.noise[0].state) / self.level)

    def expected(self, dates: Dates, ahead: range) -> FloatArray:
        """Paid share over its level expected in some months ahead, given the state at a date.

        Parameters
        ----------
        dates : Dates
            Dates and paths.
        ahead : range
            Months ahead, ``k`` of them.

        Returns
        -------
        numpy.ndarray
            Shape (k, m), or a single 1 where it does not move.
        """
        if not self.noise:
            return np.ones((1, 1), dtype=self.level.dtype)
        noise, level = self.noise[0], dates.of(self.level)
        months = np.array(ahead, dtype=level.dtype)[:, None]
        mean = expected_logit(
            level, dates.now(noise.state), months, dates.of(noise.half_life), dates.of(noise.volatility)
        )
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
    strandings : Strandings
        When new models strand devices; not drawn, as many are stranded as is expected.
    """

    price: Noise = field(default_factory=Noise)
    scarcity: Noise = field(default_factory=Noise)
    power: Noise = field(default_factory=Noise)
    seasons: FloatArray = field(default_factory=lambda: np.ones((1, 1)))
    hours: Hours = field(default_factory=Hours)
    slips: Slips = field(default_factory=Slips)
    arrivals: tuple[Arrivals, ...] = ()
    attrition: Attrition = field(default_factory=Attrition)
    strandings: Strandings = field(default_factory=Strandings)

    def take(self, paths: IntArray) -> Shocks:
        """Shocks of the chosen paths, shape (m,)."""
        records = {item.name: getattr(self, item.name) for item in fields(self)}
        parts: dict[str, Any] = {
            name: record.take(paths) for name, record in records.items() if isinstance(record, Arrays)
        }
        return replace(self, arrivals=tuple(each.take(paths) for each in self.arrivals), **parts)

    def electricity(self, dates: Dates, horizon: int) -> FloatArray:
        """Price of electricity expected by month ahead over its level, given the state at a date.

        Parameters
        ----------
        dates, horizon
            As of `Noise.expected`.

        Returns
        -------
        numpy.ndarray
            Shape (K+1, m), or a single 1 where it does not move.
        """
        if not self.moves_electricity:
            return np.ones((1, 1), dtype=self.seasons.dtype)
        rows = np.minimum(np.arange(horizon + 1)[:, None] + dates.bound, len(self.seasons) - 1)
        price = self.power.expected(dates, horizon)
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
        records = [self.price, self.scarcity, self.power, self.hours, self.slips, *self.arrivals]
        records += [self.attrition, self.strandings]
        flat = [part for record in records for part in record.flat()]
        return max(int(array.shape[CASE]) for record in flat for array, _ in record.arrays().values())
