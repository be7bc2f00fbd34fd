"""Cells of targets without a value among others, which are left missing: counted and said.

Those on public holidays are told, as of a shop whose zeros are taken as missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import plural
from lstmcli.series.calendar import Step
from lstmcli.series.holidays import holiday_flags
from lstmcli.tables.read.grid import Grid, ObservedRows, observed_rows
from lstmcli.tables.read.open_times import OPEN_HOLIDAYS, within_days

LEFT_MISSING = "left missing: "  # begins the note
_MOST_NAMED = 4


@dataclass
class MissingCells:
    """counts: by target, between the first and the last value of each series.

    step, place: of the rows, and of the public holidays that are looked for among their times; "" for none.
    """

    step: Step | None = None
    place: str = ""
    counts: dict[str, int] = field(default_factory=dict)
    on_holidays: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))  # missing, all

    def add(self, grid: Grid, targets: Iterable[str]) -> None:
        """Takes the rows of some series, which are in order of time."""
        for target in targets:
            seen = observed_rows(grid.numbers[target], grid.bounds)
            inside = seen.ends - seen.firsts - seen.counts
            self.counts[target] = self.counts.get(target, 0) + int(inside.sum())
            if inside.any() and self._has_holidays():
                self._add_holidays(grid, target, seen)

    def notes(self) -> tuple[str, ...]:
        """One line on all targets, and one on the holidays where most have no value."""
        return (*self._counted(), *self._closed())

    def _has_holidays(self) -> bool:
        return bool(self.place) and self.step is not None and within_days(self.step)

    def _add_holidays(self, grid: Grid, target: str, seen: ObservedRows) -> None:
        assert self.step
        marks = np.zeros(len(grid.times) + 1, np.int64)
        np.add.at(marks, seen.firsts, 1)
        np.add.at(marks, seen.ends, -1)
        free = (np.cumsum(marks[:-1]) > 0) & (holiday_flags(grid.times, self.step, self.place)[:, 0] > 0)
        self.on_holidays += (np.count_nonzero(np.isnan(grid.numbers[target][free])), np.count_nonzero(free))

    def _closed(self) -> tuple[str, ...]:
        missing, every = self.on_holidays.tolist()
        if 2 * missing <= every:
            return ()
        said = f"{plural(missing, 'missing cell')} on public holidays of {self.place}"
        return (f"{said}; {OPEN_HOLIDAYS}",)

    def _counted(self) -> tuple[str, ...]:
        found = {target: count for target, count in self.counts.items() if count}
        if not found:
            return ()
        total = plural(sum(found.values()), "cell")
        if len(self._named(found)) == 1:
            return (f"{LEFT_MISSING}{total} in {next(iter(found))}",)
        return (f"{LEFT_MISSING}{total} ({', '.join(self._named(found))})",)

    def _named(self, found: dict[str, int]) -> Sequence[str]:
        more = len(found) - _MOST_NAMED
        named = [f"{target} {count:,}" for target, count in found.items()]
        return [*named[:_MOST_NAMED], *([f"{more:,} more columns"] if more > 0 else [])]
