"""Zeros that stand for closed times, as of a shop on Sundays or at night: said, never removed.

Such zeros are no demand: a forecast that learns from them is worse where the shop is open.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import DAY, MINUTE, Step, Times, advance
from lstmcli.series.closings import SlotCounts
from lstmcli.series.open_week import WEEK, describe_week, open_week, week_slots
from lstmcli.series.panel import Panel
from lstmcli.series.steps import is_days

_FEWEST = 1 / 14  # of the rows are zeros, at least: a day of every second week
_OTHERS = 0.05  # of the rows at open times may be zeros, as on public holidays


class ClosedZeros:
    """Counts zeros by time of the week, some series at a time. zone: of stamps in UTC, "" for local ones."""

    def __init__(self, step: Step, zone: str = "") -> None:
        self._step, self._start, self._marks = step, None, False
        self._fits = step.kind == "fixed" and step.dated and MINUTE <= step.count <= DAY
        self._fits = self._fits and DAY % step.count == 0
        if self._fits:
            self._counts = SlotCounts(step.count, zone if step.count < DAY else "")
            self._rows = np.zeros((2, WEEK // step.count), np.int64)  # zeros, and all with a value

    def add(
        self,
        times: Times,
        bounds: Indices,
        targets: Sequence[NDArray[np.float64]],
        others: Sequence[NDArray[Any]] = (),
    ) -> None:
        """Takes series of sorted stamps; series `s` has those from `bounds[s]` to `bounds[s + 1]`.

        targets: values, NaN where missing; a row is zero where all that are there are; others: of columns in
        which a zero does not mean closed.
        """
        if not self._fits or not len(times):
            return
        empty = np.logical_and.reduce([np.isnan(values) for values in targets])
        zero = np.logical_and.reduce([(values == 0) | np.isnan(values) for values in targets]) & ~empty
        if zero.sum() < _FEWEST * len(zero):
            self._fits = False
            return
        self._start = times[0] if self._start is None else self._start
        self._marks = self._marks or any((values == 0).any() for values in others)
        kept = np.flatnonzero(~zero & ~empty)
        self._counts.add(times[kept], np.searchsorted(kept, bounds))
        slots = week_slots(times, self._counts.slot, self._counts.zone)[0] % self._rows.shape[1]
        self._rows += [np.bincount(slots[rows], minlength=self._rows.shape[1]) for rows in (zero, ~empty)]

    def notes(self) -> tuple[str, ...]:
        """What the zeros stand for, if anything, and what leaves them out."""
        found = self._counts.find() if self._fits and self._start is not None else ""
        if not found:
            return ()
        week = open_week(found, self._counts.slot, self._counts.zone)
        zeros, rows = self._rows
        if zeros[week.flags].sum() > _OTHERS * rows[week.flags].sum() or not zeros[~week.flags].any():
            return ()
        what = "days" if is_days(self._step) else "times"
        mend = f"--set missing=0 forecasts open {what} alone"
        mend = f"leave the rows of closed {what} out" if self._marks else mend
        said = f"zeros at all {what} but {describe_week(week, self._start)}, as where a shop is closed"
        return (f"{said}; they disturb the forecast of open {what}: {mend}",)


def closed_zero_notes(panel: Panel) -> tuple[str, ...]:
    """The same of a panel without covariates, whose stamps are local times."""
    if np.count_nonzero(panel.values == 0) < _FEWEST * len(panel.values) or not panel.step.dated:
        return ()
    counted = ClosedZeros(panel.step)
    within = np.arange(len(panel.values)) - np.repeat(panel.offsets[:-1], np.diff(panel.offsets))
    times = advance(np.repeat(panel.starts, np.diff(panel.offsets)), panel.step, within)
    counted.add(times, panel.offsets, [panel.values])
    return counted.notes()
