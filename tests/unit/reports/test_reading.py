"""What is read from a workbook that somebody has changed, and what is refused: cell, value, remedy in one line."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import random
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from assumptions import CaseRun, apply_overrides, digest, load_case, run_case
from assumptions.cases.embedding import embedded_text
from assumptions.cases.fingerprint import canonical
from reports.excel.plan.layout import Context
from reports.excel.returned import reading
from reports.excel.returned.origin import Origin
from reports.excel.returned.reading import ReadError, read_workbook
from reports.excel.sheets.case import DIGEST_NAME, FIRST_NAME, LINES_NAME, NONE, SETTINGS_NAME, chunks
from reports.excel.workbook import lay_out, write_workbook
from reports.excel.writing.address import cell
from reports.record.compose import compose
from reports.record.report import Report
from tests.unit.reports import samples, tampering
from tests.unit.reports.tampering import BLANK, failure, formula, number, place, small, text, truth, typed, with_cells
from valuation.errors import ModelError

pytestmark = pytest.mark.slow

RATE, LIFE = "in_terms_required_return_annual", "in_ledgers_three_year_life_months"
RUN = Origin.run
RUNS: dict[str, CaseRun] = {}
CONTEXTS: dict[str, Context] = {}
MONTH, CHOICE, SWITCH = "in_market_lost_from", "in_terms_plan", "in_ledgers_three_year_write_off_failures"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same case is valued and laid out once for all the workbooks that carry it."""

    def laid_out(report: Report, path: Path) -> Context:
        if report.digest not in CONTEXTS:
            CONTEXTS[report.digest] = lay_out(report, path)
        return CONTEXTS[report.digest]

    def run(origin: Origin, where: str) -> CaseRun:
        if origin.digest not in RUNS:
            RUNS[origin.digest] = RUN(origin, where)
        return RUNS[origin.digest]

    monkeypatch.setattr(reading, "lay_out", laid_out)
    monkeypatch.setattr(Origin, "run", run)


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("book") / "mainframes.xlsx"
    write_workbook(small(), path)
    return path


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case in which parts fail in different ways, so that scenarios have numbers of their own."""
    path = tmp_path_factory.mktemp("units") / "neocloud.xlsx"
    write_workbook(small("neocloud", ("fragile_parts",)), path)
    return path


def refusal(path: Path) -> str:
    """The only line of a refusal."""
    with pytest.raises(ModelError) as caught:
        read_workbook(path)
    told: list[str] = getattr(caught.value, "told", [str(caught.value)])
    (line,) = told
    assert "\n" not in line
    assert "allowed is" in line
    return line


def test_an_untouched_workbook_differs_in_nothing(book: Path, units: Path) -> None:
    for path, name in ((book, "mainframes"), (units, "neocloud")):
        found = read_workbook(path)
        assert found.edits == ()
        assert digest(found.case, found.origin.scenarios) == found.origin.digest
        assert found.origin.case.name == name


def test_the_embedded_inputs_are_those_of_the_run(book: Path) -> None:
    found = read_workbook(book)
    text = embedded_text(found.origin.case, found.origin.scenarios)
    assert text == small().inputs
    assert found.origin.digest == small().digest


@pytest.mark.parametrize(
    ("name", "content", "key", "after"),
    [
        (RATE, number(0.25), "terms.required_return_annual", 0.25),
        (RATE, formula("0.1+0.15", "0.25"), "terms.required_return_annual", 0.25),
        (LIFE, number(49), "ledgers.three_year.life_months", 49),
        (MONTH, text("2027-05"), "market.lost_from", "2027-05"),
        (CHOICE, text("hindsight"), "terms.plan", "hindsight"),
        (SWITCH, text("no"), "ledgers.three_year.write_off_failures", False),
    ],
)
def test_every_kind_of_input_is_read(
    name: str, content: str, key: str, after: object, book: Path, tmp_path: Path
) -> None:
    found = read_workbook(typed(book, tmp_path / "typed.xlsx", {name: content}))
    (edit,) = found.edits
    before = next(row.value for row in small().assumptions if row.key == key)
    assert (edit.key, edit.after, edit.before) == (key, after, before)
    expected = apply_overrides(found.origin.case, [(key, after)])
    assert digest(found.case, found.origin.scenarios) == digest(expected, found.origin.scenarios)
    assert digest(found.case, found.origin.scenarios) != found.origin.digest


def test_a_month_that_a_program_made_a_date_is_read(book: Path, tmp_path: Path) -> None:
    sheet, spot = place(book, MONTH)
    opened = openpyxl.load_workbook(book)
    opened[sheet][spot] = datetime.datetime(2028, 3, 1)  # noqa: DTZ001 - cells know no zones
    opened.save(tmp_path / "typed.xlsx")
    (edit,) = read_workbook(tmp_path / "typed.xlsx").edits
    assert edit.after == "2028-03"


def test_a_solved_decline_may_be_set(units: Path, tmp_path: Path) -> None:
    found = read_workbook(typed(units, tmp_path / "set.xlsx", {"in_terms_planning_decline_log_per_year": number(0.3)}))
    (edit,) = found.edits
    assert edit.after == 0.3
    assert found.case.terms.planning_decline_log_per_year is not None


def test_lost_digits_are_no_change(book: Path, tmp_path: Path) -> None:
    value = next(row.value for row in small().assumptions if row.key == "terms.required_return_annual")
    assert isinstance(value, float)
    path = typed(book, tmp_path / "saved.xlsx", {RATE: number(value * (1 + 1e-15))})
    assert read_workbook(path).edits == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (text("0.25"), ["the text '0.25' is no number", "type it as a number"]),
        (text("12%"), ["the text '12%' is no number", "0.12 for 12%"]),
        (text("a lot"), ["the text 'a lot' is no number"]),
        (BLANK, ["the cell is blank"]),
        (formula("0.1+0.1"), ["a formula without a stored result", "save it"]),
        (truth(), ["TRUE is no number"]),
        (failure(), ["the error value '#DIV/0!'"]),
        (number(7.5), ["out of range", "a number from 0.0001 to 1"]),
        (number(12), ["out of range", "write 0.12 for 12 per cent"]),
        (number(-0.1), ["out of range"]),
        ("><v>1e400</v></c>", ["value inf is not finite"]),
        (f"><v>{'1' * 400}</v></c>", ["value inf is not finite"]),
        ("><v>-0</v></c>", ["value 0 is out of range"]),
        (text("0,05"), ["the text '0,05' is no number"]),
        (text("५"), ["is no number"]),
        (text("x" * 40_000), ["40,000 characters in a cell", "at most 32,767"]),
    ],
)
def test_what_is_no_number_in_range_is_refused(content: str, words: list[str], book: Path, tmp_path: Path) -> None:
    line = refusal(typed(book, tmp_path / "typed.xlsx", {RATE: content}))
    sheet, spot = place(book, RATE)
    assert [word for word in (f"typed.xlsx {sheet}!{spot}", *words) if word not in line] == []


@pytest.mark.slow
def test_a_date_in_place_of_a_number_is_refused(book: Path, tmp_path: Path) -> None:
    sheet, spot = place(book, RATE)
    opened = openpyxl.load_workbook(book)
    opened[sheet][spot] = datetime.datetime(2028, 3, 1)  # noqa: DTZ001 - cells know no zones
    opened.save(tmp_path / "typed.xlsx")
    line = refusal(tmp_path / "typed.xlsx")
    assert f"{sheet}!{spot}" in line
    assert "a date or a time" in line


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (LIFE, number(36.5), ["not a whole number"]),
        (MONTH, text("May 2027"), ["is not a month", "YYYY-MM"]),
        (MONTH, number(46000), ["46000 is no text", "a month YYYY-MM"]),
        (CHOICE, text("whatever"), ["'whatever' is unknown", "default, flat, hindsight"]),
        (CHOICE, truth(), ["TRUE is no text"]),
        (SWITCH, text("maybe"), ["'maybe' is unknown", "yes or no"]),
        (SWITCH, truth(), ["TRUE is no text", "yes or no"]),
    ],
)
def test_what_is_no_word_of_its_kind_is_refused(
    name: str, content: str, words: list[str], book: Path, tmp_path: Path
) -> None:
    line = refusal(typed(book, tmp_path / "typed.xlsx", {name: content}))
    sheet, spot = place(book, name)
    assert [word for word in (f"{sheet}!{spot}", *words) if word not in line] == []


def test_every_bad_cell_has_a_line(book: Path, tmp_path: Path) -> None:
    path = typed(book, tmp_path / "typed.xlsx", {RATE: text("x"), LIFE: BLANK, CHOICE: number(1)})
    with pytest.raises(ReadError) as caught:
        read_workbook(path)
    assert len(caught.value.told) == 3
    assert {line.split(":")[0] for line in caught.value.told} == {
        "typed.xlsx " + "!".join(place(book, name)) for name in (RATE, LIFE, CHOICE)
    }


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("in_as_of", ["as_of", "fixed by the run", "case.toml"]),
        ("in_tolerance", ["tolerance", "fixed by the run"]),
        ("in_history_list_index_usd_per_hour", ["it is an observation", "rents.csv"]),
        ("in_market_curve", ["it is a table", "case.toml"]),
        ("in_books_hazard_1_0", ["change operations.failure_early_annual"]),
    ],
)
def test_what_a_change_cannot_name_is_refused_with_the_reason(
    name: str, words: list[str], units: Path, tmp_path: Path
) -> None:
    line = refusal(typed(units, tmp_path / "typed.xlsx", {name: number(3)}))
    sheet, spot = place(units, name)
    assert [word for word in (f"{sheet}!{spot}", *words) if word not in line] == []


@pytest.mark.slow
def test_a_number_of_a_scenario_is_refused(units: Path, tmp_path: Path) -> None:
    context = lay_out(small("neocloud", ("fragile_parts",)), tmp_path / "none.xlsx")
    named = set(context.book.names.values())
    sheet, (row, column) = next(
        (sheet, spot)
        for sheet, cells in context.book.cells.items()
        for spot, placed in cells.items()
        if placed.role == "input" and isinstance(placed.value, float) and (sheet, *spot) not in named
    )
    line = refusal(with_cells(units, tmp_path / "typed.xlsx", {(sheet, cell(row, column)): number(0.5)}))
    assert f"{sheet}!{cell(row, column)}" in line
    assert "--scenario-file" in line


@pytest.mark.slow
def test_dated_lives_change_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "meta.xlsx"
    write_workbook(small("meta"), path)
    rows = [row for row in small("meta").assumptions if row.key == "ledgers.disclosed.life_months"]
    name = "in_ledgers_disclosed_life_months"
    names = [name, *(f"{name}_{number}" for number in range(2, len(rows) + 1))]
    line = refusal(typed(path, tmp_path / "one.xlsx", {names[-1]: number(40)}))
    assert f"has {len(rows)} dated values" in line
    (edit,) = read_workbook(typed(path, tmp_path / "all.xlsx", dict.fromkeys(names, number(40)))).edits
    assert edit.after == 40


# Names, rows and sheets


def renamed(markup: str, name: str, after: str) -> str:
    """Markup of the names with one of them pointing elsewhere; gone where there is no other place."""
    found = re.search(rf'<definedName name="{name}">[^<]*</definedName>', markup)
    assert found is not None
    return markup.replace(found[0], after and f'<definedName name="{name}">{after}</definedName>')


@pytest.mark.parametrize(
    ("after", "words"),
    [
        ("", [f"the name {RATE} of terms.required_return_annual is gone"]),
        ("#REF!", ["points to '#REF!', not to one cell"]),
        ("Inputs!$E$20:$E$30", ["not to one cell"]),
        ("Inputs!$E$30", ["rows were moved, or the key was changed"]),
        ("Inputs!$F$13", ["rows were moved, or the key was changed"]),
        ("Books!$E$13", ["points to the sheet Books"]),
        ("Nowhere!$E$13", ["a sheet 'Nowhere' that is not there"]),
        ("SUM(Inputs!$E$13)", ["not to one cell"]),
        ("0.25", ["not to one cell"]),
        ("Inputs!$E$0", ["not to one cell"]),
        ("'Inputs!$E$13", ["not to one cell"]),
        ("&quot;open", ["not to one cell"]),
    ],
)
def test_names_that_lost_their_cell_are_refused(after: str, words: list[str], book: Path, tmp_path: Path) -> None:
    edits = {tampering.WORKBOOK: lambda markup: renamed(markup, RATE, after)}
    line = refusal(tampering.with_parts(book, tmp_path / "named.xlsx", edits))
    assert [word for word in (RATE, *words) if word not in line] == []


def test_a_name_of_a_single_sheet_beside_that_of_the_workbook_is_refused(book: Path, tmp_path: Path) -> None:
    own = f'<definedName name="{RATE.upper()}" localSheetId="2">Inputs!$E$30</definedName></definedNames>'
    edits = {tampering.WORKBOOK: lambda markup: markup.replace("</definedNames>", own)}
    assert "once more for the sheet" in refusal(tampering.with_parts(book, tmp_path / "own.xlsx", edits))


def test_a_name_in_another_column_is_told(book: Path, tmp_path: Path) -> None:
    sheet, spot = place(book, RATE)
    after = f"{sheet}!{spot.replace('E', '$F$')}"
    edits = {tampering.WORKBOOK: lambda markup: renamed(markup, RATE, after)}
    line = refusal(tampering.with_parts(book, tmp_path / "columns.xlsx", edits))
    assert "columns were moved; allowed is column E" in line


def test_a_changed_key_is_refused(book: Path, tmp_path: Path) -> None:
    sheet, spot = place(book, RATE)
    address = spot.replace("E", "B")
    line = refusal(with_cells(book, tmp_path / "key.xlsx", {(sheet, address): text("terms.return")}))
    assert f"{sheet}!{spot}" in line
    assert "says 'terms.return'" in line
    assert "'terms.required_return_annual' in column B" in line


def test_inserted_rows_that_names_do_not_follow_are_refused(book: Path, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book)
    opened["Inputs"].insert_rows(8, 3)
    opened.save(tmp_path / "rows.xlsx")
    with pytest.raises(ReadError, match="rows were moved") as caught:
        read_workbook(tmp_path / "rows.xlsx")
    assert "more cells cannot be read" in caught.value.told[-1]
    assert len(caught.value.told) < 12


def test_a_workbook_laid_out_by_another_version_is_told(book: Path, tmp_path: Path) -> None:
    version = read_workbook(book).origin.version

    def other(markup: str) -> str:
        return markup.replace(f"obsolesce {version}<", "obsolesce 9.9.9<")

    edits = {tampering.STRINGS: other, tampering.WORKBOOK: lambda markup: renamed(markup, RATE, "")}
    path = tampering.with_parts(book, tmp_path / "other.xlsx", edits)
    with pytest.raises(ReadError, match="is gone") as caught:
        read_workbook(path)
    assert "read it with the version that wrote it" in caught.value.told[-1]
    assert "obsolesce 9.9.9 wrote this workbook" in caught.value.told[-1]


def test_inserted_rows_that_names_follow_are_read(book: Path, tmp_path: Path) -> None:
    """As an office program does it: three rows above all inputs, and the names go with their cells."""

    def down(match: re.Match[str]) -> str:
        return f"{match[1]}{int(match[2]) + 3 * (int(match[2]) >= 8)}{match[3]}"

    def rows(markup: str) -> str:
        return re.sub(r'(<(?:row|c) r="[A-Z]*)(\d+)(")', down, markup)

    def names(markup: str) -> str:
        return re.sub(r'(<definedName name="in_[^>]*>\'?Inputs\'?!\$[A-Z]+\$)(\d+)(<)', down, markup)

    moved = {tampering.part_of(book, "Inputs"): rows, tampering.WORKBOOK: names}
    path = tampering.with_parts(book, tmp_path / "moved.xlsx", moved)
    assert read_workbook(path).edits == ()
    (edit,) = read_workbook(typed(path, tmp_path / "typed.xlsx", {RATE: number(0.3)})).edits
    assert edit.key == "terms.required_return_annual"
    assert str(edit.spot) == "!".join(place(path, RATE))


def test_a_renamed_or_deleted_sheet_is_refused(book: Path, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book)
    opened["Inputs"].title = "My inputs"
    opened.save(tmp_path / "sheet.xlsx")
    assert "there is no sheet 'Inputs'" in refusal(tmp_path / "sheet.xlsx")

    def rename(markup: str) -> str:
        return markup.replace('name="Inputs"', 'name="Mine"').replace("'Inputs'!", "'Mine'!")

    path = tampering.with_parts(book, tmp_path / "office.xlsx", {tampering.WORKBOOK: rename})
    assert "there is no sheet 'Inputs'" in refusal(path)


# The embedded inputs


def test_other_workbooks_are_refused(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "other.xlsx")
    assert "does not say what it was made of" in refusal(tmp_path / "other.xlsx")
    write_workbook(replace(small(), inputs=""), tmp_path / "sample.xlsx")
    assert "was not made from a case" in refusal(tmp_path / "sample.xlsx")
    with zipfile.ZipFile(tmp_path / "sample.xlsx") as archive:
        assert NONE in archive.read(tampering.STRINGS).decode()


def test_a_workbook_without_its_embedded_sheet_is_refused(book: Path, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book)
    del opened["Case"]
    opened.save(tmp_path / "without.xlsx")
    assert "a sheet 'Case' that is not there" in refusal(tmp_path / "without.xlsx")


@pytest.mark.parametrize(
    ("below", "content", "words"),
    [
        (0, text('{"case":{}}'), ["not what was written"]),
        (3, BLANK, ["a line of the inputs is gone"]),
        (3, number(1), ["a line of the inputs is gone"]),
        (3, formula("A1", "x"), ["Case"]),
    ],
)
def test_a_damaged_text_of_the_inputs_is_refused(
    below: int, content: str, words: list[str], book: Path, tmp_path: Path
) -> None:
    sheet, spot = place(book, FIRST_NAME)
    address = f"{spot[0]}{int(spot[1:]) + below}"
    line = refusal(with_cells(book, tmp_path / "damaged.xlsx", {(sheet, address): content}))
    assert [word for word in words if word not in line] == []


def test_a_number_changed_in_the_text_of_the_inputs_is_refused(book: Path, tmp_path: Path) -> None:
    changed = small().inputs.replace('"fiscal_year_end_month":12', '"fiscal_year_end_month":6')
    assert changed != small().inputs
    sheet, spot = place(book, FIRST_NAME)
    lines = {(sheet, f"{spot[0]}{int(spot[1:]) + row}"): text(line) for row, line in enumerate(chunks(changed))}
    lines[place(book, LINES_NAME)] = text(str(len(lines)))
    line = refusal(with_cells(book, tmp_path / "tampered.xlsx", lines))
    assert "it was changed" in line
    assert small().digest[:16] in line


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (LINES_NAME, "many"),
        (LINES_NAME, "0"),
        (LINES_NAME, "99999"),
        (SETTINGS_NAME, "{}"),
        (SETTINGS_NAME, "[[["),
        (SETTINGS_NAME, '{"attribution":"shapley","plan":"surprise","overrides":[["a",NaN]]}'),
        (SETTINGS_NAME, '{"attribution":"shapley","plan":"surprise","overrides":[["a","\\ud800"]]}'),
        (SETTINGS_NAME, '{"attribution":"shapley","plan":"surprise","overrides":[["a",[1]]]}'),
        (SETTINGS_NAME, '{"attribution":"shapley","plan":"surprise","overrides":[[1,2]]}'),
        (SETTINGS_NAME, '{"attribution":"none","plan":"surprise","overrides":[]}'),
    ],
)
def test_damaged_facts_beside_the_text_are_refused(name: str, content: str, book: Path, tmp_path: Path) -> None:
    sheet, spot = place(book, name)
    line = refusal(with_cells(book, tmp_path / "facts.xlsx", {(sheet, spot): text(content)}))
    assert sheet in line


def sha256(inputs: dict[str, Any]) -> str:
    """Digest of inputs, whatever they hold."""
    return hashlib.sha256(canonical(inputs).encode("utf-8", "surrogatepass")).hexdigest()


def forged(book: Path, target: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Copy with other inputs in its text, their digest made anew; they need not be those of any run."""
    inputs = json.loads(small().inputs)
    change(inputs)
    random, _ = inputs.pop("uncertainty"), inputs.pop("risk_digest")
    found = sha256(inputs)
    whole = {**inputs, "case": {**inputs["case"], "uncertainty": random}}
    inputs |= {"uncertainty": random, "risk_digest": sha256(whole)}
    content = json.dumps(inputs, separators=(",", ":"))
    sheet, first = place(book, FIRST_NAME)
    before, lines = len(list(chunks(small().inputs))), list(chunks(content))
    rows = {(sheet, f"{first[0]}{int(first[1:]) + row}"): text(line) for row, line in enumerate(lines[:before])}
    more = "".join(
        f'<row r="{row}"><c r="{first[0]}{row}"{text(line)}</row>'
        for row, line in enumerate(lines[before:], start=int(first[1:]) + before)
    )
    rows[place(book, DIGEST_NAME)] = text(found)
    rows[place(book, LINES_NAME)] = text(str(len(lines)))
    made = with_cells(book, target, rows)
    return tampering.with_row(made, target.with_stem("more"), sheet, more) if more else made


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda inputs: inputs["case"].update(name="../../up"), "'../../up' is not a name"),
        (lambda inputs: inputs["case"].update(title="\ud800"), "halves of letters"),
        (lambda inputs: inputs["case"].update(horizon_months=10**9), "1000000000 is out of range"),
        (lambda inputs: inputs["case"].update(schedule=[]), "the inputs hold no purchase"),
        (lambda inputs: inputs["case"]["schedule"][0].update(generation="none"), "cannot be valued"),
        (lambda inputs: inputs["scenarios"].clear(), "0 scenarios with 0 names"),
        (lambda inputs: inputs["scenarios"].append(inputs["scenarios"][0]), "with 1 names"),
    ],
)
def test_inputs_of_no_run_are_refused_though_their_digest_fits(
    change: Callable[[dict[str, Any]], object], words: str, book: Path, tmp_path: Path
) -> None:
    assert words in refusal(forged(book, tmp_path / "forged.xlsx", change))


# Files that are no workbook, or more than one


def test_files_that_are_no_workbook_are_refused(book: Path, tmp_path: Path) -> None:
    content = book.read_bytes()
    made = {
        "old.xls": (content, ".xls is not read"),
        "macros.xlsm": (content, ".xlsm is not read"),
        "bare": (content, "is not read"),
        "locked.xlsx": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000), "encrypted with a password"),
        "cut.xlsx": (content[: len(content) // 2], "not a workbook"),
        "text.xlsx": (b"a,b\n1,2\n", "not a workbook"),
        "empty.xlsx": (b"", "not a workbook"),
    }
    for name, (data, word) in made.items():
        (tmp_path / name).write_bytes(data)
        assert word in refusal(tmp_path / name), name
    (tmp_path / "folder.xlsx").mkdir()
    assert "a folder, not a file" in refusal(tmp_path / "folder.xlsx")
    assert "there is no file" in refusal(tmp_path / "missing.xlsx")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("xl/externalLinks/externalLink1.xml", "links to other workbooks"),
        ("xl/vbaProject.bin", "macros"),
        ("xl/embeddings/oleObject1.bin", "embedded objects"),
        ("xl/activeX/activeX1.xml", "controls"),
        ("xl/macrosheets/sheet1.xml", "macros of old versions"),
        ("xl/connections.xml", "connections to data elsewhere"),
    ],
)
def test_workbooks_with_more_than_cells_are_refused(part: str, words: str, book: Path, tmp_path: Path) -> None:
    path = tmp_path / "more.xlsx"
    path.write_bytes(book.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(part, "x")
    assert words in refusal(path)


def test_bombs_are_refused_before_they_are_opened(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    path.write_bytes(book.read_bytes())
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet99.xml", bytes(20_000_000))
    assert "packed more than 100 to 1" in refusal(path)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet98.xml", bytes(100_000_000))
    assert "bytes unpacked" in refusal(path)
    path.write_bytes(book.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        for part in range(2_001):
            archive.writestr(f"{part}.xml", "")
    assert "parts inside" in refusal(path)


def test_entities_are_refused(book: Path, tmp_path: Path) -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'

    def charge(markup: str) -> str:
        return bomb + markup[markup.index("<worksheet") :]

    path = tampering.with_parts(book, tmp_path / "bomb.xlsx", {tampering.part_of(book, "Inputs"): charge})
    assert "not a readable workbook" in refusal(path)


def test_a_far_cell_is_refused(book: Path, tmp_path: Path) -> None:
    opened = openpyxl.load_workbook(book)
    opened["Inputs"]["XFD1048576"] = 1
    opened.save(tmp_path / "far.xlsx")
    line = refusal(tmp_path / "far.xlsx")
    assert "Inputs!XFD1048576" in line
    assert "far from all others" in line
    path = tampering.with_row(book, tmp_path / "wide.xlsx", "Inputs", '<row r="900"><c r="XFA900"><v>1</v></c></row>')
    assert "Inputs!XFA900: a cell far from all others" in refusal(path)
    blank = "".join(f'<row r="{row}"><c r="XFD{row}"/></row>' for row in range(900, 1_200))
    path = tampering.with_row(book, tmp_path / "blank.xlsx", "Inputs", blank)
    assert "far from all others" in refusal(path)


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ('<row r="21"><c r="E21"><v>0.3</v></c></row>', "row 21 stands twice or out of order"),
        ('<row r="900"><c r="E900"/><c r="E900"><v>1</v></c></row>', "Inputs!E900: cell E900 stands twice"),
        ('<row r="900"><c r="F900"/><c r="E900"/></row>', "cell E900 stands twice or out of order"),
        ('<row r="900"><c r="E21"><v>0.3</v></c></row>', "cell E21 stands twice or out of order"),
        ('<row r="900"><c r="E900"><v>1</v><v>2</v></c></row>', "Inputs!E900: the cell has two of <v>"),
        ('<row r="900"><x:c xmlns:x="y" r="E900"/></row>', "<c> is of an unknown kind"),
        ('<row r="९००"/>', "out of order"),
    ],
)
def test_what_programs_read_in_different_ways_is_refused(rows: str, words: str, book: Path, tmp_path: Path) -> None:
    assert words in refusal(tampering.with_row(book, tmp_path / "twice.xlsx", "Inputs", rows))


def repacked(source: Path, target: Path, name: str, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> Path:
    """Copy with another content of one part."""
    with zipfile.ZipFile(source) as read, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as write:
        for item in read.infolist():
            if item.filename != name:
                write.writestr(item, read.read(item))
        write.writestr(name, content, packing)
    return target


def test_parts_that_would_fill_the_memory_are_refused(book: Path, tmp_path: Path) -> None:
    styles = "xl/styles.xml"
    noise = random.Random(1).randbytes(300_000).hex().encode()
    told = refusal(repacked(book, tmp_path / "bytes.xlsx", styles, noise * 18))
    assert "xl/styles.xml has 10,800,000 bytes" in told
    told = refusal(repacked(book, tmp_path / "tags.xlsx", styles, noise + b"<xf/>" * 400_001))
    assert "more than 400,000 tags in its other parts" in told
    told = refusal(repacked(book, tmp_path / "piece.xlsx", styles, b"<a b='" + noise * 4))
    assert "a text or picture of more than 1,048,576 bytes in xl/styles.xml" in told
    told = refusal(repacked(book, tmp_path / "packing.xlsx", styles, b"x", zipfile.ZIP_BZIP2))
    assert "packed in an unusual way" in told
    sheet = tampering.part_of(book, "Guide")
    told = refusal(repacked(book, tmp_path / "cells.xlsx", sheet, noise + b"<c/>" * 3_000_001))
    assert "more than 3,000,000 tags in its sheets" in told


def test_two_parts_of_one_name_are_refused(book: Path, tmp_path: Path) -> None:
    path = tmp_path / "twice.xlsx"
    path.write_bytes(book.read_bytes())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(tampering.WORKBOOK.upper(), "x")
    assert "two parts are called 'xl/workbook.xml'" in refusal(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes have no names here")
def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.xlsx")
    assert "a pipe or a device" in refusal(tmp_path / "pipe.xlsx")


def test_a_file_that_cannot_be_opened_is_told(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", locked)
    assert "it cannot be opened: permission denied" in refusal(book)


def test_dates_from_1904_are_refused(book: Path, tmp_path: Path) -> None:
    def shift(markup: str) -> str:
        return markup.replace("<workbookPr ", '<workbookPr date1904="1" ')

    path = tampering.with_parts(book, tmp_path / "old.xlsx", {tampering.WORKBOOK: shift})
    assert "counts dates from 1904" in refusal(path)


# Words that look like formulas


def test_hostile_words_come_back_as_words(tmp_path: Path) -> None:
    case = load_case("mainframes")
    words = [*samples.HOSTILE, "_x0041_", "a\nb\r\x07", "\u202eabc", "Größe \U0001f600", " " * 400 + "="]
    first, second = case.scenarios[:2]
    hostile = first.model_copy(update={"title": words[1], "sentence": words[2], "source": " ".join(words)})
    other = second.model_copy(update={"title": words[3], "sentence": words[4], "contradicted_by": words[5]})
    changed = case.model_copy(update={"title": words[0], "note": "\n".join(words), "scenarios": (hostile, other)})
    run = run_case(changed, None, (), 12)
    write_workbook(compose(run), tmp_path / "hostile.xlsx")
    found = read_workbook(tmp_path / "hostile.xlsx")
    assert found.edits == ()
    assert found.origin.case == run.case
    assert found.origin.scenarios == run.scenarios
    assert found.origin.digest == run.digest
    opened = openpyxl.load_workbook(tmp_path / "hostile.xlsx")
    kinds = {cell.data_type for row in opened["Case"].iter_rows(min_row=4) for cell in row if cell.value is not None}
    assert kinds == {"s"}


def test_no_line_of_the_text_looks_like_a_formula() -> None:
    content = '{"a":"' + "=1+1 -2 @x" * 500 + " " * 400 + '"}'
    lines = list(chunks(content))
    assert "".join(lines) == content
    assert max(map(len, lines)) <= 160
    assert sum(line[0] in "=+-@" for line in lines[:30]) == 0
