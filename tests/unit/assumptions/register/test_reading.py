"""Asset registers: methods, conventions and lives by hand, and every bad row told at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assumptions import AssetRows, Question, read_register, run_register
from assumptions.register import reading as registers
from assumptions.register.reading import BadRowsError, RegisterFiles
from tests.unit.registers import POLICY, STRAIGHT, amounts, read, refused, run, table
from valuation.errors import AssumptionError

USE = "asset,cost_usd,in_service,method,life_units,units_per_month"


@pytest.mark.parametrize(
    ("row", "charges"),
    [
        # method.md B1 and the first years of B2, B3; the last year of a declining balance takes what is left
        ("a,40000,4000,2024-01-01,36,straight_line,year,full_month,,", [12000, 12000, 12000]),
        (
            "a,40000,4000,2024-01-01,60,declining_balance_with_switch,year,full_month,2,",
            [16000, 9600, 5760, 3456, 1184],
        ),
        ("a,40000,0,2024-01-01,60,declining_balance_with_switch,year,full_month,2,", [16000, 9600, 5760, 4320, 4320]),
        ("a,40000,4000,2024-01-01,60,declining_balance,year,full_month,1.5,", [12000, 8400, 5880, 4116, 5604]),
        ("a,40000,4000,2024-01-01,36,sum_of_years_digits,year,full_month,,", [18000, 12000, 6000]),
        # 1 - (1000 / 8000) ** (1 / 3) is a half
        ("a,8000,1000,2024-01-01,36,fixed_rate,year,full_month,,", [4000, 2000, 1000]),
        ("a,10000,0,2024-01-01,36,given_rate,year,full_month,,0.25", [2500, 1875, 5625]),
        ("a,10000,0,2024-01-01,36,none,year,full_month,,", [0]),
    ],
)
def test_methods(row: str, charges: list[float], tmp_path: Path) -> None:
    assert amounts(run(tmp_path, assets=table(POLICY, row)), "depreciation") == pytest.approx(charges, abs=1e-8)


@pytest.mark.parametrize(
    ("convention", "charges"),
    [
        # method.md B6, and the complement in the last year
        ("full_month", [10000, 12000, 12000, 2000]),
        ("following_month", [9000, 12000, 12000, 3000]),
        ("mid_month", [9500, 12000, 12000, 2500]),
        ("half_year", [6000, 12000, 12000, 6000]),
        ("mid_quarter", [10500, 12000, 12000, 1500]),
        # 305 days from 2 March to the year's end, 1,096 days to 1 March 2028
        ("daily_365", [12000 * 305 / 365, 12000, 12000, 12000 * 60 / 365]),
        ("actual_actual", [12000 * 305 / 365, 12000, 12000, 12000 * 60 / 365]),
        ("total_days", [36000 * 305 / 1096, 36000 * 365 / 1096, 36000 * 365 / 1096, 36000 * 61 / 1096]),
    ],
)
def test_conventions(convention: str, charges: list[float], tmp_path: Path) -> None:
    found = run(tmp_path, assets=table(POLICY, f"a,36000,0,2025-03-02,36,straight_line,year,{convention},,"))
    assert amounts(found, "depreciation") == pytest.approx(charges, abs=1e-8)
    assert amounts(found, "closing")[-1] == 0.0


@pytest.mark.parametrize(("months", "last"), [("66", 6000.0), ("40", 4000.0)])
def test_lives_are_exact_to_the_month(months: str, last: float, tmp_path: Path) -> None:
    found = run(tmp_path, assets=table(STRAIGHT, f"a,{1000 * int(months)},0,2024-01-01,{months}"))
    assert amounts(found, "depreciation") == pytest.approx([12000.0] * (int(months) // 12) + [last])


def test_years_and_months_of_life_are_the_same(tmp_path: Path) -> None:
    by_years = run(tmp_path, assets=table("asset,cost_usd,in_service,life_years", "a,66000,2024-01-01,5.5"))
    assert amounts(by_years, "depreciation") == pytest.approx([12000.0] * 5 + [6000.0])


def test_units_of_production(tmp_path: Path) -> None:
    # method.md B4: 36,000 over 30,000 h, 7,000 h used in the first year
    assets = table(f"{USE},salvage_usd", "a,40000,2024-01-01,units_of_production,30000,1000,4000")
    use = table("asset,month,units", *(f"a,2024-{month:02d},{700 if month > 2 else 0}" for month in range(1, 13)))
    found = run(tmp_path, assets=assets, use=use)
    assert amounts(found, "depreciation") == pytest.approx([8400.0, 14400.0, 13200.0])


def test_schedule_reaches_the_end_of_a_life_that_use_prolongs(tmp_path: Path) -> None:
    use = table("asset,month,units", "a,2024-02,0", "a,2025-03,0")
    found = run(tmp_path, assets=table(USE, "a,3600,2024-01-01,units_of_production,36,1"), use=use)
    assert amounts(found, "depreciation") == pytest.approx([1100.0, 1100.0, 1200.0, 200.0])


def test_tables_of_percentages(tmp_path: Path) -> None:
    tables = table("table,step,percent", "t,2,30", "t,1,50", "t,3,20")
    assets = table("asset,cost_usd,salvage_usd,in_service,method,table", "a,1000,100,2024-01-01,table,t")
    assert amounts(run(tmp_path, assets=assets, tables=tables), "depreciation") == pytest.approx([450, 270, 180])


def test_presets_and_own_words(tmp_path: Path) -> None:
    head = "asset,asset_class,cost_usd,in_service,life_years,preset,convention"
    found = run(tmp_path, assets=table(head, "a,1,36000,2025-03-02,3,us_gaap,", "b,2,36000,2025-03-02,3,ifrs,"))
    assert amounts(found, "depreciation", 0)[0] == pytest.approx(10000.0)
    assert amounts(found, "depreciation", 1)[0] == pytest.approx(12000 * 305 / 365)
    own = run(tmp_path, assets=table(head, "a,1,36000,2025-03-02,3,ifrs,mid_month"))
    assert amounts(own, "depreciation")[0] == pytest.approx(9500.0)


def test_rate_without_a_life_goes_on_to_the_asked_end(tmp_path: Path) -> None:
    assets = table(POLICY, "a,10000,1000,2024-01-01,,given_rate,year,full_month,,0.25")
    found = run(tmp_path, Question(until="2027-12"), assets=assets)
    assert amounts(found, "depreciation") == pytest.approx([2500.0, 1875.0, 1406.25, 1054.6875])


@pytest.mark.parametrize("life", ["", "48"])
def test_a_rate_a_year_is_one_a_year_where_days_are_counted(life: str, tmp_path: Path) -> None:
    assets = table(POLICY, f"a,10000,1000,2025-01-01,{life},given_rate,year,total_days,,0.25")
    found = run(tmp_path, Question(until="2028-12"), assets=assets)
    assert amounts(found, "depreciation")[:3] == pytest.approx([2500.0, 1875.0, 1406.25])
    event = "asset,date,event,method,rate_annual"
    own = table(POLICY, "a,10000,1000,2025-01-01,48,straight_line,year,total_days,,")
    changed = run(tmp_path, assets=own, events=table(event, "a,2026-01-01,method,given_rate,0.25"))
    first, second = amounts(changed, "depreciation")[:2]
    assert second == pytest.approx(0.25 * (10000 - first), rel=1e-3)


def test_opening_balance(tmp_path: Path) -> None:
    head = f"{STRAIGHT},opening,opening_carrying_usd"
    found = run(tmp_path, assets=table(head, "a,40000,4000,2024-01-01,48,2025-01-01,31000"))
    # 27,000 over the 36 months left
    assert amounts(found, "additions") == [0.0, 31000.0, 0.0, 0.0]
    assert amounts(found, "depreciation") == pytest.approx([0.0, 9000.0, 9000.0, 9000.0])


@pytest.mark.parametrize(
    ("day", "carried"), [("2023-12-31", 0.0), ("2024-01-31", 35000.0), ("2024-02-15", 35000.0), ("2050-01-01", 0.0)]
)
def test_carrying_amount_on_a_day(day: str, carried: float, tmp_path: Path) -> None:
    found = run(tmp_path, Question(as_of=day), assets=table(STRAIGHT, "a,36000,0,2024-01-01,36"))
    assert found.carried.tolist() == pytest.approx([carried])


def test_carrying_amount_on_a_day_by_days(tmp_path: Path) -> None:
    head = f"{STRAIGHT},convention"
    found = run(tmp_path, Question(as_of="2025-01-10"), assets=table(head, "a,36500,0,2025-01-01,12,daily_365"))
    assert found.carried.tolist() == pytest.approx([35500.0])


def test_fiscal_years_and_quarters(tmp_path: Path) -> None:
    assets = table(STRAIGHT, "a,12000,0,2024-05-01,12")
    years = run(tmp_path, Question(fiscal_year_end=6), assets=assets)
    assert years.spans.labels == ["FY2024", "FY2025"]
    assert amounts(years, "depreciation") == pytest.approx([2000.0, 10000.0])
    quarters = run(tmp_path, Question(by="quarter", fiscal_year_end=6), assets=assets)
    assert quarters.spans.labels[:2] == ["2024Q4", "2025Q1"]
    assert quarters.spans.ends[:2] == ["2024-06", "2024-09"]
    assert amounts(quarters, "depreciation") == pytest.approx([2000.0, 3000.0, 3000.0, 3000.0, 1000.0])


@pytest.mark.parametrize("by", ["month", "quarter", "year"])
def test_single_assets_add_up_to_the_totals(by: str, tmp_path: Path) -> None:
    methods = ("straight_line", "declining_balance_with_switch", "sum_of_years_digits", "none")
    conventions = ("full_month", "half_year", "mid_quarter", "total_days", "following_month")
    rows = [
        f"a{i},{1000 + i},{i % 3 * 10},{2024 + i % 3}-0{i % 9 + 1}-{i % 28 + 1:02d},{(36, 40, 66)[i % 3]},"
        f"{methods[i % 4]},year,{conventions[i % 5]},,"
        for i in range(60)
    ]
    parts: dict[tuple[str, str], float] = {}

    def add(found: AssetRows) -> None:
        for name, sums in found.sums.items():
            for place, label in enumerate(found.spans.labels):
                parts[name, label] = parts.get((name, label), 0.0) + float(sums[place].sum())

    whole = run_register(read(tmp_path, assets=table(POLICY, *rows)), Question(by=by, fiscal_year_end=6), add)
    for name in whole.sums:
        by_label = [parts.get((name, label), 0.0) for label in whole.spans.labels]
        np.testing.assert_allclose(by_label, whole.sums[name][:, 0], rtol=0, atol=1e-9 * 60_000)


def test_movements_close_every_span(tmp_path: Path) -> None:
    events = table("asset,date,event,amount_usd", "a,2025-02-01,improvement,500", "a,2025-08-01,write_down,300")
    sums = run(tmp_path, Question(by="month"), assets=table(STRAIGHT, "a,9000,0,2024-01-01,36"), events=events).sums
    moved = sums["opening"] + sums["additions"] - sums["depreciation"] - sums["written_down"] - sums["disposals"]
    np.testing.assert_allclose(moved, sums["closing"], rtol=0, atol=1e-9)
    np.testing.assert_array_equal(sums["opening"][1:], sums["closing"][:-1])


# What is refused


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("a,100,101,2024-01-01,36", "column salvage_usd: salvage 101 lies above cost 100"),
        ("a,x,0,2024-01-01,36", "column cost_usd: 'x' is not a number"),
        ("a,nan,0,2024-01-01,36", "column cost_usd: 'nan' is not finite"),
        ("a,inf,0,2024-01-01,36", "column cost_usd: 'inf' is not finite"),
        ("a,1e400,0,2024-01-01,36", "column cost_usd: '1e400' is not finite"),
        ("a,1e14,0,2024-01-01,36", "column cost_usd: 1e14 is out of range"),
        ("a,0,0,2024-01-01,36", "column cost_usd: 0 is out of range"),
        ("a,-5,0,2024-01-01,36", "column cost_usd: -5 is out of range"),
        ("a,1_000,0,2024-01-01,36", "column cost_usd: '1_000' is not a number"),
        ('a,"1,000",0,2024-01-01,36', "column cost_usd: '1,000' is not a number"),
        ("a,100,0,1899-12-31,36", "column in_service: '1899-12-31' is not a date"),
        ("a,100,0,2024-02-30,36", "column in_service: '2024-02-30' is not a date"),
        ("a,100,0,2024Q1,36", "column in_service: '2024Q1' is not a date"),
        ("a,100,0,01/02/2024,36", "column in_service: '01/02/2024' is not a date"),
        ("a,100,0,2024-01-01,0", "column life_months: 0 is out of range"),
        ("a,100,0,2024-01-01,1201", "column life_months: 1201 is out of range"),
        ("a,100,0,2024-01-01,", "column life_months: no life is given"),
        ("a,,0,2024-01-01,36", "column cost_usd: the cell is empty"),
        ("a,100", "column in_service: the cell is empty"),
        ("=1+1,100,0,2024-01-01,36", "column asset: '=1+1' looks like a formula"),
        ("a,=1+1,0,2024-01-01,36", "column cost_usd: '=1+1' looks like a formula"),
        ("a\x1b[2J,100,0,2024-01-01,36", "holds control characters"),
        ("a,100,0,2024-01-01,36,7", "6 cells under 5 columns"),
    ],
)
def test_bad_cells_name_row_column_and_value(row: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, assets=table(STRAIGHT, row))
    line = refused(caught.value.told)
    assert line.startswith("assets.csv row 2")
    assert told in line


@pytest.mark.parametrize(
    ("head", "row", "told"),
    [
        ("method", "zzz", "column method: 'zzz' is unknown"),
        ("convention", "zzz", "column convention: 'zzz' is unknown"),
        ("preset", "gaap", "column preset: 'gaap' is unknown"),
        ("method", "fixed_rate", "column salvage_usd: a fixed rate never reaches a salvage of 0"),
        ("method", "given_rate", "column rate_annual: the cell is empty"),
        ("method", "units_of_production", "column life_units: the cell is empty"),
        ("method,table", "table,t", "column table: 't' is unknown"),
        ("life_years", "3", "column life_years: a life in months and in years"),
        ("acquired", "2024-01-02", "column acquired: acquired 2024-01-02, after service"),
        ("opening", "2025-01-01", "column opening: an opening date without"),
        ("opening,opening_carrying_usd", "2024-01-31,90", "column opening: opening 2024-01-31 is not after"),
        ("opening,opening_carrying_usd", "2025-01-01,101", "column opening_carrying_usd: 101 does not lie"),
        ("preset", "macrs", "column property_class: the cell is empty"),
        ("preset,property_class", "macrs,4", "column property_class: 4 is unknown"),
        ("property_class", "5", "column property_class: 5 with method straight_line"),
        ("expensed_usd", "5", "column expensed_usd: 5 with method straight_line"),
        ("preset,property_class,salvage_usd", "macrs,5,1", "column salvage_usd: a salvage under macrs"),
        ("preset,property_class,expensed_usd", "macrs,5,101", "column expensed_usd: 101 lies above cost"),
        (
            "preset,property_class,convention",
            "macrs,5,mid_month",
            "column convention: 'mid_month' with property class 5",
        ),
        ("preset,property_class,convention", "macrs,39,half_year", "column convention: 'half_year' with property"),
    ],
)
def test_cells_that_contradict_each_other(head: str, row: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, assets=table(f"asset,cost_usd,in_service,life_months,{head}", f"a,100,2024-01-01,36,{row}"))
    assert told in refused(caught.value.told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "the table has no rows"),
        ("\n\n", "the table has no rows"),
        (f"{STRAIGHT}\n", "the table has no rows"),
        ("asset;cost_usd;in_service\na;1;2024-01-01\n", "separate the columns with commas"),
        ("asset,cost_usd\na,1\n", "no column 'in_service'"),
        ("asset,cost,in_service\na,1,2024-01-01\n", "unknown column 'cost'"),
        ("asset,cost_usd,cost_usd,in_service\na,1,1,2024-01-01\n", "column 'cost_usd' stands twice"),
        (f'{STRAIGHT}\n"a,100,0,2024-01-01,36\n', "not CSV"),
        ("asset\0,cost_usd\n", "a zero byte"),
    ],
)
def test_files_that_are_no_register(text: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match=told):
        read(tmp_path, assets=text)


def test_marks_line_ends_and_empty_rows_do_no_harm(tmp_path: Path) -> None:
    text = "\ufeff" + table(STRAIGHT, "a,36000,0,2024-01-01,36", ",,,,", "").replace("\n", "\r\n")
    assert amounts(run(tmp_path, assets=text), "depreciation") == pytest.approx([12000.0] * 3)


def test_duplicates_are_refused_within_a_book_only(tmp_path: Path) -> None:
    rows = ("a,100,0,2024-01-01,36", "a,100,0,2024-01-01,36")
    with pytest.raises(
        BadRowsError, match=r"row 3 column asset: 'a' stands in book 'books' already \(assets.csv row 2"
    ):
        read(tmp_path, assets=table(STRAIGHT, *rows))
    two = table(f"{STRAIGHT},book", *(f"{row},{book}" for row, book in zip(rows, ("gaap", "tax"), strict=True)))
    assert run(tmp_path, assets=two).groups == [("gaap", ""), ("tax", "")]


def test_every_bad_row_is_told_at_once(tmp_path: Path) -> None:
    rows = ["good,100,0,2024-01-01,36", *(f"b{i},x,0,2024-01-01,36" for i in range(30))]
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, assets=table(STRAIGHT, *rows))
    assert [line.split(" column")[0] for line in caught.value.told] == [f"assets.csv row {i}" for i in range(3, 33)]


def test_bad_rows_are_skipped_and_listed(tmp_path: Path) -> None:
    assets = table(f"{STRAIGHT},asset_class", "good,3600,0,2024-01-01,36,x", "bad,x,0,2024-01-01,36,y")
    events = table("asset,date,event,amount_usd", "bad,2025-01-01,improvement,5")
    use = table("asset,month,units", "bad,2024-01,5")
    found = read(tmp_path, skip_bad=True, assets=assets, events=events, use=use)
    assert [row.asset for row in found.rows] == ["good"]
    assert [line.split()[0] for line in found.skipped] == ["assets.csv", "events.csv", "use.csv"]
    done = run_register(found, Question(skip_bad=True))
    assert done.groups == [("books", "x")]


def test_asset_with_a_bad_event_or_use_is_left_out_with_it(tmp_path: Path) -> None:
    assets = table(STRAIGHT, *(f"{name},3600,0,2024-01-01,36" for name in "abc"))
    events = table("asset,date,event,amount_usd", "a,2025-01-01,improvement,x")
    use = table("asset,month,units", "b,2024-01,x")
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, assets=assets, events=events, use=use)
    assert [line.split()[0] for line in caught.value.told] == ["events.csv", "use.csv"]
    found = read(tmp_path, skip_bad=True, assets=assets, events=events, use=use)
    assert [row.asset for row in found.rows] == ["c"]
    assert len(found.skipped) == 4


def test_register_without_a_good_row_is_refused_with_the_reasons(tmp_path: Path) -> None:
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, skip_bad=True, assets=table(STRAIGHT, "a,x,0,2024-01-01,36"))
    assert ["row 2" in line for line in caught.value.told] == [True, False]
    assert "no good row is left" in caught.value.told[-1]


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["a,2024-13,5"], "column month: '2024-13' is not a month"),
        (["a,2024-01,-5"], "column units: -5 is out of range"),
        (["z,2024-01,5"], "column asset: 'z' is unknown"),
        (["a,2024-01,5", "a,2024-01,6"], "column month: 2024-01 stands twice"),
    ],
)
def test_bad_use(rows: list[str], told: str, tmp_path: Path) -> None:
    assets = table(USE, "a,3600,2024-01-01,units_of_production,36,1")
    with pytest.raises(BadRowsError) as caught:
        read(tmp_path, assets=assets, use=table("asset,month,units", *rows))
    assert told in refused(caught.value.told)


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (["t,1,50", "t,3,50"], "steps \\[1, 3\\]"),
        (["t,1,50", "t,2,49"], "add up to 99"),
        (["t,1,50", "t,1,50"], "column step: step 1"),
        (["t,1.5,100"], "column step: step 1.5"),
        (["t,0,100"], "column step: 0 is out of range"),
    ],
)
def test_bad_tables(rows: list[str], told: str, tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match=told):
        read(tmp_path, assets=table(STRAIGHT, "a,1,0,2024-01-01,36"), tables=table("table,step,percent", *rows))


def test_words_fill_empty_cells_and_make_one_asset(tmp_path: Path) -> None:
    head = "asset,cost_usd,in_service,life_months"
    filled = read(tmp_path, words=("life_months=36",), assets=table(head, "a,1,2024-01-01,", "b,1,2024-01-01,60"))
    assert [row.life_months for row in filled.rows] == [36.0, 60.0]
    one = read_register(RegisterFiles(), ("cost_usd=36000", "in_service=2024-01", "life_years=3"))
    assert one.rows[0].in_service == "2024-01-01"


def test_length_is_limited_but_a_full_register_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registers, "MAX_ASSETS", 3)
    rows = [f"a{i},100,0,2024-01-01,36" for i in range(4)]
    assert len(read(tmp_path, assets=table(STRAIGHT, *rows[:3])).rows) == 3
    with pytest.raises(AssumptionError, match="more than 4 rows"):
        read(tmp_path, assets=table(STRAIGHT, *rows))


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ({"by": "week"}, "--by: 'week' is unknown"),
        ({"until": "2030Q4"}, "--until: '2030Q4' is not a month"),
        ({"until": "2030-13"}, "--until: '2030-13' is not a month"),
        ({"as_of": "2030-12"}, "--as-of: '2030-12' is not a date"),
        ({"as_of": "1899-12-31"}, "--as-of: '1899-12-31' is not a date"),
        ({"until": "2025-06", "as_of": "2025-07-01"}, "--as-of: 2025-07-01 lies after the schedule"),
    ],
)
def test_questions_that_have_no_answer(question: dict[str, Any], told: str) -> None:
    with pytest.raises(AssumptionError, match=told):
        Question(**question)


def test_end_before_the_first_service_and_too_long_a_schedule(tmp_path: Path) -> None:
    assets = table(STRAIGHT, "a,1,0,2024-01-01,36", "b,1,0,2100-01-01,600")
    with pytest.raises(AssumptionError, match="before the first service"):
        run(tmp_path, Question(until="2023-12"), assets=assets)
    with pytest.raises(AssumptionError, match="the schedule spans 1512 months"):
        run(tmp_path, assets=assets)
    assert run(tmp_path, Question(until="2027-12"), assets=assets).spans.labels[-1] == "FY2027"


def test_too_many_classes_are_refused(tmp_path: Path) -> None:
    rows = (f"a{i},1,0,2024-01-01,36,c{i}" for i in range(1_001))
    with pytest.raises(AssumptionError, match="1001 books and classes; allowed is at most 1000"):
        run(tmp_path, assets=table(f"{STRAIGHT},asset_class", *rows))
