"""How old the newest value of a panel is."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from lstmcli.errors import ConditionFailed, SettingsError, UsageError
from lstmcli.errors.findings import first_few, plural
from lstmcli.series.calendar import SECOND, Step, advance, format_time
from lstmcli.series.panel import Panel
from lstmcli.series.steps import length, parse_step


def check_freshness(
    panel: Panel, age: str, pattern: str | None, timezone: str, now: datetime
) -> Sequence[str]:
    """Notes on the series whose last value is older than an age, as "2h".

    pattern: how stamps are written, which tells whether they are UTC; others are times of `timezone`
    or, where that is "", of this machine. Raises ConditionFailed where the newest value of all series
    is older, UsageError for what is no age or rows without dates.
    """
    most = _seconds(age)
    if panel.step.plain:
        raise UsageError("--max-age: the rows have no dates")
    stamps = advance(panel.starts, panel.step, panel.lengths - 1)
    oldest = now.timestamp() - most
    different, which = np.unique(stamps, return_inverse=True)
    moments = np.array([_moment(stamp, pattern, timezone).timestamp() for stamp in different])[which]
    newest = int(np.argmax(moments))
    if moments[newest] < oldest:
        old = Step("fixed", SECOND).duration(now.timestamp() - moments[newest])
        raise ConditionFailed(
            f"--max-age {age}: the newest value is {old} old, of {format_time(stamps[newest])}"
        )
    late = [panel.name(int(s)) for s in np.flatnonzero(moments < oldest)]
    if not late:
        return ()
    return (f"{plural(len(late), 'series', 'series')} without a value in the last {age}: {first_few(late)}",)


def _seconds(age: str) -> float:
    try:
        step = parse_step(age)
    except SettingsError as error:
        raise UsageError(f"--max-age: {str(error).replace('is no step', 'is no age')}") from None
    if step.kind == "plain":
        raise UsageError(f"--max-age {age}: say the unit, as {age}h")
    return length(step) / SECOND


def _moment(stamp: Any, pattern: str | None, timezone: str) -> datetime:
    """When a stamp was, with its zone."""
    naive: datetime = stamp.astype("datetime64[us]").item()
    told = pattern or ""
    if told.startswith("epoch-") or "%z" in told or told.endswith("Z"):
        return naive.replace(tzinfo=UTC)
    return naive.replace(tzinfo=ZoneInfo(timezone)) if timezone else naive.astimezone()
