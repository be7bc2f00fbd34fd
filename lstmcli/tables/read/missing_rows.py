"""Rows that are left out within bins of resampling: counted, told, and which sums lack too many of them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import MOST_SHOWN, plural
from lstmcli.series.calendar import HOUR, Step, Times, advance, format_time, positions
from lstmcli.series.holidays import holiday_flags
from lstmcli.series.panel import shown_key
from lstmcli.series.roles import Roles
from lstmcli.series.steps import bin_starts, is_days
from lstmcli.tables.read.complaints import most_inserted
from lstmcli.tables.read.grid import Grid, common_step
from lstmcli.tables.read.mends import zone_of_change
from lstmcli.tables.read.open_times import within_days
from lstmcli.tables.read.table import Table

_LACKED = 0.1  # of the rows of a bin, at most, where its sum is taken
_REGULAR = 0.9  # of the rows, at least, lie whole steps behind another
_LOOKED_AT = 1000  # gaps of an hour
_HOLIDAYS = 4  # days without a row behind one another, at most, that are likely public holidays


@dataclass(frozen=True)
class MissingRows:
    """Of each bin that holds a row, (bins,).

    lacked: rows that are left out within it; likely: those of them that are likely holidays; there: rows
    that it holds.
    """

    lacked: NDArray[np.int64]
    likely: NDArray[np.int64]
    there: NDArray[np.int64]

    @property
    def too_many(self) -> NDArray[np.bool_]:
        """Which bins lack so many that they have no sum; none where most do, as of days with sales alone."""
        lost = self.lacked - self.likely
        found = lost > _LACKED * (lost + self.there)
        return found & (2 * found.sum() <= len(found))

    def note(self, grid: Grid, step: Step, how: str, complete: NDArray[np.bool_]) -> str:
        """What is done with them, "" where no row is missing. grid: of bins, `step` apart; complete: those
        that are kept."""
        lacked = np.where(complete, self.lacked, 0)
        if not lacked.any():
            return ""
        most = [int(b) for b in np.argsort(-lacked, kind="stable")[: MOST_SHOWN + 1] if lacked[b]]
        named = [_bin_name(grid, step, b) + f" {lacked[b]:,}" for b in most[:MOST_SHOWN]]
        more = ", ..." if len(most) > MOST_SHOWN else ""
        bins = f"{int((lacked > 0).sum()):,} of {plural(int(complete.sum()), 'bin')}"
        said = f"missing within {bins}: {plural(int(lacked.sum()), 'row')} ({', '.join(named)}{more})"
        left = int((self.too_many & complete).sum()) if how == "sum" else 0
        if left:
            said += f"; {plural(left, 'sum')} left missing, as more than a tenth of the rows are"
        if left < (lacked > 0).sum():
            said += f"; {'other sums are' if left else 'each value is'} of the rows there"
        if likely := int(self.likely[complete].sum()):
            said += f"; {likely:,} likely on holidays, which --set holidays=US (or your country) knows"
        return said if likely and not left else f"{said}; lstmcli impute --add-rows fills gaps first"


def count_missing_rows(
    table: Table, grid: Grid, roles: Roles, step: Step, starts: NDArray[np.int64], bins: NDArray[np.int64]
) -> MissingRows:
    """starts, bins: the start and the number of the bin of each row, bins being `step` long. Nothing is
    missing where rows show no step, nor at closed times and on holidays."""
    there = np.bincount(bins)
    lacked, likely = np.zeros_like(there), np.zeros_like(there)
    times, before, few = _missing_times(table, grid, roles)
    if len(times):
        found = bin_starts(times, step)
        first = found == starts[before]
        second = ~first & (found == starts[before + 1])  # others lie in bins without a row
        for counted, chosen in ((lacked, True), (likely, few)):
            np.add.at(counted, bins[before[first & chosen]], 1)
            np.add.at(counted, bins[before[second & chosen] + 1], 1)
    return MissingRows(lacked, likely, there)


def _missing_times(
    table: Table, grid: Grid, roles: Roles
) -> tuple[Times, NDArray[np.int64], NDArray[np.bool_]]:
    """The times between rows at which one is due, the row before each, and which are likely holidays."""
    none = grid.times[:0], np.zeros(0, np.int64), np.zeros(0, bool)
    if not roles.time:
        return none
    try:
        step = common_step(table, grid, roles)
    except DataError:
        return none
    steps, fits = positions(grid.times[1:], grid.times[:-1], step)
    within = np.ones(len(steps), bool)
    within[grid.bounds[1:-1] - 1] = False
    counts = np.where(within, np.maximum(steps - 1, 0), 0)
    if fits[within].mean() < _REGULAR or not 0 < counts.sum() <= most_inserted(len(grid.times)):
        return none
    before = np.repeat(np.arange(len(counts)), counts)
    ahead = np.arange(len(before)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    times = advance(grid.times[before], step, ahead)
    due = np.ones(len(times), bool)
    if (place := table.options.holidays) and within_days(step):
        due &= holiday_flags(times, step, place)[:, 0] == 0
    due &= ~np.repeat(_skipped_hours(grid, step, counts), counts)
    has_closed = is_days(step) and step.kind in ("open", "business day")
    few = np.repeat(counts <= _HOLIDAYS, counts) & (has_closed and not place)
    return times[due], before[due], few[due]


def _skipped_hours(grid: Grid, step: Step, counts: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Behind which rows the hour is missing that clocks leave out in spring."""
    skipped = np.zeros(len(counts), bool)
    if grid.local and step.kind == "fixed" and step.count <= HOUR:
        for row in np.flatnonzero(counts * step.count == HOUR)[:_LOOKED_AT]:
            skipped[row] = zone_of_change(advance(grid.times[row], step, 1)[()], False) != ""
    return skipped


def _bin_name(grid: Grid, step: Step, place: int) -> str:
    key = grid.keys[int(grid.series(np.array([place]))[0])]
    return " ".join(filter(None, [shown_key(key) if key else "", format_time(grid.times[place], step)]))
