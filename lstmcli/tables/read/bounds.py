"""How large parts of a table may be: what is larger is refused before it fills the memory."""

import csv
import io
from typing import Any, BinaryIO

import numpy as np

from lstmcli.errors import DataError

LONGEST_LINE = 2**24  # bytes of a line, and characters of a cell between quotes
MOST_BLANK = 2**22  # bytes of blank lines behind one another
LONGEST_ROW = 2**20  # bytes of a line of a stream
LARGEST_JSON = 2**27  # characters of one JSON document
MOST_OF_JSON = 2**22  # objects and lists in one JSON document; a usual one has 50 characters for each
MOST_COLUMNS = 100_000
MOST_EMPTY = 2**24  # cells of a table that is made of objects that have few of its names each
CELLS_OF_CHARACTER = 2  # that such a table may have for each character where it is larger
MOST_EXPANSION = 500  # times its size that a packed file may hold; tables reach 170 with gzip
EXPANDED = 2**28  # bytes that any packed file may hold
# The limit of the csv module is for the whole process, and far lower than that of pandas, which has none.
csv.field_size_limit(max(csv.field_size_limit(), LONGEST_LINE))


def _line_ends(block: Any) -> int:
    if isinstance(block, str):
        return block.count("\n")
    return int(np.count_nonzero(np.frombuffer(block, np.uint8) == ord("\n")))


class LineBounds:
    """Bytes as they come, as long as no line of them, and no blank between lines, is too long.

    path: of the file; longest: bytes of a line.
    """

    def __init__(self, path: str, longest: int | None = None) -> None:
        self._path, self._longest = path, LONGEST_LINE if longest is None else longest
        self._ended = self._length = self._blank = 0

    def add(self, block: bytes) -> None:
        """Raises DataError."""
        end = block.rfind(b"\n")
        if end < 0:
            end = block.rfind(b"\r")
        self._length = self._length + len(block) if end < 0 else len(block) - end - 1
        self._ended += _line_ends(block)
        if self._length > self._longest:
            said = f"a line of more than {self._longest:,} bytes; a table has a row on each line"
            raise DataError("not-a-table", said, path=self._path, row=self._ended + 1)
        self._blank = self._blank + len(block) if block.isspace() else 0
        if self._blank > MOST_BLANK:
            said = f"more than {MOST_BLANK:,} bytes of blank lines end here; without them: "
            said += "grep '[^[:space:]]' FILE"
            raise DataError("not-a-table", said, path=self._path, row=self._ended)


class BoundedBytes(io.RawIOBase):
    """What a file holds, as long as its lines end and it is not many times as large as the packed file.

    content: unpacked; packed: the file itself where it is packed; longest: bytes of a line. Reading raises
    DataError.
    """

    def __init__(
        self, path: str, content: BinaryIO, packed: BinaryIO | None, longest: int | None = None
    ) -> None:
        self._path, self._content, self._packed = path, content, packed
        self._lines, self._size = LineBounds(path, longest), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]
        block = self._content.read(len(buffer))
        self._size += len(block)
        if self._packed is not None and self._size > max(EXPANDED, MOST_EXPANSION * self._packed.tell()):
            said = f"it holds more than {MOST_EXPANSION} times its size, as tables do not"
            raise DataError("unreadable", f"{said}; if it is one, unpack it first", path=self._path)
        self._lines.add(block)
        buffer[: len(block)] = block
        return len(block)


class QuoteBounds:
    """A text for pandas, which takes all behind a quote that is not closed for one cell.

    path: of the file; file: of bytes or characters. Reading raises DataError where a cell in quotes is too
    long.
    """

    def __init__(self, path: str, file: Any, separator: str) -> None:
        self._path, self._file, self._around = path, file, f",;\t| \r\n{separator}"
        self._ended = self._length = self._row = 0  # lines; what is behind an open quote, and its row, or 0

    def read(self, size: int = -1) -> Any:
        block = self._file.read(size)
        sign: Any = '"' if isinstance(block, str) else b'"'
        self._length += len(block)
        if sign in block:
            self._look_at(block, sign)
        self._ended += _line_ends(block)
        if self._row and self._length > LONGEST_LINE:
            said = f"a quote is opened here and not closed within {LONGEST_LINE:,} characters"
            raise DataError("not-a-table", said, path=self._path, row=self._row)
        return block

    def __iter__(self) -> Any:
        return iter(self._file)

    def _look_at(self, block: Any, sign: Any) -> None:
        """Whether the last quotes that are no pair open a cell: behind a separator, before none."""
        end = len(block)
        while (last := block.rfind(sign, 0, end)) >= 0:
            first = last
            while first and block[first - 1 : first] == sign:
                first -= 1
            if (last - first) % 2 == 0:
                opens = self._opens(block, sign, first, last + 1)
                self._row = self._ended + _line_ends(block[:first]) + 1 if opens else 0
                self._length = len(block) - last
                return
            end = first

    def _opens(self, block: Any, sign: Any, first: int, end: int) -> bool:
        before, after = block[max(0, first - 1) : first], block[end : end + 1]
        if before and not self._separates(before):
            return False
        if not after or not self._separates(after):
            return True
        line = max(block.rfind("\n" if isinstance(block, str) else b"\n", 0, first), 0)
        return block.count(sign, line, end) % 2 == 1

    def _separates(self, one: Any) -> bool:
        return (one if isinstance(one, str) else one.decode("latin-1")) in self._around
