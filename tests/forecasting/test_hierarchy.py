"""Reconciled forecasts: the projection against hand-worked numbers, and when it is worth it."""

from decimal import Decimal

import numpy as np
import pytest

from lstmcli.forecasting.hierarchy import Levels, error_covariance, gain_of_minimum_trace, reconciled
from lstmcli.forecasting.rounded import round_together, round_values

TWO = Levels(2, (np.array([0, 1]),))
SIX = Levels(6, (np.arange(6), np.arange(3), np.arange(3, 6)))


def test_bottom_up_adds_the_series():
    assert reconciled(np.array([[1.0], [2], [9]]), TWO, None).ravel().tolist() == [1, 2, 3]


def test_with_equal_errors_the_difference_is_shared():
    # S = (1 0; 0 1; 1 1), (S'S)^-1 S' (1, 2, 6) = (2, 3): the total is 3 too high and each moves by 1.
    made = reconciled(np.array([[1.0], [2], [6]]), TWO, np.eye(3))
    np.testing.assert_allclose(made.ravel(), [2, 3, 5])


def test_what_errs_more_moves_more():
    # Moves are in the shares of the variances: 1, 4 and 1 of the difference of 6.
    made = reconciled(np.array([[1.0], [2], [9]]), TWO, np.diag([1.0, 4, 1]))
    np.testing.assert_allclose(made.ravel(), [2, 6, 8])


@pytest.mark.parametrize("seed", range(3))
def test_forecasts_that_add_up_stay_as_they_are(seed):
    random = np.random.default_rng(seed)
    base = SIX.added(random.normal(size=(6, 4)))
    errors = random.normal(size=(9, 5, 4))
    np.testing.assert_allclose(reconciled(base, SIX, error_covariance(errors, 3)), base)


def test_the_covariance_is_shrunk_by_how_little_is_known():
    random = np.random.default_rng(0)
    shared = random.normal(size=(1, 200, 4))
    errors = np.concatenate([shared + 0.5 * random.normal(size=(3, 200, 4)) for _ in range(2)])

    def correlation(independent):
        found = error_covariance(errors, independent)
        return found[0, 1] / np.sqrt(found[0, 0] * found[1, 1])

    assert correlation(10**6) == pytest.approx(0.8, abs=0.03)
    assert 0 <= correlation(1) < correlation(30) < 0.8
    np.testing.assert_allclose(np.diag(error_covariance(errors, 5)), np.square(errors).mean(axis=(1, 2)))
    np.linalg.cholesky(
        error_covariance(np.zeros((9, 5, 4)) + np.eye(9)[:, :1, None], 2)
    )  # errors of one alone


def test_good_forecasts_of_totals_are_worth_minimum_trace_and_bad_ones_not():
    random = np.random.default_rng(1)
    actual = SIX.added(random.normal(size=(6, 12, 4)))
    scales = np.ones(9)
    good, bad = actual + random.normal(size=actual.shape), actual + 0.1 * random.normal(size=actual.shape)
    good[6:] = actual[6:] + 0.1 * random.normal(size=(3, 12, 4))
    bad[6:, 6:] += 9  # after origins at which they were good
    assert gain_of_minimum_trace(good, actual, SIX, scales, 12) > 0.2
    assert gain_of_minimum_trace(bad, actual, SIX, scales, 12) < 0


@pytest.mark.parametrize("size", [1e-3, 1.0, 1e9])
def test_decimals_add_up_at_any_size(size):
    scales = size * np.array([1, 1, 10, 100, 1000, 1e5])[:, None]
    values = scales * np.random.default_rng(0).normal(size=(6, 7))
    around = values[..., None] + scales[..., None] * np.array([-1.0, 0, 1])
    made = round_together(values, around, SIX.added)
    np.testing.assert_allclose(made[:6], round_values(values[..., None], like=around)[..., 0], rtol=1e-12)
    written = [[Decimal(repr(cell)) for cell in row] for row in made.tolist()]
    for total, members in ((6, range(6)), (7, range(3)), (8, range(3, 6))):
        assert [sum(written[s][step] for s in members) for step in range(7)] == written[total]
