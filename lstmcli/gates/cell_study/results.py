"""Results of the study: errors on held-out values, gradients by lag, how long a value is remembered."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lstmcli.evaluation.scores import Metric, common_metric, error_of
from lstmcli.evaluation.validation import ValidationReport, score_network
from lstmcli.gates.backward import gradients
from lstmcli.gates.cell_study.curves import GradientBand, gradient_band
from lstmcli.gates.cell_study.design import ForgetBiasStart, StudyDesign
from lstmcli.gates.cell_study.recall_results import RecallResult
from lstmcli.gates.gradients import GradientReach, reach
from lstmcli.gates.trace import replay_windows
from lstmcli.network.architecture import Architecture, Network, Weights, parameters
from lstmcli.series.arrays import Array, Indices

_GRADIENT_WINDOWS = 128


@dataclass(frozen=True)
class NetworkRun:
    """One network on the test part.

    rate    its learning rate
    start   of its forget gate, or update gate
    scores  errors of the network, as "model", and of simple forecasts
    reach   the gradient of the first layer by lag
    """

    seed: int
    trained: bool
    rate: float
    start: ForgetBiasStart
    steps: int
    best_step: int
    scores: ValidationReport
    reach: GradientReach


@dataclass(frozen=True)
class CellResult:
    """All runs of one cell: trained ones, and their twins that were never trained."""

    cell: str
    units: int
    parameters: int
    trained: tuple[NetworkRun, ...]
    untrained: tuple[NetworkRun, ...]

    def gradient(self, quantity: str, trained: bool = True) -> GradientBand | None:
        """A quantity of `curves.QUANTITIES` by lag, over the seeds."""
        return gradient_band([run.reach for run in self._runs(trained)], quantity)

    def carrier(self, trained: bool = True) -> GradientBand:
        """That of the state that carries the gradient: c of the LSTM, h of the others."""
        band = self.gradient("dL_dc", trained) or self.gradient("dL_dh", trained)
        assert band is not None  # every cell has a hidden state
        return band

    def errors(self, metric: Metric, trained: bool = True) -> Array:
        """(seeds,) errors on the test part."""
        return np.array([error_of(run.scores.errors["model"], metric) for run in self._runs(trained)], float)

    def _runs(self, trained: bool) -> tuple[NetworkRun, ...]:
        return self.trained if trained else self.untrained


@dataclass(frozen=True)
class Study:
    """The whole comparison. windows: of the test part."""

    design: StudyDesign
    cells: tuple[CellResult, ...]
    recalled: tuple[RecallResult, ...]

    def cell(self, name: str) -> CellResult:
        return next(result for result in self.cells if result.cell == name)

    def recall(self, cell: str, delay: int) -> RecallResult:
        return next(result for result in self.recalled if (result.cell, result.delay) == (cell, delay))

    def recalls(self, cell: str) -> list[RecallResult]:
        """Of one cell, from the shortest delay to the longest."""
        return [self.recall(cell, delay) for delay in self.design.delays]

    @property
    def windows(self) -> int:
        return self.cells[0].trained[0].scores.windows

    @property
    def simple(self) -> dict[str, dict[str, float | None]]:
        """Errors of the simple forecasts on the test part."""
        errors = self.cells[0].trained[0].scores.errors
        return {name: asdict(error) for name, error in errors.items() if name != "model"}

    @property
    def metric(self) -> Metric:
        """What errors are compared by: MASE, or the mean absolute error where that is not defined."""
        runs = [run for cell in self.cells for run in cell.trained]
        return common_metric(error for run in runs for error in run.scores.errors.values())


def run_of(
    design: StudyDesign, arch: Architecture, weights: Weights, windows: tuple[Indices, Indices], **about: Any
) -> NetworkRun:
    """Measures one network on the windows (series, origins) of the test part; about: the other
    fields of the Run."""
    plan = design.plan
    named = {f"members.0.{name}": weight for name, weight in weights.items()}
    network = Network(named, arch, plan.shape, plan.scaling, (1.0,) * len(arch.quantiles))
    series, origins = windows
    scores = score_network(network, design.panel, plan.shape.season, series, origins)
    some = np.unique(np.linspace(0, len(series) - 1, min(len(series), _GRADIENT_WINDOWS)).astype(np.int64))
    replay = replay_windows(network, design.panel, series[some], origins[some])
    first = reach(replay, gradients(replay))[0]
    return NetworkRun(scores=scores, reach=first, **about)


def cell_result(arch: Architecture, runs: list[NetworkRun]) -> CellResult:
    trained = tuple(run for run in runs if run.trained)
    untrained = tuple(run for run in runs if not run.trained)
    return CellResult(arch.cell, arch.hidden, parameters(arch), trained, untrained)
