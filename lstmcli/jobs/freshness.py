"""How old the newest value of a panel is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from lstmcli.errors import ConditionFailed, SettingsError, UsageError
from lstmcli.errors.findings import first_few, plural
from lstmcli.series.calendar import SECOND, advance, format_time
from lstmcli.series.panel import Panel
from lstmcli.series.steps import length, parse_step
from lstmcli.tables.read.tokens import is_absolute, zone_shown


def check_freshness(
    panel: Panel, age: str, pattern: str | None, timezone: str, now: datetime
) -> Sequence[str]:
    """Notes on the series whose last value is older than an age, as "2h".

    pattern: how time stamps are written, which tells whether they are UTC; others are in `timezone` or,
    where that is "", in that of this machine. Raises ConditionFailed where the newest value of all series
    is older than the age, UsageError for a text that is no age and for rows without dates.
    """
    most = seconds_of_age(age, "--max-age")
    if panel.step.plain:
        raise UsageError("--max-age: the rows have no dates")
    stamps = advance(panel.starts, panel.step, panel.lengths - 1)
    oldest = now.timestamp() - most
    different, which = np.unique(stamps, return_inverse=True)
    moments = np.array([_moment(stamp, pattern, timezone).timestamp() for stamp in different])[which]
    newest = int(np.argmax(moments))
    if moments[newest] < oldest:
        old = _shown(now.timestamp() - moments[newest])
        when = format_time(stamps[newest], zone=zone_shown(pattern))
        raise ConditionFailed(f"The newest value ({when}) is {old} old; limit {age}.")
    late = [panel.name(int(s)) for s in np.flatnonzero(moments < oldest)]
    if not late:
        return ()
    return (f"{plural(len(late), 'series', 'series')} without a value in the last {age}: {first_few(late)}",)


def seconds_of_age(age: str, option: str) -> float:
    """Raises UsageError, which names the option, for a text that is no age as "2h"."""
    try:
        step = parse_step(age)
    except SettingsError as error:
        raise UsageError(f"{option}: {str(error).replace('is no step', 'is no age')}") from None
    if step.kind == "plain":
        raise UsageError(f"{option} {age}: add the unit, as {age}h")
    return length(step) / SECOND


def age_of(stamp: Any, pattern: str | None, timezone: str, now: datetime) -> float:
    """How many seconds before `now` a stamp lies; arguments as of `check_freshness`."""
    return now.timestamp() - _moment(stamp, pattern, timezone).timestamp()


def _shown(seconds: float) -> str:
    """An age in the largest unit of which it has two: "36 hours", "365 days"."""
    for unit, length_ in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= 2 * length_:
            return plural(int(seconds // length_), unit)
    return plural(int(seconds), "second")


def _moment(stamp: Any, pattern: str | None, timezone: str) -> datetime:
    """The time of a stamp, with its zone."""
    naive: datetime = stamp.astype("datetime64[us]").item()
    if is_absolute(pattern):
        return naive.replace(tzinfo=UTC)
    return naive.replace(tzinfo=ZoneInfo(timezone)) if timezone else naive.astimezone()
