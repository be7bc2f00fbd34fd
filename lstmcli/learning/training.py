"""One training run: split, fit every member, judge, and fit again on everything."""

import platform
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.utils import deterministic

from lstmcli import __version__
from lstmcli.config import Settings
from lstmcli.learning.loop import Fit, Progress, Source, fit
from lstmcli.learning.parallel import fit_members
from lstmcli.learning.split import seen_in_training, split_panel, training_origins
from lstmcli.network import Network, Weights
from lstmcli.panel import Panel
from lstmcli.plan import Plan
from lstmcli.validation import calibrated
from lstmcli.windows import Windows, cut, rows_of


@dataclass(frozen=True)
class Trained:
    """A network, and the report that is stored with it.

    judged: the network that the report speaks of; another one where all was learnt again.
    """

    network: Network
    judged: Network
    report: dict[str, Any]


def train(panel: Panel, plan: Plan, settings: Settings, report: Callable[[Progress], None]) -> Trained:
    """Trains all members on everything but the validation windows at the end of each series.

    With `plan.refit` they are then trained anew on all values, each for as many steps as were best
    in validation; scores and intervals stay those of the first training, which are honest.

    Raises DataError when no window is left to learn from, TrainingDiverged when the loss is lost.
    """
    prepare_torch()
    shape, scaling, arch = plan.shape, plan.scaling, plan.arch
    split = split_panel(panel, plan)
    rows = rows_of(panel, scaling, shape)
    source = Source(seen_in_training(rows, plan.until), shape, scaling, *split.training)
    checks = cut(rows, *split.validation, shape, scaling)

    def fitted(source: Source, checks: Windows | None, steps: list[int]) -> list[Fit]:
        def work(member: int, report: Callable[[Progress], None]) -> Fit:
            return fit(arch, source, checks, settings, steps[member], member, report)

        return fit_members(work, arch.members, plan.processes, report)

    fits = fitted(source, checks, [plan.steps] * arch.members)
    bare = Network(_together(fits), arch, shape, scaling, (1.0,) * len(arch.quantiles))
    network, scores = calibrated(
        bare, rows, checks, *split.validation, split.independent, settings.on_no_skill
    )
    judged = network
    if plan.refit:
        everything = Source(rows, shape, scaling, *training_origins(panel, plan, panel.lengths))
        network = replace(network, weights=_together(fitted(everything, None, [f.best_step for f in fits])))
    return Trained(network, judged, {"members": [_summary(f) for f in fits], "validation": scores})


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
