"""How errors move together: over the steps of the horizon and between series, from windows of the past."""

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.folds import rolling_origins
from lstmcli.evaluation.window_errors import WindowErrors, window_errors
from lstmcli.forecasting.intervals import normal_spread
from lstmcli.forecasting.paths import Dependence, usual_correlation
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

# Independent windows that the usual correlation counts for: two more than doubled what it cost in the scores
# of sums on 22 sets (docs/accuracy.md), none leaves a single window with a correlation of its own.
USUAL_WORTH = 1.0
# Between series: the usual correlation, how many independent origins it counts for, and the most. Errors of
# employment correlate by 0.22 and 0.27, of 150 series of M4 Hourly by 0.14, of ten neighbouring ones by 0.17.
_ACROSS, _ACROSS_WORTH, _MOST_ACROSS = 0.2, 8.0, 0.95
_LARGEST = 4.0  # spreads: larger errors count as this
# Of a forecaster without training, whose errors no file holds.
_SERIES, _WINDOWS, _HORIZONS, _FEWEST = 16, 48, 20, 8


def dependence_of(errors: WindowErrors | None, variance: Array) -> Dependence:
    """From the errors of a model on windows with this horizon; the usual one where there are none.
    variance: see `usual_correlation`.

    The correlation over the steps is that of the errors and the usual one, by how many windows do not
    overlap.
    """
    horizon, usual = len(variance), usual_correlation(variance)
    if errors is None or errors.standardised.shape[1] < horizon:
        return Dependence(usual, _ACROSS)
    windows = independent_windows(errors.places, horizon)
    own = _correlation(errors.standardised[:, :horizon])
    steps = (windows * own + USUAL_WORTH * usual) / (windows + USUAL_WORTH)
    origins = errors.origins
    across = (origins * errors.across + _ACROSS_WORTH * _ACROSS) / (origins + _ACROSS_WORTH)
    return Dependence(steps, float(np.clip(across, 0.0, _MOST_ACROSS)), windows, origins)


def usual_variance(values: Array, quantiles: tuple[float, ...]) -> NDArray[np.float64]:
    """Of the errors at each step (horizon,), by forecasts (series, horizon, quantiles): the median of
    series, each in units of its own mean."""
    spread = normal_spread(values - values[..., [quantiles.index(0.5)]], quantiles)
    assert spread is not None
    variance = np.square(spread, dtype=np.float64)
    mean = variance.mean(axis=1, keepdims=True)
    some = mean[:, 0] > 0
    return np.asarray(
        np.median(variance[some] / mean[some], axis=0) if some.any() else np.ones(spread.shape[1])
    )


def past_errors(network: Network, panel: Panel, horizon: int) -> WindowErrors | None:
    """Errors on windows at the ends of the series of a forecaster that was not trained on them, at most
    some fifty; None for series that are too short. horizon: that of the network."""
    long = np.flatnonzero(panel.lengths >= _FEWEST + horizon)
    if not len(long):
        return None
    chosen = long[np.unique(np.linspace(0, len(long) - 1, min(len(long), _SERIES)).astype(int))]
    lengths = panel.lengths[chosen]
    held_out = np.minimum(lengths - np.maximum(_FEWEST, lengths // 3), _HORIZONS * horizon)
    series, origins = rolling_origins(lengths, np.maximum(held_out, horizon), horizon, _WINDOWS)
    if len(series) > _WINDOWS:  # the newest origins of each series
        newest = np.arange(len(series)) - np.searchsorted(series, series)
        some = newest < max(1, _WINDOWS // len(chosen))
        series, origins = series[some], origins[some]
    return window_errors(network, panel, chosen[series], origins)


def independent_windows(places: NDArray[np.int32], horizon: int) -> int:
    """How many windows of all series do not overlap. places: as of `WindowErrors`."""
    if not len(places):
        return 0
    order = np.lexsort((places[:, 1], places[:, 0]))
    series, origins = places[order, 0], places[order, 1].astype(np.int64)
    first: Indices = np.flatnonzero(np.diff(series, prepend=series[0] - 1))
    spans = np.maximum.reduceat(origins, first) - np.minimum.reduceat(origins, first)
    counts = np.diff(first, append=len(series))
    return int(np.minimum(spans // horizon + 1, counts).sum())


def _correlation(errors: Array) -> NDArray[np.float64]:
    """Of errors (windows, horizon) about zero, as a bias is a part of them; NaN counts as none."""
    known = np.nan_to_num(np.clip(errors.astype(np.float64), -_LARGEST, _LARGEST))
    size = np.sqrt(np.square(known).sum(axis=0))
    unit = np.divide(known, size, out=np.zeros(known.shape), where=size > 0)
    made = np.asarray(unit.T @ unit)
    np.fill_diagonal(made, 1.0)
    return made
