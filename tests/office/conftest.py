"""Workbooks that the office tests share: one made by hand, and the bundled cases; and the office that is kept open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from reports.excel.workbook import write_workbook
from reports.record.compose import compose
from reports.record.report import Report
from tests.conftest import find_uno_python
from tests.office.office import Office
from tests.office.programs import edited
from tests.unit.reports import samples


@cache
def bundled(name: str) -> Report:
    """A bundled case with all its scenarios and tables."""
    from assumptions import load_case, plan_table, run_case, sensitivity_table

    case = load_case(name)
    return compose(run_case(case), sensitivity_table(case), plan_table(case))


@cache
def untabled(name: str) -> Report:
    """A bundled case with all its scenarios and no tables."""
    from assumptions import load_case, run_case

    return samples.report() if name == "sample" else compose(run_case(load_case(name)))


def report_of(name: str) -> Report:
    """The run behind a workbook."""
    return samples.report() if name == "sample" else bundled(name)


@pytest.fixture(scope="session")
def workbooks(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The workbooks, by name of the case."""
    folder = tmp_path_factory.mktemp("workbooks")
    made = {name: folder / f"{name}.xlsx" for name in ("sample", "neocloud", "meta")}
    for name, path in made.items():
        write_workbook(report_of(name), path)
    return made


@pytest.fixture(scope="session")
def office(soffice: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The one office that stays open."""
    python = find_uno_python()
    assert python is not None  # else the test would have been left out, or the run refused
    with Office(Path(python), soffice, tmp_path_factory.mktemp("office")) as opened:
        yield opened


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Workbooks of cases in which every stored result is a wrong number, by name of the case."""
    folder = tmp_path_factory.mktemp("poisoned")

    @cache
    def made(name: str) -> Path:
        sound = folder / f"{name}_sound.xlsx"
        write_workbook(untabled(name), sound)
        return edited(sound, folder / f"{name}.xlsx", {})

    return made
