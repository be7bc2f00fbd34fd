"""Files read piece by piece, with the types of columns that the whole files would show."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.cache.columns import NotInPieces
from lstmcli.tables.read.files import (
    CHECKED_ROWS,
    MISSING_TEXTS,
    NO_NAME,
    assumption_notes,
    check_columns,
    check_rows,
    parse_csv_pieces,
    short_rows,
    types_of,
    with_file_name,
    without_empty_rows,
)
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.text import Dialect, TableSource, dialect_of

CELLS_PER_PIECE = 500_000  # about so many in a piece
_SEVERAL = "numbers or flags of several kinds"


class ReadAgain(Exception):
    """What was found in a piece changes how those before it had to be read."""


@dataclass
class Files:
    """Files to read in pieces, and what is known of them.

    kinds   of the columns: "text", "whole", "number" or "bool"; kept when the files are read again
    spelled columns of numbers that hold other texts too: they are kept as texts
    parts, notes: as in Table, of the last reading; nameless: whether a column without name holds values
    """

    names: Sequence[str]
    options: ReadOptions
    with_file: bool
    kinds: dict[str, str] = field(default_factory=dict)
    spelled: set[str] = field(default_factory=set)
    parts: list[TablePart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    nameless: set[str] = field(default_factory=set)
    _seen: set[str] = field(default_factory=set)

    @property
    def shown(self) -> str:
        return self.names[0] if len(self.names) == 1 else f"{len(self.names)} files"

    def table(self, frame: pd.DataFrame | None = None) -> Table:
        """A table of some of the rows, whose complaints name their places."""
        rows = pd.DataFrame() if frame is None else frame
        notes = list(dict.fromkeys(self.notes))
        if self.nameless:
            many = "s" if len(self.nameless) > 1 else ""
            notes.append(f"not used: {len(self.nameless)} column{many} without a name")
        return Table(rows, self.shown, tuple(self.parts), self.options, tuple(notes))

    def pieces(self) -> Iterator[pd.DataFrame]:
        """All rows that hold something, with their numbers as index, as `tables.read` gives them: texts
        as texts or categories, numbers as they come. Raises what `tables.read` raises, NotInPieces, and
        ReadAgain where a column is not what it seemed."""
        self.parts, self.notes, self.nameless, self._seen = [], [], set(), set()
        first, names = 0, None
        for name in self.names:
            source = TableSource(name)
            if source.is_parquet:
                raise NotInPieces("Parquet is read whole")
            dialect = dialect_of(source, self.options)
            self.parts.append(TablePart(source, first, dialect))
            self.notes += assumption_notes(source, dialect, self.options)
            for piece in self._of_file(source, dialect):
                if names is None:
                    names = piece.columns
                check_columns(names, piece.columns, self.names[0], name)
                piece.index = pd.RangeIndex(first, first + len(piece))
                first += len(piece)
                yield self._tidied(piece, name)

    def _of_file(self, source: TableSource, dialect: Dialect) -> Iterator[pd.DataFrame]:
        dtypes, missing = types_of(source, dialect, self.options)
        missing |= {c: list(MISSING_TEXTS) for c in self.spelled}
        for column in missing:
            text = column in dtypes
            if self.kinds.setdefault(column, "text" if text else "whole") == "text" and not text:
                if column not in self.spelled:
                    raise NotInPieces(f"the column {column!r} holds texts in one file, numbers in another")
            elif text and self.kinds[column] != "text":
                raise NotInPieces(f"the column {column!r} holds numbers in one file, texts in another")
        dtypes |= dict.fromkeys(self.spelled, "str")
        rows = max(1, CELLS_PER_PIECE // max(1, len(missing)))
        short: list[NDArray[np.int64]] = []
        before = 0
        for piece in parse_csv_pieces(source, dialect, self.options, missing, dtype=dtypes, chunksize=rows):
            if sum(map(len, short)) < CHECKED_ROWS:
                short.append(short_rows(piece) + before)
            before += len(piece)
            yield piece
        found = np.concatenate([*short, np.zeros(0, np.int64)]).astype(np.int64)
        check_rows(source, dialect, self.options, found[:CHECKED_ROWS])

    def _tidied(self, piece: pd.DataFrame, name: str) -> pd.DataFrame:
        without_name = [c for c in piece.columns if NO_NAME.fullmatch(c) or not c]
        self.nameless.update(c for c in without_name if piece[c].notna().any())
        piece = without_empty_rows(piece.drop(columns=without_name))
        for column in piece.columns:
            self._widen(column, piece[column])
        return with_file_name(piece, name) if len(self.names) > 1 or self.with_file else piece

    def _widen(self, column: str, cells: "pd.Series[str]") -> None:
        """Notes what kind a column is of, all pieces considered."""
        kind = self.kinds[column]
        if kind == "text" or not len(cells):
            return
        if types.is_bool_dtype(cells):
            found = "bool"
        elif cells.dtype == np.int64:
            found = "whole"
        elif cells.dtype == np.float64:
            found = "number"
        elif types.is_integer_dtype(cells) or types.infer_dtype(cells, skipna=True) == "boolean":
            raise NotInPieces(f"the column {column!r} holds {_SEVERAL}")
        else:
            self.spelled.add(column)
            self.kinds[column] = "text"
            raise ReadAgain
        if "bool" in (found, kind) and found != kind and column in self._seen:
            raise NotInPieces(f"the column {column!r} holds {_SEVERAL}")
        self._seen.add(column)
        self.kinds[column] = kind if found == "whole" and kind == "number" else found
