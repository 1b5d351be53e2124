"""The workbook as a file: no office program is needed to see whether it is put together as it should be."""

from __future__ import annotations

import errno
import io
import re
import tempfile
import zipfile
from collections import defaultdict
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import get_column_letter, range_boundaries
from openpyxl.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from reports.excel.plan.outline import OF_THE_CHAIN, OF_THE_RISK_RUN, SHEETS
from reports.excel.workbook import write_workbook
from reports.excel.writing import writer
from reports.excel.writing.writer import WorkbookError, stored
from reports.screen.console import print_summary
from tests.unit.reports import samples
from tests.unit.reports.references import relative
from valuation.engine import evaluate

SERIES = ("Books", "Economic", "Gap")
UNIVERSAL = {"0", "1", "12"}
LONGEST = 150
DISTINCT = 60
CELL_NAME = re.compile(r"[A-Z]{1,3}[0-9]{1,7}|R[0-9]*C[0-9]*", re.IGNORECASE)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("workbook") / "sample.xlsx"
    write_workbook(samples.report(), file)
    return file


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return openpyxl.load_workbook(path)


@pytest.fixture(scope="module")
def values(path: Path) -> Workbook:
    return openpyxl.load_workbook(path, data_only=True)


def formulas(book: Workbook) -> list[tuple[str, Any]]:
    return [(sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_a_full_disk_leaves_neither_file_nor_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "mkstemp", refuse)
    with pytest.raises(OSError, match="No space left on device") as caught:
        write_workbook(samples.report(), tmp_path / "sample.xlsx")
    assert type(caught.value) is OSError
    assert not list(tmp_path.iterdir())


def test_sheets_stand_in_the_order_of_the_outline_and_none_is_hidden(book: Workbook) -> None:
    assert book.sheetnames == [entry.name for entry in SHEETS if entry.name not in OF_THE_CHAIN | OF_THE_RISK_RUN]
    for sheet in book:
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())


def test_one_formula_along_every_row_of_months(book: Workbook) -> None:
    distinct = set()
    for name in SERIES:
        rows: dict[int, set[str]] = defaultdict(set)
        for sheet, cell in formulas(book):
            if sheet == name and cell.column >= 8:
                rows[cell.row].add(relative(cell.value, cell.row, cell.column))
        assert {row for row, found in rows.items() if len(found) > 1} == set()
        distinct |= {re.sub(r"\d+", "#", text) for found in rows.values() for text in found}
    assert len(distinct) < DISTINCT


def test_every_row_of_months_is_full(book: Workbook) -> None:
    last = 7 + samples.report().results.inputs.timeline.forecast_periods
    for name in SERIES:
        counts: dict[int, int] = defaultdict(int)
        for sheet, cell in formulas(book):
            if sheet == name and cell.column >= 8:
                counts[cell.row] += 1
        assert set(counts.values()) == {last - 7}


def test_formulas_are_short_and_hold_no_numbers_but_universal_ones(book: Workbook) -> None:
    for sheet, cell in formulas(book):
        assert len(cell.value) <= LONGEST or sheet == "Checks", cell.value
        tokens = Tokenizer(cell.value).items
        numbers = {token.value for token in tokens if token.subtype == Token.NUMBER}
        assert numbers <= UNIVERSAL, cell.value
        assert "[" not in cell.value


def test_every_formula_has_a_stored_result(book: Workbook, values: Workbook) -> None:
    for sheet, cell in formulas(book):
        result = values[sheet][cell.coordinate].value
        assert result is not None, (sheet, cell.coordinate)
        assert not str(result).startswith("#")


def test_stored_results_are_the_engine_s(values: Workbook) -> None:
    report, cover = samples.report(), values["Cover"]
    gap = next(row for row in cover.iter_rows(values_only=True) if row[1] == "Three-year books")[7]
    assert gap == pytest.approx(report.summary.as_of.gap["three_year"][0] / 1e6, rel=1e-11)


def test_names_are_safe_and_point_to_one_cell(book: Workbook) -> None:
    assert {"sc_name", "sc_number", "chk_master", "chk_stale", "out_economic_value"} <= set(book.defined_names)
    for name, defined in book.defined_names.items():
        assert re.fullmatch(r"(in|sc|out|chk)_[a-z0-9_]+", name)
        assert not CELL_NAME.fullmatch(name)
        ((sheet, target),) = defined.destinations
        assert sheet in book.sheetnames
        assert ":" not in target


def test_names_of_ledgers_may_have_capitals(tmp_path: Path) -> None:
    found = samples.inputs()
    first, *others = found.ledgers
    run = evaluate(replace(found, ledgers=(replace(first, name="IFRS"), *others)))
    file = tmp_path / "capitals.xlsx"
    write_workbook(replace(samples.report(), results=run, sensitivities=(), plans=()), file)
    assert "out_gap_ifrs" in openpyxl.load_workbook(file).defined_names


def test_every_typed_number_is_validated_and_marked(book: Workbook) -> None:
    sheet = book["Inputs"]
    covered = {str(rule.sqref) for rule in sheet.data_validations.dataValidation}
    for row in sheet.iter_rows(min_col=5, max_col=5):
        (cell,) = row
        if not cell.protection.locked and cell.data_type == "n" and cell.value is not None:
            assert cell.coordinate in covered
            assert cell.font.color.rgb == "FF0000FF"


def test_selector_offers_the_scenarios(book: Workbook) -> None:
    sheet = book["Scenarios"]
    (rule,) = sheet.data_validations.dataValidation
    assert rule.type == "list"
    area = rule.formula1.replace("$", "")
    assert [cell.value for (cell,) in sheet[area]] == list(samples.SCENARIOS)


def test_hostile_words_stay_words(book: Workbook) -> None:
    texts = {cell.value: cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "s"}
    for text in samples.HOSTILE:
        assert text in texts, text
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    links = {cell.hyperlink.target for cell in cells if cell.hyperlink and cell.hyperlink.target}
    assert links == {text for text in samples.HOSTILE if text.startswith("https://")}


def test_every_sheet_is_set_up_for_print_and_shows_the_master_check(book: Workbook) -> None:
    for sheet in book:
        assert sheet.print_area
        set_up = sheet.sheet_properties.pageSetUpPr
        assert set_up is not None
        assert set_up.fitToPage
        assert sheet.page_setup.paperSize in (8, 9)
        head = [cell.value for row in sheet.iter_rows(max_row=6) for cell in row]
        assert "=chk_master" in head
        assert "=chk_stale" in head
    for name in SERIES:
        assert book[name].freeze_panes == "H7"
        assert book[name].print_title_rows == "$1:$6"


def test_charts_lie_on_their_printed_page_and_draw_filled_cells(path: Path, values: Workbook) -> None:
    with zipfile.ZipFile(path) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        drawn = "".join(archive.read(name).decode("utf-8") for name in charts)
        anchors = archive.read("xl/drawings/drawing1.xml").decode("utf-8")
    assert len(charts) == 3
    for sheet, target in re.findall(r"<c:f>(\w+)!([^<]*)</c:f>", drawn):
        cells = values[sheet][target.replace("$", "")]
        flat = [cell for row in cells for cell in row] if isinstance(cells, tuple) else [cells]
        assert all(cell.value is not None for cell in flat)
    area = str(values["Dashboard"].print_area).split("!")[-1].replace("$", "")
    _, _, last_column, last_row = range_boundaries(area)
    for column, row in re.findall(r"<xdr:to><xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)</xdr:row>", anchors, re.DOTALL):
        assert int(column) <= int(last_column or 0) - 1
        assert int(row) <= int(last_row or 0)


def test_equal_runs_give_equal_bytes(path: Path, tmp_path: Path) -> None:
    write_workbook(samples.report(), tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == path.read_bytes()


def test_short_cut_of_the_writer_changes_no_byte(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "PlainWorksheet", Worksheet)
    write_workbook(samples.report(), tmp_path / "stock.xlsx")
    assert (tmp_path / "stock.xlsx").read_bytes() == path.read_bytes()


@pytest.mark.parametrize("scenario", range(3))
def test_any_scenario_may_be_the_one_shown(scenario: int, tmp_path: Path) -> None:
    file = tmp_path / "shown.xlsx"
    written = write_workbook(samples.report(), file, shown=scenario)
    found = openpyxl.load_workbook(file, data_only=True, read_only=True)
    assert found["Scenarios"]["C4"].value == samples.SCENARIOS[scenario]
    assert sum(written.formulas.values()) > 20_000


def test_only_finite_values_may_be_stored() -> None:
    assert stored(np.float64(1.5)) == 1.5
    assert stored(np.int64(3)) == 3.0
    assert stored(date(1900, 3, 1)) == 61
    refused: tuple[Any, ...] = (float("nan"), float("inf"), None, object(), [1.0])
    for bad in refused:
        with pytest.raises(WorkbookError):
            stored(bad)


def test_numpy_truth_is_stored_as_a_number() -> None:
    assert isinstance(stored(np.bool_(True)), float)


@pytest.mark.parametrize("name", ["H100", "in_A1!", "MI300", "in_Größe", "TPU5"])
def test_names_that_are_cells_or_odd_are_refused(name: str, tmp_path: Path) -> None:
    book = writer.Workbook(tmp_path / "x.xlsx", date(2026, 9, 30))
    with pytest.raises(WorkbookError, match="no name"):
        book.name_cell(name, "Cover", 0, 0)


def test_newer_functions_and_refusals_of_the_library_raise(tmp_path: Path) -> None:
    book = writer.Workbook(tmp_path / "x.xlsx", date(2026, 9, 30))
    sheet = book.add_sheet("Cover", "front")
    with pytest.raises(WorkbookError, match="XLOOKUP"):
        sheet.formula(0, 0, "=XLOOKUP(1,A1:A2,B1:B2)", 1.0)
    with pytest.raises(WorkbookError, match="refused"):
        sheet.number(2_000_000, 0, 1.0)


def test_columns_of_the_sample_reach_where_they_should(book: Workbook) -> None:
    last = get_column_letter(7 + samples.report().results.inputs.timeline.forecast_periods)
    assert book["Books"][f"{last}5"].value.endswith("+1")


def test_an_end_without_a_solution_is_told_and_not_counted(tmp_path: Path) -> None:
    report = samples.report()
    gone = {ledger: float("nan") for ledger in report.ledgers}
    first, *others = report.sensitivities
    changed = replace(report, sensitivities=(replace(first, gap_low=gone), *others))
    write_workbook(changed, tmp_path / "sample.xlsx")
    cells = openpyxl.load_workbook(tmp_path / "sample.xlsx", data_only=True)["Cover"].iter_rows(values_only=True)
    assert any("no solution" in row for row in cells)
    stream = io.StringIO()
    print_summary(changed, stream)
    assert "–" in stream.getvalue()
