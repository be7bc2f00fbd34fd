"""Columns that hold parts of times, and so tell no series apart: times of day, names of months and
weekdays, and numbers that count the rows of each day, as 1 to 24 or 1 to 48."""

import re
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.series.calendar import DAY
from lstmcli.tables.read.column_names import YEARS
from lstmcli.tables.read.second_times import possible_times
from lstmcli.tables.read.shapes import is_clock
from lstmcli.tables.read.time_words import month_number, weekday_number

_LOOKED_AT = 5000  # rows
_YEAR = 300 * DAY  # nearly
_LEAST_ALIKE = 0.8  # of the days, that have nearly all numbers in order
_CHANGE = {24: 1, 48: 2, 96: 4}  # rows of a day, and how many more or fewer where clocks change
_COUNTED = re.compile(r"(?:he|hour|hr|h|p|sp)?[ _-]?(\d+)", re.IGNORECASE)

_PERIOD = re.compile(r"(?:p|per|period|m|w|wk|week|kw|q)[ ._-]?0*(\d{1,2})", re.IGNORECASE)
_CODES = re.compile(
    r"(?:q|qtr|quarter|h|half|m)[ .]?\d{1,2}|first|second|third|fourth|"
    r"spring|summer|autumn|fall|winter|annual",
    re.IGNORECASE,
)


def holds_parts(cells: "pd.Series[str]", times: "pd.Series[Any] | None") -> bool:
    """Whether texts are times of day, or names of months or days of the week beside times of years or weeks.

    Beside days such names are those of persons or shops. times: None where there are none.
    """
    if types.is_numeric_dtype(cells):
        return False
    different = cells.iloc[:_LOOKED_AT].dropna().astype(str).unique()[:40].tolist()
    if len(different) < 3:
        return False
    if all(map(is_clock, different)):
        return True
    for known, longer in ((month_number, _YEAR), (weekday_number, 7 * DAY)):
        if all(map(known, different)):
            return distance_of_times(times) >= longer
    return False


def distance_of_times(times: "pd.Series[Any] | None") -> float:
    """How far different times are apart, in microseconds; infinite for what is no time."""
    if times is None:
        return np.inf
    different = pd.Series(times.iloc[:_LOOKED_AT].dropna().unique())
    if types.is_integer_dtype(different) and len(different) > 1 and _are_years(different):
        return float(np.median(np.diff(np.sort(different)))) * 365 * DAY
    read = next(possible_times(different), None) if len(different) > 1 else None
    if read is None or np.isnat(read).any():
        return np.inf
    return float(np.median(np.diff(np.sort(read)).astype(np.int64)))


def holds_codes_of_parts(times: "pd.Series[str]", cells: "pd.Series[str]") -> bool:
    """Whether texts beside years are codes or words for quarters, halves, months or seasons."""
    if types.is_numeric_dtype(cells) or not types.is_integer_dtype(times):
        return False
    some, years = cells.iloc[:_LOOKED_AT].dropna(), times.iloc[:_LOOKED_AT].dropna()
    if not len(years):
        return False
    different = some.astype(str).str.strip().unique()[:40].tolist()
    return _are_years(years) and len(different) > 1 and all(map(_CODES.fullmatch, different))


def numbers_rows_of_days(times: "pd.Series[str]", cells: "pd.Series[str]") -> bool:
    """Whether cells count the hours, half hours or quarter hours of each day, in order."""
    some = cells.iloc[:_LOOKED_AT]
    if some.isna().any():
        return False
    numbers = _numbers(some)
    if numbers is None:
        return False
    days = pd.factorize(times.iloc[:_LOOKED_AT])[0]
    starts = np.flatnonzero(np.append(True, days[1:] != days[:-1]))
    counts = np.diff(np.append(starts, len(days)))
    usual = int(np.median(counts[:-1])) if len(counts) > 1 else 0
    if usual not in _CHANGE or len(starts) > len(set(days.tolist())):
        return False
    within = np.arange(len(days)) - np.repeat(starts, counts)
    first = numbers[0]
    unit = numbers[1] - first
    near = np.abs(counts - usual) <= _CHANGE[usual]
    in_order = np.repeat(near, counts) & (numbers == first + unit * within)
    return bool(unit > 0 and first in (0, 1, unit) and in_order.mean() >= _LEAST_ALIKE)


def numbers_rows_of_years(frame: pd.DataFrame, column: str) -> bool:
    """Whether texts as P01, P02 count the rows of each year: they rise by one while a column of years stays,
    and begin anew where it rises."""
    cells = frame[column].iloc[:_LOOKED_AT]
    if types.is_numeric_dtype(cells) or cells.isna().any():
        return False
    codes, texts = pd.factorize(cells.astype(str).str.strip())
    found = [_PERIOD.fullmatch(text) for text in texts[:60]]
    if len(texts) > 53 or not all(found):
        return False
    apart = np.diff(np.array([int(match[1]) for match in found if match], np.int64)[codes])
    years = (frame[c].iloc[:_LOOKED_AT] for c in frame.columns if types.is_integer_dtype(frame[c]))
    return any(
        bool((np.where(np.diff(of.to_numpy(np.int64)) == 0, apart == 1, apart < 0)).all())
        for of in years
        if _are_years(of) and of.is_monotonic_increasing and of.iloc[0] < of.iloc[-1]
    )


def _are_years(numbers: "pd.Series[Any]") -> bool:
    return bool(numbers.between(*YEARS).all())


def _numbers(cells: "pd.Series[str]") -> NDArray[Any] | None:
    if types.is_bool_dtype(cells) or types.is_datetime64_any_dtype(cells):
        return None
    if types.is_numeric_dtype(cells):
        whole = cells.astype(np.int64)
        return whole.to_numpy() if (whole == cells).all() else None
    codes, texts = pd.factorize(cells.astype(str).str.strip())
    found = [_COUNTED.fullmatch(text) for text in texts]
    if len(found) > 100 or not all(found):
        return None
    return np.array([int(match[1]) for match in found if match], np.int64)[codes]
