"""Rows of a time far ahead, as of a wrong year: taken for the newest, they would make all later rows late.

The clock of this machine may jump, too: it is never taken to be earlier than it was, nor than the newest row.
"""

from datetime import UTC, datetime
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.calendar import Step, Times, advance, format_time, positions
from lstmcli.series.panel import Key, Panel
from lstmcli.tables.read.for_contract import ModelData
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


def check_not_ahead(given: ModelData, before: WatchState | None) -> None:
    """Raises DataError where a value of a series, also at a closed time, is far ahead of the one before it,
    or of all rows of an earlier run, whose state is `before`."""
    panel, now = given.panel, _now()
    if not _dated(panel.starts, panel.step):
        return
    limit = now + np.timedelta64(MOST_DAYS, "D")
    closed = {} if given.table is None else {key: part.times for key, part in given.table.closed.items()}
    ahead = [panel.keys[s] for s in np.flatnonzero(panel.ends > limit)]
    ahead += [key for key, times in closed.items() if times[-1] > limit]
    for key in dict.fromkeys(ahead):
        parts = [_times(panel, key), closed.get(key, panel.starts[:0])]
        parts += [before.ends.max()[None]] if before is not None and len(before.ends) else []
        times = np.sort(np.concatenate([part.astype("datetime64[us]") for part in parts]))
        for earlier, time in zip(times[-2::-1], times[:0:-1], strict=True):
            if time > limit and is_far_ahead(time, earlier, panel.step, now):
                said = f"{series_prefix(key)}{_said(time, earlier, panel.zone)}"
                raise DataError("far-ahead", said, path=given.source)


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


def _times(panel: Panel, key: Key) -> Times:
    """Of the values of a series, at open times; none of one that is not there."""
    if key not in panel.keys:
        return panel.starts[:0]
    series = panel.keys.index(key)
    known = np.flatnonzero(~np.isnan(panel.history(series)))
    return np.asarray(advance(np.repeat(panel.starts[series], len(known)), panel.step, known))


def _now() -> Any:
    return np.datetime64(datetime.now(UTC).replace(tzinfo=None), "us")


def _said(time: Any, newest: Any, zone: str) -> str:
    late, last = (format_time(at, zone=zone) for at in (time, newest))
    return (
        f"{late} is more than {MOST_STEPS:,} steps behind {last}, and later than "
        "the clock of this machine; correct its time"
    )
