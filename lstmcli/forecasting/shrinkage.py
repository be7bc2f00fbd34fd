"""A network without skill, shrunk towards the simple forecast that beat it.

The median becomes weight * network + (1 - weight) * simple forecast, and its quantiles move with
it. Weight and simple forecast are those with the least absolute error on validation windows
(shrinkage of a forecast combination; Diebold & Pauly 1990).
"""

from collections.abc import Mapping

import numpy as np

from lstmcli.network.architecture import Blend
from lstmcli.series.arrays import Array

_WEIGHTS = np.linspace(0, 1, 21)


def blend_forecast(forecast: Array, simple: Array, weight: float, middle: int) -> Array:
    """forecast: (windows, horizon, quantiles); simple: (windows, horizon)."""
    shift = (1 - weight) * (simple - forecast[:, :, middle])
    return forecast + shift[:, :, None]


def best_blend(target: Array, median: Array, simple: Mapping[str, Array]) -> Blend:
    """The weight and simple forecast of least absolute error; all (windows, horizon), the target
    NaN where unknown. A tie goes to the network."""
    best, lowest = Blend("", 1.0), np.inf
    for kind, forecast in simple.items():
        for weight in reversed(_WEIGHTS):
            error = float(np.nanmean(np.abs(target - weight * median - (1 - weight) * forecast)))
            if error < lowest:
                best, lowest = Blend(kind, float(weight)), error
    return best
