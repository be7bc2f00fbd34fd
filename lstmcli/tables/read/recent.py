"""The rows of each series that a forecast can look at, as they arrive one by one."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.series.calendar import Times, advance, positions
from lstmcli.series.panel import Key, Panel, shown_key
from lstmcli.series.steps import bin_starts
from lstmcli.tables.read.closed_rows import ClosedRows, closed_row_text
from lstmcli.tables.read.gaps import drop_duplicates, on_steps
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.open_times import at_closed_times, drop_closed, holidays_alone
from lstmcli.tables.read.panels import assemble_panel
from lstmcli.tables.read.resampling import resample_rows
from lstmcli.tables.read.stream import StreamForm, stream_table
from lstmcli.tables.read.tokens import stamp_text, zone_shown

MOST_SERIES = 10_000  # the series that were heard of last are kept
_MOST_ROWS = 4  # times the positions that are looked at: repeated rows, and rows without a value
_MOST_ROWS_OF_BINS = 200_000
_SLACK = 64  # rows that are let gather before old ones are dropped


@dataclass(frozen=True)
class RowResult:
    """What became of a row.

    panel  the recent rows of its series, None where there is nothing to answer yet
    notes  what was done, for the user
    """

    panel: Panel | None
    notes: tuple[str, ...] = ()


class RecentRows:
    """Recent rows by series. The panel of a series, built by the functions that build that of a file,
    ends with all that a forecast can look at: `positions` steps before its last value.
    """

    def __init__(self, form: StreamForm, positions_needed: int) -> None:
        self._table, self._roles, self._step = stream_table(form), form.roles, form.step
        self._pattern = form.pattern
        self._kept = positions_needed
        self._rows: dict[Key, Grid] = {}
        self._answered: dict[Key, Times] = {}  # start of the last bin that was complete
        self._of_history: dict[Key, Times] = {}  # last time of those that only the history has
        self._greeted: set[Key] = set()  # series of which the newest row of the history was answered
        self.forgotten = 0  # series
        self.known_already = 0  # rows

    def need(self, positions_needed: int) -> None:
        """How far forecasts look back from now on."""
        self._kept = positions_needed

    def seed(self, history: Grid) -> None:
        """Takes the ends of all series of a table."""
        for number, key in enumerate(history.keys):
            first, last = int(history.bounds[number]), int(history.bounds[number + 1])
            last_rows = self._most_rows()
            own = history.taken(np.arange(max(first, last - last_rows), last))
            own = replace(own, keys=(key,), bounds=np.array([0, len(own.times)]), notes=())
            self._remember(key, self._trimmed(own))
            self._of_history[key] = own.times[-1]

    def add(self, row: Grid) -> RowResult | None:
        """Takes a row, a grid of one; None where the history holds it and a
        newer one. Raises DataError for a row
        that is refused: it then changes nothing."""
        (key,) = row.keys
        told: tuple[str, ...] = ()
        if at_closed_times(row, self._step).size and not self._table.options.resample:
            if said := closed_row_text(row, self._step, self._roles, self._pattern):
                place = self._table.error("irregular", "", int(row.rows[0]), self._roles.time)
                told = (f"{place}{series_prefix(key)}{said}",)
            if not self._step.zeros:
                return RowResult(None, told)
        old = self._rows.get(key)
        if old is None:
            return self._take(key, row, told)
        row = self._timed(row, old)
        time = row.times[0]
        if key in self._of_history and time <= self._of_history[key] and self._roles.time:
            return self._known(key, old, time)
        self._of_history.pop(key, None)
        if time < old.times[0]:
            shown = stamp_text(time, self._pattern)
            said = f"{series_prefix(key)}{shown} is older than the rows that are kept"
            raise self._table.error("late-row", said, int(row.rows[0]), self._roles.time)
        left_out, restarts = self._gap(old, row)
        if not left_out:
            return self._take(key, _merged(old, row), told)
        return self._take(
            key, row if restarts else _merged(old, row), (self._told(old, row, left_out, restarts),)
        )

    def _known(self, key: Key, old: Grid, time: Any) -> RowResult | None:
        """The answer to a row of the history: the newest of a series has one, once."""
        if time < self._of_history[key] or key in self._greeted:
            self.known_already += 1
            return None
        self._greeted.add(key)
        return self._take(key, old)

    def _timed(self, row: Grid, old: Grid) -> Grid:
        """The row with the count of rows for a time where there is none, and with the later of two
        times where the clock showed one twice."""
        if not self._roles.time:
            return replace(row, times=old.times[-1:] + 1)
        zone = self._table.options.timezone
        if not zone or not np.issubdtype(row.times.dtype, np.datetime64) or row.times[0] not in old.times:
            return row
        return replace(row, times=second_showing(row.times, zone))

    def _gap(self, old: Grid, row: Grid) -> tuple[int, bool]:
        """How many times, or bins, are left out before a row, and whether its series starts anew."""
        times, binned = np.append(old.times[-1:], row.times), bool(self._table.options.resample)
        times = bin_starts(times, self._step) if binned else times
        steps, fits = positions(times[1:], times[0], self._step)
        if not fits[0] or steps[0] <= 1:
            return 0, False
        strict = self._table.options.on_gap == "error" and not binned
        if strict and (place := self._table.options.holidays):
            strict = not holidays_alone(place, times[:1], steps - 1, self._step)[0]
        return int(steps[0]) - 1, strict or steps[0] > self._kept

    def _told(self, old: Grid, row: Grid, left_out: int, restarts: bool) -> str:
        place = self._table.error("gap", "", int(row.rows[0]), self._roles.time)
        times = f"{left_out:,} time{'s' if left_out > 1 else ''}"
        done = {"error": "its history starts anew", "fill": "interpolated"}
        how = "error" if restarts else "fill" if self._table.options.on_gap == "fill" else "mask"
        return (
            f"{place}{series_prefix(row.keys[0])}gap in time: {times} missing after "
            f"{stamp_text(old.times[-1], self._pattern)}; {done.get(how, 'left missing')} [gap]"
        )

    def _take(self, key: Key, rows: Grid, notes: tuple[str, ...] = ()) -> RowResult:
        rows = self._trimmed(rows)
        panel: Panel | None = None
        if self._ends_bin(rows) if self._table.options.resample else not self._all_closed(rows):
            try:
                panel = self._panel(rows)
            except DataError as error:
                if error.kind not in ("no-values", "one-row", "short-history"):
                    raise
        self._remember(key, rows)
        return RowResult(self._fresh(key, panel), notes)

    def _remember(self, key: Key, rows: Grid) -> None:
        self._rows.pop(key, None)
        self._rows[key] = rows
        if len(self._rows) > MOST_SERIES:
            oldest = next(iter(self._rows))
            self._rows.pop(oldest)
            self._answered.pop(oldest, None)
            self._of_history.pop(oldest, None)
            self._greeted.discard(oldest)
            self.forgotten += 1

    def _panel(self, rows: Grid) -> Panel:
        table, step = self._table, self._step
        if resampling := table.options.resampling:
            grid, _ = resample_rows(table, resampling, rows, self._roles)
            table = replace(table, options=replace(table.options, on_gap="mask"))
        else:
            grid = drop_duplicates(table, rows, self._roles)
        closed = ClosedRows(step)
        closed.add(grid, self._roles)
        step, every = closed.found(), grid
        grid = drop_closed(table, grid, step, self._roles, self._step.zeros)
        made = assemble_panel(table, on_steps(table, grid, step, self._roles), step, self._roles, every)
        return replace(made, zone=zone_shown(self._pattern))

    def _all_closed(self, rows: Grid) -> bool:
        """Whether none of the rows is at an open time."""
        return self._step.zeros and at_closed_times(rows, self._step).size == len(rows.times)

    def _ends_bin(self, rows: Grid) -> bool:
        """Whether the last row, or the one before it, may be the last of a bin."""
        if len(rows.times) < 3:
            return False
        distance = np.diff(rows.times[-64:]).min()
        starts = bin_starts(np.append(rows.times[-2:], rows.times[-1] + distance), self._step)
        return bool(starts[2] != starts[0])

    def _fresh(self, key: Key, panel: Panel | None) -> Panel | None:
        """The panel, unless its last bin was answered before."""
        if panel is None or not self._table.options.resample:
            return panel
        last = panel.ends.max()
        if key in self._answered and last <= self._answered[key]:
            return None
        self._answered[key] = last
        return panel

    def _most_rows(self) -> int:
        if self._table.options.resample:
            return _MOST_ROWS_OF_BINS
        week = self._step.week.flags if self._step.zeros else np.ones(1, bool)
        return -(-_MOST_ROWS * self._kept * len(week) // int(week.sum())) + _SLACK

    def _trimmed(self, rows: Grid) -> Grid:
        """Rows from the last value before the positions that are looked at, so that a panel of them
        holds what a panel of all rows would."""
        if len(rows.times) <= self._kept + _SLACK:
            return rows
        seen = [~np.isnan(rows.numbers[target]) for target in self._roles.targets]
        if not all(s.any() for s in seen):
            return rows.taken(np.arange(max(0, len(rows.times) - self._most_rows()), len(rows.times)))
        last = min(rows.times[np.flatnonzero(s)[-1]] for s in seen)
        edge = int(np.searchsorted(rows.times, advance(last, self._step, -self._kept - 1)))
        before = [np.flatnonzero(s[: edge + 1]) for s in seen]
        first = min((int(b[-1]) if b.size else 0) for b in before)
        first = max(first, len(rows.times) - self._most_rows())
        return rows.taken(np.arange(first, len(rows.times)))


def split_grid(grid: Grid) -> Iterator[Grid]:
    """The rows of a grid in the order of their lines, each as a grid of one."""
    series = grid.series(np.arange(len(grid.times)))
    for at in np.argsort(grid.rows, kind="stable"):
        part = grid.taken(np.array([at]))
        yield replace(part, keys=(grid.keys[series[at]],), bounds=np.array([0, 1]), notes=())


def _merged(old: Grid, row: Grid) -> Grid:
    """The row among those of its series by time, behind those of the same time."""
    at = int(np.searchsorted(old.times, row.times[0], side="right"))
    names = {c: tuple(sorted({*_used(old, c), *row.categories[c]})) for c in old.categories}
    numbers = {}
    for column in old.numbers:
        before, new = old.numbers[column], row.numbers[column]
        if column in names:
            before = _recoded(before, old.categories[column], names[column])
            new = _recoded(new, row.categories[column], names[column])
        numbers[column] = _inserted(before, at, new)
    return replace(
        old,
        bounds=np.array([0, len(old.times) + 1]),
        times=_inserted(old.times, at, row.times),
        rows=_inserted(old.rows, at, row.rows),
        numbers=numbers,
        categories=names,
    )


def _inserted(values: NDArray[Any], at: int, new: NDArray[Any]) -> NDArray[Any]:
    return np.concatenate([values[:at], new, values[at:]])


def _used(rows: Grid, column: str) -> list[str]:
    """The categories that stand in rows."""
    codes = rows.numbers[column]
    return [rows.categories[column][int(code)] for code in np.unique(codes[~np.isnan(codes)])]


def _recoded(
    codes: NDArray[np.float64], names: tuple[str, ...], wanted: tuple[str, ...]
) -> NDArray[np.float64]:
    places = np.array([*(float(wanted.index(name)) if name in wanted else np.nan for name in names), np.nan])
    return places[np.nan_to_num(codes, nan=-1).astype(np.int64)]


def series_prefix(key: Key) -> str:
    return f"series {shown_key(key)}: " if key else ""


def second_showing(times: Times, zone: str) -> Times:
    """The later of the two times at which a clock that was set back showed what it does at these."""
    local = pd.DatetimeIndex(times).tz_localize("UTC").tz_convert(ZoneInfo(zone)).tz_localize(None)
    late = local.tz_localize(ZoneInfo(zone), ambiguous=np.zeros(len(local), bool))
    return late.tz_convert("UTC").tz_localize(None).to_numpy().astype(times.dtype)
