"""Seasonal naive with the spread of its past errors."""

import numpy as np

from lstmcli.forecasting.aligned import AlignedHistories, SpreadForecast
from lstmcli.forecasting.past_errors import spread_ahead
from lstmcli.forecasting.simple_forecasts import seasonal_lags, seasonal_naive
from lstmcli.series.arrays import Array


def naive_forecast(histories: AlignedHistories, season: int, horizon: int) -> SpreadForecast:
    """The last season repeated; the last value where there is no season, or less than one."""
    values = histories.values
    short = histories.lengths < season
    point = np.asarray(seasonal_naive(values.T, season, horizon), np.float64)
    if short.any():
        point[short] = seasonal_naive(values.T[short], 1, horizon)
    lags = seasonal_lags(season, horizon)

    def errors(step: int) -> Array:
        lag = int(lags[step - 1])
        return values[lag:] - values[:-lag]

    # A random walk of seasons.
    growth = np.repeat((lags / season)[:, None], len(point), axis=1)
    reach = int((lags < len(values)).sum())
    spread, freedom = spread_ahead(errors, reach, growth, histories.counts, np.zeros(len(point)))
    return SpreadForecast(point, spread.T, freedom)
