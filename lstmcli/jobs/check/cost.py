"""How long training will take and how much memory it needs: an estimate from plan and panel alone."""

import math
from dataclasses import dataclass

import numpy as np

from lstmcli.forecasting.plan import Plan
from lstmcli.network.architecture import FUTURE_UNITS, Architecture
from lstmcli.series.panel import Panel

# Fitted to training on one core of a cloud server; other machines take half to twice as long.
_SECONDS_PER_STEP = 5e-3  # cutting windows, one optimiser step
_SECONDS_PER_CELL = 0.15e-3  # one recurrent step of one layer
_SECONDS_PER_FLOP = 15e-12
_SECONDS_TO_START = 3.0  # loading torch and the data
_CHECKS = 20  # validations in a full run
_USUAL = 0.7  # of the steps are taken before training stops early
_USUAL_REFIT = 0.25  # of the steps are repeated on all data
# Resident memory, measured with tests/benchmarks/memory.py: 3,000 to 6,000,000 rows, 64 to 512 units.
_BYTES_TO_READ = 150e6  # Python, NumPy and pandas
_BYTES_TO_TRAIN = 345e6  # these and torch, which is loaded when the table is read
_BYTES_PER_ROW = 30.0  # of a table while it is read: names of series and time stamps
_BYTES_PER_STAMP = 115.0  # a text of its own; other series share it
_BYTES_PER_NUMBER = 22.0  # of a target or a covariate, beside the panel
_BYTES_OF_PIECES = 110e6  # that a table takes at most which is read in pieces
_KEPT = 0.25  # of what reading took beside the panel: pages that the C library does not give back
_BYTES_PER_PROCESS = 35e6  # working memory of torch
_NUMBERS_PER_UNIT = 20  # of a recurrent step, forward and back: gates, states, their gradients
_BYTES_PER_CELL = 12.0  # of a window: a number in single precision, cut from one in double
_WEIGHTS_AT_WORK = 6  # a weight, its gradient, average and two moments, and the best so far
_WEIGHTS_SAVED = 10  # five of these in a checkpoint, and once more as the bytes of its file


@dataclass(frozen=True)
class Estimate:
    """seconds: usual; longest: where nothing stops early; bytes: at the peak, of all processes."""

    seconds: float
    longest: float
    bytes: float
    processes: int


def estimate_cost(
    plan: Plan,
    panel: Panel,
    validation_windows: int,
    targets: int = 1,
    in_pieces: bool = False,
) -> Estimate:
    """validation_windows: per check; targets: columns of the table that are;
    in_pieces: whether it is read so, for a cache."""
    arch, batch = plan.arch, plan.learning.batch
    work = 3 * flops(arch)  # a backward pass costs two forward ones
    fixed = _SECONDS_PER_STEP + _SECONDS_PER_CELL * arch.steps * arch.layers
    step = fixed + _SECONDS_PER_FLOP * work * batch
    check = fixed + _SECONDS_PER_FLOP * flops(arch) * validation_windows
    processes = min(arch.members, plan.processes)
    rounds = -(-arch.members // processes)
    usual, most = (
        rounds * (plan.steps * step * (steps + refit * plan.refit) + _CHECKS * check * steps)
        for steps, refit in ((_USUAL, _USUAL_REFIT), (1.0, 1.0))
    )
    panel_bytes, read = _bytes_of(panel), _bytes_to_read(panel, targets)
    read = min(read, _BYTES_OF_PIECES) if in_pieces else read
    training = _bytes_to_train(arch, batch, validation_windows, processes)
    memory = panel_bytes + max(_BYTES_TO_READ + read, _BYTES_TO_TRAIN + _KEPT * read + training)
    return Estimate(_SECONDS_TO_START + usual, _SECONDS_TO_START + most, memory, processes)


def _bytes_of(panel: Panel) -> int:
    codes = sum(category.codes.nbytes for category in panel.categories)
    return panel.values.nbytes + panel.past.nbytes + panel.future.nbytes + panel.static.nbytes + codes


def _bytes_to_read(panel: Panel, targets: int) -> float:
    """What a table takes beside the panel that it becomes."""
    values, stamps = len(panel.values), int(np.diff(panel.offsets).max())
    covariates = panel.past.size + panel.future.size + sum(c.codes.size for c in panel.categories)
    rows = values / targets
    numbers = values + covariates / targets
    return rows * _BYTES_PER_ROW + stamps * _BYTES_PER_STAMP + numbers * _BYTES_PER_NUMBER


def _bytes_to_train(arch: Architecture, batch: int, validation_windows: int, processes: int) -> float:
    """What all processes take to train, beside the panel; they share the validation windows."""
    weights = 4.0 * sum(math.prod(shape) for shape in arch.shapes().values())
    cells = arch.context * (2 + arch.covariates) + arch.horizon * (1 + arch.ahead)
    activations = 4.0 * batch * arch.steps * arch.hidden * arch.layers * _NUMBERS_PER_UNIT
    each = _BYTES_PER_PROCESS + activations + batch * cells * _BYTES_PER_CELL + weights * _WEIGHTS_AT_WORK
    saved = arch.members * weights * _WEIGHTS_SAVED
    return processes * each + validation_windows * cells * _BYTES_PER_CELL + saved


def flops(arch: Architecture) -> float:
    """Floating point operations of one window in one member, forward."""
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[arch.cell]
    embed = arch.segment * (2 + arch.covariates) * arch.hidden
    cells = arch.layers * 2 * gates * arch.hidden**2
    head = arch.horizon * len(arch.quantiles) * arch.hidden
    ahead = arch.horizon * FUTURE_UNITS * (arch.ahead + len(arch.quantiles)) if arch.ahead else 0
    return 2.0 * (arch.steps * (embed + cells) + head + ahead)
