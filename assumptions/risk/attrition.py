"""What counts of failures draw in a risk run, and the devices that come of it.

The numbers are drawn apart from all others, one set a year, so that neither more years nor more purchases change those
that are there already, and a run that counts no failures keeps its draws.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from valuation.inputs import Inputs
from valuation.paths.attrition import Attrition, count_devices, counting_bounds, quality_spread
from valuation.timeline import FloatArray

QUALITY, LOST = "quality of devices", "devices lost {}"


def numbers_apart(inputs: Inputs) -> tuple[tuple[str, int], ...]:
    """Names of what is drawn, and how many numbers of each a path takes.

    Parameters
    ----------
    inputs : Inputs
        The case without chance.
    """
    years = len(counting_bounds(inputs.timeline)) - 1
    cohorts = len(inputs.fleet.generation)
    return ((QUALITY, len(inputs.silicon.cost)), *((LOST.format(year), cohorts) for year in range(years)))


def widest(sets: Iterable[tuple[tuple[str, int], ...]]) -> tuple[tuple[str, int], ...]:
    """What several scenarios draw apart, as many numbers of each as the one that takes most.

    Parameters
    ----------
    sets : iterable of tuple of (str, int)
        Of each scenario.
    """
    found: dict[str, int] = {}
    for each in sets:
        for name, count in each:
            found[name] = max(found.get(name, 0), count)
    return tuple(found.items())


def attrition_of(without: Inputs, inputs: Inputs, concentration: float, scores: Mapping[str, FloatArray]) -> Attrition:
    """Devices left on the paths of a block.

    Parameters
    ----------
    without : Inputs
        The case without chance, whose failures say how far the rate spreads.
    inputs : Inputs
        The case on the paths.
    concentration : float
        Trials that the rate is as certain as.
    scores : mapping of str to numpy.ndarray
        Standard normal scores by name, at least as many rows as `numbers_apart` says, shape (m, n) each.
    """
    silicon = without.silicon
    spread = quality_spread(silicon.failure_hazard, int(silicon.physical_life.max()), concentration)
    cohorts, years = len(inputs.fleet.generation), len(counting_bounds(inputs.timeline)) - 1
    lost = np.stack([scores[LOST.format(year)][:cohorts] for year in range(years)])
    return count_devices(inputs, spread, scores[QUALITY], lost)
