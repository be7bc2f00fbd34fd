"""What is the same for all cells: data, windows, steps of training, and number of parameters.

Where a setting is open, it is chosen so that the cell alone has to remember: one value per
recurrent step (the cell of the textbooks), about a hundred steps, nothing to correct but the mean
of the window, one layer, and the absolute error of the median as the loss.
"""

from dataclasses import dataclass, replace

import numpy as np

from lstmcli.errors import DataError
from lstmcli.forecasting.plan import Plan, decide, many_steps_context
from lstmcli.gates.cell_study.recall_task import copy_task_arch
from lstmcli.gates.cell_study.wording import CELL_NAMES
from lstmcli.network.architecture import Architecture, parameters
from lstmcli.series.arrays import Indices
from lstmcli.series.panel import Panel
from lstmcli.settings.choices import ForgetBias
from lstmcli.settings.model import Settings

ForgetBiasStart = float | ForgetBias
DELAYS = (10, 50, 100)
# Tried where they are not set: learning rates, and starts of the gate that keeps.
_RATES, _RECALL_RATES = (3e-3, 1e-2, 3e-2), (1e-3, 3e-3, 1e-2)
_STARTS: tuple[ForgetBiasStart, ...] = (1.0, "chrono")
_RECALL_STEPS = 500  # of training, at most
_RECALL_UNITS = 8  # of the LSTM: few, so that a rule and not room for all values is learned
_RECALL_BATCH = 32
_DEFAULTS: dict[str, object] = {
    "segment": 1,
    "baseline": ("none",),
    "quantiles": (0.5,),
    "hidden": 16,
    "steps": 300,
    "batch": 64,
}
_TEST_SHARE = 6  # the last sixth of a series is the test part
_UNEVEN = 0.02  # share by which numbers of parameters may differ where the width is open
_WIDER = 16  # widths tried for that
_WIDEST = 4096  # units tried when parameters are matched


@dataclass(frozen=True)
class RecallDesign:
    """The recall task, the same for all cells.

    steps  of training, at most
    batch  sequences a step
    rates  learning rates tried
    start  of the forget gate, of the GRU's update gate too
    lstm   the network of the LSTM, but for its inputs
    """

    steps: int
    batch: int
    rates: tuple[float, ...]
    start: ForgetBiasStart
    lstm: Architecture

    def arch(self, cell: str, delay: int) -> Architecture:
        """The network of a cell at a delay, with the parameters of the LSTM or as near as can be."""
        return match_parameters(copy_task_arch(self.lstm, delay), cell)


@dataclass(frozen=True)
class StudyDesign:
    """One comparison, nothing left open.

    panel     all of the data
    training  the same without the test part at the end of each series
    test      (series,) values in the test part
    plan      of the LSTM on `training`
    archs     the architecture of each cell, with the LSTM's number of parameters or as near as can be
    settings  those of the training; its seed is the first of `seeds`
    rates     learning rates tried
    starts    starts of the forget gate tried, of the GRU's update gate too
    recall    how the recall task is learned at each of `delays`
    notes     what was asked for and is not used
    """

    panel: Panel
    training: Panel
    test: Indices
    plan: Plan
    archs: dict[str, Architecture]
    settings: Settings
    seeds: tuple[int, ...]
    delays: tuple[int, ...]
    rates: tuple[float, ...]
    starts: tuple[ForgetBiasStart, ...]
    recall: RecallDesign
    notes: tuple[str, ...]


def design_study(
    panel: Panel, settings: Settings, seeds: int, delays: tuple[int, ...] = DELAYS
) -> StudyDesign:
    """Raises SettingsError or DataError as `plan.decide` does, or where no test part is left.

    Learning rates and starts of the gate that keeps are tried unless they are set.
    """
    given = settings.model_fields_set
    opened = {name: value for name, value in _DEFAULTS.items() if name not in given}
    notes = tuple(_unused(settings))
    chosen = settings.model_copy(update={**opened, "cell": "lstm", "members": 1})
    chosen = chosen.model_copy(update={"horizon": decide(panel, chosen).shape.horizon})
    test = _test_lengths(panel, int(chosen.horizon))
    training = without_end(panel, test)
    plan = decide(training, chosen)
    if "context" not in given:
        season = plan.shape.season
        context = many_steps_context(training, season, plan.arch.segment, plan.shape.context)
        chosen = chosen.model_copy(update={"context": context, "season": season})
        plan = decide(training, chosen)
    if len(plan.shape.baselines) > 1:
        shape = replace(plan.shape, baselines=plan.shape.baselines[:1])
        plan = replace(plan, shape=shape, arch=replace(plan.arch, members=1))
    if "hidden" not in given:
        plan = replace(plan, arch=_well_matched(plan.arch))
    archs = {cell: match_parameters(plan.arch, cell) for cell in CELL_NAMES}
    numbers = tuple(settings.seed + k for k in range(seeds))
    rate = (settings.learning_rate,) if "learning_rate" in given else None
    starts = (settings.forget_bias,) if "forget_bias" in given else _STARTS
    recall = RecallDesign(
        steps=int(settings.steps) if "steps" in given and settings.steps != "auto" else _RECALL_STEPS,
        batch=_RECALL_BATCH,
        rates=rate or _RECALL_RATES,
        start=settings.forget_bias if "forget_bias" in given else "chrono",
        lstm=replace(plan.arch, cell="lstm", hidden=_RECALL_UNITS),
    )
    return StudyDesign(
        panel, training, test, plan, archs, chosen, numbers, delays, rate or _RATES, starts, recall, notes
    )


def _unused(settings: Settings) -> list[str]:
    given, notes = settings.model_fields_set, []
    if "cell" in given:
        notes.append(f"cell: {settings.cell} is not used: all cells are trained")
    if "members" in given and settings.members > 1:
        notes.append(f"members: {settings.members} is not used: one network is trained per seed")
    if settings.baseline != "auto" and len(settings.baseline) > 1:
        notes.append(f"baseline: of {len(settings.baseline)}, only {settings.baseline[0]} is used")
    return notes


def _test_lengths(panel: Panel, horizon: int) -> Indices:
    """At least a horizon, at most about a sixth of each series; 0 for a series too short for one."""
    many = np.maximum(panel.lengths // (_TEST_SHARE * horizon), 1) * horizon
    test = np.where(panel.lengths >= 3 * horizon, many, 0).astype(np.int64)
    if not test.any():
        raise DataError(
            "short-history",
            f"no series has {3 * horizon} values, three times the horizon, so that the last part could "
            "be kept for the test: ask for a shorter --horizon",
        )
    return test


def without_end(panel: Panel, count: Indices) -> Panel:
    """A panel without the last `count` (series,) values of each series and all that follows them.

    Where what is left ends with missing values, these go too.
    """
    lengths = panel.lengths - count
    for series, length in enumerate(lengths):
        observed = np.flatnonzero(~np.isnan(panel.history(series)[:length]))
        lengths[series] = observed[-1] + 1 if observed.size else 1
    return panel.select(slice(None), lengths)


def _well_matched(arch: Architecture) -> Architecture:
    """The architecture with the first width from its own on at which all cells come within 2 % of its
    number of parameters; its own where none does."""
    for hidden in range(arch.hidden, arch.hidden + _WIDER):
        wider = replace(arch, hidden=hidden)
        sizes = [parameters(match_parameters(wider, cell)) for cell in CELL_NAMES]
        if all(abs(size / parameters(wider) - 1) <= _UNEVEN for size in sizes):
            return wider
    return arch


def match_parameters(arch: Architecture, cell: str) -> Architecture:
    """The architecture with another cell, and as many units as bring its number of parameters
    nearest to that of `arch`."""
    wanted = parameters(arch)
    low, high = 1, _WIDEST
    while low < high:  # the first width with at least as many parameters
        middle = (low + high) // 2
        enough = parameters(replace(arch, cell=cell, hidden=middle)) >= wanted
        low, high = (low, middle) if enough else (middle + 1, high)
    widths = [replace(arch, cell=cell, hidden=max(low - k, 1)) for k in (0, 1)]
    return min(widths, key=lambda a: abs(parameters(a) - wanted))
