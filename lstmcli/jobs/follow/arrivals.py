"""The times of rows as they arrive: of which step each row is, and what its time shows."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.evaluation.alarms.told import BEGINS, ENDS, ToldRows
from lstmcli.jobs.follow.arrival import Arrival, bare_row, place_of
from lstmcli.jobs.watch.ahead import RowsAhead
from lstmcli.jobs.watch.clock import OVERDUE, Gaps
from lstmcli.jobs.watch.closed import closed_row, most_before
from lstmcli.model_file import Contract
from lstmcli.model_file.contract import known_keys
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.calendar import Times, advance, positions
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read.closed_rows import closed_row_text
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.mends import repeated_time
from lstmcli.tables.read.open_times import at_closed_times
from lstmcli.tables.read.recent import MOST_SERIES, second_showing, series_prefix
from lstmcli.tables.read.stream import NAME

MOST_LEFT_OUT = 1024  # rows, after more of which a series starts anew


class Arrivals:
    """Series by number, with the time of their newest row. say: receives notes.

    keys   of the series, by number
    known_already  rows that the history held
    """

    def __init__(self, contract: Contract, roles: Roles, say: Callable[[str], None]) -> None:
        self.keys: list[Key] = []
        self.known_already = 0
        self._contract, self._roles, self._say = contract, roles, say
        self._step = contract.step
        self._ahead = RowsAhead(contract.step, roles.time or "", contract.time_pattern)
        self._numbers: dict[Key, int] = {}  # in the order in which they were heard of last
        self._ends: list[Any] = []  # by number
        self._silent: list[bool] = []
        self._unheard: set[int] = set()  # of those, the ones that nobody was told of
        self._gap_told: list[bool] = []  # whether an alarm tells already that rows are left out
        self._looked_at: Any = None  # the newest time when silent series were looked for
        self._seen: set[Key] | None = None  # series that an earlier run has seen
        self._missing: list[int] = []  # rows without a value since the last one; -1 where none came yet
        self._gaps, self._closed = Gaps.none(0), ClosedMemory.none(0)
        self._newest: dict[Key, Any] = {}  # by the cells of the series columns
        self._of_history: set[Key] = set()  # of which no row newer than the history came yet
        self._off_step: set[Key] = set()
        self._forgets = False

    def seed(self, panel: Panel, gaps: Gaps, closed: ClosedMemory) -> None:
        """Takes the rows of a panel for the past; gaps: among them; closed: what is remembered of values at
        closed times."""
        ends = panel.ends
        self._take_past(panel.keys, ends, gaps, closed, np.zeros(len(panel), bool))

    def go_on(self, state: WatchState) -> None:
        """Takes the series of an earlier run for the past."""
        gaps, closed = Gaps(state.gaps.copy()), state.closed.joined(ClosedMemory.none(0))
        self._take_past(state.keys, state.ends, gaps, closed, state.silent)
        self._seen, self._unheard = set(state.keys), set(np.flatnonzero(state.unheard).tolist())
        if state.late:
            self.tell_late()

    def _take_past(
        self, keys: Sequence[Key], ends: Times, gaps: Gaps, closed: ClosedMemory, silent: NDArray[np.bool_]
    ) -> None:
        self._gaps, self._closed, self.keys = gaps, closed, list(keys)
        self._missing, self._silent, self._gap_told = [0] * len(keys), silent.tolist(), [False] * len(keys)
        self._numbers = {key: number for number, key in enumerate(keys)}
        self._ends = list(ends)
        for key, end in zip(self.keys, self._ends, strict=True):
            row_key = key[: len(self._roles.series)]
            self._newest[row_key] = max(end, self._newest.get(row_key, end))
        self._of_history = set(self._newest)
        self._ahead.seed(self.newest)

    @property
    def ends(self) -> Times:
        """(series,) the time of the newest row of each."""
        return np.array(self._ends)

    @property
    def silent(self) -> NDArray[np.bool_]:
        """(series,) whether the others have left it behind."""
        return np.array(self._silent, bool)

    @property
    def unheard(self) -> NDArray[np.bool_]:
        """(series,) as in `WatchState`."""
        return self.silent & np.isin(np.arange(len(self.keys)), list(self._unheard))

    @property
    def gaps(self) -> NDArray[np.int64]:
        """(series,) as in `WatchState`."""
        return self._gaps.counts[: len(self.keys)]

    @property
    def closed(self) -> ClosedMemory:
        """As in `WatchState`."""
        return self._closed.select(slice(len(self.keys)))

    def tell_late(self) -> None:
        """Takes note that no row came in time: what is left out is not missing too."""
        self._gap_told = [True] * len(self.keys)

    def renew(self, contract: Contract) -> None:
        """Knows the series of another training from now on."""
        self._contract = contract

    def left_behind(self, rate: float) -> list[ToldRows]:
        """An alarm for each series that the others have left behind since this was asked last."""
        newest = self.newest
        if not self._roles.time or newest == self._looked_at:
            return []
        self._looked_at, ends = newest, self.ends
        behind = positions(np.full(len(ends), newest), ends, self._step)[0]
        found = []
        for number in np.flatnonzero(behind >= OVERDUE).tolist():
            # Its own row of the newest time may be still to come: that is not left out.
            if not self._silent[number] and self._gaps.seldom(number, int(behind[number]) - 1, rate):
                self._silent[number] = True
                found.append(bare_row(number, advance(ends[number], self._step, 1), "silent", BEGINS))
        return found

    @property
    def newest(self) -> Any:
        """The last time of all series, None before the first row."""
        return max(self._ends, default=None)

    def take(self, row: Grid, rate: float) -> list[Arrival]:
        """A row, a grid of one, for each target; none where the history holds it, or at a closed time.

        rate: of false alarms, as of `Gaps.seldom`. Raises DataError for a row that is skipped: one that
        repeats a time, is older than the newest of its series, or far ahead.
        """
        (key,) = row.keys
        if at_closed_times(row, self._step).size:
            self._ahead.check(row)
            told = self._at_closed(row, rate)
            pattern = self._contract.time_pattern
            if not told and (said := closed_row_text(row, self._step, self._roles, pattern)):
                self._say(f"{place_of(row, self._roles)}: {series_prefix(key)}{said}")
            return told
        time = self._time(key, row)
        if time is None:
            self.known_already += 1
            return []
        self._ahead.check(row)
        self._newest[key] = time
        self._of_history.discard(key)
        targets = self._roles.targets
        wide = len(targets) > 1
        return [
            self._arrival((*key, target) if wide else key, time, float(row.numbers[target][0]), row, rate)
            for target in targets
        ]

    def _at_closed(self, row: Grid, rate: float) -> list[Arrival]:
        """The values at a closed time that are told, of series that are known."""
        (key,), time, found = row.keys, row.times[0], []
        for target in self._roles.targets:
            number = self._numbers.get((*key, target) if len(self._roles.targets) > 1 else key)
            value = float(row.numbers[target][0])
            if number is None or not value or np.isnan(value) or time <= self._ends[number]:
                continue
            if self._closed.take(number, time, self._step, most_before(self._gaps, number, rate)):
                told = closed_row(number, time, value, self._step)
                found.append(Arrival(number, time, 0, value, (told,), closed=True))
        return found

    def _time(self, key: Key, row: Grid) -> Any:
        """Of the step that a row is of; None where the history holds it. Raises DataError."""
        newest = self._newest.get(key)
        if newest is None:
            return row.times[0]
        if not self._roles.time:
            return newest + 1
        times = row.times.astype(newest.dtype)
        if times[0] <= newest and self._contract.options.timezone and times.dtype.kind == "M":
            times = second_showing(times, self._contract.options.timezone)
        if times[0] <= newest and key in self._of_history:
            return None
        steps, fits = positions(times, newest, self._step)
        if steps[0] <= 0:
            repeats = bool(times[0] >= newest)
            again = repeated_time(newest, self._step, self._contract.time_pattern)
            said = again if repeats else f"is older than {self._ahead.shown(newest)}, the newest"
            said = f"{series_prefix(key)}{self._ahead.shown(row.times[0])} {said}"
            kind = "duplicate-time" if repeats else "late-row"
            raise DataError(kind, said, path=NAME, row=int(row.rows[0]) + 1, column=self._roles.time)
        if fits[0]:
            return times[0]
        made = advance(newest, self._step, steps)[0]
        if key not in self._off_step:
            self._off_step.add(key)
            late, counted = self._ahead.shown(row.times[0]), self._ahead.shown(made)
            said = f"{series_prefix(key)}{late} is off the step and counts at {counted}, as do later ones"
            self._say(f"note: {place_of(row, self._roles)}: {said} [irregular]")
        return made

    def _arrival(self, key: Key, time: Any, value: float, row: Grid, rate: float) -> Arrival:
        number = self._numbers.pop(key, None)
        if number is None:
            number, told = self._new_number(key), tuple(self._told_new(key, time))
            self._ends[number], self._missing[number] = time, -1 if np.isnan(value) else 0
            self._silent[number] = self._gap_told[number] = False
            self._unheard.discard(number)
            self._closed.forget(number)
            self._gaps.counts[number] = 0
            self._gaps.counts[number, 0] = 1
            return Arrival(number, time, 0, value, told)
        self._numbers[key] = number
        steps = int(positions(np.asarray([time]), self._ends[number], self._step)[0][0])
        self._ends[number] = time
        told = (
            *self._told_missing(number, time, steps, bool(np.isnan(value)), rate),
            *self._told_heard(number, time),
        )
        if steps - 1 > MOST_LEFT_OUT:
            said = f"{series_prefix(key)}{plural(steps - 1, 'row')} left out before {self._ahead.shown(time)}"
            self._say(f"note: {place_of(row, self._roles)}: {said}; its history starts anew [gap]")
            steps = 0
        return Arrival(number, time, steps, value, told)

    def _told_missing(
        self, number: int, time: Any, steps: int, empty: bool, rate: float
    ) -> Iterator[ToldRows]:
        """An alarm for rows without a value, when one with a value comes: its begin and end."""
        self._gaps.counts[number, 0] += steps
        if self._missing[number] < 0:
            self._missing[number] = -1 if empty else 0
            return
        run = self._missing[number] + steps - 1
        self._missing[number] = run + 1 if empty else 0
        if empty or not run:
            return
        told = self._silent[number] or self._gap_told[number]
        if not told and self._gaps.seldom(number, run, rate):
            yield bare_row(number, advance(time, self._step, -run), "missing", BEGINS)
            yield bare_row(number, time, "missing", ENDS)
        self._gaps.add(number, run)

    def _told_heard(self, number: int, time: Any) -> Iterator[ToldRows]:
        """The end of the silence of a series that has caught up."""
        self._gap_told[number] = False
        if self._silent[number] and positions(np.array([self.newest]), time, self._step)[0][0] < OVERDUE:
            self._silent[number] = False
            if number not in self._unheard:
                yield bare_row(number, time, "silent", ENDS)
            self._unheard.discard(number)

    def _told_new(self, key: Key, time: Any) -> Iterator[ToldRows]:
        known = key in self._seen if self._seen is not None else known_keys([key], self._contract)[0]
        if not known:
            yield bare_row(self._numbers[key], time, "new", BEGINS)

    def _new_number(self, key: Key) -> int:
        """The next one or, of many series, that of the one that was not heard of for longest."""
        if len(self._numbers) >= MOST_SERIES:
            number = self._forget(next(iter(self._numbers)))
            self.keys[number] = key
        else:
            number = len(self.keys)
            self.keys.append(key)
            self._ends.append(None)
            self._missing.append(-1)
            self._silent.append(False)
            self._gap_told.append(False)
            self._make_room(number)
        self._numbers[key] = number
        return number

    def _forget(self, key: Key) -> int:
        """The number that becomes free."""
        if not self._forgets:
            self._say(f"note: more than {MOST_SERIES:,} series; the least recently seen are forgotten")
        self._forgets = True
        row_key = key[: len(self._roles.series)]
        self._newest.pop(row_key, None)
        self._of_history.discard(row_key)
        self._off_step.discard(row_key)
        return self._numbers.pop(key)

    def _make_room(self, number: int) -> None:
        counts = self._gaps.counts
        if number >= len(counts):
            more = max(len(counts), 8)
            self._gaps = Gaps(np.concatenate([counts, Gaps.none(more).counts]))
            self._closed = self._closed.joined(ClosedMemory.none(more))
