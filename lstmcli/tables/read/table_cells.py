"""The cells of a column, numbered by their values."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_RUNS_IN = 1000  # first cells that show whether runs are long


class NumberedCells(NamedTuple):
    """The number of each cell's value, -1 for an empty cell; the values, an array of NumPy or pandas in order
    of appearance, and the first row of each."""

    numbers: NDArray[np.int32]
    values: Any
    firsts: NDArray[np.int64]

    def texts(self) -> list[str]:
        """The values as text."""
        return [*map(str, pd.Series(self.values).to_numpy(object))]


def first_rows(codes: NDArray[Any]) -> NDArray[np.int64]:
    """Where each code, from 0 on, stands first; codes are in order of appearance, those below 0 are none."""
    highest = np.maximum.accumulate(codes)
    return np.flatnonzero(np.append(highest[:1] >= 0, highest[1:] > highest[:-1]))


def number_cells(cells: "pd.Series[Any]") -> NumberedCells:
    if isinstance(cells.dtype, pd.CategoricalDtype):
        return _by_appearance(cells.cat.codes.to_numpy(), cells.cat.categories)
    whole = comparable(cells)
    starts = _starts_of_runs(whole)
    found, values = pd.factorize(whole if starts is None else whole[starts])
    numbers = found.astype(np.int32)
    firsts = first_rows(numbers)
    if starts is not None:
        numbers = np.repeat(numbers, np.diff(np.append(starts, len(whole))))
        firsts = starts[firsts]
    return NumberedCells(numbers, values, firsts)


def comparable(cells: "pd.Series[Any]") -> Any:
    """The array of cells in which neighbours are compared fastest; those that are empty are unequal."""
    dtype: Any = cells.dtype
    arrow = isinstance(dtype, pd.StringDtype) and dtype.storage == "pyarrow"
    return cells.array if arrow and isinstance(dtype.na_value, float) else cells.to_numpy()


def _starts_of_runs(cells: Any) -> NDArray[np.int64] | None:
    """Where a cell differs from the one before it, which is found faster than what it is; None where runs are
    short. cells: (rows,), an array of NumPy or pandas."""
    for some in (cells[:_RUNS_IN], cells):
        starts = np.flatnonzero(np.append(True, some[1:] != some[:-1]))
        if 4 * len(starts) >= len(some):
            return None
    return starts


def _by_appearance(codes: NDArray[Any], values: "pd.Index[Any]") -> NumberedCells:
    """Categories, which may be in order of the alphabet, renumbered by their first cell."""
    firsts = first_rows(codes)
    if (codes[firsts] == np.arange(len(firsts))).all():
        return NumberedCells(codes.astype(np.int32), values.array[: len(firsts)], firsts)
    seen = pd.unique(codes)
    seen = seen[seen >= 0]
    numbers = np.full(len(values) + 1, -1, np.int32)  # the last is that of empty cells
    numbers[seen] = np.arange(len(seen))
    found = numbers[codes]
    return NumberedCells(found, values.array[seen], first_rows(found))
