"""The recurrent layers as forecasts run them: the equations of `cells`, the LSTM's arranged for speed.

Of the LSTM, the two products of a step are one, and its gates are one pass over memory: as
tanh(z) = 2 sigmoid(2z) - 1, the candidate is a sigmoid too, and exp takes NumPy a third of the time of
tanh. Units come first in memory and windows last, so that every gate is one piece.
"""

import numpy as np

from lstmcli.network.cells import STEPS, CellWeights, initial_state, input_part
from lstmcli.series.arrays import Array


def hidden_states(cell: str, x: Array, w: CellWeights) -> Array:
    """Runs a layer over x (batch, steps, input); h of every step, (batch, steps, hidden)."""
    if cell == "lstm":
        return _lstm(x, w)
    state, shown = initial_state(len(x), w), []
    for step in range(x.shape[1]):
        # Step by step, so that what is projected stays in cache.
        _, state = STEPS[cell](input_part(x[:, step], w), state, w)
        shown.append(state.h)
    return np.stack(shown, axis=1)


def _lstm(x: Array, w: CellWeights) -> Array:
    batch, steps, size = x.shape
    hidden = w.bias.shape[1]
    weight = _joined(w)  # of what is read in a step: h before it, x, and 1 for the bias
    read = np.ones((hidden + size + 1, batch), x.dtype)
    h, gates = read[:hidden], np.empty((4 * hidden, batch), x.dtype)
    forget, entry, candidate, output = gates.reshape(4, hidden, batch)
    c, shown_c = np.zeros((hidden, batch), x.dtype), np.empty((hidden, batch), x.dtype)
    shown = np.empty((steps, hidden, batch), x.dtype)
    with np.errstate(over="ignore"):  # the sigmoid of what is far below zero is 1 / infinity
        for step in range(steps):
            read[hidden:-1] = x[:, step].T
            used = slice(0 if step else hidden, None)  # h is zero at first
            np.matmul(weight[:, used], read[used], out=gates)
            _sigmoid_of_negative(gates)
            candidate *= 2
            candidate -= 1
            candidate *= entry
            c *= forget
            c += candidate
            np.multiply(c, -2, out=shown_c)
            _sigmoid_of_negative(shown_c)
            shown_c *= 2
            shown_c -= 1
            shown[step] = np.multiply(output, shown_c, out=h)
    return shown.transpose(2, 0, 1)


def _joined(w: CellWeights) -> Array:
    """Weights that give -z of every gate, and -2z of the candidate, (gates * hidden, hidden + input + 1)."""
    joined = -np.concatenate([w.recurrent, w.inputs, w.bias[:, :, None]], axis=2)
    joined[2] *= 2
    return joined.reshape(-1, joined.shape[2])


def _sigmoid_of_negative(y: Array) -> None:
    """1 / (1 + exp(y)), in place."""
    np.exp(y, out=y)
    y += 1
    np.divide(1, y, out=y)
