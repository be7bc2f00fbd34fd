"""Measures of forecast error and of interval quality, on plain arrays.

Definitions follow the M4 competition (Makridakis et al. 2020, International Journal of
Forecasting 36). Every function ignores positions where `actual` is NaN.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def mae(actual: Array, forecast: Array) -> float:
    """Mean of |y - f|, in the units of the data; 0 is perfect."""
    return float(np.nanmean(np.abs(actual - forecast)))


def smape(actual: Array, forecast: Array) -> float:
    """Mean of 200 |y - f| / (|y| + |f|), in percent, 0 to 200; 0 where both are zero."""
    size = np.abs(actual) + np.abs(forecast)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(size == 0, 0.0, np.abs(actual - forecast) / size)
    return float(200 * np.nanmean(ratio))


def seasonal_scale(history: Array, season: int) -> float:
    """Mean of |x[t] - x[t - season]| over a series (n,): the denominator of MASE.

    Falls back to season 1 for a series no longer than a season. NaN when the series has
    no two observed values that far apart, or is constant.
    """
    scale = mean_change(history, season if len(history) > season else 1)
    return scale if scale > 0 else float("nan")


def mean_change(values: Array, lag: int) -> float:
    """Mean of |x[t] - x[t - lag]| over the pairs that are observed; 0 where there is none."""
    changes = np.abs(values[lag:] - values[:-lag])
    changes = changes[~np.isnan(changes)]
    return float(changes.mean()) if changes.size else 0.0


def mase(actual: Array, forecast: Array, scales: Array) -> float:
    """Mean over windows of mean|y - f| / scale; below 1 beats the in-sample seasonal naive.

    actual, forecast: (windows, horizon); scales: (windows,) from `seasonal_scale`. Windows
    whose scale is NaN are left out; NaN when none is left.
    """
    usable = ~np.isnan(scales) & (scales > 0) & ~np.isnan(actual).all(axis=1)
    if not usable.any():
        return float("nan")
    errors = np.nanmean(np.abs(actual[usable] - forecast[usable]), axis=1)
    return float(np.mean(errors / scales[usable]))


def weighted_quantile_loss(actual: Array, forecast: Array, quantiles: Array) -> float:
    """Mean over quantiles of 2 sum(pinball) / sum|y|.

    actual: (windows, horizon); forecast: (windows, horizon, quantiles).
    """
    error = actual[..., None] - forecast
    pinball = np.maximum(quantiles * error, (quantiles - 1) * error)
    return float(np.mean(2 * np.nansum(pinball, axis=(0, 1)) / np.nansum(np.abs(actual))))


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Share of observed values inside [lower, upper], 0 to 1."""
    observed = ~np.isnan(actual)
    inside = (actual >= lower) & (actual <= upper)
    return float(inside[observed].mean()) if observed.any() else float("nan")
