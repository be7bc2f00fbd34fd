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
    }


def scaled_errors(
    known: dict[str, Any], place: int, value: Array, expected: Array, lower: Array, upper: Array
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """z (series,), the error of a row with its sign in units of its usual size, and that unit; NaN where
    unknown.

    An error is divided by half the interval on its side, and by what that ratio usually was: the interval
    says at which rows larger errors are to be expected, the past how large they are. Changes `known`.
    """
    away = value - expected
    known["largest"] = np.fmax(known["largest"], np.abs(value))
    count = known["errors"][:, place]
    usual = _followed(known["usual_error"][:, place], count, away)
    if place == 0:
        centre = known["centre"] + np.maximum(_SHARE, 1 / (count + 1)) * (value - known["centre"])
        known["centre"] = np.where(np.isnan(centre), known["centre"], centre)
        known["deviation"] = _followed(known["deviation"], count, value - known["centre"])
    least = np.maximum(_DIGITS * known["largest"] + 1e-300, _TRIFLE * known["deviation"])
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


def _followed(usual: Array, count: Array, away: Array) -> NDArray[np.float64]:
    """The mean size of errors, which follows them slowly."""
    size = np.abs(away)
    size = np.where(count > _FIRST, np.minimum(size, _MOST * usual), size)
    moved = usual + np.maximum(_SHARE, 1 / (count + 1)) * (size - usual)
    return np.where(np.isnan(size), usual, moved)
