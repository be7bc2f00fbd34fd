"""How many digits of a forecast are kept."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Array

_DIGITS = 6  # kept relative to the spread of a forecast
_SIGNIFICANT = 15  # digits that every double can hold
_MOST_SPREAD = 1000.0  # in spreads of the first step: one that grows over many steps takes no digits from it


def round_values(values: Array, like: Array | None = None) -> NDArray[np.float64]:
    """Values (series, horizon, quantiles) to six digits of the spread of their series.

    The network computes in single precision; further digits would be noise. like: values of the same
    series whose spread counts instead.
    """
    digits = _digits_of(values if like is None else like)
    unit = 10.0 ** np.abs(digits)
    fine = np.round(values * unit) / unit
    return fine if (digits >= 0).all() else np.where(digits >= 0, fine, np.round(values / unit) * unit)


def _digits_of(whole: Array) -> NDArray[np.float64]:
    """Decimals that are kept, (series, 1, 1), of values (series, horizon, quantiles)."""
    whole = _without_zeros(whole)
    size = np.maximum(np.abs(whole).max(axis=(1, 2), keepdims=True), 1e-290)
    first = np.ptp(whole[:, :1], axis=2, keepdims=True)
    spread = np.ptp(whole, axis=(1, 2), keepdims=True)
    spread = np.where(first > 0, np.minimum(spread, _MOST_SPREAD * first), spread)
    spread = np.maximum(spread, size * 1e-9)
    return np.asarray(np.clip(_DIGITS - np.floor(np.log10(spread)), -15, 15))


def _without_zeros(whole: Array) -> Array:
    """With the first step of each series that is not zero for those that are, as of closed times."""
    shown = whole.any(axis=2, keepdims=True)
    if shown.all():
        return whole
    return np.where(shown, whole, np.take_along_axis(whole, shown.argmax(axis=1, keepdims=True), axis=1))


def round_difference(values: Array, of: Array) -> NDArray[np.float64]:
    """Differences (series, ...) of rounded numbers `of` (series, ...) without the noise of floats."""
    largest = np.maximum(np.abs(of).reshape(len(of), -1).max(axis=1), 1e-290)
    digits = np.clip(_SIGNIFICANT - 1 - np.ceil(np.log10(largest)), -15, 15)
    unit = 10.0 ** digits.reshape(-1, *(1,) * (values.ndim - 1))
    return np.asarray(np.round(values * unit) / unit + 0.0)  # no -0.0


def round_together(
    values: Array, around: Array, added: Callable[[Array], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Values (series, horizon), rounded as those of each series are, with their sums behind, so that the
    decimals that are written add up.

    around: quantiles (series, horizon, quantiles) by which digits are counted; added: puts the sums behind.
    """
    largest = max(float(np.abs(added(values)).max()), 1e-290)
    room = np.floor(_SIGNIFICANT - 1 - np.log10(largest))
    digits = np.minimum(_digits_of(around)[..., 0], room)
    finest = float(np.clip(digits.max(), -15, 15))
    counted = np.rint(np.rint(values * 10.0**digits) * 10.0 ** (finest - digits))
    return np.asarray(added(counted) / 10.0**finest if finest >= 0 else added(counted) * 10.0**-finest)
