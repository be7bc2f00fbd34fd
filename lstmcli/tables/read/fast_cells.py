"""The cells of a plain CSV file as places in its bytes: none of them becomes an object of Python."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lstmcli.series.arrays import Flags

PADDING = 100  # bytes of the longest cell that can be compared
_DIGITS = 15  # of a number that every reader takes for the same double
_TENS = np.array([10**power for power in range(_DIGITS + 1)], np.float64)  # all of them exact
_END, _COMMA, _MINUS, _POINT, _ZERO = b"\n,-.0"


@dataclass(frozen=True)
class ByteCells:
    """One column: signs, the bytes of the file between zeros; where its cells start and end, (rows,) each."""

    signs: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]

    @cached_property
    def lengths(self) -> NDArray[np.int64]:
        return self.ends - self.starts

    def text(self, row: int) -> str:
        return self.signs[self.starts[row] : self.ends[row]].tobytes().decode()

    def table(self) -> NDArray[np.uint8]:
        """Cells of at most `PADDING` bytes below each other, (rows, longest), filled with zeros."""
        longest = int(self.lengths.max())
        found = sliding_window_view(self.signs, longest)[self.starts]
        if self.lengths.min() < longest:
            found[np.arange(longest) >= self.lengths[:, None]] = 0
        return found

    def changes(self) -> Flags:
        """Whether each cell of at most `PADDING` bytes differs from the one before, (rows - 1,)."""
        table = self.table()
        return np.any(table[1:] != table[:-1], axis=1)


def split_columns(raw: bytes) -> dict[str, ByteCells] | None:
    """Cells by column, without quotes; None where a row has not as many as the header.

    Raises UnicodeDecodeError where the names of the columns are no UTF-8.
    """
    head, _, body = raw.partition(b"\n")
    names, width = head.decode().split(","), head.count(b",") + 1
    if not body or width < 2 or len(set(names)) < width or not all(n and n == n.strip() for n in names):
        return None
    end = b"" if body.endswith(b"\n") else b"\n"
    signs = np.frombuffer(b"".join([bytes(PADDING), body, end, bytes(PADDING)]), np.uint8)
    marks = np.flatnonzero((signs == _COMMA) | (signs == _END))
    if len(marks) % width:
        return None
    ends = marks.reshape(-1, width)
    if not ((signs[ends[:, -1]] == _END).all() and (signs[ends[:, :-1]] == _COMMA).all()):
        return None
    starts = np.concatenate([[PADDING], marks[:-1] + 1]).reshape(-1, width)
    return {name: ByteCells(signs, starts[:, place], ends[:, place]) for place, name in enumerate(names)}


def parse_plain_numbers(
    cells: ByteCells, whole: bool = False, settled: bool = True
) -> NDArray[np.float64] | None:
    """What every reader takes the cells for, (rows,); None where one is anything else than a number of
    at most 15 digits.

    whole: no point may be written; settled: a point marks decimals, also where all stand before three digits.
    A whole number of so many digits and a power of ten are exact, and
    so their quotient is the double next to what is written (Clinger 1990).
    """
    negative = cells.signs[cells.starts] == _MINUS
    lengths = cells.lengths - negative
    longest = int(lengths.max())
    if longest > len("0.") + _DIGITS:
        return None
    rows = len(lengths)
    value, digits, decimals = np.zeros(rows), np.zeros(rows, np.int8), np.zeros(rows, np.int8)
    points = np.zeros(rows, bool)
    for place in range(longest, 0, -1):  # the cells aligned at their ends
        sign = cells.signs[cells.ends - place]
        inside = lengths >= place
        digit, point = inside & (sign - _ZERO <= 9), inside & (sign == _POINT)
        if (inside & ~digit & ~point).any() or (points & point).any():
            return None
        decimals += points & digit
        points |= point
        digits += digit
        value = np.where(digit, value * 10 + (sign - _ZERO), value)
    first = cells.starts + negative
    zero = cells.signs[first] == _ZERO
    padded = zero & (cells.signs[first + 1] - _ZERO <= 9)  # 007
    odd = padded | (digits < 1) | (digits - zero > _DIGITS) | (negative & (value == 0)) | (points & whole)
    if odd.any():
        return None
    found = np.where(negative, -1, 1) * (value / _TENS[decimals])
    size = np.abs(found[points]) if not settled else np.zeros(0)
    if len(size) and ((decimals[points] == 3) & (size >= 1) & (size < 1000)).all():
        return None
    return found
