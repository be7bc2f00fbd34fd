"""A table and the files it came from."""

import csv
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import is_integer_dtype, is_string_dtype

from lstmcli.errors import DataError
from lstmcli.series.calendar import Step
from lstmcli.series.closed_zeros import ClosedValues
from lstmcli.series.panel import Key
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime
from lstmcli.tables.read.column_names import is_key_name
from lstmcli.tables.read.reading import LINE, FoundReading
from lstmcli.tables.read.separators import BLANKS
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table_cells import NumberedCells, number_cells
from lstmcli.tables.read.text import Dialect, open_table
from lstmcli.tables.read.tokens import stamp_text, zone_shown


@dataclass(frozen=True)
class TablePart:
    """A file of a table: its rows are those from `first` on; `dialect` is None for Parquet."""

    source: TableSource
    first: int
    dialect: Dialect | None


@dataclass(frozen=True)
class Table:
    """A table and where it came from; `frame.index` counts the rows of all files from 0.

    notes: what was assumed or left out in reading, for the user. step: the one that rows are known to
    keep, where too few are there to show whether they are dates and whether days; None to look. reading: how
    its cells were written.
    """

    frame: pd.DataFrame
    source: str
    parts: tuple[TablePart, ...]
    options: ReadOptions
    notes: tuple[str, ...] = ()
    step: Step | None = None
    reading: FoundReading = field(default_factory=FoundReading)
    patterns: dict[str, str | None] = field(default_factory=dict, init=False)  # of times, as far as known
    closed: dict[Key, ClosedValues] = field(default_factory=dict, init=False)  # of a panel without a cache
    _numbered: dict[str, NumberedCells] = field(default_factory=dict, init=False)

    def codes(self, column: str) -> NumberedCells:
        """The cells of a column, numbered once."""
        if column not in self._numbered:
            self._numbered[column] = number_cells(self.frame[column])
        return self._numbered[column]

    def is_numbered(self, column: str) -> bool:
        return column in self._numbered

    def without_rows(self) -> "Table":
        """What is worth keeping once the rows are in a panel: where they came from, and how times are
        written as far as that was asked for."""
        return self._like(replace(self, frame=pd.DataFrame()))

    def with_rows(self, kept: NDArray[np.bool_]) -> "Table":
        """Some of its rows, (rows,)."""
        return self._like(replace(self, frame=self.frame[kept]))

    def with_notes(self, *notes: str) -> "Table":
        """The table with more notes."""
        return self._like(replace(self, notes=(*self.notes, *notes)))

    def with_placed_notes(self) -> "Table":
        """The table with the notes of its reading that name a line."""
        placed = self.reading.placed if self.parts else ()
        return self.with_notes(*(note.replace(LINE, str(self.place(row)[1])) for row, note in placed))

    def _like(self, other: "Table") -> "Table":
        other.patterns.update(self.patterns)
        other.closed.update(self.closed)
        return other

    def error(
        self, kind: str, message: str, index: int | None = None, column: str | None = None
    ) -> DataError:
        """A DataError that names file, row (as an editor counts lines) and column."""
        if index is None:
            return DataError(kind, message, path=self.source, column=column)
        path, row = self.place(index)
        part = self.part_of(index)
        if part.source.places is not None:
            column = part.source.places.column(index - part.first, column)
        return DataError(kind, message, path=path, row=row, column=column)

    def shown_time(self, time: Any, column: str) -> str:
        """A time of a column as messages show it."""
        return stamp_text(time, self.patterns.get(column))

    def zone(self, time: str) -> str:
        """The zone that times of a column are shown in, see `format_time`."""
        return zone_shown(self.patterns.get(time))

    @property
    def joined(self) -> JoinedTime | None:
        """The columns whose cells together are the time."""
        return self.reading.reading.joined

    @property
    def between_semicolons(self) -> bool:
        """Whether cells stand between semicolons and a comma marks decimals, as where dates have the day
        first."""
        parts = [part.dialect.separator if part.dialect else "" for part in self.parts]
        return {*parts} == {";"} and "," in {*self.reading.decimals, self.options.decimal}

    @property
    def unread(self) -> dict[str, str]:
        """Why columns that hold mostly numbers are not read, with the row."""
        return {
            name: f"row {self.place(why.row)[1]}: {why.said}" for name, why in self.reading.unread.items()
        }

    def place(self, index: int) -> tuple[str, int]:
        """The file of a row, and its line there, from 1."""
        part = self.part_of(index)
        return part.source.name, line_of(part, index - part.first, self.options)

    def part_of(self, index: int) -> TablePart:
        """The file of a row."""
        return next(part for part in reversed(self.parts) if part.first <= index)


def line_of(part: TablePart, row: int, options: ReadOptions) -> int:
    """The line of a file in which a row of data starts; quoted cells may hold line breaks."""
    if part.source.places is not None:
        return part.source.places.line(row)
    if part.dialect is None:
        return row + 1
    wanted = row + part.dialect.skipped
    try:
        with open_table(part.source, options, part.dialect) as text:
            if part.dialect.separator == BLANKS:
                return wanted + 1
            reader, before = csv.reader(text, delimiter=part.dialect.separator), 0
            for number, _ in enumerate(reader):
                if number == wanted:
                    return before + 1
                before = reader.line_num
    except (csv.Error, DataError):
        pass
    return wanted + 1


def _is_category(piece: "pd.Series[Any]") -> bool:
    return isinstance(piece.dtype, pd.CategoricalDtype)


def stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns one after another; categories stay categories."""
    if len(frames) == 1:
        return frames[0]
    index = frames[0].index.append([frame.index for frame in frames[1:]])
    columns = {}
    for name in frames[0].columns:
        pieces = [frame[name] for frame in frames]
        if any(map(_is_category, pieces)) or (is_key_name(name) and any(map(is_string_dtype, pieces))):
            pieces = [piece.astype(str) if is_integer_dtype(piece) else piece for piece in pieces]
        if all(map(_is_category, pieces)):
            columns[name] = pd.Series(pd.api.types.union_categoricals(pieces), index)
        else:
            columns[name] = pd.concat(pieces)
    return pd.DataFrame(columns, index)
