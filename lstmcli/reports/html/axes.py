"""Axes of charts: where they begin and end, and what is written beside them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lstmcli.reports.open_axis import leaves_out, open_places, open_ticks
from lstmcli.series.arrays import Array
from lstmcli.series.calendar import DAY, HOUR, MINUTE, SECOND, Step, Times
from lstmcli.series.clock import shown_clock

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WITHIN_A_DAY = tuple(
    count * unit
    for unit, counts in ((SECOND, (1, 5, 15, 30)), (MINUTE, (1, 5, 15, 30)), (HOUR, (1, 3, 6, 12)))
    for count in counts
)
_DAYS = (DAY, 2 * DAY, 7 * DAY, 14 * DAY)
_IN_MONTHS = (1, 3, 6, 12, 24, 60, 120, 240, 600, 1200)
_NOTHING = 1e-290  # numbers below it are drawn as zeros: floats are too coarse there for ticks
_LARGEST = float(np.finfo(np.float64).max)
_MONDAY = 4 * DAY  # the first one after 1970-01-01


@dataclass(frozen=True)
class Axis:
    """low, high: its ends; ticks: places and what is written there; name: what it shows."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str = ""

    def share(self, values: Array) -> Array:
        """Places along the axis: 0 at its low end, 1 at its high end."""
        away = np.asarray(values, np.float64) / 2 - self.low / 2  # a half, as the whole may be beyond floats
        shares: Array = away / (self.high / 2 - self.low / 2)
        return shares


def number_axis(values: Array, name: str = "", with_zero: bool = False, wanted: int = 5) -> Axis:
    """An axis that holds all finite values and ends at round numbers, or at the largest float."""
    low, high = drawn_range(np.append(values, 0.0) if with_zero else values)
    step = _round_step((high / 2 - low / 2) / wanted * 2)
    first, last = int(np.floor(low / step + 1e-9)), int(np.ceil(high / step - 1e-9))
    places = [k * step for k in range(first, last + 1)]
    ticks = tuple((p, _number(p, step)) for p in places if abs(p) <= _LARGEST)
    return Axis(max(places[0], -_LARGEST), min(places[-1], _LARGEST), ticks, name)


def drawn_range(values: Array) -> tuple[float, float]:
    """The least and the largest of the finite values; where they are as good as equal, some room around."""
    known = np.asarray(values, np.float64).ravel()
    known = known[np.isfinite(known)]
    low, high = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    largest = max(abs(low), abs(high))
    if high / 2 - low / 2 <= 5e-10 * largest or largest < _NOTHING:
        margin = abs(low) / 10 if largest >= _NOTHING else 1.0
        return max(low - margin, -_LARGEST), min(high + margin, _LARGEST)
    return low, high


def count_axis(low: float, high: float, name: str = "", wanted: int = 6) -> Axis:
    """An axis of whole numbers from end to end, with ticks inside."""
    step = max(1.0, _round_step((high - low) / wanted))
    first, last = int(np.ceil(low / step)), int(np.floor(high / step))
    ticks = tuple((k * step, _number(k * step, step)) for k in range(first, last + 1))
    return Axis(low, high if high > low else low + 1, ticks, name)


def log_axis(low: float, high: float, name: str = "", wanted: int = 6) -> Axis:
    """An axis of the logarithms (to base 10) of numbers above zero, labelled with the numbers; it begins and
    ends at powers of ten."""
    first, last = int(np.floor(np.log10(low) + 1e-9)), int(np.ceil(np.log10(high) - 1e-9))
    last = max(last, first + 1)
    every = -(-(last - first) // wanted)
    return Axis(first, last, tuple((float(k), _power(k)) for k in range(last, first - 1, -every)), name)


def _power(exponent: int) -> str:
    return f"{10.0**exponent:g}" if exponent > -4 else f"1e{exponent}"


def places(times: Times, step: Step | None = None, zone: str = "") -> Array:
    """Time stamps as numbers: microseconds since 1970 by the clock of a zone, plain steps as they are, or
    steps at open hours. zone: as of `Panel`."""
    if step is not None and leaves_out(step):
        return open_places(times, step)
    return shown_clock(times, zone).astype(np.int64).astype(np.float64)


def time_axis(times: Times, step: Step | None = None, wanted: int = 7, zone: str = "") -> Axis:
    """An axis from the first to the last of some time stamps (n,), with at most `wanted` ticks. zone: as of
    `Panel`."""
    where = places(times, step, zone)
    low, high = float(where.min()), float(where.max())
    if step is not None and leaves_out(step):
        ends = times[[0, -1]].astype("datetime64[Y]").astype(str)
        return Axis(
            low, max(high, low + 1), tuple(open_ticks(times, step, wanted)), " to ".join(dict.fromkeys(ends))
        )
    if not np.issubdtype(times.dtype, np.datetime64):
        return count_axis(low, high, "step", wanted - 1)
    if high == low:
        high = low + DAY
    ticks = tuple(_time_ticks(low, high, wanted))
    first, last = (_moment(p).year for p in (low, high))
    years = f"{first}" if first == last else f"{first} to {last}"
    return Axis(low, high, ticks, "" if any(str(first) in text for _, text in ticks) else years)


def _time_ticks(low: float, high: float, wanted: int) -> Iterator[tuple[float, str]]:
    for step in (*_WITHIN_A_DAY, *_DAYS):
        if (high - low) / step <= wanted:
            offset = _MONDAY if step >= 7 * DAY else 0
            for k in range(int(np.ceil((low - offset) / step)), int(np.floor((high - offset) / step)) + 1):
                yield float(k * step + offset), _clock(_moment(k * step + offset), step)
            return
    first, last = _moment(low), _moment(high)
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((s for s in _IN_MONTHS if months / s < wanted), _IN_MONTHS[-1])
    for k in range(-(-(first.year * 12 + first.month - 1) // step) * step, last.year * 12 + last.month, step):
        place = float(np.datetime64(f"{k // 12:04}-{k % 12 + 1:02}", "us").astype(np.int64))
        if low <= place <= high:
            month = _MONTHS[k % 12] + (f" {k // 12}" if first.year < last.year else "")
            yield place, f"{k // 12}" if step >= 12 else month


def _clock(moment: datetime, step: int) -> str:
    midnight = moment.hour == moment.minute == moment.second == 0
    if midnight:
        return f"{moment.day} {_MONTHS[moment.month - 1]}"
    return f"{moment:%H:%M}" if step >= MINUTE else f"{moment:%H:%M:%S}"


def _moment(place: float) -> datetime:
    found: datetime = np.datetime64(int(place), "us").item()
    return found


def _round_step(least: float) -> float:
    """The smallest of 1, 2, 5, 10, ... times a power of ten that is no less."""
    power = float(10.0 ** np.floor(np.log10(least)))
    return next((m * power for m in (1, 2, 5) if m * power >= least * (1 - 1e-9)), 10 * power)


def _number(value: float, step: float) -> str:
    if not 1e-4 <= step < 1e7:
        return f"{value:.3g}"
    decimals = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    text = f"{value:,.{decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.,") else text
