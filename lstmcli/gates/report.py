"""All that `inspect-gates` measures of one member of a model on data."""

from dataclasses import dataclass

import numpy as np

from lstmcli.forecasting.builtin import takes_logarithms
from lstmcli.gates.attribution import Attribution, attribution
from lstmcli.gates.backward import gradients
from lstmcli.gates.contributions import Contribution, measure_contributions
from lstmcli.gates.gradients import GradientReach, reach
from lstmcli.gates.identities import Identity, identities
from lstmcli.gates.memory import DataSeason, LayerMemory, data_seasons, memory
from lstmcli.gates.origins import some_of, usual_origins
from lstmcli.gates.replay import Replay
from lstmcli.gates.statistics import GateSummary, LayerUnits, measure_units, summaries
from lstmcli.gates.trace import replay_windows
from lstmcli.gates.use import Use, use
from lstmcli.network.architecture import Architecture, Network, layer_weights
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import Step
from lstmcli.series.panel import Panel

# Numbers of a trace held in memory at once, per gate and state: 64 MB.
_LARGEST_TRACE = 8_000_000


@dataclass(frozen=True)
class GateReport:
    """Figures of one member over a set of windows. Lengths are in recurrent steps.

    step      of the data; one recurrent step reads arch.segment observations
    wanted    how many windows were asked for; `windows` may be fewer: no window is taken twice,
              and memory is bounded
    share     of the network in the forecast, 0 to 1, all its members together
    builtin   whether it is the built-in network
    logarithms  whether that forecasts the logarithms too, of some series at least
    recurrent per layer Wh (gates, hidden, hidden), as `network.cells.CellWeights`
    """

    arch: Architecture
    member: int
    step: Step
    series: int
    wanted: int
    windows: int
    seasons: tuple[DataSeason, ...]
    gates: list[GateSummary]
    units: list[LayerUnits]
    memory: list[LayerMemory]
    gradient: list[GradientReach]
    contributions: list[Contribution]
    attribution: Attribution
    use: Use
    identities: tuple[Identity, ...]
    share: float = 1.0
    builtin: bool = False
    logarithms: bool = False
    recurrent: tuple[Array, ...] = ()

    def duration(self, steps: float) -> str:
        """Real time of recurrent steps."""
        return self.step.duration(steps * self.arch.segment)


def study(
    network: Network, panel: Panel, wanted: int, member: int = 0, known: tuple[str, ...] = ()
) -> GateReport:
    """Replays about `wanted` windows and measures everything.

    known: names of the covariate columns, in the order of the model.
    """
    arch = network.arch
    room = _LARGEST_TRACE // (arch.steps * arch.hidden * arch.layers)
    series, origins = usual_origins(network, panel, max(1, min(wanted, room)))
    replay = replay_windows(network, panel, series, origins, member)
    return make_gate_report(network, panel, replay, wanted, known)


def make_gate_report(
    network: Network, panel: Panel, replay: Replay, wanted: int, known: tuple[str, ...] = ()
) -> GateReport:
    """The report of windows already replayed."""
    arch = replay.arch
    found = data_seasons(network, panel)
    season_steps = found[0].steps if found else 0.0
    part = replay.part(some_of(len(replay), arch))
    slopes = gradients(part)
    made = measure_contributions(replay)
    return GateReport(
        arch=arch,
        member=replay.member,
        step=panel.step,
        series=len(np.unique(replay.trace.series)),
        wanted=wanted,
        windows=len(replay),
        seasons=found,
        gates=summaries(replay.trace, arch.cell, season_steps),
        units=measure_units(replay.trace, arch.cell),
        memory=memory(replay.trace, arch.cell, found),
        gradient=reach(part, slopes),
        contributions=made,
        attribution=attribution(part, slopes.inputs, known),
        use=use(replay),
        identities=identities(network, part, slopes, made),
        share=network.share,
        builtin=not network.is_trained,
        logarithms=_has_logarithms(network, panel, replay),
        recurrent=tuple(layer_weights(replay.weights, n).recurrent for n in range(arch.layers)),
    )


def _has_logarithms(network: Network, panel: Panel, replay: Replay) -> bool:
    if network.builtin is None or network.is_trained:
        return False
    season = network.builtin.season
    return any(takes_logarithms(panel.history(int(s)), season) for s in np.unique(replay.trace.series))
