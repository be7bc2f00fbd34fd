"""Files to a Table, whole or in pieces; several files become one table."""

import glob
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.api.types import is_string_dtype

from lstmcli.errors import DataError, InputMissing
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.parse import (
    CHECKED_ROWS,
    MISSING_TEXTS,
    assumption_notes,
    check_rows,
    parse_csv_pieces,
    parse_parquet,
    parse_whole,
    short_rows,
    types_of,
)
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.text import FILE, Dialect, dialect_of

_DEFAULTS = ReadOptions()
_NO_NAME = re.compile(r"Unnamed: \d+")


def read_table(
    sources: str | Sequence[str],
    options: ReadOptions = _DEFAULTS,
    with_file: bool = False,
    may_be_empty: bool = False,
) -> Table:
    """Tables of text or Parquet, compressed or not; "-" is standard input, *, ? and [] make a pattern.

    Several files become one table, with the name of the file in a column; with_file: also for one.
    may_be_empty: a header without rows will do. Raises InputMissing or DataError.
    """
    files = TableFiles(expand_sources([sources] if isinstance(sources, str) else sources), options, with_file)
    table = files.table(_stacked(list(files.pieces())))
    if table.frame.empty and not may_be_empty:
        raise empty_table(table)
    return table


def empty_table(table: Table) -> DataError:
    return table.error("empty", "the table has a header but no rows")


@dataclass
class TableFiles:
    """The files of a table, read whole or in pieces.

    cells     about so many are in a piece; None for whole files
    as_texts  columns of numbers that hold other texts too, and are wanted as they are written
    parts, notes: as in Table, of what has been read; texts: the columns of texts of the file being read
    """

    names: Sequence[str]
    options: ReadOptions
    with_file: bool = False
    cells: int | None = None
    as_texts: frozenset[str] = frozenset()
    parts: list[TablePart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    _nameless: dict[str, bool] = field(default_factory=dict)  # columns, and whether they hold anything

    def table(self, frame: pd.DataFrame | None = None) -> Table:
        """A table of some rows, whose errors name their places."""
        notes = [*self.notes]
        if any(self._nameless.values()):
            count = len(self._nameless)
            notes.append(f"not used: {count} column{'s' if count > 1 else ''} without a name")
        one = self.parts[0].source.name if self.parts else self.names[0]
        shown = one if len(self.names) == 1 else f"{len(self.names)} files"
        rows = pd.DataFrame() if frame is None else frame
        return Table(rows, shown, tuple(self.parts), self.options, tuple(dict.fromkeys(notes)))

    def pieces(self) -> Iterator[pd.DataFrame]:
        """All rows that hold something; the index counts those of all files from 0.

        Raises InputMissing or DataError.
        """
        first, columns = 0, None
        for name in self.names:
            source = (
                TableSource("standard input", sys.stdin.buffer.read()) if name == "-" else TableSource(name)
            )
            dialect = None if source.is_parquet else dialect_of(source, self.options)
            self.parts.append(TablePart(source, first, dialect))
            self.notes += assumption_notes(dialect, self.options)
            for piece in self._of_file(source, dialect):
                columns = piece.columns if columns is None else columns
                check_columns(columns, piece.columns, self.names[0], name)
                piece.index = pd.RangeIndex(first, first + len(piece))
                first += len(piece)
                yield self._tidied(piece, name)

    def _of_file(self, source: TableSource, dialect: Dialect | None) -> Iterator[pd.DataFrame]:
        if dialect is None:
            yield parse_parquet(source)
            return
        types, missing = types_of(source, dialect, self.options)
        self.texts = {*types} | self.as_texts
        types |= dict.fromkeys(self.as_texts, "str")
        missing |= {c: list(MISSING_TEXTS) for c in self.as_texts}
        if self.cells is None:
            yield parse_whole(source, dialect, self.options, missing, types)
            return
        rows, before = max(1, self.cells // max(1, len(missing))), 0
        short = np.zeros(0, np.int64)
        pieces = parse_csv_pieces(source, dialect, self.options, missing, dtype=types, chunksize=rows)
        for piece in pieces:
            if len(short) < CHECKED_ROWS:
                short = np.append(short, short_rows(piece) + before)
            before += len(piece)
            yield piece
        check_rows(source, dialect, self.options, short[:CHECKED_ROWS])

    def _tidied(self, piece: pd.DataFrame, name: str) -> pd.DataFrame:
        """Without empty rows and columns without a name."""
        for column in [c for c in piece.columns if _NO_NAME.fullmatch(c) or not c]:
            self._nameless[column] = self._nameless.get(column, False) or bool(piece[column].notna().any())
        piece = without_empty_rows(piece.drop(columns=[*self._nameless]))
        return with_file_name(piece, name) if len(self.names) > 1 or self.with_file else piece


def expand_sources(sources: Sequence[str]) -> list[str]:
    """The files that names and patterns stand for. Raises InputMissing for a pattern without files."""
    names = []
    for source in sources:
        found = [source]
        if source != "-" and glob.has_magic(source) and not os.path.exists(source):
            found = sorted(glob.glob(source, recursive=True))
            if not found:
                raise InputMissing(f"{source}: no file has such a name")
        names += found
    return names


def named_columns(table: Table) -> tuple[str, ...]:
    """The columns of the first file of a table as they stand there, those without a name too."""
    dialect = table.parts[0].dialect
    if dialect is None:
        return tuple(name for name in table.frame.columns if name != FILE)
    return tuple(name or f"Unnamed: {n}" for n, name in enumerate(dialect.names))


def check_columns(first: Iterable[str], other: Iterable[str], first_name: str, name: str) -> None:
    """Raises DataError where two files of one table have different columns."""
    different = sorted(set(first) ^ set(other))
    if different:
        holder, lacking = (first_name, name) if different[0] in first else (name, first_name)
        message = f"the columns differ: {different[0]!r} is in {holder}, not in {lacking}"
        raise DataError("other-columns", message, path=name, row=1)


def with_file_name(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    if FILE in frame.columns:
        return frame
    stem = Path(name).name.split(".")[0]
    column = pd.Categorical([stem]).repeat(len(frame))
    return frame.assign(**{FILE: column})


def _stacked(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Frames of the same columns one after another; categories stay categories."""
    if len(frames) == 1:
        return frames[0]
    index = frames[0].index.append([frame.index for frame in frames[1:]])
    columns = {}
    for name in frames[0].columns:
        pieces = [frame[name] for frame in frames]
        if all(isinstance(piece.dtype, pd.CategoricalDtype) for piece in pieces):
            columns[name] = pd.Series(pd.api.types.union_categoricals(pieces), index)
        else:
            columns[name] = pd.concat(pieces)
    return pd.DataFrame(columns, index)


def without_empty_rows(frame: pd.DataFrame) -> pd.DataFrame:
    """Looks at columns of numbers first, where empty cells are found fastest."""
    empty = np.ones(len(frame), bool)
    columns = [column for name, column in frame.items() if name != FILE]
    for column in sorted(columns, key=lambda column: is_string_dtype(column.dtype)):
        empty &= column.isna().to_numpy()
        if not empty.any():
            return frame
    return frame[~empty]
