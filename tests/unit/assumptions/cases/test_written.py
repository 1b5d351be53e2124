"""A case as text and as a folder: both come back as the same case, with the same digest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from assumptions import apply_overrides, bundled_cases, digest, load_case, run_case, with_files
from assumptions.cases.embedding import embedded_text, restored
from assumptions.cases.fingerprint import canonical
from assumptions.cases.written import write_case
from assumptions.chapters.schema import Scenario
from assumptions.door.files import read_text
from valuation.errors import AssumptionError

EXAMPLES = Path(__file__).resolve().parents[4] / "docs" / "examples"
OVERRIDES = ("terms.required_return_annual=0.13", "market.lost_from=2028-02", "ledgers.three_year.life_months=48")


@pytest.mark.parametrize("name", bundled_cases())
def test_every_bundled_case_comes_back_from_its_text(name: str) -> None:
    case = load_case(name)
    found, scenarios = restored(embedded_text(case, case.scenarios), digest(case, case.scenarios), "here")
    assert found == case
    assert scenarios == case.scenarios
    # The order of parts and ledgers is that of the sheets.
    assert list(found.silicon) == list(case.silicon)
    assert list(found.ledgers) == list(case.ledgers)


@pytest.mark.parametrize("name", bundled_cases())
def test_every_bundled_case_comes_back_from_its_folder(name: str, tmp_path: Path) -> None:
    case = apply_overrides(load_case(name), OVERRIDES)
    write_case(case, case.scenarios, tmp_path / "changed")
    found = load_case(tmp_path / "changed")
    assert found == case
    assert list(found.silicon) == list(case.silicon)
    assert digest(found, found.scenarios) == digest(case, case.scenarios)


def test_scenarios_of_files_keep_their_order(tmp_path: Path) -> None:
    paths = sorted((EXAMPLES / "curves").glob("*.toml"), reverse=True)[:3]
    case = with_files(load_case("neocloud"), paths)
    written = write_case(case, case.scenarios, tmp_path / "mine")
    assert len([path for path in written if path.parent.name == "scenarios"]) == len(paths)
    found = load_case(tmp_path / "mine")
    assert digest(found, found.scenarios) == digest(case, case.scenarios)


def test_hostile_words_come_back_from_a_folder(tmp_path: Path) -> None:
    case = load_case("mainframes")
    word = '=1+1 "quoted" \\ \t\n\r\x07\x7f \u202e é \U0001f600 = [x] # y'
    hostile = case.model_copy(update={"title": word, "note": f"'''{word}'''"})
    write_case(hostile, hostile.scenarios, tmp_path / "mine")
    assert load_case(tmp_path / "mine") == hostile


def test_a_folder_is_filled_whole_or_not_at_all(tmp_path: Path) -> None:
    case = load_case("mainframes")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("x")
    with pytest.raises(AssumptionError, match="not an empty folder"):
        write_case(case, case.scenarios, tmp_path / "full")
    long = Scenario(name="+".join(["a" * 40, "b" * 40]), title="", sentence="", source="", confidence="low")
    with pytest.raises(AssumptionError, match="--run"):
        write_case(case, (*case.scenarios, long), tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]
    # What the case leaves out would come from the base.
    less = case.terms.model_copy(update={"planning_decline_log_per_year": None})
    parts = dict(list(load_case("neocloud").silicon.items())[1:])
    fewer = load_case("neocloud").model_copy(update={"silicon": parts, "terms": less})
    with pytest.raises(AssumptionError):
        write_case(fewer, (), tmp_path / "other")
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", "{", '{"case":1}', "[" * 100_000, '{"case":{"a":NaN}}', '{"case":{"a":"\\ud800"}}']
)
def test_texts_of_no_case_are_refused(text: str) -> None:
    with pytest.raises(AssumptionError) as caught:
        restored(text, "0" * 64, "here")
    assert "\n" not in str(caught.value)


def test_a_changed_text_is_refused() -> None:
    case = load_case("mainframes").model_copy(update={"uncertainty": None})
    text, fingerprint = embedded_text(case, ()), digest(case, ())
    with pytest.raises(AssumptionError, match="it was changed"):
        restored(text.replace('"horizon_months":', '"horizon_months":1'), fingerprint, "here")
    table = json.loads(text)
    table["list_index"] = {"2024-01": 1.0}
    other = json.dumps(table)
    with pytest.raises(AssumptionError, match="otherwise than the one that wrote them"):
        restored(other, hashlib.sha256(canonical(table).encode()).hexdigest(), "here")


def test_scenarios_joined_in_a_run_can_be_run_again_by_their_name(tmp_path: Path) -> None:
    case = load_case("mainframes")
    joined = case.scenarios[1].model_copy(update={"name": "one+other"})
    again = case.model_copy(update={"scenarios": (case.scenarios[0], joined)})
    assert run_case(again, None, (), 12).scenario_names == ["base", "one+other"]
    write_case(case, (case.scenarios[0], joined), tmp_path / "mine")
    assert "one_and_other" in read_text(next((tmp_path / "mine" / "scenarios").glob("*one_and_other.toml")))
