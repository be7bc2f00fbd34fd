"""Columns that follow from the time stamps of rows, such as the place in the day, for any row of a panel.

They are never held for all rows, of which there may be far more than times: series side by side share
them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Times, advance, positions
from lstmcli.series.panel import Panel

TimeValues = NDArray[np.float32]

_LONGEST_TABLE = 1 << 20  # times; the columns of more are computed for each window
_BLOCK = 4096  # times at once: their temporary arrays stay in cache, which takes half the time


@dataclass(frozen=True)
class TimeColumns:
    """columns_of  columns (n, columns) of stamps (n,)
    table       (times, columns) of all times there are, None where these are too many
    shifts      (series,) place of each first row in the table
    """

    panel: Panel
    columns_of: Callable[[Times], TimeValues]
    width: int
    table: TimeValues | None
    shifts: Indices

    def at(self, series: Indices, rows: Indices) -> TimeValues:
        """Columns of flat rows (batch, n), each of one series (batch,): (batch, n, columns)."""
        if not self.width:
            return np.zeros((*rows.shape, 0), np.float32)
        if self.table is not None:
            return self.table[rows + (self.shifts - self.panel.offsets[:-1])[series][:, None]]
        places = rows - self.panel.offsets[series][:, None]
        times = advance(self.panel.starts[series][:, None], self.panel.step, places)
        return _in_blocks(self.columns_of, times.ravel()).reshape(*rows.shape, self.width)


def time_columns(panel: Panel, columns_of: Callable[[Times], TimeValues]) -> TimeColumns:
    """What `columns_of` gives for the times of a panel: columns (n, columns) of stamps (n,)."""
    width = columns_of(panel.starts[:1]).shape[1]
    first = panel.starts.min()
    shifts, on_grid = positions(panel.starts, first, panel.step)
    count = int((shifts + np.diff(panel.offsets)).max())
    table = None
    if width and on_grid.all() and count <= _LONGEST_TABLE:
        table = _in_blocks(columns_of, advance(first, panel.step, np.arange(count)))
    return TimeColumns(panel, columns_of, width, table, shifts)


def _in_blocks(columns_of: Callable[[Times], TimeValues], times: Times) -> TimeValues:
    return np.concatenate([columns_of(times[at : at + _BLOCK]) for at in range(0, len(times), _BLOCK)])
