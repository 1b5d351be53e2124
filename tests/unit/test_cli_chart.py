"""The command that draws a run: what it writes, says and refuses."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.unit.test_cli import refused, run


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("rents", ("--scenario", "asic_shift")),
        ("value", ("--scenario", "mining_bust+export_controls")),
        ("hidden", ("--scenario", "landing_late", "--ledger", "three_year")),
        ("waterfall", ("--scenario", "formats_strand", "--set", "market.paid_share=0.9")),
    ],
)
def test_a_chart_is_written_and_told(kind: str, words: tuple[str, ...], tmp_path: Path) -> None:
    done = run("chart", "neocloud", "--kind", kind, *words, "--out", "a.png", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "wrote a.png\n")
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_quiet_says_nothing(tmp_path: Path) -> None:
    done = run("chart", "neocloud", "--kind", "rents", "--out", "a.svg", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--kind", "pie", "--out", "a.png"), "allowed is rents, value, hidden, waterfall"),
        (("--kind", "rents", "--out", "a.pdf"), ".png, .svg"),
        (("--kind", "rents", "--out", "none/a.png"), "make the folder first"),
        (("--kind", "rents", "--out", "a.png", "--scenario", "asic_shft"), "asic_shift"),
        (("--kind", "rents", "--out", "a.png", "--ledger", "disclosed"), "allowed is hidden or waterfall"),
        (("--kind", "hidden", "--out", "a.png", "--ledger", "tax"), "allowed is three_year, disclosed"),
        (("--kind", "hidden", "--out", "a.png", "--set", "market.nonsense=1"), "market.nonsense"),
    ],
)
def test_bad_requests_are_one_line_and_nothing_is_written(words: tuple[str, ...], names: str, tmp_path: Path) -> None:
    assert names in refused(run("chart", "neocloud", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_missing_package_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    line = refused(run("chart", "neocloud", "--kind", "rents", "--out", "a.png", cwd=tmp_path))
    assert "install obsolesce[charts]" in line
    assert list(tmp_path.iterdir()) == []
