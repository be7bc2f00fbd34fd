"""Failures of the system below the program: memory, open files, processes, a device.

What fails is often a library, in words of its own: the cause is looked for in its chain of errors.
"""

from collections.abc import Iterator

from lstmcli.errors import SYSTEM_ERRNOS, SystemFailed, reason_of

_NO_MEMORY, _NO_FILES = "not enough memory", "too many open files"
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
            detail = str(cause).lower().partition(" with shape")[0]
            return SystemFailed(f"{_NO_MEMORY}: {detail}" if "unable to allocate" in detail else _NO_MEMORY)
        if isinstance(cause, OSError) and cause.errno in SYSTEM_ERRNOS:
            where = f"{cause.filename}: " if cause.filename is not None else ""
            return SystemFailed(where + reason_of(cause))
        if isinstance(cause, ImportError | RuntimeError):
            text = str(cause).lower()
            for said, meaning in _SAID.items():
                if said in text:
                    return SystemFailed(meaning)
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen = set[int]()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)
