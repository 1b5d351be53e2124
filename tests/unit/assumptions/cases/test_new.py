from __future__ import annotations

import errno
import re
from pathlib import Path

import pytest

from assumptions import bundled_cases, load_case, new_case
from assumptions.cases import new
from assumptions.cases.listing import describe
from assumptions.chapters.schema import Case
from valuation.errors import AssumptionError


def plain(case: Case) -> dict[str, object]:
    """Values of a case by key."""
    return {row.key: row.value for row in describe(case)}


@pytest.mark.parametrize("template", bundled_cases())
def test_a_new_case_believes_what_its_template_does(tmp_path: Path, template: str) -> None:
    written = new_case(tmp_path / "mine", template)
    assert {path.name for path in written} >= {"case.toml", "schedule.csv", "my_scenario.toml.example"}
    case = load_case(tmp_path / "mine")
    assert case.name == "mine"
    assert plain(case) == plain(load_case(template))
    assert case.rents == load_case(template).rents


@pytest.mark.parametrize("template", bundled_cases())
def test_every_line_of_a_new_case_can_be_taken_into_use(tmp_path: Path, template: str) -> None:
    new_case(tmp_path / "mine", template)
    path = tmp_path / "mine" / "case.toml"
    text = path.read_text(encoding="utf-8")
    used = re.sub(r"^# (\w+ = (?!\.\.\.).*)$", r"\1", text, flags=re.MULTILINE)
    assert used != text
    path.write_text(used, encoding="utf-8")
    case = load_case(tmp_path / "mine")
    assert plain(case) == plain(load_case(template))
    assert case.terms.required_return_annual.basis == "user"


def test_what_a_template_leaves_out_stands_in_its_own_table(tmp_path: Path) -> None:
    new_case(tmp_path / "mine", "bitcoin-miner")
    text = (tmp_path / "mine" / "case.toml").read_text(encoding="utf-8")
    terms = text.split("[terms]\n")[1].split("\n[")[0]
    assert "# required_return_annual = 0.11" in terms
    assert "# planning_life_months" not in text


def test_lines_state_unit_range_and_source(tmp_path: Path) -> None:
    new_case(tmp_path / "mine")
    text = (tmp_path / "mine" / "case.toml").read_text(encoding="utf-8")
    assert "# required_return_annual = 0.11" in text
    assert "[effective rate per year, 0.059 to 0.15]: effective rates of CoreWeave" in text
    assert '[silicon."Rubin Ultra"]' in text


def test_the_example_scenario_works_once_renamed(tmp_path: Path) -> None:
    new_case(tmp_path / "mine")
    example = tmp_path / "mine" / "scenarios" / "my_scenario.toml.example"
    example.rename(example.with_suffix(""))
    assert load_case(tmp_path / "mine").scenario("my_scenario") is not None


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("mine")
    with pytest.raises(AssumptionError, match="not an empty folder"):
        new_case(tmp_path)
    with pytest.raises(AssumptionError, match="not an empty folder"):
        new_case(tmp_path / "note.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


def test_a_full_disk_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(new, "_overrides", full)
    with pytest.raises(AssumptionError, match=r"mine: cannot be written: no space left on device; allowed is"):
        new_case(tmp_path / "mine")
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_filled_and_not_replaced(tmp_path: Path) -> None:
    before = tmp_path.stat().st_ino
    assert {path.name for path in new_case(tmp_path)} >= {"case.toml", "schedule.csv"}
    assert tmp_path.stat().st_ino == before


def test_unknown_templates_are_refused(tmp_path: Path) -> None:
    with pytest.raises(AssumptionError, match="did you mean neocloud"):
        new_case(tmp_path / "mine", "neoclod")
    assert not (tmp_path / "mine").exists()
