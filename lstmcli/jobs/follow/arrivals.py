"""The times of rows as they arrive: of which step each row is, and what its time shows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lstmcli.errors import DataError
from lstmcli.errors.findings import plural
from lstmcli.evaluation.alarms.told import BEGINS, ENDS, ToldRows
from lstmcli.jobs.watch.clock import Gaps
from lstmcli.model_file import Contract
from lstmcli.model_file.contract import known_keys
from lstmcli.series.calendar import advance, format_time, positions
from lstmcli.series.panel import Key, Panel
from lstmcli.series.roles import Roles
from lstmcli.tables.read.grid import Grid
from lstmcli.tables.read.open_times import at_closed_times, closed_notes
from lstmcli.tables.read.recent import MOST_SERIES, second_showing, series_prefix
from lstmcli.tables.read.stream import NAME

MOST_LEFT_OUT = 1024  # rows, after more of which a series starts anew


@dataclass(frozen=True)
class Arrival:
    """A row of one series.

    number  of the series
    time    of its step
    steps   from the newest row of the series before; 0 where it starts, or starts anew
    value   NaN where it is missing
    told    what times show
    """

    number: int
    time: Any
    steps: int
    value: float
    told: tuple[ToldRows, ...] = ()


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
        self._numbers: dict[Key, int] = {}  # in the order in which they were heard of last
        self._ends: list[Any] = []  # by number
        self._missing: list[int] = []  # rows without a value since the last one; -1 where none came yet
        self._gaps = Gaps.none(0)
        self._newest: dict[Key, Any] = {}  # by the cells of the series columns
        self._of_history: set[Key] = set()  # of which no row newer than the history came yet
        self._off_step: set[Key] = set()
        self._forgets = False

    def seed(self, panel: Panel, gaps: Gaps) -> None:
        """Takes the rows of a panel for the past; gaps: among them."""
        self._gaps, self.keys = gaps, list(panel.keys)
        self._missing = [0] * len(panel)
        self._numbers = {key: number for number, key in enumerate(panel.keys)}
        self._ends = list(advance(panel.starts, panel.step, panel.lengths - 1))
        for key, end in zip(self.keys, self._ends, strict=True):
            row_key = key[: len(self._roles.series)]
            self._newest[row_key] = max(end, self._newest.get(row_key, end))
        self._of_history = set(self._newest)

    @property
    def newest(self) -> Any:
        """The last time of all series, None before the first row."""
        return max(self._ends, default=None)

    def take(self, row: Grid, rate: float) -> list[Arrival]:
        """A row, a grid of one, for each target; none where the history holds it, or at a closed time.

        rate: of false alarms, as of `Gaps.seldom`. Raises DataError for a row that is skipped: one that
        repeats a time, or is older than the newest of its series.
        """
        (key,) = row.keys
        if at_closed_times(row, self._step).size:
            self._say(f"{self._place(row)}: {series_prefix(key)}{closed_notes(1, row.times[0])[0]}")
            return []
        time = self._time(key, row)
        if time is None:
            self.known_already += 1
            return []
        self._newest[key] = time
        self._of_history.discard(key)
        targets = self._roles.targets
        wide = len(targets) > 1
        return [
            self._arrival((*key, target) if wide else key, time, float(row.numbers[target][0]), row, rate)
            for target in targets
        ]

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
            said = "repeats a time" if repeats else f"is older than {format_time(newest)}, the newest"
            said = f"{series_prefix(key)}{format_time(row.times[0])} {said}"
            kind = "duplicate-time" if repeats else "late-row"
            raise DataError(kind, said, path=NAME, row=int(row.rows[0]) + 1, column=self._roles.time)
        if fits[0]:
            return times[0]
        made = advance(newest, self._step, steps)[0]
        if key not in self._off_step:
            self._off_step.add(key)
            said = f"{series_prefix(key)}{format_time(row.times[0])} is off the step and counts at"
            self._say(f"note: {self._place(row)}: {said} {format_time(made)}, as do later ones [irregular]")
        return made

    def _arrival(self, key: Key, time: Any, value: float, row: Grid, rate: float) -> Arrival:
        number = self._numbers.pop(key, None)
        if number is None:
            number, told = self._new_number(key), tuple(self._told_new(key, time))
            self._ends[number], self._missing[number] = time, -1 if np.isnan(value) else 0
            self._gaps.counts[number] = 0
            self._gaps.counts[number, 0] = 1
            return Arrival(number, time, 0, value, told)
        self._numbers[key] = number
        steps = int(positions(np.asarray([time]), self._ends[number], self._step)[0][0])
        self._ends[number] = time
        told = tuple(self._told_missing(number, time, steps, bool(np.isnan(value)), rate))
        if steps - 1 > MOST_LEFT_OUT:
            said = f"{plural(steps - 1, 'row')} left out before {format_time(time)}; its history starts anew"
            self._say(f"note: {self._place(row)}: {series_prefix(key)}{said} [gap]")
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
        if self._gaps.seldom(number, run, rate):
            yield _bare(number, advance(time, self._step, -run), "missing", BEGINS)
            yield _bare(number, time, "missing", ENDS)
        self._gaps.add(number, run)

    def _told_new(self, key: Key, time: Any) -> Iterator[ToldRows]:
        if not known_keys([key], self._contract)[0]:
            yield _bare(self._numbers[key], time, "new", BEGINS)

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
            more = Gaps.none(max(len(counts), 8))
            self._gaps = Gaps(np.concatenate([counts, more.counts]))

    def _place(self, row: Grid) -> str:
        return f"{NAME}:{int(row.rows[0]) + 1}:{self._roles.time}".removesuffix(":")


def late_row(time: Any, word: str) -> ToldRows:
    """No row in time, from a time on or until it."""
    return _bare(-1, time, "late", word)


def in_waves(arrivals: Sequence[Arrival]) -> Iterator[list[int]]:
    """Places of arrivals, those of different series together, those of one series one after another."""
    seen: dict[int, int] = {}
    waves: list[list[int]] = []
    for place, arrival in enumerate(arrivals):
        wave = seen[arrival.number] = seen.get(arrival.number, -1) + 1
        if wave == len(waves):
            waves.append([])
        waves[wave].append(place)
    yield from waves


def _bare(number: int, time: Any, kind: str, word: str) -> ToldRows:
    return ToldRows.bare(np.array([number]), np.asarray(time).reshape(1), kind, word)
