"""Forked children: they share the data of their parent, end with it, and say what ended them.

A child hands over results through a pipe. It holds the reading end of none: were its parent killed, it
would wait for ever to write to a pipe that only it reads. Linux also kills it with its parent.
"""

import multiprocessing
import os
import pickle
import signal
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Any

from lstmcli.errors import LstmcliError, SystemFailed
from lstmcli.errors.system import system_failure
from lstmcli.files.posix import end_with_parent

_READ_ENDS: dict[int, Connection] = {}  # of the children of this process, by process id

Send = Callable[[Any], None]


@dataclass(frozen=True)
class Child:
    """results: what it sends, see `received`."""

    process: BaseProcess
    results: Connection

    def received(self) -> Any:
        """The next thing that the child sends, once it does.

        Raises what ended its work, or SystemFailed where it was killed.
        """
        try:
            message = self.results.recv()
        except (EOFError, ConnectionResetError):
            self.process.join()
            raise SystemFailed(_what_ended(self.process.exitcode)) from None
        if isinstance(message, _Raised):
            raise message.error
        return message

    def end(self, patience: float = 0.0) -> None:
        """Ends the process, which has some seconds to end what it has started, and waits for it."""
        if patience:
            self.process.terminate()
            self.process.join(patience)
        self.process.kill()
        self.process.join()
        _READ_ENDS.pop(self.process.pid or 0, None)
        self.results.close()


@dataclass(frozen=True)
class _Raised:
    error: BaseException


def start_child(
    work: Callable[[Send], None], on_term: Callable[[], None] | None = None, may_fork: bool = False
) -> Child:
    """A process that does `work(send)`. Signals of the terminal are for the parent alone.

    on_term: done on SIGTERM, else ignored; may_fork: whether it may start children of its own. Raises
    SystemFailed where no process can be started.
    """
    context = multiprocessing.get_context("fork")
    try:
        receive, send = context.Pipe(duplex=False)
        arguments = (work, send, receive, on_term, os.getpid())
        process = context.Process(target=_run, args=arguments, daemon=not may_fork)
        process.start()
    except OSError as error:
        failure = system_failure(error)
        raise SystemFailed(f"no process can be started: {failure or error}") from None
    send.close()
    _READ_ENDS[process.pid or 0] = receive
    return Child(process, receive)


def _run(
    work: Callable[[Send], None],
    results: Connection,
    own_read_end: Connection,
    on_term: Callable[[], None] | None,
    parent: int,
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if on_term is None else lambda *_: on_term())
    end_with_parent(parent)
    for read_end in (*_READ_ENDS.values(), own_read_end):
        read_end.close()
    _READ_ENDS.clear()
    try:
        try:
            work(results.send)
        except BrokenPipeError:
            raise
        except Exception as error:
            results.send(_Raised(_portable(error)))
    except BrokenPipeError:
        os._exit(1)  # the parent is gone; not in order, which would wait for children that write to this one


def _portable(error: Exception) -> Exception:
    """The error as the parent can raise it, with the place where it was raised for --debug."""
    if isinstance(error, LstmcliError):
        return error
    if failure := system_failure(error):
        return failure
    error.add_note("".join(traceback.format_exception(error)))
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(repr(error))
    return error


def _what_ended(code: int | None) -> str:
    if code == -signal.SIGKILL:
        return "one of its processes was killed (SIGKILL), as the system does where memory runs out"
    if code is not None and code < 0:
        return f"one of its processes was ended by {signal.Signals(-code).name}"
    return f"one of its processes ended by itself, with exit code {code}"
