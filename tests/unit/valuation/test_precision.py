"""Paths in single precision: as good as in double for what is read off them, and nowhere infinite."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assumptions import bundled_cases, load_case
from assumptions.chapters.schema import BY_AGE
from assumptions.risk.drawn import Risk
from valuation.draws.processes import expected_logit
from valuation.draws.sampling import draw
from valuation.inputs import Inputs
from valuation.paths.chance import Noise
from valuation.paths.dates import Dates
from valuation.paths.montecarlo import Outcomes, outcomes
from valuation.precision import in_precision, largest_exponent
from valuation.silicon.ramps import ramp, ramps_ahead
from valuation.timeline import CASE

WIDTH = 256
ERROR = 1e-5
"""Of means and tail means, in standard deviations."""
LATE = 1e-3
"""Share of paths on which a device may retire in another month."""
RANDOM = [name for name in bundled_cases() if load_case(name).market.mode.value != BY_AGE]


def both(name: str) -> tuple[Outcomes, Outcomes]:
    """Outcomes of the same draws in double and in single precision."""
    risk = Risk(load_case(name))
    drawn = draw(replace(risk.plan(5, "philox"), width=WIDTH), 0, 0)
    ledger = next(iter(risk.base.ledgers))
    return outcomes(risk(drawn), ledger), outcomes(risk(in_precision(drawn, np.float32)), ledger)


@pytest.mark.slow
@pytest.mark.parametrize("name", RANDOM)
def test_single_precision_moves_means_and_tails_by_a_rounding(name: str) -> None:
    exact, rounded = both(name)
    tail = np.argsort(exact.npv)[: WIDTH // 20]
    for figure in ("npv", "peak_write_down", "value_in_exchange", "unrecoverable", "hidden_depreciation"):
        one, other = getattr(exact, figure), getattr(rounded, figure)
        assert other.dtype == np.float64
        spread = one.std(axis=CASE).max()
        for paths in (slice(None), tail):
            assert np.abs((other - one)[..., paths].mean(axis=CASE)).max() <= ERROR * spread, figure
    assert (exact.retirement != rounded.retirement).any(axis=0).mean() <= LATE


@pytest.mark.slow
@pytest.mark.parametrize("name", RANDOM)
def test_what_is_expected_stays_in_the_precision_of_the_shocks(name: str) -> None:
    risk = Risk(load_case(name))
    paths = risk(draw(replace(risk.plan(5, "philox"), width=4, dtype=np.float32), 0, 0))
    some = np.array([0, 2])
    assert paths.precision == np.float32
    assert paths.expected_earned(Dates(3), 24).dtype == np.float32
    assert paths.expected_earned(Dates(np.array([3, 4]), some), 24).dtype == np.float32
    assert paths.quasi_rent[0].dtype == np.float32


def test_all_real_arrays_of_a_record_are_converted_and_nothing_else() -> None:
    found = in_precision(Pair(Noise(np.ones((2, 3))), (np.arange(3), np.ones(3)), "name"), np.float32)
    assert found.noise.state.dtype == np.float32
    assert [part.dtype for part in found.parts] == [np.arange(3).dtype, np.dtype(np.float32)]
    assert found.name == "name"


@dataclass(frozen=True)
class Pair:
    noise: Noise
    parts: tuple[NDArray[Any], ...]
    name: str


def test_the_grid_keeps_its_dates() -> None:
    inputs: Inputs = Risk(load_case("neocloud")).inputs
    found = in_precision(inputs, np.float32)
    assert found.timeline is inputs.timeline
    assert found.fleet.units.dtype == np.float32
    assert found.fleet.in_service.dtype == inputs.fleet.in_service.dtype


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.filterwarnings("error")
def test_extreme_exponents_stay_finite(dtype: type[np.floating]) -> None:
    since = np.array([[-90.0, -1.0]], dtype=dtype)
    width, middle = np.full(2, 0.5, dtype=dtype), np.full(2, 6.0, dtype=dtype)
    found = ramps_ahead(since, np.ones((1, 1, 2), dtype=dtype), middle, width, 100)
    assert found.dtype == dtype
    shares = ramp(since.astype(np.float64) + np.arange(101.0)[:, None], middle, width)
    np.testing.assert_allclose(found[:, 0], shares - shares[:1], atol=1e-6)
    far = np.array([1e3, -1e3], dtype=dtype)
    level, months = np.full(2, 0.5, dtype=dtype), np.ones((1, 1), dtype=dtype)
    shares = expected_logit(level, far, months, np.full(2, np.inf, dtype=dtype), np.ones(2, dtype=dtype))
    np.testing.assert_allclose(shares, [[1.0, 0.0]], atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_two_exponentials_at_the_limit_for_squares_multiply_to_a_finite_number(dtype: type[np.floating]) -> None:
    half = dtype(largest_exponent(dtype) / 2.0)
    assert np.isfinite(np.exp(half) * np.exp(half))
