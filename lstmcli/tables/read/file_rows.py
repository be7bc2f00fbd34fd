"""The rows of a table as they stand in its files: each cell as text, and as it is written, with quotes."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.header_rows import bare_name
from lstmcli.tables.read.left_out import split_lines
from lstmcli.tables.read.nameless_columns import UNNAMED_TIME, is_nameless
from lstmcli.tables.read.separators import BLANKS, split_rows
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.text import FILE, open_table


@dataclass(frozen=True)
class FileRow:
    """index  as of `Table.frame`, -1 for a row that is in no file
    cells  texts
    raw    the same as they are written; None where that is not kept
    """

    index: int
    cells: list[str]
    raw: list[str] | None


@dataclass(frozen=True)
class FileRows:
    """The rows of all files in their order; lines that reading leaves out of the table are not among them.

    names      of the columns, as the first file has them; "" for one without
    header     the same as they are written; None where no row names them, or names have changed
    separator  of the cells that are written; "" where files have several, or none
    typed      the columns with the types of a Parquet file
    """

    names: tuple[str, ...]
    header: list[str] | None
    separator: str
    rows: list[FileRow]
    typed: pd.DataFrame | None = None

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """The number of the row of each index; -1 for one that is in no row."""
        index = self.index
        found = np.full(int(index.max()) + 1, -1)
        known = np.flatnonzero(index >= 0)
        found[index[known]] = known
        return found

    @cached_property
    def index(self) -> NDArray[np.int64]:
        """(rows,) as of `Table.frame`."""
        return np.array([row.index for row in self.rows], np.int64)

    def with_rows(self, added: Iterable[tuple[int, dict[str, str]]]) -> "FileRows":
        """With rows of some cells, each before the row of a number; those of one number in their order."""
        before: dict[int, list[FileRow]] = {}
        for place, cells in added:
            row = FileRow(-1, [cells.get(name, "") for name in self.names], None)
            before.setdefault(place, []).append(row)
        whole: list[FileRow] = []
        for place, old in enumerate([*self.rows, None]):
            whole += before.get(place, [])
            whole += [old] if old else []
        return replace(self, rows=whole, typed=None if before else self.typed)


def file_rows(table: Table) -> FileRows:
    """Raises as `open_table`."""
    parts = [_with_unnamed_time(_rows_of(part, table.options), table) for part in table.parts]
    first = parts[0]
    if len(parts) == 1 and FILE not in table.frame.columns:
        return first
    alike = {(part.names, part.separator) for part in parts}
    names = first.names if FILE in first.names else (*first.names, FILE)
    rows: list[FileRow] = []
    for part, source in zip(parts, table.parts, strict=True):
        stem = Path(source.source.name).name.split(".")[0]
        rows += [_as_first(row, part.names, first.names, stem, FILE in first.names) for row in part.rows]
    separator, header = (first.separator, first.header) if len(alike) == 1 else ("", None)
    if header is not None and FILE not in first.names:
        header = [*header, FILE]
    return FileRows(names, header, separator, rows)


def frame_rows(frame: pd.DataFrame, table: Table) -> FileRows:
    """The rows of a DataFrame that was read as a table, cells as Python writes them."""
    return _with_unnamed_time(_typed_rows(frame, 0), table)


def _as_first(
    row: FileRow, names: Sequence[str], wanted: Sequence[str], stem: str, has_file: bool
) -> FileRow:
    """A row of a file with the columns of the first one, and the name of the file."""
    last = [] if has_file else [stem]
    if tuple(names) == tuple(wanted):
        return replace(row, cells=[*row.cells, *last], raw=None if row.raw is None else [*row.raw, *last])
    cells = dict(zip(names, row.cells, strict=True))
    return replace(row, cells=[*(cells.get(name, "") for name in wanted), *last], raw=None)


def _with_unnamed_time(made: FileRows, table: Table) -> FileRows:
    """With the name of the column that holds times and has none in the file, by its first cell."""
    if UNNAMED_TIME not in table.frame.columns or UNNAMED_TIME in made.names or table.joined:
        return made
    cells = table.frame[UNNAMED_TIME].astype(str)
    known = (row for row in made.rows if row.index in cells.index)
    first = next(known, None)
    for place, name in enumerate(made.names):
        if first is not None and not name and first.cells[place].strip() == cells[first.index].strip():
            return replace(made, names=(*made.names[:place], UNNAMED_TIME, *made.names[place + 1 :]))
    return made


def _rows_of(part: TablePart, options: ReadOptions) -> FileRows:
    """The rows of one file."""
    if part.dialect is None:
        return _of_parquet(part)
    dialect = part.dialect
    with open_table(part.source, options, dialect) as text:
        records = _records(text.read(), dialect.separator)
    width, header = len(dialect.names), None
    rows = []
    for number, (cells, raw) in enumerate(records):
        if number == dialect.before and dialect.header and raw is not None and len(raw) == width:
            header = raw if tuple(map(bare_name, cells)) == dialect.names else None
        if number < dialect.skipped or not cells:
            continue
        for some in (cells, raw):
            if some is not None:
                some.extend([""] * (width - len(some)))
        rows.append(FileRow(part.first + number - dialect.skipped, cells, raw))
    separator = "" if dialect.separator == BLANKS else dialect.separator
    names = tuple("" if is_nameless(name) else name for name in dialect.names)
    return FileRows(names, header, separator, rows)


def _records(content: str, separator: str) -> list[tuple[list[str], list[str] | None]]:
    """Cells of each record, none of a blank line, and how they are written."""
    if separator == BLANKS:
        return [(cells, None) for cells in split_rows(io.StringIO(content, newline=""), separator)]
    lines, before, found = list(split_lines(content)), 0, []
    reader = csv.reader(iter(lines), delimiter=separator)
    sign = re.escape(separator)
    cell = re.compile(rf'(?:"(?:[^"]|"")*"[^{sign}]*|[^{sign}]*)(?:{sign}|\Z)')
    for cells in reader:
        record = "".join(lines[before : reader.line_num]).rstrip("\r\n")
        before = reader.line_num
        raw = cells if '"' not in record else _raw_cells(record, cell, separator)
        found.append((cells, raw if len(raw) == len(cells) else None))
    return found


def _raw_cells(record: str, cell: "re.Pattern[str]", separator: str) -> list[str]:
    raw, at = [], 0
    while match := cell.match(record, at):
        text, at = match[0], match.end()
        if not text.endswith(separator) or at > len(record):
            raw.append(text)
            break
        raw.append(text[: -len(separator)])
    return raw


def _of_parquet(part: TablePart) -> FileRows:
    """The columns with their types; as texts as Python writes them."""
    with part.source.opened() as file:
        frame = pd.read_parquet(io.BytesIO(file.read()))
    if frame.index.name is not None:
        frame = frame.reset_index()
    frame.columns = frame.columns.astype(str)
    return _typed_rows(frame, part.first)


def _typed_rows(frame: pd.DataFrame, first: int) -> FileRows:
    columns = [_texts(frame[name]) for name in frame.columns]
    rows = [FileRow(first + n, list(cells), None) for n, cells in enumerate(zip(*columns, strict=True))]
    names = tuple("" if is_nameless(name) else name for name in frame.columns)
    return FileRows(names, None, "", rows, frame)


def _texts(column: "pd.Series[Any]") -> list[str]:
    values = column.astype(object).where(column.notna(), "")
    return [repr(value) if isinstance(value, float) else str(value) for value in values.tolist()]
