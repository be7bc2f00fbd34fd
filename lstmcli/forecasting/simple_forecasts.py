"""Simple forecasts, as baselines for a model. Histories are (batch, past), NaN where missing."""

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

_MOST_ERRORS, _FEWEST_ERRORS = 256, 10  # past errors that give the intervals of a simple forecast


def last_value(past: Array, horizon: int) -> Array:
    """The last observed value, repeated: (batch, horizon)."""
    return np.repeat(_filled(past)[:, -1:], horizon, axis=1)


def seasonal_naive(past: Array, season: int, horizon: int) -> Array:
    """The last season, repeated: (batch, horizon). Needs `season` values of past.

    A value missing from the last season is taken from the one before it.
    """
    short = -past.shape[1] % season
    padded = np.pad(past, ((0, 0), (short, 0)), constant_values=np.nan)
    by_season = padded.reshape(len(past), -1, season).swapaxes(1, 2)
    last = _filled(by_season.reshape(-1, by_season.shape[2]))[:, -1].reshape(len(past), season)
    # A phase never observed is given the last value of all.
    last = np.where(np.isnan(last), _filled(past)[:, -1:], last)
    return last[:, np.arange(horizon) % season]


def drift_forecast(past: Array, horizon: int) -> Array:
    """The line through the first and the last value, continued: (batch, horizon)."""
    filled = _filled(past)
    first = np.take_along_axis(past, np.argmax(~np.isnan(past), axis=1)[:, None], axis=1)
    length = past.shape[1] - 1 - np.argmax(~np.isnan(past), axis=1)[:, None]
    slope = (filled[:, -1:] - first) / np.maximum(length, 1)
    return filled[:, -1:] + slope * np.arange(1, horizon + 1)


def seasonal_lags(season: int, horizon: int) -> NDArray[np.int64]:
    """How far back the value lies that `seasonal_naive` repeats at each step (horizon,)."""
    return season * (1 + np.arange(horizon) // season)


def lagged_changes(
    history: Array, lags: NDArray[np.int64], quantiles: tuple[float, ...]
) -> NDArray[np.float64] | None:
    """Quantiles of x[t] - x[t - lag] over a history (n,), (lags, quantiles): the past errors of a
    forecast that repeats the value `lag` steps back.

    Taken from at most 256 times t, evenly spread. None where fewer than 10 times have all pairs.
    """
    most = int(lags.max())
    if len(history) - most < _FEWEST_ERRORS:
        return None
    count = min(len(history) - most, _MOST_ERRORS)
    times = np.linspace(most, len(history) - 1, count).round().astype(np.int64)
    changes = history[times[:, None]] - history[times[:, None] - lags]
    changes = changes[~np.isnan(changes).any(axis=1)]
    if len(changes) < _FEWEST_ERRORS:
        return None
    return np.asarray(np.quantile(changes, quantiles, axis=0).T)


def _filled(past: Array) -> Array:
    """Each missing value replaced by the last observed one before it."""
    at = np.where(np.isnan(past), 0, np.arange(past.shape[1]))
    return np.take_along_axis(past, np.maximum.accumulate(at, axis=1), axis=1)
