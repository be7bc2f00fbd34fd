"""Widths of intervals: what is planted is found, and nothing crosses."""

from statistics import NormalDist

import numpy as np
import pytest

from lstmcli.evaluation.validation import cross_coverage
from lstmcli.forecasting.intervals import fit_widths, pairs, stretch_intervals

LEVELS = (0.025, 0.1, 0.5, 0.9, 0.975)


def normal_quantiles(deviation, windows=4000, horizon=5):
    """The same normal law forecast for every value."""
    z = np.array([NormalDist().inv_cdf(q) for q in LEVELS])
    return np.broadcast_to(deviation * z, (windows, horizon, len(LEVELS)))


@pytest.mark.parametrize("truth", [0.7, 1.0, 2.5])
def test_widths_find_how_wrong_the_intervals_are(truth):
    actual = truth * np.random.default_rng(0).normal(size=(4000, 5))
    widths = fit_widths(actual, normal_quantiles(1.0), LEVELS, 4000)
    assert widths == pytest.approx((truth, truth, 1, truth, truth), rel=0.04)


def test_few_windows_are_stretched_further_so_that_the_next_is_covered_too():
    random = np.random.default_rng(3)
    inside = []
    for _ in range(2000):
        actual = random.normal(size=(6, 1))
        widths = fit_widths(actual[:5], normal_quantiles(1.0, 5, 1), LEVELS, 5)
        inside.append(abs(actual[5, 0]) <= 1.2816 * widths[1])
    # Of five scores, the 0.8th would cover 0.70 of the next.
    assert 0.74 < np.mean(inside) < 0.83


def test_the_factor_of_few_windows_is_that_of_tables_of_student():
    scores = np.ones((5, 1))  # as wide as the normal quantiles: every factor is Student's alone
    for quantile, table in ((0.9, 1.440), (0.975, 2.447)):
        widths = fit_widths(NormalDist().inv_cdf(quantile) * scores, normal_quantiles(1.0, 5, 1), LEVELS, 5)
        at = LEVELS.index(quantile)
        assert widths[at] * NormalDist().inv_cdf(quantile) == pytest.approx(table, rel=0.005)


def test_the_coverage_is_measured_on_the_half_that_was_not_fitted():
    random = np.random.default_rng(1)
    # The second half is three times as wild as the first.
    actual = random.normal(size=(4000, 5)) * np.repeat([1, 3], 2000)[:, None]
    covered = cross_coverage(actual, normal_quantiles(1.0), LEVELS, 2000)
    assert list(covered) == ["95", "80"]
    both = (NormalDist().cdf(1.2816 * 3) * 2 - 1, NormalDist().cdf(1.2816 / 3) * 2 - 1)
    assert covered["80"] == pytest.approx(np.mean(both), abs=0.02)


def test_stretching_moves_each_quantile_from_the_median():
    made = stretch_intervals(np.array([1.0, 2.0, 4.0, 5.0, 7.0]), LEVELS, (2, 1, 1, 0.5, 3))
    assert made.tolist() == [-2, 2, 4, 4.5, 13]


def test_stretched_quantiles_never_cross():
    raw = np.sort(np.random.default_rng(2).normal(size=(500, 3, 5)), axis=2)
    made = stretch_intervals(raw, LEVELS, (0.5, 4, 1, 3, 0.6))
    assert (np.diff(made, axis=2) >= 0).all()
    assert np.array_equal(made[:, :, 2], raw[:, :, 2])


def test_unknown_values_and_lonely_quantiles_are_left_alone():
    actual = np.full((3, 2), np.nan)
    assert fit_widths(actual, np.zeros((3, 2, 3)), (0.1, 0.5, 0.8), 3) == (1, 1, 1)
    assert pairs((0.1, 0.5, 0.8)) == []
