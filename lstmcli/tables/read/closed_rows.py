"""Rows at closed times of a table: what stands there. Zeros where `Step.zeros`, else none are expected."""

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from lstmcli.errors.findings import plural
from lstmcli.series.arrays import Indices
from lstmcli.series.calendar import Step, Times
from lstmcli.series.closed_zeros import ClosedValues, are_open_now, closed_note, closed_word
from lstmcli.series.open_week import describe_week
from lstmcli.series.panel import Key
from lstmcli.series.roles import Roles
from lstmcli.tables.read.grid import Grid, observed_rows
from lstmcli.tables.read.holiday_cells import HolidayCells
from lstmcli.tables.read.open_times import at_closed_times, closed_notes
from lstmcli.tables.read.tokens import stamp_text


@dataclass
class ClosedRows:
    """Takes grid by grid.

    place: of public holidays, zeros on which are told; "" for none
    rows: at closed times; count: those whose value is not zero
    first: the first value that is not zero and its time
    values: those that are not zero, by the key of their series in a panel
    """

    step: Step
    place: str = ""
    rows: int = 0
    count: int = 0
    first: tuple[float, Any] = (0.0, None)
    open_now: bool = False
    start: Any = None
    values: dict[Key, ClosedValues] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._on_holidays = HolidayCells(self.step, self.place if self.step.zeros else "")

    def add(self, grid: Grid, roles: Roles) -> None:
        closed = at_closed_times(grid, self.step)
        self._add_values(grid, roles, closed)
        if not self.step.zeros or not len(grid.times):
            return
        self.start = grid.times[0] if self.start is None else self.start
        self.rows += len(closed)
        opened = np.ones(len(grid.times), bool)
        opened[closed] = False
        for target in roles.targets:
            cells = grid.numbers[target]
            self._on_holidays.add(grid.times, opened & ~np.isnan(cells), cells == 0)
        values = np.max([np.abs(np.nan_to_num(grid.numbers[t][closed])) for t in roles.targets], axis=0)
        valued = closed[values > 0]
        if not valued.size:
            return
        if not self.count:
            self.first = float(values[values > 0][0]), grid.times[valued[0]]
        self.count += valued.size
        self.open_now |= are_open_now(grid.times, grid.bounds, valued, self.step)

    def _add_values(self, grid: Grid, roles: Roles, closed: Indices) -> None:
        for target in roles.targets:
            cells = grid.numbers[target][closed]
            rows = closed[(cells != 0) & ~np.isnan(cells)]
            series = grid.series(rows)
            for s in np.unique(series).tolist():
                key, own = grid.keys[s], rows[series == s]
                key = (*key, target) if len(roles.targets) > 1 else key
                self.values[key] = ClosedValues(grid.times[own], grid.numbers[target][own])

    def found(self) -> Step:
        """The step: of open times alone where closed ones have values again."""
        return replace(self.step, zeros=False) if self.open_now else self.step

    def notes(self, keep: str = "", pattern: str | None = None) -> tuple[str, ...]:
        """What is done with closed times. keep: how to have it otherwise; pattern: of times."""
        if not self.step.zeros or self.start is None:
            return ()
        holidays = self._holiday_notes()
        if not self.count:
            return (closed_note(self.step, self.start, self.rows, keep), *holidays)
        what, time = closed_word(self.step), stamp_text(self.first[1], pattern)
        some, first = plural(self.count, "value"), f"the first: {self.first[0]:g} at {time}"
        if not self.open_now:
            said = f"{some} other than 0 at closed {what} left out of the history ({first})"
            return (closed_note(self.step, self.start, self.rows, keep), said, *holidays)
        opened = describe_week(self.step.week, self.start)
        said = f"{some} other than 0 outside {opened}, where training saw zeros ({first})"
        left = "are open now, and left out until lstmcli train learns them"
        return (f"{said}: such {what} {left}",)

    def _holiday_notes(self) -> tuple[str, ...]:
        if not (zeros := self._on_holidays.most):
            return ()
        said = f"{plural(zeros, 'zero')} on public holidays of {self.place} count as those of open times"
        return (f"{said}; --set missing=0 leaves all zeros out",)


def last_values(grid: Grid, roles: Roles) -> Times:
    """(targets * series,) the time of the last value of each series of a panel, at closed times too."""
    seen = (observed_rows(grid.numbers[target], grid.bounds) for target in roles.targets)
    return np.concatenate([grid.times[np.maximum(each.ends - 1, 0)] for each in seen])


def closed_row_text(row: Grid, step: Step, roles: Roles, pattern: str | None) -> str:
    """What is said of a row at a closed time, a grid of one; nothing of a zero where zeros are usual.

    pattern: of times."""
    if not step.zeros:
        return closed_notes(1, row.times[0], pattern)[0]
    values = [float(row.numbers[target][0]) for target in roles.targets]
    other = [f"{value:g}" for value in values if value and not np.isnan(value)]
    time = stamp_text(row.times[0], pattern)
    return f"{', '.join(other)} at {time}, a closed time of zeros, is left out" if other else ""
