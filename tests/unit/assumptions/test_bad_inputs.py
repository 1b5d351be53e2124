"""Every bad input is refused in one line that names the place, the value, what is allowed and what to do."""

from __future__ import annotations

import zipfile
from pathlib import Path

import openpyxl
import pytest

from assumptions import apply_overrides, build, load_case, resolve
from assumptions.chapters.eligibility import serves
from assumptions.door.files import MAX_TEXT_BYTES, MAX_XLSX_PARTS
from tests.unit.assumptions.conftest import HEAD, LEDGER, SCHEDULE, Writer
from valuation.errors import AssumptionError


def message(folder: Path | str) -> str:
    """Message of the refusal, checked to be one line of ours."""
    with pytest.raises(AssumptionError) as caught:
        load_case(folder)
    text = str(caught.value)
    assert "\n" not in text
    assert "allowed is" in text
    assert "pydantic" not in text.lower()
    return text


def unsaid(text: str, *parts: str) -> list[str]:
    """Parts that do not stand in a text, and then the text itself."""
    missing = [part for part in parts if part not in text]
    return [*missing, text] if missing else []


# case.toml

ASSUMPTIONS = [
    (
        "[terms]\nplaning_life_months = 60\n",
        ["case.toml", "terms.planing_life_months", "did you mean planning_life_months"],
    ),
    ("[trems]\n", ["case.toml", "trems", "unknown key", "terms?"]),
    (
        '[terms]\nrequired_return_annual = "11 %"\n',
        ["terms.required_return_annual", "'11 %'", "is not a number", "per year"],
    ),
    ("[terms]\nrequired_return_annual = true\n", ["terms.required_return_annual", "True", "is not a number"]),
    ("[terms]\nrequired_return_annual = 11\n", ["11 is out of range", "0.0001 to 1", "write 0.11 for 11 per cent"]),
    ("[terms]\nrequired_return_annual = nan\n", ["terms.required_return_annual", "nan is not finite"]),
    ("[terms]\nrequired_return_annual = inf\n", ["terms.required_return_annual", "inf is not finite"]),
    ("[terms]\nrequired_return_annual = 1" + "0" * 400 + "\n", ["terms.required_return_annual", "is out of range"]),
    ("x = " + "[" * 5000, ["case.toml", "not TOML"]),
    ("x = 1" + "0" * 5000 + "\n", ["case.toml", "not TOML"]),
    (
        "[terms]\nphysical_life_months = -12\n",
        ["terms.physical_life_months", "-12 is out of range", "1 to 600 [months]"],
    ),
    ("[terms]\nplanning_life_months = 60.5\n", ["60.5 is not whole", "whole number"]),
    (
        "[terms]\nplanning_life_months = { value = 60, low = 70, high = 72 }\n",
        ["does not lie between low 70 and high 72"],
    ),
    ("[terms]\nplanning_life_months = { low = 48 }\n", ["terms.planning_life_months", "no value is given"]),
    (
        "[terms]\nplanning_life_months = { value = 60, basis = 'rumour' }\n",
        ["basis", "'rumour' is unknown", "'filing'"],
    ),
    ('[terms]\nplan = "perfect"\n', ["terms.plan", "'perfect' is unknown", "default, flat, hindsight"]),
    ("terms = 3\n", ["case.toml: terms", "3 is not a table"]),
    ('[silicon.Rubin]\nlanding = "December 2026"\n', ["silicon.Rubin.landing", "'December 2026'", "YYYY-MM"]),
    ('[silicon.Rubin]\nlanding = "2026-13"\n', ["silicon.Rubin.landing", "'2026-13' is not a month"]),
    ('[silicon.Rubin]\nknown_from = "2027-01"\n', ["silicon.Rubin", "known from 2027-01, after landing in 2026-12"]),
    ("[market.curve]\nkind = 'path'\n", ["market.curve", "segments alone"]),
    ("[silicon.Rubin]\ncolour = 3\n", ["silicon.Rubin.colour", "unknown key"]),
    ("[silicon.Mine]\nfamily = 'gpu'\n", ["silicon.Mine.landing", "nothing is given", "add the key"]),
    (
        "[silicon.Mine]\nfamily = 'abacus'\nlanding = '2026-01'\nknown_from = '2025-01'\n",
        ["silicon.Mine.family", "'abacus' is unknown"],
    ),
    (
        "[market.curve]\nkind = 'path'\nsegments = [{ months = 20, change = -1.5 }]\n",
        ["market.curve.segments.0.change", "-1.5 is out of range", "more than -1"],
    ),
    (
        "[market.age_price]\npoints = [{ age_years = 1, fraction = 0.5 }]\n",
        ["market.age_price.points", "ascending from 0"],
    ),
]


@pytest.mark.parametrize(("extra", "parts"), ASSUMPTIONS)
def test_bad_assumptions_are_refused(write_case: Writer, extra: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(extra=extra)), *parts) == []


@pytest.mark.parametrize(
    ("head", "parts"),
    [
        ('titel = "x"\n', ["titel", "unknown key", "did you mean title"]),
        ('as_of = "2026"\n', ["as_of", "'2026' is not a month"]),
        ("horizon_months = 0\n", ["horizon_months", "0 is out of range", "12 to 600 [months]"]),
        ("horizon_months = 12.5\n", ["horizon_months", "12.5 is not a whole number", "12 to 600"]),
        ("fiscal_year_end_month = 13\n", ["fiscal_year_end_month", "13 is out of range", "1 to 12"]),
        ("title = 3\n", ["title", "3 does not fit", "text"]),
        ("title = [\n", ["case.toml", "not TOML"]),
    ],
)
def test_bad_heads_are_refused(write_case: Writer, head: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(head=head)), "case.toml", *parts) == []


@pytest.mark.parametrize(
    ("ledger", "parts"),
    [
        ("", ["ledgers", "no ledger is given"]),
        (
            LEDGER.replace("36", "-36"),
            ["ledgers.three_year.lives.0.months", "-36 is out of range", "1 to 600"],
        ),
        (LEDGER.replace("36", "0"), ["0 is out of range"]),
        (LEDGER.replace("[{ months = 36 }]", "[]"), ["ledgers.three_year", "neither lives nor components"]),
        (
            LEDGER.replace("[{ months = 36 }]", '[{ months = 36 }, { start = "2024-13", months = 60 }]'),
            ["lives.1.start", "'2024-13' is not a month"],
        ),
        (
            LEDGER.replace(
                "[{ months = 36 }]",
                '[{ months = 36 }, { start = "2024-01", months = 48 }, { start = "2023-01", months = 60 }]',
            ),
            ["ledgers.three_year.lives", "not in order", "sort the lives"],
        ),
        (LEDGER.replace("write_off_failures = true", 'write_off_failures = "yes"'), ["true or false"]),
    ],
)
def test_bad_ledgers_are_refused(write_case: Writer, ledger: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(ledger=ledger)), "case.toml", *parts) == []


# Failures, churn and what parts serve

ETCHED = """[silicon.Etched]
family = "etched"
landing = "2026-12"
known_from = "2026-02"
cost_usd = 20000
it_kw = 0.25
service_units = 1.5
bits = 4
size_limit_billion = 20
"""
POINTS = "[failures.survivors]\npoints = [{}]\n"
MECHANISMS = [
    ("[failures]\nspares_share = 5\n", ["failures.spares_share", "5 is out of range", "0 to 1", "0.05 for 5 per cent"]),
    ("[failures]\nwarranty_months = 1.5\n", ["failures.warranty_months", "1.5 is not whole"]),
    ("[failures]\nrepairs_per_year = -1\n", ["failures.repairs_per_year", "-1 is out of range", "per device-year"]),
    ("[failures]\nwear_out_shape = 0.5\n", ["failures.wear_out_shape", "0.5 is out of range", "1 to 20"]),
    ("[operations]\nfailure_early_annual = 1.5\n", ["failure_early_annual", "1.5 is out of range", "0 to 0.95"]),
    ("[churn]\nweights_per_year = -0.1\n", ["churn.weights_per_year", "-0.1 is out of range", "0 to 20"]),
    ("[silicon.B200]\nabsorbs_weights = 2\n", ["silicon.B200.absorbs_weights", "2 is out of range", "0 to 1"]),
    ("[silicon.B200]\nfailure_multiplier = -1\n", ["silicon.B200.failure_multiplier", "-1 is out of range"]),
    (
        POINTS.format("{age_years=0, survivors=1}, {age_years=1, survivors=0.9}, {age_years=2, survivors=0.95}"),
        ["failures.survivors.points", "survivors rise from 0.9 to 0.95 at age 2", "never rise", "correct one"],
    ),
    (
        POINTS.format("{age_years=0, survivors=0.99}, {age_years=1, survivors=0.9}"),
        ["failures.survivors.points", "begins with 0.99 at age 0", "1 at age 0"],
    ),
    (
        POINTS.format("{age_years=0, survivors=1}, {age_years=2, survivors=0.9}, {age_years=2, survivors=0.8}"),
        ["age 2 follows 2", "ages ascending", "sort the points"],
    ),
    (POINTS.format("{age_years=0, survivors=1.2}"), ["survivors", "1.2 is out of range", "at most 1"]),
    (POINTS.format("{age_years=0, survivors=1}"), ["failures.survivors.points"]),
    (
        '[silicon.B200]\nserves = ["frontier", "tiny"]\n',
        ["silicon.B200.serves", "segment 'tiny' is unknown", "frontier, mid, small", "did you mean"],
    ),
    (
        ETCHED + 'serves = ["small", "frontier"]\n',
        ["silicon.Etched.serves", "'frontier' needs 8 bits, and it has 4", "take the segment out or correct the limit"],
    ),
    (
        ETCHED + 'serves = ["mid"]\n',
        ["silicon.Etched.serves", "'mid' begins at 20 billion parameters, and it holds 20"],
    ),
    (ETCHED + "serves = []\n", ["silicon.Etched.serves", "it serves no segment", "one segment or more"]),
    (
        "[segments.small]\nneeds_context_tokens = 90000\n" + ETCHED + "context_limit_tokens = 8000\n",
        ["silicon.Etched.serves", "it serves no segment"],
    ),
    ("[silicon.B200]\nserves = 3\n", ["silicon.B200.serves", "a list"]),
]


@pytest.mark.parametrize(("extra", "parts"), MECHANISMS)
def test_bad_failures_churn_and_eligibility_are_refused(write_case: Writer, extra: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(extra=extra)), "case.toml", *parts) == []


def test_a_part_serves_what_its_limits_allow(write_case: Writer) -> None:
    case = load_case(write_case(extra=ETCHED))
    served = [name for name, segment in case.segments.items() if serves(case.silicon["Etched"], name, segment)]
    assert served == ["small"]
    inputs = build(case)
    etched, segment = list(case.silicon).index("Etched"), list(case.segments).index("small")
    assert [float(q) for q in inputs.silicon.service[etched, :, 0]] == [
        1.5 if s == segment else 0.0 for s in range(len(case.segments))
    ]


def test_a_scenario_may_not_make_a_part_serve_what_it_cannot(write_case: Writer) -> None:
    case = load_case(write_case(extra=ETCHED))
    with pytest.raises(AssumptionError, match=r"--set: silicon\.Etched\.serves: segment 'mid' begins at 20") as caught:
        apply_overrides(case, ["silicon.Etched.serves=mid"])
    assert "\n" not in str(caught.value)


def test_a_job_that_makes_no_headway_is_refused(write_case: Writer) -> None:
    case = load_case(write_case(extra="[failures]\ndevices_per_job = 1000000\nrestart_minutes = 600\n"))
    with pytest.raises(AssumptionError, match=r"failures\.devices_per_job: a job of 1000000 devices makes no headway"):
        build(case)


# Schedules

ROWS = [
    ("2024-13,servers,H100,1,actual", ["row 2 column purchase", "'2024-13' is not a month", "YYYYQn"]),
    ("2024Q5,servers,H100,1,actual", ["column purchase", "'2024Q5'"]),
    ("15/02/2024,servers,H100,1,actual", ["column purchase", "'15/02/2024'"]),
    (",servers,H100,1,actual", ["column purchase", "the cell is empty"]),
    ("2024-02,,H100,1,actual", ["column asset_class", "the cell is empty"]),
    ("2024-02,servers,H1000,1,actual", ["column generation", "'H1000' is unknown", "did you mean H100"]),
    ("2024-02,servers,Feynman,1,actual", ["column generation", "'Feynman' has no cost, power or service"]),
    ("2024-02,servers,,1,actual", ["column generation", "the cell is empty"]),
    ("2024-02,servers,H100,-5,actual", ["column units", "-5 is out of range", "0 to"]),
    ("2024-02,servers,H100,many,actual", ["column units", "'many' is not a number"]),
    ('2024-02,servers,H100,"1,000",actual', ["column units", "'1,000' is not a number", "without separators"]),
    ("2024-02,servers,H100,1_000,actual", ["column units", "'1_000' is not a number"]),
    ("2024-02,servers,H100,nan,actual", ["column units", "'nan' is not finite"]),
    ("2024-02,servers,H100,inf,actual", ["column units", "'inf' is not finite"]),
    ("2024-02,servers,H100,,actual", ["row 2", "neither units nor dollars"]),
    ("2024-02,servers,H100,1,done", ["column status", "'done' is unknown", "illustrative"]),
    ("2024-02,=1+1,H100,1,actual", ["column asset_class", "'=1+1' looks like a formula"]),
    ("2024-02,@SUM(A1),H100,1,actual", ["column asset_class", "looks like a formula"]),
    ("2024-02,+cmd,H100,1,actual", ["column asset_class", "looks like a formula"]),
    ("2024-02,-cmd,H100,1,actual", ["column asset_class", "looks like a formula"]),
    ("2024-02,\tservers,H100,1,actual", ["column asset_class", "looks like a formula"]),
    ('2024-02,"\rservers",H100,1,actual', ["column asset_class", "looks like a formula"]),
    ('2024-02,"\n=1+1",H100,1,actual', ["column asset_class", "looks like a formula"]),
    ("2024-02,\u00a0=1,H100,1,actual", ["column asset_class", "looks like a formula"]),
    ("2024-02,servers,H100,=1+1,actual", ["column units", "looks like a formula"]),
    ("2024-02,servers,H100,1,actual,more", ["6 cells under 5 columns"]),
    ('2024-02,"servers,H100,1,actual', ["not CSV"]),
]

HEADER = "purchase,asset_class,generation,units,status\n"


@pytest.mark.parametrize(("row", "parts"), ROWS)
def test_bad_rows_are_refused(write_case: Writer, row: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(schedule=HEADER + row + "\n")), "schedule.csv", *parts) == []


WIDE = (
    "purchase,asset_class,generation,units,capex_usd,capex_low_usd,capex_high_usd,share,in_service,retired,"
    "sale_proceeds_usd,status\n"
)
WIDE_ROWS = [
    ("2024-02,servers,H100,1,5,,,,,,,actual", ["both units and dollars"]),
    ("2024-02,servers,H100,,5,,,,,,,actual", ["column generation", "filled in a row in dollars"]),
    ("2024-02,servers,,,,5,,,,,,guidance", ["only one end of the guided range"]),
    ("2024-02,servers,,,,9,5,,,,,guidance", ["column capex_low_usd", "9 lies above 5", "swap"]),
    ("2024-02,servers,,,7,5,9,,,,,guidance", ["column capex_usd", "an amount beside a range"]),
    ("2024-02,servers,,,7,,,1.5,,,,actual", ["column share", "1.5 is out of range", "0 to 1"]),
    (
        "2024-02,servers,H100,1,,,,,2024-01,,,actual",
        ["column in_service", "2024-01 is out of order", "purchase 2024-02"],
    ),
    ("2024-02,servers,H100,1,,,,,2024-03,2024-03,,actual", ["column retired", "2024-03 is out of order"]),
    ("2024-02,servers,H100,1,,,,,,,500,actual", ["column sale_proceeds_usd", "without a retirement"]),
    ("2023-12,servers,,,7,,,,,,,opening", ["column in_service", "opening"]),
    ("2023-12,servers,,,7,,,,2024-02,,,opening", ["column in_service", "2024-02 is out of order"]),
]


@pytest.mark.parametrize(("row", "parts"), WIDE_ROWS)
def test_inconsistent_rows_are_refused(write_case: Writer, row: str, parts: list[str]) -> None:
    assert unsaid(message(write_case(schedule=WIDE + row + "\n")), "schedule.csv", *parts) == []


def test_retirement_before_lagged_service_is_refused(write_case: Writer) -> None:
    case = load_case(write_case(schedule=WIDE + "2024-02,servers,H100,1,,,,,,2024-04,,actual\n"))
    with pytest.raises(AssumptionError, match="2024-04 is not after service in 2024-05"):
        resolve(case)


def test_first_bad_row_is_reported_with_the_number_of_others(write_case: Writer) -> None:
    rows = "2024-02,servers,H100,1,actual\n2024-13,servers,H100,1,actual\n" + "x,servers,H100,1,actual\n" * 3
    text = message(write_case(schedule=HEADER + rows))
    assert unsaid(text, "schedule.csv row 3 column purchase", "(and 3 more bad rows)") == []


def test_a_cohort_may_stand_once(write_case: Writer) -> None:
    rows = "2024-02,servers,H100,1,actual\n2024Q1,servers,H100,2,actual\n"
    text = message(write_case(schedule=HEADER + rows))
    assert unsaid(text, "row 3", "same cohort (2024-02, servers, H100) as row 2") == []


@pytest.mark.parametrize(
    ("schedule", "parts"),
    [
        ("", ["schedule.csv", "the schedule is empty"]),
        (HEADER, ["schedule.csv", "the schedule has no rows"]),
        (HEADER.replace("units", "unist"), ["unknown column 'unist'", "did you mean units?"]),
        (HEADER.replace("generation", "units"), ["column 'units' stands twice"]),
        (HEADER.replace(",status", ""), ["no column 'status'"]),
        (HEADER + "\0", ["zero byte"]),
        (None, ["small", "holds no schedule"]),
    ],
)
def test_bad_tables_are_refused(write_case: Writer, schedule: str | None, parts: list[str]) -> None:
    assert unsaid(message(write_case(schedule=schedule)), *parts) == []


# Files and folders


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    assert unsaid(message("neoclod"), "neoclod", "no such case or folder", "meta, neocloud") == []
    assert unsaid(message(tmp_path), "holds no case.toml", "obsolesce new") == []
    (tmp_path / "file").write_text("x")
    assert unsaid(message(tmp_path / "file"), "a file, not a folder") == []


def test_text_must_be_utf8_and_short(write_case: Writer) -> None:
    folder = write_case()
    (folder / "schedule.csv").write_bytes(SCHEDULE.encode() + b"\xff\xfe")
    assert unsaid(message(folder), "schedule.csv", "is not UTF-8", "save the file as UTF-8") == []
    (folder / "schedule.csv").write_bytes(b"x" * (MAX_TEXT_BYTES + 1))
    assert unsaid(message(folder), "schedule.csv", f"at most {MAX_TEXT_BYTES}") == []


def test_an_oversized_head_is_told_once(write_case: Writer) -> None:
    folder = write_case()
    (folder / "case.toml").write_bytes(b"#" * (MAX_TEXT_BYTES + 1))
    text = message(folder)
    assert unsaid(text, "case.toml", f"at most {MAX_TEXT_BYTES}", "split or shorten it") == []
    assert text.count("allowed is") == 1


def test_a_byte_order_mark_is_no_obstacle(write_case: Writer) -> None:
    folder = write_case(schedule="\ufeff" + SCHEDULE)
    assert len(load_case(folder).schedule) == 2


def test_bad_scenarios_are_refused(write_case: Writer) -> None:
    folder = write_case()
    (folder / "scenarios").mkdir()
    path = folder / "scenarios" / "mine.toml"
    head = 'name = "mine"\ntitle = "Mine"\nsentence = "x"\nsource = "x"\nconfidence = "low"\n'
    path.write_text(head + '[[change]]\nop = "multiply"\nkey = "a"\nvalue = 1\n')
    assert unsaid(message(folder), "scenarios/mine.toml", "change.0.op", "'multiply' is unknown", "'scale'") == []
    path.write_text(head.replace("confidence", "confidense"))
    assert unsaid(message(folder), "scenarios/mine.toml", "confidense", "did you mean confidence?") == []


# Workbooks


def workbook(folder: Path, rows: list[list[object]]) -> Path:
    """Schedule of a case as a workbook in place of its CSV."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    path = folder / "schedule.xlsx"
    book.save(path)
    (folder / "schedule.csv").unlink(missing_ok=True)
    return path


NAMES: list[object] = ["purchase", "asset_class", "generation", "units", "status"]


def test_formulas_in_cells_are_refused(write_case: Writer) -> None:
    folder = write_case()
    workbook(folder, [NAMES, ["2024-02", "servers", "H100", "=10*10", "actual"]])
    assert unsaid(message(folder), "schedule.xlsx row 2 column 4", "formula '=10*10'", "paste it as a value") == []


def test_text_like_a_formula_is_refused_in_a_workbook(write_case: Writer) -> None:
    folder = write_case()
    workbook(folder, [NAMES, ["2024-02", "-servers", "H100", 100, "actual"]])
    assert unsaid(message(folder), "schedule.xlsx row 2 column asset_class", "looks like a formula") == []


@pytest.mark.parametrize(
    ("part", "word"),
    [
        ("xl/externalLinks/externalLink1.xml", "links to other workbooks"),
        ("xl/vbaProject.bin", "macros"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
    ],
)
def test_workbooks_with_more_than_cells_are_refused(write_case: Writer, part: str, word: str) -> None:
    folder = write_case()
    path = workbook(folder, [NAMES, ["2024-02", "servers", "H100", 1, "actual"]])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, "x")
    assert unsaid(message(folder), "schedule.xlsx", word, "cells only") == []


def test_archive_bombs_are_refused(write_case: Writer) -> None:
    folder = write_case()
    path = workbook(folder, [NAMES])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/big.xml", b"0" * 30_000_000)
    assert unsaid(message(folder), "schedule.xlsx", "packed more than 100 to 1") == []
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(MAX_XLSX_PARTS + 1):
            archive.writestr(f"{number}.xml", "")
    assert unsaid(message(folder), "schedule.xlsx", f"at most {MAX_XLSX_PARTS}") == []


def test_a_document_type_in_a_workbook_is_refused(write_case: Writer) -> None:
    folder = write_case()
    path = workbook(folder, [NAMES, ["2024-02", "servers", "H100", 1, "actual"]])
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"].decode()
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
    parts["xl/worksheets/sheet1.xml"] = (bomb + sheet[sheet.index("<worksheet") :]).encode()
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert unsaid(message(folder), "schedule.xlsx", "not a readable workbook") == []


def test_a_damaged_part_of_a_workbook_is_refused(write_case: Writer) -> None:
    """The bytes of the packed sheet are overwritten; the directory of the archive stays whole."""
    folder = write_case()
    path = workbook(folder, [NAMES, *(["2024-02", "servers", f"H{row}", row, "actual"] for row in range(200))])
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    content = bytearray(path.read_bytes())
    start = part.header_offset + 120
    content[start : start + 200] = b"\xff" * 200
    path.write_bytes(bytes(content))
    assert unsaid(message(folder), "schedule.xlsx", "not a readable workbook", "save it again as .xlsx") == []


@pytest.mark.parametrize("suffix", [".xls", ".xlsm"])
def test_other_workbooks_are_refused(write_case: Writer, suffix: str) -> None:
    folder = write_case(schedule=None)
    (folder / f"schedule{suffix}").write_bytes(b"x")
    assert unsaid(message(folder), f"schedule{suffix}", f"{suffix} is not read", "save it as .xlsx") == []


def test_two_schedules_are_refused(write_case: Writer) -> None:
    folder = write_case()
    (folder / "schedule.xlsx").write_bytes(b"x")
    assert unsaid(message(folder), "small", "two tables named schedule") == []


def test_text_named_as_a_workbook_is_refused(write_case: Writer) -> None:
    folder = write_case(schedule=None)
    (folder / "schedule.xlsx").write_text(SCHEDULE)
    assert unsaid(message(folder), "schedule.xlsx", "not a workbook") == []


def test_the_small_case_itself_is_good(write_case: Writer) -> None:
    case = load_case(write_case())
    assert case.title == "Small"
    assert HEAD.startswith("title")
    assert [row.units for row in case.schedule] == [100.0, 50.0]
