"""Schedules as they are read: on screen, and in CSV, Parquet and XLSX files that hold the same numbers."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pyarrow import parquet
from rich.console import Console

from assumptions import Question, RegisterRun
from reports.answers.schedules import (
    DETAIL_COLUMNS,
    TOTAL_COLUMNS,
    print_schedule,
    print_skipped,
    run_and_write,
    schedule_table,
    total_rows,
)
from reports.files import streams
from reports.files.streams import StreamError, check_apart, check_path, open_stream
from tests.unit.registers import STRAIGHT, read, run, table
from valuation.books.register import MEASURES

ASSETS = table(
    f"{STRAIGHT},asset_class",
    "one,4000000.55,400000,2024-03-01,60,servers",
    "two,3000000,0,2024-09-15,72,servers",
    "switch,90000.10,0,2024-01-31,84,network",
)
EVENTS = table(
    "asset,date,event,amount_usd,proceeds_usd,share",
    "one,2025-05-10,write_down,700000,,",
    "two,2026-01-20,disposal,,900000.5,0.25",
)
HUGE = table(STRAIGHT, "a,9000000000000,0,2024-01-01,60", "b,9000000000000,1,2024-01-01,60")


@pytest.fixture
def found(tmp_path: Path) -> RegisterRun:
    return run(tmp_path, Question(as_of="2026-06-30"), assets=ASSETS, events=EVENTS)


def shown(run: RegisterRun, number: int, width: int) -> list[str]:
    """Lines of a table on a terminal of some width."""
    stream = io.StringIO()
    Console(file=stream, width=width).print(schedule_table(run, number, width))
    return [line.rstrip() for line in stream.getvalue().splitlines()]


def test_screen_has_every_book_and_class(found: RegisterRun) -> None:
    stream = io.StringIO()
    print_schedule(found, stream)
    text = stream.getvalue()
    assert "assets.csv, books, network, USD" in text
    assert "carrying amount on 2026-06-30, books, network: 57,857.21 USD" in text
    assert "12,857.16" in text


def test_columns_without_an_amount_are_left_out(found: RegisterRun) -> None:
    assert shown(found, 0, 100)[1].split() == ["period", "opening", "additions", "depreciation", "closing"]
    heads = " ".join(shown(found, 1, 100)[1:3]).split()
    assert {"written", "down", "disposals", "proceeds", "gain", "loss"} <= set(heads)


@pytest.mark.parametrize("width", [80, 100])
@pytest.mark.parametrize("number", [0, 1])
def test_no_digit_is_cut_off(number: int, width: int, found: RegisterRun) -> None:
    lines = shown(found, number, width)
    assert not [line for line in lines if "…" in line or len(line) > width]
    periods = [line.split()[0] for line in lines if line.startswith("FY")]
    assert periods == [f"FY{year}" for year in range(2024, 2031)]


@pytest.mark.parametrize("width", [80, 100])
def test_the_largest_amounts_fit_in_a_larger_unit_that_is_named(width: int, tmp_path: Path) -> None:
    lines = shown(run(tmp_path, assets=HUGE), 0, width)
    assert not [line for line in lines if "…" in line or len(line) > width]
    unit = lines[0].rpartition(", ")[2]
    # A salvage of one dollar stays in the closing amount, rounded away in such a unit.
    assert {"USD m": "18,000,000.0", "USD thousand": "18,000,000,000"}[unit] in lines[2].split()


def test_fewer_decimals_are_labelled(found: RegisterRun) -> None:
    assert shown(found, 1, 100)[0].endswith("USD, without cents")
    assert shown(found, 1, 200)[0].endswith("servers, USD")


def test_csv_round_trip(found: RegisterRun, tmp_path: Path) -> None:
    register = read(tmp_path, assets=ASSETS, events=EVENTS)
    out, detail = tmp_path / "out.csv", tmp_path / "detail.csv"
    done = run_and_write(register, Question(), out, detail, wanted=False)
    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == TOTAL_COLUMNS
    read_back = [tuple(float(row[f"{name}_usd"]) for name in MEASURES) for row in rows]
    assert read_back == [row[4:] for row in total_rows(done)]
    with detail.open(encoding="utf-8", newline="") as file:
        single = list(csv.DictReader(file))
    assert tuple(single[0]) == DETAIL_COLUMNS
    charged = sum(float(row["depreciation_usd"]) for row in single if row["asset"] != "switch")
    assert charged == pytest.approx(float(done.totals["depreciation"][1]), abs=1e-6)
    assert {row["period_end"] for row in single if row["period"] == "FY2026"} == {"2026-12"}


def test_parquet_holds_the_same(tmp_path: Path) -> None:
    register = read(tmp_path, assets=ASSETS, events=EVENTS)
    out, detail = tmp_path / "out.parquet", tmp_path / "detail.parquet"
    done = run_and_write(register, Question(by="month"), out, detail, wanted=False)
    found = parquet.read_table(out)
    assert tuple(found.column_names) == TOTAL_COLUMNS
    assert [tuple(row.values()) for row in found.to_pylist()] == list(total_rows(done))
    single = parquet.read_table(detail).to_pydict()
    assert sum(single["additions_usd"]) == pytest.approx(7_090_000.65)
    assert set(single["asset"]) == {"one", "two", "switch"}


def test_workbook_has_formulas_with_stored_values(tmp_path: Path) -> None:
    register = read(tmp_path, assets=ASSETS, events=EVENTS)
    out = tmp_path / "out.xlsx"
    done = run_and_write(register, Question(), out, None, wanted=False)
    live, stored = openpyxl.load_workbook(out), openpyxl.load_workbook(out, data_only=True)
    assert live.sheetnames == ["Schedule 1", "Schedule 2", "Assets"]
    sheet: Any = live["Schedule 2"]
    last = sheet.max_row
    assert sheet["D4"].value == "depreciation"
    assert sheet.cell(last, 4).value == f"=SUM(D5:D{last - 1})"
    assert sheet["J5"].value == "=B5+C5-D5-E5-F5-G5"
    assert stored["Schedule 2"].cell(last, 4).value == pytest.approx(float(done.totals["depreciation"][1]))
    assert stored["Schedule 2"]["J5"].value == 0
    heads = [cell.value for cell in live["Assets"][4]]
    assert heads == ["asset", "book", "asset_class", "cost_usd", "salvage_usd", "in_service", "life_months"]


def test_detail_as_a_workbook(tmp_path: Path) -> None:
    detail = tmp_path / "detail.xlsx"
    run_and_write(read(tmp_path, assets=ASSETS), Question(), None, detail, wanted=False)
    rows = list(openpyxl.load_workbook(detail).worksheets[0].iter_rows(values_only=True))
    assert rows[0] == DETAIL_COLUMNS
    assert {row[0] for row in rows[1:]} == {"one", "two", "switch"}


def test_rows_that_do_not_fit_a_sheet_are_refused_with_their_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "MAX_ROWS", 10)
    before, detail = sorted(tmp_path.iterdir()), tmp_path / "detail.xlsx"
    register = read(tmp_path, assets=ASSETS)
    with pytest.raises(StreamError, match=r"21 rows do not fit a sheet; allowed are 10; write \.csv or \.parquet"):
        run_and_write(register, Question(), None, detail, wanted=False)
    assert not detail.exists()
    assert {path.name for path in tmp_path.iterdir()} == {*(path.name for path in before), "assets.csv"}


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".xlsx"])
def test_a_table_appears_whole_or_not_at_all(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"t{suffix}"
    path.write_text("before", encoding="utf-8")

    def fail() -> None:
        with open_stream(path, ("name", "amount_usd")) as stream:
            stream.write([("a", 1.0)])
            raise ValueError("halfway")

    with pytest.raises(ValueError, match="halfway"):
        fail()
    assert [found.name for found in tmp_path.iterdir()] == [path.name]
    assert path.read_text(encoding="utf-8") == "before"


def test_text_that_looks_like_a_formula_is_made_safe(tmp_path: Path) -> None:
    with open_stream(tmp_path / "t.csv", ("name", "amount_usd")) as stream:
        stream.write([("=1+1", -1.5)])
    assert (tmp_path / "t.csv").read_text(encoding="utf-8") == "name,amount_usd\n'=1+1,-1.5\n"


def test_paths_are_checked_before_anything_is_computed(tmp_path: Path) -> None:
    source = tmp_path / "in.csv"
    source.write_text("x", encoding="utf-8")
    for path, told in (
        (source, "it is one of the inputs"),
        (tmp_path / "sub" / ".." / "in.csv", "not a file in a folder that exists"),
        (tmp_path / "none" / "out.csv", "not a file in a folder that exists"),
        (tmp_path / "out.txt", "unknown kind of file"),
        (tmp_path / "out", "unknown kind of file"),
    ):
        with pytest.raises(StreamError, match=told):
            check_path(path, (source, None))
    linked = tmp_path / "link.csv"
    linked.symlink_to(source)
    with pytest.raises(StreamError, match="it is one of the inputs"):
        check_path(linked, (source,))
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(StreamError, match="not a file"):
        check_path(tmp_path / "folder.csv", ())


def test_two_tables_never_share_a_file(tmp_path: Path) -> None:
    check_apart(tmp_path / "a.csv", tmp_path / "b.csv")
    check_apart(None, None)
    with pytest.raises(StreamError, match="asked for twice"):
        check_apart(tmp_path / "a.csv", tmp_path / "." / "a.csv")


def test_skipped_rows_are_one_line_each() -> None:
    stream = io.StringIO()
    print_skipped(["one\nrow", "another"], stream)
    assert stream.getvalue() == "skipped: one row\nskipped: another\n"
