"""Rows that are not one step apart: refused with place and count, or mended as the options say."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import plural
from lstmcli.series.calendar import Step, advance, positions
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.settings.reading import ReadOptions
from lstmcli.tables.read.complaints import IrregularRows, counts_by_series, in_series, most_inserted, repeat
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.open_times import OPEN_HOLIDAYS, holidays_alone
from lstmcli.tables.read.table import Table

GAPS_IN_TIME = "gaps in time: "  # begins the note


def drop_duplicates(table: Table, grid: Grid, roles: Roles) -> Grid:
    """One row per time in each series, where on_duplicate says which."""
    how = table.options.on_duplicate
    if how == "error":
        return grid
    same = grid.times[1:] == grid.times[:-1]
    same[grid.bounds[1:-1] - 1] = False
    if not same.any():
        return grid
    firsts = np.flatnonzero(np.append(True, ~same))
    lasts = np.append(firsts[1:], len(grid.times)) - 1
    kept = grid.taken(lasts if how == "last" else firsts)
    if how == "mean":
        means = {c: _means(grid.numbers[c], firsts) for c in grid.averaged(roles)}
        kept = replace(kept, numbers=kept.numbers | means)
    repeated = np.flatnonzero(same)
    counts = counts_by_series(grid, repeated)
    return replace(kept, notes=(*kept.notes, duplicates_note(grid.keys, counts, how)))


def duplicates_note(keys: Sequence[Key], counts: NDArray[np.int64], how: str) -> str:
    """counts: rows of each series that were left out."""
    return f"{repeat(int(counts.sum()))}{in_series(keys, counts)}: {how} taken"


def gaps_note(keys: Sequence[Key], counts: NDArray[np.int64], options: ReadOptions) -> str:
    """counts: rows of each series that were put in."""
    done = "filled by interpolation" if options.on_gap == "fill" else "left missing"
    closed = options.on_gap == "error"  # other gaps are then refused
    where = f" on public holidays of {options.holidays}" if closed else ""
    ahead = f"; {OPEN_HOLIDAYS}" if closed else ""
    return f"{GAPS_IN_TIME}{plural(int(counts.sum()), 'time')}{where}{in_series(keys, counts)} {done}{ahead}"


def _means(values: NDArray[np.float64], firsts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of what is there in each run of rows, NaN where nothing is."""
    seen = np.add.reduceat(~np.isnan(values), firsts, dtype=np.int64)
    sums = np.add.reduceat(np.nan_to_num(values), firsts)
    return np.divide(sums, seen, out=np.full(len(firsts), np.nan), where=seen > 0)


def on_steps(table: Table, grid: Grid, step: Step, roles: Roles) -> Grid:
    """The grid with a row at every step. Raises DataError at the first row that is off it, and at
    the first gap unless on_gap says what to do, or it is of public holidays."""
    if _is_regular(grid, step):
        return grid
    steps, fits = positions(grid.times, grid.starts(), step)
    jumps = np.diff(steps, prepend=0)
    jumps[grid.bounds[:-1]] = 1
    on_gap = table.options.on_gap
    refused = ~fits | (jumps == 0) if on_gap != "error" else ~fits | (jumps != 1)
    if on_gap == "error" and table.options.holidays and jumps.sum() - len(jumps) <= most_inserted(len(jumps)):
        rows = np.flatnonzero(fits & (jumps > 1))
        refused[rows] = ~holidays_alone(table.options.holidays, grid.times[rows - 1], jumps[rows] - 1, step)
    irregular = IrregularRows(table, grid, step, roles, fits, jumps)
    at = int(np.argmax(refused if refused.any() else jumps != 1))
    if refused[at] or irregular.turned(at):
        raise irregular.error(at)
    return _inserted(irregular, steps)


def _is_regular(grid: Grid, step: Step) -> bool:
    """The usual case, at little cost."""
    if step.kind not in ("fixed", "plain"):
        return False
    count = step.count if step.dated else 1
    right = np.diff(grid.times).astype(np.int64, copy=False) == count
    right[grid.bounds[1:-1] - 1] = True
    return bool(right.all())


def _inserted(gapped: IrregularRows, steps: NDArray[np.int64]) -> Grid:
    """The grid with a row for each time that is left out; its covariates are those of the row before,
    its target is missing. With on_gap=fill both lie on the line between their neighbours.

    steps: the place of each row of `gapped`."""
    table, grid, step, roles, jumps = gapped.table, gapped.grid, gapped.step, gapped.roles, gapped.jumps
    missing = jumps - 1
    count = int(missing.sum())
    if count == 0:
        return grid
    if count > most_inserted(len(steps)):
        at = int(np.argmax(missing))
        said = f"{missing[at]:,} times are left out before this row: too many to insert: is this time right?"
        raise table.error("gap", said, int(grid.rows[at]), roles.time)
    places = np.arange(len(steps)) + np.cumsum(missing)
    source = np.zeros(len(steps) + count, np.int64)
    source[places] = np.arange(len(steps))
    made = np.ones(len(source), bool)
    made[places] = False
    source = np.maximum.accumulate(source)
    bounds = np.append(places[grid.bounds[:-1]], len(source))
    within = np.arange(len(source)) - np.repeat(bounds[:-1], np.diff(bounds))
    full = replace(
        grid,
        bounds=bounds,
        times=advance(np.repeat(grid.times[grid.bounds[:-1]], np.diff(bounds)), step, within),
        rows=grid.rows[source],
        numbers={c: values[source] for c, values in grid.numbers.items()},
    )
    for target in roles.targets:
        full.numbers[target][made] = np.nan
    if table.options.on_gap == "fill":
        for column in grid.averaged(roles):
            _interpolate(full.numbers[column], made, full)
    counts = counts_by_series(grid, np.flatnonzero(missing), missing)
    note = gaps_note(grid.keys, counts, table.options) + gapped.clock_note()
    return replace(full, notes=(*grid.notes, note))


def _interpolate(values: NDArray[np.float64], made: NDArray[np.bool_], grid: Grid) -> None:
    """Puts made rows on the line between the observed values around them, within a series."""
    observed = np.flatnonzero(~made & ~np.isnan(values))
    wanted = np.flatnonzero(made)
    after = np.searchsorted(observed, wanted)
    inside = (after > 0) & (after < len(observed))
    wanted, after = wanted[inside], after[inside]
    alike = grid.series(observed[after - 1]) == grid.series(observed[after])
    values[wanted[alike]] = np.interp(wanted[alike], observed, values[observed])
