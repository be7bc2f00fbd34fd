"""Sample paths: their margins are the quantiles, their steps move together as asked."""

from statistics import NormalDist

import numpy as np
import pytest

from lstmcli.forecasting.paths import Dependence, PathMaker, chance_of_crossing, usual_correlation
from lstmcli.series.calendar import Step
from lstmcli.series.forecast import Forecast

LEVELS = (0.1, 0.5, 0.9)
Z = NormalDist().inv_cdf(0.9)


def forecast(values, keys=(("a",),), levels=LEVELS):
    """values: (series, horizon, quantiles)."""
    values = np.asarray(values, float)
    starts = np.zeros(len(values), np.int64)
    return Forecast(("id",), tuple(keys), Step("plain", 1), starts, levels, values)


def normal(means, spreads):
    return [[[m - Z * s, m, m + Z * s] for m, s in zip(means, spreads, strict=True)]]


def maker(steps, samples=4000, across=0.0, **more):
    return PathMaker(Dependence(np.asarray(steps, float), across), samples, **more)


def test_margins_are_the_quantiles_and_go_on_beyond_them():
    made = forecast([[[0, 1, 4], [10, 10, 30]]])  # skewed; flat below the median
    paths = maker(np.eye(2), 40_000).paths(made, 0)
    np.testing.assert_allclose(np.quantile(paths[:, 0], LEVELS), [0, 1, 4], atol=0.08)
    np.testing.assert_allclose(np.quantile(paths[:, 1], LEVELS), [10, 10, 30], atol=0.8)
    assert (paths[:, 1] >= 10).all()
    # beyond the outermost the lines go on: 0.99 is as far beyond 0.9 as the normal scale has it
    beyond = 1 + 3 * NormalDist().inv_cdf(0.99) / Z
    assert np.quantile(paths[:, 0], 0.99) == pytest.approx(beyond, rel=0.05)


def test_steps_are_correlated_as_asked():
    made = forecast(normal([0, 0, 0], [1, 2, 3]))
    steps = [[1, 0.8, 0.1], [0.8, 1, 0.4], [0.1, 0.4, 1]]
    paths = maker(steps, 40_000).paths(made, 0)
    np.testing.assert_allclose(np.corrcoef(paths.T), steps, atol=0.02)
    # the variance of the sum is that of the formula: spreads times correlations
    spreads = np.array([1, 2, 3])
    assert paths.sum(axis=1).var() == pytest.approx(spreads @ np.array(steps) @ spreads, rel=0.03)


def test_series_move_together_by_what_they_share():
    made = forecast(normal([0], [1]) * 2, keys=(("a",), ("b",)))
    drawn = maker(np.eye(1), 40_000, across=0.6)
    assert np.corrcoef(drawn.paths(made, 0)[:, 0], drawn.paths(made, 1)[:, 0])[0, 1] == pytest.approx(
        0.6, abs=0.02
    )


def test_a_seed_gives_a_series_its_paths_beside_any_others():
    one, other = normal([0, 5], [1, 2]), normal([3, 3], [1, 1])
    together = maker(usual_correlation(np.ones(2)), 50).paths(forecast(other + one, keys=(("b",), ("a",))), 1)
    alone = maker(usual_correlation(np.ones(2)), 50).paths(forecast(one), 0)
    np.testing.assert_array_equal(together, alone)
    np.testing.assert_array_equal(
        maker(usual_correlation(np.ones(2)), 20).paths(forecast(one), 0), alone[:20]
    )
    assert (maker(usual_correlation(np.ones(2)), 50, seed=1).paths(forecast(one), 0) != alone).any()


def test_paths_never_fall_below_zero_where_the_series_never_did():
    made = forecast([[[0.1, 1, 2]]])
    free = maker(np.eye(1)).paths(made, 0)
    kept = maker(np.eye(1), never_below_zero={("a",)}).paths(made, 0)
    assert free.min() < 0
    np.testing.assert_array_equal(kept, np.maximum(free, 0))
    below = forecast([[[-1, 1, 2]]])  # what was forecast counts more
    assert np.quantile(maker(np.eye(1), never_below_zero={("a",)}).paths(below, 0), 0.1) == pytest.approx(
        -1, abs=0.1
    )


def test_errors_whose_variance_grows_add_up():
    found = usual_correlation(np.array([1.0, 50.0, 100.0]))
    assert found[1, 2] == pytest.approx((0.2 + 0.8 * 0.75 + 49) / np.sqrt(50 * 100))
    assert found[0, 2] == pytest.approx((0.2 + 0.8 * 0.75**2) / 10)
    np.testing.assert_allclose(np.diag(found), 1)


@pytest.mark.parametrize("variance", [[1, 25, 1, 1], [0, 0, 0, 0], [3, 3, 3, 3]])
def test_a_variance_that_does_not_grow_leaves_correlation_by_the_lag(variance):
    np.testing.assert_allclose(usual_correlation(np.array(variance, float)), usual_correlation(np.ones(4)))


def test_a_random_walk_crosses_as_often_as_one():
    # By the reflection principle a path exceeds a number twice as often as its last value does.
    steps = np.arange(1.0, 501)
    drawn = maker(usual_correlation(steps))
    made = forecast(normal(np.zeros(500), np.sqrt(steps)))
    chance = chance_of_crossing(drawn, made, 0, ">", np.full(500, Z * np.sqrt(500)))
    assert chance == pytest.approx(2 * 0.1, abs=0.03)
    moves = np.diff(drawn.paths(made, 0), axis=1)
    assert moves.std() == pytest.approx(1, abs=0.3)


def test_beyond_the_horizon_the_last_error_goes_on():
    # As the intervals are made: the second block has that of the end of the first and its own, in squares.
    spreads = [1, 1, np.hypot(1, 1), np.hypot(1, 2)]
    paths = maker(np.eye(2), 40_000).paths(forecast(normal([0] * 4, spreads)), 0)
    found = np.corrcoef(paths.T)
    assert found[1, 2] == pytest.approx(1 / np.sqrt(2), abs=0.02)
    assert found[1, 3] == pytest.approx(1 / np.sqrt(5), abs=0.02)
    assert found[2, 3] == pytest.approx(1 / np.sqrt(10), abs=0.02)  # by the error that both have
    assert abs(found[0, 2]) < 0.02
    np.testing.assert_allclose(paths.std(axis=0), spreads, rtol=0.03)


def test_mirrored_paths_have_the_medians_that_were_forecast():
    made = forecast(normal([4, 7, -2], [1, 2, 3]))
    paths = maker(usual_correlation(np.ones(3)), 200, mirrored=True).paths(made, 0)
    assert np.median(paths.sum(axis=1)) == pytest.approx(9, abs=1e-9)


@pytest.mark.parametrize("sign", ["<", "<=", ">", ">="])
@pytest.mark.parametrize("number", [-1.0, 0.0, 0.4, 1.0, 2.5, 9.0])
def test_the_chance_of_crossing_is_that_of_the_paths(sign, number):
    values = [[[0, 1, 2], [0, 0, 3], [0.4, 0.4, 0.4], [1, 1.5, 2.5]]]
    made = forecast(values)
    drawn = maker(usual_correlation(np.ones(4)), 20_000, never_below_zero={("a",)})
    paths = drawn.paths(made, 0)
    crossed = {"<": paths < number, "<=": paths <= number, ">": paths > number, ">=": paths >= number}[sign]
    chance = chance_of_crossing(drawn, made, 0, sign, np.full(4, number))
    assert chance == pytest.approx(crossed.any(axis=1).mean(), abs=0.015)


def test_a_constant_series_crosses_for_sure_or_never():
    made = forecast([[[5, 5, 5]] * 6])
    drawn = maker(usual_correlation(np.ones(3)), 100)
    assert (drawn.paths(made, 0) == 5).all()
    assert chance_of_crossing(drawn, made, 0, ">", np.full(6, 5.0)) == 0
    assert chance_of_crossing(drawn, made, 0, ">=", np.full(6, 5.0)) == 1
