"""A second program finds what the stored values say, and a workbook that it has saved is still the run's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from assumptions import load_case
from reports.excel.returned.reading import read_workbook
from reports.runs.evaluation import Request, evaluate_and_write
from reports.runs.readback import check_verdict, verify
from tests.office.programs import convert

pytestmark = [pytest.mark.office, pytest.mark.slow]


def test_every_formula_of_a_run_is_recalculated(soffice: Path, tmp_path: Path) -> None:
    request = Request(["fragile_parts"], [], 24)
    evaluate_and_write(load_case("neocloud"), request, tmp_path / "run", ["obsolesce"], shown=False, wanted=False)
    book = tmp_path / "run" / "neocloud.xlsx"
    verdict = verify(book, recalculate=True)
    check_verdict(book, verdict, recalculate=True)
    assert verdict.recalculated is not None
    assert verdict.recalculated.numbers > 3_000
    (saved,) = convert(soffice, [book], "xlsx", tmp_path)
    assert read_workbook(saved).edits == ()
    check_verdict(saved, verify(saved), recalculate=False)
