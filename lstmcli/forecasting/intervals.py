"""Calibrated intervals: quantiles widened or narrowed so that each interval covers its level.

After training, each central interval is stretched about the median by one factor, chosen so
that it covers its share of the validation windows (split conformal prediction with a relative
score; Romano et al. 2019, arXiv:1905.03222). One factor per interval for all steps and series:
factors per step were measured to be worse, as they follow noise.
"""

from collections.abc import Sequence
from dataclasses import replace
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import UsageError
from lstmcli.forecasting.aligned import SpreadForecast
from lstmcli.forecasting.rounded import round_values
from lstmcli.series.arrays import Array
from lstmcli.series.forecast import Forecast

_NARROWEST, _WIDEST = 0.5, 4.0  # beyond this the model is wrong in another way
# A larger power of the error of the last horizon was better on some series and much worse on others.
RATIO_POWER, RATIO_LIMIT = 0.25, 16.0
_USUAL = (0.5, 0.8, 0.95)  # intervals shown where there are many
_SHOWN = 3


def fit_widths(
    actual: Array, forecast: Array, quantiles: tuple[float, ...], independent: int
) -> tuple[float, ...]:
    """Factor of the distance from the median for each quantile, 1 for the median itself.

    actual: (windows, horizon) in transformed units, NaN where unknown; forecast: (windows,
    horizon, quantiles); independent: how many of the windows do not overlap. Few windows are weak
    evidence: factors are raised as for Student's distribution with one degree of freedom more
    than that. Quantiles without a counterpart at 1 - q keep a factor of 1.
    """
    middle = quantiles.index(0.5)
    error = actual - forecast[:, :, middle]
    widths = np.ones(len(quantiles))
    for low, high in pairs(quantiles):
        side = np.where(error > 0, high, low)
        reach = np.abs(
            np.take_along_axis(forecast, side[:, :, None], axis=2)[:, :, 0] - forecast[:, :, middle]
        )
        score = np.abs(error) / np.maximum(reach, 1e-12)
        score = score[~np.isnan(score)]
        if score.size:
            share = quantiles[high] - quantiles[low]
            width = np.clip(np.quantile(score, share), _NARROWEST, _WIDEST)
            widths[[low, high]] = width * _student(quantiles[high], independent + 1)
    return tuple(map(float, widths))


def spread_quantiles(made: SpreadForecast, quantiles: tuple[float, ...]) -> Array:
    """Quantiles of a simple method by Student's distribution, (series, horizon, quantiles)."""
    normal = NormalDist()
    columns = [
        made.point + normal.inv_cdf(q) * made.spread * _student(q, made.freedom[:, None]) for q in quantiles
    ]
    return np.stack(columns, axis=2)


def normal_quantiles(quantiles: Sequence[float]) -> NDArray[np.float64]:
    """Those of the normal distribution, (quantiles,)."""
    return np.array([NormalDist().inv_cdf(q) for q in quantiles])


def normal_spread(away: Array, quantiles: Sequence[float]) -> Array | None:
    """The standard deviation of a normal distribution whose quantiles are as far away from the median,
    (..., quantiles), on average over them: (...). None for the median alone."""
    normal = normal_quantiles(quantiles)
    sides = normal != 0
    return (away[..., sides] / normal[sides]).mean(axis=-1) if sides.any() else None


def _student(q: float, freedom: Any) -> Any:
    """Quantile of Student's distribution over that of the normal (Abramowitz & Stegun 1964, 26.7.5)."""
    z = NormalDist().inv_cdf(q)
    first, second = (z**2 + 1) / 4, (5 * z**4 + 16 * z**2 + 3) / 96
    third = (3 * z**6 + 19 * z**4 + 17 * z**2 - 15) / 384
    return 1 + first / freedom + second / freedom**2 + third / freedom**3


def stretch_intervals(forecast: Array, quantiles: tuple[float, ...], widths: tuple[float, ...]) -> Array:
    """The forecast (..., quantiles) with every distance from the median times its factor.

    Where factors would make quantiles cross, the outer one is moved out to the inner.
    """
    middle = quantiles.index(0.5)
    median = forecast[..., middle : middle + 1]
    away = (forecast - median) * np.asarray(widths)
    # Column by column: to accumulate along a short last axis takes five times as long.
    for q in range(middle + 1, len(quantiles)):
        np.maximum(away[..., q], away[..., q - 1], out=away[..., q])
    for q in range(middle - 1, -1, -1):
        np.minimum(away[..., q], away[..., q + 1], out=away[..., q])
    away += median
    return away


def error_to_spread(errors: Array, forecast: Array, quantiles: tuple[float, ...]) -> Array:
    """Mean absolute errors (windows,) relative to the spread of a forecast (windows, horizon,
    quantiles): its mean distance from the median."""
    middle = quantiles.index(0.5)
    spread = np.abs(forecast - forecast[:, :, middle : middle + 1]).mean(axis=(1, 2))
    relative: Array = errors / np.maximum(spread, 1e-12)
    return relative


def widen_after_errors(forecast: Array, quantiles: tuple[float, ...], ratio: Array) -> Array:
    """The forecast with intervals wider after errors larger than usual, and narrower after smaller.

    ratio: (windows,), `error_to_spread` of the horizon just before per the usual one, NaN where unknown.
    """
    middle = quantiles.index(0.5)
    median = forecast[:, :, middle : middle + 1]
    known = np.where(np.isnan(ratio), 1.0, ratio)
    factor = np.clip(known, 1 / RATIO_LIMIT, RATIO_LIMIT) ** RATIO_POWER
    return median + (forecast - median) * factor[:, None, None]


def pairs(quantiles: tuple[float, ...]) -> list[tuple[int, int]]:
    """Positions of each quantile below the median and of its counterpart above, widest first."""
    found = []
    for low, q in enumerate(quantiles):
        matches = [high for high, p in enumerate(quantiles) if q < 0.5 and abs(p + q - 1) < 1e-9]
        found += [(low, high) for high in matches]
    return found


def display_intervals(quantiles: tuple[float, ...]) -> list[tuple[float, float]]:
    """Lower and upper quantile of the intervals to draw, widest first: at most three, the usual levels
    where there are more."""
    found = [(quantiles[low], quantiles[high]) for low, high in pairs(quantiles)]
    found.sort(key=lambda pair: pair[0] - pair[1])
    if len(found) <= _SHOWN:
        return found
    usual = [p for p in found if round(p[1] - p[0], 3) in _USUAL]
    return usual or [found[0], found[len(found) // 2], found[-1]]


def interval_quantiles(quantiles: tuple[float, ...], levels: Sequence[float]) -> tuple[float, ...]:
    """The quantiles of central intervals of `levels` percent; those of the model for no level.

    Raises UsageError for a level that the model's quantiles do not span.
    """
    if not levels:
        return quantiles
    widest = 100 * (1 - 2 * max(quantiles[0], 1 - quantiles[-1]))
    for level in levels:
        if 0 < level < 1:
            raise UsageError(f"--level {level:.15g}: in percent; did you mean {100 * level:g}?")
        if not 0 < level <= widest + 1e-9:
            raise UsageError(
                f"--level {level:.15g}: this model gives intervals above 0 and up to {widest:g} percent"
            )
    tails = sorted({round((100 - level) / 200, 9) for level in levels})
    return tuple(sorted({*tails, *(round(1 - t, 9) for t in tails)}))


def at_quantiles(made: Forecast, wanted: tuple[float, ...]) -> Forecast:
    """A forecast with the median and the wanted quantiles, which the model's must span.

    Between two quantiles of the model values are interpolated on the normal scale, and rounded as those
    of the model are.
    """
    levels = tuple(sorted({*wanted, 0.5}))
    if levels == made.quantiles:
        return made
    values = round_values(interpolated_quantiles(made.values, made.quantiles, levels), like=made.values)
    values[:, :, levels.index(0.5)] = made.median  # that of a total may have more digits, by which it adds up
    return replace(made, quantiles=levels, values=values)


def interpolated_quantiles(values: Array, known: tuple[float, ...], wanted: Sequence[float]) -> Array:
    """Values (series, horizon, known) at other quantiles, between two known ones on the normal scale; beyond
    them the outermost."""
    normal = normal_quantiles(known)
    columns = []
    for q in wanted:
        z = min(max(NormalDist().inv_cdf(q), normal[0]), normal[-1])
        right = min(max(int(np.searchsorted(normal, z - 1e-9)), 1), len(normal) - 1)
        share = (z - normal[right - 1]) / (normal[right] - normal[right - 1])
        below, above = values[:, :, right - 1], values[:, :, right]
        between = below + share * (above - below)
        columns.append(below if share < 1e-6 else above if share > 1 - 1e-6 else between)
    return np.stack(columns, axis=2)
