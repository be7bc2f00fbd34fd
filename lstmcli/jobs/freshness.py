"""How old the newest row of a panel is. Closed times at which no row is due, and weekends, do not count."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from lstmcli.errors import ConditionFailed, SettingsError, UsageError
from lstmcli.errors.findings import first_few, plural
from lstmcli.errors.foreign import shown
from lstmcli.forecasting.closed import starts_of_rows
from lstmcli.series.calendar import DAY, SECOND, Step, Times, advance, positions
from lstmcli.series.panel import Panel
from lstmcli.series.steps import length, parse_step
from lstmcli.tables.read.tokens import is_absolute

_CLOSE = {"open": 1, "business day": DAY}  # kinds of steps, and what they count


def check_freshness(
    panel: Panel, age: str, pattern: str | None, timezone: str, now: datetime, source: str = ""
) -> Sequence[str]:
    """Notes on the series whose last value is older than an age, as "2h".

    pattern: how time stamps are written, which tells whether they are UTC; others are in `timezone` or,
    where that is "", in that of this machine; source: the file, for messages. Raises ConditionFailed where
    the newest value of all series is older than the age, UsageError for a text that is no age and for rows
    without dates.
    """
    most = seconds_of_age(age, "--max-age")
    if panel.step.plain:
        raise UsageError("--max-age: the rows have no dates")
    stamps = newest_rows(panel)
    different, which = np.unique(stamps, return_inverse=True)
    ages = np.array([age_of(stamp, panel.step, pattern, timezone, now) for stamp in different])[which]
    newest = int(np.argmin(ages))
    if ages[newest] > most:
        old = _shown(ages[newest]) + " old" + (" in open times" if _skips_closed(panel.step) else "")
        when = panel.shown_time(stamps[newest])
        whose = f"{shown(source)}: the" if source else "The"
        raise ConditionFailed(f"{whose} newest value ({when}) is {old}; limit {age}.")
    late = [panel.name(int(s)) for s in np.flatnonzero(ages > most)]
    if not late:
        return ()
    return (f"{plural(len(late), 'series', 'series')} without a value in the last {age}: {first_few(late)}",)


def seconds_of_age(age: str, option: str) -> float:
    """Of an age as "2h"; in 10m minutes are meant, as in other durations. Raises UsageError, which names the
    option, for a text that is none."""
    try:
        step = parse_step(re.sub(r"(?<=\d)\s*m\s*$", "min", age))
    except SettingsError as error:
        raise UsageError(f"{option}: {str(error).replace('is no step', 'is no age')}") from None
    if step.kind == "plain":
        raise UsageError(f"{option} {age}: add the unit, as {age}h")
    return length(step) / SECOND


def newest_rows(panel: Panel) -> Times:
    """(series,) the time of the newest row of each, be it a zero at a closed time."""
    if panel.step.zeros:
        return starts_of_rows(panel) - panel.step.count
    return panel.ends


def age_of(stamp: Any, step: Step, pattern: str | None, timezone: str, now: datetime) -> float:
    """How many seconds before `now` a stamp lies. step: of the panel; other arguments as of
    `check_freshness`."""
    if not _skips_closed(step):
        return now.timestamp() - _moment(stamp, pattern, timezone).timestamp()
    clock, one = _on_clock(now, pattern, timezone), round(usual_seconds(step) * SECOND)
    steps = positions(clock, stamp, step)[0]
    rest = (clock - advance(stamp, step, steps)).astype(np.int64)
    return float((steps * one + np.clip(rest, 0, one))[0] / SECOND)


def closed_seconds(newest: Any, step: Step, seconds: float) -> float:
    """For how long no row is due after the newest one, in the time of so many seconds of steps."""
    if not _skips_closed(step):
        return 0.0
    one = usual_seconds(step)
    steps = max(round(seconds / one), 1)
    due = np.asarray(advance(np.asarray([newest]), step, np.array([steps])))
    return max(float((due - newest).astype(np.int64)[0] / SECOND) - steps * one, 0.0)


def quiet_since(newest: Any, step: Step, begun: datetime | None, pattern: str | None, timezone: str) -> Any:
    """The time from which a stream waits for a row: that of the newest one, or its begin where that is later
    and no row came since, None after one. Other arguments as of `check_freshness`."""
    if begun is None or not _skips_closed(step):
        return newest
    return max(newest, _on_clock(begun, pattern, timezone)[0])


def usual_seconds(step: Step) -> float:
    """From one row to the next, where none is closed between them."""
    if step.kind in _CLOSE:
        return step.count * _CLOSE[step.kind] / SECOND
    return length(step) / SECOND


def _skips_closed(step: Step) -> bool:
    """Whether there are times at which no row is due."""
    return step.kind in _CLOSE and not step.zeros


def _shown(seconds: float) -> str:
    """An age in the largest unit of which it has two: "36 hours", "365 days"."""
    for unit, length_ in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length_:
            return plural(int(seconds // length_), unit)
    return plural(int(seconds), "second")


def _on_clock(now: datetime, pattern: str | None, timezone: str) -> Times:
    """(1,) the time as rows of a panel would have it."""
    zone = UTC if is_absolute(pattern) else ZoneInfo(timezone) if timezone else None
    return np.array([now.astimezone(zone).replace(tzinfo=None)], "datetime64[us]")


def _moment(stamp: Any, pattern: str | None, timezone: str) -> datetime:
    """The time of a stamp, with its zone."""
    naive: datetime = stamp.astype("datetime64[us]").item()
    if is_absolute(pattern):
        return naive.replace(tzinfo=UTC)
    return naive.replace(tzinfo=ZoneInfo(timezone)) if timezone else naive.astimezone()
