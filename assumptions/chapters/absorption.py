"""What parts and rivals of a case absorb of the changes that new models bring, and what leaves them without work."""

from __future__ import annotations

import numpy as np

from assumptions.chapters.durability import Churn
from assumptions.chapters.mechanisms import Rival
from assumptions.chapters.schema import Case
from assumptions.chapters.silicon import Generation
from assumptions.door.casewise import listed, per_case, together
from valuation.silicon.churn import ByChange, fatal_arrivals, legacy_share, serving_share, stranding_hazard
from valuation.timeline import MONTHS_PER_YEAR, FloatArray


def churn_hazard(churn: Churn, owner: Generation | Rival) -> FloatArray:
    """Rate at which new models leave the devices of a part or of a rival without work [per year].

    Parameters
    ----------
    churn : Churn
        Arrivals.
    owner : Generation or Rival
        What absorbs a share of them.

    Returns
    -------
    numpy.ndarray
        Shape (), or (n,) where one of them is drawn.
    """
    return stranding_hazard(*_arrivals_and_absorbed(churn, owner))


def _arrivals_and_absorbed(churn: Churn, owner: Generation | Rival) -> tuple[ByChange, ByChange]:
    """Arrivals of each kind of change [per year], and the share of them that a part or a rival absorbs."""
    arrivals = (churn.weights_per_year, churn.architecture_per_year, churn.number_format_per_year)
    absorbed = (owner.absorbs_weights, owner.absorbs_architecture, owner.absorbs_number_format)
    return (
        ByChange(*(np.array(rate.value) for rate in arrivals)),
        ByChange(*(np.array(1.0 if share is None else share.value) for share in absorbed)),
    )


def _fatal_per_month(case: Case) -> FloatArray:
    """Arrivals a month that strand each part, by kind of change, shape (k, G, n)."""
    fatal = [fatal_arrivals(*_arrivals_and_absorbed(case.churn, part)) for part in case.silicon.values()]
    kinds = ("weights", "architecture", "number_format")
    return together([listed(getattr(part, kind) for part in fatal) for kind in kinds], axis=0) / MONTHS_PER_YEAR


def stranding(case: Case, ages: int) -> dict[str, FloatArray]:
    """Shares of the devices of each age that serve the models of the day, and that serve old ones after being stranded.

    Parameters
    ----------
    case : Case
        The case.
    ages : int
        Months of age, ``A``.

    Returns
    -------
    dict of numpy.ndarray
        Fields of `valuation.inputs.SiliconInputs`: tables of shape (A, G, n), or (1, 1, 1) where nothing is stranded,
        what strands a part by kind of change, and how the work of what is stranded fades.
    """
    hazard = listed(churn_hazard(case.churn, part) for part in case.silicon.values())
    rent = per_case(case.churn.legacy_rent_share.value)
    if not hazard.any():
        return {"legacy_rent": rent}
    years = (np.arange(ages) / MONTHS_PER_YEAR)[:, None, None]
    fade = np.array(case.churn.legacy_fade_per_year.value)
    return {
        "serving": serving_share(hazard, years),
        "legacy": legacy_share(hazard, years, np.ones(1), fade),
        "legacy_rent": rent,
        "legacy_fade": per_case(case.churn.legacy_fade_per_year.value / MONTHS_PER_YEAR),
        "fatal_arrivals": _fatal_per_month(case),
    }
