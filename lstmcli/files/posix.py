"""The door to what Linux and macOS have and Windows has not; no other module imports fcntl, resource or
ctypes."""

import contextlib
import os
import signal
import sys

NEEDED = "lstmcli needs Linux or macOS; on Windows it runs in WSL (wsl --install)"
if os.name != "posix":
    raise ImportError(NEEDED)

import fcntl  # noqa: E402
import resource  # noqa: E402

_SIGNAL_AT_DEATH_OF_PARENT = 1  # PR_SET_PDEATHSIG of prctl(2)


def usable_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def peak_bytes() -> int:
    """The most memory that this process has had."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def limit_memory(more: int) -> None:
    """Lets this process take at most so many bytes more than now, where the system tells these: Linux."""
    with contextlib.suppress(OSError), open("/proc/self/statm") as file:
        taken = int(file.read().split()[0]) * resource.getpagesize()
        hardest = resource.getrlimit(resource.RLIMIT_AS)[1]
        most = taken + more if hardest == resource.RLIM_INFINITY else min(taken + more, hardest)
        resource.setrlimit(resource.RLIMIT_AS, (most, hardest))


def is_full(folder: str | os.PathLike[str]) -> bool:
    """Whether its file system surely has no place for one file more; root may use what is kept for it."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return False
    root = os.geteuid() == 0
    blocks, files = (found.f_bfree, found.f_ffree) if root else (found.f_bavail, found.f_favail)
    # Some file systems, as those of the kernel, count neither.
    return (found.f_blocks > 0 and blocks == 0) or (found.f_files > 0 and files == 0)


def give_up(handle: int) -> None:
    """Lets an open file take everything and keep nothing."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, handle)
    os.close(nowhere)


def lock_exclusively(handle: int, wait: bool) -> bool:
    """`flock`; False where another process has the lock. Raises OSError where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    return True


def is_locked(handle: int) -> bool:
    """Whether another process has the lock; where there are no locks, too."""
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    return False


def end_with_parent(parent: int) -> None:
    """Asks the system to kill this process as soon as its parent ends, where it can: Linux."""
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_SIGNAL_AT_DEATH_OF_PARENT, signal.SIGKILL, 0, 0, 0)
    end_without_parent(parent)


def end_without_parent(parent: int) -> None:
    """Ends this process at once where its parent has ended: for work that lasts, from time to time."""
    if os.getppid() != parent:
        os._exit(1)
