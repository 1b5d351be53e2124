from __future__ import annotations

import io
from dataclasses import replace

import pytest

from assumptions import load_case, run_case
from reports.record.compose import compose
from reports.record.report import LANDINGS, NEWS, SIGNS, Report
from reports.screen import console
from tests.unit.reports import samples
from valuation.analysis.attribution import Method, Plan


def printed(report: Report) -> str:
    stream = io.StringIO()
    console.print_summary(report, stream)
    return stream.getvalue()


@pytest.fixture(scope="module")
def text() -> str:
    return printed(samples.report())


def test_lines_fit_a_hundred_columns(text: str) -> None:
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 100


def test_nothing_is_cut_short(text: str) -> None:
    assert "…" not in text
    for scenario in samples.SCENARIOS:
        assert scenario in text


def test_signs_are_said_in_words(text: str) -> None:
    flat = " ".join(text.split())
    assert " ".join(SIGNS.split()) in flat
    assert " ".join(LANDINGS.split()) in flat
    assert " ".join(NEWS.split()) in flat
    gap = samples.report().summary.as_of.gap["three_year"][0]
    assert gap < 0.0
    assert "books below value" in text


def test_headline_names_this_year_and_the_next(text: str) -> None:
    assert "in FY2026" in text
    assert "in FY2027" in text
    assert "stands at 2026-09" in text


def test_markup_in_words_of_a_case_stays_as_it_is() -> None:
    assert "[bold]x[/bold]" in printed(replace(samples.report(), title="[bold]x[/bold]", notes=("[red]y[/red]",)))


def test_tables_that_have_no_rows_are_left_out() -> None:
    text = printed(replace(samples.report(), sensitivities=(), plans=()))
    assert "move the gap most" not in text
    assert "three plans" not in text


def test_the_way_from_the_books_to_the_value_bears_both_words(text: str) -> None:
    flat = " ".join(text.split())
    assert "From the books to the economic value (base" in flat
    assert "functional (technological) obsolescence; investors say economic" in flat
    assert "external obsolescence; appraisers say economic" in flat
    assert "Parts of the gap shared evenly over all orders; the decline expected at purchase is in the plan" in flat
    assert "Parts of the gap by scenario" in flat
    ordered = replace(samples.report(), attribution=Method.ORDERED, plan=Plan.NO_PROGRESS)
    assert "in the order physical, functional, external; planned with flat rents" in " ".join(printed(ordered).split())


def test_checks_say_what_holds() -> None:
    stream = io.StringIO()
    console.print_checks("Sample", samples.report().checks, stream)
    assert stream.getvalue().count("holds") == len(samples.report().checks)
    stream = io.StringIO()
    console.print_checks("Sample", [replace(samples.report().checks[0], residual=float("nan"))], stream)
    assert "FAILS" in stream.getvalue()


def test_assumption_is_shown_with_its_evidence() -> None:
    stream = io.StringIO()
    console.print_assumption(samples.report().assumptions[0], stream)
    for word in ("terms.required_return_annual", "0.11 per year", "0.05 to 0.15", "judgement"):
        assert word in stream.getvalue()


def test_landings_are_not_spoken_of_where_values_follow_age() -> None:
    report = compose(run_case(load_case("mainframes"), []))
    assert report.remarks == report.notes
    assert LANDINGS not in " ".join(printed(report).split())
