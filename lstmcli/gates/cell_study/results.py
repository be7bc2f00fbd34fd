"""Results of the study: errors on held-out values, gradients by lag, how long a value is remembered."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from lstmcli.evaluation.scores import Metric, common_metric, error_of
from lstmcli.evaluation.validation import ValidationReport, score_network
from lstmcli.gates.backward import gradients
from lstmcli.gates.cell_study.design import StudyDesign
from lstmcli.gates.gradients import VANISHING_RATIO, reach
from lstmcli.gates.trace import replay_windows
from lstmcli.network.architecture import Architecture, Network, Weights, parameters
from lstmcli.series.arrays import Array, Indices

_GRADIENT_WINDOWS = 128


@dataclass(frozen=True)
class NetworkRun:
    """One network on the test part.

    scores  errors of the network, as "model", and of simple forecasts
    h, c    (steps,) ||dL/dh_t|| and ||dL/dc_t|| of the first layer by lag, mean over the windows;
            c of the LSTM only
    """

    seed: int
    trained: bool
    steps: int
    best_step: int
    scores: ValidationReport
    h: Array
    c: Array | None


@dataclass(frozen=True)
class GradientBand:
    """One curve over the seeds: (steps,) median, lowest and highest, relative to lag 0."""

    median: Array
    low: Array
    high: Array

    @property
    def vanishes(self) -> int | None:
        """First lag at which the median is below 1/1000 of lag 0."""
        gone = np.flatnonzero(self.median < VANISHING_RATIO)
        return int(gone[0]) if gone.size else None


@dataclass(frozen=True)
class CellResult:
    """All runs of one cell: trained ones, and their twins that were never trained."""

    cell: str
    units: int
    parameters: int
    trained: tuple[NetworkRun, ...]
    untrained: tuple[NetworkRun, ...]

    def hidden_gradient(self, trained: bool = True) -> GradientBand:
        """The gradient by lag, as a share of that at lag 0."""
        return _band([run.h for run in self._runs(trained)])

    def cell_gradient(self, trained: bool = True) -> GradientBand | None:
        """The same for the cell state; None but for the LSTM."""
        states = [run.c for run in self._runs(trained) if run.c is not None]
        return _band(states) if states else None

    def errors(self, metric: Metric, trained: bool = True) -> Array:
        """(seeds,) errors on the test part."""
        return np.array([error_of(run.scores.errors["model"], metric) for run in self._runs(trained)], float)

    def _runs(self, trained: bool) -> tuple[NetworkRun, ...]:
        return self.trained if trained else self.untrained


@dataclass(frozen=True)
class CopyResult:
    """How well a cell repeats a value that it saw `delay` steps before.

    name   of the cell, with "chrono" where its forget bias started so
    score  share of the variance explained, on sequences it was not trained on; 1 is all, and
           0 or less is nothing
    """

    name: str
    cell: str
    units: int
    delay: int
    score: float


@dataclass(frozen=True)
class Study:
    """The whole comparison. windows: of the test part."""

    design: StudyDesign
    cells: tuple[CellResult, ...]
    copy_results: tuple[CopyResult, ...]

    def cell(self, name: str) -> CellResult:
        return next(result for result in self.cells if result.cell == name)

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


def _band(curves: list[Array]) -> GradientBand:
    shares = np.stack([curve / curve[0] if curve[0] > 0 else np.zeros_like(curve) for curve in curves])
    return GradientBand(np.median(shares, axis=0), shares.min(axis=0), shares.max(axis=0))


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
    return NetworkRun(scores=scores, h=first.h, c=first.c, **about)


def cell_result(arch: Architecture, runs: list[NetworkRun]) -> CellResult:
    trained = tuple(run for run in runs if run.trained)
    untrained = tuple(run for run in runs if not run.trained)
    return CellResult(arch.cell, arch.hidden, parameters(arch), trained, untrained)
