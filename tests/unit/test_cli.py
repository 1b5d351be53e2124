"""The commands: exit codes, what goes to which stream, one line for every error."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from typer.models import ArgumentInfo, ParameterInfo
from typer.testing import CliRunner

from cli import app
from reports.files.payload import ResultsDocument

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program within this process, in a folder, without a terminal."""
    words = [str(argument) for argument in arguments]
    with chdir(cwd):
        done = CliRunner().invoke(app, words)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)


def run_program(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the program as a user does, in a process of its own."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-W", "error", str(ROOT / "cli.py"), *map(str, arguments)]
    return subprocess.run(words, cwd=cwd, env=environment, capture_output=True, text=True, check=False)


def refused(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of an error; nothing else may have been said."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def test_version(tmp_path: Path) -> None:
    done = run_program("--version", cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("obsolesce ")


def test_cases_are_listed(tmp_path: Path) -> None:
    done = run("cases", cwd=tmp_path)
    assert done.returncode == 0
    assert {line.split()[0] for line in done.stdout.splitlines()} >= {"neocloud", "meta"}
    assert done.stderr == ""


@pytest.mark.parametrize(
    "words",
    [("nonsense",), ("run",), ("run", "neocloud", "--nonsense"), ("run", "neocloud", "--horizon", "x"), ("new",)],
)
def test_wrong_usage_is_exit_2(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def takes_path(hint: object) -> bool:
    return hint is Path or any(takes_path(part) for part in get_args(hint))


def paths_of_commands() -> Iterator[tuple[str, ...]]:
    """Words of every command that give an empty name to one of its files or folders."""
    for command in app.registered_commands:
        assert command.callback is not None
        name = command.name or command.callback.__name__
        for parameter, hint in get_type_hints(command.callback, include_extras=True).items():
            if takes_path(hint):
                told = next(part for part in get_args(hint) if isinstance(part, ParameterInfo))
                # Within Annotated the library takes the first name for a default until it reads the command.
                named = told.default if isinstance(told.default, str) else f"--{parameter.replace('_', '-')}"
                yield (name, "") if isinstance(told, ArgumentInfo) else (name, named, "")


@pytest.mark.parametrize("words", [*paths_of_commands()], ids=lambda words: " ".join(words).rstrip())
def test_an_empty_name_of_a_file_is_not_the_folder_one_stands_in(words: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*words, cwd=tmp_path)
    assert done.returncode == 2
    assert "an empty name" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("run", "none"), "none"),
        (("run", "neocloud", "--set", "market.nonsense=1"), "market.nonsense"),
        (("run", "neocloud", "--set", "terms.scrap_share_of_cost=nan"), "scrap_share_of_cost"),
        (("run", "neocloud", "--set", "ledgers.three_year.life_months=-3"), "three_year"),
        (("run", "neocloud", "--set", "nonsense"), "key=value"),
        (("run", "neocloud", "--scenario", "nonsense"), "nonsense"),
        (("run", "neocloud", "--horizon", "3"), "horizon"),
        (("run", "neocloud", "--attribution", "shaply"), "did you mean shapley"),
        (("run", "neocloud", "--plan", "none"), "surprise or no_progress"),
        (("check", "none"), "none"),
        (("diff", "neocloud", "none"), "none"),
        (("diff", "neocloud"), "one case alone"),
        (("diff", "neocloud", "--set", "market.nonsense=1"), "market.nonsense"),
        (("diff", "neocloud", "meta", "--scenario", "nonsense"), "nonsense"),
        (("diff", "neocloud", "meta", "--out", "x.xlsx"), ".csv"),
        (("diff", "neocloud", "meta", "--out", "none/x.csv"), "none"),
        (("lives", "none"), "none"),
        (("lives", "neocloud", "--scenario", "nonsense"), "nonsense"),
        (("explain", "nonsense"), "nonsense"),
        (("new", "folder", "--from", "none"), "none"),
    ],
)
def test_errors_are_one_line_and_nothing_is_written(words: tuple[str, ...], names: str, tmp_path: Path) -> None:
    assert names in refused(run(*words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_folder_of_somebody_else_is_refused_before_anything_is_computed(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("x", encoding="utf-8")
    assert "notes.txt" in refused(run("run", "neocloud", "--out", "mine", cwd=tmp_path))


def test_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    line = refused(run("run", "neocloud", "--scenario", "base", "--out", "file/sub", cwd=tmp_path))
    assert "file cannot be made" in line or "cannot be made in" in line


def test_json_prints_the_results_and_nothing_else(tmp_path: Path) -> None:
    done = run("run", "neocloud", "--scenario", "scarcity_ends", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    document = ResultsDocument.model_validate_json(done.stdout, strict=True)
    assert set(document.scenarios) == {"base", "scarcity_ends"}
    assert list(tmp_path.iterdir()) == []


def test_second_opinions_are_printed(tmp_path: Path) -> None:
    done = run(
        "lives", "neocloud", "--scenario", "scarcity_ends", "--set", "terms.scrap_share_of_cost=0.05", cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    for words in ("scarcity_ends", "Terborgh", "give up below", "first year", "replacement", "H100"):
        assert words in done.stdout, words
    assert max(len(line) for line in done.stdout.splitlines()) <= 100
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_run_writes_the_files_and_prints_the_summary(tmp_path: Path) -> None:
    options = ("--scenario", "landing_late", "--set", "terms.scrap_share_of_cost=0.05", "--horizon", "150")
    done = run_program("run", "neocloud", *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "books" in done.stdout
    assert "wrote " in done.stderr
    out = tmp_path / "out" / "neocloud"
    assert {path.name for path in out.iterdir()} == {"neocloud.xlsx", "results.json", "run.json", "tables"}
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["scenarios"] == ["base", "landing_late"]
    assert "terms.scrap_share_of_cost=0.05" in record["command"]
    again = run_program("run", "neocloud", *options, "--json", cwd=tmp_path)
    assert again.stdout == (out / "results.json").read_text(encoding="utf-8")


@pytest.mark.slow
def test_quiet_run_says_nothing(tmp_path: Path) -> None:
    done = run_program("run", "neocloud", "--scenario", "base", "--quiet", "--out", "there", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (tmp_path / "there" / "neocloud.xlsx").exists()


@pytest.mark.slow
def test_new_case_can_be_checked(tmp_path: Path) -> None:
    made = run_program("new", "mine", "--from", "neocloud", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    assert all((tmp_path / line).exists() for line in made.stdout.splitlines())
    done = run_program("check", "mine", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "holds" in done.stdout
    assert "FAILS" not in done.stdout


def test_explain_shows_the_evidence(tmp_path: Path) -> None:
    done = run("explain", "market.generic_step_log", "--case", "meta", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    for word in ("market.generic_step_log", "0.27", "confidence"):
        assert word in done.stdout


def test_help_names_every_command_and_option(tmp_path: Path) -> None:
    text = run("--help", cwd=tmp_path).stdout
    for command in ("cases", "new", "check", "run", "diff", "explain", "--version"):
        assert command in text
    text = run("run", "--help", cwd=tmp_path).stdout
    for option in ("--scenario", "--set", "--out", "--json", "--quiet", "--horizon", "--attribution", "--plan"):
        assert option in text


def test_the_gap_is_shared_as_asked(tmp_path: Path) -> None:
    words = ("run", "neocloud", "--scenario", "base", "--json")
    plain, asked = (
        json.loads(run(*words, *more, cwd=tmp_path).stdout)
        for more in ((), ("--attribution", "ordered", "--plan", "no_progress"))
    )
    assert asked["attribution"] == {"method": "ordered", "plan": "no_progress"}
    one, other = (found["scenarios"]["base"].pop("waterfall") for found in (plain, asked))
    assert plain["scenarios"] == asked["scenarios"]
    assert one["disclosed"]["gap_usd"] == other["disclosed"]["gap_usd"]
    assert other["disclosed"]["groups_usd"]["physical"] > 0.0 == one["disclosed"]["groups_usd"]["physical"]


def test_two_cases_are_compared(tmp_path: Path) -> None:
    words = ("diff", "neocloud", "--set", "market.generic_step_log=0.2", "--set", "market.paid_share=0.9")
    done = run(*words, "--out", "between.csv", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stderr == "wrote between.csv\n"
    for word in ("market.generic_step_log", "functional", "external", "NPV", "Owen values"):
        assert word in done.stdout
    with (tmp_path / "between.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    totals = [float(row["npv_usd"]) for row in rows if row["level"] == "total"]
    parts = [float(row["npv_usd"]) for row in rows if row["level"] == "part"]
    assert sum(parts) == pytest.approx(totals[1] - totals[0])
    quiet = run(*words, "--out", "again.csv", "--quiet", cwd=tmp_path)
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert (tmp_path / "again.csv").read_bytes() == (tmp_path / "between.csv").read_bytes()


def test_two_equal_cases_are_said_to_be_equal(tmp_path: Path) -> None:
    done = run("diff", "meta", "meta", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no assumption differs" in done.stdout


def edited(folder: Path, old: str, new: str) -> None:
    """Replace the first place of a text in the case file."""
    path = folder / "case.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")


@pytest.mark.parametrize("name", ["../../evil", "/abs", "a/b", "", "a\\u0000b", "x" * 65])
def test_a_name_that_is_no_file_name_is_refused(name: str, tmp_path: Path) -> None:
    """A case may not write outside its folder."""
    assert run("new", "case", "--from", "meta", cwd=tmp_path).returncode == 0
    edited(tmp_path / "case", 'name = "case"', f'name = "{name}"')
    told = refused(run("run", "case", "--scenario", "base", "--out", "results", cwd=tmp_path))
    assert "is not a name" in told
    assert [path.name for path in tmp_path.iterdir()] == ["case"]


def test_a_scenario_that_changes_nothing_equals_the_base(tmp_path: Path) -> None:
    assert run("new", "case", "--from", "neocloud", cwd=tmp_path).returncode == 0
    file = tmp_path / "case" / "scenarios" / "same.toml"
    file.write_text(
        'name = "same"\ntitle = "Same"\nsentence = "s"\nsource = "x"\nconfidence = "low"\n', encoding="utf-8"
    )
    done = run("run", "case", "--scenario", "same", "--json", cwd=tmp_path)
    found = json.loads(done.stdout)["scenarios"]
    assert found["same"] == found["base"]


@pytest.mark.slow
def test_books_without_a_straight_line_have_tables_and_no_workbook(tmp_path: Path) -> None:
    folder = tmp_path / "falling"
    folder.mkdir()
    (folder / "case.toml").write_text(
        '[ledgers.falling]\ntitle = "Falling"\nsalvage_share_of_cost = 0\nwrite_off_failures = true\n'
        'method = "declining_balance_with_switch"\nlives = [{ months = 60 }]\n',
        encoding="utf-8",
    )
    (folder / "schedule.csv").write_text(
        "purchase,asset_class,generation,units,status\n2025-05,servers,B200,50,actual\n", encoding="utf-8"
    )
    done = run("run", folder, "--scenario", "base", "--out", tmp_path / "out", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "no workbook: it keeps straight lines live" in done.stderr
    assert (tmp_path / "out" / "tables" / "ledger.csv").is_file()
    assert not list((tmp_path / "out").glob("*.xlsx"))
    assert json.loads((tmp_path / "out" / "run.json").read_text())["files"]
