"""Segments of demand that have a market: some part on sale serves them."""

from __future__ import annotations

from assumptions.chapters.eligibility import serves
from assumptions.chapters.schema import Case
from assumptions.door.messages import error


def served(case: Case, base: Case) -> Case:
    """Case with the segments that some price-setting part of the base serves: in the others there is no market.

    Parameters
    ----------
    case : Case
        The case.
    base : Case
        The base, whose segments hold for all scenarios.
    """
    setting = [part for part in base.silicon.values() if part.priced and part.sets_price]
    kept = {
        name: segment
        for name, segment in case.segments.items()
        if any(serves(part, name, base.segments[name]) for part in setting)
    }
    if not kept:
        what = "no priced part that sets the price serves any segment"
        raise error("silicon", what, "one part and one segment or more", "widen the limits of a part")
    return case if len(kept) == len(case.segments) else case.model_copy(update={"segments": kept})
