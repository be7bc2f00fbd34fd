"""Failures of the system below the program: memory, open files, processes, a device.

What fails is often a library, in words of its own: the cause is looked for in its chain of errors.
"""

import errno
import os
from collections.abc import Iterator

from lstmcli.errors import SYSTEM_ERRNOS, SystemFailed, reason_of

_NO_MEMORY, _NO_FILES = "not enough memory", "too many open files"
# Of a path that no call above has looked at before.
_OF_PATHS = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR}
# What libraries say, in small letters, where they raise neither MemoryError nor OSError.
_SAID = {
    "cannot allocate memory": _NO_MEMORY,
    "can't allocate memory": _NO_MEMORY,
    "out of memory": _NO_MEMORY,
    "failed to map segment": _NO_MEMORY,
    "unable to mmap": _NO_MEMORY,
    "storage size calculation overflowed": _NO_MEMORY,
    "too many open files": _NO_FILES,
    "can't start new thread": "no more threads can be started",
    "resource temporarily unavailable": "no more threads or processes can be started",
}


def system_failure(error: BaseException) -> SystemFailed | None:
    """The error as one of the system, where it is one or was raised because of one."""
    for cause in _chain(error):
        if isinstance(cause, SystemFailed):
            return cause
        if isinstance(cause, MemoryError):
            detail = str(cause).partition(" with shape")[0]
            is_array = detail.startswith("Unable to allocate")
            return SystemFailed(f"{_NO_MEMORY}: u{detail[1:]}" if is_array else _NO_MEMORY)
        if isinstance(cause, FileNotFoundError) and cause.filename is None and _folder_is_gone():
            return SystemFailed("the current folder is gone; cd to one that is there")
        known = SYSTEM_ERRNOS | _OF_PATHS if cause is error else SYSTEM_ERRNOS
        if isinstance(cause, OSError) and cause.errno in known:
            where = f"{cause.filename}: " if cause.filename is not None else ""
            return SystemFailed(where + reason_of(cause))
        if isinstance(cause, ImportError | RuntimeError):
            text = str(cause).lower()
            for said, meaning in _SAID.items():
                if said in text:
                    return SystemFailed(meaning)
    return None


def _folder_is_gone() -> bool:
    try:
        os.getcwd()
    except FileNotFoundError:
        return True
    return False


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = set[int]()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
