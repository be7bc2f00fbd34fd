"""How the text of a table is written: its separator, its mark of decimals, and where its rows stand."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TextIO, cast

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.bounds import QuoteBounds
from lstmcli.tables.read.cut_off import is_cut_off, shortened_cell
from lstmcli.tables.read.header_rows import (
    JoinedHeader,
    bare_name,
    check_column_names,
    check_same_times,
    complete_names,
    joined_header,
    numbering_notes,
    unique_names,
)
from lstmcli.tables.read.layout import (
    Body,
    LeftLines,
    Row,
    body_of,
    footer_of,
    header_of,
    is_sum_row,
    named_by_comment,
    units_below,
)
from lstmcli.tables.read.left_out import TextWithoutLines, split_lines
from lstmcli.tables.read.line_values import check_values
from lstmcli.tables.read.marked_lines import Start, is_comment, left_out_notes, marked_lines, start_of
from lstmcli.tables.read.separators import BLANKS, likely_separator, split_blanks, split_rows
from lstmcli.tables.read.sources import TableSource, count_lines, last_text, open_text

FILE = "file"  # the column that tells the files of a table apart
_NUMBER = r"[-+]?\d+"
_ROWS = 100  # that are looked at to see where the table stands
_TAIL = 2**13  # bytes at the end of a file that are looked at, and more where lines are long
_LARGEST_TAIL = 2**17 - 1
_MOST_LAST = 3  # rows of totals that may end a table, which are its footer


@dataclass(frozen=True)
class Dialect:
    """How the text of one file is written.

    before    empty rows at its start
    header    whether the row after them names the columns
    left_out  lines that are read as empty ones, as they are no rows of the table
    notes     which lines these are, for the user
    mark      whether the text begins with a byte order mark
    """

    separator: str
    decimal: str
    names: tuple[str, ...]
    header: bool
    before: int
    left_out: frozenset[int] = frozenset()
    notes: tuple[str, ...] = ()
    mark: bool = False

    @property
    def skipped(self) -> int:
        """Rows before the first row of data."""
        return self.before + self.header

    def rows(self, text: TextIO) -> Iterator[list[str]]:
        """Rows of cells, a blank line as an empty row."""
        return split_rows(text, self.separator)


@contextmanager
def open_table(
    source: TableSource, options: ReadOptions, dialect: Dialect, for_pandas: bool = False
) -> Iterator[TextIO]:
    """The text of a file in which lines that are left out are empty; see `open_text`, as it raises."""
    with open_text(source, options, for_pandas and not dialect.left_out) as text:
        whole = cast(TextIO, TextWithoutLines(text, dialect.left_out)) if dialect.left_out else text
        yield cast(TextIO, QuoteBounds(source.name, whole, dialect.separator)) if for_pandas else whole


def dialect_of(source: TableSource, options: ReadOptions) -> Dialect:
    """Raises DataError for a file without rows, or whose header cannot be one."""
    if source.names:
        return Dialect(",", ".", source.names, False, 0)
    start = start_of(source, options)
    known = "," if source.made else start.separator
    separator = known if known != "auto" else likely_separator(start.kept, options.decimal)
    looked_at = len(start.unsaid) + _ROWS
    short = start.whole and len(start.kept) <= looked_at
    rows = _numbered(start.kept[:looked_at], separator)
    head = [row for row in rows if row.filled]
    if not head:
        raise DataError("empty", "the file holds no words and no numbers", path=source.name)
    tail = rows if short else _last_rows(source, options, start, separator)
    body = body_of(head, [] if short else [row for row in tail if row.filled])
    joined = joined_header(head, body) if options.header else None
    begin, place = _header_places(head, body, options, joined)
    left_out = marked_lines(source, options, start.sign, head[place].line) if start.sign else []
    if begin:
        left_out.append(LeftLines("above the header", head[0].line, head[begin - 1].last, head[0].filled[0]))
    if units := units_below(head, place, body) if options.header else 0:
        first, last = head[place + 1], head[place + units]
        left_out.append(LeftLines("below the header", first.line, last.last, first.filled[0]))
    sums = _sums(source, options, separator, body, [*head[place + 1 :], *tail])
    if (footer := footer_of(tail, body)) or is_cut_off(tail, body):
        moved = 0 if short else count_lines(source, options) - tail[-1].last
        why = "below the data" if footer else "cut off at the end of the file"
        left_out.append(_footer(tail[-(footer or 1) :], moved, why))
    said = {line for part in left_out for line in range(part.first, part.last + 1)}
    left_out += [part for part in sums if part.first not in said]
    dialect = _named(source, options, start, head[place:], separator, joined.names if joined else ())
    decimal = options.decimal if options.decimal != "auto" else _decimal(start.kept, separator)
    said |= {part.first for part in sums}
    lines = dialect.left_out | start.unsaid | said | set(range(head[begin].line, head[place].line))
    notes = (*left_out_notes(left_out), *((joined.note(head),) if joined else ()), *dialect.notes)
    if not footer and (cell := shortened_cell(tail, body)) is not None:
        what = f"last cell {quoted(cell)} has fewer digits than those above" if cell else "last cell is empty"
        notes += (f"the last line has no line end and its {what}: it may be cut off; if so, delete it",)
    return replace(dialect, decimal=decimal, left_out=lines, notes=notes, mark=start.mark)


def _sums(
    source: TableSource, options: ReadOptions, separator: str, body: Body, seen: Sequence[Row]
) -> list[LeftLines]:
    """Totals among the rows of data, where the first or the last rows show some."""
    found = [row for row in seen if is_sum_row(row.cells, body)]
    if not found or all(row in seen[-_MOST_LAST:] for row in found):
        return []
    with open_text(source, options) as text:
        reader = split_rows(text, separator)
        lines = ((getattr(reader, "line_num", n), cells) for n, cells in enumerate(reader, 1))
        sums = [(line, cells) for line, cells in lines if is_sum_row(cells, body)]
    return [LeftLines("totals", line, line, next(filter(str.strip, cells)).strip()) for line, cells in sums]


def _header_places(
    head: Sequence[Row], body: Body, options: ReadOptions, joined: JoinedHeader | None
) -> tuple[int, int]:
    """The places of the first and the last row that name the columns."""
    if joined:
        return joined.first, joined.last
    place = header_of(head, body) if options.header and options.skip_rows == "auto" else 0
    return place, place


def without_repeats(source: TableSource, options: ReadOptions, dialect: Dialect) -> Dialect:
    """The dialect that also leaves out lines that are the header once more; itself where there are none."""
    if not dialect.header:
        return dialect
    found = [
        part
        for part in marked_lines(source, options, "", dialect.skipped)
        if part.first > dialect.skipped and part.first not in dialect.left_out
    ]
    if not found:
        return dialect
    lines = {line for part in found for line in range(part.first, part.last + 1)}
    left_out, notes = dialect.left_out | lines, (*dialect.notes, *left_out_notes(found))
    return replace(dialect, left_out=left_out, notes=notes)


def _named(
    source: TableSource,
    options: ReadOptions,
    start: Start,
    head: Sequence[Row],
    separator: str,
    joined: tuple[str, ...],
) -> Dialect:
    """The dialect with the names of the columns. head: rows from the header on; joined: names from several
    rows. Raises DataError."""
    names, line = joined or tuple(map(bare_name, head[0].cells)), head[0].line
    if not source.made:
        check_values(head, separator, options, source.name)
    if not options.header:
        numbers = tuple(str(n) for n in range(1, len(names) + 1))
        return Dialect(
            separator, ".", options.names if len(options.names) == len(names) else numbers, False, 0
        )
    if comment := named_by_comment([_numbered([said], separator) for said in start.comments], head):
        names = tuple(cell.strip() for cell in comment.cells)
    check_column_names(names, source.name, line, head)
    check_same_times(names, head[1:], source.name)
    names, notes = unique_names(names), numbering_notes(names)
    if comment:
        return Dialect(separator, ".", names, False, 0, notes=notes)
    if full := complete_names(names, head[1:]):
        return Dialect(separator, ".", full, False, 0, frozenset({line}), notes)
    return Dialect(separator, ".", names, True, line - 1, notes=notes)


def _footer(rows: Sequence[Row], moved: int, why: str) -> LeftLines:
    filled = [row for row in rows if row.filled]
    first, last = filled[0], filled[-1]
    return LeftLines(why, first.line + moved, last.last + moved, first.filled[0])


def _last_rows(source: TableSource, options: ReadOptions, start: Start, separator: str) -> list[Row]:
    """The last rows, numbered from the first of them."""
    lines: Sequence[str] = start.kept
    if not start.whole:
        size = min(max(_TAIL, 8 * max(map(len, start.lines))), _LARGEST_TAIL)
        whole = list(split_lines(last_text(source, options, size)))[1:]  # the first is cut
        lines = ["\n" if is_comment(line, start.sign) else line for line in whole]
    return _numbered(lines[-_ROWS // 2 :], separator)


def _numbered(lines: Sequence[str], separator: str) -> list[Row]:
    """Rows and the lines on which they stand, from 1."""
    if separator == BLANKS:
        return [Row(n, n, split_blanks(line), line.endswith(("\n", "\r"))) for n, line in enumerate(lines, 1)]
    reader, rows, before = csv.reader(iter(lines), delimiter=separator), [], 0
    for cells in reader:
        ended = lines[reader.line_num - 1].endswith(("\n", "\r"))
        rows.append(Row(before + 1, reader.line_num, cells, ended))
        before = reader.line_num
    return rows


def _decimal(lines: Sequence[str], separator: str) -> str:
    """A comma where numbers are written with one and cannot be read otherwise: 1,234 may be either."""
    if separator == ",":
        return "."
    rows = split_rows(io.StringIO("".join(lines), newline=""), separator)
    next(rows, None)
    cells = [cell.strip() for row in rows for cell in row]
    if any(re.fullmatch(rf"{_NUMBER}\.\d+", c) for c in cells):
        return "."
    with_comma = [c for c in cells if re.fullmatch(rf"{_NUMBER},\d+", c)]
    return "," if any(not re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", c) for c in with_comma) else "."
