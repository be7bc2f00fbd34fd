"""The parts of times that stand in several columns, joined into one: "2024-01-31" and "18:00" are "2024-01-31
18:00", 2024, 1 and 31 are "2024-01-31". The joined text is then read like any other time stamp."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import DAY, SECOND
from lstmcli.settings.assignments import set_text_option
from lstmcli.settings.reading import ReadOptions
from lstmcli.settings.table_reading import JoinedTime
from lstmcli.tables.read.counted_parts import COUNTED, counted_texts
from lstmcli.tables.read.header_parts import part_number, roman_number
from lstmcli.tables.read.numeric_patterns import FIRST_EXCEL_DAY, are_excel_days
from lstmcli.tables.read.time_words import weekday_label

MIDNIGHT = re.compile(r"[T ]0?0:00(?::00(?:\.0+)?)?$")  # behind a day
PAST_THE_DAY = re.compile(r" (hour|period) (\d+)$")  # no time of day: behind its day
_NUMBER = re.compile(r"\d+")
_YEARLY = {  # the mean or the sum of a year, as tables of offices have it behind its parts
    kind: re.compile(label) for kind, label in (("month", "M13"), ("quarter", "Q0?5"), ("half", "S0?3"))
}
_BEFORE = {  # what stands between a part and the one before it
    **dict.fromkeys(("month", "day", "day of the year", "weekday"), "-"),
    **dict.fromkeys(("clock", "hour", "hhmm", "hhmmss", "fraction"), " "),
    **dict.fromkeys(("part of hour", "hour with minutes"), " "),
    **{"interval": " ", "interval of the day": " ", "half of the day": " "},
    **dict.fromkeys(("roman month", "month in order"), "-"),
    **dict.fromkeys(("roman quarter", "quarter in order"), "-Q"),
    **dict.fromkeys(("half-hour", "quarter-hour", "minutes of the day", "seconds of the day"), " "),
    **{"minute": ":", "second": ":", "quarter": "-Q", "half": "-H", "week": "-W"},
}


def with_joined_time(frame: pd.DataFrame, joined: JoinedTime | None, zone: str = "") -> pd.DataFrame:
    """The frame with a column of the joined times, where its parts are there; without rows that sum up a
    year. zone: of hours that are counted from midnight."""
    if joined is None or joined.name in frame.columns or not {*joined.columns} <= {*frame.columns}:
        return frame
    for column, kind in zip(joined.columns, joined.kinds, strict=True):
        if labels := yearly_labels(frame[column], kind):
            frame = frame[~frame[column].isin(labels)]
    return frame.assign(**{joined.name: joined_texts(frame, joined, zone)})


def yearly_labels(cells: "pd.Series[Any]", kind: str) -> list[str]:
    """The cells that stand for whole years among their months, quarters or halves: M13, Q05, S03."""
    if kind not in _YEARLY or types.is_numeric_dtype(cells):
        return []
    different = cells.dropna().unique().tolist()
    return [cell for cell in different if isinstance(cell, str) and _YEARLY[kind].fullmatch(cell.strip())]


def joined_texts(frame: pd.DataFrame, joined: JoinedTime, zone: str = "") -> "pd.Series[Any]":
    """(rows,) the parts of times as one text, nothing where one is empty."""
    made: NDArray[Any] | None = None
    empty = np.zeros(len(frame), bool)
    for column, kind, after in zip(joined.columns, joined.kinds, (*joined.kinds[1:], ""), strict=True):
        numbers, values = pd.factorize(frame[column])
        empty |= numbers < 0
        if kind.startswith(COUNTED) and made is not None:
            made = counted_texts(made, frame[column], kind, joined.days, zone)
            continue
        before = "" if made is None else _BEFORE.get(kind, " ")
        written = [before + _text_of(value, kind, joined.labels) for value in values]
        if kind == "hour" and after not in ("minute", "second"):
            written = [text if PAST_THE_DAY.search(text) else f"{text}:00" for text in written]
        texts = np.array([*written, ""], object)[numbers]
        made = texts if made is None else made + texts
    assert made is not None
    return pd.Series(made, frame.index, dtype=object).mask(empty)


def _text_of(value: Any, kind: str, labels: tuple[str, ...]) -> str:
    if kind.endswith(" in order"):
        place = labels.index(str(value)) + 1 if str(value) in labels else 0
        return str(value) if not place else f"{place:02}" if kind.startswith("month") else str(place)
    if kind == "date":
        return _date_text(value)
    if kind in ("fraction", "part of hour"):
        return _clock_of_fraction(float(value) / (24 if kind == "part of hour" else 1))
    if kind == "hour with minutes":
        return _hour_and_minute(str(round(float(value) * 100)))
    text = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value).strip()
    write = _WRITERS.get(kind)
    return write(text) if write else text


def _date_text(value: Any) -> str:
    if isinstance(value, pd.Timestamp | np.datetime64):
        return str(pd.Timestamp(value).date())
    text = str(value).strip()
    number = int(float(text)) if re.fullmatch(r"\d+(\.0*)?", text) else 0
    if are_excel_days(number, number):
        return str((FIRST_EXCEL_DAY + np.timedelta64(number, "D")).astype("datetime64[D]"))
    return str(number) if number else MIDNIGHT.sub("", text)


def _clock_of_fraction(value: Any) -> str:
    """The time of day that Excel writes as a part of a day; near to a minute it is that."""
    seconds = round(float(value) * DAY / SECOND)
    seconds = round(seconds / 60) * 60 if abs(seconds - round(seconds / 60) * 60) <= 1 else seconds
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _padded(text: str) -> str:
    """The number in a text, of two digits: "HE 1" is 01."""
    found = _NUMBER.search(text)
    return f"{int(found[0]):02}" if found else text


def _hour_text(text: str) -> str:
    """A day on which the clock goes back has an hour 25, which no clock shows."""
    hour = _padded(text)
    return f"hour {hour}" if hour.isdigit() and int(hour) > 24 else hour


def _clock_of_seconds(unit: int) -> Callable[[str], str]:
    """The time of day that counts from midnight, in units of so many seconds."""

    def clock(text: str) -> str:
        seconds = int(text) * unit if text.isdigit() else 0
        shown = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
        return (shown if unit == 60 else f"{shown}:{seconds % 60:02}") if text.isdigit() else text

    return clock


def _clock_of_period(minutes: int) -> Callable[[str], str]:
    """The start of a period of so many minutes, which are counted from 1 each day."""

    def clock(text: str) -> str:
        found = _NUMBER.search(text)
        start = (int(found[0]) - 1) * minutes if found else 0
        if found and start * 60 * SECOND >= DAY:
            return f"period {found[0]}"
        return f"{start // 60:02}:{start % 60:02}" if found else text

    return clock


def _hour_and_minute(text: str) -> str:
    return f"{int(text) // 100:02}:{int(text) % 100:02}" if text.isdigit() else text


def _month_text(text: str) -> str:
    number = part_number("month", text)
    return f"{number:02}" if number else _padded(text)


def month_of(text: str) -> int:
    """1 to 12, 0 for what names no month."""
    found = _month_text(text.removesuffix(".0"))
    return int(found) if found.isdigit() else 0


def _quarter_text(text: str) -> str:
    return str(part_number("quarter", text) or _padded(text).lstrip("0"))


def _interval_text(text: str) -> str:
    """Its start, as a time of day."""
    start = part_number("clock", text)
    return text if start is None else f"{start // 60:02}:{start % 60:02}"


def _day_of_year_text(text: str) -> str:
    return f"{int(text):03}" if text.isdigit() else text


_WRITERS: Mapping[str, Callable[[str], str]] = {
    **dict.fromkeys(("day", "minute", "second", "week"), _padded),
    "hour": _hour_text,
    "half": lambda text: _padded(text).lstrip("0"),
    "quarter": _quarter_text,
    "weekday": lambda text: str(weekday_label(text) or _padded(text).lstrip("0")),
    "whole week": lambda text: f"{text[:4]}-W{text[-2:]}",
    "whole month": lambda text: re.sub("[/.]", "-", text),
    "month": _month_text,
    "roman month": lambda text: f"{roman_number(text, 12):02}",
    "roman quarter": lambda text: str(roman_number(text, 4)),
    **dict.fromkeys(("interval", "interval of the day"), _interval_text),
    "hhmm": _hour_and_minute,
    "hhmmss": lambda text: f"{_hour_and_minute(text[:-2] or '0')}:{text[-2:].zfill(2)}",
    "half-hour": _clock_of_period(30),
    "quarter-hour": _clock_of_period(15),
    "day of the year": _day_of_year_text,
    "minutes of the day": _clock_of_seconds(60),
    "seconds of the day": _clock_of_seconds(1),
}


def names_several(time: str, columns: "pd.Index[Any] | list[str]") -> tuple[str, ...]:
    """The columns that a setting such as "Date,Time" names; none where it is the name of one."""
    parts = tuple(part.strip() for part in time.split(","))
    return parts if len(parts) > 1 and time not in columns and {*parts} <= {*columns} else ()


def joined_notes(joined: JoinedTime | None, options: ReadOptions) -> tuple[str, ...]:
    """Which columns were taken together for the time; nothing where the user or the model said so."""
    if joined is None or options.time != "auto":
        return ()
    return (
        f"{' and '.join((', '.join(joined.columns[:-1]), joined.columns[-1]))} taken together as the time "
        f"({set_text_option('time', ','.join(joined.columns))})",
        *_labels_note(joined),
        *_counted_note(joined, options.timezone),
    )


def _labels_note(joined: JoinedTime) -> tuple[str, ...]:
    """That parts of years whose names are not known are taken in their order."""
    if not joined.labels:
        return ()
    year, part = joined.columns[:2]
    shown = f"{quoted(joined.labels[0])} to {quoted(joined.labels[-1])}"
    said = f"{part}: {shown} are taken for the {len(joined.labels)} parts of a year in the order of the rows"
    return (f"{said} ({set_text_option('time', year)}: a series each)",)


def _counted_note(joined: JoinedTime, zone: str) -> tuple[str, ...]:
    """That numbers of parts are no times of the clock."""
    what = "hours" if joined.kinds[-1].endswith(" hour") else "periods"
    said = f"{joined.columns[-1]} counts the {what} of each day from its midnight, also where clocks change"
    return (f"{said} ({zone})",) if joined.days else ()


def is_whole(cells: "pd.Series[Any]") -> bool:
    """Whether all cells are whole numbers."""
    if types.is_bool_dtype(cells) or not types.is_numeric_dtype(cells):
        return False
    return types.is_integer_dtype(cells) or bool((cells == cells.round()).all())
