"""A function in a process of its own, which can be ended at any time."""

import contextlib
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

from lstmcli.errors import LstmcliError

_PATIENCE = 10  # seconds that a process has to end when asked to


class TimeIsUp(Exception):
    """The work was ended at its deadline."""


def run_in_process(work: Callable[[], Any], deadline: float | None) -> Any:
    """What `work` returns, from a forked process.

    deadline: of `time.monotonic`; None for none. Raises TimeIsUp, or LstmcliError where the process
    ended without a result. No process outlives the call.
    """
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, send))  # no daemon: it may fork members
    process.start()
    send.close()
    try:
        if not receive.poll(None if deadline is None else max(0.0, deadline - time.monotonic())):
            raise TimeIsUp
        made = receive.recv()
        process.join(_PATIENCE)
    except EOFError:
        process.join()
        raise LstmcliError(f"the process of a trial ended with exit code {process.exitcode}") from None
    finally:
        process.terminate()
        process.join(_PATIENCE)
        process.kill()
        process.join()
        receive.close()
    return made


def _run(work: Callable[[], Any], results: Connection) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what it forked is ended too
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        results.send(work())
