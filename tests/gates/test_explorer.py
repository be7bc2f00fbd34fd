"""Which windows the explorer holds, and what it says of each."""

import numpy as np
import pytest
from builders import ARCH, network_of, panel_of, wave

from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.untrained import NETWORK_ALONE, SeasonPair, untrained_network
from lstmcli.gates.explorer import MOST_SERIES, explorer_series, explorer_windows
from lstmcli.gates.trace import trace_windows
from lstmcli.series.horizon_rows import lacks_future

NETWORK = network_of(ARCH)  # context 12, horizon 7
LONG, SHORT = wave(100), wave(8)


def held_of(*histories, each=3, **options):
    panel = panel_of(*histories)
    return explorer_windows(NETWORK, panel, explorer_series(panel), each, **options)


def places(held):
    return list(zip(held.traced.series.tolist(), held.traced.origins.tolist(), strict=True))


def test_the_last_window_and_some_spread_from_the_first_full_context_to_a_known_horizon():
    assert places(held_of(LONG)) == [(0, 12), (0, 52), (0, 93), (0, 100)]
    assert places(held_of(LONG, each=0)) == [(0, 100)]


def test_a_short_series_has_as_many_windows_as_differ():
    held = held_of(SHORT, each=24)
    assert places(held) == [(0, 4), (0, 8)]
    assert held.wanted == 2


def test_the_last_window_of_the_first_series_is_shown_first_or_that_of_a_time():
    held = held_of(LONG, LONG)
    assert places(held)[held.first] == (0, 100)
    held = held_of(LONG, LONG, at=(1, 31))
    assert places(held)[held.first] == (1, 31)
    assert places(held)[held.first - 1 : held.first + 2] == [(1, 12), (1, 31), (1, 52)]


def test_at_most_some_series_are_held():
    assert explorer_series(panel_of(*[SHORT] * 3)).tolist() == [0, 1, 2]
    assert len(explorer_series(panel_of(*[SHORT] * 20))) == MOST_SERIES


def test_gates_are_those_of_the_trace_and_forecasts_those_of_the_model():
    held = held_of(LONG, wave(50, 1))
    series, origins = held.traced.series, held.traced.origins
    traced = trace_windows(NETWORK, held.panel, series, origins)
    np.testing.assert_array_equal(held.traced.layers[0].c, traced.layers[0].c)
    made = forecast_at_origins(NETWORK, held.panel, series, origins)
    np.testing.assert_array_equal(held.forecast, made)  # of three quantiles all are shown
    assert held.coverage == pytest.approx(0.8)


def test_values_and_what_came_after_are_those_of_the_series():
    held = held_of(LONG, at=(0, 97))
    times, values = held.context(held.first, 12)
    np.testing.assert_array_equal(values, LONG[85:97])
    ahead, after = held.ahead(held.first)
    np.testing.assert_array_equal(after, [*LONG[97:], *[np.nan] * 4])
    assert ahead[0] - times[-1] == np.timedelta64(1, "h")
    _, values = held_of(SHORT).context(1, 12)
    np.testing.assert_array_equal(values, [*[np.nan] * 4, *SHORT])


def test_a_forecast_needs_covariates_that_are_known_ahead():
    known = np.append(np.linspace(0, 1, 44), np.nan)
    panel = panel_of(wave(40), future=known, ahead=5)
    series = np.zeros(4, np.int64)
    assert lacks_future(panel, series, np.array([12, 33, 37, 38]), 7).tolist() == [False, False, False, True]
    assert lacks_future(panel, series[:1], np.array([40]), 7).tolist() == [True]


def test_the_built_in_network_is_shown_on_series_of_any_length():
    panel = panel_of(wave(100), wave(20, 1))
    network = untrained_network(SeasonPair(12, 12), 7, 100, NETWORK_ALONE)
    held = explorer_windows(network, panel, np.array([0, 1]), 2)
    assert places(held) == [(0, 50), (0, 93), (0, 100), (1, 10), (1, 13), (1, 20)]
    real = ~np.isnan(held.traced.layers[0].h[:, :, 0])
    assert real.sum(axis=1).tolist() == [5, 8, 9, 1, 2, 2]
    assert np.isfinite(held.forecast).all()
