"""Tables whose rows are series: the header counts times, or only counts.

They become long text with a cell a line, which is read as any other; errors name row and column of the file.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np

from lstmcli.errors import DataError
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cell_kinds import TIME_WORDS, date_label, is_empty, is_number, is_time, is_value
from lstmcli.tables.read.crossed_times import CrossedTimes, counts_parts, crossed_times
from lstmcli.tables.read.header_times import HeaderTimes, header_times, sums_up
from lstmcli.tables.read.sources import CellPlaces, TableSource
from lstmcli.tables.read.text import BLANKS, Dialect, open_table

_SAMPLE = 50  # rows that show what the columns hold
_FEWEST_COUNTED = 5  # columns that are told apart by numbers alone
_COUNTED = re.compile(r"(.*?)(\d{1,6})")
_UNNAMED = "-"  # what an empty cell becomes that is part of the name of a series
_TIME, _VALUE = "time", "value"


@dataclass(frozen=True)
class _Wide:
    """ids: the columns that name the series; columns: those of its values; timed: whether their names are
    times; left_out: columns that sum up the others; crossed: where they are parts of the times of rows."""

    ids: tuple[int, ...]
    columns: tuple[int, ...]
    timed: bool
    left_out: tuple[int, ...] = ()
    crossed: CrossedTimes | None = None

    def labels(self, names: Sequence[str]) -> list[list[str]]:
        """The cells that say which of the values of a row one is."""
        if self.crossed:
            return [[label] for label in self.crossed.labels]
        return [[date_label(names[c])] if self.timed else [] for c in self.columns]

    def nameless(self, column: int) -> str:
        """What a column without a name is called."""
        if self.crossed and self.crossed.time == column:
            return "date" if self.crossed.part == "hour" else "year"
        return f"series{column or ''}"


def long_source(source: TableSource, options: ReadOptions, dialect: Dialect) -> tuple[TableSource, Dialect]:
    """The long form of a table whose rows are series; any other as it is. Raises DataError."""
    if not dialect.header:
        return source, dialect
    times, counted = header_times(dialect.names), _counted(dialect.names)
    joined = options.time == "auto" or "," in options.time or options.known.joined is not None
    may_cross = joined and counts_parts(dialect.names)
    if times is None and counted is None and not may_cross:
        return source, dialect
    with open_table(source, options, dialect) as text:
        rows = [row for row in islice(dialect.rows(text), dialect.skipped + _SAMPLE) if any(row)][1:]
    if may_cross and (wide := _crossed(dialect.names, rows)):
        return _long(source, options, dialect, wide)
    wide = _timed(dialect.names, rows, times) if times else None
    if times and wide and times.odd:
        raise _odd_name(source.name, dialect, times)
    if times is None and counted is not None:
        wide = _counting(dialect.names, rows, counted)
    if wide is None:
        return source, dialect
    if not wide.timed and options.step == "auto":
        first, last = (dialect.names[at] for at in (wide.columns[0], wide.columns[-1]))
        said = f"a row is a series here: the columns {first!r} to {last!r} are counted and name no times; "
        said += "say how far apart they are, as --step 1h"
        raise DataError("no-time-column", said, path=source.name, row=dialect.skipped)
    return _long(source, options, dialect, wide)


def _counted(names: Sequence[str]) -> range | None:
    """The columns at the end whose names differ in a number only, which rises by one."""
    found = [_COUNTED.fullmatch(name) for name in names]
    first = len(names) - 1
    while first > 0 and _follow(found[first - 1], found[first]):
        first -= 1
    return range(first, len(names)) if len(names) - first > _FEWEST_COUNTED else None


def _follow(one: re.Match[str] | None, other: re.Match[str] | None) -> bool:
    return bool(one and other and one[1] == other[1] and int(one[2]) + 1 == int(other[2]))


def _odd_name(path: str, dialect: Dialect, times: HeaderTimes) -> DataError:
    names, odd = dialect.names, times.odd[0]
    first, last = names[times.times[0]], names[times.times[-1]]
    said = f"the header counts times, {first!r} to {last!r}, but {names[odd]!r} in column {odd + 1} is not "
    said += f"written as they are; write it as {first!r} is, or take this column out of the file"
    return DataError("not-a-time", said, path=path, row=dialect.skipped, column=names[odd])


def _cells(rows: Sequence[list[str]], column: int) -> list[str]:
    return [row[column] for row in rows if column < len(row) and not is_empty(row[column])]


def _are_numbers(rows: Sequence[list[str]], columns: Sequence[int]) -> bool:
    cells = [cell for column in columns for cell in _cells(rows, column)]
    return bool(cells) and sum(map(is_number, cells)) >= 0.8 * len(cells)


def _hold_times(names: Sequence[str], rows: Sequence[list[str]], columns: Iterable[int]) -> bool:
    """Whether one of some columns is called as times are, or holds them."""
    for column in columns:
        cells = _cells(rows, column)
        times = sum(is_time(cell) and not is_number(cell) for cell in cells)
        if names[column].lower() in TIME_WORDS or 2 * times > len(cells):
            return True
    return False


def _timed(names: Sequence[str], rows: Sequence[list[str]], times: HeaderTimes) -> _Wide | None:
    """None where rows are no series: where a column holds times, or the cells are no numbers."""
    before = range(times.times[0])
    named = {*times.times, *times.summed, *times.odd}
    nameless = [c for c in range(times.times[0], len(names)) if c not in named]
    if any(_cells(rows, c) for c in nameless) or not _are_numbers(rows, times.times):
        return None
    if _hold_times(names, rows, [c for c in before if c not in times.odd]):
        return None
    summed = [c for c in before if c and sums_up(names[c]) and _are_numbers(rows, [c])]
    ids = tuple(c for c in before if c not in summed and c not in times.odd)
    return _Wide(ids, times.times, True, (*summed, *times.summed))


def _crossed(names: Sequence[str], rows: Sequence[list[str]]) -> _Wide | None:
    found = crossed_times(names, rows)
    if found is None or not _are_numbers(rows, found.columns):
        return None
    return _Wide(found.ids, found.columns, True, found.left_out, found)


def _counting(names: Sequence[str], rows: Sequence[list[str]], columns: range) -> _Wide | None:
    """As `_timed`, of columns that are counted; also where nothing tells the series apart."""
    first = columns.start
    while first < columns.stop and _cells(rows, first) and not any(map(is_value, _cells(rows, first))):
        first += 1
    if not first or not _are_numbers(rows, range(first, columns.stop)):
        return None
    if _hold_times(names, rows, range(first)):
        return None
    keys = [tuple(row[:first]) for row in rows]
    texts = any(not is_value(cell) for column in range(first) for cell in _cells(rows, column))
    if not texts or len(set(keys)) < len(keys):
        return None
    return _Wide(tuple(range(first)), tuple(range(first, columns.stop)), False)


def _long(
    source: TableSource, options: ReadOptions, dialect: Dialect, wide: _Wide
) -> tuple[TableSource, Dialect]:
    text, places = io.StringIO(newline=""), _Places()
    separator = "\t" if dialect.separator == BLANKS else dialect.separator
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    labels = wide.labels(dialect.names)
    rows = list(_numbered_rows(source, options, dialect))
    unnamed = _unnamed(rows, wide)
    counts = _counts(rows, wide)
    for (line, row), count in zip(rows, counts, strict=True):
        values = [_cell(row, c) for c in wide.columns]
        key = [_name(_cell(row, c), c in unnamed) for c in wide.ids]
        writer.writerows([*key, *labels[at], " ".join(values[at].split())] for at in range(count))
        places.add(line, count)
    ids = [dialect.names[c] or wide.nameless(c) for c in wide.ids]
    value = next(name for name in (_VALUE, f"{_VALUE}s", "_value") if name not in ids)
    part = wide.crossed.part if wide.crossed else _TIME
    names = (*ids, *([part] if wide.timed else []), value)
    notes = [_note(dialect.names, wide)]
    if left_out := [dialect.names[c] for c in wide.left_out]:
        many = "columns" if len(left_out) > 1 else "column"
        notes.append(f"not in the table: the {many} {_few(left_out)}, no times of the header")
    notes += [f"{dialect.names[c]}: an empty cell is called {_UNNAMED!r}" for c in sorted(unnamed)]
    if empty := places.counts.count(0):
        notes.append(f"not in the table: {empty:,} row{'s' if empty > 1 else ''} without a value")
    shown = tuple(dialect.names[c] for c in wide.columns)
    made = replace(
        source,
        content=text.getvalue().encode("utf-8", "replace"),
        names=names,
        made=True,
        places=CellPlaces(np.array(places.lines), np.cumsum(places.counts), shown, (part, value)),
    )
    long = Dialect(separator, dialect.decimal, names, False, 0, mark=dialect.mark)
    return made, replace(long, notes=(*dialect.notes, *notes))


def _note(names: Sequence[str], wide: _Wide) -> str:
    first, last = (names[at] for at in (wide.columns[0], wide.columns[-1]))
    if wide.crossed:
        time = names[wide.crossed.time]
        said = f"the columns {first!r} to {last!r} are the {wide.crossed.part}s of each {time or 'row'}"
        return f"{said}, one after another" + (
            f" (--set time={time}: a series each)" if time.isalnum() else ""
        )
    what = "times" if wide.timed else "values"
    return f"a row is a series: the columns {first!r} to {last!r} are its {what}"


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _counts(rows: Sequence[tuple[int, list[str]]], wide: _Wide) -> list[int]:
    """How many cells of each row are taken: up to the last that is filled; all where rows count years or
    days and one of the same series follows on both sides."""
    filled = [
        max((at for at, c in enumerate(wide.columns, 1) if _cell(row, c).strip()), default=0)
        for _, row in rows
    ]
    if not wide.crossed:
        return filled
    names = [c for c in wide.ids if c != wide.crossed.time]
    keys = [[_cell(row, c) for c in names] for _, row in rows]
    return [
        len(wide.columns) if 0 < n < len(rows) - 1 and keys[n - 1] == keys[n] == keys[n + 1] else count
        for n, count in enumerate(filled)
    ]


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:4])) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _unnamed(rows: Sequence[tuple[int, list[str]]], wide: _Wide) -> set[int]:
    """The columns that name series and are empty in some rows."""
    filled = [[bool(row[c : c + 1] and row[c].strip()) for _, row in rows] for c in wide.ids]
    return {c for c, cells in zip(wide.ids, filled, strict=True) if any(cells) and not all(cells)}


def _name(cell: str, may_be_empty: bool) -> str:
    text = " ".join(cell.split())
    return _UNNAMED if may_be_empty and not text else text


class _Places:
    """Where the rows of the long text come from: lines of the file, and how many cells of each."""

    def __init__(self) -> None:
        self.lines: list[int] = []
        self.counts: list[int] = []

    def add(self, line: int, count: int) -> None:
        self.lines.append(line)
        self.counts.append(count)


def _numbered_rows(
    source: TableSource, options: ReadOptions, dialect: Dialect
) -> Iterator[tuple[int, list[str]]]:
    """Rows of data that hold something, with the lines where they begin. Raises DataError for one with more
    cells than the header."""
    width = len(dialect.names)
    with open_table(source, options, dialect) as text:
        reader = dialect.rows(text)
        before = 0
        for number, row in enumerate(reader):
            line, before = before + 1, getattr(reader, "line_num", number + 1)
            if number < dialect.skipped or not any(cell.strip() for cell in row):
                continue
            if any(cell.strip() for cell in row[width:]):
                said = f"the row has {len(row)} cells, the header {width}"
                raise DataError("ragged", said, path=source.name, row=line)
            yield line, row
