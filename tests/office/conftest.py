"""Workbooks that the office tests share: one made by hand, and the bundled cases."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from reports.compose import compose
from reports.excel import write_workbook
from reports.record import Report
from tests.unit.reports import samples


@cache
def bundled(name: str) -> Report:
    """A bundled case with all its scenarios and tables."""
    from assumptions import load_case, plan_table, run_case, sensitivity_table

    case = load_case(name)
    return compose(run_case(case), sensitivity_table(case), plan_table(case))


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
