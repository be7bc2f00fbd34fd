"""Tables whose rows are series: the header counts times, or only counts.

They become long text with a cell a line, which is read as any other; errors name row and column of the file.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice, repeat

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_text_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.csv_lines import csv_lines
from lstmcli.tables.read.before_times import (
    dates_before,
    describe_rows,
    filled_cells,
    is_worded,
    without_worded,
)
from lstmcli.tables.read.cell_kinds import date_label, is_empty, is_number, is_value
from lstmcli.tables.read.crossed_rows import crossed_rows, may_cross_rows
from lstmcli.tables.read.crossed_table import CrossedTimes, Crossing, UntoldTimes
from lstmcli.tables.read.crossed_times import counts_parts, crossed_times
from lstmcli.tables.read.header_times import HeaderTimes, counted_columns, header_times, sums_up
from lstmcli.tables.read.likely_steps import likely_step
from lstmcli.tables.read.long_rows import numbered_rows
from lstmcli.tables.read.made_text import without_flags
from lstmcli.tables.read.never_cells import without_never
from lstmcli.tables.read.separators import BLANKS
from lstmcli.tables.read.sources import CellPlaces, TableSource
from lstmcli.tables.read.text import Dialect, open_table

_SAMPLE = 50  # rows that show what the columns hold
_FEW_COUNTED = 20  # columns; beside so few a column of dates is the time of the rows
_TIME, _VALUE, _UNNAMED = "time", "value", "-"  # an empty cell that is part of the name of a series
_EUROSTAT = "\\TIME"  # in the name of the column before the times of a table of Eurostat


@dataclass(frozen=True)
class _Wide:
    """ids: the columns that name the series; columns: those of its values; timed: whether their names are
    times; left_out: columns that sum up the others; dates: those before the times that describe the series;
    crossed: where they are parts of the times of rows."""

    ids: tuple[int, ...]
    columns: tuple[int, ...]
    timed: bool
    left_out: tuple[int, ...] = ()
    dates: tuple[int, ...] = ()
    crossed: CrossedTimes | None = None

    def labels(self, names: Sequence[str]) -> Iterable[list[list[str]]]:
        """Of each row, the cells that say which of its values one is."""
        if self.crossed:
            return self.crossed.labels()
        return repeat([[date_label(names[c])] if self.timed else [] for c in self.columns])

    def nameless(self, column: int) -> str:
        """What a column without a name is called."""
        if self.crossed and column in self.crossed.times:
            unit = self.crossed.parts.unit
            return {"clock": "date", "hour": "date", "period": "date"}.get(unit, "year")
        return f"series{column or ''}"

    def part(self, names: Sequence[str]) -> str:
        """What the column is called that says which of the values of a row one is."""
        if self.crossed is None:
            return _TIME
        if self.crossed.stamps is None:
            return self.crossed.parts.part
        taken = {name.lower() for name in names}
        return next(name for name in ("date", _TIME, "_date") if name not in taken)


def long_source(source: TableSource, options: ReadOptions, dialect: Dialect) -> tuple[TableSource, Dialect]:
    """The long form of a table whose rows are series; any other as it is. Raises DataError."""
    if not options.header:
        return source, dialect
    times, counted = header_times(dialect.names), counted_columns(dialect.names)
    if crossed := _long_of_crossed(source, options, dialect):
        return crossed
    if times is None and counted is None:
        return source, dialect
    with open_table(source, options, dialect) as text:
        rows = [row for row in islice(dialect.rows(text), dialect.skipped + _SAMPLE) if any(row)][1:]
    wide = _timed(dialect.names, rows, times) if times else None
    if times and wide and times.odd:
        raise _odd_name(source.name, dialect, times)
    if times is None and counted is not None:
        wide = _counting(dialect.names, rows, counted)
    if wide is None:
        return source, dialect
    if not wide.timed and options.step == "auto":
        named = [dialect.names[at] for at in wide.columns]
        said = (
            f"a row is a series here: the columns {quoted(named[0])} to {quoted(named[-1])} are counted and "
        )
        said += f"name no times; say how far apart they are, as --step {likely_step(named, named[0]) or '1h'}"
        raise DataError("no-time-column", said, path=source.name, row=dialect.skipped)
    numbered, notes = without_worded(list(numbered_rows(source, options, dialect)), wide.columns)
    rows = [row for _, row in numbered] if wide.dates else []
    if rows and not describe_rows(wide.dates, dialect.names, rows, wide.columns):
        return source, dialect
    return _long(source, replace(dialect, notes=(*dialect.notes, *notes)), wide, numbered)


def _long_of_crossed(
    source: TableSource, options: ReadOptions, dialect: Dialect
) -> tuple[TableSource, Dialect] | None:
    """Of a table whose header and rows tell the times together: one counts the parts of the other."""
    if _is_named(options.time, dialect.names):
        return None
    for may_be, read, sample in ((counts_parts, crossed_times, 0), (may_cross_rows, crossed_rows, _SAMPLE)):
        rows = numbered_rows(source, options, dialect) if may_be(dialect.names) else iter(())
        first = list(islice(rows, sample))
        if sample and not crossed_rows(dialect.names, [row for _, row in first], options, whole=False):
            continue
        numbered = [*first, *rows]
        found = read(dialect.names, [row for _, row in numbered], options)
        if wide := _crossed(source.name, dialect, [row for _, row in numbered], found):
            assert wide.crossed is not None
            kept, notes = without_never(source.name, dialect.names, wide.crossed, numbered, options)
            return _long(source, replace(dialect, notes=(*dialect.notes, *notes)), wide, kept)
    return None


def _is_named(time: str, names: Sequence[str]) -> bool:
    """Whether the user names the columns of times, which are then taken as they are, or declines them."""
    return time == "none" or {part.strip() for part in time.split(",")} <= {*names}


def _odd_name(path: str, dialect: Dialect, times: HeaderTimes) -> DataError:
    names, odd = dialect.names, times.odd[0]
    first, last, other = (quoted(names[at]) for at in (times.times[0], times.times[-1], odd))
    said = f"the header counts times, {first} to {last}, but {other} in column {odd + 1} is not "
    said += f"written as they are; write it as {first} is, or take this column out of the file"
    return DataError("not-a-time", said, path=path, row=dialect.skipped, column=names[odd])


def _are_numbers(rows: Sequence[list[str]], columns: Sequence[int]) -> bool:
    counts = Counter(row[column] for column in columns for row in rows if column < len(row))
    filled = {cell: count for cell, count in counts.items() if not is_empty(cell)}
    numbers = sum(count for cell, count in filled.items() if is_number(cell))
    return bool(filled) and numbers >= 0.8 * sum(filled.values())


def _timed(names: Sequence[str], rows: Sequence[list[str]], times: HeaderTimes) -> _Wide | None:
    """None where rows are no series: where a column holds times, or the cells are no numbers."""
    before = range(times.times[0])
    named = {*times.times, *times.summed, *times.odd}
    nameless = [c for c in range(times.times[0], len(names)) if c not in named]
    rows = [row for row in rows if not is_worded(row, times.times)]
    if any(filled_cells(rows, c) for c in nameless) or not _are_numbers(rows, times.times):
        return None
    dates = dates_before(names, rows, [c for c in before if c not in times.odd])
    if dates and not describe_rows(dates, names, rows, times.times):
        return None
    summed = [c for c in before if c and sums_up(names[c]) and _are_numbers(rows, [c])]
    ids = tuple(c for c in before if c not in (*summed, *times.odd, *dates))
    return _Wide(ids, times.times, True, (*summed, *times.summed), dates)


def _crossed(path: str, dialect: Dialect, rows: Sequence[list[str]], found: Crossing) -> _Wide | None:
    """Raises DataError where the times of which header and rows count parts are not told."""
    names = dialect.names
    if isinstance(found, UntoldTimes):
        named = names[found.column]
        said = f"{found.said}; {set_text_option('time', named)} takes each column as a series"
        error = DataError("not-a-time", said, path=path, row=dialect.skipped, column=named)
        raise error.mended_by({"time": named})
    if found is None or not _are_numbers(rows, found.parts.columns):
        return None
    return _Wide(found.ids, found.parts.columns, True, found.left_out, crossed=found)


def _counting(names: Sequence[str], rows: Sequence[list[str]], columns: range) -> _Wide | None:
    """As `_timed`, of columns that are counted; also where nothing tells the series apart."""
    first = columns.start
    while (
        first < columns.stop
        and filled_cells(rows, first)
        and not any(map(is_value, filled_cells(rows, first)))
    ):
        first += 1
    if not first or not _are_numbers(rows, range(first, columns.stop)):
        return None
    if dates := dates_before(names, rows, range(first)):
        ids, values = tuple(c for c in range(first) if c not in dates), tuple(range(first, columns.stop))
        launched = len(values) > max(len(rows), _FEW_COUNTED) and describe_rows(dates, names, rows, values)
        return _Wide(ids, values, False, dates=dates) if launched else None
    keys = [tuple(row[:first]) for row in rows]
    texts = any(not is_value(cell) for column in range(first) for cell in filled_cells(rows, column))
    if not texts or len(set(keys)) < len(keys):
        return None
    return _Wide(tuple(range(first)), tuple(range(first, columns.stop)), False)


def _long(
    source: TableSource, dialect: Dialect, wide: _Wide, rows: Sequence[tuple[int, list[str]]]
) -> tuple[TableSource, Dialect]:
    """rows: with the lines where they begin."""
    of_eurostat = _EUROSTAT in dialect.names[wide.columns[0] - 1]
    rows, flags = without_flags(rows, wide.columns) if of_eurostat else (rows, ())
    lines = np.array([line for line, _ in rows], np.int64)
    separator = "\t" if dialect.separator == BLANKS else dialect.separator
    unnamed, taken = _unnamed(rows, wide), _taken(rows, wide)
    labels = list(islice(wide.labels(dialect.names), len(rows)))
    keys = [[_name(_cell(row, c), c in unnamed) for c in wide.ids] for _, row in rows]
    in_columns = wide.crossed and wide.crossed.of_header  # the order of times
    at, cells = np.nonzero(taken.T)[::-1] if in_columns else np.nonzero(taken)
    cut = (
        [*keys[r], *labels[r][c], " ".join(_cell(rows[r][1], wide.columns[c]).split())]
        for r, c in zip(at.tolist(), cells.tolist(), strict=True)
    )
    ids = [dialect.names[c] or wide.nameless(c) for c in wide.ids]
    value = next(name for name in (_VALUE, f"{_VALUE}s", "_value") if name not in ids)
    part = wide.part(dialect.names)
    names = (*ids, *([part] if wide.timed else []), value)
    shown = tuple(dialect.names[c] for c in wide.columns)
    places = CellPlaces(lines[at], cells.astype(np.int32), shown, (part, value))
    content = csv_lines(cut, separator).encode("utf-8", "replace")
    made = replace(source, content=content, names=names, made=True, places=places)
    long = Dialect(separator, dialect.decimal, names, False, 0, mark=dialect.mark)
    notes = (*dialect.notes, *_notes(dialect.names, wide, unnamed, int((~taken.any(1)).sum())), *flags)
    return made, replace(long, notes=notes)


def _notes(names: Sequence[str], wide: _Wide, unnamed: set[int], empty: int) -> list[str]:
    """empty: rows without a value."""
    notes = [_note(names, wide)]
    if left_out := [names[c] for c in wide.left_out]:
        many, them = ("columns", "them") if len(left_out) > 1 else ("column", "it")
        kept = f" ({option} keeps {them}, a series each)" if (option := _as_columns(names, wide)) else ""
        notes.append(f"not in the table: the {many} {_few(left_out)}, no times of the header{kept}")
    if dates := [names[c] for c in wide.dates]:
        said = "dates that describe the series, not the times of values"
        notes.append(f"not in the table: {_few(dates)}, {said}")
    notes += [f"{names[c]}: an empty cell is called {_UNNAMED!r}" for c in sorted(unnamed)]
    if empty:
        notes.append(f"not in the table: {plural(empty, 'row')} without a value")
    return notes


def _as_columns(names: Sequence[str], wide: _Wide) -> str:
    """What makes a series of each column where rows and header tell the times together, "" elsewhere."""
    times = [names[c] for c in wide.crossed.times] if wide.crossed else [""]
    return set_text_option("time", ",".join(times)) if all(times) else ""


def _note(names: Sequence[str], wide: _Wide) -> str:
    first, last = (quoted(names[at]) for at in (wide.columns[0], wide.columns[-1]))
    if wide.crossed:
        said = f"the columns {first} to {last} are the {wide.crossed.parts.called} of each "
        said = wide.crossed.said or f"{said}{names[wide.crossed.times[-1]] or 'row'}, one after another"
        option = _as_columns(names, wide)
        return said + (f" ({option}: a series each)" if option else "")
    return f"a row is a series: the columns {first} to {last} are its {'times' if wide.timed else 'values'}"


def _cell(row: Sequence[str], column: int) -> str:
    return row[column] if column < len(row) else ""


def _taken(rows: Sequence[tuple[int, list[str]]], wide: _Wide) -> NDArray[np.bool_]:
    """(rows, columns) which cells are taken: up to the last of a row that is filled; where rows count times
    those between the first and the last of a series."""
    filled = np.array([[bool(_cell(row, c).strip()) for c in wide.columns] for _, row in rows], bool)
    filled = filled.reshape(len(rows), len(wide.columns))
    if wide.crossed:
        names = [c for c in wide.ids if c not in wide.crossed.times]
        return wide.crossed.taken([tuple(_cell(row, c) for c in names) for _, row in rows], filled)
    return np.logical_or.accumulate(filled[:, ::-1], axis=1)[:, ::-1]


def _few(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:4])) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _unnamed(rows: Sequence[tuple[int, list[str]]], wide: _Wide) -> set[int]:
    """The columns that name series and are empty in some rows."""
    filled = [[bool(row[c : c + 1] and row[c].strip()) for _, row in rows] for c in wide.ids]
    return {c for c, cells in zip(wide.ids, filled, strict=True) if any(cells) and not all(cells)}


def _name(cell: str, may_be_empty: bool) -> str:
    text = " ".join(cell.split())
    return _UNNAMED if may_be_empty and not text else text
