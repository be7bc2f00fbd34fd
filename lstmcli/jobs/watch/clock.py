"""What the times of rows show: rows that are left out, series that are silent or new, a file that is late."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lstmcli.errors import UsageError
from lstmcli.evaluation.alarms.told import BEGINS, ENDS, ToldRows
from lstmcli.jobs.freshness import age_of, newest_rows, seconds_of_age, usual_seconds
from lstmcli.jobs.watch.selection import newest
from lstmcli.jobs.watch.task import WatchTask
from lstmcli.model_file.contract import is_known
from lstmcli.model_file.state_fields import LONGEST_GAP
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.calendar import Step, advance, positions
from lstmcli.series.panel import Panel

OVERDUE = 3  # steps without a row after which a series, or a file, is overdue


@dataclass(frozen=True)
class Gaps:
    """counts: (series, LONGEST_GAP + 1), see `WatchState.gaps`."""

    counts: NDArray[np.int64]

    @staticmethod
    def none(series: int) -> "Gaps":
        """Of series of which nothing is known."""
        return Gaps(np.zeros((series, LONGEST_GAP + 1), np.int64))

    def seldom(self, series: int, rows: int, rate: float) -> bool:
        """Whether gaps of so many rows or more came no more often than `rate` a row."""
        found = self.counts[series]
        return bool(found[min(rows, LONGEST_GAP) :].sum() <= rate * found[0])

    def add(self, series: int, rows: int) -> None:
        self.counts[series, min(rows, LONGEST_GAP)] += 1


@dataclass(frozen=True)
class TimesFound:
    """rows    that tell what the times show
    gaps, silent, unheard, late   as they are now, see `WatchState`
    gone    (series of the earlier run,) whether they are silent now; () without an earlier run
    """

    rows: list[ToldRows]
    gaps: Gaps
    silent: NDArray[np.bool_]
    unheard: NDArray[np.bool_]
    late: bool
    gone: NDArray[np.bool_]


def told_by_times(task: WatchTask, by_clock: bool) -> TimesFound:
    """by_clock: whether no new row for some time is an alarm. Raises UsageError for an age that is none."""
    panel, before, options = task.panel, task.before, task.options
    places = np.full(len(panel), -1) if before is None else before.places(panel)
    old = places >= 0
    gaps, first = Gaps.none(len(panel)), first_time(panel, task.firsts)
    was, unheard = np.zeros(len(panel), bool), np.zeros(len(panel), bool)
    found: list[ToldRows] = []
    if before is not None:
        gaps.counts[old], was[old] = before.gaps[places[old]], before.silent[places[old]]
        unheard[old] = before.unheard[places[old]]
    counted = np.zeros(len(panel), np.int64) if before is None else task.firsts
    told = was | (before is not None and before.late)
    if before is not None:
        found = missing_before(panel, rows_left_out(panel, before), gaps, told, task.rate)
    found += missing_rows(panel, task.firsts, gaps, counted, task.rate, told)
    since = first if first is not None else advance(newest(panel), panel.step, 1)
    quiet, silent = silent_series(panel, since if before is None else None, gaps, was, task.rate)
    begun = {int(row.series[0]) for row in quiet if row.begins.any()}
    unheard |= silent & ~was & ~np.isin(np.arange(len(panel)), list(begun))
    quiet = [row for row in quiet if row.begins.any() or not unheard[row.series[0]]]
    new = ~old if before is not None else ~is_known(panel, task.model.contract)
    left, gone = ([], np.zeros(0, bool)) if before is None else silent_gone(panel, before, task.rate)
    found = [*found, *quiet, *left, *new_series(panel, new)]
    late = before is not None and before.late
    if by_clock and (options.max_age is not None or not options.about_the_past):
        clock, zone = datetime.now(UTC), task.model.contract.options.timezone
        rows, late = late_rows(panel, options.max_age, task.pattern, zone, clock, late, first)
        found += rows
    return TimesFound(found, gaps, silent, unheard & silent, late, gone)


def missing_rows(
    panel: Panel,
    firsts: NDArray[np.int64],
    gaps: Gaps,
    counted: NDArray[np.int64],
    rate: float,
    told: NDArray[np.bool_] | None = None,
) -> list[ToldRows]:
    """Gaps among the rows to judge that are longer than usual: an alarm from the first time that is missing
    to the first that is there again.

    firsts: place of the first row that is judged; gaps: of the rows before those that are not `counted` yet,
    a place in each series; it is brought up to date; told: whether another alarm tells of the gap before the
    first row, (series,), as of a series that was silent; None for no such alarm.
    """
    found = []
    for s in range(len(panel)):
        history = panel.history(s)
        begin = int(counted[s])
        gaps.counts[s, 0] += max(len(history) - begin, 0)
        missing = np.isnan(history[begin:])
        if not missing.any():
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[0], missing.view(np.int8), [0]])))
        for start, end in (edges + begin).reshape(-1, 2).tolist():
            rows = end - start
            new = start > firsts[s] or (start == firsts[s] and (told is None or not told[s]))
            if new and gaps.seldom(s, rows, rate):
                for place, word in ((start, BEGINS), (end, ENDS)):
                    found.append(_at(panel, s, place, "missing", word))
            gaps.add(s, rows)
    return found


def rows_left_out(panel: Panel, before: WatchState) -> NDArray[np.int64]:
    """(series,) rows between the newest that an earlier run has seen and the first of the data; 0 where these
    go on from it, or the series is new."""
    times, seen = before.times_of(panel)
    between = positions(panel.starts, times, panel.step)[0] - 1
    return np.where(seen, np.maximum(between, 0), 0)


def missing_before(
    panel: Panel, left_out: NDArray[np.int64], gaps: Gaps, told: NDArray[np.bool_], rate: float
) -> list[ToldRows]:
    """`missing_rows` before the first row of the data."""
    found = []
    for s in np.flatnonzero(left_out):
        rows = int(left_out[s])
        if not told[s] and gaps.seldom(int(s), rows, rate):
            found += [_at(panel, int(s), at, "missing", word) for at, word in ((-rows, BEGINS), (0, ENDS))]
        gaps.add(int(s), rows)
    return found


def silent_series(
    panel: Panel, since: Any, gaps: Gaps, was: NDArray[np.bool_], rate: float
) -> tuple[list[ToldRows], NDArray[np.bool_]]:
    """Series that the others have left behind, and which were (series,) before; for an alarm that ends, its
    first row after it.

    since: time of the first row that is judged: a series that ended before is silent, and not told; None
    where an earlier run has told of those.
    """
    behind = positions(np.full(len(panel), newest(panel)), panel.starts, panel.step)[0] - panel.lengths + 1
    is_silent = was.copy()
    found = []
    for s in range(len(panel)):
        overdue = behind[s] >= OVERDUE and gaps.seldom(s, int(behind[s]), rate)
        if overdue and not was[s]:
            if since is None or panel.times(s, int(panel.lengths[s]), 1)[0] >= since:
                found.append(_at(panel, s, int(panel.lengths[s]), "silent", BEGINS))
            is_silent[s] = True
        elif was[s] and behind[s] < OVERDUE:
            found.append(_at(panel, s, int(panel.lengths[s]) - 1, "silent", ENDS))
            is_silent[s] = False
    return found, is_silent


def silent_gone(panel: Panel, before: WatchState, rate: float) -> tuple[list[ToldRows], NDArray[np.bool_]]:
    """Series of the earlier run that are not in the data and that the others have left behind, by numbers
    behind those of the panel; and which of all series of that run are silent."""
    silent, gaps, last, found = before.silent.copy(), Gaps(before.gaps), newest(panel), []
    for number, place in enumerate(before.not_in(panel), len(panel)):
        end = before.ends[place].astype(panel.starts.dtype)
        behind = int(positions(_one(last), end, panel.step)[0][0])
        if behind >= OVERDUE and not silent[place] and gaps.seldom(place, behind, rate):
            silent[place] = True
            at = advance(end, panel.step, 1)
            found.append(ToldRows.bare(np.array([number]), _one(at), "silent", BEGINS))
    return found, silent


def new_series(panel: Panel, new: NDArray[np.bool_]) -> list[ToldRows]:
    """An alarm without an end for each new series, at its first row."""
    return [_at(panel, int(s), 0, "new", BEGINS) for s in np.flatnonzero(new)]


def late_rows(
    panel: Panel, age: str | None, pattern: str | None, timezone: str, now: datetime, was: bool, first: Any
) -> tuple[list[ToldRows], bool]:
    """Whether no row came in time: within `age`, as "2h", or within three steps; and the row that tells.

    was: whether it was late before, which ends with the row at `first`, and not as the clock is set back.
    Raises UsageError for an age that is none, or of rows without dates.
    """
    return row_if_late(newest_rows(panel).max(), panel.step, age, pattern, timezone, now, was, first)


def row_if_late(
    last: Any,
    step: Step,
    age: str | None,
    pattern: str | None,
    timezone: str,
    now: datetime,
    was: bool,
    first: Any,
) -> tuple[list[ToldRows], bool]:
    """`late_rows` of the newest row at `last`."""
    if step.plain or not isinstance(last, np.datetime64):
        if age is not None:
            raise UsageError("--max-age: the rows have no dates")
        return [], False
    most = OVERDUE * usual_seconds(step) if age is None else seconds_of_age(age, "--max-age")
    is_late = age_of(last, step, pattern, timezone, now) > most or (was and first is None)
    found = []
    if is_late and not was:
        found = [ToldRows.bare(np.array([-1]), _one(advance(last, step.of_rows, 1)), "late", BEGINS)]
    elif was and first is not None and not is_late:
        found = [ToldRows.bare(np.array([-1]), _one(first), "late", ENDS)]
    return found, is_late


def first_time(panel: Panel, firsts: NDArray[np.int64]) -> Any:
    """The earliest time of a row that is judged; None where there is none."""
    some = np.flatnonzero(firsts < panel.lengths)
    return advance(panel.starts[some], panel.step, firsts[some]).min() if some.size else None


def _at(panel: Panel, series: int, place: int, kind: str, word: str) -> ToldRows:
    return ToldRows.bare(np.array([series]), panel.times(series, place, 1), kind, word)


def _one(time: Any) -> NDArray[Any]:
    return np.asarray(time).reshape(1)
