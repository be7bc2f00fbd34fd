"""How long training will take and how much memory it needs: an estimate from the plan alone."""

from dataclasses import dataclass

from lstmcli.network import AHEAD_UNITS, Architecture
from lstmcli.plan import Plan

# Fitted to training on one core of a cloud server; other machines take half to twice as long.
_SECONDS_PER_STEP = 5e-3  # cutting windows, one optimiser step
_SECONDS_PER_CELL = 0.15e-3  # one recurrent step of one layer
_SECONDS_PER_FLOP = 15e-12
_SECONDS_TO_START = 3.0  # loading torch and the data
_CHECKS = 20  # validations in a full run
_USUAL = 0.7  # of the steps are taken before training stops early
_USUAL_REFIT = 0.25  # of the steps are repeated on all data
_BYTES_TO_START = 270e6  # Python, pandas and torch
_BYTES_PER_PROCESS = 35e6
_BYTES_PER_ROW = 100.0  # table, panel, transformed values, and what is in between


@dataclass(frozen=True)
class Estimate:
    """seconds: usual; longest: where nothing stops early; bytes: at the peak, of all processes."""

    seconds: float
    longest: float
    bytes: float
    processes: int


def estimated(plan: Plan, rows: int, batch: int, validation_windows: int) -> Estimate:
    """rows: of the table; batch: windows per step; validation_windows: per check."""
    arch = plan.arch
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
    activations = 4.0 * batch * (arch.steps * arch.hidden * arch.layers * 12 + arch.context * 12)
    per_process = _BYTES_PER_PROCESS + activations
    memory = _BYTES_TO_START + processes * per_process + rows * _BYTES_PER_ROW
    return Estimate(_SECONDS_TO_START + usual, _SECONDS_TO_START + most, memory, processes)


def flops(arch: Architecture) -> float:
    """Floating point operations of one window in one member, forward."""
    gates = {"lstm": 4, "gru": 3, "rnn": 1}[arch.cell]
    embed = arch.segment * (2 + arch.covariates) * arch.hidden
    cells = arch.layers * 2 * gates * arch.hidden**2
    head = arch.horizon * len(arch.quantiles) * arch.hidden
    ahead = arch.horizon * AHEAD_UNITS * (arch.ahead + len(arch.quantiles)) if arch.ahead else 0
    return 2.0 * (arch.steps * (embed + cells) + head + ahead)
