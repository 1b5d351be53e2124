"""The live workbook as a file: one formula a row, few different ones, no numbers inside, every result stored."""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import openpyxl
import pytest
from openpyxl.formula.tokenizer import Token, Tokenizer
from openpyxl.utils import column_index_from_string, range_boundaries
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from assumptions import load_case, run_case
from reports.excel.plan.outline import EXPLAINED, OF_THE_RISK_RUN, SHEETS
from reports.excel.workbook import write_workbook
from reports.excel.writing.writer import FUNCTIONS, WorkbookError
from reports.record.compose import compose
from reports.record.report import Report
from tests.unit.reports import samples
from tests.unit.reports.references import relative

pytestmark = pytest.mark.slow

RUNS: dict[str, tuple[tuple[str, ...], int]] = {
    "neocloud": (("landing_late", "formats_strand", "power_limited"), 36),
    "bitcoin-miner": ((), 48),
}
SERIES = ("Market", "Worth", "Books", "Economic", "Cash", "Gap")
TYPED = ("Inputs", "Scenarios", "Drivers")
FIRST = 8
UNIVERSAL = {"0", "1", "2", "12"}
BLUE, GREEN, BLACK, NAVY = "FF0000FF", "FF00703C", "FF000000", "FF1F3864"
YELLOW, GREY = "FFFFF9DB", "FFF2F2F2"
CELL_NAME = re.compile(r"([A-Z]{1,3})([0-9]{1,7})", re.IGNORECASE)
ROW_COLUMN = re.compile(r"R[0-9]*(C[0-9]*)?|C[0-9]*", re.IGNORECASE)
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576
MOST = {"neocloud": 1_100, "bitcoin-miner": 600}
LONGEST = {"Checks": 600, "Worth": 300, "Books": 260}
LONGEST_ELSEWHERE = 150
HOSTILE = '=HYPERLINK("https://a.example","x")'


class Found(NamedTuple):
    """A formula and where it stands."""

    sheet: str
    cell: Any


class Opened(NamedTuple):
    """A workbook on disk, its formulas, its stored results, and the run behind it."""

    path: Path
    book: Workbook
    values: Workbook
    report: Report
    formulas: list[Found]


def case(name: str, months: int | None = None) -> Report:
    """A run of a bundled case, shortened."""
    scenarios, horizon = RUNS[name]
    return compose(run_case(load_case(name), list(scenarios), [], months or horizon))


@pytest.fixture(scope="module", params=sorted(RUNS))
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    report = case(request.param)
    path = tmp_path_factory.mktemp("live") / "live.xlsx"
    write_workbook(report, path)
    book, values = openpyxl.load_workbook(path), openpyxl.load_workbook(path, data_only=True)
    cells = [Found(sheet.title, cell) for sheet in book for row in sheet.iter_rows() for cell in row]
    return Opened(path, book, values, report, [found for found in cells if found.cell.data_type == "f"])


def is_cell(name: str) -> bool:
    """Whether a spreadsheet takes a name for an address."""
    if ROW_COLUMN.fullmatch(name):
        return True
    match = CELL_NAME.fullmatch(name)
    if not match:
        return False
    return column_index_from_string(match[1]) <= LAST_COLUMN and 1 <= int(match[2]) <= LAST_ROW


def typed(opened: Opened) -> list[Found]:
    """Every cell that may be typed into."""
    cells = (Found(name, cell) for name in TYPED for row in opened.book[name].iter_rows() for cell in row)
    return [found for found in cells if not found.cell.protection.locked]


def test_sheets_are_all_there_and_none_is_hidden(opened: Opened) -> None:
    assert opened.book.sheetnames == [entry.name for entry in SHEETS if entry.name not in OF_THE_RISK_RUN]
    for sheet in opened.book:
        assert sheet.sheet_state == "visible"
        assert not any(dimension.hidden for dimension in sheet.row_dimensions.values())
        assert not any(dimension.hidden for dimension in sheet.column_dimensions.values())


def test_one_formula_along_every_row_of_months(opened: Opened) -> None:
    rows: dict[tuple[str, int], set[str]] = defaultdict(set)
    for sheet, cell in opened.formulas:
        if sheet in SERIES and cell.column >= FIRST:
            rows[sheet, cell.row].add(relative(cell.value, cell.row, cell.column))
    assert {sheet for sheet, _ in rows} == set(SERIES)
    assert {place for place, found in rows.items() if len(found) > 1} == set()


def test_distinct_formulas_are_few_and_told_on_audit(opened: Opened) -> None:
    distinct: dict[str, set[str]] = {name: set() for name in opened.book.sheetnames}
    longest: dict[str, int] = dict.fromkeys(distinct, 0)
    for sheet, cell in opened.formulas:
        distinct[sheet].add(relative(cell.value, cell.row, cell.column))
        longest[sheet] = max(longest[sheet], len(cell.value))
    told = {row[0]: row[2:4] for row in opened.values["Audit"].iter_rows(min_col=2, max_col=5, values_only=True)}
    assert {name: told[name] for name in distinct} == {name: (len(distinct[name]), longest[name]) for name in distinct}
    assert told["All"] == (len(set().union(*distinct.values())), max(longest.values()))
    assert len(set().union(*distinct.values())) <= MOST[opened.report.case]
    assert {name: size for name, size in longest.items() if size > LONGEST.get(name, LONGEST_ELSEWHERE)} == {}


def test_numbers_in_formulas_are_universal(opened: Opened) -> None:
    for _, cell in opened.formulas:
        numbers = {token.value for token in Tokenizer(cell.value).items if token.subtype == Token.NUMBER}
        assert numbers <= UNIVERSAL, cell.value


def test_functions_are_allowed_and_no_file_is_linked(opened: Opened) -> None:
    for _, cell in opened.formulas:
        called = {
            item.value[:-1] for item in Tokenizer(cell.value).items if item.type == Token.FUNC and item.value[-1] == "("
        }
        assert called <= FUNCTIONS, cell.value
        assert "[" not in cell.value
    with zipfile.ZipFile(opened.path) as archive:
        assert not [name for name in archive.namelist() if re.search("externalLink|vbaProject|embeddings", name)]


def test_every_formula_has_a_stored_result_of_its_kind(opened: Opened) -> None:
    for sheet, cell in opened.formulas:
        result = opened.values[sheet][cell.coordinate].value
        assert result is not None, (sheet, cell.coordinate)
        assert not str(result).startswith("#"), (sheet, cell.coordinate)
        if sheet in SERIES and cell.column >= FIRST:
            assert not isinstance(result, str), (sheet, cell.coordinate)


def test_names_are_safe_and_point_to_one_cell(opened: Opened) -> None:
    assert [is_cell(name) for name in ("H100", "TPU5", "NBV60", "xfd1048576", "R1C1", "rc", "C7")] == [True] * 7
    assert not is_cell("XFE1")
    for name, defined in opened.book.defined_names.items():
        assert re.fullmatch(r"(in|sc|out|chk)_[a-z0-9_]+", name)
        assert not is_cell(name)
        ((sheet, target),) = defined.destinations
        assert sheet in opened.book.sheetnames
        assert re.fullmatch(r"\$[A-Z]+\$[0-9]+", target)


def test_every_typed_cell_is_validated_with_unit_and_source(opened: Opened) -> None:
    rules = {name: opened.book[name].data_validations.dataValidation for name in TYPED}
    covered = {(name, str(area)) for name, found in rules.items() for rule in found for area in rule.sqref.ranges}
    cells = typed(opened)
    assert {sheet for sheet, _ in cells} >= {"Inputs", "Scenarios"}
    assert [(sheet, cell.coordinate) for sheet, cell in cells if (sheet, cell.coordinate) not in covered] == []
    for sheet, cell in cells:
        row = [other.value for other in opened.book[sheet][cell.row]]
        assert any(isinstance(value, str) and value for value in row[1:4]), (sheet, cell.coordinate)
        if sheet == "Inputs":
            assert row[11] or row[15], cell.coordinate


def test_colours_tell_what_a_cell_is(opened: Opened) -> None:
    for sheet, cell in typed(opened):
        assert (cell.font.color.rgb, cell.fill.fgColor.rgb) == (BLUE, YELLOW), (sheet, cell.coordinate)
    for sheet, cell in opened.formulas:
        colour, fill = cell.font.color.rgb, cell.fill.fgColor.rgb
        assert colour in (BLACK, GREEN, NAVY), (sheet, cell.coordinate)
        assert fill != GREY, (sheet, cell.coordinate)
        if colour == GREEN:
            assert "!" in cell.value or re.search(r"(in|sc|out|chk)_[a-z]", cell.value), (sheet, cell.coordinate)


def numbers_of(sheet: Worksheet) -> list[Any]:
    return [
        cell for row in sheet.iter_rows(min_row=7) for cell in row if cell.data_type == "n" and cell.value is not None
    ]


def test_numbers_of_the_program_stand_on_grey(opened: Opened) -> None:
    for name in (*SERIES, "Drivers", "Devices", "Purchases"):
        for cell in numbers_of(opened.book[name]):
            if cell.protection.locked:
                assert cell.fill.fgColor.rgb == GREY, (name, cell.coordinate)


def test_every_sheet_prints_and_keeps_its_head_in_view(opened: Opened) -> None:
    for sheet in opened.book:
        assert sheet.print_area
        assert sheet.page_setup.paperSize in (8, 9)
        assert sheet.sheet_properties.pageSetUpPr is not None
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        head = [cell.value for row in sheet.iter_rows(max_row=6) for cell in row]
        assert {"=chk_master", "=chk_stale"} <= set(head)
    for name in SERIES:
        assert opened.book[name].freeze_panes == "H7"
        assert opened.book[name].print_title_rows == "$1:$6"
    for name, text in EXPLAINED.items():
        assert opened.book[name].freeze_panes
        assert any(cell.value == text for row in opened.book[name].iter_rows(max_row=3) for cell in row)


def test_charts_lie_on_their_printed_page_and_draw_filled_cells(opened: Opened) -> None:
    with zipfile.ZipFile(opened.path) as archive:
        charts = [name for name in archive.namelist() if name.startswith("xl/charts/chart")]
        drawn = "".join(archive.read(name).decode("utf-8") for name in charts)
        anchors = archive.read("xl/drawings/drawing1.xml").decode("utf-8")
    targets = re.findall(r"<c:f>(\w+)!([^<]*)</c:f>", drawn)
    assert targets
    for sheet, target in targets:
        cells = opened.values[sheet][target.replace("$", "")]
        flat = [cell for row in cells for cell in row] if isinstance(cells, tuple) else [cells]
        assert all(cell.value is not None for cell in flat)
    area = str(opened.values["Dashboard"].print_area).split("!")[-1].replace("$", "")
    _, _, last_column, last_row = range_boundaries(area)
    for column, row in re.findall(r"<xdr:to><xdr:col>(\d+)</xdr:col>.*?<xdr:row>(\d+)</xdr:row>", anchors, re.DOTALL):
        assert int(column) <= int(last_column or 0) - 1
        assert int(row) <= int(last_row or 0)


def test_equal_runs_give_equal_bytes(opened: Opened, tmp_path: Path) -> None:
    write_workbook(opened.report, tmp_path / "again.xlsx")
    assert (tmp_path / "again.xlsx").read_bytes() == opened.path.read_bytes()


def test_words_of_others_never_become_formulas(tmp_path: Path) -> None:
    report = case("neocloud", 12)
    first, *others = report.scenarios
    hostile = replace(
        report,
        cohorts=tuple(f"{HOSTILE} {place}" for place in range(len(report.cohorts))),
        scenarios=(replace(first, sentence=HOSTILE, title=samples.HOSTILE[1]), *others),
        segments=tuple(f"={name}" for name in report.segments),
    )
    written = write_workbook(hostile, tmp_path / "hostile.xlsx")
    book = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    counted = sum(cell.data_type == "f" for sheet in book for row in sheet.iter_rows() for cell in row)
    assert counted == sum(written.formulas.values())
    calls = [cell for sheet in book for row in sheet.iter_rows() for cell in row if "HYPERLINK(" in str(cell.value)]
    assert calls
    assert {cell.data_type for cell in calls} == {"s"}


def test_too_many_formulas_are_refused_before_a_file_stands(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("reports.excel.writing.writer.MAX_FORMULAS", 1_000)
    with pytest.raises(WorkbookError, match=r"allowed are 1,000; join purchases"):
        write_workbook(case("bitcoin-miner", 12), tmp_path / "large.xlsx")
    assert not (tmp_path / "large.xlsx").exists()
