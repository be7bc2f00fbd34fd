"""Arrays in files: written one part after the other, read in place; and values by number."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.errors import WriteFailed, reason_of
from lstmcli.errors.foreign import quoted

MOST_VALUES = 2_000_000  # different texts, or numbers that stand for categories, in a column
SEVERAL_KINDS = "numbers or flags of several kinds"
_BLOCK = 2**20  # rows that are written together


@dataclass(frozen=True)
class Sizes:
    """How much is held in memory: cells of a piece that is parsed, rows of a block that is looked at, rows
    of the series that are worked on together; files of at most `small` bytes are read whole to say what is
    wrong with them."""

    piece: int = 500_000
    block: int = 2**20
    bucket: int = 2**20
    small: int = 64_000_000


class NotInPieces(Exception):
    """The table cannot be read piece by piece; the message says why."""


@contextmanager
def as_work_failure(path: Path) -> Iterator[None]:
    """Raises WriteFailed where the system fails at a file that this program has made for its own use."""
    try:
        yield
    except OSError as error:
        raise WriteFailed(f"{path}: {reason_of(error)}; the cache is not made") from None


class ArrayWriter:
    """A file of an array that grows, open only while something is added. Raises WriteFailed."""

    def __init__(self, path: Path, dtype: Any) -> None:
        self.path, self.dtype, self.count = path, np.dtype(dtype), 0
        self._write(np.zeros(0, self.dtype), "wb")

    def add(self, values: NDArray[Any]) -> None:
        self._write(values, "ab")
        self.count += len(values)

    def _write(self, values: NDArray[Any], mode: Literal["wb", "ab"]) -> None:
        with as_work_failure(self.path), open(self.path, mode) as file:
            for first in range(0, len(values), _BLOCK):
                part = np.ascontiguousarray(values[first : first + _BLOCK], self.dtype)
                file.write(part.reshape(-1).view(np.uint8).data)

    def sync(self) -> None:
        """Waits until all is on the disk."""
        with as_work_failure(self.path), open(self.path, "ab") as file:
            os.fsync(file.fileno())

    def array(self) -> NDArray[Any]:
        return map_array(self.path, self.dtype, (self.count,))


def map_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """A file as an array that is read where it is looked at. Raises WriteFailed."""
    if 0 in shape:
        return np.zeros(shape, dtype)
    with as_work_failure(path):
        return np.asarray(np.memmap(path, dtype, "r", shape=shape))


def blocks(size: int, *arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Arrays of one length in parts."""
    for first in range(0, len(arrays[0]), size):
        yield tuple(array[first : first + size] for array in arrays)


class ValueNumbers:
    """Different values by number, in order of appearance; an empty cell is one of them."""

    def __init__(self, column: str) -> None:
        self.column = column
        self.values: list[Any] = []  # None for an empty cell
        self.rows: list[int] = []  # where each stands first
        self._numbers: dict[Any, int] = {}

    def add(self, cells: Any, rows: NDArray[np.int64]) -> NDArray[np.int32]:
        """The number of the value of each cell. rows: the numbers of the rows. Raises NotInPieces."""
        found, values = pd.factorize(cells, use_na_sentinel=False)
        firsts = np.zeros(len(values), np.int64)
        firsts[found[::-1]] = rows[::-1]
        numbers = np.empty(len(values), np.int32)
        for place, value in enumerate(values.tolist()):
            known = None if pd.isna(value) else value
            number = self._numbers.get(known)
            if number is None:
                number = self._numbers[known] = len(self.values)
                self.values.append(known)
                self.rows.append(int(firsts[place]))
            numbers[place] = number
        if len(self.values) > MOST_VALUES:
            said = f"the column {quoted(self.column)} holds more than {MOST_VALUES:,} different values"
            raise NotInPieces(f"{said}; name the columns that are used with --set time=, series= and target=")
        return numbers[found]


@dataclass
class StagedColumn:
    """numbers: of the values that stand in the file; suspects: the first cells that are no usable number."""

    name: str
    writer: ArrayWriter
    numbers: ValueNumbers | None = None
    suspects: dict[str, tuple[int, float]] = field(default_factory=dict)


def kind_of_array(column: str, cells: "pd.Series[Any]", are_texts: bool) -> str:
    """The kind of a column as some of its cells show it, see `staging.Assumed`; "mixed" for none of these."""
    if are_texts or not len(cells):
        return "text"
    if types.is_bool_dtype(cells):
        return "bool"
    if cells.dtype in (np.int64, np.float64):
        return "whole" if cells.dtype == np.int64 else "number"
    if types.is_integer_dtype(cells) or types.infer_dtype(cells, skipna=True) == "boolean":
        raise NotInPieces(f"the column {quoted(column)} holds {SEVERAL_KINDS}")
    return "mixed"
