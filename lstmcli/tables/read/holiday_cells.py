"""Cells of targets that stand on public holidays, and how many of them are of a kind: empty, or zeros."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lstmcli.series.calendar import Step, Times
from lstmcli.series.holidays import holiday_flags
from lstmcli.tables.read.open_times import within_days


@dataclass
class HolidayCells:
    """step, place: of the rows, and of the public holidays, "" for none; found: of the kind, every: all."""

    step: Step | None
    place: str
    found: int = 0
    every: int = 0

    def add(self, times: Times, counts: NDArray[np.bool_], of_kind: NDArray[np.bool_]) -> None:
        """(rows,) times of cells, which of them count, and which are of the kind."""
        if not self.place or self.step is None or not within_days(self.step) or not len(times):
            return
        free = counts & (holiday_flags(times, self.step, self.place)[:, 0] > 0)
        self.every += int(np.count_nonzero(free))
        self.found += int(np.count_nonzero(free & of_kind))

    @property
    def most(self) -> int:
        """How many are of the kind where most are, else 0."""
        return self.found if 2 * self.found > self.every else 0
