"""What a state is made of: the exact share of every past step in it.

LSTM    c_T = sum_j i_j g_j prod_{k>j} f_k
GRU     h_T = sum_j (1 - z_j) n_j prod_{k>j} z_k
RNN     has no such sum: its state passes through tanh at every step
"""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.replay import Replay
from lstmcli.network.cells import Trace
from lstmcli.series.arrays import Array


@dataclass(frozen=True)
class Contribution:
    """What the final state of one layer holds, by age: index 0 is the last step of the context.

    share   (steps,) |contribution|, mean over windows and units, as shares that add up to 1
    units   (steps, hidden) mean over the windows of |contribution|
    error   the largest difference between the sum of the contributions and the state
    size    the largest absolute state
    """

    layer: int
    share: Array
    units: Array
    error: float
    size: float


def memory_after(gate: Array) -> Array:
    """Product of the forget gates (GRU: update gates) after each step, 1 at the last.

    gate and result: (windows, steps, hidden).
    """
    after = np.concatenate([gate[:, 1:], np.ones_like(gate[:, :1])], axis=1)
    return np.cumprod(after[:, ::-1], axis=1)[:, ::-1]


def step_contributions(layer: Trace, cell: str) -> Array | None:
    """What each step put into the final state and is still there, (windows, steps, hidden) in order
    of time; None for the plain RNN."""
    if cell == "rnn":
        return None
    gates = layer.gates
    if cell == "lstm":
        return gates["input"] * gates["candidate"] * memory_after(gates["forget"])
    return (1 - gates["update"]) * gates["candidate"] * memory_after(gates["update"])


def measure_contributions(replay: Replay) -> list[Contribution]:
    """One per layer; none for the plain RNN."""
    made = []
    for number, layer in enumerate(replay.trace.layers):
        parts = step_contributions(layer, replay.arch.cell)
        if parts is None:
            return []
        state = (layer.c if replay.arch.cell == "lstm" else layer.h)[:, -1]
        by_unit = np.abs(parts).mean(axis=0)[::-1]
        total = by_unit.sum()
        made.append(
            Contribution(
                layer=number,
                share=by_unit.sum(axis=1) / (total if total > 0 else 1.0),
                units=by_unit,
                error=float(np.abs(parts.sum(axis=1) - state).max()),
                size=float(np.abs(state).max()),
            )
        )
    return made
