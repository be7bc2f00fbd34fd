"""Which window a user means by a time and a series."""

import numpy as np

from lstmcli.errors import UsageError, did_you_mean
from lstmcli.errors.foreign import shown
from lstmcli.series.moment import moment_of
from lstmcli.series.panel import Panel


def find_series(panel: Panel, name: str | None) -> int:
    """The number of a series by its key, parts joined by blanks. Raises UsageError."""
    names = [panel.exact_name(s) for s in range(len(panel))]
    if name is None:
        if len(panel) > 1:
            raise UsageError(f"--at needs --series: there are {len(panel)}, the first is {shown(names[0])!r}")
        return 0
    if name not in names:
        raise UsageError(f"--series {shown(name)!r}: there is no such series.{did_you_mean(name, names)}")
    return names.index(name)


def origin_at(panel: Panel, series: int, text: str, pattern: str | None) -> int:
    """How many values of a series are known at a time, the value at that time included.

    text: as in the data (pattern, strftime), in ISO, or a whole number for plain steps. Raises UsageError
    where the series has no value at that time.
    """
    times = panel.times(series, 0, int(panel.lengths[series]))
    moment = moment_of(text, pattern, bool(np.issubdtype(times.dtype, np.datetime64)), "--at")
    at = int(np.searchsorted(times, moment))
    if at < len(times) and times[at] == moment:
        return at + 1
    near = " and ".join(panel.shown_time(t) for t in times[max(at - 1, 0) : at + 1])
    asked = panel.shown_time(moment) if panel.zone else text
    raise UsageError(f"--at {asked!r}: No data at that time; nearest: {near}.")
