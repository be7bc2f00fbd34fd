"""How far back the gradient of the forecast reaches, lag by lag."""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.backward import Gradients
from lstmcli.gates.contributions import memory_after
from lstmcli.gates.replay import Replay
from lstmcli.gates.statistics import memory_gates
from lstmcli.network.architecture import layer_weights
from lstmcli.series.arrays import Array

VANISHING_RATIO = 1e-3  # of the gradient at lag 0
_LEAST_LAGS = 3  # that an exponential is fitted to


@dataclass(frozen=True)
class GradientReach:
    """The gradient of one layer by lag: index 0 is the last step of the context.

    h, c            (steps,) mean over the windows of ||dL/dh_t|| and ||dL/dc_t||; c of the LSTM only
    low, high       (steps,) the 10th and 90th percentile over the windows of the carrier's norm
    path            (steps,) product of the forget gates (GRU: update gates) after the step, mean
                    over windows and units: the direct path through the state; None for the plain RNN
    tanh, matrix    (steps - 1,) plain RNN: by what factor tanh' and the recurrent matrix change the
                    norm from lag k to lag k + 1, mean over the windows; None for other cells
    decay, fit      decay of the carrier per step, by an exponential fitted to the logarithm, and
                    its R^2; None where fewer than 3 lags have a gradient
    vanishes        first lag at which the carrier is below 1/1000 of lag 0; None if it never is

    The carrier is the state that carries the gradient back through time: c of the LSTM, h of the others.
    """

    layer: int
    h: Array
    c: Array | None
    low: Array
    high: Array
    path: Array | None
    tanh: Array | None
    matrix: Array | None
    decay: float | None
    fit: float | None
    vanishes: int | None

    @property
    def carrier(self) -> Array:
        """(steps,) by lag."""
        return self.h if self.c is None else self.c


def reach(replay: Replay, found: Gradients) -> list[GradientReach]:
    """The gradient by lag, layer by layer."""
    gates = memory_gates(replay.trace, replay.arch.cell)
    return [
        _reach(
            number,
            found.h[number],
            found.c[number] if found.c else None,
            gates[number] if gates else None,
            _factors(replay, found, number) if replay.arch.cell == "rnn" else None,
        )
        for number in range(replay.arch.layers)
    ]


def _reach(
    layer: int, h: Array, c: Array | None, gate: Array | None, factors: tuple[Array, Array] | None
) -> GradientReach:
    by_h, by_c = _norms(h), None if c is None else _norms(c)
    carrier = by_h if by_c is None else by_c
    mean = carrier.mean(axis=0)
    decay, fit = fit_exponential(mean)
    gone = np.flatnonzero(mean < VANISHING_RATIO * mean[0])
    low, high = np.percentile(carrier, [10, 90], axis=0)
    return GradientReach(
        layer=layer,
        h=by_h.mean(axis=0),
        c=None if by_c is None else by_c.mean(axis=0),
        low=low,
        high=high,
        path=None if gate is None else _path(gate),
        tanh=factors[0] if factors else None,
        matrix=factors[1] if factors else None,
        decay=decay,
        fit=fit,
        vanishes=int(gone[0]) if gone.size else None,
    )


def _norms(by_step: Array) -> Array:
    """Norm over the units by lag: (windows, steps, hidden) -> (windows, lags)."""
    return np.sqrt((by_step**2).sum(axis=2))[:, ::-1]


def _path(gate: Array) -> Array:
    return np.asarray(memory_after(gate).mean(axis=(0, 2))[::-1])


def fit_exponential(by_lag: Array) -> tuple[float | None, float | None]:
    """Least squares of ln(by_lag) on the lag: decay per step and R^2; None, None for too few."""
    lags = np.flatnonzero(by_lag > 0)
    if len(lags) < _LEAST_LAGS:
        return None, None
    logarithm = np.log(by_lag[lags])
    slope, level = np.polyfit(lags, logarithm, 1)
    off = ((logarithm - logarithm.mean()) ** 2).sum()
    rest = ((logarithm - level - slope * lags) ** 2).sum()
    return float(np.exp(slope)), float(1 - rest / off) if off > 0 else 1.0


def _factors(replay: Replay, found: Gradients, layer: int) -> tuple[Array, Array]:
    """How tanh' and the recurrent matrix of the RNN change the norm, each step back, by lag."""
    h, dh = replay.trace.layers[layer].h[:, 1:], found.h[layer][:, 1:]
    squeezed = dh * (1 - h**2)
    returned = squeezed @ layer_weights(replay.weights, layer).recurrent[0]
    norms = [np.sqrt((part**2).sum(axis=2)) for part in (dh, squeezed, returned)]
    tiny = np.finfo(float).tiny
    tanh, matrix = (norms[k + 1] / np.maximum(norms[k], tiny) for k in range(2))
    return tanh.mean(axis=0)[::-1], matrix.mean(axis=0)[::-1]
