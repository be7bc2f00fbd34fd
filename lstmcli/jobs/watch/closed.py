"""Values at closed times, where none is expected, or 0: told as alarms of a kind of their own."""

from typing import Any

import numpy as np

from lstmcli.evaluation.alarms.closed import ClosedMemory
from lstmcli.evaluation.alarms.told import BEGINS, CLOSED, ToldRows
from lstmcli.jobs.watch.clock import Gaps
from lstmcli.model_file.watch_state import WatchState
from lstmcli.series.calendar import Step, Times
from lstmcli.tables.read.for_contract import ModelData


def told_at_closed(
    given: ModelData, before: WatchState | None, after: Times, gaps: Gaps, rate: float
) -> tuple[list[ToldRows], ClosedMemory]:
    """Values that are told, and what is remembered of all.

    before: the state of an earlier run; after: (series,) the time behind which values are judged; gaps: with
    the rows that were seen; rate: of false alarms, per row of one series. Series of the earlier run that are
    not in the panel come behind its own, in the same order as in the state.
    """
    panel = given.panel
    keys, memory, counts = list(panel.keys), ClosedMemory.none(len(panel)), gaps.counts
    known = np.zeros(len(panel), bool)
    if before is not None:
        gone, places = before.not_in(panel), before.places(panel)
        new, known = np.arange(len(panel)), places >= 0
        chosen = np.append(np.where(known, places + len(panel), new), np.array(gone, np.int64) + len(panel))
        memory = memory.joined(before.closed).select(chosen)
        keys += [before.keys[place] for place in gone]
        after = np.append(after, before.ends[gone].astype(after.dtype))
        counts, known = (
            np.concatenate([counts, before.gaps[gone]]),
            np.append(known, np.ones(len(gone), bool)),
        )
    closed = given.table.closed if given.table is not None else {}
    found = []
    for s in [number for number, key in enumerate(keys) if key in closed]:
        times, values = closed[keys[s]]
        for time, value in zip(times, values.tolist(), strict=True):
            if time <= after[s] and known[s]:
                continue
            if memory.take(s, time, panel.step, most_before(Gaps(counts), s, rate)) and time > after[s]:
                found.append(closed_row(s, time, value, panel.step))
    return found, memory


def closed_so_far(given: ModelData, gaps: Gaps, rate: float) -> ClosedMemory:
    """What is remembered of the values that are there, of which none is told."""
    return told_at_closed(given, None, given.panel.starts, gaps, rate)[1]


def most_before(gaps: Gaps, series: int, rate: float) -> float:
    """How many values at closed times may have come before one that is told: one, or what the budget allows
    in the rows so far."""
    return max(1.0, rate * float(gaps.counts[series, 0]))


def closed_row(number: int, time: Any, value: float, step: Step) -> ToldRows:
    """An alarm without an end, of a series by its number."""
    expected = np.array([0.0 if step.zeros else np.nan])
    words = (np.array([part], object) for part in (CLOSED, BEGINS))
    numbers = np.array([number]), np.asarray(time).reshape(1), np.array([value])
    return ToldRows(*numbers, expected, expected, expected, np.array([np.nan]), *words)
