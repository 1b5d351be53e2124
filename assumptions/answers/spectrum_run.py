"""The spectrum evaluated: cost of a token by class, winners by churn and horizon, and the case of etched weights."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from assumptions.answers.spectrum import Spectrum, SpectrumClass
from assumptions.door.messages import error
from assumptions.door.provenance import Number
from valuation.silicon.churn import ByChange, mean_service_life, stranding_hazard
from valuation.silicon.spectrum import SiliconClass, efficient_frontier, winner, yearly_million_tokens
from valuation.silicon.token_costs import CostParts, cost_parts, in_proportion, reprogrammability
from valuation.timeline import MONTHS_PER_YEAR, FloatArray

CHURN = (0.0, 0.25, 1.0, 2.0, 4.0, 8.0)
"""Rates of new weights of the grid [per year], beside that of the table of costs."""
HORIZONS = (1.0, 2.0, 3.0, 4.0, 6.0)
"""Horizons of the grid [years], beside that of the table of costs."""
CHURN_RANGE = (0.0, 100.0)
HORIZON_RANGE = (0.25, 30.0)
MAX_GRID = 400
"""Points an axis of the grid may have."""
STEPS, ZOOMS = 60, 2
"""Points of the search for a change of winner, and how often it is narrowed."""
BASE, BEST, WORST = 0, 1, 2
"""Cases: the values, and the ends of the ranges of a class that favour it and that do not."""
FAVOURABLE = {"cost_usd": "low", "it_kw": "low"}
"""End of a range that favours a class; the high one where nothing is said."""


@dataclass(frozen=True)
class ClassRow:
    """One class at one churn rate and horizon.

    Attributes
    ----------
    key, title, example, evidence : str
        Name, heading, part that stands for it, and kind of evidence behind its output.
    churn_per_year, horizon_years : float
        Rate of new weights, and life of a device that nothing strands.
    cost, capital, stranding, energy, upkeep : float
        Levelised cost [USD per million tokens] and its parts.
    cost_at_best, cost_at_worst : float
        The same with the class's own numbers at the ends that favour it and that do not.
    hazard_per_year, service_life_years : float
        Hazard of being stranded, and mean time until then.
    reprogrammability, stranded_share : float
        Share of all changes that it absorbs, and the rest.
    on_frontier, wins : bool
        Whether no class is both cheaper without stranding and easier to reprogram, and whether its cost is lowest.
    """

    key: str
    title: str
    example: str
    evidence: str
    churn_per_year: float
    horizon_years: float
    cost: float
    capital: float
    stranding: float
    energy: float
    upkeep: float
    cost_at_best: float
    cost_at_worst: float
    hazard_per_year: float
    service_life_years: float
    reprogrammability: float
    stranded_share: float
    on_frontier: bool
    wins: bool


@dataclass(frozen=True)
class SpectrumGrid:
    """Costs over churn and horizon.

    Attributes
    ----------
    spectrum : Spectrum
        What it was made from.
    churn, horizons : tuple of float
        Axes: rates of new weights [per year] and horizons [years], ascending; the place of the table of costs is
        among them.
    rows : tuple of ClassRow
        Every class at every point, classes first.
    place : tuple of float
        Churn and horizon of the table of costs.
    """

    spectrum: Spectrum
    churn: tuple[float, ...]
    horizons: tuple[float, ...]
    rows: tuple[ClassRow, ...]
    place: tuple[float, float]

    def at(self, churn: float, horizon: float) -> tuple[ClassRow, ...]:
        """Rows of one point of the grid, in the order of the classes."""
        return tuple(row for row in self.rows if (row.churn_per_year, row.horizon_years) == (churn, horizon))

    @property
    def table(self) -> tuple[ClassRow, ...]:
        """Rows of the table of costs."""
        return self.at(*self.place)

    @property
    def contenders(self) -> tuple[ClassRow, ...]:
        """Classes of the table of costs that are cheaper at their best than the winner is at its worst."""
        first = self.wins(*self.place)
        return tuple(row for row in self.table if row.cost_at_best < first.cost_at_worst and not row.wins)

    def wins(self, churn: float, horizon: float) -> ClassRow:
        """The class with the lowest cost at a point."""
        return next(row for row in self.at(churn, horizon) if row.wins)


def spectrum_grid(spectrum: Spectrum, churn: Sequence[float] = (), horizons: Sequence[float] = ()) -> SpectrumGrid:
    """Evaluate the spectrum over churn and horizon.

    Parameters
    ----------
    spectrum : Spectrum
        Classes and terms.
    churn, horizons : sequence of float
        Rates of new weights [per year] and horizons [years]; a default grid where none is given. The first of each
        is the place of the table of costs, else the values of the file.

    Returns
    -------
    SpectrumGrid
        In ascending order.
    """
    _within("--churn", churn, CHURN_RANGE, "rates of new weights per year")
    _within("--horizon", horizons, HORIZON_RANGE, "years")
    own = spectrum.churn.weights_per_year.value, spectrum.workload.life_years.value
    place = (churn[0] if churn else own[0], horizons[0] if horizons else own[1])
    rates = tuple(sorted({*(churn or CHURN), place[0]}))
    years = tuple(sorted({*(horizons or HORIZONS), place[1]}))
    return SpectrumGrid(spectrum, rates, years, tuple(_rows(spectrum, rates, years)), place)


def even_steps(least: float, most: float, count: int) -> tuple[float, ...]:
    """Values from one to another in equal ratios, both included.

    Parameters
    ----------
    least, most : float
        Ends, above zero.
    count : int
        Number of values.
    """
    return tuple(float(value) for value in np.geomspace(least, most, count))


def _within(option: str, values: Sequence[float], span: tuple[float, float], unit: str) -> None:
    for value in values:
        if not span[0] <= value <= span[1]:
            allowed = f"{unit} from {span[0]:g} to {span[1]:g}"
            raise error(option, f"{value:g} is out of range", allowed, "change the value")
    if len(values) > MAX_GRID:
        raise error(option, f"{len(values)} values", f"at most {MAX_GRID}", "give fewer")


def _rows(spectrum: Spectrum, rates: tuple[float, ...], years: tuple[float, ...]) -> list[ClassRow]:
    silicon, absorbed = silicon_classes(spectrum), _absorbed(spectrum)
    arrivals = in_proportion(churn_by_change(spectrum), np.array(rates)[None, :, None, None])
    hazard = stranding_hazard(arrivals, _spread(absorbed))
    parts = cost_parts(
        SiliconClass(**{name: array[:, None, None] for name, array in vars(silicon).items()}),
        rate=continuous_return(spectrum),
        stranding_hazard=hazard,
        life=np.array(years)[None, None, :, None],
        electricity_price=electricity_price(spectrum),
    )
    total = parts.total
    wins = winner(total)[..., BASE]
    on_frontier = efficient_frontier(-_unstranded(parts)[..., BASE], silicon.reprogrammability[:, None, None, BASE])
    found = []
    for number, (key, entry) in enumerate(spectrum.classes.items()):
        for at in np.ndindex(len(rates), len(years)):
            place = (number, *at)
            found.append(
                ClassRow(
                    key=key,
                    title=entry.title,
                    example=entry.example,
                    evidence=entry.evidence,
                    churn_per_year=rates[at[0]],
                    horizon_years=years[at[1]],
                    **_figures(parts, total, place),
                    **_bound_figures(hazard[number, at[0], 0], silicon.reprogrammability[number]),
                    on_frontier=bool(on_frontier[place]),
                    wins=bool(wins[at] == number),
                )
            )
    return found


def _unstranded(parts: CostParts) -> FloatArray:
    """Cost without stranding: what a class is worth where nothing changes."""
    return np.asarray(parts.capital + parts.energy + parts.upkeep)


def _figures(parts: CostParts, total: FloatArray, place: tuple[int, ...]) -> dict[str, float]:
    """Cost and its parts at one place, and the cost at both ends of the ranges."""
    named = {name: float(array[place][BASE]) for name, array in vars(parts).items()}
    ends = {"cost_at_best": float(total[place][BEST]), "cost_at_worst": float(total[place][WORST])}
    return {"cost": float(total[place][BASE]), **named, **ends}


def _bound_figures(hazard: FloatArray, freedom: FloatArray) -> dict[str, float]:
    return {
        "hazard_per_year": float(hazard[BASE]),
        "service_life_years": float(mean_service_life(hazard)[BASE]),
        "reprogrammability": float(freedom[BASE]),
        "stranded_share": float(1.0 - freedom[BASE]),
    }


def silicon_classes(spectrum: Spectrum) -> SiliconClass:
    """Cost and output of the classes, as they are and at both ends of their ranges.

    Parameters
    ----------
    spectrum : Spectrum
        The spectrum.

    Returns
    -------
    SiliconClass
        Arrays of shape (X, 3).
    """
    operations = spectrum.operations
    cost, kilowatts, speed = (_ends(spectrum, name) for name in ("cost_usd", "it_kw", "tokens_per_second"))
    rent = operations.facility_rent_usd_per_it_kw_month.value * MONTHS_PER_YEAR
    return SiliconClass(
        cost=cost,
        upkeep=cost * operations.maintenance_share_of_cost_per_year.value + kilowatts * rent,
        power=kilowatts * operations.mean_load_of_it_kw.value * operations.pue.value,
        million_tokens=yearly_million_tokens(speed, np.array([spectrum.workload.utilisation_share.value])),
        reprogrammability=reprogrammability(churn_by_change(spectrum), _absorbed(spectrum)),
    )


def one_class(silicon: SiliconClass, spectrum: Spectrum, key: str) -> SiliconClass:
    """The values of one class, shape (1,).

    Parameters
    ----------
    silicon : SiliconClass
        All of them, shape (X, 3).
    spectrum : Spectrum
        The spectrum.
    key : str
        Name of the class.
    """
    number = list(spectrum.classes).index(key)
    return replace(silicon, **{name: array[number, :1] for name, array in vars(silicon).items()})


def churn_by_change(spectrum: Spectrum) -> ByChange:
    """Arrivals by what changes [per year], shape (1,) each."""
    churn = spectrum.churn
    rates = (churn.weights_per_year, churn.architecture_per_year, churn.number_format_per_year)
    return ByChange(*(np.array([rate.value]) for rate in rates))


def continuous_return(spectrum: Spectrum) -> FloatArray:
    """Required return, continuous [per year], shape (1,)."""
    return np.asarray(np.log1p([spectrum.terms.required_return_annual.value]))


def electricity_price(spectrum: Spectrum) -> FloatArray:
    """Price of electricity [USD per kWh], shape (1,)."""
    return np.array([spectrum.operations.electricity_price_usd_per_kwh.value])


def _absorbed(spectrum: Spectrum) -> ByChange:
    """What each class absorbs, shape (X, 3) each."""
    kinds = ("weights", "architecture", "format")
    return ByChange(*(_ends(spectrum, f"absorbs_{kind}_share") for kind in kinds))


def _spread(absorbed: ByChange) -> ByChange:
    return ByChange(*(array[:, None, None] for array in vars(absorbed).values()))


def _ends(spectrum: Spectrum, name: str) -> FloatArray:
    """Value of each class and the ends of its range that favour it and that do not, shape (X, 3)."""
    good = FAVOURABLE.get(name, "high")
    bad = "high" if good == "low" else "low"
    return np.array([[_end(entry, name, end) for end in ("value", good, bad)] for entry in spectrum.classes.values()])


def _end(entry: SpectrumClass, name: str, end: str) -> float:
    number: Number = getattr(entry, name)
    found = getattr(number, end)
    return float(number.value if found is None else found)


SEARCHED = even_steps(0.01, CHURN_RANGE[1], STEPS)
"""Rates at which a change of winner is looked for [per year]."""


@dataclass(frozen=True)
class Handover:
    """Churn at which one class takes the place of another as the cheapest.

    Attributes
    ----------
    horizon_years : float
        Horizon.
    churn_per_year : float
        Rate of new weights.
    below, above : str
        Titles of the cheapest class at less and at more churn.
    """

    horizon_years: float
    churn_per_year: float
    below: str
    above: str


def handovers(spectrum: Spectrum, horizon: float) -> list[Handover]:
    """Where the cheapest class changes as churn rises, at one horizon.

    Parameters
    ----------
    spectrum : Spectrum
        Classes and terms.
    horizon : float
        Horizon [years].

    Returns
    -------
    list of Handover
        In ascending order of churn, as far as the allowed rates reach.
    """
    found = _changes(spectrum, horizon, SEARCHED)
    for _ in range(ZOOMS):
        narrowed = (_changes(spectrum, horizon, even_steps(low, high, STEPS)) for low, high, _, _ in found)
        found = [change for changes in narrowed for change in changes]
    return [Handover(horizon, math.sqrt(low * high), below, above) for low, high, below, above in found]


def _changes(spectrum: Spectrum, horizon: float, rates: Sequence[float]) -> list[tuple[float, float, str, str]]:
    """Neighbouring rates with different winners, and these."""
    grid = spectrum_grid(spectrum, rates, [horizon])
    found = [(rate, grid.wins(rate, horizon).title) for rate in grid.churn]
    return [(low, high, one, other) for (low, one), (high, other) in pairwise(found) if one != other]
