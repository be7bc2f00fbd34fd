"""Hours and periods that are counted from the midnight of each day, also where clocks change: hour 25 or
period 49 of a day in autumn, 23 hours or 46 periods in spring. A time zone makes times of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api import types

from lstmcli.series.calendar import DAY, HOUR, MINUTE, Times
from lstmcli.series.clock import clock_times, first_showing
from lstmcli.tables.read.patterns import read_stamps
from lstmcli.tables.read.shapes import date_patterns

COUNTED = "counted "  # before the kind of a part that is read so
_MINUTES = {"hour": 60, "half-hour": 30, "quarter-hour": 15}
_OF_DAYS = ("date", "year", "month", "day")


@dataclass
class DayCounts:
    """The lowest and the highest number of each day, added in any number of pieces.

    days: the columns that may tell the day, by the column of the numbers; ends: by that, by their cells
    """

    days: dict[str, list[str]] = field(default_factory=dict)
    ends: dict[str, dict[tuple[Any, ...], tuple[int, int]]] = field(default_factory=dict)

    def add(self, piece: pd.DataFrame, kinds: Mapping[str, Sequence[str]]) -> None:
        """kinds: what each column may hold."""
        likely = [name for name in kinds if {*_OF_DAYS} & {*kinds[name]}]
        for name in [name for name in kinds if {*_MINUTES} & {*kinds[name]}]:
            days = self.days.setdefault(name, [day for day in likely if day != name])
            rows = piece[[*days, name]].dropna()
            if not days or not len(rows):
                continue
            numbers = rows[days].assign(number=_numbers(rows[name])).dropna()
            found = numbers.groupby(days, sort=False, observed=True)["number"].agg(["min", "max"])
            known = self.ends.setdefault(name, {})
            for label, low, high in found.itertuples():
                key = label if isinstance(label, tuple) else (label,)
                before = known.get(key, (int(low), int(high)))
                known[key] = min(before[0], int(low)), max(before[1], int(high))

    def pattern(self, kind: str, column: str, dates: Sequence[str], zone: str, known: str = "") -> str:
        """How days are written whose numbers fit the hours that a zone has on them, one of which has more or
        fewer than 24; "" where they do not.

        dates: the days of `ends`, as texts; known: how those of training were written, where hours or periods
        were counted so.
        """
        ends = np.array([*self.ends.get(column, {}).values()], np.int64).reshape(-1, 2)
        unit = _MINUTES.get(kind.removeprefix(COUNTED), 0) * MINUTE
        if not unit or not len(ends) or ends[:, 0].min() < 1:
            return ""
        for pattern in (*filter(None, [known]), *date_patterns(dates[0])):
            days = read_stamps(pd.Series([*dates]), pattern).times
            if np.isnat(days).any():
                continue
            hours, counted = day_lengths(days, zone), ends[:, 1] * unit
            if known or ((counted <= hours).all() and ((counted == hours) & (hours != DAY)).any()):
                return pattern
        return ""


def _numbers(cells: "pd.Series[Any]") -> "pd.Series[Any]":
    if types.is_numeric_dtype(cells):
        return cells
    return pd.to_numeric(cells.astype(str).str.extract(r"(\d+)")[0])


def day_lengths(days: Times, zone: str) -> NDArray[np.int64]:
    """How long days are in a zone, in microseconds."""
    first = days.astype("datetime64[D]").astype("datetime64[us]").astype(np.int64)
    return first_showing(first + DAY, zone) - first_showing(first, zone)


def counted_texts(
    dates: NDArray[Any], cells: "pd.Series[Any]", kind: str, pattern: str, zone: str
) -> NDArray[Any]:
    """(rows,) times with their offset from UTC; a number that the day does not have stays beside its date.

    dates: (rows,) days as they are written; cells: numbers from 1; hours are told by their end, periods by
    their start.
    """
    unit = _MINUTES[kind.removeprefix(COUNTED)] * MINUTE
    codes, different = pd.factorize(dates)
    days = read_stamps(pd.Series(different).astype(str), pattern).times
    unread = np.isnat(days)
    midnights = first_showing(np.where(unread, np.datetime64(0, "us"), days).astype(np.int64), zone)
    lengths = day_lengths(np.where(unread, np.datetime64(0, "us"), days), zone)
    numbers = np.nan_to_num(_numbers(cells).to_numpy(np.float64)).astype(np.int64)
    inside = (numbers >= 1) & (numbers * unit <= lengths[codes]) & ~unread[codes]
    since = numbers * unit if unit == HOUR else (numbers - 1) * unit
    utc = midnights[codes] + np.where(inside, since, 0)
    texts = _with_offsets(utc, zone)
    what = "hour" if unit == HOUR else "period"
    for at in np.flatnonzero(~inside).tolist():
        texts[at] = f"{dates[at]} {what} {numbers[at]:02}"
    return texts


def _with_offsets(utc: NDArray[np.int64], zone: str) -> NDArray[Any]:
    local = clock_times(utc, zone)
    codes, offsets = pd.factorize((local - utc) // MINUTE)
    written = [f"{'-' if m < 0 else '+'}{abs(m) // 60:02}:{abs(m) % 60:02}" for m in offsets.tolist()]
    times = np.datetime_as_string(local.astype("datetime64[us]"), unit="m").astype(object)
    return np.asarray(
        np.char.replace(times.astype(str), "T", " ").astype(object) + np.array(written, object)[codes]
    )
