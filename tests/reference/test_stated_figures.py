"""Figures that sentences of scenarios, sources and pages state in words, recomputed."""

from __future__ import annotations

import csv
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from assumptions import CaseRun, load_case, run_case
from assumptions.arrays.pressures import rival_inputs
from assumptions.cases.history import list_index
from assumptions.cases.load import data
from tests.reference.mechanism_figures import PAGES, assumptions, run
from valuation.analysis.readings import unit_rent
from valuation.analysis.summary import total_gap, total_value_in_exchange
from valuation.timeline import FloatArray

ONE_STEP = 0.005
"""Half of the last decimal printed."""


@cache
def neocloud() -> CaseRun:
    return run("neocloud")[0]


def rents(scenario: str) -> FloatArray:
    """Rent of a unit-hour from the as-of date on."""
    found = neocloud()
    as_of = found.results.inputs.timeline.as_of
    return unit_rent(found.results)[as_of:, found.scenario_names.index(scenario)]


def change(case: str, values: FloatArray, scenario: str) -> float:
    """Change against the base."""
    return float(values[run(case)[0].scenario_names.index(scenario)] / values[0] - 1.0)


def test_observed_steps_are_those_of_the_entry_rents() -> None:
    found = neocloud()
    parts = list(found.case.silicon)
    entry = [found.results.market.generation_entry_rent[parts.index(part), 0, 0] for part in ("H100", "B200", "Rubin")]
    steps = [float(np.log(before / after)) for before, after in pairwise(entry)]
    row = assumptions()["market.generic_step_log"]
    assert f"B200 ({steps[0]:.2f}) and from B200 to Rubin ({steps[1]:.2f})" in row.source
    assert f"mean {np.mean(steps):.2f}, taken as {row.value}" in row.source
    assert isinstance(row.low, float)
    assert isinstance(row.high, float)
    assert steps[1] < row.low
    assert row.high == pytest.approx(steps[0], abs=ONE_STEP)


def test_what_a_rival_serves_today_is_not_taken_twice() -> None:
    """The page on ASICs: (f - f0) / (1 - f0), five years on, by hand."""
    found = neocloud()
    timeline = found.results.inputs.timeline
    rival = next(item for item in rival_inputs(found.case, timeline) if item.name == "rivals.inference_asic")
    assert not rival.adoption.any()
    odds = 0.278 / 0.722 * np.exp(np.log(81.0) * 5.0 / 6.0)
    able = 0.9 * 0.67 + 0.33
    wanted, supplied = able * (odds / (1.0 + odds) - 0.278) / 0.722, 0.1 * (np.exp(1.1) - 1.0) / 0.22
    fall = 0.7 * min(wanted, supplied) / 1.3
    assert np.log(rents("asic_shift")[60] / rents("base")[60]) == pytest.approx(-fall, rel=1e-9)
    assert "(f - f0) / (1 - f0)" in (PAGES / "asic-shift.md").read_text(encoding="utf-8")


def test_the_list_index_of_the_year_to_october_2025() -> None:
    """A tenth from end to end, six in a hundred a year by its trend."""
    index = [price for month, price in list_index(neocloud().case).items() if "2024-10" <= month <= "2025-10"]
    assert len(index) == 13
    assert index[-1] / index[0] - 1.0 == pytest.approx(-0.10, abs=ONE_STEP)
    trend = 12.0 * np.polyfit(np.arange(13.0), np.log(index), 1)[0]
    assert np.expm1(trend) == pytest.approx(-0.06, abs=ONE_STEP)


def test_four_bits_are_a_gain_over_the_same_part() -> None:
    """B200 at 4 bits beside itself at 8, not beside H100."""
    table = (data() / "research" / "silicon" / "inference_economics.csv").read_text(encoding="utf-8")
    tokens = {
        (row["chip_id"], row["precision"]): float(row["value"])
        for row in csv.DictReader(table.splitlines())
        if row["conditions"].startswith("8k in/1k out; peak") and row["model"] == "DeepSeek-R1"
        if row["metric"] == "tokens/s per chip"
    }
    ratio = tokens["b200", "FP4"] / tokens["b200", "FP8"]
    stated = f"gave B200 {ratio:.1f} times its own tokens"
    assert stated in " ".join((PAGES / "stranding.md").read_text(encoding="utf-8").split())
    assert stated in next(item.source for item in neocloud().scenarios if item.name == "formats_strand")


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_every_page_says_by_how_much_rents_rose_in_2026(page: Path) -> None:
    index = list_index(neocloud().case)
    rise = index["2026-09"] / index["2025-10"] - 1.0
    assert f"{100.0 * rise:.0f} %" in page.read_text(encoding="utf-8")


def test_a_glut_is_seven_eighths_there_in_two_years() -> None:
    base, glut = rents("base"), rents("glut")
    scarcity = float(neocloud().results.market.scarcity[0, 0])
    entry = np.log(base) - scarcity * np.exp2(-np.arange(len(base)) / 18.0)
    distance = np.log(glut) - entry - np.log(0.7)
    assert 1.0 - distance[24] / distance[0] == pytest.approx(7.0 / 8.0, abs=ONE_STEP)
    assert np.exp(np.log(glut) - entry)[120] == pytest.approx(0.7, abs=ONE_STEP)


def test_an_overbuild_as_in_fibre_passes_below_every_running_cost() -> None:
    path, shutdown = rents("fibre_overbuild"), neocloud().results.market.generation_shutdown[:, 0, 0]
    assert path[12] / path[0] == pytest.approx(0.4, abs=ONE_STEP)
    assert path[36] / path[24] == pytest.approx(0.5, abs=ONE_STEP)
    assert path[36] < shutdown[shutdown > 0.0].min()


def test_the_hoppers_of_the_index_are_kinder_from_the_third_year_on() -> None:
    kinder = rents("hopper_as_seen") > rents("base")
    assert not kinder[1:24].any()
    assert kinder[24:].all()


def test_the_edge_is_able_to_serve_two_in_a_hundred_and_takes_more_than_a_decade() -> None:
    found = neocloud()
    timeline = found.results.inputs.timeline
    rival = next(item for item in rival_inputs(found.case, timeline) if item.name == "rivals.outside")
    below = NormalDist().cdf
    share = 0.67 * 0.6 * below(np.log(8.0 / 70.0) / 1.5) * below(np.log(8.0 / 5.0) / 1.5)
    assert share == pytest.approx(0.02, abs=ONE_STEP)
    small = below(np.log(20.0 / 70.0) / 1.5)
    reach = rival.open_share[0, list(found.case.segments).index("small"), 0]
    assert 0.67 * small * reach == pytest.approx(share, rel=1e-9)
    years = np.log(99.0 * 9.0) / (np.log(81.0) / found.case.rivals["outside"].takeover_years.value)
    assert years > 10.0


@pytest.mark.parametrize("case", ["neocloud", "meta"])
def test_a_warranty_lowers_use_and_raises_exchange(case: str) -> None:
    found, summary = run(case)
    assert -0.02 < change(case, summary.as_of.value_in_use, "repairs_and_warranty") < -0.01
    assert 0.005 < change(case, total_value_in_exchange(found.results), "repairs_and_warranty") < 0.015
    gap = total_gap(found.results)["disclosed"]
    if case == "neocloud":
        assert gap[found.scenario_names.index("repairs_and_warranty")] > gap[0]


def test_the_plan_of_meta_moves_more_than_all_but_three_scenarios() -> None:
    found, _ = run("meta")
    values = total_value_in_exchange(found.results)
    flat = total_value_in_exchange(run_case(load_case("meta"), [], ["terms.plan=flat"]).results)[0]
    below = {name for name, value in zip(found.scenario_names, values, strict=True) if value < flat}
    assert below == {"mining_bust", "fibre_overbuild", "export_controls"}
    page = (PAGES.parent / "meta.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in page for name in below)


def test_the_index_names_all_that_turns_both_gaps() -> None:
    text = (PAGES / "README.md").read_text(encoding="utf-8").split("Read across")[1]
    turned = []
    for case in ("neocloud", "meta"):
        found, _ = run(case)
        gaps = total_gap(found.results)["disclosed"]
        turned.append({name for name, gap in zip(found.scenario_names, gaps, strict=True) if gap > 0.0})
    both = turned[0] & turned[1]
    told = {name for name in run("meta")[0].scenario_names if f"`{name}`" in text}
    assert told == both - {"mining_bust", "power_limited", "captive_migration"}


def test_own_silicon_gains_on_the_market_in_two_years() -> None:
    """0.67 x entry rent of the as-of date x exp(-0.27 t) over the entry rent of the day."""
    found = neocloud()
    entry = found.results.market.market_entry_rent[found.inputs.timeline.as_of :, 0, 0]
    plan = found.case.captive
    years = np.arange(len(entry)) / 12.0
    ratio = plan.cost_ratio.value * entry[0] * np.exp(-plan.cost_decline_log_per_year.value * years) / entry
    assert [ratio[0], ratio[24]] == pytest.approx([0.67, 0.54], abs=ONE_STEP)
    page = " ".join((PAGES / "captive-silicon.md").read_text(encoding="utf-8").split())
    assert "from 0.67 of its entry rent to 0.54 within two years" in page
