"""Windows of a panel replayed through a network, whichever it is."""

from lstmcli.gates.builtin_replay import replay_histories, trace_histories
from lstmcli.gates.replay import GateTrace, Replay
from lstmcli.gates.sums import GateParts, gate_parts
from lstmcli.gates.window_replay import replay_batch
from lstmcli.network.architecture import Network, layer_weights
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import cut_windows, window_rows


def replay_windows(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> Replay:
    """Replays windows of a panel through member `index`, or through the built-in network where there is none.

    series, origins: (windows,); those of the built-in network must have one number of recurrent steps.
    """
    if not network.is_trained:
        return replay_histories(network, panel, series, origins)
    rows = window_rows(panel, network.scaling, network.shape)
    windows = cut_windows(rows, series, origins, network.shape, network.scaling)
    return replay_batch(network.arch, network.weights, windows, index, series, origins)


def trace_windows(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> GateTrace:
    """Every gate and state of windows through member `index`, or through the built-in network."""
    if not network.is_trained:
        return trace_histories(network, panel, series, origins)[0]
    return replay_windows(network, panel, series, origins, index).trace


def trace_with_parts(
    network: Network, panel: Panel, series: Indices, origins: Indices, index: int = 0
) -> tuple[GateTrace, list[GateParts]]:
    """The same, and per layer what stands inside its gates."""
    if network.is_trained:
        replay = replay_windows(network, panel, series, origins, index)
        traced, x, weights = replay.trace, replay.inputs, replay.weights
    else:
        traced, x, weights = trace_histories(network, panel, series, origins)
    parts = []
    for number, layer in enumerate(traced.layers):
        parts.append(gate_parts(network.arch.cell, layer, x, layer_weights(weights, number)))
        x = layer.h
    return traced, parts
