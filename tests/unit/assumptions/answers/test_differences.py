"""What lies between two cases: parts that sum to the change, and what cannot be compared."""

from __future__ import annotations

import numpy as np
import pytest

from assumptions import CaseDifference, case_difference, run_case
from assumptions.answers.mixtures import MOST_COALITIONS, differing, group_of, mixtures
from assumptions.chapters.schema import CHAPTERS, Case
from valuation.analysis.summary import total_gap, total_value_in_exchange
from valuation.errors import AssumptionError

FEW = [
    "market.generic_step_log=0.2",
    "terms.required_return_annual=0.13",
    "ledgers.disclosed.life_months=60",
    "operations.failure_steady_annual=0.06",
    "operations.electricity_price_usd_per_kwh=0.12",
]


def level(found: CaseDifference, name: str) -> np.ndarray:
    return np.array([row.amounts for row in found.rows if row.level == name])


def measured(case: Case, overrides: list[str], scenario: str | None = None) -> list[float]:
    """Measures of a case by a run of its own."""
    results = run_case(case, [scenario] if scenario else [], overrides).results
    gaps = total_gap(results).values()
    return [float(each[-1]) for each in (total_value_in_exchange(results), *gaps, results.returns.npv)]


def part(found: CaseDifference, name: str) -> tuple[float, ...]:
    return next(row.amounts for row in found.rows if row.part == name and row.level == "part")


@pytest.mark.slow
@pytest.mark.parametrize("scenario", [None, "asic_shift"])
def test_parts_and_groups_sum_to_the_change(neocloud: Case, scenario: str | None) -> None:
    overrides = FEW if scenario is None else FEW[:2]
    found = case_difference(neocloud, overrides=overrides, scenario=scenario)
    first, second = level(found, "total")
    np.testing.assert_allclose(first, measured(neocloud, [], scenario), rtol=1e-9)
    np.testing.assert_allclose(second, measured(neocloud, overrides, scenario), rtol=1e-9)
    for name in ("group", "part"):
        np.testing.assert_allclose(level(found, name).sum(axis=0), second - first, rtol=0, atol=1e-9 * first[0])
    assert len(level(found, "part")) == len(overrides)


def test_books_move_their_gap_alone_and_the_way_back_is_the_same(neocloud: Case) -> None:
    there = case_difference(neocloud, overrides=["ledgers.disclosed.life_months=60", "market.pass_through=0.9"])
    value, three_year, disclosed, npv = part(there, "ledgers.disclosed.life_months")
    assert value == three_year == npv == 0.0
    assert disclosed < 0.0
    words = next(row for row in there.rows if row.part == "ledgers.disclosed.life_months")
    assert (words.group, words.first, words.second) == ("books", "72 from 2023-01", "60")
    other = run_case(neocloud, [], ["ledgers.disclosed.life_months=60", "market.pass_through=0.9"]).case
    back = case_difference(other, neocloud)
    for row in there.rows:
        if row.level == "part":
            np.testing.assert_allclose(part(back, row.part), -np.array(row.amounts), rtol=1e-9, atol=1e-3)


@pytest.mark.slow
def test_two_bundled_cases_differ_in_books_and_fleet(neocloud: Case, meta: Case) -> None:
    found = case_difference(neocloud, meta)
    assert {row.group for row in found.rows if row.level == "group"} == {"books", "fleet"}
    first, second = level(found, "total")
    np.testing.assert_allclose(level(found, "part").sum(axis=0), second - first, rtol=1e-9)
    np.testing.assert_allclose(second, measured(meta, []), rtol=1e-9)
    assert part(found, "tax.losses") == (0.0,) * len(found.measures)


def test_nothing_differs(neocloud: Case) -> None:
    assert not case_difference(neocloud, neocloud).differs
    same = neocloud.model_copy(update={"title": "Another heading", "note": "and note"})
    assert not case_difference(neocloud, same).differs
    alone = case_difference(neocloud, overrides=["tax.state_rate=0.01"])
    assert alone.differs
    assert not level(alone, "part").any()


def test_every_assumption_has_a_group(neocloud: Case) -> None:
    for chapter in CHAPTERS:
        content = getattr(neocloud, chapter)
        records = content.items() if isinstance(content, dict) else [("", content)]
        for entry, record in records:
            for field in type(record).model_fields:
                assert group_of((chapter, entry, field))
    named = {
        ("operations", "", "failure_steady_annual"): "physical",
        ("operations", "", "pue"): "external",
        ("terms", "", "physical_life_months"): "physical",
        ("terms", "", "plan"): "terms",
        ("market", "", "landing_delay_months"): "functional",
        ("market", "", "paid_share"): "external",
        ("rivals", "etched", "bits"): "functional",
        ("tax", "", "losses"): "books",
    }
    for key, group in named.items():
        assert group_of(key) == group, key


def test_many_differences_of_a_group_are_taken_together_by_chapter(neocloud: Case) -> None:
    overrides = [f"silicon.{name}.cost_usd=50000" for name in ("A100", "H100", "H200", "B200", "GB300")]
    overrides += ["market.generic_step_log=0.2", *FEW[1:]]
    other = run_case(neocloud, [], overrides).case
    members, cases = mixtures(neocloud, other, list(differing(neocloud, other)))
    assert {member.name for member in members} >= {"silicon", "market.generic_step_log", "terms.required_return_annual"}
    assert next(member for member in members if member.name == "silicon").group == "functional"
    assert len(cases) <= MOST_COALITIONS


def test_what_only_goes_together_is_taken_together(neocloud: Case) -> None:
    overrides = ["silicon.Feynman.known_from=2029-06", "silicon.Feynman.landing=2030-01", "market.pass_through=0.9"]
    changed = run_case(neocloud, [], overrides[1:]).case
    other = run_case(changed, [], overrides[:1]).case
    found = case_difference(neocloud, other)
    assert [row.part for row in found.rows if row.level == "part"] == ["market.pass_through", "silicon"]
    assert next(row.first for row in found.rows if row.part == "silicon") == "2 assumptions"


def test_more_failures_in_a_stack_of_other_books_are_compared(neocloud: Case) -> None:
    other = run_case(neocloud, [], [*FEW[2:4], "ledgers.disclosed.write_off_failures=false"]).case
    found = case_difference(neocloud, other)
    first, second = level(found, "total")
    np.testing.assert_allclose(level(found, "part").sum(axis=0), second - first, rtol=0, atol=1e-9 * first[0])


def renamed(case: Case, chapter: str, old: str, new: str) -> Case:
    content = {new if name == old else name: entry for name, entry in getattr(case, chapter).items()}
    return case.model_copy(update={chapter: content})


def test_what_cannot_be_compared_is_refused_with_a_remedy(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match="one case alone"):
        case_difference(neocloud)
    with pytest.raises(AssumptionError, match=r"ledgers of other names or order: disclosed, mine; .*rename"):
        case_difference(neocloud, renamed(neocloud, "ledgers", "disclosed", "mine"))
    with pytest.raises(AssumptionError, match="silicon of other names or order: H100, Hopper"):
        case_difference(neocloud, renamed(neocloud, "silicon", "H100", "Hopper"))
    with pytest.raises(AssumptionError, match="as of 2026-09 and 2026-06"):
        case_difference(neocloud, neocloud.model_copy(update={"as_of": "2026-06"}))
    with pytest.raises(AssumptionError, match="did you mean asic_shift"):
        case_difference(neocloud, overrides=FEW[:1], scenario="asic_shit")
    fewer = neocloud.model_copy(update={"scenarios": tuple(s for s in neocloud.scenarios if s.name != "glut")})
    with pytest.raises(AssumptionError, match="a scenario of both cases"):
        case_difference(neocloud, fewer, FEW[:1], "glut")


def test_a_mixture_without_a_planning_decline_is_told(neocloud: Case) -> None:
    with pytest.raises(AssumptionError, match="planning_decline"):
        case_difference(neocloud, overrides=["terms.physical_life_months=1", "market.paid_share=0.9"])
