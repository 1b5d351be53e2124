"""Draws of a block: their distribution, their independence, and that nothing but their place decides them."""

from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest
from scipy import stats

from valuation.draws.leading import principal_directions
from valuation.draws.sampling import BLOCK, Draws, Plan, Sampler, draw, kept
from valuation.errors import AssumptionError, ShapeError

SAMPLERS = get_args(Sampler)
MONTHS = 24
SCALARS, SERIES = ("landing", "quality"), ("price", "power", "use")
NAMES = (*SCALARS, *SERIES)


def correlation(**pairs: float) -> np.ndarray:
    """Correlation matrix from pairs named like ``landing_price``."""
    matrix = np.eye(len(NAMES))
    for pair, value in pairs.items():
        one, other = (NAMES.index(name) for name in pair.split("_"))
        matrix[one, other] = matrix[other, one] = value
    return matrix


CORRELATED = correlation(landing_quality=0.3, landing_price=-0.5, price_use=0.6, quality_power=0.4)


def plan(**changes: Any) -> Plan:
    """Two scalars and three series over two years."""
    fields: dict[str, Any] = {
        "seed": 2026,
        "sampler": "philox",
        "scalars": SCALARS,
        "series": SERIES,
        "months": MONTHS,
        "correlation": CORRELATED,
    }
    return Plan(**{**fields, **changes})


def together(drawn: list[Draws]) -> Draws:
    """Blocks side by side."""
    return Draws(
        np.concatenate([one.scalars for one in drawn], axis=-1), np.concatenate([one.series for one in drawn], axis=-1)
    )


def many(blocks: int = 32, **changes: Any) -> Draws:
    """Some blocks of one scrambling."""
    made = plan(**changes)
    return together([draw(made, 0, block) for block in range(blocks)])


def level(series: np.ndarray) -> np.ndarray:
    """Normalised totals of the series, shape (k2, n)."""
    return np.asarray(series.sum(axis=0) / np.sqrt(len(series)))


def assert_same(one: Draws, other: Draws) -> None:
    """Two blocks are equal to the bit."""
    np.testing.assert_array_equal(one.scalars, other.scalars)
    np.testing.assert_array_equal(one.series, other.series)


# Shapes and places


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_blocks_have_the_shape_and_precision_asked_for(sampler: Sampler, dtype: type) -> None:
    drawn = draw(plan(sampler=sampler, dtype=dtype, degrees_of_freedom=4.0), 0, 0)
    assert drawn.scalars.shape == (2, BLOCK)
    assert drawn.series.shape == (MONTHS, 3, BLOCK)
    assert drawn.scalars.dtype == drawn.series.dtype == dtype
    assert np.isfinite(drawn.scalars).all()
    assert np.isfinite(drawn.series).all()


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_there_may_be_no_scalars_or_no_series(sampler: Sampler) -> None:
    none = draw(plan(sampler=sampler, scalars=(), series=(), months=0, correlation=np.empty((0, 0))), 0, 0)
    assert none.scalars.shape == (0, BLOCK)
    scalars = draw(plan(sampler=sampler, series=(), months=0, correlation=np.ones((2, 2))), 0, 0)
    np.testing.assert_allclose(scalars.scalars[0], scalars.scalars[1], atol=1e-12)
    series = draw(plan(sampler=sampler, scalars=(), correlation=np.eye(3), degrees_of_freedom=3.0), 0, 0)
    assert series.series.shape == (MONTHS, 3, BLOCK)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_block_is_a_pure_function_of_its_place(sampler: Sampler) -> None:
    forwards = [draw(plan(sampler=sampler), 1, block) for block in range(4)]
    backwards = [draw(plan(sampler=sampler), 1, block) for block in reversed(range(4))]
    for one, other in zip(forwards, reversed(backwards), strict=True):
        assert_same(one, other)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_places_differ(sampler: Sampler) -> None:
    made = plan(sampler=sampler)
    here = draw(made, 0, 0)
    others = [draw(made, 0, 1), draw(made, 1, 0), draw(replace(made, seed=1), 0, 0)]
    for other in others:
        assert not np.isin(other.series, here.series).any()
        # Sobol points of two blocks may share a coordinate of a scalar's score, but not a path.
        assert not (other.scalars == here.scalars).all(axis=0).any()
        if sampler != "sobol":  # whose blocks fill the gaps of one another
            assert abs(np.corrcoef(here.series[:, 0].ravel(), other.series[:, 0].ravel())[0, 1]) < 0.02


# Streams of drivers


@pytest.mark.parametrize("sampler", ["philox", "lhs", "antithetic"])
@pytest.mark.parametrize("degrees", [np.inf, 4.0])
def test_a_new_driver_changes_no_other(sampler: Sampler, degrees: float) -> None:
    fewer = plan(sampler=sampler, degrees_of_freedom=degrees)
    matrix = np.insert(np.insert(CORRELATED, (0, 2), 0.0, axis=0), (0, 2), 0.0, axis=1)
    matrix[[0, 3], [0, 3]] = 1.0
    more = replace(fewer, scalars=("new", *SCALARS), series=("newer", *SERIES), correlation=matrix)
    before, after = draw(fewer, 0, 3), draw(more, 0, 3)
    np.testing.assert_array_equal(after.scalars[1:], before.scalars)
    np.testing.assert_array_equal(after.series[:, 1:], before.series)


def test_a_driver_correlated_with_those_before_it_leaves_them() -> None:
    fewer = plan(series=SERIES[:2], correlation=CORRELATED[:4, :4])
    before, after = draw(fewer, 0, 3), draw(plan(), 0, 3)
    np.testing.assert_allclose(after.series[:, :2], before.series, atol=1e-13)


def test_numbers_go_with_names_and_not_with_places() -> None:
    turned = plan(series=SERIES[::-1], correlation=np.eye(5))
    np.testing.assert_array_equal(draw(turned, 0, 0).series[:, ::-1], draw(replace(turned, series=SERIES), 0, 0).series)


def test_names_matter() -> None:
    one, other = (draw(plan(series=("price", "power", name), correlation=np.eye(5)), 0, 0) for name in ("a", "b"))
    np.testing.assert_array_equal(one.series[:, :2], other.series[:, :2])
    assert not np.isin(one.series[:, 2], other.series[:, 2]).any()


# Distribution


@pytest.mark.parametrize("degrees", [np.inf, 4.0])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_margins_are_standard_normal(sampler: Sampler, degrees: float) -> None:
    drawn = many(16, sampler=sampler, degrees_of_freedom=degrees)
    for sample in (*drawn.scalars, *drawn.series[[0, -1]].reshape(-1, drawn.scalars.shape[1]), *level(drawn.series)):
        # Evenly spread points fit better than chance; of antithetic pairs one path counts.
        assert stats.kstest(sample[:: 2 if sampler == "antithetic" else 1], "norm").pvalue > 1e-3
        assert sample.var() == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("degrees", [np.inf, 4.0])
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_increments_of_a_series_are_independent_over_time(sampler: Sampler, degrees: float) -> None:
    drawn = many(sampler=sampler, degrees_of_freedom=degrees)
    for row in range(3):
        np.testing.assert_allclose(np.cov(drawn.series[:, row]), np.eye(MONTHS), atol=0.05)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_correlation_is_recovered(sampler: Sampler) -> None:
    drawn = many(sampler=sampler)
    found = np.corrcoef(np.concatenate([drawn.scalars, level(drawn.series)]))
    np.testing.assert_allclose(found, CORRELATED, atol=0.03)
    by_month = np.corrcoef(drawn.series.transpose(1, 0, 2).reshape(3, -1))
    np.testing.assert_allclose(by_month, CORRELATED[2:, 2:], atol=0.01)


def test_correlation_with_the_level_is_spread_over_the_months() -> None:
    drawn = many()
    found = np.array([np.corrcoef(drawn.scalars[0], month[0])[0, 1] for month in drawn.series])
    np.testing.assert_allclose(found, -0.5 / np.sqrt(MONTHS), atol=0.03)


def test_series_of_different_months_are_uncorrelated() -> None:
    drawn = many()
    found = np.cov(drawn.series[:, 0], drawn.series[:, 2])[:MONTHS, MONTHS:]
    np.testing.assert_allclose(found, 0.6 * np.eye(MONTHS), atol=0.04)


def test_perfect_correlation_is_taken() -> None:
    drawn = draw(plan(correlation=correlation(price_use=1.0, landing_power=-1.0)), 0, 0)
    np.testing.assert_allclose(drawn.series[:, 0], drawn.series[:, 2], atol=1e-12)
    np.testing.assert_allclose(drawn.scalars[0], -level(drawn.series)[1], atol=1e-12)


@pytest.mark.slow
def test_t_copula_has_tails_together() -> None:
    matrix = correlation(landing_price=0.5)
    degrees, edge = 3, 0.99
    beyond = {}
    for copula in (float(degrees), np.inf):
        drawn = many(128, degrees_of_freedom=copula, correlation=matrix)
        landing, price = drawn.scalars[0], level(drawn.series)[0]
        limit = stats.norm.ppf(edge)
        beyond[copula] = np.mean((landing > limit) & (price > limit)) / (1.0 - edge)
        assert stats.kendalltau(landing[:BLOCK], price[:BLOCK]).statistic == pytest.approx(1.0 / 3.0, abs=0.05)
    # The joint probability by integration of the bivariate distributions.
    joint_t = stats.multivariate_t(shape=matrix[np.ix_([0, 2], [0, 2])], df=degrees)
    t_limit = np.full(2, -stats.t.ppf(edge, degrees))
    expected = joint_t.cdf(t_limit, random_state=np.random.default_rng(1)) / (1.0 - edge)
    assert beyond[degrees] == pytest.approx(expected, abs=0.04)
    assert beyond[np.inf] < 0.5 * beyond[degrees]


def test_t_copula_joins_what_is_uncorrelated() -> None:
    drawn = many(64, degrees_of_freedom=3.0, correlation=np.eye(5))
    landing, quality = drawn.scalars
    assert np.corrcoef(landing, quality)[0, 1] == pytest.approx(0.0, abs=0.02)
    assert np.corrcoef(landing**2, quality**2)[0, 1] > 0.1


# Samplers


def smooth(drawn: Draws) -> np.ndarray:
    """A smooth function of all drivers: geometric mean price over the months, times a scalar."""
    walk = np.cumsum(drawn.series, axis=0) / np.sqrt(len(drawn.series))
    return np.asarray(np.exp(0.3 * walk.mean(axis=0).sum(axis=0) + 0.2 * drawn.scalars.sum(axis=0)))


def exact_mean() -> float:
    """Mean of that function where drivers are independent: lognormal."""
    weights = 0.3 * (MONTHS - np.arange(MONTHS)) / MONTHS / np.sqrt(MONTHS)
    return float(np.exp((3.0 * (weights**2).sum() + 2.0 * 0.2**2) / 2.0))


def error(sampler: Sampler, replicates: int = 16) -> float:
    """Root mean square error of the mean over 4,096 paths."""
    made = plan(sampler=sampler, correlation=np.eye(5))
    means = [smooth(together([draw(made, rep, b) for b in range(4)])).mean() for rep in range(replicates)]
    return float(np.sqrt(np.mean((np.array(means) - exact_mean()) ** 2)))


@pytest.mark.slow
def test_evenly_spread_points_integrate_better() -> None:
    plain = error("philox")
    assert plain == pytest.approx(0.45 / np.sqrt(4096), rel=0.5)
    assert error("sobol") < plain / 15.0
    assert error("lhs") < plain / 2.0
    assert error("antithetic") < plain / 2.0


@pytest.mark.parametrize("degrees", [np.inf, 4.0])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_antithetic_pairs_sum_to_zero(degrees: float, dtype: type) -> None:
    drawn = draw(plan(sampler="antithetic", degrees_of_freedom=degrees, dtype=dtype), 0, 0)
    rounding = 100.0 * float(np.finfo(dtype).eps)
    np.testing.assert_allclose(drawn.scalars[:, ::2], -drawn.scalars[:, 1::2], atol=rounding)
    np.testing.assert_allclose(drawn.series[..., ::2], -drawn.series[..., 1::2], atol=rounding)


def test_hypercube_stratifies_scalars_and_components() -> None:
    drawn = draw(plan(sampler="lhs", correlation=np.eye(5)), 0, 0)
    components = np.tensordot(principal_directions(MONTHS).T, drawn.series, axes=1)[:8]
    for sample in (*drawn.scalars, *components.reshape(-1, BLOCK)):
        strata = np.sort(np.floor(stats.norm.cdf(sample) * BLOCK).astype(int))
        # A point on the very edge of its stratum may be rounded over it.
        assert np.count_nonzero(strata != np.arange(BLOCK)) <= 2


def test_sobol_keeps_the_pseudo_random_rest() -> None:
    plain, spread = (draw(plan(sampler=name, correlation=np.eye(5)), 0, 0) for name in ("philox", "sobol"))
    rest = np.tensordot(principal_directions(MONTHS).T, plain.series - spread.series, axes=1)
    given = (64 - 1 - 2) // 3
    assert np.abs(rest[given + 1 :]).max() < 1e-12
    assert np.abs(rest[:given]).max() > 1.0


def test_copulas_share_their_points() -> None:
    gaussian, heavy = (draw(plan(sampler="sobol", degrees_of_freedom=nu), 0, 0) for nu in (np.inf, 5.0))
    assert np.corrcoef(gaussian.scalars[0], heavy.scalars[0])[0, 1] > 0.9


def test_single_precision_agrees_in_distribution() -> None:
    drawn = many(16, dtype=np.float32)
    found = np.corrcoef(np.concatenate([drawn.scalars, level(drawn.series)]))
    np.testing.assert_allclose(found, CORRELATED, atol=0.04)


# Ends


def test_last_block_is_cut_to_size() -> None:
    assert [kept(2500, block).stop for block in range(4)] == [1024, 1024, 452, 0]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"scalars": ("price", "x")}, "named twice"),
        ({"sampler": "halton"}, "none of"),
        ({"seed": -1}, "below its least"),
        ({"width": 0}, "below its least"),
        ({"months": 0}, "no months"),
        ({"sampler": "antithetic", "width": 7}, "odd"),
        ({"sampler": "sobol", "width": 1000}, "power of two"),
        ({"degrees_of_freedom": 0.0}, "not above zero"),
        ({"degrees_of_freedom": np.nan}, "not above zero"),
        ({"dtype": np.int64}, "neither single nor double"),
        ({"correlation": np.ones((5, 5)) * 2.0}, "symmetric"),
        ({"correlation": np.eye(5) + np.eye(5, k=1) * 0.1}, "symmetric"),
        ({"correlation": correlation(landing_price=0.9, price_use=0.9, landing_use=-0.9)}, "nearest_correlation"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_plans_that_make_no_sense_are_refused(changes: dict[str, Any], told: str) -> None:
    with pytest.raises(AssumptionError, match=told):
        plan(**changes)


def test_matrix_of_another_size_is_refused() -> None:
    with pytest.raises(ShapeError, match="5 drivers"):
        plan(correlation=np.eye(4))


@pytest.mark.parametrize("place", [(-1, 0), (0, -1)])
def test_places_below_zero_are_refused(place: tuple[int, int]) -> None:
    with pytest.raises(AssumptionError, match="below zero"):
        draw(plan(), *place)
