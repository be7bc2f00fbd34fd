"""Files to a Table, whole or in pieces; several files become one table."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np
import pandas as pd

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.empty_rows import without_empty_rows
from lstmcli.tables.read.file_columns import check_columns, with_file_name
from lstmcli.tables.read.frame_source import frame_in
from lstmcli.tables.read.frames import table_from_frame
from lstmcli.tables.read.late_names import settle_late_names
from lstmcli.tables.read.nameless_columns import (
    UNNAMED_TIME,
    UNNAMED_TIME_NOTE,
    is_nameless,
    nameless_note,
    unnamed_time_column,
)
from lstmcli.tables.read.number_forms import FileEvidence
from lstmcli.tables.read.numbers import MISSING_TEXTS
from lstmcli.tables.read.opening import source_and_dialect
from lstmcli.tables.read.parse import (
    CHECKED_ROWS,
    check_rows,
    parse_csv_pieces,
    parse_parquet,
    parse_whole,
    probe_of,
    short_rows,
    text_types,
)
from lstmcli.tables.read.probing import (
    PROBED_ROWS,
    LateMarks,
    ProbedColumns,
    ProbeRows,
    names_again,
    not_numbers,
    probe_columns,
)
from lstmcli.tables.read.reading import FoundReading, ReadingFinder, apply_reading
from lstmcli.tables.read.sources import TableSource, expand_sources
from lstmcli.tables.read.table import Table, TablePart, stacked
from lstmcli.tables.read.text import Dialect, without_repeats
from lstmcli.tables.read.written_keys import with_written_keys

_DEFAULTS = ReadOptions()


def read_table(
    sources: str | Sequence[str],
    options: ReadOptions = _DEFAULTS,
    with_file: bool = False,
    may_be_empty: bool = False,
    keys_known: bool = False,
) -> Table:
    """Tables of text or Parquet, compressed or not; "-" is standard input, *, ? and [] make a pattern. Or a
    DataFrame, see `FrameSource`.

    Several files become one table, with the name of the file in a column; with_file: also for one.
    may_be_empty: a header without rows will do; keys_known: whether options tell which columns are names of
    series. Raises InputMissing or DataError.
    """
    if (frame := frame_in(sources)) is not None:
        return table_from_frame(frame, options, keys_known)
    files = TableFiles(expand_sources([sources] if isinstance(sources, str) else sources), options, with_file)
    table = files.whole_table()
    if table.frame.empty and not may_be_empty:
        raise empty_table(table)
    return (
        table if keys_known else with_written_keys(table, lambda names: files.as_written(names).whole_table())
    )


def empty_table(table: Table) -> DataError:
    return table.error("empty", "the table has a header but no rows")


@dataclass
class TableFiles:
    """The files of a table, read whole or in pieces.

    cells     about so many are in a piece; None for whole files
    as_texts  columns of numbers that are wanted as they are written
    found     the reading, once it is known: it is applied to pieces
    parts, notes: as in Table, of what has been read; texts: the columns of texts of the file being read
    odd, decimals, whole: see `ReadingFinder`, of what has been read; late_names: columns of
    texts that are numbers in the first rows; opened: files that are open, by name
    """

    names: Sequence[str]
    options: ReadOptions
    with_file: bool = False
    cells: int | None = None
    as_texts: frozenset[str] = frozenset()
    parts: list[TablePart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    texts: set[str] = field(default_factory=set)
    found: FoundReading | None = None
    odd: set[str] = field(default_factory=set)
    late_names: set[str] = field(default_factory=set)
    decimals: dict[str, str] = field(default_factory=dict)
    whole: FileEvidence = field(default_factory=FileEvidence)
    opened: Mapping[str, tuple[TableSource, Dialect | None]] = field(default_factory=dict)
    unnamed_time: str | None = None  # the column without a name that holds times; "" for none
    _counted: frozenset[str] = frozenset()  # columns of the file being read that are whole numbers
    _nameless: dict[str, bool] = field(default_factory=dict)  # columns, and whether they hold anything

    def table(self, frame: pd.DataFrame | None = None) -> Table:
        """A table of some rows, whose errors name their places."""
        notes = [*self.notes]
        if any(self._nameless.values()):
            notes.append(nameless_note([*self._nameless], self.parts[-1].source.made))
        one = self.parts[0].source.name if self.parts else self.names[0]
        shown = one if len(self.names) == 1 else f"{len(self.names)} files"
        found = self.found or FoundReading()
        options = replace(self.options, as_written=(*self.options.as_written, *sorted(self.late_names)))
        rows, notes = pd.DataFrame() if frame is None else frame, [*found.notes, *notes]
        table = Table(rows, shown, tuple(self.parts), options, tuple(dict.fromkeys(notes)), reading=found)
        return table.with_placed_notes()

    def whole_table(self) -> Table:
        """All rows. Raises as `pieces`."""
        frames = list(self.pieces())
        self.found = self.find(frames)
        return self.table(stacked([apply_reading(f, self.found.reading, self.options) for f in frames]))

    def as_written(self, columns: Collection[str]) -> "TableFiles":
        """The same files, opened as these were, with columns whose cells are no numbers."""
        options = replace(self.options, as_written=(*self.options.as_written, *columns))
        opened = {part.source.name: (part.source, part.dialect) for part in self.parts}
        return replace(self.anew(columns), options=options, opened=opened)

    def anew(self, as_texts: Collection[str], found: FoundReading | None = None) -> "TableFiles":
        """The same files before any was read."""
        return TableFiles(
            self.names, self.options, self.with_file, self.cells, self.as_texts | {*as_texts}, found=found
        )

    def finder(self) -> ReadingFinder:
        """What looks at pieces for the reading, and at what is seen on the way."""
        return ReadingFinder(self.options, self.odd, self.whole, self.decimals, source=str(self.names[0]))

    def find(self, pieces: Iterable[pd.DataFrame]) -> FoundReading:
        """The reading of all rows, by their pieces."""
        finder, needed = self.finder(), False
        for piece in pieces:
            needed = needed or finder.needs(piece)
            if not needed:
                break
            finder.add(piece)
        return finder.found()

    def pieces(self) -> Iterator[pd.DataFrame]:
        """All rows that hold something; the index counts those of all files from 0.

        Raises InputMissing or DataError.
        """
        first, columns = 0, None
        for name in self.names:
            source, dialect = self.opened.get(name) or source_and_dialect(name, self.options)
            self.parts.append(TablePart(source, first, dialect))
            self.notes += [*source.notes, *(dialect.notes if dialect else ())]
            for piece in self._of_file(source, dialect):
                columns = piece.columns if columns is None else columns
                check_columns(columns, piece.columns, self.names[0], name)
                piece.index = pd.RangeIndex(first, first + len(piece))
                first += len(piece)
                tidy = self._tidied(piece, name)
                yield tidy if self.found is None else apply_reading(tidy, self.found.reading, self.options)

    def _of_file(self, source: TableSource, dialect: Dialect | None) -> Iterator[pd.DataFrame]:
        if dialect is None:
            yield parse_parquet(source)
            return
        probe = probe_of(source, dialect, self.options)
        if probe.names_again:
            dialect = self._without_repeats(source, dialect)
            probe = probe_of(source, dialect, self.options)
        probed = probe_columns(probe, dialect, self.options)
        if probe.rows == PROBED_ROWS:
            self.late_names |= settle_late_names(probed, source, dialect, self.options)
        self._counted = frozenset(probed.whole)
        if any(map(is_nameless, probe.cells)):
            self._find_unnamed_time(pd.DataFrame(probe.cells), {*probed.whole, *probed.decimals})
        types, missing = self._types(probe, probed)
        late = LateMarks(probed, dialect.decimal, self.options)
        if self.cells is not None:
            yield from self._file_in_pieces(source, dialect, late, types, missing)
        else:
            frame = parse_whole(source, dialect, self.options, missing, types)
            late.add(frame)
            if late.doubtful:
                types |= dict.fromkeys(late.doubtful, "str")
                frame = parse_whole(source, dialect, self.options, missing, types)
            again = names_again(frame[[*late.mixed, *probed.odd]])
            if again and (other := self._without_repeats(source, dialect)) != dialect:
                yield from self._of_file(source, other)
                return
            self.odd |= late.mixed | late.doubtful
            yield frame
        self._note(dialect, late)

    def _note(self, dialect: Dialect, late: LateMarks) -> None:
        """Takes what a whole file says of its marks."""
        probed, whole = late.probed, self.whole
        for name in (*probed.decimals, *late.decimals):
            self.decimals.setdefault(name, dialect.decimal)
        whole.day_first |= probed.day_first and dialect.separator == ";"
        whole.english |= probed.english
        whole.dotted |= probed.dotted
        whole.large |= late.large
        whole.commas |= dialect.separator == ","

    def _file_in_pieces(
        self,
        source: TableSource,
        dialect: Dialect,
        late: LateMarks,
        types: dict[str, str],
        missing: dict[str, list[str]],
    ) -> Iterator[pd.DataFrame]:
        rows, before = max(1, (self.cells or 0) // max(1, len(missing))), 0
        short = np.zeros(0, np.int64)
        for piece in self._pieces_of(source, dialect, missing, types, rows):
            if len(short) < CHECKED_ROWS:
                short = np.append(short, short_rows(piece) + before)
            before += len(piece)
            late.add(piece)
            self.odd |= late.mixed
            yield piece
        self.odd |= late.doubtful
        check_rows(source, self.parts[-1].dialect or dialect, self.options, short[:CHECKED_ROWS])

    def _pieces_of(
        self,
        source: TableSource,
        dialect: Dialect,
        missing: dict[str, list[str]],
        types: dict[str, str],
        rows: int,
    ) -> Iterator[pd.DataFrame]:
        """Where a piece holds the header once more, the file is read anew from that piece on."""
        done, looked = 0, False
        while True:
            pieces = parse_csv_pieces(source, dialect, self.options, missing, dtype=types, chunksize=rows)
            for piece in islice(pieces, done, None):
                if not looked and names_again(piece[not_numbers(piece, types)]):
                    before, looked = dialect, True
                    dialect = self._without_repeats(source, dialect)
                    if dialect is not before:
                        break
                done += 1
                yield piece
            else:
                return

    def _without_repeats(self, source: TableSource, dialect: Dialect) -> Dialect:
        """The dialect without lines that are the header once more, which are told."""
        other = without_repeats(source, self.options, dialect)
        self.notes += other.notes[len(dialect.notes) :]
        self.parts[-1] = replace(self.parts[-1], dialect=other)
        return other

    def _types(self, probe: ProbeRows, probed: ProbedColumns) -> tuple[dict[str, str], dict[str, list[str]]]:
        """The types of the columns that pandas must not take for numbers, and what is an empty cell."""
        types = text_types(probe, [*probed.texts, *probed.odd, *probed.names])
        types |= dict.fromkeys((*self.as_texts, *self.late_names), "str")
        self.odd |= {*probed.odd, *self.as_texts}
        self.texts = {*types} - (self.found.reading.numbers.keys() if self.found else set())
        if self.found and self.found.reading.joined:
            self.texts.add(self.found.reading.joined.name)
        as_written = {*self.options.as_written} - {*probed.texts}
        return types, {c: list(MISSING_TEXTS) if c in as_written else [""] for c in probe.cells}

    def _find_unnamed_time(self, rows: pd.DataFrame, numbers: Collection[str] = ()) -> list[str]:
        """Looks for it in the first rows; the columns without a name."""
        nameless = [c for c in rows.columns if is_nameless(c)]
        if nameless and self.unnamed_time is None:
            self.unnamed_time = unnamed_time_column(rows, nameless, numbers) or ""
            self.notes += [UNNAMED_TIME_NOTE] if self.unnamed_time else []
        return nameless

    def _tidied(self, piece: pd.DataFrame, name: str) -> pd.DataFrame:
        """Without empty rows and columns without a name."""
        nameless = self._find_unnamed_time(piece)
        if self.unnamed_time in nameless:
            piece = piece.rename(columns={self.unnamed_time: UNNAMED_TIME})
            nameless.remove(self.unnamed_time)
        for column in nameless:
            self._nameless[column] = self._nameless.get(column, False) or bool(piece[column].notna().any())
        piece = piece.drop(columns=[*self._nameless]) if self._nameless else piece
        piece = without_empty_rows(piece, self._counted)
        return with_file_name(piece, name) if len(self.names) > 1 or self.with_file else piece
