"""The training of the built-in network: pinball loss, AdamW, one cycle of the learning rate, resumable."""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from lstmcli.learning.pretrain.batches import Pool, PretrainBatch
from lstmcli.learning.pretrain.twin import BuiltinTwin, tensors_of
from lstmcli.network.builtin import QUANTILES
from lstmcli.series.arrays import Array

_WARM_UP = 0.05  # of the schedule
_DAMPED = 5.0  # errors beyond so many units count by their logarithm
_BETWEEN = 250  # steps between two reports


@dataclass(frozen=True)
class PretrainOptions:
    """steps: of the schedule; minutes: of the clock instead of steps; start: weights to go on from."""

    steps: int = 20_000
    minutes: float | None = None
    seed: int = 0
    rows: int = 64
    rate: float = 1e-3
    decay: float = 1e-2
    device: str = "cpu"
    start: Mapping[str, Array] | None = None


def pretrain(options: PretrainOptions, state: Path | None, say: Callable[[str], None]) -> dict[str, Array]:
    """Trains, and gives the weights. state: where an unfinished run is kept, and taken up again."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(1)
    twin = BuiltinTwin().to(options.device)
    if options.start is not None:
        twin.take_weights(options.start)
    optimiser = torch.optim.AdamW(twin.parameters(), lr=options.rate, weight_decay=options.decay)
    pool = Pool(np.random.default_rng(options.seed))
    done, spent = _resumed(state, twin, optimiser, pool)
    began, total = time.monotonic() - spent, 0.0
    while (share := _progress(options, done, time.monotonic() - began)) < 1:
        for group in optimiser.param_groups:
            group["lr"] = options.rate * learning_rate(share)
        total += pretrain_step(twin, optimiser, pool.batch(options.rows), options.device)
        done += 1
        if done % _BETWEEN == 0:
            spent = time.monotonic() - began
            say(f"step {done:,}  loss {total / _BETWEEN:.4f}  {spent / 60:.1f} min")
            total = 0.0
            if state is not None:
                _keep(state, twin, optimiser, pool, done, spent)
    return twin.weights()


def _progress(options: PretrainOptions, done: int, seconds: float) -> float:
    return done / options.steps if options.minutes is None else seconds / (60 * options.minutes)


def learning_rate(share: float) -> float:
    """Of the largest: up a line, then down a cosine."""
    if share < _WARM_UP:
        return 0.04 + 0.96 * share / _WARM_UP
    return 0.5 * (1 + math.cos(math.pi * (share - _WARM_UP) / (1 - _WARM_UP))) + 1e-4


def pretrain_step(
    twin: BuiltinTwin, optimiser: torch.optim.Optimizer, batch: PretrainBatch, device: str
) -> float:
    """One step of the optimiser; the loss before it."""
    quantiles = twin(*tensors_of(batch.inputs, device))
    loss = damped_pinball(quantiles, batch.target, batch.weight, device)
    optimiser.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    nn.utils.clip_grad_norm_(twin.parameters(), 1.0)
    optimiser.step()
    return float(loss.item())


def damped_pinball(quantiles: Tensor, target: Array, weight: Array, device: str) -> Tensor:
    """Mean pinball loss (Koenker & Bassett 1978) over the quantiles, large ones by their logarithm."""
    levels = torch.tensor(QUANTILES, device=device)
    error = torch.from_numpy(target).to(device)[..., None] - quantiles
    loss = torch.maximum(levels * error, (levels - 1) * error).mean(-1)
    loss = torch.where(loss < _DAMPED, loss, _DAMPED * (1 + torch.log((loss / _DAMPED).clamp(min=1))))
    return (loss * torch.from_numpy(weight).to(device)).mean()


def _keep(
    state: Path, twin: BuiltinTwin, optimiser: torch.optim.Optimizer, pool: Pool, done: int, spent: float
) -> None:
    content = {
        "twin": twin.state_dict(),
        "optimiser": optimiser.state_dict(),
        "random": pool.rng.bit_generator.state,
        "done": done,
        "spent": spent,
    }
    part = state.with_suffix(".part")
    torch.save(content, part)
    part.replace(state)


def _resumed(
    state: Path | None, twin: BuiltinTwin, optimiser: torch.optim.Optimizer, pool: Pool
) -> tuple[int, float]:
    """Steps done and seconds spent. The pool begins anew, with the random numbers that follow."""
    if state is None or not state.exists():
        return 0, 0.0
    content: dict[str, Any] = torch.load(state, weights_only=True)
    twin.load_state_dict(content["twin"])
    optimiser.load_state_dict(content["optimiser"])
    pool.rng.bit_generator.state = content["random"]
    return int(content["done"]), float(content["spent"])
