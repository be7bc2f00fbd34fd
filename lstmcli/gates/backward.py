"""Backpropagation through time, written out for every cell and layer.

L is the sum of the median forecast over the horizon, in scaled units. With d for dL/d:

LSTM    dc_t = dc_{t+1} f_{t+1} + dh_t o_t (1 - tanh(c_t)^2)
GRU     dh_t gets z_{t+1} dh_{t+1}, and what flows through r, z and n
RNN     dh_t = Wh' (1 - h_{t+1}^2) dh_{t+1}

(Werbos 1990; Hochreiter & Schmidhuber 1997 for the LSTM's path through c.)
"""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.replay import Replay
from lstmcli.network.architecture import layer_weights
from lstmcli.network.cells import GATES, CellWeights, Trace
from lstmcli.series.arrays import Array


@dataclass(frozen=True)
class Gradients:
    """Total derivatives of L, window by window.

    h       per layer (windows, steps, hidden): dL/dh_t
    c       per layer the same for the cell state, dL/dc_t; empty unless the cell is an LSTM
    inputs  (windows, steps, units): with respect to what the first layer reads
    """

    h: list[Array]
    c: list[Array]
    inputs: Array


def gradients(replay: Replay) -> Gradients:
    """Backpropagation through every layer and step of a replay."""
    arch, layers = replay.arch, replay.trace.layers
    from_above = np.zeros_like(layers[-1].h)
    from_above[:, -1], past_layers = replay.head_gradient()
    h: list[Array] = []
    c: list[Array] = []
    for number in reversed(range(arch.layers)):
        back = BACKWARD[arch.cell](layers[number], layer_weights(replay.weights, number), from_above)
        h.insert(0, back[0])
        if arch.cell == "lstm":
            c.insert(0, back[1])
        from_above = back[2]
    from_above[:, -1] += past_layers
    return Gradients(h, c, from_above)


LayerGradients = tuple[Array, Array, Array]  # dL/dh, dL/dc, dL/dx of a layer, (windows, steps, ...)


def lstm_backward(layer: Trace, w: CellWeights, from_above: Array) -> LayerGradients:
    """from_above: (windows, steps, hidden), what reaches each h_t other than through time."""
    f, i, g, o = (layer.gates[name] for name in GATES["lstm"])
    tanh_c = np.tanh(layer.c)
    before = _before(layer.c)
    inward, back = o * (1 - tanh_c**2), _flat(w.recurrent)
    # The factors that do not depend on what comes back, for all steps at once.
    slope = np.stack(
        [before * f * (1 - f), g * i * (1 - i), i * (1 - g**2), tanh_c * o * (1 - o)], axis=2
    )  # (windows, steps, gates, hidden)
    dh, dc, da = np.empty_like(layer.h), np.empty_like(layer.c), np.empty_like(slope)
    through, carried = np.zeros_like(layer.h[:, 0]), np.zeros_like(layer.h[:, 0])
    for t in reversed(range(layer.h.shape[1])):
        dh[:, t] = from_above[:, t] + through
        dc[:, t] = carried + dh[:, t] * inward[:, t]
        da[:, t, :-1] = dc[:, t, None] * slope[:, t, :-1]  # f, i and g act on c
        da[:, t, -1] = dh[:, t] * slope[:, t, -1]  # o acts on h
        carried = dc[:, t] * f[:, t]
        through = da[:, t].reshape(len(da), -1) @ back
    return dh, dc, _to_inputs(da, w)


def gru_backward(layer: Trace, w: CellWeights, from_above: Array) -> LayerGradients:
    """As `lstm_backward`; there is no dL/dc, zeros stand for it."""
    r, z, n = (layer.gates[name] for name in GATES["gru"])
    candidate = GATES["gru"].index("candidate")
    before = _before(layer.h)
    inside = before @ w.recurrent[candidate].T + w.candidate_bias
    at_z, at_n = (before - n) * z * (1 - z), (1 - z) * (1 - n**2)
    at_r = at_n * inside * r * (1 - r)
    back = _flat(w.recurrent)
    dh, da = np.empty_like(layer.h), np.empty((*layer.h.shape[:2], len(layer.gates), layer.h.shape[2]))
    through = np.zeros_like(layer.h[:, 0])
    for t in reversed(range(layer.h.shape[1])):
        dh[:, t] = d = from_above[:, t] + through
        da[:, t] = d[:, None] * np.stack([at_r[:, t], at_z[:, t], at_n[:, t]], axis=1)
        recurrent = da[:, t].copy()
        recurrent[:, candidate] *= r[:, t]  # the reset gate stands between h and the candidate
        through = d * z[:, t] + recurrent.reshape(len(d), -1) @ back
    return dh, np.zeros_like(dh), _to_inputs(da, w)


def rnn_backward(layer: Trace, w: CellWeights, from_above: Array) -> LayerGradients:
    """As `lstm_backward`; there is no dL/dc, zeros stand for it."""
    slope, back = 1 - layer.h**2, _flat(w.recurrent)
    dh, da = np.empty_like(layer.h), np.empty((*layer.h.shape[:2], 1, layer.h.shape[2]))
    through = np.zeros_like(layer.h[:, 0])
    for t in reversed(range(layer.h.shape[1])):
        dh[:, t] = from_above[:, t] + through
        da[:, t, 0] = dh[:, t] * slope[:, t]
        through = da[:, t, 0] @ back
    return dh, np.zeros_like(dh), _to_inputs(da, w)


BACKWARD = {"lstm": lstm_backward, "gru": gru_backward, "rnn": rnn_backward}


def _before(states: Array) -> Array:
    """The state that each step starts from: zeros, then all but the last."""
    return np.concatenate([np.zeros_like(states[:, :1]), states[:, :-1]], axis=1)


def _flat(weights: Array) -> Array:
    return weights.reshape(-1, weights.shape[2])


def _to_inputs(da: Array, w: CellWeights) -> Array:
    """From the sums inside the gates (windows, steps, gates, hidden) to the layer's input."""
    rows = da.reshape(-1, da.shape[2] * da.shape[3])
    return np.asarray((rows @ _flat(w.inputs)).reshape(*da.shape[:2], -1))
