"""Rows that are not one step apart: refused with place and count, or mended as the options say."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import HOUR, IrregularTimes, Step, advance, find_step, format_time, positions
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.series.steps import is_days
from lstmcli.tables.read.grid import Grid, duplicates_hint
from lstmcli.tables.read.open_times import gap_hint
from lstmcli.tables.read.table import Table

_NAMED = 5  # series counted in a message
_AT_MOST = 20  # times the rows of a table that may be inserted


def drop_duplicates(table: Table, grid: Grid, roles: Roles) -> Grid:
    """One row per time in each series, where on_duplicate says which."""
    how = table.options.on_duplicate
    same = grid.times[1:] == grid.times[:-1]
    same[grid.bounds[1:-1] - 1] = False
    if how == "error" or not same.any():
        return grid
    firsts = np.flatnonzero(np.append(True, ~same))
    lasts = np.append(firsts[1:], len(grid.times)) - 1
    kept = grid.taken(lasts if how == "last" else firsts)
    if how == "mean":
        means = {c: _means(grid.numbers[c], firsts) for c in grid.averaged(roles)}
        kept = replace(kept, numbers=kept.numbers | means)
    repeated = np.flatnonzero(same)
    counts = _counts(grid, repeated)
    return replace(kept, notes=(*kept.notes, duplicates_note(grid.keys, counts, how)))


def duplicates_note(keys: Sequence[Key], counts: NDArray[np.int64], how: str) -> str:
    """counts: rows of each series that were left out."""
    return f"{_repeat(int(counts.sum()))}{_in_series(keys, counts)}: {how} taken"


def gaps_note(keys: Sequence[Key], counts: NDArray[np.int64], on_gap: str) -> str:
    """counts: rows of each series that were put in."""
    done = "filled by interpolation" if on_gap == "fill" else "left missing"
    return f"gaps in time: {_plural(int(counts.sum()), 'time')}{_in_series(keys, counts)} {done}"


def _means(values: NDArray[np.float64], firsts: NDArray[np.int64]) -> NDArray[np.float64]:
    """The mean of what is there in each run of rows, NaN where nothing is."""
    seen = np.add.reduceat(~np.isnan(values), firsts, dtype=np.int64)
    sums = np.add.reduceat(np.nan_to_num(values), firsts)
    return np.divide(sums, seen, out=np.full(len(firsts), np.nan), where=seen > 0)


def on_steps(table: Table, grid: Grid, step: Step, roles: Roles) -> Grid:
    """The grid with a row at every step. Raises DataError at the first row that is off it, and at
    the first gap unless on_gap says what to do."""
    if _is_regular(grid, step):
        return grid
    steps, fits = positions(grid.times, grid.starts(), step)
    jumps = np.diff(steps, prepend=0)
    jumps[grid.bounds[:-1]] = 1
    on_gap = table.options.on_gap
    refused = ~fits | (jumps == 0) if on_gap != "error" else ~fits | (jumps != 1)
    if refused.any():
        raise _complaint(table, grid, step, roles, int(np.argmax(refused)), (fits, jumps))
    return _inserted(table, grid, step, roles, steps, jumps)


def _is_regular(grid: Grid, step: Step) -> bool:
    """The usual case, at little cost."""
    if step.kind not in ("fixed", "plain"):
        return False
    count = step.count if step.dated else 1
    right = np.diff(grid.times).astype(np.int64, copy=False) == count
    right[grid.bounds[1:-1] - 1] = True
    return bool(right.all())


def _complaint(
    table: Table,
    grid: Grid,
    step: Step,
    roles: Roles,
    at: int,
    found: tuple[NDArray[np.bool_], NDArray[np.int64]],
) -> Exception:
    fits, jumps = found
    series = int(grid.series(np.array([at]))[0])
    name = f"series {' '.join(grid.keys[series])}: " if grid.keys[series] else ""
    time, before = grid.times[at], grid.times[at - 1]
    row = int(grid.rows[at])
    own = _own_step(grid, series, step)
    if own is not None:
        said = (
            f"{name}its step is {_one(own)}, that of the longest series {_one(step)}; train on them apart, "
        )
        return table.error("mixed-step", said + "or bring all to one step with --resample", row, roles.time)
    if at == grid.bounds[series]:
        said = f"{name}{format_time(time)} is no time on which the step, one {step}, can fall"
        return table.error("irregular", said, row, roles.time)
    if time == before:
        repeated = np.flatnonzero((jumps == 0) & (grid.times == np.roll(grid.times, 1)))
        said = f"{name}time {format_time(time)} appears twice{duplicates_hint(roles)}"
        said += f"; {_repeat(len(repeated))}{_in_series(grid.keys, _counts(grid, repeated))}"
        said += _clock_hint(grid, at, step) or "; --on-duplicate first, last or mean takes one"
        return table.error("duplicate-time", said, row, roles.time)
    if not fits[at]:
        said = f"{name}{format_time(time)} is not a whole number of steps (one is {_one(step)}) after "
        said += f"{format_time(grid.times[grid.bounds[series]])}; {_plural((~fits).sum(), 'row')}"
        said += _in_series(grid.keys, _counts(grid, np.flatnonzero(~fits)))
        said += "; --resample 1h=mean brings rows onto a grid"
        return table.error("irregular", said, row, roles.time)
    missing = np.maximum(jumps - 1, 0)
    expected = (
        f"expected {format_time(advance(before, step, 1)[()])} (step: one {step}), found {format_time(time)}"
    )
    said = f"{name}gap in time: {expected}; {_plural(missing.sum(), 'time')} missing"
    said += _in_series(grid.keys, _counts(grid, np.flatnonzero(missing), missing))
    said += _clock_hint(grid, at, step) or "; --on-gap mask leaves them missing, --on-gap fill interpolates"
    said += gap_hint(table, grid, step)
    return table.error("gap", said, row, roles.time)


def _own_step(grid: Grid, series: int, step: Step) -> Step | None:
    """The step of one series among others where it is regular and not the common one."""
    first, last = grid.bounds[series : series + 2]
    times = grid.times[first:last]
    if len(grid.keys) < 2 or len(times) < 3:
        return None
    try:
        own = find_step(times)
    except IrregularTimes:
        return None
    steps, fits = positions(times, times[0], own)
    regular = fits.all() and (np.diff(steps) == 1).all()
    return own if regular and own != step else None


def _one(step: Step) -> str:
    unit, count = step.unit()
    return f"1 {unit}" if count == 1 else f"{count} {unit}s"


def _clock_hint(grid: Grid, at: int, step: Step) -> str:
    """A word on time zones where an hour is left out or repeated on a Sunday on which clocks change."""
    if not grid.local or is_days(step) or step.plain or step.kind != "fixed" or step.count > HOUR:
        return ""
    time, before = grid.times[at], grid.times[at - 1]
    day = time.astype("datetime64[D]").item()
    if day.month not in (3, 4, 9, 10, 11) or day.weekday() != 6:
        return ""
    left_out = int((time - before).astype(np.int64)) - step.count
    if time != before and left_out != HOUR:
        return ""
    return (
        "; this is where clocks change to or from summer time: --set timezone=Europe/Berlin (or your "
        "zone) reads local times"
    )


def _inserted(
    table: Table,
    grid: Grid,
    step: Step,
    roles: Roles,
    steps: NDArray[np.int64],
    jumps: NDArray[np.int64],
) -> Grid:
    """The grid with a row for each time that is left out; its covariates are those of the row before,
    its target is missing. With on_gap=fill both lie on the line between their neighbours."""
    missing = jumps - 1
    count = int(missing.sum())
    if count == 0:
        return grid
    if count > _AT_MOST * len(steps) + 1000:
        at = int(np.argmax(missing))
        said = f"{missing[at]:,} times are left out before this row: too many to insert"
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
    counts = _counts(grid, np.flatnonzero(missing), missing)
    return replace(full, notes=(*grid.notes, gaps_note(grid.keys, counts, table.options.on_gap)))


def _interpolate(values: NDArray[np.float64], made: NDArray[np.bool_], grid: Grid) -> None:
    """Puts made rows on the line between the observed values around them, within a series."""
    observed = np.flatnonzero(~made & ~np.isnan(values))
    wanted = np.flatnonzero(made)
    after = np.searchsorted(observed, wanted)
    inside = (after > 0) & (after < len(observed))
    wanted, after = wanted[inside], after[inside]
    alike = grid.series(observed[after - 1]) == grid.series(observed[after])
    values[wanted[alike]] = np.interp(wanted[alike], observed, values[observed])


def _counts(
    grid: Grid, rows: NDArray[np.int64], weights: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """(series,) how many of some rows each series has."""
    each = None if weights is None else weights[rows]
    return np.bincount(grid.series(rows), each, minlength=len(grid.keys)).astype(np.int64)


def _in_series(keys: Sequence[Key], counts: NDArray[np.int64]) -> str:
    """The counts by series, most first: " in 3 series: A 20, B 10, C 1"; "" for a lone series."""
    if len(keys) == 1:
        return ""
    most = np.argsort(-counts, kind="stable")[:_NAMED]
    named = ", ".join(f"{' '.join(keys[s])} {counts[s]:,}" for s in most if counts[s])
    concerned = int((counts > 0).sum())
    return f" in {concerned:,} series: {named}{', ...' if concerned > _NAMED else ''}"


def _repeat(count: int) -> str:
    return f"{_plural(count, 'row')} {'repeats' if count == 1 else 'repeat'} a time"


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"
