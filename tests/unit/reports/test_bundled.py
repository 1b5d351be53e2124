"""The exits on the bundled cases, at their full size and at the edges."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from assumptions import load_case, run_case
from reports.excel.workbook import lay_out, least_formulas, write_workbook
from reports.excel.writing.writer import MAX_FORMULAS
from reports.files import payload
from reports.files.tables import all_tables
from reports.files.write import OutputError, check_size
from reports.record.compose import compose
from reports.screen import console

CASES = ("neocloud", "meta", "captive-asic", "etched-inference", "bitcoin-miner", "mainframes")
COHORTS = 150
MOST_FORMULAS, MOST_BYTES = 120_000, 2_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
def test_workbook_keeps_its_budget(name: str, tmp_path: Path) -> None:
    report = compose(run_case(load_case(name)))
    written = write_workbook(report, tmp_path / "case.xlsx")
    assert sum(written.formulas.values()) <= MOST_FORMULAS
    assert (tmp_path / "case.xlsx").stat().st_size <= MOST_BYTES


@pytest.mark.slow
def test_a_large_case_is_refused_with_a_remedy() -> None:
    """Values of many cohorts, and the landings they follow, count among the formulas."""
    case = load_case("neocloud")
    first = case.schedule[0]
    months = [f"{2023 + month // 12}-{month % 12 + 1:02}" for month in range(COHORTS)]
    rows = tuple(first.model_copy(update={"purchase": month, "generation": "H100"}) for month in months)
    large = compose(run_case(case.model_copy(update={"schedule": rows}), ["landing_late"]))
    assert least_formulas(large) > MAX_FORMULAS
    with pytest.raises(OutputError, match=r"formulas in the workbook; allowed are 200,000; join purchases"):
        check_size(large)
    small = compose(run_case(load_case("bitcoin-miner"), []))
    written = sum(lay_out(small, Path("none.xlsx"), record=False).book.formulas.values())
    assert least_formulas(small) <= written
    check_size(small)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "overrides", "scenarios", "horizon"),
    [
        ("neocloud", ["market.mode=resale"], ["hopper_as_seen"], None),
        ("neocloud", ["ledgers.three_year.life_months=1"], [], None),
        ("neocloud", ["terms.physical_life_months=6"], [], 24),
        ("neocloud", ["operations.failure_early_months=0"], [], 60),
        ("neocloud", ["operations.failure_steady_annual=0", "operations.failure_early_annual=0"], [], 12),
        ("meta", ["terms.physical_life_months=12"], ["growth_continues"], 24),
    ],
)
def test_edges_pass_through_every_exit(
    name: str, overrides: list[str], scenarios: list[str], horizon: int | None, tmp_path: Path
) -> None:
    report = compose(run_case(load_case(name), scenarios, overrides, horizon))
    write_workbook(report, tmp_path / "case.xlsx")
    assert payload.text(payload.document(report))
    assert {len(frame) > 0 for frame in all_tables(report).values()} == {True}
    stream = io.StringIO()
    console.print_summary(report, stream)
    assert "base" in stream.getvalue()


@pytest.mark.slow
def test_what_no_scenario_buys_is_not_listed() -> None:
    """The grid keeps room for growth in dollars; a run without that scenario shows no trace of it."""
    report = compose(run_case(load_case("neocloud"), ["landing_late"]))
    document = payload.document(report)
    assert set(document.scenarios["base"].retirement) == {"servers H100", "servers B200", "servers Rubin"}
    for frame in all_tables(report).values():
        assert "reference" not in set(frame.get("generation", []))
    grown = compose(run_case(load_case("neocloud"), ["growth_continues"]))
    assert "servers reference" in payload.document(grown).scenarios["base"].retirement


@pytest.mark.slow
def test_live_inputs_are_linked_not_doubled() -> None:
    from reports.excel.plan import drivers

    for name in ("neocloud", "meta"):
        report = compose(run_case(load_case(name), []))
        assert drivers.typed(report, drivers.drivers(report)) == []
