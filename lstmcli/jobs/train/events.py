"""What a training reports while it runs. It never prints: whoever starts it passes a callback."""

from collections.abc import Callable
from dataclasses import dataclass

from lstmcli.jobs.train.prepare import TrainJob
from lstmcli.learning.progress import Progress


@dataclass(frozen=True)
class Note:
    """One line. topic: what it is about, as "checkpoint"; "" for what belongs to the line before."""

    topic: str
    text: str


@dataclass(frozen=True)
class JobPrepared:
    """Data are read and all is decided; processes: of torchrun, that train together."""

    job: TrainJob
    processes: int


@dataclass(frozen=True)
class StageEnded:
    """name: "reading" or "training"."""

    name: str


TrainEvent = Note | JobPrepared | StageEnded | Progress
TrainListener = Callable[[TrainEvent], None]


def ignore_event(event: TrainEvent) -> None:
    """For a training that reports to nobody."""
