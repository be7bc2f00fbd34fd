"""What is wrong with rows that are not one step apart: the place, how much of it there is, and what to
type. Nothing is offered that would be refused, or that would throw most rows away."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.series.calendar import HOUR, IrregularTimes, Step, advance, find_step, format_time, positions
from lstmcli.series.panel import Key, shown_key
from lstmcli.series.roles import Roles
from lstmcli.series.steps import is_days, length
from lstmcli.tables.read.grid import Grid, duplicates_hint
from lstmcli.tables.read.mends import (
    are_everywhere,
    are_turned,
    lack_halves_of_day,
    step_of_cycle,
    step_text,
    usual_bin,
    zone_of_change,
)
from lstmcli.tables.read.missed_keys import missed_key
from lstmcli.tables.read.open_times import gap_hint
from lstmcli.tables.read.table import Table
from lstmcli.tables.read.timestamps import grain_of

_NAMED = 5  # series counted in a message
_LOOKED_AT = 100  # repeated times, for one at which clocks change
_INSERTED = 20  # times the rows of a table, at most
_FEW, _FEW_ROWS = 0.2, 5  # of the rows, that may be left out to make times unique
_TURNED = (
    "{} is out of order: times rise from row to row once day and month change places where the day is at "
    "most 12, so a program has turned them; export the column again, as 2024-12-31"
)
_NO_HALVES = (
    "; all hours are from 1 to 12: AM or PM seems to be missing; export the times with it, or as 13:00"
)


@dataclass(frozen=True)
class IrregularRows:
    """fits: (rows,) whether each is on a step; jumps: steps from the row before, 1 at the start of a
    series."""

    table: Table
    grid: Grid
    step: Step
    roles: Roles
    fits: NDArray[np.bool_]
    jumps: NDArray[np.int64]

    def error(self, at: int) -> DataError:
        """What is wrong with a row of the grid."""
        if self.turned(at):
            return self._told("irregular", _TURNED.format(self._shown(self.grid.times[at])), at)
        own = _own_step(self.grid, self._series(at), self.step)
        if own is not None:
            return self._other_step(at, own)
        if at == self.grid.bounds[self._series(at)]:
            time = self._shown(self.grid.times[at])
            said = f"{time} is no time on which the step, {self.step.describe()}, can fall"
            return self._told("irregular", said, at, self._bins())
        repeated = np.flatnonzero(self._repeats())
        if len(repeated) > self._few():  # gaps are then the least of it
            return self._repeated(int(repeated[0]))
        if self.grid.times[at] == self.grid.times[at - 1]:
            return self._repeated(at)
        return self._gap(at) if self.fits[at] else self._off(at)

    def _repeats(self) -> NDArray[np.bool_]:
        return (self.jumps == 0) & (self.grid.times == np.roll(self.grid.times, 1))

    def _few(self) -> float:
        return max(_FEW * len(self.grid.times), _FEW_ROWS)

    def turned(self, at: int) -> bool:
        """Whether days and months of the series of a row have changed places: no gaps are to be filled."""
        first, last = self.grid.bounds[self._series(at) : self._series(at) + 2]
        return are_turned(self.grid.times[first:last][np.argsort(self.grid.rows[first:last])])

    def _shown(self, time: Any, grain: Step | None = None) -> str:
        return format_time(time, grain, self.table.zone(self.roles.time))

    def _series(self, at: int) -> int:
        return int(self.grid.series(np.array([at]))[0])

    def _told(self, kind: str, said: str, at: int, *mends: "tuple[str, dict[str, str]]") -> DataError:
        """mends: what to type in a message, and the settings that this means."""
        key = self.grid.keys[self._series(at)]
        name = f"series {shown_key(key)}: " if key else ""
        text = "; ".join([name + said, *(typed for typed, _ in mends)])
        error = self.table.error(kind, text, int(self.grid.rows[at]), self.roles.time)
        return error.mended_by(*(settings for _, settings in mends if settings))

    def _bins(self, step: str = "") -> "tuple[str, dict[str, str]]":
        text = f"{step or self._usual_bin()}=mean"
        return f"--resample {text} brings rows onto a grid", {"resample": text}

    def _usual_bin(self) -> str:
        return usual_bin(self.grid.times, self.grid.bounds)

    def _other_step(self, at: int, own: Step) -> DataError:
        said = f"its step is {_one(own)}, that of the longest series {_one(self.step)}; train on them apart, "
        text = f"{step_text(max(own, self.step, key=length))}=mean"
        mend = f"or bring all to one step with --resample {text}", {"resample": text}
        error = self._told("mixed-step", said + mend[0], at)
        return error.mended_by(mend[1])

    def _repeated(self, at: int) -> DataError:
        grid, time = self.grid, self.grid.times[at]
        rows = np.flatnonzero(self._repeats())
        same = all(
            np.array_equal(grid.numbers[c][rows], grid.numbers[c][rows - 1], equal_nan=True)
            for c in self.roles.targets
        )
        said = f"time {self._shown(time)} appears twice{duplicates_hint(self.roles)}; {repeat(len(rows))}"
        said += in_series(grid.keys, counts_by_series(grid, rows))
        if clock := self._clock_mend(at):
            return self._told("duplicate-time", said, at, clock)
        in_file = grid.times[np.argsort(grid.rows)]
        if step := "" if self.roles.series else step_of_cycle(in_file):
            counts = f"the numbers begin anew: to count rows instead, --set time=none --step {step}"
            return self._told("duplicate-time", said, at, (counts, {"time": "none", "step": step}))
        if lack_halves_of_day(grid.times):
            return self._told("duplicate-time", said + _NO_HALVES, at)
        if len(rows) > self._few():
            key = missed_key(self.table, self.roles)
            return self._told("duplicate-time", said, at, *([key] if key else self._sums()))
        if same:
            first = "with the values of the row before: --on-duplicate first leaves them out"
            return self._told("duplicate-time", said, at, (first, {"on_duplicate": "first"}))
        said += self._ended_hour(at)
        takes = "--on-duplicate first, last or mean takes one"
        return self._told("duplicate-time", said, at, (takes, {"on_duplicate": "last"}))

    def _sums(self) -> "list[tuple[str, dict[str, str]]]":
        """Where most rows repeat a time, they may be single sales or events of it."""
        if not np.issubdtype(self.grid.times.dtype, np.datetime64):
            return []
        text = f"{self._usual_bin()}=sum"
        told = f"or, where they are parts of one value, --resample {text} adds them up"
        return [(told, {"resample": text} if self.roles.series else {})]

    def _off(self, at: int) -> DataError:
        grid = self.grid
        start = self._shown(grid.times[grid.bounds[self._series(at)]])
        said = (
            f"{self._shown(grid.times[at])} is not a whole number of steps (one is {_one(self.step)}) after "
        )
        said += f"{start}; {plural(int((~self.fits).sum()), 'row')}"
        said += in_series(grid.keys, counts_by_series(grid, np.flatnonzero(~self.fits)))
        return self._told("irregular", said, at, self._bins())

    def _gap(self, at: int) -> DataError:
        grid, step = self.grid, self.step
        grain = grain_of(self.table.patterns.get(self.roles.time), step)
        missing = np.maximum(self.jumps - 1, 0)
        expected = self._shown(advance(grid.times[at - 1], step, 1)[()], grain)
        found = self._shown(grid.times[at], grain)
        said = f"gap in time: expected {expected} (step: {step.describe()}), found {found}"
        said += f"; {plural(int(missing.sum()), 'time')} missing"
        said += in_series(grid.keys, counts_by_series(grid, np.flatnonzero(missing), missing))
        if clock := self._clock_mend(at):
            return self._told("gap", said, at, clock)
        irregular = [self._bins()] if are_everywhere(int((missing > 0).sum()), len(grid.times)) else []
        if missing.sum() > most_inserted(len(grid.times)):
            return self._told("gap", f"{said}, too many to insert: is this time right?", at, *irregular)
        said += self._ended_hour(at)
        masked = "--on-gap mask leaves them missing, --on-gap fill interpolates"
        masked += gap_hint(self.table, grid, step)
        return self._told("gap", said, at, *irregular, (masked, {"on_gap": "mask"}))

    def _clock_mend(self, at: int) -> "tuple[str, dict[str, str]] | None":
        """A word on time zones where an hour is left out or repeated when clocks change somewhere."""
        zone = self._zone_of_change(at)
        if not zone:
            return None
        said = f"{self._other_change(at)}this is where clocks change to or from summer time: "
        return said + f"--set timezone={zone} (or your zone) reads local times", {"timezone": zone}

    def clock_note(self) -> str:
        """A word on time zones where clocks change at one of some gaps that are left missing or filled."""
        for at in np.flatnonzero(self.jumps > 1)[:_LOOKED_AT].tolist():
            if clock := self._clock_mend(at):
                return f"; after {self._shown(self.grid.times[at - 1])}: {clock[0]}"
        return ""

    def _zone_of_change(self, at: int, early: int = 0) -> str:
        """A zone whose clocks change at a gap of an hour, or a repeated hour, or so many microseconds before;
        "" for none."""
        grid, step = self.grid, self.step
        if not grid.local or is_days(step) or step.plain or step.kind != "fixed" or step.count > HOUR:
            return ""
        time, before = grid.times[at], grid.times[at - 1]
        left_out = int((time - before).astype(np.int64)) - step.count
        if time != before and left_out != HOUR:
            return ""
        change = time if time == before else advance(before, step, 1)[()]
        return zone_of_change(change - np.timedelta64(early, "us"), time == before)

    def _ended_hour(self, at: int) -> str:
        """A word on clocks that change an hour earlier, where hours are told by their end."""
        zone = self._zone_of_change(at, HOUR) if self.step.count == HOUR else ""
        back = self.grid.times[at] == self.grid.times[at - 1]
        if not zone:
            return ""
        return (
            f"; if hours are told by their end, clocks go {'back' if back else 'forward'} here (as in {zone})"
        )

    def _other_change(self, at: int) -> str:
        """The first other row of a series at which the clock goes back."""
        times = self.grid.times
        rows = np.flatnonzero(self._repeats())
        again = [row for row in rows.tolist()[:_LOOKED_AT] if row > at and zone_of_change(times[row], True)]
        if not again:
            return ""
        line = self.table.place(int(self.grid.rows[again[0]]))[1]
        return f"{self._shown(times[again[0]])} comes twice, again in row {line}; "


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
    return f"1 {step}" if step.unit()[1] == 1 else str(step)


def most_inserted(rows: int) -> int:
    """How many rows may be inserted between those of a table."""
    return _INSERTED * rows + 1000


def counts_by_series(
    grid: Grid, rows: NDArray[np.int64], weights: NDArray[np.int64] | None = None
) -> NDArray[np.int64]:
    """(series,) how many of some rows each series has."""
    each = None if weights is None else weights[rows]
    found = np.bincount(grid.series(rows), each, minlength=len(grid.keys))
    return np.minimum(found, 2.0**62).astype(np.int64)


def in_series(keys: Sequence[Key], counts: NDArray[np.int64]) -> str:
    """The counts by series, most first: " in 3 series: A 20, B 10, C 1"; "" for a lone series."""
    if len(keys) == 1:
        return ""
    most = np.argsort(-counts, kind="stable")[:_NAMED]
    named = ", ".join(f"{shown_key(keys[s])} {counts[s]:,}" for s in most if counts[s])
    concerned = int((counts > 0).sum())
    return f" in {concerned:,} series: {named}{', ...' if concerned > _NAMED else ''}"


def repeat(count: int) -> str:
    return f"{plural(count, 'row')} {'repeats' if count == 1 else 'repeat'} a time"
