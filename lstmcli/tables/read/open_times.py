"""Times that are open: what a note says of them, and rows that lie outside."""

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import DAY, Step, Times, advance
from lstmcli.series.closed_zeros import ClosedZeros
from lstmcli.series.holidays import holiday_flags
from lstmcli.series.open_week import describe_week
from lstmcli.series.panel import shown_key
from lstmcli.series.roles import Roles
from lstmcli.series.steps import is_days
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.tokens import stamp_text

OPEN_HOLIDAYS = "holidays ahead are forecast too, as days that are open"
FEW_ROWS = 12  # new ones that show no step, and may all be at closed times
_LEARNED = 14 * DAY  # of rows, at least, show what is closed
_OPEN = 0.8  # of the time, at most, where rows may be of open times alone


def open_notes(step: Step, start: Any) -> tuple[str, ...]:
    """What was learned of open times, none for another step; start: a stamp on them."""
    if step.kind != "open" or step.zeros:
        return ()
    what, found = "days" if is_days(step) else "times", describe_week(step.week, start)
    said = f"open {what}: {found}; closed {what} are not forecast"
    return (f"{said} (--set open=always --on-gap mask forecasts them as if open)",)


def closed_zeros(table: Table, step: Step, wanted: bool) -> ClosedZeros:
    """wanted: whether zeros are to be counted; they are not with open=always, nor in bins."""
    wanted = wanted and table.options.open != "always" and not table.options.resampling
    return ClosedZeros(step if wanted else Step("plain", 1), table.options.timezone)


def gap_hint(table: Table, grid: Grid, step: Step) -> str:
    """A word on open times where one is missing: those that were learned, and what may hide them."""
    if not np.issubdtype(grid.times.dtype, np.datetime64) or table.options.open == "always":
        return ""
    if step.kind == "open":
        what = "days" if is_days(step) else "times"
        said = f"; open {what}: {describe_week(step.week, grid.times[0])}"
        said += f"; --set open=always --on-gap mask takes all {what}"
        shifted = not (is_days(step) or grid.local or step.zone)
        zone = "; hours of a shop or market in UTC shift with summer time: --set timezone=America/New_York"
        return said + (f"{zone} (or your zone)" if shifted else "")
    if step.kind != "fixed" or is_days(step):
        return ""
    spans = (grid.times[grid.bounds[1:] - 1] - grid.times[grid.bounds[:-1]]).astype(np.int64)
    often_closed = len(grid.times) * step.count < _OPEN * spans.sum() and spans.max() < _LEARNED
    return "; closed times are learned from three weeks or more" if often_closed else ""


def within_days(step: Step) -> bool:
    """Whether rows have dates and are a day apart or less, so that some may lie on holidays."""
    return not (step.plain or step.kind == "month" or (step.kind == "fixed" and step.count > DAY))


def holidays_alone(place: str, before: Times, counts: NDArray[np.int64], step: Step) -> NDArray[np.bool_]:
    """Whether so many times after each stamp (n,) all lie on public holidays. Raises SettingsError for a
    place that is not known."""
    if not within_days(step) or not len(before):
        return np.zeros(len(before), bool)
    ends = np.cumsum(counts)
    within = np.arange(ends[-1]) - np.repeat(ends - counts, counts)
    missing = advance(np.repeat(before, counts), step, within + 1)
    flags = holiday_flags(missing, step, place)[:, 0]
    return np.asarray(np.minimum.reduceat(flags, ends - counts) > 0)


def closed_notes(count: int, first: Any, pattern: str | None = None) -> tuple[str, ...]:
    """count: rows that were left out, the first of them at a time; pattern: of times."""
    if not count:
        return ()
    rows = "1 row at a closed time" if count == 1 else f"{count:,} rows at closed times"
    shown = stamp_text(first, pattern)
    return (f"{rows} left out ({'' if count == 1 else 'the first: '}{shown})",)


def at_closed_times(grid: Grid, step: Step) -> NDArray[np.int64]:
    """The places in a grid whose times are closed."""
    if step.kind != "open" or not np.issubdtype(grid.times.dtype, np.datetime64):
        return np.zeros(0, np.int64)
    return np.flatnonzero(~step.week.holds(grid.times))


def with_open_rows(grid: Grid, step: Step) -> Grid:
    """The series that have a row at an open time."""
    opened = np.ones(len(grid.times), bool)
    opened[at_closed_times(grid, step)] = False
    kept = np.add.reduceat(opened, grid.bounds[:-1], dtype=np.int64) > 0
    if kept.all():
        return grid
    some = grid.taken(np.flatnonzero(np.repeat(kept, np.diff(grid.bounds))))
    bounds = some.bounds[np.append(np.flatnonzero(kept), len(kept))]
    keys = tuple(key for key, there in zip(grid.keys, kept.tolist(), strict=True) if there)
    return replace(some, keys=keys, bounds=bounds)


def drop_closed(table: Table, grid: Grid, step: Step, roles: Roles, usual: bool = False) -> Grid:
    """The rows at open times. Raises DataError for a series that has none, and where most are closed.

    usual: whether rows at closed times may be many, as where they were zeros so far.
    """
    closed, usual = at_closed_times(grid, step), usual or step.zeros
    if not closed.size:
        return grid
    if 2 * closed.size > len(grid.times) and not usual:
        rows, open_at = (
            f"{closed.size:,} of {len(grid.times):,} rows",
            describe_week(step.week, grid.times[0]),
        )
        said = f"{rows} are at times that are closed to the model; it is open {open_at}: train it anew"
        raise table.error("other-step", said, int(grid.rows[closed[0]]), roles.time)
    kept = grid.taken(np.delete(np.arange(len(grid.times)), closed))
    empty = np.flatnonzero(np.diff(kept.bounds) == 0)
    if empty.size:
        first = int(grid.bounds[empty[0]])
        name = f"series {shown_key(grid.keys[empty[0]])}: " if grid.keys[empty[0]] else ""
        open_at = describe_week(step.week, grid.times[first])
        said = f"{name}no row at a time that is open ({open_at})"
        raise table.error("irregular", said, int(grid.rows[first]), roles.time)
    if usual:
        return kept
    notes = closed_notes(closed.size, grid.times[closed[0]], table.patterns.get(roles.time))
    return replace(kept, notes=(*kept.notes, *notes))
