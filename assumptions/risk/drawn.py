"""From what is random in a case to the paths of a risk run: what is drawn, and what the draws do to the case."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from assumptions.arrays.conversion import build
from assumptions.arrays.pressures import advance_step
from assumptions.cases.overlay import apply_scenario
from assumptions.cases.randomness import number_at, units_of
from assumptions.chapters.marginals import Marginal
from assumptions.chapters.schema import BY_AGE, Case, Scenario
from assumptions.chapters.uncertainty import Uncertainty
from assumptions.door.messages import error
from assumptions.door.units import HOURS_PER_MONTH, Unit
from assumptions.risk.attrition import attrition_of, numbers_apart
from assumptions.risk.draws import WHERE, build_drawn, marginals, random_keys, sample_parameters
from assumptions.risk.newmodels import gaps_apart, strandings_of
from assumptions.runs import freeze_base
from valuation.draws.dependence import nearest_correlation
from valuation.draws.processes import mean_reverting, seasonal
from valuation.draws.sampling import Draws, Plan, Sampler
from valuation.draws.shocks import arrivals, beta_value, expected_beyond, shifted_lognormal
from valuation.inputs import FrozenMarket, Inputs
from valuation.paths.attrition import Attrition
from valuation.paths.chance import Arrivals, Hours, Noise, Shocks, Slips
from valuation.paths.newmodels import Strandings
from valuation.paths.pathflows import unit_books
from valuation.paths.prospects import Prospects
from valuation.precision import in_precision
from valuation.records import alike
from valuation.stages.calibration import with_frozen
from valuation.stages.placement import matters
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

SERIES = ("price", "scarcity", "power", "utilisation")
MOST_ARRIVALS = 6
"""Arrivals of one advance that are drawn; at three a decade, seven in fifteen years have a chance of one in six."""
REPAIRED = "The correlations given contradict one another; the nearest that do not are used, changed by up to {:.3g}."
"""What is told of a matrix that was repaired, with the largest change."""
SLIP, GAP, EFFECT = "slip {}", "gap {} {}", "effect {} {}"


@dataclass(frozen=True)
class Risk:
    """Paths of one scenario of a case.

    Attributes
    ----------
    base : Case
        Whose beliefs, history and correlations hold.
    scenario : Scenario or None
        Changes; None for the base.
    """

    base: Case
    scenario: Scenario | None = None

    @cached_property
    def case(self) -> Case:
        """The case as the scenario has it."""
        return apply_scenario(self.base, self.scenario) if self.scenario and self.scenario.change else self.base

    @property
    def uncertainty(self) -> Uncertainty:
        """What is random."""
        assert self.base.uncertainty is not None  # every case takes the chapter of the base at least
        return self.base.uncertainty

    @cached_property
    def inputs(self) -> Inputs:
        """The scenario without chance, frozen with the base's quantities."""
        both = freeze_base(build(self.base, [self.case], [self.scenario.name if self.scenario else self.base.name]))
        return both.take(np.array([1]))

    @property
    def frozen(self) -> FrozenMarket:
        """Quantities of the base."""
        assert self.inputs.frozen is not None  # frozen above
        return self.inputs.frozen

    @cached_property
    def keys(self) -> list[str]:
        """Assumptions that are random; what the scenario sets is certain in it."""
        return [key for key in random_keys(self.base) if key not in self._set_here]

    @cached_property
    def _set_here(self) -> frozenset[str]:
        return frozenset(
            key for key in random_keys(self.base) if number_at(self.case, key).value != number_at(self.base, key).value
        )

    @cached_property
    def parts(self) -> list[int]:
        """Parts whose landing slips: those that have not landed."""
        outlook, as_of = self.inputs.path, self.inputs.timeline.as_of
        if not self.uncertainty.processes.landing.on:
            return []
        return [int(part) for part in np.flatnonzero((outlook.landing > as_of).any(axis=1))]

    @cached_property
    def advances(self) -> list[str]:
        """Advances that arrive by chance."""
        if not self.uncertainty.processes.breakthroughs.on:
            return []
        return [advance.name for advance in self.inputs.path.breakthroughs if advance.rate.any() and advance.step.any()]

    @cached_property
    def moving(self) -> list[str]:
        """Processes that move every month."""
        processes = self.uncertainty.processes
        return [name for name in SERIES if getattr(processes, name).on]

    def scalars(self) -> tuple[str, ...]:
        """Names of what is drawn once a path; assumptions first, all of them, so that scenarios share their draws."""
        slips = [SLIP.format(part) for part in self.parts]
        gaps = [word.format(name, j) for name in self.advances for j in range(MOST_ARRIVALS) for word in (GAP, EFFECT)]
        return (*random_keys(self.base), *slips, *gaps)

    def apart(self) -> tuple[tuple[str, int], ...]:
        """Names of what is drawn apart from all else, and how many numbers of each a path takes."""
        processes = self.uncertainty.processes
        failures = numbers_apart(self.inputs) if processes.failures.on else ()
        return (*failures, *(gaps_apart(self.inputs) if processes.model_churn.on else ()))

    def correlation(self, names: Sequence[str]) -> tuple[FloatArray, float]:
        """Correlation matrix of the drivers, repaired where it is none, and the largest change that took."""
        matrix = np.eye(len(names))
        for found in self.uncertainty.correlations:
            first, second = ([row for row, name in enumerate(names) if _stands_for(name, end)] for end in found.between)
            for row in first:
                for column in second:
                    matrix[row, column] = matrix[column, row] = found.rho
        repaired, change = nearest_correlation(matrix)
        return (repaired, change) if change > 0.0 else (matrix, 0.0)

    def plan(self, seed: int, sampler: Sampler) -> Plan:
        """What is drawn.

        Parameters
        ----------
        seed : int
            Seed of the run.
        sampler : str
            How numbers are drawn.
        """
        names, copula = (*self.scalars(), *self.moving), self.uncertainty.copula
        return Plan(
            seed=seed,
            sampler=sampler,
            scalars=self.scalars(),
            series=tuple(self.moving),
            months=self.inputs.timeline.forecast_periods,
            correlation=self.correlation(names)[0],
            degrees_of_freedom=copula.degrees_of_freedom.value if copula.kind.value == "t" else np.inf,
            apart=self.apart(),
        )

    def __call__(self, draws: Draws) -> Prospects:
        """Paths of a block of draws."""
        sampled = sample_parameters(self.base, draws.scalars[: len(self._marginals)], self._marginals)
        values, inputs = {key: sampled[key] for key in self.keys}, self.inputs
        if values:
            inputs = with_frozen(build_drawn(self.base, values, self.case, self._units), self.frozen)
        shocks = in_precision(self._shocks(inputs, draws), draws.scalars.dtype)
        taken, stranded = self._attrition(inputs, draws), self._strandings(inputs, draws)
        shocks = replace(shocks, attrition=taken, strandings=stranded)
        return Prospects(inputs, self.frozen, shocks, self._books_of(inputs))

    @cached_property
    def _marginals(self) -> dict[str, Marginal]:
        return marginals(self.base)

    @cached_property
    def _units(self) -> dict[str, Unit]:
        return units_of(self.case, self.keys, WHERE)

    @cached_property
    def _books(self) -> dict[str, FloatArray]:
        return unit_books(self.inputs)

    def _books_of(self, inputs: Inputs) -> dict[str, FloatArray] | None:
        """Books by the unit; those of the scenario itself where paths differ in nothing that is booked."""
        own = self.inputs
        pairs = zip((inputs.fleet, *inputs.ledgers), (own.fleet, *own.ledgers), strict=True)
        same = np.array_equal(inputs.silicon.physical_life, own.silicon.physical_life)
        return self._books if same and all(alike(one, other) for one, other in pairs) else None

    def check(self) -> None:
        """Refuse what random paths are not made for."""
        if self.case.market.mode.value == BY_AGE:
            what, allowed = "an age-price curve knows no rents that could move", "structural or curve"
            raise error("market.mode", what, allowed, "choose another mode with --set")
        if matters(self.inputs.sites):
            what = "sites are short of power or racks, or devices move, which random paths do not follow"
            raise error("sites", what, "sites with room", "leave the scenario out")

    def _attrition(self, inputs: Inputs, draws: Draws) -> Attrition:
        """Devices that fail by chance."""
        failures = self.uncertainty.processes.failures
        if not failures.on:
            return Attrition()
        return attrition_of(self.inputs, inputs, failures.concentration.value, draws.apart)

    def _strandings(self, inputs: Inputs, draws: Draws) -> Strandings:
        """Devices that new models leave without work by chance."""
        return strandings_of(inputs, draws.apart) if self.uncertainty.processes.model_churn.on else Strandings()

    def _shocks(self, inputs: Inputs, draws: Draws) -> Shocks:
        names, processes = list(self.scalars()), self.uncertainty.processes
        series = {name: draws.series[:, row] for row, name in enumerate(self.moving)}
        scores = dict(zip(names, draws.scalars, strict=True))
        paid = inputs.terms.paid_hours / HOURS_PER_MONTH
        return Shocks(
            price=_noise(series.get("price"), np.inf, processes.price.volatility_per_sqrt_year.value),
            scarcity=_noise(
                series.get("scarcity"),
                inputs.path.reversion_half_life,
                processes.scarcity.volatility_per_sqrt_year.value,
            ),
            power=_noise(
                series.get("power"),
                processes.power.half_life_months.value,
                processes.power.volatility_per_sqrt_year.value,
            ),
            seasons=self._seasons(),
            hours=self._hours(series.get("utilisation"), paid),
            slips=self._slips(scores),
            arrivals=self._arrivals(inputs, scores),
        )

    def _hours(self, innovations: FloatArray | None, paid: FloatArray) -> Hours:
        """Share of the hours paid: its level, and what moves it."""
        own = self.uncertainty.processes.utilisation
        if innovations is None:
            return Hours()
        return Hours(paid, (_noise(innovations, own.half_life_months.value, own.volatility_per_sqrt_year.value),))

    def _seasons(self) -> FloatArray:
        seasons, own = self.uncertainty.processes.power.seasons, self.inputs.timeline
        if seasons is None or "power" not in self.moving:
            return np.ones((1, 1))
        month = own.bounds[own.as_of :].astype(np.int64) % MONTHS_PER_YEAR
        return np.exp(seasonal(np.log(np.array(seasons.factors))[:, None], month))

    def _slips(self, scores: dict[str, FloatArray]) -> Slips:
        if not self.parts:
            return Slips()
        landing, own, outlook = self.uncertainty.processes.landing, self.inputs.timeline, self.inputs.path
        shift, median, spread = (
            np.array([number.value]) for number in (landing.shift_months, landing.median_months, landing.log_sd)
        )
        count, paths = len(outlook.landing), len(scores[SLIP.format(self.parts[0])])
        slip, expected = np.zeros((count, paths)), np.zeros((own.forecast_periods + 1, count, 1))
        now = own.as_of + np.arange(own.forecast_periods + 1.0)
        for part in self.parts:
            due = float((outlook.landing + outlook.delay)[part, 0])
            drawn = shifted_lognormal(scores[SLIP.format(part)], shift, median, spread)
            # Nothing that has not landed can have landed before the month after the as-of month.
            slip[part] = np.maximum(drawn, own.as_of + 1 - due)
            least = np.maximum(np.floor(now - due), own.as_of - due)
            expected[:, part, 0] = expected_beyond(shift, median, spread, least)
        return Slips(slip, expected)

    def _arrivals(self, inputs: Inputs, scores: dict[str, FloatArray]) -> tuple[Arrivals, ...]:
        certainty = self.uncertainty.processes.breakthroughs.effect_concentration.value
        found = []
        for advance in inputs.path.breakthroughs:
            if advance.name not in self.advances:
                continue
            gaps, effects = (
                np.stack([scores[word.format(advance.name, j)] for j in range(MOST_ARRIVALS)]) for word in (GAP, EFFECT)
            )
            months = np.ceil(arrivals(gaps, advance.rate, float(self.inputs.timeline.forecast_periods)))
            own = self.case.breakthroughs[advance.name.partition(".")[2]]
            mean = np.array([own.effect_share.value])
            reached = beta_value(effects, mean * certainty, (1.0 - mean) * certainty)
            found.append(Arrivals(advance.name, months, advance_step(own, reached)))
        return tuple(found)


def _stands_for(driver: str, name: str) -> bool:
    """Whether a driver is meant by a name in a correlation: itself, or one of the slips."""
    return driver == name or (name == "landing" and driver.startswith(SLIP.partition("{")[0]))


def _noise(innovations: FloatArray | None, half_life: FloatArray | float, volatility: float) -> Noise:
    """State of a process from its innovations; silent where there are none."""
    if innovations is None:
        return Noise()
    ends, size = np.atleast_1d(np.asarray(half_life, dtype=np.float64)), np.array([volatility])
    return Noise(mean_reverting(innovations, ends, size), ends, size)
