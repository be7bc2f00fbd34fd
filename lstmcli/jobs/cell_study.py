"""Trains what `lstmcli.gates.cell_study` compares: every cell, seed and delay, in processes side by side."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from lstmcli.evaluation.folds import rolling_origins
from lstmcli.forecasting.plan import LearningOptions
from lstmcli.gates.cell_study.design import StudyDesign, match_parameters
from lstmcli.gates.cell_study.recall_task import CopyTask, copy_task_arch, copy_task_score
from lstmcli.gates.cell_study.results import CellResult, CopyResult, NetworkRun, Study, cell_result, run_of
from lstmcli.learning.device import device_of, parallel_members
from lstmcli.learning.loop import BatchSource, WindowSampler, fit, start_module
from lstmcli.learning.model import export_weights
from lstmcli.learning.processes.members import fit_members
from lstmcli.learning.progress import Fit, Progress
from lstmcli.learning.split import hide_held_out, split_panel
from lstmcli.learning.train import prepare_torch
from lstmcli.network.architecture import Architecture
from lstmcli.series.arrays import Indices
from lstmcli.windows.cut import Windows, cut_windows, window_rows

_TEST_WINDOWS = 256
_CHECKED = 512  # sequences of the copying task


@dataclass(frozen=True)
class StudyNetwork:
    """One network to train: on the data, or (delay above 0) on the copying task."""

    name: str
    arch: Architecture
    options: LearningOptions
    steps: int
    delay: int = 0
    trained: bool = True


def run_study(design: StudyDesign, report: Callable[[Progress], None]) -> Study:
    """Trains and measures everything in `jobs`. Raises DataError or TrainingDiverged."""
    prepare_torch()
    work = jobs(design)
    source, checks = _on_data(design)
    fits = fit_members(
        lambda number, report_step, _: _fitted(work[number], source, checks, number, report_step),
        list(range(len(work))),
        parallel_members(design.plan.processes, device_of(design.plan.learning.device)),
        report,
    )
    windows = test_windows(design)
    runs: dict[str, list[NetworkRun]] = {cell: [] for cell in design.archs}
    copied = []
    for number, job in enumerate(work):
        made = fits[number]
        if job.delay:
            fresh = CopyTask(job.delay).draw(_CHECKED, np.random.default_rng([job.options.seed, 1]))
            score = copy_task_score(made.weights, job.arch, fresh)
            copied.append(CopyResult(job.name, job.arch.cell, job.arch.hidden, job.delay, score))
            continue
        about = {"seed": job.options.seed, "trained": job.trained}
        about |= {"steps": made.steps, "best_step": made.best_step}
        runs[job.arch.cell].append(run_of(design, job.arch, made.weights, windows, **about))
    cells: tuple[CellResult, ...] = tuple(cell_result(design.archs[c], runs[c]) for c in design.archs)
    return Study(design, cells, tuple(copied))


def jobs(design: StudyDesign) -> list[StudyNetwork]:
    """Networks on the data, then on the copying task, then those that are not trained.

    The copying task is learned once per cell and delay, with the number of parameters that the
    LSTM's units have there, and once more by the LSTM with a forget bias that starts for the delay.
    """
    options, steps = design.plan.learning, design.plan.steps
    made = [
        StudyNetwork(cell, arch, replace(options, seed=seed), steps)
        for cell, arch in design.archs.items()
        for seed in design.seeds
    ]
    untrained = [replace(job, trained=False) for job in made]
    plain = replace(options, dropout=0.0)
    chrono = replace(plain, forget_bias="chrono")
    for delay in design.delays:
        lstm = copy_task_arch(design.archs["lstm"], delay)
        made += [
            StudyNetwork(cell, match_parameters(lstm, cell), plain, steps, delay) for cell in design.archs
        ]
        if options.forget_bias != "chrono":
            made.append(StudyNetwork("lstm, chrono", lstm, chrono, steps, delay))
    return made + untrained


def count_trainings(design: StudyDesign) -> int:
    """How many networks are trained."""
    return sum(job.trained for job in jobs(design))


def test_windows(design: StudyDesign) -> tuple[Indices, Indices]:
    """Series and origins of the windows whose whole target lies in the test part."""
    tested = np.flatnonzero(design.test)
    lengths, horizon = design.panel.lengths[tested], design.plan.shape.horizon
    series, origins = rolling_origins(lengths, design.test[tested], horizon, _TEST_WINDOWS)
    return tested[series], origins


def _on_data(design: StudyDesign) -> tuple[WindowSampler, Windows]:
    plan = design.plan
    split = split_panel(design.training, plan)
    rows = window_rows(design.training, plan.scaling, plan.shape)
    source = WindowSampler(hide_held_out(rows, plan.until), plan.shape, plan.scaling, *split.training)
    return source, cut_windows(rows, *split.validation, plan.shape, plan.scaling)


def _fitted(
    job: StudyNetwork, source: WindowSampler, checks: Windows, number: int, report: Callable[[Progress], None]
) -> Fit:
    if not job.trained:
        return Fit(export_weights(start_module(job.arch, job.options, 0)), 0, 0, float("nan"), None)
    batches: BatchSource = source
    if job.delay:
        batches = CopyTask(job.delay)
        checks = batches.draw(_CHECKED, np.random.default_rng([job.options.seed, 0]))
    return fit(
        job.arch, batches, checks, job.options, job.steps, 0, lambda now: report(replace(now, member=number))
    )
