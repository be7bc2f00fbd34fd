"""What `lstmcli train` does where torchrun started it: one process speaks, and all have the same task."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from lstmcli.console.manner import OutputMode, set_output_mode
from lstmcli.errors import SettingsError, UsageError
from lstmcli.learning.processes.group import ProcessGroup, join_group

if TYPE_CHECKING:
    from lstmcli.console.screen import Screen
    from lstmcli.jobs.train.prepare import TrainJob


@contextmanager
def train_processes(data: list[str], wait_seconds: float) -> Iterator[ProcessGroup]:
    """The processes of torchrun, of which the first speaks; one process without it.

    wait_seconds: that the first may wait for the lock. Raises UsageError where they would share
    standard input, each getting a part; what `join_group` raises.
    """
    with join_group(wait_seconds) as ranks:
        if not ranks.first:
            set_output_mode(OutputMode(apart=True))
        if not ranks.alone:
            ranks.by_first(lambda: _check_files(data))
        yield ranks


def _check_files(data: list[str]) -> None:
    if "-" in data:
        raise UsageError("-: the processes of torchrun cannot share standard input; name a file")


def check_alike(job: "TrainJob", ranks: ProcessGroup) -> None:
    """Raises SettingsError where this process has other data, settings or versions than the first, or
    where a batch has fewer windows than there are processes."""
    if ranks.alone:
        return
    from lstmcli.cli.commands.train_run import identity
    from lstmcli.learning.checkpoint.file import differences

    ours = json.loads(json.dumps(identity(job)))
    if different := differences(ranks.same(ours), ours, "first process:", "here:"):
        raise SettingsError(f"other than in the first process: {', '.join(different)}")
    if job.settings.batch < ranks.world:
        raise SettingsError(
            f"batch {job.settings.batch}: each of the {ranks.world} processes of torchrun needs a window"
        )


def say_processes(job: "TrainJob", ranks: ProcessGroup, screen: "Screen") -> None:
    """That several processes train together."""
    if not ranks.alone:
        text = f"{ranks.world} of torchrun, which share every step of {job.settings.batch} windows"
        screen.facts([("processes", text)])
