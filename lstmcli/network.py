"""The whole forecaster in NumPy: segments, recurrent layers, future segments, quantiles.

A window of `context` observations becomes `context / segment` steps of the recurrent layers;
one step reads a segment of values, their missing flags and their covariates. From the final
state, one more step per future segment, all from that same state, gives the forecast: its
input says which segment it is and what is known of it ahead (parallel decoding as in Lin et
al. 2023, "SegRNN", arXiv:2308.11200). The result is added to the baseline.

This is the readable statement of the model and its only form at prediction;
`learning.module` is the twin that is trained, and a test holds the two equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.cells import STEPS as CELL_STEPS
from lstmcli.cells import CellWeights, State, Trace, final_state, input_part, trace
from lstmcli.scaling import Scaling
from lstmcli.windows import Shape, Windows

Array = NDArray[np.floating]
Weights = Mapping[str, Array]
LEVELS = 4  # columns of Windows.levels


@dataclass(frozen=True)
class Architecture:
    """Every number that fixes the shapes of the weights. Lengths are in observations."""

    cell: str
    layers: int
    hidden: int
    segment: int
    context: int
    horizon: int
    quantiles: tuple[float, ...]
    covariates: int
    ahead: int
    members: int

    @property
    def steps(self) -> int:
        """Recurrent steps over the context."""
        return self.context // self.segment

    @property
    def future_steps(self) -> int:
        """Recurrent steps over the horizon; the last may reach past it."""
        return -(-self.horizon // self.segment)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Name and shape of every weight of one member."""
        gates, hidden = {"lstm": 4, "gru": 3, "rnn": 1}[self.cell], self.hidden
        shapes: dict[str, tuple[int, ...]] = {
            "embed.weight": (hidden, self.segment * (2 + self.covariates)),
            "embed.bias": (hidden,),
            "embed.levels": (hidden, LEVELS),
            "future.position": (self.future_steps, hidden),
            "future.weight": (hidden, self.segment * self.ahead),
            "head.weight": (self.segment * len(self.quantiles), hidden),
            "head.bias": (self.segment * len(self.quantiles),),
        }
        for layer in range(self.layers):
            shapes[f"layers.{layer}.inputs"] = (gates, hidden, hidden)
            shapes[f"layers.{layer}.recurrent"] = (gates, hidden, hidden)
            shapes[f"layers.{layer}.bias"] = (gates, hidden)
            shapes[f"layers.{layer}.candidate_bias"] = (hidden,)
        return shapes


@dataclass(frozen=True)
class Network:
    """A trained network, and how its windows are cut and scaled."""

    weights: Weights
    arch: Architecture
    shape: Shape
    scaling: Scaling


def member(weights: Weights, index: int) -> Weights:
    """The weights of one member of the ensemble, without its prefix."""
    prefix = f"members.{index}."
    return {name.removeprefix(prefix): w for name, w in weights.items() if name.startswith(prefix)}


def layer_weights(weights: Weights, layer: int) -> CellWeights:
    names = ("inputs", "recurrent", "bias", "candidate_bias")
    return CellWeights(*(weights[f"layers.{layer}.{name}"] for name in names))


def forward(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """Quantiles in scaled units, (batch, horizon, quantiles): the mean of all members.

    Averaged quantiles have better intervals than the median of the members' quantiles.
    """
    outputs = [
        windows.baselines[:, :, baseline_index(m, windows)][:, :, None]
        + member_forward(member(weights, m), arch, windows)
        for m in range(arch.members)
    ]
    return outputs[0] if len(outputs) == 1 else np.mean(outputs, axis=0)


def baseline_index(member_index: int, windows: Windows) -> int:
    """Members correct the baselines in turn: members that differ are wrong in different places."""
    return member_index % windows.baselines.shape[2]


def member_forward(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """What one member adds to the baseline, (batch, horizon, quantiles)."""
    x = embed(weights, arch, windows)
    states = []
    for layer in range(arch.layers):
        x, state = final_state(arch.cell, x, layer_weights(weights, layer))
        states.append(state)
    return decode(weights, arch, states, windows)


def embed(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """Segments of the context as inputs of the first layer, (batch, steps, hidden)."""
    batch = len(windows.context)
    parts = [windows.context[:, :, None], windows.missing[:, :, None], windows.covariates]
    # A segment holds its values, then their missing flags, then each covariate in turn.
    stacked = np.concatenate([p.astype(windows.context.dtype) for p in parts], axis=2)
    segments = stacked.reshape(batch, arch.steps, arch.segment, -1).swapaxes(2, 3)
    flat = segments.reshape(batch, arch.steps, -1)
    x = flat @ weights["embed.weight"].T + weights["embed.bias"]
    return x + (windows.levels @ weights["embed.levels"].T)[:, None]


def embed_future(weights: Weights, arch: Architecture, windows: Windows) -> Array:
    """Future segments as inputs of the first layer, (batch, future steps, hidden)."""
    batch, horizon, count = windows.ahead.shape
    level = (windows.levels @ weights["embed.levels"].T)[:, None]
    x = weights["future.position"] + level
    if not count:
        return x
    padded = np.zeros((batch, arch.future_steps * arch.segment, count), windows.ahead.dtype)
    padded[:, :horizon] = windows.ahead
    segments = padded.reshape(batch, arch.future_steps, arch.segment, count).swapaxes(2, 3)
    return x + segments.reshape(batch, arch.future_steps, -1) @ weights["future.weight"].T


def decode(weights: Weights, arch: Architecture, states: list[State], windows: Windows) -> Array:
    """One step per future segment from the final states, then the quantiles of its values."""
    batch, future = len(windows.context), arch.future_steps
    x = embed_future(weights, arch, windows).reshape(batch * future, arch.hidden)
    for layer, state in enumerate(states):
        w = layer_weights(weights, layer)
        repeated = State(np.repeat(state.h, future, axis=0), np.repeat(state.c, future, axis=0))
        _, after = CELL_STEPS[arch.cell](input_part(x, w), repeated, w)
        x = after.h
    raw = x @ weights["head.weight"].T + weights["head.bias"]
    raw = raw.reshape(batch, future * arch.segment, len(arch.quantiles))
    return spread(raw[:, : arch.horizon], arch.quantiles)


def spread(raw: Array, quantiles: tuple[float, ...]) -> Array:
    """Quantiles that never cross: the median, and positive steps outward from it on both sides."""
    middle = quantiles.index(0.5)
    away = np.logaddexp(raw, 0)  # softplus
    median = raw[..., middle : middle + 1]
    above = median + np.cumsum(away[..., middle + 1 :], axis=-1)
    below = median - np.cumsum(away[..., :middle][..., ::-1], axis=-1)[..., ::-1]
    return np.concatenate([below, median, above], axis=-1)


def traces(weights: Weights, arch: Architecture, windows: Windows) -> list[Trace]:
    """Every gate and state of every layer over the context, for one member's weights."""
    x, layers = embed(weights, arch, windows), []
    for layer in range(arch.layers):
        layers.append(trace(arch.cell, x, layer_weights(weights, layer)))
        x = layers[-1].h
    return layers
