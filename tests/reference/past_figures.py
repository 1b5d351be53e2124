"""Rows of the page on history, made anew from the functions of the engine."""

from __future__ import annotations

import numpy as np

from assumptions import load_case
from valuation.analysis.backtest import FAMILIES, Fit, age_at, fit, mean_error, root_mean_square_of_logs, straight_line
from valuation.timeline import FloatArray

FITTED = 3
BOOK_LIVES = (3, 5, 6)


def profile() -> tuple[FloatArray, FloatArray]:
    """Ages and values of the mainframes."""
    points = load_case("mainframes").market.age_price.points[1:]
    return np.array([point.age_years for point in points]), np.array([point.fraction for point in points])


def fits() -> dict[str, Fit]:
    """Every curve on the first three ages."""
    years, seen = profile()
    return {name: fit(name, years[:FITTED], seen[:FITTED]) for name in FAMILIES}


def rows() -> list[str]:
    """Rows of the table."""
    years, seen = profile()
    late, held = years[FITTED:], seen[FITTED:]
    lines = [f"| seen | {' | '.join(f'{value:.3f}' for value in held)} | | | |"]
    for name, found in fits().items():
        lines.append(_row(name, found.level(late), held))
    lines += [_row(f"straight line, {life} years", straight_line(late, life), held) for life in BOOK_LIVES]
    half, tenth = (age_at(years, seen, left) for left in (0.5, 0.1))
    return [*lines, f"T50 {half:.2f} years, T90 {tenth:.2f} years"]


def _row(name: str, predicted: FloatArray, seen: FloatArray) -> str:
    mean, absolute = mean_error(predicted, seen)
    logs = root_mean_square_of_logs(predicted, seen)
    shown = f"{logs:.2f}" if np.isfinite(logs) else "–"
    levels = " | ".join(f"{value:.3f}" for value in predicted)
    return f"| {name} | {levels} | {mean:+.3f} | {absolute:.3f} | {shown} |"
