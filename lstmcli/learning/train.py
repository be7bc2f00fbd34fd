"""One training: split, fit every member, validate, and fit again on all data."""

import platform
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch.utils import deterministic

from lstmcli._version import __version__
from lstmcli.errors import Interrupted
from lstmcli.evaluation.mixing import fit_mix
from lstmcli.evaluation.validation import ValidationReport, calibrate
from lstmcli.evaluation.window_errors import WindowErrors, window_errors
from lstmcli.forecasting.plan import Plan
from lstmcli.forecasting.untrained import season_pair
from lstmcli.learning.checkpoint.control import Control, StepMonitor, TrainingStopped
from lstmcli.learning.checkpoint.file import Checkpoint, Snapshot
from lstmcli.learning.checkpoint.state import fit_from_snapshot, fit_snapshot
from lstmcli.learning.device import device_of, parallel_members
from lstmcli.learning.loop import FitStart, WindowSampler, fit
from lstmcli.learning.processes.members import NO_SAVER, StateSaver, fit_members
from lstmcli.learning.progress import Fit, ProgressCallback
from lstmcli.learning.split import Split, hide_held_out, split_panel, training_origins
from lstmcli.network.architecture import Builtin, Network, Weights, member
from lstmcli.network.builtin import builtin_weights
from lstmcli.series.panel import Panel
from lstmcli.windows.cut import WindowRows, Windows, cut_windows, window_rows


@dataclass(frozen=True)
class TrainingResult:
    """A network, and the report that is stored with it.

    validated_network: the one that the report is about; another one where all was trained again.
    errors: of that one on its validation windows.
    notes: what was left out because time was up, and which accelerator computed.
    """

    network: Network
    validated_network: Network
    report: dict[str, Any]
    errors: WindowErrors | None
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

    With `plan.refit` they are then trained again on all values, each for as many steps as were best
    in validation, or for all steps where they start from weights of a model. Scores and intervals
    stay those of the first training, which has not seen the validation windows. Where the time of
    `run.control` is up, the best weights so far are taken. The processes of `run.control` train each
    member together.

    Raises DataError when no window is left to learn from, TrainingDiverged when the loss is lost,
    Interrupted when the run was asked to stop: its checkpoint is then saved; SettingsError where the
    device of the plan cannot be used.
    """
    prepare_torch()
    run = run or RunOptions()
    group, device = run.control.group, device_of(plan.learning.device)
    plan = replace(plan, processes=parallel_members(plan.processes, device) if group.is_single else 1)
    split = split_panel(panel, plan)
    rows = window_rows(panel, plan.scaling, plan.shape)
    seen = hide_held_out(rows, plan.until)
    source = WindowSampler(seen, plan.shape, plan.scaling, *split.training, group)
    checks = cut_windows(rows, *split.validation, plan.shape, plan.scaling)
    first = _Stage("training", source, checks, [plan.steps] * plan.arch.members)
    fits = _fit_stage(first, plan, report, run)
    widths = (1.0,) * len(plan.arch.quantiles)
    bare = Network(_join_members(fits), plan.arch, plan.shape, plan.scaling, widths)
    validated, scores, errors = group.run_on_first(_judge, bare, rows, checks, split, plan)
    network, notes = validated, _time_notes(fits)
    if plan.refit:
        again = _refit(panel, rows, fits, plan, report, run)
        network = replace(network, weights=again) if again else network
        notes += () if again else ("time is up: not trained again on all data",)
    notes += (f"trained on {device.type}",) if device.type != "cpu" else ()
    about = {"members": [_member_report(fit) for fit in fits], "validation": scores.document()}
    return TrainingResult(network, validated, about, errors, notes)


def _judge(
    bare: Network, rows: WindowRows, checks: Windows, split: Split, plan: Plan
) -> tuple[Network, ValidationReport, WindowErrors | None]:
    """The calibrated network, mixed with simple methods where the plan says so, its scores and errors."""
    independent, panel = split.independent, rows.panel
    network, scores = calibrate(bare, rows, checks, *split.validation, independent, plan.on_no_skill)
    if plan.mix != "network":
        pair = season_pair(panel, plan.shape.season)
        builtin = Builtin(builtin_weights(), pair.season, pair.second)
        network, scores = fit_mix(network, panel, *split.validation, independent, scores, builtin)
    return network, scores, window_errors(network, panel, *split.validation)


@dataclass(frozen=True)
class _Stage:
    """What all members do. checks: validation windows, if any; steps: of each member."""

    name: str  # "training" or "refit"
    source: WindowSampler
    checks: Windows | None
    steps: list[int]


def _refit(
    panel: Panel, rows: WindowRows, fits: list[Fit], plan: Plan, report: ProgressCallback, run: RunOptions
) -> Weights | None:
    """Weights of all members, trained again on all values; None where time is up before the end."""
    group = run.control.group
    if run.control.asked_to_stop:
        raise _interrupted(run)
    origins = training_origins(panel, plan, panel.lengths)
    source = WindowSampler(rows, plan.shape, plan.scaling, *origins, group)
    steps = [plan.steps if run.start else fit.best_step for fit in fits]
    stage = _Stage("refit", source, None, group.broadcast(steps))
    if _time_notes(fits) or run.control.time_is_up:
        return None
    again = _fit_stage(stage, plan, report, run)
    return None if any(fit.cut_short for fit in again) else _join_members(again)


def _fit_stage(stage: _Stage, plan: Plan, report: ProgressCallback, run: RunOptions) -> list[Fit]:
    """Fits of all members; those that the checkpoint has are not made again."""
    arch, checkpoint, name = plan.arch, run.checkpoint, stage.name

    def snapshot(index: int) -> Snapshot | None:
        return checkpoint.get(name, index) if checkpoint else None

    def work(index: int, report: ProgressCallback, monitor: StepMonitor) -> Fit:
        weights = member(run.start, index) if run.start else None
        start = FitStart(snapshot(index), weights)
        steps = stage.steps[index]
        return fit(
            arch, stage.source, stage.checks, plan.learning, steps, index, report, start, monitor,
            run.control.group,
        )  # fmt: skip

    def done(index: int, fitted: Fit) -> None:
        if checkpoint and not fitted.cut_short:  # a run with more time shall train it to its end
            checkpoint.add(name, index, fit_snapshot(fitted))

    saved = {m: s for m in range(arch.members) if (s := snapshot(m)) and "finished" in s.numbers}
    fits = {m: fit_from_snapshot(s, arch.shapes()) for m, s in saved.items()}
    saver = NO_SAVER
    if checkpoint:
        saver = StateSaver(lambda index, state: checkpoint.add(name, index, state), checkpoint.save)
    missing = [m for m in range(arch.members) if m not in fits]
    try:
        fits |= fit_members(work, missing, plan.processes, report, run.control, saver, done)
    except TrainingStopped:
        raise _interrupted(run) from None
    return [fits[m] for m in range(arch.members)]


def _interrupted(run: RunOptions) -> Interrupted:
    checkpoint = run.checkpoint
    if checkpoint:
        checkpoint.save()
    run.control.group.broadcast(None)  # torchrun ends all processes once it sees that one has ended
    if checkpoint and checkpoint.saved:
        place = f"{checkpoint.path.name} is saved: the same command continues from there"
    else:
        place = "nothing could be saved"
    return Interrupted(f"interrupted; {place}", run.control.signal)


def _time_notes(fits: list[Fit]) -> tuple[str, ...]:
    few = sum(f.cut_short for f in fits)
    return (f"time is up: {few} of {len(fits)} members stopped early",) if few else ()


def prepare_torch() -> None:
    """One thread and the same result every time."""
    torch.set_num_threads(1)
    torch.set_deterministic_debug_mode("error")  # use_deterministic_algorithms loads torch's compiler: 2 s
    deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a tenth of the time, for debugging only
    torch.set_flush_denormal(True)  # tiny activations would slow the CPU down a hundredfold


def _join_members(fits: list[Fit]) -> Weights:
    """The weights of all members by name, as "members.0.head.weight"."""
    return {f"members.{m}.{name}": w for m, fitted in enumerate(fits) for name, w in fitted.weights.items()}


def _member_report(fit: Fit) -> dict[str, Any]:
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
