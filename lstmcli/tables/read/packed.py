"""Packed bytes to those that they hold: the compression is found in the first bytes."""

import bz2
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable
from typing import BinaryIO, cast

from lstmcli.errors import DataError

_PACKED = 2**12  # bytes unpacked at once, which may become many thousand times as many
UNPACKING_ERRORS = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


def unpack_bytes(name: str, file: BinaryIO) -> io.BufferedReader:
    start = file.read(6)
    file.seek(0)
    packers: dict[bytes, Callable[[], object]] = {
        b"\x1f\x8b": lambda: gzip.GzipFile(fileobj=file),
        b"BZh": lambda: bz2.BZ2File(file),
        b"\xfd7zXZ\x00": lambda: lzma.LZMAFile(file),  # noqa: SIM115
        b"\x28\xb5\x2f\xfd": lambda: _zstandard(name, file),
        b"PK\x03\x04": lambda: _only_member(name, file),
    }
    for magic, unpack in packers.items():
        if start.startswith(magic):
            return io.BufferedReader(cast(io.RawIOBase, unpack()))
    return file if isinstance(file, io.BufferedReader) else io.BufferedReader(cast(io.RawIOBase, file))


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


def _only_member(name: str, file: BinaryIO) -> object:
    archive = zipfile.ZipFile(file)
    members = [m for m in archive.namelist() if not m.endswith("/")]
    if len(members) != 1:
        raise DataError("unreadable", f"the archive holds {len(members)} files, not one", path=name)
    return archive.open(members[0])
