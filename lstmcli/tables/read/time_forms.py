"""How the cells of a time column become times. One cell does not tell whether the day comes first, whether
whole numbers spell dates, or whether stamps are days: that follows from all of them, in one piece or many."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Times, format_time
from lstmcli.series.steps import is_days
from lstmcli.tables.read.patterns import OFFSET, date_patterns, drop_zone, parse_dates, parse_iso
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.zones import check_zone, in_zone

_YEARS = (1000, 2500)
_COMPACT = (  # whole numbers that spell a date, and from where to where
    ("%Y%m", 1900_01, 2100_12),
    ("%Y%m%d", 1900_01_01, 2100_12_31),
    ("%Y%m%d%H", 1900_01_01_00, 2100_12_31_23),
    ("%Y%m%d%H%M", 1900_01_01_00_00, 2100_12_31_23_59),
    ("%Y%m%d%H%M%S", 1900_01_01_00_00_00, 2100_12_31_23_59_59),
)
_EPOCH = (np.datetime64("1990-01-01", "s").astype(int), np.datetime64("2101-01-01", "s").astype(int))
_EPOCH_UNITS = (("s", "seconds", 1), ("ms", "milliseconds", 1000), ("us", "microseconds", 1_000_000))


@dataclass(frozen=True)
class TimeForm:
    """How cells become times, and how these are written.

    parse    the pattern that cells are read by (see `patterns`); None for plain steps
    iso      whether texts differ in precision: `parse` reads only some, ISO 8601 the others
    to_local whether times with an offset are taken as the local times of `zone_of_offsets` ("" for those
             that are written)
    pattern  how they are written (see `patterns`)
    zone     the time zone that local times are to be located in; "" where there is nothing to do
    local    whether they are times of day without a zone, in which a change of the clock shows
    notes    what was taken for what
    """

    parse: str | None
    iso: bool = False
    to_local: bool = False
    zone_of_offsets: str = ""
    pattern: str | None = None
    zone: str = ""
    local: bool = False
    notes: tuple[str, ...] = ()

    @property
    def dated(self) -> bool:
        return self.pattern is not None

    def times(self, cells: "pd.Series[Any]") -> Times:
        """(rows,) times of texts or whole numbers, NaT where a text cannot be read."""
        if pd.api.types.is_numeric_dtype(cells):
            return times_from_numbers(cells.to_numpy(np.int64), self.parse)
        pattern = self.parse or ""
        times = drop_zone(parse_iso(cells, pattern)[0] if self.iso else parse_dates(cells, pattern))
        if not self.to_local:
            return times
        zone = self.zone_of_offsets
        return (in_zone(times, zone) if zone else times + utc_offsets(cells)).astype("datetime64[us]")

    def reads_like(self, other: "TimeForm") -> bool:
        """Whether both make the same times of cells."""
        ours, theirs = ((f.parse, f.iso, f.to_local, f.zone_of_offsets) for f in (self, other))
        return ours == theirs


@dataclass
class _Candidate:
    """A pattern, and what it made of the cells so far.

    bad           the first row that it does not read, and its cell
    times_of_day  microseconds of the day, in local time; two different ones at most
    offsets       from UTC, two at most
    last          what it made of the last cells
    """

    pattern: str
    bad: tuple[int, Any] | None = None
    times_of_day: set[int] = field(default_factory=set)
    offsets: set[int] = field(default_factory=set)
    last: "pd.Series[Any] | None" = None

    def add(self, cells: "pd.Series[Any]", parsed: "pd.Series[pd.Timestamp]", zone: str) -> None:
        empty = parsed.isna().to_numpy()
        if empty.any() and self.bad is None:
            at = int(cells.index[empty][0])
            self.bad = (at, cells[at])
        if len(self.times_of_day) < 2 or ("%z" in self.pattern and len(self.offsets) < 2):
            times = drop_zone(parsed)[~empty]
            if "%z" in self.pattern:
                offsets = utc_offsets(cells[~empty])
                times = in_zone(times, zone) if zone else times + offsets
                self.offsets = _two(self.offsets, offsets.astype(np.int64))
            self.times_of_day = _two(self.times_of_day, times.astype("datetime64[us]").astype(np.int64) % DAY)
        self.last = parsed


def _two(known: set[int], more: NDArray[np.int64]) -> set[int]:
    if not len(more):
        return known
    other = more[more != more[0]][:1]
    return {*sorted({*known, int(more[0]), *other.tolist()})[:2]}


class TimeSurvey:
    """What the cells of a time column say of their form, added in any number of pieces."""

    def __init__(self, table: Table, column: str) -> None:
        """table: whose errors, options and step are used; its rows are not looked at."""
        self.table, self._column = table, column
        self._zone = check_zone(table.options.timezone)
        self._first: tuple[int, Any] | None = None
        self._last: pd.Series[Any] | None = None
        self._candidates: list[_Candidate] = []
        self._iso: _Candidate | None = None  # of pieces that the first pattern does not read
        self._all_iso, self._longest = True, ""
        self._range: tuple[int, int] | None = None  # of whole numbers
        self.missing: int | None = None  # the first row without a cell

    def add(self, cells: "pd.Series[Any]") -> None:
        """Different cells by row, none of them empty: texts, or whole numbers in every piece."""
        if not len(cells):
            return
        self._last = cells
        if self._first is None:
            self._first = (int(cells.index[0]), cells.iloc[0])
        if pd.api.types.is_numeric_dtype(cells):
            self._add_numbers(cells)
        else:
            self._add_texts(cells)

    def _add_numbers(self, cells: "pd.Series[Any]") -> None:
        low, high = int(cells.min()), int(cells.max())
        if self._range is None:
            self._candidates = [_Candidate(pattern) for pattern, first, last in _COMPACT]
            self._range = (low, high)
        self._range = (min(low, self._range[0]), max(high, self._range[1]))
        inside = {pattern for pattern, first, last in _COMPACT if first <= low and high <= last}
        self._candidates = [c for c in self._candidates if c.pattern in inside]
        for candidate in self._candidates:
            candidate.add(cells, parse_dates(cells.astype(str), candidate.pattern), "")

    def _add_texts(self, cells: "pd.Series[Any]") -> None:
        assert self._first is not None
        if not self._candidates:
            patterns = date_patterns(str(self._first[1]), self.table.options)
            self._candidates = [_Candidate(pattern) for pattern in patterns]
        for candidate in self._candidates:
            candidate.add(cells, parse_dates(cells, candidate.pattern), self._zone)
        if not self._candidates or not self._candidates[0].pattern.startswith("%Y-%m-%d"):
            return
        (only,) = self._candidates
        assert only.last is not None
        failing = bool(only.last.isna().any())
        if failing or "f" in only.pattern:
            texts = cells.astype(str)
            longest = str(texts.iloc[int(texts.str.len().argmax())])
            self._longest = max(self._longest, longest, key=len)
        else:
            self._longest = max(self._longest, str(cells.iloc[0]), key=len)
        if failing:
            self._iso = self._iso or _Candidate(only.pattern)
            parsed, whole = parse_iso(cells, only.pattern)
            self._all_iso = self._all_iso and whole
            self._iso.add(cells, parsed, self._zone)

    def form(self, strict: bool = True) -> TimeForm:
        """Raises DataError where cells have none; strict: also at a cell that does not follow it."""
        table, column = self.table, self._column
        if self.missing is not None and strict:
            raise table.error("missing-time", "the time stamp is missing", self.missing, column)
        assert self._first is not None
        return self._of_numbers() if self._range else self._of_texts(strict)

    def last_times(self, form: TimeForm) -> Times:
        """The times of the cells that were added last."""
        assert self._last is not None
        parsed = next((c.last for c in self._candidates if c.pattern == form.parse), None)
        if parsed is None or form.iso or form.to_local:
            return form.times(self._last)
        return drop_zone(parsed)

    def _of_numbers(self) -> TimeForm:
        assert self._first is not None
        assert self._range is not None
        low, high = self._range
        if self.table.step is not None and self.table.step.plain:
            return TimeForm(None)
        spelled = next((c for c in self._candidates if c.bad is None), None)
        for unit, name, count in _EPOCH_UNITS:
            if _EPOCH[0] * count <= low and high < _EPOCH[1] * count and spelled is None:
                note = f"time stamps taken as {name} since 1970, UTC"
                return TimeForm(f"epoch-{unit}", pattern=f"epoch-{unit}", notes=(note,))
        if _YEARS[0] <= low and high <= _YEARS[1]:
            return TimeForm("%Y", pattern="%Y")
        if spelled is None:
            return TimeForm(None)
        number = int(self._first[1])
        time = times_from_numbers(np.array([number]), spelled.pattern)[0]
        note = f"time stamps taken as dates: {number} is {format_time(time)}"
        one_time = self._one_time(spelled.times_of_day)
        return replace(form_in_zone(self.table, spelled.pattern, one_time), notes=(note,))

    def _of_texts(self, strict: bool) -> TimeForm:
        assert self._first is not None
        (at, cell), candidates = self._first, self._candidates
        if not candidates:
            if strict:
                raise self.table.error("not-a-time", f"{str(cell)!r} is not a time stamp", at, self._column)
            return TimeForm("%Y-%m-%d")
        fitting = [c for c in candidates if len(candidates) == 1 or c.bad is None]
        if len(fitting) > 1 and strict:
            said = f"{str(cell)!r} and all other dates can be read month first or day first; "
            said += "write them as 2024-12-31 or say --set day_first=true (or false)"
            raise self.table.error("ambiguous-date", said, at, self._column)
        chosen = (fitting or candidates)[0]
        iso = self._iso if chosen.bad is not None else None
        bad = (iso or chosen).bad
        if bad is not None and strict:
            like = f", unlike {cell!r} in the first row" if bad[0] != at else ""
            raise self.table.error(
                "not-a-time", f"{bad[1]!r} is not a time stamp{like}", bad[0], self._column
            )
        pattern, times, offsets = chosen.pattern, chosen.times_of_day, chosen.offsets
        if iso is not None:
            times, offsets = times | iso.times_of_day, offsets | iso.offsets
            if self._all_iso and iso.bad is None:
                pattern = next(iter(date_patterns(self._longest)), pattern)
        if "%z" in pattern:
            form = self._absolute(pattern, times, offsets)
        else:
            form = form_in_zone(self.table, pattern, self._one_time(times))
        return replace(form, parse=chosen.pattern, iso=iso is not None)

    def _absolute(self, pattern: str, times_of_day: set[int], offsets: set[int]) -> TimeForm:
        """Stamps with offsets: UTC, or local days where all have one time of day."""
        zone, one = self._zone, self._one_time(times_of_day)
        if (one and (zone or offsets != {0})) or (zone and resamples_to_days(self.table)):
            written = re.search(OFFSET, str(self._first[1])) if self._first else None
            kept = written[0] if written and not zone and len(offsets) == 1 else ""
            return TimeForm(pattern, to_local=True, zone_of_offsets=zone, pattern=pattern.replace("%z", kept))
        return TimeForm(pattern, pattern=f"{pattern} @{zone}" if zone else pattern.replace("%z", "Z"))

    def _one_time(self, times_of_day: set[int]) -> bool:
        if self.table.step is not None and not self.table.options.resample:
            return is_days(self.table.step)
        return len(times_of_day) == 1


def form_in_zone(table: Table, pattern: str, one_time_of_day: bool) -> TimeForm:
    """The form of times without offsets, which may be of a time zone; days are the same in all of them."""
    zone = check_zone(table.options.timezone)
    if not zone or resamples_to_days(table) or one_time_of_day:
        return TimeForm(pattern, pattern=pattern, local=not zone and not one_time_of_day)
    return TimeForm(pattern, pattern=f"{pattern}%z @{zone}", zone=zone)


def resamples_to_days(table: Table) -> bool:
    bins = table.options.resampling
    return bins is not None and is_days(bins.step)


def times_from_numbers(numbers: NDArray[Any], pattern: str | None) -> Times:
    """The times of whole numbers whose form is known."""
    if pattern is None:
        return numbers
    if pattern.startswith("epoch"):
        return numbers.astype(f"datetime64[{pattern.removeprefix('epoch-')}]").astype("datetime64[us]")
    if pattern == "%Y":
        return (numbers - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    return drop_zone(parse_dates(pd.Series(numbers).astype(str), pattern))


def utc_offsets(raw: "pd.Series[str]") -> NDArray[np.timedelta64]:
    """The offset from UTC at the end of each text."""
    codes, tails = pd.factorize(raw.astype(str).str[-6:])
    minutes = []
    for tail in tails:
        found = re.search(r"([+-])(\d\d):?(\d\d)?$", tail)
        size = int(found[2]) * 60 + int(found[3] or 0) if found else 0
        minutes.append(-size if found and found[1] == "-" else size)
    return np.array(minutes, "timedelta64[m]").astype("timedelta64[us]")[codes]
