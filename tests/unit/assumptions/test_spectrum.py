"""The spectrum of silicon: its numbers and their sources, and what would show that its claims are wrong."""

from __future__ import annotations

import math
from importlib.resources import as_file
from pathlib import Path

import pytest

from assumptions import (
    EtchedCase,
    SpectrumGrid,
    etched_case,
    handovers,
    load_spectrum,
    spectrum_grid,
    spectrum_rows,
)
from assumptions.files import read_toml
from assumptions.load import data
from assumptions.provenance import Number
from valuation.errors import AssumptionError

CLASSES = ["cpu", "gpu", "tpu", "fpga", "asic", "transformer_asic", "etched"]


def grid(*overrides: str, churn: tuple[float, ...] = (), horizons: tuple[float, ...] = ()) -> SpectrumGrid:
    return spectrum_grid(load_spectrum(overrides), churn, horizons)


def case(*overrides: str, churn: tuple[float, ...] = ()) -> EtchedCase:
    return etched_case(grid(*overrides, churn=churn))


def freedom(found: SpectrumGrid) -> dict[str, float]:
    return {row.key: row.reprogrammability for row in found.table}


def test_the_whole_spectrum_is_there_in_order_of_reprogrammability() -> None:
    found = freedom(grid())
    assert list(found) == CLASSES
    assert list(found.values()) == sorted(found.values(), reverse=True)
    assert found["cpu"] == 1.0
    assert found["asic"] < found["fpga"] < found["gpu"]


def test_every_number_is_sourced_and_every_claim_says_so() -> None:
    rows = spectrum_rows(load_spectrum())
    assert len({row.key for row in rows}) == len(rows) > 60
    assert all(row.source for row in rows)
    assert all(row.url or row.basis in ("judgement", "derived") for row in rows)
    claimed = {row.key for row in grid().table if row.evidence == "claimed"}
    assert claimed == {"fpga", "transformer_asic", "etched"}
    weak = [row for row in rows if row.key.partition(".")[0] in claimed and row.key.endswith("tokens_per_second")]
    assert {row.confidence for row in weak} == {"low"}


def test_figures_of_the_rows_cited_are_those_of_the_research() -> None:
    """Outputs and lives that the data file quotes, read again where they stand."""
    with as_file(data() / "research" / "silicon") as folder:
        economics = (folder / "inference_economics.csv").read_text(encoding="utf-8")
        lives = (folder / "model_lifetimes.csv").read_text(encoding="utf-8")
    for quoted in (
        "b200,Llama 3.1 8B,,tokens/s per chip,18400",
        "tokens/s per user,16960",
        "per user,27.8",
        "per chip,62500",
    ):
        assert quoted in economics, quoted
    longest, shortest = (1.0 / (months / 12.0) for months in (40.3, 12.0))
    weights = load_spectrum().churn.weights_per_year
    assert "40.3" in lives
    assert (weights.low, weights.high) == pytest.approx((longest, shortest), abs=0.005)


def test_gpu_is_the_part_of_the_roadmap() -> None:
    with as_file(data() / "base" / "silicon.toml") as path:
        part = read_toml(path)["B200"]
    gpu = load_spectrum().classes["gpu"]
    assert (gpu.cost_usd.value, gpu.it_kw.value) == (part["cost_usd"]["value"], part["it_kw"]["value"])


def test_the_optimum_moves_with_churn() -> None:
    """Claim 7 would be wrong if the cheapest class were the same at every rate."""
    found = grid(churn=(0.0, 2.5, 8.0), horizons=(4.0,))
    assert [found.wins(churn, 4.0).key for churn in found.churn] == ["etched", "transformer_asic", "gpu"]


def test_without_churn_no_class_bears_stranding_to_the_bit() -> None:
    found = grid(churn=(0.0,))
    assert [row.stranding for row in found.table] == [0.0] * len(CLASSES)
    assert all(row.service_life_years == math.inf for row in found.table)


def test_parts_add_up_and_spans_hold_the_cost() -> None:
    for row in grid().rows:
        assert row.capital + row.stranding + row.energy + row.upkeep == pytest.approx(row.cost, rel=1e-12)
        assert row.cost_at_best <= row.cost <= row.cost_at_worst


def test_more_churn_never_makes_a_token_cheaper() -> None:
    found = grid()
    for key in CLASSES:
        costs = [row.cost for row in found.rows if row.key == key and row.horizon_years == 4.0]
        assert costs == sorted(costs)


def test_first_churn_and_horizon_are_the_place_of_the_table() -> None:
    found = grid(churn=(2.0, 0.5), horizons=(3.0, 1.0))
    assert found.place == (2.0, 3.0)
    assert (found.churn, found.horizons) == ((0.5, 2.0), (1.0, 3.0))
    assert len(found.table) == len(CLASSES)
    assert grid("churn.weights_per_year=1.3").place == (1.3, 4.0)


def test_handovers_are_where_two_classes_cost_the_same() -> None:
    spectrum = load_spectrum()
    changes = handovers(spectrum, 4.0)
    assert [change.below for change in changes[1:]] == [change.above for change in changes[:-1]]
    for change in changes:
        found = spectrum_grid(spectrum, [change.churn_per_year], [4.0])
        costs = {row.title: row.cost for row in found.table}
        assert costs[change.below] == pytest.approx(costs[change.above], rel=1e-3)


def test_a_class_that_nothing_beats_on_both_is_on_the_frontier() -> None:
    on_it = {row.key for row in grid().table if row.on_frontier}
    assert {"cpu", "gpu", "etched"} <= on_it
    assert "fpga" not in on_it, "batched, a GPU is both cheaper and easier to reprogram"


def test_spans_that_reach_the_winner_keep_their_class_in_the_running() -> None:
    assert [row.key for row in grid().contenders] == ["tpu", "asic", "transformer_asic"]
    sure = grid("etched.cost_usd={ value = 100, basis = 'user', source = 'test' }", "etched.absorbs_weights_share=1")
    assert [row.key for row in sure.contenders] == ["transformer_asic"]


# Etched weights


def test_break_even_above_any_use_is_told_as_such() -> None:
    """Claim 5 would be wrong if no plausible use reached the break-even volume, and then the program says so."""
    dear = case("api.price_usd_per_million=0.009", "api.yearly_fall_ratio=1")
    assert {row.verdict for row in dear.years} == {"never: beyond its output"}
    filled = case()
    assert filled.years[0].verdict == "only if filled"
    assert filled.personal_million_tokens < filled.years[0].break_even_million_tokens < filled.output_million_tokens
    cheap = case("api.price_usd_per_million=10", "api.yearly_fall_ratio=1")
    assert {row.verdict for row in cheap.years} == {"within a person's use"}


def test_falling_prices_end_the_upgrades_of_an_owner_and_a_person_never_upgrades() -> None:
    found = case()
    assert [row.owner_upgrades for row in found.years] == [False, True, False, False, False, False]
    assert not any(row.person_upgrades for row in found.years)
    held = case("api.yearly_fall_ratio=1")
    assert sum(row.owner_upgrades for row in held.years) > 1


def test_thousand_dollars_an_upgrade_hold_only_above_some_units() -> None:
    by_cost = {row.what: row for row in case().upgrades}
    assert by_cost["new weights"].units_for_claim == 2_400
    assert by_cost["a new design"].units_for_claim > 100 * by_cost["new weights, low end"].units_for_claim
    assert by_cost["new weights"].upgrade_price_usd == pytest.approx(500 + 1_200_000 / 10_000)
    assert case("respin.unit_price_usd=1000").upgrades[0].units_for_claim == math.inf


def test_turnaround_takes_output_and_at_last_all_of_it() -> None:
    slow, fast = case("respin.turnaround_months=4"), case("respin.turnaround_months=0")
    assert fast.lost_share == 0.0
    assert slow.lost_share == pytest.approx(slow.respins_per_year / 3.0)
    assert slow.cost_if_respun > fast.cost_if_respun
    assert case(churn=(8.0,)).cost_if_respun == math.inf


def test_an_advantage_goes_faster_the_faster_prices_fall() -> None:
    for row in case().erosion:
        assert row.years_low > row.years > row.years_high > 0.0


# Bad input


@pytest.mark.parametrize(
    ("overrides", "options", "names"),
    [
        (["gpu.nonsense=1"], {}, ["--set gpu.nonsense", "unknown key", "gpu."]),
        (["gpu.cost_usd=-1"], {}, ["--set gpu.cost_usd", "-1 is out of range", "USD"]),
        (["etched.absorbs_weights_share=1.5"], {}, ["absorbs_weights_share", "1.5 is out of range"]),
        (["gpu.cost_usd"], {}, ["key=value"]),
        ([], {"--electricity": -1.0}, ["--electricity", "-1.0 is out of range"]),
        ([], {"--return": 12.0}, ["--return", "12.0 is out of range"]),
        (["churn.weights_per_year=0"], {}, ["churn.weights_per_year", "0 is out of range"]),
    ],
)
def test_bad_settings_are_one_line(overrides: list[str], options: dict[str, float], names: list[str]) -> None:
    with pytest.raises(AssumptionError) as caught:
        load_spectrum(overrides, options)
    text = str(caught.value)
    assert "\n" not in text
    assert all(name in text for name in names), text


@pytest.mark.parametrize(("churn", "horizons"), [((-1.0,), ()), ((math.nan,), ()), ((), (0.0,)), ((1.0,) * 401, ())])
def test_bad_grids_are_refused(churn: tuple[float, ...], horizons: tuple[float, ...]) -> None:
    with pytest.raises(AssumptionError, match=r"--(churn|horizon): .*; allowed is "):
        grid(churn=churn, horizons=horizons)


def test_what_the_user_sets_is_marked_and_keeps_the_range() -> None:
    number = load_spectrum(["gpu.tokens_per_second=30000"]).classes["gpu"].tokens_per_second
    assert isinstance(number, Number)
    assert (number.value, number.basis, number.high, number.low) == (30_000, "user", 30_000, 15_600)


def test_figures_of_the_guide_are_those_of_the_program() -> None:
    guide = (Path(__file__).resolve().parents[3] / "docs" / "spectrum.md").read_text(encoding="utf-8")
    cells = {line.split(" | ")[0].removeprefix("| "): line.split(" | ") for line in guide.splitlines() if " | " in line}
    for row in grid().table:
        cost, stranding, absorbs = cells[row.title][3], cells[row.title][4], cells[row.title][6]
        assert (cost, stranding) == (f"{100 * row.cost:.2f}", f"{100 * row.stranding:.2f}")
        assert absorbs == f"{100 * row.reprogrammability:.0f} %"
    for horizon, name in ((1.0, "1 year"), (2.0, "2 years"), (4.0, "4 years"), (6.0, "6 years")):
        for change in handovers(load_spectrum(), horizon):
            assert f"from {change.churn_per_year:.1f}" in cells[name][1]
    found = case()
    assert f"{found.annual_cost_usd:,.0f} USD" in guide
    assert found.years[0].break_even_million_tokens == pytest.approx(106_000, rel=0.005)
    assert [row.verdict for row in found.years[:3]] == ["only if filled", "only if filled", "never: beyond its output"]
    lasts = next(row for row in found.erosion if row.against == "GPU")
    assert [round(years, 1) for years in (lasts.years_low, lasts.years, lasts.years_high)] == [3.8, 1.1, 0.5]
