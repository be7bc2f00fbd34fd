"""Tables whose rows are days and whose header counts hours: the days on which clocks change."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.foreign import quoted
from lstmcli.series.calendar import DAY, HOUR, MINUTE, Times
from lstmcli.series.clock import clock_times, first_showing
from lstmcli.tables.read.counted_parts import day_lengths
from lstmcli.tables.read.crossed_table import CrossedTable, CrossedTimes, UntoldTimes
from lstmcli.tables.read.mends import zone_of_long_days
from lstmcli.tables.read.row_times import NO_DAY, Ints
from lstmcli.tables.read.zones import check_zone

_YEAR = 363  # days, at least, from one change of clocks to that of the next year


def of_double_hours(table: CrossedTable, times: tuple[int, ...], days: Ints) -> CrossedTimes | UntoldTimes:
    """Of a header with the hour that clocks repeat twice: numbers that count the hours of each day from its
    midnight. Without a time zone they are those of the clock, but on days on which the second is filled."""
    parts = table.parts
    assert parts.again is not None
    if not parts.values[0]:
        return table.untold(times[0], "counted from 0; name them from 1, Hour 1 to Hour 24")
    second = [parts.columns[parts.again]]
    long, short = _changes(table, days, second)
    if long is None:
        said = f"and {quoted(table.names[second[0]])} is filled on days on which no clock goes back"
        return table.untold(times[0], said)
    numbers = np.tile(np.array(parts.values), (len(days), 1))
    order = days[:, None] * 1000 + np.arange(len(parts.values))
    numbers[long, parts.again :] += 1
    numbers[short, parts.again + 1 :] -= 1
    order[~long, parts.again] = NO_DAY
    order[short, parts.again - 1] = NO_DAY
    return CrossedTimes((), times, parts, order, numbers=numbers)


def _changes(
    table: CrossedTable, days: Ints, second: Sequence[int]
) -> tuple[NDArray[np.bool_] | None, NDArray[np.bool_]]:
    """Days on which clocks go back, None where cells tell no such days, and, in a zone, forward."""
    if zone := check_zone(table.options.timezone):
        lengths = day_lengths(_dates(days), zone)
        return lengths > DAY, lengths < DAY
    held = of_long_days(table, days, second)
    return None if held is None else np.asarray(held.any(1)), np.zeros(len(days), bool)


def of_long_days(table: CrossedTable, days: Ints, columns: Sequence[int]) -> NDArray[np.bool_] | None:
    """(rows, columns) which cells of columns beyond 24 hours are of days on which clocks go back; None where
    they are filled on other days too, as series are. Zeros may stand for no hour."""
    for zeros in (False, True):
        held = table.filled(columns, zeros)
        long = np.asarray(held.any(1))
        if not long.any():
            numbered = all(table.names[c].strip().isdecimal() for c in table.parts.columns)
            return None if zeros and numbered else held
        if _may_be_long(days, long) or _have_long_days(days[long], table.options.timezone):
            return held
    return None


def _have_long_days(days: Ints, zone: str) -> bool:
    """Whether clocks go back on all of some days: those of a zone, or of one of the usual ones."""
    dates, known = _dates(days), check_zone(zone)
    return (bool(known) and bool((day_lengths(dates, known) > DAY).all())) or bool(zone_of_long_days(dates))


def _may_be_long(days: Ints, long: NDArray[np.bool_]) -> bool:
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
