"""Readings of the results."""

import numpy as np
import pytest

from tests.factories import neocloud
from valuation.analysis.summary import summarise
from valuation.engine import evaluate
from valuation.results import Results


@pytest.fixture(scope="module")
def results() -> Results:
    return evaluate(neocloud())


def test_groups_add_up_to_the_fleet(results: Results) -> None:
    summary = summarise(results)
    for ledger, source in zip(summary.ledgers, results.ledgers, strict=True):
        np.testing.assert_allclose(ledger.closing.sum(axis=1), source.carrying_amount[1:].sum(axis=1))
        movements = ledger.additions - ledger.depreciation - ledger.impairment - ledger.disposals
        np.testing.assert_allclose(ledger.opening + movements, ledger.closing, atol=1e-6)


def test_economic_figures_are_missing_before_publication(results: Results) -> None:
    """The first index month is 2024-01, so figures start with the fiscal year-end 2024-12."""
    summary = summarise(results)
    start = results.published_from
    assert str(results.inputs.timeline.bounds[start]) == "2024-12"
    assert np.isnan(summary.totals.economic_value[:start]).all()
    assert not np.isnan(summary.totals.economic_value[start:]).any()
    assert np.isnan(summary.economic.economic_value[start - 2]).all()
    assert not np.isnan(summary.economic.economic_value[start - 1]).any()
    years = summary.fiscal_years
    assert years.years[years.published].tolist()[0] == 2025
    assert np.isnan(years.hidden_depreciation["disclosed"][0]).all()


def test_hidden_depreciation_is_the_change_of_the_gap_and_the_surplus(results: Results) -> None:
    summary = summarise(results)
    for name in ("three_year", "disclosed"):
        hidden = np.nansum(summary.fiscal_years.hidden_depreciation[name])
        surplus = summary.as_of.purchase_surplus[0] - summary.as_of.exchange_discount[0]
        assert hidden == pytest.approx(surplus - summary.as_of.opening_gap[name][0], rel=1e-9)
        assert summary.as_of.gap[name][0] == pytest.approx(
            summary.as_of.carrying_amount[name][0] - summary.as_of.economic_value[0]
        )


def test_economic_depreciation_less_what_was_charged_is_hidden(results: Results) -> None:
    """The row a reader adds up: it holds with failures and retirements in the books."""
    years = summarise(results).fiscal_years
    for name, charged in years.charged.items():
        assert np.nanmax(np.abs(years.written_off[name])) > 0.0
        np.testing.assert_allclose(charged, years.depreciation[name] + years.written_off[name])
        left = years.economic_depreciation - charged
        np.testing.assert_allclose(left, years.hidden_depreciation[name], atol=1e-6 * np.nanmax(np.abs(charged)))


def test_rent_per_hour_follows_the_service_of_the_part(results: Results) -> None:
    rent = summarise(results).economic.rent_per_hour
    first = int(np.argmax(~np.isnan(rent[:, 0, 0])))
    assert str(results.inputs.timeline.bounds[first + 1]) == "2024-01", "no rent was observed before"
    np.testing.assert_allclose(rent[first:, 1], 1.847 * rent[first:, 0])
    np.testing.assert_allclose(rent[first:, 0, 0], results.market.rent[first + 1 :, 0, 0])
