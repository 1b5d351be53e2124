"""Lives implied by the value of one cohort, found age by age on plain lists."""

from __future__ import annotations

Profile = list[float | None]


def lives_of(profile: Profile, left: int | None) -> dict[str, float | None]:
    """Ages at which half and nine tenths are gone for good, age at retirement, life of the nearest straight line.

    Parameters
    ----------
    profile : list
        Value in use over cost by age, None where the grid does not see it.
    left : int or None
        Age at retirement.
    """
    return {
        "t50": gone(profile, 0.5),
        "t90": gone(profile, 0.1),
        "retirement": None if left is None else float(left),
        "straight_line_equivalent": nearest_line(profile, left),
    }


def gone(profile: Profile, level: float) -> float | None:
    """First age from which the value stays at or below a level; None if that was not seen."""
    age = len(profile)
    while age > 0 and not _above(profile[age - 1], level):
        age -= 1
    unseen = age == 0 and profile[0] is None
    return None if unseen or age == len(profile) else float(age)


def _above(worth: float | None, level: float) -> bool:
    return worth is not None and worth > level


def nearest_line(profile: Profile, left: int | None) -> float | None:
    """Life of the straight line from cost with the least squares, tried between every two whole months."""
    if profile[0] is None:
        return None
    last = len(profile) - 1 if left is None else min(left, len(profile) - 1)
    seen = [(age, worth) for age, worth in enumerate(profile[: last + 1]) if worth is not None]
    below = sum(worth * worth for _, worth in seen)
    at = dict(seen)
    best, life = float("inf"), None
    above = slope = squares = 0.0
    for end in range(len(profile)):
        if end in at:
            short = 1.0 - at[end]
            above += short * short
            slope += short * end
            squares += float(end * end)
            below -= at[end] * at[end]
        if end == 0 or squares == 0.0:
            continue
        steepest, flattest = 1.0 / end, 1.0 / (end + 1) if end + 1 < len(profile) else 0.0
        fall = min(max(slope / squares, flattest), steepest)
        misfit = above - 2.0 * fall * slope + fall * fall * squares + below
        if misfit < best * (1.0 - 1e-12):
            best, life = misfit, None if fall == 0.0 else 1.0 / fall
    return life
