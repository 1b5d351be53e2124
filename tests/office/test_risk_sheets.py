"""The sheets of a risk run in an office program: values stay, workings follow, and a changed input raises the flag."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assumptions import Execution, Sampling, load_case
from reports.excel.plan.outline import OF_THE_RISK_RUN, RISK
from reports.runs.risk import Changes, simulate_and_write
from tests.office.programs import convert, edited, read_cells, type_number

pytestmark = [pytest.mark.office, pytest.mark.slow]

FLAG = "C3"
APART = 1e-9  # the workbook keeps ten digits of a result


def numbers(path: Path) -> dict[tuple[str, str], float]:
    """Numbers of the sheets of the risk run, but for the marks of changed numbers of scenarios."""
    cells = read_cells(path)
    return {
        place: value
        for place, (formula, value) in cells.items()
        if place[0] in OF_THE_RISK_RUN and isinstance(value, float) and not formula.startswith("IF(Drivers")
    }


def test_values_stay_and_the_flag_rises(soffice: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assumptions.risk.riskrequest.REPLICATES", 2)
    folder, case = tmp_path / "out", load_case("bitcoin-miner")
    simulate_and_write(case, Sampling(16), Changes(["dry_season"], []), folder, [], execution=Execution(), quiet=True)
    book = folder / "bitcoin-miner.xlsx"
    (same,) = convert(soffice, [edited(book, tmp_path / "same.xlsx", {})], "xlsx", tmp_path)
    ours, theirs = numbers(book), numbers(same)
    assert len(ours) > 1_000
    assert ours.keys() == theirs.keys()
    assert all(abs(value - theirs[place]) <= APART * max(1.0, abs(value)) for place, value in ours.items())

    typed = type_number(book, tmp_path / "typed.xlsx", "in_operations_pue", 1.3)
    listed = (formula for (sheet, _), (formula, _) in read_cells(book).items() if sheet == RISK)
    watched = next(formula for formula in listed if formula.startswith("IF(Drivers!"))
    (cell,) = re.findall(r"IF\(Drivers!([A-Z]+[0-9]+)=", watched)

    def change(markup: str) -> str:
        found, count = re.subn(rf'(<c r="{cell}"[^>]*><v>)[^<]*(</v>)', r"\g<1>0.5\g<2>", markup)
        assert count == 1
        return found

    moved = edited(book, tmp_path / "moved.xlsx", {"Drivers": change})
    for path, words in ((same, "inputs as simulated"), *((copy, "1 changed: run again") for copy in (typed, moved))):
        (found,) = (path,) if path == same else convert(soffice, [path], "xlsx", tmp_path)
        cells = read_cells(found)
        assert {cells[sheet, FLAG][1] for sheet in OF_THE_RISK_RUN} == {words}, path.name
