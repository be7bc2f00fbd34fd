"""Which window a user means by a time and a series."""

from datetime import datetime
from typing import Any

import numpy as np

from lstmcli.errors import UsageError, did_you_mean
from lstmcli.series.calendar import format_time
from lstmcli.series.panel import Panel


def find_series(panel: Panel, name: str | None) -> int:
    """The number of a series by its key, parts joined by blanks. Raises UsageError."""
    names = [panel.name(s) for s in range(len(panel))]
    if name is None:
        if len(panel) > 1:
            raise UsageError(f"--at needs --series: there are {len(panel)}, the first is {names[0]!r}")
        return 0
    if name not in names:
        raise UsageError(f"--series {name!r}: there is no such series.{did_you_mean(name, names)}")
    return names.index(name)


def origin_at(panel: Panel, series: int, text: str, pattern: str | None) -> int:
    """How many values of a series are known at a time, the value at that time included.

    text: as in the data (pattern, strftime), in ISO, or a whole number for plain steps. Raises
    UsageError where the series has no value at that time.
    """
    times = panel.times(series, 0, int(panel.lengths[series]))
    moment = _moment(text, pattern, dated=bool(np.issubdtype(times.dtype, np.datetime64)))
    at = int(np.searchsorted(times, moment))
    if at < len(times) and times[at] == moment:
        return at + 1
    near = " and ".join(format_time(t) for t in times[max(at - 1, 0) : at + 1])
    raise UsageError(f"--at {text!r}: No data at that time; nearest: {near}.")


def _moment(text: str, pattern: str | None, dated: bool) -> Any:
    try:
        if not dated:
            return int(text)
        if pattern is not None:
            try:
                return np.datetime64(datetime.strptime(text, pattern).replace(tzinfo=None), "us")
            except ValueError:
                pass
        return np.datetime64(datetime.fromisoformat(text).replace(tzinfo=None), "us")
    except ValueError:
        like = "a whole number" if not dated else "a time such as 2024-12-31 18:00"
        raise UsageError(f"--at {text!r}: is not {like}") from None
