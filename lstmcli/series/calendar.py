"""The time axis: the step of a series, the stamps that follow, seasons, calendar features.

Stamps are `datetime64[us]` or, for a series without dates, plain `int64` steps. Those with a time
zone are in UTC; local days and times without a zone are as they are written.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.clock import zoned
from lstmcli.series.open_week import OpenWeek, open_week

Times = NDArray[Any]  # datetime64[us] or int64, (n,)

SECOND, MINUTE, HOUR, DAY = 1_000_000, 60_000_000, 3_600_000_000, 86_400_000_000
_MOST_COUNTED = 100  # units of a span
_NAMES = ((7 * DAY, "week"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
_MONTH_END = 31


@dataclass(frozen=True)
class Step:
    """The distance between neighbouring stamps.

    kind   "fixed" (count is in microseconds), "open", "business day", "month" or "plain" (integers)
    day    for months: day of the month the stamps fall on; 31 means the last day
    dated  False where stamps are integers that count steps of this length: rows without dates
    slots  for "open": the times of the week, `count` microseconds each, that steps count, see `open_week`
    zone   for "open": the time zone of these, where stamps are in UTC
    zeros  for "open": whether closed times have rows, of zeros, which are forecast as 0 and counted nowhere
    """

    kind: str
    count: int
    day: int = 0
    dated: bool = True
    slots: str = field(default="", repr=False)  # out of the text that fingerprints of panels hold
    zone: str = field(default="", repr=False)
    zeros: bool = field(default=False, repr=False)

    @property
    def plain(self) -> bool:
        """Whether stamps are integers; nothing is then known of their place in the day or year."""
        return self.kind == "plain" or not self.dated

    @property
    def week(self) -> OpenWeek:
        """The open times of a step of the kind "open"."""
        return open_week(self.slots, self.count, self.zone)

    @property
    def of_rows(self) -> "Step":
        """The distance of the rows of a table: of all times where closed ones have rows of zeros."""
        return Step("fixed", self.count) if self.zeros else self

    def __str__(self) -> str:
        unit, count = self.unit()
        if unit == "microsecond" and count >= 1000:
            return f"{count / SECOND:.9g} seconds"
        return unit if count == 1 else f"{count} {unit}s"

    def describe(self) -> str:
        """As in "one hour", "15 minutes"."""
        return f"one {self}" if self.unit()[1] == 1 else str(self)

    def unit(self) -> tuple[str, int]:
        """The largest unit the step is a whole number of, and that number: ("hour", 1)."""
        if self.kind == "month":
            for months, name in ((12, "year"), (3, "quarter")):
                if self.count % months == 0:
                    return name, self.count // months
            return "month", self.count
        if self.kind in ("fixed", "open"):
            pairs = ((name, self.count // size) for size, name in _NAMES if self.count % size == 0)
            name, count = next(pairs, ("microsecond", self.count))
            return ("open " if self.kind == "open" else "") + name, count
        return ("business day" if self.kind == "business day" else "step"), self.count

    def duration(self, steps: float) -> str:
        """Real time spanned by a number of steps, as "5.2 hours"; fractions are allowed."""
        if not np.isfinite(steps):
            return "unbounded"
        if self.kind not in ("fixed", "open") or (self.kind == "open" and self.count == DAY):
            unit, count = self.unit()
            return _plural(steps * count, unit)
        length, names = steps * self.count, tuple(_NAMES)
        if self.kind == "open":  # a day of open hours is no day
            names = tuple((size, f"open {name}") for size, name in _NAMES if size < DAY)
        size, name = next(((s, n) for s, n in names if length >= s), names[-1])
        return _plural(length / size, name)

    def span(self, steps: int) -> str:
        """Real time spanned by some steps, in the largest unit of which it is a whole number, as "31 days";
        in a larger one where that would be 100 or more."""
        if self.kind != "fixed":
            return self.duration(steps)
        length = steps * self.count
        whole = ((length // size, name) for size, name in _NAMES if length and length % size == 0)
        count, name = next(whole, (_MOST_COUNTED, ""))
        return _plural(count, name) if count < _MOST_COUNTED else self.duration(steps)


def _plural(count: float, unit: str) -> str:
    text = f"{count:,.0f}" if count >= 1000 else f"{count:.3g}"
    return f"{text} {unit}" if text == "1" else f"{text} {unit}s"


class IrregularTimes(ValueError):
    """Stamps that show no step; `kind` is an identifier of `errors.DATA_ERRORS`."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


def find_step(times: Times) -> Step:
    """The step of one sorted series of stamps (n,), n >= 2: the one most neighbours keep.

    Raises IrregularTimes where no distance between neighbours is positive.
    """
    gaps = np.diff(times).astype(np.int64)
    gaps = gaps[gaps > 0]
    if not gaps.size:
        raise IrregularTimes("duplicate-time", "all time stamps are the same")
    if not np.issubdtype(times.dtype, np.datetime64):
        return Step("plain", _most_common(gaps))
    gap = _most_common(gaps)
    if gap >= 28 * DAY:
        months = as_months(times)
        if months is not None:
            return months
    if gap == DAY and len(times) >= 8 and np.is_busday(times.astype("datetime64[D]")).all():
        return Step("business day", 1)
    return Step("fixed", gap)


def _most_common(gaps: NDArray[Any]) -> int:
    values, counts = np.unique(gaps, return_counts=True)
    return int(values[np.argmax(counts)])


def as_months(times: Times) -> Step | None:
    """A step of whole months if every stamp falls on one day of the month, else None."""
    days = _day_of_month(times)
    ends = _day_of_month(_month_start(times, 1) - np.timedelta64(1, "D"))
    if (days == ends).all():
        day = _MONTH_END
    elif (days == np.minimum(days.max(), ends)).all():
        day = int(days.max())
    else:
        return None
    gaps = np.diff(times.astype("datetime64[M]").astype(np.int64))
    gaps = gaps[gaps > 0]
    return Step("month", _most_common(gaps), day) if gaps.size else None


def _month_start(times: Times, months_later: NDArray[np.int64] | int = 0) -> Times:
    months = times.astype("datetime64[M]") + np.asarray(months_later).astype("timedelta64[M]")
    return months.astype("datetime64[D]")


def _day_of_month(times: Times) -> NDArray[np.int64]:
    days = times.astype("datetime64[D]") - times.astype("datetime64[M]").astype("datetime64[D]")
    return days.astype(np.int64) + 1


def advance(start: Any, step: Step, counts: NDArray[np.int64] | int) -> Times:
    """The stamps `counts` steps after `start`; 0 is `start` itself. Both may be arrays."""
    start, counts = np.asarray(start), np.asarray(counts, dtype=np.int64)
    if not step.dated:
        return np.asarray(start + counts)
    if step.kind == "open":
        return step.week.advance(start, counts)
    counts = counts * step.count
    if step.kind == "plain":
        return np.asarray(start + counts)
    start = start.astype("datetime64[us]")
    if step.kind == "fixed":
        return np.asarray(start + counts.astype("timedelta64[us]"))
    date = start.astype("datetime64[D]")
    if step.kind == "business day":
        day = np.busday_offset(date, counts, roll="forward")
    else:
        first = _month_start(start, counts)
        length = _day_of_month(_month_start(start, counts + 1) - np.timedelta64(1, "D"))
        day = first + (np.minimum(step.day, length) - 1).astype("timedelta64[D]")
    return np.asarray(day.astype("datetime64[us]") + (start - date))


def positions(times: Times, starts: Any, step: Step) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many steps each stamp (n,) lies after its start, and whether it lies on the grid at all.

    starts: one stamp or (n,). The number of a stamp off the grid is that of the last step before it.
    """
    starts = np.broadcast_to(starts, times.shape)
    if step.plain or step.kind == "fixed":
        count = step.count if step.dated else 1
        steps, rest = np.divmod((times - starts).astype(np.int64), count)
        return steps, rest == 0
    if step.kind == "open":
        steps = step.week.positions(times, starts)
    elif step.kind == "business day":
        steps = np.busday_count(starts.astype("datetime64[D]"), times.astype("datetime64[D]")) // step.count
    else:
        months = [t.astype("datetime64[M]").astype(np.int64) for t in (times, starts)]
        steps = (months[0] - months[1]) // step.count
    return steps, np.asarray(advance(starts, step, steps) == times)


def format_time(time: Any, step: "Step | None" = None, zone: str = "") -> str:
    """A stamp as text, without a time of day when that is midnight.

    step: given, where times are months, quarters or years, which are then written as such; zone: of a stamp
    in UTC, which is shown by the clock of that zone, with its offset; an offset itself or "UTC" will do.
    """
    if not isinstance(time, np.datetime64):
        return str(time)
    if step is not None and step.kind == "month" and step.day == 1:
        return _format_month(time.astype("datetime64[M]"), step.count)
    shown, offset = zoned(time, zone) if zone else (time, "")
    text = str(shown.astype("datetime64[s]")).replace("T", " ")
    return text.removesuffix(" 00:00:00") if text.endswith(" 00:00:00") else text + offset


def _format_month(month: np.datetime64, count: int) -> str:
    """Of steps of so many months."""
    text, number = str(month), int(str(month)[5:7])
    if count % 12 == 0 and number == 1:
        return text[:4]
    parts = {3: f"-Q{(number + 2) // 3}", 6: f"-H{(number + 5) // 6}"}
    return text[:4] + parts.get(count, text[4:])


def seasons(step: Step) -> tuple[int, ...]:
    """Lengths in steps of the cycles that a series of this step may have, shortest first."""
    if step.kind == "plain":
        return ()
    if step.kind == "month":
        return (12 // step.count,) if step.count < 12 and 12 % step.count == 0 else ()
    if step.kind == "business day":
        return (5, 21, 261)
    if step.kind == "open":
        return _open_seasons(step.week)
    if step.count == 7 * DAY:
        return (52,)
    year = 365 * DAY if step.count >= DAY else round(365.25 * DAY)
    whole = [c // step.count for c in (MINUTE, HOUR, DAY, 7 * DAY) if c % step.count == 0]
    return tuple(s for s in (*whole, year // step.count) if s >= 2)


def _open_seasons(week: OpenWeek) -> tuple[int, ...]:
    """An hour where every day has as many whole ones, a day where all have as many open times, a week, a
    year."""
    day, of_week = week.usual_day, len(week.chosen)
    hour = HOUR // week.slot if HOUR % week.slot == 0 and day else 0
    found = (hour if hour and day % hour == 0 else 0, day, of_week, round(of_week * 365.25 / 7))
    return tuple(sorted({season for season in found if season >= 2}))


def time_features(times: Times, step: Step) -> NDArray[np.float32]:
    """Position in the day, week and year as sine and cosine, (n, 2 per cycle), in [-1, 1].

    Only cycles of at least two steps are given; a series of plain steps has none.
    """
    if step.plain:
        return np.zeros((len(times), 0), np.float32)
    moments = times.astype("datetime64[us]").astype(np.int64)
    year = times.astype("datetime64[Y]")
    years = year, year + np.timedelta64(1, "Y")
    year_start, next_year = (y.astype("datetime64[us]").astype(np.int64) for y in years)
    day_start = np.datetime64("1970-01-05", "us").astype(np.int64)  # a Monday
    length = {"business day": DAY, "month": step.count * 28 * DAY}.get(step.kind, step.count)
    cycles = {
        DAY: (moments - day_start) / DAY,
        7 * DAY: (moments - day_start) / (7 * DAY),
        365 * DAY: (moments - year_start) / (next_year - year_start),
    }
    angles = [2 * np.pi * part for cycle, part in cycles.items() if cycle >= 2 * length]
    waves = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.stack(waves, axis=1).astype(np.float32) if waves else np.zeros((len(times), 0), np.float32)
