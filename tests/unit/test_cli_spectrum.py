"""The command on the spectrum of silicon: what it prints, writes and refuses."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.unit.test_cli import refused, run


def test_spectrum_on_screen(tmp_path: Path) -> None:
    done = run("spectrum", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for words in (
        "Etched weights",
        "FPGA",
        "stranding",
        "only if filled",
        "never: beyond its output",
        "devices needed",
    ):
        assert words in done.stdout, words
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    assert list(tmp_path.iterdir()) == []


def test_sources_are_printed(tmp_path: Path) -> None:
    done = run("spectrum", "--sources", cwd=tmp_path)
    assert done.returncode == 0
    for words in (
        "etched.tokens_per_second",
        "Vendor claim",
        "churn.weights_per_year",
        "churn.architecture_per_year",
        "churn.number_format_per_year",
        "14000 to 17000".replace("000", ",000"),
    ):
        assert words in done.stdout, words


def test_table_and_workbook_hold_every_point(tmp_path: Path) -> None:
    for name in ("spectrum.csv", "spectrum.xlsx"):
        done = run("spectrum", "--churn", "1", "--churn", "4", "--horizon", "3", "--out", name, "--quiet", cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with (tmp_path / "spectrum.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 14
    for row in rows:
        parts = [float(row[f"{name}_usd"]) for name in ("capital", "stranding", "energy", "upkeep")]
        assert sum(parts) == pytest.approx(float(row["cost_per_million_tokens_usd"]))
    assert sum(row["wins"] == "yes" for row in rows) == 2
    sheet = openpyxl.load_workbook(tmp_path / "spectrum.xlsx").active
    assert sheet is not None
    assert (sheet.max_row, sheet.max_column) == (15, len(rows[0]))


@pytest.mark.slow
@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_charts_are_the_same_to_the_byte(suffix: str, tmp_path: Path) -> None:
    for name in ("one", "other"):
        done = run("spectrum", "--quiet", "--chart", f"{name}{suffix}", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    one, other = ((tmp_path / f"{name}{suffix}").read_bytes() for name in ("one", "other"))
    assert one == other
    assert len(one) > 10_000
    assert {path.name for path in tmp_path.iterdir()} == {f"one{suffix}", f"other{suffix}"}


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--out", "a.parquet"), ".csv, .xlsx"),
        (("--chart", "a.pdf"), ".png, .svg"),
        (("--chart", "none/a.png"), "make the folder first"),
        (("--set", "gpu.nonsense=1"), "gpu.nonsense"),
        (("--churn", "-1"), "--churn"),
        (("--horizon", "0", "--out", "a.csv"), "--horizon"),
        (("--electricity", "-1"), "--electricity"),
        (("--return", "40"), "--return"),
    ],
)
def test_bad_requests_are_one_line_and_nothing_is_written(words: tuple[str, ...], names: str, tmp_path: Path) -> None:
    assert names in refused(run("spectrum", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_missing_package_for_charts_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    line = refused(run("spectrum", "--chart", "a.png", cwd=tmp_path))
    assert "install obsolesce[charts]" in line
    assert list(tmp_path.iterdir()) == []


def test_settings_move_the_answer(tmp_path: Path) -> None:
    plain = run("spectrum", cwd=tmp_path).stdout
    moved = run("spectrum", "--electricity", "0.2", "--return", "0.15", "--set", "gpu.cost_usd=30000", cwd=tmp_path)
    assert moved.returncode == 0, moved.stderr
    assert moved.stdout != plain
