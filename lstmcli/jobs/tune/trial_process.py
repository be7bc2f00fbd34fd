"""A function in a process of its own, which can be ended at any time."""

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lstmcli.files.children import Send, start_child

_PATIENCE = 10  # seconds that a process has to end when asked to


class TimeIsUp(Exception):
    """The work was ended at its deadline."""


@dataclass(frozen=True)
class _Result:
    value: Any


def run_in_process(
    work: Callable[[Send], Any], deadline: float | None, tell: Callable[[Any], None] | None = None
) -> Any:
    """What `work` returns, from a forked process.

    work: gets a function whose argument is handed to `tell` here, at once; deadline: of `time.monotonic`,
    None for none. Raises TimeIsUp, what the work raises, or SystemFailed where the process was killed. No
    process outlives the call.
    """
    # SIGTERM leaves the work in order, so that what it forked is ended too.
    child = start_child(lambda send: send(_Result(work(send))), on_term=lambda: sys.exit(143), may_fork=True)
    try:
        while True:
            left = None if deadline is None else deadline - time.monotonic()
            if not child.results.poll(None if left is None else max(0.0, left)):
                raise TimeIsUp
            message = child.received()
            if isinstance(message, _Result):
                return message.value
            if left is not None and left <= 0:  # who goes on telling is not done
                raise TimeIsUp
            if tell:
                tell(message)
    finally:
        child.end(_PATIENCE)
