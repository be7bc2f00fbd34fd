"""Scores of a forecaster on some windows. Arrays alone: every room that judges forecasts uses these.

Shapes: actual, point (windows, horizon), NaN in `actual` where unknown; quantile values (windows,
horizon, quantiles); scales (windows,), NaN where a series has none.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmcli.evaluation.metrics import (
    coverage,
    mae,
    mase,
    msis,
    rmse,
    rmsse,
    seasonal_scales,
    smape,
    weighted_quantile_loss,
    winkler,
)
from lstmcli.forecasting.intervals import pairs
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel

Metric = Literal["mase", "mae"]  # forecasters are compared by one of these

SCORED_LEVELS = (0.8, 0.95)  # of intervals, as shares


@dataclass(frozen=True)
class PointErrors:
    """See `metrics`; mase is None where no window has a scale."""

    mae: float
    smape: float
    mase: float | None


@dataclass(frozen=True)
class Scores:
    """See `metrics`; None where a metric is not defined: no scale, no such interval.

    inside_80 and inside_95 are shares of values; winkler and msis are those of the 95 % interval.
    """

    mae: float | None
    rmse: float | None
    smape: float | None
    mase: float | None
    rmsse: float | None
    wql: float | None
    inside_80: float | None
    inside_95: float | None
    winkler: float | None
    msis: float | None


def error_of(scores: PointErrors | Scores, metric: Metric) -> float:
    """One of the scores; NaN where it is not defined."""
    found: float | None = getattr(scores, metric)
    return float("nan") if found is None else found


def actual_values(panel: Panel, series: Indices, origins: Indices, horizon: int) -> Array:
    """What came after each origin, (windows, horizon); NaN after the end of a series."""
    actual = np.full((len(series), horizon), np.nan)
    for window, (s, origin) in enumerate(zip(series, origins, strict=True)):
        found = panel.history(int(s))[origin : origin + horizon]
        actual[window, : len(found)] = found
    return actual


def window_scales(panel: Panel, series: Indices, origins: Indices, season: int) -> Array:
    """`seasonal_scale` of what lies before each origin, (windows,)."""
    scales = np.empty(len(series))
    for s in np.unique(series):
        scales[series == s] = seasonal_scales(panel.history(int(s)), origins[series == s], season)
    return scales


def point_errors(actual: Array, point: Array, scales: Array) -> PointErrors:
    return PointErrors(mae(actual, point), smape(actual, point), _number(mase(actual, point, scales)))


def common_metric(errors: Iterable[PointErrors | Scores]) -> Metric:
    """What all of them can be compared by: MASE, or MAE where one has no MASE."""
    return "mae" if any(each.mase is None for each in errors) else "mase"


def score_forecast(
    actual: Array,
    point: Array,
    values: Array,
    quantiles: tuple[float, ...],
    scales: Array,
    squared_scales: Array,
) -> Scores:
    """Every metric. values: of the quantiles, NaN where a forecaster gives none; squared_scales: of RMSSE."""
    errors = point_errors(actual, point, scales)
    narrow, wide = (_interval(quantiles, values, level) for level in SCORED_LEVELS)
    whole = not np.isnan(values).any() and np.nansum(np.abs(actual)) > 0
    return Scores(
        mae=_number(errors.mae),
        rmse=_number(rmse(actual, point)),
        smape=_number(errors.smape),
        mase=errors.mase,
        rmsse=_number(rmsse(actual, point, squared_scales)),
        wql=_number(weighted_quantile_loss(actual, values, np.array(quantiles))) if whole else None,
        inside_80=narrow and _number(coverage(actual, *narrow)),
        inside_95=wide and _number(coverage(actual, *wide)),
        winkler=wide and _number(winkler(actual, *wide, SCORED_LEVELS[1])),
        msis=wide and _number(msis(actual, *wide, SCORED_LEVELS[1], scales)),
    )


def _interval(quantiles: tuple[float, ...], values: Array, level: float) -> tuple[Array, Array] | None:
    """The bounds of a central interval, if the forecaster gives it for every window."""
    tails = ((1 - level) / 2, (1 + level) / 2)
    places = [k for tail in tails for k, q in enumerate(quantiles) if abs(q - tail) < 1e-9]
    if len(places) < 2:
        return None
    low, high = (values[:, :, k] for k in places)
    return None if np.isnan(low).any() or np.isnan(high).any() else (low, high)


def coverage_by_level(actual: Array, values: Array, quantiles: tuple[float, ...]) -> dict[str, float]:
    """Share of values inside each central interval by its level in percent, for all intervals that a
    forecaster gives for every window."""
    found = {}
    for low, high in pairs(quantiles):
        lower, upper = values[:, :, low], values[:, :, high]
        if not (np.isnan(lower).any() or np.isnan(upper).any()):
            level = 100 * (quantiles[high] - quantiles[low])
            found[f"{level:.4g}"] = coverage(actual, lower, upper)
    return found


def error_by_step(actual: Array, point: Array, scales: Array | None) -> list[float | None]:
    """Mean absolute error at each step of the horizon, each window's by its scale where scales are
    given; None where no value of a step is known."""
    errors = np.abs(actual - point)
    if scales is not None:
        errors = errors / scales[:, None]
    known = ~np.isnan(errors)
    sums, counts = np.where(known, errors, 0.0).sum(axis=0), known.sum(axis=0)
    return [float(total / count) if count else None for total, count in zip(sums, counts, strict=True)]


def error_by_window(actual: Array, point: Array, scales: Array | None) -> Array:
    """Mean absolute error of each window (windows,), by its scale where scales are given; NaN where it
    has none."""
    losses: Array = np.nanmean(np.abs(actual - point), axis=1)
    return losses if scales is None else losses / scales


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
