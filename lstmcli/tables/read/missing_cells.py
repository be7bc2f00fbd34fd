"""Cells of targets without a value among others, which are left missing: counted and said.

Those on public holidays are told, as of a shop whose zeros are taken as missing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.series.calendar import Step
from lstmcli.tables.read.grid import Grid, observed_rows
from lstmcli.tables.read.holiday_cells import HolidayCells
from lstmcli.tables.read.open_times import OPEN_HOLIDAYS

LEFT_MISSING = "left missing: "  # begins the note
_MOST_NAMED = 4


@dataclass
class MissingCells:
    """counts: by target, between the first and the last value of each series. Other fields as of
    `HolidayCells`."""

    step: Step | None = None
    place: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._on_holidays = HolidayCells(self.step, self.place)

    def add(self, grid: Grid, targets: Iterable[str]) -> None:
        """Takes the rows of some series, which are in order of time."""
        for target in targets:
            seen = observed_rows(grid.numbers[target], grid.bounds)
            inside = seen.ends - seen.firsts - seen.counts
            self.counts[target] = self.counts.get(target, 0) + int(inside.sum())
            if inside.any():
                marks = np.zeros(len(grid.times) + 1, np.int64)
                np.add.at(marks, seen.firsts, 1)
                np.add.at(marks, seen.ends, -1)
                self._on_holidays.add(grid.times, np.cumsum(marks[:-1]) > 0, np.isnan(grid.numbers[target]))

    def notes(self) -> tuple[str, ...]:
        """One line on all targets, and one on the holidays where most have no value."""
        return (*self._counted(), *self._closed())

    def _closed(self) -> tuple[str, ...]:
        if not (missing := self._on_holidays.most):
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
        return [*named[:_MOST_NAMED], *([plural(more, "more column")] if more > 0 else [])]
