"""The workbook of a risk run: the sheets that it adds, what stands in them, and what is told of them."""

from __future__ import annotations

import io
import json
import math
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.utils import range_boundaries
from openpyxl.workbook import Workbook

from assumptions import Execution, Sampling, Tornado, load_case
from assumptions.levers.sensitivity import TornadoRow
from reports.excel.plan.drawn import RiskPages, drawn_from
from reports.excel.plan.outline import AUDIT, GUIDE, OF_THE_RISK_RUN, RISK, SENSITIVITY, SHEETS
from reports.excel.workbook import lay_out
from reports.excel.writing.writer import TooManyFormulasError
from reports.record.risk import RiskReport
from reports.runs import readback
from reports.runs.evaluation import Request, evaluate_and_write
from reports.runs.readback import Verdict, check_verdict, verify
from reports.runs.risk import Changes, simulate_and_write
from tests.unit.reports import tampering
from valuation.errors import AssumptionError

pytestmark = pytest.mark.slow

PATHS, SEED = 16, 5
FLAG, TITLE = "C3", "B3"
MILLION = 1e6


@pytest.fixture(scope="module", autouse=True)
def _few_replicates() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assumptions.risk.riskrequest.REPLICATES", 2)
        yield


def simulated(folder: Path) -> Path:
    """A small risk run of the base and a scenario, written to a folder; its workbook."""
    run_to(folder)
    return folder / "bitcoin-miner.xlsx"


def run_to(folder: Path | None) -> RiskReport:
    case = load_case("bitcoin-miner")
    changes = Changes(["dry_season"], ["terms.required_return_annual=0.14"])
    wanted = Sampling(PATHS, SEED)
    return simulate_and_write(case, wanted, changes, folder, ["obsolesce"], execution=Execution(), quiet=True)[0]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return simulated(tmp_path_factory.mktemp("risk") / "out")


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def values(path: Path) -> Workbook:
    return openpyxl.load_workbook(path, data_only=True)


@pytest.fixture(scope="module")
def risk(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.with_name("results.json").read_text(encoding="utf-8"))["risk"]
    return found


@pytest.fixture(scope="module")
def untouched(path: Path) -> Verdict:
    return verify(path)


def rows_of(values: Workbook, sheet: str) -> list[tuple[Any, ...]]:
    return list(values[sheet].iter_rows(values_only=True))


def blocks(values: Workbook) -> Iterator[tuple[str, str, str, dict[str, list[Any]]]]:
    """Scenario, table and label of every figure, and its columns: it, its standard error, the ends of its interval."""
    rows, scenario, table = rows_of(values, RISK), "", ""
    heads: tuple[Any, ...] = ()
    for place, row in enumerate(rows):
        if str(row[1]).startswith("Scenario ") and ":" in str(row[1]) and row[2] is None:
            scenario = str(row[1]).removeprefix("Scenario ").partition(":")[0]
        if row[1] == "Figure":
            table, heads = str(rows[place - 1][1]), row[3:13]
        if place + 1 < len(rows) and rows[place + 1][1] == "standard error":
            four = rows[place : place + 4]
            columns = {str(head): [each[3 + at] for each in four] for at, head in enumerate(heads) if head}
            yield scenario, table, str(row[1]), columns


def same(cells: list[Any], figure: dict[str, Any], scale: float = 1.0) -> bool:
    """Whether the four cells hold a figure of the results."""
    names = ("value", "standard_error", "low", "high")
    pairs = zip(cells, (figure[name] for name in names), strict=True)
    return all(
        isinstance(cell, str) if found is None else math.isclose(cell * scale, found, rel_tol=1e-14)
        for cell, found in pairs
    )


def test_sheets_are_there_with_a_risk_run_only(path: Path, book: Workbook, tmp_path: Path) -> None:
    assert book.sheetnames == [entry.name for entry in SHEETS]
    case, request = load_case("bitcoin-miner"), Request([], [])
    _, written = evaluate_and_write(case, request, tmp_path / "out", [], shown=False, wanted=False)
    plain = openpyxl.load_workbook(next(each for each in written if each.suffix == ".xlsx"))
    assert plain.sheetnames == [entry.name for entry in SHEETS if entry.name not in OF_THE_RISK_RUN]
    listed = {cell.value for cell in plain[GUIDE]["B"]}
    assert not listed & OF_THE_RISK_RUN
    assert {cell.value for cell in book[GUIDE]["B"]} >= OF_THE_RISK_RUN


def test_nothing_is_hidden_and_everything_is_set_up_for_print(book: Workbook) -> None:
    for name in sorted(OF_THE_RISK_RUN):
        sheet = book[name]
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())
        assert sheet.print_area
        fitted = sheet.sheet_properties.pageSetUpPr
        assert fitted is not None
        assert fitted.fitToPage
        assert sheet.page_setup.fitToHeight == 0


def test_figures_are_those_of_the_results(values: Workbook, risk: dict[str, Any]) -> None:
    labels = {"NPV": "npv_usd", "Internal rate of return": "irr", "Largest write-down": "peak_write_down_usd"}
    columns = {"mean": "mean", "5 %": "p5", "25 %": "p25", "median": "p50", "75 %": "p75", "95 %": "p95"}
    columns |= {"value at risk 95 % (loss)": "value_at_risk_95", "worst 5 %: mean loss": "tail_mean_95"}
    columns |= {"paths that have it": "exists"}
    compared = 0
    for scenario, table, label, cells in blocks(values):
        if table != "What the paths come to" or label not in labels:
            continue
        figures = risk["scenarios"][scenario]["figures"][labels[label]]
        for heading, name in columns.items():
            if name in figures:
                scale = MILLION if labels[label].endswith("_usd") and name != "exists" else 1.0
                assert same(cells[heading], figures[name], scale), (scenario, label, heading)
                compared += 1
    assert compared == 2 * (9 + 7 + 9)


def test_months_and_retirement_are_those_of_the_results(values: Workbook, risk: dict[str, Any]) -> None:
    labels = {"Half of cost is lost": "t50_months", "Nine tenths of cost are lost": "t90_months"}
    compared = 0
    for scenario, table, label, cells in blocks(values):
        found = risk["scenarios"][scenario]
        if label in labels:
            figures = found["figures"][labels[label]]
        elif table.startswith("The last devices"):
            figures = found["retirement_months"][label]
        else:
            continue
        for heading, name in {"mean": "mean", "5 %": "p5", "median": "p50", "95 %": "p95"}.items():
            assert same(cells[heading], figures[name]), (scenario, label, heading)
            compared += 1
    assert compared >= 2 * 4 * 3


def test_years_are_those_of_the_results(values: Workbook, risk: dict[str, Any]) -> None:
    compared = 0
    for scenario, table, label, cells in blocks(values):
        found = risk["scenarios"][scenario]
        if table.startswith("Value in exchange"):
            value, books = found["value_in_exchange_usd"][label], found["carrying_amount_usd"][label]
            for heading, name in {"mean": "mean", "5 %": "p5", "median": "p50", "95 %": "p95"}.items():
                assert same(cells[f"value: {heading}"], value[name], MILLION), (label, heading)
            assert same(cells["books: mean"], books["mean"], MILLION)
            assert same(cells["books impaired then"], found["impaired_at"][label])
            assert same(cells["impaired by then"], found["impaired_by"][label])
            assert same(cells["largest write-down then"], found["peak_write_down_at"][label])
            compared += 1
        elif table.startswith("Hidden"):
            hidden = found["hidden_depreciation_usd"][label.removeprefix("FY")]
            assert same(cells["mean"], hidden["mean"], MILLION)
            assert same(cells["worst 5 %: mean loss"], hidden["tail_mean_95"], MILLION)
            compared += 1
    assert compared > 10


def test_conditions_differences_and_the_joint_table_are_those_of_the_results(
    values: Workbook, risk: dict[str, Any]
) -> None:
    joint: dict[str, list[Any]] = {name: [] for name in risk["scenarios"]}
    for scenario, table, label, cells in blocks(values):
        found = risk["scenarios"][scenario]
        if table.startswith("Largest write-down against"):
            joint[scenario] += cells.values()
        elif table.startswith("What the scenario changes"):
            name = "npv_usd" if label.startswith("NPV") else "peak_write_down_usd"
            assert same(cells["median"], found["against_base"][name][""]["p50"], MILLION)
        elif table.startswith("Given") and label != "All paths":
            met = list(found["conditions"].values())
            assert any(same(cells["share of paths"], each["share"]) for each in met)
            assert any(same(cells["NPV: mean"], each["figures"]["npv_usd"]["mean"], MILLION) for each in met)
    for scenario, shares in joint.items():
        listed = risk["scenarios"][scenario]["joint"]
        assert len(shares) == len(listed)
        assert all(same(four, each["share"]) for four, each in zip(shares, listed, strict=True))


def test_what_was_drawn_is_told(values: Workbook, risk: dict[str, Any]) -> None:
    facts = {row[1]: row[2] for row in rows_of(values, RISK)}
    assert facts["Paths of each scenario"] == "16, the same draws in all scenarios"
    assert facts["Sampler"] == "scrambled Sobol points (sobol)"
    assert facts["Seed"] == "5"
    assert facts["Independent scramblings"] == "2, each of 8 paths"
    assert facts["Inputs and what is random"] == f"fingerprint {risk['digest']}"
    audit = {row[1]: row[2] for row in rows_of(values, AUDIT)}
    for word in ("16 paths", "Sobol", "seed 5", risk["digest"]):
        assert word in audit["Random draws"]


def test_every_input_raises_the_flag(book: Workbook, values: Workbook) -> None:
    for name in sorted(OF_THE_RISK_RUN):
        assert book[name][TITLE].value == "These results belong to"
        assert values[name][FLAG].value == "inputs as simulated"
        formula = str(book[name][FLAG].value)
        assert "run again" in formula
        assert "Inputs!$G$" in formula
    # Numbers typed for scenarios stand on other sheets; each is watched beside its exported value.
    watched = {
        str(row[16].value) for row in book[RISK].iter_rows() if len(row) > 16 and str(row[16].value).startswith("=IF(")
    }
    typed = {cell.coordinate for row in book["Drivers"].iter_rows() for cell in row if not cell.protection.locked}
    assert typed
    assert {found[1] for each in watched if (found := re.match(r"=IF\(Drivers!([A-Z]+\d+)=", each))} == typed


def test_charts_lie_on_the_printed_page_and_draw_filled_cells(path: Path, values: Workbook) -> None:
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if re.fullmatch(r"xl/drawings/drawing\d+\.xml", name)]
        charts = [archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/charts/chart")]
        sheets = {}
        for number, name in enumerate(values.sheetnames, start=1):
            relations = f"xl/worksheets/_rels/sheet{number}.xml.rels"
            if relations in archive.namelist():
                found = re.search(r"drawings/(drawing\d+\.xml)", archive.read(relations).decode())
                if found:
                    sheets[name] = archive.read(f"xl/drawings/{found[1]}").decode()
    assert parts
    assert set(sheets) >= OF_THE_RISK_RUN
    ours = [chart for chart in charts if f"<c:f>{RISK}!" in chart or f"<c:f>{SENSITIVITY}!" in chart]
    assert len(ours) == 2 * 2 + 1  # no tornado: rents of this case are calibrated to an NPV of nothing
    for sheet, target in re.findall(r"<c:f>(\w+)!([^<]*)</c:f>", "".join(ours)):
        cells = values[sheet][target.replace("$", "")]
        flat = [cell for row in cells for cell in row] if isinstance(cells, tuple) else [cells]
        assert all(cell.value is not None for cell in flat), (sheet, target)
    for name in sorted(OF_THE_RISK_RUN):
        area = str(values[name].print_area).split("!")[-1].replace("$", "")
        _, _, last_column, last_row = range_boundaries(area)
        ends = re.findall(r"<xdr:to><xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)</xdr:row>", sheets[name], re.DOTALL)
        assert ends
        for column, row in ends:
            assert int(column) <= int(last_column or 0) - 1
            assert int(row) <= int(last_row or 0)


def test_two_runs_give_the_same_bytes(path: Path, tmp_path: Path) -> None:
    assert simulated(tmp_path / "again").read_bytes() == path.read_bytes()
    assert path.stat().st_size < 2_000_000


def test_verify_proves_the_rest_and_says_what_it_leaves(path: Path, untouched: Verdict) -> None:
    assert untouched.stored is not None
    assert untouched.stored.differences == []
    check_verdict(path, untouched, recalculate=False)
    screen = io.StringIO()
    readback.print_verdict(path, untouched, screen)
    told = " ".join(screen.getvalue().split())
    assert "sheets Risk and Sensitivity are not read or compared" in told
    assert "they hold a risk run (16 paths, sobol, seed 5)" in told


def test_verify_finds_what_was_drawn_to_be_changed(path: Path, tmp_path: Path) -> None:
    row = next(row for row in openpyxl.load_workbook(path)[AUDIT].iter_rows() if row[1].value == "Random draws")
    copy = tampering.with_cells(
        path, tmp_path / "told.xlsx", {(AUDIT, row[2].coordinate): tampering.text("9,999 paths a scenario")}
    )
    with pytest.raises(AssumptionError, match="not what the inputs give"):
        check_verdict(copy, verify(copy), recalculate=False)


def test_read_finds_a_change(path: Path, tmp_path: Path) -> None:
    copy = tampering.typed(path, tmp_path / "typed.xlsx", {"in_operations_pue": tampering.number(1.3)})
    found = readback.read_for(copy, None)
    assert [edit.key for edit in found.edits] == ["operations.pue"]
    assert found.origin.drawn is not None
    assert (found.origin.drawn.paths, found.origin.drawn.seed, found.origin.drawn.sampler) == (16, 5, "sobol")


@pytest.mark.parametrize(
    "change",
    [
        {"paths": "many"},
        {"seed": -1},
        {"seed": True},
        {"sampler": "dice"},
        {"precision": "half"},
        {"ledger": 3},
        {"more": 1},
        {"paths": 1e3},
    ],
)
def test_settings_that_no_run_writes_are_refused(change: dict[str, Any]) -> None:
    numbers = {"paths": 16, "seed": 1, "replicates": 2}
    settings = {"sampler": "sobol", "precision": "double", "ledger": "three_year", **numbers}
    assert drawn_from(settings, "digest").settings == settings
    with pytest.raises((TypeError, ValueError)):
        drawn_from({**settings, **change}, "digest")


def test_paths_are_kept_where_a_workbook_would_be_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise TooManyFormulasError("the workbook would hold 300,000 formulas")

    monkeypatch.setattr("reports.excel.workbook.write_workbook", refuse)
    assert not simulated(tmp_path / "out").exists()
    assert tmp_path.joinpath("out", "results.json").exists()


def test_a_tornado_stands_with_its_changes_and_its_widest_bar_in_the_football_field(tmp_path: Path) -> None:
    rows = (
        TornadoRow("operations.pue", "ratio", 1.0, 1.1, 1.3, 9e6, -2e6, 11e6),
        TornadoRow("terms.required_return_annual", "rate", 0.0, 1e-6, 250.0, math.nan, 5e6, 1e6),
    )
    found = run_to(None)
    tornado = Tornado("bitcoin-miner", "base", "npv_usd", 3e6, 4e6, rows, ("market.paid_share",), ("A note.",))
    cells = lay_out(found.report, tmp_path / "none.xlsx", pages=RiskPages(found, tornado)).book.cells[SENSITIVITY]
    label = next(row.label for row in found.report.assumptions if row.key == "operations.pue")
    (row,) = [row for (row, column), cell in cells.items() if column == 1 and cell.value == label]
    shown = [cells[row, column].value for column in range(3, 11)]
    assert shown == [1.0, 1.1, 1.3, 9.0, -2.0, 5.0, -6.0, 11.0]
    assert [cells[row + 1, column].value for column in (6, 7, 8, 9)] == ["–", 5.0, 0.0, 1.0]
    bar = next(row for (row, column), cell in cells.items() if cell.value == f"base: {label}")
    assert [cells[bar, column].value for column in (3, 4, 5)] == [-2.0, 4.0, 9.0]
    # Drawn from zero up and from zero down: blank, lower and upper part above; blank, upper and lower part below.
    assert [cells[bar, column].value for column in range(14, 20)] == [0.0, 4.0, 5.0, 0.0, 0.0, -2.0]
    texts = {cell.value for cell in cells.values()}
    assert {"A note.", "Move nothing by themselves: market.paid_share."} <= texts
