"""How many digits of a forecast are kept."""

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
