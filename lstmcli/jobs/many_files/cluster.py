"""The workers of a Dask scheduler, and the tasks that they do."""

import asyncio
import contextlib
import logging
import os
import warnings
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError
from typing import Any

from distributed import Client, Future, KilledWorker
from distributed.comm.core import CommClosedError

from lstmcli._version import __version__
from lstmcli.errors import Unavailable
from lstmcli.jobs.many_files.file_task import FileForecast, FileJob, forecast_file

_SECONDS_TO_CONNECT = 5
_AHEAD = 4  # tasks for each thread that are under way or wait for their turn
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


def forecasts_of_files(client: Client, job: FileJob, names: Sequence[str]) -> Iterator[FileForecast]:
    """The forecast of each file, in their order; a few tasks for each thread are under way.

    Raises Unavailable where the scheduler or the workers are lost.
    """
    most = _AHEAD * sum(client.nthreads().values())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)  # of a large model
        # A task of its own: unlike scattered data it is made again where its worker has ended.
        sent = client.submit(_same, job, pure=False)
    waiting = deque["Future[Any]"]()
    for name in names:
        path = os.path.abspath(name)
        waiting.append(client.submit(forecast_file, sent, path, name, pure=False, retries=_RETRIES))
        if len(waiting) > most:
            yield _result_of(waiting.popleft())
    while waiting:
        yield _result_of(waiting.popleft())


def _same(job: FileJob) -> FileJob:
    return job


def _result_of(future: "Future[Any]") -> Any:
    """What a task gave. Raises what it raised, and Unavailable where it or the workers were lost."""
    try:
        return future.result()
    except KilledWorker as error:
        raise Unavailable(
            f"workers ended while they worked on it: is there enough memory? ({error.task})"
        ) from None
    except (CancelledError, asyncio.CancelledError, CommClosedError) as error:
        raise Unavailable("the scheduler or its workers were lost") from error
