"""What of the context and of the gates the forecast needs: errors without them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.gates.origins import some_of
from lstmcli.gates.replay import Replay, medians, medians_from
from lstmcli.gates.statistics import memory_gates
from lstmcli.network.architecture import Weights
from lstmcli.network.cells import GATES
from lstmcli.series.arrays import Array

USE_TOLERANCE = 0.01  # of the error: what may be lost
_EVERY = 16  # numbers of steps up to this are all tried; longer ones are spread
_SPREAD = 12  # longer numbers of steps that are tried
_FORGETS = 5


@dataclass(frozen=True)
class FrozenGate:
    """The error with one gate of one layer held at the mean of each unit.

    change  (error - full error) / full error
    """

    layer: int
    gate: str
    error: float
    change: float


@dataclass(frozen=True)
class ForgetEvent:
    """A step at which the forget gates (GRU: update gates) are low: mean over the units of all layers.

    series       number in the panel
    position     of the first observation that the step reads
    memory_gate  that mean
    """

    series: int
    position: int
    memory_gate: float


@dataclass(frozen=True)
class Use:
    """Errors are mean absolute errors of the member's median forecast in scaled units.

    windows  that have known values after them; 0 where there is none, and nothing could be measured
    steps    (n,) numbers of last steps fed, rising; the last is the whole context
    errors   (n,) the error with so many
    horizon  fewest steps from which on the error stays within 1 % of the full one; None where
             nothing was measured
    frozen   one per layer and gate
    forgets  at most five, the lowest first; none for the plain RNN
    """

    windows: int
    steps: NDArray[np.int64]
    errors: Array
    horizon: int | None
    frozen: list[FrozenGate]
    forgets: list[ForgetEvent]

    @property
    def error(self) -> float | None:
        """With the whole context and all gates."""
        return float(self.errors[-1]) if self.windows else None

    @property
    def shortest(self) -> int:
        """The fewest steps with which the error is within 1 %, even where it leaves it again with more."""
        return int(self.steps[np.flatnonzero(self.errors <= _most(float(self.errors[-1])))[0]])

    def error_with(self, steps: int) -> float:
        """With so many steps, one of `steps`."""
        return float(self.errors[np.searchsorted(self.steps, steps)])


def use(replay: Replay) -> Use:
    """Takes steps and gates away, one after the other."""
    forgets = find_forgetting(replay)
    known = np.flatnonzero((~np.isnan(replay.target)).any(axis=1))
    if not known.size:
        return Use(0, np.zeros(0, np.int64), np.zeros(0), None, [], forgets)
    replay = replay.part(known[some_of(len(known), replay.arch)])
    errors = errors_by_steps(replay)
    steps = np.array(sorted(errors))
    full = errors[replay.arch.steps]
    return Use(
        windows=len(replay),
        steps=steps,
        errors=np.array([errors[k] for k in steps]),
        horizon=use_horizon(errors),
        frozen=_frozen_gates(replay, full),
        forgets=forgets,
    )


def mean_error(replay: Replay, forecast: Array) -> float:
    """Mean absolute error of forecasts (windows, horizon) where the target is known, in scaled units."""
    return float(np.nanmean(np.abs(forecast - replay.target)))


def errors_by_steps(replay: Replay) -> dict[int, float]:
    """The error when only the last k steps are fed, by k; all k up to 16, then some, and those
    around the horizon of use until it is known to the step."""
    longest = replay.arch.steps
    errors = {longest: mean_error(replay, medians(replay))}

    def measure(k: int) -> None:
        if k not in errors:
            errors[k] = mean_error(replay, medians_from(replay, replay.inputs[:, longest - k :]))

    for k in _tried(longest):
        measure(k)
    while True:
        last = use_horizon(errors)
        shorter = max((k for k in errors if k < last), default=0)
        if last - shorter <= 1:
            return errors
        measure((last + shorter) // 2)


def _tried(longest: int) -> Sequence[int]:
    every = range(1, min(longest, _EVERY) + 1)
    spread = np.geomspace(_EVERY, longest, _SPREAD).astype(int).tolist() if longest > _EVERY else []
    return sorted({*every, *spread})


def use_horizon(errors: dict[int, float]) -> int:
    """The fewest steps from which on every error known is within 1 % of that with all steps."""
    steps = sorted(errors)
    full = errors[steps[-1]]
    most = _most(full)
    horizon = steps[-1]
    for k in reversed(steps):
        if errors[k] > most:
            break
        horizon = k
    return horizon


def _most(full: float) -> float:
    """Within 1 % of the full error; a model without error would else need all steps for the last bit."""
    return full * (1 + USE_TOLERANCE) + 1e-9


def _frozen_gates(replay: Replay, full: float) -> list[FrozenGate]:
    made = []
    for layer in range(replay.arch.layers):
        for gate in GATES[replay.arch.cell]:
            error = mean_error(replay, medians_from(replay, replay.inputs, freeze_gate(replay, layer, gate)))
            change = (error - full) / full if full > 0 else 0.0
            made.append(FrozenGate(layer, gate, error, change))
    return made


def freeze_gate(replay: Replay, layer: int, gate: str) -> Weights:
    """Weights with which a gate always has the mean value of each unit: no input, only a bias."""
    at = GATES[replay.arch.cell].index(gate)
    mean = replay.trace.layers[layer].gates[gate].mean(axis=(0, 1))
    changed = dict(replay.weights)
    for name in ("inputs", "recurrent", "bias"):
        changed[f"layers.{layer}.{name}"] = replay.weights[f"layers.{layer}.{name}"].copy()
        changed[f"layers.{layer}.{name}"][at] = 0
    if gate == "candidate":
        changed[f"layers.{layer}.bias"][at] = np.arctanh(np.clip(mean, -1 + 1e-12, 1 - 1e-12))
        changed[f"layers.{layer}.candidate_bias"] = np.zeros_like(mean)
    else:
        inside = np.clip(mean, 1e-12, 1 - 1e-12)
        changed[f"layers.{layer}.bias"][at] = np.log(inside) - np.log1p(-inside)
    return changed


def find_forgetting(replay: Replay) -> list[ForgetEvent]:
    """The steps, of all windows, at which the mean forget gate (GRU: update gate) is lowest.

    Two of one series are at least a context apart.

    The first step of a window has nothing to forget, and neither have steps before a series starts.
    """
    gates = memory_gates(replay.trace, replay.arch.cell)
    if gates is None or replay.arch.steps == 1:
        return []
    arch, trace = replay.arch, replay.trace
    mean = np.mean([gate.mean(axis=2) for gate in gates], axis=0)[:, 1:]  # (windows, steps - 1)
    first = trace.origins[:, None] - arch.context + arch.segment * np.arange(1, arch.steps)
    window, step = np.nonzero(first >= 0)
    series, places, values = trace.series[window], first[window, step], mean[window, step]
    left = np.ones(len(values), bool)
    made: list[ForgetEvent] = []
    while left.any() and len(made) < _FORGETS:
        at = np.flatnonzero(left)[values[left].argmin()]
        made.append(ForgetEvent(int(series[at]), int(places[at]), float(values[at])))
        left &= (series != series[at]) | (np.abs(places - places[at]) >= arch.context)
    return made
