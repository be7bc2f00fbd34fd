"""One writer per file: a lock that ends with the process that holds it.

The lock is `flock` on a side file `.NAME.lock`, which is removed when the lock is given back;
one that is left by a killed process locks nothing. Readers need no lock: files are replaced whole.
All locks of the program are here. By hand, as the package filelock cannot name the process that holds one.
"""

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from lstmcli.errors import Locked, write_failure

_SECONDS_BETWEEN_TRIES = 0.1
_GRACE = 1.0  # seconds; the processes of a run that was killed just now may not be gone yet
_HELD: set[int] = set()  # open lock files


def _forget() -> None:
    """A forked child shares the lock with its parent, and must not keep it beyond its death."""
    for handle in _HELD:
        os.close(handle)
    _HELD.clear()


os.register_at_fork(after_in_child=_forget)


@contextmanager
def hold_lock(
    path: Path,
    wait_seconds: float = 0.0,
    busy: str = "is being trained by {holder}; wait for it with --lock-wait 5m",
) -> Iterator[None]:
    """Holds the lock of a file that is to be written; a device is not locked.

    busy: what the message says of a file that another process has.
    Raises Locked, naming who holds it, when it is not free after `wait_seconds`, but a second at least;
    CannotCreate or WriteFailed where the side file cannot be made.
    """
    if path.exists() and not path.is_file():
        yield
        return
    handle = _acquired(path, time.monotonic() + max(wait_seconds, _GRACE), busy)
    _HELD.add(handle)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            lock_path(path).unlink()  # still locked: who waits for it sees that it is gone
        if handle in _HELD:
            _HELD.discard(handle)
            os.close(handle)


def try_lock(handle: int) -> bool:
    """Locks an open file; False where another process has it. Raises OSError where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def wait_for_lock(handle: int) -> None:
    """Locks an open file once no other process has it. Raises OSError where there are no locks."""
    fcntl.flock(handle, fcntl.LOCK_EX)


def lock_path(path: Path) -> Path:
    target = path.resolve()
    return target.with_name(f".{target.name}.lock")


def holder(path: Path) -> str | None:
    """Who holds the lock of a file, as "process 12 since ...", or None where it is free."""
    try:
        handle = os.open(lock_path(path), os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        return None
    except OSError:
        return _named(handle)
    finally:
        os.close(handle)


def _acquired(path: Path, until: float, busy: str) -> int:
    """The open and locked side file, with this process written into it."""
    side = lock_path(path)
    while True:
        try:
            handle = os.open(side, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        except OSError as error:
            raise write_failure(path, error) from None
        try:
            if not try_lock(handle):
                who = _named(handle)
                if time.monotonic() >= until:
                    os.close(handle)
                    raise Locked(f"{path}: {busy.format(holder=who)}")
                time.sleep(_SECONDS_BETWEEN_TRIES)
            elif _is_at(side, handle):
                _sign(handle)
                return handle
        except OSError as error:
            with contextlib.suppress(OSError):
                side.unlink()
            os.close(handle)
            if error.errno in (errno.ENOLCK, errno.EOPNOTSUPP):
                error = OSError(error.errno, "this file system has no locks")
            raise write_failure(path, error) from None
        os.close(handle)


def _is_at(side: Path, handle: int) -> bool:
    """Whether the locked file is still the one that others would open."""
    try:
        there, ours = os.stat(side), os.fstat(handle)
    except FileNotFoundError:
        return False
    return (there.st_dev, there.st_ino) == (ours.st_dev, ours.st_ino)


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    os.write(handle, f"process {os.getpid()} since {now}\n".encode())


def _named(handle: int) -> str:
    """What the holder wrote; it may be about to do so."""
    with contextlib.suppress(OSError):
        if text := os.pread(handle, 200, 0).decode(errors="replace").strip():
            return text
    return "another process"
