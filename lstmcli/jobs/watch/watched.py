"""What the rows of a panel show: alarms, and what to remember of them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors.findings import first_few, plural
from lstmcli.errors.foreign import shown
from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.evaluation.alarms.detector import AlarmDetector
from lstmcli.evaluation.alarms.online import OnlineState
from lstmcli.evaluation.alarms.rows import KINDS
from lstmcli.evaluation.alarms.told import AGAIN, ENDS, ToldRows, without_untold
from lstmcli.forecasting.one_step import OneStepForecaster
from lstmcli.jobs.watch.clock import Gaps, TimesFound, row_if_late, rows_left_out, told_by_times
from lstmcli.jobs.watch.closed import told_at_closed
from lstmcli.jobs.watch.judging import Judge, forecaster_for, groups_of
from lstmcli.jobs.watch.options import WatchOptions, budget_of, row_seconds
from lstmcli.jobs.watch.selection import select_rows
from lstmcli.jobs.watch.task import WatchTask
from lstmcli.model_file import Model
from lstmcli.model_file.watch_state import WatchState, bare_contract, columns_of
from lstmcli.series.panel import Panel, shown_key
from lstmcli.settings.budgets import AlarmBudget
from lstmcli.tables.read.for_contract import ModelData
from lstmcli.tables.write.alarms import AlarmNames, alarm_lines

_BLOCK = 512  # series that are judged at once


@dataclass(frozen=True)
class Watched:
    """rows    all that was judged, and what the times showed, in order of time
    panel   the rows that were read
    names   of series and columns, for tables and messages
    state   for the next run
    budget, rate   of false alarms; the rate is per row of one series
    judged  how many rows; span: from which time to which
    """

    rows: ToldRows
    panel: Panel
    names: AlarmNames
    state: WatchState
    budget: AlarmBudget
    rate: float
    judged: int
    notes: tuple[str, ...]
    span: tuple[Any, Any] | None = None

    @property
    def going_on(self) -> int:
        """Alarms that began before these rows and have not ended."""
        begun = set(self.rows.series[self.rows.begins].tolist())
        return sum(series not in begun for series in self.alarmed)

    @property
    def alarmed(self) -> list[int]:
        """The series with an alarm that goes on, or that are silent; -1 where the file is late."""
        # A file of closed times alone has a panel without series.
        here = np.arange(len(self.state.keys)) < (len(self.panel) or len(self.state.keys))
        on = np.flatnonzero((self.state.known.alarmed & here) | self.state.silent).tolist()
        return [*on, *([-1] if self.state.late else [])]

    @property
    def kinds_on(self) -> dict[int, str]:
        """The kind of the alarm that goes on, of each series with one; -1 where the file is late."""
        kinds = self.state.known.alarms.arrays["kind"]
        found = {s: KINDS[int(kinds[s])] for s in self.alarmed if s >= 0}
        found |= {int(s): "silent" for s in np.flatnonzero(self.state.silent)}
        return found | ({-1: "late"} if self.state.late else {})

    @property
    def going_on_text(self) -> str:
        """Which series have an alarm that goes on, and of which kind."""
        return first_few(
            [f"{shown(self.names.series(s)) or 'no row'} [{kind}]" for s, kind in self.kinds_on.items()]
        )

    @property
    def summary(self) -> str:
        """What was judged, and how many alarms there were."""
        began = int(self.rows.begins.sum())
        ended, again = (int((self.rows.alarm == word).sum()) for word in (ENDS, AGAIN))
        said = f"{plural(self.judged, 'row')} of {plural(len(self.panel), 'series', 'series')} judged"
        if self.span is not None:
            first, last = map(self.panel.shown_time, self.span)
            said += f" from {first} to {last}"
        more = f", {plural(again, 'further fault')}" if again else ""
        return f"{said}: {plural(began, 'alarm')} began{more}, {ended:,} ended; budget {self.budget.text}"

    def first_messages(self, most: int) -> list[str]:
        """Sentences on the first alarms that begin."""
        faults = self.rows.select(np.flatnonzero(self.rows.faults)[:most])
        return [line["message"] for line in alarm_lines(faults, self.names)]

    @property
    def code(self) -> int:
        """That of a plugin of Nagios: 2 where alarms begin, 1 where one goes on, else 0."""
        return 2 if self.rows.faults.any() else 1 if self.going_on else 0


def watched(
    model: Model,
    given: ModelData,
    options: WatchOptions,
    before: WatchState | None,
    by_clock: bool = True,
) -> Watched:
    """before: the state of an earlier run; by_clock: whether no new row for some time is an alarm. Raises
    UsageError for a budget or a time that makes no sense."""
    panel, pattern = given.panel, given.pattern
    budget = budget_of(options.alarms, panel.step)
    if not len(panel):
        assert before is not None  # without one the file is refused
        return _nothing_new(model, given, options, before, budget)
    rate = budget.rate(row_seconds(panel.step), len(panel))
    selection = select_rows(panel, model, options, pattern, before)
    task = WatchTask(model, panel, options, pattern, before, selection.firsts, rate)
    known, parts = judged_rows(task)
    times = told_by_times(task, by_clock)
    closed, memory = told_at_closed(given, before, selection.after, times.gaps, rate)
    untold = _untold(task)
    told = without_untold(ToldRows.joined([*parts, *times.rows, *closed]).in_order(), untold)
    state = _state(task, known, times, untold, memory)
    names = AlarmNames(model.contract.roles, state.keys, panel.key_names, pattern)
    silent = [] if before is not None else np.flatnonzero(times.unheard).tolist()
    notes = (*selection.notes, *_gone(state, panel), *_never_told(panel, silent))
    notes = (*notes, *_sure_budget(task, budget, known))
    judged = ToldRows.joined(parts).time
    span = (judged.min(), judged.max()) if len(judged) else None
    return Watched(told, panel, names, state, budget, rate, len(judged), notes, span)


def _nothing_new(
    model: Model, given: ModelData, options: WatchOptions, before: WatchState, budget: AlarmBudget
) -> Watched:
    """Of a file without rows, or whose rows are all at closed times."""
    panel, nothing = given.panel, ToldRows.bare(np.zeros(0, np.int64), np.zeros(0, before.ends.dtype), "", "")
    rate = budget.rate(row_seconds(panel.step), len(before.keys))
    closed, memory = told_at_closed(given, before, panel.starts, Gaps.none(0), rate)
    notes: tuple[str, ...] = ("all rows are at closed times",)
    rows: list[ToldRows] = []
    late = before.late
    if given.table is None:  # no row at all
        clock, zone = datetime.now(UTC), model.contract.options.timezone
        last, notes = before.ends.max(), ()
        rows, late = row_if_late(last, panel.step, options.max_age, given.pattern, zone, clock, late, None)
    told = ToldRows.joined([nothing, *closed, *rows]).in_order()
    names = AlarmNames(model.contract.roles, before.keys, panel.key_names, given.pattern)
    state = replace(before, closed=memory, late=late)
    return Watched(told, panel, names, state, budget, rate, 0, notes)


def judged_rows(task: WatchTask) -> tuple[OnlineState, list[ToldRows]]:
    """What is known behind the last rows, and the rows."""
    panel = task.panel
    judge = Judge(_detector(task), _forecaster_of(task), panel)
    states: list[OnlineState] = []
    parts: list[ToldRows] = []
    for at in range(0, len(panel), _BLOCK):
        block = np.arange(at, min(at + _BLOCK, len(panel)))
        firsts = task.firsts[block]
        start, order, after = _start(judge, block, task), [], []
        for group in groups_of(panel.lengths[block] - firsts):
            behind, rows = judge.judged(start.select(group), block[group], firsts[group])
            after.append(behind)
            order.append(group)
            parts.append(rows)
        states.append(OnlineState.joined(after).select(np.argsort(np.concatenate(order))))
    return OnlineState.joined(states), parts


def _start(judge: Judge, block: NDArray[np.int64], task: WatchTask) -> OnlineState:
    """What is known of each series of a block before its first row."""
    if task.before is None:
        return judge.learned(block, task.firsts[block])
    places = task.before.places(judge.panel)[block]
    old, new = np.flatnonzero(places >= 0), np.flatnonzero(places < 0)
    left_out = rows_left_out(judge.panel, task.before)[block[old]]
    parts = [judge.behind_gaps(task.before.known.select(places[old]), left_out)]
    if new.size:
        parts.append(judge.learned(block[new], task.firsts[block[new]]))
    return OnlineState.joined(parts).select(np.argsort(np.concatenate([old, new]), kind="stable"))


def _untold(task: WatchTask) -> set[int]:
    """Series with alarms, if any, that began in rows before the first run."""
    if task.before is None:
        return set(range(len(task.panel)))
    places = task.before.places(task.panel)
    return set(np.flatnonzero((places < 0) | task.before.untold[np.maximum(places, 0)]).tolist())


def _state(
    task: WatchTask, known: OnlineState, times: TimesFound, untold: set[int], closed: ClosedMemory
) -> WatchState:
    """Of this run, with the series of earlier ones that are not in the data now."""
    panel, before = task.panel, task.before
    made = WatchState(
        columns=columns_of(task.model.contract.roles, panel.step),
        contract=bare_contract(task.model.contract),
        keys=panel.keys,
        ends=panel.ends,
        known=known,
        forecaster=_forecaster_of(task),
        gaps=times.gaps.counts,
        silent=times.silent,
        unheard=times.unheard,
        untold=known.alarmed & np.isin(np.arange(len(panel)), list(untold)),
        closed=closed,
        late=times.late,
    )
    gone = [] if before is None else before.not_in(panel)
    if before is None or not gone:
        return made
    rest = replace(before, silent=times.gone, unheard=before.unheard & times.gone)
    return replace(made.with_series(rest, gone), closed=closed)


def _sure_budget(task: WatchTask, budget: AlarmBudget, known: OnlineState) -> Iterator[str]:
    """Where the budget is below what the errors so far can hold, what they can."""
    sure = _detector(task).sure_rate(known.alarms)
    if not len(sure) or task.rate >= float(sure.mean()):
        return
    steps = max(round(1 / float(sure.sum())), 1)
    rows = max(round(1 / float(sure.mean())), 1)
    by_rows = budget.in_rows or task.panel.step.plain
    held = f"in {plural(rows, 'row')}" if by_rows else f"in {task.panel.step.span(steps)}"
    yield (
        f"errors of so few rows hold no budget below one alarm {held} for sure: {budget.text} trusts the law "
        "of their tail"
    )


def _detector(task: WatchTask) -> AlarmDetector:
    return AlarmDetector(task.rate, _forecaster_of(task).season)


def _forecaster_of(task: WatchTask) -> OneStepForecaster:
    """That of the state: a shorter file, or another model, may show another season."""
    return forecaster_for(task.model) if task.before is None else task.before.forecaster


def _never_told(panel: Panel, silent: list[int]) -> Iterator[str]:
    if silent:
        names = first_few([shown_key(panel.keys[s]) for s in silent])
        count = plural(len(silent), "series", "series")
        yield f"{count} silent before the first row that is judged, which no alarm tells: {names}"


def _gone(state: WatchState, panel: Panel) -> Iterator[str]:
    if len(state.keys) > len(panel):
        names = [shown_key(key) for key in state.keys[len(panel) :]]
        yield f"{plural(len(names), 'series', 'series')} of earlier runs not in the data: {first_few(names)}"
