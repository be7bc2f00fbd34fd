"""What a training reports while it runs, and the reporter that tells nobody."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from lstmcli.jobs.reporter import ProgressReporter
from lstmcli.jobs.train.prepare import TrainJob

if TYPE_CHECKING:
    from lstmcli.learning.progress import Progress, ProgressCallback


class TrainReporter(ProgressReporter, Protocol):
    """Receives what `run_training` tells."""

    def prepared(self, job: TrainJob, processes: int) -> None:
        """Data are read and all is decided; processes: of torchrun, that train together."""


class SilentReporter:
    """For a training that reports to nobody."""

    def say(self, text: str) -> None:
        pass

    def facts(self, rows: list[tuple[str, str]]) -> None:
        pass

    def lap(self, stage: str) -> None:
        pass

    def prepared(self, job: TrainJob, processes: int) -> None:
        pass

    @contextmanager
    def progress(self, members: int) -> "Iterator[ProgressCallback]":
        def ignore(now: "Progress") -> None:
            pass

        yield ignore
