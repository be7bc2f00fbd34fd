"""How errors move together: correlations over steps and between series, from windows of the past."""

import numpy as np
import pytest
from builders import made_model, panel_of

from lstmcli.evaluation.dependence import dependence_of, independent_windows, past_errors, usual_variance
from lstmcli.evaluation.window_errors import WindowErrors, window_errors
from lstmcli.forecasting.intervals import normal_quantiles
from lstmcli.forecasting.paths import usual_correlation
from lstmcli.jobs.builtin import builtin_network


def errors_of(windows, **more):
    windows = np.asarray(windows)
    places = np.stack([np.zeros(len(windows), int), 10 * np.arange(len(windows))], axis=1).astype(np.int32)
    return WindowErrors(windows.astype(np.float16), places, **more)


def test_without_errors_it_is_the_usual_one():
    found = dependence_of(None, np.ones(3))
    np.testing.assert_array_equal(found.steps, usual_correlation(np.ones(3)))
    assert (found.windows, found.origins) == (0, 0)
    assert found.steps[0, 2] == pytest.approx(0.2 + 0.8 * 0.75**2)


def test_errors_count_as_their_windows_beside_the_usual_one():
    # Two steps, errors of one sign in three of four windows: (1 + 1 + 1 - 1) / 4 = 0.5.
    found = dependence_of(errors_of([[1, 2], [-1, -2], [1, 2], [1, -2]]), np.ones(2))
    usual = 0.2 + 0.8 * 0.75
    assert found.windows == 4
    assert found.steps[0, 1] == pytest.approx((4 * 0.5 + usual) / 5)
    assert found.steps[0, 0] == 1


def test_variance_is_the_median_of_series_in_units_of_their_own():
    spreads = np.array([[1.0, 2.0], [10.0, 20.0], [5.0, 5.0], [0.0, 0.0]])
    values = 7 + spreads[..., None] * normal_quantiles((0.1, 0.5, 0.9))
    np.testing.assert_allclose(usual_variance(values, (0.1, 0.5, 0.9)), [1 / 2.5, 4 / 2.5])
    np.testing.assert_array_equal(usual_variance(values[3:], (0.1, 0.5, 0.9)), 1)


def test_between_series_it_is_shrunk_too():
    found = dependence_of(errors_of([[1.0, 1.0]], across=0.9, origins=12), np.ones(2))
    assert found.across == pytest.approx((12 * 0.9 + 8 * 0.2) / 20)
    assert dependence_of(errors_of([[1.0, 1.0]], across=-1.0, origins=12), np.ones(2)).across == 0


def test_unknown_and_single_errors_leave_a_correlation_that_can_be_drawn_from():
    windows = np.full((3, 5), np.nan)
    windows[:, 0] = 1
    for given in (windows, np.ones((1, 5)), np.zeros((2, 5)), np.full((2, 5), 60000.0)):
        np.linalg.cholesky(dependence_of(errors_of(given), np.ones(5)).steps)


def test_windows_that_overlap_count_once():
    places = np.array([[0, 10], [0, 12], [0, 34], [5, 7], [5, 8]], np.int32)
    assert independent_windows(places, 8) == 3 + 1  # no more than there are
    assert independent_windows(places[::-1], 8) == 4
    assert independent_windows(places[:0], 8) == 0


def test_errors_of_series_from_one_origin_in_time_are_compared():
    network, rng = made_model().network, np.random.default_rng(0)
    shared = rng.normal(size=300).cumsum()
    same = panel_of(100 + shared, 200 + shared)
    other = panel_of(100 + shared, 200 + rng.normal(size=300).cumsum())
    origins = np.arange(40, 280, 21)
    series = np.repeat([0, 1], len(origins))
    for panel, low, high in ((same, 0.9, 1.0), (other, -0.4, 0.4)):
        found = window_errors(network, panel, series, np.tile(origins, 2))
        assert low < found.across <= high
        assert found.origins == len(origins)
    alone = window_errors(network, same, series[:9], origins[:9])
    assert (alone.across, alone.origins) == (0, 0)


def test_a_forecaster_without_training_is_tried_on_the_past():
    panel = panel_of(np.sin(np.arange(60) / 5), np.cos(np.arange(40) / 5), np.arange(5.0))
    network = builtin_network(panel)
    found = past_errors(network, panel, network.arch.horizon)
    assert set(found.places[:, 0]) == {0, 1}  # the third is too short
    assert 2 < len(found.places) <= 48
    assert (found.places[:, 1] >= 8).all()
    assert past_errors(network, panel.select(slice(2, 3)), network.arch.horizon) is None
