"""A text in which some lines are empty, so that its rows keep the lines they have in the file."""

import io
from collections.abc import Collection, Iterator
from typing import TextIO

_PIECE = 2**18  # characters


class TextWithoutLines(io.TextIOBase):
    """A text of which some lines, by their numbers from 1, are read as empty ones."""

    def __init__(self, text: TextIO, lines: Collection[int]) -> None:
        self._text, self._lines = text, frozenset(lines)
        self._last = max(self._lines, default=0)
        self._line = 1  # the number of the next one
        self._ready = ""

    def readable(self) -> bool:
        return True

    def read(self, size: int | None = -1) -> str:
        parts, missing = [self._ready], float("inf") if size is None or size < 0 else size - len(self._ready)
        while missing > 0 and (piece := self._piece()):
            parts.append(piece)
            missing -= len(piece)
        whole = "".join(parts)
        end = len(whole) if size is None or size < 0 else size
        self._ready = whole[end:]
        return whole[:end]

    def _piece(self) -> str:
        """The next lines, whole ones."""
        if self._line > self._last:
            return self._text.read(_PIECE)
        piece = self._text.read(_PIECE)
        piece += self._text.readline() if piece else ""
        lines = list(split_lines(piece))
        first, self._line = self._line, self._line + len(lines)
        return "".join(self._kept(number, line) for number, line in enumerate(lines, first))

    def _kept(self, number: int, line: str) -> str:
        return line[len(line.rstrip("\r\n")) :] if number in self._lines else line

    def __iter__(self) -> Iterator[str]:  # type: ignore[override]
        return (self._kept(number, line) for number, line in enumerate(self._text, self._line))


def split_lines(text: str) -> Iterator[str]:
    """Lines with their ends, as a file opened with newline="" has them."""
    return iter(io.StringIO(text, newline=""))
