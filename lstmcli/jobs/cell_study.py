"""Trains what `lstmcli.gates.cell_study` compares: in processes side by side."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from lstmcli.evaluation.folds import rolling_origins
from lstmcli.forecasting.plan import LearningOptions
from lstmcli.gates.cell_study.design import ForgetBiasStart, StudyDesign
from lstmcli.gates.cell_study.recall_results import RecallResult, RecallRun, recall_reach
from lstmcli.gates.cell_study.recall_task import CopyTask, copy_task_score
from lstmcli.gates.cell_study.results import CellResult, NetworkRun, Study, cell_result, run_of
from lstmcli.learning.device import device_of, parallel_members
from lstmcli.learning.loop import FitStart, WindowSampler, fit, start_module
from lstmcli.learning.model import export_weights
from lstmcli.learning.processes.members import fit_members
from lstmcli.learning.progress import Fit, ProgressCallback
from lstmcli.learning.recall import RecallSchedule, learn_sequences
from lstmcli.learning.split import hide_held_out, split_panel
from lstmcli.learning.train import prepare_torch
from lstmcli.network.architecture import Architecture, Weights, parameters
from lstmcli.network.cells import MEMORY_GATE
from lstmcli.series.arrays import Indices
from lstmcli.windows.cut import Windows, cut_windows, window_rows

_TEST_WINDOWS = 256
_CHECKED = 512  # sequences of the recall task


@dataclass(frozen=True)
class StudyNetwork:
    """One network to train: on the data, or (delay above 0) on the recall task."""

    arch: Architecture
    options: LearningOptions
    delay: int = 0


def run_study(design: StudyDesign, report: ProgressCallback) -> Study:
    """Trains and measures everything. Raises DataError or TrainingDiverged."""
    prepare_torch()
    first, tasks, data = first_networks(design), recall_networks(design), _on_data(design)
    fits = _train(design, [*first, *tasks], data, 0, report)
    best = chosen_options(first, fits[: len(first)])
    rest = other_networks(design, best)
    later = _train(design, rest, data, len(fits), report)
    kept = [
        (network, made)
        for network, made in zip(first, fits[: len(first)], strict=True)
        if network.options == best[network.arch.cell]
    ]
    cells = _measured(design, [*kept, *zip(rest, later, strict=True)])
    return Study(design, cells, _recalled(list(zip(tasks, fits[len(first) :], strict=True))))


def first_networks(design: StudyDesign) -> list[StudyNetwork]:
    """Those on the data with the first seed: every learning rate, and every start of a gate that keeps."""
    return [
        StudyNetwork(arch, _options(design, design.seeds[0], rate, start))
        for cell, arch in design.archs.items()
        for start in (design.starts if MEMORY_GATE[cell] else design.starts[:1])
        for rate in design.rates
    ]


def other_networks(design: StudyDesign, best: dict[str, LearningOptions]) -> list[StudyNetwork]:
    """Those on the data with the other seeds, with the options of each cell."""
    return [
        StudyNetwork(arch, replace(best[cell], seed=seed))
        for (cell, arch), seed in product(design.archs.items(), design.seeds[1:])
    ]


def recall_networks(design: StudyDesign) -> list[StudyNetwork]:
    """Those on the recall task: every cell, delay, learning rate and seed."""
    recall = design.recall
    return [
        StudyNetwork(
            recall.arch(cell, delay), replace(_options(design, seed, rate, recall.start), dropout=0.0), delay
        )
        for cell, delay, rate, seed in product(design.archs, design.delays, recall.rates, design.seeds)
    ]


def count_trainings(design: StudyDesign) -> int:
    """How many networks are trained."""
    others = len(design.archs) * (len(design.seeds) - 1)
    return len(first_networks(design)) + len(recall_networks(design)) + others


def chosen_options(networks: Sequence[StudyNetwork], fits: Sequence[Fit]) -> dict[str, LearningOptions]:
    """The options of each cell with the lowest loss in validation."""
    found: dict[str, tuple[float, LearningOptions]] = {}
    for network, made in zip(networks, fits, strict=True):
        loss = np.inf if made.validation_loss is None else made.validation_loss
        cell = network.arch.cell
        if cell not in found or loss < found[cell][0]:
            found[cell] = loss, network.options
    return {cell: options for cell, (_, options) in found.items()}


def test_windows(design: StudyDesign) -> tuple[Indices, Indices]:
    """Series and origins of the windows whose whole target lies in the test part."""
    tested = np.flatnonzero(design.test)
    lengths, horizon = design.panel.lengths[tested], design.plan.shape.horizon
    series, origins = rolling_origins(lengths, design.test[tested], horizon, _TEST_WINDOWS)
    return tested[series], origins


def _options(design: StudyDesign, seed: int, rate: float, start: ForgetBiasStart) -> LearningOptions:
    return replace(design.plan.learning, seed=seed, learning_rate=rate, forget_bias=start)


def _train(
    design: StudyDesign,
    networks: list[StudyNetwork],
    data: tuple[WindowSampler, Windows],
    before: int,
    report: ProgressCallback,
) -> list[Fit]:
    """Trains networks; data: of `_on_data`; before: how many were trained before these."""
    if not networks:
        return []
    fits = fit_members(
        lambda number, report_step, _: _fitted(
            design, networks[number], *data, lambda now: report_step(replace(now, member=number))
        ),
        list(range(len(networks))),
        parallel_members(design.plan.processes, device_of(design.plan.learning.device)),
        lambda now: report(replace(now, member=before + now.member)),
    )
    return [fits[number] for number in range(len(networks))]


def _on_data(design: StudyDesign) -> tuple[WindowSampler, Windows]:
    plan = design.plan
    split = split_panel(design.training, plan)
    rows = window_rows(design.training, plan.scaling, plan.shape)
    source = WindowSampler(hide_held_out(rows, plan.until), plan.shape, plan.scaling, *split.training)
    return source, cut_windows(rows, *split.validation, plan.shape, plan.scaling)


def start_weights(network: StudyNetwork) -> Weights:
    """What a network starts from: as in training, but that the bias of the inputs is zero.

    A bias that is added at every step drives the units of the plain RNN out of the middle of tanh, where its
    orthogonal matrix keeps the gradient.
    """
    weights = export_weights(start_module(network.arch, network.options, 0))
    return {**weights, "embed.bias": np.zeros_like(weights["embed.bias"])}


def _fitted(
    design: StudyDesign,
    network: StudyNetwork,
    source: WindowSampler,
    checks: Windows,
    report: ProgressCallback,
) -> Fit:
    arch, options, start = network.arch, network.options, start_weights(network)
    if not network.delay:
        return fit(arch, source, checks, options, design.plan.steps, 0, report, FitStart(weights=start))
    recall, task = design.recall, CopyTask(network.delay)
    schedule = RecallSchedule(options.learning_rate, recall.steps, recall.batch, options.seed, options.clip)
    checks = task.draw(_CHECKED, np.random.default_rng([options.seed, 0]))
    return learn_sequences(arch, task, checks, schedule, start, report)


def _measured(design: StudyDesign, made: list[tuple[StudyNetwork, Fit]]) -> tuple[CellResult, ...]:
    windows = test_windows(design)
    runs: dict[str, list[NetworkRun]] = {cell: [] for cell in design.archs}
    for network, fitted in made:
        options = network.options
        about = {"seed": options.seed, "rate": options.learning_rate, "start": options.forget_bias}
        after = {"trained": True, "steps": fitted.steps, "best_step": fitted.best_step}
        before = {"trained": False, "steps": 0, "best_step": 0}
        for weights, states in ((fitted.weights, after), (start_weights(network), before)):
            runs[network.arch.cell].append(run_of(design, network.arch, weights, windows, **about, **states))
    return tuple(cell_result(design.archs[cell], runs[cell]) for cell in design.archs)


def _recalled(made: list[tuple[StudyNetwork, Fit]]) -> tuple[RecallResult, ...]:
    groups: dict[tuple[Architecture, int], list[RecallRun]] = {}
    for network, fitted in made:
        groups.setdefault((network.arch, network.delay), []).append(_recall_run(network, fitted))
    return tuple(
        RecallResult(arch.cell, delay, arch.hidden, parameters(arch), tuple(runs))
        for (arch, delay), runs in groups.items()
    )


def _recall_run(network: StudyNetwork, fitted: Fit) -> RecallRun:
    arch, options = network.arch, network.options
    fresh = CopyTask(network.delay).draw(_CHECKED, np.random.default_rng([options.seed, 1]))
    assert fitted.validation_loss is not None  # it is checked at the start
    return RecallRun(
        seed=options.seed,
        rate=options.learning_rate,
        steps=fitted.steps,
        checked=1 - fitted.validation_loss,
        score=copy_task_score(fitted.weights, arch, fresh),
        before=recall_reach(start_weights(network), arch, network.delay),
        after=recall_reach(fitted.weights, arch, network.delay),
    )
