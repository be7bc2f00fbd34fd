"""When a training is saved and when it stops, and what its processes share of that."""

import math
import mmap
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from lstmcli.learning.checkpoint.file import Snapshot
from lstmcli.learning.processes.group import SINGLE_PROCESS, ProcessGroup


class TrainingStopped(Exception):
    """Raised in a member that was asked to stop and has handed over its state."""


class Control:
    """When members save their state, and whether and when they stop. All times are monotonic seconds.

    every: between two saves; until: when the time of the whole training is up. A member that is
    forked shares the one byte that asks it to stop; group: processes that stop at the same step.
    """

    def __init__(
        self, every: float = math.inf, until: float = math.inf, group: ProcessGroup = SINGLE_PROCESS
    ) -> None:
        self._shared = mmap.mmap(-1, 1)
        self._started = time.monotonic()
        self.every, self.until, self.group = every, until, group
        self.signal = 0  # the number of the one that asked to stop

    @property
    def asked_to_stop(self) -> bool:
        """Whether all are to stop. In a group a request to one process counts once `agreed` was called."""
        return self._shared[0] != 0

    def ask_to_stop(self, number: int) -> None:
        self.signal = number
        if self.group.is_single:
            self._shared[0] = 1

    def agreed(self, late: bool) -> bool:
        """Whether time is up for any of the group; whether to stop is agreed on too.

        To be called by all of them at the same place.
        """
        if self.group.is_single:
            return late
        late_somewhere, number = self.group.maximum(late, self.signal)
        if number:
            self.signal, self._shared[0] = number, 1
        return bool(late_somewhere)

    def next_save(self) -> float:
        """The same for all members, so that one file holds states of about one time."""
        if not math.isfinite(self.every):
            return math.inf
        periods = math.floor((time.monotonic() - self._started) / self.every) + 1
        return self._started + self.every * periods

    def share(self, waiting: int, processes: int) -> float:
        """Until when a member may train while as many wait: those after it need their time too."""
        now = time.monotonic()
        return now + (self.until - now) / math.ceil((waiting + 1) / processes)

    @property
    def time_is_up(self) -> bool:
        return self.agreed(time.monotonic() >= self.until)


class StepMonitor:
    """What one member looks at after every step. save: takes its state."""

    def __init__(self, control: Control, until: float, save: Callable[[Snapshot], None]) -> None:
        self._control, self._until, self._save = control, until, save
        self._due = control.next_save()

    def after_step(self, take: Callable[[], Snapshot]) -> None:
        """Saves the state where that is due. Raises TrainingStopped after doing so where that was asked."""
        if self._control.asked_to_stop:
            self._save(take())
            raise TrainingStopped
        if time.monotonic() >= self._due:
            self._save(take())
            self._due = self._control.next_save()

    @property
    def time_is_up(self) -> bool:
        """To be asked once after every step."""
        return self._control.agreed(time.monotonic() >= self._until)


@contextmanager
def stopped_by_signals(control: Control) -> Iterator[None]:
    """INT and TERM ask the training to stop; the second one does what it did before."""
    before: dict[int, Any] = {}
    received = False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal received
        usual = before[number]
        if not received:
            received = True
            control.ask_to_stop(number)
        elif callable(usual):
            usual(number, frame)
        else:
            raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            usual = signal.getsignal(number)
            if usual is not signal.SIG_IGN:  # as under nohup, or in the background of a script
                before[number] = usual
                signal.signal(number, on_signal)
    try:
        yield
    finally:
        for restored, handler in before.items():
            signal.signal(restored, handler)
