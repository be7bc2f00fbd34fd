"""One forecast explained: the gates of its window, what the final state holds, what it depends on."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.backward import gradients
from lstmcli.gates.contributions import step_contributions
from lstmcli.gates.explorer import model_forecasts, values_after
from lstmcli.gates.memory import unit_half_lives
from lstmcli.gates.replay import medians
from lstmcli.gates.statistics import memory_gates
from lstmcli.gates.trace import replay_windows
from lstmcli.network.architecture import Network
from lstmcli.network.cells import Trace
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Times, format_time
from lstmcli.series.panel import Panel


@dataclass(frozen=True)
class Explanation:
    """One window, its last value known at position origin - 1 of the series.

    times          (context,) time stamps; before the start of a series they are extrapolated
    values         (context,) in the units of the data, NaN where missing
    layers         Trace of each layer with arrays of (steps, hidden)
    orders         per layer: units from the shortest half-life in this window to the longest; in
                   their own order for the plain RNN
    contributions  per layer (steps, hidden): what each step added to the state and is still in it
                   at the end; they add up to the final state. Empty for the plain RNN
    attribution    (context, features) dL/dx * x, in scaled units
    features       names of the features
    ahead          (horizon,) time stamps of the forecast
    forecast       (horizon,) this network's median, in the units of the data; of the built-in network that
                   of the series itself, without its mirror image and its logarithm
    whole          (horizon,) the median of the model with all that is mixed in, as `predict` writes it;
                   NaN where covariates ahead are not known
    observed       (horizon,) what came after; NaN where it is not known
    zone           of the times, see `format_time`
    """

    series: int
    origin: int
    times: Times
    values: Array
    layers: list[Trace]
    orders: list[NDArray[np.int64]]
    contributions: list[Array]
    attribution: Array
    features: tuple[str, ...]
    ahead: Times
    forecast: Array
    whole: Array
    observed: Array
    zone: str = ""

    def shown(self, time: Any) -> str:
        """A time as text, by the clock of its zone."""
        return format_time(time, zone=self.zone)


def explain(
    network: Network,
    panel: Panel,
    series: int,
    origin: int,
    member: int = 0,
    known: tuple[str, ...] = (),
) -> Explanation:
    """Explains the forecast made when the first `origin` values of a series were known."""
    replay = replay_windows(network, panel, np.array([series]), np.array([origin]), member)
    arch = replay.arch
    layers = [
        Trace({name: gate[0] for name, gate in layer.gates.items()}, layer.h[0], layer.c[0])
        for layer in replay.trace.layers
    ]
    gates = memory_gates(replay.trace, arch.cell)
    parts = [step_contributions(layer, arch.cell) for layer in replay.trace.layers]
    first = origin - arch.context
    inside = panel.history(series)[max(first, 0) : origin]
    return Explanation(
        series=series,
        origin=origin,
        times=panel.times(series, first, arch.context),
        values=np.concatenate([np.full(arch.context - len(inside), np.nan), inside]),
        layers=layers,
        orders=[
            np.arange(arch.hidden)
            if gates is None
            else np.argsort(unit_half_lives(gates[layer]), kind="stable")
            for layer in range(arch.layers)
        ],
        contributions=[part[0] for part in parts if part is not None],
        attribution=replay.attributed(gradients(replay).inputs)[0],
        features=replay.names(known),
        ahead=panel.times(series, origin, arch.horizon),
        forecast=replay.restored(network, medians(replay))[0],
        whole=model_forecasts(network, panel, np.array([series]), np.array([origin]))[0][0, :, 1],
        observed=values_after(panel, series, origin, arch.horizon),
        zone=panel.zone,
    )
