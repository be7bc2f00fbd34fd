"""Columns of numbers that say the time of their rows again: seconds since 1970 beside dates, 202301 beside
January 2023, 1958.2027 beside March 1958. They are no values."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Times
from lstmcli.tables.read.all_rows import ColumnFacts
from lstmcli.tables.read.numeric_patterns import (
    are_excel_days,
    count_decimals,
    epoch_of,
    times_of_epoch,
    times_of_excel,
)
from lstmcli.tables.read.patterns import read_stamps
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.tokens import shown_cell

_LOOKED_AT = 100  # rows of the start, and of the end
_FEWEST = 3  # different times
_CLOCKS = 26 * HOUR  # how far clocks of two zones, and the end of a day, are apart
_NEARLY_ALL = 0.97  # of the rows
_YEARS = 0.2  # that decimal years run through, so that none is a value by chance
_LEAP = 4 * DAY  # by how much decimal years may differ, as months and years have different lengths
_MONTH = 31 * DAY

Floats = NDArray[np.float64]
# The time of a number, and how long it lasts: 45000 is a day, 45000.5 a minute, 1700000000 a second
_Form = tuple[Callable[[Floats], Times], int]


def second_times(frame: pd.DataFrame, time: str, facts: dict[str, ColumnFacts]) -> tuple[str, ...]:
    """The columns of numbers that are times of their rows. facts: of all rows; time: "" for none."""
    suspects = {c: list(forms) for c, of in facts.items() if (forms := [*_forms(of)])} if time else {}
    if not suspects:
        return ()
    some = pd.concat([frame.iloc[:_LOOKED_AT], frame.iloc[_LOOKED_AT:][-_LOOKED_AT:]])
    some = some[some[time].notna()]
    readings = [*possible_times(some[time])]
    return tuple(
        c
        for c, forms in suspects.items()
        if any(_follow(some[c], form, times) for form in forms for times in readings)
    )


def _forms(facts: ColumnFacts) -> Iterator[_Form]:
    """What all numbers of a column may be."""
    low, high = facts.lowest, facts.highest
    if not low < high:
        return
    if epoch := epoch_of(low, high):
        yield lambda numbers: times_of_epoch(numbers, epoch[0]), SECOND
    if are_excel_days(low, high):
        yield times_of_excel, DAY if facts.whole else MINUTE
    if facts.whole and low >= 1800_01_01 and high <= 2199_12_31:
        yield lambda numbers: _written(numbers, 10_000, 100), DAY
    if facts.whole and low >= 1800_01 and high <= 2199_12:
        yield lambda numbers: _written(numbers, 100, 1), _MONTH
    if not facts.whole and low >= 1800 and high <= 2200 and high - low > _YEARS:
        yield _of_decimal_years, _LEAP


def _written(numbers: Floats, year: int, month: int) -> Times:
    """20230131 or 202301; NaT for what is no date."""
    whole = numbers.astype(np.int64)
    texts = [
        f"{n // year:04}-{n % year // month:02}-{n % month if month > 1 else 1:02}" for n in whole.tolist()
    ]
    return pd.to_datetime(pd.Series(texts), format="%Y-%m-%d", errors="coerce").to_numpy("datetime64[us]")


def _of_decimal_years(numbers: Floats) -> Times:
    years = np.floor(numbers)
    first = (years.astype(np.int64) - 1970).astype("datetime64[Y]").astype("datetime64[us]")
    return first + ((numbers - years) * 365.25 * DAY).astype(np.int64).astype("timedelta64[us]")


def possible_times(cells: "pd.Series[Any]") -> Iterator[Times]:
    """The times of some rows, as they may be read."""
    if types.is_datetime64_any_dtype(cells):
        yield cells.to_numpy("datetime64[us]")
    elif types.is_numeric_dtype(cells):
        numbers = cells.to_numpy(np.float64)
        whole = bool((np.floor(numbers) == numbers).all())
        for read, _ in _forms(ColumnFacts(len(numbers), numbers.min(), numbers.max(), whole)):
            yield read(numbers)
    elif len(cells):
        for pattern in date_patterns(shown_cell(cells)):
            yield read_stamps(cells, pattern).times


def _follow(cells: "pd.Series[Any]", form: _Form, times: Times) -> bool:
    """Whether numbers are the times of nearly all rows, on a clock that may be another one: they then change
    from row to row as these do."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    known = ~np.isnan(numbers) & ~np.isnat(times)
    if len(np.unique(times[known])) < _FEWEST or 2 * known.sum() < len(known):
        return False
    read, there = form[0](numbers[known]), times[known]
    if np.isnat(read).any():
        return False
    if form[1] == _MONTH:
        nearby = (there + np.timedelta64(days, "D") for days in (0, -1, 1))
        months = read.astype("datetime64[M]")
        same = (months == other.astype("datetime64[M]") for other in nearby)
        return any(float(rows.mean()) >= _NEARLY_ALL for rows in same)
    lasting = _lasting(numbers[known], form, float(np.median(np.diff(np.unique(there)).astype(np.int64))))
    return _share_on_clock((read - there).astype(np.int64), lasting) >= _NEARLY_ALL


def _lasting(numbers: Floats, form: _Form, step: float) -> int:
    """How long a number lasts as it is written: with one decimal, a tenth of a day or year; seconds since
    1970 may be those at which a row was written. step: microseconds from row to row."""
    if form[1] == SECOND:
        return int(min(MINUTE, max(SECOND, step / 10)))
    unit = {MINUTE: DAY, _LEAP: 365 * DAY}.get(form[1])
    if unit is None:
        return form[1]
    return min(max(form[1], unit // 10 ** count_decimals(numbers)), _MONTH)


def _share_on_clock(apart: NDArray[np.int64], lasting: int) -> float:
    """The share of rows whose numbers are times of one clock, which may change to and from summer time.

    apart: (rows,) the start of what a number stands for, less the time of its row; lasting: how long that is.
    """
    starts = np.sort(apart)
    begun = np.arange(1, len(starts) + 1)
    ended = np.searchsorted(starts, starts - lasting, side="right")
    clock = starts[int(np.argmax(begun - ended))]
    if abs(int(clock)) > (_MONTH if lasting >= _LEAP else _CLOCKS):
        return 0.0
    shifted = (clock, clock - HOUR, clock + HOUR)
    fits = np.logical_or.reduce([(apart <= c) & (apart > c - lasting) for c in shifted])
    return float(fits.mean())
