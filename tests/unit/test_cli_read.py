"""`read` and `verify`: what they print and write, and the same figures as `run --set`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from assumptions import digest, load_case
from tests.unit.reports.tampering import number, text, typed
from tests.unit.test_cli import refused, run

pytestmark = pytest.mark.slow

CHANGES = {
    "mainframes": (
        {
            "in_terms_required_return_annual": number(0.2),
            "in_ledgers_three_year_life_months": number(48),
            "in_terms_plan": text("hindsight"),
        },
        ["terms.required_return_annual=0.2", "ledgers.three_year.life_months=48", "terms.plan=hindsight"],
    ),
    "neocloud": (
        {"in_operations_pue": number(1.5), "in_market_lost_from": text("2028-02")},
        ["operations.pue=1.5", "market.lost_from=2028-02"],
    ),
}


def words(changes: list[str]) -> list[str]:
    return [word for change in changes for word in ("--set", change)]


def results(folder: Path) -> dict[str, object]:
    found: dict[str, object] = json.loads((folder / "results.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module", params=["mainframes", pytest.param("neocloud", marks=pytest.mark.slow)])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """Name of a case and a folder with its run, and a copy of its workbook with changes."""
    folder, name = tmp_path_factory.mktemp(request.param), str(request.param)
    done = run("run", name, "--scenario", "base", "--horizon", "24", "--out", "first", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    typed(folder / "first" / f"{name}.xlsx", folder / "changed.xlsx", CHANGES[name][0])
    return name, folder


@pytest.fixture(scope="module")
def by_set(made: tuple[str, Path]) -> Path:
    """The run with the same changes by --set."""
    name, folder = made
    options = ["--scenario", "base", "--horizon", "24", "--out", "set", "--quiet"]
    assert run("run", name, *options, *words(CHANGES[name][1]), cwd=folder).returncode == 0
    return folder / "set"


def test_changes_are_listed_with_before_and_after(made: tuple[str, Path]) -> None:
    name, folder = made
    done = run("read", "changed.xlsx", cwd=folder)
    assert done.returncode == 0, done.stderr
    for change in CHANGES[name][1]:
        key, _, value = change.partition("=")
        (line,) = [line for line in done.stdout.splitlines() if key in line]
        assert value in line
        assert "Inputs!E" in line
    assert not (folder / "out").exists()


def test_nothing_changed_is_said(made: tuple[str, Path]) -> None:
    name, folder = made
    done = run("read", f"first/{name}.xlsx", cwd=folder)
    assert done.returncode == 0
    assert "no input differs" in done.stdout


def test_a_new_case_is_the_case_with_the_changes_set(made: tuple[str, Path], by_set: Path) -> None:
    name, folder = made
    done = run("read", "changed.xlsx", "--new-case", f"{name}-mine", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    expected = json.loads((by_set / "run.json").read_text(encoding="utf-8"))["digest"]
    case = load_case(folder / f"{name}-mine")
    assert digest(case, case.scenarios[:1]) == expected
    assert run("check", f"{name}-mine", cwd=folder).returncode == 0
    options = ["--scenario", "base", "--out", "by-folder", "--quiet"]
    assert run("run", f"{name}-mine", *options, cwd=folder).returncode == 0
    assert results(folder / "by-folder")["scenarios"] == results(by_set)["scenarios"]
    again = run("read", "changed.xlsx", "--new-case", f"{name}-mine", "--quiet", cwd=folder)
    assert "not an empty folder" in refused(again)


def test_a_run_of_the_changes_is_that_of_set(made: tuple[str, Path], by_set: Path) -> None:
    name, folder = made
    done = run("read", "changed.xlsx", "--run", "--out", "again", "--quiet", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert results(folder / "again") == results(by_set)
    run_again, run_set = (json.loads((path / "run.json").read_text()) for path in (folder / "again", by_set))
    assert run_again["digest"] == run_set["digest"]
    verified = run("verify", f"again/{name}.xlsx", cwd=folder)
    assert verified.returncode == 0, verified.stderr
    assert "all as the inputs give them" in verified.stdout


def test_verify_tells_edited_inputs_apart(made: tuple[str, Path]) -> None:
    name, folder = made
    line = refused(run("verify", "changed.xlsx", "--quiet", cwd=folder))
    assert f"{len(CHANGES[name][0])} inputs differ from the run" in line


def test_bad_cells_write_nothing(made: tuple[str, Path], tmp_path: Path) -> None:
    name, folder = made
    book = typed(folder / "first" / f"{name}.xlsx", tmp_path / "bad.xlsx", {"in_operations_pue": text("1.5")})
    done = run("read", str(book), "--new-case", "never", "--run", "--out", "neither", "--quiet", cwd=folder)
    assert "Inputs!E" in refused(done)
    assert not (folder / "never").exists()
    assert not (folder / "neither").exists()


def test_out_needs_run_and_a_good_folder(made: tuple[str, Path]) -> None:
    _, folder = made
    assert run("read", "changed.xlsx", "--out", "x", cwd=folder).returncode == 2
    (folder / "mine").mkdir(exist_ok=True)
    (folder / "mine" / "file").write_text("x")
    assert "no earlier run wrote" in refused(run("read", "changed.xlsx", "--run", "--out", "mine", cwd=folder))


def test_folders_that_would_hurt_one_another_are_refused_before_anything_is_written(made: tuple[str, Path]) -> None:
    name, folder = made
    for case, out in (("twice", "twice"), ("twice/case", "twice"), ("twice", "twice/run")):
        done = run("read", "changed.xlsx", "--new-case", case, "--run", "--out", out, "--quiet", cwd=folder)
        assert "one folder, or one holds the other" in refused(done)
    assert not (folder / "twice").exists()
    done = run("read", f"first/{name}.xlsx", "--new-case", "twice", "--run", "--out", "first", cwd=folder)
    assert "the workbook that is read" in refused(done)
    assert not (folder / "twice").exists()
    assert (folder / "first" / f"{name}.xlsx").is_file()


@pytest.mark.slow
def test_scenarios_that_act_together_come_back(tmp_path: Path) -> None:
    options = ["--scenario", "landing_late+demand_bust", "--horizon", "24", "--out", "out", "--quiet"]
    assert run("run", "neocloud", *options, cwd=tmp_path).returncode == 0
    done = run("read", "out/neocloud.xlsx", "--new-case", "both", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    case = load_case(tmp_path / "both")
    scenario = case.scenario("landing_late_and_demand_bust")
    assert scenario is not None
    assert len(scenario.change) >= 2
    assert run("verify", "out/neocloud.xlsx", "--quiet", cwd=tmp_path).returncode == 0
