"""Speed of a register of assets against a plain loop over every asset and month, and its memory per asset.

The loop computes what the program computes, the same movements by the same rules, one asset and month after another;
it is timed on some of the assets and scaled up. Reading the file is no part of the ratio and is told apart.
"""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest

from assumptions import Question, RegisterFiles, read_register, run_register
from valuation.books.register import MEASURES

ASSETS, FEWER, SAMPLE = 100_000, 10_000, 3_000
YEARS = 20
FLOORS = {"straight line": 100.0, "three methods": 15.0}  # the program is at least so many times faster
FIRST_YEAR, LIVES = 2026, (36, 48, 60, 66, 72, 84, 120)
METHODS = {
    "straight line": ("straight_line",),
    "three methods": ("straight_line", "declining_balance_with_switch", "sum_of_years_digits"),
}
HEAD = "asset,asset_class,cost_usd,salvage_usd,in_service,life_months,method,frequency"
QUESTION = Question(by="month", until=f"{FIRST_YEAR + YEARS - 1}-12")


def write_register(path: Path, count: int, methods: Sequence[str]) -> Path:
    """A register of servers bought over fourteen years."""
    draw = random.Random(20260930)
    rows = [HEAD]
    for number in range(count):
        service = f"{FIRST_YEAR + draw.randrange(14)}-{draw.randrange(12) + 1:02d}-{draw.randrange(28) + 1:02d}"
        cost, salvage = draw.randrange(1_000, 90_000) + 0.5, draw.randrange(900)
        method, life = methods[number % len(methods)], draw.choice(LIVES)
        rows.append(f"a{number},class {number % 5},{cost},{salvage},{service},{life},{method},year")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def rate(method: str, left: float, carrying: float, remaining: int, life: int) -> float:
    """Charge for a month over the year of service that opens."""
    span = min(12, remaining)
    if method == "straight_line":
        return left / remaining
    if method == "declining_balance_with_switch":
        return min(max(carrying * 2.0 / life, left / remaining), left / span)
    years = remaining / 12
    whole = int(years + 1e-9)
    part = max(years - whole, 0.0)
    return left * years / (whole * years - whole * (whole - 1) / 2 + part * part) / 12


def loop(rows: Sequence[dict[str, str]]) -> dict[str, dict[str, list[float]]]:
    """All movements by class and month, each asset month by month: nothing is written down or disposed of."""
    months = 12 * YEARS
    classes = sorted({row["asset_class"] for row in rows})
    totals = {name: {group: [0.0] * months for group in classes} for name in MEASURES}
    for row in rows:
        cost, salvage, life = float(row["cost_usd"]), float(row["salvage_usd"]), int(row["life_months"])
        year, month, _ = row["in_service"].split("-")
        start = 12 * (int(year) - FIRST_YEAR) + int(month) - 1
        sums = {name: by_class[row["asset_class"]] for name, by_class in totals.items()}
        closing, monthly = 0.0, 0.0
        for period in range(start, months):
            age, opening = period - start, closing
            added = cost if age == 0 else 0.0
            carrying, charge, written_down, disposed, proceeds = opening + added, 0.0, 0.0, 0.0, 0.0
            if age < life:
                if age % 12 == 0:
                    monthly = rate(row["method"], carrying - salvage, carrying, life - age, life)
                charge = carrying - salvage if age == life - 1 else min(monthly, carrying - salvage)
            closing = carrying - charge - written_down - disposed
            sums["opening"][period] += opening
            sums["additions"][period] += added
            sums["depreciation"][period] += charge
            sums["written_down"][period] += written_down
            sums["disposals"][period] += disposed
            sums["closing"][period] += closing
            sums["proceeds"][period] += proceeds
            sums["gain"][period] += proceeds - disposed
    return totals


def timed(path: Path) -> tuple[float, float]:
    """Seconds of reading a register, and of running it, the median of some runs."""
    start = perf_counter()
    register = read_register(RegisterFiles(path))
    read = perf_counter() - start
    seconds = []
    for _ in range(9):
        start = perf_counter()
        run_register(register, QUESTION)
        seconds.append(perf_counter() - start)
    return read, float(np.median(seconds))


def peak_bytes(path: Path) -> int:
    """Largest memory of a process that reads and runs a register."""
    script = (
        "import resource, sys; from pathlib import Path; from assumptions import *; "
        "status = Path('/proc/self/status'); "
        "run_register(read_register(RegisterFiles(Path(sys.argv[1]))), Question(by='month', until=sys.argv[2])); "
        "lines = status.read_text().splitlines() if status.exists() else []; "
        "own = [int(line.split()[1]) for line in lines if line.startswith('VmHWM')]; "
        "print(own[0] if own else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    # The largest size told of a process may be that of the one which started it; its status is its own.
    words = [sys.executable, "-c", script, str(path), QUESTION.until]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).resolve().parents[2])
    unit = 1 if sys.platform == "darwin" else 1024
    return int(done.stdout) * unit


def rows_of(path: Path, count: int) -> list[dict[str, str]]:
    """First rows of a register."""
    with path.open(encoding="utf-8") as file:
        names = file.readline().strip().split(",")
        return [dict(zip(names, file.readline().strip().split(","), strict=True)) for _ in range(count)]


@pytest.mark.bench
@pytest.mark.parametrize("mix", FLOORS)
def test_register_outruns_the_loop(mix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Straight lines of one date and life share a schedule; falling balances do where their salvage shares agree."""
    whole = write_register(tmp_path / "whole.csv", ASSETS, METHODS[mix])
    fewer = write_register(tmp_path / "fewer.csv", FEWER, METHODS[mix])
    read, program = timed(whole)
    sample = rows_of(whole, SAMPLE)
    start = perf_counter()
    expected = loop(sample)
    looped = (perf_counter() - start) * ASSETS / SAMPLE
    small = write_register(tmp_path / "sample.csv", SAMPLE, METHODS[mix])
    run = run_register(read_register(RegisterFiles(small)), QUESTION)
    largest = float(run.sums["closing"].max())
    for name, by_class in expected.items():
        for number, (_, group) in enumerate(run.groups):
            np.testing.assert_allclose(run.sums[name][:, number], by_class[group], rtol=1e-9, atol=1e-9 * largest)
    by_asset = (peak_bytes(whole) - peak_bytes(fewer)) / (ASSETS - FEWER)
    with capsys.disabled():
        figures = f"program {program:.2f} s, loop {looped:.1f} s, ratio {looped / program:.0f}, reading {read:.2f} s"
        sys.stdout.write(f"\n{ASSETS:,} assets over {YEARS} years by month, {mix}: {figures}")
        sys.stdout.write(f"\nmemory {by_asset:,.0f} bytes an asset")
    assert looped / program >= FLOORS[mix]
