"""The command `simulate`: what it prints and writes, and what it refuses in one line."""

from __future__ import annotations

import csv
import errno
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from assumptions import load_case, risk_digest, run_case
from reports.files.payload import ResultsDocument
from tests.unit.test_cli import refused, run

pytestmark = pytest.mark.slow

MINER = ("simulate", "bitcoin-miner", "--paths", "16", "--seed", "5")
FILES = {
    "results.json", "run.json", "bitcoin-miner.xlsx", "tables/risk.csv", "tables/risk_joint.csv", "charts/fan_base.png",
}  # fmt: skip
UNCERTAIN = (
    '\n[uncertainty.parameters."operations.pue"]\ndistribution = "norm"\nloc = 1.2\nscale = 0.1\nsource = "own"\n'
)
CORRELATED = '\n[[uncertainty.correlations]]\nbetween = ["price", "power"]\nrho = 1.2\nsource = "own"\n'


@pytest.fixture(autouse=True)
def _few_replicates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("assumptions.risk.riskrequest.REPLICATES", 2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that is read by many tests."""
    found: Path = tmp_path_factory.mktemp("risk")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("assumptions.risk.riskrequest.REPLICATES", 2)
        done = run(*MINER, "--out", "out", "--parquet", cwd=found)
    assert done.returncode == 0, done.stderr
    found.joinpath("screen.txt").write_text(done.stdout, encoding="utf-8")
    found.joinpath("said.txt").write_text(done.stderr, encoding="utf-8")
    return found


@pytest.fixture(scope="module")
def risk(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(folder.joinpath("out/results.json").read_text(encoding="utf-8"))["risk"]
    return found


def estimates(found: object) -> Iterator[dict[str, Any]]:
    """Every figure of a risk block."""
    if isinstance(found, dict):
        if "standard_error" in found:
            yield found
        else:
            for part in found.values():
                yield from estimates(part)
    elif isinstance(found, list):
        for part in found:
            yield from estimates(part)


def test_every_figure_has_an_error_and_an_interval(risk: dict[str, Any]) -> None:
    found = list(estimates(risk["scenarios"]))
    assert len(found) > 100
    for figure in found:
        if figure["value"] is not None:
            assert figure["standard_error"] is not None, figure
            assert figure["low"] <= figure["value"] <= figure["high"], figure


def test_results_are_those_of_a_run_with_a_risk_block(folder: Path, risk: dict[str, Any]) -> None:
    text = folder.joinpath("out/results.json").read_text(encoding="utf-8")
    document = ResultsDocument.model_validate_json(text, strict=True)
    case = load_case("bitcoin-miner")
    plain = run_case(case, ())
    assert document.scenarios["base"].npv_usd == float(plain.results.returns.npv[0])
    assert document.digest == plain.digest
    assert risk["digest"] == risk_digest(case, plain.scenarios)
    assert (risk["paths"], risk["seed"], risk["sampler"], risk["replicates"]) == (16, 5, "sobol", 2)
    assert risk["read"] == {"by_year": "exact", "figures": "exact"}
    assert risk["target"] is None


def test_two_runs_write_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    done = run(*MINER, "--out", "again", "--quiet", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("", "")
    for name in sorted(FILES - {"run.json"}):
        assert tmp_path.joinpath("again", name).read_bytes() == folder.joinpath("out", name).read_bytes()


def test_what_is_written(folder: Path) -> None:
    out = folder / "out"
    assert {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()} == {*FILES, "paths.parquet"}
    record = json.loads(out.joinpath("run.json").read_text(encoding="utf-8"))
    assert record["seed"] == 5
    assert record["digest"] == json.loads(out.joinpath("results.json").read_text(encoding="utf-8"))["risk"]["digest"]
    assert set(record["files"]) == {*FILES, "paths.parquet"} - {"run.json"}
    assert folder.joinpath("said.txt").read_text(encoding="utf-8").count("wrote ") == len(FILES) + 1


def test_the_table_says_what_the_results_do(folder: Path, risk: dict[str, Any]) -> None:
    with folder.joinpath("out/tables/risk.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    npv = {row["statistic"]: row for row in rows if row["figure"] == "npv_usd" and not row["condition"]}
    for name, figure in risk["scenarios"]["base"]["figures"]["npv_usd"].items():
        assert float(npv[name]["value"]) == figure["value"]
        assert float(npv[name]["standard_error"]) == figure["standard_error"]
    assert not [row for row in rows if {"inf", "-inf", "nan"} & set(row.values())]
    dates = {row["statistic"]: row for row in rows if row["figure"] == "peak_write_down_months"}
    for name, figure in risk["scenarios"]["base"]["figures"]["peak_write_down_months"].items():
        assert (dates[name]["value"] == "") == (figure["value"] is None)
    assert {row["figure"] for row in rows} >= {"irr", "t90_months", "impaired_by", "hidden_depreciation_usd"}


def test_paths_are_those_behind_the_figures(folder: Path, risk: dict[str, Any]) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    table = parquet.read_table(folder / "out" / "paths.parquet").to_pydict()
    assert len(table["npv_usd"]) == 16
    assert sorted(set(table["replicate"])) == [0, 1]
    assert sorted(set(table["path"])) == list(range(8))
    mean = risk["scenarios"]["base"]["figures"]["npv_usd"]["mean"]["value"]
    assert sum(table["npv_usd"]) / 16 == pytest.approx(mean, rel=1e-12)


def test_the_screen_tells_how_it_was_found_and_every_error(folder: Path) -> None:
    screen = folder.joinpath("screen.txt").read_text(encoding="utf-8")
    assert "16 paths: scrambled Sobol points, 2 times 8, seed 5. Percentiles exact, from every path." in screen
    for words in ("without", "median", "worst 5 %", "largest write-", "half of cost", "impaired", "The last devices"):
        assert words in screen
    assert max(map(len, screen.splitlines())) <= 100
    assert screen.count("±") > 50
    assert not re.search(r"\b(nan|inf)\b", screen)


def test_a_run_that_is_stopped_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("valuation.paths.montecarlo.outcomes", stop)
    done = run(*MINER, "--out", "out", cwd=tmp_path)
    assert done.returncode != 0
    assert done.stdout == ""
    assert list(tmp_path.iterdir()) == []


def test_a_run_goes_on_from_its_checkpoint_to_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    once = run(*MINER, "--out", "one", "--checkpoint", "kept", "--quiet", cwd=tmp_path)
    assert once.returncode == 0, once.stderr
    next(tmp_path.joinpath("kept").glob("*.npz")).unlink()
    again = run(*MINER, "--out", "two", "--checkpoint", "kept", "--workers", "2", "--quiet", cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    found = [
        path.joinpath("results.json").read_bytes() for path in (folder / "out", tmp_path / "one", tmp_path / "two")
    ]
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--workers", "0"), "workers: 0 is out of range"),
        (("--backend", "threds"), "did you mean threads?"),
        (("--cluster", "localhost"), "allowed is tcp://HOST:PORT"),
        (("--cluster", "tcp://127.0.0.1:9"), "127.0.0.1:9"),
        (("--checkpoint", "file"), "--checkpoint file: the folder cannot be used"),
        (("--checkpoint", "other"), "--checkpoint other: seed 6 is of another run; allowed is 5"),
    ],
)
def test_workers_and_folders_that_are_not_there_are_refused(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    tmp_path.joinpath("file").write_text("mine", encoding="utf-8")
    if "other" in words:
        done = run("simulate", "bitcoin-miner", "--paths", "16", "--seed", "6", "--checkpoint", "other", cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    assert told in refused(run(*MINER, *words, "--out", "refused", cwd=tmp_path))
    assert not tmp_path.joinpath("refused").exists()


def test_a_full_disk_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("reports.runs.risk.draw_fan", full)
    words = "simulate", "bitcoin-miner", "--paths", "4", "--sampler", "philox", "--quiet", "--out", "out"
    assert "no space left" in refused(run(*words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_without_the_package_that_draws_there_are_no_charts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("reports.charts.drawing", "reports.runs.risk"):
        monkeypatch.setattr(f"{place}.has_charts", lambda: False)
    done = run("simulate", "bitcoin-miner", "--paths", "4", "--sampler", "philox", "--out", "out", cwd=tmp_path)
    assert done.returncode == 0
    assert not tmp_path.joinpath("out", "charts").exists()
    assert "no fan charts" in done.stderr


def test_json_is_printed_and_nothing_written(tmp_path: Path) -> None:
    done = run(
        "simulate", "bitcoin-miner", "--paths", "8", "--sampler", "philox", "--target-error", "1e12", "--json",
        cwd=tmp_path,
    )  # fmt: skip
    assert done.returncode == 0
    found = json.loads(done.stdout)["risk"]
    assert found["replicates"] == 1
    assert found["target"] == {"half_width": 1e12, "reached": True, "statistic": "npv_usd"}
    assert list(tmp_path.iterdir()) == []


def test_a_run_in_single_precision_says_so_everywhere(tmp_path: Path) -> None:
    few = "simulate", "bitcoin-miner", "--paths", "8", "--sampler", "philox"
    exact, rounded = (run(*few, *words, cwd=tmp_path) for words in (("--json",), ("--precision", "single", "--json")))
    one, other = (json.loads(done.stdout)["risk"] for done in (exact, rounded))
    assert (one["precision"], other["precision"]) == ("double", "single")
    assert one["scenarios"]["base"]["figures"]["npv_usd"] != other["scenarios"]["base"]["figures"]["npv_usd"]
    done = run(*few, "--precision", "single", "--out", "out", cwd=tmp_path)
    assert "are in single precision" in " ".join(done.stdout.split())
    sheet = load_workbook(tmp_path / "out" / "bitcoin-miner.xlsx", read_only=True)["Risk"]
    assert any("single; books, cash and statistics double" in row for row in sheet.iter_rows(values_only=True))


def test_a_streamed_run_says_that_it_reads_histograms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("valuation.statistics.streaming.PILOT_BLOCKS", 1)
    done = run("simulate", "bitcoin-miner", "--paths", "16", "--sampler", "philox", "--stream", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["risk"]["read"] == {"by_year": "histogram", "figures": "histogram"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--paths", "0"), "--paths 0: no paths"),
        (("--paths", "-4"), "--paths -4: no paths"),
        (("--paths", "1000"), "powers of two"),
        (("--paths", "1001", "--sampler", "lhs"), "a multiple of 2"),
        (("--sampler", "halton"), "--sampler halton: unknown sampler"),
        (("--precision", "half"), "--precision half: unknown precision; allowed is double, single"),
        (("--seed", "-1"), "--seed -1"),
        (("--ledger", "tax"), "--ledger tax: unknown set of books"),
        (("--scenario", "nobody"), "--scenario nobody: unknown scenario"),
        (("--target", "mean"), "--target mean: unknown statistic"),
        (("--target-error", "-1"), "--target-error -1"),
        (("--set", "operations.pue=0.5"), "operations.pue"),
        (("--parquet", "--json"), "--parquet: there is no folder"),
    ],
)
def test_bad_options_are_refused_and_nothing_is_written(words: tuple[str, ...], told: str, tmp_path: Path) -> None:
    line = refused(run("simulate", "bitcoin-miner", *words, cwd=tmp_path))
    assert told in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("out", "kept"), [("a", "a"), ("a", "a/kept"), ("a/results", "a"), ("a", "b/../a")])
def test_results_and_blocks_lie_apart(out: str, kept: str, tmp_path: Path) -> None:
    line = refused(
        run("simulate", "bitcoin-miner", "--paths", "1048576", "--out", out, "--checkpoint", kept, cwd=tmp_path)
    )
    assert f"--checkpoint {kept}: " in line
    assert "allowed is a folder apart" in line
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("case", "words", "told"),
    [
        ("mainframes", (), "an age-price curve"),
        ("neocloud", ("--scenario", "power_limited"), "short of power or racks"),
    ],
)
def test_what_random_paths_do_not_follow_is_refused(
    case: str, words: tuple[str, ...], told: str, tmp_path: Path
) -> None:
    assert told in refused(run("simulate", case, "--paths", "4", *words, cwd=tmp_path))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "told"), [(CORRELATED, "1.2"), (UNCERTAIN, "-inf to inf")])
def test_what_no_draw_can_follow_is_refused(text: str, told: str, tmp_path: Path) -> None:
    run("new", "mine", "--from", "bitcoin-miner", cwd=tmp_path)
    with (tmp_path / "mine" / "case.toml").open("a", encoding="utf-8") as stream:
        stream.write(text)
    line = refused(run("simulate", "mine", "--paths", "4", cwd=tmp_path))
    assert told in line
    assert "uncertainty" in line
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def test_a_folder_of_somebody_else_is_refused_before_anything_is_drawn(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    line = refused(run("simulate", "bitcoin-miner", "--paths", "1048576", "--out", "out", cwd=tmp_path))
    assert "notes.txt" in line
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["notes.txt"]
