"""Which series each row of a staged table is of, and the rows of few series brought together."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.series.panel import Key
from lstmcli.tables.cache.arrays import (
    ArrayWriter,
    NotInPieces,
    Sizes,
    ValueNumbers,
    as_work_failure,
    blocks,
    map_array,
)
from lstmcli.tables.cache.staging import Staged
from lstmcli.tables.read.all_rows import SampleOfTimes, drawn, sampling
from lstmcli.tables.read.cells import group
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_forms import TimeForm
from lstmcli.tables.read.written_keys import keys_as_written

_MOST_BUCKETS = 512
_MOST_DISTINCT = 50_000_000


@dataclass(frozen=True)
class SeriesNumbers:
    """codes: (rows,) number of the series of each row, none for a lone series; counts: (series,) rows."""

    codes: NDArray[np.int32]
    keys: tuple[Key, ...]
    counts: NDArray[np.int64]


@dataclass(frozen=True)
class Bucket:
    """The rows of some series that follow one another, in order of the file. codes: from 0 on."""

    first: int
    last: int
    codes: NDArray[np.int32]
    cells: dict[str, NDArray[Any]]


def number_series(staged: Staged, columns: Sequence[str]) -> SeriesNumbers:
    """Numbers in order of appearance. Raises DataError at a row without the name of its series."""
    if not columns:
        return SeriesNumbers(np.zeros(0, np.int32), ((),), np.array([len(staged)]))
    if len(columns) == 1:
        table, codes = staged.values(columns[0]), staged.columns[columns[0]].writer.array()
    else:
        table, codes = _combined(staged, columns, "series")
    counts = _counts(staged.sizes, codes, len(table.frame))
    _, keys = group(table, columns, counts)
    return SeriesNumbers(codes, keys, counts)


def _combined(staged: Staged, columns: Sequence[str], name: str) -> tuple[Table, NDArray[np.int32]]:
    """Different rows of some columns, in order of appearance, and which of them each row of the table is.

    name: of the file that is made."""
    values = [staged.values(column).frame[column] for column in columns]
    sizes = [len(found) for found in values]
    if prod(sizes) >= 2**62:
        raise NotInPieces("the columns of series hold too many different values")
    numbers = ValueNumbers(columns[0])
    writer = ArrayWriter(staged.folder / f"{name}.numbers", np.int32)
    cells = [staged.columns[column].writer.array() for column in columns]
    for *parts, rows in blocks(staged.sizes.block, *cells, staged.rows.array()):
        writer.add(numbers.add(np.ravel_multi_index(parts, sizes), rows))
    places = np.unravel_index(np.array(numbers.values, np.int64), sizes)
    found = {c: v.iloc[p].to_numpy() for c, v, p in zip(columns, values, places, strict=True)}
    return staged.files.table(pd.DataFrame(found, numbers.rows)), writer.array()


def _counts(sizes: Sizes, codes: NDArray[np.int32], series: int) -> NDArray[np.int64]:
    counts = np.zeros(series, np.int64)
    for (part,) in blocks(sizes.block, codes):
        counts += np.bincount(part, minlength=series)
    return counts


@dataclass(frozen=True)
class StagedRows:
    """What `columns.find_roles` asks of all rows."""

    staged: Staged

    def __len__(self) -> int:
        return len(self.staged)

    def distinct(self, column: str) -> int:
        """Raises NotInPieces for too many."""
        if column == self.staged.time:
            return self._distinct(self.staged.times.array())
        found = self.staged.columns[column]
        if found.numbers is None:
            return self._distinct(found.writer.array())
        return sum(value is not None for value in found.numbers.values)

    def _distinct(self, cells: NDArray[Any]) -> int:
        size = self.staged.sizes.block
        if _rises(cells, size, strictly=True):
            return len(cells)
        seen = np.zeros(0, cells.dtype)
        for (part,) in blocks(size, cells):
            seen = np.union1d(seen, part)
            if len(seen) > _MOST_DISTINCT:
                raise NotInPieces("it has too many different times; name the series with --set series=COLUMN")
        return len(seen)

    def repeats(self, columns: Sequence[str], time: str = "") -> int:
        codes, series = self._series_of(columns)
        counts = _counts(self.staged.sizes, codes, series)
        if not time:
            return int(np.maximum(counts - 1, 0).sum())
        stamps = {"time": self.staged.times.array()}
        found = 0
        for bucket in buckets(self.staged, codes, counts, stamps, "candidate"):
            rows = pd.DataFrame({"code": bucket.codes, "time": bucket.cells["time"]})
            found += int(rows.duplicated().sum())
        return found

    def _series_of(self, columns: Sequence[str]) -> tuple[NDArray[np.int32], int]:
        if len(columns) == 1:
            numbers = self.staged.numbered(columns[0])
            return self.staged.columns[columns[0]].writer.array(), len(numbers.values)
        table, codes = _combined(self.staged, columns, "candidates")
        return codes, len(table.frame)

    def has_empty(self, column: str) -> bool:
        found = self.staged.columns[column]
        if found.numbers is not None:
            return None in found.numbers.values
        cells = found.writer.array()
        return any(bool(np.isnan(part).any()) for (part,) in blocks(self.staged.sizes.block, cells))

    def same_in(self, series: Sequence[str], column: str) -> bool:
        seen: dict[int, Any] = {}
        codes, _ = self._series_of(series)
        cells = self.staged.columns[column].writer.array()
        for parts in blocks(self.staged.sizes.block, codes, cells):
            found = pd.DataFrame(dict(zip(("series", "cell"), parts, strict=True))).drop_duplicates().dropna()
            if found["series"].duplicated().any():
                return False
            for number, cell in found.itertuples(index=False):
                if seen.setdefault(number, cell) != cell:
                    return False
        return True

    def numbers(self, column: str) -> Iterator[NDArray[np.float64]]:
        found = self.staged.columns[column]
        values = None
        if found.numbers is not None:
            texts = pd.Series(found.numbers.values, dtype=object)
            values = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        for (part,) in blocks(self.staged.sizes.block, found.writer.array()):
            yield part.astype(np.float64) if values is None else values[part]

    def sample(self, columns: Sequence[str], time: str) -> SampleOfTimes:
        cells = {column: self.staged.columns[column].writer.array() for column in columns}
        one_in = sampling(len(self), self.distinct(time))
        pieces: list[tuple[NDArray[Any], ...]] = []
        for stamps, *parts in blocks(self.staged.sizes.block, self.staged.times.array(), *cells.values()):
            chosen = drawn(stamps, one_in)
            pieces.append((stamps[chosen], *(part[chosen] for part in parts)))
        times, *found = (np.concatenate(part) for part in zip(*pieces, strict=True))
        numbered = {c: pd.factorize(part)[0] + 1 for c, part in zip(columns, found, strict=True)}
        return SampleOfTimes(pd.factorize(times)[0], numbered)


def buckets(
    staged: Staged,
    codes: NDArray[np.int32],
    counts: NDArray[np.int64],
    cells: dict[str, NDArray[Any]],
    name: str,
) -> Iterator[Bucket]:
    """All rows, those of a few series at a time, in order of the series.

    codes: (rows,), or (0,) where there is one series. cells: (rows,) each; name: of the files that
    are made where rows of a bucket do not follow one another.
    """
    ends = np.cumsum(counts)
    if not len(codes):
        yield Bucket(0, 1, np.zeros(len(staged), np.int8), cells)
        return
    most = max(staged.sizes.bucket, len(staged) // _MOST_BUCKETS)
    firsts = [0]
    while firsts[-1] < len(counts):
        start = ends[firsts[-1] - 1] if firsts[-1] else 0
        firsts.append(max(firsts[-1] + 1, int(np.searchsorted(ends, start + most, side="right"))))
    if len(firsts) > 2 and not _rises(codes, staged.sizes.block):
        cells = _brought_together(staged, codes, ends, np.array(firsts), {**cells, "": codes}, name)
        codes = cells.pop("")
    for first, last in pairwise(firsts):
        start, end = int(ends[first - 1]) if first else 0, int(ends[last - 1])
        own = codes[start:end] - np.int32(first)
        yield Bucket(first, last, own, {key: array[start:end] for key, array in cells.items()})


def _rises(cells: NDArray[Any], size: int, strictly: bool = False) -> bool:
    """Whether no cell is less than the one before, nor, strictly, equal to it."""
    above = np.greater if strictly else np.greater_equal
    previous = cells[:0]
    for (part,) in blocks(size, cells):
        joined = np.concatenate([previous, part])
        if not above(joined[1:], joined[:-1]).all():
            return False
        previous = part[-1:]
    return True


def _brought_together(
    staged: Staged,
    codes: NDArray[np.int32],
    ends: NDArray[np.int64],
    firsts: NDArray[np.int64],
    cells: dict[str, NDArray[Any]],
    name: str,
) -> dict[str, NDArray[Any]]:
    """Cells in files in which the rows of each bucket follow one another, in order of the table."""
    places, size = np.append(0, ends)[firsts], staged.sizes.block  # where the next row of each bucket goes
    paths = {key: staged.folder / f"{name}.{number}.bucket" for number, key in enumerate(cells)}
    with as_work_failure(staged.folder), ExitStack() as stack:
        files = {key: stack.enter_context(open(path, "wb")) for key, path in paths.items()}
        for first in range(0, len(codes), size):
            which = np.searchsorted(firsts, codes[first : first + size], side="right") - 1
            order = np.argsort(which, kind="stable")
            found, starts = np.unique(which[order], return_index=True)
            for key, array in cells.items():
                cut = np.split(array[first : first + size][order], starts[1:])
                for bucket, piece in zip(found, cut, strict=True):
                    files[key].seek(int(places[bucket]) * array.itemsize)
                    files[key].write(piece.data)
            places[found] += np.diff(np.append(starts, len(order)))
    return {key: map_array(paths[key], array.dtype, array.shape) for key, array in cells.items()}


StagedTable = tuple[Staged, TimeForm | DataError | None]  # and the form of its times


def staged_as_written(read_with: Callable[[Sequence[str]], StagedTable]) -> StagedTable:
    """All rows, with names of series as they are written, see `read.written_keys`.

    read_with: reads all rows with columns that are kept as they are written; the rows read before are gone.
    """
    return keys_as_written(read_with(()), read_with, lambda found: _asked(found[0]))


def _asked(staged: Staged) -> tuple[Table, pd.DataFrame, StagedRows]:
    return staged.files.table(), staged.first_rows(), StagedRows(staged)
