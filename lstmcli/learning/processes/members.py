"""Members trained side by side, each in a process of its own.

A member computes on one thread, so that its result does not depend on how many run at once.
"""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import wait

from lstmcli.files.children import Child, Send, start_child
from lstmcli.files.posix import end_without_parent
from lstmcli.learning.checkpoint.control import Control, StepMonitor, TrainingStopped
from lstmcli.learning.checkpoint.file import Snapshot
from lstmcli.learning.progress import Fit, Progress, ProgressCallback

_SECONDS_BETWEEN_REPORTS = 0.1

Work = Callable[[int, ProgressCallback, StepMonitor], Fit]


@dataclass(frozen=True)
class StateSaver:
    """Where states of members go. add: takes one; save: writes all that were added."""

    add: Callable[[int, Snapshot], None]
    save: Callable[[], None]


_Message = Progress | Snapshot | Fit | TrainingStopped
NO_SAVER = StateSaver(lambda member, snapshot: None, lambda: None)


def fit_members(
    work: Work,
    members: list[int],
    processes: int,
    report: ProgressCallback,
    control: Control | None = None,
    saver: StateSaver = NO_SAVER,
    done: Callable[[int, Fit], None] = lambda member, fit: None,
) -> dict[int, Fit]:
    """`work(member, report, monitor)` for each of the members, at most `processes` at once.

    done: called for every member as it ends. Raises what the work raises, TrainingStopped where `control`
    was asked to stop and every state was handed to `saver`; no process outlives the call.
    """
    control = control or Control()
    if min(len(members), processes) <= 1:
        return _fit_in_turn(work, members, report, control, saver, done)
    return _fit_side_by_side(work, members, processes, report, control, saver, done)


def _fit_side_by_side(
    work: Work,
    members: list[int],
    processes: int,
    report: ProgressCallback,
    control: Control,
    saver: StateSaver,
    done: Callable[[int, Fit], None],
) -> dict[int, Fit]:
    fits: dict[int, Fit] = {}
    running: dict[int, Child] = {}
    waiting, fresh = list(members), set[int]()
    with _end_processes(running):
        while len(fits) < len(members):
            while waiting and len(running) < processes and not control.asked_to_stop:
                member = waiting.pop(0)
                until = control.share(len(waiting), processes)
                running[member] = _start(work, member, control, until)
            if not running:
                raise TrainingStopped
            for member in _ready_members(running):
                message: _Message = running[member].received()
                if isinstance(message, Progress):
                    report(message)
                elif isinstance(message, Snapshot):
                    saver.add(member, message)
                    fresh.add(member)
                else:
                    running.pop(member).end()
                    if isinstance(message, Fit):
                        fits[member] = message
                        done(member, message)
            if fresh and fresh >= running.keys() and not control.asked_to_stop:
                saver.save()  # once for the states of all
                fresh.clear()
    return fits


def _fit_in_turn(
    work: Work,
    members: list[int],
    report: ProgressCallback,
    control: Control,
    saver: StateSaver,
    done: Callable[[int, Fit], None],
) -> dict[int, Fit]:
    fits = {}
    for at, member in enumerate(members):

        def save(snapshot: Snapshot, member: int = member) -> None:
            saver.add(member, snapshot)
            if not control.asked_to_stop:
                saver.save()

        if control.asked_to_stop:
            raise TrainingStopped
        monitor = StepMonitor(control, control.share(len(members) - at - 1, 1), save)
        fits[member] = work(member, report, monitor)
        done(member, fits[member])
    return fits


def _start(work: Work, member: int, control: Control, until: float) -> Child:
    # A forked child shares the data with its parent; torch has computed nothing before this.
    return start_child(partial(_run, work, member, control, until, os.getpid()))


def _run(work: Work, member: int, control: Control, until: float, parent: int, send: Send) -> None:
    last_report = 0.0

    def report(progress: Progress) -> None:
        nonlocal last_report
        end_without_parent(parent)
        now = time.monotonic()
        if progress.validation_loss is not None or now - last_report > _SECONDS_BETWEEN_REPORTS:
            last_report = now
            send(progress)

    try:
        send(work(member, report, StepMonitor(control, until, send)))
    except TrainingStopped as stopped:  # no error
        send(stopped)


def _ready_members(running: dict[int, Child]) -> list[int]:
    ready = wait([child.results for child in running.values()])
    return [member for member, child in running.items() if child.results in ready]


@contextlib.contextmanager
def _end_processes(running: dict[int, Child]) -> Iterator[None]:
    try:
        yield
    finally:
        for child in running.values():
            child.end()
