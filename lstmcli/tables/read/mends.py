"""What to type where times are irregular: steps that --resample takes, and the zone of a change of clocks."""

from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, HOUR, Step, Times
from lstmcli.series.steps import length, parse_step
from lstmcli.tables.read.counted_parts import day_lengths
from lstmcli.tables.read.tokens import is_absolute

_USUAL = (
    *("1s", "5s", "10s", "15s", "30s", "1min", "2min", "5min", "10min", "15min", "30min"),
    *("1h", "2h", "3h", "6h", "12h", "1d", "1w", "1mo", "1q", "1y"),
)
_LEAST = 0.95  # of the usual distance of rows, that a bin must be long
_LEAST_TURNED, _IN_ORDER = 20, 0.98  # rows; the share of rows in order
_TWICE = 0.3  # of the rows, at least, that repeat a time on a clock of 12 hours
_CYCLES = {12: "1mo", 4: "1q", 24: "1h", 48: "30min", 96: "15min", 52: "1w", 53: "1w", 7: "1d", 31: "1d"}
# One for each way in which clocks change; the message names it as an example.
_ZONES = ("Europe/Berlin", "Europe/London", "America/New_York", "Europe/Athens", "Australia/Sydney")


def bin_of(times: Times) -> str:
    """A usual step, no shorter than what most neighbours are apart in the sorted times of a series."""
    gaps = np.diff(times).astype(np.int64)
    gaps = gaps[gaps > 0]
    distance = float(np.median(gaps)) if gaps.size else 1.0
    if not np.issubdtype(times.dtype, np.datetime64):
        return str(int(np.ceil(distance)))
    return next((text for text in _USUAL if length(parse_step(text)) >= _LEAST * distance), _years(distance))


def usual_bin(times: Times, bounds: NDArray[np.int64]) -> str:
    """`bin_of` the longest series. bounds: where each begins in the times, and the last ends."""
    longest = int(np.argmax(np.diff(bounds)))
    return bin_of(times[bounds[longest] : bounds[longest + 1]])


def are_everywhere(gaps: int, rows: int) -> bool:
    """Whether so many rows follow a gap that there is no step, as where states are written as they change."""
    return 2 * gaps > rows


def _years(distance: float) -> str:
    return f"{int(np.ceil(_LEAST * distance / length(parse_step('1y'))))}y"


def step_text(step: Step) -> str:
    """A step as --resample takes it: 15min."""
    if step.plain:
        return str(step.count)
    unit, count = step.unit()
    unit = unit.removeprefix("open ")
    names = {"business day": "d", "month": "mo", "quarter": "q", "year": "y", "minute": "min"}
    if unit == "microsecond":
        return f"{-(-count // 1000)}ms"
    return f"{count}{names.get(unit, unit[0])}"


def zone_of_change(time: Any, repeated: bool) -> str:
    """A time zone whose clocks show a local time twice, or never; "" where none of the usual does."""
    moment = time.astype("datetime64[s]").item()
    assert isinstance(moment, datetime)
    for name in _ZONES:
        zone = _zone(name)
        if zone is not None and _is_change(moment, zone, repeated):
            return name
    return ""


def repeated_time(time: Any, step: Step, pattern: str | None) -> str:
    """What is said of a row that repeats a time; where clocks change, with what to type."""
    short = step.kind in ("fixed", "open") and step.count <= HOUR and not step.plain
    zone = "" if not short or is_absolute(pattern) else zone_of_change(time, True)
    mend = f", as where clocks change: --set timezone={zone} (or your zone) reads local times" if zone else ""
    return f"repeats a time{mend}"


def zone_of_long_days(days: Times) -> str:
    """A time zone in which all days have 25 hours; "" where none of the usual does."""
    zones = (name for name in _ZONES if _zone(name) is not None)
    return next((name for name in zones if (day_lengths(days, name) == DAY + HOUR).all()), "")


@cache
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _is_change(moment: datetime, zone: ZoneInfo, repeated: bool) -> bool:
    first, second = (moment.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert first is not None and second is not None
    if first == second:
        return False
    shown = moment.replace(tzinfo=zone).astimezone(UTC).astimezone(zone).replace(tzinfo=None) == moment
    return shown == repeated and abs(second - first) == timedelta(hours=1)


def are_turned(times: Times) -> bool:
    """Whether times in the order of the file rise throughout once day and month change places where the day
    is at most 12, and do not as they are: a program has read some of the dates the wrong way round."""
    if not np.issubdtype(times.dtype, np.datetime64) or len(times) < _LEAST_TURNED:
        return False
    days, months = times.astype("datetime64[D]"), times.astype("datetime64[M]")
    years = times.astype("datetime64[Y]")
    month, day = (months - years).astype(np.int64), (days - months).astype(np.int64)
    other = (years.astype("datetime64[M]") + day).astype("datetime64[D]") + month
    turned = np.where(day < 12, other, days) + (times - days)
    return _rising(turned) >= _IN_ORDER > _rising(times) and bool((day >= 12).any())


def _rising(times: Times) -> float:
    return max(float((np.diff(times).astype(np.int64) * sign >= 0).mean()) for sign in (1, -1))


def lack_halves_of_day(times: Times) -> bool:
    """Whether hours are all from 1 to 12, and times of the same day come twice."""
    if not np.issubdtype(times.dtype, np.datetime64):
        return False
    hours = (times.astype("datetime64[h]") - times.astype("datetime64[D]")).astype(np.int64)
    repeats = len(times) - len(np.unique(times))
    return bool(hours.min() >= 1 and hours.max() == 12 and len(np.unique(hours)) == 12) and (
        _TWICE * len(times) <= repeats
    )


def step_of_cycle(numbers: Times) -> str:
    """The step of whole numbers in the order of rows that count up to 12, 24 and the like and begin anew, as
    months without a year do; "" of others."""
    if not np.issubdtype(numbers.dtype, np.integer) or numbers.min() not in (0, 1):
        return ""
    low, high = int(numbers.min()), int(numbers.max())
    up = numbers[1:] == numbers[:-1] + 1
    anew = (numbers[1:] == low) & (numbers[:-1] > low + (high - low) * 0.8)
    return _CYCLES.get(high - low + 1, "") if (up | anew).all() else ""
