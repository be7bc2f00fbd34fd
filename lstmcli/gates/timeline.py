"""The gates along a series, each step as it was when it was the newest."""

from dataclasses import dataclass

import numpy as np

from lstmcli.gates.trace import trace_windows
from lstmcli.network.architecture import Network
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Times, advance
from lstmcli.series.panel import Panel

_STEPS = 60  # shown at most


@dataclass(frozen=True)
class Timeline:
    """The end of one series, and every gate over it.

    series  number in the panel
    times   (n,) time stamps of the values
    values  (n,) in the units of the data, NaN where missing
    edges   (steps + 1,) where each step begins, and where the last one ends
    layers  per layer and gate (steps, hidden): the gate when its segment was the newest of a full
            context
    states  per layer (steps, hidden): "c" and "h" after that step; c of the LSTM alone means anything
    zone    of the times, as of `Panel`
    """

    series: int
    times: Times
    values: Array
    edges: Times
    layers: list[dict[str, Array]]
    states: list[dict[str, Array]]
    zone: str = ""


def timeline(network: Network, panel: Panel, series: int = 0, index: int = 0) -> Timeline:
    """The last steps of a series through member `index`, at most 60."""
    arch, length = network.arch, int(panel.lengths[series])
    count = max(1, min(_STEPS, length // arch.segment))
    origins = length - arch.segment * np.arange(count)[::-1]
    traced = trace_windows(network, panel, np.full(count, series, np.int64), origins, index)
    first = max(int(origins[0]) - arch.segment, 0)
    starts = np.append(origins - arch.segment, length)
    return Timeline(
        series=series,
        times=panel.times(series, first, length - first),
        values=panel.history(series)[first:],
        edges=advance(panel.starts[series], panel.step, starts),
        layers=[{name: gate[:, -1] for name, gate in layer.gates.items()} for layer in traced.layers],
        states=[{"c": layer.c[:, -1], "h": layer.h[:, -1]} for layer in traced.layers],
        zone=panel.zone,
    )
