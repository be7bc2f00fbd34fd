"""Metrics of forecast error and of interval quality, on plain arrays.

Definitions follow the M4 and M5 competitions (Makridakis et al. 2020, 2022, International Journal
of Forecasting 36 and 38). Every function ignores positions where `actual` is NaN. What a docstring
says before "Shapes:" is what `lstmcli backtest --explain` prints.
"""

import inspect
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array
from lstmcli.series.seasonality import mean_changes


def mae(actual: Array, forecast: Array) -> float:
    """Mean absolute error: mean of |y - f|.

    From 0 up, in the units of the data; lower is better. Large series count more than small ones.
    """
    return float(np.nanmean(np.abs(actual - forecast)))


def rmse(actual: Array, forecast: Array) -> float:
    """Root mean squared error: square root of the mean of (y - f)^2.

    From 0 up, in the units of the data; lower is better. One large error counts more than many
    small ones. The mean is over all values; some libraries average the root of each series.
    """
    return float(np.sqrt(np.nanmean((actual - forecast) ** 2)))


def smape(actual: Array, forecast: Array) -> float:
    """Symmetric mean absolute percentage error: mean of 200 |y - f| / (|y| + |f|); 0 where both are zero.

    0 to 200, in percent; lower is better. As in M4; some libraries give half of it, or 0 to 1 or 2.
    Means little for values around zero.
    """
    size = np.abs(actual) + np.abs(forecast)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where(size == 0, 0.0, np.abs(actual - forecast) / size)
    return float(200 * np.nanmean(ratio))


def seasonal_scale(history: Array, season: int) -> float:
    """Mean of |x[t] - x[t - season]| over a series (n,): the denominator of MASE.

    Falls back to season 1 for a series no longer than a season. NaN when the series has
    no two observed values that far apart, or is constant.
    """
    return float(seasonal_scales(history, np.array([len(history)]), season)[0])


def seasonal_scales(history: Array, origins: NDArray[np.int64], season: int) -> Array:
    """`seasonal_scale` of the first `origins` values (windows,) of a series, (windows,)."""
    ends = np.minimum(origins, len(history))
    scales = np.zeros(len(ends))
    for lag in {season, 1}:
        chosen = np.where(ends > season, season, 1) == lag
        scales[chosen] = mean_changes(history, ends[chosen], lag)
    return np.where(scales > 0, scales, np.nan)


def squared_scale(history: Array, season: int) -> float:
    """Root of the mean of (x[t] - x[t - season])^2 over a series (n,): the denominator of RMSSE.

    Falls back as `seasonal_scale` does.
    """
    lag = season if len(history) > season else 1
    changes = history[lag:] - history[:-lag]
    changes = changes[~np.isnan(changes)]
    scale = float(np.sqrt(np.mean(changes**2))) if changes.size else 0.0
    return scale if scale > 0 else float("nan")


def mase(actual: Array, forecast: Array, scales: Array) -> float:
    """Mean absolute scaled error: mean over windows of mean|y - f| / mean|x[t] - x[t - season]|,
    where x is the series before the origin (Hyndman & Koehler 2006).

    From 0 up, without unit; lower is better. Below 1 is better than repeating the last season was,
    one step ahead, in the past of the series. Series of any size count the same; constant ones are
    left out.

    Shapes: actual, forecast (windows, horizon); scales (windows,) from `seasonal_scale`. NaN when
    no window has a scale.
    """
    usable = _usable(actual, scales)
    if not usable.any():
        return float("nan")
    errors = np.nanmean(np.abs(actual[usable] - forecast[usable]), axis=1)
    return float(np.mean(errors / scales[usable]))


def rmsse(actual: Array, forecast: Array, scales: Array) -> float:
    """Root mean squared scaled error: mean over windows of the root of mean (y - f)^2 divided by
    the root of mean (x[t] - x[t - season])^2, where x is the series before the origin.

    From 0 up, without unit; lower is better. As MASE, but one large error counts more. M5 has no
    season in it (a lag of 1).

    Shapes: actual, forecast (windows, horizon); scales (windows,) from `squared_scale`. NaN when
    no window has a scale.
    """
    usable = _usable(actual, scales)
    if not usable.any():
        return float("nan")
    errors = np.sqrt(np.nanmean((actual[usable] - forecast[usable]) ** 2, axis=1))
    return float(np.mean(errors / scales[usable]))


def weighted_quantile_loss(actual: Array, forecast: Array, quantiles: Array) -> float:
    """Weighted quantile loss: mean over quantiles q of 2 sum(pinball) / sum|y|, where pinball is
    q (y - f) for y above f and (1 - q) (f - y) below.

    From 0 up, without unit; lower is better. Judges the whole distribution: both how sharp it is
    and whether it is right; about the CRPS divided by the mean of |y|. Large series count more.

    Shapes: actual (windows, horizon); forecast (windows, horizon, quantiles).
    """
    error = actual[..., None] - forecast
    pinball = np.maximum(quantiles * error, (quantiles - 1) * error)
    return float(np.mean(2 * np.nansum(pinball, axis=(0, 1)) / np.nansum(np.abs(actual))))


def coverage(actual: Array, lower: Array, upper: Array) -> float:
    """Coverage: share of observed values inside the interval, bounds included.

    0 to 1; best at the interval's own level: 0.8 inside that of 80 %. Below it the intervals are
    too narrow, above it too wide.
    """
    observed = ~np.isnan(actual)
    inside = (actual >= lower) & (actual <= upper)
    return float(inside[observed].mean()) if observed.any() else float("nan")


def winkler(actual: Array, lower: Array, upper: Array, level: float) -> float:
    """Winkler or interval score: mean of the interval's width, plus 2 / (1 - level) times the
    distance of a value that lies outside (Winkler 1972; Gneiting & Raftery 2007).

    From 0 up, in the units of the data; lower is better. Narrow intervals win as long as they hold.
    Here it is that of the 95 % interval.

    Shapes: actual, lower, upper (windows, horizon); level 0 to 1.
    """
    return float(np.nanmean(_interval_scores(actual, lower, upper, level)))


def msis(actual: Array, lower: Array, upper: Array, level: float, scales: Array) -> float:
    """Mean scaled interval score: mean over windows of the Winkler score divided by the scale of
    MASE.

    From 0 up, without unit; lower is better. As in M4, of the 95 % interval. Series of any size count
    the same.

    Shapes: actual, lower, upper (windows, horizon); level 0 to 1; scales (windows,) from
    `seasonal_scale`. NaN when no window has a scale.
    """
    usable = _usable(actual, scales)
    if not usable.any():
        return float("nan")
    scores = np.nanmean(_interval_scores(actual, lower, upper, level)[usable], axis=1)
    return float(np.mean(scores / scales[usable]))


def _interval_scores(actual: Array, lower: Array, upper: Array, level: float) -> Array:
    outside = np.maximum(lower - actual, 0) + np.maximum(actual - upper, 0)
    # A value that was not observed makes `outside` NaN.
    scores: Array = upper - lower + 2 / (1 - level) * outside
    return scores


def _usable(actual: Array, scales: Array) -> NDArray[np.bool_]:
    """Windows (windows,) with a scale and an observed value."""
    usable: NDArray[np.bool_] = ~np.isnan(scales) & (scales > 0) & ~np.isnan(actual).all(axis=1)
    return usable


METRICS = {
    "MAE": mae,
    "RMSE": rmse,
    "sMAPE": smape,
    "MASE": mase,
    "RMSSE": rmsse,
    "wQL": weighted_quantile_loss,
    "inside": coverage,
    "Winkler": winkler,
    "MSIS": msis,
}


def meanings() -> dict[str, str]:
    """Every metric: formula, range, unit and the better direction, from the docstrings above."""
    return {
        name: (inspect.getdoc(metric) or "").partition("\n\nShapes:")[0] for name, metric in METRICS.items()
    }


def explanation() -> str:
    """The meanings, one below the other."""
    parts = [
        name + "\n" + "\n".join(f"  {line}".rstrip() for line in text.splitlines())
        for name, text in meanings().items()
    ]
    return "\n\n".join(parts) + "\n"


def measures_apart(errors: Mapping[str, tuple[float | None, float | None]]) -> str:
    """What to say where sMAPE and MASE (in this order, by name) have other winners; "" where they agree."""
    known = {
        n: (smape, mase) for n, (smape, mase) in errors.items() if smape is not None and mase is not None
    }
    if not known:
        return ""
    first, second = min(known, key=lambda n: known[n][0]), min(known, key=lambda n: known[n][1])
    if known[first] == known[second]:
        return ""
    return (
        f"sMAPE puts {first} first, MASE {second}: in sMAPE small values weigh most, and a zero counts 200 % "
        "for any forecast but zero"
    )
