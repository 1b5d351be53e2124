"""What of a case is random: distributions of assumptions, processes in time, and how they hang together.

The deterministic answer reads none of it. A distribution is one of scipy's by name, or ``pert``, which spreads an
assumption over the range that the case states for it; ``none`` keeps it certain.
"""

from __future__ import annotations

import math
from typing import Annotated, Any

from pydantic import Field, field_validator, model_validator

from assumptions.chapters.marginals import NONE, PERT, Marginal, pert, scipy_marginal
from assumptions.door.messages import refuse
from assumptions.door.provenance import Choice, Number, Provenance, Record
from assumptions.door.units import (
    Concentration,
    DegreesOfFreedom,
    Duration,
    LogDeviation,
    Options,
    Slip,
    SlipSpread,
    Unit,
    Volatility,
)
from valuation.timeline import MONTHS_PER_YEAR

DIFFUSION, REVERTING, SLIPPING = ("diffusion", NONE), ("mean_reverting", NONE), ("shifted_lognormal", NONE)
COUNTED, SHARED = ("poisson", NONE), ("binomial", NONE)
COPULAS = ("gaussian", "t")
SCORED = ("price", "scarcity", "power", "utilisation", "landing")
"""Processes that are driven by normal scores, and so can be correlated."""
CORRELATION = Unit("correlation", -1.0, 1.0)
ROUNDING = 1e-3
"""How far the mean of printed seasonal factors may be from one."""

_Finite = Annotated[float, Field(allow_inf_nan=False)]


class Distribution(Provenance):
    """Distribution of one assumption.

    Attributes
    ----------
    distribution : str
        Name of a continuous distribution of scipy.stats; ``pert``; or ``none``.
    shape : tuple of float
        Its shape parameters, in scipy's order.
    loc, scale : float
        Its location and scale; a scale of zero is certainty.
    low, high : float, optional
        Where it is cut off; for ``pert`` the ends, in place of those of the assumption's own range.
    """

    distribution: str
    shape: Annotated[tuple[_Finite, ...], Field(strict=False)] = ()
    loc: _Finite = 0.0
    scale: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 1.0
    low: _Finite | None = None
    high: _Finite | None = None

    @property
    def on(self) -> bool:
        """Whether it makes the assumption random."""
        return self.distribution != NONE

    @model_validator(mode="after")
    def _is_one(self) -> Distribution:
        if self.low is not None and self.high is not None and self.low > self.high:
            raise refuse(f"low {self.low:.15g} is above high {self.high:.15g}", "low below high", "swap them")
        if self.on and self.distribution != PERT:
            self.marginal(Number(value=0.0, basis="user", source=""))
        elif self.on and (self.shape, self.loc, self.scale) != ((), 0.0, 1.0):
            what = f"{self.distribution} with shape, loc or scale"
            raise refuse(what, "low and high alone", "leave them out, or name a distribution of scipy.stats")
        return self

    def marginal(self, number: Number) -> Marginal:
        """Distribution of an assumption that has a value and a range.

        Parameters
        ----------
        number : Number
            The assumption; only ``pert`` reads it.
        """
        if self.distribution == NONE:
            return pert(number.value, number.value, number.value)
        if self.distribution == PERT:
            low = number.low if self.low is None else self.low
            high = number.high if self.high is None else self.high
            return pert(low, number.value, high)
        return scipy_marginal(self.distribution, self.shape, (self.loc, self.scale), (self.low, self.high))

    def in_words(self, number: Number) -> str:
        """The distribution as a line of text.

        Parameters
        ----------
        number : Number
            The assumption.
        """
        if self.distribution == PERT:
            found = self.marginal(number)
            return f"{PERT} from {found.low:.6g} by {number.value:.6g} to {found.high:.6g}"
        shape = "".join(f"{part:.6g}, " for part in self.shape)
        cut = "" if self.low is self.high is None else f", cut at {_end(self.low)} and {_end(self.high)}"
        return f"{self.distribution}({shape}loc {self.loc:.6g}, scale {self.scale:.6g}){cut}"


def _end(value: float | None) -> str:
    return "no end" if value is None else f"{value:.6g}"


class Process(Record):
    """Something that moves in time."""

    process: Choice

    @property
    def on(self) -> bool:
        """Whether it moves."""
        return self.process.value != NONE


class Price(Process):
    """Rents wander about their expected path, which they keep on average."""

    process: Annotated[Choice, Options(DIFFUSION)] = Field(title="Rents about their path")
    volatility_per_sqrt_year: Volatility = Field(title="Volatility of rents that stays")


class Scarcity(Process):
    """Scarcity wanders and fades; it halves in `market.reversion_half_life_months`."""

    process: Annotated[Choice, Options(REVERTING)] = Field(title="Scarcity")
    volatility_per_sqrt_year: Volatility = Field(title="Volatility of scarcity")


class Seasons(Provenance):
    """Prices by calendar month relative to those of the year, January first."""

    factors: Annotated[tuple[Annotated[float, Field(gt=0.0, le=100.0, allow_inf_nan=False)], ...], Field(strict=False)]

    @field_validator("factors")
    @classmethod
    def _of_a_year(cls, factors: tuple[float, ...]) -> tuple[float, ...]:
        mean = sum(factors) / max(1, len(factors))
        if len(factors) != MONTHS_PER_YEAR or not math.isclose(mean, 1.0, abs_tol=ROUNDING):
            what = f"{len(factors)} factors with a mean of {mean:.6g}"
            raise refuse(what, "12 factors, January first, with a mean of 1", "divide them by their mean")
        return factors


class Power(Process):
    """The price of electricity wanders about its level in logs, with the seasons."""

    process: Annotated[Choice, Options(REVERTING)] = Field(title="Price of electricity")
    half_life_months: Duration = Field(title="Months in which half of a move of its price passes")
    volatility_per_sqrt_year: Volatility = Field(title="Volatility of its price")
    seasons: Seasons | None = Field(None, title="Its price by calendar month (even if absent)")


class Utilisation(Process):
    """The share of hours paid wanders about its level in log odds."""

    process: Annotated[Choice, Options(REVERTING)] = Field(title="Share of hours paid")
    half_life_months: Duration = Field(title="Months in which half of a move of that share passes")
    volatility_per_sqrt_year: Volatility = Field(title="Volatility of its log odds")


class Landing(Process):
    """Slip of every part not yet landed: a shift, and a lognormal time after it."""

    process: Annotated[Choice, Options(SLIPPING)] = Field(title="Slip of parts not yet landed")
    shift_months: Slip = Field(title="Earliest landing, months against the roadmap")
    median_months: SlipSpread = Field(title="Median time from then to the landing")
    log_sd: LogDeviation = Field(title="Spread of that time")


class Breakthroughs(Process):
    """Advances beside the roadmap come at the rate that the case states, and reach part of their gain."""

    process: Annotated[Choice, Options(COUNTED)] = Field(title="Arrivals of breakthroughs")
    effect_concentration: Concentration = Field(title="Certainty about the part of the gain that is reached")


class ModelChurn(Process):
    """New models that strand devices come at the rates that the case states."""

    process: Annotated[Choice, Options(COUNTED)] = Field(title="Arrivals of models that strand devices")


class FailureCounts(Process):
    """Devices fail one by one, at a rate that the devices of a generation share."""

    process: Annotated[Choice, Options(SHARED)] = Field(title="Counts of failures")
    concentration: Concentration = Field(title="Certainty about the rate that the devices of a generation share")


class Processes(Record):
    """What moves in time."""

    price: Price
    scarcity: Scarcity
    power: Power
    utilisation: Utilisation
    landing: Landing
    breakthroughs: Breakthroughs
    model_churn: ModelChurn
    failures: FailureCounts

    def items(self) -> list[tuple[str, Process]]:
        """Processes by name."""
        return [(name, getattr(self, name)) for name in type(self).model_fields]


class Correlation(Provenance):
    """Correlation of the normal scores behind two random things."""

    between: tuple[str, str]
    rho: float

    @field_validator("between", mode="before")
    @classmethod
    def _two_names(cls, names: Any) -> Any:  # noqa: ANN401 - what stands in the file, checked here
        names = tuple(names) if isinstance(names, list) else names
        if not isinstance(names, tuple) or len(names) != 2 or len(set(map(str, names))) < 2:
            raise refuse(f"between {names!r}", "two different names", 'write between = ["price", "landing"]')
        return names

    @field_validator("rho")
    @classmethod
    def _is_a_correlation(cls, rho: float) -> float:
        CORRELATION.check({"value": rho})
        return rho

    @property
    def pair(self) -> frozenset[str]:
        """The two names, in no order."""
        return frozenset(self.between)


class Copula(Record):
    """How scores that are correlated hang together in their tails."""

    kind: Annotated[Choice, Options(COPULAS)] = Field(title="Copula")
    degrees_of_freedom: DegreesOfFreedom = Field(title="Degrees of freedom (t alone)")


class Uncertainty(Record):
    """What of a case is random."""

    parameters: dict[str, Distribution] = Field(default_factory=dict)
    processes: Processes
    correlations: Annotated[tuple[Correlation, ...], Field(strict=False)] = ()
    copula: Copula

    @property
    def random_keys(self) -> list[str]:
        """Assumptions that are random, in their order."""
        return [key for key, found in self.parameters.items() if found.on]

    @property
    def certain(self) -> bool:
        """Whether nothing is random."""
        return not self.random_keys and not any(process.on for _, process in self.processes.items())

    @model_validator(mode="after")
    def _pairs_are_known_once(self) -> Uncertainty:
        known, seen = [*SCORED, *self.parameters], set()
        for number, found in enumerate(self.correlations):
            place = f"correlations.{number}.between"
            for name in found.between:
                if name in Processes.model_fields and name not in SCORED:
                    raise refuse(f"{place}: {name} comes in counts", ", ".join(SCORED), "leave the pair out")
                if name not in known:
                    allowed = f"{', '.join(SCORED)}, or a key of uncertainty.parameters"
                    raise refuse(f"{place}: {name!r} is not random here", allowed, "give it a distribution first")
            if found.pair in seen:
                pair = " and ".join(found.between)
                raise refuse(f"{place}: {pair} are correlated twice", "each pair once", "delete one")
            seen.add(found.pair)
        return self
