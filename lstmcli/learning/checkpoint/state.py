"""The state of one member in training, taken as plain arrays and set again.

A member that goes on from its state takes the same steps as one that was never interrupted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from lstmcli.learning.checkpoint.file import Snapshot, damaged_checkpoint
from lstmcli.learning.model import MemberModule
from lstmcli.learning.optimiser import AdamW
from lstmcli.learning.progress import Fit
from lstmcli.learning.validations import Checks
from lstmcli.network.architecture import Weights


@dataclass
class TrainerState:
    """All that changes from step to step. average_weights: those of `average` in one tensor; loss: the
    running loss; random: draws the windows."""

    module: MemberModule
    average: MemberModule
    average_weights: torch.Tensor
    optimiser: AdamW
    checks: Checks | None
    random: np.random.Generator
    step: int = 0
    loss: float = 0.0


def take_snapshot(state: TrainerState) -> Snapshot:
    """A copy of the state, with the state of torch's own random numbers."""
    arrays = {f"module.{n}": _array(p) for n, p in state.module.named_parameters()}
    arrays |= {f"average.{n}": _array(p) for n, p in state.average.named_parameters()}
    arrays |= {name: _array(moment) for name, moment in _moments(state)}
    arrays["random.torch"] = torch.get_rng_state().numpy().copy()
    numbers: dict[str, Any] = {
        "step": state.step,
        "loss": state.loss,
        "random": state.random.bit_generator.state,
    }
    if state.checks:
        numbers["since_best"] = state.checks.since_best
        if state.checks.lowest is not None:
            arrays["lowest"] = state.checks.lowest
        if state.checks.kept:
            kept = fit_snapshot(state.checks.kept)
            numbers["kept"] = kept.numbers
            arrays |= {f"kept.{n}": a for n, a in kept.arrays.items()}
    return Snapshot(arrays, numbers)


def go_on(state: TrainerState, snapshot: Snapshot) -> None:
    """Sets a fresh state to what was taken. Raises DataError where it does not fit."""
    try:
        _set_networks(state, snapshot.arrays)
        _set_optimiser(state, snapshot)
        _set_checks(state, snapshot)
        state.random.bit_generator.state = snapshot.numbers["random"]
        torch.set_rng_state(torch.from_numpy(snapshot.arrays["random.torch"].copy()))
        state.step, state.loss = int(snapshot.numbers["step"]), float(snapshot.numbers["loss"])
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RuntimeError) as error:
        raise damaged_checkpoint(f"state of a member: {error}") from None


def _set_networks(state: TrainerState, arrays: dict[str, NDArray[Any]]) -> None:
    with torch.no_grad():
        for kind, module in (("module", state.module), ("average", state.average)):
            for name, parameter in module.named_parameters():
                parameter.copy_(_like(arrays[f"{kind}.{name}"], parameter))


def _set_optimiser(state: TrainerState, snapshot: Snapshot) -> None:
    for name, moment in _moments(state):
        moment.copy_(_like(snapshot.arrays[name], moment))
    state.optimiser.step = int(snapshot.numbers["step"])


def _moments(state: TrainerState) -> Iterator[tuple[str, torch.Tensor]]:
    names = [name for name, _ in state.module.named_parameters()]
    for kind, moments in (("mean", state.optimiser.means), ("square", state.optimiser.squares)):
        for name, moment in zip(names, moments, strict=True):
            yield f"{kind}.{name}", moment


def _set_checks(state: TrainerState, snapshot: Snapshot) -> None:
    if not state.checks:
        return
    state.checks.since_best = int(snapshot.numbers["since_best"])
    state.checks.lowest = snapshot.arrays.get("lowest")
    if "kept" in snapshot.numbers:
        arrays = {n.removeprefix("kept."): a for n, a in snapshot.arrays.items() if n.startswith("kept.")}
        state.checks.kept = fit_from_snapshot(
            Snapshot(arrays, snapshot.numbers["kept"]), state.module.arch.shapes()
        )


def fit_snapshot(fit: Fit) -> Snapshot:
    """A member that is trained."""
    numbers = {
        "steps": fit.steps,
        "best_step": fit.best_step,
        "loss": fit.loss,
        "validation_loss": fit.validation_loss,
        "cut_short": fit.cut_short,
    }
    return Snapshot(dict(fit.weights), {"finished": numbers})


def fit_from_snapshot(snapshot: Snapshot, shapes: dict[str, tuple[int, ...]]) -> Fit:
    """The inverse of `fit_snapshot`. Raises DataError for weights of other names or shapes."""
    weights: Weights = snapshot.arrays
    if {n: (a.shape, a.dtype) for n, a in weights.items()} != {
        n: (shape, np.dtype(np.float32)) for n, shape in shapes.items()
    }:
        raise damaged_checkpoint("weights of other shapes")
    try:
        return Fit(weights, **snapshot.numbers["finished"])
    except TypeError as error:
        raise damaged_checkpoint(str(error)) from None


def _array(tensor: torch.Tensor) -> NDArray[Any]:
    return tensor.detach().cpu().numpy().copy()


def _like(array: NDArray[Any], wanted: torch.Tensor) -> torch.Tensor:
    if array.shape != tuple(wanted.shape) or array.dtype != np.float32:
        raise ValueError(f"shape {array.shape} of {array.dtype} where {tuple(wanted.shape)} is wanted")
    return torch.from_numpy(array.copy())
