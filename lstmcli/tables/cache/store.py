"""All cells of a table in files, column by column: numbers as they are, texts as numbers of texts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.tables.cache.columns import BLOCK_ROWS, DiskColumn, NotInPieces, ValueNumbers, Writer, map_array
from lstmcli.tables.cache.pieces import Files, ReadAgain
from lstmcli.tables.cache.times import Texts, TimeConversion, conversion_of_numbers
from lstmcli.tables.read.cells import LARGEST_VALUE
from lstmcli.tables.read.files import PROBED_ROWS
from lstmcli.tables.read.text import FILE

_MOST_READINGS = 8
_KINDS = {"text": np.int32, "whole": np.int64, "number": np.float64, "bool": np.float64}


@dataclass
class Store:
    """time: the column of time stamps, "" for none; stamps: where they are texts; times, offsets: what
    was read of these. wanted: columns to keep, None for all. head: the first rows, and the first that
    hold something in a column that is empty there."""

    folder: Path
    files: Files
    time: str
    wanted: set[str] | None
    stamps: Texts | None = None
    columns: dict[str, DiskColumn] = field(default_factory=dict)
    head: list[pd.DataFrame] = field(default_factory=list)
    rows: Writer = field(init=False)
    times: Writer = field(init=False)
    offsets: Writer = field(init=False)
    _empty_so_far: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rows, self.times, self.offsets = (
            Writer(self.folder / f"{name}.cells", np.int64) for name in ("rows", "times", "offsets")
        )

    def add(self, piece: pd.DataFrame) -> None:
        """Takes the next rows. Raises ReadAgain, NotInPieces and WriteFailed."""
        self._keep_head(piece)
        self.rows.add(piece.index.to_numpy())
        for name in piece.columns:
            if name == self.time and self.files.kinds.get(name) == "text":
                self._add_times(piece[name])
            elif self.wanted is None or name in self.wanted:
                self._add_cells(name, piece[name])

    def _keep_head(self, piece: pd.DataFrame) -> None:
        if not self.head:
            self.head.append(piece.iloc[:PROBED_ROWS])
            self._empty_so_far = {c for c in piece.columns if not self.head[0][c].notna().any()}
        for name in sorted(self._empty_so_far):
            found = piece.index[piece[name].notna()][:1000]
            if len(found):
                self.head.append(piece.loc[found])
                self._empty_so_far.discard(name)

    def _add_times(self, cells: "pd.Series[str]") -> None:
        if self.stamps is None:
            self.stamps = Texts(self.files, self.time)
        times, offsets = self.stamps.times(cells)
        self.times.add(times)
        if self.stamps.with_offsets:
            self.offsets.add(offsets)

    def _add_cells(self, name: str, cells: "pd.Series[Any]") -> None:
        kind = "text" if name == FILE and name not in self.files.kinds else self.files.kinds[name]
        column = self.columns.get(name)
        if column is None:
            writer = Writer(self.folder / f"{len(self.columns)}.{kind}.cells", _KINDS[kind])
            column = DiskColumn(name, kind, writer, ValueNumbers(name) if kind == "text" else None)
            self.columns[name] = column
        elif column.kind != kind:
            self._to_numbers(column)
        if column.texts is not None:
            found: NDArray[Any] = column.texts.codes(cells)
            empty = found < 0
        else:
            found = cells.to_numpy(column.writer.dtype)
            empty = np.isnan(found) if column.kind == "number" else np.zeros(0, bool)
            self._check(column, cells, found)
        if column.empty < 0 and empty.any():
            column.empty = int(cells.index[empty][0])
        column.writer.add(found)

    def _to_numbers(self, column: DiskColumn) -> None:
        """Whole numbers written so far, to be followed by others."""
        old = column.cells()
        column.kind, column.writer = "number", Writer(column.writer.path.with_suffix(".float"), np.float64)
        for first in range(0, len(old), BLOCK_ROWS):
            column.writer.add(old[first : first + BLOCK_ROWS].astype(np.float64))

    def _check(self, column: DiskColumn, cells: "pd.Series[Any]", found: NDArray[Any]) -> None:
        if column.bad is not None or column.kind != "number":
            return
        wrong = np.isinf(found) | (np.abs(found) > LARGEST_VALUE)
        if wrong.any():
            at = int(cells.index[wrong][0])
            infinite = bool(np.isinf(cells[at]))
            column.bad = (at, "not-a-number" if infinite else "too-large", f"{cells[at]}")

    @property
    def count(self) -> int:
        return self.rows.count

    def first_rows(self) -> pd.DataFrame:
        """The head, with the types of the whole columns."""
        frame = pd.concat(self.head)
        for name, kind in self.files.kinds.items():
            if kind == "number" and name in frame.columns:
                frame[name] = frame[name].astype(np.float64)
        return frame

    def row_numbers(self) -> NDArray[np.int64]:
        return map_array(self.rows.path, np.int64, (self.count,))

    def raw_times(self) -> NDArray[np.int64]:
        """Stamps as they are compared: microseconds, or the numbers of the column."""
        if self.stamps is not None:
            return map_array(self.times.path, np.int64, (self.count,))
        return self.columns[self.time].cells()

    def raw_offsets(self) -> NDArray[np.int64]:
        """(rows,), or (0,) where no stamp has an offset."""
        return map_array(self.offsets.path, np.int64, (self.offsets.count,))

    def final(self) -> TimeConversion:
        """Raises DataError for stamps that cannot be read."""
        if self.stamps is None:
            return conversion_of_numbers(self.files, self.columns[self.time], self.row_numbers())
        return self.stamps.final(self.stamps.stamps())


def store_rows(
    files: Files, folder: Path, time_of: Callable[[pd.DataFrame], str], wanted: Sequence[str] | None
) -> Store:
    """All rows of files. time_of: the column of time stamps, by the first piece of the table.

    Raises what `tables.read` raises, NotInPieces and WriteFailed.
    """
    stamps: Texts | None = None
    for _ in range(_MOST_READINGS):
        store: Store | None = None
        try:
            for piece in files.pieces():
                if not len(piece):
                    continue
                if store is None:
                    time = time_of(piece)
                    known = stamps if stamps is not None and stamps.column == time else None
                    store = Store(folder, files, time, None if wanted is None else {*wanted}, known)
                store.add(piece)
        except ReadAgain:
            stamps = store.stamps.again() if store is not None and store.stamps is not None else stamps
            continue
        if store is None or not store.count:
            raise files.table().error("empty", "the table has a header but no rows")
        return store
    raise NotInPieces("its columns change their kind again and again")
