"""What the numbers of a time column stand for: dates, epochs, years, days of Excel, or steps."""

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, format_time
from lstmcli.tables.read.decimal_years import decimal_years_of, times_of_decimal_years
from lstmcli.tables.read.eras import BUDDHIST_YEARS, PERSIAN_OR_ISLAMIC_YEARS
from lstmcli.tables.read.fields import read_fields
from lstmcli.tables.read.numeric_patterns import (
    EXCEL,
    EXCEL_DAYS,
    are_excel_days,
    count_decimals,
    epoch_of,
    is_rounded,
    times_of_epoch,
    times_of_excel,
)
from lstmcli.tables.read.time_words import names_unit

_YEARS = (1000, BUDDHIST_YEARS.stop)
_OTHER_ERAS = (PERSIAN_OR_ISLAMIC_YEARS, BUDDHIST_YEARS)  # also of dates as 20240131
_OF_ANY_ERA = ("%Y%m", "%Y%m%d", "%Y%m%d%H", "%Y%m%d%H%M", "%Y%m%d%H%M%S")
_SPELLED_LONG = (  # whole numbers that spell a date, and from where to where
    ("%Y%m", 1900_01, 2100_12),
    ("%G%V", 1900_01, 2100_53),
    ("%Y%q", 1900_1, 2100_4),
    ("%Y%j", 1900_001, 2100_366),
    ("%Y%m%d", 1900_01_01, 2100_12_31),
    ("%Y%m%d%H", 1900_01_01_00, 2100_12_31_23),
    ("%Y%m%d%H%M", 1900_01_01_00_00, 2100_12_31_23_59),
    ("%Y%m%d%H%M%S", 1900_01_01_00_00_00, 2100_12_31_23_59_59),
)
_SHORT_DAYS = "%y%m%d"  # 230131, in a column called like a date
_SPELLED = (*_SPELLED_LONG, (_SHORT_DAYS, 10_01_01, 99_12_31))
_DATES = re.compile(r".*(?:date|datum|fecha|data|yymmdd|day|tag|날짜|일자)", re.IGNORECASE)
_COUNTERS = {
    "step",
    "t",
    "index",
    "idx",
    "i",
    "n",
    "no",
    "nr",
    "row",
    "id",
}  # no days of Excel
_MOST_MONTHS = 20_000  # of which it is looked whether they are decimal years
_LAST_WEEK, _LAST_QUARTER = 52, 4
_USUAL_SINCE = np.datetime64("2000-01-01", "us")  # earlier ones may count from another year than 1970
_FIRST_OF_1990 = 32_874  # as Excel counts days
_FURTHEST_STEP = 2**53  # which every reader and every writer of numbers takes exactly
_COUNT_ROWS = "count rows: --set time=none --step 1h"
_CALLED_DATES = ("date", "dates", "datum", "fecha", "timestamp", "datetime")


@dataclass(frozen=True)
class NumericTimes:
    """What numbers are: a pattern, None for plain steps; how they are written, where that differs.

    times_of_day: as in `Reading`, of numbers that spell dates; refused: why they cannot be told, "" otherwise
    """

    pattern: str | None
    notes: tuple[str, ...] = ()
    written: str = ""
    times_of_day: frozenset[int] = frozenset()
    refused: str = ""


@dataclass
class NumericTimeSurvey:
    """Numbers of a time column, added in any number of pieces."""

    first: tuple[int, Any] = (0, 0)
    low: float = np.inf
    high: float = -np.inf
    count: int = 0
    whole: bool = True  # whether all are, be it with a zero behind the point
    rounded: bool = True
    decimals: int = 0
    spelled: dict[str, set[int]] | None = None  # patterns that fit, with times of the day
    last_parts: int = 0  # the highest number that stands behind the year
    short_months: bool = True  # whether all may be months as 2401
    different: set[float] = field(default_factory=set)  # numbers, where all may be years

    def add(self, cells: "pd.Series[Any]") -> None:
        numbers = cells.to_numpy()
        if not self.count:
            self.first = int(cells.index[0]), numbers[0].item()
        self.count += len(numbers)
        self.low, self.high = min(self.low, numbers.min().item()), max(self.high, numbers.max().item())
        if not np.issubdtype(numbers.dtype, np.integer):
            self.decimals = max(self.decimals, count_decimals(numbers))
            self.rounded = self.rounded and is_rounded(numbers)
            self.whole = self.whole and bool((numbers == np.round(numbers)).all())
            endless = np.flatnonzero(np.isinf(numbers))
            if endless.size:  # beyond all numbers, as 1e400: the cell that is refused
                self.first, self.whole = (int(cells.index[endless[0]]), numbers[endless[0]].item()), False
        if self.low >= _YEARS[0] and self.high < _YEARS[1] and len(self.different) < _MOST_MONTHS:
            self.different |= {*np.unique(numbers).tolist()}
        self.short_months = self.short_months and self.low >= 0 and self.high < 10_000
        self.short_months = self.short_months and bool(((numbers % 100 >= 1) & (numbers % 100 <= 12)).all())
        if self.whole and self.low >= 0 and self.high < 10**15:
            self._try_spelled(numbers.astype(np.int64))
        else:
            self.spelled = {}

    def _try_spelled(self, numbers: NDArray[np.int64]) -> None:
        if self.spelled is None:
            self.spelled = {pattern: set() for pattern, _, _ in _SPELLED}
        inside = {p for p, first, last in _SPELLED if self._is_inside(p, first, last)}
        texts: list[str] | None = None
        for pattern in [*self.spelled]:
            if pattern not in inside:
                del self.spelled[pattern]
                continue
            texts = texts or numbers.astype(str).tolist()
            times = read_fields(texts, pattern).times
            if np.isnat(times).any():
                del self.spelled[pattern]
                continue
            moments = np.unique(times.astype(np.int64) % DAY)[:2]
            self.spelled[pattern] = {*sorted({*self.spelled[pattern], *moments.tolist()})[:2]}
            if pattern == "%G%V":
                self.last_parts = max(self.last_parts, int((numbers % 100).max()))

    def _is_inside(self, pattern: str, first: int, last: int) -> bool:
        """Whether numbers are dates of a pattern, of this era from first to last, or of another one."""
        year = 10 ** (len(str(first)) - 4)
        eras = [(era.start * year, era.stop * year) for era in _OTHER_ERAS if pattern in _OF_ANY_ERA]
        return any(begin <= self.low and self.high <= end for begin, end in [(first, last), *eras])

    def choose(self, column: str, known: str | None) -> NumericTimes:
        """What the numbers are; column: its name, which tells weeks from months; known: what they were in
        training."""
        written = f".{self.decimals}" if self.decimals else ""
        spelled = self._spelled_as(column, known) if self.whole else None
        epoch = epoch_of(self.low, self.high, known) if spelled is None else None
        if epoch is not None:
            return self._as_epoch(*epoch, written)
        decimal = decimal_years_of(np.array([*self.different]), known)
        if decimal is not None:
            return self._as_decimal_years(decimal, written)
        if not known and (doubt := self._doubt(names_unit(column), spelled)):
            return NumericTimes(None, refused=doubt)
        if self.whole and _YEARS[0] <= self.low and self.high <= _YEARS[1]:
            return NumericTimes("%Y")
        if spelled is not None:
            return self._as_spelled(spelled)
        excel = self._are_excel_days(column, known)
        return self._as_excel("" if self.whole else written) if excel else self._as_steps(column)

    def _as_steps(self, column: str) -> NumericTimes:
        if not self.whole:
            return NumericTimes(None, refused=f"{self.first[1]} is not a time stamp; {_FORMS_OF_NUMBERS}")
        if max(-self.low, self.high) > _FURTHEST_STEP:
            far = self.high if self.high > _FURTHEST_STEP else self.low
            said = f"steps are counted up to {_FURTHEST_STEP:,}, and one of them is {far:.0f}"
            return NumericTimes(None, refused=f"{said}; take a large number from all, or {_COUNT_ROWS}")
        called = column.strip().lower() in _CALLED_DATES
        said = f"{column}: {self.first[1]} is no date that is known: steps are counted"
        return NumericTimes(None, (said,) if called else ())

    def _doubt(self, unit: str, spelled: str | None) -> str:
        """Why months as 2401, and quarters as 202401 to 202404, are not told; "" for others."""
        first = f"{self.first[1]:.0f}"  # which may be infinite
        if unit == "month" and self.short_months and self.low >= _YEARS[0] and self.count > 1:
            write = rf"sed -E 's#\b([0-9]{{2}})([0-9]{{2}})\b#20\1-\2#' makes it 20{first[:2]}-{first[2:]}"
            return f"{first} is not a time stamp: a month has a year of four digits; {write}"
        years = self.high // 100 - self.low // 100
        if spelled != "%Y%m" or unit == "month" or not 1 < self.last_parts <= _LAST_QUARTER or years < 1:
            return ""
        write = rf"sed -E 's#\b([12][0-9]{{3}})0([1-4])\b#\1-Q\2#' makes it {first[:4]}-Q{first[-1]}"
        return f"{first} and all others may be a month or a quarter; {write}, or call the column Month"

    def _as_epoch(self, pattern: str, unit: str, decimals: str) -> NumericTimes:
        if decimals and self.rounded:
            return NumericTimes(None, refused=self._precision_lost(unit))
        said, time = f"time stamps taken as {unit}, UTC", times_of_epoch(np.array([self.low]), pattern)[0]
        if time < _USUAL_SINCE:
            said += f": {self.low} is {format_time(time)}"
        return NumericTimes(pattern, (said,), pattern + decimals)

    def _spelled_as(self, column: str, known: str | None) -> str | None:
        fitting = [*(self.spelled or {})]
        if known in fitting:
            return known
        if _SHORT_DAYS in fitting and not _DATES.fullmatch(column.strip()):
            fitting.remove(_SHORT_DAYS)
        unit = names_unit(column)
        weeks = unit == "week" or self.last_parts >= _LAST_WEEK
        if "%G%V" in fitting and "%Y%m" not in fitting and not weeks:
            fitting.remove("%G%V")
        if unit == "week" and "%G%V" in fitting:
            return "%G%V"
        if "%Y%q" in fitting and unit != "quarter" and self.count < 5:
            fitting.remove("%Y%q")
        return fitting[0] if fitting else None

    def _as_spelled(self, pattern: str) -> NumericTimes:
        number = int(self.first[1])
        time = read_fields([str(number)], pattern).times[0]
        kind = {"%G%V": "weeks", "%Y%q": "quarters"}.get(pattern, "dates")
        what = f"{number} {'is' if kind == 'dates' else 'begins on'} {format_time(time)}"
        moments = frozenset((self.spelled or {})[pattern])
        return NumericTimes(pattern, (f"time stamps taken as {kind}: {what}",), times_of_day=moments)

    def _as_decimal_years(self, pattern: str, decimals: str) -> NumericTimes:
        time = times_of_decimal_years(np.array([self.first[1]]))[0].astype("datetime64[M]")
        said = f"time stamps taken as decimal years: {self.first[1]} is {time}"
        return NumericTimes(pattern, (said,), pattern + (decimals or ".1"))

    def _are_excel_days(self, column: str, known: str | None) -> bool:
        return are_excel_days(self.low, self.high) and (
            bool(known and known.startswith(EXCEL)) or column.lower() not in _COUNTERS
        )

    def _as_excel(self, decimals: str) -> NumericTimes:
        first = np.array([self.first[1]])
        time = format_time(times_of_excel(first if decimals else first.astype(np.int64))[0])
        note = f"time stamps taken as the days that Excel counts: {self.first[1]} is {time}"
        if self.high < _FIRST_OF_1990:
            other = np.datetime64(int(self.first[1]), "D")
            note += f" (counted from 1970 it would be {other})"
        return NumericTimes(EXCEL, (note,), EXCEL + decimals)

    def _precision_lost(self, unit: str) -> str:
        return (
            f"{self.first[1]:.6g} is rounded: {unit} that were written as 1.70407E+12 no longer "
            "tell times apart; export the column again as whole numbers or as dates (in Excel: format the "
            "cells as numbers without decimals before saving), or count rows: --set time=none --step 1h"
        )


_FORMS_OF_NUMBERS = (
    "numbers are read as years, as 20241231, as seconds (or ms, us, ns) since 1970, or as the days that "
    f"Excel counts, from {EXCEL_DAYS[0]} to {EXCEL_DAYS[1]}; or {_COUNT_ROWS}"
)
