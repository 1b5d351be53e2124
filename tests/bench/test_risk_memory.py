"""Memory of a risk run that keeps no paths: the same for a million of them as for a few thousand.

Measured on the command as it is typed, with its workbook, tables and charts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEWEST, FEW, MANY = 1_024, 65_536, 1_048_576
MOST, MOST_GROWTH = 250.0, 16.0  # MB
COMMAND = """
import json, resource, subprocess, sys, time
words = [sys.executable, "cli.py", "simulate", "neocloud", "--paths", sys.argv[1], "--stream", "--quiet"]
start = time.perf_counter()
subprocess.run([*words, "--out", sys.argv[2]], check=True, stdout=subprocess.DEVNULL)
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
print(json.dumps([peak, time.perf_counter() - start]))
"""


@pytest.mark.bench
def test_memory_does_not_grow_with_the_paths(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    peaks = {}
    for paths in (FEWEST, FEW, MANY):
        folder = tmp_path / f"of_{paths}"
        words = [sys.executable, "-c", COMMAND, str(paths), str(folder)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
        peaks[paths], seconds = json.loads(done.stdout)
        assert (folder / "neocloud.xlsx").exists()
        assert list(folder.glob("charts/fan_*.png"))
        with capsys.disabled():
            sys.stdout.write(f"\n{paths:,} paths: {peaks[paths]:.0f} MB, {seconds:.0f} s with workbook and charts")
    assert max(peaks.values()) <= MOST
    assert peaks[MANY] - peaks[FEW] <= MOST_GROWTH
