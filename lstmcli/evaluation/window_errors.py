"""Errors of a forecaster on windows that it has not learned from, in units of its own intervals."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.scores import actual_values
from lstmcli.forecasting.forecast import forecast_at_origins
from lstmcli.forecasting.intervals import normal_spread
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.calendar import advance
from lstmcli.series.panel import Panel

MOST_WINDOWS = 1000
LARGEST_ERROR = 60_000.0  # that half precision holds
_LARGEST_SHARED = 4.0  # larger errors count as this in correlations


@dataclass(frozen=True)
class WindowErrors:
    """What a forecaster erred by.

    standardised  (windows, horizon) float16: (observed - median) / spread; NaN where one of them is unknown.
                  The spread is the standard deviation of a normal distribution with the quantiles of the
                  forecast, on average over them
    places        (windows, 2) int32: the series, counted in the training data, and its values before the
                  origin
    across        the correlation of errors of different series from one origin in time
    origins       how many such origins do not overlap; 0 where across is not known
    """

    standardised: NDArray[np.float16]
    places: NDArray[np.int32]
    across: float = 0.0
    origins: int = 0


def window_errors(network: Network, panel: Panel, series: Indices, origins: Indices) -> WindowErrors | None:
    """Those of at most 1,000 of the windows (series, origins), spread evenly over them; None without any."""
    if not len(series):
        return None
    chosen = np.unique(np.linspace(0, len(series) - 1, min(len(series), MOST_WINDOWS)).astype(int))
    series, origins = series[chosen], origins[chosen]
    made = forecast_at_origins(network, panel, series, origins)
    actual = actual_values(panel, series, origins, network.arch.horizon)
    wrong = standardised(actual, made, network.arch.quantiles)
    places = np.stack([series, origins], axis=1).astype(np.int32)
    return WindowErrors(wrong.astype(np.float16), places, *_across(wrong, panel, series, origins))


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


def _across(
    errors: NDArray[np.float64], panel: Panel, series: Indices, origins: Indices
) -> tuple[float, int]:
    """The correlation of errors (windows, horizon) of different series from one origin in time, and how many
    of these origins do not overlap; 0 and 0 where no two series have one together."""
    times = advance(panel.starts[series], panel.step, origins)
    group = np.unique(times, return_inverse=True)[1].reshape(-1)
    known = np.nan_to_num(np.clip(errors, -_LARGEST_SHARED, _LARGEST_SHARED))
    sums, squares, counts = (np.zeros((int(group.max()) + 1, errors.shape[1])) for _ in range(3))
    for total, part in ((sums, known), (squares, known**2), (counts, ~np.isnan(errors))):
        np.add.at(total, group, part)
    shared = np.asarray(counts > 1)
    if not shared.any() or not squares.any():
        return 0.0, 0
    covariance = (sums**2 - squares)[shared].sum() / (counts * (counts - 1)).sum()
    here = np.asarray(shared.any(axis=1))[group]
    of_series = [np.unique(origins[here & (series == one)]) for one in np.unique(series[here])]
    independent = max(min(len(some), int(np.ptp(some)) // errors.shape[1] + 1) for some in of_series)
    return float(np.clip(covariance * counts.sum() / squares.sum(), -1.0, 1.0)), independent
