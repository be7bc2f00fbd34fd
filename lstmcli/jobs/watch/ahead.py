"""Rows of a time far ahead, as of a wrong year: taken for the newest, they would make all later rows late.

The clock of this machine may jump, too: it is never taken to be earlier than it was, nor than the newest row.
"""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.series.calendar import Step, format_time, positions
from lstmcli.series.panel import Panel
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.recent import series_prefix
from lstmcli.tables.read.stream import NAME
from lstmcli.tables.read.tokens import zone_shown

MOST_STEPS = 1024  # behind the newest row so far
MOST_DAYS = 2  # later than the clock of this machine, whatever the time zones


class RowsAhead:
    """Refuses rows of a stream that are far ahead. column: of the times, "" for none; pattern: how
    they are written."""

    def __init__(self, step: Step, column: str, pattern: str | None) -> None:
        self._step, self._column, self._zone = step, column, zone_shown(pattern)
        self._newest: Any = None
        self._clock = _now()  # the latest that it showed

    def shown(self, time: Any) -> str:
        """As the rows write it, with its offset where they have one."""
        return format_time(time, zone=self._zone)

    def seed(self, newest: Any) -> None:
        """newest: the time of the newest row before the stream; None where there is none."""
        if newest is not None and (self._newest is None or newest > self._newest):
            self._newest = newest

    def check(self, row: Grid) -> None:
        """A grid of one row; the first row of all is taken. Raises DataError."""
        time = row.times[0]
        self._clock = max(self._clock, _now())
        if is_far_ahead(time, self._newest, self._step, self._clock):
            said = f"{series_prefix(row.keys[0])}{_said(time, self._newest, self._zone)}"
            raise DataError("far-ahead", said, path=NAME, row=int(row.rows[0]) + 1, column=self._column)
        self.seed(time)


def check_not_ahead(panel: Panel, source: str) -> None:
    """Raises DataError where the last value of a series is far ahead of the one before it."""
    if not len(panel) or not _dated(panel.starts, panel.step):
        return
    now = _now()
    for series in np.flatnonzero(_ends(panel) > now + np.timedelta64(MOST_DAYS, "D")).tolist():
        known = np.flatnonzero(~np.isnan(panel.history(series)))
        far = np.flatnonzero(np.diff(known) > MOST_STEPS)
        for place in far[::-1].tolist():
            before, time = (panel.times(series, int(known[place + k]), 1)[0] for k in (0, 1))
            if is_far_ahead(time, before, panel.step, now):
                name = series_prefix(panel.keys[series])
                raise DataError("far-ahead", f"{name}{_said(time, before, panel.zone)}", path=source)


def is_far_ahead(time: Any, newest: Any, step: Step, now: Any) -> bool:
    """Whether a time is more than `MOST_STEPS` behind the newest, and `MOST_DAYS` later than the clock."""
    if newest is None or not _dated(np.asarray(time), step):
        return False
    if time <= max(newest, now) + np.timedelta64(MOST_DAYS, "D"):
        return False
    stamp = np.asarray([time]).astype(np.asarray(newest).dtype)
    return bool(positions(stamp, newest, step)[0][0] > MOST_STEPS)


def _dated(times: Any, step: Step) -> bool:
    return not step.plain and bool(np.issubdtype(times.dtype, np.datetime64))


def _ends(panel: Panel) -> Any:
    return np.array([panel.times(s, int(n) - 1, 1)[0] for s, n in enumerate(panel.lengths)])


def _now() -> Any:
    return np.datetime64(datetime.now(UTC).replace(tzinfo=None), "us")


def _said(time: Any, newest: Any, zone: str) -> str:
    late, last = (format_time(at, zone=zone) for at in (time, newest))
    return (
        f"{late} is more than {MOST_STEPS:,} steps behind {last}, and later than "
        "the clock of this machine; correct its time"
    )
