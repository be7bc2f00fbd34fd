"""Errors in units of what is usual for the series of late."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

_SHARE = 0.002  # of one row in the usual size
_FIRST = 30  # errors from which on a large one moves it little
_FEWEST = 10  # errors before there is a usual size
_MOST = 5.0  # usual sizes that one error counts for
_LEAST_HALF = (
    0.1  # of the usual error, that half an interval counts as; intervals of no width are not believed
)
_TRIFLE = 1e-3  # of the usual deviation of values from their mean, below which no error is believed to matter
_DECIMALS, _NEAR = 6, 1e-9  # of the grain at most; how near a multiple of it is
_DIGITS = 1e-9  # of the largest value, below which an error is one of rounding


def start_errors(series: int, forecasts: int) -> dict[str, NDArray[np.generic]]:
    """What `scaled_errors` remembers of so many forecasts of each row."""
    shape = series, forecasts
    return {
        "usual_error": np.zeros(shape),
        "usual_scaled": np.zeros(shape),
        "errors": np.zeros(shape, np.int64),
        "largest": np.zeros(series),
        "centre": np.zeros(series),
        "deviation": np.zeros(series),
        "grain": np.ones(series),
        "negative": np.zeros(series, bool),
    }


def scaled_errors(
    known: dict[str, Any], place: int, value: Array, expected: Array, lower: Array, upper: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """z (series,), the error of a row with its sign in units of its usual size, and that unit; NaN where
    unknown.

    An error is divided by half the interval on its side, and by what that ratio usually was: the interval
    says at which rows larger errors are to be expected, the past how large they are. The unit is never below
    the grain of the values: of whole numbers that stand still, errors are next to nothing, and in units of
    those the first step would be so large that all later ones look small. Changes `known`.
    """
    away = value - expected
    known["largest"] = np.fmax(known["largest"], np.abs(value))
    count = known["errors"][:, place]
    usual = _followed(known["usual_error"][:, place], count, away)
    if place == 0:
        centre = known["centre"] + np.maximum(_SHARE, 1 / (count + 1)) * (value - known["centre"])
        known["centre"] = np.where(np.isnan(centre), known["centre"], centre)
        known["deviation"] = _followed(known["deviation"], count, value - known["centre"])
        known["grain"], known["negative"] = _finer(known["grain"], value), known["negative"] | (value < 0)
    least = np.maximum(_DIGITS * known["largest"] + 1e-300, _TRIFLE * known["deviation"])
    least = np.maximum(least, known["grain"])
    half = np.where(away > 0, upper - expected, expected - lower)
    half = np.maximum(half, np.maximum(_LEAST_HALF * usual, least))
    ratio = away / half
    scale = known["usual_scaled"][:, place].copy()
    unit = np.maximum(scale * half, least)
    z = np.where(count > _FEWEST, away / unit, np.where(np.isnan(ratio), np.nan, 0.0))
    known["usual_error"][:, place] = usual
    known["usual_scaled"][:, place] = _followed(scale, count, ratio)
    known["errors"][:, place] += ~np.isnan(ratio)
    return z, unit


def _finer(grain: Array, value: Array) -> NDArray[np.float64]:
    """The power of ten, at most one, that all values so far are multiples of; 0 below a millionth."""
    made = np.array(grain, np.float64)
    for _ in range(_DECIMALS + 1):
        parts = value / np.where(made > 0, made, 1.0)
        finer = (made > 0) & (np.abs(parts - np.rint(parts)) > _NEAR * np.maximum(np.abs(parts), 1.0))
        if not finer.any():
            break
        made[finer] = np.where(made[finer] > 1.5 * 10.0**-_DECIMALS, made[finer] / 10, 0.0)
    return made


def _followed(usual: Array, count: Array, away: Array) -> NDArray[np.float64]:
    """The mean size of errors, which follows them slowly."""
    size = np.abs(away)
    size = np.where(count > _FIRST, np.minimum(size, _MOST * usual), size)
    moved = usual + np.maximum(_SHARE, 1 / (count + 1)) * (size - usual)
    return np.where(np.isnan(size), usual, moved)
