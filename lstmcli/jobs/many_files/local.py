"""Many files by processes of this machine: forked, with pipes to this one, and no network that others see."""

import os
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from typing import cast

from lstmcli.files.children import Child, Send, start_child
from lstmcli.jobs.many_files.file_task import FileForecast, FileJob, forecast_file

_AHEAD = 4  # forecasts of each process that wait for their turn


@dataclass
class _Worker:
    """left: forecasts that are still to come from it; done: those that wait."""

    child: Child
    left: int
    done: deque[FileForecast] = field(default_factory=deque)

    @property
    def is_read(self) -> bool:
        return self.left > 0 and len(self.done) < _AHEAD


def local_forecasts(
    job: FileJob, names: Sequence[str], processes: int
) -> Generator[FileForecast, None, None]:
    """The forecast of each file, in their order; a few of each process are under way.

    Raises SystemFailed where a process was killed. No process outlives the iteration.
    """
    workers = list[_Worker]()
    try:
        for at in range(processes):
            mine = names[at::processes]
            workers.append(_Worker(start_child(partial(_forecast_each, job, mine)), len(mine)))
        for at in range(len(names)):
            worker = workers[at % processes]
            while not worker.done:
                _read_some({w.child.results: w for w in workers if w.is_read})
            yield worker.done.popleft()
    finally:
        for worker in workers:
            worker.child.end()


def _read_some(workers: dict[Connection, _Worker]) -> None:
    for end in wait(list(workers)):
        worker = workers[cast(Connection, end)]
        worker.done.append(worker.child.received())
        worker.left -= 1


def _forecast_each(job: FileJob, names: Sequence[str], send: Send) -> None:
    for name in names:
        send(forecast_file(job, os.path.abspath(name), name))
