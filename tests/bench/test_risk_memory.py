"""Memory of a risk run that keeps no paths: the same for a million of them as for a few thousand.

What the command takes beyond the run, to load what writes and draws and to write the workbook, is told beside it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEW, MANY = 65_536, 1_048_576
MOST, MOST_GROWTH = 250.0, 16.0  # MB
RUN = """
import json, resource, sys, time
from assumptions import Sampling, load_case, run_risk
start = time.perf_counter()
run = run_risk(load_case("neocloud"), Sampling(int(sys.argv[1]), stream=True))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps([peak, time.perf_counter() - start, run.summaries[0].figures["npv_usd"].percentiles.method]))
"""

COMMAND = """
import resource, subprocess, sys
words = [sys.executable, "cli.py", "simulate", "neocloud", "--paths", sys.argv[1], "--stream", "--quiet"]
subprocess.run([*words, "--out", sys.argv[2]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
"""


@pytest.mark.bench
@pytest.mark.parametrize("paths", [1_024, 16_384])
def test_memory_of_the_whole_command(paths: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [sys.executable, "-c", COMMAND, str(paths), str(tmp_path / "out")]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    assert (tmp_path / "out" / "neocloud.xlsx").exists()
    with capsys.disabled():
        sys.stdout.write(f"\nthe whole command, {paths:,} paths, with its workbook: {float(done.stdout):.0f} MB")


@pytest.mark.bench
def test_memory_does_not_grow_with_the_paths(capsys: pytest.CaptureFixture[str]) -> None:
    peaks = []
    for paths in (FEW, MANY):
        words = [sys.executable, "-c", RUN, str(paths)]
        done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
        peak, seconds, method = json.loads(done.stdout)
        peaks.append(peak)
        with capsys.disabled():
            sys.stdout.write(f"\n{paths:,} paths: {peak:.0f} MB, {seconds:.0f} s, figures from {method}s")
    assert max(peaks) <= MOST
    assert peaks[1] - peaks[0] <= MOST_GROWTH
