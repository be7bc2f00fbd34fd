"""Rows of any spacing to bins of one step: the mean, sum, ... of the values in each."""

from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import SettingsError
from lstmcli.series.calendar import IrregularTimes, Step, advance, find_step
from lstmcli.series.panel import shown_key
from lstmcli.series.roles import Roles
from lstmcli.series.steps import bin_starts, length
from lstmcli.settings.reading import Resampling
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.missing_rows import count_missing_rows
from lstmcli.tables.read.table import Table


def resample_rows(table: Table, resampling: Resampling, grid: Grid, roles: Roles) -> tuple[Grid, Step]:
    """The grid with a row per bin that holds a row, named by its start, and the step of bins.

    Covariates are the mean of a bin, or its first category. A sum is missing where a value of its
    bin is, or many of its rows; other aggregates are those of the values there. A bin at an end of a
    series is left out where rows of it lie beyond that end.

    Raises SettingsError where bins are shorter than steps, DataError for a series without a whole bin.
    """
    raw, step = _raw_step(table, resampling, grid, roles), resampling.step
    if raw.plain != step.plain:
        step, raw, grid = _counted(resampling, raw, grid)
    starts = bin_starts(grid.times, step)
    fresh = np.append(True, starts[1:] != starts[:-1])
    fresh[grid.bounds[:-1]] = True
    bins = np.cumsum(fresh) - 1
    full = _is_full(grid, starts, raw, step, bins)
    missing = count_missing_rows(table, grid, roles, step, starts, bins)
    firsts = np.flatnonzero(fresh)
    made = replace(grid.taken(firsts), times=starts[firsts])
    for column in grid.averaged(roles):
        values = grid.numbers[column]
        made.numbers[column] = _aggregate(values, bins, resampling.how if column in roles.targets else "mean")
        if column in roles.targets:
            made.numbers[column][_half_observed(grid, values, starts, raw, step, bins)] = np.nan
            if resampling.how == "sum":
                made.numbers[column][missing.too_many] = np.nan
    kept = made.taken(np.flatnonzero(full))
    _check_no_series_is_empty(table, resampling, made, kept)
    dropped = int((~full).sum())
    note = f"resampled to {resampling.text}: {len(grid.times):,} rows to {len(kept.times):,}"
    note += f"; {dropped:,} incomplete at an end left out" if dropped else ""
    notes = (*grid.notes, note, *filter(None, [missing.note(made, step, resampling.how, full)]))
    kept = replace(kept, notes=notes, local=False)
    if step.kind == "plain" and not raw.dated:
        return replace(kept, times=kept.times // step.count + 1), replace(resampling.step, dated=False)
    return kept, step


def _raw_step(table: Table, wanted: Resampling, grid: Grid, roles: Roles) -> Step:
    """About how far apart rows are. Raises SettingsError where bins would be shorter."""
    step, given = wanted.step, table.options.parsed_step
    longest = int(np.argmax(np.diff(grid.bounds)))
    times = grid.times[grid.bounds[longest] : grid.bounds[longest + 1]]
    gaps = np.diff(times).astype(np.int64)
    gaps = gaps[gaps > 0]
    if not np.issubdtype(times.dtype, np.datetime64) and given is not None and given.kind != "plain":
        raw, distance = replace(given, dated=False), float(length(given))
    elif not gaps.size:
        raise table.error("one-row", "a series needs at least two rows to show its step", column=roles.time)
    else:
        distance = float(np.median(gaps))
        try:
            raw = find_step(times)
        except IrregularTimes as error:
            raise table.error(error.kind, str(error), column=roles.time) from None
        if raw.kind == "fixed":
            raw = replace(raw, count=int(distance))
    if step.kind == "plain" and raw.kind != "plain":
        raise SettingsError(f"resample {wanted.text!r}: rows are dated; say the unit, as 1h=mean")
    if raw.kind == "plain" and step.kind != "plain":
        raise SettingsError(
            f"resample {wanted.text!r}: rows have no dates; count them, as 10=mean, or give --step"
        )
    if length(step) < 0.9 * distance:
        raise SettingsError(f"resample {wanted.text!r}: bins are shorter than the step, {raw.describe()}")
    return raw


def _counted(wanted: Resampling, raw: Step, grid: Grid) -> tuple[Step, Step, Grid]:
    """Bins of rows without dates: so many rows each, counted from 0."""
    step = wanted.step
    if step.kind != raw.kind or step.count % raw.count:
        raise SettingsError(f"resample {wanted.text!r}: bins are no whole steps of {raw.describe()}")
    return (
        Step("plain", step.count // raw.count),
        Step("plain", 1, dated=False),
        replace(grid, times=grid.times - 1),
    )


def _is_full(
    grid: Grid, starts: NDArray[np.int64], raw: Step, step: Step, bins: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which bins no end of a series cuts through."""
    full = np.ones(bins[-1] + 1, bool)
    first, last = grid.bounds[:-1], grid.bounds[1:] - 1
    full[bins[first]] = advance(grid.times[first], raw, -1) < starts[first]
    full[bins[last]] &= advance(grid.times[last], raw, 1) >= advance(starts[last], step, 1)
    return full


def _half_observed(
    grid: Grid,
    values: NDArray[np.float64],
    starts: NDArray[np.int64],
    raw: Step,
    step: Step,
    bins: NDArray[np.int64],
) -> NDArray[np.int64]:
    """Bins in which a series' last value lies but which go on after it, in rows to forecast."""
    seen = np.where(np.isnan(values), -1, np.arange(len(values)))
    last = np.maximum.reduceat(seen, grid.bounds[:-1])
    last = last[last >= 0]
    goes_on = advance(grid.times[last], raw, 1) < advance(starts[last], step, 1)
    return bins[last[goes_on]]


def _aggregate(values: NDArray[np.float64], bins: NDArray[np.int64], how: str) -> NDArray[np.float64]:
    grouped = pd.Series(values).groupby(bins, sort=False)
    if how == "sum":
        found = grouped.sum(min_count=1).where(grouped.count() == grouped.size())
    else:
        found = grouped.agg(how)
    return np.array(found, np.float64)


def _check_no_series_is_empty(table: Table, wanted: Resampling, made: Grid, kept: Grid) -> None:
    empty = np.flatnonzero(np.diff(kept.bounds) == 0)
    if empty.size:
        s = int(empty[0])
        name = f"series {shown_key(kept.keys[s])}: " if kept.keys[s] else ""
        said = f"{name}no bin of {wanted.text} is complete"
        raise table.error("short-history", said, int(made.rows[made.bounds[s]]))
