"""The page on the spectrum of silicon says what the engine says."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from assumptions import handovers, load_spectrum
from tests.reference.spectrum_figures import (
    churn_told,
    cost_rows,
    etched_told,
    grid,
    heading,
    mechanism_told,
    order_told,
    winner_rows,
)

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = DOCS / "spectrum.md"
CLAIM = DOCS / "mechanisms" / "spectrum.md"
COSTS, WINNERS = "| class |", "| horizon |"
WIDEST = 120


def lines(page: Path) -> list[str]:
    return page.read_text(encoding="utf-8").splitlines()


def running(page: Path) -> str:
    """A page as running text, without its breaks of lines."""
    return " ".join(page.read_text(encoding="utf-8").split())


def table(head: str) -> list[str]:
    """Rows of the table of the page whose head begins so."""
    (start,) = [number for number, line in enumerate(lines(PAGE)) if line.startswith(head)]
    rows = lines(PAGE)[start + 2 :]
    return rows[: rows.index("")]


def test_the_table_of_costs_is_that_of_the_functions() -> None:
    assert heading() in lines(PAGE)
    assert table(COSTS) == cost_rows()


def test_the_table_of_winners_is_that_of_the_functions() -> None:
    assert table(WINNERS) == winner_rows()


@pytest.mark.parametrize("told", [churn_told, order_told, etched_told], ids=lambda told: told.__name__)
def test_the_sentences_have_the_figures_of_the_functions(told: Callable[[], list[str]]) -> None:
    assert [words for words in told() if words not in running(PAGE)] == []


def test_the_page_on_the_claims_has_them_too() -> None:
    assert [words for words in mechanism_told() if words not in running(CLAIM)] == []


def test_the_classes_that_the_spans_keep_in_the_running_are_those_told() -> None:
    assert {row.key for row in grid().contenders} == {"gpu", "tpu", "asic", "transformer_asic"}


def test_more_formats_bring_the_transformer_asic_in_later_and_the_gpu_sooner() -> None:
    formats = grid().spectrum.churn.number_format_per_year
    rates = (formats.low, formats.value, formats.high)
    found = [handovers(load_spectrum([f"churn.number_format_per_year={rate}"]), 4.0) for rate in rates]
    for fewer, more in pairwise(found):
        assert [change.above for change in fewer] == [change.above for change in more] == ["Transformer ASIC", "GPU"]
        assert more[0].churn_per_year > fewer[0].churn_per_year
        assert more[1].churn_per_year < fewer[1].churn_per_year


def test_lines_of_the_page_are_no_wider_than_a_screen() -> None:
    assert [line for line in lines(PAGE) if len(line) > WIDEST] == []
