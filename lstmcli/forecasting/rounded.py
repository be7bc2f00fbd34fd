"""How many digits of a forecast are kept."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

_DIGITS = 6  # kept relative to the spread of a forecast
_MOST_SPREAD = 1000.0  # in spreads of the first step: one that grows over many steps takes no digits from it


def round_values(values: Array, like: Array | None = None) -> NDArray[np.float64]:
    """Values (series, horizon, quantiles) to six digits of the spread of their series.

    The network computes in single precision; further digits would be noise. like: values of the same
    series whose spread counts instead.
    """
    whole = values if like is None else like
    size = np.maximum(np.abs(whole).max(axis=(1, 2), keepdims=True), 1e-290)
    first = np.ptp(whole[:, :1], axis=2, keepdims=True)
    spread = np.ptp(whole, axis=(1, 2), keepdims=True)
    spread = np.where(first > 0, np.minimum(spread, _MOST_SPREAD * first), spread)
    spread = np.maximum(spread, size * 1e-9)
    digits = np.clip(_DIGITS - np.floor(np.log10(spread)), -15, 15)
    unit = 10.0 ** np.abs(digits)
    fine = np.round(values * unit) / unit
    return fine if (digits >= 0).all() else np.where(digits >= 0, fine, np.round(values / unit) * unit)


def round_together(
    values: Array, around: Array, added: Callable[[Array], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Values (series, horizon) and their sums, all to as many digits as that of the largest spread keeps, so
    that the decimals that are written add up.

    around: quantiles (series, horizon, quantiles) by which digits are counted; added: puts the sums behind.
    """
    whole = added(around)
    spread = np.ptp(whole, axis=(1, 2)).max()
    size = max(float(np.abs(whole).max()), 1e-290)
    # A digit less than `round_values` keeps: it may count the spread of what is rounded a little wider.
    digits = float(np.clip(_DIGITS - 1 - np.floor(np.log10(max(float(spread), size * 1e-9))), -15, 15))
    unit = 10.0 ** abs(digits)
    counted = np.rint(values * unit if digits >= 0 else values / unit)
    sums = added(counted)
    return np.asarray(sums / unit if digits >= 0 else sums * unit)
