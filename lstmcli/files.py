"""Writing files whole or not at all."""

import contextlib
import errno
import os
import sys
import tempfile
from pathlib import Path

from lstmcli.errors import CannotCreate, LstmcliError, WriteFailed


def write_atomically(path: Path, content: bytes) -> None:
    """Writes to a temporary file beside `path`, syncs it, renames it, syncs the folder.

    A reader sees the old file or the new one, never a part. The mode of an existing file is
    kept. A device or pipe such as /dev/stdout is written to directly.

    Raises CannotCreate or WriteFailed; the old file is then untouched.
    """
    if path.exists() and not path.is_file():
        _write_device(path, content)
        return
    target = path.resolve()  # a link stays a link
    try:
        handle, name = tempfile.mkstemp(prefix=f".{target.name}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise _failure(path, error) from None
    temporary = Path(name)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fchmod(file.fileno(), _mode(target))
            os.fsync(file.fileno())
        temporary.replace(target)
        _sync_folder(target.parent)
    except OSError as error:
        raise _failure(path, error) from None
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)


def check_can_create(path: Path) -> None:
    """Raises CannotCreate where a file surely cannot be written: better known before the work."""
    folder = path.resolve().parent
    if not folder.is_dir():
        raise CannotCreate(f"{path}: cannot be written: there is no folder {path.parent}")
    if path.is_dir():
        raise CannotCreate(f"{path}: cannot be written: is a folder")
    if not os.access(folder, os.W_OK):
        raise CannotCreate(f"{path}: cannot be written: no permission in {path.parent}")


def make_folder(path: Path) -> None:
    """Makes a folder for output, and those above it. Raises CannotCreate or WriteFailed."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _failure(path, error) from None


def give_up_stdout() -> None:
    """Nothing can be written any more, not even what Python flushes when it ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _write_device(path: Path, content: bytes) -> None:
    try:
        with open(path, "wb") as file:
            file.write(content)
    except OSError as error:
        raise _failure(path, error) from None


def _mode(target: Path) -> int:
    """The mode of an existing file, or what the user's umask gives a new one."""
    with contextlib.suppress(OSError):
        return target.stat().st_mode & 0o7777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _failure(path: Path, error: OSError) -> LstmcliError:
    reason = (error.strerror or str(error)).lower()
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG):
        return WriteFailed(f"{path}: {reason}; nothing was replaced")
    return CannotCreate(f"{path}: cannot be written: {reason}")
