"""Which rows of the file the gaps of a panel are, which are left out of it, and which cells stay empty."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.forecasting.filled_gaps import GapPlaces
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Times, advance, positions
from lstmcli.series.panel import Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read import Table
from lstmcli.tables.read.gaps import drop_duplicates
from lstmcli.tables.read.grid import Grid, sort_rows


@dataclass(frozen=True)
class GapRows:
    """Rows of gaps, one gap after another, (rows,).

    key      the number of the series of the file
    target   the number of the target
    times    of each
    index    of the row in `Table.frame`; -1 for one that is left out
    before, behind  the rows of the file around it, as indices
    """

    key: Indices
    target: Indices
    times: Times
    index: Indices
    before: Indices
    behind: Indices

    @property
    def left_out(self) -> NDArray[np.bool_]:
        return self.index < 0


@dataclass(frozen=True)
class EmptyCells:
    """Cells of targets without a value: all, those in repeated rows, and those at times of no step."""

    total: int
    repeated: int
    closed: int


@dataclass(frozen=True)
class RowPlaces:
    """The rows of a table by series and time.

    every  all of them; grid: those that count, one a time; steps, fits: of these, see `calendar.positions`
    """

    every: Grid
    grid: Grid
    steps: Indices
    fits: NDArray[np.bool_]
    panel: Panel
    roles: Roles

    @classmethod
    def of(cls, table: Table, panel: Panel, roles: Roles) -> "RowPlaces":
        """Raises DataError as reading does."""
        every = sort_rows(table, roles)
        grid = drop_duplicates(table, every, roles)
        return cls(every, grid, *positions(grid.times, grid.starts(), panel.step), panel, roles)

    def empty(self) -> EmptyCells:
        """Cells of all targets."""
        total = self._missing(self.every).sum()
        missing = self._missing(self.grid)
        return EmptyCells(int(total), int(total - missing.sum()), int(missing[:, ~self.fits].sum()))

    @property
    def closed_words(self) -> str:
        """Where cells stand that are at times of no step."""
        return "at closed times" if self.panel.step.kind == "open" else "at times at which no row is due"

    def _missing(self, grid: Grid) -> NDArray[np.bool_]:
        """(targets, rows)"""
        return np.stack([np.isnan(grid.numbers[target]) for target in self.roles.targets])

    def rows_of(self, gaps: GapPlaces) -> GapRows:
        """The rows of gaps of the panel, whose series are those of each target in turn."""
        count = len(self.grid.keys)
        ends = np.cumsum(gaps.sizes)
        within = np.arange(ends[-1] if len(gaps) else 0) - np.repeat(ends - gaps.sizes, gaps.sizes)
        series, place = np.repeat(gaps.series, gaps.sizes), np.repeat(gaps.firsts, gaps.sizes) + within
        starts, key = self.panel.starts[series], series % count
        first, _ = positions(starts, self.grid.times[self.grid.bounds[:-1]][key], self.panel.step)
        length = int(self.steps.max(initial=0)) + 2
        known = np.flatnonzero(self.fits)
        codes = self.grid.series(known) * length + self.steps[known]
        wanted = key * length + first + place
        at = np.searchsorted(codes, wanted)
        found = codes[np.minimum(at, len(codes) - 1)] == wanted
        index = self.grid.rows[known]
        return GapRows(
            key=key,
            target=series // count,
            times=advance(starts, self.panel.step, place),
            index=np.where(found, index[np.minimum(at, len(index) - 1)], -1),
            before=index[np.maximum(at - 1, 0)],
            behind=index[np.minimum(at + found, len(index) - 1)],
        )
