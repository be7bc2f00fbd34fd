"""Every measure of one forecaster on some windows."""

from dataclasses import dataclass

import numpy as np

from lstmcli.evaluation.backtest import Results
from lstmcli.evaluation.metrics import (
    coverage,
    mae,
    mase,
    msis,
    rmse,
    rmsse,
    smape,
    weighted_quantile_loss,
    winkler,
)
from lstmcli.forecasting.intervals import pairs
from lstmcli.series.arrays import Array, Flags

SCORED_LEVELS = (0.8, 0.95)  # intervals that are judged


@dataclass(frozen=True)
class Scores:
    """See `metrics`; None where a measure is not defined: no scale, no such interval.

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


def scores_of(results: Results, name: str, chosen: Flags) -> Scores:
    """Scores of a forecaster on the chosen windows (windows,)."""
    actual, scales = results.actual[chosen], results.scales[chosen]
    point, quantiles = results.made[name].point[chosen], results.made[name].quantiles[chosen]
    narrow, wide = (_interval(results.levels, quantiles, level) for level in SCORED_LEVELS)
    whole = not np.isnan(quantiles).any() and np.nansum(np.abs(actual)) > 0
    return Scores(
        mae=_number(mae(actual, point)),
        rmse=_number(rmse(actual, point)),
        smape=_number(smape(actual, point)),
        mase=_number(mase(actual, point, scales)),
        rmsse=_number(rmsse(actual, point, results.squared_scales[chosen])),
        wql=_number(weighted_quantile_loss(actual, quantiles, np.array(results.levels))) if whole else None,
        inside_80=narrow and _number(coverage(actual, *narrow)),
        inside_95=wide and _number(coverage(actual, *wide)),
        winkler=wide and _number(winkler(actual, *wide, SCORED_LEVELS[1])),
        msis=wide and _number(msis(actual, *wide, SCORED_LEVELS[1], scales)),
    )


def _interval(levels: tuple[float, ...], quantiles: Array, level: float) -> tuple[Array, Array] | None:
    """The bounds of a central interval, if the forecaster gives it for every window."""
    tails = ((1 - level) / 2, (1 + level) / 2)
    places = [k for tail in tails for k, q in enumerate(levels) if abs(q - tail) < 1e-9]
    if len(places) < 2:
        return None
    low, high = (quantiles[:, :, k] for k in places)
    return None if np.isnan(low).any() or np.isnan(high).any() else (low, high)


def coverage_by_level(results: Results, name: str, chosen: Flags) -> dict[str, float]:
    """Share of values inside each central interval by its level in percent, for all that a
    forecaster gives for every chosen window."""
    quantiles, found = results.made[name].quantiles[chosen], {}
    for low, high in pairs(results.levels):
        below, above = quantiles[:, :, low], quantiles[:, :, high]
        if not (np.isnan(below).any() or np.isnan(above).any()):
            level = 100 * (results.levels[high] - results.levels[low])
            found[f"{level:.4g}"] = coverage(results.actual[chosen], below, above)
    return found


def window_losses(results: Results, name: str, measure: str) -> Array:
    """Mean absolute error of each window (windows,), by its scale for "mase"; NaN where it has none."""
    errors = np.abs(results.actual - results.made[name].point)
    losses: Array = np.nanmean(errors, axis=1)
    return losses / results.scales if measure == "mase" else losses


def step_losses(results: Results, name: str, measure: str, chosen: Flags) -> list[float | None]:
    """Mean absolute error at each step of the horizon, by the windows' scales for "mase"."""
    errors = np.abs(results.actual - results.made[name].point)[chosen]
    if measure == "mase":
        errors = errors / results.scales[chosen, None]
    seen = ~np.isnan(errors)
    sums, counts = np.where(seen, errors, 0.0).sum(axis=0), seen.sum(axis=0)
    return [float(total / count) if count else None for total, count in zip(sums, counts, strict=True)]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
