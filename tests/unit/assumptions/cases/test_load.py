from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest

from assumptions import bundled_cases, load_case
from assumptions.chapters.schema import Case
from tests.unit.assumptions.conftest import SCHEDULE, Writer
from valuation.errors import AssumptionError

SCENARIOS = [
    "base",
    "asic_forecast",
    "asic_shift",
    "breakthrough_2029",
    "breakthrough_by_chance",
    "contract_loss",
    "demand_bust",
    "edge_serves",
    "etched_small",
    "etched_stranded",
    "export_controls",
    "fibre_overbuild",
    "formats_strand",
    "fragile_parts",
    "glut",
    "growth_continues",
    "hopper_as_seen",
    "landing_early",
    "landing_late",
    "landings_22_months",
    "mild",
    "mining_bust",
    "no_new_silicon",
    "power_limited",
    "power_price_doubled",
    "repairs_and_warranty",
    "scarcity_ends",
    "scarcity_persists",
]


def test_bundled_cases_have_names() -> None:
    assert bundled_cases() == ["bitcoin-miner", "captive-asic", "etched-inference", "mainframes", "meta", "neocloud"]


@pytest.mark.parametrize("name", ["meta", "neocloud"])
def test_bundled_cases_carry_all_scenarios(name: str) -> None:
    case = load_case(name)
    assert case.name == name
    assert [scenario.name for scenario in case.scenarios] == SCENARIOS
    assert list(case.ledgers) == ["three_year", "disclosed"]


def test_meta_buys_what_it_filed(meta: Case) -> None:
    actual = [row.capex_usd or 0.0 for row in meta.schedule if row.status == "actual"]
    years = [sum(actual[4 * year : 4 * year + 4]) / 1e6 for year in range(7)]
    assert years == [15_102, 15_115, 18_567, 31_431, 27_266, 37_256, 69_691]
    assert sum(actual[28:]) / 1e6 == 49_113


def test_meta_guidance_is_in_the_measure_of_its_history(meta: Case) -> None:
    guided = [row for row in meta.schedule if row.status == "guidance"]
    low = sum(row.capex_low_usd or 0.0 for row in guided)
    high = sum(row.capex_high_usd or 0.0 for row in guided)
    ratio = 49_113 / 50_918
    assert low == pytest.approx((130_000 * ratio - 49_113) * 1e6, abs=2e6)
    assert high == pytest.approx((145_000 * ratio - 49_113) * 1e6, abs=2e6)


def test_meta_shares_follow_the_years(meta: Case) -> None:
    shares = {row.purchase[:4]: row.share for row in meta.schedule if row.status != "opening"}
    assert shares == {"2019": 0.37, "2020": 0.37, "2021": 0.47} | dict.fromkeys(
        ("2022", "2023", "2024", "2025", "2026"), None
    )


def test_neocloud_is_marked_as_illustrative(neocloud: Case) -> None:
    assert "llustrative" in neocloud.note
    assert {row.status for row in neocloud.schedule if row.purchase <= "2026-09"} == {"illustrative"}
    assert {row.status for row in neocloud.schedule if row.purchase > "2026-09"} == {"plan"}


def test_a_plain_value_replaces_and_keeps_a_range_that_holds_it(write_case: Writer) -> None:
    case = load_case(write_case(extra="[terms]\nrequired_return_annual = 0.2\nscrap_share_of_cost = 0.05\n"))
    changed = case.terms.required_return_annual
    assert (changed.value, changed.low, changed.high) == (0.2, 0.059, 0.2)
    assert (changed.basis, changed.source) == ("user", "case.toml")
    assert case.terms.scrap_share_of_cost.high == 0.10
    assert case.terms.planning_life_months.basis == "published"


def test_a_table_stands_for_itself(write_case: Writer) -> None:
    given = '{ value = 0.2, low = 0.1, basis = "filing", source = "their filing", confidence = "high" }'
    case = load_case(write_case(extra=f"[terms]\nrequired_return_annual = {given}\n"))
    changed = case.terms.required_return_annual
    assert (changed.low, changed.high, changed.source) == (0.1, None, "their filing")


def test_parts_may_be_added_and_changed(write_case: Writer) -> None:
    part = '[silicon.Mine]\nfamily = "asic"\nlanding = "2026-01"\nknown_from = "2025-01"\n'
    part += "cost_usd = 10000\nit_kw = 0.5\nservice_units = 0.9\n"
    case = load_case(write_case(extra=part + "[silicon.H100]\ncost_usd = 40000\n"))
    assert list(case.silicon)[-1] == "Mine"
    assert case.silicon["Mine"].priced
    assert case.silicon["H100"].cost_usd is not None
    assert case.silicon["H100"].cost_usd.value == 40_000
    assert case.silicon["H100"].landing.value == "2023-04"


def test_generics_with_a_name_are_not_priced(neocloud: Case) -> None:
    assert [name for name, part in neocloud.silicon.items() if not part.priced] == ["Rubin Ultra", "Feynman"]
    assert [name for name, part in neocloud.silicon.items() if not part.sets_price] == ["A100", "H200", "GB300"]


def test_a_workbook_reads_like_the_csv(write_case: Writer) -> None:
    folder = write_case()
    from_csv = load_case(folder).schedule
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in SCHEDULE.splitlines():
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    (folder / "schedule.csv").unlink()
    book.save(folder / "schedule.xlsx")
    assert load_case(folder).schedule == from_csv


def test_dates_of_a_workbook_are_months(write_case: Writer) -> None:
    from datetime import date

    folder = write_case(schedule=None)
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["purchase", "asset_class", "generation", "units", "status"])
    book.active.append([date(2024, 2, 29), "servers", "H100", 12.5, "actual"])
    book.save(folder / "schedule.xlsx")
    row = load_case(folder).schedule[0]
    assert (row.purchase, row.units) == ("2024-02", 12.5)


def test_a_case_may_bring_scenarios(write_case: Writer) -> None:
    folder = write_case()
    (folder / "scenarios").mkdir()
    text = 'name = "{}"\ntitle = "Mine"\nsentence = "x"\nsource = "x"\nconfidence = "low"\n'
    for name in ("mine", "mining_bust"):
        (folder / "scenarios" / f"{name}.toml").write_text(text.format(name))
    scenarios = {scenario.name: scenario for scenario in load_case(folder).scenarios}
    assert next(iter(scenarios)) == "base"
    assert set(scenarios) == {*SCENARIOS, "mine"}
    assert scenarios["mining_bust"].title == "Mine"


def test_empty_rows_are_left_out(write_case: Writer) -> None:
    assert len(load_case(write_case(schedule=SCHEDULE + "\n,,,,\n\n")).schedule) == 2


def test_a_path_loads_like_a_name(tmp_path: Path) -> None:
    from assumptions import new_case

    new_case(tmp_path / "copy", "meta")
    assert load_case(tmp_path / "copy").schedule == load_case("meta").schedule


@pytest.mark.parametrize(("names", "told"), [(("mine", "mine"), "is taken by"), (("base",), "base has changes")])
def test_scenarios_of_one_name_or_of_the_base_are_refused(
    names: tuple[str, ...], told: str, write_case: Writer
) -> None:
    folder = write_case()
    (folder / "scenarios").mkdir()
    text = 'name = "{}"\ntitle = "T"\nsentence = "s"\nsource = "x"\nconfidence = "low"\n'
    text += '[[change]]\nop = "set"\nkey = "market.reversion_half_life_months"\nvalue = 9\n'
    for number, name in enumerate(names):
        (folder / "scenarios" / f"{number}.toml").write_text(text.format(name), encoding="utf-8")
    with pytest.raises(AssumptionError, match=told):
        load_case(folder)
