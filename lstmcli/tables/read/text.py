"""Bytes to text: compression and encoding are found in the first bytes, the separator in the first lines."""

import bz2
import csv
import gzip
import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, TextIO, cast

from lstmcli.errors import DataError, InputMissing, reason_of
from lstmcli.settings.reading import ReadOptions

FILE = "file"  # the column that tells the files of a table apart
PARQUET = b"PAR1"
_SAMPLE = 2**14  # characters looked at to find the separator
_SEPARATORS = ",;\t|"
BLANKS = r"\s+"
# The longer mark first: that of UTF-32 begins like that of UTF-16.
_MARKS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_NUMBER = r"[-+]?\d+"
_PACKED = 2**12  # bytes unpacked at once, which may become many thousand times as many
_DAMAGE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile)


@dataclass(frozen=True)
class TableSource:
    """A file by its path, or bytes that were read from standard input."""

    name: str
    content: bytes | None = None

    def opened(self) -> BinaryIO:
        """Raises InputMissing."""
        if self.content is not None:
            return io.BytesIO(self.content)
        try:
            return open(self.name, "rb")
        except OSError as error:
            raise InputMissing(f"{self.name}: {reason_of(error)}") from None

    @property
    def is_parquet(self) -> bool:
        with self.opened() as file:
            return file.read(len(PARQUET)) == PARQUET


@dataclass(frozen=True)
class Dialect:
    """How the text of one file is written.

    before: empty rows at its start; header: whether the row after them names the columns.
    """

    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    before: int

    @property
    def skipped(self) -> int:
        """Rows before the first row of data."""
        return self.before + self.header

    def rows(self, text: TextIO) -> Iterator[list[str]]:
        """Rows of cells, a blank line as an empty row."""
        return split_rows(text, self.separator)


@contextmanager
def open_text(source: TableSource, options: ReadOptions) -> Iterator[TextIO]:
    """The text of a file, unpacked and decoded, line ends as they are.

    Raises InputMissing, or DataError for damage, a NUL byte or bytes that are no text.
    """
    with source.opened() as file:
        try:
            unpacked = _unpacked(source.name, file)
            encoding = _encoding(unpacked, options)
            checked = _NoNul(unpacked) if encoding.startswith("utf-8") else unpacked
            with io.TextIOWrapper(cast(BinaryIO, checked), encoding=encoding, newline="") as text:
                yield text
        except UnicodeError:
            raise _undecodable(source, options) from None
        except _Nul:
            row = _first_line(source, lambda line: b"\0" in line)
            raise DataError("not-a-table", "the row holds a NUL byte", path=source.name, row=row) from None
        except _DAMAGE as error:
            raise DataError("unreadable", f"cannot be read: {error}".rstrip(": "), path=source.name) from None


def _unpacked(name: str, file: BinaryIO) -> io.BufferedReader:
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
    return io.BufferedReader(cast(io.RawIOBase, file))


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


def _encoding(unpacked: io.BufferedReader, options: ReadOptions) -> str:
    start = unpacked.peek(4)[:4]
    if options.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "utf-8")
    return options.encoding


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


def _undecodable(source: TableSource, options: ReadOptions) -> DataError:
    def is_bad(line: bytes) -> bool:
        try:
            line.decode()
        except UnicodeError:
            return True
        return False

    row = _first_line(source, is_bad) if options.encoding.lower().startswith("utf") else None
    hint = "name the encoding, as --set encoding=latin-1"
    return DataError("encoding", f"not {options.encoding.upper()} text; {hint}", path=source.name, row=row)


def _first_line(source: TableSource, is_bad: Callable[[bytes], bool]) -> int | None:
    with source.opened() as file, _unpacked(source.name, file) as lines:
        return next((number for number, line in enumerate(lines, 1) if is_bad(line)), None)


def dialect_of(source: TableSource, options: ReadOptions) -> Dialect:
    """Raises DataError for a file without rows, or whose header cannot be one."""
    with open_text(source, options) as text:
        sample = text.read(_SAMPLE)
        if len(sample) == _SAMPLE:  # without the last line, which is cut
            sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    if not sample.strip():
        raise DataError("empty", "the file is empty", path=source.name)
    separator = options.separator if options.separator != "auto" else _separator(sample)
    rows = list(split_rows(io.StringIO(sample, newline=""), separator))
    first = next((row for row in rows if any(cell.strip() for cell in row)), [])
    if not first:
        raise DataError("empty", "the file holds no words and no numbers", path=source.name)
    decimal = options.decimal if options.decimal != "auto" else _decimal(rows, separator)
    if options.header:
        names = tuple(name.strip() for name in first)
        _check_names(names, source.name)
    else:
        names = tuple(str(n) for n in range(1, len(first) + 1))
    return Dialect(separator, decimal, names, options.header, rows.index(first))


def _check_names(names: tuple[str, ...], path: str) -> None:
    """Raises DataError where two columns have one name, or names look like a row of data."""
    for name in names:
        if name and names.count(name) > 1:
            raise DataError("duplicate-column", f"two columns are called {name!r}", path=path, row=1)
    # A wide table may have columns called 2020, but no column of time is.
    if len(names) > 1 and all(re.fullmatch(r"[-+\d.,:/T Z]*\d[-+\d.,:/T Z]*", name) for name in names):
        said = f"the first row looks like data: {names[0]!r}; if the file names no columns: --no-header"
        raise DataError("no-header", said, path=path, row=1)


def split_rows(text: TextIO, separator: str) -> Iterator[list[str]]:
    if separator == BLANKS:
        return (line.split() for line in text)
    return csv.reader(text, delimiter=separator)


def _separator(sample: str) -> str:
    """The one that cuts most rows into as many cells as the first; a comma when in doubt."""

    def agreement(separator: str) -> tuple[float, int]:
        counts = [len(row) for row in split_rows(io.StringIO(sample, newline=""), separator) if row]
        return (sum(c == counts[0] for c in counts) / len(counts) if counts[0] > 1 else 0.0, counts[0])

    best = max(_SEPARATORS, key=agreement)
    if agreement(best)[0] == 0 and agreement(BLANKS)[0] == 1:
        return BLANKS
    return best


def _decimal(rows: list[list[str]], separator: str) -> str:
    """A comma where numbers are written with one and cannot be read otherwise: 1,234 may be either."""
    if separator == ",":
        return "."
    cells = [cell.strip() for row in rows[1:] for cell in row]
    if any(re.fullmatch(rf"{_NUMBER}\.\d+", cell) for cell in cells):
        return "."
    with_comma = [cell for cell in cells if re.fullmatch(rf"{_NUMBER},\d+", cell)]
    clear = any(not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", cell) for cell in with_comma)
    return "," if clear else "."
