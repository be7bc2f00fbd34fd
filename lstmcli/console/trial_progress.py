"""How far a trial of `tune` is: one live line on a terminal, now and then a line or an event elsewhere."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from lstmcli.console.screen import Screen
from lstmcli.settings.durations import format_estimate

if TYPE_CHECKING:
    from rich.console import Console

    from lstmcli.jobs.tune.trials import TrialProgress

_SECONDS_BETWEEN_LINES = 10.0  # a search takes minutes to hours
_SECONDS_BETWEEN_FRAMES = 0.1


@contextmanager
def trial_progress(screen: Screen) -> "Iterator[Callable[[TrialProgress], None]]":
    """What shows the progress of trials, one after the other."""
    console = screen.live_console
    if console is None:
        yield _lines(screen)
        return
    with _live_line(console) as show:
        yield show


class _Pace:
    """How far the trial is that was told of last."""

    def __init__(self) -> None:
        self.trial, self.fold = -1, 0
        self.started = 0.0
        self.done: dict[int, int] = {}

    def take(self, told: "TrialProgress") -> None:
        if told.trial != self.trial:
            self.started = time.monotonic()
        if (told.trial, told.fold) != (self.trial, self.fold):
            self.trial, self.fold = told.trial, told.fold
            self.done = dict.fromkeys(range(told.members), 0)
        self.done[told.now.member] = told.now.step
        self.step = sum(self.done.values()) // told.members
        self.share = (told.fold - 1 + self.step / told.now.steps) / told.folds

    @property
    def seconds_left(self) -> float | None:
        """Of the trial, where it trains all steps in all folds."""
        if self.share <= 0:
            return None
        return (time.monotonic() - self.started) * (1 - self.share) / self.share

    @property
    def left(self) -> str:
        seconds = self.seconds_left
        return "" if seconds is None else f", {format_estimate(seconds)} left"


@contextmanager
def _live_line(console: "Console") -> "Iterator[Callable[[TrialProgress], None]]":
    from rich.progress import BarColumn, Progress, TextColumn

    columns: list[Any] = [
        TextColumn("{task.fields[name]:<18}"),
        BarColumn(bar_width=8),
        TextColumn("{task.fields[state]}"),
    ]
    pace, last_frame = _Pace(), 0.0
    # Refreshed here, not by a thread of Rich: no thread may run beside a fork.
    with Progress(*columns, console=console, transient=True, auto_refresh=False) as bar:
        task = bar.add_task("", total=1.0, name="", state="", visible=False)

        def show(told: "TrialProgress") -> None:
            nonlocal last_frame
            pace.take(told)
            if time.monotonic() - last_frame < _SECONDS_BETWEEN_FRAMES:
                return
            last_frame = time.monotonic()
            name = f"trial {told.trial} fold {told.fold}/{told.folds}"
            state = f"step {pace.step}/{told.now.steps}, loss {told.now.loss:.3f}{pace.left}"
            bar.update(task, completed=pace.share, name=name, state=state, visible=True, refresh=True)

        yield show


def _lines(screen: Screen) -> "Callable[[TrialProgress], None]":
    pace, last_line = _Pace(), time.monotonic()

    def show(told: "TrialProgress") -> None:
        nonlocal last_line
        pace.take(told)
        now = told.now
        if now.validation_loss is None or time.monotonic() - last_line < _SECONDS_BETWEEN_LINES:
            return
        last_line = time.monotonic()
        if not screen.as_events:
            said = f"fold {told.fold}/{told.folds}, step {pace.step}/{now.steps}, loss {now.loss:.4f}, "
            screen.facts([(f"trial {told.trial}", f"{said}validation {now.validation_loss:.4f}{pace.left}")])
            return
        screen.tell(
            "progress", stage=now.stage, trial=told.trial, fold=told.fold, folds=told.folds,
            member=now.member + 1, members=told.members, step=now.step, steps=now.steps, loss=now.loss,
            validation_loss=now.validation_loss, rate=now.rate, seconds_left=pace.seconds_left,
        )  # fmt: skip

    return show
