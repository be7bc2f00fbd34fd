"""Windows replayed through one member of a model in float64, with every gate and state kept."""

from dataclasses import dataclass

import numpy as np

from lstmcli.network.architecture import Architecture, Network, Weights, layer_weights, member
from lstmcli.network.cells import GATES, Trace
from lstmcli.network.fast_lstm import hidden_states
from lstmcli.network.forward import baseline_index, decode_state, embed_segments, future_inputs, traces
from lstmcli.series.arrays import Array, Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import Windows, WindowSpec, cut_windows, window_rows

_BLOCK = 128  # windows traced at once; keeps the activations in cache
_SOME, _FEWEST, _SOME_STEPS = 256, 64, 8192  # see `some_of`


@dataclass(frozen=True)
class GateTrace:
    """Gates and states of a set of windows: `layers[l].gates[name]` is (windows, steps, hidden).

    series, origins  (windows,) which series, and the position just after the context
    """

    series: Indices
    origins: Indices
    layers: list[Trace]


@dataclass(frozen=True)
class Replay:
    """Windows, the weights of one member in float64, and what they made of the windows.

    inputs  (windows, steps, hidden) what the first layer reads: embedded segments
    """

    arch: Architecture
    member: int
    weights: Weights
    windows: Windows
    inputs: Array
    trace: GateTrace

    def __len__(self) -> int:
        return len(self.inputs)


def spread_origins(panel: Panel, shape: WindowSpec, count: int) -> tuple[Indices, Indices]:
    """`count` windows spread evenly over all series: (windows,) series, (windows,) origins.

    Each has a full context and a known horizon where its series is long enough; a window that
    would come twice is taken once.
    """
    total = max(count, 1)
    number = np.arange(total)
    series = number * len(panel) // total if total > len(panel) else np.linspace(0, len(panel) - 1, total)
    series = series.astype(np.int64)
    each = np.bincount(series, minlength=len(panel))[series]
    place = number - np.searchsorted(series, series)
    part = np.where(each > 1, place / np.maximum(each - 1, 1), 1.0)
    lengths = panel.lengths[series]
    first = np.minimum(shape.context, lengths)
    last = np.maximum(first, lengths - shape.horizon)
    pairs = np.unique(np.stack([series, (first + part * (last - first)).astype(np.int64)], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]


def replay_windows(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> Replay:
    """Replays windows of a panel through member `index`; series, origins: (windows,)."""
    rows = window_rows(panel, network.scaling, network.shape)
    windows = cut_windows(rows, series, origins, network.shape, network.scaling)
    return replay_batch(network.arch, network.weights, windows, index, series, origins)


def replay_batch(
    arch: Architecture, weights: Weights, windows: Windows, index: int, series: Indices, origins: Indices
) -> Replay:
    """Replays windows through member `index` in float64. weights: of all members."""
    precise = {name: w.astype(np.float64) for name, w in member(weights, index).items()}
    blocks = []
    for at in range(0, len(series), _BLOCK):
        blocks.append(traces(precise, arch, windows.part(slice(at, at + _BLOCK))))
    layers = [
        Trace(
            {g: np.concatenate([b[layer].gates[g] for b in blocks]) for g in GATES[arch.cell]},
            np.concatenate([b[layer].h for b in blocks]),
            np.concatenate([b[layer].c for b in blocks]),
        )
        for layer in range(arch.layers)
    ]
    inputs = embed_segments(precise, arch, windows).astype(np.float64)
    return Replay(arch, index, precise, windows, inputs, GateTrace(series, origins, layers))


def trace_windows(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> GateTrace:
    """Every gate and state of windows through member `index`."""
    return replay_windows(network, panel, series, origins, index).trace


def some_of(windows: int, steps: int) -> Indices:
    """Windows, spread evenly, for what takes many passes: 256, or fewer of many steps. More would
    not change what is seen."""
    count = min(windows, max(_FEWEST, min(_SOME, _SOME_STEPS // steps)))
    return np.linspace(0, windows - 1, count).astype(np.int64)


def select_windows(replay: Replay, which: Indices) -> Replay:
    """Some of the windows of a replay."""
    trace = replay.trace
    layers = [
        Trace({name: gate[which] for name, gate in layer.gates.items()}, layer.h[which], layer.c[which])
        for layer in trace.layers
    ]
    return Replay(
        replay.arch,
        replay.member,
        replay.weights,
        replay.windows.part(which),
        replay.inputs[which],
        GateTrace(trace.series[which], trace.origins[which], layers),
    )


def medians(replay: Replay) -> Array:
    """The member's forecast from the final traced state, (windows, horizon), in scaled units."""
    return _shown(replay, replay.trace.layers[-1].h[:, -1], replay.weights)


def medians_from(replay: Replay, inputs: Array, weights: Weights | None = None) -> Array:
    """The member's forecast (windows, horizon) were `inputs` (windows, steps, hidden) all it reads.

    The state before them is zero. weights: instead of those of the replay.
    """
    weights = replay.weights if weights is None else weights
    x = inputs
    for layer in range(replay.arch.layers):
        x = hidden_states(replay.arch.cell, x, layer_weights(weights, layer))
    return _shown(replay, x[:, -1], weights)


def _shown(replay: Replay, h: Array, weights: Weights) -> Array:
    windows, arch = replay.windows, replay.arch
    middle = arch.quantiles.index(0.5)
    baseline = windows.baselines[:, :, baseline_index(replay.member, windows)]
    return np.asarray(
        baseline + decode_state(weights, arch, h, future_inputs(weights, arch, windows))[:, :, middle],
        np.float64,
    )
