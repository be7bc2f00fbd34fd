"""Replays of a trained network: one of its members on windows in scaled units."""

from dataclasses import dataclass, replace
from typing import ClassVar, Self

import numpy as np

from lstmcli.gates.replay import GateTrace, Replay, joined_traces
from lstmcli.network.architecture import Architecture, Network, Weights, member, width
from lstmcli.network.forward import (
    baseline_index,
    decode_state,
    embed_segments,
    future_inputs,
    member_forward,
    traces,
    window_features,
)
from lstmcli.series.arrays import Array, Indices
from lstmcli.windows.cut import Windows

_BLOCK = 128  # windows traced at once; keeps the activations in cache


@dataclass(frozen=True)
class WindowReplay(Replay):
    """The baseline is read from the context too; it counts as given."""

    windows: Windows
    moved: ClassVar[int] = 1  # the value

    @property
    def target(self) -> Array:
        return self.windows.target

    @property
    def features(self) -> Array:
        return window_features(self.weights, self.arch, self.windows).astype(np.float64)

    def names(self, known: tuple[str, ...]) -> tuple[str, ...]:
        return feature_names(known, self.arch)

    def forecast(self, network: Network) -> Array:
        middle = self.arch.quantiles.index(0.5)
        added = member_forward(member(network.weights, self.member), self.arch, self.windows)
        return self._baseline + added[:, :, middle]

    def restored(self, network: Network, values: Array) -> Array:
        return network.scaling.restore(self.windows.scale.undo(values))

    def shown(self, h: Array, last: Array, weights: Weights) -> Array:
        made = decode_state(weights, self.arch, h, future_inputs(weights, self.arch, self.windows))
        return np.asarray(self._baseline + made[:, :, self.arch.quantiles.index(0.5)], np.float64)

    def head_gradient(self) -> tuple[Array, Array]:
        arch, weights = self.arch, self.weights
        middle, nothing = arch.quantiles.index(0.5), np.zeros_like(self.inputs[:, -1])
        head = weights["head.weight"].reshape(arch.horizon, len(arch.quantiles), arch.hidden)
        direct = np.tile(head[:, middle].sum(axis=0), (len(self), 1))
        if not arch.known_ahead:
            return direct, nothing
        h = self.trace.layers[-1].h[:, -1]
        state = (h @ weights["ahead.state"].T + weights["ahead.bias"])[:, None]
        active = (future_inputs(weights, arch, self.windows) @ weights["ahead.inputs"].T + state > 0).sum(
            axis=1
        )  # (windows, units)
        return direct + (active * weights["ahead.out"][middle]) @ weights["ahead.state"], nothing

    def input_gradient(self, to_inputs: Array) -> Array:
        arch = self.arch
        flat = to_inputs.reshape(-1, arch.hidden) @ self.weights["embed.weight"]
        # A segment holds its values, then their missing flags, then each covariate in turn.
        by_feature = flat.reshape(len(self), arch.steps, -1, arch.segment)
        return np.asarray(by_feature.swapaxes(2, 3).reshape(len(self), arch.context, -1))

    def inputs_after(self, change: Array) -> Array:
        context = self.windows.context.astype(np.float64) + change[:, :, 0]
        inputs = embed_segments(self.weights, self.arch, replace(self.windows, context=context))
        return inputs.astype(np.float64)

    def part(self, which: Indices) -> Self:
        return replace(
            self, inputs=self.inputs[which], trace=self.trace.part(which), windows=self.windows.part(which)
        )

    @property
    def _baseline(self) -> Array:
        return self.windows.baselines[:, :, baseline_index(self.member, self.windows)]


def replay_batch(
    arch: Architecture, weights: Weights, windows: Windows, index: int, series: Indices, origins: Indices
) -> WindowReplay:
    """Replays windows through member `index`. weights: of all members; series, origins: (windows,)."""
    precise = {name: w.astype(np.float64) for name, w in member(weights, index).items()}
    blocks = [
        traces(precise, arch, windows.part(slice(at, at + _BLOCK))) for at in range(0, len(series), _BLOCK)
    ]
    inputs = embed_segments(precise, arch, windows).astype(np.float64)
    trace = GateTrace(series, origins, joined_traces(blocks))
    return WindowReplay(arch, index, precise, inputs, trace, windows)


def feature_names(known: tuple[str, ...], arch: Architecture) -> tuple[str, ...]:
    """Names of all features: numeric covariates, calendar columns by number, and each part of the
    embedding of a category.

    known: columns of numbers, then of categories.
    """
    tables = (*arch.past_tables, *arch.future_tables)
    numeric = known[: max(len(known) - len(tables), 0)]
    waves = tuple(f"calendar {k + 1}" for k in range(arch.covariates - len(numeric)))
    categories = known[len(numeric) :] or tuple(f"category {k + 1}" for k in range(len(tables)))
    widths = (width(rows) for rows in tables)
    parts = [f"{name} [{k + 1}]" for name, w in zip(categories, widths, strict=True) for k in range(w)]
    return ("value", "missing", *numeric, *waves, *parts)
