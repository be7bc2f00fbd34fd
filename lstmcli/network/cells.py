"""The recurrent cells, equation by equation, with every gate in view.

LSTM (Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000):

    f = sigmoid(Wxf x + Whf h + bf)      forget gate: what of c to keep
    i = sigmoid(Wxi x + Whi h + bi)      input gate: how much of the candidate to write
    g = tanh(Wxg x + Whg h + bg)         candidate
    o = sigmoid(Wxo x + Who h + bo)      output gate: how much of c to show
    c = f * c_prev + i * g
    h = o * tanh(c)

GRU (Cho et al. 2014, in PyTorch's convention, where z keeps):

    r = sigmoid(Wxr x + Whr h + br)      reset gate
    z = sigmoid(Wxz x + Whz h + bz)      keep gate: what of h to keep
    n = tanh(Wxn x + bn + r * (Whn h + bhn))      candidate
    h = z * h_prev + (1 - z) * n

Plain RNN (Elman 1990):

    h = tanh(Wx x + Wh h_prev + b)

This file alone declares the order of the gates, of the states and of the weights.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from lstmcli.series.arrays import Array

Cell = Literal["lstm", "gru", "rnn"]

GATES: dict[str, tuple[str, ...]] = {
    "lstm": ("forget", "input", "candidate", "output"),
    "gru": ("reset", "keep", "candidate"),
    "rnn": ("candidate",),
}
MEMORY_GATE: dict[str, str | None] = {"lstm": "forget", "gru": "keep", "rnn": None}


@dataclass(frozen=True)
class CellWeights:
    """The weights of one layer, gates in the order of GATES.

    inputs          Wx (gates, hidden, input)
    recurrent       Wh (gates, hidden, hidden)
    bias            b (gates, hidden); one per gate
    candidate_bias  bhn (hidden,) of the GRU, inside its reset gate; zero elsewhere
    """

    inputs: Array
    recurrent: Array
    bias: Array
    candidate_bias: Array


@dataclass(frozen=True)
class State:
    """What a layer carries from step to step: h, and for the LSTM the cell state c."""

    h: Array  # (batch, hidden)
    c: Array  # (batch, hidden); the GRU and the RNN leave it at zero


@dataclass(frozen=True)
class Trace:
    """Every gate and state of one layer over a window, each (batch, steps, hidden)."""

    gates: dict[str, Array]
    h: Array
    c: Array


def sigmoid(x: Array) -> Array:
    # tanh never overflows, exp(-x) does. In place: fresh arrays cost more than the sums.
    y = 0.5 * x
    np.tanh(y, out=y)
    y += 1
    y *= 0.5
    return y


def lstm_step(wx: Array, state: State, w: CellWeights) -> tuple[list[Array], State]:
    sums = _recurrent_part(state.h, w)
    sums += wx
    f = sigmoid(sums[:, 0])
    i = sigmoid(sums[:, 1])
    g = np.tanh(sums[:, 2])
    o = sigmoid(sums[:, 3])
    c = f * state.c + i * g
    h = o * np.tanh(c)
    return [f, i, g, o], State(h, c)


def gru_step(wx: Array, state: State, w: CellWeights) -> tuple[list[Array], State]:
    wh = _recurrent_part(state.h, w)
    r = sigmoid(wx[:, 0] + wh[:, 0])
    z = sigmoid(wx[:, 1] + wh[:, 1])
    n = np.tanh(wx[:, 2] + r * (wh[:, 2] + w.candidate_bias))
    h = z * state.h + (1 - z) * n
    return [r, z, n], State(h, state.c)


def rnn_step(wx: Array, state: State, w: CellWeights) -> tuple[list[Array], State]:
    wh = _recurrent_part(state.h, w)
    h = np.tanh(wx[:, 0] + wh[:, 0])
    return [h], State(h, state.c)


STEPS = {"lstm": lstm_step, "gru": gru_step, "rnn": rnn_step}


def input_part(x: Array, w: CellWeights) -> Array:
    """Wx x + b of every gate: (..., input) -> (..., gates, hidden)."""
    gates, hidden, size = w.inputs.shape
    # One large product: of three dimensions NumPy makes many small ones, five times slower.
    product = x.reshape(-1, size) @ w.inputs.reshape(gates * hidden, size).T
    projected = product.reshape(*x.shape[:-1], gates, hidden)
    projected += w.bias
    return projected


def _recurrent_part(h: Array, w: CellWeights) -> Array:
    gates, hidden, _ = w.recurrent.shape
    return (h @ w.recurrent.reshape(gates * hidden, hidden).T).reshape(-1, gates, hidden)


def initial_state(batch: int, w: CellWeights) -> State:
    """The state before the first step: zeros."""
    zeros = np.zeros((batch, w.bias.shape[1]), w.bias.dtype)
    return State(zeros, zeros)


def trace(cell: str, x: Array, w: CellWeights) -> Trace:
    """Runs a layer over x (batch, steps, input), and keeps every gate and state of every step."""
    state, gates, h, c = initial_state(len(x), w), [], [], []
    projected = input_part(x, w)  # (batch, steps, gates, hidden)
    for step in range(x.shape[1]):
        values, state = STEPS[cell](projected[:, step], state, w)
        gates.append(values)
        h.append(state.h)
        c.append(state.c)
    by_gate = [np.stack(values, axis=1) for values in zip(*gates, strict=True)]
    named = dict(zip(GATES[cell], by_gate, strict=True))
    return Trace(named, np.stack(h, axis=1), np.stack(c, axis=1))
