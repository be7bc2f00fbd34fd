"""Columns of a table that does not fit into memory: files of cells, written one after the other."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import write_failure

MOST_VALUES = 2_000_000  # different texts, or numbers that stand for categories, in a column
BLOCK_ROWS = 2**20  # rows that are looked at together


class NotInPieces(Exception):
    """The table cannot be read piece by piece; the message says why."""


class Writer:
    """A file of an array that grows, open only while something is added. Raises WriteFailed or
    CannotCreate."""

    def __init__(self, path: Path, dtype: Any) -> None:
        self.path, self.dtype, self.count = path, np.dtype(dtype), 0
        self._write(np.zeros(0, self.dtype), "wb")

    def add(self, values: NDArray[Any]) -> None:
        self._write(values, "ab")
        self.count += len(values)

    def _write(self, values: NDArray[Any], mode: Literal["wb", "ab"]) -> None:
        try:
            with open(self.path, mode) as file:
                for first in range(0, len(values), BLOCK_ROWS):
                    part = np.ascontiguousarray(values[first : first + BLOCK_ROWS], self.dtype)
                    file.write(part.reshape(-1).view(np.uint8).data)
        except OSError as error:
            raise write_failure(self.path, error) from None

    def sync(self) -> None:
        """Waits until all is on the disk."""
        try:
            with open(self.path, "ab") as file:
                os.fsync(file.fileno())
        except OSError as error:
            raise write_failure(self.path, error) from None


def map_array(path: Path, dtype: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """A file as an array that is read where it is looked at."""
    if 0 in shape:
        return np.zeros(shape, dtype)
    return np.asarray(np.memmap(path, dtype, "r", shape=shape))


def blocks(*arrays: NDArray[Any]) -> Iterator[tuple[NDArray[Any], ...]]:
    """Arrays of one length in pieces."""
    for first in range(0, len(arrays[0]), BLOCK_ROWS):
        yield tuple(array[first : first + BLOCK_ROWS] for array in arrays)


class ValueNumbers:
    """Values by their number, in order of appearance."""

    def __init__(self, column: str) -> None:
        self.column = column
        self.values: list[Any] = []
        self._numbers: dict[Any, int] = {}

    def codes(self, cells: Any) -> NDArray[np.int32]:
        """The number of the value of each cell, -1 for an empty one. Raises NotInPieces."""
        found, values = pd.factorize(cells)
        numbers = np.empty(len(values) + 1, np.int32)
        numbers[-1] = -1
        for place, value in enumerate(values.tolist()):
            number = self._numbers.get(value)
            if number is None:
                number = self._numbers[value] = len(self.values)
                self.values.append(value)
            numbers[place] = number
        if len(self.values) > MOST_VALUES:
            said = f"the column {self.column!r} holds more than {MOST_VALUES:,} different values"
            raise NotInPieces(f"{said}; name the columns that are used with --set time=, series= and target=")
        return numbers[found]


@dataclass
class DiskColumn:
    """A column on disk.

    kind    "text" (the cells are codes of `texts`, -1 for an empty one), "whole", "number" or "bool"
    bad     index, problem and look of the first cell that is no usable number
    empty   index of the first empty cell, -1 for none
    """

    name: str
    kind: str
    writer: Writer
    texts: ValueNumbers | None = None
    bad: tuple[int, str, str] | None = None
    empty: int = -1

    def cells(self) -> NDArray[Any]:
        return map_array(self.writer.path, self.writer.dtype, (self.writer.count,))
