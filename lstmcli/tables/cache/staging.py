"""The rows of a table in files, column by column: read piece by piece, by the reader of `tables.read`.

What the reader decides from all cells of a column (whether it is one of texts, how stamps are written) is
assumed from the first piece. Where all pieces say otherwise, the files are read once more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.tables.cache.arrays import (
    SEVERAL_KINDS,
    ArrayWriter,
    NotInPieces,
    Sizes,
    StagedColumn,
    ValueNumbers,
    blocks,
    kind_of_array,
)
from lstmcli.tables.read.cells import LARGEST_VALUE
from lstmcli.tables.read.files import TableFiles, empty_table
from lstmcli.tables.read.probing import PROBED_ROWS
from lstmcli.tables.read.reading import FoundReading
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.table_cells import first_rows
from lstmcli.tables.read.text import FILE
from lstmcli.tables.read.time_forms import TimeForm
from lstmcli.tables.read.time_survey import TimeSurvey

_MOST_READINGS = 8
_NO_TIME = np.iinfo(np.int64).min  # as NaT
_KINDS = {"text": np.int32, "whole": np.int64, "number": np.float64, "bool": np.float64}
_VALUES = {"whole": np.int64, "number": np.float64}


TimeColumn = Callable[[pd.DataFrame, Table], str]


class ReadAgain(Exception):
    """What was found in a piece changes how those before it had to be read."""


@dataclass
class Assumed:
    """Kinds of columns: "text" (cells are numbers of values), "whole", "number" or "bool"; as_texts: columns
    of numbers that are not plain; reading: how these are written; looked: whether all rows have been looked
    at; the form of time stamps."""

    kinds: dict[str, str] = field(default_factory=dict)
    as_texts: set[str] = field(default_factory=set)
    reading: FoundReading | None = None
    looked: bool = False
    form: TimeForm | None = None

    def look_at(self, columns: set[str]) -> None:
        """Has all rows looked at for how columns are written. Raises ReadAgain."""
        self.as_texts |= columns
        self.looked = True
        self.reading, self.form = None, None
        self.kinds.clear()
        raise ReadAgain


@dataclass
class Staged:
    """All rows of a table. time: the column of time stamps, "" for none; wanted: columns that are kept,
    None for all; head: the first rows, and the first that hold something in a column that is empty there;
    rows, times: of each row its number in the table, and its time."""

    folder: Path
    files: TableFiles
    time: str
    wanted: set[str] | None
    sizes: Sizes
    assumed: Assumed
    columns: dict[str, StagedColumn] = field(default_factory=dict)
    head: list[pd.DataFrame] = field(default_factory=list)
    rows: ArrayWriter = field(init=False)
    times: ArrayWriter = field(init=False)
    survey: TimeSurvey = field(init=False)
    _empty_so_far: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.rows = ArrayWriter(self.folder / "rows.cells", np.int64)
        self.times = ArrayWriter(self.folder / "times.cells", np.int64)
        self.survey = TimeSurvey(self.files.table(), self.time)

    def __len__(self) -> int:
        return self.rows.count

    def add(self, piece: pd.DataFrame) -> None:
        """Takes the next rows. Raises ReadAgain, NotInPieces and WriteFailed."""
        self._keep_head(piece)
        self.rows.add(piece.index.to_numpy())
        for name in piece.columns:
            kind = self._kind(name, piece[name])
            if name == self.time:
                self._add_times(piece[name])
            elif self.wanted is None or name in self.wanted:
                self._add_cells(name, kind, piece[name])

    def _keep_head(self, piece: pd.DataFrame) -> None:
        if not self.head:
            self.head.append(piece.iloc[:PROBED_ROWS])
            self._empty_so_far = {c for c in piece.columns if not self.head[0][c].notna().any()}
        for name in sorted(self._empty_so_far):
            found = piece.index[piece[name].notna()][:1000]
            if len(found):
                self.head.append(piece.loc[found])
                self._empty_so_far.discard(name)

    def _kind(self, column: str, cells: "pd.Series[Any]") -> str:
        """The kind of a column as far as it has been read. Raises ReadAgain where it was another before."""
        kinds = self.assumed.kinds
        before, found = (
            kinds.get(column),
            kind_of_array(column, cells, column in self.files.texts or column == FILE),
        )
        if found == "mixed":
            self.assumed.look_at({column})
        if before == "number" and found == "whole":
            found = before
        if before is not None and before != found:
            if {before, found} == {"whole", "number"}:
                kinds[column] = "number"
                raise ReadAgain
            raise NotInPieces(f"the column {quoted(column)} holds {SEVERAL_KINDS}")
        kinds[column] = found
        return found

    def _add_times(self, cells: "pd.Series[Any]") -> None:
        numbers, _ = pd.factorize(cells)
        empty = numbers < 0
        if empty.any() and self.survey.missing is None:
            self.survey.missing = int(cells.index[empty][0])
        times = np.full(1, _NO_TIME)
        if not empty.all():
            filled = cells[~empty].iloc[first_rows(numbers[~empty])]
            if not types.is_numeric_dtype(filled) or types.is_bool_dtype(filled):
                filled = filled.astype(object)
            self.survey.add(filled)
            if self.assumed.form is None:
                self.assumed.form = self.survey.form(strict=False)
            times = np.append(self.survey.last_times(self.assumed.form).astype(np.int64), _NO_TIME)
        self.times.add(times[numbers])

    def _add_cells(self, name: str, kind: str, cells: "pd.Series[Any]") -> None:
        column = self.columns.get(name)
        if column is None:
            writer = ArrayWriter(self.folder / f"{len(self.columns)}.cells", _KINDS[kind])
            column = StagedColumn(name, writer, ValueNumbers(name) if kind == "text" else None)
            self.columns[name] = column
        if column.numbers is not None:
            column.writer.add(column.numbers.add(cells, cells.index.to_numpy()))
            return
        found = cells.to_numpy(column.writer.dtype)
        if kind == "number":
            for what, wrong in (("infinite", np.isinf(found)), ("large", np.abs(found) > LARGEST_VALUE)):
                for at in np.flatnonzero(wrong)[:1]:
                    column.suspects.setdefault(what, (int(cells.index[at]), float(found[at])))
        column.writer.add(found)

    def first_rows(self) -> pd.DataFrame:
        """The head, with the types of the whole columns."""
        frame = pd.concat(self.head)
        for name, kind in self.assumed.kinds.items():
            if kind == "number" and name in frame.columns:
                frame[name] = frame[name].astype(np.float64)
        return frame

    def numbered(self, name: str) -> ValueNumbers:
        """The different values of a column, whose cells become their numbers."""
        column = self.columns[name]
        if column.numbers is None:
            numbers = ValueNumbers(name)
            writer = ArrayWriter(column.writer.path.with_suffix(".numbers"), np.int32)
            for cells, rows in blocks(self.sizes.block, column.writer.array(), self.rows.array()):
                flags = self.assumed.kinds[name] == "bool"
                writer.add(numbers.add(cells.astype(bool) if flags else cells, rows))
            self.columns[name] = replace(column, writer=writer, numbers=numbers)
        found = self.columns[name].numbers
        assert found is not None
        return found

    def values(self, name: str) -> Table:
        """A table of the different values of a column, each in the first row that holds it: what the reader
        makes of its rows, in their order, stands for all cells."""
        numbers = self.numbered(name)
        cells = pd.Series(numbers.values, numbers.rows, dtype=_VALUES.get(self.assumed.kinds[name], object))
        return self.files.table(pd.DataFrame({name: cells}))

    def unread_numbers(self, name: str) -> Table | None:
        """What the reader must read as numbers: the values of a column of texts, or cells that are no usable
        number; None where the file holds numbers."""
        column = self.columns[name]
        if column.numbers is not None:
            return self.values(name)
        cells = pd.Series(dict(sorted(column.suspects.values())), dtype=np.float64)
        return self.files.table(pd.DataFrame({name: cells})) if len(cells) else None

    def form(self) -> TimeForm:
        """Raises DataError at a cell that is no time stamp, and ReadAgain where times have another form than
        was assumed."""
        self.survey.table = self.files.table()
        form = self.survey.form()
        if self.assumed.form is None or not form.reads_like(self.assumed.form):
            self.assumed.form = form
            raise ReadAgain
        return form


def stage(
    files: TableFiles,
    folder: Path,
    sizes: Sizes,
    time_of: TimeColumn,
    wanted: Sequence[str] | None,
) -> tuple[Staged, TimeForm | DataError | None]:
    """All rows of files, and the form of their times, None where there are none, or what is wrong with them.

    time_of: the column of time stamps, by the first piece and a table that names places. Raises what
    `tables.read` raises, NotInPieces and WriteFailed.
    """
    assumed = Assumed()
    for _ in range(_MOST_READINGS):
        try:
            return _staged(_with_reading(files, assumed), folder, sizes, time_of, wanted, assumed)
        except ReadAgain:
            continue
    raise NotInPieces("its columns change their kind again and again")


def _staged(
    files: TableFiles,
    folder: Path,
    sizes: Sizes,
    time_of: TimeColumn,
    wanted: Sequence[str] | None,
    assumed: Assumed,
) -> tuple[Staged, TimeForm | DataError | None]:
    staged: Staged | None = None
    pieces = files.pieces()
    for piece in pieces:
        if new := files.odd - assumed.as_texts:
            assumed.look_at(new)
        if not len(piece):
            continue
        if staged is None:
            if not assumed.looked and files.finder().needs(piece):
                assumed.look_at(set())
            chosen = None if wanted is None else {*wanted}
            try:
                time = time_of(piece, files.table())
            except DataError:  # as in a whole table, what is wrong with rows is told first
                for _ in pieces:
                    pass
                raise
            staged = Staged(folder, files, time, chosen, sizes, assumed)
        staged.add(piece)
    if new := files.odd - assumed.as_texts:
        assumed.look_at(new)
    if staged is None:
        raise empty_table(files.table())
    if files.found is None:  # plain, but which columns have decimals is worth remembering
        files.found = files.find([])
    return staged, _form_or_error(staged)


def _with_reading(files: TableFiles, assumed: Assumed) -> TableFiles:
    """The files as they are to be read; looks at all rows first where columns are not plain."""
    while assumed.looked and assumed.reading is None:
        raw = files.anew(assumed.as_texts)
        finder = raw.finder()
        for piece in raw.pieces():
            finder.add(piece)
        if new := raw.odd - assumed.as_texts:
            assumed.as_texts |= new
        else:
            assumed.reading = finder.found()
    return files.anew(assumed.as_texts, assumed.reading)


def _form_or_error(staged: Staged) -> TimeForm | DataError | None:
    if not staged.time:
        return None
    try:
        return staged.form()
    except DataError as error:
        return error
