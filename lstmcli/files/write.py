"""Writing files whole or not at all."""

import contextlib
import errno
import os
import re
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

from lstmcli.errors import write_failure
from lstmcli.files.locks import try_lock, wait_for_lock

_OPEN = re.compile(r"/dev/stderr|(?:/dev|/proc/self)/fd/(\d+)")  # what the shell has opened
_TEMPORARY = ".lstmcli"  # end of the names of unfinished files: no other program makes such


def write_atomically(path: Path, content: bytes, named: bool = True) -> None:
    """Writes a file whole or not at all, see `written_whole`. Raises CannotCreate or WriteFailed."""
    with written_whole(path, named) as write:
        write(content)


@contextlib.contextmanager
def written_whole(path: Path, named: bool = True) -> Iterator[Callable[[bytes], None]]:
    """Gives what writes to a temporary file beside `path`; syncs it in the end, renames it, syncs the
    folder. Where anything is raised before, nothing is left of it; what a killed process left of the
    same file is removed.

    content: whole, or piece by piece; what making a piece raises leaves the old file as it is. named: whether
    the user named the file; a link that stands in the place of any other is replaced, and not followed.

    A reader sees the old file or the new one, never a part. The mode of an existing file is
    kept, and its owner and group where that is permitted. A device or pipe such as /dev/stdout is
    written to directly.

    Raises CannotCreate or WriteFailed; the old file is then untouched, unless only the last step
    failed, which the message then says.
    """
    if named and (_OPEN.fullmatch(str(path)) or (path.exists() and not path.is_file())):
        with _open_device(path) as write:
            yield write
        return
    # A link stays a link.
    target = Path(os.path.realpath(path)) if named else path.parent.resolve() / path.name
    remove_leftovers(target)
    with _failing_as(path):
        handle, temporary = _temporary(target)
    try:
        yield _writer(handle, path)
        with _failing_as(path):
            _take_mode(handle, target)
            os.fsync(handle)
            temporary.replace(target)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    finally:
        # Last, for it gives up the lock, and of what is synced already no error can come.
        with contextlib.suppress(OSError):
            os.close(handle)
    with _failing_as(path, "it is written, but would not outlast a power failure"):
        _sync_folder(target.parent)


@contextlib.contextmanager
def _open_device(path: Path) -> Iterator[Callable[[bytes], None]]:
    with _failing_as(path):
        found = _OPEN.fullmatch(str(path))
        # A file that the shell has opened is written on, not replaced or begun again.
        device = os.dup(int(found[1] or 2)) if found else os.open(path, os.O_WRONLY | os.O_TRUNC)
    try:
        yield _writer(device, path)
    finally:
        with _failing_as(path):
            os.close(device)


def remove_leftovers(target: Path) -> None:
    """Removes temporary files of a file, no link to it, that dead processes left: nobody has locked them."""
    # What `mkstemp` makes of its prefix and suffix.
    pattern = re.compile(rf"\.{re.escape(target.name)}\.[a-z0-9_]{{8}}{re.escape(_TEMPORARY)}")
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            if pattern.fullmatch(name):
                _remove_unlocked(target.parent / name)


def _remove_unlocked(path: Path) -> None:
    # Not where it is locked, gone, of another user, or on a file system without locks.
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            if try_lock(handle):
                path.unlink()
        finally:
            os.close(handle)


def _temporary(target: Path) -> tuple[int, Path]:
    """A new file beside the target, open and locked: the lock ends with the process."""
    import tempfile  # loads a dozen modules

    while True:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_TEMPORARY, dir=target.parent)
        with contextlib.suppress(OSError):  # not every file system has locks; there nothing is removed
            wait_for_lock(handle)
        if os.path.exists(name):
            return handle, Path(name)
        os.close(handle)  # before it was locked, another writer took it for a leftover


def make_folder(path: Path) -> None:
    """Makes a folder for output, and those above it. Raises CannotCreate or WriteFailed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failure(path, error) from None


def _writer(handle: int, path: Path) -> Callable[[bytes], None]:
    def write(content: bytes) -> None:
        left = memoryview(content)
        with _failing_as(path):
            while left:
                left = left[os.write(handle, left) :]

    return write


def _take_mode(handle: int, target: Path) -> None:
    """Gives an open file the mode and owner of the file it replaces, or what the umask says."""
    try:
        old = target.lstat()
        if not stat.S_ISREG(old.st_mode):
            raise FileNotFoundError
    except OSError:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(handle, 0o666 & ~mask)
        return
    with contextlib.suppress(OSError):  # only root may give files away
        os.fchown(handle, old.st_uid, old.st_gid)
    os.fchmod(handle, old.st_mode & 0o7777)


def _sync_folder(folder: Path) -> None:
    try:
        handle = os.open(folder, os.O_RDONLY)
    except PermissionError:  # a folder that may be written to but not listed
        return
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.EOPNOTSUPP):  # not every file system can
            raise
    finally:
        os.close(handle)


@contextlib.contextmanager
def _failing_as(path: Path, state: str = "nothing was replaced") -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise write_failure(path, error, state) from None
