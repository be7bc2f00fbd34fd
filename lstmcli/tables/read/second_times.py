"""Columns of numbers that say the time of their rows again: seconds since 1970 beside dates, 202301 beside
January 2023, 1958.2027 beside March 1958. They are no values."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.series.calendar import DAY, HOUR, Times
from lstmcli.tables.read.all_rows import ColumnFacts
from lstmcli.tables.read.numeric_patterns import EXCEL_DAYS, epoch_of, times_of_epoch, times_of_excel
from lstmcli.tables.read.patterns import read_stamps
from lstmcli.tables.read.shapes import date_patterns, shown_cell

_LOOKED_AT = 100  # rows of the start, and of the end
_FEWEST = 3  # different times
_CLOCKS = 26 * HOUR  # how far clocks of two zones, and the end of a day, are apart
_MONTH = 31 * DAY
_YEARS = 0.2  # that decimal years run through, so that none is a value by chance

Floats = NDArray[np.float64]
_Form = tuple[
    Callable[[Floats], Times], int
]  # the time of a number, and how far it may be from that of its row


def second_times(frame: pd.DataFrame, time: str, facts: dict[str, ColumnFacts]) -> tuple[str, ...]:
    """The columns of numbers that are times of their rows. facts: of all rows; time: "" for none."""
    suspects = {c: list(forms) for c, of in facts.items() if (forms := [*_forms(of)])} if time else {}
    if not suspects:
        return ()
    some = pd.concat([frame.iloc[:_LOOKED_AT], frame.iloc[_LOOKED_AT:][-_LOOKED_AT:]])
    some = some[some[time].notna()]
    readings = [*_times_of(some[time])]
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
        yield lambda numbers: times_of_epoch(numbers, epoch[0]), _CLOCKS
    if EXCEL_DAYS[0] <= low and high <= EXCEL_DAYS[1]:
        yield times_of_excel, _CLOCKS
    if facts.whole and low >= 1800_01_01 and high <= 2199_12_31:
        yield lambda numbers: _written(numbers, 10_000, 100), DAY
    if facts.whole and low >= 1800_01 and high <= 2199_12:
        yield lambda numbers: _written(numbers, 100, 1), _MONTH
    if not facts.whole and low >= 1800 and high <= 2200 and high - low > _YEARS:
        yield _of_decimal_years, _MONTH


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


def _times_of(cells: "pd.Series[Any]") -> Iterator[Times]:
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
    """Whether numbers are near to the times of their rows."""
    numbers = pd.to_numeric(cells, errors="coerce").to_numpy(np.float64)
    known = ~np.isnan(numbers) & ~np.isnat(times)
    if len(np.unique(times[known])) < _FEWEST or 2 * known.sum() < len(known):
        return False
    read = form[0](numbers[known])
    apart = (read - times[known]).astype(np.int64)
    return not np.isnat(read).any() and bool((np.abs(apart) <= form[1]).all())
