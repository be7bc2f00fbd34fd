"""Learning a task whose sequences never end: fresh ones at every step, until it is learned."""

import time
from dataclasses import dataclass

import numpy as np
import torch

from lstmcli.errors import TrainingDiverged
from lstmcli.learning.loop import BatchSource
from lstmcli.learning.model import MemberModule, export_weights, take_over, tensors
from lstmcli.learning.optimiser import AdamW, constant_rate
from lstmcli.learning.progress import Fit, Progress, ProgressCallback
from lstmcli.network.architecture import Architecture, Weights
from lstmcli.windows.cut import Windows

_EVERY = 25  # steps between checks
_ENOUGH = 0.95  # share of the variance explained at which learning ends


@dataclass(frozen=True)
class RecallSchedule:
    """How a task is learned: Adam at one rate, the squared error, gradients clipped.

    steps: at most; batch: sequences a step; seed: of the sequences; clip: largest norm of the gradient.
    """

    rate: float
    steps: int
    batch: int
    seed: int
    clip: float


def learn_sequences(
    arch: Architecture,
    source: BatchSource,
    checks: Windows,
    schedule: RecallSchedule,
    start: Weights,
    report: ProgressCallback,
) -> Fit:
    """Learns from fresh sequences until 0.95 of the variance of `checks` is explained.

    The weights of the best check are kept; `validation_loss` is the share of the variance that they leave.
    Raises TrainingDiverged where the loss is no longer a number.
    """
    module, random = MemberModule(arch), np.random.default_rng(schedule.seed)
    take_over(module, start)
    optimiser = AdamW(list(module.parameters()), schedule.rate, 0.0, schedule.steps, constant_rate)
    best = Fit(start, 0, 0, float("nan"), _left(module, checks))
    started = time.perf_counter()
    for step in range(1, schedule.steps + 1):
        loss = _learn(module, source.draw(schedule.batch, random), optimiser, schedule.clip)
        if not np.isfinite(loss):
            raise TrainingDiverged(f"the loss is not a number at step {step}; try a lower learning_rate")
        left = None
        if step % _EVERY == 0 or step == schedule.steps:
            left = _left(module, checks)
            if best.validation_loss is None or left < best.validation_loss:
                best = Fit(export_weights(module), step, step, loss, left)
        rate = step * schedule.batch / (time.perf_counter() - started)
        report(Progress("training", 0, step, schedule.steps, loss, left, rate))
        if left is not None and left <= 1 - _ENOUGH:
            break
    return Fit(best.weights, step, best.best_step, loss, best.validation_loss)


def _learn(module: MemberModule, windows: Windows, optimiser: AdamW, clip: float) -> float:
    loss = _squared(module, windows).mean()
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.advance_clipped(clip)
    return loss.item()


@torch.no_grad()
def _left(module: MemberModule, windows: Windows) -> float:
    """Squared error over variance."""
    return float(_squared(module, windows).mean()) / float(windows.target.var())


def _squared(module: MemberModule, windows: Windows) -> torch.Tensor:
    middle = module.arch.quantiles.index(0.5)
    return (module(*tensors(windows))[..., middle] - torch.from_numpy(windows.target)) ** 2
