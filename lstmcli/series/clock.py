"""What the clocks of a time zone show at times in UTC, and back."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Moments = NDArray[np.int64]  # microseconds since 1970

_YEAR = 31_556_952_000_000  # microseconds
_DAY = timedelta(days=1)
_FIXED = re.compile(r"[+-]\d\d:\d\d")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def clock_times(utc: Moments, zone: str) -> Moments:
    """What the clock shows at times in UTC; "" for no zone."""
    return utc + _offsets(utc, zone) if zone and utc.size else utc


def zoned(time: np.datetime64, zone: str) -> tuple[np.datetime64, str]:
    """What the clock of a zone, or of an offset as "+02:00", shows at a time in UTC, and its offset: "Z"
    for UTC."""
    if zone == "UTC":
        return time, "Z"
    utc = time.astype("datetime64[us]").astype(np.int64).reshape(1)
    minutes = int(_shown_offsets(utc, zone)[0]) // 60_000_000
    hours, rest = divmod(abs(minutes), 60)
    return time + np.timedelta64(minutes, "m"), f"{'-' if minutes < 0 else '+'}{hours:02}:{rest:02}"


def shown_clock(times: NDArray[Any], zone: str) -> NDArray[Any]:
    """What `zoned` shows of each time; those of no zone, and numbers, stay as they are."""
    if not zone or not times.size or not np.issubdtype(times.dtype, np.datetime64):
        return times
    utc = times.astype("datetime64[us]").astype(np.int64)
    return (utc + _shown_offsets(utc, zone)).astype("datetime64[us]")


def first_showing(local: Moments, zone: str) -> Moments:
    """The time in UTC at which the clock first shows what is asked for. Of an hour that it leaves out,
    the time as if it had not gone forward yet."""
    if not zone or not local.size:
        return local
    day = 86_400_000_000
    early = local - _offsets(local - day, zone)
    late = local - _offsets(local + day, zone)
    return np.where((clock_times(early, zone) != local) & (clock_times(late, zone) == local), late, early)


def clock_changes(zone: str, first: int, last: int) -> tuple[Moments, Moments]:
    """When the clock of a zone was or will be changed in the years around two times, and the offset from
    UTC after each change. The first entry is long before."""
    years = [10 * (at // _YEAR // 10) for at in (first - _YEAR, last + _YEAR)]
    years = [int(np.clip(1970 + year, 10, 9970)) for year in years]
    return _changes(zone, years[0], years[1] + 10)


def _shown_offsets(utc: Moments, zone: str) -> Moments:
    if zone == "UTC":
        return np.zeros(utc.shape, np.int64)
    if _FIXED.fullmatch(zone):
        minutes = int(zone[0] + "1") * (60 * int(zone[1:3]) + int(zone[4:]))
        return np.full(utc.shape, minutes * 60_000_000)
    return _offsets(utc, zone)


def _offsets(utc: Moments, zone: str) -> Moments:
    at, offsets = clock_changes(zone, int(utc.min()), int(utc.max()))
    return offsets[np.searchsorted(at, utc, side="right") - 1]


@lru_cache(maxsize=32)
def _changes(zone: str, first_year: int, end_year: int) -> tuple[Moments, Moments]:
    from zoneinfo import ZoneInfo  # most steps need no zone

    known = ZoneInfo(zone)

    def offset(moment: datetime) -> timedelta:
        found = moment.astimezone(known).utcoffset()
        assert found is not None
        return found

    before = datetime(first_year, 1, 1, tzinfo=UTC)
    changes, offsets = [-(2**62)], [offset(before)]
    while before.year < end_year:
        after = before + _DAY
        if offset(after) != offsets[-1]:
            low, high = before, after
            while high - low > timedelta(seconds=1):
                middle = low + (high - low) / 2
                low, high = (middle, high) if offset(middle) == offsets[-1] else (low, middle)
            changes.append(_moment(high.replace(microsecond=0)))
            offsets.append(offset(after))
        before = after
    return np.array(changes), np.array([each // timedelta(microseconds=1) for each in offsets])


def _moment(time: datetime) -> int:
    return (time - _EPOCH) // timedelta(microseconds=1)
