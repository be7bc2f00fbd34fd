"""Simple forecasts that a model must beat. Each takes histories as (batch, past), NaN where missing."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


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


def drift(past: Array, horizon: int) -> Array:
    """The line through the first and the last value, continued: (batch, horizon)."""
    filled = _filled(past)
    first = np.take_along_axis(past, np.argmax(~np.isnan(past), axis=1)[:, None], axis=1)
    length = past.shape[1] - 1 - np.argmax(~np.isnan(past), axis=1)[:, None]
    slope = (filled[:, -1:] - first) / np.maximum(length, 1)
    return filled[:, -1:] + slope * np.arange(1, horizon + 1)


def _filled(past: Array) -> Array:
    """Each missing value replaced by the last observed one before it."""
    at = np.where(np.isnan(past), 0, np.arange(past.shape[1]))
    return np.take_along_axis(past, np.maximum.accumulate(at, axis=1), axis=1)
