"""The spectrum of silicon: its numbers and their sources, and what would show that its claims are wrong."""

from __future__ import annotations

import csv
import math
from importlib.resources import as_file
from statistics import mean, median

import pytest

from assumptions import (
    EtchedCase,
    SpectrumGrid,
    etched_case,
    handovers,
    load_case,
    load_spectrum,
    spectrum_grid,
    spectrum_rows,
)
from assumptions.cases.load import data
from assumptions.door.files import read_toml
from assumptions.door.provenance import Number
from valuation.errors import AssumptionError

CLASSES = ["cpu", "gpu", "tpu", "fpga", "asic", "transformer_asic", "etched"]


def grid(*overrides: str, churn: tuple[float, ...] = (), horizons: tuple[float, ...] = ()) -> SpectrumGrid:
    return spectrum_grid(load_spectrum(overrides), churn, horizons)


def case(*overrides: str, churn: tuple[float, ...] = ()) -> EtchedCase:
    return etched_case(grid(*overrides, churn=churn))


def freedom(found: SpectrumGrid) -> dict[str, float]:
    return {row.key: row.reprogrammability for row in found.table}


def test_the_whole_spectrum_is_there_in_order_of_reprogrammability() -> None:
    """The FPGA has no firm place beside the TPU: it absorbs every format and fewer weights and architectures."""
    found = freedom(grid())
    assert list(found) == CLASSES
    for other in ("fpga", "tpu"):
        kept = [share for key, share in found.items() if key != other]
        assert kept == sorted(kept, reverse=True), other
    assert found["cpu"] == 1.0
    assert found["asic"] < found["fpga"] < found["gpu"]
    few, many = (freedom(grid(f"churn.number_format_per_year={rate}")) for rate in (0.3, 0.4))
    assert few["fpga"] < few["tpu"]
    assert many["fpga"] > many["tpu"]


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
    rows = [row for row in csv.DictReader(lives.splitlines()) if "leave out" not in row["note"]]
    months = [float(row["months"]) for row in rows if row["class"] == "GA snapshot"]
    previews = [float(row["months"]) for row in rows if row["class"] == "preview" and row["provider"] == "Google"]
    weights = load_spectrum().churn.weights_per_year
    assert (len(months), min(months), max(months), median(previews)) == (29, 12.0, 40.3, 5.9)
    assert weights.value == pytest.approx(12.0 / mean(months), abs=0.005)


def test_arrivals_are_those_of_the_base() -> None:
    base, found = load_case("neocloud").churn, load_spectrum().churn
    for name in type(found).model_fields:
        assert getattr(found, name) == getattr(base, name), name
    keys = {row.key for row in spectrum_rows(load_spectrum()) if row.key.startswith("churn.")}
    assert keys == {"churn.weights_per_year", "churn.architecture_per_year", "churn.number_format_per_year"}


def test_more_formats_strand_more_and_spare_what_absorbs_them() -> None:
    few, many = (
        {row.key: row.stranding for row in grid(f"churn.number_format_per_year={rate}").table} for rate in (0.25, 0.5)
    )
    assert {key for key in few if few[key] == many[key]} == {"cpu", "fpga"}
    assert all(few[key] <= many[key] for key in few)


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


def test_a_class_that_is_cheapest_in_a_narrow_window_is_not_passed_over() -> None:
    """Within 2.68 to 2.74 new weights a year, less than one step of the search."""
    overrides = ["churn.number_format_per_year=0.5"]
    changes = handovers(load_spectrum(overrides), 4.0)
    assert [(change.below, change.above) for change in changes] == [
        ("Etched weights", "Transformer ASIC"),
        ("Transformer ASIC", "GPU"),
    ]
    within = math.sqrt(changes[0].churn_per_year * changes[1].churn_per_year)
    assert grid(*overrides, churn=(within,), horizons=(4.0,)).wins(within, 4.0).title == "Transformer ASIC"


def test_a_class_that_nothing_beats_on_both_is_on_the_frontier() -> None:
    on_it = {row.key for row in grid().table if row.on_frontier}
    assert {"cpu", "gpu", "etched"} <= on_it
    assert "fpga" not in on_it, "batched, a GPU is both cheaper and easier to reprogram"


def test_spans_that_reach_the_winner_keep_their_class_in_the_running() -> None:
    assert [row.key for row in grid().contenders] == ["gpu", "tpu", "asic", "transformer_asic"]
    fewer = grid("churn.number_format_per_year=0.25")
    assert [row.key for row in fewer.contenders] == ["tpu", "asic", "transformer_asic"]
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
        (["churn.legacy_rent_share=0.5"], {}, ["--set churn.legacy_rent_share", "unknown key"]),
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
