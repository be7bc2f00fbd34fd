"""The training loop of one network: one-cycle AdamW, averaged weights, the best by validation."""

import copy
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from lstmcli.errors import TrainingDiverged
from lstmcli.forecasting.plan import LearningOptions
from lstmcli.learning.checkpoint.control import StepMonitor
from lstmcli.learning.checkpoint.file import Snapshot
from lstmcli.learning.checkpoint.state import TrainerState, go_on, take_snapshot
from lstmcli.learning.device import device_of, in_bfloat16, place_module
from lstmcli.learning.flat import flatten_parameters
from lstmcli.learning.model import MemberModule, export_weights, take_over
from lstmcli.learning.optimiser import AdamW
from lstmcli.learning.prefetch import batches
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup
from lstmcli.learning.processes.sharing import mean_loss, share_gradients
from lstmcli.learning.progress import Fit, Progress, ProgressCallback
from lstmcli.learning.validations import Checks, losses_of
from lstmcli.network.architecture import Architecture, Weights
from lstmcli.series.arrays import Indices
from lstmcli.windows.covariates import UNSEEN_CODE
from lstmcli.windows.cut import WindowRows, Windows, WindowSpec, cut_windows
from lstmcli.windows.scaling import Scaling

_CHECKS = 20  # validations in a full run
_UNSEEN_SHARE = 0.1  # of windows, in which a category counts as unseen
_MEMORY = 10  # the average of weights looks back over about this share of the steps: one in ten


class BatchSource(Protocol):
    """What gives training windows at random."""

    def draw(self, count: int, random: np.random.Generator) -> Windows: ...


@dataclass(frozen=True)
class WindowSampler:
    """Where training windows come from: origins `first` to `last` (inclusive) of each series.

    group: the processes that share every batch.
    """

    rows: WindowRows
    shape: WindowSpec
    scaling: Scaling
    series: Indices
    first: Indices
    last: Indices
    group: ProcessGroup = SINGLE_PROCESS

    @cached_property
    def _room(self) -> Indices:
        return self.last - self.first + 1

    @cached_property
    def _shares(self) -> NDArray[np.floating]:
        # Between one share per series (short ones over-fitted) and one per window (drowned).
        return np.cumsum(np.sqrt(self._room))

    def draw(self, count: int, random: np.random.Generator) -> Windows:
        """Windows at random; a series is drawn by the square root of the windows it has.

        Of `count` windows those of this process are cut; the random numbers are those of all.
        """
        chosen = np.searchsorted(self._shares, random.random(count) * self._shares[-1], side="right")
        chosen = np.minimum(chosen, len(self._shares) - 1)
        origins = self.first[chosen] + (random.random(count) * self._room[chosen]).astype(np.int64)
        share = self.group.share(count)
        series = self.series[chosen[share]]
        windows = cut_windows(self.rows, series, origins[share], self.shape, self.scaling)
        return hide_categories(windows, random, count, share)


def hide_categories(
    windows: Windows, random: np.random.Generator, count: int, share: slice = slice(None)
) -> Windows:
    """Windows in some of which a category is as if training did not know it.

    That teaches the row of the embedding for what is unseen, which no window of the training part
    would do. For each column one category of a tenth of the windows, drawn from their rows, is
    unseen wherever it stands. The windows are the share of `count` for which numbers are drawn.
    """
    rowwise, fixed = windows.codes.shape[2], windows.static_codes.shape[1]
    if not rowwise + fixed:
        return windows
    codes, ahead, static = windows.codes.copy(), windows.codes_ahead.copy(), windows.static_codes.copy()
    batch, context = codes.shape[:2]
    for column in range(rowwise):
        place = random.integers(context, size=count)[share]
        hit = random.random(count)[share] < _UNSEEN_SHARE
        unseen = np.where(hit, codes[np.arange(batch), place, column], -1)
        codes[:, :, column][codes[:, :, column] == unseen[:, None]] = UNSEEN_CODE
        later = column - (rowwise - ahead.shape[2])
        if later >= 0:
            ahead[:, :, later][ahead[:, :, later] == unseen[:, None]] = UNSEEN_CODE
    static[random.random((count, fixed))[share] < _UNSEEN_SHARE] = UNSEEN_CODE
    return replace(windows, codes=codes, codes_ahead=ahead, static_codes=static)


def start_module(
    arch: Architecture, options: LearningOptions, member: int, weights: Weights | None = None
) -> MemberModule:
    """The network that `fit` starts from, or one with given weights; seeds torch. Raises SettingsError
    where the device or the precision cannot be used."""
    torch.manual_seed(options.seed * 1000 + member)
    module = MemberModule(arch, options.forget_bias, options.dropout)
    module.in_bfloat16 = in_bfloat16(options.precision, device_of(options.device))
    if weights is not None:
        take_over(module, weights)
    return module


@dataclass(frozen=True)
class FitStart:
    """What a member starts from. snapshot: a state to go on from; weights: instead of random ones."""

    snapshot: Snapshot | None = None
    weights: Weights | None = None


def fit(
    arch: Architecture,
    source: BatchSource,
    validation: Windows | None,
    options: LearningOptions,
    steps: int,
    member: int,
    report: ProgressCallback,
    start: FitStart = FitStart(),
    monitor: StepMonitor | None = None,
    group: ProcessGroup = SINGLE_PROCESS,
) -> Fit:
    """Trains one member; without validation windows for exactly `steps` steps.

    monitor: asked after every step; group: the processes that train it together. Raises
    TrainingDiverged when the loss is no longer a number, TrainingStopped when that was asked,
    SettingsError where the device or the precision cannot be used.
    """
    quantiles = torch.tensor(arch.quantiles, device=device_of(options.device))
    draw = partial(source.draw, options.batch)
    module = start_module(arch, options, member, start.weights)
    state = _start_state(place_module(module, draw, quantiles, member), options, steps, member)
    if validation:
        state.checks = Checks(validation, quantiles, member, group)
    if start.snapshot:
        go_on(state, start.snapshot)
    learner = share_gradients(state.module, options.batch, group)
    batch_source = batches(draw, state.random, ahead=quantiles.device.type != "cpu")

    def train_step(windows: Windows) -> None:
        _train_step(state, learner, windows, quantiles, member, options.clip, group)

    cut_short = _run_steps(state, train_step, batch_source, options, steps, member, report, monitor)
    best = state.checks.kept if state.checks else None
    fitted = best or Fit(export_weights(state.average), state.step, state.step, state.loss, None)
    return replace(fitted, steps=state.step, cut_short=cut_short)


def _run_steps(
    state: TrainerState,
    train_step: Callable[[Windows], None],
    source: Iterator[Windows],
    options: LearningOptions,
    steps: int,
    member: int,
    report: ProgressCallback,
    monitor: StepMonitor | None,
) -> bool:
    """Steps until all are taken, validation is no better for long, or time is up: whether it is."""
    checks, first, started = state.checks, state.step, time.perf_counter()
    every, stage = max(1, steps // _CHECKS), "training" if checks else "refit"
    for step, windows in zip(range(first + 1, steps + 1), source, strict=False):
        train_step(windows)
        cut_short = monitor is not None and monitor.time_is_up and step < steps
        loss = None
        if checks and (step % every == 0 or step == steps or cut_short):
            loss = checks.run(state.average, step, state.loss)
        rate = (step - first) * options.batch / (time.perf_counter() - started)
        report(Progress(stage, member, step, steps, state.loss, loss, rate))
        if cut_short or (checks and checks.since_best >= options.patience):
            return cut_short
        if monitor:
            monitor.after_step(lambda: take_snapshot(state))
    return False


def _start_state(module: MemberModule, options: LearningOptions, steps: int, member: int) -> TrainerState:
    average = copy.deepcopy(module)
    optimiser = AdamW(list(module.parameters()), options.learning_rate, options.weight_decay, steps)
    random = np.random.default_rng(options.seed * 1000 + member)
    return TrainerState(
        module, average, flatten_parameters(list(average.parameters())), optimiser, None, random
    )


def _train_step(
    state: TrainerState,
    learner: MemberModule,
    windows: Windows,
    quantiles: torch.Tensor,
    member: int,
    clip: float,
    group: ProcessGroup,
) -> None:
    """One step; learner: `state.module`, or what shares it with other processes."""
    loss = _optimiser_step(learner, windows, quantiles, member, state.optimiser, clip, group)
    state.step += 1
    _update_average(state.average_weights, state.optimiser.weights, state.step)
    state.loss = loss if state.step == 1 else 0.95 * state.loss + 0.05 * loss
    if not np.isfinite(state.loss):
        raise TrainingDiverged(f"the loss is not a number at step {state.step}; try a lower learning_rate")


def _optimiser_step(
    module: MemberModule,
    windows: Windows,
    quantiles: torch.Tensor,
    member: int,
    optimiser: AdamW,
    clip: float,
    group: ProcessGroup,
) -> float:
    module.train()
    loss = mean_loss(losses_of(module, windows, quantiles, member), group)
    loss.backward()  # type: ignore[no-untyped-call]
    optimiser.advance_clipped(clip)
    return loss.item()


def _update_average(average: torch.Tensor, newest: torch.Tensor, step: int) -> None:
    """Moves the average of the weights, which is what is validated and kept, towards the newest.

    A power-law average (Karras et al. 2024, arXiv:2312.02696): weights of an early check are as
    calm as those at the end of the schedule, so that a short run is not passed over for its rate.
    """
    average.lerp_(newest, min(1.0, _MEMORY / step))
