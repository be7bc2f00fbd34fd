"""Forecasts of every fold by the model and by simple forecasters, which see the past alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.folds import Fold, panel_before
from lstmcli.evaluation.metrics import squared_scale
from lstmcli.evaluation.scores import actual_values, window_scales
from lstmcli.forecasting.classical import CLASSICAL_METHODS, classical_forecast
from lstmcli.forecasting.intervals import spread_quantiles
from lstmcli.forecasting.simple_forecasts import (
    drift_forecast,
    lagged_changes,
    last_value,
    seasonal_lags,
    seasonal_naive,
)
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.forecast import Forecast
from lstmcli.series.panel import Panel

MODEL_NAME = "model"


@dataclass(frozen=True)
class FoldHistory:
    """What a forecaster may see at the origin of a fold.

    panel     the series to continue, each up to the origin; rows after it hold future covariates
    training  all series that have begun by then, the same way; histories end with an observed value
    """

    fold: int
    panel: Panel
    training: Panel


# From histories (n,) of any lengths, NaN where missing, the season, the horizon and the quantiles:
# forecasts (series, horizon), and their values at the quantiles (series, horizon, quantiles), NaN where
# there are none.
SimpleForecaster = Callable[[Sequence[Array], int, int, tuple[float, ...]], tuple[Array, Array]]


@dataclass(frozen=True)
class FoldForecasts:
    """point: (windows, horizon); values: (windows, horizon, quantiles), NaN where not given."""

    point: Array
    values: Array


@dataclass(frozen=True)
class Results:
    """Forecasts of all folds beside the actual values; a window is one series of one fold.

    fold, series, origins  (windows,): number of the fold, series in the panel, rows known at the origin
    seen       (windows,) whether the model was trained on the actual values; None where that is not known
    actual     (windows, horizon), NaN where unknown
    scales, squared_scales  (windows,) denominators of MASE and RMSSE
    forecasts  by forecaster, the model first
    """

    panel: Panel
    season: int
    quantiles: tuple[float, ...]
    fold: Indices
    series: Indices
    origins: Indices
    seen: NDArray[np.bool_] | None
    actual: Array
    scales: Array
    squared_scales: Array
    forecasts: dict[str, FoldForecasts]

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])


def history_at(panel: Panel, fold: Fold, horizon: int) -> FoldHistory:
    """Nothing after the origin is in it but future covariates, for `horizon` steps."""
    return FoldHistory(
        fold.number,
        panel.select(fold.series, fold.origins, horizon),
        panel_before(panel, fold.known, horizon),
    )


def forecast_folds(
    panel: Panel,
    folds: Sequence[Fold],
    season: int,
    horizon: int,
    forecast: Callable[[FoldHistory], Forecast],
    simple: Mapping[str, SimpleForecaster],
    trained: Indices | None = None,
) -> Results:
    """Forecasts every fold.

    forecast: continues the series of `FoldHistory.panel` by `horizon` steps; simple: other forecasters by
    name; trained: (series,) rows at the start of each that the model was trained on, None where that is
    not known.
    """
    parts = [_fold_forecasts(panel, fold, season, horizon, forecast, simple) for fold in folds]
    fold = np.concatenate([np.full(len(f.series), f.number) for f in folds])
    series = np.concatenate([f.series for f in folds])
    origins = np.concatenate([f.origins for f in folds])
    histories = [panel.history(int(s))[:o] for s, o in zip(series, origins, strict=True)]
    forecasts = {
        name: FoldForecasts(
            np.concatenate([found[name].point for _, found in parts]),
            np.concatenate([found[name].values for _, found in parts]),
        )
        for name in parts[0][1]
    }
    return Results(
        panel=panel,
        season=season,
        quantiles=parts[0][0],
        fold=fold,
        series=series,
        origins=origins,
        seen=None if trained is None else origins < trained[series],
        actual=actual_values(panel, series, origins, horizon),
        scales=window_scales(panel, series, origins, season),
        squared_scales=np.array([squared_scale(h, season) for h in histories]),
        forecasts=forecasts,
    )


def _fold_forecasts(
    panel: Panel,
    fold: Fold,
    season: int,
    horizon: int,
    forecast: Callable[[FoldHistory], Forecast],
    simple: Mapping[str, SimpleForecaster],
) -> tuple[tuple[float, ...], dict[str, FoldForecasts]]:
    """Quantiles, and the forecasts of one fold by forecaster."""
    known = history_at(panel, fold, horizon)
    made = forecast(known)
    quantiles = made.quantiles
    found = {MODEL_NAME: FoldForecasts(made.median, made.values)}
    histories = [known.panel.history(s) for s in range(len(known.panel))]
    for name, forecaster in simple.items():
        found[name] = FoldForecasts(*forecaster(histories, season, horizon, quantiles))
    return quantiles, found


def simple_forecasters(season: int) -> dict[str, SimpleForecaster]:
    """Last value, drift, seasonal naive where there is a season, exponential smoothing and Theta."""
    found = {"last value": each_series(_last_value), "drift": each_series(_drift)}
    found |= {"seasonal naive": each_series(_seasonal_naive)} if season > 1 else {}
    return found | {name: partial(_classical, name) for name in CLASSICAL_METHODS}


def each_series(
    forecaster: Callable[[Array, int, int, tuple[float, ...]], tuple[Array, Array | None]],
) -> SimpleForecaster:
    """The forecaster of many histories from that of one, which gives None where it has no quantiles."""

    def forecast(
        histories: Sequence[Array], season: int, horizon: int, quantiles: tuple[float, ...]
    ) -> tuple[Array, Array]:
        none = np.full((horizon, len(quantiles)), np.nan)
        each = [forecaster(history, season, horizon, quantiles) for history in histories]
        values = [none if found is None else found for _, found in each]
        return np.stack([point for point, _ in each]), np.stack(values)

    return forecast


def _classical(
    name: str, histories: Sequence[Array], season: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array]:
    made = classical_forecast(name, histories, season, horizon)
    return made.point, spread_quantiles(made, quantiles)


def _last_value(
    history: Array, season: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array | None]:
    point = last_value(history[None], horizon)[0]
    return _with_changes(point, history, np.arange(1, horizon + 1), quantiles)


def _seasonal_naive(
    history: Array, season: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array | None]:
    point = seasonal_naive(history[None], season, horizon)[0]
    return _with_changes(point, history, seasonal_lags(season, horizon), quantiles)


def _with_changes(
    point: Array, history: Array, lags: Indices, quantiles: tuple[float, ...]
) -> tuple[Array, Array | None]:
    """A forecast with the quantiles that its own past errors give."""
    changes = lagged_changes(history, lags, quantiles)
    return point, None if changes is None else point[:, None] + changes


def _drift(
    history: Array, season: int, horizon: int, quantiles: tuple[float, ...]
) -> tuple[Array, Array | None]:
    return drift_forecast(history[None], horizon)[0], None
