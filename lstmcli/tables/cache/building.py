"""A staged table to the files of a panel, the rows of a few series at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.series.calendar import Step, Times, advance
from lstmcli.series.closed_zeros import KEEP, FoundClosed
from lstmcli.series.roles import Roles
from lstmcli.tables.cache.panel_files import PanelFiles
from lstmcli.tables.cache.series import Bucket, SeriesNumbers, buckets, number_series
from lstmcli.tables.cache.staging import Staged
from lstmcli.tables.read.cells import category_codes, parse_numbers, without_missing
from lstmcli.tables.read.closed_rows import ClosedRows
from lstmcli.tables.read.gaps import drop_duplicates, duplicates_note, gaps_note, on_steps
from lstmcli.tables.read.grid import (
    SORTED_NOTE,
    Grid,
    by_time,
    common_step,
    count_rows,
    time_notes,
    untimed_note,
    utc_times,
)
from lstmcli.tables.read.missing_cells import MissingCells
from lstmcli.tables.read.open_times import (
    at_closed_times,
    closed_notes,
    closed_zeros,
    drop_closed,
    open_notes,
)
from lstmcli.tables.read.panels import assemble_panel
from lstmcli.tables.read.sentinels import ColumnSentinels, sentinel_notes
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.time_forms import TimeForm
from lstmcli.tables.read.timestamps import output_pattern
from lstmcli.tables.read.zeros_at_end import ZerosAtEnd


@dataclass
class PanelBuilder:
    """A table whose columns have known roles, on its way to a panel.

    form: of the times, None where there are none; numbers: what the values of columns stand for, by the
    number of each; categories: the texts of codes.
    """

    staged: Staged
    table: Table
    roles: Roles
    series: SeriesNumbers
    form: TimeForm | None
    numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    categories: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def grids(self) -> Iterator[tuple[Bucket, Grid]]:
        """Rows sorted by series and time. Raises DataError for a local time that does not exist."""
        staged = self.staged
        cells = {"row": staged.rows.array()}
        if self.form is not None:
            cells["time"] = staged.times.array()
        used = (*self.roles.targets, *self.roles.covariates)
        cells |= {f"cells {name}": staged.columns[name].writer.array() for name in used}
        for bucket in buckets(staged, self.series.codes, self.series.counts, cells, "rows"):
            counts = self.series.counts[bucket.first : bucket.last]
            grid = Grid(
                keys=self.series.keys[bucket.first : bucket.last],
                bounds=np.concatenate([[0], np.cumsum(counts)]),
                times=self._times(bucket),
                rows=bucket.cells["row"],
                numbers={c: self._numbers(bucket, c) for c in used},
                categories=self.categories,
                local=self.form is not None and self.form.local,
            )
            yield bucket, by_time(grid, bucket.codes)

    def _times(self, bucket: Bucket) -> Times:
        if self.form is None:
            return count_rows(bucket.codes)
        stamps = bucket.cells["time"]
        if self.form.dated:
            stamps = stamps.view("datetime64[us]")
        all_times = self.staged.times.array()
        backwards = bool(all_times[0] > all_times[-1])
        return utc_times(
            self.table, self.roles, self.form, stamps, bucket.cells["row"], bucket.codes, backwards
        )

    def _numbers(self, bucket: Bucket, column: str) -> NDArray[np.float64]:
        cells = bucket.cells[f"cells {column}"]
        if column in self.numbers:
            return self.numbers[column][cells]
        numbers = cells if cells.dtype == np.float64 else cells.astype(np.float64)
        return without_missing(numbers, self.table.options)


def begin_panel(staged: Staged, form: TimeForm | DataError | None, roles: Roles) -> PanelBuilder:
    """Raises DataError where series, times or numbers cannot be read, in this order."""
    series = number_series(staged, roles.series)
    if isinstance(form, DataError):
        raise form
    builder = PanelBuilder(staged, staged.files.table(), roles, series, form if roles.time else None)
    if builder.form is not None:
        builder.table.patterns[roles.time] = output_pattern(builder.table, builder.form)
    for name in roles.categorical:
        builder.numbers[name], builder.categories[name] = category_codes(staged.values(name), name)
    for name in (*roles.targets, *roles.numeric(roles.covariates)):
        if (table := staged.unread_numbers(name)) is not None:
            builder.numbers[name] = parse_numbers(table, name, roles)
    return builder


def build_panel(builder: PanelBuilder, step: Step | None, made: PanelFiles) -> tuple[tuple[str, ...], bool]:
    """Writes the panel; gives what was done to times, and whether two rows of a series are one step apart,
    which is looked at where a step is asked for.

    step: what it must be; None to find it. Raises as `panels.panel_and_notes`.
    """
    table, roles = builder.table, builder.roles
    counts, keys, how = builder.series.counts, builder.series.keys, table.options
    found = step or step_of(builder, how.on_duplicate != "error")
    kept, inside, full = np.zeros((3, len(counts)), np.int64)
    was_sorted = fits = False
    start: Any = None
    closed: Any = None
    shut = _closed(builder, found, step is None)
    found = shut.step or found
    rows = ClosedRows(found, how.holidays)
    if found.zeros and step is not None:
        for _, grid in builder.grids():
            rows.add(drop_duplicates(table, grid, roles), roles)
        found = rows.found()
    missing, zeros = MissingCells(found, how.holidays), ZerosAtEnd()
    far = {name: ColumnSentinels() for name in (*roles.targets, *roles.numeric(roles.covariates))}
    for bucket, grid in builder.grids():
        for name, values in far.items():
            values.add(grid.numbers[name])
        zeros.add(table, grid, roles.targets)
        was_sorted = was_sorted or SORTED_NOTE in grid.notes
        fits = fits or (step is not None and _fits(grid, step))
        single = drop_duplicates(table, grid, roles)
        kept[bucket.first : bucket.last] = np.diff(single.bounds)
        start = single.times[0] if start is None else start
        if step is None:
            rows.add(single, roles)
        outside = at_closed_times(single, found)
        closed = single.times[outside[0]] if closed is None and outside.size else closed
        within = drop_closed(table, single, found, roles, rows.step.zeros)
        inside[bucket.first : bucket.last] = np.diff(within.bounds)
        missing.add(within, roles.targets)
        regular = on_steps(table, within, found, roles)
        full[bucket.first : bucket.last] = np.diff(regular.bounds)
        made.add(assemble_panel(table, regular, found, roles, single))
    notes = [untimed_note(table.options)] if builder.form is None else [*time_notes(builder.form)]
    notes += [SORTED_NOTE] if was_sorted else []
    if (kept != counts).any():
        notes.append(duplicates_note(keys, counts - kept, how.on_duplicate))
    notes += open_notes(found, start) if step is None else ()
    pattern = table.patterns.get(roles.time)
    if not rows.step.zeros:
        notes += closed_notes(int((kept - inside).sum()), closed, pattern)
    if (full != inside).any():
        notes.append(gaps_note(keys, full - inside, how))
    said = (*(shut.notes if shut.step is None else ()), *rows.notes(KEEP if step is None else "", pattern))
    return (*notes, *sentinel_notes(far), *zeros.notes(pattern), *said, *missing.notes()), fits


def _closed(builder: PanelBuilder, step: Step, wanted: bool) -> FoundClosed:
    """What zeros at some times of the week are. wanted: whether no model says so."""
    zeros = closed_zeros(builder.table, step, wanted)
    if zeros.counts_step:
        for _, grid in builder.grids():
            single = drop_duplicates(builder.table, grid, builder.roles)
            zeros.add(single.times, single.bounds, [single.numbers[name] for name in builder.roles.targets])
            if not zeros.counts_step:
                break
    return zeros.found()


def step_of(builder: PanelBuilder, one_row_per_time: bool) -> Step:
    """That of the longest series, as in `grid.common_step`; one_row_per_time: of rows so chosen."""
    table, roles = builder.table, builder.roles
    longest, best = int(np.argmax(builder.series.counts)), None
    for bucket, grid in builder.grids():
        if one_row_per_time:
            single = drop_duplicates(table, grid, roles)
            if best is None or np.diff(single.bounds).max() > np.diff(best.bounds).max():
                best = single
        elif bucket.first <= longest < bucket.last:
            best = grid
            break
    assert best is not None
    return common_step(table, best, roles, lambda: (grid for _, grid in builder.grids()))


def _fits(grid: Grid, step: Step) -> bool:
    """Whether two rows of a series are one step apart, see `survey.panel_for_contract`."""
    if np.issubdtype(grid.times.dtype, np.datetime64) == step.plain:
        return False
    same = np.ones(max(len(grid.times) - 1, 0), bool)
    same[grid.bounds[1:-1] - 1] = False
    return bool(((advance(grid.times[:-1], step, 1) == grid.times[1:]) & same).any())
