"""Writing files whole or not at all."""

import contextlib
import errno
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from lstmcli.errors import CannotCreate, LstmcliError, WriteFailed

_TEMPORARY = ".tmp"  # end of the names of unfinished files


def write_atomically(path: Path, content: bytes) -> None:
    """Writes a file whole or not at all, see `written_whole`. Raises CannotCreate or WriteFailed."""
    with written_whole(path) as write:
        write(content)


@contextlib.contextmanager
def written_whole(path: Path) -> Iterator[Callable[[bytes], None]]:
    """Gives what writes to a temporary file beside `path`; syncs it in the end, renames it, syncs the
    folder. Where anything is raised before, nothing is left of it.

    content: whole, or piece by piece; what making a piece raises leaves the old file as it is.

    A reader sees the old file or the new one, never a part. The mode of an existing file is
    kept, and its owner and group where that is permitted. A device or pipe such as /dev/stdout is
    written to directly.

    Raises CannotCreate or WriteFailed; the old file is then untouched, unless only the last step
    failed, which the message then says.
    """
    import tempfile  # loads a dozen modules

    if path.exists() and not path.is_file():
        with _failing_as(path):
            device = os.open(path, os.O_WRONLY | os.O_TRUNC)
        try:
            yield _writer(device, path)
        finally:
            with _failing_as(path):
                os.close(device)
        return
    target = path.resolve()  # a link stays a link
    with _failing_as(path):
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=_TEMPORARY, dir=target.parent)
    temporary = Path(name)
    try:
        try:
            yield _writer(handle, path)
            with _failing_as(path):
                _take_mode(handle, target)
                os.fsync(handle)
        finally:
            with _failing_as(path):
                os.close(handle)
        with _failing_as(path):
            temporary.replace(target)
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
    with _failing_as(path, "it is written, but would not outlast a power failure"):
        _sync_folder(target.parent)


def remove_leftovers(path: Path) -> None:
    """Removes temporary files of `path` that a killed run left.

    Only for who holds the lock of `path`: nobody else writes it then.
    """
    target = path.resolve()
    # What `mkstemp` makes of its prefix and suffix.
    pattern = re.compile(rf"\.{re.escape(target.name)}\.[a-z0-9_]{{8}}{re.escape(_TEMPORARY)}")
    with contextlib.suppress(OSError):
        for name in os.listdir(target.parent):
            if pattern.fullmatch(name):
                (target.parent / name).unlink(missing_ok=True)


def check_can_create(path: Path) -> None:
    """Raises CannotCreate where a file surely cannot be written: better known before the work."""
    folder = path.resolve().parent
    if path.is_dir():
        raise CannotCreate(f"{path}: cannot be written: is a folder")
    if path.exists() and not path.is_file():
        if not os.access(path, os.W_OK):
            raise CannotCreate(f"{path}: cannot be written: no permission")
        return
    if not folder.is_dir():
        raise CannotCreate(f"{path}: cannot be written: there is no folder {path.parent}")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise CannotCreate(f"{path}: cannot be written: no permission in {path.parent}")


def make_folder(path: Path) -> None:
    """Makes a folder for output, and those above it. Raises CannotCreate or WriteFailed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise failure(path, error) from None


def give_up_stdout() -> None:
    """Nothing can be written any more, not even what Python flushes when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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
        old = target.stat()
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
        raise failure(path, error, state) from None


def failure(path: Path, error: OSError, state: str = "nothing was replaced") -> LstmcliError:
    """WriteFailed for a full or broken device, CannotCreate for all else. state: what is on it now."""
    reason = (error.strerror or str(error)).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
        return WriteFailed(f"{path}: {reason}; {state}")
    return CannotCreate(f"{path}: cannot be written: {reason}")
