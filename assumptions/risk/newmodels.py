"""What arrivals of new models draw in a risk run, and the devices that they strand.

The numbers are drawn apart from all others, one a month for every kind of change that strands any part, so that a run
in which nothing is stranded keeps its draws.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from valuation.inputs import Inputs
from valuation.paths.newmodels import Strandings, first_strandings
from valuation.timeline import FloatArray

GAPS = ("gaps between new weights", "gaps between new architectures", "gaps between new number formats")
"""Names of what is drawn, by kind of change."""


def gaps_apart(inputs: Inputs) -> tuple[tuple[str, int], ...]:
    """Names of what is drawn, and how many numbers of each a path takes.

    Parameters
    ----------
    inputs : Inputs
        The case without chance.
    """
    some = np.broadcast_to(inputs.silicon.fatal_arrivals.any(axis=(1, 2)), (len(GAPS),))
    return tuple((name, inputs.timeline.forecast_periods) for name, any_ in zip(GAPS, some, strict=True) if any_)


def strandings_of(inputs: Inputs, scores: Mapping[str, FloatArray]) -> Strandings:
    """Devices stranded on the paths of a block.

    Parameters
    ----------
    inputs : Inputs
        The case on the paths.
    scores : mapping of str to numpy.ndarray
        Standard normal scores by name, shape (H, n) each; a kind of change that is left out strands nothing.
    """
    drawn = {name: scores[name] for name in GAPS if name in scores}
    if not drawn:
        return Strandings()
    never = np.full_like(next(iter(drawn.values())), np.inf)
    return first_strandings(inputs, np.stack([drawn.get(name, never) for name in GAPS]))
