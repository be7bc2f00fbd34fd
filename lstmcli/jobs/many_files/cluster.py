"""The workers of a Dask scheduler, and tasks for them."""

import asyncio
import contextlib
import logging
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from lstmcli._version import __version__
from lstmcli.errors import Unavailable

_SECONDS_TO_CONNECT = 5
_RETRIES = 2  # of a task that failed for another reason than its file


@contextlib.contextmanager
def connect_cluster(address: str) -> Iterator[Client]:
    """A client of the scheduler at an address.

    Raises Unavailable where nobody answers, or where workers have no lstmcli or another version of it.
    """
    for name in ("distributed", "distributed.client"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=_SECONDS_TO_CONNECT, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        raise Unavailable(
            f"--scheduler {address}: no Dask scheduler answers there in {_SECONDS_TO_CONNECT} s"
        ) from error
    with client:
        _check_workers(client, address)
        yield client


def _check_workers(client: Client, where: str) -> None:
    """Raises Unavailable where there is no worker, or one that cannot do what is asked."""

    def version() -> str:  # sent as code: a worker may have no lstmcli
        try:
            import lstmcli
        except ImportError:
            return ""
        return lstmcli.__version__

    try:
        client.wait_for_workers(1, timeout=_SECONDS_TO_CONNECT)
    except (TimeoutError, OSError):
        raise Unavailable(f"--scheduler {where}: the scheduler has no workers") from None
    for worker, found in client.run(version).items():
        if found != __version__:
            has = f"lstmcli {found}" if found else "no lstmcli"
            raise Unavailable(f"--scheduler {where}: worker {worker} has {has}, this is {__version__}")


def threads(client: Client) -> int:
    """How many tasks run at once."""
    return sum(client.nthreads().values())


def send_value(client: Client, value: Any) -> "Future[Any]":
    """Something that tasks need; sent once, and again to new workers where others have ended."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # of a large model
        return client.submit(_same, value, pure=False)


def _same(value: Any) -> Any:
    return value


def submit_work(client: Client, work: Callable[..., Any], *arguments: Any) -> "Future[Any]":
    """`work(*arguments)` on a worker; futures among the arguments are what they become there."""
    return client.submit(work, *arguments, pure=False, retries=_RETRIES)


def result_of(future: "Future[Any]") -> Any:
    """What a task gave. Raises what it raised, and Unavailable where it or the workers were lost."""
    try:
        return future.result()
    except KilledWorker as error:
        raise Unavailable(
            f"workers ended while they worked on it: is there enough memory? ({error.task})"
        ) from None
    except (CancelledError, asyncio.CancelledError, CommClosedError) as error:
        raise Unavailable("the scheduler or its workers were lost") from error
