"""Whether series are closed at the same times of every week, such as at night or on Sundays.

A slot of the week is closed where 95 of 100 weeks have no row in it. That is told from gaps which only
happen to fall on one time of the week by how many there would be of these: with the share of rows that
are missing in the other slots, and as many weeks as there are. At two weeks all closings may be one
outage, so that each must be seen twice and all together three times.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import DAY, MINUTE, Step, Times
from lstmcli.series.clock import clock_changes
from lstmcli.series.open_week import WEEK, slots_text, week_slots

_CLOSED = 0.05  # of its weeks, at most, has a closed slot rows in
_OFF = 0.05  # of the rows may lie between slots
_FILLED = 0.7  # of the times that are open have rows, at least
_CHANCE = 0.005  # of the closed slots may be closed by chance
_TIMES_SEEN = 3  # closings, in all
_RARE = 0.02  # of the distances of rows; rarer ones do not show a slot
_CELLS = 1 << 22  # series times slots counted together
_ROWS = 1 << 20  # counted together


def open_step(
    step: Step,
    stamps: Times,
    every: Callable[[], Iterable[tuple[Times, Indices]]],
    zone: str = "",
    given: bool = False,
) -> Step:
    """The step between open times, where there are closed ones; else the step itself.

    step, stamps: of the longest series, whose stamps are sorted; every: the stamps of all series and where
    each begins, see `SlotCounts.add`; zone: of stamps in UTC; given: whether no other distance is tried.
    """
    if step.kind == "business day" and not given:
        if all(np.is_busday(times.astype("datetime64[D]")).all() for times, _ in every()):
            return step
        lengths: tuple[int, ...] = (DAY,)
    elif step.kind == "fixed" and step.dated:
        lengths = _slot_lengths(np.diff(stamps).astype(np.int64))
        if given:
            lengths = (step.count,) if lengths and DAY % step.count == 0 else ()
    else:
        return step
    for length in lengths:
        counts = SlotCounts(length, zone if length < DAY else "")
        for times, bounds in every():
            counts.add(times, bounds)
        if found := counts.find():
            return Step("open", length, slots=found, zone=counts.zone)
    return step


def _slot_lengths(gaps: Indices) -> tuple[int, ...]:
    """Lengths of slots that rows so far apart (n,) may lie in, the likeliest first; none where all are
    as far apart."""
    gaps = gaps[gaps > 0]
    if not gaps.size or (gaps == gaps[0]).all():
        return ()
    found, counts = np.unique(gaps, return_counts=True)
    usual = int(found[np.argmax(counts)])
    if usual >= WEEK:
        return ()
    common = math.gcd(*(int(gap) for gap in found[counts >= _RARE * len(gaps)]))
    lengths = dict.fromkeys((usual, common))
    return tuple(length for length in lengths if length >= MINUTE and DAY % length == 0)


@dataclass
class SlotCounts:
    """Rows of series by slot of the week, (slots,) each.

    seen   weeks with a row, of all series together
    could  weeks of a series that go over the slot, and have a row at all, of all series together
    weeks  the most of these that one series has
    often  whether a series of some weeks has a row in more than half of them
    used   of the series that are open then: weeks with a row, and weeks, (2, slots)
    """

    slot: int
    zone: str = ""

    def __post_init__(self) -> None:
        slots = WEEK // self.slot
        self.seen, self.could, self.weeks = np.zeros((3, slots), np.int64)
        self.often, self.used = np.zeros(slots, bool), np.zeros((2, slots), np.int64)
        self.rows, self.off = 0, 0
        self.span = (2**62, -(2**62))

    def add(self, times: NDArray[Any], bounds: Indices) -> None:
        """Counts sorted stamps; series `s` has those from `bounds[s]` to `bounds[s + 1]`."""
        if not len(times):
            return
        at_once, first = max(1, _CELLS // len(self.seen)), 0
        while first < len(bounds) - 1:
            many = int(np.searchsorted(bounds, bounds[first] + _ROWS, side="right")) - 1 - first
            edges = bounds[first : first + max(1, min(many, at_once)) + 1]
            start = max(edges[0], edges[-1] - _ROWS)  # of a longer series its newest rows
            self._add(times[start : edges[-1]], np.maximum(edges - start, 0))
            first += len(edges) - 1
        moments = times.astype("datetime64[us]").astype(np.int64)
        self.span = (min(self.span[0], int(moments.min())), max(self.span[1], int(moments.max())))

    def _add(self, times: NDArray[Any], bounds: Indices) -> None:
        sizes = np.diff(bounds)
        series = np.repeat(np.arange(len(sizes)), sizes)
        _, into = week_slots(times[bounds[:-1][sizes > 0]], self.slot, self.zone)
        shifts = np.zeros(len(sizes), np.int64)
        shifts[sizes > 0] = into
        slots, left = week_slots(times, self.slot, self.zone, shifts[series])
        self.rows, self.off = self.rows + len(times), self.off + int((left > 0).sum())
        fresh = (left == 0) & np.append(True, (np.diff(slots) > 0) | (np.diff(series) > 0))
        series, slots = series[fresh], slots[fresh]
        count, whole = len(self.seen), (len(sizes), len(self.seen))
        seen = np.bincount(series * count + slots % count, minlength=whole[0] * count).reshape(whole)
        could = _covered(series, slots, whole)
        self.seen += seen.sum(axis=0)
        self.could += could.sum(axis=0)
        self.weeks = np.maximum(self.weeks, could.max(axis=0))
        self.used += np.where(seen > _CLOSED * could, [seen, could], 0).sum(axis=1)
        self.often |= ((could >= _TIMES_SEEN) & (2 * seen > could)).any(axis=0)

    def find(self) -> str:
        """The slots that are open, see `open_week`; "" where no slots are closed week by week."""
        closed = (self.seen <= _CLOSED * self.could) & ~self.often & (self.could > 0)
        if closed.all() or not closed.any() or self.off > _OFF * self.rows:
            return ""
        seen, could = map(int, self.used[:, ~closed].sum(axis=1))
        by_chance = (((could - seen + 1) / (could + 2)) ** self.weeks).sum()
        enough = self.weeks[closed].min() >= 2 and self._closings(closed) >= _TIMES_SEEN
        if seen < _FILLED * could or by_chance > _CHANCE * closed.sum() or not enough:
            return ""
        return "" if self.zone and self._clock_changes_within(~closed) else slots_text(~closed)

    def _closings(self, closed: NDArray[np.bool_]) -> int:
        """How often any series was seen to close."""
        starts = closed & ~np.roll(closed, 1)
        return int(self.weeks[starts].sum())

    def _clock_changes_within(self, flags: NDArray[np.bool_]) -> bool:
        """Whether the clock leaves out or repeats an open time: steps of real time are then as regular."""
        at, offsets = clock_changes(self.zone, *self.span)
        inside = np.flatnonzero((at > self.span[0]) & (at < self.span[1] + 52 * WEEK))
        for change in inside:
            shown = at[change] + offsets[change - 1 : change + 1]  # before and after the change
            around = np.arange(shown.min(), shown.max(), min(self.slot, 15 * MINUTE))
            slots, _ = week_slots(around.astype("datetime64[us]"), self.slot, "")
            if flags[slots % len(flags)].any():
                return True
        return False


def _covered(series: Indices, slots: Indices, whole: tuple[int, int]) -> Indices:
    """(series, slots) how many weeks that hold a row go over each slot, from the first row to the last."""
    count = whole[1]
    weeks = slots // count
    first = np.append(True, np.diff(series) > 0)
    last = np.append(first[1:], True)
    new = first | np.append(True, np.diff(weeks) > 0)
    number = np.bincount(series[new], minlength=whole[0])[:, None]
    low, high = np.zeros(whole[0], np.int64), np.full(whole[0], count, np.int64)
    low[series[first]], high[series[last]] = slots[first] % count, slots[last] % count
    places = np.arange(count)
    return np.maximum(number - (places < low[:, None]) - (places > high[:, None]), 0)
