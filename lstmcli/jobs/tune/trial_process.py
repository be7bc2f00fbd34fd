"""A function in a process of its own, which can be ended at any time."""

import sys
import time
from collections.abc import Callable
from typing import Any

from lstmcli.files.children import start_child

_PATIENCE = 10  # seconds that a process has to end when asked to


class TimeIsUp(Exception):
    """The work was ended at its deadline."""


def run_in_process(work: Callable[[], Any], deadline: float | None) -> Any:
    """What `work` returns, from a forked process.

    deadline: of `time.monotonic`; None for none. Raises TimeIsUp, what the work raises, or SystemFailed where
    the process was killed. No process outlives the call.
    """
    # SIGTERM leaves the work in order, so that what it forked is ended too.
    child = start_child(lambda send: send(work()), on_term=lambda: sys.exit(143), may_fork=True)
    try:
        if not child.results.poll(None if deadline is None else max(0.0, deadline - time.monotonic())):
            raise TimeIsUp
        return child.received()
    finally:
        child.end(_PATIENCE)
