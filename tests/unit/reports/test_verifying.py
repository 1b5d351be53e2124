"""A workbook is proved by the inputs in it: every cell equal, or the first ones that are not."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

import openpyxl
import pytest

from assumptions import load_case
from reports.excel.returned import office
from reports.excel.returned.foreign import Foreign
from reports.excel.returned.verifying import Comparison
from reports.excel.writing.address import cell
from reports.runs import readback
from reports.runs.evaluation import Request, evaluate_and_write
from reports.runs.readback import Verdict, check_verdict, verify
from tests.unit.reports import tampering
from tests.unit.reports.tampering import formula, number, text, typed, with_cells
from valuation.analysis.attribution import Method, Plan
from valuation.errors import AssumptionError

pytestmark = pytest.mark.slow

RATE = "in_terms_required_return_annual"


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with a value set, other choices than the usual ones, and two scenarios."""
    folder = tmp_path_factory.mktemp("run") / "out"
    case = load_case("mainframes")
    names = [case.scenarios[1].name]
    request = Request(names, ["terms.required_return_annual=0.14"], 24, Method.ORDERED, Plan.NO_PROGRESS)
    evaluate_and_write(case, request, folder, ["obsolesce"], shown=False, wanted=False)
    return folder / "mainframes.xlsx"


@pytest.fixture(scope="module")
def untouched(book: Path) -> Verdict:
    return verify(book)


def refusal(path: Path, *, recalculate: bool = False) -> tuple[Verdict, str]:
    """Verdict and the only line of its refusal."""
    verdict = verify(path, recalculate=recalculate)
    with pytest.raises(AssumptionError) as caught:
        check_verdict(path, verdict, recalculate=recalculate)
    assert "\n" not in str(caught.value)
    return verdict, str(caught.value)


def changed(book: Path, target: Path, cells: Mapping[tuple[str, str], str]) -> tuple[Verdict, str]:
    return refusal(with_cells(book, target, cells))


def live_cell(book: Path) -> str:
    """Address of a live cell of the books."""
    with Foreign(book) as opened:
        cells = opened.cells("Books")
        spot = next(spot for spot, seen in cells.items() if seen.formula and spot[0] > 10 and seen.value not in (0, ""))
    return cell(*spot)


def test_an_untouched_workbook_is_what_its_inputs_give(book: Path, untouched: Verdict) -> None:
    assert untouched.edits == ()
    assert untouched.stored is not None
    assert untouched.stored.differences == []
    assert untouched.stored.cells > 5_000
    assert untouched.stored.numbers > 4_000
    assert untouched.origin.overrides == (("terms.required_return_annual", 0.14),)
    assert untouched.origin.plan is Plan.NO_PROGRESS
    check_verdict(book, untouched, recalculate=False)


def test_the_scenario_of_the_selector_is_the_one_compared(book: Path, tmp_path: Path) -> None:
    """A flipped selector over the results of the base: the results are not those of the scenario."""
    name = load_case("mainframes").scenarios[1].name
    verdict, line = refusal(typed(book, tmp_path / "flipped.xlsx", {"sc_name": text(name)}))
    assert verdict.scenario == name
    assert "are not what the inputs give" in line
    with pytest.raises(AssumptionError, match="the selector says 'nobody'"):
        verify(typed(book, tmp_path / "unknown.xlsx", {"sc_name": text("nobody")}))


def test_a_changed_number_is_found(book: Path, tmp_path: Path) -> None:
    verdict, line = changed(book, tmp_path / "engine.xlsx", {("Years", "H9"): number(123.0)})
    assert verdict.stored is not None
    (first, *_) = verdict.stored.differences
    assert str(first.spot) == "Years!H9"
    assert "first Years!H9" in line


def rewritten(book: Path, target: Path, pattern: str, replacement: str) -> Comparison:
    """How a copy compares in which the markup of a live cell of the books is another; its refusal names the cell."""
    address = live_cell(book)

    def edit(markup: str) -> str:
        after, count = re.subn(rf'(<c r="{address}"[^>]*><f>[^<]*){pattern}', replacement, markup)
        assert count == 1
        return after

    path = tampering.with_parts(book, target, {tampering.part_of(book, "Books"): edit})
    verdict, line = refusal(path)
    assert f"Books!{address}" in line
    assert verdict.stored is not None
    return verdict.stored


def test_a_changed_stored_result_is_found(book: Path, tmp_path: Path) -> None:
    found = rewritten(book, tmp_path / "result.xlsx", "(</f><v>)[^<]*", r"\g<1>\g<2>-77")
    assert found.formulas_agree
    assert [difference.found for difference in found.differences] == [-77]


def test_a_changed_formula_is_found_though_its_result_is_right(book: Path, tmp_path: Path) -> None:
    assert not rewritten(book, tmp_path / "formula.xlsx", "(</f>)", r"\g<1>+0\g<2>").formulas_agree


def test_a_changed_word_and_a_cell_too_many_are_found(book: Path, tmp_path: Path) -> None:
    cells = {("Cover", "B2"): text("Another company")}
    _, line = changed(book, tmp_path / "word.xlsx", cells)
    assert "first Cover!B2" in line

    def edit(markup: str) -> str:
        return markup.replace("</sheetData>", '<row r="900"><c r="C900"><f>1+1</f><v>2</v></c></row></sheetData>')

    path = tampering.with_parts(book, tmp_path / "more.xlsx", {tampering.part_of(book, "Guide"): edit})
    verdict, line = refusal(path)
    assert "first Guide!C900" in line
    assert verdict.stored is not None
    assert not verdict.stored.formulas_agree


def test_names_that_stand_for_other_cells_are_found(book: Path, tmp_path: Path) -> None:
    """Their formulas read the same and find something else."""

    def edit(markup: str) -> str:
        return re.sub(r'(<definedName name="sc_number">[^<]*)\$E\$', r"\g<1>$F$", markup)

    verdict, line = refusal(tampering.with_parts(book, tmp_path / "names.xlsx", {tampering.WORKBOOK: edit}))
    assert "first Scenarios!E4" in line
    assert "1 cell is not" in line
    assert verdict.stored is not None
    assert not verdict.stored.formulas_agree


def test_a_formula_of_an_area_is_not_the_formula_of_its_cell(book: Path, tmp_path: Path) -> None:
    address = live_cell(book)

    def edit(markup: str) -> str:
        return re.sub(rf'(<c r="{address}"[^>]*><f)>', rf'\g<1> t="array" ref="{address}">', markup)

    path = tampering.with_parts(book, tmp_path / "area.xlsx", {tampering.part_of(book, "Books"): edit})
    assert f"1 cell is not what the inputs give, first Books!{address}" in refusal(path)[1]


def test_only_versions_are_left_out_beside_the_packages(book: Path, tmp_path: Path) -> None:
    with Foreign(book) as opened:
        row = next(row for (row, _), seen in opened.cells("Audit").items() if seen.value == "python")
    other = with_cells(book, tmp_path / "version.xlsx", {("Audit", cell(row, 2)): text("4.0rc1")})
    check_verdict(other, verify(other), recalculate=False)
    _, line = changed(book, tmp_path / "claim.xlsx", {("Audit", cell(row, 2)): text("all figures audited")})
    assert f"first Audit!{cell(row, 2)}" in line
    _, line = changed(book, tmp_path / "beside.xlsx", {("Audit", cell(row, 3)): text("all figures audited")})
    assert f"first Audit!{cell(row, 3)}" in line


def test_a_workbook_without_stored_results_is_told(book: Path, tmp_path: Path) -> None:
    openpyxl.load_workbook(book).save(tmp_path / "bare.xlsx")
    _, line = refusal(tmp_path / "bare.xlsx")
    assert "no formula has a stored result" in line
    assert "open it in a spreadsheet program and save it" in line


def test_edited_inputs_are_told_apart(book: Path, tmp_path: Path) -> None:
    verdict, line = refusal(typed(book, tmp_path / "edited.xlsx", {RATE: number(0.2)}))
    assert verdict.stored is None
    assert line.startswith("edited.xlsx: 1 input differs from the run: values are those of the edited inputs")
    assert "read edited.xlsx --run" in line


def test_another_version_is_told(book: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    version = verify(book).origin.version

    def edit(markup: str) -> str:
        return markup.replace(f"obsolesce {version}<", "obsolesce 9.9.9<")

    path = tampering.with_parts(book, tmp_path / "other.xlsx", {tampering.STRINGS: edit})
    verdict = verify(path)
    check_verdict(path, verdict, recalculate=False)
    assert verdict.origin.foreign_version
    readback.print_verdict(path, verdict, sys.stdout)
    assert "written by obsolesce 9.9.9" in capsys.readouterr().out


def test_the_verdict_is_printed(book: Path, untouched: Verdict, capsys: pytest.CaptureFixture[str]) -> None:
    readback.print_verdict(book, untouched, sys.stdout)
    told = capsys.readouterr().out
    assert "scenario shown: base" in told
    assert "all as the inputs give them" in told


def test_without_the_office_program_a_line_says_so(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(AssumptionError, match="is not on the path"):
        verify(book, recalculate=True)


def program(folder: Path, script: str) -> Path:
    """A stand-in for the office program."""
    folder.mkdir()
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)
    return path


def test_an_office_program_that_only_echoes_is_caught(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given wrong results, and returns them."""
    find_out = 'while [ "$1" != --outdir ]; do shift; done'
    path = program(tmp_path / "bin", f'for last; do :; done; {find_out}; cp "$last" "$2"')
    monkeypatch.setattr(office, "find_office", lambda: path)
    monkeypatch.setattr(readback, "find_office", lambda: path)
    verdict, line = refusal(book, recalculate=True)
    assert verdict.stored is not None
    assert verdict.stored.differences == []
    assert verdict.recalculated is not None
    assert {difference.found for difference in verdict.recalculated.differences} == {-12345}
    assert "after recalculation are not what the inputs give" in line


def test_an_office_program_without_result_or_end_is_refused(
    book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    idle, endless = program(tmp_path / "idle", "exit 0"), program(tmp_path / "endless", "sleep 60")
    (tmp_path / "one").mkdir()
    with pytest.raises(AssumptionError, match="wrote no result"):
        office.recalculated(idle, book, tmp_path / "one")
    monkeypatch.setattr(office, "SECONDS", 0.2)
    (tmp_path / "two").mkdir()
    with pytest.raises(AssumptionError, match="came to no end"):
        office.recalculated(endless, book, tmp_path / "two")


def test_formulas_of_others_are_never_recalculated(book: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    marker = tmp_path / "called"
    path = program(tmp_path / "bin", f'touch "{marker}"')
    monkeypatch.setattr(readback, "find_office", lambda: path)
    cells = {("Books", live_cell(book)): formula('WEBSERVICE("https://a.example")', "0")}
    verdict, line = refusal(with_cells(book, tmp_path / "foreign.xlsx", cells), recalculate=True)
    assert verdict.recalculated is None
    assert "not recalculated, for formulas are not those of the run" in line
    assert not marker.exists()
