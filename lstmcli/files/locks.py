"""One writer per file: a lock that ends with the process that holds it.

The lock is `flock` on a side file `.NAME.lock`, which is removed when the lock is given back; one that is
left by a killed process locks nothing. It is made and removed in the folder that was opened, whatever is put
at the path of that meanwhile. Readers need no lock: files are replaced whole.
All locks of the program are here. By hand, as the package filelock cannot name the process that holds one.
"""

import contextlib
import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from lstmcli.errors import CannotCreate, Locked, write_failure
from lstmcli.files.folders import HeldFolder, held_folder
from lstmcli.files.posix import is_locked, lock_exclusively

_SECONDS_BETWEEN_TRIES = 0.1
_GRACE = 1.0  # seconds; the processes of a run that was killed just now may not be gone yet
_HELD: set[int] = set()  # open lock files
_MARK = b"process "  # how the content of a lock begins
_AS_IT_IS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # no link is followed, no pipe waited for
_NO_LOCKS = (errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS)


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
    unlocked: Callable[[str], None] | None = None,
) -> Iterator[None]:
    """Holds the lock of a file that is to be written; a device is not locked.

    busy: what the message says of a file that another process has; unlocked: where two writers at once do no
    harm, told why there is no lock on a file system that has none.
    Raises Locked, naming who holds it, when it is not free after `wait_seconds`, but a second at least;
    CannotCreate or WriteFailed where the side file cannot be made, or is none of ours.
    """
    if path.exists() and not path.is_file():
        yield
        return
    side = lock_path(path)
    with contextlib.ExitStack() as stack:
        try:
            folder = stack.enter_context(held_folder(side.parent))
        except OSError as error:
            raise write_failure(path, error) from None
        try:
            handle = _acquired(path, folder, side.name, time.monotonic() + max(wait_seconds, _GRACE), busy)
        except NoLocks:
            if unlocked is None:
                raise CannotCreate(f"{path}: cannot be written: this file system has no locks") from None
            unlocked(f"{path}: this file system has no locks: nothing keeps two runs from writing it at once")
            yield
            return
        _HELD.add(handle)
        try:
            yield
        finally:
            _given_back(folder, side.name, handle)


def _given_back(folder: HeldFolder, side: str, handle: int) -> None:
    with contextlib.suppress(OSError):
        if folder.has(side, handle):
            folder.unlink(side)  # still locked: who waits for it sees that it is gone
    if handle in _HELD:
        _HELD.discard(handle)
        os.close(handle)


def try_lock(handle: int) -> bool:
    """Locks an open file; False where another process has it. Raises OSError where there are no locks."""
    return lock_exclusively(handle, wait=False)


def wait_for_lock(handle: int) -> None:
    """Locks an open file once no other process has it. Raises OSError where there are no locks."""
    lock_exclusively(handle, wait=True)


def lock_path(path: Path) -> Path:
    target = Path(os.path.realpath(path))  # of links in a circle the first
    return target.with_name(f".{target.name}.lock")


def holder(path: Path) -> str | None:
    """Who holds the lock of a file, as "process 12 since ...", or None where it is free."""
    try:
        handle = os.open(lock_path(path), os.O_RDONLY | _AS_IT_IS)
    except OSError:
        return None
    try:
        return _named(handle) if is_locked(handle) else None
    finally:
        os.close(handle)


class NoLocks(Exception):
    """The file system has no locks."""


def _acquired(path: Path, folder: HeldFolder, side: str, until: float, busy: str) -> int:
    """The open and locked side file, with this process written into it. Raises NoLocks."""
    while True:
        handle = _opened(path, folder, side)
        try:
            if not try_lock(handle):
                who = _named(handle)
                if time.monotonic() >= until:
                    raise Locked(f"{path}: {busy.format(holder=who)}")
                time.sleep(_SECONDS_BETWEEN_TRIES)
            elif folder.has(side, handle):  # it is still the one that others would open
                _sign(handle)
                return handle
        except OSError as error:
            with contextlib.suppress(OSError):
                if error.errno in _NO_LOCKS or try_lock(handle):  # not that of another process
                    folder.unlink(side)
            os.close(handle)
            if error.errno in _NO_LOCKS:
                raise NoLocks from None
            raise write_failure(path, error) from None
        except BaseException:
            os.close(handle)
            raise
        os.close(handle)


def _opened(path: Path, folder: HeldFolder, side: str) -> int:
    """The side file itself: one that others may have made, to have a file of theirs emptied, is refused."""
    try:
        handle = folder.open(side, os.O_RDWR | os.O_CREAT | _AS_IT_IS)
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise write_failure(path, error) from None
        raise CannotCreate(f"{path}: cannot be written: its lock {side} is a link; remove it") from None
    try:
        found = os.fstat(handle)
        own = stat.S_ISREG(found.st_mode) and found.st_nlink <= 1
        own = own and os.pread(handle, len(_MARK), 0) in (b"", _MARK)
    except OSError as error:
        os.close(handle)
        raise write_failure(path, error) from None
    if own:
        return handle
    os.close(handle)
    raise CannotCreate(f"{path}: cannot be written: {side} is no lock of lstmcli; remove it")


def _sign(handle: int) -> None:
    os.ftruncate(handle, 0)
    now = datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")
    os.write(handle, _MARK + f"{os.getpid()} since {now}\n".encode())


def _named(handle: int) -> str:
    """What the holder wrote; it may be about to do so."""
    with contextlib.suppress(OSError):
        if text := os.pread(handle, 200, 0).decode(errors="replace").strip():
            return text
    return "another process"
