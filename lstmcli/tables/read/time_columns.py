"""Which column of a table holds its times: by its cells, and where several would do by its name."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.errors import DataError
from lstmcli.errors.foreign import quoted
from lstmcli.settings.assignments import set_text_option
from lstmcli.tables.read.cell_kinds import WRITTEN_YEAR
from lstmcli.tables.read.decimal_years import decimal_years_of
from lstmcli.tables.read.elapsed_times import elapsed_error, evenly_risen
from lstmcli.tables.read.likely_steps import likely_step
from lstmcli.tables.read.numeric_patterns import are_excel_days, are_seconds, epoch_of, is_ticks
from lstmcli.tables.read.patterns import parse_iso, read_stamps
from lstmcli.tables.read.shapes import date_patterns
from lstmcli.tables.read.time_kinds import finest, kind_of_time
from lstmcli.tables.read.time_names import NO_TIME_NAME, OTHER_TIME_NAMES, TIME_NAMES, rank_of_name
from lstmcli.tables.read.time_words import (
    month_label,
    month_number,
    names_unit,
    weekday_number,
    words_of_name,
)
from lstmcli.tables.read.tokens import shown_cell
from lstmcli.tables.read.unread_times import describe_unread, lacks_year, mend_of_year
from lstmcli.tables.read.word_parts import is_season

if TYPE_CHECKING:
    from lstmcli.settings.model import Settings

# What is called so need not be a time: such a column is not refused for its cells.
_VAGUE = {"data", "period", "start", "begin", "step", "t", "to", "fin", "fine", "unix", "hour", "day", "year"}
KEEP_ONE_KIND, LEAVE_THEM_OUT = "; keep one kind", "; leave these rows out"
YEARS_BESIDE = "; write the year beside each month"
RowPlace = Callable[[int], tuple[str, int]]  # of a row by its index: file and line
_PROBED_ROWS, _FEWEST = 50, 3
_YEAR_WORDS = frozenset(("year", "jahr", "année", "annee", "anno", "ano", "año", "jaar", "år", "rok"))
_DIGITS = (6, 8, 10, 12, 14)  # digits of months, days and moments
_FIRST_DAY, _LAST_DAY = 18000101, 21991231  # as whole numbers: 20240131


def find_time_column(
    frame: pd.DataFrame,
    settings: "Settings",
    source: str,
    place: RowPlace | None = None,
    dates: Sequence[str] | None = None,
) -> str:
    """Raises DataError where there is none and rows without time stamps were not asked for.

    place: `Table.place`, which tells where a row stands. dates: the `time_candidates`, where they are known.
    """
    columns = [str(c) for c in frame.columns]
    dates = time_candidates(frame) if dates is None else dates
    if dates:
        return dates[0]
    if settings.step != "auto":
        return ""
    if mixed := _years_among_others(frame, source, place) or _months_with_sums(frame, source, place):
        raise mixed
    if elapsed := evenly_risen(frame):
        first = int(frame.index[0])
        raise elapsed_error(frame[elapsed[0]], *(place(first) if place else (source, first + 2)))
    for name in sorted(columns, key=rank_of_name):
        if rank_of_name(name) < NO_TIME_NAME and not _VAGUE & {*words_of_name(name)}:
            raise _unreadable(frame, name, source, place)
    for name in columns:
        cells = frame[name].iloc[:_PROBED_ROWS].dropna()
        texts = [] if _is_number(frame[name]) else cells.astype(str).tolist()
        if len(texts) > 1 and (all(map(is_season, texts)) or all(map(lacks_year, texts))):
            raise _unreadable(frame, name, source, place)
        if not _is_number(frame[name]) and any(
            map(mend_of_year, frame[name].dropna().iloc[-50:].astype(str))
        ):
            raise _unreadable(frame, name, source, place)
    if (counted := next(filter(partial(_may_name_times, frame), columns), "")) != "":
        raise _unreadable(frame, counted, source, place)
    have = ", ".join(columns[:20])
    raise DataError(
        "no-time-column",
        "no column of time stamps found; name it with --set time=COLUMN, or if rows follow one another "
        f"say how far apart they are, as --step {_step_of_names(frame)}. Columns: {have}",
        path=source,
        row=1,
    )


def _may_name_times(frame: pd.DataFrame, name: str) -> bool:
    """Whether texts may be times in a form that is not known: they tell a step, or they are called like times
    or stand in the first column, and all differ and hold numbers."""
    cells = frame[name].iloc[:_PROBED_ROWS].dropna()
    if _is_number(frame[name]) or len(cells) < _FEWEST:
        return False
    texts = cells.astype(str).tolist()
    numbered = all(any(map(str.isdecimal, text)) for text in texts)
    first = name == frame.columns[0] or rank_of_name(name) < NO_TIME_NAME
    return numbered and len({*texts}) == len(texts) and (first or likely_step(texts) != "")


def _step_of_names(frame: pd.DataFrame) -> str:
    """The step of rows of which a column names the days of the week or the months in turn."""
    for _, column in frame.items():
        cells = [] if _is_number(column) else column.dropna().iloc[:_PROBED_ROWS].astype(str).tolist()
        for known, step in ((weekday_number, "1d"), (month_number, "1mo")):
            if cells and all(map(known, cells)):
                return step
    return "1h"


def time_candidates(frame: pd.DataFrame) -> Sequence[str]:
    """The columns that can be the time, the one to take first: dates before numbers, those that vary before
    others, then by name."""
    columns = [str(c) for c in frame.columns]
    dates = [c for c in columns if not _is_number(frame[c]) and looks_like_dates(frame[c])]
    if not dates:
        dates = [c for c in columns if _is_number(frame[c]) and _may_count_time(c, frame[c])]
    if not dates:
        dates = [c for c in columns if _is_number(frame[c]) and spells_dates(c, frame[c])]
    if len(dates) < 2:
        return dates
    return sorted(dates, key=lambda name: (not _varies(frame, name), rank_of_name(name)))


def time_choice_notes(frame: pd.DataFrame, time: str, dates: Sequence[str]) -> tuple[str, ...]:
    """Which of several columns of times was taken. dates: the `time_candidates`."""
    others = [name for name in dates if name != time and _varies(frame, name)]
    if time and _is_number(frame[time]) and rank_of_name(time) >= NO_TIME_NAME:
        return (f"{time} taken as the time: its numbers spell dates (--set time=COLUMN for another)",)
    if not others or _is_number(frame[time]):
        return ()
    few = " and ".join(others[:3]) + (" ..." if len(others) > 3 else "")
    return (f"{time} taken as the time, not {few} ({set_text_option('time', others[0])} for another)",)


def _years_among_others(frame: pd.DataFrame, source: str, place: RowPlace | None) -> DataError | None:
    """What to say of a column of quarters or months that holds whole years too, the sums of these."""
    for name, column in frame.items():
        cells = column.dropna().astype(str).str.strip() if not _is_number(column) else pd.Series(dtype=str)
        years = cells[cells.str.fullmatch(WRITTEN_YEAR)]
        others = cells[~cells.index.isin(years.index)]
        above = len(others) > 0 and bool(others.map(month_label).all())
        dated = above or looks_like_dates(others) or _are_kinds(others)
        if len(years) < 2 or not dated or others.str.fullmatch(r"\d{4}").all():
            continue
        year, other = (
            (text, *(place(int(row)) if place else (source, int(row) + 2)))
            for row, text in ((rows.index[0], rows.iloc[0]) for rows in (years, others))
        )
        said = f"the times are whole years, {quoted(year[0])}, and parts of years, "
        said += f"{quoted(other[0])} in row {other[2]}"
        if above:
            said = f"{quoted(year[0])} stands above its months, as {quoted(other[0])} in row {other[2]}"
        said += YEARS_BESIDE if above else KEEP_ONE_KIND
        return DataError("not-a-time", said, path=year[1], row=year[2], column=str(name))
    return None


def _months_with_sums(frame: pd.DataFrame, source: str, place: RowPlace | None) -> DataError | None:
    """What to say of numbers that are months, as 202401, and beside them 202413 for whole years."""
    for name, column in frame.items():
        months = column % 100 if types.is_integer_dtype(column) else pd.Series(dtype=int)
        if not len(months) or months.max() != 13 or not spells_dates(str(name), column[months < 13]):
            continue
        at = int(months.index[months == 13][0])
        path, row = place(at) if place else (source, at + 2)
        said = f"{column[at]} is no month: 13 seems to stand for whole years{LEAVE_THEM_OUT}"
        return DataError("not-a-time", said, path=path, row=row, column=str(name))
    return None


def _are_kinds(cells: "pd.Series[str]") -> bool:
    """Whether the first cells are times, be it of several kinds."""
    return len(cells) > 1 and all(map(kind_of_time, cells.iloc[:_PROBED_ROWS]))


def _unreadable(frame: pd.DataFrame, name: str, source: str, place: RowPlace | None) -> DataError:
    cells = frame[name].dropna()
    if cells.empty:
        return DataError("missing-time", "the time stamp is missing", path=source, row=2, column=name)
    some = cells.iloc[:_PROBED_ROWS].astype(str).tolist()
    at, said = int(cells.index[0]), describe_unread(some[0], some, name)
    other = None if _is_number(cells) else _first_unlike(cells.astype(str))
    if other is not None:
        at, said = (
            other,
            f"{quoted(str(cells[other]))} is no time stamp like {quoted(str(cells.iloc[0]))} before it",
        )
        said += KEEP_ONE_KIND if finest([str(cells.iloc[0]), str(cells[other])]) else ""
    path, row = place(at) if place else (source, at + 2)
    return DataError("not-a-time", said, path=path, row=row, column=name)


def _first_unlike(cells: "pd.Series[str]") -> int | None:
    """The first row that is not written as the first is, by the pattern that reads most rows up to it."""
    unread = (np.flatnonzero(np.isnat(read_stamps(cells, p).times)) for p in date_patterns(shown_cell(cells)))
    first = max((int(rows[0]) for rows in unread if len(rows)), default=0)
    return int(cells.index[first]) if first else None


def looks_like_dates(column: "pd.Series[str]") -> bool:
    """Whether most of the first cells of a column are dates, of one pattern."""
    some = column.iloc[:1000].dropna()
    filled = column.dropna() if some.empty else some
    probe = filled.iloc[:_PROBED_ROWS].astype(str)
    if probe.empty:
        return False
    patterns = date_patterns(shown_cell(probe))
    if any(np.isnat(read_stamps(probe, p).times).mean() < 0.5 for p in patterns):
        return True
    iso = [p for p in patterns if p.startswith("%Y-%m-%dT%H:%M")]  # of which some have fractions of a second
    return any(np.isnat(parse_iso(probe, p)[0].times).mean() < 0.5 for p in iso)


def _may_count_time(name: str, column: "pd.Series[float]") -> bool:
    """Whether numbers are times: whole ones by the name of their column, others also by their size."""
    rank = rank_of_name(name)
    if rank >= NO_TIME_NAME:
        return False
    usual = rank < len(TIME_NAMES) + len(OTHER_TIME_NAMES)
    if usual and (types.is_integer_dtype(column) or _are_years(column.dropna())):
        return True
    filled = column.dropna()
    if filled.empty:
        return False
    low, high = float(filled.min()), float(filled.max())
    if types.is_integer_dtype(column) and low >= _FIRST_DAY and high <= _LAST_DAY:
        return _are_days(filled.to_numpy(np.int64))
    if epoch_of(low, high) is not None or are_excel_days(low, high) or _are_named_years(name, filled):
        return True
    return decimal_years_of(np.asarray(filled, np.float64)) is not None


def _are_years(filled: "pd.Series[float]") -> bool:
    """Whether numbers are years, which are not whole by their type where marks stood beside some (2017*)."""
    return len(filled) > 0 and bool(((filled == filled.round()) & filled.between(1600, 2199)).all())


def _are_named_years(name: str, filled: "pd.Series[float]") -> bool:
    """Whether numbers are years by a word of their name, as Fiscal Year, of which none is left out."""
    if _YEAR_WORDS.isdisjoint(words_of_name(name)) or not _are_years(filled):
        return False
    different = np.unique(filled.to_numpy(np.int64))
    return len(different) >= _FEWEST and bool((np.diff(different) == 1).all())


def spells_dates(name: str, column: "pd.Series[float]") -> bool:
    """Whether whole numbers are days as 20240131, also with their clock, or months as 202401, most of them
    one apart, whatever their column is called; weeks as 202452 where it is called so or where they end and
    begin anew with the years; seconds of whole minutes; or ticks of a clock."""
    if not types.is_integer_dtype(column) or not len(column):
        return False
    if is_ticks(int(column.min()), int(column.max())):
        return True
    numbers = np.unique(column.dropna().to_numpy(np.int64))
    if are_seconds(numbers):
        return True
    digits = len(str(numbers[0])) if len(numbers) > 2 else 0
    if digits not in _DIGITS or len(str(numbers[-1])) != digits:
        return False
    if digits == 6:
        weeks = names_unit(name) == "week" or _begin_anew_by_weeks(numbers)
        count, (years, parts) = 53 if weeks else 12, (numbers // 100, numbers % 100)
        inside = bool(((parts >= 1) & (parts <= count) & (years >= 1800) & (years < 2200)).all())
        return inside and bool(np.median(np.diff(years * count + parts)) == 1)
    days = numbers // 10 ** (digits - 8)
    clocks = [numbers // 10**place % 100 for place in range(0, digits - 8, 2)]
    in_day = all(bool((part < 60).all()) for part in clocks[:-1])
    in_day = in_day and all(bool((hour <= 24).all()) for hour in clocks[-1:])
    return in_day and bool(days[0] >= _FIRST_DAY and days[-1] <= _LAST_DAY) and _are_days(days)


def _begin_anew_by_weeks(numbers: NDArray[Any]) -> bool:
    """Whether 202252 is followed by 202301, and so in all years. numbers: sorted."""
    years, parts = numbers // 100, numbers % 100
    ends = np.flatnonzero(np.diff(years))
    return ends.size > 0 and bool(((parts[ends] >= 52) & (parts[ends] <= 53) & (parts[ends + 1] == 1)).all())


def _are_days(numbers: NDArray[Any]) -> bool:
    """Whether all have a month and a day, as 20240131."""
    months, days = numbers // 100 % 100, numbers % 100
    return bool(((months >= 1) & (months <= 12) & (days >= 1) & (days <= 31)).all())


def _varies(frame: pd.DataFrame, name: str) -> bool:
    filled = frame[name].dropna()
    return len(filled) > 1 and bool((filled != filled.iloc[0]).any())


def _is_number(column: "pd.Series[str]") -> bool:
    return types.is_numeric_dtype(column) and not types.is_bool_dtype(column)
