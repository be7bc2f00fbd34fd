"""Work that may take any memory, or end the process: in a child of its own, within a bound."""

import faulthandler
import multiprocessing
from collections.abc import Callable
from typing import TypeVar

from lstmcli.errors import DataError, SystemFailed
from lstmcli.files.children import start_child
from lstmcli.files.posix import give_up, limit_memory

Result = TypeVar("Result")


def done_apart(work: Callable[[], Result], path: str, most: int) -> Result:
    """What `work` gives. most: bytes of memory that it may take; path: of the file that it reads.

    Raises DataError where it takes more, or ends its process; a daemon does it itself, for it may have no
    children.
    """
    if multiprocessing.current_process().daemon:
        return work()
    child = start_child(lambda send: send(_bounded(work, most)))
    try:
        return child.received()
    except SystemFailed:
        said = f"reading it takes more than {most / 2**30:.1f} GB of memory, or fails: save the table as CSV"
        raise DataError("unreadable", said, path=path) from None
    finally:
        child.end()


def _bounded(work: Callable[[], Result], most: int) -> Result:
    # The reader of workbooks aborts where memory runs out, and tells it there.
    give_up(2)
    faulthandler.disable()
    limit_memory(most)
    return work()
