"""What follows a changed input in a copy that is converted, and what a broken formula does to the master check."""

from __future__ import annotations

from pathlib import Path

import pytest

from reports.excel.workbook import write_workbook
from tests.office.conftest import report_of
from tests.office.programs import (
    change_formula,
    convert,
    live,
    read_cells,
    type_number,
)
from tests.unit.reports import samples

pytestmark = [pytest.mark.office, pytest.mark.slow]

RELATIVE = 1e-9  # of the largest cost
DIGITS = 1e-13  # what a file of fifteen digits loses


def mismatches(expected: Path, recalculated: Path, tolerance: float) -> list[tuple[object, ...]]:
    """Live cells that differ: numbers beyond the tolerance, anything else at all."""
    found = read_cells(recalculated)
    bad: list[tuple[object, ...]] = []
    for place, ours in live(read_cells(expected)).items():
        theirs = found[place][1] if place in found else None
        if isinstance(ours, float) and isinstance(theirs, float):
            if abs(ours - theirs) > tolerance + DIGITS * abs(ours):
                bad.append((*place, ours, theirs))
        elif ours != theirs:
            bad.append((*place, ours, theirs))
    return bad


def tolerance_of(name: str) -> float:
    """Share of the largest cost of a cohort."""
    fleet = report_of(name).results.inputs.fleet
    return RELATIVE * float((fleet.units * fleet.cost).max())


def test_changed_life_moves_the_books_as_the_engine_would(
    soffice: Path, workbooks: dict[str, Path], tmp_path: Path
) -> None:
    name = "in_ledgers_three_year_life_months"
    copy = type_number(workbooks["sample"], tmp_path / "longer.xlsx", name, 48)
    (result,) = convert(soffice, [copy], "xlsx", tmp_path)
    expected = tmp_path / "expected.xlsx"
    write_workbook(samples.report(48), expected)
    bad = mismatches(expected, result, tolerance_of("sample"))
    sheets = ("Books", "Gap", "Years", "Quarters")
    assert [place for place in bad if place[0] in sheets and place[3] != "1 changed: live"] == []
    found = read_cells(result)
    assert found["Cover", "H6"][1] == "1 changed: live"
    assert found["Cover", "G6"][1] == "all checks pass"


def test_a_changed_life_of_devices_makes_the_engine_values_stale(
    soffice: Path, workbooks: dict[str, Path], tmp_path: Path
) -> None:
    copy = type_number(workbooks["neocloud"], tmp_path / "dearer.xlsx", "in_terms_physical_life_months", 100)
    (result,) = convert(soffice, [copy], "xlsx", tmp_path)
    found = read_cells(result)
    for sheet, cell in (("Books", "E2"), ("Economic", "E2"), ("Cover", "H6")):
        assert found[sheet, cell][1] == "1 changed: run again"


@pytest.mark.parametrize(
    ("sheet", "label", "column"),
    [("Books", "2024-05 servers H100", "M"), ("Gap", "Gap", "M"), ("Economic", "Economic value, shown", "M")],
)
def test_a_broken_formula_fails_the_master_check(
    sheet: str, label: str, column: str, soffice: Path, workbooks: dict[str, Path], tmp_path: Path
) -> None:
    """The last row of a label is broken, for cohorts that of the carrying amounts."""
    labels = [
        cell
        for (where, cell), (_, value) in read_cells(workbooks["sample"]).items()
        if (where, value) == (sheet, label)
    ]
    row = max(int(cell[1:]) for cell in labels)
    copy = change_formula(workbooks["sample"], tmp_path / "broken.xlsx", sheet, f"{column}{row}", "+1000000")
    (result,) = convert(soffice, [copy], "xlsx", tmp_path)
    assert "FAIL" in str(read_cells(result)["Cover", "G6"][1])
