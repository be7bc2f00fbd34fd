"""One way to read a time column, with what it made of the cells so far."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY
from lstmcli.tables.read.fields import FieldTimes
from lstmcli.tables.read.spelling import Spelling
from lstmcli.tables.read.time_forms import local_times


@dataclass
class Reading:
    """A pattern, and what it made of the cells so far.

    bad           the first row that it does not read, and its cell
    times_of_day  microseconds of the day, in local time; two different ones at most
    offsets       from UTC, two at most
    span          the first and the last time
    last          what it made of the last cells
    gaps          the least and the greatest time from a cell to the next, in microseconds
    monthly       whether all dates with points are the first of a month
    bare          whether days without a time of day were taken as their midnights
    """

    pattern: str
    bad: tuple[int, Any] | None = None
    times_of_day: set[int] = field(default_factory=set)
    offsets: set[int] = field(default_factory=set)
    span: tuple[np.datetime64, np.datetime64] | None = None
    spelling: Spelling = field(default_factory=Spelling)
    last: FieldTimes | None = None
    bare: bool = False
    monthly: bool = True
    gaps: tuple[int, int] | None = None
    _before: NDArray[np.datetime64] = field(default_factory=lambda: np.zeros(0, "datetime64[us]"))

    def add(self, cells: "pd.Series[Any]", read: FieldTimes, zone: str) -> None:
        """zone: that in which times of day are wanted."""
        empty = np.isnat(read.times)
        if empty.any() and self.bad is None:
            at = int(cells.index[empty][0])
            self.bad = (at, cells[at])
        self.last = read
        self.bare |= read.bare
        self.spelling.add(read)
        if empty.all():
            return
        found = read.times[~empty]
        if self.monthly:
            days = found.astype("datetime64[D]") if self.pattern.startswith("%d.%m.%Y") else found[:0]
            self.monthly = len(days) > 0 and bool((days == days.astype("datetime64[M]")).all())
        self._add_gaps(found)
        known = self.span or (found[0], found[0])
        self.span = min(found.min(), known[0]), max(found.max(), known[1])
        if len(self.times_of_day) < 2 or (read.offsets is not None and len(self.offsets) < 2):
            local = read.times
            if read.offsets is not None:
                local = local_times(read, zone)
                self.offsets = _two(self.offsets, read.offsets[~empty])
            self.times_of_day = _two(self.times_of_day, local[~empty].astype(np.int64) % DAY)

    @property
    def rises_within_days(self) -> bool:
        """Whether each time follows the one before it (or all the other way round) within less than a day."""
        low, high = self.gaps or (DAY, DAY)
        return 0 <= low <= high < DAY or -DAY < low <= high <= 0

    @property
    def in_order(self) -> bool:
        """Whether times rise from cell to cell, or fall."""
        low, high = self.gaps or (0, 0)
        return low > 0 or high < 0

    def _add_gaps(self, found: NDArray[np.datetime64]) -> None:
        apart = np.diff(np.append(self._before, found)).astype(np.int64)
        self._before = found[-1:]
        if len(apart):
            ends = (int(apart.min()), int(apart.max()))
            known = self.gaps or ends
            self.gaps = min(ends[0], known[0]), max(ends[1], known[1])


def _two(known: set[int], more: NDArray[np.int64]) -> set[int]:
    if not len(more):
        return known
    other = more[more != more[0]][:1]
    return {*sorted({*known, int(more[0]), *other.tolist()})[:2]}
