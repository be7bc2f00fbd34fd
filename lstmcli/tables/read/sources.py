"""The bytes of a table as text: compression and encoding are found in the first of them."""

import codecs
import csv
import glob
import io
import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError, InputMissing, read_failure
from lstmcli.files.read import files_matching, told_file
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import LONGEST_LINE
from lstmcli.tables.read.likely_encodings import encoding_error
from lstmcli.tables.read.packed import UNPACKING_ERRORS, unpack_bytes, unpacker_of

PARQUET = b"PAR1"
# The longer mark first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
MARKED_ENCODINGS = frozenset(encoding for _, encoding in _MARKS)  # of text that begins with a mark
# Encodings of one byte a character, and the one whose characters can be found anywhere.
_FROM_ANYWHERE = ("utf-8", "utf8", "ascii", "latin", "iso-8859", "iso8859", "cp125", "windows-125")
_START = 512  # bytes that show the encoding
_LOOKED_AT = 2000  # lines, for what they may be
_FEWEST = 4
_BLOCK = 2**16  # bytes
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")


@dataclass(frozen=True)
class CellPlaces:
    """Where the rows of a long text that was made from a wide table stand in its file.

    lines    of the file, of each row of the long text
    cells    of each row of the long text the place of its cell in `names`, the columns of the file
    made     the columns of the long text that stand for these
    """

    lines: NDArray[np.int64]
    cells: NDArray[np.int32]
    names: tuple[str, ...]
    made: tuple[str, ...]

    def line(self, row: int) -> int:
        return int(self.lines[min(row, len(self.lines) - 1)])

    def column(self, row: int, name: str | None) -> str | None:
        """The column of the file for one of the long text."""
        return self.names[self.cells[min(row, len(self.cells) - 1)]] if name in self.made else name


@dataclass(frozen=True)
class TableSource:
    """A file by its path, or bytes that were read from standard input or made from it.

    names  the columns, where the content was made of rows with names
    made   whether the content is text that was made from a file of another form
    notes  what was made of the file, for the user
    places where the rows of the content stand in the file, None where their lines are those of the file
    """

    name: str
    content: bytes | None = None
    names: tuple[str, ...] = ()
    made: bool = False
    notes: tuple[str, ...] = ()
    places: CellPlaces | None = None

    def opened(self) -> BinaryIO:
        """Raises InputMissing or, as all reading of it then may, SystemFailed."""
        if self.content is not None:
            return io.BytesIO(self.content)
        try:
            return told_file(self.name, self.name)
        except OSError as error:
            hint = f"; its files are named so: '{self.name}/*.csv'" if os.path.isdir(self.name) else ""
            raise read_failure(self.name, error, hint) from None

    @property
    def is_parquet(self) -> bool:
        with self.opened() as file:
            return file.read(len(PARQUET)) == PARQUET


@contextmanager
def open_text(
    source: TableSource, options: ReadOptions, for_pandas: bool = False, longest: int | None = None
) -> Iterator[TextIO]:
    """The text of a file, unpacked and decoded, line ends as they are.

    for_pandas: UTF-8 is checked and left as it is, as pandas would encode it again. longest: bytes of a line.
    Raises InputMissing, or DataError for damage, a NUL byte, bytes that are no text and what is too large.
    """
    with source.opened() as file:
        encoding = "utf-8"
        try:
            unpacked = unpack_bytes(source.name, file, longest)
            encoding = "utf-8" if source.made else _encoding(unpacked, options)
            if for_pandas and encoding == "utf-8":
                yield cast(TextIO, _CheckedBytes(unpacked))
                return
            checked = _NoNul(unpacked) if encoding.startswith("utf-8") else unpacked
            with io.TextIOWrapper(cast(BinaryIO, checked), encoding=encoding, newline="") as text:
                yield text
        except UnicodeError:
            raise _undecodable(source, encoding) from None
        except _Nul:
            said = "the row holds a NUL byte"
            raise DataError("not-a-table", said, path=source.name, row=_line_of_nul(source)) from None
        except csv.Error as error:
            said = f"not a table between separators and quotes: {error}"
            raise DataError("not-a-table", said, path=source.name) from None
        except UNPACKING_ERRORS as error:
            if isinstance(error, OSError) and error.errno is not None:  # of the system, not of the content
                raise
            raise DataError("unreadable", f"cannot be read: {error}".rstrip(": "), path=source.name) from None


def _encoding(unpacked: io.BufferedReader, options: ReadOptions) -> str:
    start = unpacked.peek(_START)[:_START]
    if options.encoding.lower().replace("_", "-") not in ("utf-8", "utf8"):
        return options.encoding
    marked = next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "")
    return marked or _wide_encoding(start) or "utf-8"


def _wide_encoding(start: bytes) -> str:
    """That of text without a mark whose every second byte is mostly 0, as digits and Latin letters in UTF-16
    have it."""
    even, odd = start[: len(start) // 2 * 2 : 2], start[1::2]
    for zeros, letters, encoding in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        if (
            len(zeros) >= _FEWEST
            and zeros.count(0) > 0.5 * len(zeros)
            and letters.count(0) <= 0.1 * len(letters)
        ):
            return encoding
    return ""


class _Nul(Exception):
    """A NUL byte was read."""


class _NoNul(io.RawIOBase):
    """Bytes as they are read; pandas would end a cell at a NUL byte without a word."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        content = self._file.read(len(buffer))
        if b"\0" in content:
            raise _Nul
        buffer[: len(content)] = content
        return len(content)


class _CheckedBytes:
    """Bytes of UTF-8 without NUL; no file of `io`, around which pandas would put a decoder."""

    def __init__(self, file: io.BufferedReader) -> None:
        self._file, self._decoder = file, codecs.getincrementaldecoder("utf-8")()
        self._open = False  # whether a character is not at its end

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(size)
        if b"\0" in content:
            raise _Nul
        if self._open or not content.isascii():
            self._decoder.decode(content, final=not content)
            self._open = self._decoder.getstate()[0] != b""
        return content

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._file)


def _undecodable(source: TableSource, encoding: str) -> DataError:
    if "\n".encode(encoding) != b"\n":
        said = f"not {encoding.upper()} text, as its first bytes or --set encoding say, or it breaks off"
        return DataError("encoding", said, path=source.name)
    found: deque[bytes] = deque(maxlen=_LOOKED_AT)
    row, size = None, 0
    with source.opened() as file, unpack_bytes(source.name, file) as lines:
        for number, line in enumerate(lines, 1):
            if not line.isascii():
                if row is None and _is_bad(line, encoding):
                    row = number
                found.append(line)
            size = 0 if row is None else size + len(line)
            if row is not None and (number > row + _LOOKED_AT or size > LONGEST_LINE):
                break
    return encoding_error(source.name, encoding.removesuffix("-sig"), list(found), row)


def _is_bad(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeError:
        return True
    return False


def _line_of_nul(source: TableSource) -> int:
    ended = 0
    with source.opened() as file, unpack_bytes(source.name, file) as unpacked:
        while (block := unpacked.read(_BLOCK)) and (at := block.find(b"\0")) < 0:
            ended += block.count(b"\n")
        return ended + block.count(b"\n", 0, max(at, 0)) + 1


def last_text(source: TableSource, options: ReadOptions, size: int) -> str:
    """About so many characters of the end of a file: read alone where it is neither packed nor of an
    encoding that must be read from its start. Raises as `open_text`."""
    with source.opened() as file, unpack_bytes(source.name, file) as unpacked:
        encoding = "utf-8" if source.made else _encoding(unpacked, options).lower()
        file.seek(0)
        packed = unpacker_of(file.read(6)) is not None
        if not packed and encoding.startswith(_FROM_ANYWHERE):
            file.seek(0, io.SEEK_END)
            file.seek(max(0, file.tell() - size))
            return file.read().decode(encoding.removesuffix("-sig"), "replace")
    end = ""
    with open_text(source, options) as text:
        while piece := text.read(2**18):
            end = (end + piece)[-size:]
    return end


def count_lines(source: TableSource, options: ReadOptions) -> int:
    """Raises as `open_text`."""
    with open_text(source, options) as text:
        return sum(1 for _ in text)


def expand_sources(sources: Sequence[str]) -> list[str]:
    """The files that names and patterns stand for. Raises InputMissing for a pattern without files."""
    names = []
    for source in sources:
        if _ADDRESS.match(source):
            fetch = "curl -L ADDRESS | lstmcli train -" if source.startswith("http") else "a copy beside you"
            raise InputMissing(f"{source}: an address, not a file; fetch it first: {fetch}")
        found = [source]
        if source != "-" and glob.has_magic(source) and not os.path.exists(source):
            found = sorted(files_matching(source))
            if not found:
                raise InputMissing(f"{source}: no file has such a name")
        names += found
    return names
