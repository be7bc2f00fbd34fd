"""Writing files whole or not at all."""

import contextlib
import errno
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from lstmcli.errors import CannotCreate, write_failure
from lstmcli.files.folders import HeldFolder, held_folder
from lstmcli.files.locks import try_lock, wait_for_lock
from lstmcli.files.read import PATIENCE, is_pipe

_OPEN = re.compile(r"/dev/stderr|(?:/dev|/proc/self)/fd/(\d+)")  # what the shell has opened
_TEMPORARY = ".lstmcli"  # end of the names of unfinished files: no other program makes such
_SECONDS_BETWEEN_TRIES = 0.05
_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL


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
    written to directly; a pipe is waited for some seconds, until it is read.

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
    with contextlib.ExitStack() as stack:
        with _failing_as(path):
            folder = stack.enter_context(held_folder(target.parent))
        yield from _written_in(folder, target.name, path)
        with _failing_as(path, "it is written, but would not outlast a power failure"):
            _sync_folder(folder)


def _written_in(folder: HeldFolder, name: str, path: Path) -> Iterator[Callable[[bytes], None]]:
    """path: for messages."""
    with _failing_as(path):
        handle, temporary = _temporary(folder, name)
    try:
        yield _writer(handle, path)
        with _failing_as(path):
            _take_mode(handle, folder, name)
            os.fsync(handle)
            places = folder.place(temporary), folder.place(name)
            os.replace(*places, src_dir_fd=folder.handle, dst_dir_fd=folder.handle)
    except BaseException:
        with contextlib.suppress(OSError):
            folder.unlink(temporary)
        raise
    finally:
        # Last, for it gives up the lock, and of what is synced already no error can come.
        with contextlib.suppress(OSError):
            os.close(handle)


@contextlib.contextmanager
def _open_device(path: Path) -> Iterator[Callable[[bytes], None]]:
    with _failing_as(path):
        found = _OPEN.fullmatch(str(path))
        # A file that the shell has opened is written on, not replaced or begun again.
        device = os.dup(int(found[1] or 2)) if found else _opened_device(path)
    try:
        yield _writer(device, path)
    finally:
        with _failing_as(path):
            os.close(device)


def _opened_device(path: Path) -> int:
    """A pipe too, whose reader has some seconds to open it. Raises CannotCreate where none comes."""
    if not is_pipe(path):
        return os.open(path, os.O_WRONLY | os.O_TRUNC)
    until = time.monotonic() + PATIENCE
    while True:
        try:
            handle = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
            if time.monotonic() > until:
                said = "is a pipe that nobody reads; start its reader first"
                raise CannotCreate(f"{path}: cannot be written: {said}") from None
            time.sleep(_SECONDS_BETWEEN_TRIES)
            continue
        os.set_blocking(handle, True)
        return handle


def remove_leftovers(target: Path) -> None:
    """Removes temporary files of a file, no link to it, that dead processes left: nobody has locked them."""
    pattern = re.compile(rf"\.{re.escape(target.name)}\.[a-z0-9_]{{8}}{re.escape(_TEMPORARY)}")
    with contextlib.suppress(OSError):
        folder = os.open(target.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            for name in os.listdir(folder):
                if pattern.fullmatch(name):
                    _remove_unlocked(name, folder)
        finally:
            os.close(folder)


def _remove_unlocked(name: str, folder: int) -> None:
    # Not where it is locked, gone, of another user, or on a file system without locks.
    with contextlib.suppress(OSError):
        handle = os.open(name, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
        try:
            if try_lock(handle):
                os.unlink(name, dir_fd=folder)
        finally:
            os.close(handle)


def _temporary(folder: HeldFolder, target: str) -> tuple[int, str]:
    """A new file for a target, open and locked, and its name: the lock ends with the process."""
    while True:
        name = f".{target}.{os.urandom(4).hex()}{_TEMPORARY}"
        try:
            handle = folder.open(name, _NEW, 0o600)
        except FileExistsError:
            continue
        with contextlib.suppress(OSError):  # not every file system has locks; there nothing is removed
            wait_for_lock(handle)
        try:
            folder.stat(name)
        except FileNotFoundError:  # before it was locked, another writer took it for a leftover
            os.close(handle)
            continue
        return handle, name


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


def _take_mode(handle: int, folder: HeldFolder, name: str) -> None:
    """Gives an open file the mode and owner of the file it replaces, or what the umask says."""
    try:
        old = folder.stat(name)
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


def _sync_folder(folder: HeldFolder) -> None:
    try:
        handle = os.open(folder.place("."), os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder.handle)
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
