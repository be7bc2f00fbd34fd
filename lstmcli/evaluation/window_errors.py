"""Errors of a forecaster on windows that it has not learned from, in units of its own intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.scores import actual_values
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import normal_spread
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

MOST_WINDOWS = 1000
LARGEST_ERROR = 60_000.0  # that half precision holds


@dataclass(frozen=True)
class WindowErrors:
    """What a forecaster erred by.

    standardised  (windows, horizon) float16: (observed - median) / spread; NaN where one of them is unknown.
                  The spread is the standard deviation of a normal distribution with the quantiles of the
                  forecast, on average over them
    places        (windows, 2) int32: the series, counted in the training data, and its values before the
                  origin
    """

    standardised: NDArray[np.float16]
    places: NDArray[np.int32]


def window_errors(network: Network, panel: Panel, series: Indices, origins: Indices) -> WindowErrors | None:
    """Those of at most 1,000 of the windows (series, origins), spread evenly over them; None without any."""
    if not len(series):
        return None
    chosen = np.unique(np.linspace(0, len(series) - 1, min(len(series), MOST_WINDOWS)).astype(int))
    series, origins = series[chosen], origins[chosen]
    made = forecast_at_origins(network, panel, series, origins)
    actual = actual_values(panel, series, origins, network.arch.horizon)
    wrong = standardised(actual, made, network.arch.quantiles)
    return WindowErrors(wrong.astype(np.float16), np.stack([series, origins], axis=1).astype(np.int32))


def standardised(actual: Array, made: Array, quantiles: tuple[float, ...]) -> NDArray[np.float64]:
    """Errors (windows, horizon) of forecasts (windows, horizon, quantiles), in units of their spread."""
    middle = quantiles.index(0.5)
    unknown = np.full(actual.shape, np.nan)
    median = made[..., middle]
    spread = normal_spread(made - median[..., None], quantiles)
    if spread is None:
        return unknown
    wrong = np.divide(actual - median, spread, out=unknown, where=spread > 0)
    return np.clip(wrong, -LARGEST_ERROR, LARGEST_ERROR)
