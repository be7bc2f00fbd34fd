"""A stored table to the files of a Panel, the rows of a few series at a time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.series.calendar import Step, Times, advance, format_time
from lstmcli.series.roles import Roles
from lstmcli.tables.cache.columns import DiskColumn, blocks
from lstmcli.tables.cache.panel_files import PanelFiles
from lstmcli.tables.cache.series import Bucket, SeriesNumbers, buckets, series_of
from lstmcli.tables.cache.store import Store
from lstmcli.tables.cache.times import TimeConversion
from lstmcli.tables.read.cells import LARGEST_VALUE, cell_error, codes_of_values
from lstmcli.tables.read.gaps import drop_duplicates, duplicates_note, gaps_note, on_steps
from lstmcli.tables.read.grid import SORTED_NOTE, UNTIMED_NOTE, Grid, by_time, common_step
from lstmcli.tables.read.panels import assemble_panel
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.timestamps import localise


@dataclass
class PanelBuilder:
    """A table whose columns have known roles, on its way to a Panel.

    fits: whether two rows of a series are one step apart, where that was looked at.
    """

    store: Store
    table: Table
    roles: Roles
    series: SeriesNumbers
    final: TimeConversion | None
    fits: bool = False
    _numbers: dict[str, NDArray[np.float64]] = field(default_factory=dict)  # by code, of texts
    _categories: dict[str, tuple[NDArray[np.float64], tuple[str, ...]]] = field(default_factory=dict)
    _values: dict[str, NDArray[np.float64]] = field(default_factory=dict)  # of categories, sorted

    def grids(self) -> Iterator[tuple[Bucket, Grid]]:
        """Rows sorted by series and time. Raises DataError for a local time that does not exist."""
        cells = {"row": self.store.row_numbers()}
        if self.roles.time:
            cells["time"] = self.store.raw_times()
            offsets = self.store.raw_offsets()
            cells |= {"offset": offsets} if len(offsets) else {}
        used = (*self.roles.targets, *self.roles.covariates)
        cells |= {f"cells {name}": self.store.columns[name].cells() for name in used}
        for bucket in buckets(self.store, self.series.codes, self.series.counts, cells, "rows"):
            yield bucket, by_time(self._grid(bucket), bucket.codes)

    def _grid(self, bucket: Bucket) -> Grid:
        counts = self.series.counts[bucket.first : bucket.last]
        numbers = {c: self._cells(c, bucket.cells[f"cells {c}"]) for c in self.roles.covariates}
        numbers |= {c: self._cells(c, bucket.cells[f"cells {c}"]) for c in self.roles.targets}
        return Grid(
            keys=self.series.keys[bucket.first : bucket.last],
            bounds=np.concatenate([[0], np.cumsum(counts)]),
            times=self._times(bucket),
            rows=bucket.cells["row"],
            numbers=numbers,
            categories={c: self._categories[c][1] for c in self.roles.categorical},
            local=self.final is not None and self.final.stamps.local,
        )

    def _times(self, bucket: Bucket) -> Times:
        if self.final is None:
            return pd.Series(bucket.codes).groupby(bucket.codes).cumcount().to_numpy().astype(np.int64) + 1
        times = self.final.times(bucket.cells["time"], bucket.cells.get("offset", np.zeros(1, np.int64)))
        zone = self.final.stamps.zone
        if not zone:
            return times
        utc, never = localise(times, bucket.codes, zone, self._backwards)
        if never.any():
            at = int(bucket.cells["row"][never][0])
            said = f"{format_time(times[never][0])} does not exist in {zone}: the clock goes forward there"
            raise self.table.error("not-a-time", said, at, self.roles.time)
        return utc

    @cached_property
    def _backwards(self) -> bool:
        stamps = self.store.raw_times()
        return bool(stamps[0] > stamps[-1])

    def _cells(self, column: str, cells: NDArray[Any]) -> NDArray[np.float64]:
        """The numbers of a column, or the codes of a category."""
        if column in self._categories:
            codes = self._categories[column][0]
            if column not in self._values:
                return codes[cells]
            empty = np.isnan(cells)
            place = np.searchsorted(self._values[column], np.where(empty, self._values[column][0], cells))
            return np.where(empty, np.nan, codes[place])
        if column in self._numbers:
            return self._numbers[column][cells]
        return cells if cells.dtype == np.float64 else cells.astype(np.float64)

    def read_texts(self) -> None:
        """Finds what the texts of columns of numbers and categories stand for. Raises DataError for a
        cell that is no number."""
        for name in self.roles.categorical:
            self._categories[name] = self._read_category(self.store.columns[name])
        for name in (*self.roles.targets, *self.roles.numeric(self.roles.covariates)):
            column = self.store.columns[name]
            if column.texts is not None:
                self._numbers[name] = self._read_numbers(column)
            elif column.bad is not None:
                at, kind, shown = column.bad
                raise cell_error(self.table, kind, shown, at, name)

    def _read_category(self, column: DiskColumn) -> tuple[NDArray[np.float64], tuple[str, ...]]:
        if column.texts is not None:
            values = column.texts.values
        else:
            found = [np.unique(part[~np.isnan(part)]) for (part,) in blocks(column.cells())]
            self._values[column.name] = np.unique(np.concatenate(found)) if found else np.zeros(0)
            plain = self._values[column.name].tolist()
            values = [bool(value) for value in plain] if column.kind == "bool" else plain
        return codes_of_values(values)

    def _read_numbers(self, column: DiskColumn) -> NDArray[np.float64]:
        assert column.texts is not None
        raw = pd.Series(column.texts.values, dtype=object)
        numbers = pd.to_numeric(raw, errors="coerce").to_numpy(np.float64, na_value=np.nan)
        numbers = np.append(numbers, np.nan)
        none, large = ~np.isfinite(numbers), np.abs(numbers) > LARGEST_VALUE
        none[-1] = False
        for wrong, kind in ((none, "not-a-number"), (large & ~none, "too-large")):
            if not wrong.any():
                continue
            cells = column.cells()
            at = int(np.argmax(wrong[cells]))
            cell = raw[cells[at]]
            shown = f"{cell}" if kind == "too-large" else f"{cell!r}"
            raise cell_error(self.table, kind, shown, int(self.store.row_numbers()[at]), column.name)
        return numbers


def begin_panel(store: Store, roles: Roles) -> PanelBuilder:
    """Raises DataError where series, times or numbers cannot be read, in this order."""
    series = series_of(store, roles.series)
    final = store.final() if roles.time else None
    building = PanelBuilder(store, store.files.table(), roles, series, final)
    building.read_texts()
    return building


def build_panel(building: PanelBuilder, step: Step | None, made: PanelFiles) -> tuple[Step, tuple[str, ...]]:
    """Writes the panel; gives its step and what was done to times on the way.

    step: what it must be; None to find it. Raises as `panels.panel_and_notes`.
    """
    table, roles = building.table, building.roles
    counts = building.series.counts
    found = step or step_of(building, table.options.on_duplicate != "error")
    kept, full = np.zeros(len(counts), np.int64), np.zeros(len(counts), np.int64)
    was_sorted = False
    for bucket, grid in building.grids():
        was_sorted = was_sorted or SORTED_NOTE in grid.notes
        if step is not None and not building.fits:
            building.fits = _fits(grid, step)
        single = drop_duplicates(table, grid, roles)
        kept[bucket.first : bucket.last] = np.diff(single.bounds)
        regular = on_steps(table, single, found, roles)
        full[bucket.first : bucket.last] = np.diff(regular.bounds)
        made.add(assemble_panel(table, regular, found, roles))
    keys, options = building.series.keys, table.options
    notes: list[str] = [] if building.final is not None else [UNTIMED_NOTE]
    if building.final is not None:
        stamps = building.final.stamps
        notes += [*stamps.notes, *([f"local times of {stamps.zone}"] if stamps.zone else [])]
    notes += [SORTED_NOTE] if was_sorted else []
    if (kept != counts).any():
        notes.append(duplicates_note(keys, counts - kept, options.on_duplicate))
    if (full != kept).any():
        notes.append(gaps_note(keys, full - kept, options.on_gap))
    return found, tuple(notes)


def step_of(building: PanelBuilder, one_row_per_time: bool) -> Step:
    """That of the longest series, as in `grid.common_step`; one_row_per_time: of rows so chosen."""
    table, roles = building.table, building.roles

    def chosen(grid: Grid) -> Grid:
        return drop_duplicates(table, grid, roles) if one_row_per_time else grid

    longest = int(np.argmax(building.series.counts))
    if one_row_per_time:
        rows = [np.diff(chosen(grid).bounds) for _, grid in building.grids()]
        longest = int(np.argmax(np.concatenate(rows)))
    for bucket, grid in building.grids():
        if bucket.first <= longest < bucket.last:
            return common_step(table, chosen(grid), roles)
    raise AssertionError("every series is in a bucket")


def _fits(grid: Grid, step: Step) -> bool:
    """Whether two rows of a series are one step apart, see `survey.panel_for_contract`."""
    if np.issubdtype(grid.times.dtype, np.datetime64) == step.plain:
        return False
    same = np.ones(max(len(grid.times) - 1, 0), bool)
    same[grid.bounds[1:-1] - 1] = False
    return bool(((advance(grid.times[:-1], step, 1) == grid.times[1:]) & same).any())
