"""Forecasts one step ahead at every row."""

import numpy as np
import pytest

from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.series.running import RunningState


def error(forecaster, value, first):
    _, made = forecaster.update(forecaster.start(value.shape[1]), value)
    return np.abs(made.expected - value)[first:].mean()


def test_an_autoregression_is_learned():
    random = np.random.default_rng(2)
    value = np.zeros((1500, 4))
    for t in range(2, len(value)):
        value[t] = 0.9 * value[t - 1] - 0.5 * value[t - 2] + random.normal(size=4)
    of_noise = np.sqrt(2 / np.pi)
    assert error(OneStepForecaster(), value, 500) == pytest.approx(of_noise, rel=0.05)
    assert np.abs(np.diff(value, axis=0)).mean() > 1.2 * of_noise


def test_a_season_without_noise_is_learned_after_it_was_seen():
    value = np.tile(np.random.default_rng(1).normal(size=24), 12)[:, None]
    assert error(OneStepForecaster(24), value, 120) < 0.02


def test_a_constant_is_forecast_to_the_last_digit():
    _, made = OneStepForecaster(5).update(OneStepForecaster(5).start(1), np.full((60, 1), 0.1))
    assert (made.expected[1:] == 0.1).all() and (made.lower[1:] == 0.1).all()


def test_nothing_is_seen_before_it_is_forecast():
    value = np.random.default_rng(4).normal(size=(300, 2)).cumsum(axis=0)
    changed = value.copy()
    changed[200:] += 100
    forecaster = OneStepForecaster(12)
    made, other = (forecaster.update(forecaster.start(2), each)[1] for each in (value, changed))
    for name in vars(made):
        np.testing.assert_array_equal(getattr(made, name)[:201], getattr(other, name)[:201])


def test_blocks_and_files_change_nothing(tmp_path):
    value = np.random.default_rng(4).normal(size=(200, 3))
    value[50:55, 1], value[:20, 2] = np.nan, np.nan
    forecaster = OneStepForecaster(7, 21)
    _, whole = forecaster.update(forecaster.start(3), value)
    state, one = forecaster.update(forecaster.start(3), value[:77])
    np.savez(tmp_path / "state.npz", **state.arrays)
    with np.load(tmp_path / "state.npz") as file:
        _, two = forecaster.update(RunningState(dict(file)), value[77:])
    np.testing.assert_array_equal(np.concatenate([one.expected, two.expected]), whole.expected)
    assert np.isnan(whole.expected[:21, 2]).all() and np.isfinite(whole.expected[21:, 2]).all()


def test_series_do_not_depend_on_their_neighbours():
    value = np.random.default_rng(4).normal(size=(150, 3)).cumsum(axis=0)
    forecaster = OneStepForecaster(6)
    _, all_of_them = forecaster.update(forecaster.start(3), value)
    _, alone = forecaster.update(forecaster.start(1), value[:, 1:2])
    np.testing.assert_allclose(all_of_them.expected[:, 1:2], alone.expected, rtol=1e-12)


def test_the_interval_holds_four_in_five_errors():
    value = 30 + np.random.default_rng(8).normal(size=(1200, 5))
    _, made = OneStepForecaster().update(OneStepForecaster().start(5), value)
    inside = (value > made.lower) & (value < made.upper)
    assert 0.76 < inside[300:].mean() < 0.84
