from __future__ import annotations

import errno
import json
from pathlib import Path

import pytest

from reports.excel import workbook
from reports.files import csvsafe
from reports.files.write import OutputError, check_target, write_run
from reports.record.report import Report
from tests.unit.reports import samples
from valuation.errors import ModelError

FILES = {
    "sample.xlsx",
    "results.json",
    "run.json",
    "tables/ledger.csv",
    "tables/economic.csv",
    "tables/cash_flow.csv",
    "tables/lives.csv",
    "tables/waterfall.csv",
    "tables/second_opinions.csv",
    "tables/capex.csv",
    "tables/obsolescence.csv",
}
COMMAND = ["obsolesce", "run", "sample", "--set", "a b=1"]


@pytest.fixture(autouse=True)
def _small_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """The workbook has tests of its own; here it only has to be there."""

    def stand_in(report: Report, path: Path) -> None:
        path.write_bytes(b"workbook")

    monkeypatch.setattr(workbook, "write_workbook", stand_in)


def files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_every_file_is_written_and_nothing_else_is_left(tmp_path: Path) -> None:
    written = write_run(samples.report(), tmp_path / "out" / "sample", COMMAND)
    assert set(files(tmp_path / "out" / "sample")) == FILES
    assert {path.relative_to(tmp_path / "out" / "sample").as_posix() for path in written} == FILES
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["sample"]


def test_record_of_the_run(tmp_path: Path) -> None:
    write_run(samples.report(), tmp_path / "out", COMMAND)
    record = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["program"] == "obsolesce"
    assert record["command"] == "obsolesce run sample --set 'a b=1'"
    assert record["seed"] is None
    assert record["digest"] == samples.report().digest
    assert record["time"].endswith("+00:00")
    assert {"python", *record["files"]} >= {"python", *FILES - {"run.json"}}


def test_an_earlier_run_is_replaced_whole(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(samples.report(), out, COMMAND)
    (out / "results.json").write_text("old", encoding="utf-8")
    write_run(samples.report(), out, COMMAND)
    assert set(files(out)) == FILES
    assert (out / "results.json").read_text(encoding="utf-8") != "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes.txt", "tables/mine.csv", "run.json", ".hidden"])
def test_a_folder_of_somebody_else_is_refused(name: str, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("{}", encoding="utf-8")
    with pytest.raises(OutputError, match="no earlier run wrote"):
        write_run(samples.report(), out, COMMAND)
    assert files(out) == {name: b"{}"}


def test_an_earlier_run_with_a_file_of_somebody_else_is_refused(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(samples.report(), out, COMMAND)
    (out / "tables" / "notes.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match="notes"):
        check_target(out)


def test_lock_files_of_office_programs_do_no_harm(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_run(samples.report(), out, COMMAND)
    (out / ".~lock.sample.xlsx#").write_text("", encoding="utf-8")
    check_target(out)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(ModelError, match="not a folder"):
        check_target(tmp_path / "out")


def test_a_new_or_empty_folder_is_welcome(tmp_path: Path) -> None:
    check_target(tmp_path / "absent")
    check_target(tmp_path)


@pytest.mark.parametrize("first", [True, False])
def test_a_full_disk_leaves_everything_as_it_was(
    *, first: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    if not first:
        write_run(samples.report(), out, COMMAND)
    before = files(tmp_path)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(csvsafe, "write_frame", full)
    with pytest.raises(OutputError, match="no space left on device"):
        write_run(samples.report(), out, COMMAND)
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ([] if first else ["out"])


def test_a_defect_leaves_everything_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write_run(samples.report(), out, COMMAND)
    before = files(tmp_path)

    def broken(*_: object) -> None:
        raise RuntimeError("defect")

    monkeypatch.setattr("reports.files.tables.all_tables", broken)
    with pytest.raises(RuntimeError, match="defect"):
        write_run(samples.report(), out, COMMAND)
    assert files(tmp_path) == before


def test_a_swap_that_fails_brings_the_old_folder_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    write_run(samples.report(), out, COMMAND)
    before = files(tmp_path)
    rename = Path.rename

    def refuse(self: Path, target: Path) -> Path:
        if Path(target) == out and "-old-" not in str(self):
            raise OSError(errno.EACCES, "Permission denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError, match="permission denied"):
        write_run(samples.report(), out, COMMAND)
    assert files(tmp_path) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
