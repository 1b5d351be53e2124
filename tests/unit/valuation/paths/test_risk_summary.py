"""Statistics of a scenario from paths made by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from valuation.paths.montecarlo import Outcomes, Portion
from valuation.paths.risk_figures import Depth
from valuation.paths.risk_summary import (
    BREAKTHROUGH,
    CARRYING,
    EARLY_LANDING,
    HIDDEN,
    IRR,
    NPV,
    PEAK,
    PEAK_MONTHS,
    STRANDED,
    T90,
    VALUE,
    Gathering,
    RiskSummary,
    conditions,
    path_figures,
)
from valuation.timeline import NEVER

REPLICATES, WIDTH = 4, 128
BOUNDS = np.array([9, 12, 24, 36])


def outcomes(seed: int) -> Outcomes:
    """Paths whose books stand above value wherever it is below 5, and where no group but the second is bought."""
    random = np.random.default_rng(seed)
    value = np.exp(random.standard_normal((4, WIDTH))) * np.array([[8.0], [6.0], [4.0], [2.0]])
    carrying = np.repeat(np.array([[6.0], [5.0], [4.0], [1.0]]), WIDTH, axis=1)
    gap = np.maximum(carrying - value, 0.0)
    retirement = np.zeros((2, WIDTH), dtype=np.int64)
    retirement[1] = np.where(random.random(WIDTH) < 0.1, NEVER, random.integers(20, 60, WIDTH))
    return Outcomes(
        bounds=BOUNDS,
        npv=random.standard_normal(WIDTH) + 1.0,
        irr=np.where(random.random(WIDTH) < 0.1, np.nan, random.random(WIDTH)),
        peak_write_down=gap.max(axis=0),
        peak_bound=BOUNDS[np.argmax(gap, axis=0)],
        t50=random.random(WIDTH) * 10,
        t90=np.where(random.random(WIDTH) < 0.3, np.inf, 20.0 + random.random(WIDTH)),
        t100=np.full(WIDTH, np.inf),
        value_in_exchange=value,
        carrying=carrying,
        hidden_depreciation=np.diff(carrying - value, axis=0),
        earned=np.exp(random.standard_normal((4, WIDTH))),
        retirement=retirement,
        unrecoverable=gap,
        landing_slips=random.standard_normal((2, WIDTH)) * 3.0,
        first_advance=np.where(random.random(WIDTH) < 0.5, 10.0, np.inf),
        first_stranding=np.where(random.random(WIDTH) < 0.3, 30.0, np.inf),
    )


def gathered(*, moved: float | None = None, change: dict[str, Any] | None = None) -> tuple[Outcomes, RiskSummary]:
    """Four replicates of a block each; with a move, beside a base that is as much lower."""
    gathering, parts = Gathering(Depth(REPLICATES)), []
    for own in range(REPLICATES):
        found = replace(outcomes(own), **(change or {}))
        parts.append(found)
        base = None if moved is None else replace(found, npv=found.npv - moved)
        gathering.add(Portion(own, 0, WIDTH), found, base)
    return Outcomes.join(parts), gathering.summary()


@pytest.fixture(scope="module")
def both() -> tuple[Outcomes, RiskSummary]:
    return gathered()


def test_every_figure_has_an_error_beside_it(both: tuple[Outcomes, RiskSummary]) -> None:
    _, summary = both
    listed = {**summary.figures, **summary.by_year, **{str(key): each for key, each in summary.retirement.items()}}
    for name, found in listed.items():
        for part in (found.mean, found.percentiles, found.value_at_risk, found.tail_mean):
            if part is None:
                continue
            value, error, low, high = part.estimate.parts()
            known = np.isfinite(value)
            assert np.isfinite(error[known]).all(), name
            assert (low[known] <= value[known]).all(), name
            assert (value[known] <= high[known]).all(), name


def test_no_write_down_has_no_date(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    none = found.peak_write_down == 0.0
    assert 0.0 < none.mean() < 1.0
    assert np.isinf(path_figures(found)[PEAK_MONTHS][none]).all()
    assert summary.figures[PEAK_MONTHS].exists.value == 1.0 - none.mean()
    assert summary.peak_at.value.sum() == pytest.approx(1.0 - none.mean())
    # Months are counted from the as-of bound.
    wanted = (found.peak_bound - BOUNDS[0])[~none].mean()
    assert summary.figures[PEAK_MONTHS].mean.estimate.value == pytest.approx(wanted)


def test_losses_are_told_with_their_tails(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    tail = summary.figures[NPV].tail_mean
    assert tail is not None
    worst = np.sort(-found.npv)[::-1]
    assert worst[int(0.05 * found.paths)] < tail.estimate.value < worst[0]
    for name in (PEAK, NPV):
        assert summary.figures[name].value_at_risk is not None
    assert summary.by_year[HIDDEN].tail_mean is not None
    for name in (IRR, T90):
        assert summary.figures[name].tail_mean is None
    assert summary.by_year[VALUE].tail_mean is None


def test_what_never_comes_is_never(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    assert summary.figures["t100_months"].exists.value == 0.0
    assert np.isposinf(summary.figures["t100_months"].percentiles.estimate.value).all()
    assert summary.figures[T90].exists.value == np.isfinite(found.t90).mean()
    assert list(summary.retirement) == [1]
    assert summary.retirement[1].exists.value == (found.retirement[1] < NEVER).mean()


def test_impairment_by_a_date_is_at_least_that_at_it(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    np.testing.assert_allclose(summary.impaired.value, (found.unrecoverable > 0.0).mean(axis=1))
    assert (np.diff(summary.impaired_by.value) >= 0.0).all()
    assert (summary.impaired_by.value >= summary.impaired.value).all()
    assert summary.impaired_by.value[-1] == (found.unrecoverable > 0.0).any(axis=0).mean()


def test_rounding_is_no_impairment() -> None:
    _, summary = gathered(change={"unrecoverable": np.full((4, WIDTH), 1e-9)})
    assert not summary.impaired.value.any()


def test_what_is_given_is_told_of_the_paths_on_which_it_is(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    meets = conditions(found)
    assert set(summary.conditions) == {EARLY_LANDING, BREAKTHROUGH, STRANDED}
    for name, met in summary.conditions.items():
        assert met.share.value == meets[name].mean()
        assert met.figures[NPV].mean.estimate.value == pytest.approx(found.npv[meets[name]].mean())
        assert met.figures[NPV].mean.estimate.paths == meets[name].sum()
        finite = np.isfinite(found.t90[meets[name]])
        assert met.figures[T90].exists.value == pytest.approx(finite.mean())


def test_what_cannot_happen_is_no_condition() -> None:
    never = np.full(WIDTH, np.inf)
    change = {"first_advance": never, "first_stranding": never, "landing_slips": np.empty((0, WIDTH))}
    _, summary = gathered(change=change)
    assert summary.conditions == {}
    assert summary.joint is None


def test_the_joint_table_leaves_no_path_out(both: tuple[Outcomes, RiskSummary]) -> None:
    found, summary = both
    assert summary.joint is not None
    shares = summary.joint.shares.value
    assert shares.shape == (5, 4)
    assert shares.sum() == pytest.approx(1.0)
    slip, height = found.landing_slips.mean(axis=0), found.peak_write_down / found.carrying[0]
    assert shares[0, -1] == pytest.approx(((height < 0.01) & (slip >= 4.0)).mean())
    late = ((height < 0.01) & (slip >= 4.0)).reshape(REPLICATES, WIDTH).mean(axis=1)
    expected = late.std(ddof=1) / np.sqrt(REPLICATES)
    assert summary.joint.shares.standard_error[0, -1] == pytest.approx(expected)


def test_differences_are_path_by_path() -> None:
    """A shift of every path is known without error, however far the paths are spread."""
    _, summary = gathered(moved=0.25)
    npv = summary.against_base[NPV]
    assert npv.mean.estimate.value == pytest.approx(0.25, rel=1e-12)
    assert npv.mean.estimate.standard_error < 1e-12
    assert summary.figures[NPV].mean.estimate.standard_error > 1e-3
    assert not summary.against_base[PEAK].mean.estimate.value.any()
    assert not summary.against_base[HIDDEN].percentiles.estimate.value.any()


def test_the_base_has_no_differences(both: tuple[Outcomes, RiskSummary]) -> None:
    _, summary = both
    assert summary.against_base == {}
    assert summary.methods() == {"figures": "exact", "by_year": "exact"}
    assert summary.by_year[CARRYING].mean.estimate.standard_error.max() == 0.0
