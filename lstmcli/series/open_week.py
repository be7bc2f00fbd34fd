"""The times of a week at which a series has values: shop hours, trading hours, days without Sundays.

A week is cut into slots of one length from Monday, midnight. A text names those that are open, as
"9-15 33-39": the hours from nine to three on Monday and on Tuesday.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.clock import Moments, clock_times, first_showing

WEEK = 604_800_000_000  # microseconds
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONDAY = 345_600_000_000  # 1970-01-05
_MINUTE = 60_000_000
_SHOWN = 4  # runs of open times in a day


@dataclass(frozen=True)
class OpenWeek:
    """The open slots of a week.

    slot    length in microseconds; it divides a day
    zone    time zone whose clocks are meant, "" where stamps show local times already
    flags   (slots,) whether each is open
    chosen  (open,) numbers of the open slots
    ranks   (slots,) how many open slots lie before each
    """

    slot: int
    zone: str
    flags: NDArray[np.bool_]
    chosen: NDArray[np.int64]
    ranks: NDArray[np.int64]

    @property
    def per_day(self) -> NDArray[np.int64]:
        """(7,) open slots of each day."""
        return self.flags.reshape(7, -1).sum(axis=1)

    @property
    def usual_day(self) -> int:
        """Open slots of every day that has any; 0 where these differ."""
        counts = self.per_day[self.per_day > 0]
        return int(counts[0]) if (counts == counts[0]).all() else 0

    def most_open(self, times: int) -> int:
        """How many of so many neighbouring times are open, at most."""
        weeks, rest = divmod(times, len(self.flags))
        sums = np.cumsum(np.concatenate([[0], self.flags, self.flags[:rest]]))
        return int(weeks * len(self.chosen) + (sums[rest:] - sums[: len(sums) - rest]).max())

    def holds(self, times: NDArray[Any]) -> NDArray[np.bool_]:
        """Which stamps (n,) lie in an open slot."""
        slots, _ = self._slots(times, 0)
        return self.flags[slots % len(self.flags)]

    def advance(self, starts: NDArray[Any], counts: NDArray[np.int64]) -> NDArray[Any]:
        """The stamps so many open slots after the starts; a start that is closed counts as the next open."""
        slots, into = self._slots(starts, 0)
        ranks = self._rank(slots) + counts
        weeks, place = np.divmod(ranks, len(self.chosen))
        found = (weeks * len(self.flags) + self.chosen[place]) * self.slot + into + _MONDAY
        return first_showing(np.asarray(found), self.zone).astype("datetime64[us]")

    def positions(self, times: NDArray[Any], starts: NDArray[Any]) -> NDArray[np.int64]:
        """How many open slots the last one that is not after each stamp lies after the start."""
        first, into = self._slots(starts, 0)
        slots, _ = self._slots(times, into)
        closed = ~self.flags[slots % len(self.flags)]
        return self._rank(slots) - closed - self._rank(first)

    def _rank(self, slots: Moments) -> Moments:
        weeks, place = np.divmod(slots, len(self.flags))
        return weeks * len(self.chosen) + self.ranks[place]

    def _slots(self, times: NDArray[Any], into: Moments | int) -> tuple[Moments, Moments]:
        """Number of the slot of each stamp, and how far into it the stamp lies beyond `into`."""
        return week_slots(times, self.slot, self.zone, into)


def week_slots(times: NDArray[Any], slot: int, zone: str, into: Moments | int = 0) -> tuple[Moments, Moments]:
    """Number of the slot of each stamp, counted from a Monday, and what is left. Slots begin `into`
    microseconds after whole ones."""
    local = clock_times(np.asarray(times).astype("datetime64[us]").astype(np.int64), zone)
    slots, left = np.divmod(local - _MONDAY - into, slot)
    return slots, left


@lru_cache(maxsize=64)
def open_week(text: str, slot: int, zone: str = "") -> OpenWeek:
    """The week that a text names. Raises ValueError where it names none."""
    if slot < 1 or WEEK // 7 % slot:
        raise ValueError(f"no slots of {slot} microseconds fit into a day")
    flags = np.zeros(WEEK // slot, bool)
    for run in text.split(" "):
        found = re.fullmatch(r"(\d{1,9})(?:-(\d{1,9}))?", run)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last < len(flags):
            raise ValueError(f"{run!r} names no slots of a week of {len(flags)}")
        flags[first : last + 1] = True
    if flags.all() or slots_text(flags) != text:
        raise ValueError("slots must rise, and some be closed")
    return OpenWeek(slot, zone, flags, np.flatnonzero(flags), np.cumsum(flags) - flags)


def slots_text(flags: NDArray[np.bool_]) -> str:
    """The text that names the slots with a flag."""
    return " ".join(f"{a}-{b}" if a < b else f"{a}" for a, b in _runs(flags))


def describe_week(week: OpenWeek, start: Any) -> str:
    """As in "Mon-Fri 09:00 to 15:00 (35 of 168 hours)"; start: a stamp, which shows the minute."""
    _, into = week_slots(np.asarray([start]), week.slot, week.zone)
    days = week.flags.reshape(7, -1)
    texts = [_hours(day, week.slot, int(into[0])) for day in days]
    parts: list[str] = []
    first = 0
    for day in range(1, 8):
        if day == 7 or (days[day] != days[first]).any():
            if days[first].any():
                name = _DAYS[first] if day - first == 1 else f"{_DAYS[first]}-{_DAYS[day - 1]}"
                parts.append(f"{'every day' if day - first == 7 else name}{texts[first]}")
            first = day
    unit = {WEEK // 7: " days", WEEK // 168: " hours", _MINUTE: " minutes"}.get(week.slot, "")
    where = f" in {week.zone}" if week.zone else ""
    return f"{', '.join(parts)}{where} ({len(week.chosen):,} of {len(week.flags):,}{unit})"


def _hours(day: NDArray[np.bool_], slot: int, into: int) -> str:
    """The open times of a day as the stamps show them: " 09:00 to 11:00 and 13:00 to 16:00"."""
    if len(day) == 1:
        return ""
    if day.all():
        return " all day"
    runs = _runs(day)

    def clock(number: int) -> str:
        minutes = (number * slot + into) // _MINUTE
        return f"{minutes // 60:02}:{minutes % 60:02}"

    shown = [f"{clock(a)} to {clock(b)}" if a < b else clock(a) for a, b in runs[:_SHOWN]]
    return " " + " and ".join([*shown, *(["more"] if len(runs) > _SHOWN else [])])


def _runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last place of every run of flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in edges.reshape(-1, 2)]
