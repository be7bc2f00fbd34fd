"""The training loop of one network: one-cycle AdamW, averaged weights, the best by validation."""

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from lstmcli.config import Settings
from lstmcli.covariates import UNSEEN
from lstmcli.errors import TrainingDiverged
from lstmcli.learning.adamw import AdamW
from lstmcli.learning.losses import pinball
from lstmcli.learning.module import Forecaster, exported, tensors
from lstmcli.network import Architecture, Weights, baseline_index
from lstmcli.scaling import Scaling
from lstmcli.windows import Indices, Rows, Shape, Windows, cut

_CHECKS = 20  # validations in a full run
_BLOCK = 512  # validation windows at once
_UNSEEN_SHARE = 0.1  # of windows, in which a category is made unseen
_MEMORY = 10  # the average of weights looks back over about this share of the steps: one in ten


class Drawn(Protocol):
    """What gives training windows at random."""

    def draw(self, count: int, random: np.random.Generator) -> Windows: ...


@dataclass(frozen=True)
class Source:
    """Where training windows come from: origins `first` to `last` (inclusive) of each series."""

    rows: Rows
    shape: Shape
    scaling: Scaling
    series: Indices
    first: Indices
    last: Indices

    @cached_property
    def _room(self) -> Indices:
        return self.last - self.first + 1

    @cached_property
    def _shares(self) -> NDArray[np.floating]:
        # Between one share per series (short ones over-fitted) and one per window (drowned).
        return np.cumsum(np.sqrt(self._room))

    def draw(self, count: int, random: np.random.Generator) -> Windows:
        """Windows at random; a series is drawn by the square root of the windows it has."""
        chosen = np.searchsorted(self._shares, random.random(count) * self._shares[-1], side="right")
        chosen = np.minimum(chosen, len(self._shares) - 1)
        origins = self.first[chosen] + (random.random(count) * self._room[chosen]).astype(np.int64)
        return with_unseen(cut(self.rows, self.series[chosen], origins, self.shape, self.scaling), random)


def with_unseen(windows: Windows, random: np.random.Generator) -> Windows:
    """Windows in some of which a category is as if training did not know it.

    That teaches the row of the embedding for what is unseen, which no window of the training part
    would do. For each column one category of a tenth of the windows, drawn from their rows, is
    unseen wherever it stands.
    """
    rowwise, fixed = windows.codes.shape[2], windows.static_codes.shape[1]
    if not rowwise + fixed:
        return windows
    codes, ahead, static = windows.codes.copy(), windows.codes_ahead.copy(), windows.static_codes.copy()
    batch, context = codes.shape[:2]
    for column in range(rowwise):
        place = random.integers(context, size=batch)
        drawn = np.where(random.random(batch) < _UNSEEN_SHARE, codes[np.arange(batch), place, column], -1)
        codes[:, :, column][codes[:, :, column] == drawn[:, None]] = UNSEEN
        later = column - (rowwise - ahead.shape[2])
        if later >= 0:
            ahead[:, :, later][ahead[:, :, later] == drawn[:, None]] = UNSEEN
    static[random.random(static.shape) < _UNSEEN_SHARE] = UNSEEN
    return replace(windows, codes=codes, codes_ahead=ahead, static_codes=static)


@dataclass(frozen=True)
class Progress:
    """How far a run is. Losses are in scaled units; rate is in windows per second."""

    stage: str  # "training" or "refit"
    member: int
    step: int
    steps: int
    loss: float
    validation_loss: float | None
    rate: float


@dataclass(frozen=True)
class Fit:
    """Weights of the best check, or of the last step where nothing was checked."""

    weights: Weights
    steps: int
    best_step: int
    loss: float
    validation_loss: float | None


def start(arch: Architecture, settings: Settings, member: int) -> Forecaster:
    """The network that `fit` starts from; seeds torch."""
    torch.manual_seed(settings.seed * 1000 + member)
    return Forecaster(arch, settings.forget_bias, settings.dropout)


def fit(
    arch: Architecture,
    source: Drawn,
    validation: Windows | None,
    settings: Settings,
    steps: int,
    member: int,
    report: Callable[[Progress], None],
) -> Fit:
    """Trains one member; without validation windows for exactly `steps` steps.

    Raises TrainingDiverged when the loss is no longer a number.
    """
    random = np.random.default_rng(settings.seed * 1000 + member)
    module = start(arch, settings, member)
    optimiser = AdamW(list(module.parameters()), settings.learning_rate, settings.weight_decay, steps)
    average = copy.deepcopy(module)
    levels = torch.tensor(arch.quantiles)
    checks = _Checks(validation, levels, member) if validation else None
    every, running, started = max(1, steps // _CHECKS), 0.0, time.perf_counter()
    for step in range(1, steps + 1):
        loss = _step(module, source.draw(settings.batch, random), levels, member, optimiser, settings.clip)
        _follow(average, module, step)
        running = loss if step == 1 else 0.95 * running + 0.05 * loss
        if not np.isfinite(running):
            raise TrainingDiverged(f"the loss is not a number at step {step}; try a lower learning_rate")
        checked = None
        if checks and (step % every == 0 or step == steps):
            checked = checks.made(average, step, running)
        rate = step * settings.batch / (time.perf_counter() - started)
        stage = "training" if checks else "refit"
        report(Progress(stage, member, step, steps, running, checked, rate))
        if checks and checks.since_best >= settings.patience:
            break
    kept = checks.kept if checks else None
    return replace(kept or Fit(exported(average), step, step, running, None), steps=step)


class _Checks:
    """Validations of one run, and the weights to keep."""

    def __init__(self, validation: Windows, levels: torch.Tensor, member: int) -> None:
        self._validation, self._levels, self._member = validation, levels, member
        self._lowest: NDArray[np.floating] | None = None  # losses of the best check, window by window
        self.since_best = 0
        self.kept: Fit | None = None

    def made(self, module: Forecaster, step: int, loss: float) -> float:
        """Validates, keeps the weights where they are no worse than the best; the mean loss."""
        losses = validation_losses(module, self._validation, self._levels, self._member)
        mean = float(np.nanmean(losses))
        self.since_best += 1
        if self._lowest is None or mean < np.nanmean(self._lowest):
            self._lowest, self.since_best = losses, 0
        if _no_worse(losses, self._lowest):
            self.kept = Fit(exported(module), step, step, loss, mean)
        return mean


def _step(
    module: Forecaster,
    windows: Windows,
    levels: torch.Tensor,
    member: int,
    optimiser: AdamW,
    clip: float,
) -> float:
    module.train()
    loss = _losses(module, windows, levels, member).nanmean()
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(module.parameters(), clip)
    optimiser.advance()
    return loss.item()


@torch.no_grad()
def _follow(average: Forecaster, module: Forecaster, step: int) -> None:
    """Moves the average of the weights, which is what is validated and kept, towards the newest.

    A power-law average (Karras et al. 2024, arXiv:2312.02696): weights of an early check are as
    calm as those at the end of the schedule, so that a short run is not passed over for its rate.
    """
    share = min(1.0, _MEMORY / step)
    for mean, newest in zip(average.parameters(), module.parameters(), strict=True):
        mean.lerp_(newest, share)


def _losses(module: Forecaster, windows: Windows, levels: torch.Tensor, member: int) -> torch.Tensor:
    baseline = torch.from_numpy(windows.baselines[:, :, [baseline_index(member, windows)]])
    forecast = baseline + module(*tensors(windows))
    return pinball(levels, forecast, torch.from_numpy(windows.target))


def _no_worse(losses: NDArray[np.floating], lowest: NDArray[np.floating]) -> bool:
    """Whether a check is within one standard error of the best, window by window.

    Of checks that differ by noise the last is kept, as its learning rate was the lowest.
    """
    worse = losses - lowest
    worse = worse[~np.isnan(worse)]
    return bool(worse.mean() <= worse.std() / np.sqrt(len(worse)))


@torch.no_grad()
def validation_losses(
    module: Forecaster, windows: Windows, levels: torch.Tensor, member: int
) -> NDArray[np.floating]:
    """Loss of each validation window (windows,), NaN where none of its target is known."""
    module.eval()
    blocks = [windows.part(slice(at, at + _BLOCK)) for at in range(0, len(windows.context), _BLOCK)]
    return np.concatenate([_losses(module, part, levels, member).numpy() for part in blocks])
