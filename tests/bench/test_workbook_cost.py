"""Time and memory of writing the default workbook against openpyxl with the same cells; sizes of the bundled cases."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from assumptions import load_case, run_case
from reports.excel.workbook import write_workbook
from reports.record.compose import compose

ROOT = Path(__file__).resolve().parents[2]
MOST_TIME, MOST_MEMORY = 3.5, 0.8
MOST_FORMULAS, MOST_BYTES = 120_000, 2_000_000
CASES = ("neocloud", "meta", "captive-asic", "etched-inference", "bitcoin-miner", "mainframes")


def twin(*words: str) -> tuple[float, int]:
    """Seconds and memory [kB] of one of the two writers, in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.twins", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds, risen = json.loads(done.stdout)
    return float(seconds), int(risen)


@pytest.mark.bench
def test_writing_costs_little_beside_openpyxl(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cells = str(tmp_path / "cells")
    ours = twin("ours", "neocloud", str(tmp_path / "ours.xlsx"), cells)
    theirs = twin("theirs", str(tmp_path / "theirs.xlsx"), cells)
    time, memory = ours[0] / theirs[0], ours[1] / theirs[1]
    with capsys.disabled():
        sys.stdout.write(f"\nwritten in {ours[0]:.1f} s, openpyxl {theirs[0]:.1f} s, ratio {time:.2f}")
        sys.stdout.write(f"\nmemory {ours[1] / 1024:.0f} MB, openpyxl {theirs[1] / 1024:.0f} MB, ratio {memory:.2f}")
    assert time <= MOST_TIME
    assert memory <= MOST_MEMORY


@pytest.mark.bench
def test_sizes_of_the_bundled_cases(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = {}
    for name in CASES:
        written = write_workbook(compose(run_case(load_case(name))), tmp_path / "case.xlsx")
        found[name] = (sum(written.formulas.values()), (tmp_path / "case.xlsx").stat().st_size)
        with capsys.disabled():
            sys.stdout.write(f"\n{name}: {found[name][0]:,} formulas, {found[name][1]:,} bytes")
    assert max(formulas for formulas, _ in found.values()) <= MOST_FORMULAS
    assert max(size for _, size in found.values()) <= MOST_BYTES
