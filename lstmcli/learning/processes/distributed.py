"""How processes connect, exchange values and leave: torch.distributed.

What they share of a training is in `lstmcli.learning.processes.sharing`.
"""

import contextlib
import os
import socket
import time
import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.distributed.rendezvous import rendezvous

from lstmcli.errors import LstmcliError

_LOOPBACK = ("lo", "lo0")
_SECONDS_TO_OUTLIVE = 10
_SECONDS_BETWEEN_LOOKS = 0.05

_T = TypeVar("_T")


def join(rank: int, world: int, seconds: float) -> None:
    """Connects the processes: gloo for the CPU, NCCL for GPUs, each process with its own.

    rank: of this one of `world` processes, from 0; seconds: that one waits for another at most.
    Raises LstmcliError where that is in vain.
    """
    backend = "gloo"
    if torch.cuda.is_available() and dist.is_nccl_available():
        backend = "cpu:gloo,cuda:nccl"
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")) % torch.cuda.device_count())
    if os.environ.get("LOCAL_WORLD_SIZE") == str(world):
        # On one machine nothing has to go out to the network, where a firewall may stand.
        known = [name for _, name in socket.if_nameindex() if name in _LOOPBACK]
        if known:
            os.environ.setdefault("GLOO_SOCKET_IFNAME", known[0])
    patience = timedelta(seconds=seconds)
    try:
        store, _, _ = next(rendezvous("env://", timeout=patience))
        own = PrefixStore(round_of(store, rank, world, seconds), store)
        dist.init_process_group(backend, store=own, rank=rank, world_size=world, timeout=patience)
    except (RuntimeError, ValueError) as error:
        raise LstmcliError("the processes of torchrun do not reach each other") from error


def round_of(store: Store, rank: int, world: int, seconds: float) -> str:
    """A name that only the processes that are here now know, the same for all of them.

    After a restart torchrun's store still has the addresses of processes that are gone. So each
    process shows a random mark there; the first one writes the list of marks, until all others have
    found their own in it and said so. Raises RuntimeError after `seconds`.
    """
    until = time.monotonic() + seconds
    mark, others = uuid.uuid4().hex, range(1, world)

    def read(names: list[str]) -> list[str]:
        return [store.get(name).decode() if store.check([name]) else "" for name in names]

    if rank:
        store.set(f"mark {rank}", mark)
    while time.monotonic() < until:
        if rank == 0:
            marks = " ".join([mark, *read([f"mark {other}" for other in others])])
            store.set("marks", marks)
            if all(found == marks for found in read([f"found {other}" for other in others])):
                store.set(f"all found {marks}", "")
                return marks
        else:
            (marks,) = read(["marks"])
            if mark in marks.split(" "):
                store.set(f"found {rank}", marks)
                if store.check([f"all found {marks}"]):
                    return marks
        time.sleep(_SECONDS_BETWEEN_LOOKS)
    raise RuntimeError("not all processes have come")


def leave() -> None:
    with contextlib.suppress(RuntimeError, AssertionError):
        dist.destroy_process_group()


def wait_for_error() -> None:
    """Waits until another process has said what there is to say, and has ended.

    torchrun ends all processes as soon as it sees that one has ended with an error.
    """
    with contextlib.suppress(RuntimeError):
        waiting = dist.barrier(async_op=True)
        waiting.wait(timedelta(seconds=_SECONDS_TO_OUTLIVE))


def is_connection_error(error: RuntimeError) -> bool:
    """Whether an error is that of a connection. gloo raises plain RuntimeErrors that name its source."""
    return isinstance(error, dist.DistError) or "gloo" in str(error) or "Connection" in str(error)


def broadcast(value: _T) -> _T:
    """What the first process has."""
    held = [value]
    dist.broadcast_object_list(held, src=0)
    return held[0]


def gather_all(value: _T) -> list[_T]:
    """The values of all processes, in their order."""
    found: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(found, value)
    return found


def largest_of_all(numbers: Sequence[int]) -> tuple[int, ...]:
    held = torch.tensor(numbers, dtype=torch.int64)
    dist.all_reduce(held, dist.ReduceOp.MAX)
    return tuple(int(number) for number in held)
