"""Errors on validation windows, in units of the intervals."""

import numpy as np
import pytest
from builders import made_model, panel_of

from lstmcli.evaluation.window_errors import MOST_WINDOWS, standardised, window_errors
from lstmcli.forecasting.forecast import forecast_at_origins


def test_errors_are_counted_in_spreads():
    # 1.2816 is the normal quantile of 0.9: a spread of 2 below and of 4 above, 3 on average.
    z = 1.2815515655446004
    made = np.array([[[10 - 2 * z, 10, 10 + 4 * z], [5, 5, 5]]])
    wrong = standardised(np.array([[16.0, 7.0]]), made, (0.1, 0.5, 0.9))
    assert wrong[0, 0] == pytest.approx(2)
    assert np.isnan(wrong[0, 1])  # no spread
    assert np.isnan(standardised(np.array([[16.0, 7.0]]), made[..., 1:2], (0.5,))).all()


def test_errors_are_those_of_the_forecast():
    network = made_model().network
    values = 10 + np.sin(np.arange(60.0))
    panel = panel_of(values, values[::-1])
    series, origins = np.array([0, 0, 1]), np.array([30, 57, 40])
    errors = window_errors(network, panel, series, origins)
    made = forecast_at_origins(network, panel, series, origins)
    middle = network.arch.quantiles.index(0.5)
    assert errors.places.tolist() == [[0, 30], [0, 57], [1, 40]]
    known = np.sign(values[30:37] - made[0, :, middle])
    assert np.sign(errors.standardised[0]).tolist() == known.tolist()
    assert np.isnan(errors.standardised[1]).tolist() == [False] * 3 + [True] * 4  # beyond the end


def test_many_windows_are_thinned_evenly():
    network = made_model().network
    panel = panel_of(10 + np.sin(np.arange(3000.0)))
    origins = np.arange(20, 2900)
    errors = window_errors(network, panel, np.zeros(len(origins), np.int64), origins)
    assert len(errors.places) == MOST_WINDOWS
    assert errors.places[[0, -1], 1].tolist() == [20, 2899]
    assert set(np.diff(errors.places[:, 1])) == {2, 3}


def test_without_windows_there_are_none():
    none = np.zeros(0, np.int64)
    assert window_errors(made_model().network, panel_of(np.ones(20)), none, none) is None
