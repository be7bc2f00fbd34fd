"""Simple forecasts: worked by hand, and against a slow search for the value one season earlier."""

import math

import numpy as np
import pytest

from lstmcli.forecasting.simple_forecasts import drift_forecast, last_value, seasonal_naive

NAN = float("nan")


def test_the_last_value_is_repeated():
    assert last_value(np.array([[1.0, 2.0, 7.0], [4.0, 3.0, 5.0]]), 2).tolist() == [[7, 7], [5, 5]]


def test_the_last_value_is_the_last_observed_one():
    assert last_value(np.array([[1.0, 2.0, NAN, NAN], [NAN, 3.0, 4.0, NAN]]), 2).tolist() == [[2, 2], [4, 4]]


def test_the_last_season_is_repeated():
    past = np.array([[9.0, 9.0, 9.0, 1.0, 2.0, 3.0]])
    assert seasonal_naive(past, 3, 7).tolist() == [[1, 2, 3, 1, 2, 3, 1]]


def test_a_past_that_is_no_multiple_of_the_season_starts_at_the_right_phase():
    past = np.array([[5.0, 1.0, 2.0, 3.0, 4.0]])
    assert seasonal_naive(past, 3, 4).tolist() == [[2, 3, 4, 2]]


def test_a_value_missing_from_the_last_season_comes_from_the_one_before():
    past = np.array([[10.0, 20.0, 30.0, 1.0, NAN, 3.0]])
    assert seasonal_naive(past, 3, 3).tolist() == [[1, 20, 3]]


def test_a_phase_never_observed_is_given_the_last_value():
    past = np.array([[1.0, NAN, 3.0, 4.0, NAN, 6.0]])
    assert seasonal_naive(past, 3, 3).tolist() == [[4, 6, 6]]


def test_a_season_of_one_repeats_the_last_value():
    past = np.array([[1.0, 2.0, NAN], [3.0, NAN, 5.0]])
    assert seasonal_naive(past, 1, 3).tolist() == last_value(past, 3).tolist() == [[2, 2, 2], [5, 5, 5]]


def test_drift_continues_the_line_from_first_to_last():
    # From 1 to 7 in 3 steps: a slope of 2; from 5 to 4 in 3 steps: a slope of -1/3.
    found = drift_forecast(np.array([[1.0, 0.0, 9.0, 7.0], [5.0, 8.0, 8.0, 4.0]]), 2)
    assert found == pytest.approx(np.array([[9, 11], [4 - 1 / 3, 4 - 2 / 3]]))


def test_drift_starts_at_the_first_observed_value():
    assert drift_forecast(np.array([[NAN, 1.0, NAN, 5.0]]), 2).tolist() == [[7, 9]]


def test_drift_of_two_values_goes_on_by_their_difference():
    assert drift_forecast(np.array([[NAN, 3.0, 5.0]]), 2).tolist() == [[7, 9]]


def test_drift_of_a_single_value_is_flat():
    assert drift_forecast(np.array([[NAN, NAN, 3.0]]), 2).tolist() == [[3, 3]]
    assert drift_forecast(np.array([[3.0]]), 2).tolist() == [[3, 3]]


@pytest.mark.parametrize(("season", "length"), [(4, 12), (5, 13), (7, 7)])
def test_seasonal_naive_agrees_with_a_search_backwards(season, length):
    random = np.random.default_rng(length)
    past = random.normal(size=(20, length))
    past[:, :-1][random.random((20, length - 1)) < 0.4] = NAN
    found = seasonal_naive(past, season, 2 * season + 1)
    for row, forecast in zip(past, found, strict=True):
        for h, value in enumerate(forecast):
            same_phase = [t for t in range(length) if (length + h - t) % season == 0]
            seen = [row[t] for t in same_phase if not math.isnan(row[t])]
            assert value == (seen[-1] if seen else row[-1])


def test_the_past_is_left_as_it_was():
    past = np.array([[1.0, NAN, 3.0, NAN]])
    before = past.copy()
    for forecast in (last_value(past, 2), seasonal_naive(past, 2, 2), drift_forecast(past, 2)):
        assert forecast.shape == (1, 2)
    np.testing.assert_array_equal(past, before)
