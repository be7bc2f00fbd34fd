"""The recurrent cells. EQUATIONS states them, and one function a cell computes a step as they say.

LSTM: Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000. GRU: Cho et al. 2014,
in PyTorch's convention, where z near 1 keeps h. Plain RNN: Elman 1990.

This file alone declares the order of the gates, of the states and of the weights.
`fast_lstm` is the same arranged for speed.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lstmcli.series.arrays import Array

# As `inspect-gates` prints them. x is the input of a step, h in the gates the hidden state before it.
EQUATIONS: dict[str, str] = {
    "lstm": """\
f = sigmoid(Wxf x + Whf h + bf)      forget gate: what of c to keep
i = sigmoid(Wxi x + Whi h + bi)      input gate: how much of g to write
g = tanh(Wxg x + Whg h + bg)         candidate
o = sigmoid(Wxo x + Who h + bo)      output gate: how much of c to show
c = f * c_prev + i * g               cell state
h = o * tanh(c)                      hidden state""",
    "gru": """\
r = sigmoid(Wxr x + Whr h + br)           reset gate: how much of h n reads
z = sigmoid(Wxz x + Whz h + bz)           update gate: z near 1 keeps h
n = tanh(Wxn x + bn + r * (Whn h + bhn))  candidate
h = z * h_prev + (1 - z) * n              hidden state""",
    "rnn": """\
h = tanh(Wx x + Wh h_prev + b)       hidden state; no gate protects it""",
}

# Gates in the order in which weights hold them, and their letters in the equations.
GATES: dict[str, tuple[str, ...]] = {
    "lstm": ("forget", "input", "candidate", "output"),
    "gru": ("reset", "update", "candidate"),
    "rnn": ("candidate",),
}
LETTERS: dict[str, str] = {"lstm": "figo", "gru": "rzn", "rnn": "h"}
# States in the order of the equations; the first carries content and gradient through time.
STATES: dict[str, tuple[str, ...]] = {"lstm": ("c", "h"), "gru": ("h",), "rnn": ("h",)}
STATE_NAMES = {"c": "cell state", "h": "hidden state"}
UPDATE_NOTE = "z near 1 keeps h"  # stands once wherever the update gate is shown: other texts turn z around
# The gate that decides what of the state stays.
MEMORY_GATE: dict[str, str | None] = {"lstm": "forget", "gru": "update", "rnn": None}


def gate_label(cell: str, gate: str) -> str:
    """What a gate is called in tables and pictures: "forget gate f", "candidate g"."""
    letter = LETTERS[cell][GATES[cell].index(gate)]
    return f"{gate} {letter}" if gate == "candidate" else f"{gate} gate {letter}"


def state_label(state: str) -> str:
    """What a state is called in tables and pictures: "cell state c"."""
    return f"{STATE_NAMES[state]} {state}"


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
class Trace:
    """Every gate and state of one layer over a window, each (batch, steps, hidden)."""

    gates: dict[str, Array]
    h: Array
    c: Array


CellStep = tuple[tuple[Array, ...], Array, Array]  # gates in the order of GATES, h, c


def lstm_step(x: Array, h: Array, c: Array, w: CellWeights) -> CellStep:
    """x: (batch, input); h, c: (batch, hidden)."""
    f, i, g, o = gate_sums(x, h, w)  # (batch, hidden) each
    f, i, g, o = sigmoid(f), sigmoid(i), np.tanh(g), sigmoid(o)
    c = f * c + i * g  # (batch, hidden)
    h = o * np.tanh(c)  # (batch, hidden)
    return (f, i, g, o), h, c


def gru_step(x: Array, h: Array, c: Array, w: CellWeights) -> CellStep:
    """x: (batch, input); h: (batch, hidden). There is no cell state: c is handed back."""
    xr, xz, xn = input_sums(x, w)  # (batch, hidden) each
    hr, hz, hn = recurrent_sums(h, w)  # (batch, hidden) each
    r, z = sigmoid(xr + hr), sigmoid(xz + hz)
    n = np.tanh(xn + r * (hn + w.candidate_bias))
    h = z * h + (1 - z) * n  # (batch, hidden)
    return (r, z, n), h, c


def rnn_step(x: Array, h: Array, c: Array, w: CellWeights) -> CellStep:
    """x: (batch, input); h: (batch, hidden). There is no cell state: c is handed back."""
    (h,) = np.tanh(gate_sums(x, h, w))  # (batch, hidden)
    return (h,), h, c


STEPS: dict[str, Callable[[Array, Array, Array, CellWeights], CellStep]] = {
    "lstm": lstm_step,
    "gru": gru_step,
    "rnn": rnn_step,
}


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)), as a tanh: that never overflows."""
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)))


def gate_sums(x: Array, h: Array, w: CellWeights) -> Array:
    """Wx x + Wh h + b: (gates, batch, hidden)."""
    return input_sums(x, w) + recurrent_sums(h, w)


def input_sums(x: Array, w: CellWeights) -> Array:
    """Wx x + b: (batch, input) -> (gates, batch, hidden)."""
    return _all_gates(x, w.inputs) + w.bias[:, None]


def recurrent_sums(h: Array, w: CellWeights) -> Array:
    """Wh h: (batch, hidden) -> (gates, batch, hidden)."""
    return _all_gates(h, w.recurrent)


def _all_gates(values: Array, weights: Array) -> Array:
    """values: (batch, size), weights: (gates, hidden, size); their products (gates, batch, hidden)."""
    gates, hidden, size = weights.shape
    # One product for all gates: one for each of them takes NumPy longer.
    product = values @ weights.reshape(gates * hidden, size).T  # (batch, gates * hidden)
    return product.reshape(len(values), gates, hidden).swapaxes(0, 1)


def zero_states(batch: int, w: CellWeights) -> tuple[Array, Array]:
    """h and c before the first step, (batch, hidden) each."""
    zeros = np.zeros((batch, w.bias.shape[1]), w.bias.dtype)
    return zeros, zeros


def trace(cell: str, x: Array, w: CellWeights) -> Trace:
    """Runs a layer over x (batch, steps, input); every gate and state of every step."""
    h, c = zero_states(len(x), w)
    by_step = []
    for step in range(x.shape[1]):
        gates, h, c = STEPS[cell](x[:, step], h, c, w)
        by_step.append((*gates, h, c))
    *by_gate, hs, cs = (np.stack(values, axis=1) for values in zip(*by_step, strict=True))
    return Trace(dict(zip(GATES[cell], by_gate, strict=True)), hs, cs)
