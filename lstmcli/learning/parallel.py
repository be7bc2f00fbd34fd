"""Members trained side by side, each in a process of its own.

A member computes on one thread, so that its result does not depend on how many run at once.
"""

import contextlib
import multiprocessing
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess

from lstmcli.errors import LstmcliError
from lstmcli.learning.loop import Fit, Progress

_SECONDS_BETWEEN_REPORTS = 0.1

Report = Callable[[Progress], None]
Work = Callable[[int, Report], Fit]


@dataclass(frozen=True)
class _Child:
    process: BaseProcess
    results: Connection


def fit_members(work: Work, members: int, processes: int, report: Report) -> list[Fit]:
    """`work(member, report)` for every member, at most `processes` at once; results in order.

    Raises what the work raises; no process outlives the call.
    """
    if min(members, processes) == 1:
        return [work(member, report) for member in range(members)]
    done: dict[int, Fit] = {}
    running: dict[int, _Child] = {}
    waiting = list(range(members))
    with _ended(running):
        while len(done) < members:
            while waiting and len(running) < processes:
                member = waiting.pop(0)
                running[member] = _started(work, member)
            for member in _ready(running):
                message = _received(running[member])
                if isinstance(message, Progress):
                    report(message)
                elif isinstance(message, Fit):
                    done[member] = message
                    running.pop(member).process.join()
                else:
                    raise message
    return [done[member] for member in range(members)]


def _started(work: Work, member: int) -> _Child:
    # A forked child shares the data with its parent; torch has computed nothing before this.
    context = multiprocessing.get_context("fork")
    receive, send = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(work, member, send), daemon=True)
    process.start()
    send.close()
    return _Child(process, receive)


def _run(work: Work, member: int, results: Connection) -> None:
    spoken = 0.0

    def report(progress: Progress) -> None:
        nonlocal spoken
        now = time.monotonic()
        if progress.validation_loss is not None or now - spoken > _SECONDS_BETWEEN_REPORTS:
            spoken = now
            results.send(progress)

    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        try:
            results.send(work(member, report))
        except LstmcliError as error:
            results.send(error)


def _ready(running: dict[int, _Child]) -> list[int]:
    ready = wait([child.results for child in running.values()])
    return [member for member, child in running.items() if child.results in ready]


def _received(child: _Child) -> Progress | Fit | LstmcliError:
    try:
        message: Progress | Fit | LstmcliError = child.results.recv()
    except EOFError:
        child.process.join()
        return LstmcliError(f"a training process ended with exit code {child.process.exitcode}")
    return message


@contextlib.contextmanager
def _ended(running: dict[int, _Child]) -> Iterator[None]:
    try:
        yield
    finally:
        for child in running.values():
            child.process.terminate()
            child.process.join()
