"""Zeros at the end of wide tables, whose columns are there for times to come: said, never removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import plural
from lstmcli.tables.read.grid import Grid, observed_rows
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.tokens import stamp_text

_FEWEST = 6  # other values
_FAR = 0.2  # of their median: how far from zero they are


@dataclass
class ZerosAtEnd:
    """Counts the zeros behind the last other value of series of which no other value is near to zero, grid by
    grid. first: the time of the first of them; low: the least other value."""

    count: int = 0
    series: int = 0
    first: Any = None
    low: float = np.inf

    def add(self, table: Table, grid: Grid, targets: Iterable[str]) -> None:
        if not any(part.source.made for part in table.parts):
            return
        for target in targets:
            values = grid.numbers[target]
            seen = observed_rows(values, grid.bounds)
            held = np.flatnonzero(seen.counts)
            for s in held[values[seen.ends[held] - 1] == 0].tolist():
                rows = np.arange(seen.firsts[s], seen.ends[s])
                rows = rows[~np.isnan(values[rows])]
                self._add(grid, rows, values[rows])

    def _add(self, grid: Grid, rows: NDArray[np.int64], values: NDArray[np.float64]) -> None:
        others = np.flatnonzero(values)
        if len(others) < max(_FEWEST, len(values) - len(others)) or others[-1] != len(others) - 1:
            return
        sizes = np.abs(values[others])
        if sizes.min() < _FAR * np.median(sizes):
            return
        first = grid.times[rows[len(others)]]
        self.count += len(values) - len(others)
        self.series += 1
        self.first = first if self.first is None else min(self.first, first)
        self.low = min(self.low, float(sizes.min()))

    def notes(self, pattern: str | None = None) -> tuple[str, ...]:
        """pattern: of times."""
        if not self.count:
            return ()
        said = f"{plural(self.count, 'zero')} at the end, from {stamp_text(self.first, pattern)} on"
        said += f" in {self.series:,} series" if self.series > 1 else ""
        said += f", where no other value is nearer to zero than {self.low:g}"
        return (f"{said}; if missing is meant: --set missing=0",)
