"""Packed bytes to those that they hold: the compression is found in the first bytes."""

import bz2
import contextlib
import errno
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO, cast

from lstmcli.errors import SYSTEM_ERRNOS, DataError
from lstmcli.tables.read.bounds import LARGEST_JSON, BoundedBytes, LineBounds

_PACKED = 2**9  # bytes of .zst unpacked at once; 4 of them may become 128 KiB
_AT_ONCE = 2**16  # bytes
_LARGE = 2**20
_NO_TEXT = b"PAR1", b"\xd0\xcf\x11\xe0"  # Parquet and old workbooks
UNPACKING_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)
_ENCRYPTED = 0x1  # the bit of a member's flags


def unpacker_of(start: bytes) -> Callable[[str, BinaryIO], object] | None:
    """What unpacks a file that begins so; None for one that is not packed."""
    return next((unpack for magic, unpack in _UNPACKERS.items() if start.startswith(magic)), None)


def unpack_bytes(name: str, file: BinaryIO, longest: int | None = None) -> io.BufferedReader:
    """What a file holds, unpacked, within bounds; longest: bytes of a line. Raises DataError, also when it is
    read, and then one of `UNPACKING_ERRORS` too."""
    unpack = unpacker_of(file.read(6))
    file.seek(0)
    content = cast(BinaryIO, unpack(name, file)) if unpack else file
    return io.BufferedReader(BoundedBytes(name, content, file if unpack else None, longest), _AT_ONCE)


def read_input(name: str, file: BinaryIO) -> bytes:
    """All of standard input or a pipe, unless it is text with a line that is too long. Raises DataError."""
    blocks = [file.read(_LARGE)]
    start = blocks[0]
    bounds = LineBounds(name, 4 * LARGEST_JSON if start.lstrip()[:1] in (b"[", b"{") else None)
    is_text = unpacker_of(start) is None and not start.startswith(_NO_TEXT)
    while blocks[-1]:
        if is_text:
            bounds.add(blocks[-1])
        blocks.append(file.read(_LARGE))
    return b"".join(blocks)


def _zstandard(name: str, file: BinaryIO) -> object:
    try:
        import zstandard
    except ImportError:
        hint = "reading .zst needs the package zstandard: pip install 'lstmcli[zst]'"
        raise DataError("unreadable", hint, path=name) from None

    class Reader(io.RawIOBase):
        """Frame by frame: the package's own reader takes a file that breaks off for one that ends."""

        def __init__(self) -> None:
            self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._packed, self._ready = b"", memoryview(b"")

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
            while not self._ready and (packed := self._packed or file.read(_PACKED)):
                if self._frame.eof:
                    self._frame = zstandard.ZstdDecompressor().decompressobj()
                try:
                    self._ready = memoryview(self._frame.decompress(packed))
                except zstandard.ZstdError as error:
                    raise OSError(str(error)) from None
                self._packed = self._frame.unused_data
            if not self._ready and not self._frame.eof:
                raise EOFError("the compressed file breaks off")
            taken, self._ready = self._ready[: len(buffer)], self._ready[len(buffer) :]
            buffer[: len(taken)] = taken
            return len(taken)

    return Reader()


def members_of(name: str, file: BinaryIO) -> zipfile.ZipFile:
    """Raises DataError for what is no archive that can be read."""
    with _told(name, "not an archive that is read"):
        return zipfile.ZipFile(file)


@contextlib.contextmanager
def _told(name: str, said: str) -> Iterator[None]:
    """Damage as a DataError, also a place outside the file; what the system fails at stays an OSError.

    said: of what is not damaged, but made in another way."""
    try:
        yield
    except (zipfile.BadZipFile, OSError, EOFError) as error:
        cause = error.__context__ if isinstance(error, zipfile.BadZipFile) else error
        if isinstance(cause, OSError) and cause.errno in SYSTEM_ERRNOS:
            raise cause from None
        outside = isinstance(error, OSError) and error.errno == errno.EINVAL
        why = "damaged: it points outside itself" if outside else error
        raise DataError("unreadable", f"cannot be read: {why}", path=name) from None
    except (NotImplementedError, RuntimeError, ValueError, LookupError) as error:
        raise DataError("unreadable", f"{said}: {error or 'unknown'}", path=name) from None


def _only_member(name: str, file: BinaryIO) -> object:
    archive = members_of(name, file)
    members = [member for member in archive.infolist() if not member.filename.endswith("/")]
    if len(members) != 1:
        raise DataError("unreadable", f"the archive holds {len(members)} files, not one", path=name)
    (member,) = members
    if member.flag_bits & _ENCRYPTED:
        said = "the archive is encrypted: unpack it with its password first"
        raise DataError("unreadable", said, path=name)
    with _told(name, "packed in a way that is not read, unpack it first"):
        return archive.open(member)


_UNPACKERS: dict[bytes, Callable[[str, BinaryIO], object]] = {
    b"\x1f\x8b": lambda _, file: gzip.GzipFile(fileobj=file),
    b"BZh": lambda _, file: bz2.BZ2File(file),
    b"\xfd7zXZ\x00": lambda _, file: lzma.LZMAFile(file),  # noqa: SIM115
    b"\x28\xb5\x2f\xfd": _zstandard,
    b"PK\x03\x04": _only_member,
}
