"""What is known of a table whose rows and header tell times together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import is_empty, is_zero
from lstmcli.tables.read.header_parts import HeaderParts
from lstmcli.tables.read.part_kinds import names_part
from lstmcli.tables.read.row_times import NO_DAY, Ints, column_cells, numbers_of, years_of


@dataclass(frozen=True)
class CrossedTimes:
    """A table that is read as one series.

    ids       the columns that are kept beside each value
    times     those that hold the years, months, weeks or days of the rows
    parts     what the header counts
    order     (rows, parts) numbers that rise with the time; `NO_DAY` for a time that does not exist
    left_out  columns that sum up others
    stamps    (rows, parts) whole times, where they replace those of the rows
    said      how the table is read, where the header counts the times and the rows their parts
    numbers   (rows, parts) those of the parts, where they differ from row to row
    """

    ids: tuple[int, ...]
    times: tuple[int, ...]
    parts: HeaderParts
    order: Ints
    left_out: tuple[int, ...] = ()
    stamps: NDArray[np.datetime64] | None = None
    said: str = ""
    numbers: Ints | None = None

    def labels(self) -> Iterable[list[list[str]]]:
        """Of each row, the cells that say which of its values one is."""
        told = self.numbers if self.stamps is None else self.stamps
        if told is None:
            return repeat([[label] for label in self.parts.labels])
        return ([[str(label)] for label in row] for row in told)

    @property
    def of_header(self) -> bool:
        """Whether the header counts the times and the rows their parts."""
        return bool(self.said)

    def taken(self, keys: Sequence[Any], filled: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """(rows, parts): the filled cells, and the empty ones between those of a series.

        keys: the series of each row.
        """
        codes, different = pd.factorize(pd.Series(keys, dtype=object))
        real = self.order != NO_DAY
        rows, parts = np.nonzero(filled & real)
        known, of = self.order[rows, parts], codes[rows]
        first = np.full(len(different), np.iinfo(np.int64).max)
        last = np.full(len(different), NO_DAY)
        np.minimum.at(first, of, known)
        np.maximum.at(last, of, known)
        inside = (self.order >= first[codes, None]) & (self.order <= last[codes, None])
        return filled | (inside & real)


@dataclass(frozen=True)
class UntoldTimes:
    """Why rows cannot be read whose parts the header counts. column: that of their times."""

    column: int
    said: str


Crossing = CrossedTimes | UntoldTimes | None


@dataclass(frozen=True)
class CrossedTable:
    """A table whose header counts parts, with the cells of its columns.

    known: cells of columns that were looked at
    """

    names: Sequence[str]
    rows: Sequence[list[str]]
    parts: HeaderParts
    options: ReadOptions
    known: dict[int, list[str]] = field(default_factory=dict)

    def cells(self, column: int) -> list[str]:
        if column not in self.known:
            self.known[column] = column_cells(self.rows, column)
        return self.known[column]

    def filled(self, columns: Sequence[int], zeros: bool = True) -> NDArray[np.bool_]:
        """(rows, columns) which cells hold more than a mark of missing, or a zero where zeros are none."""
        held = [
            [not (is_empty(cell) or (zeros and is_zero(cell))) for cell in self.cells(c)] for c in columns
        ]
        return np.array(held, bool).reshape(len(columns), len(self.rows)).T

    def column(self, kind: str, read: Callable[[list[str]], Ints | None]) -> tuple[int, Ints] | None:
        """The one column before the parts that is called as a kind of time, or not at all, and holds it."""
        found = []
        for c in range(self.parts.columns[0]):
            named = names_part(self.names[c], kind) or not self.names[c].strip()
            values = read(self.cells(c)) if named and all(self.cells(c)) else None
            if values is not None:
                found.append((c, values))
        return found[0] if len(found) == 1 else None

    def dates(self, read: Callable[[list[str], ReadOptions], Ints | None], *kinds: str) -> Any:
        """As `column`, of times that are whole."""
        found = (self.column(kind, lambda cells: read(cells, self.options)) for kind in kinds)
        return next(filter(None, found), None)

    def year(self) -> tuple[int, Ints] | None:
        return self.column("year", years_of)

    def month(self) -> tuple[int, Ints] | None:
        return self.column("month", numbers_of(12))

    def day(self) -> tuple[int, Ints] | None:
        return self.column("day", numbers_of(31))

    def untold(self, column: int, said: str) -> UntoldTimes:
        first, last = (self.names[self.parts.columns[at]] for at in (0, -1))
        said = (
            f"the columns {quoted(first)} to {quoted(last)} are the {self.parts.called} of each row, {said}"
        )
        return UntoldTimes(column, said)

    def without_year(self, column: int) -> UntoldTimes:
        return self.untold(
            column, "and no column tells the year; one is put before by: sed '1s/^/Year,/; 2,$s/^/2024,/'"
        )
