"""Opening files to be read whole: never a device, never more than is asked for, never waiting for nobody."""

import glob
import io
import os
import select
import stat
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from lstmcli.errors import InputMissing, read_failure

_BLOCK = 2**20
PATIENCE = 5  # seconds that the other end of a named pipe has to be opened
_NOTHING_WRITTEN = "is a pipe that nothing was written to"
_KINDS = {stat.S_IFDIR: "is a directory", stat.S_IFCHR: "is a device", stat.S_IFBLK: "is a device"}


def is_pipe(path: str | Path) -> bool:
    """Whether a path is a pipe, as a shell makes of <(command): what it holds is read once."""
    try:
        return stat.S_ISFIFO(os.stat(path).st_mode)
    except (OSError, ValueError):
        return False


def read_once(sources: Sequence[str]) -> list[str]:
    """Those that are standard input or a pipe: what was read of them is gone."""
    return [source for source in sources if source == "-" or is_pipe(source)]


def files_matching(pattern: str) -> list[str]:
    """Raises InputMissing where folders are too deep to be looked through."""
    try:
        return glob.glob(pattern, recursive=True)
    except RecursionError:
        raise InputMissing(f"{pattern}: folders below one another are too many; name one of them") from None


def opened_pipe(path: str | Path) -> BinaryIO:
    """A pipe to read, whose writer has some seconds to open it. Raises InputMissing where none comes."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise read_failure(path, error) from None
    waiting = select.poll()
    waiting.register(handle, select.POLLIN)
    waiting.poll(1000 * PATIENCE)
    os.set_blocking(handle, True)
    file = told_file(handle, path)
    if not file.peek(1):
        file.close()
        raise InputMissing(f"{path}: {_NOTHING_WRITTEN}")
    return file


def open_with_size(
    path: Path, largest_pipe: int, hint: str = "", follow: bool = True
) -> tuple[BinaryIO, int]:
    """A file to read and its size in bytes.

    A pipe, as a shell makes of <(command), is read whole, up to one byte more than `largest_pipe`;
    one that nobody writes to is not waited for. hint: what to do where there is no file; follow: whether
    the path may be a link.

    Raises InputMissing for a folder, a device, and what cannot be opened.
    """
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | (0 if follow else os.O_NOFOLLOW))
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        if not isinstance(error, OSError):
            raise InputMissing(f"{path}: {error}") from None
        raise read_failure(path, error, hint if isinstance(error, FileNotFoundError) else "") from None
    status = os.fstat(handle)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        return told_file(handle, path), status.st_size
    try:
        if kind != stat.S_IFIFO:
            raise InputMissing(f"{path}: {_KINDS.get(kind, 'is not a file')}")
        os.set_blocking(handle, True)
        content = _piped(handle, largest_pipe + 1)
    finally:
        os.close(handle)
    if not content:
        raise InputMissing(f"{path}: {_NOTHING_WRITTEN}")
    return BytesIO(content), len(content)


class _ToldFile(io.FileIO):
    """A file whose failures name it, and are no OSError, which others may take for one of their own."""

    def __init__(self, file: str | int, name: str | Path) -> None:
        super().__init__(file, "rb")
        self._told_as = name

    def readinto(self, buffer: Any) -> int | None:
        try:
            return super().readinto(buffer)
        except OSError as error:
            raise read_failure(self._told_as, error) from None

    def readall(self) -> bytes:
        try:
            return super().readall()
        except OSError as error:
            raise read_failure(self._told_as, error) from None


def told_file(file: str | int, name: str | Path) -> io.BufferedReader:
    """A path or an open file to read, whose failures raise SystemFailed or InputMissing with its name.

    Raises OSError where it cannot be opened.
    """
    return io.BufferedReader(_ToldFile(file, name))


def bytes_of(path: Path, largest: int, hint: str = "") -> bytes:
    """The content of a file, cut off one byte behind `largest`. Raises as `open_with_size`."""
    file, _ = open_with_size(path, largest, hint)
    with file:
        return file.read(largest + 1)


def _piped(handle: int, most: int) -> bytes:
    blocks, size = [], 0
    while size < most and (block := os.read(handle, min(_BLOCK, most - size))):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)
