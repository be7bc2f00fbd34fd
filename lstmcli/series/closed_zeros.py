"""Zeros that stand for closed times, as of a shop on Sundays or at night.

Such zeros are no demand: closed times are left out of what is learned, and forecast as 0.

Nights of sunlight are zeros too, whose hours move with the seasons. Hours that are the same on all days are
closed only where the values next to them do not fade out, and are seldom zeros; and times at which values
come again are closed no longer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import plural
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import DAY, MINUTE, Step, Times, advance
from lstmcli.series.closings import SlotCounts
from lstmcli.series.open_week import WEEK, OpenWeek, describe_week, open_week, week_slots
from lstmcli.series.panel import Panel
from lstmcli.series.steps import is_days

_FEWEST = 1 / 14  # of the rows are zeros, at least: a day of every second week
_OTHERS = 0.2  # of the rows at open times may be zeros, as on public holidays
_LATE = 4 * WEEK  # at the end of a series: a time that had values in two of these weeks is open
_LATE_VALUES = 2
_AT_EDGES = 0.05  # more of the rows at the edges of open times may be zeros than of others
_SUDDEN, _FAINT = 0.8, 0.25  # of the value beside it: an edge that is no dawn, and the other one
KEEP = "--set open=always takes them as open"


class ClosedValues(NamedTuple):
    """Values other than 0 at closed times, and their times, in order of time."""

    times: Times
    values: NDArray[np.float64]


@dataclass(frozen=True)
class FoundClosed:
    """step: between open times, None where zeros are no closed times; notes: for the user, where there is no
    step."""

    step: Step | None
    notes: tuple[str, ...]


class ClosedZeros:
    """Counts zeros by time of the week, some series at a time. zone: of stamps in UTC, "" for local ones.

    counts_step: whether rows of this step, and with so many zeros, may show closed times.
    """

    def __init__(self, step: Step, zone: str = "") -> None:
        self._step, self._start = step, None
        self.counts_step = step.kind == "fixed" and step.dated and MINUTE <= step.count <= DAY
        self.counts_step = self.counts_step and DAY % step.count == 0
        if self.counts_step:
            self._counts = SlotCounts(step.count, zone if step.count < DAY else "")
            slots = WEEK // step.count
            self._rows = np.zeros((2, slots), np.int64)  # zeros, and all with a value
            self._sums, self._late = np.zeros(slots), np.zeros(slots, np.int64)

    def add(self, times: Times, bounds: Indices, targets: Sequence[NDArray[np.float64]]) -> None:
        """Takes series of sorted stamps; series `s` has those from `bounds[s]` to `bounds[s + 1]`.

        targets: values, NaN where missing; a row is zero where all that are there are.
        """
        if not self.counts_step or not len(times):
            return
        empty = np.logical_and.reduce([np.isnan(values) for values in targets])
        zero = np.logical_and.reduce([(values == 0) | np.isnan(values) for values in targets]) & ~empty
        if zero.sum() < _FEWEST * len(zero):
            self.counts_step = False
            return
        self._start = times[0] if self._start is None else self._start
        kept = np.flatnonzero(~zero & ~empty)
        self._counts.add(times[kept], np.searchsorted(kept, bounds))
        count = self._rows.shape[1]
        slots = week_slots(times, self._counts.slot, self._counts.zone)[0]
        self._late = np.maximum(self._late, late_values(times, bounds, slots, kept, count))
        slots %= count
        self._rows += [np.bincount(slots[rows], minlength=count) for rows in (zero, ~empty)]
        size = np.sum([np.abs(np.nan_to_num(values)) for values in targets], axis=0)
        self._sums += np.bincount(slots, size, count)

    def found(self) -> FoundClosed:
        """What the zeros stand for."""
        text = self._counts.find() if self.counts_step and self._start is not None else ""
        if not text:
            return FoundClosed(None, ())
        week = open_week(text, self._counts.slot, self._counts.zone)
        zeros, rows = self._rows
        if zeros[week.flags].sum() > _OTHERS * rows[week.flags].sum() or not zeros[~week.flags].any():
            return FoundClosed(None, ())
        step = Step("open", week.slot, slots=text, zone=week.zone, zeros=True)
        if not self._is_shut(week):
            meant = "if these are closed, --set missing=0 forecasts the others alone"
            return FoundClosed(None, (f"{_zeros(step, self._start)}: {meant}",))
        if self._late[~week.flags].max() >= _LATE_VALUES:
            said = f"{_zeros(step, self._start)}, but in the last four weeks these have values"
            return FoundClosed(None, (f"{said}: they are forecast as open",))
        return FoundClosed(step, ())

    def _is_shut(self, week: OpenWeek) -> bool:
        """Whether somebody closes: on a whole day of the week, or between values that do not fade out."""
        if not week.per_day.all():
            return True
        zeros, rows = self._rows
        flags = week.flags
        first, last = flags & ~np.roll(flags, 1), flags & ~np.roll(flags, -1)
        edges, inner = first | last, flags & ~first & ~last
        beside = np.roll(first, 1), np.roll(last, -1)
        if not all(inner[part].all() for part in beside):
            return False
        mean = self._sums / np.maximum(rows, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            often = zeros[edges].sum() / rows[edges].sum() - zeros[inner].sum() / rows[inner].sum()
            pairs = zip((first, last), beside, strict=True)
            sizes = [mean[edge].sum() / mean[other].sum() for edge, other in pairs]
        return bool(often <= _AT_EDGES and max(sizes) >= _SUDDEN and min(sizes) >= _FAINT)


def late_values(
    times: Times, bounds: Indices, slots: Indices, valued: Indices, count: int
) -> NDArray[np.int64]:
    """(count,) in how many of the last four weeks of a series each slot of the week has a value that is not
    zero, the most that any series has.

    times, slots: (rows,) of sorted stamps, see `week_slots`; valued: the rows with such a value; count: of
    slots in a week.
    """
    held = np.flatnonzero(np.diff(bounds))
    ends = np.repeat(times[bounds[1:][held] - 1], np.diff(bounds)[held])
    late = valued[(ends[valued] - times[valued]).astype(np.int64) < _LATE]
    series = np.searchsorted(bounds, late, side="right") - 1
    once = np.unique(np.stack([series, slots[late]]), axis=1)  # a time may be there twice
    pairs, counts = np.unique(once[0] * count + once[1] % count, return_counts=True)
    most = np.zeros(count, np.int64)
    np.maximum.at(most, pairs % count, counts)
    return most


def are_open_now(times: Times, bounds: Indices, valued: Indices, step: Step) -> bool:
    """Whether closed times have values again. Arguments as of `late_values`; valued: at closed ones."""
    if not valued.size:
        return False
    count = len(step.week.flags)
    slots = week_slots(times, step.count, step.zone)[0]
    return bool(late_values(times, bounds, slots, valued, count).max() >= _LATE_VALUES)


def closed_note(step: Step, start: Any, rows: int, keep: str = "") -> str:
    """What rows of zeros at closed times are, for every command. start: a stamp; rows: how many there are;
    keep: how to have it otherwise."""
    said = f"{_zeros(step, start)}: closed {closed_word(step)} are expected to be 0"
    said += f", {plural(rows, 'row')} left out of the history" if rows else ""
    return f"{said} ({keep})" if keep else said


def _zeros(step: Step, start: Any) -> str:
    return f"zeros at all {closed_word(step)} but {describe_week(step.week, start)}"


def closed_word(step: Step) -> str:
    """What is closed."""
    return "days" if is_days(step) else "times"


def closed_after(panel: Panel, ends: Times) -> Indices:
    """(series,) rows of zeros at closed times behind the last value of each history. ends: (series,) the
    times of the last of them, or of the last values."""
    step = panel.step
    last = advance(panel.starts, step, panel.lengths - 1).astype("datetime64[us]")
    behind = (ends.astype("datetime64[us]") - last).astype(np.int64) // step.count
    room = (step.week.advance(last, np.ones(len(last), np.int64)) - last).astype(np.int64) // step.count - 1
    return np.clip(behind, 0, np.maximum(room, 0)).astype(np.int64)


def has_closed_zeros(panel: Panel) -> bool:
    """Whether there is something to say of zeros in a panel without covariates; stamps are local times."""
    if np.count_nonzero(panel.values == 0) < _FEWEST * len(panel.values) or not panel.step.dated:
        return False
    counted = ClosedZeros(panel.step)
    within = np.arange(len(panel.values)) - np.repeat(panel.offsets[:-1], np.diff(panel.offsets))
    times = advance(np.repeat(panel.starts, np.diff(panel.offsets)), panel.step, within)
    counted.add(times, panel.offsets, [panel.values])
    found = counted.found()
    return found.step is not None or bool(found.notes)
