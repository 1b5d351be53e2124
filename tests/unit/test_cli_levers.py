"""The commands on levers and shocks: what they print, write and refuse."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path

import pytest

from tests.unit.assumptions.levers.test_levers import only
from tests.unit.test_cli import refused, run

pytestmark = pytest.mark.slow

STEP = "market.generic_step_log"
DEAR_POWER = """
name = "dear_power"
title = "Power at twice the price"
sentence = "Electricity costs twice as much."
source = "a number for a test"
date = "2026-09"
confidence = "low"
contradicted_by = "Any bill."

[[change]]
op = "set"
key = "operations.electricity_price_usd_per_kwh"
value = 0.14
"""


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def certain(*keys: str) -> list[str]:
    """Options after which nothing but some assumptions is random."""
    return [word for override in only(*keys) for word in ("--set", override)]


def test_a_run_at_the_root_meets_the_target(tmp_path: Path) -> None:
    words = ("--lever", STEP, "--low", "0.3", "--high", "0.32", "--until", "npv_usd=0")
    done = run("breakeven", "neocloud", *words, "--out", "a.csv", "--chart", "a.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "wrote a.csv\nwrote a.svg\n")
    for text in ("npv_usd = 0", "0.27 here", "Break-even"):
        assert text in done.stdout, text
    (root,) = [row for row in rows_of(tmp_path / "a.csv") if row["point"] == "root"]
    again = run(
        "run", "neocloud", "--scenario", "base", "--json", "--set", f"{STEP}={float(root[STEP])!r}", cwd=tmp_path
    )
    assert abs(json.loads(again.stdout)["scenarios"]["base"]["npv_usd"]) < 1.0
    assert max(map(len, done.stdout.splitlines())) <= 100


@pytest.mark.slow
def test_a_frontier_is_a_table_and_a_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assumptions.levers.breakeven.FRONTIER_POINTS", 3)
    levers = ("--lever", STEP, "--lever", "market.paid_share", "--low", "0.29", "--low", "0.9")
    words = (*levers, "--high", "0.33", "--high", "0.95", "--until", "npv_usd=0", "--scenario", "base")
    done = run("breakeven", "neocloud", *words, "--out", "a.csv", "--chart", "a.png", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Frontier" in done.stdout
    found = rows_of(tmp_path / "a.csv")
    assert len([row for row in found if row["point"] == "grid"]) == 9
    assert len([row for row in found if row["point"] == "root"]) >= 3
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")


def test_no_root_is_an_answer(tmp_path: Path) -> None:
    words = ("--lever", "churn.legacy_rent_share", "--until", "gap_usd.disclosed=0")
    done = run("breakeven", "neocloud", *words, "--scenario", "landings_22_months", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "No root in range" in done.stdout
    assert "churn.legacy_rent_share moves nothing" in done.stdout
    assert "neocloud under landings_22_months" in done.stdout
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [
        ("breakeven", "neocloud", "--lever", "churn.legacy_rent_share", "--until", "npv_usd=0"),
        ("reverse-stress", "neocloud", "--limit", "npv_usd<-1e12", "--within", "0.5", *certain(STEP)),
        ("sensitivity", "neocloud", *certain(STEP)),
    ],
    ids=["breakeven", "reverse-stress", "sensitivity"],
)
def test_scenarios_come_from_files_too(words: tuple[str, ...], tmp_path: Path) -> None:
    own = tmp_path / "dear_power.toml"
    own.write_text(DEAR_POWER, encoding="utf-8")
    done = run(*words, "--scenario-file", str(own), "--scenario", "dear_power", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "neocloud under dear_power" in " ".join(done.stdout.split())


@pytest.mark.slow
def test_reverse_stress_tells_the_shocks(tmp_path: Path) -> None:
    words = certain(STEP, "market.paid_share")
    done = run(
        "reverse-stress", "neocloud", "--limit", "npv_usd<0", *words, "--out", "a.csv", "--chart", "a.svg", cwd=tmp_path
    )
    assert (done.returncode, done.stderr) == (0, "wrote a.csv\nwrote a.svg\n")
    assert re.search(r"lies \d\.\d\d standard units away; probability", done.stdout)
    assert "First order" in done.stdout
    found = rows_of(tmp_path / "a.csv")
    assert [row["key"] for row in found] == [STEP, "market.paid_share"]
    assert sum(float(row["share_of_squared_distance"]) for row in found) == pytest.approx(1.0)
    none = run("reverse-stress", "neocloud", "--limit", "npv_usd<-1e12", "--within", "1", *words, cwd=tmp_path)
    assert none.returncode == 0
    assert "No combination within 1 standard units" in none.stdout


def test_a_figure_that_nothing_moves_is_said_to_stand_still(tmp_path: Path) -> None:
    """Rents of the miner are calibrated to an NPV of nothing, whatever else is assumed."""
    random = certain(STEP, "operations.pue")
    done = run("reverse-stress", "bitcoin-miner", "--limit", "npv_usd below -1", *random, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Not broken, and no random assumption moves it." in done.stdout
    assert "the point" not in done.stdout
    done = run("sensitivity", "bitcoin-miner", *random, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"Moves nothing by itself: {STEP}, operations.pue." in done.stdout
    assert "P10" not in done.stdout
    line = refused(run("sensitivity", "bitcoin-miner", "--method", "sobol", *random, cwd=tmp_path))
    assert "--of npv_usd: no random assumption moves it; allowed is a figure that" in line


@pytest.mark.slow
def test_a_limit_broken_from_the_start_is_said_to_be(tmp_path: Path) -> None:
    words = (*certain(STEP, "market.paid_share"), "--scenario", "mining_bust")
    done = run("reverse-stress", "neocloud", "--limit", "npv_usd below 0", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "and nothing within 5 standard units keeps the limit" in done.stdout
    done = run("reverse-stress", "neocloud", "--limit", "npv_usd above 100e6", *words[:-2], cwd=tmp_path)
    assert "the nearest point that keeps the limit lies" in done.stdout


def test_sensitivities_of_both_kinds(tmp_path: Path) -> None:
    done = run("sensitivity", "neocloud", "--out", "a.csv", "--chart", "a.svg", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "wrote a.csv\nwrote a.svg\n")
    assert "10th and 90th percentile" in done.stdout
    assert "Moves nothing by itself: terms.sale_haircut_share" in done.stdout
    assert len(rows_of(tmp_path / "a.csv")) == 19
    words = (*certain(STEP, "market.paid_share"), "--of", "disclosed", "--method", "sobol", "--points", "16")
    line = refused(run("sensitivity", "neocloud", *words, cwd=tmp_path))
    assert "several figures" in line
    words = (*words, "--of", "gap_usd.three_year", "--out", "b.csv", "--chart", "b.png")
    done = run("sensitivity", "neocloud", *words, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "No two of these assumptions are correlated" in done.stdout
    assert {row["keys"] for row in rows_of(tmp_path / "b.csv")} == {STEP, "market.paid_share"}


@pytest.mark.slow
def test_charts_are_the_same_to_the_byte(tmp_path: Path) -> None:
    words = ("--lever", STEP, "--low", "0.2", "--high", "0.21", "--until", "npv_usd=0", "--quiet")
    for name in ("one.svg", "other.svg"):
        done = run("breakeven", "neocloud", *words, "--chart", name, cwd=tmp_path)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "other.svg").read_bytes()


ZERO = ("--until", "npv_usd=0")


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("breakeven", "neocloud", "--lever", "market.generic_stp_log", *ZERO), "did you mean market.generic_step_log"),
        (("breakeven", "neocloud", "--lever", "market.mode", *ZERO), "holds no number"),
        (("breakeven", "neocloud", "--lever", STEP, "--until", "npv=0"), "did you mean npv_usd"),
        (("breakeven", "neocloud", "--lever", STEP, "--until", "npv_usd"), "not a condition"),
        (("breakeven", "neocloud", "--lever", STEP, "--low", "0.3", "--high", "0.2", *ZERO), "swap them"),
        (("breakeven", "neocloud", "--lever", STEP, "--high", "99", *ZERO), "--high 99"),
        (("breakeven", "neocloud", "--lever", STEP, "--low", "0.2", "--low", "0.3", *ZERO), "one for each lever"),
        (("breakeven", "neocloud", "--lever", STEP, "--lever", STEP, *ZERO), "same lever twice"),
        (("breakeven", "neocloud", "--lever", STEP, *ZERO, "--scenario", "none"), "unknown scenario"),
        (("breakeven", "neocloud", "--lever", STEP, *ZERO, "--out", "a.xlsx"), "allowed is .csv"),
        (("breakeven", "neocloud", "--lever", STEP, *ZERO, "--chart", "a.pdf"), ".png, .svg"),
        (("reverse-stress", "neocloud", "--limit", "npv_usd=0"), "not a condition"),
        (("reverse-stress", "neocloud", "--limit", "npv_usd<0", "--within", "-1"), "--within -1"),
        (("reverse-stress", "neocloud", "--limit", "nonsense<0"), "unknown figure"),
        (("sensitivity", "neocloud", "--of", "nonsense"), "unknown figure"),
        (("sensitivity", "neocloud", "--method", "shapely"), "tornado or sobol"),
        (("sensitivity", "neocloud", "--method", "sobol", "--points", "100"), "a power of two"),
        (("sensitivity", "neocloud", "--seed", "-1"), "--seed -1"),
        (("sensitivity", "neocloud", "--out", "none/a.csv"), "make the folder first"),
    ],
)
def test_bad_requests_are_one_line_and_nothing_is_written(words: tuple[str, ...], names: str, tmp_path: Path) -> None:
    assert names in refused(run(*words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_missing_package_for_charts_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    line = refused(run("sensitivity", "neocloud", "--chart", "a.png", cwd=tmp_path))
    assert "install obsolesce[charts]" in line
