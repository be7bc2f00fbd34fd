"""The processes that `torchrun` starts for one training, and how they come to the same decisions.

Loads torch only where there is more than one process.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from lstmcli.errors import Interrupted, LstmcliError, ReportedElsewhere, TrainingDiverged

# Variables that torchrun, and others that start processes for torch, set for each of them.
_VARIABLES = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")
_INTERRUPTED = 130
_LONGEST_WAIT = 600.0  # seconds that one process waits for another, as for one that reads its data
# All processes come to these together.
_SHARED = (TrainingDiverged, Interrupted, KeyboardInterrupt, SystemExit)

_T = TypeVar("_T")
_P = ParamSpec("_P")


@dataclass(frozen=True)
class ProcessGroup:
    """rank: of this process, the first is 0; world: how many processes there are."""

    rank: int = 0
    world: int = 1

    @property
    def is_single(self) -> bool:
        return self.world == 1

    @property
    def is_first(self) -> bool:
        """Whether this is the process that speaks and writes."""
        return self.rank == 0

    def share(self, count: int) -> slice:
        """This process's part of `count` windows; the parts follow one another and differ by one at most."""
        return slice(count * self.rank // self.world, count * (self.rank + 1) // self.world)

    def broadcast(self, value: _T) -> _T:
        """What the first process has, in all."""
        if self.is_single:
            return value
        from lstmcli.learning.processes.distributed import broadcast

        return broadcast(value)

    def maximum(self, *numbers: int) -> tuple[int, ...]:
        """The largest that any process has, of each number."""
        if self.is_single:
            return numbers
        from lstmcli.learning.processes.distributed import largest_of_all

        return largest_of_all(numbers)

    def run_on_first(self, stage: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What a stage gives in the first process, which alone runs it, in all.

        Raises what it raises, ReportedElsewhere in the others.
        """
        if self.is_single:
            return stage(*args, **kwargs)
        made, code = None, 0
        try:
            if self.is_first:
                made = stage(*args, **kwargs)
        except BaseException as error:
            self.broadcast((None, _exit_code(error)))
            raise
        result, code = self.broadcast((made, code))
        if code:
            raise ReportedElsewhere(0, code)
        return result  # type: ignore[return-value]

    def run_on_all(self, stage: Callable[_P, _T], *args: _P.args, **kwargs: _P.kwargs) -> _T:
        """What a stage gives in this process, once all have run it.

        Where some fail the first of them raises its error, the others ReportedElsewhere.
        """
        if self.is_single:
            return stage(*args, **kwargs)
        from lstmcli.learning.processes.distributed import gather_all

        failure, made = None, None
        try:
            made = stage(*args, **kwargs)
        except BaseException as error:
            failure = error
        codes = gather_all(0 if failure is None else _exit_code(failure))
        failed = [rank for rank, code in enumerate(codes) if code]
        if not failed:
            return made  # type: ignore[return-value]
        if failed[0] == self.rank and failure is not None:
            raise self._named(failure)
        raise ReportedElsewhere(failed[0], codes[failed[0]])

    def _named(self, error: BaseException) -> BaseException:
        """The error with the process it belongs to, where that is not the first."""
        if not self.is_first and isinstance(error, LstmcliError):
            error.args = (f"process {self.rank} of torchrun: {error}",)
        return error


SINGLE_PROCESS = ProcessGroup()


def group_from_environment(environment: Mapping[str, str]) -> ProcessGroup:
    """What torchrun has put into the environment; one process without it."""
    if any(not environment.get(name) for name in _VARIABLES):
        return SINGLE_PROCESS
    try:
        rank, world = int(environment["RANK"]), int(environment["WORLD_SIZE"])
    except ValueError:
        return SINGLE_PROCESS
    return ProcessGroup(rank, world) if 0 <= rank < world else SINGLE_PROCESS


@contextmanager
def join_group(seconds: float = 0.0) -> Iterator[ProcessGroup]:
    """The processes of torchrun, connected to each other; one process without it.

    seconds: that they may have to wait for each other beyond ten minutes. What all meet together
    is raised as ReportedElsewhere in all but the first. Raises LstmcliError where others are lost.
    """
    group = group_from_environment(os.environ)
    if group.is_single:
        yield group
        return
    from lstmcli.learning.processes import distributed

    distributed.join(group.rank, group.world, _LONGEST_WAIT + seconds)
    try:
        yield group
        distributed.leave()  # not after an error: others wait until this process has reported it and ended
    except ReportedElsewhere:
        distributed.wait_for_error()
        raise
    except _SHARED as error:
        if group.is_first:
            raise
        distributed.wait_for_error()
        raise ReportedElsewhere(0, _exit_code(error)) from None
    except RuntimeError as error:
        if not distributed.is_connection_error(error):
            raise
        if not group.is_first:
            raise ReportedElsewhere(0, LstmcliError.exit_code) from None
        raise LstmcliError("another process of torchrun has ended, or does not answer") from error


def _exit_code(error: BaseException) -> int:
    if isinstance(error, LstmcliError):
        return error.exit_code
    if isinstance(error, KeyboardInterrupt):
        return _INTERRUPTED
    if isinstance(error, SystemExit) and isinstance(error.code, int):
        return error.code
    return LstmcliError.exit_code
