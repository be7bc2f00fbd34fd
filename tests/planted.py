"""Networks whose truth is known because their weights are set by hand."""

from dataclasses import replace

import numpy as np
from test_network import ARCH, random_module
from test_windows import panel_of

from lstmcli.gates.trace import Replay, replay_windows, spread_origins
from lstmcli.learning.model import export_weights
from lstmcli.network.architecture import Architecture, Network
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowSpec
from lstmcli.windows.scaling import Scaling, Standardisation

SCALING = Scaling("none", "mean", Standardisation(), Standardisation((0.0,) * 3, (1.0,) * 3))


def network_of(arch: Architecture, seed: int = 0, season: int = 1) -> Network:
    """One member with random weights on no baseline."""
    weights = {
        f"members.0.{n}": w.astype(np.float64) for n, w in export_weights(random_module(arch, seed)).items()
    }
    shape = WindowSpec(arch.context, arch.horizon, ("none",), season, False)
    return Network(weights, arch, shape, SCALING, (1.0,) * len(arch.quantiles))


def delay_line(delay: int, context: int) -> Network:
    """A plain RNN that forecasts the value `delay` steps before the last one, by handing it from
    unit to unit; values are made so small that tanh is straight."""
    hidden, small = delay + 1, 1e-4
    arch = replace(ARCH, cell="rnn", hidden=hidden, segment=1, context=context, horizon=1)
    network = network_of(arch)
    w = {name.removeprefix("members.0."): value for name, value in network.weights.items()}
    for value in w.values():
        value[:] = 0
    w["embed.weight"][0, 0] = small
    w["layers.0.inputs"][0, 0, 0] = 1
    w["layers.0.recurrent"][0] = np.eye(hidden, k=-1)
    w["head.weight"][arch.quantiles.index(0.5), delay] = 1 / small
    return network


def random_panel(length: int, seed: int = 0) -> Panel:
    """One series of white noise."""
    return panel_of(np.random.default_rng(seed).normal(size=length))


def replay_on(network: Network, panel: Panel, count: int) -> Replay:
    return replay_windows(network, panel, *spread_origins(panel, network.shape, count))
