"""Rows of text that arrive one by one: what is settled at the first of them, and each burst as numbers.

A burst is read by the functions that read a file, so that a row means the same in both. What they
would decide from all rows of a file (separator, mark of decimals, order of day and month) is settled
once, from the history or the first rows.
"""

import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.series.calendar import Step
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import NumberForm, TableReading
from lstmcli.tables.read.empty_rows import without_empty_rows
from lstmcli.tables.read.grid import Grid, sort_rows
from lstmcli.tables.read.header_rows import bare_name, unique_names
from lstmcli.tables.read.nameless_columns import UNNAMED_TIME
from lstmcli.tables.read.number_forms import FileEvidence, unclear_mark
from lstmcli.tables.read.numbers import MISSING_TEXTS, shape_of, written_number
from lstmcli.tables.read.parse import check_short_rows, parse_csv
from lstmcli.tables.read.probing import shows_day_first, shows_english
from lstmcli.tables.read.reading import FoundReading, ReadingFinder, apply_reading
from lstmcli.tables.read.renamed_columns import require_known_columns
from lstmcli.tables.read.separators import BLANKS, split_rows
from lstmcli.tables.read.sources import TableSource
from lstmcli.tables.read.table import Table, TablePart
from lstmcli.tables.read.text import Dialect, dialect_of
from lstmcli.tables.read.timestamps import time_pattern

NAME = "standard input"
# A stream has no lines above its header.
_FROM_THE_FIRST_LINE: dict[str, Any] = {"skip_rows": 0, "comment": "none"}


@dataclass(frozen=True)
class StreamForm:
    """How the rows of a stream are written, and what they are.

    settled  whether marks of numbers have been seen
    pattern  how time stamps are written, see `timestamps.time_pattern`
    reading  how numbers are written: as in the history, or as the model knows
    open_marks  columns with a unit in which no mark of decimals or thousands was seen
    """

    dialect: Dialect
    options: ReadOptions
    roles: Roles
    step: Step
    settled: bool
    pattern: str | None = None
    reading: TableReading = field(default_factory=TableReading)
    open_marks: frozenset[str] = frozenset()


def form_of_history(table: Table, roles: Roles, step: Step, trained_pattern: str | None) -> StreamForm:
    """The form of a stream that goes on where a table ends."""
    pattern = _precise(time_pattern(replace(table, step=step), roles.time), trained_pattern, step)
    last = table.parts[-1].dialect
    names = _with_time(last.names if last else tuple(map(str, table.frame.columns)), roles)
    dialect = Dialect(last.separator if last else ",", last.decimal if last else ".", names, False, 0)
    return StreamForm(
        dialect,
        _with_day_first(table.options, pattern),
        roles,
        step,
        settled=last is not None,
        pattern=pattern,
        reading=_with_stated_marks(table.reading.reading, table.options, roles),
    )


def form_of_lines(
    lines: Sequence[str], options: ReadOptions, roles: Roles, step: Step, trained_pattern: str | None
) -> StreamForm:
    """The form of a stream that begins with these lines. Raises DataError for one without a header."""
    plain = replace(options, encoding="utf-8", **_FROM_THE_FIRST_LINE)
    found = dialect_of(TableSource(NAME, "\n".join(lines).encode()), plain)
    names = _with_time(tuple(name or f"Unnamed: {n}" for n, name in enumerate(found.names)), roles)
    _check_names(names, roles, options.known)
    dialect = Dialect(found.separator, found.decimal, names, False, 0)
    return StreamForm(
        dialect,
        _with_day_first(options, trained_pattern),
        roles,
        step,
        settled=options.decimal != "auto",
        pattern=trained_pattern,
        reading=_with_stated_marks(options.known, options, roles),
    )


def _with_time(names: tuple[str, ...], roles: Roles) -> tuple[str, ...]:
    """Names whose first, where it is none, is that of the times (see `time_columns.unnamed_time_column`)."""
    if roles.time != UNNAMED_TIME or roles.time in names or names[0] not in ("", "Unnamed: 0"):
        return names
    return (roles.time, *names[1:])


def _check_names(names: tuple[str, ...], roles: Roles, reading: TableReading) -> None:
    require_known_columns(pd.DataFrame(columns=list(names)), _needed(roles, reading, names), NAME)


def _needed(roles: Roles, reading: TableReading, names: Collection[str]) -> tuple[str, ...]:
    """The columns that are needed, of those called `names`."""
    joined = reading.joined if reading.joined and reading.joined.name not in names else None
    times = joined.columns if joined else filter(None, [roles.time])
    return (*times, *roles.series, *roles.targets, *roles.covariates)


def names_columns(line: str, form: StreamForm) -> bool:
    """Whether a line is a header, as the first is and one after a rotation may be."""
    cells = _cells(line, form)
    return form.options.header and {*_needed(form.roles, form.reading, cells)} <= {*cells}


def is_header(line: str, form: StreamForm) -> bool:
    """Whether a line names the columns that are known, in their order."""
    return unique_names(_cells(line, form)) == form.dialect.names


def _cells(line: str, form: StreamForm) -> list[str]:
    text = io.StringIO(line, newline="")
    return [bare_name(cell) for cell in next(split_rows(text, form.dialect.separator), [])]


def with_reading(form: StreamForm, lines: Sequence[str]) -> StreamForm:
    """The form with the marks of numbers, as far as these lines show them; what the model knows is tried
    first."""
    if form.settled:
        return form
    separator = " " if form.dialect.separator == BLANKS else form.dialect.separator
    header = separator.join(f"c{n}" for n in range(len(form.dialect.names)))
    separator = form.dialect.separator
    options = replace(
        form.options, header=True, encoding="utf-8", separator=separator, **_FROM_THE_FIRST_LINE
    )
    found = dialect_of(TableSource(NAME, "\n".join((header, *lines)).encode()), options)
    dialect = replace(form.dialect, decimal=found.decimal)
    source = TableSource(NAME, "".join(line + "\n" for line in lines).encode())
    try:
        texts = parse_csv(source, dialect, options, {}, dtype=str)
    except DataError:  # told where the line is read
        return replace(form, dialect=dialect)
    numbers = [c for c in _numbers(form.roles) if c in texts]
    others = [texts[c] for c in texts if c not in numbers]
    whole = FileEvidence(commas=dialect.separator == ",", english=any(map(shows_english, others)))
    whole.day_first = dialect.separator == ";" and any(map(shows_day_first, others))
    finder = ReadingFinder(form.options, {*numbers}, whole)
    finder.add(texts[numbers])
    return _with_seen(replace(form, dialect=dialect), finder)


def _with_seen(form: StreamForm, finder: ReadingFinder) -> StreamForm:
    """The form with what rows show; later ones may show what a mark before three digits is."""
    seen, forms, open_marks = finder.found(), dict(form.reading.numbers), set(form.open_marks)
    for column, cells in finder.columns.items():
        found = seen.reading.numbers.get(column)
        shown = bool(cells.marks("decimal") or cells.marks("thousands"))
        known = column in form.options.known.numbers
        clear = shown or (known and cells.known_fits)
        plain = found == NumberForm() and not known
        if found is None or (not clear and (cells.marks("doubt") or plain)):
            continue
        if clear:
            open_marks -= {column}
        elif known or column not in forms:
            open_marks |= {column}
        if clear or column in open_marks:
            forms[column] = found
    reading = _with_stated_marks(replace(form.reading, numbers=forms), form.options, form.roles)
    settled = finder.sure and not seen.unread and not open_marks
    return replace(form, settled=settled, reading=reading, open_marks=frozenset(open_marks))


def _check_marks(
    form: StreamForm, source: TableSource, options: ReadOptions, frame: pd.DataFrame, first: int
) -> None:
    """Raises DataError for a mark before three digits of which neither the rows before nor the model say what
    it is: `predict` decides this by all rows of a file."""
    if options.decimal != "auto" or options.thousands != "auto":
        return
    marks = {}
    for column in _numbers(form.roles):
        known = None if column in form.open_marks else form.reading.numbers.get(column)
        plain = types.is_integer_dtype(frame[column]) or (known and types.is_float_dtype(frame[column]))
        if not plain:
            marks[column] = (known.decimal, known.thousands) if known else ()
    if not marks:
        return
    texts = parse_csv(source, form.dialect, options, {}, dtype=str)
    for column, settled in marks.items():
        for cell in texts[column].dropna():
            parts = written_number(cell)
            shape = shape_of(parts.body) if parts else None
            if shape and shape.doubt and shape.doubt not in settled:
                said = unclear_mark(shape.doubt, cell)
                raise DataError("not-a-number", said, path=NAME, row=first, column=column)


def _with_stated_marks(reading: TableReading, options: ReadOptions, roles: Roles) -> TableReading:
    """The reading with a mark of thousands that a setting names, where the reading knows of none."""
    mark = options.thousands
    if mark in ("auto", "none"):
        return reading
    decimal = options.decimal if options.decimal != "auto" else "," if mark == "." else "."
    known = {c: reading.numbers.get(c, NumberForm(decimal)) for c in _numbers(roles)}
    stated = {
        c: replace(form, thousands=mark)
        for c, form in known.items()
        if not form.thousands and form.decimal != mark
    }
    return replace(reading, numbers={**reading.numbers, **stated})


def _numbers(roles: Roles) -> tuple[str, ...]:
    return (*roles.targets, *roles.numeric(roles.covariates))


def parse_lines(
    form: StreamForm, lines: Sequence[str], first: int, pattern: str | None
) -> tuple[Grid | None, str | None]:
    """The rows of some lines by series and time, None where all lines are empty, and the pattern of
    their time stamps: the one given or, for None, the one that they show.

    first: number of the first line; `Grid.rows` are the numbers of lines, less one. Raises DataError,
    with the place only where a single line is given.
    """
    source = TableSource(NAME, "".join(line + "\n" for line in lines).encode())
    roles, options = form.roles, replace(form.options, encoding="utf-8")
    named = {*roles.series, *roles.categorical}
    written = {c for c in _numbers(roles) if not _is_plain(form, c)}
    missing = {c: [""] if c in named | written else list(MISSING_TEXTS) for c in form.dialect.names}
    try:
        frame = parse_csv(source, form.dialect, options, missing, dtype=dict.fromkeys(named | written, "str"))
        check_short_rows(source, form.dialect, options, frame)
    except DataError as error:
        raise _at(error, first) from None
    _check_marks(form, source, options, frame, first)
    frame.index = pd.RangeIndex(first - 1, first - 1 + len(frame))
    frame = without_empty_rows(frame)
    if frame.empty:
        return None, pattern
    for column in roles.series:
        frame[column] = frame[column].mask(_whole_numbers(frame[column]), frame[column].str.strip())
    frame = apply_reading(frame, form.reading, options)
    if frame.empty:  # rows that sum up a year
        return None, pattern
    table = stream_table(form, frame)
    if pattern is None:
        pattern = _precise(time_pattern(table, roles.time), form.pattern, form.step)
    return sort_rows(table, roles), pattern


def stream_table(form: StreamForm, frame: pd.DataFrame | None = None) -> Table:
    """A table whose complaints name the lines of the stream."""
    part = TablePart(TableSource(NAME, b""), 0, None)
    rows = pd.DataFrame() if frame is None else frame
    return Table(rows, NAME, (part,), form.options, step=form.step, reading=FoundReading(form.reading))


def _is_plain(form: StreamForm, column: str) -> bool:
    """Whether numbers of a column are written as pandas reads those of the stream."""
    known = form.reading.numbers.get(column, NumberForm(form.dialect.decimal))
    return known == NumberForm(form.dialect.decimal) and not form.options.missing


def _at(error: DataError, line: int) -> DataError:
    """The complaint about a row that was read by itself, at its place in the stream."""
    parts = (error.path, error.row, error.column)
    where = ":".join(str(part) for part in parts if part not in ("", None))
    message = str(error).removeprefix(f"{where}: ")
    return DataError(error.kind, message, path=NAME, row=line, column=error.column)


def _whole_numbers(cells: "pd.Series[str]") -> "pd.Series[bool]":
    """Names of series that are numbers: a file with such a column is read without their blanks."""
    return cells.str.fullmatch(r"\s*\d+\s*").fillna(False).astype(bool)


def _precise(pattern: str | None, known: str | None, step: Step) -> str | None:
    """The pattern of some stamps, or the known one where they happen to be days without an hour."""
    dates_alone = pattern is not None and pattern.startswith("%") and "%H" not in pattern
    hours = known is not None and "%H" in known
    return known if dates_alone and hours and step.kind in ("fixed", "open") else pattern


def _with_day_first(options: ReadOptions, pattern: str | None) -> ReadOptions:
    """Single stamps do not show whether the day comes first; those before did."""
    told = pattern is not None and pattern[:2] != "%Y" and "%d" in pattern and "%m" in pattern
    if options.day_first != "auto" or pattern is None or not told:
        return options
    return replace(options, day_first=pattern.index("%d") < pattern.index("%m"))
