"""What the cells of a time column say of their form. One cell does not tell whether the day comes first,
whether whole numbers spell dates, or whether stamps are days: that follows from all of them, in one piece or
many."""

import re
import shlex
from collections.abc import Sequence, Set
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import pandas as pd

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import Times
from lstmcli.series.steps import is_days
from lstmcli.tables.read.eras import notes_on_years, other_calendar
from lstmcli.tables.read.flags import split_flag
from lstmcli.tables.read.long_rows import words_among_times
from lstmcli.tables.read.offsets import absolute_pattern, offset_text, with_offset
from lstmcli.tables.read.patterns import parse_iso, read_stamps
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.shell import on_file
from lstmcli.tables.read.sources import open_text
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_choice import (
    FIRST_OF_MONTHS_NOTE,
    UNTOLD_DAY,
    are_weeks,
    choose_reading,
    close_note,
    days_without_year,
    describe_reading,
    first_of_months,
    following_closely,
)
from lstmcli.tables.read.time_forms import TimeForm, form_in_zone, resamples_to_days, times_from_numbers
from lstmcli.tables.read.time_kinds import finest
from lstmcli.tables.read.time_numbers import NumericTimeSurvey
from lstmcli.tables.read.time_reading import Reading
from lstmcli.tables.read.times_by_kind import keep_kind
from lstmcli.tables.read.tokens import letters_of, shown_cell
from lstmcli.tables.read.unread_times import (
    are_double_years,
    describe_past_the_day,
    describe_unread,
    mend_of_year,
    no_such_day,
)
from lstmcli.tables.read.zones import check_zone

_DAYS_NOTE = "offsets from UTC differ: times are days of their own clocks, and forecasts have no offset"
_SHOWS_STEP = 60  # cells that may tell the step
_LINE = 60  # characters of it that are shown


class TimeSurvey:
    """What the cells of a time column say of their form, added in any number of pieces."""

    def __init__(self, table: Table, column: str) -> None:
        """table: whose errors, options and step are used; its rows are not looked at."""
        self.table, self._column = table, column
        self._zone = check_zone(table.options.timezone)
        self._first: tuple[int, Any] | None = None
        self._start: list[str] = []
        self._last: pd.Series[Any] | None = None
        self._readings: list[Reading] = []
        self._iso: Reading | None = None  # of pieces that the first pattern does not read
        self._all_iso, self._longest = True, ""
        self._numbers: NumericTimeSurvey | None = None
        self.missing: int | None = None  # the first row without a cell

    def add(self, cells: "pd.Series[Any]") -> None:
        """Different cells by row, none of them empty: texts, or numbers in every piece."""
        if not len(cells):
            return
        self._last = cells
        if self._first is None:
            self._first = (int(cells.index[0]), cells.iloc[0])
            self._start = cells.iloc[:_SHOWS_STEP].astype(str).tolist()
        if pd.api.types.is_numeric_dtype(cells):
            self._numbers = self._numbers or NumericTimeSurvey()
            self._numbers.add(cells)
        else:
            self._add_texts(cells)

    def _add_texts(self, cells: "pd.Series[Any]") -> None:
        assert self._first is not None
        if not self._readings:
            patterns = date_patterns(shown_cell(cells), self.table.options)
            self._readings = [Reading(pattern) for pattern in patterns]
        for reading in self._readings:
            reading.add(cells, read_stamps(cells, reading.pattern), self._zone)
        if not self._readings or not self._readings[0].pattern.startswith("%Y-%m-%d"):
            return
        only = self._readings[0]
        assert only.last is not None
        failing = bool(np.isnat(only.last.times).any())
        if failing or "f" in letters_of(only.pattern):
            texts = cells.astype(str)
            longest = str(texts.iloc[int(texts.str.len().argmax())])
            self._longest = max(self._longest, longest, key=len)
        else:
            self._longest = max(self._longest, str(cells.iloc[0]), key=len)
        if failing:
            self._iso = self._iso or Reading(only.pattern)
            read, whole = parse_iso(cells, only.pattern)
            self._all_iso = self._all_iso and whole
            self._iso.add(cells, read, self._zone)

    def form(self, strict: bool = True) -> TimeForm:
        """Raises DataError where cells have none; strict: also at a cell that does not follow it."""
        table, column = self.table, self._column
        if self.missing is not None and strict:
            row = _shown_row(table, self.missing)
            parts = table.joined.columns if table.joined and table.joined.name == column else (column,)
            mend = next(filter(None, (fill_down(table, part, self.missing) for part in parts)), "")
            said = f"the time stamp is missing{row}{mend}"
            raise table.error("missing-time", said, self.missing, column)
        assert self._first is not None
        if self._numbers is None:
            return self._of_texts(strict)
        if table.step is not None and table.step.plain:
            return TimeForm(None)
        spelled = table.reading.reading.numbers.get(column)
        if spelled is not None and spelled.thousands and self._numbers.whole:
            self._numbers.decimals = 0  # 1,704,337,200 was made a number that is not whole by its type alone
        found = self._numbers.choose(column, table.options.known.time)
        if found.refused and strict:
            raise table.error("not-a-time", found.refused, self._numbers.first[0], column)
        if found.pattern is None or not found.pattern.startswith("%"):
            return TimeForm(found.pattern, pattern=found.written or found.pattern, notes=found.notes)
        span = times_from_numbers(np.array([self._numbers.low, self._numbers.high]), found.pattern)
        one = self._one_time(found.times_of_day)
        if strict and "d" in letters_of(found.pattern):
            self._check_calendar(self._numbers.first, (span[0], span[1]), one)
        notes = (*found.notes, *notes_on_years(*span))
        if found.pattern == "%Y":
            return TimeForm(found.pattern, pattern=found.written or found.pattern, notes=notes)
        return replace(form_in_zone(table, found.pattern, one), notes=notes)

    def last_times(self, form: TimeForm) -> Times:
        """The times of the cells that were added last."""
        assert self._last is not None
        read = next((r.last for r in self._readings if r.pattern == form.parse), None)
        if read is None or form.iso:
            return form.times(self._last)
        return form.of_fields(read)

    def _of_texts(self, strict: bool) -> TimeForm:
        assert self._first is not None
        (at, cell), readings = self._first, self._readings
        if not readings:
            if strict:
                raise self._unread(self._start[0], at)
            return TimeForm("%Y-%m-%d")
        fitting = [r for r in readings if len(readings) == 1 or r.bad is None]
        chosen, untold, told = self._choose(fitting, str(cell))
        if (
            strict
            and len(self._start) > 1
            and all(map(mend_of_year, self._start[:2]))
            and "m" in letters_of(readings[0].pattern)
        ):
            raise self._unread(cell, at)
        if strict and len(fitting) == 1 and days_without_year(fitting[0].pattern, self._start[:2]):
            raise self._unread(cell, at)
        if untold and strict:
            raise self.table.error("ambiguous-date", f"{quoted(str(cell))} {untold}", at, self._column)
        reading = chosen or (fitting[0] if fitting else max(readings, key=lambda r: (r.bad or (0,))[0]))
        iso = self._iso if reading.bad is not None else None
        if strict:
            if reading.span and letters_of(reading.pattern) & {"d", "e", "j"}:
                self._check_calendar(self._first, reading.span, len(reading.times_of_day) == 1)
            self._check_all_read(reading, iso)
        pattern, times, offsets = reading.pattern, reading.times_of_day, reading.offsets
        if iso is not None:
            times, offsets = times | iso.times_of_day, offsets | iso.offsets
            if self._all_iso and iso.bad is None:
                pattern = next(iter(date_patterns(self._longest)), pattern)
        written = reading.spelling.spelled(pattern)
        if letters_of(pattern) & {"z", "Z"}:
            form = self._absolute(reading, written, self._one_time(times), offsets)
        else:
            form = form_in_zone(self.table, reading.pattern, self._one_time(times), written)
        said = describe_reading(reading, str(cell), len(readings) > 1) if strict else ()
        return replace(form, parse=reading.pattern, iso=iso is not None, notes=(*said, *told, *form.notes))

    def _check_calendar(self, cell: tuple[int, Any], span: tuple[Any, Any], one_time: bool) -> None:
        """Raises DataError for days of another calendar. cell: a row and what stands there."""
        if said := other_calendar(str(cell[1]), *span, "1d" if one_time else "1h"):
            raise self.table.error("not-a-time", said, cell[0], self._column)

    def _choose(self, fitting: Sequence[Reading], cell: str) -> tuple[Reading | None, str, tuple[str, ...]]:
        """The reading that is meant, or None and why none can be told; and a note on a guess."""
        chosen, untold = choose_reading(fitting, self._column, self.table.options.known.time, cell)
        if untold and self.table.between_semicolons and (usual := first_of_months(fitting)):
            return usual, "", (FIRST_OF_MONTHS_NOTE,)
        if untold == UNTOLD_DAY and (close := following_closely(fitting)):
            return close, "", (close_note(close),)
        return chosen, untold, ()

    def _unread(self, cell: Any, row: int) -> DataError:
        """Of a cell that follows no known pattern."""
        said = describe_unread(str(cell), self._start, self._column)
        return self.table.error("not-a-time", said, row, self._column)

    def _check_all_read(self, reading: Reading, iso: Reading | None) -> None:
        """Raises DataError at the first cell that neither the pattern nor ISO 8601 reads."""
        assert self._first is not None
        (at, first), bad = self._first, (iso or reading).bad
        if bad is None and "V" in letters_of(reading.pattern) and not are_weeks(reading, self._column):
            bad = next((r.bad for r in self._readings if "m" in letters_of(r.pattern)), None)
            bad = (at, first) if bad is None and are_double_years(self._start) else bad
        if bad is None:
            return
        if bad[0] == at:
            raise self._unread(bad[1], at)
        past, zone = describe_past_the_day(str(bad[1]), self._zone)
        if past:
            error = self.table.error("not-a-time", past, bad[0], self._column)
            raise error.mended_by(*([{"timezone": zone}] if zone else []))
        said = f"{quoted(bad[1])} is not a time stamp, unlike {quoted(first)} in the first row"
        if mend := mend_of_year(str(bad[1])):
            raise self.table.error("not-a-time", f"{said}; {mend}", bad[0], self._column)

        def reads(cell: str) -> bool:
            return not np.isnat(read_stamps(pd.Series([cell]), reading.pattern).times[0])

        if not self.table.joined and (kept := finest([str(first), str(bad[1])])):
            command = keep_kind(self.table, self._column, bad[0], kept)
            said += f"; keep one kind{': ' * bool(command)}{command}"
            raise self.table.error("not-a-time", said, bad[0], self._column)
        if self.table.joined and re.fullmatch(r"\d{4}-13", str(bad[1])):
            said += "; where rows are the 13 periods of a year: --set time=none --step 4w"
        rest, mark = split_flag(str(bad[1]))
        if mark and reads(rest):
            said += f"; {quoted(mark)} is a mark beside it: write {rest}"
        said += no_such_day(str(bad[1]), reads, reading.span)
        said += words_among_times(self.table.part_of(bad[0]), self.table.place(bad[0])[1], self.table.options)
        raise self.table.error("not-a-time", said, bad[0], self._column)

    def _absolute(self, reading: Reading, pattern: str, one: bool, offsets: set[int]) -> TimeForm:
        """Stamps with offsets: UTC, or local days where all have one time of day."""
        assert self._first is not None
        zone, words, first = self._zone, reading.spelling.words, str(self._first[1])
        if (one and (zone or offsets != {0})) or (zone and resamples_to_days(self.table)):
            kept = offset_text(first, words) if not zone and len(offsets) == 1 else ""
            written = with_offset(pattern, kept).rstrip()
            said = () if kept or zone else (_DAYS_NOTE,)
            return TimeForm(None, to_local=True, zone_of_offsets=zone, pattern=written, notes=said)
        if zone:
            return TimeForm(None, pattern=f"{with_offset(pattern, '%z')} @{zone}")
        written, notes = absolute_pattern(pattern, first, offsets, words)
        return TimeForm(None, pattern=written, notes=notes)

    def _one_time(self, times_of_day: Set[int]) -> bool:
        if self.table.step is not None and not self.table.options.resample:
            return is_days(self.table.step)
        return len(times_of_day) == 1


def _shown_row(table: Table, row: int) -> str:
    """The line of a row, as its file has it."""
    part = table.part_of(row)
    if part.dialect is None or part.source.made:
        return ""
    with open_text(part.source, table.options) as text:
        number = table.place(row)[1]
        line = next(islice(text, number - 1, number), "").strip()
    return f" in {line if len(line) <= _LINE else line[: _LINE - 3] + '...'!r}" if line else ""


def fill_down(
    table: Table, column: str, row: int, said: str = "; where it stands once for the rows below it: "
) -> str:
    """What to type where a cell is written once for the rows below it, as merged cells of Excel are."""
    part = table.parts[0] if len(table.parts) == 1 else None
    dialect = part.dialect if part else None
    if part is None or dialect is None or row == 0 or column not in dialect.names or part.source.made:
        return ""
    if part.source.content is not None or len(dialect.separator) != 1:
        return ""
    sign, cell = shlex.quote(dialect.separator), f"${dialect.names.index(column) + 1}"
    program = f'{{ if ({cell} != "") t = {cell}; else if ($0 != "") {cell} = t }} 1'
    command = on_file(f"awk -F{sign} -v OFS={sign} {shlex.quote(program)}", part.source.name)
    return f"{said}{command} > filled.csv"
