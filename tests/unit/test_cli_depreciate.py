"""The command `depreciate`: exit codes, one line for each bad row, nothing written unless all is well."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner, Result

from cli import app

ROOT = Path(__file__).resolve().parents[2]
HEAD = "asset,cost_usd,in_service,life_months"
GOOD = f"{HEAD}\na,36000,2024-01-01,36\n"
ONE = ("--set", "cost_usd=36000", "--set", "in_service=2024-01-01", "--set", "life_years=3")
EVENTS = "asset,date,order,event,salvage_usd,life_months,share,cost_usd"


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def depreciate(*words: str) -> Result:
    """Run the command in the current folder."""
    return CliRunner().invoke(app, ["depreciate", *words])


def written(**texts: str) -> list[str]:
    """Write files down; their names in order."""
    for name, text in texts.items():
        Path(f"{name}.csv").write_text(text, encoding="utf-8")
    return [f"{name}.csv" for name in texts]


def refusal(done: Result, lines: int = 1) -> list[str]:
    """Lines of a refusal: nothing else was said or written, and nothing went wrong inside."""
    assert done.exit_code == 1, done.output
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert done.stdout == ""
    told = done.stderr.splitlines()
    assert len(told) == lines
    assert all(line.startswith("error: ") and "; " in line for line in told)
    return told


def test_one_asset_in_words() -> None:
    done = depreciate(*ONE, "--as-of", "2024-12-31")
    assert done.exit_code == 0
    assert "12,000.00" in done.stdout
    assert "carrying amount on 2024-12-31, books: 24,000.00 USD" in done.stdout
    assert done.stderr == ""


def test_register_to_files() -> None:
    written(assets=GOOD)
    words = ("assets.csv", "--by", "month", "--out", "out.csv", "--detail", "detail.csv", "--quiet")
    done = depreciate(*words)
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "")
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        assert [float(row["depreciation_usd"]) for row in csv.DictReader(file)] == pytest.approx([1000.0] * 36)


@pytest.mark.slow
def test_through_the_shell(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-W", "error", str(ROOT / "cli.py"), "depreciate", *ONE]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    bad = subprocess.run(
        [*words, "--set", "life_years=x"], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (bad.returncode, bad.stdout) == (1, "")
    assert len(bad.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [("--year-end", "13"), ("--year-end", "x"), ("--nonsense",), ("a.csv", "b.csv")])
def test_wrong_usage_is_exit_2(words: tuple[str, ...]) -> None:
    assert depreciate(*words).exit_code == 2


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ((), "--set column cost_usd"),
        (("--set", "cost_usd"), "no equals sign"),
        (("--set", "cost=5"), "did you mean cost_usd?"),
        ((*ONE, "--set", "life_months=36"), "a life in months and in years"),
        ((*ONE, "--set", "cost_usd=nan"), "'nan' is not finite"),
        ((*ONE, "--set", f"cost_usd={'9' * 400}"), "is not finite"),
        ((*ONE, "--by", "quarterly"), "did you mean quarter?"),
        ((*ONE, "--until", "2026Q4"), "'2026Q4' is not a month"),
        ((*ONE, "--until", "2020-01"), "before the first service"),
        ((*ONE, "--as-of", "2026-06"), "'2026-06' is not a date"),
        ((*ONE, "--until", "2025-06", "--as-of", "2026-06-30"), "lies after the schedule"),
        ((*ONE, "--out", "out.txt"), "unknown kind of file"),
        ((*ONE, "--out", "none/out.csv"), "a folder that exists"),
        ((*ONE, "--out", "."), "unknown kind of file"),
        ((*ONE, "--out", "same.csv", "--detail", "same.csv"), "asked for twice"),
        ((*ONE, "--events", "none.csv"), "there is no file"),
        (("none.csv",), "there is no file"),
        (("none.xlsx",), "there is no file"),
        (("none",), ".xlsx or .csv"),
        ((".",), ".xlsx or .csv"),
        (("/dev/null",), ".xlsx or .csv"),
    ],
)
def test_bad_words_and_paths(words: tuple[str, ...], named: str, tmp_path: Path) -> None:
    assert named in refusal(depreciate(*words))[0]
    assert list(tmp_path.iterdir()) == []


def test_a_path_that_is_too_long_is_one_line(tmp_path: Path) -> None:
    done = depreciate(f"{'x' * 300}.csv")
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "the table has no rows"),
        (f"{HEAD}\n", "the table has no rows"),
        (GOOD.replace(",", ";"), "separate the columns with commas"),
        (GOOD.replace("life_months", "life"), "unknown column 'life'"),
        (GOOD.replace("36000", "=1+1"), "looks like a formula"),
        (GOOD.replace("36000", "inf"), "is not finite"),
        (GOOD.replace("36000", "1e300"), "is out of range"),
        (GOOD.replace("2024-01-01", "1899-01-01"), "'1899-01-01' is not a date"),
        (GOOD + "a,1,2024-01-01,36\n", "row 3 column asset: 'a' stands in book 'books' already"),
        (f"{HEAD},salvage_usd\na,1,2024-01-01,36,2\n", "row 2 column salvage_usd: salvage 2 lies above cost 1"),
        (f"{HEAD},preset,property_class\na,1,2024-01-01,,macrs,6\n", "row 2 column property_class: 6 is unknown"),
        ("asset\0", "a zero byte"),
    ],
)
def test_bad_registers(text: str, named: str, tmp_path: Path) -> None:
    written(assets=text)
    assert named in refusal(depreciate("assets.csv", "--out", "out.csv", "--detail", "detail.xlsx"))[0]
    assert [path.name for path in tmp_path.iterdir()] == ["assets.csv"]


@pytest.mark.parametrize(
    ("rows", "named"),
    [
        (["a,2023-12-31,,salvage,1,,,"], "lies before service"),
        (["a,1899-12-31,,salvage,1,,,"], "'1899-12-31' is not a date"),
        (["a,2025-01-01,,life,,12,,"], "column life_months: a life of 12 months at an age of 12"),
        (["a,2025-01-01,,salvage,36001,,,"], "lies above cost 36000"),
        (["a,2025-01-01,,disposal,,,,36001"], "is more than remains"),
        (["a,2025-01-01,,disposal,,,2,"], "column share: 2 is out of range"),
        (["a,2025-01-01,,salvage,1,,,", "a,2025-01-01,,disposal,,,,"], "column order: a second event"),
        (["z,2025-01-01,,disposal,,,,"], "'z' is unknown"),
        (["a,2025-01-01,,explosion,,,,"], "'explosion' is unknown"),
    ],
)
def test_bad_events(rows: list[str], named: str, tmp_path: Path) -> None:
    written(assets=GOOD, events="\n".join([EVENTS, *rows]))
    told = refusal(depreciate("assets.csv", "--events", "events.csv", "--out", "out.csv"))
    assert named in told[0]
    assert "events.csv row" in told[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["assets.csv", "events.csv"]


def test_every_bad_row_has_a_line_of_its_own() -> None:
    written(assets=GOOD + "".join(f"b{i},x,2024-01-01,36\n" for i in range(25)))
    told = refusal(depreciate("assets.csv"), 25)
    assert [f"assets.csv row {row} column cost_usd" in line for row, line in enumerate(told, start=3)] == [True] * 25


def test_bad_rows_are_skipped_and_listed_on_demand() -> None:
    written(assets=GOOD + "b,x,2024-01-01,36\n", events=f"{EVENTS}\nb,2025-01-01,,salvage,1,,,\n")
    done = depreciate("assets.csv", "--events", "events.csv", "--skip-bad", "--out", "out.csv")
    assert done.exit_code == 0
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["skipped", "skipped", "wrote out.csv"]
    assert Path("out.csv").is_file()


def test_nothing_is_left_when_all_rows_are_bad(tmp_path: Path) -> None:
    written(assets=f"{HEAD}\na,x,2024-01-01,36\n")
    told = refusal(depreciate("assets.csv", "--skip-bad", "--out", "out.csv"), 2)
    assert "no good row is left" in told[1]
    assert [path.name for path in tmp_path.iterdir()] == ["assets.csv"]


@pytest.mark.parametrize("option", ["--out", "--detail"])
@pytest.mark.parametrize("source", ["assets", "events", "use", "tables"])
def test_inputs_are_never_written_over(option: str, source: str) -> None:
    names = written(
        assets=GOOD,
        events=f"{EVENTS}\na,2025-01-01,,salvage,1,,,\n",
        use="asset,month,units\na,2024-01,1\n",
        tables="table,step,percent\nt,1,100\n",
    )
    before = [Path(name).read_bytes() for name in names]
    words = ("assets.csv", "--events", "events.csv", "--use", "use.csv", "--tables", "tables.csv")
    assert "it is one of the inputs" in refusal(depreciate(*words, option, f"{source}.csv"))[0]
    assert [Path(name).read_bytes() for name in names] == before


def workbook(rows: list[list[Any]], name: str = "assets.xlsx") -> str:
    """A workbook with some rows."""
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(name)
    return name


def test_register_as_a_workbook() -> None:
    done = depreciate(workbook([HEAD.split(","), ["a", 36000, "2024-01-01", 36]]))
    assert done.exit_code == 0
    assert "12,000.00" in done.stdout


def test_workbooks_with_formulas_macros_or_nothing() -> None:
    name = workbook([HEAD.split(","), ["a", "=6*6000", "2024-01-01", 36]])
    assert "the cell holds a formula" in refusal(depreciate(name))[0]
    workbook([HEAD.split(","), ["a", 36000, "2024-01-01", 36]])
    with zipfile.ZipFile(name, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert "the workbook holds macros" in refusal(depreciate(name))[0]
    assert "the table has no rows" in refusal(depreciate(workbook([])))[0]
    Path(name).write_bytes(b"PK\x03\x04nonsense")
    assert "not a workbook" in refusal(depreciate(name))[0]


def test_marks_and_line_ends_of_other_systems() -> None:
    Path("assets.csv").write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert depreciate("assets.csv").exit_code == 0
    Path("assets.csv").write_bytes(GOOD.encode("utf-16"))
    assert "is not UTF-8" in refusal(depreciate("assets.csv"))[0]
