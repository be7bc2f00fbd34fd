"""Data-parallel training with torch.distributed: what `lstmcli.learning.ranks` does with torch.

Every process draws the same random numbers for the whole batch and computes on its share of it;
the sum over all processes is then that of one process, up to rounding.
"""

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar, cast

import numpy as np
import torch
import torch.distributed as dist
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from lstmcli.errors import LstmcliError
from lstmcli.learning.module import Forecaster
from lstmcli.learning.ranks import Ranks

_LOOPBACK = ("lo", "lo0")
_SECONDS_TO_OUTLIVE = 10
_SECONDS_BETWEEN_LOOKS = 0.05

T = TypeVar("T")


def join(ranks: Ranks, seconds: float) -> None:
    """Connects the processes: gloo for the CPU, NCCL for GPUs, each process with its own.

    seconds: that one waits for another at most. Raises LstmcliError where that is in vain.
    """
    backend = "gloo"
    if torch.cuda.is_available() and dist.is_nccl_available():
        backend = "cpu:gloo,cuda:nccl"
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    if os.environ.get("LOCAL_WORLD_SIZE") == str(ranks.world):
        # On one machine nothing has to go out to the network, where a firewall may stand.
        known = [name for _, name in socket.if_nameindex() if name in _LOOPBACK]
        if known:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", known[0])
    patience = timedelta(seconds=seconds)
    try:
        store, _, _ = next(rendezvous("env://", timeout=patience))
        own = PrefixStore(round_of(store, ranks, seconds), store)
        dist.init_process_group(backend, store=own, rank=ranks.rank, world_size=ranks.world, timeout=patience)
    except (RuntimeError, ValueError) as error:
        raise LstmcliError("the processes of torchrun do not reach each other") from error


def round_of(store: Store, ranks: Ranks, seconds: float) -> str:
    """A name that only the processes that are here now know, the same for all of them.

    After a restart torchrun's store still has the addresses of processes that are gone. So each
    process shows a random mark there; the first one writes the list of marks, until all others have
    found their own in it and said so. Raises RuntimeError after `seconds`.
    """
    until = time.monotonic() + seconds
    mark, others = uuid.uuid4().hex, [rank for rank in range(ranks.world) if rank]

    def read(names: list[str]) -> list[str]:
        return [store.get(name).decode() if store.check([name]) else "" for name in names]

    if not ranks.first:
        store.set(f"mark {ranks.rank}", mark)
    while time.monotonic() < until:
        if ranks.first:
            marks = " ".join([mark, *read([f"mark {rank}" for rank in others])])
            store.set("marks", marks)
            if all(found == marks for found in read([f"found {rank}" for rank in others])):
                store.set(f"all found {marks}", "")
                return marks
        else:
            (marks,) = read(["marks"])
            if mark in marks.split(" "):
                store.set(f"found {ranks.rank}", marks)
                if store.check([f"all found {marks}"]):
                    return marks
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    raise RuntimeError("not all processes have come")


def leave() -> None:
    with contextlib.suppress(RuntimeError, AssertionError):
        dist.destroy_process_group()


def outlive() -> None:
    """Waits until another process has said what there is to say, and has ended.

    torchrun ends all processes as soon as it sees that one has ended with an error.
    """
    with contextlib.suppress(RuntimeError):
        waiting = dist.barrier(async_op=True)
        waiting.wait(timedelta(seconds=_SECONDS_TO_OUTLIVE))


def is_loss(error: RuntimeError) -> bool:
    """Whether an error is that of a connection. gloo raises plain RuntimeErrors that name its source."""
    return isinstance(error, dist.DistError) or "gloo" in str(error) or "Connection" in str(error)


def broadcast(value: T) -> T:
    """What the first process has."""
    held = [value]
    dist.broadcast_object_list(held, src=0)
    return held[0]


def gathered(value: T) -> list[T]:
    """The values of all processes, in their order."""
    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, value)
    return found


def largest(numbers: Sequence[int]) -> tuple[int, ...]:
    held = torch.tensor(numbers, dtype=torch.int64)
    dist.all_reduce(held, dist.ReduceOp.MAX)
    return tuple(int(number) for number in held)


def added(array: NDArray[np.floating], ranks: Ranks) -> NDArray[np.floating]:
    """The sum over all processes, of any shape; NaN where one of them has it."""
    if not ranks.alone:
        dist.all_reduce(torch.from_numpy(array))
    return array


def mean_loss(losses: Tensor, ranks: Ranks) -> Tensor:
    """The mean over the windows of all processes whose loss is known; losses: (windows of this one,).

    Its gradient is such that the mean over all processes, which DistributedDataParallel takes, is the
    gradient of this mean: windows without a known value may lie unevenly.
    """
    if ranks.alone:
        return losses.nanmean()
    own = losses.nansum()
    totals = torch.tensor([own.item(), float((~losses.isnan()).sum())], dtype=torch.float64)
    dist.all_reduce(totals)
    total, known = totals.tolist()
    scaled = own * (ranks.world / known if known else torch.nan)
    return scaled + (total / known if known else torch.nan) - scaled.detach()


def shared(module: Forecaster, batch: int, ranks: Ranks) -> Forecaster:
    """The module with gradients that are averaged over all processes; the same where there is one.

    batch: windows of all processes in a step.
    """
    if ranks.alone:
        return module
    if module.dropout.p:
        dropout = _ShareOfDropout(module.dropout.p, batch, ranks.share(batch))
        module.add_module("dropout", dropout)
    return cast(Forecaster, DistributedDataParallel(module))


class _ShareOfDropout(nn.Module):
    """Drops what dropout on the whole batch would: its random numbers are drawn by all processes."""

    def __init__(self, p: float, batch: int, share: slice) -> None:
        super().__init__()
        self.p, self._batch, self._share = p, batch, share

    def forward(self, h: Tensor) -> Tensor:
        if not self.training:
            return h
        kept = functional.dropout(h.new_ones(self._batch, h.shape[1]), self.p)
        return h * kept[self._share]
