"""Which parts serve which segments of demand: as a case says, or by what a part can hold and compute."""

from __future__ import annotations

from collections.abc import Mapping

from assumptions.chapters.mechanisms import DemandSegment
from assumptions.chapters.silicon import Generation
from assumptions.door.messages import nearest, refuse


def serves(part: Generation, name: str, segment: DemandSegment) -> bool:
    """Whether a part serves a segment.

    Parameters
    ----------
    part : Generation
        The part.
    name : str
        Name of the segment.
    segment : DemandSegment
        What the segment asks for.
    """
    return not _lacking(part, segment) if part.serves is None else name in part.serves


def _lacking(part: Generation, segment: DemandSegment) -> str:
    """What a part lacks for a segment, in words; empty if nothing."""
    pairs = (
        (part.bits, segment.needs_bits, "bits"),
        (part.context_limit_tokens, segment.needs_context_tokens, "tokens of context"),
    )
    for has, needs, unit in pairs:
        if has is not None and needs is not None and has.value < needs.value:
            return f"needs {needs.value:.15g} {unit}, and it has {has.value:.15g}"
    limit, smallest = part.size_limit_billion, segment.size_from_billion
    if limit is not None and smallest is not None and limit.value <= smallest.value:
        return f"begins at {smallest.value:.15g} billion parameters, and it holds {limit.value:.15g}"
    return ""


def check_eligibility(silicon: Mapping[str, Generation], segments: Mapping[str, DemandSegment]) -> None:
    """Refuse parts that are said to serve what is unknown or beyond them, or that serve nothing.

    Parameters
    ----------
    silicon : mapping
        Parts by name.
    segments : mapping
        Segments by name.
    """
    for name, part in silicon.items():
        key = f"silicon.{name}.serves"
        for segment in part.serves or ():
            if segment not in segments:
                what = f"{key}: segment {segment!r} is unknown"
                raise refuse(what, ", ".join(segments), nearest(segment, segments))
            lacking = _lacking(part, segments[segment])
            if lacking:
                what = f"{key}: segment {segment!r} {lacking}"
                raise refuse(what, "segments within its limits", "take the segment out or correct the limit")
        if part.priced and not any(serves(part, label, segment) for label, segment in segments.items()):
            raise refuse(f"{key}: it serves no segment", "one segment or more", "add one or widen its limits")
