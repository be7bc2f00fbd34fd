"""Opening files to be read whole: never a device, never more than is asked for, never waiting for nobody."""

import os
import stat
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from lstmcli.errors import InputMissing, reason_of

_BLOCK = 2**20
_KINDS = {stat.S_IFDIR: "is a directory", stat.S_IFCHR: "is a device", stat.S_IFBLK: "is a device"}


def open_with_size(path: Path, largest_pipe: int, hint: str = "") -> tuple[BinaryIO, int]:
    """A file to read and its size in bytes.

    A pipe, as a shell makes of <(command), is read whole, up to one byte more than `largest_pipe`;
    one that nobody writes to is not waited for. hint: what to do where there is no file.

    Raises InputMissing for a folder, a device, and what cannot be opened.
    """
    try:
        # Opening a pipe that nobody writes to would wait for ever.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = getattr(error, "strerror", None) or str(error)
        more = hint if isinstance(error, FileNotFoundError) else ""
        raise InputMissing(f"{path}: {reason.lower()}{more}") from None
    status = os.fstat(handle)
    kind = stat.S_IFMT(status.st_mode)
    if kind == stat.S_IFREG:
        return open(handle, "rb"), status.st_size
    try:
        if kind != stat.S_IFIFO:
            raise InputMissing(f"{path}: {_KINDS.get(kind, 'is not a file')}")
        os.set_blocking(handle, True)
        content = _piped(handle, largest_pipe + 1)
    finally:
        os.close(handle)
    if not content:
        raise InputMissing(f"{path}: is a pipe that nothing was written to")
    return BytesIO(content), len(content)


def bytes_of(path: Path, largest: int, hint: str = "") -> bytes:
    """The content of a file, cut off one byte behind `largest`. Raises as `open_with_size`."""
    file, _ = open_with_size(path, largest, hint)
    with file:
        try:
            return file.read(largest + 1)
        except OSError as error:
            raise InputMissing(f"{path}: {reason_of(error)}") from None


def _piped(handle: int, most: int) -> bytes:
    blocks, size = [], 0
    while size < most and (block := os.read(handle, min(_BLOCK, most - size))):
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)
