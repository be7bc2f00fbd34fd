"""Tables whose rows are days and whose header counts hours: the days on which clocks change."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, HOUR, MINUTE, Times
from lstmcli.series.clock import clock_times, first_showing
from lstmcli.tables.read.counted_parts import day_lengths
from lstmcli.tables.read.mends import zone_of_long_days
from lstmcli.tables.read.row_times import NO_DAY, Ints
from lstmcli.tables.read.zones import check_zone

_YEAR = 363  # days, at least, from one change of clocks to that of the next year


def have_long_days(days: Ints, zone: str) -> bool:
    """Whether clocks go back on all of some days: those of a zone, or of one of the usual ones."""
    dates, known = _dates(days), check_zone(zone)
    return (bool(known) and bool((day_lengths(dates, known) > DAY).all())) or bool(zone_of_long_days(dates))


def may_be_long(days: Ints, long: NDArray[np.bool_]) -> bool:
    """Whether no more than one day of each year is long, and others are not."""
    years = 1 + int(days.max() - days.min()) // _YEAR
    return not bool(long.all()) and len(np.unique(days[long])) <= years


def behind_short_days(days: Ints, held: NDArray[np.bool_], zone: str) -> NDArray[np.bool_]:
    """(rows, parts) the last hour of days on which the clock of a zone goes forward, where that alone is
    empty, as hours are counted from midnight. held: which cells hold something."""
    behind, last = np.zeros(held.shape, bool), held.shape[1] - held.shape[1] // 24
    short = day_lengths(_dates(days), zone) == DAY - HOUR
    behind[:, last:] = (short & held[:, :last].all(1) & ~held[:, last:].any(1))[:, None]
    return behind


def left_out_clocks(days: Ints, minutes: Sequence[int], zone: str) -> NDArray[np.bool_]:
    """(days, minutes) whether the clock of a zone goes forward over a time of day."""
    local = np.where(days == NO_DAY, 0, days)[:, None] * DAY + np.array(minutes) * MINUTE
    utc = first_showing(local.ravel(), check_zone(zone)).reshape(local.shape)
    return clock_times(utc.ravel(), zone).reshape(local.shape) != local


def _dates(days: Ints) -> Times:
    return np.where(days == NO_DAY, 0, days).astype("datetime64[D]").astype("datetime64[us]")
