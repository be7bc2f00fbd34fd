"""What every analysis works on: windows replayed through one network in float64, all gates and states kept.

A Replay knows how its network reads windows and what it makes of the final state. `window_replay` is that of
a trained network, `builtin_replay` that of the built-in one.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from lstmcli.network.architecture import Architecture, Network, Weights, layer_weights
from lstmcli.network.cells import Trace
from lstmcli.network.fast_lstm import hidden_states
from lstmcli.series.arrays import Array, Indices


@dataclass(frozen=True)
class GateTrace:
    """Gates and states of a set of windows: `layers[l].gates[name]` is (windows, steps, hidden).

    series, origins  (windows,) which series, and the position just after the context
    """

    series: Indices
    origins: Indices
    layers: list[Trace]

    def part(self, which: Indices) -> "GateTrace":
        """Some of the windows."""
        layers = [
            Trace({name: gate[which] for name, gate in layer.gates.items()}, layer.h[which], layer.c[which])
            for layer in self.layers
        ]
        return GateTrace(self.series[which], self.origins[which], layers)


def unread_steps(arch: Architecture, traced: GateTrace) -> tuple[Indices, Indices]:
    """(windows,) steps at the start of each window that the network did not make, and those that read no
    value of the series: these, and padding before it."""
    unmade = np.isnan(traced.layers[0].h[:, :, 0]).sum(axis=1)
    return unmade, np.maximum(unmade, (arch.context - traced.origins) // arch.segment)


@dataclass(frozen=True)
class Replay(ABC):
    """Windows, the weights of one network in float64, and what they made of the windows.

    arch    of the network; its context and horizon are those of the windows
    inputs  (windows, steps, units) what the first layer reads: embedded segments
    """

    arch: Architecture
    member: int
    weights: Weights
    inputs: Array
    trace: GateTrace
    moved: ClassVar[int]  # how many features, the first ones, gradients are checked on

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    @abstractmethod
    def target(self) -> Array:
        """Values after each window, (windows, horizon) in scaled units, NaN where unknown."""

    @property
    @abstractmethod
    def features(self) -> Array:
        """What the network reads of every value, (windows, context, features)."""

    @abstractmethod
    def names(self, known: tuple[str, ...]) -> tuple[str, ...]:
        """Names of the features of `attributed`. known: columns of covariates, in the order of the model."""

    @abstractmethod
    def forecast(self, network: Network) -> Array:
        """Medians (windows, horizon) in scaled units as the network itself computes them."""

    @abstractmethod
    def restored(self, network: Network, values: Array) -> Array:
        """Scaled values (windows, horizon) in the units of the data."""

    @abstractmethod
    def shown(self, h: Array, last: Array, weights: Weights) -> Array:
        """Medians (windows, horizon) in scaled units of final states h (windows, hidden).

        last: (windows, units) what the first layer reads in the last step.
        """

    @abstractmethod
    def head_gradient(self) -> tuple[Array, Array]:
        """dL/dh at the last step of the last layer (windows, hidden), and dL/d(inputs) of the last step
        (windows, units) past all layers."""

    @abstractmethod
    def input_gradient(self, to_inputs: Array) -> Array:
        """dL/d(features), (windows, context, features), from dL/d(inputs) (windows, steps, units)."""

    @abstractmethod
    def inputs_after(self, change: Array) -> Array:
        """What the first layer would read were the first features others by `change` (windows, context,
        `moved`), (windows, steps, units). Scales and simple forecasts stay as they are."""

    @abstractmethod
    def part(self, which: Indices) -> Self:
        """Some of the windows."""

    def attributed(self, to_inputs: Array) -> Array:
        """dL/dx * x of every window, (windows, context, features)."""
        return self.input_gradient(to_inputs) * self.features


def medians(replay: Replay) -> Array:
    """The network's forecast from the final traced state, (windows, horizon), in scaled units."""
    return replay.shown(replay.trace.layers[-1].h[:, -1], replay.inputs[:, -1], replay.weights)


def medians_from(replay: Replay, inputs: Array, weights: Weights | None = None) -> Array:
    """The network's forecast (windows, horizon) were `inputs` (windows, steps, units) all its layers read.

    The state before them is zero. weights: instead of those of the replay.
    """
    weights = replay.weights if weights is None else weights
    x = inputs
    for layer in range(replay.arch.layers):
        x = hidden_states(replay.arch.cell, x, layer_weights(weights, layer))
    return replay.shown(x[:, -1], inputs[:, -1], weights)


def joined_traces(blocks: list[list[Trace]]) -> list[Trace]:
    """The layers of all windows, from those of blocks of them."""
    return [
        Trace(
            {gate: np.concatenate([layer.gates[gate] for layer in parts]) for gate in parts[0].gates},
            np.concatenate([layer.h for layer in parts]),
            np.concatenate([layer.c for layer in parts]),
        )
        for parts in zip(*blocks, strict=True)
    ]
