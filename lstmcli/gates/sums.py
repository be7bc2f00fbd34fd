"""What stands inside a gate: the part of the input, the part of the last hidden state and the bias."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.network.cells import CellWeights, Trace
from lstmcli.series.arrays import Array


@dataclass(frozen=True)
class GateParts:
    """The terms inside sigmoid and tanh of one layer, gates in the order of `network.cells.GATES`.

    of_input   Wx x, (gates, windows, steps, hidden); NaN in steps that there are not
    of_hidden  Wh h of the step before; of the candidate of the GRU r * (Whn h + bhn), which is one term
               of its equation
    bias       b, (gates, hidden)
    """

    of_input: Array
    of_hidden: Array
    bias: Array

    @property
    def total(self) -> Array:
        """Their sum, of which the gate is sigmoid or tanh."""
        bias = self.bias.reshape(len(self.bias), *[1] * (self.of_input.ndim - 2), -1)
        return self.of_input + self.of_hidden + bias

    def window(self, number: int, steps: NDArray[np.bool_]) -> "GateParts":
        """Some steps of one window: (gates, steps, hidden)."""
        return GateParts(self.of_input[:, number, steps], self.of_hidden[:, number, steps], self.bias)


def gate_parts(cell: str, layer: Trace, x: Array, w: CellWeights) -> GateParts:
    """layer: (windows, steps, hidden), all zero before its first step; x: (windows, steps, input)."""
    before = np.concatenate([np.zeros_like(layer.h[:, :1]), layer.h[:, :-1]], axis=1)
    before = np.where(np.isnan(before), 0.0, before)
    of_input = np.einsum("wsi,ghi->gwsh", x, w.inputs, optimize=True)
    of_hidden = np.einsum("wsk,ghk->gwsh", before, w.recurrent, optimize=True)
    if cell == "gru":
        of_hidden[-1] = layer.gates["reset"] * (of_hidden[-1] + w.candidate_bias)
    return GateParts(of_input, of_hidden, w.bias)
