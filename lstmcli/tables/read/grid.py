"""The rows of each series in order of time, one step apart."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import (
    IrregularTimes,
    Step,
    Times,
    as_months,
    find_step,
    format_time,
    seasons,
)
from lstmcli.series.closings import open_step
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.cells import category_codes, group, parse_numbers
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_forms import TimeForm
from lstmcli.tables.read.timestamps import output_pattern, parse_time_stamps
from lstmcli.tables.read.zones import localise

SORTED_NOTE = "rows were not in order of time: sorted"


@dataclass(frozen=True)
class Grid:
    """The rows of a table by series and time; series `s` has rows `bounds[s]` to `bounds[s + 1]`.

    rows     where each stands in the file, as `Table.frame.index`; made rows: that of the row before
    numbers  float64 by column; of a categorical column its codes
    categories  what the codes of a categorical column stand for
    local    whether times lack a zone, so that a change of the clock shows
    notes    what was assumed or done
    """

    keys: tuple[Key, ...]
    bounds: NDArray[np.int64]
    times: Times
    rows: NDArray[np.int64]
    numbers: dict[str, NDArray[np.float64]]
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)
    local: bool = False
    notes: tuple[str, ...] = ()

    def averaged(self, roles: Roles) -> set[str]:
        """The columns of which a mean makes sense: neither categories nor constant in a series."""
        return {*roles.targets, *roles.past, *roles.future} - set(self.categories)

    def series(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """The number of the series of each row."""
        return np.searchsorted(self.bounds, rows, side="right") - 1

    def starts(self) -> Times:
        """(rows,) first time of the series of each row."""
        return np.repeat(self.times[self.bounds[:-1]], np.diff(self.bounds))

    def taken(self, chosen: NDArray[np.int64]) -> "Grid":
        """Some of the rows, in rising order."""
        return replace(
            self,
            bounds=np.searchsorted(chosen, self.bounds),
            times=self.times[chosen],
            rows=self.rows[chosen],
            numbers={name: values[chosen] for name, values in self.numbers.items()},
        )


Every = Callable[[], Iterable[Grid]]  # all rows of a table, some series at a time


class ObservedRows(NamedTuple):
    """(series,) the row of the first observed value of each series and that behind its last, equal where it
    has none; and how many it has."""

    firsts: NDArray[np.int64]
    ends: NDArray[np.int64]
    counts: NDArray[np.int64]


def observed_rows(values: NDArray[np.float64], bounds: NDArray[np.int64]) -> ObservedRows:
    """bounds: as in `Grid`."""
    begins, ends = bounds[:-1], bounds[1:]
    empty = np.isnan(values)
    if not empty.any():
        return ObservedRows(begins, ends, ends - begins)
    filled = np.append(np.flatnonzero(~empty), len(values))
    first, behind = np.searchsorted(filled, begins), np.searchsorted(filled, ends)
    firsts = filled[first]
    return ObservedRows(firsts, np.where(behind > first, filled[behind - 1] + 1, firsts), behind - first)


def sort_rows(table: Table, roles: Roles) -> Grid:
    """Rows sorted by series and time; those of one time in order of the file. Raises DataError."""
    codes, keys = group(table, roles.series)
    times, local, notes = times_of(table, roles, codes)
    columns = (*roles.targets, *roles.numeric(roles.covariates))
    coded = {c: category_codes(table, c) for c in roles.categorical}
    numbers = {c: parse_numbers(table, c, roles) for c in columns} | {
        c: found for c, (found, _) in coded.items()
    }
    grid = Grid(
        keys=keys,
        bounds=bounds_of(codes, len(keys)),
        times=times,
        rows=table.frame.index.to_numpy(),
        numbers=numbers,
        categories={c: names for c, (_, names) in coded.items()},
        local=local,
        notes=notes,
    )
    return by_time(grid, codes)


def bounds_of(codes: NDArray[Any], series: int) -> NDArray[np.int64]:
    """(series + 1,) where each series begins among the rows in order of the series."""
    if (codes[1:] >= codes[:-1]).all():
        return np.searchsorted(codes, np.arange(series + 1, dtype=codes.dtype))
    return np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=series))])


def by_time(grid: Grid, codes: NDArray[Any]) -> Grid:
    """A grid whose rows are in order of the file, sorted; codes: the number of the series of each."""
    times = grid.times
    in_order = times[1:] >= times[:-1]
    in_order[grid.bounds[1:-1] - 1] = True
    if in_order.all() and (codes[1:] >= codes[:-1]).all():
        return grid
    order, notes = np.lexsort((times, codes)), grid.notes
    backwards = np.diff(order) < 0
    backwards[grid.bounds[1:-1] - 1] = False
    if backwards.any():
        notes = (*notes, SORTED_NOTE)
    return replace(
        grid,
        times=times[order],
        rows=grid.rows[order],
        numbers={c: values[order] for c, values in grid.numbers.items()},
        notes=notes,
    )


def times_of(table: Table, roles: Roles, codes: NDArray[Any]) -> tuple[Times, bool, tuple[str, ...]]:
    """Times of all rows in order of the file, whether they are local, and notes."""
    if not roles.time:
        return count_rows(codes), False, (untimed_note(table.options),)
    stamps, form = parse_time_stamps(table, roles.time)
    table.patterns[roles.time] = output_pattern(table, form)
    times = utc_times(table, roles, form, stamps, table.frame.index.to_numpy(), codes)
    return times, form.local, time_notes(form)


def untimed_note(options: ReadOptions) -> str:
    """What is taken of rows without times, whose seasons nothing shows but the step that is given."""
    step, said = options.parsed_step, "no time stamps: rows follow one another"
    if step is None or step.plain:
        return said
    found = [f"{season:,}" for season in seasons(step)[:2]]
    known = f"has seasons of {' and '.join(found)} rows" if found else "has no season"
    return f"{said}; --step {options.step} {known} (--set season=7 where rows repeat otherwise)"


def count_rows(codes: NDArray[Any]) -> Times:
    """Where there are no time stamps: the number of each row in its series, from 1."""
    return pd.Series(codes).groupby(codes).cumcount().to_numpy().astype(np.int64) + 1


def utc_times(
    table: Table,
    roles: Roles,
    form: TimeForm,
    stamps: Times,
    rows: NDArray[np.int64],
    codes: NDArray[Any],
    backwards: bool | None = None,
) -> Times:
    """The times of stamps in UTC, where they are of a time zone. Raises DataError for one that the clock
    never showed; backwards: see `localise`."""
    if not form.zone:
        return stamps
    utc, never = localise(stamps, codes, form.zone, backwards)
    if never.any():
        time = format_time(stamps[never][0])
        said = f"{time} does not exist in {form.zone}: the clock goes forward there"
        raise table.error("not-a-time", said, int(rows[never][0]), roles.time)
    return utc


def time_notes(form: TimeForm) -> tuple[str, ...]:
    """What was taken for what."""
    return (*form.notes, f"local times of {form.zone}") if form.zone else form.notes


def common_step(table: Table, grid: Grid, roles: Roles, every: Every | None = None) -> Step:
    """The step that is set, or that of the longest series; the others are held to it. It counts open times
    alone where those of all series show closed ones.

    every: all rows, where the grid holds only those of some series.
    """
    step = _longest_step(table, grid, roles)
    return with_open_times(table, grid, step, roles, table.options.step != "auto", every)


def with_open_times(
    table: Table, grid: Grid, step: Step, roles: Roles, given: bool = False, every: Every | None = None
) -> Step:
    """The step between open times where there are closed ones, see `closings.open_step`; a row without a
    value of any target counts as none."""
    if table.options.open == "always":
        return step
    seen, grids = _with_values(grid, roles), every or (lambda: [grid])
    longest = int(np.argmax(np.diff(seen.bounds)))
    stamps = seen.times[seen.bounds[longest] : seen.bounds[longest + 1]]

    def counted() -> Iterable[tuple[Times, NDArray[np.int64]]]:
        return ((found.times, found.bounds) for each in grids() for found in [_with_values(each, roles)])

    return open_step(step, stamps, counted, table.options.timezone, given)


def _with_values(grid: Grid, roles: Roles) -> Grid:
    """The rows with a value of a target; all where none has one, and where numbers are not read."""
    numbers = [grid.numbers[target] for target in roles.targets if target in grid.numbers]
    empty = np.logical_and.reduce([np.isnan(values) for values in numbers]) if numbers else np.zeros(1, bool)
    return grid.taken(np.flatnonzero(~empty)) if empty.any() and not empty.all() else grid


def _longest_step(table: Table, grid: Grid, roles: Roles) -> Step:
    longest = int(np.argmax(np.diff(grid.bounds)))
    first, last = grid.bounds[longest : longest + 2]
    at, stamps = int(grid.rows[first]), grid.times[first:last]
    given = table.options.parsed_step
    if given is not None and not table.options.resampling:
        return _given_step(table, given, stamps, at, roles)
    if not roles.time and given is not None:
        return replace(given, dated=False)
    if len(stamps) < 2:
        raise table.error("one-row", "a series needs at least two rows to show its step", at, roles.time)
    try:
        return find_step(stamps)
    except IrregularTimes as error:
        raise table.error(error.kind, f"{error}{duplicates_hint(roles)}", at, roles.time) from None


def _given_step(table: Table, step: Step, stamps: Times, at: int, roles: Roles) -> Step:
    if not np.issubdtype(stamps.dtype, np.datetime64):
        return step if step.kind == "plain" else replace(step, dated=False)
    if step.kind == "plain":
        said = f"step {step.count} is of whole numbers, but the column holds dates; say its unit, as 1h"
        raise table.error("irregular", said, at, roles.time)
    if step.kind == "month":
        found = as_months(stamps) if len(stamps) > 1 else None
        day = stamps[0].astype("datetime64[D]").item().day
        return replace(step, day=found.day if found else day)
    return step


def duplicates_hint(roles: Roles) -> str:
    if roles.series:
        return f" in one series (series are told apart by {', '.join(roles.series)})"
    if roles.tried:
        several = len(roles.tried) > 1
        said = "no combination of these tells" if several else "it does not tell"
        return (
            f"; {', '.join(roles.tried)}: {said} series apart; name the columns that do with "
            "--set series=COLUMN,COLUMN"
        )
    return "; if the table holds several series, name the column with --set series=COLUMN"
