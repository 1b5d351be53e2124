"""A case on a market of its own: its rents, its parts and nothing of the bundled market."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from assumptions import case_difference, load_case, run_case
from assumptions.cases.fingerprint import digest
from assumptions.cases.history import list_index
from assumptions.cases.listing import INDEX_KEY, explain
from valuation.errors import AssumptionError

Writer = Callable[..., Path]
HEADER = "month,usd_per_device_hour,source\n"
FLAT = HEADER + "".join(f"2026-{month:02d},2.5,a desk\n" for month in range(1, 10))


def with_rents(folder: Path, text: str, name: str = "rents.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(AssumptionError) as caught:
        run_case(load_case(folder), [])
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_rents_of_the_case_take_the_place_of_the_index(write_case: Writer) -> None:
    bundled = load_case(write_case())
    case = load_case(with_rents(write_case(), FLAT))
    assert list_index(case) == {f"2026-{month:02d}": 2.5 for month in range(1, 10)}
    run = run_case(case, [])
    ratio = case.market.contract_to_list_ratio.value
    assert run.results.market.rent[run.inputs.timeline.as_of].max() == pytest.approx(2.5 * ratio)
    row = explain(case, INDEX_KEY)[0]
    assert (row.value, row.source) == (2.5, "a desk, 2026-09")
    assert digest(case) != digest(bundled)


def test_months_may_stand_in_any_order(write_case: Writer) -> None:
    lines = FLAT.splitlines()
    turned = "\n".join([lines[0], *reversed(lines[1:])])
    assert list(list_index(load_case(with_rents(write_case(), turned)))) == sorted(
        list_index(load_case(with_rents(write_case(), FLAT)))
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no rows"),
        (HEADER, "no rows"),
        ("month,rent\n2026-09,2\n", "unknown column 'rent'"),
        ("month,usd_per_device_hour\n2026-09,2\n", "no column 'source'"),
        (HEADER + "2026-09,-1,x\n", "out of range"),
        (HEADER + "2026-09,0,x\n", "out of range"),
        (HEADER + "2026-09,nan,x\n", "not finite"),
        (HEADER + "2026-09,two,x\n", "not a number"),
        (HEADER + "2026-13,2,x\n", "not a month"),
        (HEADER + "2026-09,2,\n", "the cell is empty"),
        (HEADER + "2026-09,2,x\n2026-09,3,x\n", "stands in row 2 already"),
        (HEADER + "2026-08,2,x\n", "2026-09 has no observed rent"),
        ("month,usd_per_device_hour,source,confidence\n2026-09,2,x,sure\n", "'sure' is unknown"),
    ],
)
def test_rents_that_do_not_fit_are_refused(write_case: Writer, text: str, told: str) -> None:
    assert told in refusal(with_rents(write_case(), text))


def test_two_tables_of_rents_are_refused(write_case: Writer) -> None:
    folder = with_rents(with_rents(write_case(), FLAT), "", "rents.xlsx")
    assert "two tables named rents" in refusal(folder)


@pytest.mark.parametrize("name", ["rents.ods", "rents.tsv", "Rents.XLS", "rents.txt"])
def test_a_table_that_is_not_read_is_refused_and_not_passed_over(write_case: Writer, name: str) -> None:
    assert f"{name}: " in refusal(with_rents(write_case(), "", name))


def test_letters_of_a_name_may_be_large_and_two_such_names_are_two(write_case: Writer) -> None:
    folder = with_rents(write_case(), FLAT, "Rents.CSV")
    assert load_case(folder).rents
    if (folder / "rents.csv").exists():  # a disk that does not tell large letters from small ones
        return
    assert "two tables named rents: Rents.CSV and rents.csv" in refusal(with_rents(folder, FLAT))


def test_a_folder_or_a_dead_link_in_place_of_rents_is_refused(write_case: Writer) -> None:
    path = write_case() / "rents.csv"
    path.mkdir()
    assert "rents.csv: it is a folder" in refusal(path.parent)
    path.rmdir()
    path.symlink_to(path.parent / "nowhere.csv")
    assert "rents.csv: there is no file" in refusal(path.parent)


def test_more_rows_than_months_are_refused(write_case: Writer) -> None:
    message = refusal(with_rents(write_case(), HEADER + "2026-09,2,x\n" * 3_000))
    assert "at most 2000 rows; split or shorten" in message


def test_the_index_that_is_told_is_the_one_of_the_case(write_case: Writer) -> None:
    assert "stands in the rents of the case" in refusal(with_rents(write_case(), HEADER + "2026-08,2,x\n"))


def test_two_markets_of_ones_own_are_told_apart(write_case: Writer) -> None:
    first = load_case(with_rents(write_case(), FLAT))
    second = load_case(with_rents(write_case(), FLAT.replace("2026-09,2.5", "2026-09,1.25")))
    rows = {row.part: row for row in case_difference(first, second).rows}
    assert (rows["rents"].first, rows["rents"].second) == (
        "9 months of its own, 2.5 in 2026-09",
        "9 months of its own, 1.25 in 2026-09",
    )


OWN = 'roadmap = "own"\n'


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ('roadmap = "mine"\n', "case.toml: roadmap: 'mine' is unknown"),
        ("roadmap = 3\n", "case.toml: roadmap: 3 is unknown"),
        (OWN, "case.toml: silicon: none is given"),
        (OWN + '[silicon.X]\nfamily = "gpu"\nlanding = "2024-01"\nknown_from = "2024-01"\n', "case.toml: segments"),
    ],
)
def test_a_roadmap_of_its_own_has_parts_and_segments(write_case: Writer, head: str, told: str) -> None:
    assert told in refusal(write_case(extra=head))


def test_a_case_by_age_may_do_without_rents_and_one_by_rents_may_not() -> None:
    case = load_case("mainframes")
    assert run_case(case, []).results.returns.npv.shape == (1,)
    with pytest.raises(AssumptionError, match="1996-12 has no observed rent"):
        run_case(case, [], ["market.mode=structural"])
