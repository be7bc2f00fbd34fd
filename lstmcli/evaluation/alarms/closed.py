"""Which values at closed times are told: what is known of them is that there is none, or 0."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Step
from lstmcli.series.open_week import WEEK, week_slots

NEVER = -(2**61)  # a time before all others, and the week of it
_WEEKS, _MOST = 4, 2  # a day of the week with values in so many of the last weeks before is open now


@dataclass(frozen=True)
class ClosedMemory:
    """What is remembered of values at closed times; it is changed in place.

    times   (series,) in microseconds, of the newest
    counts  (series,) how many there were, those that follow one another as one
    weeks   (series, 7, _MOST + 1) numbers of the newest weeks with such values, by day of the week
    """

    times: NDArray[np.int64]
    counts: NDArray[np.int64]
    weeks: NDArray[np.int64]

    @staticmethod
    def none(series: int) -> "ClosedMemory":
        """Of series of which nothing is known."""
        weeks = np.full((series, 7, _MOST + 1), NEVER)
        return ClosedMemory(np.full(series, NEVER), np.zeros(series, np.int64), weeks)

    def select(self, chosen: Any) -> "ClosedMemory":
        """A copy of some series, by a list of their places."""
        return ClosedMemory(*(part[chosen] for part in vars(self).values()))

    def joined(self, other: "ClosedMemory") -> "ClosedMemory":
        """With the series of another one behind."""
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return ClosedMemory(*(np.concatenate(pair) for pair in pairs))

    def forget(self, series: int) -> None:
        """Of one series."""
        for part, new in zip(vars(self).values(), vars(ClosedMemory.none(1)).values(), strict=True):
            part[series] = new[0]

    def take(self, series: int, time: Any, step: Step, most: float) -> bool:
        """Whether a value at a closed time is told: the first since an open time, or for a day, where no more
        than `most` came before, and the day of the week is not open by now. Values are taken in order of
        time."""
        stamp = np.asarray([time]).astype("datetime64[us]")
        when, last = int(stamp.astype(np.int64)[0]), int(self.times[series])
        if when <= last or self._is_open_now(series, stamp, step):
            return False
        self.times[series] = when
        if last != NEVER and when - last <= DAY:
            before = np.array([last]).astype("datetime64[us]")
            if step.week.positions(stamp, before)[0] < 0:  # no open time lies between them
                return False
        self.counts[series] += 1
        return bool(self.counts[series] - 1 <= most)

    def _is_open_now(self, series: int, stamp: NDArray[Any], step: Step) -> bool:
        """Takes note of the week, too."""
        slot = int(week_slots(stamp, step.count, step.zone)[0][0])
        week, day = slot * step.count // WEEK, slot * step.count % WEEK // DAY
        seen = self.weeks[series, day]
        if week not in seen:
            seen[:] = np.sort([*seen, week])[1:]
        return bool(np.count_nonzero((seen < week) & (seen > week - _WEEKS)) >= _MOST)
