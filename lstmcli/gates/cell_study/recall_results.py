"""Results of the recall task: who learned it at which delay, and what gradient came back that far."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lstmcli.gates.backward import gradients
from lstmcli.gates.cell_study.curves import GradientBand, gradient_band
from lstmcli.gates.cell_study.recall_task import CopyTask
from lstmcli.gates.gradients import GradientReach, reach
from lstmcli.gates.window_replay import replay_batch
from lstmcli.network.architecture import Architecture, Weights

REMEMBERED_SCORE = 0.9  # share of variance explained that counts as learned
_REPLAYED = 64  # sequences that gradients are taken over


@dataclass(frozen=True)
class RecallRun:
    """One network on the task.

    rate           its learning rate
    steps          of training that it took
    checked        share of the variance explained of the sequences that the rate is chosen by
    score          the same of others, which decided nothing; 1 is all, and 0 or less is nothing
    before, after  the gradient by lag, before and after training
    """

    seed: int
    rate: float
    steps: int
    checked: float
    score: float
    before: GradientReach
    after: GradientReach

    @property
    def learned(self) -> bool:
        return self.score >= REMEMBERED_SCORE


@dataclass(frozen=True)
class RecallResult:
    """One cell at one delay. runs: at every rate and seed."""

    cell: str
    delay: int
    units: int
    parameters: int
    runs: tuple[RecallRun, ...]

    @cached_property
    def rate(self) -> float:
        """The learning rate at which most starts learn; of these the quickest, then the best."""

        def worth(rate: float) -> tuple[int, float, float]:
            runs = [run for run in self.runs if run.rate == rate]
            scores, steps = (np.array([getattr(run, name) for run in runs]) for name in ("checked", "steps"))
            return int((scores >= REMEMBERED_SCORE).sum()), -float(steps.mean()), float(scores.mean())

        return max(dict.fromkeys(run.rate for run in self.runs), key=worth)

    @property
    def chosen(self) -> tuple[RecallRun, ...]:
        """The runs at that rate, one per seed."""
        return tuple(run for run in self.runs if run.rate == self.rate)

    @property
    def learned(self) -> int:
        """How many starts learned the task."""
        return sum(run.learned for run in self.chosen)

    @property
    def steps(self) -> int | None:
        """Steps of training after which those that learned it had done so, the median; None for no one."""
        taken = [run.steps for run in self.chosen if run.learned]
        return int(np.median(taken)) if taken else None

    @property
    def error(self) -> float:
        """Share of the variance that is left unexplained, the median over the seeds, 1 at most."""
        return float(np.clip(1 - np.median([run.score for run in self.chosen]), 0, 1))

    def gradient(self, quantity: str, trained: bool = True) -> GradientBand | None:
        """A quantity of `curves.QUANTITIES` by lag, over the seeds."""
        return gradient_band([run.after if trained else run.before for run in self.chosen], quantity)


def recall_reach(weights: Weights, arch: Architecture, delay: int) -> GradientReach:
    """The gradient by lag over some sequences, the same for every network."""
    windows = CopyTask(delay).draw(_REPLAYED, np.random.default_rng(delay))
    which = np.zeros(_REPLAYED, np.int64)
    named = {f"members.0.{name}": weight for name, weight in weights.items()}
    replay = replay_batch(arch, named, windows, 0, which, which)
    return reach(replay, gradients(replay))[0]
