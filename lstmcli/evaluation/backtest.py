"""Every fold forecast by the model and by simple forecasters, each shown the past alone."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.evaluation.folds import Fold
from lstmcli.evaluation.metrics import seasonal_scale, squared_scale
from lstmcli.forecasting.simple_forecasts import (
    drift_forecast,
    lagged_changes,
    last_value,
    seasonal_lags,
    seasonal_naive,
)
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Forecast, Panel

MODEL_NAME = "model"


@dataclass(frozen=True)
class FoldHistory:
    """What a forecaster is shown of a fold.

    panel     the series to continue, each up to the origin; rows ahead of it hold what is known ahead
    training  all series that have begun by then, the same way; histories end with an observed value
    """

    fold: int
    panel: Panel
    training: Panel


# Continues one history (n,), NaN where missing, to a forecast (horizon,) and quantiles
# (horizon, levels); None for a forecast without quantiles.
SimpleForecaster = Callable[[Array, int, int, tuple[float, ...]], tuple[Array, Array | None]]


@dataclass(frozen=True)
class FoldForecasts:
    """point: (windows, horizon); quantiles: (windows, horizon, levels), NaN where not given."""

    point: Array
    quantiles: Array


@dataclass(frozen=True)
class Results:
    """Forecasts of all folds beside what came; a window is one series of one fold.

    fold, series, origins  (windows,): number of the fold, series in the panel, position of its origin
    seen     (windows,) whether the model was trained on what came; None where that is not known
    actual   (windows, horizon), NaN where unknown
    scales, squared_scales  (windows,) denominators of MASE and RMSSE
    made     by forecaster, the model first
    """

    panel: Panel
    season: int
    levels: tuple[float, ...]
    fold: Indices
    series: Indices
    origins: Indices
    seen: NDArray[np.bool_] | None
    actual: Array
    scales: Array
    squared_scales: Array
    made: dict[str, FoldForecasts]

    @property
    def horizon(self) -> int:
        return int(self.actual.shape[1])


def history_at(panel: Panel, fold: Fold, horizon: int) -> FoldHistory:
    """Nothing after the origin is in it but covariates known ahead, for `horizon` steps."""
    begun = np.array([s for s, n in enumerate(fold.known) if _ended(panel.history(s)[:n])], np.int64)
    ended = np.array([_ended(panel.history(s)[: fold.known[s]]) for s in begun], np.int64)
    return FoldHistory(
        fold.number,
        panel.select(fold.series, fold.origins, horizon),
        panel.select(begun, ended, horizon),
    )


def _ended(history: Array) -> int:
    """Length of a history without the missing values at its end."""
    seen = np.flatnonzero(~np.isnan(history))
    return int(seen[-1]) + 1 if seen.size else 0


def run(
    panel: Panel,
    folds: Sequence[Fold],
    season: int,
    horizon: int,
    forecast: Callable[[FoldHistory], Forecast],
    rivals: Mapping[str, SimpleForecaster],
    trained: Indices | None = None,
) -> Results:
    """forecast: continues the series of `Known.panel` by `horizon` steps. trained: (series,) rows at
    the start of each that the model was trained on, None where that is not known."""
    parts = [_fold_made(panel, fold, season, horizon, forecast, rivals) for fold in folds]
    levels = parts[0][0]
    fold = np.concatenate([np.full(len(f.series), f.number) for f in folds])
    series = np.concatenate([f.series for f in folds])
    origins = np.concatenate([f.origins for f in folds])
    histories = [panel.history(int(s))[:o] for s, o in zip(series, origins, strict=True)]
    made = {
        name: FoldForecasts(*(np.concatenate([part[1][name][k] for part in parts]) for k in range(2)))
        for name in parts[0][1]
    }
    return Results(
        panel=panel,
        season=season,
        levels=levels,
        fold=fold,
        series=series,
        origins=origins,
        seen=None if trained is None else origins < trained[series],
        actual=np.stack(
            [_after(panel.history(int(s)), o, horizon) for s, o in zip(series, origins, strict=True)]
        ),
        scales=np.array([seasonal_scale(h, season) for h in histories]),
        squared_scales=np.array([squared_scale(h, season) for h in histories]),
        made=made,
    )


def _fold_made(
    panel: Panel,
    fold: Fold,
    season: int,
    horizon: int,
    forecast: Callable[[FoldHistory], Forecast],
    rivals: Mapping[str, SimpleForecaster],
) -> tuple[tuple[float, ...], dict[str, tuple[Array, Array]]]:
    """Levels, and point forecasts and quantiles of one fold by forecaster."""
    known = history_at(panel, fold, horizon)
    made = forecast(known)
    levels = made.quantiles
    found: dict[str, tuple[Array, Array]] = {MODEL_NAME: (made.median, made.values)}
    histories = [known.panel.history(s) for s in range(len(known.panel))]
    for name, rival in rivals.items():
        each = [rival(history, season, horizon, levels) for history in histories]
        none = np.full((horizon, len(levels)), np.nan)
        found[name] = (
            np.stack([point for point, _ in each]),
            np.stack([none if quantiles is None else quantiles for _, quantiles in each]),
        )
    return levels, found


def _after(history: Array, origin: int, horizon: int) -> Array:
    after = np.full(horizon, np.nan)
    found = history[origin : origin + horizon]
    after[: len(found)] = found
    return after


def simple_forecasters(season: int) -> dict[str, SimpleForecaster]:
    """Last value, drift, and seasonal naive where there is a season."""
    rivals: dict[str, SimpleForecaster] = {"last value": _last_value, "drift": _drift}
    return rivals | ({"seasonal naive": _seasonal_naive} if season > 1 else {})


def _last_value(
    history: Array, season: int, horizon: int, levels: tuple[float, ...]
) -> tuple[Array, Array | None]:
    point = last_value(history[None], horizon)[0]
    return _with_changes(point, history, np.arange(1, horizon + 1), levels)


def _seasonal_naive(
    history: Array, season: int, horizon: int, levels: tuple[float, ...]
) -> tuple[Array, Array | None]:
    point = seasonal_naive(history[None], season, horizon)[0]
    return _with_changes(point, history, seasonal_lags(season, horizon), levels)


def _with_changes(
    point: Array, history: Array, lags: Indices, levels: tuple[float, ...]
) -> tuple[Array, Array | None]:
    """A forecast with the quantiles that its own past errors give."""
    changes = lagged_changes(history, lags, levels)
    return point, None if changes is None else point[:, None] + changes


def _drift(
    history: Array, season: int, horizon: int, levels: tuple[float, ...]
) -> tuple[Array, Array | None]:
    return drift_forecast(history[None], horizon)[0], None
