"""Which series each row of a stored table is of, and rows of few series brought together."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import write_failure
from lstmcli.series.panel import Key
from lstmcli.tables.cache.columns import (
    BLOCK_ROWS,
    DiskColumn,
    NotInPieces,
    ValueNumbers,
    Writer,
    blocks,
    map_array,
)
from lstmcli.tables.cache.store import Store
from lstmcli.tables.read.columns import FEW_REPEATS, mostly_numbers

BUCKET = 2**20  # rows that are worked on together, where series are no longer
_MOST_BUCKETS = 512
_PAIR = 2**31  # more than there are numbers
_MOST_STAMPS = 50_000_000


@dataclass(frozen=True)
class SeriesNumbers:
    """codes: (rows,) number of the series of each row; counts: (series,) its rows."""

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


def series_of(store: Store, columns: Sequence[str], name: str = "series") -> SeriesNumbers:
    """Numbers in order of appearance. Raises DataError at a row without the name of its series."""
    if not columns:
        return SeriesNumbers(np.zeros(0, np.int32), ((),), np.array([store.count]))
    used = [store.columns[c] for c in columns]
    for column in used:
        if column.empty >= 0:
            said = "the name of the series is missing"
            raise store.files.table().error("missing-series", said, column.empty, column.name)
    single = len(used) == 1 and used[0].texts is not None
    codes, values = (
        (used[0].cells(), [(t,) for t in _texts(used[0])]) if single else _combined(store, used, name)
    )
    counts = np.zeros(len(values), np.int64)
    for (part,) in blocks(codes):
        counts += np.bincount(part, minlength=len(values))
    return SeriesNumbers(codes, tuple(tuple(map(str, value)) for value in values), counts)


def _texts(column: DiskColumn) -> list[Any]:
    assert column.texts is not None
    return column.texts.values


def _combined(store: Store, used: Sequence[DiskColumn], name: str) -> tuple[NDArray[np.int32], list[Any]]:
    """The number of each row's cells in some columns, and these cells."""
    own = [column.texts or ValueNumbers(column.name) for column in used]
    chain = [ValueNumbers(column.name) for column in used[1:]]  # of the number so far and the next one
    writer = Writer(store.folder / f"{name}.cells", np.int32)
    for parts in blocks(*(column.cells() for column in used)):
        each = [
            part if column.texts is not None else numbered.codes(part)
            for column, numbered, part in zip(used, own, parts, strict=True)
        ]
        codes = each[0]
        for link, other in zip(chain, each[1:], strict=True):
            codes = link.codes(codes.astype(np.int64) * _PAIR + other)
        writer.add(codes)
    values = []
    for number in range(len((chain or own)[-1].values)):
        places, left = [], number
        for link in reversed(chain):
            left, place = divmod(link.values[left], _PAIR)
            places.append(place)
        places.append(left)
        values.append(
            tuple(_cell(c, o.values[p]) for c, o, p in zip(used, own, reversed(places), strict=True))
        )
    return map_array(writer.path, np.int32, (store.count,)), values


def _cell(column: DiskColumn, value: Any) -> Any:
    return bool(value) if column.kind == "bool" else value


def distinguishing_columns(store: Store, time: str, rest: Sequence[str]) -> tuple[str, ...]:
    """The columns that make (series, time) unique, as `columns.find_roles` finds them in a whole table:
    the first that does alone, or all texts."""
    head = store.first_rows()
    texts = [c for c in rest if not mostly_numbers(head[c])]
    if not time:
        return tuple(c for c in texts if _distinct(store.columns[c].cells()) < store.count)
    stamps = store.raw_times()
    if store.count - _distinct(stamps) <= FEW_REPEATS * store.count:
        return ()
    whole = [c for c in rest if store.files.kinds.get(c) == "whole"]
    few = [c for c in whole if _distinct(store.columns[c].cells()) <= store.count // 2]
    for number, column in enumerate((*texts, *few)):
        if _is_unique(store, store.columns[column], stamps, f"candidate{number}"):
            return (column,)
    return tuple(texts)


def _distinct(cells: NDArray[Any]) -> int:
    """How many different values there are. Raises NotInPieces for too many."""
    previous, rising = None, True
    for (part,) in blocks(cells):
        rising = rising and bool((part[1:] > part[:-1]).all()) and (previous is None or part[0] > previous)
        previous = part[-1]
        if not rising:
            break
    if rising:
        return len(cells)
    seen, waiting = np.zeros(0, cells.dtype), [np.zeros(0, cells.dtype)]
    for (part,) in blocks(cells):
        waiting.append(pd.unique(part))
        if sum(map(len, waiting)) > len(seen):
            seen, waiting = np.unique(np.concatenate([seen, *waiting])), []
        if len(seen) > _MOST_STAMPS:
            raise NotInPieces("it has too many different times; name the series with --set series=COLUMN")
    return len(np.unique(np.concatenate([seen, *waiting])))


def _is_unique(store: Store, column: DiskColumn, stamps: NDArray[Any], name: str) -> bool:
    """Whether no value of a column has a time twice."""
    if column.texts is not None and column.empty < 0:
        found = series_of(store, (column.name,))
        codes, counts = found.codes, found.counts
    else:
        numbered = ValueNumbers(column.name)
        writer = Writer(store.folder / f"{name}.cells", np.int32)
        for (part,) in blocks(column.cells()):  # an empty cell is a value like others here
            writer.add(numbered.codes(part if column.texts is None else part.astype(np.int64)))
        codes = map_array(writer.path, np.int32, (store.count,))
        counts = np.bincount(codes, minlength=len(numbered.values))
    for bucket in buckets(store, codes, counts, {"time": stamps}, name):
        pairs = pd.DataFrame({"code": bucket.codes, "time": bucket.cells["time"]})
        if pairs.duplicated().any():
            return False
    return True


def buckets(
    store: Store,
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
        yield Bucket(0, 1, np.zeros(store.count, np.int8), cells)
        return
    most = max(BUCKET, store.count // _MOST_BUCKETS)
    firsts = [0]
    while firsts[-1] < len(counts):
        start = ends[firsts[-1] - 1] if firsts[-1] else 0
        firsts.append(max(firsts[-1] + 1, int(np.searchsorted(ends, start + most, side="right"))))
    if len(firsts) > 2 and not _rises(codes):
        cells = _brought_together(store.folder, codes, ends, np.array(firsts), {**cells, "": codes}, name)
        codes = cells.pop("")
    for first, last in pairwise(firsts):
        start, end = int(ends[first - 1]) if first else 0, int(ends[last - 1])
        own = codes[start:end] - np.int32(first)
        yield Bucket(first, last, own, {key: array[start:end] for key, array in cells.items()})


def _rises(codes: NDArray[np.int32]) -> bool:
    previous = 0
    for (part,) in blocks(codes):
        if part[0] < previous or not (part[1:] >= part[:-1]).all():
            return False
        previous = part[-1]
    return True


def _brought_together(
    folder: Path,
    codes: NDArray[np.int32],
    ends: NDArray[np.int64],
    firsts: NDArray[np.int64],
    cells: dict[str, NDArray[Any]],
    name: str,
) -> dict[str, NDArray[Any]]:
    """Cells in files in which the rows of each bucket follow one another, in order of the table."""
    places = np.append(0, ends)[firsts]  # where the next row of each bucket goes
    paths = {key: folder / f"{name}.{number}.bucket" for number, key in enumerate(cells)}
    try:
        with ExitStack() as stack:
            files = {key: stack.enter_context(open(path, "wb")) for key, path in paths.items()}
            for first in range(0, len(codes), BLOCK_ROWS):
                which = np.searchsorted(firsts, codes[first : first + BLOCK_ROWS], side="right") - 1
                order = np.argsort(which, kind="stable")
                found, starts = np.unique(which[order], return_index=True)
                for key, array in cells.items():
                    cut = np.split(array[first : first + BLOCK_ROWS][order], starts[1:])
                    for bucket, piece in zip(found, cut, strict=True):
                        files[key].seek(int(places[bucket]) * array.itemsize)
                        files[key].write(piece.data)
                places[found] += np.diff(np.append(starts, len(order)))
    except OSError as error:
        raise write_failure(folder, error) from None
    return {key: map_array(paths[key], array.dtype, array.shape) for key, array in cells.items()}
