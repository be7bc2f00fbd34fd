"""What is asked of all rows of a table to find what its columns are for."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.tables.read.table_cells import NumberedCells, comparable, number_cells

CodeColumn = Callable[[str], NumberedCells]
_SAMPLE_ROWS = 50_000
_SAMPLE_TIMES = 20


@dataclass(frozen=True)
class SampleOfTimes:
    """All rows of some of the times: numbers of the times from 0 on and of the cells, 0 for an empty cell."""

    times: NDArray[np.int64]
    cells: dict[str, NDArray[np.int64]]

    @cached_property
    def count(self) -> int:
        """Of different times."""
        return int(self.times.max(initial=-1)) + 1

    def groups(self, columns: Sequence[str]) -> NDArray[np.int64]:
        """The number of the row of some columns."""
        codes = combine([self.cells[column] for column in columns])
        return pd.factorize(codes)[0]


class AllRows(Protocol):
    """Asked of all rows, which may be more than are in memory."""

    def __len__(self) -> int: ...

    def distinct(self, column: str) -> int:
        """How many different values there are, apart from empty cells."""

    def repeats(self, columns: Sequence[str], time: str = "") -> int:
        """How many rows hold what an earlier one holds in these columns."""

    def has_empty(self, column: str) -> bool: ...

    def same_in(self, series: Sequence[str], column: str) -> bool:
        """Whether each series has one value of a column, or none."""

    def numbers(self, column: str) -> Iterator[NDArray[np.float64]]:
        """The cells in order of the rows, part by part; NaN for what is no number."""

    def sample(self, columns: Sequence[str], time: str) -> SampleOfTimes:
        """The rows of times drawn evenly."""


@dataclass(frozen=True)
class FrameRows:
    """Those of a frame; codes: `Table.codes`, None to find them here."""

    frame: pd.DataFrame
    codes: CodeColumn | None = None

    def __len__(self) -> int:
        return len(self.frame)

    def _numbered(self, column: str) -> NumberedCells:
        return number_cells(self.frame[column]) if self.codes is None else self.codes(column)

    def distinct(self, column: str) -> int:
        return len(self) if _rises(self.frame[column]) else len(self._numbered(column).values)

    def repeats(self, columns: Sequence[str], time: str = "") -> int:
        codes = self._combined([*columns, *([time] if time else [])])
        return 0 if (codes[1:] > codes[:-1]).all() else int(pd.Series(codes).duplicated().sum())

    def has_empty(self, column: str) -> bool:
        return bool(self.frame[column].isna().any())

    def same_in(self, series: Sequence[str], column: str) -> bool:
        codes, cells = self._combined(series), self.frame[column].to_numpy()
        for few in (slice(0, 1000), slice(None)):  # most columns change in the first series already
            found = pd.DataFrame({"series": codes[few], "cell": cells[few]}).drop_duplicates().dropna()
            if found["series"].duplicated().any():
                return False
        return True

    def _combined(self, columns: Sequence[str]) -> NDArray[np.int64]:
        numbered = [self._numbered(column) for column in columns]
        return combine([n.numbers for n in numbered], [len(n.values) for n in numbered], empty=-1)

    def numbers(self, column: str) -> Iterator[NDArray[np.float64]]:
        cells = self.frame[column]
        if not types.is_numeric_dtype(cells):
            cells = pd.to_numeric(cells.astype(object), errors="coerce")
        yield cells.to_numpy(np.float64, na_value=np.nan)

    def sample(self, columns: Sequence[str], time: str) -> SampleOfTimes:
        times, stamps, _ = self._numbered(time)
        known = np.append(np.arange(len(stamps)), -1)  # the last for empty cells, whose number is -1
        chosen = np.flatnonzero(drawn(known, sampling(len(self), len(stamps)))[times])
        cells = {column: self._drawn(column, chosen) for column in columns}
        return SampleOfTimes(pd.factorize(times[chosen])[0], cells)

    def _drawn(self, column: str, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Numbers of some cells; all texts are numbered, as later they are asked for anyway."""
        cells = self.frame[column]
        if types.is_numeric_dtype(cells):
            return pd.factorize(cells.to_numpy()[chosen])[0] + 1
        return self._numbered(column).numbers[chosen].astype(np.int64) + 1


def combine(
    parts: Sequence[NDArray[Any]], sizes: Sequence[int] | None = None, empty: int = 0
) -> NDArray[Any]:
    """One number for each row of several columns, rising where all rise.

    parts: numbers of the cells from `empty` on; sizes: how many numbers from 0 each has.
    """
    if sizes is None:
        sizes = [int(part.max(initial=0)) + 1 for part in parts]
    spans = [size - empty for size in sizes]
    kind = np.dtype(np.int32 if prod(spans) < 2**31 else np.int64)  # the smaller is faster
    codes = parts[0].astype(kind)
    codes -= empty
    done = spans[0]
    for part, span in zip(parts[1:], spans[1:], strict=True):
        if prod((done, span)) >= 2**62:
            codes, found = pd.factorize(codes)
            codes, done = codes.astype(kind), len(found)
        codes *= span  # in place: a long table has many rows
        codes += part.astype(kind, copy=False)
        codes -= empty
        done *= span
    return codes


def sampling(rows: int, times: int) -> int:
    """One in how many times is drawn: all of a short table, at least some tens of a long one."""
    return max(1, min(rows // _SAMPLE_ROWS, times // _SAMPLE_TIMES))


def drawn(numbers: NDArray[Any], one_in: int) -> NDArray[np.bool_]:
    """Which rows are of times that are drawn; evenly, and not one time of the day alone."""
    if one_in == 1:
        return np.ones(len(numbers), bool)
    mixed = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    return np.asarray((mixed >> np.uint64(33)) % np.uint64(one_in) == 0)


def _rises(column: "pd.Series[str]") -> bool:
    """Whether each cell is greater than the one before; looked at from the start, so that what does
    not rise is seen at once."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return False
    cells = comparable(column)
    try:
        return all(bool((part[1:] > part[:-1]).all()) for part in (cells[:1000], cells))
    except TypeError:  # texts beside empty cells
        return False


@dataclass
class ColumnFacts:
    """What holds for all numbers of a column. seen: how many there are; lowest, highest: NaN where there is
    none; whole: all are; rises, falls: each is above, or below, the one before; counts: each is one more than
    the one before, or begins anew."""

    seen: int = 0
    lowest: float = np.nan
    highest: float = np.nan
    whole: bool = True
    rises: bool = True
    falls: bool = True
    counts: bool = True

    @property
    def empty(self) -> bool:
        return self.seen == 0

    @property
    def constant(self) -> bool:
        return self.seen > 1 and self.lowest == self.highest

    @property
    def flag(self) -> bool:
        """Whether there are zeros and ones alone, both."""
        return self.whole and (self.lowest, self.highest) == (0, 1)


def column_facts(parts: Iterator[NDArray[np.float64]]) -> ColumnFacts:
    """Looks at what may still hold, part by part."""
    facts, before, first = ColumnFacts(), np.zeros(0), np.nan
    for part in parts:
        if not len(part):
            continue
        first = part[0] if not len(before) else first
        facts.seen += int(np.count_nonzero(~np.isnan(part)))
        facts.lowest = float(np.fmin(facts.lowest, np.fmin.reduce(part)))
        facts.highest = float(np.fmax(facts.highest, np.fmax.reduce(part)))
        joined = np.concatenate([before, part])
        # The first cells show of most columns that they do not.
        for some, cells in ((part[:1000], joined[:1000]), (part, joined)):
            facts.whole = facts.whole and bool((np.isnan(some) | (np.floor(some) == some)).all())
            facts.rises = facts.rises and bool((cells[1:] > cells[:-1]).all())
            facts.falls = facts.falls and bool((cells[1:] < cells[:-1]).all())
            one_more = facts.whole and facts.counts
            facts.counts = one_more and bool(((cells[1:] == cells[:-1] + 1) | (cells[1:] == first)).all())
        before = part[-1:]
    return facts
