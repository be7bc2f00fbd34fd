"""One training run: split, fit every member, judge, and fit again on everything."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch.utils import deterministic

from lstmcli._version import __version__
from lstmcli.errors import Interrupted
from lstmcli.evaluation.validation import calibrate
from lstmcli.forecasting.plan import Plan
from lstmcli.learning.checkpoint.control import Control, StepMonitor, TrainingStopped
from lstmcli.learning.checkpoint.file import Checkpoint, Snapshot
from lstmcli.learning.checkpoint.state import fit_from_snapshot, fit_snapshot
from lstmcli.learning.device import device_of, parallel_members
from lstmcli.learning.loop import WindowSampler, fit
from lstmcli.learning.processes.members import NO_SAVER, StateSaver, fit_members
from lstmcli.learning.progress import Fit, Progress
from lstmcli.learning.split import hide_held_out, split_panel, training_origins
from lstmcli.network.architecture import Network, Weights, member
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import Windows, cut_windows, window_rows

ProgressCallback = Callable[[Progress], None]


@dataclass(frozen=True)
class TrainingResult:
    """A network, and the report that is stored with it.

    judged: the network that the report speaks of; another one where all was learnt again.
    notes: what was left out for want of time, and which accelerator computed.
    """

    network: Network
    judged: Network
    report: dict[str, Any]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RunOptions:
    """How a training is run. With its default nothing is saved and nothing stops it.

    start: weights of all members to start from instead of random ones.
    """

    control: Control = field(default_factory=Control)
    checkpoint: Checkpoint | None = None
    start: Weights | None = None


def train_network(
    panel: Panel, plan: Plan, report: ProgressCallback, run: RunOptions | None = None
) -> TrainingResult:
    """Trains all members on everything but the validation windows at the end of each series.

    With `plan.refit` they are then trained anew on all values, each for as many steps as were best
    in validation, or for all where they start from weights of a model: so few choose nothing. Scores
    and intervals stay those of the first training, which are honest. Where the time of `run.control`
    is up, the best weights so far are taken.

    Raises DataError when no window is left to learn from, TrainingDiverged when the loss is lost,
    Interrupted when the run was asked to stop: its checkpoint is then saved; SettingsError where the
    device of the plan cannot be used. The ranks of `run.control` train each member together.
    """
    prepare_torch()
    run = run or RunOptions()
    ranks = run.control.ranks
    device = device_of(plan.learning.device)
    plan = replace(plan, processes=parallel_members(plan.processes, device) if ranks.is_single else 1)
    shape, scaling, arch = plan.shape, plan.scaling, plan.arch
    split = split_panel(panel, plan)
    rows = window_rows(panel, scaling, shape)
    source = WindowSampler(hide_held_out(rows, plan.until), shape, scaling, *split.training, ranks)
    checks = cut_windows(rows, *split.validation, shape, scaling)
    stage = _Stage("training", source, checks, [plan.steps] * arch.members)
    fits = _fitted(stage, plan, report, run)
    bare = Network(_together(fits), arch, shape, scaling, (1.0,) * len(arch.quantiles))
    network, scores = ranks.run_on_first(
        lambda: calibrate(bare, rows, checks, *split.validation, split.independent, plan.on_no_skill)
    )
    judged, notes = network, _cut_short(fits)
    if plan.refit:
        if run.control.asked_to_stop:
            raise _interrupted(run)
        everything = WindowSampler(rows, shape, scaling, *training_origins(panel, plan, panel.lengths), ranks)
        steps = [plan.steps if run.start else f.best_step for f in fits]
        stage = _Stage("refit", everything, None, ranks.broadcast(steps))
        late = notes or run.control.time_is_up
        again = [] if late else _fitted(stage, plan, report, run)
        if again and not any(f.cut_short for f in again):
            network = replace(network, weights=_together(again))
        else:
            notes += ("time is up: not trained again on all data",)
    notes += (f"trained on {device.type}",) if device.type != "cpu" else ()
    return TrainingResult(
        network, judged, {"members": [_summary(f) for f in fits], "validation": scores.document()}, notes
    )


@dataclass(frozen=True)
class _Stage:
    """What all members do. steps: of each member."""

    name: str  # "training" or "refit"
    source: WindowSampler
    checks: Windows | None
    steps: list[int]


def _fitted(stage: _Stage, plan: Plan, report: ProgressCallback, run: RunOptions) -> list[Fit]:
    """Fits of all members; those that the checkpoint has are not made again."""
    arch, checkpoint, name = plan.arch, run.checkpoint, stage.name

    def kept(index: int) -> Snapshot | None:
        return checkpoint.kept(name, index) if checkpoint else None

    def work(index: int, report: ProgressCallback, watch: StepMonitor) -> Fit:
        weights = member(run.start, index) if run.start else None
        steps = stage.steps[index]
        about = {"watch": watch, "before": kept(index), "weights": weights, "ranks": run.control.ranks}
        return fit(arch, stage.source, stage.checks, plan.learning, steps, index, report, **about)  # type: ignore[arg-type]

    def done(index: int, made: Fit) -> None:
        if checkpoint and not made.cut_short:  # a run with more time shall train it to its end
            checkpoint.keep(name, index, fit_snapshot(made))

    known = {m: s for m in range(arch.members) if (s := kept(m)) and "finished" in s.numbers}
    fits = {m: fit_from_snapshot(s, arch.shapes()) for m, s in known.items()}
    saving = NO_SAVER
    if checkpoint:
        saving = StateSaver(lambda index, state: checkpoint.keep(name, index, state), checkpoint.save)
    missing = [m for m in range(arch.members) if m not in fits]
    try:
        fits |= fit_members(work, missing, plan.processes, report, run.control, saving, done)
    except TrainingStopped:
        raise _interrupted(run) from None
    return [fits[m] for m in range(arch.members)]


def _interrupted(run: RunOptions) -> Interrupted:
    checkpoint = run.checkpoint
    if checkpoint:
        checkpoint.save()
    run.control.ranks.broadcast(None)  # torchrun ends all processes once it sees that one has ended
    if checkpoint and checkpoint.saved:
        place = f"{checkpoint.path.name} is saved: the same command goes on from there"
    else:
        place = "nothing could be saved"
    return Interrupted(f"interrupted; {place}", run.control.signal)


def _cut_short(fits: list[Fit]) -> tuple[str, ...]:
    few = sum(f.cut_short for f in fits)
    return (f"time is up: {few} of {len(fits)} members stopped early",) if few else ()


def prepare_torch() -> None:
    """One thread and the same result every time."""
    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms loads torch's compiler: 2 s
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a tenth of the time, for debugging only
    torch.set_flush_denormal(True)  # tiny activations would slow the CPU down a hundredfold


def _together(fits: list[Fit]) -> Weights:
    """The weights of all members, each name with its member before it."""
    return {f"members.{m}.{name}": w for m, fitted in enumerate(fits) for name, w in fitted.weights.items()}


def _summary(fit: Fit) -> dict[str, Any]:
    return {
        "steps": fit.steps,
        "best_step": fit.best_step,
        "loss": fit.loss,
        "validation_loss": fit.validation_loss,
    }


def versions() -> dict[str, str]:
    """What a model was made with."""
    return {
        "lstmcli": __version__,
        "python": platform.python_version(),
        "numpy": np.__version__,
        "torch": torch.__version__,
    }
